/**
 * Plans without a linear program: fill a bin of every kind from what is left, keep the one with the most worth for its
 * cost, use it as often as it goes, repeat. Never a step per task. Also what repairs and finishes other plans.
 */
import type { Compact } from './compact.ts';
import type { Pattern, Used } from './plan.ts';

export type GreedyOptions = {
  /** Tasks to place; used up. */
  readonly left: Float64Array;
  /** Bins that may still be opened, by kind; used up. */
  readonly bins: Float64Array;
  /** Rows in the order in which a bin is filled; rows that are not in it are not placed. */
  readonly order: Int32Array;
  /** Worth per task by row, above 0. */
  readonly prices: Float64Array;
  /** Kinds to try, in the order that breaks ties. */
  readonly kinds: readonly number[];
  /** Only kinds that hold the first row left: hard tasks are placed while there is choice. */
  readonly seeded: boolean;
};

/** Bins filled so, or null when a task finds no kind with bins left. */
export type Greedy = (options: GreedyOptions) => readonly Used[] | null;

/** Steps between two looks at all kinds, when looking is dear. */
const FULL_LOOK_EVERY = 16;
const FEW_KINDS = 4;
const DEAR_LOOK = 20_000;
/** With more rows, a bin is filled from the first so many and a sample of the others. */
const MANY_ROWS = 1_000;
const SWEEP_EVERY = 64;

/** A greedy packer with its own scratch space for one question. */
export function makeGreedy(c: Compact): Greedy {
  const fill = makeFiller(c);
  return (options) => {
    const used: Used[] = [];
    let order = compacted(options.order, options.left, 0);
    let favourites = options.kinds;
    for (let step = 0; order.length > 0; step += 1) {
      const all = step % FULL_LOOK_EVERY === 0 || order.length * options.kinds.length < DEAR_LOOK;
      const looked = look(c, fill, { ...options, order, kinds: all ? options.kinds : favourites });
      if (looked.best === null && all) return null;
      if (looked.best === null) {
        favourites = options.kinds;
        continue;
      }
      if (all) favourites = looked.ranked.slice(0, FEW_KINDS);
      used.push({ pattern: looked.best, count: apply(options, looked.best) });
      order = compacted(order, options.left, step);
    }
    return used;
  };
}

function look(c: Compact, fill: Filler, options: GreedyOptions): { best: Pattern | null; ranked: readonly number[] } {
  const first = options.order[0] ?? 0;
  const rates: { kind: number; rate: number }[] = [];
  let best: Pattern | null = null;
  let [bestRate, bestWorth] = [0, 0];
  for (const kind of options.kinds) {
    if ((options.bins[kind] ?? 0) <= 0) continue;
    const worth = fill.fill(kind, options);
    if (worth <= 0 || (options.seeded && fill.held(first) === 0)) continue;
    const cost = c.cost[kind] ?? 0;
    const rate = cost === 0 ? Number.POSITIVE_INFINITY : worth / cost;
    rates.push({ kind, rate });
    if (rate > bestRate || (rate === bestRate && worth > bestWorth)) {
      [bestRate, bestWorth] = [rate, worth];
      best = fill.content(kind);
    }
  }
  return { best, ranked: rates.sort((a, b) => b.rate - a.rate || a.kind - b.kind).map(({ kind }) => kind) };
}

/** Uses the content as often as tasks and bins allow; returns how often. */
function apply({ left, bins }: GreedyOptions, { kind, rows, counts }: Pattern): number {
  let times = bins[kind] ?? 0;
  rows.forEach((row, k) => {
    times = Math.min(times, Math.floor((left[row] ?? 0) / (counts[k] ?? 1)));
  });
  rows.forEach((row, k) => {
    left[row] = (left[row] ?? 0) - times * (counts[k] ?? 0);
  });
  bins[kind] = (bins[kind] ?? 0) - times;
  return times;
}

/** Leaves out rows without tasks: the first ones at once, those in between now and then when there are very many. */
function compacted(order: Int32Array, left: Float64Array, step: number): Int32Array {
  let from = 0;
  while (from < order.length && (left[order[from] as number] as number) <= 0) from += 1;
  const rest = from === 0 ? order : order.subarray(from);
  if (rest.length > MANY_ROWS && step % SWEEP_EVERY !== 0) return rest;
  for (let at = 0; at < rest.length; at += 1) {
    if ((left[rest[at] as number] as number) <= 0) return rest.filter((row) => (left[row] as number) > 0);
  }
  return rest;
}

type Filler = {
  /** Fills one bin in scratch space, in the order given; returns its worth. */
  readonly fill: (kind: number, options: Pick<GreedyOptions, 'left' | 'order' | 'prices'>) => number;
  /** Copies of a row in the scratch bin. */
  readonly held: (row: number) => number;
  /** The scratch bin as a pattern. */
  readonly content: (kind: number) => Pattern;
};

function makeFiller(c: Compact): Filler {
  const { dims, size, cap, perBin, allow } = c;
  const room = new Float64Array(dims);
  const rows = new Int32Array(c.rows);
  const counts = new Float64Array(c.rows);
  let length = 0;
  const fits = (row: number, most: number): number => {
    let copies = most;
    for (let r = 0; r < dims && copies > 0; r += 1) {
      const each = size[row * dims + r] as number;
      const space = room[r] as number;
      if (each > space) return 0;
      if (each > 0 && each * copies > space) copies = Math.floor(space / each);
    }
    return copies;
  };
  return {
    fill: (kind, { left, order, prices }) => {
      for (let r = 0; r < dims; r += 1) room[r] = cap[kind * dims + r] as number;
      length = 0;
      let worth = 0;
      const stride = Math.max(1, Math.ceil((order.length - MANY_ROWS) / MANY_ROWS));
      for (let at = 0; at < order.length; at += at < MANY_ROWS ? 1 : stride) {
        const row = order[at] as number;
        if (allow !== null && allow[kind * c.rows + row] === 0) continue;
        const copies = fits(row, Math.min(left[row] as number, perBin[row] as number));
        if (copies <= 0) continue;
        for (let r = 0; r < dims; r += 1) room[r] = (room[r] as number) - copies * (size[row * dims + r] as number);
        rows[length] = row;
        counts[length] = copies;
        length += 1;
        worth += copies * (prices[row] as number);
      }
      return worth;
    },
    held: (row) => {
      const at = rows.subarray(0, length).indexOf(row);
      return at < 0 ? 0 : (counts[at] as number);
    },
    content: (kind) => {
      const order = Array.from({ length }, (_, k) => k).sort((a, b) => (rows[a] as number) - (rows[b] as number));
      return { kind, rows: order.map((k) => rows[k] as number), counts: order.map((k) => counts[k] as number) };
    },
  };
}

/** How hard each row is to place: the largest share that it takes of the largest capacity, in any resource. */
export function hardnessOf(c: Compact): Float64Array {
  const most = Array.from({ length: c.dims }, (_, r) => {
    let largest = 1;
    for (let kind = 0; kind < c.kinds; kind += 1) largest = Math.max(largest, c.cap[kind * c.dims + r] ?? 0);
    return largest;
  });
  return Float64Array.from({ length: c.rows }, (_, row) =>
    most.reduce((high, cap, r) => Math.max(high, (c.size[row * c.dims + r] ?? 0) / cap), 0),
  );
}

/** Rows with the hardest first. */
export function hardestFirst(c: Compact): Int32Array {
  return sortedBy(c, hardnessOf(c));
}

/** Rows with the dearest first. */
export function dearestFirst(c: Compact, prices: Float64Array): Int32Array {
  return sortedBy(c, prices);
}

function sortedBy(c: Compact, keys: Float64Array): Int32Array {
  return Int32Array.from({ length: c.rows }, (_, row) => row).sort((a, b) => (keys[b] ?? 0) - (keys[a] ?? 0) || a - b);
}

/** Prices with no zero among them: a row that the bound holds for free still is worth placing. */
export function positivePrices(c: Compact, prices: Float64Array): Float64Array {
  const mean = prices.reduce((sum, price) => sum + price, 0) / Math.max(1, c.rows);
  const floor = mean > 0 ? mean * 1e-6 : 1;
  return prices.map((price, row) => {
    let size = 0;
    for (let r = 0; r < c.dims; r += 1)
      size += (c.size[row * c.dims + r] ?? 0) / Math.max(1, c.cap[(c.kinds - 1) * c.dims + r] ?? 0);
    return Math.max(price, 0) + floor * (1 + size);
  });
}
