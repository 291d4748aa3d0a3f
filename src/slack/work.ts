/** Work that goes on after Slack has had its acknowledgement: bounded, and waited for at shutdown. */
export type Work = {
  /** Starts the task unless too much is running or the process is stopping; says which. The task must not throw. */
  readonly start: (task: () => Promise<void>) => 'started' | 'busy' | 'stopping';
  /**
   * Runs something that holds up the process: a calculation (`long`) or a write to disk (`short`). One of each kind at
   * a time, and only after every request that has arrived is acknowledged: a burst of questions is acknowledged first
   * and worked off then, and a form need not wait for the calculations before it.
   */
  readonly inTurn: <T>(kind: 'short' | 'long', hold: () => Promise<T>) => Promise<T>;
  readonly running: () => number;
  /** Takes nothing new; resolves true when all is done, false when `graceMs` ran out first. */
  readonly drain: (graceMs: number) => Promise<boolean>;
};

/** Turns of the event loop in which new requests are accepted, read and acknowledged before the next calculation. */
const TURNS_FOR_REQUESTS = 3;
/** Requests that never end must not hold up the work for ever. */
const MOST_TURNS = 50;

/** At most `limit` tasks at a time; `unacknowledged` counts the requests that still wait for Slack's three seconds. */
export function createWork(limit: number, unacknowledged: () => number): Work {
  const tasks = new Set<Promise<void>>();
  let isStopping = false;
  const lines: Record<'short' | 'long', Promise<void>> = { short: Promise.resolve(), long: Promise.resolve() };

  const requestsFirst = async (): Promise<void> => {
    for (let turn = 0; turn < MOST_TURNS && (turn < TURNS_FOR_REQUESTS || unacknowledged() > 0); turn += 1) {
      await nextTurn();
    }
  };
  return {
    start: (task) => {
      if (isStopping) return 'stopping';
      if (tasks.size >= limit) return 'busy';
      // The acknowledgement leaves the process with this turn of the event loop, before the task can hold it up.
      const running = nextTurn()
        .then(task)
        .finally(() => tasks.delete(running));
      tasks.add(running);
      return 'started';
    },
    inTurn: (kind, hold) => {
      const result = lines[kind].then(requestsFirst).then(hold);
      lines[kind] = result.then(ignore, ignore);
      return result;
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

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function ignore(): void {
  // The one who asked for the calculation has its result or its error; the next in line needs neither.
}
