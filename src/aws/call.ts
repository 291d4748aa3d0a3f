import type { Log } from '../deps.ts';
import { AdviseError } from '../errors.ts';
import type { Buckets } from './buckets.ts';
import type { Clients } from './clients.ts';
import { awsError, CallTimeout, type Failure, failureOf, missOf } from './errors.ts';
import { type Action, bucketGroupOf, operationName, type WriterAction } from './operations.ts';
import type { AssumedKeys, Session } from './sessions.ts';

/** One call to AWS: wait for its bucket, send, try again where that helps, count. */

/** A clock that never goes back, sleep and chance; tests and benches bring their own. */
export type Pace = {
  readonly nowMs: () => number;
  /** Ends early, without an error, when `signal` fires. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** At least 0, below 1. */
  readonly random: () => number;
  /** How much faster than in real life AWS's limits run: 1, or more against a simulated AWS. */
  readonly speed: number;
  /** Time limit of one call. */
  readonly callTimeoutMs: number;
};

/** What belongs together: one scan, or one question. Counts its calls, and can be stopped as a whole. */
export type Run = {
  readonly count: (operation: string) => void;
  readonly countThrottled: () => void;
  /** Fires when the run has failed elsewhere; its `reason` is that error. */
  readonly signal: AbortSignal;
  /** Endpoints by account, region and service: when one answered last, and how it was found silent. */
  readonly endpoints: Map<string, { readonly heardAtMs: number; readonly silent: AdviseError | null }>;
};

/** One account and region, and all it takes to call there. */
export type Place = {
  readonly account: string;
  readonly region: string;
  readonly clients: Clients;
  readonly session: Session;
  readonly buckets: Buckets;
  readonly assume: (run: Run) => Promise<AssumedKeys>;
};

export type SendOptions = { readonly abortSignal: AbortSignal };
export type Caller = <O>(
  action: Action,
  send: (clients: Clients, options: SendOptions) => Promise<O>,
  /** Awaited before every try, for calls that cost money; what it throws ends the call. */
  before?: () => Promise<void>,
) => Promise<O>;

/** How often a call is sent before it is given up, by what ails it. */
const TRIES = { 'slow-down': 8, 'try-again': 3, 'new-session': 2, none: 1 } as const satisfies Record<
  Failure['remedy'],
  number
>;
const THROTTLE_BACKOFF_MS = { first: 500, most: 20_000 };
const FAILURE_BACKOFF_MS = { first: 200, most: 2_000 };

/**
 * Calls of one place in one run. Throws `AdviseError` of kind `upstream` with a code `aws_…`, the reason of a run that
 * was stopped, or what `before` throws.
 */
export function createCaller(place: Place, run: Run, { pace, log }: { pace: Pace; log: Log }): Caller {
  return async (action, send, before) => {
    const service = action.slice(0, action.indexOf(':'));
    const endpoint = `${place.account} ${place.region} ${service}`;
    const beganAtMs = pace.nowMs();
    const tried = { 'slow-down': 0, 'try-again': 0, 'new-session': 0, none: 0 };
    for (;;) {
      const silent = run.endpoints.get(endpoint)?.silent ?? null;
      if (silent !== null) throw silent;
      await place.session.ensure(run, () => place.assume(run));
      await waitForBucket(place, action, { run, pace });
      await before?.();
      const generation = place.session.generation();
      const sentAtMs = pace.nowMs();
      run.count(operationName(action));
      try {
        const answer = await withTimeLimit(pace.callTimeoutMs, run.signal, (options) => send(place.clients, options));
        run.endpoints.set(endpoint, { heardAtMs: pace.nowMs(), silent: null });
        return answer;
      } catch (error) {
        run.signal.throwIfAborted();
        const failure = failureOf(error);
        if (failure.remedy === 'slow-down') {
          run.countThrottled();
          place.buckets.of(bucketGroupOf(action)).throttled(pace.nowMs(), sentAtMs);
        }
        if (failure.remedy === 'new-session') place.session.expired(generation);
        tried[failure.remedy] += 1;
        if (tried[failure.remedy] >= TRIES[failure.remedy]) {
          const { account, region } = place;
          log.debug({ action, account, region, code: failure.code, err: error }, 'AWS call failed');
          const told = awsError(failure, { account, region, action }, error);
          const heardAtMs = run.endpoints.get(endpoint)?.heardAtMs ?? Number.NEGATIVE_INFINITY;
          if (isSilence(failure) && heardAtMs < beganAtMs) run.endpoints.set(endpoint, { heardAtMs, silent: told });
          throw told;
        }
        await pace.sleep(backoffMs(failure, tried[failure.remedy], pace), run.signal);
      }
    }
  };
}

/** A call that must not be repeated blindly: all that comes before it, and its one try. */
export type SingleTry = {
  /**
   * Sees to the keys and waits for the bucket, so that nothing but the call itself is left to do. What it throws means
   * that the call was not sent.
   */
  readonly ready: (action: WriterAction) => Promise<void>;
  /** Sends it once. Throws what the SDK, or our time limit, threw: its end is for the asker to judge. */
  readonly send: <O>(action: WriterAction, send: (clients: Clients, options: SendOptions) => Promise<O>) => Promise<O>;
};

/** Single tries of one place, in one run. */
export function createSingleTry(place: Place, run: Run, pace: Pace): SingleTry {
  return {
    ready: async (action) => {
      await place.session.ensure(run, () => place.assume(run));
      await waitForBucket(place, action, { run, pace });
    },
    send: async (action, send) => {
      const generation = place.session.generation();
      const sentAtMs = pace.nowMs();
      run.count(operationName(action));
      try {
        return await withTimeLimit(pace.callTimeoutMs, run.signal, (options) => send(place.clients, options));
      } catch (error) {
        const { remedy } = failureOf(error);
        if (remedy === 'slow-down') place.buckets.of(bucketGroupOf(action)).throttled(pace.nowMs(), sentAtMs);
        if (remedy === 'new-session') place.session.expired(generation);
        throw error;
      }
    },
  };
}

/** Nobody answers there: every further call would only wait out its time limit again. */
function isSilence({ code }: Failure): boolean {
  return code === 'timeout' || code === 'unreachable';
}

async function waitForBucket(
  place: Place,
  action: Action,
  { run, pace }: { readonly run: Run; readonly pace: Pace },
): Promise<void> {
  // Reserved as a point in time, so that late timers add up to nothing.
  const atMs = place.buckets.of(bucketGroupOf(action)).reserve(pace.nowMs());
  for (let waitMs = atMs - pace.nowMs(); waitMs > 0; waitMs = atMs - pace.nowMs()) {
    await pace.sleep(Math.ceil(waitMs), run.signal);
    run.signal.throwIfAborted();
  }
  run.signal.throwIfAborted();
}

/** Doubles with each try, and anything between half and all of it, so that callers do not come back together. */
function backoffMs({ remedy }: Failure, tries: number, { random, speed }: Pace): number {
  if (remedy === 'new-session') return 0;
  const { first, most } = remedy === 'slow-down' ? THROTTLE_BACKOFF_MS : FAILURE_BACKOFF_MS;
  const full = Math.min(most, first * 2 ** (tries - 1));
  return (full * (0.5 + random() / 2)) / speed;
}

/**
 * The limit counts from sending to the last byte. The race ends the wait even where the SDK would go on reading a body
 * that never ends.
 */
async function withTimeLimit<O>(ms: number, stop: AbortSignal, send: (options: SendOptions) => Promise<O>): Promise<O> {
  const abort = new AbortController();
  let onStop = (): void => {};
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    const end = (error: unknown): void => {
      reject(error);
      abort.abort();
    };
    timer = setTimeout(() => end(new CallTimeout(ms)), ms);
    onStop = () => end(stop.reason);
    stop.addEventListener('abort', onStop, { once: true });
  });
  try {
    return await Promise.race([send({ abortSignal: abort.signal }), limit]);
  } finally {
    clearTimeout(timer);
    stop.removeEventListener('abort', onStop);
  }
}

/**
 * For what every region answers alike: the first region's answer, or the next one's where that gives no sign of life.
 * Throws the last error.
 */
export async function inAnyRegion<T>(regions: readonly string[], ask: (region: string) => Promise<T>): Promise<T> {
  const [region, ...others] = regions;
  if (region === undefined) throw new Error('invariant: an account has at least one region');
  try {
    return await ask(region);
  } catch (error) {
    const code = missOf(error)?.code;
    if (others.length === 0 || (code !== 'timeout' && code !== 'unreachable')) throw error;
    return inAnyRegion(others, ask);
  }
}

/** A member that the service always sends. Throws `aws_endpoint_failed` without it: such an answer is none. */
export function present<T>(value: T | undefined, member: string): T {
  if (value !== undefined) return value;
  throw new AdviseError({
    kind: 'upstream',
    code: 'aws_endpoint_failed',
    message: `The endpoint failed: its answer lacks ${member}.`,
    hint: 'try again; behind a proxy, check that its answers come from AWS',
  });
}

/** A list that the service always sends, empty or not: an absent one must not read as "there are none". */
export function listIn<T>(list: readonly T[] | undefined, member: string): readonly T[] {
  const items = present(list, member);
  return Array.isArray(items) ? items : present<readonly T[]>(undefined, member);
}

/** All pages of a list. Throws `aws_endpoint_failed` when a token repeats, which would go on for ever. */
export async function* pagesOf<P>(
  fetch: (token: string | undefined) => Promise<P>,
  tokenOf: (page: P) => string | undefined,
): AsyncGenerator<P> {
  let token: string | undefined;
  for (;;) {
    const page = await fetch(token);
    yield page;
    const next = tokenOf(page);
    if (next === undefined || next === '') return;
    if (next === token) present(undefined, 'a new page token');
    token = next;
  }
}
