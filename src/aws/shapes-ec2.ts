import type * as autoScaling from '@aws-sdk/client-auto-scaling';
import type * as ec2 from '@aws-sdk/client-ec2';
import type { AutoScalingGroup, CapacityReservation, Ec2Instance, EventWindow, RegionPart } from '../engine/index.ts';
import { sortedBy, sortedTexts, toDecimal, toNumber, toTags, toText, toTime } from './shapes-members.ts';

/** What a region has apart from ECS: instances and what they are made of, groups, reservations, windows. */

/**
 * A living instance (`endedAt` null); null without id, type or launch time. `status` is its DescribeInstanceStatus
 * entry, where it has one; `volumes` are the ones attached to it.
 */
export function toEc2Instance(
  instance: ec2.Instance,
  found: { readonly status: ec2.InstanceStatus | null; readonly volumes: readonly ec2.Volume[] },
): Ec2Instance | null {
  const id = toText(instance.InstanceId);
  const type = toText(instance.InstanceType);
  const launchedAt = toTime(instance.LaunchTime);
  if (id === null || type === null || launchedAt === null) return null;
  const tags = toTags(instance.Tags);
  return {
    id,
    type,
    az: instance.Placement?.AvailabilityZone ?? '',
    lifecycle: instance.InstanceLifecycle === 'spot' ? 'spot' : 'on-demand',
    state: instance.State?.Name ?? '',
    launchedAt,
    endedAt: null,
    subnetId: toText(instance.SubnetId),
    capacityReservationId: toText(instance.CapacityReservationId),
    autoScalingGroup: toText(tags['aws:autoscaling:groupName']),
    operator: instance.Operator?.Managed === true ? toText(instance.Operator.Principal) : null,
    volumes: toVolumes(found.volumes),
    events: toEvents(found.status?.Events),
    tags,
  };
}

/** A volume without id or size says nothing about cost and is left out. */
function toVolumes(volumes: readonly ec2.Volume[]): Ec2Instance['volumes'] {
  const sized = volumes.flatMap((volume) => {
    const id = toText(volume.VolumeId);
    const sizeGiB = toNumber(volume.Size);
    return id === null || sizeGiB === null ? [] : [{ id, sizeGiB, type: volume.VolumeType ?? '' }];
  });
  return sortedBy(sized, (volume) => volume.id);
}

/** Ended events stay listed for a week; AWS begins their description with `[Completed]`. */
function toEvents(events: readonly ec2.InstanceStatusEvent[] | undefined): Ec2Instance['events'] {
  const converted = (events ?? []).map((event) => ({
    id: event.InstanceEventId ?? '',
    code: event.Code ?? '',
    notBefore: toTime(event.NotBefore),
    notAfter: toTime(event.NotAfter),
    description: event.Description ?? '',
  }));
  return sortedBy(converted, (event) => `${event.notBefore} ${event.id} ${event.code}`);
}

/**
 * A group; null without name or sizes. `launchTemplateType` is the type its launch template or configuration names, for
 * groups whose policy does not list any.
 */
export function toAutoScalingGroup(
  group: autoScaling.AutoScalingGroup,
  launchTemplateType: string | null,
): AutoScalingGroup | null {
  const name = toText(group.AutoScalingGroupName);
  const minSize = toNumber(group.MinSize);
  const maxSize = toNumber(group.MaxSize);
  const desiredCapacity = toNumber(group.DesiredCapacity);
  if (name === null || minSize === null || maxSize === null || desiredCapacity === null) return null;
  const distribution = group.MixedInstancesPolicy?.InstancesDistribution;
  return {
    name,
    minSize,
    maxSize,
    desiredCapacity,
    instanceTypes: toInstanceTypes(group, launchTemplateType),
    // Defaults of InstancesDistribution: no base, and everything above it on demand.
    onDemandBaseCapacity: toNumber(distribution?.OnDemandBaseCapacity) ?? 0,
    onDemandPercentageAboveBase: toNumber(distribution?.OnDemandPercentageAboveBaseCapacity) ?? 100,
    availabilityZones: sortedTexts(group.AvailabilityZones),
    newInstancesProtectedFromScaleIn: group.NewInstancesProtectedFromScaleIn ?? false,
  };
}

/**
 * In the policy's order of preference. A group that selects by attributes names no types, and the template's type does
 * not count then: what it runs now is all that is known.
 */
function toInstanceTypes(group: autoScaling.AutoScalingGroup, launchTemplateType: string | null): readonly string[] {
  const overrides = group.MixedInstancesPolicy?.LaunchTemplate?.Overrides ?? [];
  const listed = overrides.flatMap(({ InstanceType }) => toText(InstanceType) ?? []);
  if (listed.length > 0) return [...new Set(listed)];
  const byAttributes = overrides.some(({ InstanceRequirements }) => InstanceRequirements !== undefined);
  if (launchTemplateType !== null && !byAttributes) return [launchTemplateType];
  return sortedTexts([...new Set((group.Instances ?? []).flatMap(({ InstanceType }) => toText(InstanceType) ?? []))]);
}

/** A reservation; null without id, type or counts. `endsAt` null = open-ended. */
export function toCapacityReservation(reservation: ec2.CapacityReservation): CapacityReservation | null {
  const id = toText(reservation.CapacityReservationId);
  const instanceType = toText(reservation.InstanceType);
  const total = toNumber(reservation.TotalInstanceCount);
  const available = toNumber(reservation.AvailableInstanceCount);
  if (id === null || instanceType === null || total === null || available === null) return null;
  return {
    id,
    instanceType,
    az: reservation.AvailabilityZone ?? '',
    total,
    available,
    state: reservation.State ?? '',
    startedAt: toTime(reservation.StartDate),
    endsAt: toTime(reservation.EndDate),
  };
}

/** A window; null without id, or with a time range that is not whole (a window with a hole would mislead). */
export function toEventWindow(window: ec2.InstanceEventWindow): EventWindow | null {
  const id = toText(window.InstanceEventWindowId);
  const ranges = (window.TimeRanges ?? []).map(toTimeRange);
  const timeRanges = ranges.filter((range) => range !== null);
  if (id === null || timeRanges.length < ranges.length) return null;
  const target = window.AssociationTarget;
  const instanceTags = (target?.Tags ?? []).map(({ Key, Value }) => ({ key: Key ?? '', value: Value ?? '' }));
  return {
    id,
    name: window.Name ?? '',
    state: window.State ?? '',
    cron: toText(window.CronExpression),
    timeRanges: sortedBy(
      timeRanges,
      (range) => `${WEEK.indexOf(range.startWeekDay)} ${String(range.startHour).padStart(2, '0')}`,
    ),
    instanceIds: sortedTexts(target?.InstanceIds),
    instanceTags: sortedBy(instanceTags, (tag) => `${tag.key} ${tag.value}`),
    dedicatedHostIds: sortedTexts(target?.DedicatedHostIds),
    tags: toTags(window.Tags),
  };
}

const WEEK: readonly string[] = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

function toTimeRange(range: ec2.InstanceEventWindowTimeRange): EventWindow['timeRanges'][number] | null {
  const startWeekDay = toText(range.StartWeekDay);
  const startHour = toNumber(range.StartHour);
  const endWeekDay = toText(range.EndWeekDay);
  const endHour = toNumber(range.EndHour);
  if (startWeekDay === null || startHour === null || endWeekDay === null || endHour === null) return null;
  return { startWeekDay, startHour, endWeekDay, endHour };
}

/** A subnet; null without id or count of free addresses. */
export function toSubnet(subnet: ec2.Subnet): RegionPart['subnets'][number] | null {
  const id = toText(subnet.SubnetId);
  const availableAddresses = toNumber(subnet.AvailableIpAddressCount);
  if (id === null || availableAddresses === null) return null;
  return { id, az: subnet.AvailabilityZone ?? '', availableAddresses };
}

/** A Spot price of one type in one zone; null unless all of it is there. */
export function toSpotPrice(price: ec2.SpotPrice): RegionPart['spotPrices'][number] | null {
  const type = toText(price.InstanceType);
  const az = toText(price.AvailabilityZone);
  const usdPerHour = toDecimal(price.SpotPrice);
  const at = toTime(price.Timestamp);
  return type === null || az === null || usdPerHour === null || at === null ? null : { type, az, usdPerHour, at };
}
