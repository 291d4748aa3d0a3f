/** Services of equal tasks are one group, and each group knows where it can go and what it costs on Fargate. */
import { catalogue } from '../capacity/catalogue.ts';
import { cheapestSize, type FargateSize, fargateRate, sizeUsdPerHour } from '../capacity/fargate.ts';
import { MONTH } from '../capacity/lines.ts';
import { objections } from '../capacity/rules.ts';
import type { CapacityKind, CapacityQuestion, Reason } from '../capacity/types.ts';
import { decimalFact, numberFact } from '../fact-values.ts';
import type { FactBook } from '../facts.ts';
import type { PriceBook } from '../prices.ts';
import { add, multiply, type Rational, rational, whole } from '../units.ts';
import { matchesGlob } from './constraints.ts';
import type { ClusterQuestion, Workload, WorkService } from './types.ts';

export type World = { readonly prices: PriceBook; readonly facts: FactBook };

export type Group = {
  readonly services: readonly WorkService[];
  /** What every service of the group asks for; the first of them. */
  readonly like: WorkService;
  readonly tasks: number;
  /** Null where it can run; else the first reason why not. */
  readonly against: { readonly [K in 'fargate' | 'mi-on-demand' | 'asg-on-demand']: Reason | null };
  /** Types that hold at least one of its tasks, by name. */
  readonly types: ReadonlySet<string>;
  readonly fargate: FargatePlace | null;
};

/** The legal size, and USD an hour of one task on Fargate and on Fargate Spot (null = no Spot price). */
export type FargatePlace = {
  readonly size: FargateSize;
  readonly usdPerHour: Rational;
  readonly spotUsdPerHour: Rational | null;
};

/** One group for every distinct kind of task, in the order of the first service of each. */
export function groupsOf(question: ClusterQuestion, workload: Workload, world: World): readonly Group[] {
  const byTask = new Map<string, WorkService[]>();
  for (const service of workload.services) {
    const { name: _n, tasks: _t, order: _o, spotTasks, placement: _p, apart, ...task } = service;
    const spot = spotTasks === 0 ? 'none' : spotTasks === service.tasks ? 'all' : service.name;
    // A limit per instance counts the tasks of one service, not those of its twins.
    const own = service.perInstance === null ? '' : service.name;
    const key = JSON.stringify([task, apart, spot, own]);
    const group = byTask.get(key);
    if (group === undefined) byTask.set(key, [service]);
    else group.push(service);
  }
  return [...byTask.values()].map((services) => groupOf(question, workload, { services, world }));
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
      'mi-on-demand': why('mi-on-demand') ?? noType,
      'asg-on-demand': (like.neuron ? neuronReason() : why('asg-on-demand')) ?? noType,
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
    interruptible: false,
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
    commitments: { savingsPlanUsdPerHour: null, savingsPlanTerm: '1y', reserved: [] },
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
    usdPerHour: add(sizeUsdPerHour(size, rate), more),
    spotUsdPerHour: spot === null ? null : add(sizeUsdPerHour(size, spot), more),
  };
}

/** USD a month of a service on Fargate: its Spot tasks stay on Spot where there is a price. */
export function fargateUsdPerMonth({ tasks, spotTasks }: WorkService, place: FargatePlace): Rational {
  const spot = place.spotUsdPerHour === null ? 0 : spotTasks;
  const onDemand = multiply(place.usdPerHour, whole(tasks - spot));
  const hourly = spot === 0 ? onDemand : add(onDemand, multiply(place.spotUsdPerHour ?? whole(0), whole(spot)));
  return multiply(hourly, MONTH);
}
