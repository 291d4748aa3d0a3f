/**
 * From fractions to whole bins: take the whole parts of the linear program's mix, solve again for the tasks left, round
 * up the nearest to whole, and so on; the last few bins are packed greedily. One linear program per round.
 */
import { inUnits, patternDecimals } from './bound.ts';
import { dearestFirst, positivePrices } from './greedy.ts';
import type { Grid } from './grid.ts';
import type { Master, Relaxed } from './master.ts';
import type { Plan, Used } from './plan.ts';
import { contentsOf, fillTables, largeContents } from './pricing.ts';
import { binsLeft, offerPlan, type Search } from './state.ts';

export type DiveOptions = {
  /** Price new contents for the tasks left in every so many steps; 0 = never. */
  readonly priceEvery: number;
  /** How far below a whole number a mix is rounded up, 0 to 1, and how many at a time (share of all). */
  readonly roundFrom: number;
  readonly share: number;
  /** Random change of the order in which mixes are rounded; 0 = none. */
  readonly noise: number;
};

/** When what is left costs less than this part of the whole, every step tries all ways to finish; before, one now and then. */
const NEAR_END = 25;
const FINISH_EVERY = 6;

type Diving = { readonly left: Float64Array; readonly bins: Float64Array; readonly fixed: Used[] };

/** One dive; yields after every linear program, so that the caller may stop between two. Offers what it finds. */
export function* dive(search: Search, master: Master, grid: Grid, options: DiveOptions): Generator<void, void> {
  const { c } = search;
  const state: Diving = { left: Float64Array.from(c.demand), bins: Float64Array.from(c.limit), fixed: [] };
  for (let step = 0; ; step += 1) {
    master.require(state.left, state.bins);
    let mix = master.solve();
    if (mix !== null && options.priceEvery > 0 && step % options.priceEvery === 0) {
      if (addContents(search, master, grid, { prices: mix.prices, left: state.left }) > 0) mix = master.solve();
    }
    if (mix === null) break;
    if (step === 0) search.prices = mix.prices;
    const before = state.fixed.length;
    takeWhole(master, mix, state);
    if (state.fixed.length === before) roundUp(search, master, mix, { state, options });
    const isDone = state.fixed.length === before || state.left.every((tasks) => tasks <= 0);
    const isNear = isDone || search.best === null || mix.objective * NEAR_END < Number(search.bestCost);
    if (isNear || step % FINISH_EVERY === FINISH_EVERY - 1) finish(search, mix, state, isNear);
    yield;
    if (isDone) break;
  }
  master.require(c.demand, c.limit);
}

/** Contents from the table for the tasks left at these prices; returns how many were new. */
function addContents(
  { c, surcharge }: Search,
  master: Master,
  grid: Grid,
  at: { readonly prices: Float64Array; readonly left: Float64Array },
): number {
  const units = inUnits(at.prices, patternDecimals(c));
  const tables = fillTables(c, grid, { units, surcharge }, { left: at.left, round: 'up' });
  const found = [...contentsOf(c, tables, units, at.left), ...largeContents(c, grid, { units, left: at.left })];
  return master.add(found);
}

function takeWhole(master: Master, mix: Relaxed, state: Diving): void {
  mix.bins.forEach((bins, at) => {
    const whole = Math.floor(bins + 1e-6);
    if (whole >= 1) fix(master, at, whole, state);
  });
}

/** Fixes bins of a pattern, as many as its tasks fill whole; at least one when any of its tasks is left. */
function fix(master: Master, at: number, wanted: number, { left, bins, fixed }: Diving): void {
  const content = master.patterns[at];
  if (content === undefined) return;
  const useful = content.rows.reduce(
    (most, row, k) => Math.max(most, Math.ceil((left[row] ?? 0) / (content.counts[k] ?? 1))),
    0,
  );
  const count = Math.min(wanted, useful, bins[content.kind] ?? 0);
  if (count <= 0) return;
  content.rows.forEach((row, k) => {
    left[row] = Math.max(0, (left[row] ?? 0) - count * (content.counts[k] ?? 0));
  });
  bins[content.kind] = (bins[content.kind] ?? 0) - count;
  fixed.push({ pattern: content, count });
}

function roundUp(
  search: Search,
  master: Master,
  mix: Relaxed,
  { state, options }: { readonly state: Diving; readonly options: DiveOptions },
): void {
  const open = Array.from(mix.bins, (bins, at) => ({ at, bins, key: bins }))
    .filter(({ bins }) => bins > 1e-6)
    .map((entry) => ({ ...entry, key: entry.bins + options.noise * search.random() }))
    .sort((a, b) => b.key - a.key || a.at - b.at);
  const most = Math.max(1, Math.floor(open.length * options.share));
  open.slice(0, most).forEach(({ at, bins, key }, rank) => {
    if (rank === 0 || Math.max(bins, key) >= options.roundFrom) fix(master, at, 1, state);
  });
}

/** Completes what is fixed so far by greedy rules and offers it: a stop at any round has an answer. */
function finish(search: Search, mix: Relaxed, state: Diving, isThorough: boolean): void {
  const { c, greedy, kinds } = search;
  const prices = positivePrices(c, mix.prices);
  const fixedCost = priceOf(search, state.fixed);
  let [cheapest, cheapestCost]: [Plan | null, number] = [null, Number(search.bestCost)];
  const orders = [search.hardest, ...(isThorough ? [dearestFirst(c, prices)] : [])];
  for (const order of orders) {
    for (const seeded of isThorough ? [true, false] : [true]) {
      const left = Float64Array.from(state.left);
      const rest = greedy({ left, bins: binsLeft(c, state.fixed), order, prices, kinds, seeded });
      if (rest === null) continue;
      const cost = fixedCost + priceOf(search, rest);
      if (cost < cheapestCost || search.best === null) [cheapest, cheapestCost] = [[...state.fixed, ...rest], cost];
    }
  }
  if (cheapest !== null) offerPlan(search, cheapest);
}

function priceOf({ c }: Search, plan: Plan): number {
  return plan.reduce((sum, { pattern, count }) => sum + (c.cost[pattern.kind] ?? 0) * count, 0);
}
