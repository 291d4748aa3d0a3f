import { expect, test } from 'vitest';
import type { AccountState, RegionState } from '../../demo/aws/state.ts';
import { createWorld } from '../../demo/aws/world/index.ts';
import {
  toAutoScalingGroup,
  toCapacityReservation,
  toEc2Instance,
  toEventWindow,
  toSpotPrice,
  toSubnet,
} from '../../src/aws/shapes-ec2.ts';
import { toCapacityProvider, toCluster, toContainerInstance } from '../../src/aws/shapes-ecs.ts';
import { toComputeOptimizerFinding, toQuota, toSavingsPlan } from '../../src/aws/shapes-other.ts';
import { toScaling, toService } from '../../src/aws/shapes-service.ts';
import { toRunSample, toTask, toTaskDefinition } from '../../src/aws/shapes-task.ts';

/** Nothing of the demo's AWS is unusable: a scan of it counts no thing as missed for its shape. */

const noParts = { providers: [], containerInstances: [], shards: 1 };
const all = <T>(lists: ReadonlyMap<string, readonly T[]>): readonly T[] => [...lists.values()].flat();

function convertedOf({ ecs }: RegionState): readonly unknown[] {
  const tasks = all(ecs.tasks);
  return [
    ...ecs.clusters.map((cluster) => toCluster(cluster, noParts)),
    ...ecs.capacityProviders.map(toCapacityProvider),
    ...all(ecs.containerInstances).map(toContainerInstance),
    ...all(ecs.services).map((service) => toService(service, null)),
    ...[...ecs.taskDefinitions.values()].map(({ definition }) => toTaskDefinition(definition)),
    ...tasks.map((task) => toTask(task, ecs.protection.get(task.taskArn ?? '') ?? null)),
    ...tasks.filter(({ startedAt, stoppedAt }) => startedAt !== undefined && stoppedAt !== undefined).map(toRunSample),
  ];
}

function surroundingsOf({ ec2, ...region }: RegionState): readonly unknown[] {
  return [
    ...ec2.instances.map((instance) => {
      const status = ec2.statuses.find(({ InstanceId }) => InstanceId === instance.InstanceId) ?? null;
      return toEc2Instance(instance, { status, volumes: ec2.volumes });
    }),
    ...ec2.subnets.map(toSubnet),
    ...ec2.capacityReservations.map(toCapacityReservation),
    ...ec2.eventWindows.map(toEventWindow),
    ...ec2.spotPrices.map(toSpotPrice),
    ...region.autoScalingGroups.map((group) => toAutoScalingGroup(group, null)),
    ...region.scalableTargets.map((target) => toScaling(target, region.scalingPolicies)),
    ...region.quotas.map((quota) => toQuota(quota, 'applied')),
    ...region.defaultQuotas.map((quota) => toQuota(quota, 'default')),
    ...region.computeOptimizer.map(toComputeOptimizerFinding),
  ];
}

const world = createWorld({ now: () => new Date('2026-11-24T12:00:00Z') });

test.each<AccountState>(world.accounts)('everything in $name has a shape that is understood', (account) => {
  const regions = [...account.regions.values()];
  const converted = [...regions.flatMap(convertedOf), ...regions.flatMap(surroundingsOf)];
  const plans = account.savingsPlans.map(toSavingsPlan);

  expect([...converted, ...plans].filter((thing) => thing === null)).toEqual([]);
  expect(converted.length).toBeGreaterThan(0);
});
