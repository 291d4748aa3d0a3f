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

/** What the HTTP server says about requests. */
export type Arrivals = {
  /** Requests that still wait for their acknowledgement. */
  readonly unacknowledged: () => number;
  /** Connections and requests so far. */
  readonly seen: () => number;
};

/**
 * Node accepts one connection per turn of the event loop, then needs a turn to read it: after so many turns in which
 * nothing came, nothing is waiting outside.
 */
const QUIET_TURNS = 3;
/** A stream of requests that never ends must not hold up the work for ever. */
const MOST_TURNS = 500;

/** At most `limit` tasks at a time. */
export function createWork(limit: number, arrivals: Arrivals): Work {
  const tasks = new Set<Promise<void>>();
  let isStopping = false;
  const lines: Record<'short' | 'long', Promise<void>> = { short: Promise.resolve(), long: Promise.resolve() };

  const requestsFirst = async (): Promise<void> => {
    let quiet = 0;
    for (let turn = 0; turn < MOST_TURNS && quiet < QUIET_TURNS; turn += 1) {
      const before = arrivals.seen();
      await nextTurn();
      quiet = arrivals.seen() === before && arrivals.unacknowledged() === 0 ? quiet + 1 : 0;
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
