import { AdviseError } from '../errors.ts';
import { createFairLine, type LineLimits } from './fair-line.ts';
import type { Thread } from './thread.ts';

/** Threads that share one line: a thread that is free takes the question whose turn it is. */
export type Lane = {
  /**
   * Runs the task when its turn comes. Throws a busy error when too many wait or the bot stops, else what the thread
   * throws.
   */
  readonly run: (asked: Asked) => Promise<unknown>;
  /** Tells everybody who waits that the bot stops, and takes nothing new; what runs goes on. */
  readonly dismiss: () => void;
};

type Asked = {
  readonly who: string;
  readonly task: unknown;
  /** Told once, when it takes long, how many questions are still before this one; 0 = it is being answered. */
  readonly late?: ((ahead: number) => void) | undefined;
};

type Job = {
  readonly start: (thread: Thread) => void;
  readonly refuse: (error: AdviseError) => void;
};

export type LaneOptions = LineLimits & {
  /** What the threads run: the name of the task. */
  readonly name: string;
  /** Silence that a person would take for a failure. */
  readonly lateMs: number;
};

/** A lane over these threads. */
export function createLane(threads: readonly Thread[], { name, lateMs, ...limits }: LaneOptions): Lane {
  const line = createFairLine<Job>(limits);
  // The one that worked last is taken first, so that the others may end; the first of all is the first.
  const free = [...threads].reverse();
  let isStopping = false;

  const serve = (): void => {
    for (;;) {
      const thread = free.at(-1);
      const job = thread === undefined ? null : line.next();
      if (thread === undefined || job === null) return;
      free.pop();
      job.start(thread);
    }
  };
  return {
    run: ({ who, task, late }) =>
      new Promise((resolve, reject) => {
        const answered = (thread: Thread): void => {
          clearTimeout(timer);
          free.push(thread);
          serve();
        };
        const job: Job = {
          start: (thread) => {
            const running = thread.run(name, task);
            running.then(resolve, reject);
            running.then(
              () => answered(thread),
              () => answered(thread),
            );
          },
          refuse: (error) => {
            clearTimeout(timer);
            reject(error);
          },
        };
        const timer = setTimeout(() => {
          const waiting = line.ahead(job);
          late?.(waiting === null ? 0 : waiting + threads.length);
        }, lateMs);
        if (isStopping) return job.refuse(stopping());
        const place = line.join(who, job);
        if (place === 'full') return job.refuse(full(line.size()));
        if (place === 'enough') return job.refuse(enough(limits.mostEach));
        serve();
      }),
    dismiss: () => {
      isStopping = true;
      for (const job of line.clear()) job.refuse(stopping());
    },
  };
}

function full(waiting: number): AdviseError {
  return new AdviseError({
    kind: 'upstream',
    code: 'busy',
    message: `I am busy: ${waiting} questions wait.`,
    hint: 'ask again in a minute',
  });
}

function enough(waiting: number): AdviseError {
  return new AdviseError({
    kind: 'upstream',
    code: 'busy_with_yours',
    message: `${waiting} of your questions wait already.`,
    hint: 'ask again when some of them are answered',
  });
}

/** For those who wait, and those whose answer the end of the bot cut off. */
export function stopping(): AdviseError {
  return new AdviseError({
    kind: 'upstream',
    code: 'busy_stopping',
    message: 'I am restarting.',
    hint: 'ask again in a minute',
  });
}
