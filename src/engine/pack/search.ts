/** The order of things: first answers, column generation with dives between, then repacking. One `yield` = one round. */
import { inUnits, patternBound, patternDecimals } from './bound.ts';
import { addContents, type DiveOptions, dive } from './dive.ts';
import { dearestFirst, hardestFirst, positivePrices } from './greedy.ts';
import { type Grid, makeGrid } from './grid.ts';
import { type Master, makeMaster, type Relaxed } from './master.ts';
import type { LpMaker, PackInput } from './model.ts';
import { pattern } from './plan.ts';
import { contentsOf, fillTables, largeContents, worthAt, worthOf } from './pricing.ts';
import { makeRepacker } from './repack.ts';
import { isProved, offerBound, offerPlan, type Search } from './state.ts';

/** Above this many rows the linear program costs more than it brings. */
const MOST_LP_ROWS = 1_200;
const MOST_ROUNDS_OF_PRICING = 400;
const QUICK: DiveOptions = { priceEvery: 0, roundFrom: 0.6, share: 0.15, noise: 0 };

/** Runs until proved or nothing is left to try. The best plan and bound are in `search` after every round. */
export function* improve(search: Search, input: PackInput, lp: LpMaker): Generator<void, void> {
  firstAnswers(search);
  yield;
  if (search.c.rows <= MOST_LP_ROWS) {
    const master = makeMaster(search.c, lp);
    try {
      yield* withPrograms(search, input, master);
    } finally {
      master.dispose();
    }
  }
  yield* repackFor(search, Number.POSITIVE_INFINITY);
}

/** Two greedy answers and their two seeded kin, at the prices of the volume bound. */
function firstAnswers(search: Search): void {
  const { c, greedy, kinds } = search;
  const prices = positivePrices(c, search.bound.prices);
  for (const order of [hardestFirst(c), dearestFirst(c, prices)]) {
    for (const seeded of [false, true]) {
      const plan = greedy({
        left: Float64Array.from(c.demand),
        bins: Float64Array.from(c.limit),
        order,
        prices,
        kinds,
        seeded,
      });
      if (plan !== null) offerPlan(search, plan);
    }
  }
}

function* withPrograms(search: Search, input: PackInput, master: Master): Generator<void, void> {
  const { c } = search;
  const grid = makeGrid(c, axesOf(search));
  master.add((search.best ?? []).map(({ pattern: content }) => content));
  master.add(singles(search));
  yield* generate(search, input, { master, grid });
  if (isProved(search)) return;
  yield* dive(search, master, grid, QUICK);
  for (let turn = 0; turn < 12 && !isProved(search); turn += 1) {
    yield* dive(search, master, grid, { priceEvery: 1, roundFrom: 0.7, share: 0.1, noise: turn === 0 ? 0 : 0.3 });
    yield* repackFor(search, 20);
  }
  if (c.rows < 0) addContents(search, master, grid, { prices: search.bound.prices, left: c.demand });
}

/** The two resources whose prices make up most of the bound: the table prices those exactly. */
function axesOf({ c, bound }: Search): readonly [number, number] {
  if (c.dims === 1) return [0, -1];
  const shares = Array.from({ length: c.dims }, (_, r) => {
    const dual = Object.values(bound.certificate.duals)[r];
    let used = 0;
    for (let row = 0; row < c.rows; row += 1) used += (c.size[row * c.dims + r] ?? 0) * (c.demand[row] ?? 0);
    return { r, share: Number(dual ?? 0) * used };
  }).sort((a, b) => b.share - a.share || a.r - b.r);
  const [first = 0, second = 1] = shares.map(({ r }) => r);
  return first < second ? [first, second] : [second, first];
}

/** Each row alone, as often as it goes into the kind where that is cheapest: every task has a column. */
function singles({ c, kinds }: Search): ReturnType<typeof pattern>[] {
  const found: ReturnType<typeof pattern>[] = [];
  for (let row = 0; row < c.rows; row += 1) {
    let best: { kind: number; count: number; rate: number } | null = null;
    for (const kind of kinds) {
      let count = Math.min(c.perBin[row] ?? 0, c.demand[row] ?? 0);
      if (c.allow !== null && c.allow[kind * c.rows + row] === 0) continue;
      for (let r = 0; r < c.dims; r += 1) {
        const size = c.size[row * c.dims + r] ?? 0;
        if (size > 0) count = Math.min(count, Math.floor((c.cap[kind * c.dims + r] ?? 0) / size));
      }
      const rate = (c.cost[kind] ?? 0) / count;
      if (count > 0 && (best === null || rate < best.rate)) best = { kind, count, rate };
    }
    if (best !== null) found.push(pattern(best.kind, [[row, best.count]]));
  }
  return found;
}

type Means = { readonly master: Master; readonly grid: Grid };

/** Column generation: prices from the program (smoothed towards the best bound's), contents from the tables. */
function* generate(search: Search, input: PackInput, { master, grid }: Means): Generator<void, void> {
  const { c } = search;
  const decimals = patternDecimals(c);
  let centre = search.bound.prices;
  for (let round = 0; round < MOST_ROUNDS_OF_PRICING; round += 1) {
    const mix = master.solve();
    if (mix === null) return;
    const weight = Math.max(0, 0.5 - round * 0.02);
    const prices = mix.prices.map((price, row) => (1 - weight) * price + weight * (centre[row] ?? 0));
    const units = inUnits(prices, decimals);
    const tables = fillTables(c, grid, units, { left: c.demand, round: 'up' });
    const sure = grid.lossless ? tables : fillTables(c, grid, units, { left: c.demand, round: 'down' });
    const bound = patternBound(c, input, units, worthOf(c, grid, sure, units));
    if (offerBound(search, bound)) centre = search.bound.prices;
    const found = [...contentsOf(c, tables, units, c.demand), ...largeContents(c, grid, { units, left: c.demand })];
    const added = master.add(
      found.filter((content) => worthAt(mix.prices, content) > (c.cost[content.kind] ?? 0) * (1 + 1e-7)),
    );
    yield;
    if (isProved(search)) return;
    if (round === 5 || round === 20) yield* dive(search, master, grid, QUICK);
    if (added === 0 && weight === 0) return;
    if (isClose(search, mix)) return;
  }
}

/** The program cannot fall below the bound: when they meet, prices will not change any more. */
function isClose(search: Search, mix: Relaxed): boolean {
  return mix.missing === 0 && mix.objective <= Number(search.bound.value) * (1 + 1e-6);
}

/** Rounds of repacking, until `most` of them or many in vain. */
function* repackFor(search: Search, most: number): Generator<void, void> {
  const repacker = makeRepacker(search);
  let inVain = 0;
  for (let round = 0; round < most && inVain < 300 && !isProved(search); round += 1) {
    inVain = repacker.round() ? 0 : inVain + 1;
    yield;
  }
}
