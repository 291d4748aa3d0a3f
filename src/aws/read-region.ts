import { DescribeClustersCommand, type Cluster as EcsCluster, ListClustersCommand } from '@aws-sdk/client-ecs';
import type { AccountPart, AutoScalingGroup, RegionPart } from '../engine/index.ts';
import { readBatches } from './batches.ts';
import { listIn, pagesOf } from './call.ts';
import { together } from './concurrency.ts';
import { createMisses, type Misses } from './missed.ts';
import type { Capacity, SharedProviders } from './read-capacity.ts';
import { type ClusterRequest, capacityOf, readCluster, scopeOf } from './read-cluster.ts';
import {
  countNetworkInterfaces,
  readCapacityReservations,
  readEventWindows,
  readSpotPrices,
  readSubnets,
} from './read-ec2.ts';
import { readInstances } from './read-instances.ts';
import { startOfDay } from './read-metrics.ts';
import { readFindings } from './read-money.ts';
import { type QuotaRead, readQuotas, readQuotaUsage, readSettings } from './read-quotas.ts';
import { type Autoscaling, readAutoScalingGroups, readAutoscaling } from './read-scaling.ts';
import type { RegionContext } from './scan-context.ts';
import { lastOfArn } from './shapes-members.ts';

/** One region of one account: its clusters one after the other, then what they have in common. */

/**
 * Reads and saves the region and its clusters. Throws only what the sink throws. When the clusters cannot be listed,
 * that is the region's one miss: nothing of it is known then. `enrolment` is the account's with Compute Optimizer.
 */
export async function readRegion(
  at: RegionContext,
  enrolment: Promise<AccountPart['computeOptimizer']>,
): Promise<void> {
  const misses = createMisses(at.account.id, at.region);
  const { account, region } = at;
  at.progress.at({ account: account.name, region, cluster: null });
  const clusters = await misses.attempt('clusters', () => readClusters(at, misses));
  if (clusters === null) {
    await at.sink.save({ scope: scopeOf(at, null), parts: [], cluster: null, missed: misses.list() });
    return;
  }
  at.progress.found(clusters.length);
  const isDone = at.sink.isDone(scopeOf(at, null));
  const autoscaling = (await misses.attempt('autoscaling', () => readAutoscaling(at))) ?? new Map();
  const [alone, used] = await together([
    isDone ? null : readAlone(at, enrolment, misses),
    readClustersInOrder(at, clusters, { autoscaling, isRegionDone: isDone }),
  ]);
  if (alone === null) return;
  const rest = await readUsed(at, used, misses);
  await at.sink.save({
    scope: scopeOf(at, null),
    parts: [{ shard: 0, part: { kind: 'region', ...alone, ...rest } }],
    cluster: null,
    missed: misses.list(),
  });
}

const AT_ONCE = 100;

async function readClusters(at: RegionContext, misses: Misses): Promise<readonly EcsCluster[]> {
  const pages = pagesOf(
    (nextToken) =>
      at.call('ecs:ListClusters', ({ ecs }, options) =>
        ecs.send(new ListClustersCommand({ maxResults: AT_ONCE, nextToken }), options),
      ),
    ({ nextToken }) => nextToken,
  );
  const arns: string[] = [];
  for await (const page of pages) arns.push(...listIn(page.clusterArns, 'clusterArns'));
  const clusters: EcsCluster[] = [];
  await readBatches({
    ids: arns,
    size: AT_ONCE,
    width: 1,
    misses,
    whole: 'clusters',
    nameOf: (arn) => `cluster ${lastOfArn(arn)}`,
    read: async (batch) => {
      const answer = await at.call('ecs:DescribeClusters', ({ ecs }, options) =>
        ecs.send(
          new DescribeClustersCommand({ clusters: [...batch], include: ['TAGS', 'SETTINGS', 'STATISTICS'] }),
          options,
        ),
      );
      clusters.push(...listIn(answer.clusters, 'clusters'));
      return answer.failures ?? [];
    },
  });
  return clusters;
}

/** What the region's clusters use, as far as it was read. */
type Used = { readonly capacities: readonly Capacity[] };

async function readClustersInOrder(
  at: RegionContext,
  clusters: readonly EcsCluster[],
  region: { readonly autoscaling: Autoscaling; readonly isRegionDone: boolean },
): Promise<Used> {
  const shared: SharedProviders = new Map();
  const capacities: Capacity[] = [];
  for (const cluster of clusters) {
    const name = cluster.clusterName ?? lastOfArn(cluster.clusterArn ?? '');
    const request: ClusterRequest = { cluster, name, shared, autoscaling: region.autoscaling };
    at.progress.at({ account: at.account.name, region: at.region, cluster: name });
    if (!at.sink.isDone(scopeOf(at, name))) capacities.push(await readCluster(at, request));
    else if (!region.isRegionDone) {
      // Its misses, if any, are on record with the cluster.
      capacities.push(await capacityOf(at, request, createMisses(at.account.id, at.region)));
    }
    at.progress.finished();
  }
  return { capacities };
}

type Alone = Omit<RegionPart, keyof Rest>;
type Rest = Pick<RegionPart, 'autoScalingGroups' | 'instances' | 'otherInstances' | 'spotPrices'>;

/** What does not depend on the clusters. Services of AWS side by side, one service's lists in order. */
async function readAlone(
  at: RegionContext,
  enrolment: Promise<AccountPart['computeOptimizer']>,
  misses: Misses,
): Promise<Alone> {
  const [ec2, quotas, settings, computeOptimizer] = await together([
    readEc2Alone(at, misses),
    readQuotasAndUsage(at, misses),
    misses.attempt('account settings', () => readSettings(at)),
    enrolment.then((status) =>
      status === 'active' ? misses.attempt('compute-optimizer', () => readFindings(at, misses)) : [],
    ),
  ]);
  return { ...ec2, ...quotas, settings: settings ?? {}, computeOptimizer: computeOptimizer ?? [] };
}

async function readEc2Alone(
  at: RegionContext,
  misses: Misses,
): Promise<Pick<RegionPart, 'eventWindows' | 'capacityReservations' | 'subnets' | 'networkInterfaces'>> {
  const eventWindows = await misses.attempt('event windows', () => readEventWindows(at, misses));
  const reservations = await misses.attempt('capacity reservations', () => readCapacityReservations(at, misses));
  const subnets = await misses.attempt('subnets', () => readSubnets(at));
  const networkInterfaces = await misses.attempt('network interfaces', () => countNetworkInterfaces(at));
  return {
    eventWindows: eventWindows ?? [],
    capacityReservations: reservations ?? [],
    subnets: subnets ?? [],
    networkInterfaces: networkInterfaces ?? {},
  };
}

async function readQuotasAndUsage(
  at: RegionContext,
  misses: Misses,
): Promise<Pick<RegionPart, 'quotas' | 'quotaUsage'>> {
  const quotas: readonly QuotaRead[] = await readQuotas(at, misses);
  const before = await previousRegion(at);
  const isFromToday = (at.sink.previousTakenAt ?? '') >= startOfDay(at.now).toISOString();
  const usage = await misses.attempt('quota usage', () =>
    readQuotaUsage(at, quotas, isFromToday ? (before?.quotaUsage ?? []) : []),
  );
  return { quotas: quotas.map(({ quota }) => quota), quotaUsage: usage ?? [] };
}

async function previousRegion(at: RegionContext): Promise<RegionPart | null> {
  const part = await at.sink.previous({ ...scopeOf(at, null), kind: 'region', shard: 0 });
  return part?.kind === 'region' ? part : null;
}

/** The instances and groups that the clusters use. */
async function readUsed(at: RegionContext, { capacities }: Used, misses: Misses): Promise<Rest> {
  const ids = capacities.flatMap(({ containerInstances }) =>
    containerInstances.flatMap(({ ec2InstanceId }) => ec2InstanceId ?? []),
  );
  const before = await previousRegion(at);
  const instances = await readInstances(at, {
    ids: new Set(ids),
    hasAllIds: capacities.every(({ hasAllInstances }) => hasAllInstances),
    before: before?.instances ?? [],
    misses,
  });
  const groups = await misses.attempt('auto scaling groups', () =>
    readAutoScalingGroups(at, groupNames(capacities), misses),
  );
  const spotTypes = new Set(
    instances.instances.flatMap(({ type, lifecycle, endedAt }) =>
      lifecycle === 'spot' && endedAt === null ? [type] : [],
    ),
  );
  const spotPrices = await misses.attempt('spot prices', () => readSpotPrices(at, [...spotTypes].sort()));
  const autoScalingGroups: readonly AutoScalingGroup[] = groups ?? [];
  return { ...instances, autoScalingGroups, spotPrices: spotPrices ?? [] };
}

function groupNames(capacities: readonly Capacity[]): readonly string[] {
  const names = capacities.flatMap(({ providers }) =>
    providers.flatMap((provider) => (provider.kind === 'asg' ? [provider.autoScalingGroup] : [])),
  );
  return [...new Set(names)].sort();
}
