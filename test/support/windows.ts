import type {
  ClusterView,
  ContainerInstance,
  Ec2Instance,
  EventWindow,
  Service,
  Task,
} from '../../src/engine/index.ts';

/** Parts of a snapshot with every member filled in; tests say only what matters to them. */

export function aWindow(changes: Partial<EventWindow> = {}): EventWindow {
  return {
    id: 'iew-0rose',
    name: 'rose',
    state: 'active',
    cron: null,
    timeRanges: [{ startWeekDay: 'sunday', startHour: 10, endWeekDay: 'sunday', endHour: 14 }],
    instanceIds: [],
    instanceTags: [{ key: 'aws:ecs:clusterName', value: 'rose' }],
    dedicatedHostIds: [],
    tags: {},
    ...changes,
  };
}

/** A managed instance of cluster rose, provider mi-rose. */
export function anInstance(changes: Partial<Ec2Instance> = {}): Ec2Instance {
  return {
    id: 'i-0aaa',
    type: 'c6a.2xlarge',
    az: 'eu-west-1a',
    lifecycle: 'on-demand',
    state: 'running',
    launchedAt: '2026-11-01T10:00:00.000Z',
    endedAt: null,
    subnetId: null,
    capacityReservationId: null,
    autoScalingGroup: null,
    operator: 'ecs.amazonaws.com',
    volumes: [],
    events: [],
    tags: { 'aws:ecs:clusterName': 'rose', 'aws:ecs:capacityProviderName': 'mi-rose' },
    ...changes,
  };
}

export function aContainerInstance(changes: Partial<ContainerInstance> = {}): ContainerInstance {
  const resources = { cpuUnits: 8192, memoryMiB: 15_000, gpus: 0, ports: [] };
  return {
    arn: 'arn:aws:ecs:eu-west-1:111111111111:container-instance/rose/aaa',
    ec2InstanceId: 'i-0aaa',
    capacityProvider: 'mi-rose',
    status: 'ACTIVE',
    registered: resources,
    remaining: resources,
    instanceType: 'c6a.2xlarge',
    az: 'eu-west-1a',
    architecture: 'x86_64',
    subnetId: null,
    attributes: {},
    registeredAt: '2026-11-01T10:02:00.000Z',
    health: 'OK',
    agentConnected: true,
    runningTasks: 1,
    pendingTasks: 0,
    ...changes,
  };
}

export function aService(name: string, changes: Partial<Service> = {}): Service {
  return {
    arn: `arn:aws:ecs:eu-west-1:111111111111:service/rose/${name}`,
    name,
    status: 'ACTIVE',
    desiredCount: 2,
    runningCount: 2,
    pendingCount: 0,
    launchType: null,
    strategy: [],
    platformVersion: null,
    taskDefinition: `arn:aws:ecs:eu-west-1:111111111111:task-definition/${name}:1`,
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
    createdAt: null,
    propagateTags: null,
    enableEcsManagedTags: true,
    tags: {},
    autoscaling: null,
    ...changes,
  };
}

/** A task on the one container instance; `group` as ECS writes it. */
export function aTask(group: string, changes: Partial<Task> = {}): Task {
  return {
    arn: `arn:aws:ecs:eu-west-1:111111111111:task/rose/${group.replace(':', '-')}`,
    group,
    taskDefinition: 'arn:aws:ecs:eu-west-1:111111111111:task-definition/x:1',
    lastStatus: 'RUNNING',
    launchType: null,
    capacityProvider: 'mi-rose',
    containerInstance: 'arn:aws:ecs:eu-west-1:111111111111:container-instance/rose/aaa',
    az: 'eu-west-1a',
    cpuUnits: 1024,
    memoryMiB: 2048,
    ephemeralStorageGiB: null,
    platformVersion: null,
    pullStartedAt: null,
    startedAt: '2026-11-02T00:00:00.000Z',
    protectedUntil: null,
    ...changes,
  };
}

export function aCluster(changes: Partial<ClusterView> = {}): ClusterView {
  return {
    account: '111111111111',
    region: 'eu-west-1',
    arn: 'arn:aws:ecs:eu-west-1:111111111111:cluster/rose',
    name: 'rose',
    status: 'ACTIVE',
    tags: {},
    containerInsights: null,
    defaultStrategy: [],
    providers: [
      {
        kind: 'managed-instances',
        name: 'mi-rose',
        arn: 'arn:aws:ecs:eu-west-1:111111111111:capacity-provider/rose/mi-rose',
        status: 'ACTIVE',
        tags: {},
        optionType: 'on-demand',
        scaleInAfterSeconds: null,
        requirements: null,
        storageGiB: null,
        subnets: [],
        reservationPreference: null,
        propagateTags: true,
      },
    ],
    containerInstances: [aContainerInstance()],
    shards: 1,
    services: [],
    taskDefinitions: [],
    tasks: [],
    samples: [],
    utilisation: [],
    ...changes,
  };
}
