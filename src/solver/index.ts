import type { Solver } from '../deps.ts';
import { consolidate, type LpMaker, type PackBudget, packCapacity } from '../engine/index.ts';
/** The optimiser on this thread; the linear program routine is loaded by the first question. */
export function openSolver(): Solver {
  let lp: Promise<LpMaker> | null = null;
  const maker = (): Promise<LpMaker> => {
    lp ??= import('./highs.ts').then(({ openLp }) => openLp());
    return lp;
  };
  return {
    pack: async (input, limit) => packCapacity(input, await maker(), budgetOf(limit)),
    consolidate: async (input, wish, limit) => consolidate(input, wish, await maker(), budgetOf(limit)),
  };
}

/** Rounds, or a clock that is asked between them; it runs from here on. */
function budgetOf(limit: { readonly work: number } | { readonly seconds: number }): PackBudget {
  const until = 'seconds' in limit ? performance.now() + limit.seconds * 1_000 : Number.POSITIVE_INFINITY;
  const work = 'work' in limit ? limit.work : Number.POSITIVE_INFINITY;
  return { work, stop: () => performance.now() >= until };
}
