/** ECS: clusters, capacity providers, account settings and tags. */
import type {
  CapacityProvider,
  Cluster,
  ClusterField,
  DescribeCapacityProvidersRequest,
  DescribeCapacityProvidersResponse,
  DescribeClustersRequest,
  DescribeClustersResponse,
  ListAccountSettingsRequest,
  ListAccountSettingsResponse,
  ListClustersRequest,
  ListClustersResponse,
  Setting,
  SettingName,
} from '@aws-sdk/client-ecs';
import { clusterOf, describeEach, ecsArn, ecsPage, find, invalidParameter, tagsIf } from './ecs-lookup.ts';
import type { HandlerContext } from './types.ts';

/** ListClusters: ARNs of clusters that are not deleted, at most 100 a page. */
export function listClusters(input: ListClustersRequest, context: HandlerContext): ListClustersResponse {
  const arns = context.region.ecs.clusters
    .filter((cluster) => cluster.status !== 'INACTIVE')
    .map((cluster) => cluster.clusterArn ?? '');
  const page = ecsPage(arns, {
    operation: 'ListClusters',
    input,
    context,
    standard: 100,
    most: 100,
    key: (arn) => arn,
  });
  return { clusterArns: page.items, nextToken: page.nextToken };
}

/** DescribeClusters: counters are counted, the rest shown only as far as `include` asks. */
export function describeClusters(input: DescribeClustersRequest, context: HandlerContext): DescribeClustersResponse {
  const asked = input.clusters === undefined || input.clusters.length === 0 ? ['default'] : input.clusters;
  if (asked.length > 100) throw invalidParameter('Clusters may name 100 at most.');
  const include = new Set(input.include ?? []);
  const { found, failures } = describeEach(
    asked,
    (identifier) => find(context.region.ecs.clusters, (cluster) => cluster.clusterArn, identifier),
    {
      show: (cluster) => showCluster(cluster, include, context),
      arn: (name) => ecsArn(context, `cluster/${name}`),
    },
  );
  return { clusters: found, failures };
}

function showCluster(cluster: Cluster, include: ReadonlySet<ClusterField>, context: HandlerContext): Cluster {
  const { attachments, attachmentsStatus, configuration, ...plain } = cluster;
  return {
    ...plain,
    ...countersOf(cluster.clusterArn ?? '', context),
    statistics: include.has('STATISTICS') ? (cluster.statistics ?? []) : [],
    settings: include.has('SETTINGS') ? (cluster.settings ?? []) : [],
    tags: tagsIf(include.has('TAGS'), cluster.tags),
    ...(include.has('CONFIGURATIONS') ? { configuration } : {}),
    ...(include.has('ATTACHMENTS') ? { attachments, attachmentsStatus } : {}),
  };
}

function countersOf(arn: string, context: HandlerContext) {
  const { services, tasks, containerInstances } = context.region.ecs;
  const count = <T>(items: readonly T[] | undefined, isOne: (item: T) => boolean): number =>
    (items ?? []).reduce((sum, item) => sum + (isOne(item) ? 1 : 0), 0);
  const registered = new Set(['ACTIVE', 'DRAINING']);
  return {
    activeServicesCount: count(services.get(arn), (service) => service.status === 'ACTIVE'),
    runningTasksCount: count(tasks.get(arn), (task) => task.lastStatus === 'RUNNING'),
    pendingTasksCount: count(tasks.get(arn), (task) => task.lastStatus === 'PENDING'),
    registeredContainerInstancesCount: count(containerInstances.get(arn), ({ status }) => registered.has(status ?? '')),
  } satisfies Partial<Cluster>;
}

/**
 * DescribeCapacityProviders: without `cluster` those of the account (Managed Instances ones belong to their cluster and
 * are not among them); with it, those associated with that cluster. 10 a page.
 */
export function describeCapacityProviders(
  input: DescribeCapacityProvidersRequest,
  context: HandlerContext,
): DescribeCapacityProvidersResponse {
  const asked = input.capacityProviders ?? [];
  if (asked.length > 100) throw invalidParameter('Capacity providers may name 100 at most.');
  const candidates = providersFor(input.cluster, context);
  const named = describeEach(asked, (identifier) => providerCalled(identifier, candidates, context), {
    show: (provider) => provider,
    arn: (name) => ecsArn(context, `capacity-provider/${name}`),
  });
  const page = ecsPage(asked.length > 0 ? named.found : candidates, {
    operation: 'DescribeCapacityProviders',
    input,
    context,
    standard: 10,
    most: 10,
    key: (provider) => provider.capacityProviderArn ?? '',
  });
  const withTags = input.include?.includes('TAGS') === true;
  return {
    capacityProviders: page.items.map((provider) => ({ ...provider, tags: tagsIf(withTags, provider.tags) })),
    // Of a batch in several pages, the first one carries the failures.
    failures: input.nextToken === undefined ? named.failures : [],
    nextToken: page.nextToken,
  };
}

/** By name among the candidates; an ARN also finds the provider of a cluster that was not named. */
function providerCalled(
  identifier: string,
  candidates: readonly CapacityProvider[],
  context: HandlerContext,
): CapacityProvider | null {
  const isArn = identifier.startsWith('arn:');
  const among = isArn ? context.region.ecs.capacityProviders : candidates;
  return among.find((one) => (isArn ? one.capacityProviderArn : one.name) === identifier) ?? null;
}

function providersFor(cluster: string | undefined, context: HandlerContext): readonly CapacityProvider[] {
  const all = withFargate(context);
  if (cluster === undefined) return all.filter((provider) => provider.cluster === undefined);
  const { clusterArn, clusterName, capacityProviders } = clusterOf(context, cluster);
  const associated = new Set(capacityProviders ?? []);
  return all.filter(
    (provider) =>
      provider.cluster === clusterArn ||
      provider.cluster === clusterName ||
      (provider.cluster === undefined && associated.has(provider.name ?? '')),
  );
}

/** FARGATE and FARGATE_SPOT exist in every account, whoever wrote the world down. */
function withFargate(context: HandlerContext): readonly CapacityProvider[] {
  const own = context.region.ecs.capacityProviders;
  const names = new Set(own.map((provider) => provider.name));
  const built = (['FARGATE', 'FARGATE_SPOT'] as const)
    .filter((name) => !names.has(name))
    .map((name): CapacityProvider => {
      const capacityProviderArn = ecsArn(context, `capacity-provider/${name}`);
      return { name, capacityProviderArn, status: 'ACTIVE', type: name, tags: [] };
    });
  return [...built, ...own];
}

/** What an account has that never set anything; `off` and `disabled` as AWS spells them per setting. */
const DEFAULT_SETTINGS: { readonly [K in SettingName]: string } = {
  awsvpcTrunking: 'disabled',
  containerInsights: 'disabled',
  containerInstanceLongArnFormat: 'enabled',
  defaultLogDriverMode: 'non-blocking',
  fargateEventWindows: 'disabled',
  fargateFIPSMode: 'disabled',
  fargateTaskRetirementWaitPeriod: '7',
  guardDutyActivate: 'off',
  serviceLongArnFormat: 'enabled',
  tagResourceAuthorization: 'on',
  taskLongArnFormat: 'enabled',
};

/** ListAccountSettings: what was set, or with `effectiveSettings` what holds. 10 a page. */
export function listAccountSettings(
  input: ListAccountSettingsRequest,
  context: HandlerContext,
): ListAccountSettingsResponse {
  if (input.value !== undefined && input.name === undefined) {
    throw invalidParameter('A value can only be asked for together with a name.');
  }
  const own = context.region.ecs.settings;
  const settings = (input.effectiveSettings === true ? effective(own, context) : own).filter(
    ({ name, value }) =>
      (input.name === undefined || name === input.name) && (input.value === undefined || value === input.value),
  );
  const page = ecsPage(settings, {
    operation: 'ListAccountSettings',
    input,
    context,
    standard: 10,
    most: 10,
    key: (setting) => setting.name ?? '',
  });
  return { settings: page.items, nextToken: page.nextToken };
}

function effective(own: readonly Setting[], context: HandlerContext): readonly Setting[] {
  const set = new Map(own.map((setting) => [setting.name, setting]));
  const principalArn = `arn:aws:iam::${context.account.id}:root`;
  return Object.entries(DEFAULT_SETTINGS).map(([name, value]) => {
    const known = name as SettingName;
    const type = known === 'guardDutyActivate' ? 'aws_managed' : 'user';
    return set.get(known) ?? { name: known, value, principalArn, type };
  });
}
