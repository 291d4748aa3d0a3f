import { describe, expect, test } from 'vitest';
import { createEstate } from '../../demo/aws/estate.ts';

const NOW = new Date('2026-11-24T14:00:00Z');
const SIZE = {
  accounts: 3,
  clustersPerAccount: 2,
  servicesPerCluster: 60,
  tasksPerService: 1,
  instancesPerCluster: 8,
  now: () => NOW,
};
const estate = createEstate(SIZE);
const clusters = estate.accounts.flatMap(({ id, regions }) =>
  [...regions.values()].flatMap((region) =>
    region.ecs.clusters.map((cluster) => ({ id, region, cluster, arn: cluster.clusterArn ?? '' })),
  ),
);

describe('an estate', () => {
  test('has the accounts, clusters, services, tasks and instances asked for', () => {
    expect(estate.accounts).toHaveLength(3);
    expect(clusters.map(({ cluster }) => cluster.clusterName)).toEqual([
      'rose',
      'tulip',
      'orchid',
      'daisy',
      'lily',
      'aster',
    ]);
    for (const { region, arn } of clusters) {
      expect(region.ecs.services.get(arn)).toHaveLength(60);
      expect(region.ecs.tasks.get(arn)).toHaveLength(60);
      expect(region.ecs.containerInstances.get(arn)).toHaveLength(8);
    }
  });

  test('gives every service a family of its own, and every id is used once', () => {
    const all = clusters.flatMap(({ region, arn }) => region.ecs.services.get(arn) ?? []);
    expect(new Set(all.map(({ taskDefinition }) => taskDefinition)).size).toBe(all.length);
    const ids = clusters.flatMap(({ region, arn }) => [
      ...(region.ecs.tasks.get(arn) ?? []).map(({ taskArn }) => taskArn),
      ...(region.ecs.containerInstances.get(arn) ?? []).map(({ containerInstanceArn }) => containerInstanceArn),
      ...(region.ecs.containerInstances.get(arn) ?? []).map(({ ec2InstanceId }) => ec2InstanceId),
    ]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('runs a third on instances, half of it on each kind, the rest on Fargate', () => {
    const [first] = clusters;
    const tasks = first?.region.ecs.tasks.get(first.arn) ?? [];
    const on = (launchType: string) => tasks.filter((task) => task.launchType === launchType).length;
    expect([on('EC2'), on('MANAGED_INSTANCES'), on('FARGATE')]).toEqual([10, 10, 40]);
    const remaining = (first?.region.ecs.containerInstances.get(first.arn) ?? []).map(
      ({ remainingResources }) => remainingResources?.find(({ name }) => name === 'CPU')?.integerValue ?? -1,
    );
    // 8 hosts x 8,192 units less 20 tasks x 512.
    expect(remaining.reduce((sum, cpu) => sum + cpu, 0)).toBe(8 * 8192 - 20 * 512);
  });

  test('may do without instances', () => {
    const fargate = createEstate({ ...SIZE, accounts: 1, instancesPerCluster: 0 });
    const [region] = [...(fargate.accounts[0]?.regions.values() ?? [])];
    const tasks = [...(region?.ecs.tasks.values() ?? [])].flat();
    expect(tasks.every(({ launchType }) => launchType === 'FARGATE')).toBe(true);
    expect(fargate.costs('2026-11-23').every(({ usageType }) => usageType.includes('Fargate'))).toBe(true);
  });

  test('has the same bill every full day, and metrics of each service', () => {
    expect(estate.costs('2026-11-23')).toEqual(estate.costs('2026-10-01'));
    expect(estate.costs('2026-11-25')).toEqual([]);
    // 6 clusters x 8 instances x 24 h; half of them pay the fee.
    const hours = (usageType: string) =>
      estate
        .costs('2026-11-23')
        .filter((row) => row.usageType === usageType)
        .reduce((sum, { quantity }) => sum + Number(quantity), 0);
    expect(hours('EU-BoxUsage:m6a.2xlarge')).toBeCloseTo(6 * 8 * 24, 6);
    expect(hours('EU-ECS-Managed-Instances:m6a.2xlarge-management-hours')).toBeCloseTo(6 * 4 * 24, 6);
    const [first] = clusters;
    const points = first?.region.metric({
      namespace: 'AWS/ECS',
      name: 'CPUUtilization',
      dimensions: { ClusterName: 'rose', ServiceName: 'rose-svc-00000' },
      stat: 'SampleCount',
      periodSeconds: 86_400,
      start: new Date('2026-11-20T00:00:00Z'),
      end: new Date('2026-11-23T00:00:00Z'),
    });
    expect(points?.map(({ value }) => value)).toEqual([1440, 1440, 1440]);
  });

  test('says so when its share does not fit on the instances', () => {
    // 20 services x 20 tasks = 400 small ones; 8 hosts hold 16 each.
    expect(() => createEstate({ ...SIZE, tasksPerService: 20 })).toThrow(/no room for rose-svc-/);
  });
});
