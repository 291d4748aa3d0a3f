import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { DescribeServicesCommand, ECSClient, ListClustersCommand, ListServicesCommand } from '@aws-sdk/client-ecs';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { type AwsStandIn, type AwsStandInOptions, startAwsStandIn } from '../../demo/aws/server.ts';
import { createBuckets, minimumSeconds } from '../../demo/aws/throttle.ts';
import { clockAt, HUB, HUB_KEY, REGION, tinyWorld } from './tiny-world.ts';

let aws: AwsStandIn | undefined;

afterEach(async () => {
  await aws?.close();
  aws = undefined;
});

async function start(options: Omit<AwsStandInOptions, 'world'>) {
  aws = await startAwsStandIn({ world: tinyWorld(clockAt('2026-11-24T09:00:00Z')), ...options });
  return { endpoint: aws.url, region: REGION, credentials: HUB_KEY, maxAttempts: 1 };
}

describe('the throttling of ECS', () => {
  it('lets a full bucket through, then refuses until it refills', async () => {
    // Service read: 100 tokens, 20 a second; one bucket for ListServices and DescribeServices.
    let ms = 0;
    const ecs = new ECSClient(await start({ throttle: true, clock: () => ms }));
    const list = () => ecs.send(new ListServicesCommand({ cluster: 'rose' }));
    for (let call = 0; call < 99; call++) await list();
    await ecs.send(new DescribeServicesCommand({ cluster: 'rose', services: ['quant-api'] }));
    await expect(list()).rejects.toMatchObject({
      name: 'ThrottlingException',
      $metadata: { httpStatusCode: 400 },
    });
    // Another group has its own bucket.
    await ecs.send(new ListClustersCommand({}));
    // 50 ms bring one token of 20 a second.
    ms = 50;
    await list();
    await expect(list()).rejects.toMatchObject({ name: 'ThrottlingException' });
    expect(aws?.buckets()).toEqual([
      { account: HUB, region: REGION, group: 'service read', size: 100, refillPerSecond: 20, taken: 101, denied: 2 },
      { account: HUB, region: REGION, group: 'cluster read', size: 50, refillPerSecond: 20, taken: 1, denied: 0 },
    ]);
    expect(aws?.violations).toEqual([]);
  });

  it('refills as many times faster as the speed says', async () => {
    let ms = 0;
    const ecs = new ECSClient(await start({ throttle: true, speed: 10, clock: () => ms }));
    const list = () => ecs.send(new ListClustersCommand({}));
    for (let call = 0; call < 50; call++) await list();
    await expect(list()).rejects.toThrow('Rate exceeded');
    // 5 ms at 20 a second, ten times faster: one token.
    ms = 5;
    await list();
    await expect(list()).rejects.toThrow('Rate exceeded');
  });

  it('only counts when it is switched off', async () => {
    const ecs = new ECSClient(await start({ clock: () => 0 }));
    for (let call = 0; call < 60; call++) await ecs.send(new ListClustersCommand({}));
    expect(aws?.buckets()).toMatchObject([{ taken: 60, denied: 0 }]);
  });
});

describe('the throttling of EC2', () => {
  it('has a smaller bucket for lists without filter or page size', async () => {
    const ec2 = new EC2Client(await start({ throttle: true, clock: () => 0 }));
    for (let call = 0; call < 50; call++) await ec2.send(new DescribeInstancesCommand({}));
    await expect(ec2.send(new DescribeInstancesCommand({ Filters: [] }))).rejects.toMatchObject({
      name: 'RequestLimitExceeded',
      $metadata: { httpStatusCode: 503 },
    });
    await ec2.send(new DescribeInstancesCommand({ MaxResults: 1000 }));
    expect(aws?.buckets()).toMatchObject([
      { group: 'ec2 unfiltered read', size: 50, refillPerSecond: 10, taken: 50, denied: 1 },
      { group: 'ec2 read', size: 100, refillPerSecond: 20, taken: 1, denied: 0 },
    ]);
  });
});

describe('a bucket', () => {
  it('never gives more than its size and what came back since', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 300 }),
        fc.integer({ min: 1, max: 20 }),
        (waits, speed) => {
          let ms = 0;
          const buckets = createBuckets({ speed, clock: () => ms, enforce: true });
          let taken = 0;
          for (const wait of waits) {
            ms += wait;
            const call = { account: 'a', region: 'r', service: 'ecs', operation: 'ListServicesByNamespace', input: {} };
            if (buckets.take(call)) taken += 1;
            // Services by namespace: 10 tokens, 1 a second.
            expect(taken).toBeLessThanOrEqual(10 + (ms / 1000) * speed + 1e-6);
          }
          const [{ taken: counted, denied } = { taken: 0, denied: 0 }] = buckets.counts();
          expect([counted, counted + denied]).toEqual([taken, waits.length]);
        },
      ),
    );
  });
});

describe('the shortest time for so many calls', () => {
  const bucket = { size: 100, refillPerSecond: 20 };

  it('is what the slowest bucket needs', () => {
    // (500 - 100) / 20 = 20 s; the other, (300 - 100) / 20 = 10 s, fills meanwhile.
    expect(
      minimumSeconds([
        { ...bucket, taken: 500 },
        { ...bucket, taken: 300 },
      ]),
    ).toBe(20);
  });

  it('is nothing while a full bucket is enough', () => {
    expect(minimumSeconds([])).toBe(0);
    expect(minimumSeconds([{ ...bucket, taken: 100 }])).toBe(0);
  });

  it('knows the speed, and who takes only half', () => {
    // (500 - 100) / (20 x 10) = 2 s; at half, (500 - 50) / (10 x 10) = 4.5 s.
    expect(minimumSeconds([{ ...bucket, taken: 500 }], { speed: 10 })).toBe(2);
    expect(minimumSeconds([{ ...bucket, taken: 500 }], { speed: 10, share: 0.5 })).toBe(4.5);
  });
});
