/**
 * Which of a few pinned types each group of services goes to. Amounts are doubles here: they only decide what is
 * tried, every figure that is shown is worked out again exactly. Nano-USD of a month stay whole below 2^53.
 */
import { type Buyable, sizeOf, slotsOf } from './buyable.ts';
import { fillCount, type Load, largestShare } from './fill.ts';
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
  /** May it run on these instances at all? */
  readonly runnable: (group: Group) => boolean;
}): Problem {
  const { groups, types, runnable } = from;
  const loads = groups.map(
    ({ like, tasks }): Load => ({
      size: sizeOf(like),
      count: tasks,
      perInstance: like.perInstance ?? Number.MAX_SAFE_INTEGER,
    }),
  );
  const slots = types.map((type) => Float64Array.from(groups, (group) => (runnable(group) ? slotsOf(group, type) : 0)));
  const share = types.map((type, at) =>
    Float64Array.from(loads, ({ size }, g) =>
      (slots[at]?.[g] ?? 0) === 0 ? Number.POSITIVE_INFINITY : largestShare(type.cap, size),
    ),
  );
  const fargate = groups.map((_, g) => {
    const nano = from.fargate?.[g] ?? null;
    return nano === null ? Number.POSITIVE_INFINITY : Number(nano);
  });
  return { groups, types, fargate, loads, share, slots };
}

/** The cheapest assignment found for a set of types (positions in `problem.types`); `below` ends hopeless ones early. */
export function assign(problem: Problem, set: readonly number[], below = Number.POSITIVE_INFINITY): Assignment {
  const starts = [byShare(problem, set), bySlots(problem, set)];
  let best: Assignment | null = null;
  for (const to of starts) {
    improve(problem, set, to);
    const limit = Math.min(below, best?.cost ?? Number.POSITIVE_INFINITY);
    const cost = costOf(problem, set, to, limit);
    if (best === null || cost < best.cost) best = { to, cost };
  }
  if (best === null) throw new Error('invariant: there are two starts');
  return best;
}

function byShare(problem: Problem, set: readonly number[]): Int16Array {
  return choose(problem, set, (t, g) => (problem.share[t]?.[g] ?? Number.POSITIVE_INFINITY) * costOfType(problem, t));
}

function bySlots(problem: Problem, set: readonly number[]): Int16Array {
  return choose(problem, set, (t, g) => {
    const slots = problem.slots[t]?.[g] ?? 0;
    return slots === 0 ? Number.POSITIVE_INFINITY : costOfType(problem, t) / slots;
  });
}

function costOfType({ types }: Problem, at: number): number {
  return Number(types[at]?.nano ?? 0n);
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

/** Moves one group at a time while the sum of filled shares gets cheaper; instances are not whole here. */
function improve(problem: Problem, set: readonly number[], to: Int16Array): void {
  if (set.length === 0) return;
  const dims = problem.loads[0]?.size.length ?? 0;
  const sums = set.map(() => new Float64Array(dims));
  const members = set.map(() => 0);
  const put = (g: number, position: number, sign: 1 | -1): void => {
    const load = problem.loads[g];
    const sum = sums[position];
    if (position < 0 || load === undefined || sum === undefined) return;
    for (let r = 0; r < dims; r += 1) sum[r] = (sum[r] ?? 0) + sign * load.count * (load.size[r] ?? 0);
    members[position] = (members[position] ?? 0) + sign * load.count;
  };
  const priceOf = (position: number): number => {
    const type = problem.types[set[position] ?? 0];
    const sum = sums[position];
    const tasks = members[position] ?? 0;
    if (type === undefined || sum === undefined || tasks === 0) return 0;
    let instances = Math.min(type.atLeast, tasks);
    for (let r = 0; r < dims; r += 1)
      if ((sum[r] ?? 0) > 0) instances = Math.max(instances, (sum[r] ?? 0) / (type.cap[r] ?? 0));
    return instances * Number(type.nano);
  };
  for (const [g, position] of to.entries()) put(g, position, 1);
  for (let pass = 0; pass < MOST_PASSES; pass += 1) {
    let isBetter = false;
    for (let g = 0; g < problem.groups.length; g += 1) {
      const from = to[g] ?? FARGATE;
      let [target, gain] = [from, 1];
      const fromBefore = from < 0 ? (problem.fargate[g] ?? 0) : priceOf(from);
      put(g, from, -1);
      const fromAfter = from < 0 ? 0 : priceOf(from);
      for (let position = FARGATE; position < set.length; position += 1) {
        if (position === from) continue;
        let change: number;
        if (position < 0) change = problem.fargate[g] ?? Number.POSITIVE_INFINITY;
        else {
          if ((problem.slots[set[position] ?? 0]?.[g] ?? 0) === 0) continue;
          const before = priceOf(position);
          put(g, position, 1);
          change = priceOf(position) - before;
          put(g, position, -1);
        }
        const saved = fromBefore - fromAfter - change;
        if (saved > gain) [target, gain] = [position, saved];
      }
      put(g, target, 1);
      if (target !== from) {
        to[g] = target;
        isBetter = true;
      }
    }
    if (!isBetter) return;
  }
}

/** Nano-USD of an assignment with whole instances, filled largest tasks first; stops adding above `limit`. */
function costOf(problem: Problem, set: readonly number[], to: Int16Array, limit: number): number {
  let cost = 0;
  const loads = set.map((): Load[] => []);
  for (const [g, position] of to.entries()) {
    const fargate = problem.fargate[g] ?? Number.POSITIVE_INFINITY;
    if (position < 0) cost += Number.isFinite(fargate) ? fargate : NOWHERE;
    else {
      const load = problem.loads[g];
      if (load !== undefined) loads[position]?.push(load);
    }
  }
  for (const [position, own] of loads.entries()) {
    if (cost >= limit) return Number.POSITIVE_INFINITY;
    const type = problem.types[set[position] ?? 0];
    if (type === undefined || own.length === 0) continue;
    const tasks = own.reduce((sum, { count }) => sum + count, 0);
    cost += Math.max(fillCount(type.cap, own), Math.min(type.atLeast, tasks)) * Number(type.nano);
  }
  return cost;
}

/** True when every group of the assignment has a place. */
export function isComplete({ cost }: Assignment): boolean {
  return cost < NOWHERE;
}
