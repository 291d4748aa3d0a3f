import { describe, expect, test } from 'vitest';
import type { RegionState } from '../../demo/aws/state.ts';
import { createWorld } from '../../demo/aws/world/index.ts';
import { bytesOf, NOW, openBench, partOf, partsOf, scan } from './reader.ts';

const names = (items: readonly { readonly name: string }[]): readonly string[] => items.map(({ name }) => name);

describe('a scan of the recorded world', () => {
  test('reads every cluster with all that is in it, and misses nothing', async () => {
    const { aws, world, reader } = await openBench();
    const picture = await scan(reader);
    expect(picture.missed).toEqual([]);
    expect(aws.violations).toEqual([]);
    for (const account of world.accounts) {
      for (const [region, state] of account.regions) {
        for (const cluster of state.ecs.clusters) {
          const scope = { account: account.id, region, cluster: cluster.clusterName ?? '' };
          const arn = cluster.clusterArn ?? '';
          const services = partsOf(picture, scope, 'services').flatMap((part) => part.services);
          const tasks = partsOf(picture, scope, 'services').flatMap((part) => part.tasks);
          expect(names(services).toSorted()).toEqual(
            (state.ecs.services.get(arn) ?? []).map(({ serviceName }) => serviceName ?? '').toSorted(),
          );
          expect(tasks.map((task) => task.arn).toSorted()).toEqual(runningTasks(state, arn));
          const head = picture.results.find((result) => result.scope.cluster === scope.cluster)?.cluster;
          expect(head).toMatchObject({ services: services.length, tasks: tasks.length });
          expect(partOf(picture, scope, 'cluster').containerInstances).toHaveLength(
            state.ecs.containerInstances.get(arn)?.length ?? 0,
          );
        }
      }
    }
  });

  test('knows the revision of every service and task', async () => {
    const { reader } = await openBench();
    const picture = await scan(reader);
    for (const part of partsOf(picture, {}, 'services')) {
      const known = new Set(part.taskDefinitions.map(({ arn }) => arn));
      const used = [...part.services, ...part.tasks].map(({ taskDefinition }) => taskDefinition);
      expect(used.filter((arn) => !known.has(arn))).toEqual([]);
    }
  });

  test('reads the instances that ECS uses, hidden ones too, and counts the others', async () => {
    const { world, reader } = await openBench();
    const picture = await scan(reader);
    for (const account of world.accounts) {
      for (const [region, state] of account.regions) {
        const ours = [...state.ecs.containerInstances.values()].flat().map(({ ec2InstanceId }) => ec2InstanceId);
        const part = partOf(picture, { account: account.id, region, cluster: null }, 'region');
        expect(part.instances.map(({ id }) => id)).toEqual(ours.toSorted());
        expect(part.instances.every(({ volumes }) => volumes.length > 0)).toBe(true);
        const others = part.otherInstances.reduce((sum, { count }) => sum + count, 0);
        const running = state.ec2.instances.filter(({ State }) => State?.Name === 'running');
        expect(others).toBe(running.length - ours.length);
      }
    }
  });

  test('fills every list of the regions that the world fills', async () => {
    const { world, reader } = await openBench();
    const picture = await scan(reader);
    const regions = partsOf(picture, { cluster: null }, 'region');
    const states = world.accounts.flatMap(({ regions: all }) => [...all.values()]);
    const count = (of: (state: RegionState) => number): number => states.reduce((sum, state) => sum + of(state), 0);
    const read = <T>(of: (part: (typeof regions)[number]) => readonly T[]): readonly T[] => regions.flatMap(of);
    expect(read(({ eventWindows }) => eventWindows)).toHaveLength(count(({ ec2 }) => ec2.eventWindows.length));
    expect(read(({ subnets }) => subnets)).toHaveLength(count(({ ec2 }) => ec2.subnets.length));
    expect(read(({ capacityReservations }) => capacityReservations)).toHaveLength(
      count(({ ec2 }) => ec2.capacityReservations.length),
    );
    expect(read(({ autoScalingGroups }) => autoScalingGroups)).toHaveLength(
      count(({ autoScalingGroups }) => autoScalingGroups.length),
    );
    const interfaces = regions.flatMap(({ networkInterfaces }) => Object.values(networkInterfaces));
    expect(interfaces.reduce((sum, more) => sum + more, 0)).toBe(count(({ ec2 }) => ec2.networkInterfaces.length));
    expect(read(({ quotas }) => quotas).some(({ from }) => from === 'default')).toBe(true);
    expect(read(({ quotaUsage }) => quotaUsage).some(({ days }) => days.length === 56)).toBe(true);
    expect(read(({ spotPrices }) => spotPrices).length).toBeGreaterThan(0);
    expect(read(({ instances }) => instances).flatMap(({ events }) => events)).toHaveLength(
      count(({ ec2 }) => ec2.statuses.reduce((sum, { Events }) => sum + (Events?.length ?? 0), 0)),
    );
    const scaled = partsOf(picture, {}, 'services').flatMap(({ services }) =>
      services.filter(({ autoscaling }) => autoscaling !== null),
    );
    expect(scaled).toHaveLength(count(({ scalableTargets }) => scalableTargets.length));
    expect(scaled.every(({ autoscaling }) => (autoscaling?.policies.length ?? 0) > 0)).toBe(true);
  });

  test('asks Compute Optimizer only where it is enrolled, and says where it is not', async () => {
    const { aws, world, reader } = await openBench();
    const picture = await scan(reader);
    for (const { id, computeOptimizer } of world.accounts) {
      const asked = aws.journal.some(
        ({ account, operation }) => account === id && operation === 'GetECSServiceRecommendations',
      );
      expect(asked).toBe(computeOptimizer === 'Active');
      expect(partOf(picture, { account: id, region: null }, 'account').computeOptimizer).toBe(
        computeOptimizer === 'Active' ? 'active' : 'inactive',
      );
    }
  });

  test('learns from stopped tasks how long they run', async () => {
    const { reader } = await openBench();
    const picture = await scan(reader);
    const families = partsOf(picture, { cluster: 'rose' }, 'samples').flatMap((part) => part.families);
    expect(families.length).toBeGreaterThan(0);
    for (const { samples } of families) {
      expect(samples.length).toBeLessThanOrEqual(100);
      expect(samples.map(({ stoppedAt }) => stoppedAt)).toEqual(
        samples
          .map(({ stoppedAt }) => stoppedAt)
          .toSorted()
          .reverse(),
      );
    }
  });

  test('asks for the protection of service tasks of clusters with instances, of no others', async () => {
    const { aws, world, reader } = await openBench();
    const picture = await scan(reader);
    const asked = aws.journal.filter(({ operation }) => operation === 'GetTaskProtection');
    expect(asked.map(({ input }) => (input as { cluster: string }).cluster).includes('rose')).toBe(false);
    const states = world.accounts.flatMap(({ regions }) => [...regions.values()]);
    const expected = states.flatMap(({ ecs }) =>
      [...ecs.protection.values()].filter(({ protectionEnabled }) => protectionEnabled).map(({ taskArn }) => taskArn),
    );
    const found = partsOf(picture, {}, 'services').flatMap(({ tasks }) =>
      tasks.filter(({ protectedUntil }) => protectedUntil !== null).map(({ arn }) => arn),
    );
    expect(expected.length).toBeGreaterThan(0);
    expect(found.toSorted()).toEqual(expected.toSorted());
  });

  test('only reads: no call of its journal changes anything', async () => {
    const { aws, reader } = await openBench();
    await scan(reader);
    expect(aws.journal.length).toBeGreaterThan(100);
    expect(aws.journal.filter(({ isMutating }) => isMutating)).toEqual([]);
  });

  test('assumes each role once and counts its calls as the other side does', async () => {
    const { aws, reader } = await openBench();
    const { calls } = await scan(reader);
    expect(calls.byOperation['sts.AssumeRole']).toBe(3);
    expect(calls.total).toBe(aws.journal.length);
    const counted = Object.fromEntries([...aws.counts].map(([action, count]) => [action.replace(':', '.'), count]));
    expect(calls.byOperation).toEqual(counted);
    expect(calls.throttled).toBe(0);
  });

  test('tells how far it is', async () => {
    const { reader } = await openBench();
    const said: string[] = [];
    await scan(reader, undefined, {
      progress: ({ done, found, account }) => void said.push(`${account} ${done}/${found}`),
    });
    expect(said.at(-1)).toMatch(/ 4\/4$/);
  });
});

describe('the second scan', () => {
  test('of an unchanged estate gives the same bytes', async () => {
    const { reader } = await openBench();
    const first = await scan(reader);
    const second = await scan(reader, first);
    expect(bytesOf(second)).toBe(bytesOf(first));
  });

  test('on the same day buys no metric again, and asks for no revision again', async () => {
    const { reader } = await openBench();
    const first = await scan(reader);
    const second = await scan(reader, first);
    expect(second.calls.byOperation['cloudwatch.GetMetricData']).toBeUndefined();
    expect(second.calls.byOperation['ecs.DescribeTaskDefinition']).toBeUndefined();
    expect(second.calls.byOperation['sts.AssumeRole']).toBeUndefined();
  });

  test('on the next day reads metrics up to the new midnight', async () => {
    let now = NOW;
    const world = createWorld({ now: () => now });
    const { reader } = await openBench({ world, now: () => now });
    const first = await scan(reader);
    now = new Date('2026-11-25T00:30:00.000Z');
    const second = await scan(reader, first);
    const [service] = partOf(second, { cluster: 'rose' }, 'utilisation').services;
    expect(service?.to).toBe('2026-11-25T00:00:00.000Z');
    expect(service?.taskMinutes.at(-1)?.day).toBe('2026-11-24');
  });

  test('keeps an instance that is gone, with the time it was last seen', async () => {
    const { world, reader } = await openBench();
    const first = await scan(reader);
    const gone = removeInstance(world.accounts.flatMap(({ regions }) => [...regions.values()]));
    const second = await scan(reader, first);
    const kept = partsOf(second, { cluster: null }, 'region')
      .flatMap(({ instances }) => instances)
      .filter(({ id }) => id === gone);
    expect(kept.map(({ endedAt }) => endedAt)).toEqual(['2026-11-24T09:00:00.000Z']);
    expect(second.missed).toEqual([]);
  });

  test('forgets an instance 60 days after its end', async () => {
    let now = NOW;
    const world = createWorld({ now: () => now });
    const { reader } = await openBench({ world, now: () => now });
    const first = await scan(reader);
    const gone = removeInstance(world.accounts.flatMap(({ regions }) => [...regions.values()]));
    const second = await scan(reader, first);
    now = new Date(NOW.getTime() + 61 * 24 * 60 * 60 * 1000);
    const third = await scan(reader, second);
    const ids = partsOf(third, { cluster: null }, 'region').flatMap(({ instances }) => instances.map(({ id }) => id));
    expect(ids).not.toContain(gone);
  });
});

describe('a scan that takes over from a killed one', () => {
  test('reads nothing of a finished cluster again but what its region needs', async () => {
    const { aws, reader } = await openBench();
    const whole = await scan(reader);
    const before = aws.journal.length;
    const rest = await scan(reader, undefined, { isDone: ({ cluster }) => cluster === 'tulip' });
    expect(rest.results.map(({ scope }) => scope.cluster)).not.toContain('tulip');
    const again = aws.journal
      .slice(before)
      .filter(({ input }) => (input as { cluster?: string }).cluster === 'tulip')
      .map(({ operation }) => operation);
    expect([...new Set(again)].toSorted()).toEqual([
      'DescribeCapacityProviders',
      'DescribeContainerInstances',
      'ListContainerInstances',
    ]);
    const region = { region: 'eu-west-1', cluster: null };
    const [first, second] = [whole, rest].map((one) =>
      partsOf(one, region, 'region')
        .flatMap(({ instances }) => instances.map(({ id }) => id))
        .toSorted(),
    );
    expect(second).toEqual(first);
  });

  test('of which all was finished saves nothing and reads no more than the lists of clusters', async () => {
    const { reader } = await openBench();
    const { results, calls } = await scan(reader, undefined, { isDone: () => true });
    expect(results).toEqual([]);
    expect(calls.byOperation['ecs.DescribeServices']).toBeUndefined();
    expect(calls.byOperation['ec2.DescribeInstances']).toBeUndefined();
  });
});

function runningTasks({ ecs }: RegionState, cluster: string): readonly string[] {
  return (ecs.tasks.get(cluster) ?? [])
    .filter(({ desiredStatus }) => desiredStatus === 'RUNNING')
    .map(({ taskArn }) => taskArn ?? '')
    .toSorted();
}

/** Takes one container instance out of the world, its EC2 instance too; returns its id. */
function removeInstance(states: readonly RegionState[]): string {
  for (const { ecs, ec2 } of states) {
    for (const instances of ecs.containerInstances.values()) {
      const [victim] = instances;
      if (victim === undefined) continue;
      instances.splice(0, 1);
      const id = victim.ec2InstanceId ?? '';
      const index = ec2.instances.findIndex(({ InstanceId }) => InstanceId === id);
      ec2.instances.splice(index, 1);
      return id;
    }
  }
  throw new Error('the world has no instance');
}
