/**
 * Destroy and repack: take a few wasteful bins out, pack their tasks again in a shaken order, keep the result when it is
 * no dearer. Thousands of such tries make one round.
 */
import { hardnessOf, positivePrices } from './greedy.ts';
import type { Pattern, Plan, Used } from './plan.ts';
import { worthAt } from './pricing.ts';
import { binsLeft, offerPlan, type Search } from './state.ts';

/** Steps of the innermost loop in one round: about 50 ms. */
const ROUND_EFFORT = 4_000_000;
const MOST_TRIES = 600;
const FEWEST_BINS = 2;
const MOST_BINS = 10;
/** Share of tries that keep an equally dear result although its bins are filled less unevenly. */
const SIDEWAYS = 0.05;

/** Share of tries that may use any kind; the others use those that are in use or good at volume prices. */
const ALL_KINDS = 0.15;
const GOOD_KIND = 0.94;
/** Share of tries that take rows in almost any order: perfect fits that no sensible order finds. */
const ANY_ORDER = 0.2;

type Entry = { pattern: Pattern; count: number; waste: number };

export type Repacker = {
  /** One round; contents that waste at most the share `poolWaste` go to the pool. True when the best plan got cheaper. */
  readonly round: (poolWaste: number) => boolean;
};

/** A repacker that starts from the best plan and keeps its own place between rounds. */
export function makeRepacker(search: Search): Repacker {
  const { c } = search;
  const size = hardnessOf(c);
  const left = new Float64Array(c.rows);
  let entries: Entry[] = [];
  let from: Plan | null = null;
  return {
    round: (poolWaste) => {
      if (search.best === null) return false;
      const prices = positivePrices(c, search.prices);
      if (from !== search.best) {
        entries = search.best.map(({ pattern: content, count }) => ({
          pattern: content,
          count,
          waste: wasteOf(search, prices, content),
        }));
      }
      const before = search.bestCost;
      const bins = binsLeft(c, entries);
      const useful = usefulKinds(search, entries);
      let effort = 0;
      for (let tries = 0; tries < MOST_TRIES && effort < ROUND_EFFORT; tries += 1) {
        effort += tryOnce(search, { entries, left, bins, prices, size, useful, poolWaste });
        entries = compacted(entries);
      }
      offerPlan(search, entries);
      // A plan that got into the best is trimmed and moved to smaller kinds there: the next round starts from that.
      const isCheaper = search.bestCost < before;
      from = isCheaper ? null : search.best;
      return isCheaper;
    },
  };
}

type Place = {
  readonly entries: Entry[];
  readonly left: Float64Array;
  readonly bins: Float64Array;
  readonly prices: Float64Array;
  readonly size: Float64Array;
  readonly useful: readonly number[];
  readonly poolWaste: number;
};

function tryOnce(search: Search, place: Place): number {
  const { c, random, greedy } = search;
  const { entries, left, bins, prices, size, useful } = place;
  if (entries.length === 0) return ROUND_EFFORT;
  const taken = takeOut(search, entries);
  const rows = new Set<number>();
  let oldCost = 0;
  for (const { pattern: content } of taken) {
    oldCost += c.cost[content.kind] ?? 0;
    bins[content.kind] = (bins[content.kind] ?? 0) + 1;
    content.rows.forEach((row, k) => {
      rows.add(row);
      left[row] = (left[row] ?? 0) + (content.counts[k] ?? 0);
    });
  }
  const noise = random() < ANY_ORDER ? 4 : random() * 0.6;
  const keys = new Map(
    [...rows].sort((a, b) => a - b).map((row) => [row, (size[row] ?? 0) * (1 + noise * (random() - 0.5))]),
  );
  const order = Int32Array.from([...keys.keys()].sort((a, b) => (keys.get(b) ?? 0) - (keys.get(a) ?? 0) || a - b));
  const offered = random() < ALL_KINDS ? search.kinds : useful;
  const kinds = offered.filter(() => offered.length <= 4 || random() < 0.7);
  const shaken = prices.slice();
  for (const row of order) shaken[row] = (shaken[row] ?? 0) * (1 + 0.2 * (random() - 0.5));
  const kept = Float64Array.from(bins);
  const packed = greedy({ left, bins, order, prices: shaken, kinds, seeded: random() < 0.6 });
  for (const row of rows) left[row] = 0;
  const isKept = packed !== null && isBetter(search, prices, { taken, packed, oldCost });
  for (const { pattern: content, count } of packed ?? []) {
    const waste = wasteOf(search, prices, content);
    if (waste <= place.poolWaste) search.pool.push(content);
    if (isKept) entries.push({ pattern: content, count, waste });
  }
  if (!isKept) {
    bins.set(kept);
    for (const { pattern: content, waste } of taken) {
      entries.push({ pattern: content, count: 1, waste });
      bins[content.kind] = (bins[content.kind] ?? 0) - 1;
    }
  }
  return order.length * kinds.length * taken.length + 2_000;
}

/** Takes single bins out: half of them the most wasteful of a few looked at, half at random. */
function takeOut({ random }: Search, entries: Entry[]): readonly Entry[] {
  const total = entries.reduce((sum, { count }) => sum + count, 0);
  const wanted = Math.min(total, FEWEST_BINS + Math.floor(random() * random() * (MOST_BINS - FEWEST_BINS + 1)));
  const taken: Entry[] = [];
  for (let tries = 0; taken.length < wanted && tries < wanted * 8; tries += 1) {
    let chosen = Math.floor(random() * entries.length);
    const looks = random() < 0.5 ? 4 : 0;
    for (let look = 0; look < looks; look += 1) {
      const other = Math.floor(random() * entries.length);
      if ((entries[other]?.waste ?? 0) > (entries[chosen]?.waste ?? 0)) chosen = other;
    }
    const entry = entries[chosen];
    if (entry === undefined || entry.count === 0) continue;
    entry.count -= 1;
    taken.push({ ...entry, count: 1 });
  }
  return taken;
}

function isBetter(
  search: Search,
  prices: Float64Array,
  {
    taken,
    packed,
    oldCost,
  }: { readonly taken: readonly Entry[]; readonly packed: readonly Used[]; readonly oldCost: number },
): boolean {
  const cost = packed.reduce((sum, { pattern: content, count }) => sum + (search.c.cost[content.kind] ?? 0) * count, 0);
  if (cost !== oldCost) return cost < oldCost;
  const crowding = (used: readonly Used[]): number =>
    used.reduce((sum, { pattern: content, count }) => sum + worthAt(prices, content) ** 2 * count, 0);
  return crowding(packed) >= crowding(taken) || search.random() < SIDEWAYS;
}

/** Kinds that the plan uses, and those whose capacity is worth about what they cost. */
function usefulKinds({ c, kinds, volume }: Search, entries: readonly Entry[]): readonly number[] {
  const used = new Set(entries.map(({ pattern }) => pattern.kind));
  const worth = (kind: number): number =>
    volume.reduce((sum, price, r) => sum + price * (c.cap[kind * c.dims + r] ?? 0), 0);
  return kinds.filter((kind) => used.has(kind) || worth(kind) >= (c.cost[kind] ?? 0) * GOOD_KIND);
}

function wasteOf({ c }: Search, prices: Float64Array, content: Pattern): number {
  const cost = c.cost[content.kind] ?? 0;
  return cost === 0 ? 0 : 1 - worthAt(prices, content) / cost;
}

function compacted(entries: Entry[]): Entry[] {
  let gone = 0;
  for (const { count } of entries) if (count === 0) gone += 1;
  return gone * 4 > entries.length ? entries.filter(({ count }) => count > 0) : entries;
}
