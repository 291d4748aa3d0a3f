/** What stands around the clusters of each account: other instances, reservations, event windows, quotas, advice. */
import type { CapacityReservation, Instance, InstanceEventWindow, InstanceStatus } from '@aws-sdk/client-ec2';
import type { SavingsPlan } from '@aws-sdk/client-savingsplans';
import type { BuiltCluster } from './cluster.ts';
import type { Bill } from './costs.ts';
import { privateIp, reservationId, type Setting, typeOf } from './hosts.ts';
import { DAY_MS, ec2Id, HOUR_MS, hex, type Place, subnetId, zone } from './ids.ts';
import type { Life } from './lives.ts';
import type { Advice } from './optimizer.ts';
import type { AccountKey } from './specs.ts';

/** Made-up accounts. The bot's own keys belong to the first, which also pays for all. */
export const ACCOUNTS: readonly {
  readonly key: AccountKey;
  readonly id: string;
  readonly regions: readonly string[];
}[] = [
  { key: 'head-nodes', id: '210987654321', regions: ['eu-west-1'] },
  { key: 'qcu-1', id: '321098765432', regions: ['eu-west-1', 'us-east-1'] },
  { key: 'qcu-2', id: '432109876543', regions: ['eu-west-1'] },
];

/** Instances that no cluster uses. */
const OTHERS: {
  readonly [place: string]: { readonly name: string; readonly type: string; readonly reserved: boolean };
} = {
  'head-nodes eu-west-1': { name: 'tick-archive', type: 'm7i.4xlarge', reserved: true },
  'qcu-1 eu-west-1': { name: 'jump-host', type: 't3.medium', reserved: false },
};

/** Four reserved, one in use by the instance above, three empty since nine days: head-nodes, until the end of January. */
export const EMPTY_RESERVATION = { type: 'm7i.4xlarge', total: 4, empty: 3, sinceDays: 9, forDays: 68 } as const;
/** Used up by orchid's reserved provider. */
const FULL_RESERVATION = { type: 'r7i.2xlarge', total: 2 } as const;

/** Values above AWS's defaults, by account and region. head-nodes has used 242.25 of its 250 Fargate vCPUs at most. */
export const RAISED: { readonly [place: string]: { readonly [code: string]: number } } = {
  'head-nodes eu-west-1': { 'L-3032A538': 250, 'L-36FBB829': 100, 'L-1216C47A': 128 },
  'qcu-1 eu-west-1': { 'L-3032A538': 64, 'L-1216C47A': 256, 'L-34B43A08': 128 },
  'qcu-1 us-east-1': { 'L-1216C47A': 256, 'L-34B43A08': 128, 'L-22AE4B75': 200, 'L-321A0372': 40 },
  'qcu-2 eu-west-1': { 'L-1216C47A': 64, 'L-34B43A08': 64 },
};

export const ADVICE: { readonly [cluster: string]: readonly Advice[] } = {
  rose: [
    { service: 'feed-ingest', finding: 'Optimized', reasons: [], to: null },
    { service: 'pnl-report', finding: 'Optimized', reasons: [], to: null },
    {
      service: 'ref-data',
      finding: 'Overprovisioned',
      reasons: ['CPUOverprovisioned', 'MemoryOverprovisioned'],
      to: { cpu: 512, memory: 4096 },
    },
    {
      service: 'order-router',
      finding: 'Underprovisioned',
      reasons: ['CPUUnderprovisioned', 'MemoryUnderprovisioned'],
      to: { cpu: 2048, memory: 4096 },
    },
  ],
  tulip: [{ service: 'tulip-edge', finding: 'Optimized', reasons: [], to: null }],
};

export const NOISE: { readonly [place: string]: Bill['noise'] } = {
  'head-nodes eu-west-1': [
    { service: 'EC2 - Other', usageType: 'NatGateway-Hours', usdPerDay: '3.456' },
    { service: 'EC2 - Other', usageType: 'NatGateway-Bytes', usdPerDay: '7.91' },
    { service: 'Amazon Relational Database Service', usageType: 'InstanceUsage:db.r6g.large', usdPerDay: '5.76' },
    { service: 'AmazonCloudWatch', usageType: 'DataProcessing-Bytes', usdPerDay: '11.4' },
  ],
  'qcu-1 eu-west-1': [{ service: 'EC2 - Other', usageType: 'NatGateway-Hours', usdPerDay: '1.152' }],
  'qcu-1 us-east-1': [
    { service: 'EC2 - Other', usageType: 'DataTransfer-Regional-Bytes', usdPerDay: '2.2' },
    { service: 'Amazon Simple Storage Service', usageType: 'TimedStorage-ByteHrs', usdPerDay: '4.05' },
  ],
  'qcu-2 eu-west-1': [{ service: 'EC2 - Other', usageType: 'NatGateway-Hours', usdPerDay: '1.152' }],
};

/** A Compute Savings Plan of qcu-2, which shares no discounts: a third more than its instances can use. */
export const COMMITMENT_USD_PER_HOUR = '1.2';
export const PLAN_USAGE_TYPE = 'ComputeSP:1yrNoUpfront';
export const PLAN_SERVICE = 'Savings Plans for AWS Compute usage';

export function savingsPlan(account: string, anchor: number): SavingsPlan {
  const id = hex(`savings plan ${account}`, 32);
  const uuid = [id.slice(0, 8), id.slice(8, 12), id.slice(12, 16), id.slice(16, 20), id.slice(20)].join('-');
  const start = anchor - 140 * DAY_MS;
  return {
    savingsPlanId: uuid,
    savingsPlanArn: `arn:aws:savingsplans::${account}:savingsplan/${uuid}`,
    offeringId: hex('offering', 32),
    description: '1 year No Upfront Compute Savings Plan',
    start: new Date(start).toISOString(),
    end: new Date(start + 365 * DAY_MS).toISOString(),
    state: 'active',
    savingsPlanType: 'Compute',
    paymentOption: 'No Upfront',
    productTypes: ['EC2', 'Fargate', 'Lambda'],
    currency: 'USD',
    commitment: COMMITMENT_USD_PER_HOUR,
    upfrontPaymentAmount: '0.0',
    recurringPaymentAmount: COMMITMENT_USD_PER_HOUR,
    termDurationInSeconds: 31_536_000,
    tags: {},
  };
}

/** The instances that no cluster uses, as EC2 and the bill see them. */
export function othersOf(
  setting: Setting,
  key: AccountKey,
  first: number,
): { readonly instances: Instance[]; readonly statuses: InstanceStatus[]; readonly lives: Life[] } {
  const other = OTHERS[`${key} ${setting.place.region}`];
  if (other === undefined) return { instances: [], statuses: [], lives: [] };
  const { place } = setting;
  const az = zone(place.region, 0);
  const InstanceId = ec2Id('i', `${key} ${other.name}`);
  const launched = setting.anchor - 120 * DAY_MS;
  const instance: Instance = {
    InstanceId,
    InstanceType: other.type as Instance['InstanceType'],
    State: { Code: 16, Name: 'running' },
    LaunchTime: new Date(launched),
    Placement: { AvailabilityZone: az, Tenancy: 'default', GroupName: '' },
    Architecture: 'x86_64',
    ...(other.reserved ? { CapacityReservationId: reservationId(place, other.type) } : {}),
    BlockDeviceMappings: [],
    SubnetId: subnetId(place, az),
    VpcId: ec2Id('vpc', place.account),
    PrivateIpAddress: privateIp(InstanceId),
    Tags: [{ Key: 'Name', Value: other.name }],
    Operator: { Managed: false },
  };
  const status: InstanceStatus = {
    InstanceId,
    AvailabilityZone: az,
    InstanceState: { Code: 16, Name: 'running' },
    InstanceStatus: { Status: 'ok', Details: [{ Name: 'reachability', Status: 'passed' }] },
    SystemStatus: { Status: 'ok', Details: [{ Name: 'reachability', Status: 'passed' }] },
    Events: [],
    Operator: { Managed: false },
  };
  const life: Life = {
    cluster: null,
    provider: null,
    managed: false,
    type: typeOf(setting, other.type),
    az,
    lifecycle: 'on-demand',
    diskGiB: 0,
    from: first,
    to: null,
  };
  return { instances: [instance], statuses: [status], lives: [life] };
}

function reservation(setting: Setting, type: string, more: Partial<CapacityReservation>): CapacityReservation {
  const { place } = setting;
  const CapacityReservationId = reservationId(place, type);
  return {
    CapacityReservationId,
    CapacityReservationArn: `arn:aws:ec2:${place.region}:${place.account}:capacity-reservation/${CapacityReservationId}`,
    OwnerId: place.account,
    InstanceType: type,
    InstancePlatform: 'Linux/UNIX',
    AvailabilityZone: zone(place.region, 0),
    Tenancy: 'default',
    EbsOptimized: true,
    EphemeralStorage: false,
    State: 'active',
    InstanceMatchCriteria: 'open',
    ReservationType: 'default',
    Tags: [],
    ...more,
  };
}

export function reservationsOf(setting: Setting, key: AccountKey): CapacityReservation[] {
  const { anchor, place } = setting;
  if (key === 'head-nodes') {
    const start = new Date(anchor - EMPTY_RESERVATION.sinceDays * DAY_MS);
    return [
      reservation(setting, EMPTY_RESERVATION.type, {
        TotalInstanceCount: EMPTY_RESERVATION.total,
        AvailableInstanceCount: EMPTY_RESERVATION.empty,
        CreateDate: start,
        StartDate: start,
        EndDateType: 'limited',
        EndDate: new Date(anchor + EMPTY_RESERVATION.forDays * DAY_MS),
      }),
    ];
  }
  if (key !== 'qcu-1' || place.region !== 'us-east-1') return [];
  const start = new Date(anchor - 90 * DAY_MS);
  return [
    reservation(setting, FULL_RESERVATION.type, {
      TotalInstanceCount: FULL_RESERVATION.total,
      AvailableInstanceCount: 0,
      CreateDate: start,
      StartDate: start,
      EndDateType: 'unlimited',
    }),
  ];
}

/** A tulip instance that EC2 will reboot, with a description that wants to be escaped. */
export function eventsOf(
  setting: Setting,
  clusters: readonly BuiltCluster[],
): ReadonlyMap<string, InstanceStatus['Events'] & object> {
  const host = clusters.find(({ spec }) => spec.name === 'tulip')?.hosts[2];
  if (host === undefined) return new Map();
  const NotBefore = new Date(setting.anchor + 5 * DAY_MS + 3 * HOUR_MS);
  return new Map([
    [
      host.instanceId,
      [
        {
          InstanceEventId: `instance-event-0${hex('event', 16)}`,
          Code: 'system-reboot',
          Description: 'scheduled reboot <b>power & cooling</b> ⚡',
          NotBefore,
          NotAfter: new Date(NotBefore.getTime() + 2 * HOUR_MS),
          NotBeforeDeadline: new Date(NotBefore.getTime() + 14 * DAY_MS),
        },
      ],
    ],
  ]);
}

/**
 * daisy is patched on Saturday nights, and its Spot instances by a second window too; Fargate tasks of rose are retired
 * on Sundays. orchid's window is for nobody: the tag of Managed Instances holds the cluster's name, and not its ARN.
 */
export function windowsOf(place: Place, key: AccountKey): InstanceEventWindow[] {
  const window = (name: string, times: Times, tag: { Key: string; Value: string }): InstanceEventWindow => ({
    InstanceEventWindowId: ec2Id('iew', name),
    Name: name,
    State: 'active' as const,
    ...times,
    AssociationTarget: { InstanceIds: [], Tags: [tag], DedicatedHostIds: [] },
    Tags: [{ Key: 'owner', Value: 'sre' }],
  });
  const arn = (cluster: string): string => `arn:aws:ecs:${place.region}:${place.account}:cluster/${cluster}`;
  switch (`${key} ${place.region}`) {
    case 'head-nodes eu-west-1':
      return [window('rose-retirement', from2To10('sunday'), { Key: 'aws:ecs:clusterArn', Value: arn('rose') })];
    case 'qcu-1 us-east-1': {
      const times = { CronExpression: '* 0-4,20-23 * * 1,5' };
      return [window('orchid-nights', times, { Key: 'aws:ecs:clusterName', Value: arn('orchid') })];
    }
    case 'qcu-2 eu-west-1':
      return [
        window('daisy-nights', from2To10('saturday'), { Key: 'aws:ecs:clusterName', Value: 'daisy' }),
        window('daisy-spot', from2To10('tuesday'), { Key: 'aws:ecs:capacityProviderName', Value: 'mi-daisy-spot' }),
      ];
    default:
      return [];
  }
}

type Times = Pick<InstanceEventWindow, 'TimeRanges' | 'CronExpression'>;

function from2To10(day: 'saturday' | 'sunday' | 'tuesday'): Times {
  return { TimeRanges: [{ StartWeekDay: day, StartHour: 2, EndWeekDay: day, EndHour: 10 }] };
}
