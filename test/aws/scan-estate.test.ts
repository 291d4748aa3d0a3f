import { describe, expect, test } from 'vitest';
import { createEstate } from '../../demo/aws/estate.ts';
import type { AwsWorld } from '../../demo/aws/state.ts';
import { createWorld } from '../../demo/aws/world/index.ts';
import { shardOfService } from '../../src/aws/shards.ts';
import { bytesOf, NOW, openBench, partOf, partsOf, scan } from './reader.ts';

/** One account, one cluster, 450 services with a task each, 30 instances. */
function estate(): AwsWorld {
  return createEstate({
    accounts: 1,
    clustersPerAccount: 1,
    servicesPerCluster: 450,
    tasksPerService: 1,
    instancesPerCluster: 30,
    now: () => NOW,
  });
}

describe('a large cluster', () => {
  test('costs no call more than its pages and batches', async () => {
    const { aws, reader } = await openBench({ world: estate() });
    const { calls, missed } = await scan(reader);
    expect(missed).toEqual([]);
    expect(aws.violations).toEqual([]);
    expect(calls.byOperation).toMatchObject({
      'ecs.ListClusters': 1,
      'ecs.DescribeClusters': 1,
      // 450 services: 100 a page, 10 a call.
      'ecs.ListServices': 5,
      'ecs.DescribeServices': 45,
      // 450 running tasks, 100 a page and a call; one page for the stopped ones, of which there are none.
      'ecs.ListTasks': 6,
      'ecs.DescribeTasks': 5,
      'ecs.GetTaskProtection': 5,
      'ecs.ListContainerInstances': 1,
      'ecs.DescribeContainerInstances': 1,
      // Every service has a revision of its own.
      'ecs.DescribeTaskDefinition': 450,
      // 450 x 4 loads and 450 minutes at 500 a call: 4 + 1; one more for the quotas' metrics.
      'cloudwatch.GetMetricData': 6,
      // 30 instances: one sweep finds them all.
      'ec2.DescribeInstances': 1,
      'ec2.DescribeInstanceStatus': 1,
      'ec2.DescribeVolumes': 1,
      'sts.AssumeRole': 1,
    });
    expect(calls.throttled).toBe(0);
  });

  test('is cut into shards by name, each with its own tasks, revisions and figures', async () => {
    const { reader } = await openBench({ world: estate() });
    const picture = await scan(reader);
    const { shards } = partOf(picture, {}, 'cluster');
    // 450 / 200, rounded up to a power of two.
    expect(shards).toBe(4);
    const utilisation = partsOf(picture, {}, 'utilisation');
    expect(utilisation).toHaveLength(4);
    for (const [shard, part] of partsOf(picture, {}, 'services').entries()) {
      expect(part.services.every(({ name }) => shardOfService(name, shards) === shard)).toBe(true);
      expect(part.tasks.map(({ group }) => group).toSorted()).toEqual(
        part.services.map(({ name }) => `service:${name}`).toSorted(),
      );
      expect(part.taskDefinitions).toHaveLength(part.services.length);
      expect(utilisation[shard]?.services.map(({ service }) => service)).toEqual(part.services.map(({ name }) => name));
    }
  });

  test('gives the same bytes whatever comes back first, and takes its metrics over when it is cut anew', async () => {
    const { world, reader } = await openBench({ world: estate() });
    const first = await scan(reader);
    expect(bytesOf(await scan(reader, first))).toBe(bytesOf(first));
    // Down to 150 services, one shard: what is left is known already.
    const ecs = [...(world.accounts[0]?.regions.values() ?? [])][0]?.ecs;
    for (const services of ecs?.services.values() ?? []) services.splice(150);
    const second = await scan(reader, first);
    expect(partOf(second, {}, 'cluster').shards).toBe(1);
    expect(partOf(second, {}, 'utilisation').services).toHaveLength(150);
    expect(second.calls.byOperation['cloudwatch.GetMetricData']).toBeUndefined();
    // And up again: metrics are bought for the new ones alone.
    const third = await scan(reader, { ...second, results: second.results });
    expect(bytesOf(third)).toBe(bytesOf(second));
  });
});

describe('figures', () => {
  test('of utilisation are the metrics of the last 14 whole days, task-minutes of the last 35', async () => {
    const { world, reader } = await openBench({ only: 'head-nodes' });
    const picture = await scan(reader);
    const region = world.accounts.find(({ name }) => name === 'head-nodes')?.regions.get('eu-west-1');
    const services = partOf(picture, { cluster: 'rose' }, 'utilisation').services;
    expect(services.length).toBeGreaterThan(30);
    const day = 24 * 60 * 60;
    const midnight = new Date('2026-11-24T00:00:00Z');
    const daysAgo = (days: number): Date => new Date(midnight.getTime() - days * day * 1000);
    for (const { service, cpuPercent, memoryPercent, taskMinutes } of services) {
      const read = (name: string, stat: string, days: number, periodSeconds: number) =>
        region?.metric({
          namespace: 'AWS/ECS',
          name,
          dimensions: { ClusterName: 'rose', ServiceName: service },
          stat,
          periodSeconds,
          start: daysAgo(days),
          end: midnight,
        }) ?? [];
      const load = (name: string) => {
        const [p95] = read(name, 'p95', 14, 14 * day);
        const [maximum] = read(name, 'Maximum', 14, 14 * day);
        return p95 === undefined || maximum === undefined ? null : { p95: p95.value, maximum: maximum.value };
      };
      expect(cpuPercent).toEqual(load('CPUUtilization'));
      expect(memoryPercent).toEqual(load('MemoryUtilization'));
      const minutes = read('CPUUtilization', 'SampleCount', 35, day).filter(({ value }) => value > 0);
      expect(taskMinutes).toEqual(
        minutes.map(({ at, value }) => ({ day: at.toISOString().slice(0, 10), minutes: value })),
      );
    }
  });

  test('of a group without types of its own come from its launch template', async () => {
    const world = createWorld({ now: () => NOW });
    const groups = world.accounts.flatMap(({ regions }) =>
      [...regions.values()].flatMap(({ autoScalingGroups }) => autoScalingGroups),
    );
    for (const group of groups) {
      group.LaunchTemplate = group.MixedInstancesPolicy?.LaunchTemplate?.LaunchTemplateSpecification;
      group.MixedInstancesPolicy = undefined;
    }
    const { aws, reader } = await openBench({ world, only: 'qcu-1' });
    const picture = await scan(reader);
    const read = partsOf(picture, { cluster: null }, 'region').flatMap(({ autoScalingGroups }) => autoScalingGroups);
    expect(read.map(({ instanceTypes }) => instanceTypes)).toEqual(
      groups.map(({ Instances }) => [Instances?.[0]?.InstanceType]),
    );
    expect(aws.counts.get('ec2:DescribeLaunchTemplateVersions')).toBe(groups.length);
    expect(picture.missed).toEqual([]);
  });
});
