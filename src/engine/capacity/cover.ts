/**
 * The bound: the cheapest mix of instances whose slots cover n tasks, min sum c_t x_t with sum k_t x_t >= n over
 * whole x_t. Solved exactly: by dynamic programming over the uncovered tasks, after fixing copies of the type with
 * the best price per slot that some optimal mix is known to hold (fewer than k_b others are ever needed: of k_b
 * others some subset has a slot sum divisible by k_b and can be swapped for copies of b at no more cost).
 */
import { invariant, type NanoUsd } from '../units.ts';

/** One kind of instance: slots and its price a month. */
export type CoverItem = { readonly slots: number; readonly nano: NanoUsd };

/** Keeps the cheapest item per slot count and drops those that a bigger item undercuts; ascending slots. */
export function undominated<T extends CoverItem>(items: readonly T[]): readonly T[] {
  const sorted = [...items].sort((a, b) => b.slots - a.slots || (a.nano < b.nano ? -1 : a.nano > b.nano ? 1 : 0));
  const kept: T[] = [];
  for (const item of sorted) {
    const cheapest = kept.at(-1);
    if (cheapest === undefined || item.nano < cheapest.nano) kept.push(item);
  }
  return kept.reverse();
}

function bestRatio(items: readonly CoverItem[]): CoverItem {
  let best = items[0];
  invariant(best !== undefined, 'nothing to cover with');
  for (const item of items) {
    if (item.nano * BigInt(best.slots) < best.nano * BigInt(item.slots)) best = item;
  }
  return best;
}

/** The least cost of covering `tasks` slots; exact. `items` is not empty, every item has at least one slot. */
export function cheapestCover(items: readonly CoverItem[], tasks: number): NanoUsd {
  invariant(tasks >= 0 && Number.isSafeInteger(tasks), 'tasks is a count');
  const best = bestRatio(items);
  const useful = undominated(items).filter(
    (item) => item === best || BigInt(Math.ceil(item.slots / best.slots)) * best.nano > item.nano,
  );
  const largest = useful.reduce((most, item) => Math.max(most, item.slots), best.slots);
  const window = best.slots * largest;
  const fixed = tasks > window ? Math.floor((tasks - window) / best.slots) : 0;
  return BigInt(fixed) * best.nano + coverTable(useful, tasks - fixed * best.slots);
}

function coverTable(items: readonly CoverItem[], tasks: number): NanoUsd {
  const cost: NanoUsd[] = [0n];
  for (let uncovered = 1; uncovered <= tasks; uncovered += 1) {
    let least: NanoUsd | null = null;
    for (const item of items) {
      const candidate = item.nano + (cost[Math.max(0, uncovered - item.slots)] ?? 0n);
      if (least === null || candidate < least) least = candidate;
    }
    invariant(least !== null, 'some item covers');
    cost.push(least);
  }
  return cost[tasks] ?? 0n;
}
