/** One option for the whole cluster: what goes to Fargate, and which pinned providers hold the rest. */
import type { Reason } from '../capacity/types.ts';
import { ceilDiv, type NanoUsd, toNanoUsd } from '../units.ts';
import { isComplete, problemOf } from './assign.ts';
import { type Buyable, sizeOf } from './buyable.ts';
import { fargateUsdPerMonth, type Group } from './groups.ts';
import { land } from './land.ts';
import { type FoundSet, searchSets } from './search.ts';
import type { ClusterKind, ClusterQuestion, ProviderKind, WorkService } from './types.ts';

export type Prepared = {
  readonly question: ClusterQuestion;
  readonly groups: readonly Group[];
  /** By kind, without types that another one replaces. */
  readonly types: { readonly [K in ProviderKind]: readonly Buyable[] };
};

/** A provider before it has a name: its type, its services, and what ECS would make of them. */
export type Placed = {
  readonly buyable: Buyable;
  readonly groups: readonly Group[];
  /** In the order they were created. */
  readonly services: readonly WorkService[];
  /** Instances by what they hold, empty ones of the minimum included. */
  readonly contents: readonly ReadonlyMap<string, number>[];
  /** With the reserve of `targetCapacity`. */
  readonly count: number;
  /** Instances that hold something. */
  readonly used: number;
};

export type Plan = {
  readonly kind: ClusterKind;
  readonly fargate: readonly Group[];
  readonly providers: readonly Placed[];
  /** Groups that the main kind cannot run, so another kind has to. */
  readonly displaced: readonly { readonly group: Group; readonly reason: Reason; readonly to: ProviderKind }[];
};

export type Planned =
  | { readonly kind: 'plan'; readonly plan: Plan }
  | { readonly kind: 'none'; readonly reasons: readonly Reason[] };

type Main = { readonly instances: ProviderKind | null; readonly fargate: boolean };

const MAIN: { readonly [K in ClusterKind]: Main } = {
  fargate: { instances: null, fargate: true },
  'fargate+mi-on-demand': { instances: 'mi-on-demand', fargate: true },
  'mi-on-demand': { instances: 'mi-on-demand', fargate: false },
  'fargate+asg-on-demand': { instances: 'asg-on-demand', fargate: true },
  'asg-on-demand': { instances: 'asg-on-demand', fargate: false },
};

/**
 * The cheapest plan found for one kind, by what ECS would make of it. Services that the kind cannot run keep a provider
 * of another kind; those providers count towards the question's limit too.
 */
export function planCluster(prepared: Prepared, kind: ClusterKind): Planned {
  const main = MAIN[kind];
  const split = partition(prepared.groups, main);
  if (split.nowhere.length > 0) {
    return { kind: 'none', reasons: split.nowhere.map((group) => named(group, group.against['asg-on-demand'])) };
  }
  let left = prepared.question.providers;
  const rest: Placed[] = [];
  for (const own of REST_KINDS) {
    const groups = split.displaced.filter(({ to }) => to === own).map(({ group }) => group);
    if (groups.length === 0) continue;
    const found = cheapest(prepared, { kind: own, groups, mayUseFargate: false, most: left });
    if (found === null) return tooFew(prepared, groups);
    rest.push(...found.providers);
    left -= found.providers.length;
  }
  if (main.instances === null) {
    return { kind: 'plan', plan: { kind, fargate: split.main, providers: rest, displaced: split.displaced } };
  }
  const found = cheapest(prepared, {
    kind: main.instances,
    groups: split.main,
    mayUseFargate: main.fargate,
    most: left,
  });
  if (found === null) return tooFew(prepared, split.main);
  return {
    kind: 'plan',
    plan: { kind, fargate: found.fargate, providers: [...found.providers, ...rest], displaced: split.displaced },
  };
}

const REST_KINDS: readonly ProviderKind[] = ['mi-on-demand', 'asg-on-demand'];

function named({ services }: Group, reason: Reason | null): Reason {
  const others = services.length === 1 ? '' : ` and ${services.length - 1} more`;
  const text = `${services[0]?.name ?? ''}${others}: ${reason?.text ?? 'nothing can run it.'}`;
  return { rule: reason?.rule ?? 'no-type-fits', fact: reason?.fact ?? null, text };
}

function tooFew({ question }: Prepared, groups: readonly Group[]): Planned {
  const names = groups.slice(0, 3).map(({ like }) => like.name);
  const text = `No ${question.providers === 1 ? 'one type' : `${question.providers} types`} can hold every task of ${names.join(', ')}${groups.length > 3 ? ' and others' : ''}; more providers may.`;
  return { kind: 'none', reasons: [{ rule: 'too-few-providers', fact: null, text }] };
}

function partition(groups: readonly Group[], main: Main) {
  const mine: Group[] = [];
  const nowhere: Group[] = [];
  const displaced: { group: Group; reason: Reason; to: ProviderKind }[] = [];
  for (const group of groups) {
    const { against } = group;
    const onFargate = main.fargate && against.fargate === null;
    const onInstances = main.instances !== null && against[main.instances] === null;
    const to = REST_KINDS.find((kind) => against[kind] === null);
    const reason = main.instances === null ? against.fargate : against[main.instances];
    if (onFargate || onInstances) mine.push(group);
    else if (to === undefined) nowhere.push(group);
    else displaced.push({ group, to, reason: reason ?? { rule: 'no-type-fits', fact: null, text: '' } });
  }
  return { main: mine, nowhere, displaced };
}

type Part = {
  readonly kind: ProviderKind;
  readonly groups: readonly Group[];
  readonly mayUseFargate: boolean;
  readonly most: number;
};
type Found = { readonly fargate: readonly Group[]; readonly providers: readonly Placed[] };

/** From here on only the best set of each size is placed: placing takes longest. */
const MANY_TASKS = 4_000;

/** Of the best sets of every size, the one that is cheapest once ECS has placed the tasks. */
function cheapest(prepared: Prepared, { kind, groups, mayUseFargate, most }: Part): Found | null {
  if (groups.length === 0) return { fargate: [], providers: [] };
  const costs = groups.map(fargateNano);
  const fargate = mayUseFargate ? costs.map((nano, g) => (isOnFargate(groups[g]) ? nano : null)) : null;
  const runnable = (group: Group): boolean => group.against[kind] === null;
  const types = prepared.types[kind];
  const problem = problemOf({ groups, types, fargate, runnable });
  const tasks = groups.reduce((sum, group) => sum + group.tasks, 0);
  const isTried = ({ rank }: FoundSet): boolean => rank === 0 || tasks <= MANY_TASKS;
  // A mix that Fargate only seems to make cheaper must not hide the plan without it.
  const whole =
    fargate === null
      ? []
      : searchSets({ ...problem, fargate: problem.fargate.map(() => Number.POSITIVE_INFINITY) }, most);
  let best: (Found & { readonly nano: NanoUsd }) | null = null;
  for (const { set, found } of [...whole, ...searchSets(problem, most)].filter(isTried)) {
    if (!isComplete(found)) continue;
    if (best !== null && found.cost >= Number(best.nano)) continue;
    const providers = set.flatMap((type, position): readonly Placed[] => {
      const own = groups.filter((_, g) => found.to[g] === position);
      const buyable = types[type];
      return own.length === 0 || buyable === undefined ? [] : [placed(prepared.question, buyable, own)];
    });
    const onFargate = groups.filter((_, g) => (found.to[g] ?? 0) < 0);
    const nano =
      onFargate.reduce((sum, group) => sum + fargateNano(group), 0n) +
      providers.reduce((sum, { buyable, count }) => sum + BigInt(count) * buyable.nano, 0n);
    if (best === null || nano < best.nano) best = { fargate: onFargate, providers, nano };
  }
  return best;
}

const isOnFargate = (group: Group | undefined): boolean => group?.against.fargate === null;

/** Nano-USD a month of a group on Fargate, its Spot tasks on Spot; 0 where it has no place there. */
export function fargateNano(group: Group): NanoUsd {
  const { fargate } = group;
  if (fargate === null) return 0n;
  return group.services.reduce((sum, service) => sum + toNanoUsd(fargateUsdPerMonth(service, fargate)), 0n);
}

/** Lets ECS place the services of these groups on instances of one type. */
export function placed(question: ClusterQuestion, buyable: Buyable, groups: readonly Group[]): Placed {
  const services = groups.flatMap((group) => group.services).sort((a, b) => a.order - b.order);
  const tasks = services.reduce((sum, service) => sum + service.tasks, 0);
  const contents = land({
    services: services.map((service) => ({
      name: service.name,
      size: sizeOf(service),
      tasks: service.tasks,
      perInstance: service.perInstance ?? Number.MAX_SAFE_INTEGER,
      placement: service.placement,
    })),
    cap: buyable.cap,
    atLeast: Math.min(buyable.atLeast, tasks),
    kind: buyable.kind,
  });
  return {
    buyable,
    groups,
    services,
    contents,
    count: withReserve(question, buyable, contents.length),
    used: contents.filter((content) => content.size > 0).length,
  };
}

/** Instances that an ASG provider keeps for `needed` full ones at its target capacity. */
export function withReserve({ targetCapacityPercent }: ClusterQuestion, { kind }: Buyable, needed: number): number {
  return kind === 'mi-on-demand' ? needed : ceilDiv(needed * 100, targetCapacityPercent);
}
