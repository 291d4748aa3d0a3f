/** The question of one Auto Scaling group: its instances, its movable tasks, and what it could launch. */
import type { ConsolidateInput, ConsolidateService, ConsolidateType, RunningInstance } from '../consolidate/model.ts';
import { type ClusterIndex, serviceOf } from '../cost/cluster-context.ts';
import { type InstancePricer, wholeRate } from '../cost/instance-price.ts';
import { decimalFact } from '../fact-values.ts';
import type { AutoScalingGroup } from '../model.ts';
import type { CapacityProvider } from '../model-cluster.ts';
import type { InstanceType } from '../prices.ts';
import { toNanoUsd } from '../units.ts';
import { type Demand, demandOf, hasTrunk, interfaceSlots, type Resources, resourcesOf } from './demand.ts';
import { type Host, hostPin, hostsOf, hostTrouble, taskPin, typesByName } from './hosts.ts';
import { type Lately, leftWords } from './lately.ts';
import { type ServiceSplit, splitServices, toQuestionService } from './services.ts';
import type { LiveQuestion, ProviderQuestion } from './types.ts';
import { asgNotes, asgRisks } from './words.ts';

type AsgProvider = Extract<CapacityProvider, { readonly kind: 'asg' }>;

/** Per wave at most this share of the instances drains, one at least. */
const DRAIN_SHARE = 0.1;

export type Prepared = {
  readonly question: LiveQuestion;
  readonly index: ClusterIndex;
  readonly pricer: InstancePricer;
};

/** Null of `because` = asked. Groups that were not read, and providers without instances, ask nothing. */
export function asgQuestion(prepared: Prepared, provider: AsgProvider): ProviderQuestion {
  const { question, index } = prepared;
  const hosts = hostsOf(question, prepared, provider);
  const group = question.region?.autoScalingGroups.find(({ name }) => name === provider.autoScalingGroup);
  const skipped = (because: string): ProviderQuestion => ({
    kind: 'skipped',
    name: provider.name,
    because,
    instances: hosts.length,
    providerKind: 'asg',
  });
  if (hosts.length === 0) return skipped('no instance runs');
  if (group === undefined) return skipped(`its Auto Scaling group ${provider.autoScalingGroup} was not read`);
  const split = splitServices(question, index, hosts);
  const spares = sparesOf(provider, hosts, index);
  question.facts.cite('ecs.slots.eni-table');
  const left = question.lately.left.filter((row) => row.provider === provider.name);
  const asked: Asked = { ...prepared, hosts, group, split, spares, left };
  const shown = { hosts, group, provider, split, question, spares };
  return {
    kind: 'asg',
    name: provider.name,
    group: group.name,
    maxSize: group.maxSize,
    desiredCapacity: group.desiredCapacity,
    targetCapacityPercent: provider.managedScaling?.targetCapacityPercent ?? null,
    spares: [...spares].sort(),
    input: inputOf(asked),
    hosts: Object.fromEntries(
      hosts.map((host) => [host.id, { containerInstance: host.container.arn, type: host.typeName, az: host.az }]),
    ),
    strategies: Object.fromEntries([...split.movable].map(([name, { service }]) => [name, service.placementStrategy])),
    notes: [...asgNotes(shown), ...left.map(leftWords)],
    risks: asgRisks(shown),
  };
}

type Asked = Prepared & {
  readonly hosts: readonly Host[];
  readonly group: AutoScalingGroup;
  readonly split: ServiceSplit;
  /** Instances that ECS managed scaling keeps empty. */
  readonly spares: ReadonlySet<string>;
  /** Types that the provider gave up within the cool-down. */
  readonly left: Lately['left'];
};

/**
 * Managed scaling wants M of N instances in use, M / N = its target; below 100 % the rest are empty on purpose, and one
 * that is ended comes back. Which of the empty ones is the spare does not matter: the cheapest to keep.
 */
function sparesOf({ managedScaling }: AsgProvider, hosts: readonly Host[], index: ClusterIndex): ReadonlySet<string> {
  const target = managedScaling?.targetCapacityPercent ?? 100;
  const empty = hosts.filter((host) => hostTrouble(host) === null && isEmpty(host, index));
  const used = hosts.length - hosts.filter((host) => isEmpty(host, index)).length;
  const wanted = Math.ceil((used * 100) / target) - used;
  const byPrice = [...empty].sort((a, b) => ((a.price ?? 0n) < (b.price ?? 0n) ? -1 : 1));
  return new Set(byPrice.slice(0, wanted).map(({ id }) => id));
}

function isEmpty({ tasks }: Host, { daemons }: ClusterIndex): boolean {
  return tasks.every(({ group }) => daemons.has(serviceOf(group) ?? ''));
}

function inputOf(asked: Asked): ConsolidateInput {
  const { hosts, group, split, question } = asked;
  const resources = resourcesOf(new Map([...split.movable].map(([name, { demand }]) => [name, demand])));
  const variants = variantsOf(asked, resources);
  const azs = [...new Set([...group.availabilityZones, ...hosts.map(({ az }) => az)])].sort();
  const instances = hosts.map((host) => toInstance(asked, { host, resources, variants }));
  const architectures = new Map(variants.map(({ name, architecture }) => [name, architecture]));
  const services = [...split.movable].map(([name, movable]): ConsolidateService => {
    const counts = instances.flatMap(({ type, tasks }) => {
      const count = tasks[name] ?? 0;
      return count === 0 ? [] : [{ variant: type, count }];
    });
    return toQuestionService(movable, {
      req: resources.of,
      variants,
      azs,
      counts,
      largestShare: question.guardrails.largestShare,
      architecture: architectures.get(counts[0]?.variant ?? '') ?? movable.definition.architecture,
    });
  });
  return {
    resources: resources.names,
    azs,
    types: variants.map(({ name, cap, cost, mayLaunch }): ConsolidateType => ({ name, cap, cost, mayLaunch })),
    services,
    instances,
    policy: { azSpreadMaxSkew: 1, maxDrainFractionPerWave: DRAIN_SHARE, minInstances: group.minSize },
  };
}

/** One way to have an instance of a type: bought on demand or on Spot, at one price. */
type Variant = ConsolidateType & {
  readonly instanceType: string;
  readonly architecture: string;
  readonly isSpot: boolean;
};

/** What the group may launch, then what runs at other prices or is no type of the group any more. */
function variantsOf(asked: Asked, resources: Resources): readonly Variant[] {
  const variants: Variant[] = launchable(asked, resources);
  const names = new Set(variants.map(({ name }) => name));
  for (const host of asked.hosts) {
    if (variantFor(variants, host) !== undefined) continue;
    const isSpot = host.lifecycle === 'spot';
    const name = freshName(`${host.typeName}${isSpot ? ' Spot' : ''}`, host, names);
    names.add(name);
    variants.push({
      name,
      instanceType: host.typeName,
      architecture: host.container.architecture ?? host.type?.architecture ?? 'x86_64',
      isSpot,
      cap: capacityOf(asked, { host, resources }),
      cost: host.price ?? 0n,
      mayLaunch: false,
    });
  }
  return variants;
}

function variantFor(variants: readonly Variant[], host: Host): Variant | undefined {
  return variants.find(
    ({ instanceType, isSpot, cost }) =>
      instanceType === host.typeName && isSpot === (host.lifecycle === 'spot') && cost === (host.price ?? 0n),
  );
}

function freshName(base: string, { az, diskGiB }: Host, taken: ReadonlySet<string>): string {
  const wishes = [base, `${base} ${az}`, `${base} ${az} ${diskGiB} GiB`];
  const free = wishes.find((name) => !taken.has(name));
  if (free !== undefined) return free;
  let number = 2;
  while (taken.has(`${base} ${az} (${number})`)) number += 1;
  return `${base} ${az} (${number})`;
}

/**
 * New instances of the group. Only a group that buys nothing on demand is known to launch Spot; any other may launch on
 * demand, the dearer, and counts so. New Spot counts at the highest price among the group's zones.
 */
function launchable(asked: Asked, resources: Resources): Variant[] {
  const { group, hosts, question } = asked;
  const types = typesByName(question.prices);
  const isSpot = group.onDemandPercentageAboveBase === 0 && group.onDemandBaseCapacity === 0;
  const diskGiB = Math.max(0, ...hosts.map((host) => host.diskGiB));
  return group.instanceTypes.flatMap((instanceType): readonly Variant[] => {
    const type = types.get(instanceType);
    if (type === undefined || asked.left.some((row) => row.type === instanceType)) return [];
    const cost = launchPrice(asked, { instanceType, isSpot, diskGiB });
    if (cost === null) return [];
    return [
      {
        name: `${instanceType}${isSpot ? ' Spot' : ''}`,
        instanceType,
        architecture: type.architecture,
        isSpot,
        cap: newCapacity(asked, type, resources),
        cost,
        mayLaunch: true,
      },
    ];
  });
}

function launchPrice(
  { pricer, group, hosts }: Asked,
  wish: { readonly instanceType: string; readonly isSpot: boolean; readonly diskGiB: number },
): bigint | null {
  const zones = group.availabilityZones.length > 0 ? group.availabilityZones : hosts.map(({ az }) => az);
  let dearest: bigint | null = null;
  for (const az of new Set(zones)) {
    const rates = pricer(
      {
        type: wish.instanceType,
        az,
        lifecycle: wish.isSpot ? 'spot' : 'on-demand',
        state: 'running',
        volumes: wish.diskGiB === 0 ? [] : [{ id: 'new', sizeGiB: wish.diskGiB, type: 'gp3' }],
      },
      wish.isSpot ? 'asg-spot' : 'asg-on-demand',
    );
    if (typeof rates === 'string') return null;
    const price = toNanoUsd(wholeRate(rates));
    if (dearest === null || price > dearest) dearest = price;
  }
  return dearest;
}

/** A new instance with the provider's daemons on it: as those of its type registered, else by the usual share. */
function newCapacity({ hosts, index, question }: Asked, type: InstanceType, resources: Resources): readonly number[] {
  const alike = hosts.filter(({ typeName }) => typeName === type.name).map(({ container }) => container);
  const least = (values: readonly number[], otherwise: () => number): number =>
    values.length === 0 ? otherwise() : Math.min(...values);
  const registered = {
    cpuUnits: least(
      alike.map(({ registered: { cpuUnits } }) => cpuUnits),
      () => type.vcpu * 1024,
    ),
    memoryMiB: least(
      alike.map(({ registered: { memoryMiB } }) => memoryMiB),
      () => {
        const share = decimalFact(question.facts, 'ecs.memory-registered-fraction');
        return Number((BigInt(type.memoryMiB) * share.n) / share.d);
      },
    ),
  };
  const daemons = daemonDemands(hosts, index);
  const sum = (of: (demand: Demand) => number): number => daemons.reduce((total, demand) => total + of(demand), 0);
  const isTrunking = hosts.every(({ container }) => hasTrunk(container));
  const taken = new Set(daemons.flatMap(({ ports }) => ports));
  return resources.room({
    cpuUnits: registered.cpuUnits - sum(({ cpuUnits }) => cpuUnits),
    memoryMiB: registered.memoryMiB - sum(({ memoryMiB }) => memoryMiB),
    interfaces: interfaceSlots(type, isTrunking) - sum(({ interfaces }) => interfaces),
    gpus: (type.gpu?.count ?? 0) - sum(({ gpus }) => gpus),
    isFree: (port) => !taken.has(port),
  });
}

/** What the daemons of the provider take from each instance: every one of them counts on every new instance. */
function daemonDemands(hosts: readonly Host[], index: ClusterIndex): readonly Demand[] {
  const names = new Set(
    hosts
      .flatMap(({ tasks }) => tasks.flatMap(({ group }) => serviceOf(group) ?? []))
      .filter((name) => index.daemons.has(name)),
  );
  return index.view.services
    .filter(({ name }) => names.has(name))
    .map(({ taskDefinition }) => demandOf(null, index.definition(taskDefinition)));
}

/**
 * What the movable tasks may use of a running instance: what ECS says is left, and what those tasks have. Everything
 * else on it (daemons, tasks that stay, reserves) is thereby taken off.
 */
function capacityOf(
  { index, split }: Pick<Asked, 'index' | 'split'>,
  { host, resources }: { readonly host: Host; readonly resources: Resources },
): readonly number[] {
  const { remaining } = host.container;
  const moving = movingTasks(host, split).map(({ demand }) => demand);
  const staying = host.tasks.filter(({ group }) => !split.movable.has(serviceOf(group) ?? ''));
  const sum = (of: (demand: Demand) => number): number => moving.reduce((total, demand) => total + of(demand), 0);
  const interfacesTaken = staying.filter(
    ({ taskDefinition }) => index.definition(taskDefinition)?.networkMode === 'awsvpc',
  ).length;
  const own = new Set(moving.flatMap(({ ports }) => ports));
  const slots = interfaceSlots(host.type, hasTrunk(host.container)) - interfacesTaken;
  return resources.room({
    cpuUnits: remaining.cpuUnits + sum(({ cpuUnits }) => cpuUnits),
    memoryMiB: remaining.memoryMiB + sum(({ memoryMiB }) => memoryMiB),
    // The tasks that run are a fact; a slot table that would forbid them is not.
    interfaces: Math.max(
      slots,
      sum(({ interfaces }) => interfaces),
    ),
    gpus: remaining.gpus + sum(({ gpus }) => gpus),
    isFree: (port) => own.has(port) || !remaining.ports.includes(port),
  });
}

function movingTasks(host: Host, { movable }: ServiceSplit) {
  return host.tasks.flatMap(({ group }) => movable.get(serviceOf(group) ?? '') ?? []);
}

function toInstance(
  asked: Asked,
  at: { readonly host: Host; readonly resources: Resources; readonly variants: readonly Variant[] },
): RunningInstance {
  const { host, resources, variants } = at;
  const variant = variantFor(variants, host);
  const cap = capacityOf(asked, { host, resources });
  const tasks: { [service: string]: number } = {};
  for (const { service } of movingTasks(host, asked.split)) tasks[service.name] = (tasks[service.name] ?? 0) + 1;
  const { stays } = asked.split;
  return {
    id: host.id,
    type: variant?.name ?? host.typeName,
    az: host.az,
    covered: host.machine?.capacityReservationId != null,
    pinned:
      (asked.spares.has(host.id) ? 'empty on purpose: managed scaling keeps it for quick starts' : null) ??
      hostPin(host, asked.question) ??
      gpuPin(host, asked.hosts) ??
      taskPin(host, { index: asked.index, now: asked.question.now, stays }),
    accepts: hostTrouble(host) === null && !asked.spares.has(host.id),
    cap: cap.join() === variant?.cap.join() ? null : cap,
    tasks: Object.fromEntries(Object.entries(tasks).sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** A GPU host whose type registers other GPUs elsewhere is partitioned in another way: its tasks may not fit there. */
function gpuPin({ container, typeName }: Host, hosts: readonly Host[]): string | null {
  const { gpus } = container.registered;
  const differs = hosts.some((host) => host.typeName === typeName && host.container.registered.gpus !== gpus);
  return differs ? 'its GPUs are divided in another way than those of its kind' : null;
}
