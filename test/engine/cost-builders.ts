import { openLibrary } from '../../src/data.ts';
import type {
  CapacityProvider,
  ClusterView,
  ContainerInstance,
  Ec2Instance,
  RegionPart,
  Service,
  Task,
  TaskDefinition,
} from '../../src/engine/index.ts';
import { factBook } from '../../src/engine/index.ts';

/** Small clusters for the tests of cost and rightsize: each test says only what matters to it. */

export const NOW = '2026-11-24T12:00:00.000Z';
const library = openLibrary();
export const prices = library.prices('us-east-1');
export const aFactBook = () => factBook(library.facts, NOW.slice(0, 10));

const definitionArn = (family: string): string => `arn:aws:ecs:us-east-1:111122223333:task-definition/${family}:1`;
export const instanceArn = (id: string): string => `arn:aws:ecs:us-east-1:111122223333:container-instance/rose/${id}`;

type Container = TaskDefinition['containers'][number];

export function aContainer(changes: Partial<Container> = {}): Container {
  return {
    name: 'app',
    image: 'app:1',
    essential: true,
    cpuUnits: 0,
    memoryMiB: null,
    memoryReservationMiB: null,
    gpus: 0,
    neuronDevices: false,
    privileged: false,
    linuxCapabilities: [],
    hostPorts: [],
    stopTimeoutSeconds: null,
    logDriver: null,
    ...changes,
  };
}

export function aDefinition(family: string, changes: Partial<TaskDefinition> = {}): TaskDefinition {
  return {
    arn: definitionArn(family),
    family,
    revision: 1,
    cpuUnits: 1024,
    memoryMiB: 2048,
    networkMode: 'awsvpc',
    architecture: 'x86_64',
    operatingSystem: 'LINUX',
    requiresCompatibilities: [],
    ephemeralStorageGiB: null,
    placementConstraints: [],
    volumes: [],
    ipcMode: null,
    pidMode: null,
    containers: [aContainer()],
    ...changes,
  };
}

export function aService(name: string, changes: Partial<Service> = {}): Service {
  return {
    arn: `arn:aws:ecs:us-east-1:111122223333:service/rose/${name}`,
    name,
    status: 'ACTIVE',
    desiredCount: 1,
    runningCount: 1,
    pendingCount: 0,
    launchType: 'FARGATE',
    strategy: [],
    platformVersion: null,
    taskDefinition: definitionArn(name),
    schedulingStrategy: 'REPLICA',
    deployment: {
      minimumHealthyPercent: 100,
      maximumPercent: 200,
      strategy: 'ROLLING',
      circuitBreaker: false,
      inProgress: false,
    },
    placementConstraints: [],
    placementStrategy: [],
    azRebalancing: false,
    subnets: [],
    assignPublicIp: false,
    loadBalancers: 0,
    serviceRegistries: 0,
    createdAt: '2026-01-01T00:00:00.000Z',
    propagateTags: null,
    enableEcsManagedTags: true,
    tags: {},
    autoscaling: null,
    ...changes,
  };
}

/** A running task of a service, on Fargate unless it says where. */
export function aTask(service: string, changes: Partial<Task> = {}): Task {
  return {
    arn: `arn:aws:ecs:us-east-1:111122223333:task/rose/${service}`,
    group: `service:${service}`,
    taskDefinition: definitionArn(service),
    lastStatus: 'RUNNING',
    launchType: changes.containerInstance === undefined ? 'FARGATE' : 'EC2',
    capacityProvider: null,
    containerInstance: null,
    az: 'us-east-1a',
    cpuUnits: null,
    memoryMiB: null,
    ephemeralStorageGiB: null,
    platformVersion: null,
    pullStartedAt: '2026-11-20T00:00:00.000Z',
    startedAt: '2026-11-20T00:00:20.000Z',
    protectedUntil: null,
    ...changes,
  };
}

export function anInstance(id: string, changes: Partial<Ec2Instance> = {}): Ec2Instance {
  return {
    id,
    type: 'c6a.2xlarge',
    az: 'us-east-1a',
    lifecycle: 'on-demand',
    state: 'running',
    launchedAt: '2026-11-01T00:00:00.000Z',
    endedAt: null,
    subnetId: null,
    capacityReservationId: null,
    autoScalingGroup: null,
    operator: null,
    volumes: [],
    events: [],
    tags: {},
    ...changes,
  };
}

/** c6a.2xlarge as it registers: 8 vCPU, 0.95 x 16 GiB. */
export function aContainerInstance(id: string, changes: Partial<ContainerInstance> = {}): ContainerInstance {
  const resources = { cpuUnits: 8192, memoryMiB: 15_564, gpus: 0, ports: [] };
  return {
    arn: instanceArn(id),
    ec2InstanceId: id,
    capacityProvider: null,
    status: 'ACTIVE',
    registered: resources,
    remaining: resources,
    instanceType: 'c6a.2xlarge',
    az: 'us-east-1a',
    architecture: 'x86_64',
    subnetId: null,
    attributes: {},
    registeredAt: '2026-11-01T00:01:00.000Z',
    health: 'OK',
    agentConnected: true,
    runningTasks: 0,
    pendingTasks: 0,
    ...changes,
  };
}

/** A Managed Instances provider of the option type in its name: `mi-spot`. */
export function aManagedProvider(optionType: 'on-demand' | 'spot' | 'reserved'): CapacityProvider {
  return {
    kind: 'managed-instances',
    name: `mi-${optionType}`,
    arn: `arn:aws:ecs:us-east-1:111122223333:capacity-provider/mi-${optionType}`,
    status: 'ACTIVE',
    tags: {},
    optionType,
    scaleInAfterSeconds: null,
    requirements: null,
    storageGiB: null,
    subnets: [],
    reservationPreference: null,
    propagateTags: false,
  };
}

export function aView(changes: Partial<ClusterView> = {}): ClusterView {
  return {
    account: '111122223333',
    region: 'us-east-1',
    arn: 'arn:aws:ecs:us-east-1:111122223333:cluster/rose',
    name: 'rose',
    status: 'ACTIVE',
    tags: {},
    containerInsights: null,
    defaultStrategy: [],
    providers: [],
    containerInstances: [],
    shards: 1,
    services: [],
    taskDefinitions: [],
    tasks: [],
    samples: [],
    utilisation: [],
    ...changes,
  };
}

export function aRegion(changes: Partial<RegionPart> = {}): RegionPart {
  return {
    autoScalingGroups: [],
    instances: [],
    otherInstances: [],
    capacityReservations: [],
    eventWindows: [],
    subnets: [],
    networkInterfaces: {},
    spotPrices: [],
    settings: {},
    quotas: [],
    quotaUsage: [],
    computeOptimizer: [],
    ...changes,
  };
}
