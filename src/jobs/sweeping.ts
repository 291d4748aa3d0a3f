import type { Log } from '../deps.ts';
import { toAdviseError } from '../errors.ts';
import { pause } from './pause.ts';

const EVERY_MS = 60_000;

type Sweeping = {
  /** Looks after what is left over, once. */
  readonly sweep: () => Promise<Readonly<Record<string, number>>>;
  readonly signal: AbortSignal;
};

/**
 * Sweeps now and every minute until the signal: whatever a killed process left half done is finished first. A sweep that
 * fails is logged and comes again. Resolves when the signal has come and nothing runs any more.
 */
export async function keepSweeping(log: Log, { sweep, signal }: Sweeping): Promise<void> {
  while (!signal.aborted) {
    try {
      const swept = await sweep();
      if (Object.values(swept).some((count) => count > 0))
        log.info({ unit: 'job', name: 'approvals-sweep', ...swept }, 'swept');
    } catch (thrown) {
      const error = toAdviseError(thrown);
      log.error({ unit: 'job', name: 'approvals-sweep', code: error.code, err: thrown }, error.message);
    }
    await pause(EVERY_MS, signal);
  }
}
