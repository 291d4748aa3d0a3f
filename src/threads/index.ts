import { extname, join } from 'node:path';
import type { Ask } from '../commands/reply.ts';
import { needsSolver } from '../commands/run.ts';
import type { Config } from '../config.ts';
import type { Deps } from '../deps.ts';
import { AdviseError } from '../errors.ts';
import { createLane, stopping } from './lane.ts';
import { openThread, type Thread, type ThreadOptions } from './thread.ts';
import type { SentError, SentReply, SentScan } from './worker.ts';

/**
 * Threads beside the one that talks to Slack: commands and scans calculate, parse and write there, so that an
 * acknowledgement never waits for them. Questions for the optimiser have a lane of their own, because they take seconds
 * where others take milliseconds. In both lanes people take turns.
 */
export type Threads = {
  /** Runs one command line. Never throws: a thread that dies is an error to the one who asked, and nothing else. */
  readonly ask: Ask;
  /** Runs one scan. Throws what it throws, and a bug error when its thread dies. */
  readonly scan: () => Promise<void>;
  /** Tells those who wait for the optimiser that the bot stops; what runs, and quick questions, are finished. */
  readonly dismiss: () => void;
  /** Ends every thread; a scan that runs is taken over by the next start. */
  readonly close: () => Promise<void>;
};

export type ThreadsOptions = {
  readonly config: Config;
  readonly deps: Pick<Deps, 'log' | 'library' | 'settings'>;
  /** Old-generation heap of a solving thread. */
  readonly solvingHeapMB?: number;
  /** A question for the optimiser that takes longer says how it stands. */
  readonly lateMs?: number;
};

/** Two cores are normal; one quick question must not hold up all others. */
const QUICK_THREADS = 2;
/** As many as the Slack side holds. */
const MOST_QUICK = 200;
/** Some minutes of work. One person may not fill it: then it would be full for everybody. */
const MOST_SOLVES = 60;
const MOST_SOLVES_EACH = 20;
/** Silence of this length reads as a failure. */
const LATE_MS = 10_000;

/** A question that takes longer is stuck; Slack takes no answer after half an hour anyway. */
const MOST_MS = 15 * 60_000;
const QUICK_HEAP_MB = 512;
/** Twice what packing 2,000 shapes, or consolidating 721 instances, needs; the rest of the bot has to fit beside it. */
const SOLVING_HEAP_MB = 256;
const SCANNING_HEAP_MB = 240;
const QUICK_IDLE_MS = 60_000;
/** Longer than answers are remembered in it. */
const SOLVING_IDLE_MS = 6 * 60_000;
/** The scan's thread gives its memory back between two scans. */
const SCAN_IDLE_MS = 1_000;

/** Opens the lanes; threads start when they are first needed, one for quick questions at once. */
export function openThreads({
  config,
  deps,
  solvingHeapMB = SOLVING_HEAP_MB,
  lateMs = LATE_MS,
}: ThreadsOptions): Threads {
  const { log } = deps;
  const thread = (size: Omit<ThreadOptions, 'entry' | 'data'>): Thread =>
    openThread({ entry: entry(), data: { config }, ...size }, log);
  const asking = { heapMB: QUICK_HEAP_MB, idleMs: QUICK_IDLE_MS, mostMs: MOST_MS };
  const answering = Array.from({ length: QUICK_THREADS }, (_, at) => thread({ ...asking, isKept: at === 0 }));
  // One: a second would take as much memory again, and on two cores half the time of the first.
  const optimiser = thread({ heapMB: solvingHeapMB, idleMs: SOLVING_IDLE_MS, mostMs: MOST_MS });
  const scanning = thread({ heapMB: SCANNING_HEAP_MB, idleMs: SCAN_IDLE_MS });
  const quick = createLane(answering, { name: 'ask', most: MOST_QUICK, mostEach: MOST_QUICK, lateMs });
  const solving = createLane([optimiser], { name: 'ask', most: MOST_SOLVES, mostEach: MOST_SOLVES_EACH, lateMs });
  let isClosing = false;
  return {
    ask: async (args, call, late) => {
      try {
        const asked = { who: call.actor, task: { args, call } };
        const sent = needsSolver(args, deps, call) ? solving.run({ ...asked, late }) : quick.run(asked);
        const reply = (await sent) as SentReply;
        if (reply.kind === 'answered') return reply;
        const { stack } = reply.error;
        if (stack !== undefined) log.error({ id: call.id, code: reply.error.code, stack }, 'question');
        return { kind: 'failed', error: received(reply.error) };
      } catch (thrown) {
        const error = thrown instanceof AdviseError ? thrown : isClosing ? stopping() : died(thrown);
        if (error.kind === 'bug') log.error({ id: call.id, actor: call.actor, err: thrown }, 'a thread died');
        else log.warn({ id: call.id, actor: call.actor, code: error.code }, 'not taken');
        return { kind: 'failed', error };
      }
    },
    scan: async () => {
      const done = (await scanning.run('scan', {}).catch((thrown: unknown) => {
        throw died(thrown);
      })) as SentScan;
      if (done.kind === 'failed') throw received(done.error);
    },
    dismiss: solving.dismiss,
    close: async () => {
      isClosing = true;
      await Promise.all([...answering, optimiser, scanning].map(({ close }) => close()));
    },
  };
}

function entry(): string {
  const isSource = extname(import.meta.filename) === '.ts';
  return join(import.meta.dirname, isSource ? 'from-source.mjs' : 'worker.js');
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
