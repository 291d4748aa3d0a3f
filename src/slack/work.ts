/** Work that goes on after Slack has had its acknowledgement: bounded, and waited for at shutdown. */
export type Work = {
  /** Starts the task unless too much is running or the process is stopping; says which. The task must not throw. */
  readonly start: (task: () => Promise<void>) => 'started' | 'busy' | 'stopping';
  readonly running: () => number;
  /** Takes nothing new; resolves true when all is done, false when `graceMs` ran out first. */
  readonly drain: (graceMs: number) => Promise<boolean>;
};

/**
 * At most `limit` tasks at a time. Tasks begin one per turn of the event loop: an acknowledgement leaves the process
 * before the calculation it announces, and a burst of questions is acknowledged before it is worked off.
 */
export function createWork(limit: number): Work {
  const tasks = new Set<Promise<void>>();
  let turn = Promise.resolve();
  const nextTurn = (): Promise<void> => {
    turn = turn.then(() => new Promise((resolve) => setImmediate(resolve)));
    return turn;
  };
  let isStopping = false;
  return {
    start: (task) => {
      if (isStopping) return 'stopping';
      if (tasks.size >= limit) return 'busy';
      const running = nextTurn()
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
