import { isRaw, type Raw } from './recordings.ts';

/**
 * What a recording says, read a second way: member by member out of the plain JSON, by tables, without the SDK, its
 * types or a line of the conversions. A row is [path in the model, path in AWS's answer, how the value is written].
 */
export type Row = readonly [model: string, aws: string, how: (value: never) => unknown];

const same = (value: unknown): unknown => value;
const is =
  (word: string) =>
  (value: string): boolean =>
    value === word;
const sorted = (value: readonly string[]): readonly string[] => [...value].sort();
const howMany = (value: readonly unknown[]): number => value.length;
const number = (value: string): number => Number(value);
/** What is not said of each of several things is not compared. */
export const each =
  (rows: readonly Row[]) =>
  (value: readonly Raw[]): readonly Raw[] =>
    value.map((raw) => expectedOf(rows, raw).value);

/** `{"year": 2024, "month": 3, …, "microsecond": 781000}` -> 2024-03-…T….781Z, by text alone. */
export function time(value: Raw | string | number): string {
  if (typeof value === 'number') return new Date(value * 1000).toISOString();
  if (typeof value === 'string') return new Date(value).toISOString();
  const two = (name: string): string => String(value[name] ?? 0).padStart(2, '0');
  const fraction = String(value.microsecond ?? 0).padStart(6, '0');
  const clock = [two('hour'), two('minute'), two('second')].join(':');
  return `${value.year}-${two('month')}-${two('day')}T${clock}.${fraction.slice(0, 3)}Z`;
}

/** AWS spells a tag's members with a small or a capital letter. */
function tags(value: readonly Raw[]): Raw {
  return Object.fromEntries(value.map((tag) => [String(tag.key ?? tag.Key), tag.value ?? tag.Value ?? '']));
}

/** `` is the answer itself. */
export function at(value: unknown, path: string): unknown {
  if (path === '') return value;
  return path.split('.').reduce<unknown>((found, member) => (isRaw(found) ? found[member] : undefined), value);
}

/** The members that a recording has a value for, nested as in the model, and how many there are. */
export function expectedOf(rows: readonly Row[], raw: Raw): { readonly value: Raw; readonly members: number } {
  const value: { [member: string]: unknown } = {};
  let members = 0;
  for (const [model, aws, how] of rows) {
    const said = at(raw, aws);
    // AWS writes "none" as '' in places.
    if (said === undefined || said === null || said === '') continue;
    members += 1;
    const path = model.split('.');
    const last = path.pop() ?? '';
    let place = value;
    for (const member of path) {
      const inner = place[member] ?? {};
      place[member] = inner;
      place = inner as { [member: string]: unknown };
    }
    place[last] = (how as (value: unknown) => unknown)(said);
  }
  return { value, members };
}

const STRATEGY: readonly Row[] = [
  ['capacityProvider', 'capacityProvider', same],
  ['weight', 'weight', same],
  ['base', 'base', same],
];
const CONSTRAINT: readonly Row[] = [
  ['type', 'type', same],
  ['expression', 'expression', same],
];

export const CLUSTER: readonly Row[] = [
  ['arn', 'clusterArn', same],
  ['name', 'clusterName', same],
  ['status', 'status', same],
  ['tags', 'tags', tags],
  ['containerInsights', 'settings', (value: readonly Raw[]) => setting(value)],
  ['defaultStrategy', 'defaultCapacityProviderStrategy', each(STRATEGY)],
];

function setting(settings: readonly Raw[]): unknown {
  return settings.find(({ name }) => name === 'containerInsights')?.value ?? null;
}

export const CAPACITY_PROVIDER: readonly Row[] = [
  ['arn', 'capacityProviderArn', same],
  ['name', 'name', same],
  ['status', 'status', same],
  ['tags', 'tags', tags],
  ['autoScalingGroup', 'autoScalingGroupProvider.autoScalingGroupArn', (arn: string) => arn.split('Name/')[1]],
  ['managedScaling.targetCapacityPercent', 'autoScalingGroupProvider.managedScaling.targetCapacity', same],
  ['managedScaling.minimumScalingStepSize', 'autoScalingGroupProvider.managedScaling.minimumScalingStepSize', same],
  ['managedScaling.maximumScalingStepSize', 'autoScalingGroupProvider.managedScaling.maximumScalingStepSize', same],
  ['managedTerminationProtection', 'autoScalingGroupProvider.managedTerminationProtection', is('ENABLED')],
];

const amount = (name: string) => (resources: readonly Raw[]) =>
  resources.find((resource) => resource.name === name)?.integerValue;
const ports = (resources: readonly Raw[]): readonly number[] =>
  resources
    .filter(({ name }) => name === 'PORTS' || name === 'PORTS_UDP')
    .flatMap(({ stringSetValue }) => stringSetValue as readonly string[])
    .map(Number)
    .sort((a, b) => a - b);
const attribute = (name: string) => (attributes: readonly Raw[]) =>
  attributes.find((one) => one.name === name)?.value ?? null;
const otherAttributes = (attributes: readonly Raw[]): Raw => {
  const known = /^(com\.amazonaws\.|ecs\.(instance-type|availability-zone|cpu-architecture|subnet-id)$)/;
  return Object.fromEntries(
    attributes.filter(({ name }) => !known.test(String(name))).map(({ name, value }) => [name, value ?? '']),
  );
};

export const CONTAINER_INSTANCE: readonly Row[] = [
  ['arn', 'containerInstanceArn', same],
  ['ec2InstanceId', 'ec2InstanceId', same],
  ['capacityProvider', 'capacityProviderName', same],
  ['status', 'status', same],
  ['registered.cpuUnits', 'registeredResources', amount('CPU')],
  ['registered.memoryMiB', 'registeredResources', amount('MEMORY')],
  ['registered.ports', 'registeredResources', ports],
  ['remaining.cpuUnits', 'remainingResources', amount('CPU')],
  ['remaining.memoryMiB', 'remainingResources', amount('MEMORY')],
  ['remaining.ports', 'remainingResources', ports],
  ['instanceType', 'attributes', attribute('ecs.instance-type')],
  ['az', 'attributes', attribute('ecs.availability-zone')],
  ['architecture', 'attributes', attribute('ecs.cpu-architecture')],
  ['subnetId', 'attributes', attribute('ecs.subnet-id')],
  ['attributes', 'attributes', otherAttributes],
  ['registeredAt', 'registeredAt', time],
  ['health', 'healthStatus.overallStatus', same],
  ['agentConnected', 'agentConnected', same],
  ['runningTasks', 'runningTasksCount', same],
  ['pendingTasks', 'pendingTasksCount', same],
];

export const SERVICE: readonly Row[] = [
  ['arn', 'serviceArn', same],
  ['name', 'serviceName', same],
  ['status', 'status', same],
  ['desiredCount', 'desiredCount', same],
  ['runningCount', 'runningCount', same],
  ['pendingCount', 'pendingCount', same],
  ['launchType', 'launchType', same],
  ['strategy', 'capacityProviderStrategy', each(STRATEGY)],
  ['platformVersion', 'platformVersion', same],
  ['taskDefinition', 'taskDefinition', same],
  ['schedulingStrategy', 'schedulingStrategy', same],
  ['deployment.minimumHealthyPercent', 'deploymentConfiguration.minimumHealthyPercent', same],
  ['deployment.maximumPercent', 'deploymentConfiguration.maximumPercent', same],
  ['deployment.strategy', 'deploymentConfiguration.strategy', same],
  ['deployment.circuitBreaker', 'deploymentConfiguration.deploymentCircuitBreaker.enable', same],
  ['deployment.inProgress', '', (service: Raw) => inProgress(service)],
  ['placementConstraints', 'placementConstraints', each(CONSTRAINT)],
  [
    'placementStrategy',
    'placementStrategy',
    each([
      ['type', 'type', same],
      ['field', 'field', same],
    ]),
  ],
  ['azRebalancing', 'availabilityZoneRebalancing', is('ENABLED')],
  ['subnets', 'networkConfiguration.awsvpcConfiguration.subnets', sorted],
  ['assignPublicIp', 'networkConfiguration.awsvpcConfiguration.assignPublicIp', is('ENABLED')],
  ['loadBalancers', 'loadBalancers', howMany],
  ['serviceRegistries', 'serviceRegistries', howMany],
  ['createdAt', 'createdAt', time],
  ['propagateTags', 'propagateTags', same],
  ['enableEcsManagedTags', 'enableECSManagedTags', same],
  ['tags', 'tags', tags],
];

function inProgress(service: Raw): boolean {
  const deployments = (service.deployments ?? []) as readonly Raw[];
  const sets = (service.taskSets ?? []) as readonly Raw[];
  const words = [...deployments.map(({ rolloutState }) => rolloutState), ...sets.map((set) => set.stabilityStatus)];
  return Math.max(deployments.length, sets.length) > 1 || /IN_PROGRESS|STABILIZING/.test(words.join(' '));
}

const CONTAINER: readonly Row[] = [
  ['name', 'name', same],
  ['image', 'image', same],
  ['essential', 'essential', same],
  ['cpuUnits', 'cpu', same],
  ['memoryMiB', 'memory', same],
  ['memoryReservationMiB', 'memoryReservation', same],
  ['privileged', 'privileged', same],
  ['linuxCapabilities', 'linuxParameters.capabilities.add', sorted],
  ['stopTimeoutSeconds', 'stopTimeout', same],
  ['logDriver', 'logConfiguration.logDriver', same],
];

export const TASK_DEFINITION: readonly Row[] = [
  ['arn', 'taskDefinitionArn', same],
  ['family', 'family', same],
  ['revision', 'revision', same],
  ['cpuUnits', 'cpu', number],
  ['memoryMiB', 'memory', number],
  ['networkMode', 'networkMode', same],
  ['operatingSystem', 'runtimePlatform.operatingSystemFamily', same],
  ['architecture', 'runtimePlatform.cpuArchitecture', (word: string) => word.toLowerCase()],
  ['requiresCompatibilities', 'requiresCompatibilities', sorted],
  ['ephemeralStorageGiB', 'ephemeralStorage.sizeInGiB', same],
  ['placementConstraints', 'placementConstraints', each(CONSTRAINT)],
  ['volumes', 'volumes', each([['name', 'name', same]])],
  ['ipcMode', 'ipcMode', same],
  ['pidMode', 'pidMode', same],
  ['containers', 'containerDefinitions', each(CONTAINER)],
];

export const TASK: readonly Row[] = [
  ['arn', 'taskArn', same],
  ['group', 'group', same],
  ['taskDefinition', 'taskDefinitionArn', same],
  ['lastStatus', 'lastStatus', same],
  ['launchType', 'launchType', same],
  ['capacityProvider', 'capacityProviderName', same],
  ['containerInstance', 'containerInstanceArn', same],
  ['az', 'availabilityZone', same],
  ['cpuUnits', 'cpu', number],
  ['memoryMiB', 'memory', number],
  ['ephemeralStorageGiB', 'ephemeralStorage.sizeInGiB', same],
  ['platformVersion', 'platformVersion', same],
  ['pullStartedAt', 'pullStartedAt', time],
  ['startedAt', 'startedAt', time],
];

export const EC2_INSTANCE: readonly Row[] = [
  ['id', 'InstanceId', same],
  ['type', 'InstanceType', same],
  ['az', 'Placement.AvailabilityZone', same],
  ['lifecycle', 'InstanceLifecycle', same],
  ['state', 'State.Name', same],
  ['launchedAt', 'LaunchTime', time],
  ['subnetId', 'SubnetId', same],
  ['capacityReservationId', 'CapacityReservationId', same],
  ['autoScalingGroup', 'Tags', (value: readonly Raw[]) => tags(value)['aws:autoscaling:groupName'] ?? null],
  ['operator', 'Operator.Principal', same],
  ['tags', 'Tags', tags],
];

export const VOLUME: readonly Row[] = [
  ['id', 'VolumeId', same],
  ['sizeGiB', 'Size', same],
  ['type', 'VolumeType', same],
];

export const STATUS_EVENT: readonly Row[] = [
  ['id', 'InstanceEventId', same],
  ['code', 'Code', same],
  ['notBefore', 'NotBefore', time],
  ['notAfter', 'NotAfter', time],
  ['description', 'Description', same],
];

export const EVENT_WINDOW: readonly Row[] = [
  ['id', 'InstanceEventWindowId', same],
  ['name', 'Name', same],
  ['state', 'State', same],
  ['cron', 'CronExpression', same],
  [
    'timeRanges',
    'TimeRanges',
    each([
      ['startWeekDay', 'StartWeekDay', same],
      ['startHour', 'StartHour', same],
      ['endWeekDay', 'EndWeekDay', same],
      ['endHour', 'EndHour', same],
    ]),
  ],
  ['instanceIds', 'AssociationTarget.InstanceIds', sorted],
  [
    'instanceTags',
    'AssociationTarget.Tags',
    each([
      ['key', 'Key', same],
      ['value', 'Value', same],
    ]),
  ],
  ['dedicatedHostIds', 'AssociationTarget.DedicatedHostIds', sorted],
  ['tags', 'Tags', tags],
];

export const SUBNET: readonly Row[] = [
  ['id', 'SubnetId', same],
  ['az', 'AvailabilityZone', same],
  ['availableAddresses', 'AvailableIpAddressCount', same],
];

export const CAPACITY_RESERVATION: readonly Row[] = [
  ['id', 'CapacityReservationId', same],
  ['instanceType', 'InstanceType', same],
  ['az', 'AvailabilityZone', same],
  ['total', 'TotalInstanceCount', same],
  ['available', 'AvailableInstanceCount', same],
  ['state', 'State', same],
  ['startedAt', 'StartDate', time],
  ['endsAt', 'EndDate', time],
];

export const AUTO_SCALING_GROUP: readonly Row[] = [
  ['name', 'AutoScalingGroupName', same],
  ['minSize', 'MinSize', same],
  ['maxSize', 'MaxSize', same],
  ['desiredCapacity', 'DesiredCapacity', same],
  ['instanceTypes', '', (group: Raw) => typesOf(group)],
  ['onDemandBaseCapacity', 'MixedInstancesPolicy.InstancesDistribution.OnDemandBaseCapacity', same],
  ['availabilityZones', 'AvailabilityZones', sorted],
  ['newInstancesProtectedFromScaleIn', 'NewInstancesProtectedFromScaleIn', same],
];

function typesOf(group: Raw): readonly unknown[] {
  const overrides = at(group, 'MixedInstancesPolicy.LaunchTemplate.Overrides') as readonly Raw[] | undefined;
  const things = overrides ?? (group.Instances as readonly Raw[]);
  return [...new Set(things.map(({ InstanceType }) => InstanceType))].filter((type) => type !== undefined);
}

export const SCALING: readonly Row[] = [
  ['min', 'MinCapacity', same],
  ['max', 'MaxCapacity', same],
];

export const QUOTA: readonly Row[] = [
  ['serviceCode', 'ServiceCode', same],
  ['quotaCode', 'QuotaCode', same],
  ['name', 'QuotaName', same],
  ['value', 'Value', same],
  ['unit', 'Unit', same],
  ['adjustable', 'Adjustable', same],
];
