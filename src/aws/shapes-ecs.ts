import type * as ecs from '@aws-sdk/client-ecs';
import type {
  CapacityProvider,
  ClusterPart,
  ContainerInstance,
  InstanceRequirements,
  Resources,
  StrategyItem,
} from '../engine/index.ts';
import { sortedBy, sortedTexts, toNumber, toTags, toText, toTime } from './shapes-members.ts';

/** Clusters, capacity providers and container instances. Defaults are those that the ECS API reference states. */

/** The cluster with what belongs to it, both lists sorted; null without ARN or name. */
export function toCluster(
  cluster: ecs.Cluster,
  parts: {
    readonly providers: readonly CapacityProvider[];
    readonly containerInstances: readonly ContainerInstance[];
    readonly shards: number;
  },
): ClusterPart | null {
  const arn = toText(cluster.clusterArn);
  const name = toText(cluster.clusterName);
  if (arn === null || name === null) return null;
  const insights = cluster.settings?.find((setting) => setting.name === 'containerInsights');
  return {
    arn,
    name,
    status: cluster.status ?? '',
    tags: toTags(cluster.tags),
    containerInsights: toText(insights?.value),
    defaultStrategy: toStrategy(cluster.defaultCapacityProviderStrategy),
    providers: sortedBy(parts.providers, (provider) => provider.name),
    containerInstances: sortedBy(parts.containerInstances, (instance) => instance.arn),
    shards: parts.shards,
  };
}

/** A strategy sorted by provider; weight and base are 0 unless given, as the API has it. */
export function toStrategy(items: readonly ecs.CapacityProviderStrategyItem[] | undefined): readonly StrategyItem[] {
  const named = (items ?? []).flatMap((item): readonly StrategyItem[] => {
    const capacityProvider = toText(item.capacityProvider);
    if (capacityProvider === null) return [];
    return [{ capacityProvider, weight: toNumber(item.weight) ?? 0, base: toNumber(item.base) ?? 0 }];
  });
  return sortedBy(named, (item) => item.capacityProvider);
}

/**
 * A provider of a kind that advice knows; null without ARN or name, for a kind that AWS added later, or for capacity
 * bought in a way that is not known here (its price would be guessed).
 */
export function toCapacityProvider(provider: ecs.CapacityProvider): CapacityProvider | null {
  const arn = toText(provider.capacityProviderArn);
  const name = toText(provider.name);
  if (arn === null || name === null) return null;
  const common = { name, arn, status: provider.status ?? '', tags: toTags(provider.tags) };
  if (provider.autoScalingGroupProvider !== undefined) {
    return { ...common, ...toAutoScalingGroupProvider(provider.autoScalingGroupProvider) };
  }
  if (provider.managedInstancesProvider !== undefined) {
    const managed = toManagedInstancesProvider(provider.managedInstancesProvider);
    return managed === null ? null : { ...common, ...managed };
  }
  // Accounts of before 2025 have Fargate's two without `type`; their names are reserved.
  if (name === 'FARGATE' || provider.type === 'FARGATE') return { ...common, kind: 'fargate' };
  if (name === 'FARGATE_SPOT' || provider.type === 'FARGATE_SPOT') return { ...common, kind: 'fargate-spot' };
  return null;
}

function toAutoScalingGroupProvider(provider: ecs.AutoScalingGroupProvider) {
  const scaling = provider.managedScaling;
  return {
    kind: 'asg',
    autoScalingGroup: toGroupName(provider.autoScalingGroupArn ?? ''),
    managedScaling:
      scaling?.status !== 'ENABLED'
        ? null
        : {
            targetCapacityPercent: toNumber(scaling.targetCapacity) ?? 100,
            minimumScalingStepSize: toNumber(scaling.minimumScalingStepSize) ?? 1,
            maximumScalingStepSize: toNumber(scaling.maximumScalingStepSize) ?? 10_000,
            instanceWarmupSeconds: toNumber(scaling.instanceWarmupPeriod) ?? 300,
          },
    managedTerminationProtection: provider.managedTerminationProtection === 'ENABLED',
    managedDraining: provider.managedDraining === 'ENABLED',
  } as const;
}

/** The API takes an ARN or a bare name; a group's name may itself hold a `/`. */
function toGroupName(arnOrName: string): string {
  const mark = 'autoScalingGroupName/';
  const at = arnOrName.indexOf(mark);
  return at < 0 ? arnOrName : arnOrName.slice(at + mark.length);
}

const OPTION_TYPES = new Map([
  ['ON_DEMAND', 'on-demand'],
  ['SPOT', 'spot'],
  ['RESERVED', 'reserved'],
] as const);

function toManagedInstancesProvider(provider: ecs.ManagedInstancesProvider) {
  const template = provider.instanceLaunchTemplate;
  const optionType = OPTION_TYPES.get(template?.capacityOptionType ?? 'ON_DEMAND');
  if (optionType === undefined) return null;
  const requirements = template?.instanceRequirements;
  return {
    kind: 'managed-instances',
    optionType,
    scaleInAfterSeconds: toNumber(provider.infrastructureOptimization?.scaleInAfter),
    requirements: requirements === undefined ? null : toInstanceRequirements(requirements),
    storageGiB: toNumber(template?.storageConfiguration?.storageSizeGiB),
    subnets: sortedTexts(template?.networkConfiguration?.subnets),
    reservationPreference: toText(template?.capacityReservations?.reservationPreference),
    propagateTags: provider.propagateTags === 'CAPACITY_PROVIDER',
  } as const;
}

/** Both minima are required by the API; 0 stands for "no lower limit" should one be absent. */
function toInstanceRequirements(wanted: ecs.InstanceRequirementsRequest): InstanceRequirements {
  return {
    vcpu: { min: toNumber(wanted.vCpuCount?.min) ?? 0, max: toNumber(wanted.vCpuCount?.max) },
    memoryMiB: { min: toNumber(wanted.memoryMiB?.min) ?? 0, max: toNumber(wanted.memoryMiB?.max) },
    allowedInstanceTypes: sortedTexts(wanted.allowedInstanceTypes),
    excludedInstanceTypes: sortedTexts(wanted.excludedInstanceTypes),
    cpuManufacturers: sortedTexts(wanted.cpuManufacturers),
    instanceGenerations: sortedTexts(wanted.instanceGenerations),
    burstablePerformance: toText(wanted.burstablePerformance),
    acceleratorTypes: sortedTexts(wanted.acceleratorTypes),
  };
}

/** What the model has members for; the rest of an instance's attributes stay a map. */
const OWN_ATTRIBUTES = {
  instanceType: 'ecs.instance-type',
  az: 'ecs.availability-zone',
  architecture: 'ecs.cpu-architecture',
  subnetId: 'ecs.subnet-id',
} as const;

/** The agent's abilities: dozens on every instance, the same for all of one agent version, matched by ECS itself. */
const ABILITIES = 'com.amazonaws.ecs.capability.';

/** A container instance; null without an ARN. One that is still registering offers nothing yet: all zeros. */
export function toContainerInstance(instance: ecs.ContainerInstance): ContainerInstance | null {
  const arn = toText(instance.containerInstanceArn);
  if (arn === null) return null;
  const attributes = toAttributes(instance.attributes);
  return {
    arn,
    ec2InstanceId: toEc2InstanceId(instance.ec2InstanceId),
    capacityProvider: toText(instance.capacityProviderName),
    status: instance.status ?? '',
    registered: toResources(instance.registeredResources),
    remaining: toResources(instance.remainingResources),
    instanceType: attributes.own.get(OWN_ATTRIBUTES.instanceType) ?? null,
    az: attributes.own.get(OWN_ATTRIBUTES.az) ?? null,
    architecture: attributes.own.get(OWN_ATTRIBUTES.architecture) ?? null,
    subnetId: attributes.own.get(OWN_ATTRIBUTES.subnetId) ?? null,
    attributes: attributes.others,
    registeredAt: toTime(instance.registeredAt),
    health: toHealth(instance.healthStatus?.overallStatus),
    agentConnected: instance.agentConnected ?? false,
    runningTasks: toNumber(instance.runningTasksCount) ?? 0,
    pendingTasks: toNumber(instance.pendingTasksCount) ?? 0,
  };
}

/** For a machine outside AWS (ECS Anywhere) this member holds the id that Systems Manager gave it. */
function toEc2InstanceId(id: string | undefined): string | null {
  return id?.startsWith('mi-') ? null : toText(id);
}

/** Attributes that people set stay as well: a `memberOf` constraint may ask for them. */
function toAttributes(attributes: readonly ecs.Attribute[] | undefined): {
  readonly own: ReadonlyMap<string, string>;
  readonly others: { readonly [name: string]: string };
} {
  const names: readonly string[] = Object.values(OWN_ATTRIBUTES);
  const own = new Map<string, string>();
  const others: ecs.Attribute[] = [];
  for (const attribute of attributes ?? []) {
    const { name, value } = attribute;
    if (name === undefined || name.startsWith(ABILITIES)) continue;
    if (!names.includes(name)) others.push(attribute);
    else if (value !== undefined && value !== '') own.set(name, value);
  }
  return { own, others: toTags(others.map(({ name, value }) => ({ key: name, value }))) };
}

/** TCP and UDP ports together: a port that either has taken is treated as taken. */
function toResources(resources: readonly ecs.Resource[] | undefined): Resources {
  const named = new Map((resources ?? []).map((resource) => [resource.name, resource]));
  const ports = ['PORTS', 'PORTS_UDP'].flatMap((name) => named.get(name)?.stringSetValue ?? []);
  const numbers = ports.map(Number).filter((port) => Number.isInteger(port) && port > 0);
  const gpu = named.get('GPU');
  return {
    cpuUnits: toAmount(named.get('CPU')),
    memoryMiB: toAmount(named.get('MEMORY')),
    // GPUs come as the set of their ids.
    gpus: gpu?.stringSetValue?.length || toAmount(gpu),
    ports: [...new Set(numbers)].sort((a, b) => a - b),
  };
}

/** The member that `type` names; AWS sends the other two as 0. */
function toAmount(resource: ecs.Resource | undefined): number {
  const { type, integerValue, longValue, doubleValue } = resource ?? {};
  const amount = type === 'LONG' ? longValue : type === 'DOUBLE' ? doubleValue : integerValue;
  return toNumber(amount) ?? 0;
}

const HEALTH = ['OK', 'IMPAIRED', 'INSUFFICIENT_DATA', 'INITIALIZING'] as const;

function toHealth(state: string | undefined): ContainerInstance['health'] {
  return HEALTH.find((known) => known === state) ?? null;
}
