/** What a cluster's instances cost, and which of its services use them (design 5: split by the larger share). */
import { MONTH } from '../capacity/lines.ts';
import type { Ec2Instance } from '../model.ts';
import type { ContainerInstance } from '../model-cluster.ts';
import { multiply, type NanoUsd, toNanoUsd, usdString, whole } from '../units.ts';
import { instantOf } from '../windows/instant.ts';
import { type ClusterIndex, instanceKind, serviceOf } from './cluster-context.ts';
import { standaloneName } from './fargate-cost.ts';
import { type InstancePricer, wholeRate } from './instance-price.ts';
import { costOf, overlapMs, type Span } from './span.ts';
import { splitNano } from './split.ts';
import { taskSize } from './task-size.ts';
import type { CostBasis, CostKind, EmptyInstance, Unpriced } from './types.ts';

/** A whole instance over the period. */
export type InstanceCost = {
  readonly id: string;
  readonly instanceType: string;
  readonly kind: CostKind;
  readonly ms: number;
  readonly nano: NanoUsd;
  /** Of `nano`, the volumes. */
  readonly diskNano: NanoUsd;
  /** A month of 730 h. */
  readonly monthNano: NanoUsd;
  readonly basis: CostBasis;
};

/** Compute, fee and volumes, each rounded once; or why there is no price. */
export function instanceCost(
  instance: Ec2Instance,
  kind: CostKind,
  by: { readonly price: InstancePricer; readonly span: Span },
): InstanceCost | string {
  const rates = by.price(instance, kind);
  if (typeof rates === 'string') return rates;
  const end = instance.endedAt === null ? by.span.to : instantOf(instance.endedAt);
  const ms = overlapMs({ from: instantOf(instance.launchedAt), to: end }, by.span);
  const diskNano = costOf(rates.disk, whole(ms));
  const nano = costOf(rates.compute, whole(ms)) + costOf(rates.fee, whole(ms)) + diskNano;
  const monthNano = toNanoUsd(multiply(wholeRate(rates), MONTH));
  return { id: instance.id, instanceType: instance.type, kind, ms, nano, diskNano, monthNano, basis: 'measured' };
}

export type InstanceQuestion = {
  readonly index: ClusterIndex;
  readonly instances: ReadonlyMap<string, Ec2Instance>;
  readonly price: InstancePricer;
  readonly span: Span;
};

/** What one service (null = idle) has of one instance. `ms` counts every task. */
export type InstanceShare = {
  readonly service: string | null;
  readonly cost: InstanceCost;
  readonly nano: NanoUsd;
  readonly diskNano: NanoUsd;
  readonly ms: number;
};

export type ClusterInstances = {
  readonly shares: readonly InstanceShare[];
  readonly counted: readonly string[];
  readonly empty: readonly EmptyInstance[];
  readonly unpriced: readonly Unpriced[];
};

/** Splits every container instance, draining ones too, over its tasks. Shares of an instance add up to its cost. */
export function clusterInstances(question: InstanceQuestion): ClusterInstances {
  const shares: InstanceShare[] = [];
  const counted: string[] = [];
  const empty: EmptyInstance[] = [];
  const unpriced: Unpriced[] = [];
  for (const container of question.index.view.containerInstances) {
    const instance = ec2Of(question, container);
    if (container.ec2InstanceId !== null) counted.push(container.ec2InstanceId);
    const kind = kindOf(question, container, instance);
    const cost = instance === null ? 'EC2 did not describe it' : instanceCost(instance, kind, question);
    if (typeof cost === 'string') {
      unpriced.push({ subject: container.ec2InstanceId ?? container.arn, because: cost });
      continue;
    }
    const basis: CostBasis = question.instances.has(cost.id) ? 'measured' : 'assumed';
    shares.push(...sharesOf(question.index, container, { ...cost, basis }));
    if (isEmpty(question.index, container)) {
      const { id, instanceType, nano, monthNano } = cost;
      const tasks = question.index.tasksOn(container.arn).length;
      empty.push({ id, instanceType, capacityKind: kind, tasks, nano, usdPerMonth: usdString(monthNano) });
    }
  }
  return { shares, counted, empty, unpriced };
}

/** The EC2 instance; when EC2 was not read, what ECS knows of it: no volumes, on from its registration. */
function ec2Of({ index, instances }: InstanceQuestion, container: ContainerInstance): Ec2Instance | null {
  const known = container.ec2InstanceId === null ? undefined : instances.get(container.ec2InstanceId);
  if (known !== undefined) return known;
  const isExternal = container.ec2InstanceId === null;
  const type = isExternal ? 'external' : container.instanceType;
  if (type === null || container.registeredAt === null) return null;
  const provider = container.capacityProvider === null ? null : index.provider(container.capacityProvider);
  const isSpot = provider?.kind === 'managed-instances' && provider.optionType === 'spot';
  return {
    id: container.ec2InstanceId ?? container.arn,
    type,
    az: container.az ?? '',
    lifecycle: isSpot ? 'spot' : 'on-demand',
    state: 'running',
    launchedAt: container.registeredAt,
    endedAt: null,
    subnetId: null,
    capacityReservationId: null,
    autoScalingGroup: null,
    operator: null,
    volumes: [],
    events: [],
    tags: {},
  };
}

function kindOf({ index }: InstanceQuestion, container: ContainerInstance, instance: Ec2Instance | null): CostKind {
  if (container.ec2InstanceId === null) return 'external';
  const provider = container.capacityProvider === null ? null : index.provider(container.capacityProvider);
  return instanceKind(provider, instance ?? { lifecycle: 'on-demand', operator: null, capacityReservationId: null });
}

/** True when nothing runs there but tasks of DAEMON services. */
function isEmpty(index: ClusterIndex, container: ContainerInstance): boolean {
  return index.tasksOn(container.arn).every(({ group }) => index.daemons.has(serviceOf(group) ?? ''));
}

function sharesOf(index: ClusterIndex, container: ContainerInstance, cost: InstanceCost): readonly InstanceShare[] {
  const { weights, idle, tasks } = taskWeights(index, container);
  const names = [...weights.keys()].sort();
  const all = [...names.map((name) => weights.get(name) ?? 0n), idle];
  const nano = splitNano(cost.nano - cost.diskNano, all);
  const disk = splitNano(cost.diskNano, all);
  return [...names, null].flatMap((service, position) => {
    const diskNano = disk[position] ?? 0n;
    const part = (nano[position] ?? 0n) + diskNano;
    const ms = service === null ? cost.ms : cost.ms * (tasks.get(service) ?? 0);
    return part === 0n && (service === null || ms === 0) ? [] : [{ service, cost, nano: part, diskNano, ms }];
  });
}

type Weights = {
  readonly weights: ReadonlyMap<string, bigint>;
  readonly idle: bigint;
  readonly tasks: ReadonlyMap<string, number>;
};

/**
 * Weights of max(CPU share, memory share) of what the instance registered, over a common denominator. Where the shares
 * come to more than one, nothing is idle and the parts shrink in proportion.
 */
function taskWeights(index: ClusterIndex, container: ContainerInstance): Weights {
  const { cpuUnits, memoryMiB } = container.registered;
  const cpu = BigInt(Math.max(1, cpuUnits));
  const memory = BigInt(Math.max(1, memoryMiB));
  const weights = new Map<string, bigint>();
  const tasks = new Map<string, number>();
  let sum = 0n;
  for (const task of index.tasksOn(container.arn)) {
    const size = taskSize(task, index.definition(task.taskDefinition));
    const byCpu = BigInt(size.cpuUnits) * memory;
    const byMemory = BigInt(size.memoryMiB) * cpu;
    const weight = byCpu > byMemory ? byCpu : byMemory;
    const name = standaloneName(task);
    weights.set(name, (weights.get(name) ?? 0n) + weight);
    tasks.set(name, (tasks.get(name) ?? 0) + 1);
    sum += weight;
  }
  const full = cpu * memory;
  return { weights, idle: sum < full ? full - sum : 0n, tasks };
}
