/** ECS: container instances, and daemons (of which the simulated world has none). */
import type {
  ContainerInstance,
  DescribeContainerInstancesRequest,
  DescribeContainerInstancesResponse,
  DescribeDaemonRequest,
  DescribeDaemonResponse,
  ListContainerInstancesRequest,
  ListContainerInstancesResponse,
  ListDaemonsRequest,
  ListDaemonsResponse,
} from '@aws-sdk/client-ecs';
import { checkBatch, clusterOf, describeEach, ecsArn, ecsPage, find, tagsIf } from './ecs-lookup.ts';
import { instanceQuery } from './ecs-query.ts';
import { AwsFault, type HandlerContext } from './types.ts';

function instancesOf(clusterArn: string, context: HandlerContext): readonly ContainerInstance[] {
  return context.region.ecs.containerInstances.get(clusterArn) ?? [];
}

/** ListContainerInstances: ARNs; without `status` all but INACTIVE ones; at most 100 a page. */
export function listContainerInstances(
  input: ListContainerInstancesRequest,
  context: HandlerContext,
): ListContainerInstancesResponse {
  const { clusterArn } = clusterOf(context, input.cluster);
  const query = instanceQuery(input.filter ?? '');
  const page = ecsPage(instancesOf(clusterArn, context), {
    operation: 'ListContainerInstances',
    input,
    context,
    standard: 100,
    most: 100,
    key: (one) => one.containerInstanceArn ?? '',
    matches: (one) =>
      (input.status === undefined ? one.status !== 'INACTIVE' : one.status === input.status) && query(one),
  });
  const containerInstanceArns = page.items.map((one) => one.containerInstanceArn ?? '');
  return { containerInstanceArns, nextToken: page.nextToken };
}

/** DescribeContainerInstances: 100 a call; health and tags only when included. */
export function describeContainerInstances(
  input: DescribeContainerInstancesRequest,
  context: HandlerContext,
): DescribeContainerInstancesResponse {
  const { clusterArn, clusterName } = clusterOf(context, input.cluster);
  const asked = checkBatch(input.containerInstances, 100, 'Container instances');
  const instances = instancesOf(clusterArn, context);
  const include = new Set(input.include ?? []);
  const { found, failures } = describeEach(
    asked,
    (identifier) => find(instances, (one) => one.containerInstanceArn, identifier),
    {
      show: (one): ContainerInstance => ({
        ...one,
        tags: tagsIf(include.has('TAGS'), one.tags),
        healthStatus: include.has('CONTAINER_INSTANCE_HEALTH') ? one.healthStatus : undefined,
      }),
      arn: (id) => ecsArn(context, `container-instance/${clusterName}/${id}`),
    },
  );
  return { containerInstances: found, failures };
}

/** ListDaemons: none, of a cluster that exists. */
export function listDaemons(input: ListDaemonsRequest, context: HandlerContext): ListDaemonsResponse {
  if (input.clusterArn !== undefined) clusterOf(context, input.clusterArn);
  return { daemonSummariesList: [] };
}

export function describeDaemon(input: DescribeDaemonRequest): DescribeDaemonResponse {
  throw new AwsFault('DaemonNotFoundException', `The daemon ${input.daemonArn} does not exist.`);
}
