/** One cluster, whole: services, task definitions, tasks put on instances, and how ECS describes them. */
import type { ScalableTarget, ScalingPolicy } from '@aws-sdk/client-application-auto-scaling';
import type { CapacityProvider, Cluster, ProtectedTask, Service, Tag, Task, TaskDefinition } from '@aws-sdk/client-ecs';
import { type Host, makeHost, type Setting, toContainerInstance } from './hosts.ts';
import { between, DAY_MS, ec2Id, ecsArn, HOUR_MS, hex, subnetId, zone } from './ids.ts';
import type { ServiceSeries } from './metrics.ts';
import { findRoom, type Wish } from './placement.ts';
import {
  createdAt,
  deployedAt,
  fargate,
  revisionOf,
  runningTasks,
  scalingOf,
  seriesOf,
  toService,
} from './services.ts';
import type { ClusterSpec, Ending, ProviderSpec, ServiceSpec, StandaloneSpec } from './specs.ts';
import {
  type Capacity,
  demandOf,
  endedTask,
  type Revision,
  stopped,
  toTags,
  toTask,
  toTaskDefinition,
} from './tasks.ts';

export type BuiltCluster = {
  readonly spec: ClusterSpec;
  readonly cluster: Cluster;
  readonly providers: readonly CapacityProvider[];
  readonly services: Service[];
  readonly tasks: Task[];
  readonly hosts: readonly Host[];
  readonly definitions: Map<string, { definition: TaskDefinition; tags: Tag[] }>;
  readonly protection: Map<string, ProtectedTask>;
  readonly series: Map<string, ServiceSeries>;
  readonly targets: ScalableTarget[];
  readonly policies: ScalingPolicy[];
};

type Building = BuiltCluster & { readonly setting: Setting };

/** Builds one cluster. Throws when its tasks do not fit on its instances. */
export function buildCluster(setting: Setting, spec: ClusterSpec): BuiltCluster {
  const hosts = spec.hosts.map((host) => makeHost(setting, spec.name, host, named(spec, host.provider)));
  const building: Building = {
    setting,
    spec,
    hosts,
    cluster: toCluster(setting, spec),
    providers: spec.providers.flatMap((provider) => toProvider(setting, spec.name, provider)),
    services: [],
    tasks: [],
    definitions: new Map(),
    protection: new Map(),
    series: new Map(),
    targets: [],
    policies: [],
  };
  // Daemons have their share of every instance; then the large ones, as if they had been there first.
  const rank = ({ daemon, shape }: ServiceSpec): number => (daemon === true ? Infinity : demandOf(shape).memory);
  const order = [...spec.services].sort((a, b) => rank(b) - rank(a));
  const made = new Map(order.map((service) => [service, addTasks(building, service)]));
  for (const service of spec.services) addService(building, service, made.get(service) ?? []);
  for (const standalone of spec.standalone) addStandalone(building, standalone);
  countTasks(building);
  return building;
}

function named(spec: ClusterSpec, provider: string): ProviderSpec & { readonly name: string } {
  const found = spec.providers.find((one) => 'name' in one && one.name === provider);
  if (found === undefined || !('name' in found)) throw new Error(`${spec.name} has no provider ${provider}`);
  return found;
}

function toCluster({ place }: Setting, spec: ClusterSpec): Cluster {
  return {
    clusterArn: ecsArn(place, `cluster/${spec.name}`),
    clusterName: spec.name,
    status: 'ACTIVE',
    registeredContainerInstancesCount: spec.hosts.length,
    runningTasksCount: 0,
    pendingTasksCount: 0,
    activeServicesCount: spec.services.length,
    statistics: [],
    tags: toTags(spec.tags),
    settings: [{ name: 'containerInsights', value: spec.name === 'rose' ? 'enhanced' : 'disabled' }],
    capacityProviders: spec.providers.map(providerName),
    defaultCapacityProviderStrategy: spec.defaultStrategy.map((item) => ({ ...item })),
  };
}

function providerName(provider: ProviderSpec): string {
  if ('name' in provider) return provider.name;
  return provider.kind === 'fargate' ? 'FARGATE' : 'FARGATE_SPOT';
}

/** Fargate's two belong to AWS and need no description of their own; the region adds them. */
function toProvider({ place }: Setting, cluster: string, provider: ProviderSpec): CapacityProvider[] {
  if (provider.kind === 'fargate' || provider.kind === 'fargate-spot') return [];
  const shared = {
    capacityProviderArn: ecsArn(place, `capacity-provider/${provider.name}`),
    name: provider.name,
    status: 'ACTIVE',
    tags: toTags(provider.tags),
  } as const;
  if (provider.kind === 'asg') {
    const group = `arn:aws:autoscaling:${place.region}:${place.account}:autoScalingGroup:${hex(provider.group, 32)}:autoScalingGroupName/${provider.group}`;
    return [
      {
        ...shared,
        type: 'EC2_AUTOSCALING',
        autoScalingGroupProvider: {
          autoScalingGroupArn: group,
          managedScaling: {
            status: 'ENABLED',
            targetCapacity: 90,
            minimumScalingStepSize: 1,
            maximumScalingStepSize: 10,
            instanceWarmupPeriod: 300,
          },
          managedTerminationProtection: 'ENABLED',
          managedDraining: 'ENABLED',
        },
      },
    ];
  }
  return [
    {
      ...shared,
      type: 'MANAGED_INSTANCES',
      cluster: ecsArn(place, `cluster/${cluster}`),
      updateStatus: 'CREATE_COMPLETE',
      managedInstancesProvider: {
        infrastructureRoleArn: `arn:aws:iam::${place.account}:role/ecsInfrastructureRole`,
        propagateTags: 'CAPACITY_PROVIDER',
        ...(provider.scaleInAfter === null
          ? {}
          : { infrastructureOptimization: { scaleInAfter: provider.scaleInAfter } }),
        instanceLaunchTemplate: {
          ec2InstanceProfileArn: `arn:aws:iam::${place.account}:instance-profile/ecsInstanceRole`,
          networkConfiguration: {
            subnets: [0, 1, 2].map((index) => subnetId(place, zone(place.region, index))),
            securityGroups: [ec2Id('sg', `${place.account} ${place.region}`)],
          },
          storageConfiguration: { storageSizeGiB: 80 },
          monitoring: 'BASIC',
          capacityOptionType: provider.option,
          ...(provider.option === 'RESERVED'
            ? { capacityReservations: { reservationPreference: 'RESERVATIONS_ONLY' } }
            : {}),
          instanceRequirements: provider.requirements,
        },
      },
    },
  ];
}

const CAPACITY: { readonly [name: string]: Capacity } = { FARGATE: 'fargate', FARGATE_SPOT: 'fargate-spot' };

/** The provider of each of a service's tasks: `base` first, then by weight in turn. Null under a launch type. */
export function providersOf(spec: ServiceSpec): readonly (string | null)[] {
  const { runsOn } = spec;
  const count = runningTasks(spec);
  if (runsOn.kind === 'launch-type') return Array.from({ length: count }, () => null);
  const based = runsOn.items.flatMap((item) => Array.from({ length: item.base ?? 0 }, () => item.capacityProvider));
  const turn = runsOn.items.flatMap((item) => Array.from({ length: item.weight ?? 0 }, () => item.capacityProvider));
  return Array.from(
    { length: count },
    (_, index) => based[index] ?? turn[(index - based.length) % turn.length] ?? null,
  );
}

export function capacityOf(cluster: ClusterSpec, provider: string | null, spec: ServiceSpec): Capacity {
  if (provider === null) return fargate(spec) ? 'fargate' : 'asg';
  return CAPACITY[provider] ?? named(cluster, provider).kind;
}

type Defining = Pick<Revision, 'family' | 'revision' | 'shape' | 'capacity'>;

function define({ setting, definitions }: Building, defining: Defining): TaskDefinition {
  const { family, revision } = defining;
  const registeredAt = setting.anchor - between(`registered ${family} ${revision}`, 41, 80) * DAY_MS;
  const definition = toTaskDefinition({ ...defining, place: setting.place, registeredAt });
  definitions.set(definition.taskDefinitionArn ?? '', { definition, tags: [] });
  return definition;
}

function addTasks(building: Building, spec: ServiceSpec): readonly Task[] {
  const { setting, spec: cluster } = building;
  const providers = providersOf(spec);
  const revision = revisionOf(cluster.name, spec);
  const isDeploying = spec.deployment?.inProgress === true;
  const capacity = capacityOf(cluster, providers[0] ?? firstProvider(spec), spec);
  const defining: Defining = { family: spec.name, revision, shape: spec.shape, capacity };
  const definition = define(building, defining);
  const before = isDeploying ? define(building, { ...defining, revision: revision - 1 }) : definition;
  const taken: Host[] = [];
  return providers.map((provider, number) => {
    const own = capacityOf(cluster, provider, spec);
    const host = isFargate(own) ? null : findRoom(building.hosts, wishOf(spec, provider), taken);
    if (host !== null) taken.push(host);
    const isNew = isDeploying && number === providers.length - 1;
    const aged = setting.start - between(`started ${cluster.name} ${spec.name} ${number}`, 26, 600) * HOUR_MS;
    const earliest = Math.max((host?.launchedAt ?? 0) + 300_000, createdAt(setting, spec) + 60_000);
    return toTask({
      place: setting.place,
      cluster: cluster.name,
      group: `service:${spec.name}`,
      number,
      definition: isNew ? definition : before,
      capacity: own,
      provider,
      az: host?.az ?? zone(setting.place.region, number + between(`zone ${spec.name}`, 0, 2)),
      containerInstanceArn: host?.arn ?? null,
      startedAt: isNew ? deployedAt(setting, spec) : Math.max(aged, earliest),
      pullSeconds: between(`pull ${spec.name}`, 12, 35),
      tags: taskTags(cluster.name, spec),
    });
  });
}

function isFargate(capacity: Capacity): boolean {
  return capacity === 'fargate' || capacity === 'fargate-spot';
}

function wishOf(spec: ServiceSpec, provider: string | null): Wish {
  return {
    name: spec.name,
    demand: demandOf(spec.shape),
    provider,
    daemon: spec.daemon === true,
    // The one expression of the world: attribute:ecs.instance-type =~ m6a.*
    ...(spec.constraint === undefined ? {} : { typePrefix: spec.constraint.replace(/^.*=~ /, '').replace('*', '') }),
  };
}

function firstProvider({ runsOn }: ServiceSpec): string | null {
  return runsOn.kind === 'strategy' ? (runsOn.items[0]?.capacityProvider ?? null) : null;
}

function taskTags(cluster: string, spec: ServiceSpec): { readonly [key: string]: string } {
  if (spec.managedTags === false) return {};
  return { 'aws:ecs:clusterName': cluster, 'aws:ecs:serviceName': spec.name, ...spec.tags };
}

function addService(building: Building, spec: ServiceSpec, tasks: readonly Task[]): void {
  const { setting, spec: cluster } = building;
  building.services.push(toService(setting, cluster.name, spec));
  building.series.set(spec.name, seriesOf(setting, cluster.name, spec));
  building.tasks.push(...tasks);
  for (const { taskArn } of tasks.slice(0, spec.protectedTasks ?? 0)) {
    const expirationDate = new Date(setting.anchor + 3 * DAY_MS);
    building.protection.set(taskArn ?? '', { taskArn, protectionEnabled: true, expirationDate });
  }
  for (const [index, end] of (spec.ended ?? []).entries()) {
    const [example] = tasks;
    if (example === undefined) continue;
    building.tasks.push(endedTask(setting, example, { ...end, number: index }));
  }
  const scaling = scalingOf(setting, cluster.name, spec);
  if (scaling === null) return;
  building.targets.push(scaling.target);
  building.policies.push(scaling.policy);
}

const DONE: Ending = {
  stopCode: 'EssentialContainerExited',
  reason: 'Essential container in task exited',
  exitCode: 0,
};

function addStandalone(building: Building, spec: StandaloneSpec): void {
  const { setting, spec: cluster } = building;
  const capacity = CAPACITY[spec.provider] ?? named(cluster, spec.provider).kind;
  const { family, shape } = spec;
  const definition = define(building, { family, shape, capacity, revision: between(`revision ${family}`, 1, 30) });
  const make = (number: number, startedAt: number, pullSeconds: number): Task => {
    const wish: Wish = { name: spec.family, demand: demandOf(spec.shape), provider: spec.provider };
    const host = isFargate(capacity) ? null : findRoom(building.hosts, wish, []);
    return toTask({
      place: setting.place,
      cluster: cluster.name,
      group: `family:${spec.family}`,
      number,
      definition,
      capacity,
      provider: spec.provider,
      az: host?.az ?? zone(setting.place.region, number),
      containerInstanceArn: host?.arn ?? null,
      startedAt,
      pullSeconds,
      tags: { 'aws:ecs:clusterName': cluster.name },
    });
  };
  for (const [index, { hoursAgo }] of spec.running.entries()) {
    building.tasks.push(make(index, setting.start - hoursAgo * HOUR_MS, 30));
  }
  const { batch } = spec;
  if (batch === null) return;
  // Evenly through the last hour, the newest first; run and pull times vary by a tenth around the given ones.
  for (let index = 0; index < batch.perHour; index++) {
    const around = (seconds: number, what: string): number =>
      seconds + between(`${what} ${spec.family} ${index}`, -3, 3);
    const run = around(batch.runSeconds, 'run');
    const stoppedAt = setting.start - Math.round((index * 3_600_000) / batch.perHour) - 5_000;
    const task = make(1_000 + index, stoppedAt - run * 1_000, around(batch.pullSeconds, 'pull'));
    building.tasks.push(stopped(task, run, DONE));
  }
}

function countTasks({ cluster, tasks }: Building): void {
  const running = tasks.filter(({ lastStatus }) => lastStatus === 'RUNNING');
  const on = (launchType: string): number => running.filter((task) => task.launchType === launchType).length;
  cluster.runningTasksCount = running.length;
  cluster.statistics = [
    { name: 'runningEC2TasksCount', value: String(on('EC2')) },
    { name: 'runningFargateTasksCount', value: String(on('FARGATE')) },
    { name: 'pendingEC2TasksCount', value: '0' },
    { name: 'pendingFargateTasksCount', value: '0' },
  ];
}

/** As DescribeContainerInstances has the cluster's instances. */
export function containerInstances(built: BuiltCluster): ReturnType<typeof toContainerInstance>[] {
  return built.hosts.map(toContainerInstance);
}
