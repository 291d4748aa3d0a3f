/** The linear program over contents: the cheapest mix, fractions allowed, that holds every task. Kept warm. */
import type { Compact } from './compact.ts';
import type { LpColumn, LpMaker } from './model.ts';
import { keyOf, type Pattern } from './plan.ts';
import { worthAt } from './pricing.ts';

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
  /** When there are very many, forgets those that are far from being worth it at these prices and not in use. */
  readonly prune: (mix: Relaxed) => void;
  /** Tasks to hold from now on, and bins of each kind that may be opened. */
  readonly require: (left: Float64Array, bins: Float64Array) => void;
  readonly solve: () => Relaxed | null;
  readonly dispose: () => void;
};

/** Largest demand as the routine sees it: its tolerances are absolute. */
const LARGEST_DEMAND = 100_000;
/** Patterns from which pruning begins, and how many it keeps. */
const MOST_PER_ROW = 12;
const MOST_PATTERNS = 2_000;
const KEPT_PER_ROW = 4;
const KEPT_PATTERNS = 500;
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
    prune: (mix) => {
      if (patterns.length < MOST_PER_ROW * c.rows + MOST_PATTERNS) return;
      const rate = patterns.map((content, at) =>
        (mix.bins[at] ?? 0) > 0 ? -1 : 1 - worthAt(mix.prices, content) / Math.max(1, c.cost[content.kind] ?? 0),
      );
      const sorted = Float64Array.from(rate).sort();
      const most = sorted[KEPT_PER_ROW * c.rows + KEPT_PATTERNS] ?? 0;
      const gone = rate.flatMap((value, at) => (value > most && value > 0 ? [at] : []));
      model.drop(Int32Array.from(gone, (at) => at + artificial));
      const isGone = new Set(gone);
      for (const at of gone) keys.delete(keyOf(patterns[at] as Pattern));
      const kept = patterns.filter((_, at) => !isGone.has(at));
      patterns.splice(0, patterns.length, ...kept);
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
