/** The bound on what any plan costs in the end, and what a task is worth by its prices: they steer the search too. */
import { volumeBound } from '../pack/bound.ts';
import { compact } from '../pack/compact.ts';
import type { LpMaker, PackCertificate } from '../pack/model.ts';
import { improve } from '../pack/search.ts';
import { makeSearch } from '../pack/state.ts';
import type { ConsolidateInput } from './model.ts';
import { reducedQuestion } from './reduce.ts';

export type Bounder = {
  /** One round of the packing search on the reduced question; false when it has nothing left to try. */
  readonly round: () => boolean;
  /** Fixed cost + bound of the reduced question, in the file's money; never above what any plan costs. */
  readonly value: () => bigint;
  readonly certificate: () => PackCertificate;
  /** Worth of a task by service id, in the file's money, at the prices of the best bound or the last program. */
  readonly worths: () => ReadonlyMap<string, number>;
  readonly dispose: () => void;
};

/** A bound for the question that gets better round by round. Valid from the start. */
export function makeBounder(input: ConsolidateInput, lp: LpMaker, stop: () => boolean): Bounder {
  const { pack, fixed } = reducedQuestion(input);
  const c = compact(pack);
  const search = makeSearch(c, volumeBound(c, pack, lp));
  const rounds = improve(search, { input: pack, lp, stop });
  return {
    round: () => rounds.next().done !== true,
    value: () => fixed + search.bound.value,
    certificate: () => search.bound.certificate,
    worths: () => {
      const worths = new Map<string, number>();
      c.members.forEach((members, row) => {
        for (const { id } of members) worths.set(id, Math.max(search.prices[row] ?? 0, search.bound.prices[row] ?? 0));
      });
      return worths;
    },
    dispose: () => {
      rounds.return();
    },
  };
}
