import { chunksOf, inParallel } from './concurrency.ts';
import { missOf } from './errors.ts';
import type { Misses } from './missed.ts';

/** Describing many things, some at a time, with an exact account of those that could not be read. */

/** `failures[]` of an ECS answer: what was listed a moment ago and is gone, or cannot be read. */
type DescribeFailure = { readonly arn?: string | undefined; readonly reason?: string | undefined };

type Batches = {
  readonly ids: readonly string[];
  readonly size: number;
  /** Batches under way at a time. */
  readonly width: number;
  readonly misses: Misses;
  /** Subject of the miss when all of it cannot be read, e.g. `cluster rose services`. */
  readonly whole: string;
  /** Subject of the miss for one of them, e.g. `cluster rose service web`. */
  readonly nameOf: (id: string) => string;
  /** Reads and keeps one batch; returns what AWS said of those that it could not describe. */
  readonly read: (batch: readonly string[]) => Promise<readonly DescribeFailure[]>;
};

/** These will not get better with the next batch. */
const LASTING = new Set([
  'access-denied',
  'throttled',
  'expired-token',
  'bad-credentials',
  'no-credentials',
  'opt-in-required',
  'timeout',
  'unreachable',
]);
/** So many failed batches are not chance any more. */
const MOST_FAILED_BATCHES = 3;

/**
 * Reads all batches. One that fails costs its own members, by name; a lasting failure (or the third one) ends the whole,
 * which is one miss then. Members that vanished in between are misses of code `vanished`.
 * `isWhole`: nothing is missing; `wasStopped`: the rest was not asked for.
 */
export async function readBatches(
  batches: Batches,
): Promise<{ readonly isWhole: boolean; readonly wasStopped: boolean }> {
  const { ids, size, width, misses, whole, nameOf, read } = batches;
  const lost: { readonly id: string; readonly code: string }[] = [];
  let failed = 0;
  let stopped = false;
  await inParallel(chunksOf(ids, size), width, async (batch) => {
    if (stopped) return;
    try {
      for (const { arn, reason } of await read(batch)) {
        lost.push({ id: arn ?? '', code: reason === 'MISSING' || reason === undefined ? 'vanished' : 'refused' });
      }
    } catch (error) {
      const code = missOf(error)?.code;
      failed += 1;
      if (code === undefined || LASTING.has(code) || failed >= MOST_FAILED_BATCHES) {
        misses.addError(whole, error);
        stopped = true;
        return;
      }
      lost.push(...batch.map((id) => ({ id, code })));
    }
  });
  // A miss of the whole says it for each of them.
  if (!stopped) for (const { id, code } of lost) misses.add(nameOf(id), code);
  return { isWhole: !stopped && lost.length === 0, wasStopped: stopped };
}
