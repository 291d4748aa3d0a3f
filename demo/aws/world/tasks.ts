/** Task definitions and tasks as ECS describes them. */
import type { Attachment, Container, LaunchType, Tag, Task, TaskDefinition } from '@aws-sdk/client-ecs';
import { type Demand, privateIp, type Setting } from './hosts.ts';
import { ec2Id, ecsArn, hex, type Place, subnetId } from './ids.ts';
import type { Ending, EndSpec, ProviderSpec, TagMap, TaskShape } from './specs.ts';

export type Capacity = ProviderSpec['kind'];

export function toTags(tags: TagMap): Tag[] {
  return Object.entries(tags).map(([key, value]) => ({ key, value }));
}

/** What one task of the shape takes from an instance. */
export function demandOf(shape: TaskShape): Demand {
  const containers = shape.containers ?? [];
  const sum = (pick: (container: (typeof containers)[number]) => number | undefined): number =>
    containers.reduce((total, container) => total + (pick(container) ?? 0), 0);
  return {
    cpu: shape.cpu ?? sum(({ cpu }) => cpu),
    memory: shape.memory ?? sum(({ memory, memoryReservation }) => memoryReservation ?? memory),
    ports: containers.flatMap(({ portMappings }) => portMappings ?? []).flatMap(({ hostPort }) => hostPort ?? []),
    awsvpc: (shape.network ?? 'awsvpc') === 'awsvpc',
  };
}

const COMPATIBLE: { readonly [C in Capacity]: 'FARGATE' | 'EC2' | 'MANAGED_INSTANCES' } = {
  fargate: 'FARGATE',
  'fargate-spot': 'FARGATE',
  asg: 'EC2',
  'managed-instances': 'MANAGED_INSTANCES',
};

export type Revision = {
  readonly place: Place;
  readonly family: string;
  readonly revision: number;
  readonly shape: TaskShape;
  readonly capacity: Capacity;
  readonly registeredAt: number;
};

export function revisionArn({ place, family, revision }: Pick<Revision, 'place' | 'family' | 'revision'>): string {
  return ecsArn(place, `task-definition/${family}:${revision}`);
}

export function toTaskDefinition(made: Revision): TaskDefinition {
  const { shape, family } = made;
  const compatible = COMPATIBLE[made.capacity];
  return {
    taskDefinitionArn: revisionArn(made),
    family,
    revision: made.revision,
    status: 'ACTIVE',
    ...(shape.cpu === null ? {} : { cpu: String(shape.cpu) }),
    ...(shape.memory === null ? {} : { memory: String(shape.memory) }),
    networkMode: shape.network ?? 'awsvpc',
    requiresCompatibilities: [compatible],
    compatibilities: compatible === 'FARGATE' ? ['EC2', 'FARGATE'] : [compatible],
    runtimePlatform: { cpuArchitecture: shape.arm === true ? 'ARM64' : 'X86_64', operatingSystemFamily: 'LINUX' },
    ...(shape.ephemeralGiB === undefined ? {} : { ephemeralStorage: { sizeInGiB: shape.ephemeralGiB } }),
    executionRoleArn: `arn:aws:iam::${made.place.account}:role/ecs-execution`,
    placementConstraints: [],
    volumes: [...(shape.volumes ?? [])],
    containerDefinitions: shape.containers?.map((container) => ({ ...container })) ?? [
      {
        name: family,
        image: shape.image ?? `registry.example/${family}:1.${made.revision}`,
        cpu: 0,
        essential: true,
        portMappings: [{ containerPort: 8080, hostPort: 8080, protocol: 'tcp' }],
        environment: [],
        mountPoints: [],
        volumesFrom: [],
        stopTimeout: 30,
        logConfiguration: { logDriver: 'awslogs', options: { 'awslogs-group': `/ecs/${family}` } },
      },
    ],
    registeredAt: new Date(made.registeredAt),
  };
}

export type TaskMaking = {
  readonly place: Place;
  readonly cluster: string;
  /** `service:<name>` or `family:<name>`. */
  readonly group: string;
  /** Tells tasks of a group apart. */
  readonly number: number;
  readonly definition: TaskDefinition;
  readonly capacity: Capacity;
  readonly provider: string | null;
  readonly az: string;
  readonly containerInstanceArn: string | null;
  readonly startedAt: number;
  readonly pullSeconds: number;
  readonly tags: TagMap;
};

const LAUNCH: { readonly [C in Capacity]: LaunchType } = {
  fargate: 'FARGATE',
  'fargate-spot': 'FARGATE',
  asg: 'EC2',
  'managed-instances': 'MANAGED_INSTANCES',
};

function taskId(making: TaskMaking): string {
  const { place, cluster, group, number, definition } = making;
  return hex(`task ${place.account} ${place.region} ${cluster} ${group} ${number} ${definition.revision}`, 32);
}

/** A running task. It was pulled before it started; Fargate bills from the beginning of the pull. */
export function toTask(making: TaskMaking): Task {
  const { place, cluster, definition, capacity } = making;
  const id = taskId(making);
  const taskArn = ecsArn(place, `task/${cluster}/${id}`);
  const pullStopped = making.startedAt - 2_000;
  const pullStarted = pullStopped - making.pullSeconds * 1_000;
  const created = pullStarted - (LAUNCH[capacity] === 'FARGATE' ? 18_000 : 3_000);
  const isFargate = LAUNCH[capacity] === 'FARGATE';
  return {
    taskArn,
    clusterArn: ecsArn(place, `cluster/${cluster}`),
    taskDefinitionArn: definition.taskDefinitionArn,
    group: making.group,
    startedBy: making.group.startsWith('service:')
      ? `ecs-svc/${hex(`deployment ${cluster} ${making.group}`, 16)}`
      : 'scheduler',
    lastStatus: 'RUNNING',
    desiredStatus: 'RUNNING',
    healthStatus: 'HEALTHY',
    launchType: LAUNCH[capacity],
    ...(making.provider === null ? {} : { capacityProviderName: making.provider }),
    ...(making.containerInstanceArn === null ? {} : { containerInstanceArn: making.containerInstanceArn }),
    ...(isFargate ? { platformVersion: '1.4.0', platformFamily: 'Linux' } : {}),
    availabilityZone: making.az,
    connectivity: 'CONNECTED',
    connectivityAt: new Date(created + 5_000),
    ...(definition.cpu === undefined ? {} : { cpu: definition.cpu }),
    ...(definition.memory === undefined ? {} : { memory: definition.memory }),
    createdAt: new Date(created),
    pullStartedAt: new Date(pullStarted),
    pullStoppedAt: new Date(pullStopped),
    startedAt: new Date(making.startedAt),
    version: 3,
    attributes: [
      {
        name: 'ecs.cpu-architecture',
        value: definition.runtimePlatform?.cpuArchitecture === 'ARM64' ? 'arm64' : 'x86_64',
      },
    ],
    attachments: definition.networkMode === 'awsvpc' ? [interfaceOf(place, making.az, id)] : [],
    containers: containersOf(definition, taskArn),
    ...(isFargate ? { ephemeralStorage: { sizeInGiB: definition.ephemeralStorage?.sizeInGiB ?? 20 } } : {}),
    overrides: { containerOverrides: [], inferenceAcceleratorOverrides: [] },
    tags: toTags(making.tags),
  };
}

function interfaceOf(place: Place, az: string, id: string): Attachment {
  return {
    id: `${id.slice(0, 8)}-${id.slice(8, 12)}-${id.slice(12, 16)}-${id.slice(16, 20)}-${id.slice(20, 32)}`,
    type: 'ElasticNetworkInterface',
    status: 'ATTACHED',
    details: [
      { name: 'subnetId', value: subnetId(place, az) },
      { name: 'networkInterfaceId', value: ec2Id('eni', id) },
      { name: 'privateIPv4Address', value: privateIp(id) },
    ],
  };
}

function containersOf(definition: TaskDefinition, taskArn: string): Container[] {
  return (definition.containerDefinitions ?? []).map((container) => ({
    containerArn: taskArn.replace(':task/', ':container/').concat(`/${hex(`${taskArn} ${container.name}`, 32)}`),
    taskArn,
    name: container.name,
    image: container.image,
    lastStatus: 'RUNNING',
    healthStatus: 'UNKNOWN',
    cpu: String(container.cpu ?? 0),
    ...(container.memory === undefined ? {} : { memory: String(container.memory) }),
    ...(container.memoryReservation === undefined ? {} : { memoryReservation: String(container.memoryReservation) }),
    networkBindings: [],
    networkInterfaces: [],
  }));
}

/** The same task, ended `runSeconds` after it started. */
export function stopped(task: Task, runSeconds: number, ending: Ending): Task {
  const stoppedAt = new Date((task.startedAt?.getTime() ?? 0) + runSeconds * 1_000);
  return {
    ...task,
    lastStatus: 'STOPPED',
    desiredStatus: 'STOPPED',
    healthStatus: 'UNKNOWN',
    stopCode: ending.stopCode,
    stoppedReason: ending.reason,
    executionStoppedAt: stoppedAt,
    stoppingAt: stoppedAt,
    stoppedAt,
    attachments: [],
    containers: (task.containers ?? []).map((container) => ({
      ...container,
      lastStatus: 'STOPPED',
      exitCode: ending.exitCode,
    })),
  };
}

/** A task like `example`, gone. */
export function endedTask(
  { place, start }: Pick<Setting, 'place' | 'start'>,
  example: Task,
  end: EndSpec & { readonly number: number },
): Task {
  const id = hex(`ended ${example.taskArn} ${end.number}`, 32);
  const [, cluster = ''] = (example.clusterArn ?? '').split('/');
  const startedAt = start - (end.minutesAgo + end.ranMinutes) * 60_000;
  const taskArn = ecsArn(place, `task/${cluster}/${id}`);
  const before = (date: Date | undefined): Date =>
    new Date(startedAt - ((example.startedAt?.getTime() ?? 0) - (date?.getTime() ?? 0)));
  return stopped(
    {
      ...example,
      taskArn,
      createdAt: before(example.createdAt),
      connectivityAt: before(example.connectivityAt),
      pullStartedAt: before(example.pullStartedAt),
      pullStoppedAt: before(example.pullStoppedAt),
      startedAt: new Date(startedAt),
      containers: (example.containers ?? []).map((container) => ({ ...container, taskArn })),
    },
    end.ranMinutes * 60,
    end,
  );
}
