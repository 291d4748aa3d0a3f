import type { Solver } from '../deps.ts';
import { type LpMaker, packCapacity } from '../engine/index.ts';
/** The optimiser on this thread; the linear program routine is loaded by the first question. */
export function openSolver(): Solver {
  let lp: Promise<LpMaker> | null = null;
  return {
    pack: async (input, limit) => {
      lp ??= import('./highs.ts').then(({ openLp }) => openLp());
      const maker = await lp;
      const until = 'seconds' in limit ? performance.now() + limit.seconds * 1_000 : Number.POSITIVE_INFINITY;
      const work = 'work' in limit ? limit.work : Number.POSITIVE_INFINITY;
      return packCapacity(input, maker, { work, stop: () => performance.now() >= until });
    },
  };
}
