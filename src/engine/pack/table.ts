/**
 * The table that prices every kind at once: the best worth of a bin's content for each capacity in two resources.
 * Cell = a pair of capacities in steps. Scarce rows first, a pass over all cells per power of two, one bit per pass and
 * cell; then the others together, each cell with the row put in last: so any content can be read back.
 */
import { type Compact, mostIn } from './compact.ts';
import { type Box, type Cells, isPlentyFor, type Memory } from './grid.ts';

export type Table = Memory & {
  readonly box: Box;
  readonly cells: Cells;
  readonly scarce: readonly Pass[];
};
/** Exactly so many copies of a scarce row at once, or none. */
type Pass = { readonly at: number; readonly copies: number };

/**
 * Fills the table for prices `worth` per task (whole numbers, so that sums in doubles are exact below 2^53) and
 * `left` tasks of each row. Rows without worth or tasks take no part.
 * The table holds until the next one of the same box and rounding.
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
  const words = Math.ceil((wide * high) / 32);
  const { worth, bits, last } = memoryOf(box, by.round, words * scarce.length);
  scarce.forEach((pass, number) => {
    const first = (cells.first[pass.at] ?? 0) * pass.copies;
    const second = (cells.second[pass.at] ?? 0) * pass.copies;
    const gain = (prices[box.rows[pass.at] ?? 0] ?? 0) * pass.copies;
    passBackward(worth, bits.subarray(words * number, words * (number + 1)), { wide, high, first, second, gain });
  });
  fillPlenty(box, plenty, worth, last);
  return { box, cells, worth, scarce, bits, last };
}

/** Zeros for a table, where the last one of this rounding was. */
function memoryOf({ memory, width: [wide, high] }: Box, round: 'up' | 'down', words: number): Memory {
  const old = memory[round];
  const hasRoom = old !== null && old.bits.length >= words;
  const now = {
    worth: old?.worth.fill(0) ?? new Float64Array(wide * high),
    last: old?.last.fill(0) ?? new Uint16Array(wide * high),
    bits: hasRoom ? old.bits.fill(0) : new Uint32Array(words),
  };
  memory[round] = now;
  return now;
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

/** A table knows two resources; the others limit the copies of a row as well. */
function mostOf(c: Compact, kinds: readonly number[], row: number): number {
  return kinds.reduce((most, kind) => Math.max(most, mostIn(c, kind, row)), 0);
}
