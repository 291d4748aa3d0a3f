/** Services of equal tasks are one group, and each group knows where it can go and what it costs on Fargate. */
import { catalogue } from '../capacity/catalogue.ts';
import { cheapestSize, type FargateSize, fargateRate, sizeUsdPerHour } from '../capacity/fargate.ts';
import { MONTH } from '../capacity/lines.ts';
import { objections } from '../capacity/rules.ts';
import type { CapacityKind, CapacityQuestion, Reason } from '../capacity/types.ts';
import { decimalFact, numberFact } from '../fact-values.ts';
import type { FactBook } from '../facts.ts';
import type { PriceBook } from '../prices.ts';
import { add, multiply, type NanoUsd, type Rational, rational, toNanoUsd, whole } from '../units.ts';
import { matchesGlob } from './constraints.ts';
import type { PlanKind } from './kinds.ts';
import type { ClusterQuestion, ProviderKind, Workload, WorkService } from './types.ts';

export type World = { readonly prices: PriceBook; readonly facts: FactBook };

export type Group = {
  readonly services: readonly WorkService[];
  /** What every service of the group asks for; the first of them. */
  readonly like: WorkService;
  readonly tasks: number;
  /** Null where it can run; else the first reason why not. */
  readonly against: { readonly [K in 'fargate' | 'fargate-spot' | ProviderKind]: Reason | null };
  /** Types that hold at least one of its tasks, by name. */
  readonly types: ReadonlySet<string>;
  readonly fargate: FargatePlace | null;
};

/**
 * The legal size, and USD an hour of one task on Fargate and on Fargate Spot (null = no Spot price). Commitments may pay
 * for `coverable`: storage and addresses are not in it.
 */
export type FargatePlace = {
  readonly size: FargateSize;
  readonly coverableUsdPerHour: Rational;
  readonly usdPerHour: Rational;
  readonly spotUsdPerHour: Rational | null;
};

/** One group for every distinct kind of task, in the order of the first service of each. */
export function groupsOf(question: ClusterQuestion, workload: Workload, world: World): readonly Group[] {
  const byTask = new Map<string, WorkService[]>();
  for (const service of workload.services) {
    const {
      name: _n,
      tasks: _t,
      order: _o,
      spotTasks,
      placement: _p,
      apart,
      onSpot: _s,
      notOnSpot: _w,
      ...task
    } = service;
    const spot = spotTasks === 0 ? 'none' : spotTasks === service.tasks ? 'all' : service.name;
    // A limit per instance counts the tasks of one service, not those of its twins.
    const own = service.perInstance === null ? '' : service.name;
    const key = JSON.stringify([task, apart, spot, own, mayBeInterrupted(question, service)]);
    const group = byTask.get(key);
    if (group === undefined) byTask.set(key, [service]);
    else group.push(service);
  }
  return [...byTask.values()].map((services) => groupOf(question, workload, { services, world }));
}

/** True for a service that is on Spot already, or that the question names and nothing speaks against. */
export function mayBeInterrupted({ interruptible }: ClusterQuestion, service: WorkService): boolean {
  if (service.onSpot) return true;
  return service.notOnSpot === null && interruptible.some((glob) => matchesGlob(glob, service.name));
}

function groupOf(
  question: ClusterQuestion,
  workload: Workload,
  { services, world }: { readonly services: readonly WorkService[]; readonly world: World },
): Group {
  const [like] = services;
  if (like === undefined) throw new Error('invariant: a group has a service');
  const asked = taskQuestion(question, like, workload);
  const { facts, prices } = world;
  const fitting = catalogue(asked, prices, facts).fitting.filter(
    ({ type }) =>
      prices.onDemand[type.name]?.kind === 'sourced' &&
      like.onlyTypes.every((globs) => globs.some((glob) => matchesGlob(glob, type.name))),
  );
  const types = new Set(fitting.map(({ type }) => type.name));
  const fargate = fargatePlace(asked, world);
  const why = (kind: CapacityKind): Reason | null => objections(kind, asked, facts)[0]?.reason ?? null;
  const noType: Reason | null =
    types.size > 0
      ? null
      : { rule: 'no-type-fits', fact: 'mi.instance-types', text: 'No instance type holds one task.' };
  const noSize: Reason | null =
    fargate !== null
      ? null
      : { rule: 'fargate-size', fact: 'fargate.sizes', text: 'No legal Fargate size is large enough.' };
  return {
    services,
    like,
    tasks: services.reduce((sum, { tasks }) => sum + tasks, 0),
    against: {
      fargate: why('fargate') ?? noSize,
      'fargate-spot': why('fargate-spot') ?? noSize,
      'mi-reserved': why('mi-reserved') ?? noType,
      'mi-on-demand': why('mi-on-demand') ?? noType,
      'mi-spot': why('mi-spot') ?? noType,
      'asg-on-demand': (like.neuron ? neuronReason() : why('asg-on-demand')) ?? noType,
      'asg-spot': (like.neuron ? neuronReason() : why('asg-spot')) ?? noType,
    },
    types,
    fargate,
  };
}

function neuronReason(): Reason {
  return {
    rule: 'mi-neuron',
    fact: null,
    text: 'The NeuronDevice resource exists on Managed Instances only.',
  };
}

/** The question that `capacity` would be asked about one task: rules, sizes and catalogue are those of a single task. */
function taskQuestion(question: ClusterQuestion, service: WorkService, workload: Workload): CapacityQuestion {
  return {
    cpuUnits: Math.max(1, service.cpuUnits),
    memoryMiB: Math.max(1, service.memoryMiB),
    tasks: 1,
    batch: null,
    region: question.region,
    asOf: question.asOf,
    architecture: service.architecture,
    cpuManufacturer: null,
    needs: service.needs,
    gpu: service.gpus === 0 ? null : { name: null, count: service.gpus },
    neuron: service.neuron ? { name: null, count: 1 } : null,
    interruptible: mayBeInterrupted(question, service),
    isolation: 'none',
    storageGiB: service.storageGiB,
    publicIp: service.publicIp,
    retryFraction: '0',
    scaleInAfterSeconds: null,
    targetCapacityPercent: question.targetCapacityPercent,
    rootGiB: question.rootGiB,
    minInstances: question.minInstances,
    daemonCpuUnits: workload.daemons.cpuUnits,
    daemonMemoryMiB: workload.daemons.memoryMiB,
    burstable: question.burstable,
    types: question.types,
    commitments: { savingsPlanUsdPerHour: null, savingsPlanTerm: '1y', reserved: reservedOf(question, workload) },
    quotas: [],
    minimumSaving: question.minimumSaving,
  };
}

function fargatePlace(asked: CapacityQuestion, { prices, facts }: World): FargatePlace | null {
  const rate = fargateRate({ prices, question: asked }, 'fargate');
  if (rate === null) return null;
  const size = cheapestSize(asked, facts, rate);
  if (size === null) return null;
  const extraGiB = Math.max(0, (asked.storageGiB ?? 0) - numberFact(facts, 'fargate.ephemeral.included-gib'));
  const storage = multiply(whole(extraGiB), rational(prices.ephemeralGibUsdPerHour));
  const more = asked.publicIp ? add(storage, decimalFact(facts, 'ipv4.usd-per-hour')) : storage;
  const spot = fargateRate({ prices, question: asked }, 'fargate-spot');
  return {
    size,
    coverableUsdPerHour: sizeUsdPerHour(size, rate),
    usdPerHour: add(sizeUsdPerHour(size, rate), more),
    spotUsdPerHour: spot === null ? null : add(sizeUsdPerHour(size, spot), more),
  };
}

/** Tasks of a service on Fargate Spot: those that are there today, or all where the plan and the service allow it. */
export function spotTasksOf({ fargate, against }: Group, service: WorkService, plan: PlanKind['fargate']): number {
  if (fargate === null || fargate.spotUsdPerHour === null) return 0;
  return plan === 'fargate-spot' && against['fargate-spot'] === null ? service.tasks : service.spotTasks;
}

/** Nano-USD a month of a group on Fargate, each service rounded; 0 where it has no place there. */
export function fargateNano(group: Group, plan: PlanKind['fargate']): NanoUsd {
  const { fargate } = group;
  if (fargate === null) return 0n;
  return group.services.reduce((sum, service) => {
    const spot = spotTasksOf(group, service, plan);
    const onDemand = multiply(fargate.usdPerHour, whole(service.tasks - spot));
    const hourly = spot === 0 ? onDemand : add(onDemand, multiply(fargate.spotUsdPerHour ?? whole(0), whole(spot)));
    return sum + toNanoUsd(multiply(hourly, MONTH));
  }, 0n);
}

/** Reserved instances that the cluster may fill: those that stand empty, as asked or as scanned, and those it fills. */
export function reservedOf(
  { commitments }: ClusterQuestion,
  { reserved }: Pick<Workload, 'reserved'>,
): readonly { readonly instanceType: string; readonly count: number }[] {
  const counts = new Map<string, number>();
  const see = (instanceType: string, count: number): void => {
    if (count > 0) counts.set(instanceType, (counts.get(instanceType) ?? 0) + count);
  };
  for (const { instanceType, empty, used } of reserved)
    see(instanceType, used + (commitments.reserved === null ? empty : 0));
  for (const { instanceType, count } of commitments.reserved ?? []) see(instanceType, count);
  return [...counts].map(([instanceType, count]) => ({ instanceType, count })).sort(byType);
}

function byType(a: { readonly instanceType: string }, b: { readonly instanceType: string }): number {
  return a.instanceType < b.instanceType ? -1 : 1;
}
