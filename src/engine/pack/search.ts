/** The order of things: first answers, column generation with dives between, then repacking. One `yield` = one round. */
import { inUnits, patternBound, patternDecimals } from './bound.ts';
import { mostIn } from './compact.ts';
import { type DiveOptions, dive } from './dive.ts';
import { dearestFirst, positivePrices } from './greedy.ts';
import { type Grid, makeGrid } from './grid.ts';
import { type Master, makeMaster } from './master.ts';
import type { LpMaker, PackInput } from './model.ts';
import { type Pattern, pattern } from './plan.ts';
import { contentsOf, fillTables, largeContents, nextSurcharge, worthAt, worthOf } from './pricing.ts';
import { makeQuick, type Quick } from './quick.ts';
import { makeRepacker } from './repack.ts';
import { isProved, offerBound, offerPlan, type Search } from './state.ts';
import { wholeMix } from './whole.ts';

/** Above this many rows the linear program costs more than it brings. */
const MOST_LP_ROWS = 1_200;
/** What contents may waste to be offered to the linear program: at first, and when it has a choice. */
const GENEROUS = 0.03;
const STRICT = 0.008;
const GENEROUS_CYCLES = 4;
/** Steps of a table that is so cheap that prices are settled before anything else. */
const CHEAP_TABLE = 8_000_000;
/** Steps (cells x rows) of one table, and of the rare one that knows larger kinds too: about 50 ms and half a second. */
const TABLE_STEPS = 50_000_000;
const LARGE_TABLE_STEPS = 500_000_000;
const EARLY_CYCLES = 4;
const EARLY_REPACKS = 3;
const REPACKS_PER_CYCLE = 6;
const PRICINGS_PER_CYCLE = 6;
const LARGE_PER_CYCLE = 2;
/** Cycles before the first table, where tables are dear. */
const PRICED_FROM = 2;
/** Rows up to which branching over whole bins is tried, with one resource; with more, rounding does as well. */
const MOST_WHOLE_ROWS = 120;
const MOST_SETTLING = 100;
const LEAST_WEIGHT = 0.25;
/** Where tables are dear, program and bound may stay apart by this share. */
const TABLE_FROM = 0.0001;
const MOST_CYCLES_IN_VAIN = 12;
const QUICK: DiveOptions = { priceEvery: 0, roundFrom: 0.6, share: 0.15, noise: 0 };
const HASTY: DiveOptions = { ...QUICK, roundFrom: 0.5, share: 0.35 };
const MANY_ROWS = 300;
/** Above this many rows each greedy answer is a round of its own. */
const SLOW_GREEDY = 2_000;
/** Share of its cost that a good kind is worth. */
const GOOD_KIND = 0.9;
const THOROUGH: DiveOptions = { priceEvery: 1, roundFrom: 0.7, share: 0.1, noise: 0.3 };

/** `stop` is asked inside long rounds only: a round ended by it does not count, and nothing of it is kept. */
type Means = { readonly input: PackInput; readonly lp: LpMaker; readonly stop: () => boolean };

/** Runs until proved or nothing is left to try. The best plan and bound are in `search` after every round. */
export function* improve(search: Search, means: Means): Generator<void, void> {
  yield* firstAnswers(search);
  if (search.c.rows <= MOST_LP_ROWS) {
    const master = makeMaster(search.c, means.lp);
    try {
      yield* withPrograms(search, means, master);
    } finally {
      master.dispose();
    }
  }
  yield* repackFor(search, Number.POSITIVE_INFINITY);
}

/** Greedy answers at the prices of the volume bound: two orders, each with and without a seed; the quickest first. */
function* firstAnswers(search: Search): Generator<void, void> {
  const { c, greedy, kinds } = search;
  const prices = positivePrices(c, search.bound.prices);
  for (const order of [search.hardest, dearestFirst(c, prices)]) {
    for (const seeded of [true, false]) {
      const [left, bins] = [Float64Array.from(c.demand), Float64Array.from(c.limit)];
      const plan = greedy({ left, bins, order, prices, kinds, seeded });
      if (plan !== null) offerPlan(search, plan);
      if (c.rows > SLOW_GREEDY) yield;
    }
  }
  yield;
}

/**
 * Cycles of repacking, pricing and diving. Repacking comes across thousands of good contents without looking at the
 * whole; the linear program looks at the whole and finds the mix; the dive makes it whole bins; repacking goes on there.
 */
function* withPrograms(search: Search, means: Means, master: Master): Generator<void, void> {
  const { c } = search;
  const good = goodKinds(search);
  const grid = makeGrid(c, axesOf(search), { most: TABLE_STEPS, good });
  const large = makeGrid(c, axesOf(search), { most: LARGE_TABLE_STEPS, good });
  const volume = inUnits(search.bound.perUnit, patternDecimals(c));
  search.surcharge = volume.map((price, r) => (grid.beside.includes(r) ? price : 0));
  const repacker = makeRepacker(search);
  master.add((search.best ?? []).map(({ pattern: content }) => content));
  master.add(singles(search));
  const isCheap = workOf(grid, c.rows) <= CHEAP_TABLE && c.rows <= MANY_ROWS;
  const pricing: Pricing = {
    input: means.input,
    master,
    grid,
    quick: makeQuick(search),
    weight: 0.5,
    leastWeight: isCheap ? 0 : LEAST_WEIGHT,
    tableFrom: isCheap ? 1e-9 : TABLE_FROM,
    isSettled: false,
  };
  if (isCheap) yield* settle(search, pricing, MOST_SETTLING);
  const rare: Pricing = { ...pricing, grid: large };
  const knowsMore = large.outside.length < grid.outside.length;
  let inVain = 0;
  for (let cycle = 0; inVain < MOST_CYCLES_IN_VAIN && !isProved(search); cycle += 1) {
    const before = { cost: search.bestCost, bound: search.bound.value };
    const isEarly = cycle < EARLY_CYCLES;
    for (let round = 0; round < (isEarly ? EARLY_REPACKS : REPACKS_PER_CYCLE) && !isProved(search); round += 1) {
      repacker.round(cycle < GENEROUS_CYCLES ? GENEROUS : STRICT);
      yield;
    }
    master.add(search.pool);
    search.pool = [];
    if (cycle >= PRICED_FROM) {
      yield* settle(search, pricing, knowsMore ? 1 : PRICINGS_PER_CYCLE);
      if (knowsMore) yield* settle(search, rare, LARGE_PER_CYCLE);
    }
    if (isProved(search)) return;
    const plain = c.rows > MANY_ROWS ? HASTY : QUICK;
    yield* dive(search, master, grid, isCheap && cycle % 2 === 1 ? THOROUGH : plain);
    if (inVain > 0 && c.dims === 1 && c.rows <= MOST_WHOLE_ROWS && !isProved(search)) {
      if (wholeMix(search, master, means) === 'stopped') return;
      yield;
    }
    inVain = search.bestCost < before.cost || search.bound.value > before.bound ? 0 : inVain + 1;
  }
}

/** Kinds whose capacity at volume prices is worth about what they cost. */
function goodKinds({ c, kinds, volume }: Search): ReadonlySet<number> {
  const worth = (kind: number): number =>
    volume.reduce((sum, price, r) => sum + price * (c.cap[kind * c.dims + r] ?? 0), 0);
  return new Set(kinds.filter((kind) => worth(kind) >= (c.cost[kind] ?? 0) * GOOD_KIND));
}

/** Steps that one table takes. */
function workOf({ boxes }: Grid, rows: number): number {
  return boxes.reduce((sum, { width }) => sum + width[0] * width[1] * rows, 0);
}

/** The two resources whose prices make up most of the bound: the table prices those exactly. */
function axesOf({ c, bound }: Search): readonly [number, number] {
  if (c.dims === 1) return [0, -1];
  const shares = Array.from({ length: c.dims }, (_, r) => {
    let used = 0;
    for (let row = 0; row < c.rows; row += 1) used += (c.size[row * c.dims + r] ?? 0) * (c.demand[row] ?? 0);
    return { r, share: (bound.perUnit[r] ?? 0) * used };
  }).sort((a, b) => b.share - a.share || a.r - b.r);
  const [first = 0, second = 1] = shares.map(({ r }) => r);
  return first < second ? [first, second] : [second, first];
}

/** Each row alone, as often as it goes into the kind where that is cheapest: every task has a column. */
function singles({ c, kinds }: Search): Pattern[] {
  const found: Pattern[] = [];
  for (let row = 0; row < c.rows; row += 1) {
    let best: { kind: number; count: number; rate: number } | null = null;
    for (const kind of kinds) {
      const count = mostIn(c, kind, row);
      const rate = (c.cost[kind] ?? 0) / count;
      if (count > 0 && (best === null || rate < best.rate)) best = { kind, count, rate };
    }
    if (best !== null) found.push(pattern(best.kind, [[row, best.count]]));
  }
  return found;
}

type Pricing = {
  readonly input: PackInput;
  readonly master: Master;
  readonly grid: Grid;
  readonly quick: Quick;
  /** How much the best bound's prices count against the program's. */
  weight: number;
  /** Where tables are few, each must bring a good bound: the weight stays above this. */
  readonly leastWeight: number;
  /** Program and bound must be apart by more than this share for a table. */
  readonly tableFrom: number;
  /** The table finds nothing more at the program's own prices. */
  isSettled: boolean;
};

/** Column generation, until program and bound meet or the table finds nothing more, `most` rounds at most. */
function* settle(search: Search, pricing: Pricing, most: number): Generator<void, void> {
  pricing.isSettled = false;
  for (let round = 0; round < most && !pricing.isSettled && !isProved(search); round += 1) {
    price(search, pricing);
    yield;
  }
}

/** One round of column generation: quick contents, and where program and bound are apart, a table, which betters both. */
function price(search: Search, pricing: Pricing): void {
  const { c } = search;
  const { master, input, grid, quick } = pricing;
  const mix = master.solve();
  if (mix === null) return;
  search.prices = mix.prices;
  master.prune(mix);
  const isWorth = (content: Pattern): boolean =>
    worthAt(mix.prices, content) > (c.cost[content.kind] ?? 0) * (1 + 1e-7);
  const added = master.add(quick(mix.prices, c.demand));
  if (mix.missing === 0 && mix.objective <= Number(search.bound.value) * (1 + pricing.tableFrom)) {
    pricing.isSettled = true;
    return;
  }
  const found = fromTable(search, input, grid, { prices: mix.prices, weight: pricing.weight });
  const useful = found.filter(isWorth);
  pricing.isSettled = master.add(useful) === 0 && added === 0 && pricing.weight < 0.01;
  if (useful.length * 4 < found.length) pricing.weight = Math.max(pricing.leastWeight, pricing.weight / 2);
}

/** Fills the tables, betters the bound with them, and returns their contents. */
function fromTable(
  search: Search,
  input: PackInput,
  grid: Grid,
  { prices, weight }: { readonly prices: Float64Array; readonly weight: number },
): readonly Pattern[] {
  const { c } = search;
  const smoothed = prices.map((price, row) => (1 - weight) * price + weight * (search.bound.prices[row] ?? 0));
  const priced = { units: inUnits(smoothed, patternDecimals(c)), surcharge: search.surcharge };
  const tables = fillTables(c, grid, priced, { left: c.demand, round: 'up' });
  const sure = grid.lossless ? tables : fillTables(c, grid, priced, { left: c.demand, round: 'down' });
  offerBound(search, patternBound(c, { input, grid }, priced, worthOf(c, grid, sure, priced)));
  search.surcharge = nextSurcharge(c, grid, tables, priced);
  const at = { units: priced.units, left: c.demand };
  return [...contentsOf(c, tables, at.units, at.left), ...largeContents(c, grid, at)];
}

/** Rounds of repacking, until `most` of them or many in vain. */
function* repackFor(search: Search, most: number): Generator<void, void> {
  const repacker = makeRepacker(search);
  let inVain = 0;
  for (let round = 0; round < most && inVain < 300 && !isProved(search); round += 1) {
    inVain = repacker.round(0) ? 0 : inVain + 1;
    yield;
  }
}
