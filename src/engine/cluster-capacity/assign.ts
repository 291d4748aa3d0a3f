/**
 * Which of a few pinned types each group of services goes to. Amounts are doubles here: they only decide what is
 * tried, every figure that is shown is worked out again exactly. Nano-USD of a month stay whole below 2^53.
 */
import { type Buyable, sizeOf, slotsOf } from './buyable.ts';
import { fillSorted, type Load, largestShare } from './fill.ts';
import type { Group } from './groups.ts';

export type Problem = {
  readonly groups: readonly Group[];
  readonly types: readonly Buyable[];
  /** Nano-USD a month of each group on Fargate; Infinity where it may not go there. */
  readonly fargate: readonly number[];
  readonly loads: readonly Load[];
  /** Of what one task takes of its scarcest resource: `share[type][group]`, Infinity where it does not fit. */
  readonly share: readonly Float64Array[];
  /** Tasks that an empty instance holds: `slots[type][group]`. */
  readonly slots: readonly Float64Array[];
  /** The groups that a type holds, largest share first: `order[type]`. */
  readonly order: readonly Int32Array[];
};

/** Where each group goes: the position of a type in the set, or -1 for Fargate. */
export type Assignment = { readonly to: Int16Array; readonly cost: number };

/** Stands for a group that no type of the set holds: dearer than anything, so that sets which hold more win. */
const NOWHERE = 1e17;
const FARGATE = -1;
const MOST_PASSES = 6;

/** Prepares the numbers that every set is compared by. `fargate` null = instances only. */
export function problemOf(from: {
  readonly groups: readonly Group[];
  readonly types: readonly Buyable[];
  /** By group; null where Fargate cannot run it. */
  readonly fargate: readonly (bigint | null)[] | null;
}): Problem {
  const { groups, types } = from;
  const loads = groups.map(
    ({ like, tasks }): Load => ({
      size: sizeOf(like),
      count: tasks,
      perInstance: like.perInstance ?? Number.MAX_SAFE_INTEGER,
    }),
  );
  const slots = types.map((type) => Float64Array.from(groups, (group) => slotsOf(group, type)));
  const share = types.map((type, at) =>
    Float64Array.from(loads, ({ size }, g) =>
      (slots[at]?.[g] ?? 0) === 0 ? Number.POSITIVE_INFINITY : largestShare(type.cap, size),
    ),
  );
  const fargate = groups.map((_, g) => {
    const nano = from.fargate?.[g] ?? null;
    return nano === null ? Number.POSITIVE_INFINITY : Number(nano);
  });
  return { groups, types, fargate, loads, share, slots, order: share.map(largestFirst) };
}

function largestFirst(share: Float64Array): Int32Array {
  const held = [...share.keys()].filter((g) => Number.isFinite(share[g]));
  return Int32Array.from(held.sort((a, b) => (share[b] ?? 0) - (share[a] ?? 0) || a - b));
}

/** Ways to assign the groups to a set, before whole instances are counted. */
export type Sketch = {
  readonly ways: readonly Int16Array[];
  /** Nano-USD that each way costs at least. */
  readonly least: readonly number[];
};

/** Two ways to assign the groups to a set of types (positions in `problem.types`), or one where both come to the same. */
export function sketch(problem: Problem, set: readonly number[]): Sketch {
  const first = byShare(problem, set);
  improve(problem, set, first);
  const second = bySlots(problem, set);
  improve(problem, set, second);
  const ways = second.every((place, g) => place === first[g]) ? [first] : [first, second];
  return { ways, least: ways.map((to) => leastOf(problem, set, to)) };
}

/** The cheaper way with whole instances. One that costs `below` or more comes with an infinite cost. */
export function assign(problem: Problem, set: readonly number[], { ways, least }: Sketch, below: number): Assignment {
  let best: Assignment | null = null;
  for (const [at, to] of ways.entries()) {
    const limit = Math.min(below, best?.cost ?? Number.POSITIVE_INFINITY);
    const cost = (least[at] ?? 0) >= limit ? Number.POSITIVE_INFINITY : costOf(problem, set, to, limit);
    if (best === null || cost < best.cost) best = { to, cost };
  }
  if (best === null) throw new Error('invariant: there is a way');
  return best;
}

function byShare(problem: Problem, set: readonly number[]): Int16Array {
  return choose(problem, set, (t, g) => (problem.share[t]?.[g] ?? Number.POSITIVE_INFINITY) * firstCost(problem, t));
}

function bySlots(problem: Problem, set: readonly number[]): Int16Array {
  return choose(problem, set, (t, g) => {
    const slots = problem.slots[t]?.[g] ?? 0;
    return slots === 0 ? Number.POSITIVE_INFINITY : Number(problem.types[t]?.choiceNano ?? 0n) / slots;
  });
}

/** Nano-USD of the first instance: a paid one where there are any. */
function firstCost({ types }: Problem, at: number): number {
  const type = types[at];
  return type === undefined ? 0 : costOfCount(type, 1);
}

/** Nano-USD of so many instances, which need not be whole. */
function costOfCount({ choiceNano, paid }: Buyable, count: number): number {
  const own = Math.min(count, paid.count);
  return own * Number(paid.nano) + (count - own) * Number(choiceNano);
}

function choose(
  problem: Problem,
  set: readonly number[],
  perTask: (type: number, group: number) => number,
): Int16Array {
  return Int16Array.from(problem.groups, ({ tasks }, g) => {
    let place = FARGATE;
    let least = (problem.fargate[g] ?? Number.POSITIVE_INFINITY) / Math.max(1, tasks);
    set.forEach((type, position) => {
      const cost = perTask(type, g);
      if (cost < least) [place, least] = [position, cost];
    });
    return place;
  });
}

/** What the groups of each position of a set take together. */
class Tally {
  readonly #problem: Problem;
  readonly #set: readonly number[];
  readonly #dims: number;
  readonly #sums: Float64Array;
  readonly #tasks: Float64Array;

  constructor(problem: Problem, set: readonly number[]) {
    this.#problem = problem;
    this.#set = set;
    this.#dims = problem.loads[0]?.size.length ?? 0;
    this.#sums = new Float64Array(set.length * this.#dims);
    this.#tasks = new Float64Array(set.length);
  }

  tasks(position: number): number {
    return this.#tasks[position] ?? 0;
  }

  /** Adds a group to a position, or takes it off; nothing for Fargate. */
  put(group: number, position: number, sign: 1 | -1): void {
    const load = this.#problem.loads[group];
    if (position < 0 || load === undefined) return;
    const from = position * this.#dims;
    for (let r = 0; r < this.#dims; r += 1)
      this.#sums[from + r] = (this.#sums[from + r] ?? 0) + sign * load.count * (load.size[r] ?? 0);
    this.#tasks[position] = (this.#tasks[position] ?? 0) + sign * load.count;
  }

  /** Nano-USD of the part of instances that is filled. */
  cost(position: number): number {
    return this.#costOf(position, this.#instances(position));
  }

  /** Nano-USD of the fewest whole instances that the sums allow. */
  leastCost(position: number): number {
    return this.#costOf(position, Math.ceil(this.#instances(position) - 1e-6));
  }

  #instances(position: number): number {
    const type = this.#problem.types[this.#set[position] ?? 0];
    const tasks = this.tasks(position);
    if (type === undefined || tasks === 0) return 0;
    let instances = Math.min(type.atLeast, tasks);
    const from = position * this.#dims;
    for (let r = 0; r < this.#dims; r += 1) {
      const sum = this.#sums[from + r] ?? 0;
      if (sum > 0) instances = Math.max(instances, sum / (type.cap[r] ?? 0));
    }
    return instances;
  }

  #costOf(position: number, instances: number): number {
    const type = this.#problem.types[this.#set[position] ?? 0];
    return type === undefined ? 0 : costOfCount(type, instances);
  }
}

/** Moves one group at a time while the sum of filled shares gets cheaper; instances are not whole here. */
function improve(problem: Problem, set: readonly number[], to: Int16Array): void {
  if (set.length === 0) return;
  const tally = new Tally(problem, set);
  for (const [g, position] of to.entries()) tally.put(g, position, 1);
  const costs = Float64Array.from(set, (_, position) => tally.cost(position));
  for (let pass = 0; pass < MOST_PASSES; pass += 1) {
    let isBetter = false;
    for (let g = 0; g < problem.groups.length; g += 1) {
      const from = to[g] ?? FARGATE;
      let [target, gain] = [from, 1];
      tally.put(g, from, -1);
      const left = from < 0 ? 0 : tally.cost(from);
      const freed = from < 0 ? (problem.fargate[g] ?? 0) : (costs[from] ?? 0) - left;
      for (let position = FARGATE; position < set.length; position += 1) {
        if (position === from) continue;
        let change: number;
        if (position < 0) change = problem.fargate[g] ?? Number.POSITIVE_INFINITY;
        else {
          if ((problem.slots[set[position] ?? 0]?.[g] ?? 0) === 0) continue;
          tally.put(g, position, 1);
          change = tally.cost(position) - (costs[position] ?? 0);
          tally.put(g, position, -1);
        }
        const saved = freed - change;
        if (saved > gain) [target, gain] = [position, saved];
      }
      tally.put(g, target, 1);
      if (target === from) continue;
      to[g] = target;
      isBetter = true;
      if (from >= 0) costs[from] = left;
      if (target >= 0) costs[target] = tally.cost(target);
    }
    if (!isBetter) return;
  }
}

/** Nano-USD that no filling of an assignment undercuts. */
function leastOf(problem: Problem, set: readonly number[], to: Int16Array): number {
  const tally = new Tally(problem, set);
  for (const [g, position] of to.entries()) tally.put(g, position, 1);
  return set.reduce((sum, _, position) => sum + tally.leastCost(position), elsewhere(problem, to));
}

/** Nano-USD of what goes to Fargate, and of what goes nowhere. */
function elsewhere(problem: Problem, to: Int16Array): number {
  let cost = 0;
  for (const [g, position] of to.entries()) {
    const fargate = problem.fargate[g] ?? Number.POSITIVE_INFINITY;
    if (position < 0) cost += Number.isFinite(fargate) ? fargate : NOWHERE;
  }
  return cost;
}

/** Nano-USD of an assignment with whole instances, filled largest tasks first; infinite from `limit` on. */
function costOf(problem: Problem, set: readonly number[], to: Int16Array, limit: number): number {
  let cost = elsewhere(problem, to);
  for (const [position, at] of set.entries()) {
    if (cost >= limit) return Number.POSITIVE_INFINITY;
    const type = problem.types[at];
    const own: Load[] = [];
    for (const g of problem.order[at] ?? []) {
      const load = problem.loads[g];
      if (to[g] === position && load !== undefined) own.push(load);
    }
    if (type === undefined || own.length === 0) continue;
    const tasks = own.reduce((sum, { count }) => sum + count, 0);
    cost += costOfCount(type, Math.max(fillSorted(type.cap, own), Math.min(type.atLeast, tasks)));
  }
  return cost;
}

/** True when every group of the assignment has a place. */
export function isComplete({ cost }: Assignment): boolean {
  return cost < NOWHERE;
}
