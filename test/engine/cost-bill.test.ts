import { expect, test } from 'vitest';
import { classifyUsageType } from '../../src/engine/cost/usage-types.ts';
import {
  attributeBilled,
  type Bill,
  type BilledRow,
  type BillQuestion,
  type CostModel,
  emptyReservation,
  type InstanceUsage,
  type ModelledRow,
  nanoUsd,
  usdString,
} from '../../src/engine/index.ts';
import { aFactBook } from './cost-builders.ts';

const ACCOUNT = '111122223333';

test.each([
  ['EU-Fargate-vCPU-Hours:perCPU', 'fargate', null, 'EU'],
  ['USE1-Fargate-GB-Hours', 'fargate', null, 'USE1'],
  ['Fargate-ARM-GB-Hours', 'fargate', null, ''],
  ['APN1-Fargate-Windows-OS-Hours:perCPU', 'fargate', null, 'APN1'],
  ['EU-SpotUsage-Fargate-vCPU-Hours:perCPU', 'fargate-spot', null, 'EU'],
  ['EU-SpotUsage-Fargate-ARM-GB-Hours', 'fargate-spot', null, 'EU'],
  ['EU-Fargate-EphemeralStorage-GB-Hours', 'fargate-storage', null, 'EU'],
  ['APN1-ECS-Managed-Instances:c8g.large-management-hours', 'mi-fee', 'c8g.large', 'APN1'],
  ['ECS-Managed-Instances:u-6tb1.metal-management-hours', 'mi-fee', 'u-6tb1.metal', ''],
  ['USE1-ECS-EC2-vCPU-Hours', 'metering', null, 'USE1'],
  ['ECS-EC2-GB-Hours', 'metering', null, ''],
  ['BoxUsage:m6a.2xlarge', 'ec2-on-demand', 'm6a.2xlarge', ''],
  ['EUC1-BoxUsage:t3.medium', 'ec2-on-demand', 't3.medium', 'EUC1'],
  ['EU-SpotUsage:m5.2xlarge', 'ec2-spot', 'm5.2xlarge', 'EU'],
  ['EU-UnusedBox:m7i.4xlarge', 'ec2-unused-reservation', 'm7i.4xlarge', 'EU'],
  ['EU-EBS:VolumeUsage.gp3', 'ebs-volume', null, 'EU'],
  ['EU-EBS:VolumeP-Throughput.gp3', 'other', null, ''],
  ['EU-EBS:SnapshotUsage', 'other', null, ''],
  ['EU-NatGateway-Bytes', 'other', null, ''],
  ['EU-DataTransfer-Regional-Bytes', 'other', null, ''],
  ['HostUsage:m5', 'other', null, ''],
])('usage type %s is %s', (usageType, kind, instanceType, prefix) => {
  expect(classifyUsageType(null, usageType)).toEqual({ kind, instanceType, prefix });
});

test('the same usage type under another service is not ECS', () => {
  expect(classifyUsageType('Amazon Elastic Container Service for Kubernetes', 'EU-Fargate-GB-Hours').kind).toBe(
    'other',
  );
  expect(classifyUsageType('Amazon Elastic Container Service', 'EU-Fargate-GB-Hours').kind).toBe('fargate');
});

const use = (
  service: string | null,
  capacityKind: InstanceUsage['capacityKind'],
  usd: string,
  changes: Partial<InstanceUsage> = {},
): InstanceUsage => ({
  service,
  capacityKind,
  instanceType: 'm6a.2xlarge',
  nano: nanoUsd(usd),
  diskNano: 0n,
  ...changes,
});

function aModel(cluster: string | null, changes: Partial<CostModel> = {}): CostModel {
  return {
    account: ACCOUNT,
    region: 'eu-west-1',
    cluster,
    rows: [],
    usage: [],
    families: [],
    counted: [],
    emptyInstances: [],
    others: [],
    unpriced: [],
    assumptions: [],
    ...changes,
  };
}

const row = (keys: readonly [string, string], usd: string, day = '2026-11-16'): BilledRow => ({
  day,
  keys,
  usd,
  estimated: false,
});
/** A row of the account by usage type. */
const byType = (usageType: string, usd: string): BilledRow => row([ACCOUNT, usageType], usd);

function bill(question: Partial<BillQuestion>): Bill {
  return attributeBilled({
    accounts: [ACCOUNT],
    byUsageType: [],
    byService: [],
    models: [],
    facts: aFactBook(),
    ...question,
  });
}

const shares = (given: Bill): Record<string, string> =>
  Object.fromEntries(
    given.rows.map(({ cluster, service, capacityKind, nano }) => [
      `${cluster} ${service} ${capacityKind}`,
      usdString(nano),
    ]),
  );
const rest = (given: Bill): Record<string, string> =>
  Object.fromEntries(
    given.unattributed.map(({ capacityKind, reason, nano }) => [`${capacityKind} ${reason}`, usdString(nano)]),
  );

const FARGATE = 'EU-Fargate-vCPU-Hours:perCPU';
const FARGATE_SPOT = 'EU-SpotUsage-Fargate-vCPU-Hours:perCPU';

test('tagged Fargate rows go to their service over all days; what has no tag is said', () => {
  const given = bill({
    byUsageType: [
      byType(FARGATE, '100'),
      byType(FARGATE, '60'),
      byType(FARGATE_SPOT, '5'),
      byType('EU-NatGateway-Bytes', '9'),
    ],
    byService: [
      {
        account: ACCOUNT,
        cluster: 'rose',
        rows: [row(['api', FARGATE], '90'), row(['api', FARGATE], '40', '2026-11-17'), row(['api', FARGATE_SPOT], '5')],
      },
    ],
  });

  expect(shares(given)).toEqual({ 'rose api fargate': '130', 'rose api fargate-spot': '5' });
  expect(rest(given)).toEqual({ 'fargate untagged': '30' });
});

test('rows without a service tag are the only family, or standalone tasks where there are several', () => {
  const byService = [{ account: ACCOUNT, cluster: 'rose', rows: [row(['', FARGATE], '7')] }];

  expect(shares(bill({ byService, models: [aModel('rose', { families: ['family:load'] })] }))).toEqual({
    'rose family:load fargate': '7',
  });
  expect(shares(bill({ byService, models: [aModel('rose', { families: ['family:a', 'family:b'] })] }))).toEqual({
    'rose (standalone tasks) fargate': '7',
  });
});

test('storage of a service that runs on nothing but Spot is Spot’s', () => {
  const onSpot: ModelledRow = {
    account: ACCOUNT,
    region: 'eu-west-1',
    cluster: 'rose',
    service: 'sim',
    capacityKind: 'fargate-spot',
    tags: {},
    nano: 1n,
    isIdle: false,
    hours: '1',
    basis: 'measured',
  };
  const rows = [
    row(['sim', 'EU-Fargate-EphemeralStorage-GB-Hours'], '2'),
    row(['api', 'EU-Fargate-EphemeralStorage-GB-Hours'], '3'),
  ];
  const given = bill({
    byService: [{ account: ACCOUNT, cluster: 'rose', rows }],
    byUsageType: null,
    models: [aModel('rose', { rows: [onSpot] })],
  });

  expect(shares(given)).toEqual({ 'rose sim fargate-spot': '2', 'rose api fargate': '3' });
});

const TULIP = aModel('tulip', {
  usage: [use('a', 'asg-on-demand', '60'), use('b', 'asg-on-demand', '20'), use(null, 'asg-on-demand', '20')],
});

test('instances of a group are split by the model, and those that ECS does not use take their share', () => {
  // Weights 60 + 20 + 20 and 100 for the others: half of 240 is not ECS's.
  const beside = aModel(null, {
    others: [{ instanceType: 'm6a.2xlarge', lifecycle: 'on-demand', nano: nanoUsd('100') }],
  });
  const given = bill({
    byUsageType: [byType('EU-BoxUsage:m6a.2xlarge', '240'), byType('EU-BoxUsage:r5.large', '999')],
    models: [TULIP, beside],
  });

  expect(shares(given)).toEqual({
    'tulip a asg-on-demand': '72',
    'tulip b asg-on-demand': '24',
    'tulip null asg-on-demand': '24',
  });
  expect(rest(given)).toEqual({ 'null other-instances': '120' });
});

test('a region pays its own instances: the prefix tells them apart', () => {
  const elsewhere = aModel('orchid', { region: 'us-east-1', usage: [use('c', 'asg-on-demand', '100')] });
  const given = bill({
    byUsageType: [byType('EU-BoxUsage:m6a.2xlarge', '100'), byType('BoxUsage:m6a.2xlarge', '10')],
    models: [TULIP, elsewhere],
  });

  expect(shares(given)).toMatchObject({ 'tulip a asg-on-demand': '60', 'orchid c asg-on-demand': '10' });
});

const MANAGED = aModel('orchid', {
  usage: [
    use('grid', 'mi-on-demand', '30', { diskNano: nanoUsd('3') }),
    use(null, 'mi-on-demand', '10', { diskNano: nanoUsd('1') }),
  ],
});
const FEE = 'EU-ECS-Managed-Instances:m6a.2xlarge-management-hours';

test('rows of Managed Instances are tagged with the cluster and split over its services and idle', () => {
  const rows = [
    row(['', 'EU-BoxUsage:m6a.2xlarge'], '40'),
    row(['', FEE], '4'),
    row(['', 'EU-EBS:VolumeUsage.gp3'], '8'),
    row(['', 'EU-DataTransfer-Regional-Bytes'], '77'),
  ];
  const given = bill({
    byUsageType: [byType('EU-BoxUsage:m6a.2xlarge', '140'), byType(FEE, '4'), byType('EU-EBS:VolumeUsage.gp3', '8')],
    byService: [{ account: ACCOUNT, cluster: 'orchid', rows }],
    models: [MANAGED, TULIP],
  });

  // Three quarters of 40 + 4 + 8; the untagged 100 are tulip's alone.
  expect(shares(given)).toEqual({
    'orchid grid mi-on-demand': '39',
    'orchid null mi-on-demand': '13',
    'tulip a asg-on-demand': '60',
    'tulip b asg-on-demand': '20',
    'tulip null asg-on-demand': '20',
  });
  expect(rest(given)).toEqual({});
});

test('a tagged instance type that no scan saw belonged to instances that are gone', () => {
  const given = bill({
    byService: [{ account: ACCOUNT, cluster: 'orchid', rows: [row(['', 'EU-SpotUsage:c5.large'], '6')] }],
    byUsageType: null,
    models: [MANAGED],
  });

  expect(shares(given)).toEqual({ 'orchid (ended instances) mi-spot': '6' });
});

test('where no tags were read Managed Instances are split like a group', () => {
  const given = bill({
    byUsageType: [byType('EU-BoxUsage:m6a.2xlarge', '140'), byType(FEE, '4')],
    models: [MANAGED, TULIP],
  });

  // 140 over 30 + 10 + 60 + 20 + 20; the fee over 30 + 10
  expect(shares(given)).toMatchObject({ 'orchid grid mi-on-demand': '33', 'tulip a asg-on-demand': '60' });
});

test('a fee without an instance is a cost of ECS all the same', () => {
  expect(rest(bill({ byUsageType: [byType(FEE, '4')] }))).toEqual({ 'mi-on-demand unseen': '4' });
});

test('untagged volumes: what the instances have, never more than the bill; the others are not ECS’s', () => {
  const disks = aModel('tulip', { usage: [use('a', 'asg-on-demand', '60', { diskNano: nanoUsd('6') })] });
  const volumes = (usd: string) => bill({ byUsageType: [byType('EU-EBS:VolumeUsage.gp3', usd)], models: [disks] });

  expect(shares(volumes('500'))).toEqual({ 'tulip a asg-on-demand': '6' });
  expect(shares(volumes('5'))).toEqual({ 'tulip a asg-on-demand': '5' });
  expect(rest(volumes('500'))).toEqual({});
});

test('an unused reservation is ours where one of its type stands empty', () => {
  const empty: ModelledRow = {
    account: ACCOUNT,
    region: 'eu-west-1',
    cluster: null,
    service: emptyReservation('m7i.4xlarge'),
    capacityKind: 'mi-reserved',
    tags: {},
    nano: 1n,
    isIdle: true,
    hours: '1',
    basis: 'assumed',
  };
  const byUsageType = [byType('EU-UnusedBox:m7i.4xlarge', '50'), byType('EU-UnusedBox:r5.large', '8')];

  expect(shares(bill({ byUsageType, models: [aModel(null, { rows: [empty] })] }))).toEqual({
    'null (empty reservation m7i.4xlarge) mi-reserved': '50',
  });
  expect(bill({ byUsageType }).rows).toEqual([]);
});

test('metering rows at zero and accounts that were not asked about are nothing', () => {
  const given = bill({
    byUsageType: [byType('EU-ECS-EC2-vCPU-Hours', '0'), row(['999900001111', FARGATE], '70')],
  });

  expect(given).toEqual({ rows: [], unattributed: [], estimated: false });
});

test('tags that add up to more than the account are told from a rounding', () => {
  const over = (usd: string): Bill =>
    bill({
      byUsageType: [byType(FARGATE, '10')],
      byService: [{ account: ACCOUNT, cluster: 'rose', rows: [row(['api', FARGATE], usd)] }],
    });

  expect(rest(over('12'))).toEqual({ 'null tags-exceed-account': '-2' });
  expect(rest(over('10.0000001'))).toEqual({ 'null rounding': '-0.0000001' });
});

test('one estimated day makes the bill an estimate', () => {
  expect(bill({ byUsageType: [{ ...byType(FARGATE, '1'), estimated: true }] }).estimated).toBe(true);
});
