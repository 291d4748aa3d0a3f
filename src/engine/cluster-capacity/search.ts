/**
 * The few types that a plan's providers are pinned to. Level by level: each level takes the best sets of the one before,
 * adds one type, and then exchanges types while that helps. What a level finds does not depend on how many levels
 * follow, so a plan that may have more providers never costs more.
 */
import { type Assignment, assign, type Problem } from './assign.ts';

/** Positions in `problem.types`, rising, and where the groups go. */
export type FoundSet = {
  readonly set: readonly number[];
  readonly found: Assignment;
  /** Among the sets of its size; 0 = the cheapest. */
  readonly rank: number;
};

/** Sets kept per level, and rounds of exchanging. */
const KEPT = 3;
const MOST_EXCHANGES = 4;
/** Groups x sets looked at per level: what keeps a cluster of thousands of services within seconds. */
const EFFORT = 40_000;

/** The best sets of each size from 0 to `most`; a level that finds nothing cheaper than the one before ends the search. */
export function searchSets(problem: Problem, most: number): readonly FoundSet[] {
  const start: FoundSet = { set: [], found: assign(problem, []), rank: 0 };
  const all: FoundSet[] = [start];
  let beam: readonly FoundSet[] = [start];
  for (let level = 1; level <= most; level += 1) {
    const bestBefore = Math.min(...all.map(({ found }) => found.cost));
    beam = nextLevel(problem, beam);
    if (beam.length === 0) break;
    all.push(...beam);
    const best = Math.min(...beam.map(({ found }) => found.cost));
    if (best >= bestBefore) break;
  }
  return all;
}

function nextLevel(problem: Problem, beam: readonly FoundSet[]): readonly FoundSet[] {
  const seen = new Map<string, FoundSet>();
  const budget = { left: Math.max(problem.types.length, Math.floor(EFFORT / Math.max(1, problem.groups.length))) };
  const look = (set: readonly number[]): FoundSet | null => {
    const sorted = [...set].sort((a, b) => a - b);
    const key = sorted.join(' ');
    const known = seen.get(key);
    if (known !== undefined) return known;
    if (budget.left <= 0) return null;
    budget.left -= 1;
    const made = { set: sorted, found: assign(problem, sorted), rank: 0 };
    seen.set(key, made);
    return made;
  };
  for (const { set } of beam) {
    for (let type = 0; type < problem.types.length; type += 1) if (!set.includes(type)) look([...set, type]);
  }
  for (let round = 0; round < MOST_EXCHANGES; round += 1) {
    const [best] = bestOf(seen);
    if (best === undefined || !exchange(problem, best, look)) break;
  }
  return bestOf(seen);
}

/** Tries every type in the place of each of the set's; true when one was cheaper. */
function exchange(
  problem: Problem,
  { set, found }: FoundSet,
  look: (set: readonly number[]) => FoundSet | null,
): boolean {
  let isBetter = false;
  for (const out of set) {
    const rest = set.filter((type) => type !== out);
    for (let type = 0; type < problem.types.length; type += 1) {
      if (set.includes(type)) continue;
      const made = look([...rest, type]);
      if (made !== null && made.found.cost < found.cost) isBetter = true;
    }
  }
  return isBetter;
}

function bestOf(seen: ReadonlyMap<string, FoundSet>): readonly FoundSet[] {
  return [...seen.values()]
    .sort((a, b) => a.found.cost - b.found.cost || (a.set.join(' ') < b.set.join(' ') ? -1 : 1))
    .slice(0, KEPT)
    .map((made, rank) => ({ ...made, rank }));
}
