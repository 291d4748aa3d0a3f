/** EC2 instances that ECS uses: what runs on them, and how ECS and EC2 describe them. */
import type {
  Tag as Ec2Tag,
  Instance,
  InstanceStatus,
  NetworkInterface,
  OperatorResponse,
  Volume,
} from '@aws-sdk/client-ec2';
import type { ContainerInstance, Resource } from '@aws-sdk/client-ecs';
import type { InstanceType } from '../../../src/engine/index.ts';
import { ec2Id, ecsArn, HOUR_MS, hex, type Place, subnetId, zone } from './ids.ts';
import type { HostSpec, ProviderSpec } from './specs.ts';

/** What builders of one region share. Times are milliseconds. */
export type Setting = {
  readonly place: Place;
  /** When the world was made. */
  readonly start: number;
  /** Midnight UTC before `start`: ages count back from here, so that whole days of bills do not depend on the hour. */
  readonly anchor: number;
  readonly types: ReadonlyMap<string, InstanceType>;
};

export type Demand = {
  readonly cpu: number;
  readonly memory: number;
  readonly ports: readonly number[];
  readonly awsvpc: boolean;
};

export type Host = {
  readonly spec: HostSpec;
  readonly provider: ProviderSpec & { readonly name: string };
  readonly cluster: string;
  readonly place: Place;
  readonly instanceId: string;
  readonly arn: string;
  readonly type: InstanceType;
  readonly az: string;
  readonly launchedAt: number;
  readonly registered: { readonly cpu: number; readonly memory: number };
  /** Changed by `take`. */
  readonly free: { cpu: number; memory: number; enis: number; ports: number[]; tasks: number };
};

/** Share of nominal memory that an instance registers. */
const REGISTERED_MEMORY = 0.95;
const AGENT_PORTS = [22, 2375, 2376, 51_678, 51_679];

/** The region's type, or an error naming it: the world uses only types that the price book has. */
export function typeOf(setting: Setting, name: string): InstanceType {
  const type = setting.types.get(name);
  if (type === undefined) throw new Error(`the price book of ${setting.place.region} has no ${name}`);
  return type;
}

export function makeHost(
  setting: Setting,
  cluster: string,
  spec: HostSpec,
  provider: ProviderSpec & { readonly name: string },
): Host {
  const seed = `${setting.place.account} ${cluster} ${spec.provider} ${spec.type} ${spec.ageHours} ${spec.zone} ${spec.number ?? 0}`;
  const type = typeOf(setting, spec.type);
  const registered = { cpu: type.vcpu * 1024, memory: Math.floor(type.memoryMiB * REGISTERED_MEMORY) };
  const enis = type.branchEnis === null ? type.enis - 1 : type.branchEnis + type.enis - 2;
  return {
    spec,
    provider,
    cluster,
    place: setting.place,
    instanceId: ec2Id('i', seed),
    arn: ecsArn(setting.place, `container-instance/${cluster}/${hex(`container instance ${seed}`, 32)}`),
    type,
    az: zone(setting.place.region, spec.zone),
    launchedAt: setting.anchor - spec.ageHours * HOUR_MS,
    registered,
    free: { ...registered, enis, ports: [], tasks: 0 },
  };
}

export function fits(host: Host, demand: Demand): boolean {
  const { free } = host;
  return (
    free.cpu >= demand.cpu &&
    free.memory >= demand.memory &&
    (!demand.awsvpc || free.enis > 0) &&
    !demand.ports.some((port) => free.ports.includes(port))
  );
}

/** Books a task on the host. Throws when it does not fit: the world must be possible. */
export function take(host: Host, demand: Demand): void {
  if (!fits(host, demand)) throw new Error(`no room on ${host.instanceId} of ${host.cluster}`);
  host.free.cpu -= demand.cpu;
  host.free.memory -= demand.memory;
  host.free.enis -= demand.awsvpc ? 1 : 0;
  host.free.ports.push(...demand.ports);
  host.free.tasks += 1;
}

const isManaged = (host: Host): boolean => host.provider.kind === 'managed-instances';

/** EC2 says of Managed Instances that ECS operates them. */
function operatorOf(host: Host): { Operator: OperatorResponse } {
  return isManaged(host)
    ? { Operator: { Managed: true, Principal: 'ecs.amazonaws.com', HiddenByDefault: true } }
    : { Operator: { Managed: false } };
}

/** Tags of the instance: of EC2 Auto Scaling, or those that ECS writes on Managed Instances. */
export function hostTags(host: Host): Ec2Tag[] {
  const tags: { readonly [key: string]: string } =
    host.provider.kind === 'managed-instances'
      ? {
          AmazonECSCreated: 'true',
          AmazonECSManaged: 'true',
          'aws:ecs:clusterName': host.cluster,
          'aws:ecs:capacityProviderName': host.provider.name,
          'aws:ecs:containerInstanceId': host.arn.split('/')[2] ?? '',
          'aws:ec2:managed-launch': 'ecs-managed-instances',
          ...host.provider.tags,
        }
      : {
          Name: `ecs-${host.cluster}`,
          AmazonECSManaged: 'true',
          'aws:autoscaling:groupName': host.provider.kind === 'asg' ? host.provider.group : '',
        };
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

function resources(cpu: number, memory: number, ports: readonly number[]): Resource[] {
  const number = (name: string, integerValue: number): Resource => ({
    name,
    type: 'INTEGER',
    doubleValue: 0,
    longValue: 0,
    integerValue,
  });
  const set = (name: string, stringSetValue: string[]): Resource => ({
    name,
    type: 'STRINGSET',
    doubleValue: 0,
    longValue: 0,
    integerValue: 0,
    stringSetValue,
  });
  return [number('CPU', cpu), number('MEMORY', memory), set('PORTS', ports.map(String)), set('PORTS_UDP', [])];
}

/** As DescribeContainerInstances has it with every `include`. ECS lists ports that are taken, also as registered. */
export function toContainerInstance(host: Host): ContainerInstance {
  const registeredAt = new Date(host.launchedAt + 75_000);
  const attributes = {
    'ecs.instance-type': host.type.name,
    'ecs.availability-zone': host.az,
    'ecs.cpu-architecture': host.type.architecture,
    'ecs.subnet-id': subnetId(host.place, host.az),
    'ecs.os-type': 'linux',
    'ecs.vpc-id': ec2Id('vpc', host.place.account),
    'ecs.ami-id': ec2Id('ami', host.provider.kind),
    'ecs.awsvpc-trunk-id': ec2Id('eni', `trunk ${host.instanceId}`),
  };
  return {
    containerInstanceArn: host.arn,
    ec2InstanceId: host.instanceId,
    capacityProviderName: host.provider.name,
    version: 3 + host.free.tasks,
    versionInfo: { agentVersion: '1.99.1', agentHash: hex('agent', 8), dockerVersion: 'DockerVersion: 25.0.8' },
    registeredResources: resources(host.registered.cpu, host.registered.memory, AGENT_PORTS),
    remainingResources: resources(host.free.cpu, host.free.memory, [...AGENT_PORTS, ...host.free.ports]),
    status: host.spec.draining === true ? 'DRAINING' : 'ACTIVE',
    agentConnected: true,
    runningTasksCount: host.free.tasks,
    pendingTasksCount: 0,
    attributes: Object.entries(attributes).map(([name, value]) => ({ name, value })),
    registeredAt,
    attachments: [],
    tags: isManaged(host) ? [{ key: 'AmazonECSManaged', value: 'true' }] : [],
    healthStatus: {
      overallStatus: 'OK',
      details: [{ type: 'CONTAINER_RUNTIME', status: 'OK', lastUpdated: registeredAt, lastStatusChange: registeredAt }],
    },
  };
}

/** GiB of gp3 that the instance has: ECS's data volume, or the root volume of the group's launch template. */
export function diskGiB(host: Host): number {
  return isManaged(host) ? 80 : 30;
}

export function toInstance(host: Host): Instance {
  const VolumeId = ec2Id('vol', host.instanceId);
  return {
    InstanceId: host.instanceId,
    InstanceType: host.type.name as Instance['InstanceType'],
    ImageId: ec2Id('ami', host.provider.kind),
    State: { Code: 16, Name: 'running' },
    LaunchTime: new Date(host.launchedAt),
    Placement: { AvailabilityZone: host.az, Tenancy: 'default', GroupName: '' },
    Architecture: host.type.architecture,
    ...(host.spec.lifecycle === 'spot'
      ? { InstanceLifecycle: 'spot', SpotInstanceRequestId: `sir-${hex(`sir ${host.instanceId}`, 8)}` }
      : {}),
    ...(host.provider.kind === 'managed-instances' && host.provider.option === 'RESERVED'
      ? { CapacityReservationId: reservationId(host.place, host.type.name) }
      : {}),
    BlockDeviceMappings: [
      {
        DeviceName: isManaged(host) ? '/dev/xvdb' : '/dev/xvda',
        Ebs: { VolumeId, Status: 'attached', DeleteOnTermination: true, AttachTime: new Date(host.launchedAt) },
      },
    ],
    SubnetId: subnetId(host.place, host.az),
    VpcId: ec2Id('vpc', host.place.account),
    PrivateIpAddress: privateIp(host.instanceId),
    Tags: hostTags(host),
    ...operatorOf(host),
  };
}

/** One reservation per account, region and type. */
export function reservationId(place: Place, type: string): string {
  return ec2Id('cr', `${place.account} ${place.region} ${type}`);
}

/** A made-up address of 10.0.0.0/8. */
export function privateIp(seed: string): string {
  const bytes = Number.parseInt(hex(`ip ${seed}`, 6), 16);
  return `10.${bytes >> 16}.${(bytes >> 8) & 255}.${bytes & 255}`;
}

export function toVolume(host: Host): Volume {
  return {
    VolumeId: ec2Id('vol', host.instanceId),
    Size: diskGiB(host),
    VolumeType: 'gp3',
    Iops: 3000,
    Throughput: 125,
    State: 'in-use',
    Encrypted: true,
    AvailabilityZone: host.az,
    CreateTime: new Date(host.launchedAt),
    Attachments: [
      {
        VolumeId: ec2Id('vol', host.instanceId),
        InstanceId: host.instanceId,
        Device: isManaged(host) ? '/dev/xvdb' : '/dev/xvda',
        State: 'attached',
        AttachTime: new Date(host.launchedAt),
        DeleteOnTermination: true,
      },
    ],
    Tags: isManaged(host) ? hostTags(host) : [],
    ...operatorOf(host),
  };
}

export function toPrimaryInterface(host: Host): NetworkInterface {
  return {
    NetworkInterfaceId: ec2Id('eni', host.instanceId),
    InterfaceType: 'interface',
    Status: 'in-use',
    OwnerId: host.place.account,
    AvailabilityZone: host.az,
    SubnetId: subnetId(host.place, host.az),
    VpcId: ec2Id('vpc', host.place.account),
    PrivateIpAddress: privateIp(host.instanceId),
    Description: '',
    Attachment: { InstanceId: host.instanceId, DeviceIndex: 0, Status: 'attached' },
    ...operatorOf(host),
  };
}

export function toStatus(host: Host, events: InstanceStatus['Events'] = []): InstanceStatus {
  return {
    InstanceId: host.instanceId,
    AvailabilityZone: host.az,
    InstanceState: { Code: 16, Name: 'running' },
    InstanceStatus: { Status: 'ok', Details: [{ Name: 'reachability', Status: 'passed' }] },
    SystemStatus: { Status: 'ok', Details: [{ Name: 'reachability', Status: 'passed' }] },
    Events: events,
    ...operatorOf(host),
  };
}
