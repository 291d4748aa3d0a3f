/** What every phase of the search shares: the best plan and the best bound so far, and the means to better them. */
import type { Bound } from './bound.ts';
import { type Compact, mostIn } from './compact.ts';
import { type Greedy, hardestFirst, makeGreedy } from './greedy.ts';
import { costOf, merged, type Pattern, type Plan, trimmed, type Used } from './plan.ts';
import { makeRandom, type Random } from './random.ts';

export type Search = {
  readonly c: Compact;
  readonly greedy: Greedy;
  readonly random: Random;
  /** All kinds, cheapest per unit of nothing: plain order. */
  readonly kinds: readonly number[];
  /** Rows, the hardest to place first. */
  readonly hardest: Int32Array;
  /** Price per unit of each resource, from the volume bound. */
  readonly volume: Float64Array;
  best: Plan | null;
  bestCost: bigint;
  bound: Bound;
  /** Price per task of each row, from the last linear program or the best bound: what steers greedy choices. */
  prices: Float64Array;
  /** Contents that repacking came across, for the linear program to mix. */
  pool: Pattern[];
  /** Per resource, in units of pattern prices: see `Prices`. */
  surcharge: Float64Array;
};

const SEED = 20_261_124;

export function makeSearch(c: Compact, bound: Bound): Search {
  const kinds = Array.from({ length: c.kinds }, (_, kind) => kind);
  return {
    c,
    greedy: makeGreedy(c),
    random: makeRandom(SEED),
    kinds,
    hardest: hardestFirst(c),
    volume: bound.perUnit,
    best: null,
    bestCost: 0n,
    bound,
    prices: bound.prices,
    pool: [],
    surcharge: new Float64Array(c.dims),
  };
}

/** Keeps the plan when it holds all tasks and is cheaper than the best; true then. */
export function offerPlan(search: Search, plan: Plan): boolean {
  const { c } = search;
  const exact = downsized(c, merged(trimmed(plan, c.demand)));
  if (!holdsAll(c, exact)) return false;
  const cost = costOf(c, exact);
  if (search.best !== null && cost >= search.bestCost) return false;
  search.best = exact;
  search.bestCost = cost;
  return true;
}

function holdsAll(c: Compact, plan: Plan): boolean {
  const left = Float64Array.from(c.demand);
  for (const { pattern, count } of plan) {
    pattern.rows.forEach((row, k) => {
      left[row] = (left[row] ?? 0) - count * (pattern.counts[k] ?? 0);
    });
  }
  return left.every((tasks) => tasks === 0);
}

/** Keeps the bound when it is higher. */
export function offerBound(search: Search, bound: Bound | null): boolean {
  if (bound === null || bound.value <= search.bound.value) return false;
  search.bound = bound;
  return true;
}

/** True when no cheaper plan can exist. */
export function isProved(search: Search): boolean {
  return search.best !== null && search.bestCost <= search.bound.value;
}

/** Bins that may still be opened after `plan`, by kind. */
export function binsLeft(c: Compact, plan: Plan): Float64Array {
  const left = Float64Array.from(c.limit);
  for (const { pattern, count } of plan) left[pattern.kind] = (left[pattern.kind] ?? 0) - count;
  return left;
}

/** Each content in the cheapest kind that holds it and has bins left. */
function downsized(c: Compact, plan: Plan): Plan {
  const bins = binsLeft(c, plan);
  const moved = plan.flatMap((used): readonly Used[] => {
    const better = cheapestHolder(c, used.pattern, bins);
    if (better === used.pattern.kind) return [used];
    const count = Math.min(used.count, bins[better] ?? 0);
    bins[better] = (bins[better] ?? 0) - count;
    bins[used.pattern.kind] = (bins[used.pattern.kind] ?? 0) + count;
    return [
      { pattern: { ...used.pattern, kind: better }, count },
      { pattern: used.pattern, count: used.count - count },
    ];
  });
  return merged(moved);
}

function cheapestHolder(c: Compact, content: Pattern, bins: Float64Array): number {
  let best = content.kind;
  for (let kind = 0; kind < c.kinds; kind += 1) {
    const isCheaper = (c.money[kind] ?? 0n) < (c.money[best] ?? 0n);
    if (isCheaper && (bins[kind] ?? 0) > 0 && holds(c, kind, content)) best = kind;
  }
  return best;
}

/** Whether an empty bin of the kind holds the content. */
function holds(c: Compact, kind: number, { rows, counts }: Pattern): boolean {
  for (let r = 0; r < c.dims; r += 1) {
    let sum = 0;
    for (let k = 0; k < rows.length; k += 1)
      sum += (c.size[(rows[k] as number) * c.dims + r] as number) * (counts[k] as number);
    if (sum > (c.cap[kind * c.dims + r] as number)) return false;
  }
  return c.allow === null || rows.every((row) => mostIn(c, kind, row) > 0);
}
