/** A packing question and its answer, as the files have them (formats: docs/packing.md). Sizes are whole numbers. */

/** A kind of bin: an instance type with its usable capacity and its price. */
export type PackType = {
  readonly name: string;
  /** Per resource, in the order of `PackInput.resources`. */
  readonly cap: readonly number[];
  /** Price of one bin, in the file's own money. */
  readonly cost: bigint;
  /** Most bins of this type; null = as many as wanted. */
  readonly limit: number | null;
  /** The first `paid` bins cost nothing more: running or reserved anyway. */
  readonly paid: number;
};

/** Tasks of one size. */
export type PackShape = {
  readonly id: string;
  readonly req: readonly number[];
  readonly count: number;
  /** Names of the types that may hold it; null = all. */
  readonly types: readonly string[] | null;
  /** Most tasks of this shape in one bin (`distinctInstance` = 1); null = as many as fit. */
  readonly perBin: number | null;
};

export type PackInput = {
  readonly resources: readonly string[];
  readonly types: readonly PackType[];
  readonly shapes: readonly PackShape[];
};

/** Equal bins: `count` bins of `type`, each holding `items` (shape id -> tasks). */
export type PackBin = {
  readonly type: string;
  readonly count: number;
  readonly items: { readonly [shape: string]: number };
};

/**
 * Why nothing can be cheaper. `volume`: a price per unit of each resource at which no type's capacity is worth more
 * than the type costs. `patterns`: a price per task of each shape at which no possible content of a type is worth
 * more than the type costs. A limited type may be worth more: its surplus, times its limit, is taken off the sum.
 */
export type PackCertificate = {
  readonly kind: 'volume' | 'patterns';
  /** Decimal strings in the file's money, by resource or by shape. */
  readonly duals: { readonly [name: string]: string };
  /** How a table over two resources shows that prices by shape hold; absent for `volume`. */
  readonly table?: PackTableHelp;
  /** What the prices add up to: the bound before it is rounded up to a sum that costs can reach. */
  readonly total: string;
};

/**
 * The prices hold when a table over these resources says so: sizes and capacities counted in `steps`, rounded down; a
 * surcharge per unit of any resource taken off each task's price, and added to the type's worth per unit of capacity. Types for which a price per unit of the two resources is proof enough need no table.
 */
export type PackTableHelp = {
  readonly axes: readonly string[];
  readonly steps: readonly number[];
  readonly surcharges: { readonly [resource: string]: string };
};

/** Why the search ended: bound reached, work budget used up (or nothing left to try), or stopped from outside. */
export type PackStopped = 'proved' | 'work' | 'time';

export type PackAnswer = {
  readonly kind: 'packed';
  readonly cost: bigint;
  readonly lowerBound: bigint;
  readonly certificate: PackCertificate;
  readonly bins: readonly PackBin[];
  /** Rounds done: column generation, diving and repacking rounds, each counted as one. */
  readonly work: number;
  readonly stopped: PackStopped;
};

/** Some shapes cannot be placed; each with the reason. */
export type PackInfeasible = {
  readonly kind: 'infeasible';
  readonly shapes: readonly { readonly shape: string; readonly because: string }[];
};

export type PackResult = PackAnswer | PackInfeasible;

/** One column of a linear program: `values[k]` stands in row `rows[k]`; between 0 and `upper`. */
export type LpColumn = {
  readonly cost: number;
  readonly upper: number;
  readonly rows: readonly number[];
  readonly values: readonly number[];
};

export type LpSolution = {
  readonly objective: number;
  /** Per column, in the order they were added. */
  readonly values: Float64Array;
  /** Per row; not negative for a row with a lower limit when costs are minimised. */
  readonly duals: Float64Array;
};

/** A linear program kept warm: min cost, each row at least its lower limit. */
export type LpModel = {
  readonly add: (columns: readonly LpColumn[]) => void;
  /** Right after a solve: takes columns out, by their position, rising; later ones move up. Those in use should stay. */
  readonly drop: (columns: Int32Array) => void;
  /** New lower limits, one per row. */
  readonly require: (lower: Float64Array) => void;
  /** Null when there is no optimum (infeasible, or numbers that the routine cannot handle). */
  readonly solve: () => LpSolution | null;
  /**
   * Whole amounts instead: the best values found in about so many simplex steps, or null. `stop` may end it early, and
   * the result is then null. The model is used up.
   */
  readonly solveWhole: (steps: number, stop: () => boolean) => Float64Array | null;
  readonly dispose: () => void;
};

/** Lends the engine a linear program with these rows; -Infinity = a row without a lower limit. */
export type LpMaker = (lower: Float64Array) => LpModel;

/** When to stop. `stop` is asked between rounds; only it may look at a clock. */
export type PackBudget = {
  readonly work: number;
  readonly stop: () => boolean;
};
