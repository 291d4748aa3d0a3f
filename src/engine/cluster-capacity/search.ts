/**
 * The few types that a plan's providers are pinned to. Level by level: each level takes the best sets of the one before,
 * adds one type, and then exchanges types while that helps. What a level finds does not depend on how many levels
 * follow, so a plan that may have more providers never costs more.
 */
import { type Assignment, assign, type Problem, type Sketch, sketch } from './assign.ts';

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
  const start: FoundSet = {
    set: [],
    found: assign(problem, [], sketch(problem, []), Number.POSITIVE_INFINITY),
    rank: 0,
  };
  const all: FoundSet[] = [start];
  let beam: readonly FoundSet[] = [start];
  for (let size = 1; size <= most; size += 1) {
    const bestBefore = Math.min(...all.map(({ found }) => found.cost));
    beam = new Level(problem).after(beam);
    if (beam.length === 0) break;
    all.push(...beam);
    const best = Math.min(...beam.map(({ found }) => found.cost));
    if (best >= bestBefore) break;
  }
  return all;
}

/** The sets of one size. */
class Level {
  readonly #problem: Problem;
  readonly #seen = new Set<string>();
  /** The best so far, cheapest first. */
  #best: readonly FoundSet[] = [];
  #left: number;

  constructor(problem: Problem) {
    this.#problem = problem;
    this.#left = Math.max(problem.types.length, Math.floor(EFFORT / Math.max(1, problem.groups.length)));
  }

  after(beam: readonly FoundSet[]): readonly FoundSet[] {
    const types = [...this.#problem.types.keys()];
    this.#look(beam.flatMap(({ set }) => types.filter((type) => !set.includes(type)).map((type) => [...set, type])));
    for (let round = 0; round < MOST_EXCHANGES; round += 1) {
      const [best] = this.#best;
      if (best === undefined) break;
      const { set, found } = best;
      const others = types.filter((type) => !set.includes(type));
      // Every type in the place of each of the set's.
      this.#look(set.flatMap((out) => others.map((type) => [...set.filter((kept) => kept !== out), type])));
      if ((this.#best[0]?.found.cost ?? 0) >= found.cost) break;
    }
    return this.#best.map((made, rank) => ({ ...made, rank }));
  }

  /** Those that can cost least first: most of the others then need not be filled. */
  #look(sets: readonly (readonly number[])[]): void {
    const fresh: { readonly set: readonly number[]; readonly made: Sketch; readonly least: number }[] = [];
    for (const set of sets) {
      const sorted = [...set].sort((a, b) => a - b);
      const key = sorted.join(' ');
      if (this.#seen.has(key) || this.#left <= 0) continue;
      this.#left -= 1;
      this.#seen.add(key);
      const made = sketch(this.#problem, sorted);
      fresh.push({ set: sorted, made, least: Math.min(...made.least) });
    }
    for (const { set, made } of fresh.sort((a, b) => a.least - b.least)) {
      const found = assign(this.#problem, set, made, this.#below());
      if (Number.isFinite(found.cost)) this.#best = bestOf([...this.#best, { set, found, rank: 0 }]);
    }
  }

  /** One nano-USD above the last that is kept: of equal costs the names decide. */
  #below(): number {
    return (this.#best[KEPT - 1]?.found.cost ?? Number.POSITIVE_INFINITY) + 1;
  }
}

function bestOf(found: readonly FoundSet[]): readonly FoundSet[] {
  return [...found]
    .sort((a, b) => a.found.cost - b.found.cost || (a.set.join(' ') < b.set.join(' ') ? -1 : 1))
    .slice(0, KEPT);
}
