/**
 * What the tables of `table.ts` are laid over: steps of two resources, and the kinds that fit. Sizes rounded down to
 * steps overestimate what fits (a valid upper bound), rounded up they underestimate it (contents that fit); when steps
 * divide all sizes both are the same.
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
  /** Memory of the last table of each rounding: the next one takes its place. */
  readonly memory: { up: Memory | null; down: Memory | null };
};

/** What a table is made of. */
export type Memory = {
  /** Best worth by cell: `first * width[1] + second`. */
  readonly worth: Float64Array;
  /** One bit per pass and cell: taken there. */
  readonly bits: Uint32Array;
  /** By cell: 1 + the row (as a position in the box) put in last, of those that are not scarce; 0 = none. */
  readonly last: Uint16Array;
};
export type Cells = { readonly first: Int32Array; readonly second: Int32Array };

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

export function isPlentyFor(tasks: number, fitting: number): boolean {
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
    memory: { up: null, down: null },
  };
}
