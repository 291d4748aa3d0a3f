import type { Resource } from '@aws-sdk/client-ecs';
import { describe, expect, test } from 'vitest';
import type { AwsWorld, RegionState } from '../../demo/aws/state.ts';
import { createWorld } from '../../demo/aws/world/index.ts';

const NOW = new Date('2026-11-24T14:00:00Z');
const world = createWorld({ now: () => NOW });
const regions = world.accounts.flatMap((account) =>
  [...account.regions.values()].map((region) => ({ account, region })),
);

const clustersOf = (region: RegionState) =>
  region.ecs.clusters.map((cluster) => {
    const arn = cluster.clusterArn ?? '';
    return {
      cluster,
      services: region.ecs.services.get(arn) ?? [],
      tasks: region.ecs.tasks.get(arn) ?? [],
      running: (region.ecs.tasks.get(arn) ?? []).filter(({ lastStatus }) => lastStatus === 'RUNNING'),
      instances: region.ecs.containerInstances.get(arn) ?? [],
    };
  });
const clusters = regions.flatMap(({ region }) => clustersOf(region).map((one) => ({ region, ...one })));

const number = (resources: readonly Resource[] | undefined, name: string): number =>
  resources?.find((one) => one.name === name)?.integerValue ?? -1;
const ports = (resources: readonly Resource[] | undefined): readonly string[] =>
  resources?.find((one) => one.name === 'PORTS')?.stringSetValue ?? [];

/** Everything of a world that is data, for comparing two of them. */
const dataOf = (made: AwsWorld): unknown =>
  made.accounts.map(({ regions: of, ...account }) => ({
    ...account,
    regions: [...of.values()].map(({ metric: _, ecs, ...region }) => ({
      ...region,
      ecs: Object.fromEntries(
        Object.entries(ecs).map(([key, value]) => [key, value instanceof Map ? [...value] : value]),
      ),
    })),
  }));

describe('the recorded world', () => {
  test('has three accounts, four flower clusters, over 40 services and over 30 instances', () => {
    expect(world.accounts.map(({ name }) => name)).toEqual(['head-nodes', 'qcu-1', 'qcu-2']);
    expect(clusters.map(({ cluster, region }) => `${cluster.clusterName} ${region.region}`)).toEqual([
      'rose eu-west-1',
      'tulip eu-west-1',
      'orchid us-east-1',
      'daisy eu-west-1',
    ]);
    expect(clusters.flatMap(({ services }) => services).length).toBe(57);
    expect(clusters.flatMap(({ instances }) => instances).length).toBe(32);
  });

  test('most services have one task', () => {
    const wanted = clusters.flatMap(({ services }) => services).map(({ desiredCount }) => desiredCount);
    expect(wanted.filter((count) => count === 1).length * 2).toBeGreaterThan(wanted.length);
  });

  test('is the same for the same clock', () => {
    const again = createWorld({ now: () => NOW });
    expect(dataOf(again)).toEqual(dataOf(world));
    expect(again.costs('2026-11-20')).toEqual(world.costs('2026-11-20'));
  });

  test('has the same names, ids and counts whatever the clock says', () => {
    const other = createWorld({ now: () => new Date('2027-03-01T00:02:00Z') });
    const names = (made: AwsWorld) =>
      made.accounts.flatMap(({ regions: of }) =>
        [...of.values()].flatMap((region) => [
          ...clustersOf(region).flatMap(({ tasks, services, instances }) => [
            ...tasks.map(({ taskArn, lastStatus }) => `${taskArn} ${lastStatus}`),
            ...services.map(({ serviceArn, runningCount }) => `${serviceArn} ${runningCount}`),
            ...instances.map(({ containerInstanceArn, ec2InstanceId }) => `${containerInstanceArn} ${ec2InstanceId}`),
          ]),
        ]),
      );
    expect(names(other)).toEqual(names(world));
  });
});

describe('a cluster of the world', () => {
  test.each(clusters.map((one) => [one.cluster.clusterName ?? '', one] as const))(
    '%s counts its own tasks, services and instances',
    (_, { cluster, services, running, instances }) => {
      expect(cluster.runningTasksCount).toBe(running.length);
      expect(cluster.activeServicesCount).toBe(services.length);
      expect(cluster.registeredContainerInstancesCount).toBe(instances.length);
      for (const service of services) {
        const own = running.filter(({ group }) => group === `service:${service.serviceName}`);
        expect(`${service.serviceName} ${own.length}`).toBe(`${service.serviceName} ${service.runningCount}`);
      }
    },
  );

  test('offers on each instance what it registered less what its tasks take', () => {
    for (const { region, instances, running } of clusters) {
      for (const instance of instances) {
        const own = running.filter(
          ({ containerInstanceArn }) => containerInstanceArn === instance.containerInstanceArn,
        );
        const containers = own.map((task) => {
          const definition = region.ecs.taskDefinitions.get(task.taskDefinitionArn ?? '')?.definition;
          const parts = definition?.containerDefinitions ?? [];
          const sum = (values: readonly (number | undefined)[]) => values.reduce<number>((a, b) => a + (b ?? 0), 0);
          return {
            cpu: definition?.cpu === undefined ? sum(parts.map(({ cpu }) => cpu)) : Number(definition.cpu),
            memory:
              definition?.memory === undefined
                ? sum(parts.map(({ memory, memoryReservation }) => memoryReservation ?? memory))
                : Number(definition.memory),
          };
        });
        const taken = (key: 'cpu' | 'memory') => containers.reduce((sum, one) => sum + one[key], 0);
        const { registeredResources: registered, remainingResources: remaining } = instance;
        expect(number(remaining, 'CPU')).toBe(number(registered, 'CPU') - taken('cpu'));
        expect(number(remaining, 'MEMORY')).toBe(number(registered, 'MEMORY') - taken('memory'));
        expect(number(remaining, 'CPU')).toBeGreaterThanOrEqual(0);
        expect(number(remaining, 'MEMORY')).toBeGreaterThanOrEqual(0);
        expect(instance.runningTasksCount).toBe(own.length);
      }
    }
  });

  test('lists the one host port in use with the ports of the agent', () => {
    const busy = clusters.flatMap(({ instances }) =>
      instances.filter(({ remainingResources }) => ports(remainingResources).includes('8080')),
    );
    expect(busy).toHaveLength(1);
    expect(ports(busy[0]?.registeredResources)).not.toContain('8080');
  });

  test('registers 95 % of the nominal memory', () => {
    // c6a.2xlarge: 16,384 MiB x 0.95 = 15,564.8.
    const orchid = clusters.find(({ cluster }) => cluster.clusterName === 'orchid');
    expect(number(orchid?.instances[0]?.registeredResources, 'MEMORY')).toBe(15_564);
  });

  test('has instances that began 1 to 20 days ago, and no task before its instance', () => {
    for (const { region, instances, running } of clusters) {
      for (const { ec2InstanceId, containerInstanceArn } of instances) {
        const machine = region.ec2.instances.find(({ InstanceId }) => InstanceId === ec2InstanceId);
        const launched = machine?.LaunchTime?.getTime() ?? 0;
        const days = (NOW.getTime() - launched) / 86_400_000;
        expect(days).toBeGreaterThan(1);
        expect(days).toBeLessThan(20);
        for (const task of running.filter((one) => one.containerInstanceArn === containerInstanceArn))
          expect(task.pullStartedAt?.getTime()).toBeGreaterThan(launched);
      }
    }
  });
});

describe('references', () => {
  test('every ARN and id that something names is there, and every id is used once', () => {
    for (const { region, cluster, services, tasks, instances } of clusters) {
      const definitions = region.ecs.taskDefinitions;
      const providers = new Set(region.ecs.capacityProviders.map(({ name }) => name));
      for (const name of cluster.capacityProviders ?? []) expect(providers).toContain(name);
      for (const service of services) {
        expect(definitions.has(service.taskDefinition ?? '')).toBe(true);
        for (const { taskDefinition } of service.deployments ?? [])
          expect(definitions.has(taskDefinition ?? '')).toBe(true);
        for (const { capacityProvider } of service.capacityProviderStrategy ?? [])
          expect(cluster.capacityProviders).toContain(capacityProvider);
      }
      const known = new Set(instances.map(({ containerInstanceArn }) => containerInstanceArn));
      for (const task of tasks) {
        expect(definitions.has(task.taskDefinitionArn ?? '')).toBe(true);
        if (task.containerInstanceArn !== undefined) expect(known).toContain(task.containerInstanceArn);
      }
      expect(new Set(tasks.map(({ taskArn }) => taskArn)).size).toBe(tasks.length);
      for (const arn of region.ecs.protection.keys()) expect(tasks.map(({ taskArn }) => taskArn)).toContain(arn);
    }
  });

  test('EC2 knows each instance, its volume, its zone and who operates it', () => {
    for (const { region, instances, cluster } of clusters) {
      for (const instance of instances) {
        const machine = region.ec2.instances.find(({ InstanceId }) => InstanceId === instance.ec2InstanceId);
        const attribute = (name: string) => instance.attributes?.find((one) => one.name === name)?.value;
        expect(attribute('ecs.instance-type')).toBe(machine?.InstanceType);
        expect(attribute('ecs.availability-zone')).toBe(machine?.Placement?.AvailabilityZone);
        const tags = new Map(machine?.Tags?.map(({ Key, Value }) => [Key, Value]));
        const isManaged = machine?.Operator?.Principal === 'ecs.amazonaws.com';
        expect(tags.get('aws:ecs:clusterName')).toBe(isManaged ? cluster.clusterName : undefined);
        expect(tags.has('aws:autoscaling:groupName')).toBe(!isManaged);
        const volume = region.ec2.volumes.find(
          ({ VolumeId }) => VolumeId === machine?.BlockDeviceMappings?.[0]?.Ebs?.VolumeId,
        );
        expect(volume?.Size).toBe(isManaged ? 80 : 30);
        expect(region.ec2.subnets.map(({ SubnetId }) => SubnetId)).toContain(machine?.SubnetId);
      }
    }
  });

  test('each awsvpc task has an interface, in its zone', () => {
    for (const { region, running } of clusters) {
      for (const task of running) {
        const id = task.attachments?.[0]?.details?.find(({ name }) => name === 'networkInterfaceId')?.value;
        if (id === undefined) continue;
        const found = region.ec2.networkInterfaces.filter(({ NetworkInterfaceId }) => NetworkInterfaceId === id);
        expect(found.map(({ AvailabilityZone }) => AvailabilityZone)).toEqual([task.availabilityZone]);
      }
    }
  });

  test('the Auto Scaling group holds the instances of its provider, within its sizes', () => {
    const tulip = clusters.find(({ cluster }) => cluster.clusterName === 'tulip');
    const [group] = tulip?.region.autoScalingGroups ?? [];
    expect(group?.Instances?.map(({ InstanceId }) => InstanceId)).toEqual(
      tulip?.instances.map(({ ec2InstanceId }) => ec2InstanceId),
    );
    expect(group?.DesiredCapacity).toBe(10);
    const provider = tulip?.region.ecs.capacityProviders.find(({ type }) => type === 'EC2_AUTOSCALING');
    expect(provider?.autoScalingGroupProvider?.autoScalingGroupArn).toBe(group?.AutoScalingGroupARN);
  });

  test('the reserved instances of orchid use up their reservation', () => {
    const region = clusters.find(({ cluster }) => cluster.clusterName === 'orchid')?.region;
    const [reservation] = region?.ec2.capacityReservations ?? [];
    const users = region?.ec2.instances.filter(
      ({ CapacityReservationId }) => CapacityReservationId === reservation?.CapacityReservationId,
    );
    expect(users).toHaveLength(reservation?.TotalInstanceCount ?? -1);
    expect(reservation?.AvailableInstanceCount).toBe(0);
  });
});
