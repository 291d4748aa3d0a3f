import { Piscina } from 'piscina';
import type { Log } from '../deps.ts';
import { AdviseError } from '../errors.ts';

/** One thread, or none while nothing is to be done: it takes one task at a time, and dies alone. */
export type Thread = {
  /** Resolves with what the task gave back. Throws what it threw, or what its thread died of; the next has a new one. */
  readonly run: (name: string, task: unknown) => Promise<unknown>;
  /** Ends it, whatever it does; that task throws. */
  readonly close: () => Promise<void>;
};

export type ThreadOptions = {
  /** What runs in it: a module whose exports are the tasks by name. */
  readonly entry: string;
  readonly data: unknown;
  /** Past this it is out of hand: it ends, the process does not. */
  readonly heapMB: number;
  /** A task that takes longer is stuck: it ends with `bug_took_too_long`, and its thread with it. Left out = none is. */
  readonly mostMs?: number;
  /** Without a task for so long, it gives its memory back. */
  readonly idleMs: number;
  /** Starts now, and again when it died; else with its first task. */
  readonly isKept?: boolean;
};

/** Each thread has its own; Node's default of 48 MB would count for every one. */
const YOUNG_MB = 16;

/** Opens it; a dead thread is logged, and the next task has a new one. */
export function openThread(options: ThreadOptions, log: Log): Thread {
  const { entry, data, heapMB, mostMs, idleMs, isKept = false } = options;
  const pool = new Piscina({
    filename: entry,
    workerData: data,
    minThreads: isKept ? 1 : 0,
    maxThreads: 1,
    idleTimeout: idleMs,
    resourceLimits: { maxOldGenerationSizeMb: heapMB, maxYoungGenerationSizeMb: YOUNG_MB },
  });
  let giveUp: (error: unknown) => void = () => undefined;
  // One that dies in a task fails that task. One that dies before it has taken it would leave it waiting for ever.
  pool.on('error', (error: unknown) => {
    log.error({ err: error }, 'a thread died');
    giveUp(error);
  });
  return {
    run: (name, task) => {
      const given = new AbortController();
      const limit = mostMs === undefined ? undefined : setTimeout(() => giveUp(tookTooLong()), mostMs);
      return new Promise((resolve, reject) => {
        giveUp = (error) => {
          reject(error);
          given.abort();
        };
        pool
          .run(task, { name, signal: given.signal })
          .finally(() => clearTimeout(limit))
          .then(resolve, reject);
      });
    },
    close: () => pool.destroy(),
  };
}

function tookTooLong(): AdviseError {
  return new AdviseError({
    kind: 'bug',
    code: 'bug_took_too_long',
    message: 'The answer took longer than one question may take.',
    hint: 'ask about one account or one cluster',
  });
}
