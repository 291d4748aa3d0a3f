import {
  type CapacityReservation,
  DescribeCapacityReservations$,
  type DescribeCapacityReservationsRequest,
  type DescribeCapacityReservationsResult,
  DescribeNetworkInterfaces$,
  type DescribeNetworkInterfacesRequest,
  type DescribeNetworkInterfacesResult,
  DescribeSubnets$,
  type DescribeSubnetsRequest,
  type DescribeSubnetsResult,
  DescribeVolumes$,
  type DescribeVolumesRequest,
  type DescribeVolumesResult,
  type NetworkInterface,
  type Subnet,
  type Volume,
} from '@aws-sdk/client-ec2';
import { byId, ec2Operation, ec2Page, type FilterFields, filtered, visible } from './ec2-query.ts';
import type { Handler, ServiceTable } from './types.ts';

const VOLUME_FIELDS: FilterFields<Volume> = {
  'attachment.instance-id': ({ Attachments }) => (Attachments ?? []).map(({ InstanceId }) => InstanceId),
  'attachment.status': ({ Attachments }) => (Attachments ?? []).map(({ State }) => State),
  'availability-zone': ({ AvailabilityZone }) => AvailabilityZone,
  'availability-zone-id': ({ AvailabilityZoneId }) => AvailabilityZoneId,
  'create-time': ({ CreateTime }) => CreateTime,
  encrypted: ({ Encrypted }) => Encrypted,
  size: ({ Size }) => Size,
  status: ({ State }) => State,
  'volume-id': ({ VolumeId }) => VolumeId,
  'volume-type': ({ VolumeType }) => VolumeType,
};

const describeVolumes: Handler<DescribeVolumesRequest, DescribeVolumesResult> = (input, context) => {
  const { VolumeIds: ids, IncludeManagedResources: includeManaged } = input;
  const all = visible(context.region.ec2.volumes, context, { ids, includeManaged });
  const named = byId(all, { ids, idOf: ({ VolumeId }) => VolumeId, code: 'InvalidVolume', noun: 'volume' });
  const page = ec2Page(filtered(named, input.Filters, VOLUME_FIELDS), input, {
    operation: 'DescribeVolumes',
    context,
    key: ({ VolumeId }) => VolumeId ?? '',
    least: 5,
    most: 1000,
    ids,
  });
  return { Volumes: page.items, NextToken: page.nextToken };
};

/** Network interfaces call their tags `TagSet`. */
type TaggedInterface = NetworkInterface & { readonly Tags: NetworkInterface['TagSet'] };

const INTERFACE_FIELDS: FilterFields<TaggedInterface> = {
  'attachment.attachment-id': ({ Attachment }) => Attachment?.AttachmentId,
  'attachment.device-index': ({ Attachment }) => Attachment?.DeviceIndex,
  'attachment.instance-id': ({ Attachment }) => Attachment?.InstanceId,
  'attachment.instance-owner-id': ({ Attachment }) => Attachment?.InstanceOwnerId,
  'attachment.status': ({ Attachment }) => Attachment?.Status,
  'availability-zone': ({ AvailabilityZone }) => AvailabilityZone,
  description: ({ Description }) => Description,
  'group-id': ({ Groups }) => (Groups ?? []).map(({ GroupId }) => GroupId),
  'interface-type': ({ InterfaceType }) => InterfaceType,
  'network-interface-id': ({ NetworkInterfaceId }) => NetworkInterfaceId,
  'owner-id': ({ OwnerId }) => OwnerId,
  'private-ip-address': ({ PrivateIpAddress }) => PrivateIpAddress,
  'requester-id': ({ RequesterId }) => RequesterId,
  'requester-managed': ({ RequesterManaged }) => RequesterManaged,
  status: ({ Status }) => Status,
  'subnet-id': ({ SubnetId }) => SubnetId,
  'vpc-id': ({ VpcId }) => VpcId,
};

const describeNetworkInterfaces: Handler<DescribeNetworkInterfacesRequest, DescribeNetworkInterfacesResult> = (
  input,
  context,
) => {
  const { NetworkInterfaceIds: ids, IncludeManagedResources: includeManaged } = input;
  const all = visible(context.region.ec2.networkInterfaces, context, { ids, includeManaged });
  const named = byId(all, {
    ids,
    idOf: ({ NetworkInterfaceId }) => NetworkInterfaceId,
    code: 'InvalidNetworkInterfaceID',
    noun: 'networkInterface ID',
  });
  const tagged = named.map((face): TaggedInterface => ({ ...face, Tags: face.TagSet }));
  const page = ec2Page(filtered(tagged, input.Filters, INTERFACE_FIELDS), input, {
    operation: 'DescribeNetworkInterfaces',
    context,
    key: ({ NetworkInterfaceId }) => NetworkInterfaceId ?? '',
    least: 5,
    most: 1000,
    standard: 1000,
    ids,
  });
  return { NetworkInterfaces: page.items.map(({ Tags: _, ...face }) => face), NextToken: page.nextToken };
};

const SUBNET_FIELDS: FilterFields<Subnet> = {
  'availability-zone': ({ AvailabilityZone }) => AvailabilityZone,
  'availability-zone-id': ({ AvailabilityZoneId }) => AvailabilityZoneId,
  'available-ip-address-count': ({ AvailableIpAddressCount }) => AvailableIpAddressCount,
  'cidr-block': ({ CidrBlock }) => CidrBlock,
  'default-for-az': ({ DefaultForAz }) => DefaultForAz,
  'owner-id': ({ OwnerId }) => OwnerId,
  state: ({ State }) => State,
  'subnet-arn': ({ SubnetArn }) => SubnetArn,
  'subnet-id': ({ SubnetId }) => SubnetId,
  'vpc-id': ({ VpcId }) => VpcId,
};

const describeSubnets: Handler<DescribeSubnetsRequest, DescribeSubnetsResult> = (input, context) => {
  const named = byId(context.region.ec2.subnets, {
    ids: input.SubnetIds,
    idOf: ({ SubnetId }) => SubnetId,
    code: 'InvalidSubnetID',
    noun: 'subnet ID',
  });
  const page = ec2Page(filtered(named, input.Filters, SUBNET_FIELDS), input, {
    operation: 'DescribeSubnets',
    context,
    key: ({ SubnetId }) => SubnetId ?? '',
    least: 5,
    most: 1000,
    standard: 1000,
    ids: input.SubnetIds,
  });
  return { Subnets: page.items, NextToken: page.nextToken };
};

const RESERVATION_FIELDS: FilterFields<CapacityReservation> = {
  'availability-zone': ({ AvailabilityZone }) => AvailabilityZone,
  'end-date': ({ EndDate }) => EndDate,
  'end-date-type': ({ EndDateType }) => EndDateType,
  'instance-match-criteria': ({ InstanceMatchCriteria }) => InstanceMatchCriteria,
  'instance-platform': ({ InstancePlatform }) => InstancePlatform,
  'instance-type': ({ InstanceType }) => InstanceType,
  'owner-id': ({ OwnerId }) => OwnerId,
  'placement-group-arn': ({ PlacementGroupArn }) => PlacementGroupArn,
  'start-date': ({ StartDate }) => StartDate,
  state: ({ State }) => State,
  tenancy: ({ Tenancy }) => Tenancy,
};

const describeCapacityReservations: Handler<DescribeCapacityReservationsRequest, DescribeCapacityReservationsResult> = (
  input,
  context,
) => {
  const ids = input.CapacityReservationIds;
  const named = byId(context.region.ec2.capacityReservations, {
    ids,
    idOf: ({ CapacityReservationId }) => CapacityReservationId,
    code: 'InvalidCapacityReservationId',
    noun: 'capacity reservation',
  });
  const page = ec2Page(filtered(named, input.Filters, RESERVATION_FIELDS), input, {
    operation: 'DescribeCapacityReservations',
    context,
    key: ({ CapacityReservationId }) => CapacityReservationId ?? '',
    least: 1,
    most: 1000,
    ids,
  });
  return { CapacityReservations: page.items, NextToken: page.nextToken };
};

export const placeOperations: ServiceTable = {
  DescribeCapacityReservations: ec2Operation(DescribeCapacityReservations$, describeCapacityReservations),
  DescribeNetworkInterfaces: ec2Operation(DescribeNetworkInterfaces$, describeNetworkInterfaces),
  DescribeSubnets: ec2Operation(DescribeSubnets$, describeSubnets),
  DescribeVolumes: ec2Operation(DescribeVolumes$, describeVolumes),
};
