/**
 * The last step for questions with few rows: whole bins of the contents that can still matter. A content whose price
 * the program's prices fall short of by more than the gap cannot be part of a cheaper plan; few are left, and branching
 * over those finds what rounding misses.
 */
import type { Compact } from './compact.ts';
import type { Master } from './master.ts';
import type { LpMaker } from './model.ts';
import { worthAt } from './pricing.ts';
import { offerPlan, type Search } from './state.ts';

const MOST_COLUMNS = 1_000;
/** Simplex steps, about a second. */
const STEPS = 15_000;

/** Offers the best whole mix found. `stopped` = ended from outside, and nothing was offered. */
export function wholeMix(
  search: Search,
  master: Master,
  { lp, stop }: { readonly lp: LpMaker; readonly stop: () => boolean },
): 'done' | 'stopped' {
  const { c } = search;
  master.require(c.demand, c.limit);
  const mix = master.solve();
  if (mix === null || mix.missing > 0) return 'done';
  const room = Number(search.bestCost) - mix.objective;
  const near = master.patterns
    .map((content, at) => ({ content, at, short: (c.cost[content.kind] ?? 0) - worthAt(mix.prices, content) }))
    .filter(({ short }) => short < room)
    .sort((a, b) => a.short - b.short || a.at - b.at)
    .slice(0, MOST_COLUMNS)
    .map(({ content }) => content);
  const scale = Math.max(1, ...c.cost);
  const limits = limitedKinds(c);
  const model = lp(Float64Array.from([...c.demand, ...limits.map((kind) => -(c.limit[kind] ?? 0))]));
  model.add(
    near.map(({ kind, rows, counts }) => {
      const limit = limits.indexOf(kind);
      const extra = limit < 0 ? [] : [c.rows + limit];
      return {
        cost: (c.cost[kind] ?? 0) / scale,
        upper: Number.POSITIVE_INFINITY,
        rows: [...rows, ...extra],
        values: [...counts, ...extra.map(() => -1)],
      };
    }),
  );
  const values = model.solveWhole(STEPS, stop);
  model.dispose();
  if (values === null) return stop() ? 'stopped' : 'done';
  const plan = near.map((content, at) => ({ pattern: content, count: Math.round(values[at] ?? 0) }));
  offerPlan(
    search,
    plan.filter(({ count }) => count > 0),
  );
  return 'done';
}

function limitedKinds(c: Compact): readonly number[] {
  return Array.from({ length: c.kinds }, (_, kind) => kind).filter(
    (kind) => c.limit[kind] !== Number.POSITIVE_INFINITY,
  );
}
