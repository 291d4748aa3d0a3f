/** ECS: tags of anything that has an ARN. */
import type { ListTagsForResourceRequest, ListTagsForResourceResponse, Tag } from '@aws-sdk/client-ecs';
import { find, invalidParameter } from './ecs-lookup.ts';
import { findService, servicesOf } from './ecs-services.ts';
import type { HandlerContext } from './types.ts';

/** ListTagsForResource. Throws `InvalidParameterException` for what is not there. */
export function listTagsForResource(
  input: ListTagsForResourceRequest,
  context: HandlerContext,
): ListTagsForResourceResponse {
  const found = tagsOf(input.resourceArn ?? '', context);
  if (found === null) throw invalidParameter('The specified resource was not found.');
  return { tags: found };
}

/** Null when nothing has this ARN. */
function tagsOf(arn: string, context: HandlerContext): Tag[] | null {
  const [kind, cluster] = (arn.split(':')[5] ?? '').split('/');
  const { ecs } = context.region;
  const clusterArn = find(ecs.clusters, (one) => one.clusterArn, cluster ?? '')?.clusterArn ?? '';
  const some = (item: { readonly tags?: Tag[] | undefined } | null | undefined): Tag[] | null =>
    item === null || item === undefined ? null : (item.tags ?? []);
  switch (kind) {
    case 'cluster':
      return some(find(ecs.clusters, (one) => one.clusterArn, arn));
    case 'service':
      return some(findService(servicesOf(clusterArn, context), arn));
    case 'task':
      return some(find(ecs.tasks.get(clusterArn) ?? [], (one) => one.taskArn, arn));
    case 'container-instance':
      return some(find(ecs.containerInstances.get(clusterArn) ?? [], (one) => one.containerInstanceArn, arn));
    case 'capacity-provider':
      return some(find(ecs.capacityProviders, (one) => one.capacityProviderArn, arn));
    case 'task-definition':
      return some(ecs.taskDefinitions.get(arn));
    default:
      return null;
  }
}
