import type { Deps } from '../deps.ts';
import { toAdviseError } from '../errors.ts';
import { pause } from './pause.ts';

/** When another process scans: its heartbeat decides within this time whether it is alive. */
const TRY_AGAIN_MS = 16_000;

type Schedule = {
  readonly everyMinutes: number;
  /** Runs one scan to its end. */
  readonly scan: () => Promise<void>;
  readonly signal: AbortSignal;
};

/**
 * Scans when the newest snapshot is older than `everyMinutes`, now and from then on, until the signal. A scan that
 * fails is logged and comes again at its time. Resolves when the signal has come and nothing runs any more.
 */
export async function keepScanning(deps: Pick<Deps, 'store' | 'clock' | 'log'>, schedule: Schedule): Promise<void> {
  const { signal } = schedule;
  while (!signal.aborted) {
    const pauseMs = await untilNext(deps, schedule);
    if (pauseMs > 0) {
      await pause(pauseMs, signal);
      continue;
    }
    const isDone = await attempt(deps, schedule);
    if (!isDone) await pause(TRY_AGAIN_MS, signal);
  }
}

async function untilNext({ store, clock }: Pick<Deps, 'store' | 'clock'>, { everyMinutes }: Schedule): Promise<number> {
  const head = await store.latestSnapshot();
  if (head === null) return 0;
  return Date.parse(head.startedAt) + everyMinutes * 60_000 - clock.now().getTime();
}

async function attempt({ log }: Pick<Deps, 'log'>, { scan, signal }: Schedule): Promise<boolean> {
  try {
    await scan();
    return true;
  } catch (thrown) {
    if (signal.aborted) return true;
    const error = toAdviseError(thrown);
    const fields = { unit: 'job', name: 'scan', code: error.code };
    if (error.kind === 'upstream') log.warn(fields, error.message);
    else log.error({ ...fields, err: thrown }, error.message);
    return false;
  }
}
