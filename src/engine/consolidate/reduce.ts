/**
 * The question without zones, moves and waves: a packing question whose bound holds for every plan of any number of
 * moves. The checker derives it again by itself, so it is stated here in full.
 *
 * - A shape per service, with as many tasks as run. It may lie where its `types` allow, and where it lies today; at
 *   most `perInstance` in a bin, or as many as some instance holds of it today, if that is more.
 * - Every type that may be launched, unlimited at its price. Uncovered, unpinned instances of such a type with the
 *   type's own capacity are among them.
 * - Equal other instances (same type, capacity and money) are a limited type, the limit their number: covered and
 *   pinned ones are paid for (limit = paid), the others cost their type's price.
 * - What pinned, uncovered instances cost is added to the sum: they stay whatever happens.
 *
 * Zones, skew, waves, `accepts` and `minInstances` are left out. Leaving rules out only lowers the bound.
 */
import type { PackInput, PackShape, PackType } from '../pack/model.ts';
import type { ConsolidateInput, ConsolidateService, ConsolidateType, RunningInstance } from './model.ts';

export type Reduced = {
  readonly pack: PackInput;
  /** What pinned, uncovered instances cost, in the file's money. */
  readonly fixed: bigint;
};

type Group = {
  readonly type: ConsolidateType;
  readonly cap: readonly number[];
  readonly isPaid: boolean;
  readonly members: readonly RunningInstance[];
};

/** The reduced packing question, and the fixed cost to add to its bound. Names of its types are of no meaning. */
export function reducedQuestion(input: ConsolidateInput): Reduced {
  const types = new Map(input.types.map((type) => [type.name, type]));
  const groups = groupsOf(input.instances, types);
  const launched = input.types
    .filter(({ mayLaunch }) => mayLaunch)
    .map(({ name, cap, cost }): PackType => ({ name: `new ${name}`, cap, cost, limit: null, paid: 0 }));
  const running = groups.map(
    ({ type, cap, isPaid, members }, at): PackType => ({
      name: `running ${at}`,
      cap,
      cost: type.cost,
      limit: members.length,
      paid: isPaid ? members.length : 0,
    }),
  );
  let fixed = 0n;
  for (const { type, covered, pinned } of input.instances)
    if (pinned !== null && !covered) fixed += types.get(type)?.cost ?? 0n;
  return {
    pack: {
      resources: input.resources,
      types: [...launched, ...running],
      shapes: input.services.map((service) => shapeOf(service, input, groups)),
    },
    fixed,
  };
}

function groupsOf(
  instances: readonly RunningInstance[],
  types: ReadonlyMap<string, ConsolidateType>,
): readonly Group[] {
  const groups = new Map<
    string,
    { type: ConsolidateType; cap: readonly number[]; isPaid: boolean; all: RunningInstance[] }
  >();
  for (const instance of [...instances].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const type = types.get(instance.type);
    if (type === undefined) continue;
    const cap = instance.cap ?? type.cap;
    const isPaid = instance.covered || instance.pinned !== null;
    if (!isPaid && type.mayLaunch && cap.every((size, r) => size === type.cap[r])) continue;
    const key = JSON.stringify([type.name, cap, isPaid]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { type, cap, isPaid, all: [instance] });
    else group.all.push(instance);
  }
  return [...groups.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { type, cap, isPaid, all }]) => ({ type, cap, isPaid, members: all }));
}

function shapeOf(service: ConsolidateService, input: ConsolidateInput, groups: readonly Group[]): PackShape {
  const { id, req, types, perInstance } = service;
  const held = input.instances.map(({ tasks }) => tasks[id] ?? 0);
  const most = held.reduce((high, count) => Math.max(high, count), 0);
  const holds = ({ type, members }: Group): boolean =>
    types?.includes(type.name) === true || members.some(({ tasks }) => (tasks[id] ?? 0) > 0);
  // An uncovered, unpinned instance that is no group of its own counts as a new one of its type, allowed or not.
  const today = new Set(input.instances.filter(({ tasks }) => (tasks[id] ?? 0) > 0).map(({ type }) => type));
  const isLaunchable = ({ name, mayLaunch }: ConsolidateType): boolean =>
    mayLaunch && (types?.includes(name) === true || today.has(name));
  const allowed =
    types === null
      ? null
      : [
          ...input.types.filter(isLaunchable).map(({ name }) => `new ${name}`),
          ...groups.flatMap((group, at) => (holds(group) ? [`running ${at}`] : [])),
        ];
  return {
    id,
    req,
    count: held.reduce((sum, count) => sum + count, 0),
    types: allowed,
    perBin: perInstance === null ? null : Math.max(perInstance, most, 1),
  };
}
