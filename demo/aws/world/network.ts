/** Subnets, network interfaces, Spot prices and instance types of a region. */
import type { InstanceTypeInfo, NetworkInterface, SpotPrice, Subnet } from '@aws-sdk/client-ec2';
import type { Task } from '@aws-sdk/client-ecs';
import type { InstanceType, PriceBook } from '../../../src/engine/index.ts';
import { DAY_MS, ec2Id, fraction, HOUR_MS, type Place, subnetId, zone } from './ids.ts';

const SUBNET_ADDRESSES = 4091;

/** One subnet per zone; its free addresses are what the interfaces leave. */
export function subnetsOf(place: Place, interfaces: readonly NetworkInterface[]): Subnet[] {
  return [0, 1, 2].map((index) => {
    const az = zone(place.region, index);
    const used = interfaces.filter(({ AvailabilityZone }) => AvailabilityZone === az).length;
    return {
      SubnetId: subnetId(place, az),
      SubnetArn: `arn:aws:ec2:${place.region}:${place.account}:subnet/${subnetId(place, az)}`,
      State: 'available',
      VpcId: ec2Id('vpc', place.account),
      OwnerId: place.account,
      CidrBlock: `10.${index * 16}.0.0/20`,
      AvailableIpAddressCount: SUBNET_ADDRESSES - used,
      AvailabilityZone: az,
      AvailabilityZoneId: `${place.region.replaceAll(/[^a-z0-9]/g, '')}-az${index + 1}`,
      DefaultForAz: false,
      MapPublicIpOnLaunch: false,
      Tags: [{ Key: 'Name', Value: `private-${index + 1}` }],
    };
  });
}

/** The interfaces of awsvpc tasks, as their attachments name them. */
export function taskInterfaces(place: Place, tasks: readonly Task[]): NetworkInterface[] {
  return tasks.flatMap((task) =>
    (task.attachments ?? []).map((attachment) => {
      const detail = (name: string): string => attachment.details?.find((one) => one.name === name)?.value ?? '';
      return {
        NetworkInterfaceId: detail('networkInterfaceId'),
        InterfaceType: task.launchType === 'FARGATE' ? 'interface' : 'branch',
        Status: 'in-use',
        OwnerId: place.account,
        RequesterManaged: true,
        AvailabilityZone: task.availabilityZone,
        SubnetId: detail('subnetId'),
        VpcId: ec2Id('vpc', place.account),
        PrivateIpAddress: detail('privateIPv4Address'),
        Description: task.taskArn?.replace('task/', 'attachment/'),
        TagSet: [],
      } satisfies NetworkInterface;
    }),
  );
}

/** What Spot costs: the price book's saving, a little different in each zone. Four decimals, as EC2 prints them. */
export function spotPrice(prices: PriceBook, type: string, az: string): string {
  const onDemand = Number(prices.onDemand[type]?.usdPerHour ?? 0);
  const saving = (prices.spotSavingPercent[type] ?? 0) / 100;
  return (onDemand * (1 - saving) * (0.97 + 0.06 * fraction(`spot ${type} ${az}`))).toFixed(4);
}

/** Two prices of the Spot types in use per zone, the newer one today's. */
export function spotHistory(
  prices: PriceBook,
  { region }: Place,
  from: { readonly anchor: number; readonly types: readonly string[] },
): SpotPrice[] {
  return [...new Set(from.types)].sort().flatMap((type) =>
    [0, 1, 2].flatMap((index) => {
      const az = zone(region, index);
      const now = spotPrice(prices, type, az);
      const row = (SpotPrice: string, at: number): SpotPrice => ({
        AvailabilityZone: az,
        InstanceType: type as SpotPrice['InstanceType'],
        ProductDescription: 'Linux/UNIX',
        SpotPrice,
        Timestamp: new Date(at),
      });
      return [row(now, from.anchor + HOUR_MS), row((Number(now) * 1.02).toFixed(4), from.anchor - 2 * DAY_MS)];
    }),
  );
}

const MANUFACTURER = { intel: 'Intel', amd: 'AMD', aws: 'AWS' } as const;

export function toInstanceTypeInfo(type: InstanceType): InstanceTypeInfo {
  return {
    InstanceType: type.name as InstanceTypeInfo['InstanceType'],
    CurrentGeneration: type.currentGeneration,
    BareMetal: type.bareMetal,
    BurstablePerformanceSupported: type.burstable,
    SupportedUsageClasses: ['on-demand', 'spot'],
    ProcessorInfo: { SupportedArchitectures: [type.architecture], Manufacturer: MANUFACTURER[type.cpuManufacturer] },
    VCpuInfo: { DefaultVCpus: type.vcpu },
    MemoryInfo: { SizeInMiB: type.memoryMiB },
    NetworkInfo: { MaximumNetworkInterfaces: type.enis, EnaSupport: 'required' },
  };
}
