/** Packing questions behind a plan, and what their answers prove in words that a person can check by hand. */
import type { Json } from '../canon.ts';
import type { PackAnswer, PackInput, PackShape, PackType } from '../pack/model.ts';
import { type Buyable, demandOf, RESOURCES, sizeOf } from './buyable.ts';
import { fargateNano, type Group } from './groups.ts';
import type { PlanKind } from './kinds.ts';
import type { Placed } from './plan.ts';
import type { ProviderKind } from './types.ts';

/** `api`, or `api and 3 more`: what a group is called in a packing. */
function nameOf({ like, services }: Group): string {
  return services.length === 1 ? like.name : `${like.name} and ${services.length - 1} more`;
}

/** One provider's groups on its one type, whatever is paid for of it: what counts is the number of instances. */
export function providerQuestion({ buyable, groups }: Placed): PackInput {
  return {
    resources: RESOURCES,
    types: [typeOf(buyable, buyable.type.name)],
    shapes: groups.map(
      (group): PackShape => ({
        id: nameOf(group),
        req: sizeOf(group.like),
        count: group.tasks,
        types: null,
        perBin: group.like.perInstance,
      }),
    ),
  };
}

/** Where a group may go in a mix of any types: `fargate` adds Fargate as a bin of its own for the group. */
export type MixRow = {
  readonly group: Group;
  readonly kinds: readonly ProviderKind[];
  readonly fargate: PlanKind['fargate'];
};

/**
 * The same tasks on any mix of types, as each group may be bought, in questions that share no type: their bounds add
 * up. Nothing that can be bought costs less than that, however few instances there are and wherever they stand.
 */
export function anyMixQuestions(
  rows: readonly MixRow[],
  types: { readonly [K in ProviderKind]: readonly Buyable[] },
): readonly PackInput[] {
  return apart(rows).map((own) => anyMixQuestion(own, types));
}

/** Rows that have no kind of provider in common, directly or by others, are questions of their own. */
function apart(rows: readonly MixRow[]): readonly (readonly MixRow[])[] {
  let parts: readonly { readonly kinds: readonly ProviderKind[]; readonly rows: readonly MixRow[] }[] = [];
  for (const row of rows) {
    const mine = parts.filter(({ kinds }) => kinds.some((kind) => row.kinds.includes(kind)));
    const merged = {
      kinds: [...new Set([...mine.flatMap(({ kinds }) => kinds), ...row.kinds])],
      rows: [...mine.flatMap((part) => part.rows), row],
    };
    parts = [...parts.filter((part) => !mine.includes(part)), merged];
  }
  return parts.map((part) => part.rows);
}

function anyMixQuestion(
  rows: readonly MixRow[],
  types: { readonly [K in ProviderKind]: readonly Buyable[] },
): PackInput {
  const kinds = [...new Set(rows.flatMap((row) => row.kinds))];
  const sums = demandOf(rows.map(({ group }) => group));
  const named = (kind: ProviderKind, name: string): string => `${kind} ${name}`;
  const instances = kinds.flatMap((kind) =>
    types[kind].flatMap((buyable): readonly PackType[] => {
      const { type, paid } = buyable;
      const own = clipped(typeOf(buyable, named(kind, type.name)), sums);
      if (paid.count === 0) return [own];
      return [{ ...own, name: paidName(kind, type.name), cost: paid.nano, limit: paid.count }, own];
    }),
  );
  const known = new Set(instances.map(({ name }) => name));
  const fargate: PackType[] = [];
  const shapes = rows.map(({ group, kinds: own, fargate: plan }): PackShape => {
    const { like } = group;
    const id = nameOf(group);
    const allowed = own.flatMap((kind) =>
      [...group.types].flatMap((name) => [named(kind, name), paidName(kind, name)]).filter((name) => known.has(name)),
    );
    if (plan !== null) {
      const name = `fargate ${id}`;
      // Spot tasks are cheaper than the others: the average, rounded down, keeps the bound below all of them together.
      const cost = fargateNano(group, plan) / BigInt(group.tasks);
      fargate.push({ name, cap: sizeOf(like), cost, limit: null, paid: 0 });
      allowed.push(name);
    }
    return { id, req: sizeOf(like), count: group.tasks, types: allowed.sort(), perBin: like.perInstance };
  });
  return { resources: RESOURCES, types: [...instances, ...fargate], shapes };
}

/** The instances of a type that are paid for already: only their fee and disk is a cost. */
function paidName(kind: ProviderKind, type: string): string {
  return `${kind} ${type} (paid)`;
}

/** Room beyond all tasks together is left out: it makes no content possible that was not. */
function clipped(type: PackType, sums: readonly number[]): PackType {
  return { ...type, cap: type.cap.map((size, r) => Math.min(size, sums[r] ?? 0)) };
}

function typeOf({ cap, nano }: Buyable, name: string): PackType {
  return { name, cap, cost: nano, limit: null, paid: 0 };
}

/** The question as an `ecs-pack/1` file has it; money is nano-USD a month. */
export function packQuestionJson({ resources, types, shapes }: PackInput): Json {
  return {
    format: 'ecs-pack/1',
    resources,
    types: types.map(({ name, cap, cost, limit }) => ({
      name,
      cap,
      cost: cost.toString(),
      ...(limit === null ? {} : { limit }),
    })),
    shapes: shapes.map(({ id, req, count, types: allowed, perBin }) => ({
      id,
      req,
      count,
      ...(allowed === null ? {} : { types: allowed }),
      ...(perBin === null ? {} : { perBin }),
    })),
  };
}

/** What ECS would make of it, where that needs fewer instances than the packing found. */
export function betterOf(answer: PackAnswer, { contents, buyable, groups }: Placed): PackAnswer {
  const used = contents.filter((content) => content.size > 0);
  const cost = BigInt(used.length) * buyable.nano;
  if (cost >= answer.cost) return answer;
  const groupOf = new Map(groups.flatMap((group) => group.services.map(({ name }) => [name, nameOf(group)] as const)));
  const bins = used.map((content) => {
    const items = new Map<string, number>();
    for (const [service, tasks] of content) {
      const id = groupOf.get(service) ?? service;
      items.set(id, (items.get(id) ?? 0) + tasks);
    }
    return {
      type: buyable.type.name,
      count: 1,
      items: Object.fromEntries([...items].sort(([a], [b]) => (a < b ? -1 : 1))),
    };
  });
  return { ...answer, cost, bins, stopped: cost === answer.lowerBound ? 'proved' : answer.stopped };
}

/** Instances that the packing takes, and the fewest that its bound allows. */
export function packedCounts(
  { buyable }: Placed,
  answer: PackAnswer,
): { readonly packed: number; readonly fewest: number } {
  const packed = answer.bins.reduce((sum, { count }) => sum + count, 0);
  if (buyable.nano === 0n) return { packed, fewest: packed };
  return { packed, fewest: Number((answer.lowerBound + buyable.nano - 1n) / buyable.nano) };
}

const UNITS: readonly { readonly name: string; readonly per: number }[] = [
  { name: 'vCPU', per: 1024 },
  { name: 'GiB', per: 1024 },
  { name: 'network interfaces', per: 1 },
  { name: 'GPUs', per: 1 },
];

/** Why fewer instances are too few: by a resource where that is enough, else by the packing's bound. */
export function proofText(placed: Placed, answer: PackAnswer): string {
  const { buyable, services } = placed;
  const { packed, fewest } = packedCounts(placed, answer);
  const least = Math.min(
    buyable.atLeast,
    services.reduce((sum, { tasks }) => sum + tasks, 0),
  );
  const spread =
    packed < least
      ? ` ${packed === 1 ? 'One would do' : `${packed} would do`}; ${least} keep the tasks in as many zones.`
      : '';
  if (packed === 1)
    return `All of it fits on one ${buyable.type.name}.${packed < least ? ` ${least} keep the tasks in as many zones.` : ''}`;
  const fewer = packed - 1;
  for (const [r, unit] of UNITS.entries()) {
    const need = services.reduce((sum, service) => sum + service.tasks * (sizeOf(service)[r] ?? 0), 0);
    const room = fewer * (buyable.cap[r] ?? 0);
    if (need <= room) continue;
    const give = `${fewer === 1 ? '1 instance gives' : `${fewer} instances give`} ${shown(room / unit.per)}`;
    return `Needs ${shown(need / unit.per)} ${unit.name}; ${give}: ${packed} are needed.${spread}`;
  }
  const alike = placed.groups.length === 1 ? placed.groups[0] : undefined;
  const each =
    alike === undefined
      ? 0
      : Math.min(
          ...sizeOf(alike.like).map((size, r) =>
            size === 0 ? Number.MAX_SAFE_INTEGER : Math.floor((buyable.cap[r] ?? 0) / size),
          ),
        );
  if (alike !== undefined && each > 0 && fewest >= packed)
    return `${each} tasks fit on one instance; ${alike.tasks} tasks need ${packed}.${spread}`;
  if (fewest >= packed) return `No packing into ${fewer} exists: prices per task prove it.${spread}`;
  return `${packed} is the best packing found; the proof leaves room for ${fewest} at best.${spread}`;
}

/** At most two decimals. */
function shown(value: number): string {
  return String(Number(value.toFixed(2)));
}
