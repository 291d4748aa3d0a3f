import { setMaxListeners } from 'node:events';
import type { AwsAccount, Clock, ScanCalls, ScanProgress, ScanSink } from '../deps.ts';
import type { AdviseError } from '../errors.ts';
import type { Run } from './call.ts';
import { together } from './concurrency.ts';
import { readAccount } from './read-account.ts';
import type { Progress, ProgressPlace, RegionContext, ScanContext } from './scan-context.ts';

/** The scan: all accounts and regions side by side, each in order, into one sink. */

export type ScanRequest = {
  readonly accounts: readonly AwsAccount[];
  readonly sink: ScanSink;
  readonly clock: Clock;
  readonly regionOf: (
    at: ScanContext & { readonly account: AwsAccount; readonly run: Run },
    region: string,
  ) => RegionContext;
};

/** Reads everything; what AWS refuses is among the misses that are saved. Throws the sink's error, or a bug of ours. */
export async function scanAccounts({ accounts, sink, clock, regionOf }: ScanRequest): Promise<ScanCalls> {
  const counted = countedRun();
  const progress = progressOf(counted, sink);
  const context: ScanContext = { sink: stoppingSink(sink, counted.stop), now: clock.now(), progress };
  try {
    await together(
      accounts.map(async (account) => {
        const at = { ...context, account };
        try {
          await readAccount({ ...at, regionContext: (region) => regionOf({ ...at, run: counted.run }, region) });
        } catch (error) {
          // Whatever gets here is no answer of AWS: nobody needs the rest of the scan.
          counted.stop(error);
          throw error;
        }
      }),
    );
  } catch (error) {
    throw counted.run.signal.aborted ? counted.run.signal.reason : error;
  }
  return counted.calls();
}

export type CountedRun = {
  readonly run: Run;
  readonly calls: () => ScanCalls;
  /** Ends every call that is under way or comes later with this error. */
  readonly stop: (error: unknown) => void;
  /** Called after each call. */
  readonly onCall: (listener: () => void) => void;
};

/** Counts calls by `service.Operation`. */
export function countedRun(): CountedRun {
  const byOperation = new Map<string, number>();
  const abort = new AbortController();
  // One listener per call under way: many, and all of them removed.
  setMaxListeners(0, abort.signal);
  let total = 0;
  let throttled = 0;
  let listener = (): void => {};
  const endpoints = new Map<string, { readonly heardAtMs: number; readonly silent: AdviseError | null }>();
  return {
    run: {
      count: (operation) => {
        total += 1;
        byOperation.set(operation, (byOperation.get(operation) ?? 0) + 1);
        listener();
      },
      countThrottled: () => {
        throttled += 1;
      },
      signal: abort.signal,
      endpoints,
    },
    calls: () => ({ total, throttled, byOperation: Object.fromEntries([...byOperation].sort()) }),
    stop: (error) => abort.abort(error),
    onCall: (next) => {
      listener = next;
    },
  };
}

/** Calls between two words about progress, when nothing else happens. */
const CALLS_PER_WORD = 25;

function progressOf(counted: CountedRun, sink: ScanSink): Progress {
  let done = 0;
  let found = 0;
  let place: ProgressPlace | null = null;
  const tell = (): void => {
    if (place === null) return;
    const { total: calls, throttled } = counted.calls();
    const progress: ScanProgress = { ...place, done, found, calls, throttled };
    sink.progress(progress);
  };
  let calls = 0;
  counted.onCall(() => {
    calls += 1;
    if (calls % CALLS_PER_WORD === 0) tell();
  });
  return {
    found: (clusters) => {
      found += clusters;
      tell();
    },
    finished: () => {
      done += 1;
      tell();
    },
    at: (next) => {
      place = next;
      tell();
    },
  };
}

/** A sink whose failure stops the scan everywhere, so that hours of reading do not go nowhere. */
function stoppingSink(sink: ScanSink, stop: (error: unknown) => void): ScanSink {
  const guarded =
    <A extends readonly unknown[], R>(work: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      try {
        return await work(...args);
      } catch (error) {
        stop(error);
        throw error;
      }
    };
  return {
    isDone: sink.isDone,
    previousTakenAt: sink.previousTakenAt,
    progress: sink.progress,
    previous: guarded(sink.previous),
    save: guarded(sink.save),
    knownTaskDefinitions: guarded(sink.knownTaskDefinitions),
    saveTaskDefinitions: guarded(sink.saveTaskDefinitions),
  };
}
