/**
 * The table that prices every kind at once: the best worth of a bin's content for each capacity in two resources.
 * Cell = a pair of capacities in steps. Scarce rows first, a pass over all cells per power of two, one bit per pass and
 * cell; then the others together, each cell with the row put in last: so any content can be read back. Sizes rounded
 * down to steps overestimate what fits (a valid upper bound), rounded up they underestimate it (contents that fit);
 * when steps divide all sizes both are the same table.
 */
import { type Compact, mostIn } from './compact.ts';

/** Rows that the same kinds may hold, and those kinds, as far as the table covers them. */
export type Box = {
  readonly kinds: readonly number[];
  readonly rows: Int32Array;
  readonly up: Cells;
  readonly down: Cells;
  /** Capacity of each kind, in steps rounded down. */
  readonly cap: Cells;
  /** Cells per resource. */
  readonly width: readonly [number, number];
};
type Cells = { readonly first: Int32Array; readonly second: Int32Array };

export type Grid = {
  /** Resources that the table does not know; prices on them keep its contents near what fits. */
  readonly beside: readonly number[];
  readonly boxes: readonly Box[];
  /** Kinds larger than the table. */
  readonly outside: readonly number[];
  /** Steps divide all sizes: rounding loses nothing. */
  readonly lossless: boolean;
  /** The two resources of the table; the second is -1 when there is one. */
  readonly axes: readonly [number, number];
  /** Size of a cell in each. */
  readonly steps: readonly [number, number];
};

export type Table = {
  readonly box: Box;
  readonly cells: Cells;
  /** Best worth by cell: `first * width[1] + second`. */
  readonly worth: Float64Array;
  readonly scarce: readonly Pass[];
  /** One bit per pass and cell: taken there. */
  readonly bits: Uint32Array;
  /** By cell: 1 + the row (as a position in the box) put in last, of those that are not scarce; 0 = none. */
  readonly last: Uint16Array;
};
/** Exactly so many copies of a scarce row at once, or none. */
type Pass = { readonly at: number; readonly copies: number };

const MOST_CELLS = 3_000_000;
/** Cells of all passes of a table together: half a second, and 30 MB for reading contents back. */
const MOST_STEPS = 500_000_000;
/** So many tasks of a row are plenty even for a bin that could hold four times as many. */
const PLENTY = 16;
/** A step coarser than this share of the largest capacity makes contents too rough to be useful. */
const FEWEST_CELLS = 96;

/** Chooses steps and kinds for the two resources `axes`, so that one table takes at most about `most` steps.
 * Kinds that are `good` for their price come first. */
export function makeGrid(
  c: Compact,
  axes: readonly [number, number],
  by: { readonly most: number; readonly good: ReadonlySet<number> },
): Grid {
  const exact = axes.map((axis) => (axis < 0 ? 1 : commonStep(c, axis))) as [number, number];
  const kinds = Array.from({ length: c.kinds }, (_, kind) => kind);
  const room = Math.max(4_096, Math.min(MOST_CELLS, by.most / Math.max(1, c.rows), MOST_STEPS / passesIn(c, axes)));
  const fits = (step: readonly [number, number]): readonly number[] => covered(c, axes, { step, room, good: by.good });
  let step = exact;
  const wanted = Math.max(1, Math.ceil(c.kinds / 3));
  while (fits(step).length < wanted) {
    const wide = axes.map((axis, a) => (axis < 0 ? 0 : largest(c, [...by.good], axis) / (step[a] ?? 1)));
    const coarser = (wide[0] ?? 0) >= (wide[1] ?? 0) ? 0 : 1;
    if ((wide[coarser] ?? 0) < FEWEST_CELLS) break;
    step = step.map((size, a) => (a === coarser ? size * 2 : size)) as [number, number];
  }
  const inside = fits(step);
  const insideSet = new Set(inside);
  return {
    beside: Array.from({ length: c.dims }, (_, r) => r).filter((r) => !axes.includes(r)),
    boxes: classesOf(c, inside).map((members) => makeBox(c, members, axes, step)),
    outside: kinds.filter((kind) => !insideSet.has(kind)),
    lossless: step[0] === exact[0] && step[1] === exact[1],
    axes,
    steps: step,
  };
}

/** Passes over all cells that a table takes, about: those for plenty rows are quick. */
function passesIn(c: Compact, axes: readonly [number, number]): number {
  const kinds = Array.from({ length: c.kinds }, (_, kind) => kind);
  const widest = axes.map((axis) => (axis < 0 ? 0 : largest(c, kinds, axis)));
  let passes = 1;
  for (let row = 0; row < c.rows; row += 1) {
    const demand = c.demand[row] ?? 0;
    const fitting = axes.reduce((fewest, axis, a) => {
      const size = axis < 0 ? 0 : (c.size[row * c.dims + axis] ?? 0);
      return size === 0 ? fewest : Math.min(fewest, Math.floor((widest[a] ?? 0) / size));
    }, Number.MAX_SAFE_INTEGER);
    const isPlenty = c.perBin[row] === Number.POSITIVE_INFINITY && isPlentyFor(demand, fitting);
    passes += isPlenty ? 1 : 2 * Math.ceil(Math.log2(Math.min(demand, fitting) + 1));
  }
  return passes;
}

function isPlentyFor(tasks: number, fitting: number): boolean {
  return tasks >= Math.min(fitting, Math.max(PLENTY, fitting / 4));
}

function capOf(c: Compact, kind: number, axis: number): number {
  return c.cap[kind * c.dims + axis] ?? 0;
}

function largest(c: Compact, kinds: readonly number[], axis: number): number {
  return kinds.reduce((most, kind) => Math.max(most, capOf(c, kind, axis)), 0);
}

/** Good kinds first, then by size: as many as fit together into one table of `room` cells. */
function covered(
  c: Compact,
  axes: readonly [number, number],
  at: { readonly step: readonly [number, number]; readonly room: number; readonly good: ReadonlySet<number> },
): readonly number[] {
  const [x, y] = axes;
  const width = (kind: number, axis: number, a: 0 | 1): number =>
    axis < 0 ? 1 : Math.floor(capOf(c, kind, axis) / at.step[a]) + 1;
  const cells = (kind: number): number => width(kind, x, 0) * width(kind, y, 1);
  const rank = (kind: number): number => (at.good.has(kind) ? 0 : 1);
  const kinds = Array.from({ length: c.kinds }, (_, kind) => kind);
  const bySize = kinds.sort((a, b) => rank(a) - rank(b) || cells(a) - cells(b) || a - b);
  const inside: number[] = [];
  let [wide, high] = [0, 0];
  for (const kind of bySize) {
    const [nextWide, nextHigh] = [Math.max(wide, width(kind, x, 0)), Math.max(high, width(kind, y, 1))];
    if (nextWide * nextHigh > at.room) continue;
    [wide, high] = [nextWide, nextHigh];
    inside.push(kind);
  }
  return inside;
}

function commonStep(c: Compact, axis: number): number {
  let step = 0;
  for (let row = 0; row < c.rows; row += 1) step = divisor(step, c.size[row * c.dims + axis] ?? 0);
  return Math.max(1, step);
}

function divisor(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}

/** Kinds with the same allowed rows share a table. */
function classesOf(c: Compact, kinds: readonly number[]): readonly (readonly number[])[] {
  const classes = new Map<string, number[]>();
  for (const kind of kinds) {
    const key = c.allow === null ? '' : c.allow.subarray(kind * c.rows, (kind + 1) * c.rows).join('');
    const members = classes.get(key) ?? [];
    members.push(kind);
    classes.set(key, members);
  }
  return [...classes.values()];
}

function makeBox(
  c: Compact,
  kinds: readonly number[],
  axes: readonly [number, number],
  step: readonly [number, number],
): Box {
  const all = Array.from({ length: c.rows }, (_, row) => row);
  const held = all.filter((row) => kinds.some((kind) => mostIn(c, kind, row) > 0));
  const rows = Int32Array.from(held);
  const cellsOf = (round: (steps: number) => number, a: 0 | 1): Int32Array => {
    const axis = axes[a];
    return rows.map((row) => (axis < 0 ? 0 : round((c.size[row * c.dims + axis] ?? 0) / step[a])));
  };
  const capCells = (a: 0 | 1): Int32Array =>
    Int32Array.from(kinds.map((kind) => (axes[a] < 0 ? 0 : Math.floor(capOf(c, kind, axes[a]) / step[a]))));
  const cap = { first: capCells(0), second: capCells(1) };
  return {
    kinds,
    rows,
    up: { first: cellsOf(Math.ceil, 0), second: cellsOf(Math.ceil, 1) },
    down: { first: cellsOf(Math.floor, 0), second: cellsOf(Math.floor, 1) },
    cap,
    width: [Math.max(...cap.first) + 1, Math.max(...cap.second) + 1],
  };
}

/**
 * Fills the table for prices `worth` per task (whole numbers, so that sums in doubles are exact below 2^53) and
 * `left` tasks of each row. Rows without worth or tasks take no part.
 */
export function fillTable(
  c: Compact,
  box: Box,
  prices: Float64Array,
  by: { readonly left: Float64Array; readonly round: 'up' | 'down' },
): Table {
  const cells = box[by.round];
  const { plenty, scarce } = partsOf(c, box, prices, { left: by.left, cells });
  const [wide, high] = box.width;
  const worth = new Float64Array(wide * high);
  const words = Math.ceil((wide * high) / 32);
  const bits = new Uint32Array(words * scarce.length);
  scarce.forEach((pass, number) => {
    const first = (cells.first[pass.at] ?? 0) * pass.copies;
    const second = (cells.second[pass.at] ?? 0) * pass.copies;
    const gain = (prices[box.rows[pass.at] ?? 0] ?? 0) * pass.copies;
    passBackward(worth, bits.subarray(words * number, words * (number + 1)), { wide, high, first, second, gain });
  });
  const last = new Uint16Array(wide * high);
  fillPlenty(box, plenty, worth, last);
  return { box, cells, worth, scarce, bits, last };
}

/** A row that may be taken again and again: its position in the box, its size in cells, its worth. */
type Plenty = { readonly at: number; readonly first: number; readonly second: number; readonly gain: number };

/**
 * Rows that are not scarce, line by line of the table, so that what is read stays near: each cell learns which row was
 * put in last. A row whose own size is filled as well by others of them is left out: whatever holds it, however often,
 * holds them instead.
 */
function fillPlenty(
  { cap, width: [wide, high] }: Box,
  rows: readonly Plenty[],
  worth: Float64Array,
  last: Uint16Array,
): void {
  const tops = topsOf(cap, wide);
  const open: Plenty[] = [];
  let next = 0;
  for (let x = 0; x < wide; x += 1) {
    const line = { from: x * high, to: x * high + (tops[x] as number), high };
    for (const row of open) putLast(row, line, worth, last);
    for (; next < rows.length && (rows[next] as Plenty).first === x; next += 1) {
      const row = rows[next] as Plenty;
      const own = line.from + row.second;
      if (own > line.to) continue;
      if ((worth[own] as number) >= row.gain && isOfPlenty(own, { high, rows, worth, last })) continue;
      open.push(row);
      putLast(row, line, worth, last);
    }
  }
}

/** Whether the content behind a cell's worth holds no scarce row. */
function isOfPlenty(
  cell: number,
  by: {
    readonly high: number;
    readonly rows: readonly Plenty[];
    readonly worth: Float64Array;
    readonly last: Uint16Array;
  },
): boolean {
  let at = cell;
  for (let put = by.last[at] as number; put > 0; put = by.last[at] as number) {
    const row = by.rows.find((each) => each.at === put - 1);
    if (row === undefined) return false;
    at -= row.first * by.high + row.second;
  }
  return by.worth[at] === 0;
}

type Line = { readonly from: number; readonly to: number; readonly high: number };

function putLast({ at, first, second, gain }: Plenty, line: Line, worth: Float64Array, last: Uint16Array): void {
  const offset = first * line.high + second;
  for (let cell = line.from + second; cell <= line.to; cell += 1) {
    const candidate = (worth[cell - offset] as number) + gain;
    if (candidate > (worth[cell] as number)) {
      worth[cell] = candidate;
      last[cell] = at + 1;
    }
  }
}

/** For each line the farthest cell that a kind reaches. */
function topsOf({ first, second }: Cells, wide: number): Int32Array {
  const tops = new Int32Array(wide);
  first.forEach((x, member) => {
    tops[x] = Math.max(tops[x] as number, second[member] as number);
  });
  for (let x = wide - 2; x >= 0; x -= 1) tops[x] = Math.max(tops[x] as number, tops[x + 1] as number);
  return tops;
}

type Step = {
  readonly wide: number;
  readonly high: number;
  readonly first: number;
  readonly second: number;
  readonly gain: number;
};

/** Falling order: every cell looks at what stood there before this pass. */
function passBackward(worth: Float64Array, taken: Uint32Array, { wide, high, first, second, gain }: Step): void {
  const offset = first * high + second;
  for (let x = wide - 1; x >= first; x -= 1) {
    const to = x * high;
    for (let cell = to + high - 1; cell >= to + second; cell -= 1) {
      const candidate = (worth[cell - offset] as number) + gain;
      if (candidate > (worth[cell] as number)) {
        worth[cell] = candidate;
        taken[cell >> 5] = (taken[cell >> 5] as number) | (1 << (cell & 31));
      }
    }
  }
}

/**
 * Rows that are hardly ever scarce (taking one more often than there are tasks only loosens the bound), by size; for
 * each of the others as many passes as its count has binary digits. Most worth for their size first: later ones change
 * little.
 */
function partsOf(
  c: Compact,
  box: Box,
  prices: Float64Array,
  by: { readonly left: Float64Array; readonly cells: Cells },
): { readonly plenty: readonly Plenty[]; readonly scarce: readonly Pass[] } {
  const plenty: (Plenty & { readonly density: number })[] = [];
  const scarce: (Pass & { readonly density: number })[] = [];
  box.rows.forEach((row, at) => {
    const left = by.left[row] ?? 0;
    const gain = prices[row] ?? 0;
    if (gain <= 0 || left <= 0) return;
    const [first, second] = [by.cells.first[at] ?? 0, by.cells.second[at] ?? 0];
    const bySize = Math.min(steps(box.width[0], first), steps(box.width[1], second));
    if (bySize === 0) return;
    const density = gain / (1e-9 + first / box.width[0] + second / box.width[1]);
    if (
      isPlentyFor(left, bySize) &&
      bySize !== Number.POSITIVE_INFINITY &&
      c.perBin[row] === Number.POSITIVE_INFINITY
    ) {
      plenty.push({ at, first, second, gain, density });
      return;
    }
    let most = Math.min(left, c.perBin[row] ?? 0, mostOf(c, box.kinds, row), bySize);
    for (let copies = 1; most > 0; copies *= 2) {
      scarce.push({ at, copies: Math.min(copies, most), density });
      most -= Math.min(copies, most);
    }
  });
  return {
    plenty: plenty.sort((a, b) => a.first - b.first || b.density - a.density || a.at - b.at),
    scarce: scarce.sort((a, b) => b.density - a.density || a.at - b.at || a.copies - b.copies),
  };
}

function steps(width: number, cells: number): number {
  return cells === 0 ? Number.POSITIVE_INFINITY : Math.floor((width - 1) / cells);
}

/** A table knows two resources; the others limit the copies of a row as well. */
function mostOf(c: Compact, kinds: readonly number[], row: number): number {
  return kinds.reduce((most, kind) => Math.max(most, mostIn(c, kind, row)), 0);
}

/** Cell of a kind's capacity less what is taken already; -1 when that does not fit. */
export function cellOf(table: Table, member: number, at: number): number {
  const { cap, width } = table.box;
  const first = (cap.first[member] ?? 0) - (at < 0 ? 0 : (table.cells.first[at] ?? 0));
  const second = (cap.second[member] ?? 0) - (at < 0 ? 0 : (table.cells.second[at] ?? 0));
  return first < 0 || second < 0 ? -1 : first * width[1] + second;
}

/** The content behind a cell's worth: copies by row, rows not merged. */
export function readBack(table: Table, cell: number): readonly (readonly [row: number, count: number])[] {
  const { scarce, bits, cells, box } = table;
  const words = Math.ceil(table.worth.length / 32);
  const copies: [number, number][] = [];
  let at = cell;
  for (let row = table.last[at] as number; row > 0; row = table.last[at] as number) {
    copies.push([box.rows[row - 1] ?? 0, 1]);
    at -= (cells.first[row - 1] ?? 0) * box.width[1] + (cells.second[row - 1] ?? 0);
  }
  for (let number = scarce.length - 1; number >= 0; number -= 1) {
    const isTaken = ((bits[words * number + (at >> 5)] as number) >>> (at & 31)) & 1;
    if (isTaken === 0) continue;
    const pass = scarce[number] as Pass;
    copies.push([box.rows[pass.at] ?? 0, pass.copies]);
    at -= ((cells.first[pass.at] ?? 0) * box.width[1] + (cells.second[pass.at] ?? 0)) * pass.copies;
  }
  return copies;
}
