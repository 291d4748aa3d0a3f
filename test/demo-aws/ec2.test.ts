import {
  DescribeCapacityReservationsCommand,
  DescribeInstanceEventWindowsCommand,
  DescribeInstanceStatusCommand,
  DescribeInstancesCommand,
  type DescribeInstancesCommandInput,
  DescribeInstanceTypesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSpotPriceHistoryCommand,
  DescribeSubnetsCommand,
  DescribeVolumesCommand,
  EC2Client,
  type Filter,
  GetManagedResourceVisibilityCommand,
  type InstanceTypeInfo,
  paginateDescribeInstances,
  paginateDescribeInstanceTypes,
  type SpotPrice,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AwsStandIn, startAwsStandIn } from '../../demo/aws/server.ts';
import { clockAt, HUB, HUB_KEY, instance, instanceType, MANAGED, REGION, tinyEc2, tinyWorld } from './tiny-world.ts';

/** EC2's own ways with lists: hidden resources, ids against page sizes, filters, dry runs. */

const TYPES: readonly InstanceTypeInfo['InstanceType'][] = ['m7g.large', 'm7g.xlarge', 'c7g.large'];
// 12 instances: 1 to 8 are ours (8 is stopped), 9 to 12 belong to ECS.
const INSTANCES = Array.from({ length: 12 }, (_, index) => {
  const number = index + 1;
  if (number > 8) return instance(number, MANAGED);
  return number === 8 ? instance(8, { State: { Code: 80, Name: 'stopped' } }) : instance(number);
});
const idOf = (number: number): string => instance(number).InstanceId ?? '';

let aws: AwsStandIn;
let ec2: EC2Client;

beforeAll(async () => {
  const world = tinyWorld(clockAt('2026-11-24T09:00:00Z'), {
    ec2: tinyEc2({
      instances: INSTANCES,
      statuses: INSTANCES.map(({ InstanceId, State, Operator }) => ({
        InstanceId,
        InstanceState: State,
        ...(Operator === undefined ? {} : { Operator }),
        Events: InstanceId === idOf(2) ? [{ Code: 'system-reboot', NotBefore: new Date('2026-11-30T02:00:00Z') }] : [],
      })),
      volumes: [
        { VolumeId: 'vol-1', Attachments: [{ InstanceId: idOf(1), State: 'attached' }] },
        { VolumeId: 'vol-9', Attachments: [{ InstanceId: idOf(9), State: 'attached' }], ...MANAGED },
      ],
      networkInterfaces: [
        { NetworkInterfaceId: 'eni-1', SubnetId: 'subnet-1', TagSet: [{ Key: 'team', Value: 'quant' }] },
        { NetworkInterfaceId: 'eni-9', SubnetId: 'subnet-1', TagSet: [], ...MANAGED },
      ],
      subnets: [{ SubnetId: 'subnet-1', AvailableIpAddressCount: 7 }, { SubnetId: 'subnet-2' }],
      capacityReservations: [{ CapacityReservationId: 'cr-1', State: 'active', TotalInstanceCount: 4 }],
      eventWindows: [
        {
          InstanceEventWindowId: 'iew-1',
          Name: 'rose nights',
          State: 'active',
          CronExpression: '* 0-4 * * 1-5',
          AssociationTarget: { InstanceIds: [], Tags: [{ Key: 'aws:ecs:clusterName', Value: 'rose' }] },
          Tags: [{ Key: 'team', Value: 'infra' }],
        },
        { InstanceEventWindowId: 'iew-2', Name: 'others', AssociationTarget: { InstanceIds: [idOf(1)] } },
      ],
      instanceTypes: [...TYPES.map(instanceType), ...manyTypes()],
      spotPrices: spotPrices(),
    }),
  });
  aws = await startAwsStandIn({ world });
  ec2 = new EC2Client({ endpoint: aws.url, region: REGION, credentials: HUB_KEY, maxAttempts: 1 });
});

afterAll(async () => {
  expect(aws.violations).toEqual([]);
  await aws.close();
});

function manyTypes(): InstanceTypeInfo[] {
  const names: readonly InstanceTypeInfo['InstanceType'][] = ['r7g.large', 'r7g.xlarge', 'r7g.2xlarge'];
  return Array.from({ length: 102 }, (_, index) => instanceType(names[index % 3]));
}

/** A price a day at noon, November 20th to 23rd, of one type in two zones. */
function spotPrices(): SpotPrice[] {
  return [20, 21, 22, 23].flatMap((day) =>
    ['eu-west-1a', 'eu-west-1b'].map((zone) => ({
      InstanceType: 'm7g.large' as const,
      AvailabilityZone: zone,
      ProductDescription: 'Linux/UNIX' as const,
      SpotPrice: `0.03${day}`,
      Timestamp: new Date(`2026-11-${day}T12:00:00Z`),
    })),
  );
}

async function idsOf(input: DescribeInstancesCommandInput): Promise<(string | undefined)[]> {
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand(input));
  return Reservations.flatMap(({ Instances = [] }) => Instances.map(({ InstanceId }) => InstanceId));
}

describe('resources that ECS manages', () => {
  it('are left out of lists, unless they are included or asked for by id', async () => {
    expect(await idsOf({})).toHaveLength(8);
    expect(await idsOf({ IncludeManagedResources: true })).toHaveLength(12);
    expect(await idsOf({ InstanceIds: [idOf(9), idOf(1)] })).toHaveLength(2);
    expect(await idsOf({ Filters: [{ Name: 'operator.managed', Values: ['true'] }] })).toEqual([]);
    const managed = { Name: 'operator.principal', Values: ['ecs.amazonaws.com'] };
    expect(await idsOf({ Filters: [managed], IncludeManagedResources: true })).toHaveLength(4);
  });

  it('are hidden with volumes, network interfaces and statuses too', async () => {
    expect((await ec2.send(new DescribeVolumesCommand({}))).Volumes).toHaveLength(1);
    expect((await ec2.send(new DescribeVolumesCommand({ IncludeManagedResources: true }))).Volumes).toHaveLength(2);
    const faces = new DescribeNetworkInterfacesCommand({});
    expect((await ec2.send(faces)).NetworkInterfaces).toHaveLength(1);
    const allFaces = new DescribeNetworkInterfacesCommand({ IncludeManagedResources: true });
    expect((await ec2.send(allFaces)).NetworkInterfaces).toHaveLength(2);
    const statuses = new DescribeInstanceStatusCommand({ IncludeManagedResources: true });
    expect((await ec2.send(statuses)).InstanceStatuses).toHaveLength(11);
  });

  it('are hidden because the region says so', async () => {
    const { Visibility } = await ec2.send(new GetManagedResourceVisibilityCommand({}));
    expect(Visibility?.DefaultVisibility).toBe('hidden');
    const world = tinyWorld(clockAt('2026-11-24T09:00:00Z'), {
      ec2: tinyEc2({ instances: INSTANCES, managedResourceVisibility: 'visible' }),
    });
    const open = await startAwsStandIn({ world });
    try {
      const client = new EC2Client({ endpoint: open.url, region: REGION, credentials: HUB_KEY });
      expect((await client.send(new DescribeInstancesCommand({}))).Reservations).toHaveLength(12);
    } finally {
      await open.close();
    }
  });
});

describe('pages', () => {
  it('cover every instance once', async () => {
    const seen: (string | undefined)[] = [];
    let pages = 0;
    const pager = paginateDescribeInstances({ client: ec2, pageSize: 5 }, { IncludeManagedResources: true });
    for await (const { Reservations = [] } of pager) {
      pages += 1;
      for (const { OwnerId, Instances = [] } of Reservations) {
        expect(OwnerId).toBe(HUB);
        seen.push(...Instances.map(({ InstanceId }) => InstanceId));
      }
    }
    expect(pages).toBe(3);
    expect(seen).toEqual(INSTANCES.map(({ InstanceId }) => InstanceId));
  });

  it('of instance types hold 100 at most', async () => {
    // 3 + 102 types: a page of 100 and one of 5.
    const sizes: number[] = [];
    for await (const page of paginateDescribeInstanceTypes({ client: ec2 }, {})) {
      sizes.push(page.InstanceTypes?.length ?? 0);
    }
    expect(sizes).toEqual([100, 5]);
    const tooLarge = ec2.send(new DescribeInstanceTypesCommand({ MaxResults: 101 }));
    await expect(tooLarge).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });

  it.each([4, 1001])('of %d instances are refused', async (MaxResults) => {
    await expect(idsOf({ MaxResults })).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });

  it('and ids exclude each other', async () => {
    await expect(idsOf({ MaxResults: 5, InstanceIds: [idOf(1)] })).rejects.toMatchObject({
      name: 'InvalidParameterCombination',
    });
    const windows = new DescribeInstanceEventWindowsCommand({ InstanceEventWindowIds: ['iew-1'], MaxResults: 20 });
    await expect(ec2.send(windows)).rejects.toMatchObject({ name: 'InvalidParameterCombination' });
  });

  it('do not go on with a token of another list, or of nobody', async () => {
    const { NextToken } = await ec2.send(new DescribeInstancesCommand({ MaxResults: 5 }));
    for (const token of ['guessed', NextToken]) {
      const filtered = { NextToken: token, MaxResults: 5, Filters: [{ Name: 'tag-key', Values: ['Name'] }] };
      await expect(idsOf(filtered)).rejects.toMatchObject({ name: 'InvalidNextToken' });
    }
    expect(await idsOf({ MaxResults: 5, NextToken })).toEqual([idOf(6), idOf(7), idOf(8)]);
  });
});

describe('filters', () => {
  it.each<[string, Filter[], readonly number[]]>([
    ['any of the values', [{ Name: 'instance-id', Values: [idOf(1), idOf(3)] }], [1, 3]],
    [
      'every filter',
      [
        { Name: 'instance-state-name', Values: ['stopped'] },
        { Name: 'tag:Name', Values: ['node 8'] },
      ],
      [8],
    ],
    ['a wildcard for any text', [{ Name: 'tag:Name', Values: ['node*8'] }], [8]],
    ['a wildcard for one character', [{ Name: 'tag:Name', Values: ['nod? 1'] }], [1]],
    ['no wildcard after a backslash', [{ Name: 'tag:Name', Values: ['node\\*8'] }], []],
    ['a tag that is not there', [{ Name: 'tag:team', Values: ['*'] }], []],
    ['numbers', [{ Name: 'instance-state-code', Values: ['80'] }], [8]],
    ['moments', [{ Name: 'launch-time', Values: ['2026-11-19T*'] }], []],
  ])('take %s', async (_what, Filters, expected) => {
    expect(await idsOf({ Filters })).toEqual(expected.map(idOf));
  });

  it('without values are refused', async () => {
    await expect(idsOf({ Filters: [{ Name: 'tag-key', Values: [] }] })).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    });
  });

  it('find network interfaces by their tags', async () => {
    const Filters = [{ Name: 'tag:team', Values: ['quant'] }];
    const { NetworkInterfaces = [] } = await ec2.send(new DescribeNetworkInterfacesCommand({ Filters }));
    expect(NetworkInterfaces).toEqual([
      { NetworkInterfaceId: 'eni-1', SubnetId: 'subnet-1', TagSet: [{ Key: 'team', Value: 'quant' }] },
    ]);
  });
});

describe('ids', () => {
  it('that are not there are named', async () => {
    await expect(idsOf({ InstanceIds: [idOf(1), idOf(77)] })).rejects.toMatchObject({
      name: 'InvalidInstanceID.NotFound',
      message: `The instance ID '${idOf(77)}' does not exist`,
    });
    const windows = ec2.send(new DescribeInstanceEventWindowsCommand({ InstanceEventWindowIds: ['iew-3', 'iew-4'] }));
    await expect(windows).rejects.toMatchObject({ name: 'InvalidInstanceEventWindowID.NotFound' });
    const types = ec2.send(new DescribeInstanceTypesCommand({ InstanceTypes: ['m7g.large', 'x1.32xlarge'] }));
    await expect(types).rejects.toMatchObject({ name: 'InvalidInstanceType' });
  });

  it('narrow every list', async () => {
    expect((await ec2.send(new DescribeSubnetsCommand({ SubnetIds: ['subnet-1'] }))).Subnets).toEqual([
      { SubnetId: 'subnet-1', AvailableIpAddressCount: 7 },
    ]);
    const reservations = new DescribeCapacityReservationsCommand({ CapacityReservationIds: ['cr-1'] });
    expect((await ec2.send(reservations)).CapacityReservations?.[0]?.TotalInstanceCount).toBe(4);
    const types = new DescribeInstanceTypesCommand({ InstanceTypes: ['c7g.large'] });
    expect((await ec2.send(types)).InstanceTypes).toHaveLength(1);
  });
});

describe('statuses', () => {
  it('are of running instances, unless all are wanted', async () => {
    expect((await ec2.send(new DescribeInstanceStatusCommand({}))).InstanceStatuses).toHaveLength(7);
    const all = new DescribeInstanceStatusCommand({ IncludeAllInstances: true });
    expect((await ec2.send(all)).InstanceStatuses).toHaveLength(8);
  });

  it('are found by their events', async () => {
    const Filters = [{ Name: 'event.code', Values: ['system-reboot'] }];
    const { InstanceStatuses = [] } = await ec2.send(new DescribeInstanceStatusCommand({ Filters }));
    expect(InstanceStatuses.map(({ InstanceId }) => InstanceId)).toEqual([idOf(2)]);
    expect(InstanceStatuses[0]?.Events?.[0]?.NotBefore).toEqual(new Date('2026-11-30T02:00:00Z'));
  });
});

describe('event windows', () => {
  it.each([
    ['event-window-name', 'rose*', 'iew-1'],
    ['instance-id', idOf(1), 'iew-2'],
    ['instance-tag', 'aws:ecs:clusterName=rose', 'iew-1'],
    ['instance-tag-key', 'aws:ecs:clusterName', 'iew-1'],
    ['instance-tag-value', 'rose', 'iew-1'],
    ['tag:team', 'infra', 'iew-1'],
    ['tag-key', 'team', 'iew-1'],
    ['tag-value', 'infra', 'iew-1'],
  ])('are found by %s', async (Name, value, expected) => {
    const asked = new DescribeInstanceEventWindowsCommand({ Filters: [{ Name, Values: [value] }] });
    const { InstanceEventWindows = [] } = await ec2.send(asked);
    expect(InstanceEventWindows.map(({ InstanceEventWindowId }) => InstanceEventWindowId)).toEqual([expected]);
  });

  it('come in pages of 20 to 500', async () => {
    for (const MaxResults of [19, 501]) {
      const asked = ec2.send(new DescribeInstanceEventWindowsCommand({ MaxResults }));
      await expect(asked).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    }
    const { InstanceEventWindows } = await ec2.send(new DescribeInstanceEventWindowsCommand({ MaxResults: 20 }));
    expect(InstanceEventWindows).toHaveLength(2);
  });
});

describe('spot prices', () => {
  it('are the changes in the range and the price at its beginning, newest first', async () => {
    const { SpotPriceHistory = [] } = await ec2.send(
      new DescribeSpotPriceHistoryCommand({
        StartTime: new Date('2026-11-22T00:00:00Z'),
        EndTime: new Date('2026-11-23T00:00:00Z'),
        AvailabilityZone: 'eu-west-1b',
      }),
    );
    // The 22nd at noon is in the range; what held at its beginning began on the 21st at noon.
    expect(SpotPriceHistory.map(({ SpotPrice: price }) => price)).toEqual(['0.0322', '0.0321']);
  });

  it('end with an empty token', async () => {
    const first = await ec2.send(new DescribeSpotPriceHistoryCommand({ MaxResults: 5 }));
    const second = await ec2.send(new DescribeSpotPriceHistoryCommand({ MaxResults: 5, NextToken: first.NextToken }));
    expect([first.SpotPriceHistory?.length, second.SpotPriceHistory?.length]).toEqual([5, 3]);
    expect(second.NextToken).toBe('');
  });
});

describe('a dry run', () => {
  it('is refused with the word that means it would have worked', async () => {
    const asked = ec2.send(new DescribeInstanceEventWindowsCommand({ DryRun: true }));
    await expect(asked).rejects.toMatchObject({ name: 'DryRunOperation', $metadata: { httpStatusCode: 412 } });
  });
});
