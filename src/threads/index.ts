import { extname, join } from 'node:path';
import { Piscina } from 'piscina';
import type { Call } from '../commands/command.ts';
import type { Reply } from '../commands/reply.ts';
import type { Config } from '../config.ts';
import type { Log } from '../deps.ts';
import { AdviseError } from '../errors.ts';
import type { SentError, SentReply, SentScan } from './worker.ts';

/**
 * Threads beside the one that talks to Slack: commands and scans calculate, parse and write there, so that an
 * acknowledgement never waits for them. Questions are taken in the order in which they came.
 */
export type Threads = {
  /** Runs one command line. Never throws: a thread that dies is an error to the one who asked, and nothing else. */
  readonly ask: (args: readonly string[], call: Call) => Promise<Reply>;
  /** Runs one scan. Throws what it throws, and a bug error when its thread dies. */
  readonly scan: () => Promise<void>;
  /** Ends every thread; a scan that runs is taken over by the next start. */
  readonly close: () => Promise<void>;
};

/** Two cores are normal; one question must not hold up all others. */
const ASKING_THREADS = 2;
const MOST_WAITING = 200;
/** A thread past this is out of hand: it ends, the bot does not. */
const ASKING_HEAP_MB = 512;
const SCANNING_HEAP_MB = 240;
/** Each thread has its own; Node's default of 48 MB would count three times. */
const YOUNG_MB = 16;
/** The scan's thread gives its memory back between two scans. */
const SCAN_IDLE_MS = 1_000;

/** Starts the pools; threads start when they are first needed, one for questions at once. */
export function openThreads(config: Config, log: Log): Threads {
  const asking = pool(
    { config, log },
    { minThreads: 1, maxThreads: ASKING_THREADS, idleTimeout: 60_000, heapMB: ASKING_HEAP_MB },
  );
  const scanning = pool(
    { config, log },
    { minThreads: 0, maxThreads: 1, idleTimeout: SCAN_IDLE_MS, heapMB: SCANNING_HEAP_MB },
  );
  return {
    ask: async (args, call) => {
      try {
        const reply = (await asking.run({ args, call }, { name: 'ask' })) as SentReply;
        if (reply.kind === 'answered') return reply;
        const { stack } = reply.error;
        if (stack !== undefined) log.error({ id: call.id, code: reply.error.code, stack }, 'question');
        return { kind: 'failed', error: received(reply.error) };
      } catch (thrown) {
        log.error({ id: call.id, actor: call.actor, err: thrown }, 'a thread died');
        return { kind: 'failed', error: died(thrown) };
      }
    },
    scan: async () => {
      const done = await (scanning.run({}, { name: 'scan' }) as Promise<SentScan>).catch((thrown: unknown) => {
        throw died(thrown);
      });
      if (done.kind === 'failed') throw received(done.error);
    },
    close: async () => {
      await Promise.all([asking.destroy(), scanning.destroy()]);
    },
  };
}

type Parts = { readonly config: Config; readonly log: Log };
type Size = {
  readonly minThreads: number;
  readonly maxThreads: number;
  readonly idleTimeout: number;
  readonly heapMB: number;
};

function pool({ config, log }: Parts, { minThreads, maxThreads, idleTimeout, heapMB }: Size): Piscina {
  const isSource = extname(import.meta.filename) === '.ts';
  const threads = new Piscina({
    filename: join(import.meta.dirname, isSource ? 'from-source.mjs' : 'worker.js'),
    workerData: { config },
    minThreads,
    maxThreads,
    idleTimeout,
    maxQueue: MOST_WAITING,
    resourceLimits: { maxOldGenerationSizeMb: heapMB, maxYoungGenerationSizeMb: YOUNG_MB },
  });
  // A thread that dies between two tasks; one that dies in a task fails that task instead.
  threads.on('error', (error: unknown) => log.error({ err: error }, 'a thread died'));
  return threads;
}

function received({ kind, code, message, hint }: SentError): AdviseError {
  return new AdviseError({ kind, code, message, ...(hint === undefined ? {} : { hint }) });
}

function died(thrown: unknown): AdviseError {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  const isMemory = code === 'ERR_WORKER_OUT_OF_MEMORY';
  return new AdviseError({
    kind: 'bug',
    code: isMemory ? 'bug_out_of_memory' : 'bug_thread_died',
    message: isMemory
      ? 'The answer needed more memory than one question may take.'
      : 'This is our mistake: the answer was lost.',
    hint: isMemory ? 'ask about one account or one cluster' : 'ask again',
    cause: thrown,
  });
}
