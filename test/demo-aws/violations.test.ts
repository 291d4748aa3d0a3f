import { gzipSync } from 'node:zlib';
import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  DeleteClusterCommand,
  DescribeClustersCommand,
  DescribeServicesCommand,
  ECSClient,
  ListServicesCommand,
} from '@aws-sdk/client-ecs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AwsStandIn, startAwsStandIn } from '../../demo/aws/server.ts';
import { BEFORE_SIGNING, bending } from './bent-request.ts';
import { clockAt, HUB_KEY, REGION, tinyWorld } from './tiny-world.ts';

/** Whatever departs from AWS's own model is refused aloud and kept as a violation. */

let aws: AwsStandIn;
let options: { endpoint: string; region: string; credentials: typeof HUB_KEY; maxAttempts: number };

beforeEach(async () => {
  aws = await startAwsStandIn({ world: tinyWorld(clockAt('2026-11-24T09:00:00Z')) });
  options = { endpoint: aws.url, region: REGION, credentials: HUB_KEY, maxAttempts: 1 };
});

afterEach(async () => {
  await aws.close();
});

type Change = Parameters<typeof bending>[0];

function bentEcs(change: Change): ECSClient {
  const client = new ECSClient(options);
  client.middlewareStack.add(bending(change), BEFORE_SIGNING);
  return client;
}

function bentEc2(change: Change): EC2Client {
  const client = new EC2Client(options);
  client.middlewareStack.add(bending(change), BEFORE_SIGNING);
  return client;
}

function bentAutoScaling(change: Change): AutoScalingClient {
  const client = new AutoScalingClient(options);
  client.middlewareStack.add(bending(change), BEFORE_SIGNING);
  return client;
}

const json = (value: unknown) => (request: { body: string | Uint8Array }) => {
  request.body = JSON.stringify(value);
};
const form = (extra: string) => (request: { body: string | Uint8Array }) => {
  request.body = `${String(request.body)}&${extra}`;
};

describe('a wrong JSON request', () => {
  it.each([
    [
      'a member that AWS does not have',
      { clusters: ['rose'], colour: 'red' },
      'DescribeClusters.colour: DescribeClustersRequest has no such member',
    ],
    [
      'a member of the wrong kind',
      { clusters: 'rose' },
      'DescribeClusters.clusters: expected a list, got the string "rose"',
    ],
    [
      'an item of the wrong kind',
      { clusters: [1] },
      'DescribeClusters.clusters[0]: expected a string, got the number 1',
    ],
    [
      'a value that the enum does not have',
      { include: ['COLOURS'] },
      'DescribeClusters.include: AWS has no value COLOURS',
    ],
  ])('with %s', async (_what, body, finding) => {
    const sending = bentEcs(json(body)).send(new DescribeClustersCommand({}));
    await expect(sending).rejects.toMatchObject({ name: 'SerializationException', message: finding });
    expect(aws.violations).toEqual([finding]);
    expect(aws.journal[0]).toMatchObject({ status: 400, code: 'SerializationException' });
  });

  it('without a member that AWS requires', async () => {
    const call = new DescribeServicesCommand({ services: [] });
    await expect(bentEcs(json({})).send(call)).rejects.toThrow('requires it');
    expect(aws.violations).toEqual(['DescribeServices.services: DescribeServicesRequest requires it']);
  });

  it('that is no JSON', async () => {
    const sending = bentEcs((request) => {
      request.body = '{"clusters":';
    }).send(new DescribeClustersCommand({}));
    await expect(sending).rejects.toMatchObject({ name: 'SerializationException' });
    expect(aws.violations).toHaveLength(1);
  });

  it('of the other JSON version', async () => {
    const sending = bentEcs(({ headers }) => {
      headers['content-type'] = 'application/x-amz-json-1.0';
    }).send(new DescribeClustersCommand({}));
    await expect(sending).rejects.toThrow('ecs takes application/x-amz-json-1.1');
    expect(aws.violations).toHaveLength(1);
  });
});

describe('a wrong form request', () => {
  it.each([
    [
      'a parameter that AWS does not have',
      'Colour=red',
      'DescribeInstances.Colour: DescribeInstancesRequest has no such member',
    ],
    [
      'a number that is none',
      'MaxResults=many',
      'DescribeInstances.MaxResults: expected a number, got the string "many"',
    ],
    ['a flag that is none', 'DryRun=yes', 'DescribeInstances.DryRun: expected a boolean, got the string "yes"'],
    ['a list that skips a number', 'InstanceId.2=i-1', 'InstanceId.1: the list skips this number'],
    ['a parameter sent twice', 'MaxResults=5&MaxResults=6', 'MaxResults: sent twice'],
    [
      'a wrong member deep inside',
      'Filter.1.Colour=red',
      'DescribeInstances.Filters[0].Colour: Filter has no such member',
    ],
  ])('with %s', async (_what, extra, finding) => {
    const sending = bentEc2(form(extra)).send(new DescribeInstancesCommand({}));
    await expect(sending).rejects.toMatchObject({ name: 'InvalidRequest' });
    expect(aws.violations).toContain(finding);
  });

  it('that writes an awsQuery list in the EC2 way', async () => {
    const client = bentAutoScaling(form('AutoScalingGroupNames.1=rose'));
    await expect(client.send(new DescribeAutoScalingGroupsCommand({}))).rejects.toMatchObject({
      name: 'ValidationError',
    });
    expect(aws.violations).toEqual(['DescribeAutoScalingGroups.AutoScalingGroupNames: expected a list, got an object']);
  });
});

describe('what the simulated AWS does not have', () => {
  it('is refused: an operation', async () => {
    const sending = new ECSClient(options).send(new DeleteClusterCommand({ cluster: 'rose' }));
    await expect(sending).rejects.toMatchObject({ name: 'UnknownOperationException' });
    expect(aws.violations).toEqual(['the simulated AWS has no ecs:DeleteCluster']);
    expect(aws.journal).toMatchObject([{ operation: 'DeleteCluster', isMutating: true, status: 400 }]);
  });

  it('is refused: a name that every object has', async () => {
    const sending = bentEcs(({ headers }) => {
      headers['x-amz-target'] = 'AmazonEC2ContainerServiceV20141113.constructor';
    }).send(new DescribeClustersCommand({}));
    await expect(sending).rejects.toMatchObject({ name: 'UnknownOperationException' });
  });

  it.each([
    ['a content type', { 'content-type': 'application/cbor' }],
    ['a service', { 'x-amz-target': 'AWSShield_20160616.ListAttacks' }],
    ['a packing', { 'content-encoding': 'br' }],
    ['a body that is not packed as it says', { 'content-encoding': 'gzip' }],
  ])('is refused: %s', async (_what, change) => {
    const sending = bentEcs(({ headers }) => {
      Object.assign(headers, change);
    }).send(new DescribeClustersCommand({}));
    await expect(sending).rejects.toMatchObject({ $metadata: { httpStatusCode: 501 } });
    expect(aws.violations).toHaveLength(1);
    expect(aws.violations[0]).toMatch(/nothing in the simulated AWS takes/);
  });

  it('is loud: a filter of EC2', async () => {
    const Filters = [{ Name: 'ramdisk-id', Values: ['x'] }];
    const sending = new EC2Client(options).send(new DescribeInstancesCommand({ Filters }));
    await expect(sending).rejects.toMatchObject({ name: 'InternalFailure', $metadata: { httpStatusCode: 500 } });
    expect(aws.violations[0]).toMatch(/the simulated EC2 has no filter 'ramdisk-id'/);
  });
});

describe('a wrong answer', () => {
  it('is never sent', async () => {
    const world = tinyWorld(clockAt('2026-11-24T09:00:00Z'));
    world.accounts[0]?.regions.get(REGION)?.ec2.instances.push(
      // What a fixture out of a file could hold that the compiler never saw.
      JSON.parse('{"InstanceId":"i-1","EbsOptimized":"true"}'),
    );
    const other = await startAwsStandIn({ world });
    try {
      const sending = new EC2Client({ ...options, endpoint: other.url }).send(new DescribeInstancesCommand({}));
      await expect(sending).rejects.toMatchObject({ name: 'InternalFailure', $metadata: { httpStatusCode: 500 } });
      expect(other.violations).toEqual([
        'answer of DescribeInstances.Reservations[0].Instances[0].EbsOptimized: expected a boolean, got the string "true"',
      ]);
    } finally {
      await other.close();
    }
  });
});

describe('a packed request', () => {
  it('is unpacked, and its signature covers the packed bytes', async () => {
    const client = bentEcs((request) => {
      request.body = gzipSync(JSON.stringify({ cluster: 'rose', maxResults: 5 }));
      request.headers['content-encoding'] = 'gzip';
    });
    const { serviceArns } = await client.send(new ListServicesCommand({}));
    expect(serviceArns).toHaveLength(1);
    expect(aws.violations).toEqual([]);
  });
});
