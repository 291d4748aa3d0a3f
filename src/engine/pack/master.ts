/** The linear program over contents: the cheapest mix, fractions allowed, that holds every task. Kept warm. */
import type { Compact } from './compact.ts';
import type { LpColumn, LpMaker } from './model.ts';
import { keyOf, type Pattern } from './plan.ts';

export type Relaxed = {
  /** In the file's money. */
  readonly objective: number;
  /** Bins per pattern, in the order of `Master.patterns`. */
  readonly bins: Float64Array;
  /** Price per task of each row, in the file's money. */
  readonly prices: Float64Array;
  /** Tasks that no pattern may hold (limited kinds used up). */
  readonly missing: number;
};

export type Master = {
  readonly patterns: readonly Pattern[];
  /** Adds those that are new; returns how many. */
  readonly add: (patterns: readonly Pattern[]) => number;
  /** Tasks to hold from now on, and bins of each kind that may be opened. */
  readonly require: (left: Float64Array, bins: Float64Array) => void;
  readonly solve: () => Relaxed | null;
  readonly dispose: () => void;
};

/** Largest demand as the routine sees it: its tolerances are absolute. */
const LARGEST_DEMAND = 100_000;
/** Price of leaving a task out, in prices of the dearest bin. */
const MISSING_COST = 100;

/** Opens the program with one row per row of the question and one per limited kind. */
export function makeMaster(c: Compact, lp: LpMaker): Master {
  const cost = Math.max(1, ...c.cost);
  const shrink = Math.max(1, Math.max(...c.demand) / LARGEST_DEMAND);
  const limited = Array.from({ length: c.kinds }, (_, kind) => kind).filter(
    (kind) => c.limit[kind] !== Number.POSITIVE_INFINITY,
  );
  const limitRow = new Map(limited.map((kind, at) => [kind, c.rows + at]));
  const lower = (left: Float64Array, bins: Float64Array): Float64Array =>
    Float64Array.from([...left, ...limited.map((kind) => -(bins[kind] ?? 0))], (most) => most / shrink);
  const model = lp(lower(c.demand, c.limit));
  const patterns: Pattern[] = [];
  const keys = new Set<string>();
  const artificial = limited.length > 0 ? c.rows : 0;
  if (artificial > 0) {
    model.add(Array.from({ length: c.rows }, (_, row) => column(MISSING_COST, [row], [1])));
  }
  return {
    patterns,
    add: (candidates) => {
      const fresh = candidates.filter((candidate) => {
        const key = keyOf(candidate);
        if (keys.has(key)) return false;
        keys.add(key);
        return true;
      });
      if (fresh.length === 0) return 0;
      patterns.push(...fresh);
      model.add(fresh.map((content) => columnOf(content, (c.cost[content.kind] ?? 0) / cost, limitRow)));
      return fresh.length;
    },
    require: (left, bins) => model.require(lower(left, bins)),
    solve: () => {
      const solution = model.solve();
      if (solution === null) return null;
      return {
        objective: solution.objective * cost * shrink,
        bins: solution.values.subarray(artificial).map((value) => value * shrink),
        prices: solution.duals.slice(0, c.rows).map((dual) => Math.max(0, dual) * cost),
        missing: solution.values.subarray(0, artificial).reduce((sum, value) => sum + value * shrink, 0),
      };
    },
    dispose: () => model.dispose(),
  };
}

function columnOf({ kind, rows, counts }: Pattern, cost: number, limitRow: ReadonlyMap<number, number>): LpColumn {
  const extra = limitRow.get(kind);
  return extra === undefined ? column(cost, rows, counts) : column(cost, [...rows, extra], [...counts, -1]);
}

function column(cost: number, rows: readonly number[], values: readonly number[]): LpColumn {
  return { cost, upper: Number.POSITIVE_INFINITY, rows, values };
}
