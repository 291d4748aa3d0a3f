import {
  DescribeInstanceStatus$,
  type DescribeInstanceStatusRequest,
  type DescribeInstanceStatusResult,
  DescribeInstances$,
  type DescribeInstancesRequest,
  type DescribeInstancesResult,
  DescribeInstanceTypes$,
  type DescribeInstanceTypesRequest,
  type DescribeInstanceTypesResult,
  GetManagedResourceVisibility$,
  type GetManagedResourceVisibilityRequest,
  type GetManagedResourceVisibilityResult,
  type Instance,
  type InstanceStatus,
  type InstanceTypeInfo,
  type Reservation,
} from '@aws-sdk/client-ec2';
import { byId, ec2Operation, ec2Page, type FilterFields, filtered, invalidValue, visible } from './ec2-query.ts';
import { AwsFault, type Handler, type HandlerContext, type ServiceTable } from './types.ts';

const INSTANCE_FIELDS: FilterFields<Instance> = {
  architecture: (instance) => instance.Architecture,
  'availability-zone': (instance) => instance.Placement?.AvailabilityZone,
  'availability-zone-id': (instance) => instance.Placement?.AvailabilityZoneId,
  'capacity-reservation-id': (instance) => instance.CapacityReservationId,
  'host-id': (instance) => instance.Placement?.HostId,
  'image-id': (instance) => instance.ImageId,
  'instance-id': (instance) => instance.InstanceId,
  'instance-lifecycle': (instance) => instance.InstanceLifecycle,
  'instance-state-code': (instance) => instance.State?.Code,
  'instance-state-name': (instance) => instance.State?.Name,
  'instance-type': (instance) => instance.InstanceType,
  'launch-time': (instance) => instance.LaunchTime,
  'private-ip-address': (instance) => instance.PrivateIpAddress,
  'subnet-id': (instance) => instance.SubnetId,
  tenancy: (instance) => instance.Placement?.Tenancy,
  'vpc-id': (instance) => instance.VpcId,
};

const describeInstances: Handler<DescribeInstancesRequest, DescribeInstancesResult> = (input, context) => {
  const { InstanceIds: ids, IncludeManagedResources: includeManaged } = input;
  const all = visible(context.region.ec2.instances, context, { ids, includeManaged });
  const named = byId(all, {
    ids,
    idOf: ({ InstanceId }) => InstanceId,
    code: 'InvalidInstanceID',
    noun: 'instance ID',
  });
  const page = ec2Page(filtered(named, input.Filters, INSTANCE_FIELDS), input, {
    operation: 'DescribeInstances',
    context,
    key: ({ InstanceId }) => InstanceId ?? '',
    least: 5,
    most: 1000,
    ids,
  });
  return { Reservations: page.items.map((instance) => reservationOf(instance, context)), NextToken: page.nextToken };
};

/** Every instance of the simulated world was launched by a request of its own. */
function reservationOf(instance: Instance, { account }: HandlerContext): Reservation {
  const id = (instance.InstanceId ?? '').replace(/^i-/, 'r-');
  return { ReservationId: id, OwnerId: account.id, Groups: [], Instances: [instance] };
}

const STATUS_FIELDS: FilterFields<InstanceStatus> = {
  'availability-zone': (status) => status.AvailabilityZone,
  'availability-zone-id': (status) => status.AvailabilityZoneId,
  'event.code': (status) => (status.Events ?? []).map(({ Code }) => Code),
  'event.description': (status) => (status.Events ?? []).map(({ Description }) => Description),
  'event.instance-event-id': (status) => (status.Events ?? []).map(({ InstanceEventId }) => InstanceEventId),
  'event.not-after': (status) => (status.Events ?? []).map(({ NotAfter }) => NotAfter),
  'event.not-before': (status) => (status.Events ?? []).map(({ NotBefore }) => NotBefore),
  'event.not-before-deadline': (status) => (status.Events ?? []).map(({ NotBeforeDeadline }) => NotBeforeDeadline),
  'instance-state-code': (status) => status.InstanceState?.Code,
  'instance-state-name': (status) => status.InstanceState?.Name,
  'instance-status.status': (status) => status.InstanceStatus?.Status,
  'system-status.status': (status) => status.SystemStatus?.Status,
};

/** Running instances only, unless `IncludeAllInstances` says otherwise. */
const describeInstanceStatus: Handler<DescribeInstanceStatusRequest, DescribeInstanceStatusResult> = (
  input,
  context,
) => {
  const { InstanceIds: ids, IncludeManagedResources: includeManaged } = input;
  const all = visible(context.region.ec2.statuses, context, { ids, includeManaged });
  const named = byId(all, {
    ids,
    idOf: ({ InstanceId }) => InstanceId,
    code: 'InvalidInstanceID',
    noun: 'instance ID',
  });
  const shown = named.filter(
    (status) => input.IncludeAllInstances === true || status.InstanceState?.Name === 'running',
  );
  const page = ec2Page(filtered(shown, input.Filters, STATUS_FIELDS), input, {
    operation: 'DescribeInstanceStatus',
    context,
    key: ({ InstanceId }) => InstanceId ?? '',
    least: 5,
    most: 1000,
    ids,
  });
  return { InstanceStatuses: page.items, NextToken: page.nextToken };
};

const TYPE_FIELDS: FilterFields<InstanceTypeInfo> = {
  'bare-metal': (type) => type.BareMetal,
  'burstable-performance-supported': (type) => type.BurstablePerformanceSupported,
  'current-generation': (type) => type.CurrentGeneration,
  hypervisor: (type) => type.Hypervisor,
  'instance-storage-supported': (type) => type.InstanceStorageSupported,
  'instance-type': (type) => type.InstanceType,
  'memory-info.size-in-mib': (type) => type.MemoryInfo?.SizeInMiB,
  'processor-info.supported-architecture': (type) => type.ProcessorInfo?.SupportedArchitectures,
  'supported-usage-class': (type) => type.SupportedUsageClasses,
  'supported-virtualization-type': (type) => type.SupportedVirtualizationTypes,
  'vcpu-info.default-vcpus': (type) => type.VCpuInfo?.DefaultVCpus,
};

const describeInstanceTypes: Handler<DescribeInstanceTypesRequest, DescribeInstanceTypesResult> = (input, context) => {
  const types = context.region.ec2.instanceTypes;
  const asked = input.InstanceTypes ?? [];
  if (asked.length > 100) throw invalidValue('The request names more than 100 instance types.');
  const known = new Set(types.map(({ InstanceType }) => InstanceType));
  const unknown = asked.filter((type) => !known.has(type));
  if (unknown.length > 0) {
    const message = `The following supplied instance types do not exist: [${unknown.join(', ')}]`;
    throw new AwsFault('InvalidInstanceType', message);
  }
  const wanted = new Set(asked);
  const named = types.filter(({ InstanceType: type }) => wanted.size === 0 || (type !== undefined && wanted.has(type)));
  const page = ec2Page(filtered(named, input.Filters, TYPE_FIELDS), input, {
    operation: 'DescribeInstanceTypes',
    context,
    key: ({ InstanceType }) => InstanceType ?? '',
    least: 5,
    most: 100,
    standard: 100,
  });
  return { InstanceTypes: page.items, NextToken: page.nextToken };
};

const getManagedResourceVisibility: Handler<GetManagedResourceVisibilityRequest, GetManagedResourceVisibilityResult> = (
  _input,
  { region },
) => ({ Visibility: { DefaultVisibility: region.ec2.managedResourceVisibility } });

export const instanceOperations: ServiceTable = {
  DescribeInstances: ec2Operation(DescribeInstances$, describeInstances),
  DescribeInstanceStatus: ec2Operation(DescribeInstanceStatus$, describeInstanceStatus),
  DescribeInstanceTypes: ec2Operation(DescribeInstanceTypes$, describeInstanceTypes),
  GetManagedResourceVisibility: ec2Operation(GetManagedResourceVisibility$, getManagedResourceVisibility),
};
