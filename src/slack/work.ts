/** Work that goes on after Slack has had its acknowledgement: bounded, and waited for at shutdown. */
export type Work = {
  /** Starts the task unless too much is running or the process is stopping; says which. The task must not throw. */
  readonly start: (task: () => Promise<void>) => 'started' | 'busy' | 'stopping';
  readonly running: () => number;
  /** Takes nothing new; resolves true when all is done, false when `graceMs` ran out first. */
  readonly drain: (graceMs: number) => Promise<boolean>;
};

/** Turns of the event loop that new requests have to be read and acknowledged before the next task begins. */
const TURNS_FOR_REQUESTS = 3;
/** Requests that never end must not hold up the work for ever. */
const MOST_TURNS = 50;

/**
 * At most `limit` tasks at a time. A task calculates without a pause, so tasks begin one by one, each after the event
 * loop has turned and no request is left without its acknowledgement: a burst of questions is acknowledged first and
 * worked off then.
 */
export function createWork(limit: number, unacknowledged: () => number): Work {
  const tasks = new Set<Promise<void>>();
  let isStopping = false;
  let line = Promise.resolve();
  const untilItsTurn = (): Promise<void> => {
    line = line.then(async () => {
      for (let turn = 0; turn < MOST_TURNS && (turn < TURNS_FOR_REQUESTS || unacknowledged() > 0); turn += 1) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
    return line;
  };
  return {
    start: (task) => {
      if (isStopping) return 'stopping';
      if (tasks.size >= limit) return 'busy';
      const running = untilItsTurn()
        .then(task)
        .finally(() => tasks.delete(running));
      tasks.add(running);
      return 'started';
    },
    running: () => tasks.size,
    drain: async (graceMs) => {
      isStopping = true;
      let timer: NodeJS.Timeout | undefined;
      const timeout = new Promise<false>((resolve) => {
        timer = setTimeout(() => resolve(false), graceMs);
      });
      const done = Promise.allSettled([...tasks]).then(() => true as const);
      const isDone = await Promise.race([done, timeout]);
      clearTimeout(timer);
      return isDone;
    },
  };
}
