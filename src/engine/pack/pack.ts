/** The packing question from end to end: refuse, shrink, bound, search, answer. Pure; the same input gives the same bytes. */
import { volumeBound } from './bound.ts';
import { compact } from './compact.ts';
import { whyInfeasible } from './infeasible.ts';
import type { LpMaker, PackBudget, PackInput, PackResult } from './model.ts';
import { toBins } from './plan.ts';
import { improve } from './search.ts';
import { isProved, makeSearch } from './state.ts';

/** Rounds for up to so many sizes (shapes x resources): near ten seconds for 50,000 tasks on two cores. */
const USUAL = { rounds: 400, sizes: 400 } as const;

/** Rounds without a `--work`: fewer where there are more sizes, as each round takes longer there. */
export function defaultPackWork({ shapes, resources }: PackInput): number {
  const sizes = new Set(shapes.map(({ req }) => req.join(' '))).size * resources.length;
  return Math.round(USUAL.rounds / Math.cbrt(Math.max(1, sizes / USUAL.sizes)));
}

/**
 * The cheapest bins found within the budget and a proof of how much cheaper any others could be at most. At least one
 * round is done whatever the budget says.
 */
export function packCapacity(input: PackInput, lp: LpMaker, budget: PackBudget): PackResult {
  const infeasible = whyInfeasible(input);
  if (infeasible !== null) return infeasible;
  const c = compact(input);
  const search = makeSearch(c, volumeBound(c, input, lp));
  const rounds = improve(search, { input, lp, stop: budget.stop });
  let work = 0;
  let stopped: 'work' | 'time' = 'work';
  for (let round = rounds.next(); round.done !== true; round = rounds.next()) {
    work += 1;
    if (isProved(search) || work >= budget.work) break;
    if (budget.stop()) {
      stopped = 'time';
      break;
    }
  }
  rounds.return();
  if (work < budget.work && budget.stop()) stopped = 'time';
  if (search.best === null) return noneFound(input);
  return {
    kind: 'packed',
    cost: search.bestCost,
    lowerBound: search.bound.value,
    certificate: search.bound.certificate,
    bins: toBins(c, search.best),
    work,
    stopped: isProved(search) ? 'proved' : stopped,
  };
}

/** Limited types leave room for each shape alone, and no way was found to place all of them together. */
function noneFound(input: PackInput): PackResult {
  const because = 'found no way to place all tasks into the limited types together; more work may find one';
  return {
    kind: 'infeasible',
    shapes: input.shapes
      .filter(({ count }) => count > 0)
      .map(({ id }) => ({ shape: id, because }))
      .sort((a, b) => (a.shape < b.shape ? -1 : 1)),
  };
}
