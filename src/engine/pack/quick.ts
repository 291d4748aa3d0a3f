/**
 * Contents worth a column, found without a table: rows by worth for their size, around each row once, then swaps. In
 * any number of resources, and far cheaper than a table; what it does not find, the table does.
 */
import { type Compact, mostIn } from './compact.ts';
import type { Pattern } from './plan.ts';
import type { Search } from './state.ts';

/** Contents worth more than they cost at these prices, for tasks that are left; other seeds and kinds each time. */
export type Quick = (prices: Float64Array, left: Float64Array) => readonly Pattern[];

type QuickOptions = {
  /** Price per task by row, in the file's money. */
  readonly prices: Float64Array;
  readonly left: Float64Array;
};

/** Steps of the innermost loop per call: about 30 ms. */
const EFFORT = 1_500_000;
/** A content must be worth more than its bin by this share to be a column. */
const WORTH_FROM = 1 + 1e-7;
/** Swaps tried per content. */
const MOST_SWAPS = 4;
/** Only a content this close to being worth a column is bettered by swaps. */
const PROMISING = 0.93;

type Bin = { readonly room: Float64Array; readonly held: Float64Array; worth: number; readonly rows: number[] };

/** A finder for one question; it takes turns through seeds, kinds and weights, so that each call costs the same. */
export function makeQuick(search: Search): Quick {
  const { c } = search;
  const weights = weightsOf(search);
  const bin: Bin = { room: new Float64Array(c.dims), held: new Float64Array(c.rows), worth: 0, rows: [] };
  let [nextSeed, nextKind] = [0, 0];
  return (prices, left) => {
    const open = Array.from({ length: c.rows }, (_, row) => row).filter((row) => (left[row] as number) > 0);
    const each = open.length * c.dims * weights.length;
    const kinds = Math.max(1, Math.min(c.kinds, Math.floor(EFFORT / Math.max(1, each * Math.min(open.length, 40)))));
    const seeds = Math.max(1, Math.min(open.length, Math.floor(EFFORT / Math.max(1, each * kinds))));
    const chosen = Array.from({ length: seeds }, (_, at) => open[(nextSeed + at) % open.length] ?? 0);
    const best: (Pattern | null)[] = chosen.map(() => null);
    const rates = new Float64Array(seeds);
    for (let turn = 0; turn < kinds; turn += 1) {
      const kind = (nextKind + turn) % c.kinds;
      for (const weight of weights) {
        const order = byDensity(c, kind, { prices, left }, weight);
        chosen.forEach((seed, at) => {
          const around = { prices, left, order, seed };
          if (!fillAround(c, kind, bin, around)) return;
          if (rateOf(c, kind, bin.worth) > PROMISING) swap(c, bin, around);
          const rate = rateOf(c, kind, bin.worth);
          if (rate < WORTH_FROM || rate <= (rates[at] as number)) return;
          rates[at] = rate;
          best[at] = contentOf(kind, bin);
        });
      }
    }
    nextSeed = (nextSeed + seeds) % Math.max(1, open.length);
    nextKind = (nextKind + kinds) % c.kinds;
    return best.filter((content) => content !== null);
  };
}

/** How much each resource counts when rows are compared by size: all alike, as the bound prices them, each above the others. */
function weightsOf({ c, bound }: Search): readonly Float64Array[] {
  const priced = Float64Array.from({ length: c.dims }, (_, r) => {
    let cap = 0;
    for (let kind = 0; kind < c.kinds; kind += 1) cap = Math.max(cap, c.cap[kind * c.dims + r] ?? 0);
    return cap * (bound.perUnit[r] ?? 0);
  });
  const sum = priced.reduce((total, weight) => total + weight, 0);
  const shares = priced.map((weight) => (sum === 0 ? 1 : weight / sum + 0.01));
  const each = Array.from({ length: Math.min(c.dims, 3) }, (_, above) =>
    Float64Array.from({ length: c.dims }, (_unused, r) => (r === above ? 1 : 0.1)),
  );
  return c.dims === 1 ? [shares] : [new Float64Array(c.dims).fill(1), shares, ...each];
}

function rateOf(c: Compact, kind: number, worth: number): number {
  const cost = c.cost[kind] as number;
  return cost === 0 ? Number.MAX_VALUE : worth / cost;
}

function contentOf(kind: number, { rows, held }: Bin): Pattern {
  const kept = rows.filter((row) => (held[row] as number) > 0).sort((a, b) => a - b);
  return { kind, rows: kept, counts: kept.map((row) => held[row] as number) };
}

/** Rows that the kind may hold, dearest for their weighted size first. */
function byDensity(c: Compact, kind: number, { prices, left }: QuickOptions, weights: Float64Array): Int32Array {
  const density = new Float64Array(c.rows);
  const rows: number[] = [];
  for (let row = 0; row < c.rows; row += 1) {
    if ((prices[row] as number) <= 0 || (left[row] as number) <= 0 || mostIn(c, kind, row) === 0) continue;
    let size = 1e-9;
    for (let r = 0; r < c.dims; r += 1) {
      const cap = c.cap[kind * c.dims + r] as number;
      if (cap > 0) size += ((weights[r] as number) * (c.size[row * c.dims + r] as number)) / cap;
    }
    density[row] = (prices[row] as number) / size;
    rows.push(row);
  }
  return Int32Array.from(rows).sort((a, b) => (density[b] as number) - (density[a] as number) || a - b);
}

type Around = QuickOptions & { readonly order: Int32Array; readonly seed: number };

function fillAround(c: Compact, kind: number, bin: Bin, around: Around): boolean {
  for (const row of bin.rows) bin.held[row] = 0;
  bin.rows.length = 0;
  bin.worth = 0;
  for (let r = 0; r < c.dims; r += 1) bin.room[r] = c.cap[kind * c.dims + r] as number;
  if (mostIn(c, kind, around.seed) === 0 || put(c, bin, around, { row: around.seed, most: 1 }) === 0) return false;
  fillUp(c, bin, around);
  return true;
}

function fillUp(c: Compact, bin: Bin, around: Around): void {
  const { order } = around;
  for (let at = 0; at < order.length; at += 1)
    put(c, bin, around, { row: order[at] as number, most: Number.POSITIVE_INFINITY });
}

/** Puts up to `most` more copies into the bin; returns how many went in. */
function put(
  c: Compact,
  bin: Bin,
  { prices, left }: QuickOptions,
  { row, most }: { readonly row: number; readonly most: number },
): number {
  const held = bin.held[row] as number;
  let copies = Math.min(most, (left[row] as number) - held, (c.perBin[row] as number) - held);
  for (let r = 0; r < c.dims && copies > 0; r += 1) {
    const size = c.size[row * c.dims + r] as number;
    const room = bin.room[r] as number;
    if (size > room) return 0;
    if (size > 0 && size * copies > room) copies = Math.floor(room / size);
  }
  if (copies <= 0) return 0;
  for (let r = 0; r < c.dims; r += 1)
    bin.room[r] = (bin.room[r] as number) - copies * (c.size[row * c.dims + r] as number);
  if (held === 0 && !bin.rows.includes(row)) bin.rows.push(row);
  bin.held[row] = held + copies;
  bin.worth += copies * (prices[row] as number);
  return copies;
}

/** Puts a dearer row in the place of one copy of another, as long as that makes the content worth more. */
function swap(c: Compact, bin: Bin, around: Around): void {
  const { prices, left, order } = around;
  for (let round = 0; round < MOST_SWAPS; round += 1) {
    let [out, into, gain] = [-1, -1, 1e-9 * bin.worth];
    for (const row of bin.rows) {
      const isSeed = row === around.seed && (bin.held[row] as number) <= 1;
      if ((bin.held[row] as number) <= 0 || isSeed) continue;
      for (let at = 0; at < order.length; at += 1) {
        const other = order[at] as number;
        const more = (prices[other] as number) - (prices[row] as number);
        if (
          more <= gain ||
          (bin.held[other] as number) + 1 > Math.min(left[other] as number, c.perBin[other] as number)
        )
          continue;
        if (fitsInstead(c, bin, row, other)) [out, into, gain] = [row, other, more];
      }
    }
    if (out < 0) return;
    bin.held[out] = (bin.held[out] as number) - 1;
    bin.worth -= prices[out] as number;
    for (let r = 0; r < c.dims; r += 1) bin.room[r] = (bin.room[r] as number) + (c.size[out * c.dims + r] as number);
    put(c, bin, around, { row: into, most: 1 });
    fillUp(c, bin, around);
  }
}

function fitsInstead(c: Compact, { room }: Bin, row: number, other: number): boolean {
  for (let r = 0; r < c.dims; r += 1) {
    if ((c.size[other * c.dims + r] as number) > (room[r] as number) + (c.size[row * c.dims + r] as number))
      return false;
  }
  return true;
}
