/** The simulated Application Auto Scaling: targets and policies, 50 a page. */

import type {
  DescribeScalableTargetsRequest,
  DescribeScalableTargetsResponse,
  DescribeScalingPoliciesRequest,
  DescribeScalingPoliciesResponse,
} from '@aws-sdk/client-application-auto-scaling';
import * as sdk from '@aws-sdk/client-application-auto-scaling';
import { type Page, pageOf } from './paging.ts';
import { pageSize, scopeOf } from './requests.ts';
import { AwsFault, type HandlerContext, operation, type ServiceTable } from './types.ts';

function invalid(message: string): AwsFault {
  return new AwsFault('ValidationException', message);
}

function describeScalableTargets(
  input: DescribeScalableTargetsRequest,
  context: HandlerContext,
): DescribeScalableTargetsResponse {
  const resources = input.ResourceIds;
  if (resources !== undefined && resources.length > 50) throw invalid('At most 50 resource ids are allowed.');
  if (input.ScalableDimension !== undefined && resources === undefined) throw needsResource();
  const listed = context.region.scalableTargets.filter(
    (target) =>
      target.ServiceNamespace === input.ServiceNamespace &&
      (resources === undefined || (target.ResourceId !== undefined && resources.includes(target.ResourceId))) &&
      (input.ScalableDimension === undefined || target.ScalableDimension === input.ScalableDimension),
  );
  const page = pageFor('DescribeScalableTargets', listed, input, context);
  return { ScalableTargets: [...page.items], NextToken: page.nextToken };
}

function describeScalingPolicies(
  input: DescribeScalingPoliciesRequest,
  context: HandlerContext,
): DescribeScalingPoliciesResponse {
  if (input.ScalableDimension !== undefined && input.ResourceId === undefined) throw needsResource();
  const names = input.PolicyNames;
  const listed = context.region.scalingPolicies.filter(
    (policy) =>
      policy.ServiceNamespace === input.ServiceNamespace &&
      (input.ResourceId === undefined || policy.ResourceId === input.ResourceId) &&
      (names === undefined || (policy.PolicyName !== undefined && names.includes(policy.PolicyName))) &&
      (input.ScalableDimension === undefined || policy.ScalableDimension === input.ScalableDimension),
  );
  const page = pageFor('DescribeScalingPolicies', listed, input, context);
  return { ScalingPolicies: [...page.items], NextToken: page.nextToken };
}

function needsResource(): AwsFault {
  return invalid('A scalable dimension can only be asked for together with a resource id.');
}

function pageFor<T extends { readonly ResourceId: string | undefined; readonly PolicyName?: string | undefined }>(
  name: string,
  items: readonly T[],
  input: DescribeScalableTargetsRequest | DescribeScalingPoliciesRequest,
  context: HandlerContext,
): Page<T> {
  return pageOf(items, {
    size: pageSize(input.MaxResults, { standard: 50, most: 50, code: 'ValidationException' }),
    token: input.NextToken,
    scope: scopeOf(name, input, context),
    key: ({ ResourceId, PolicyName }) => `${ResourceId} ${PolicyName}`,
    invalidCode: 'InvalidNextTokenException',
  });
}

export const applicationAutoScalingOperations = {
  DescribeScalableTargets: operation(sdk.DescribeScalableTargets$, describeScalableTargets),
  DescribeScalingPolicies: operation(sdk.DescribeScalingPolicies$, describeScalingPolicies),
} satisfies ServiceTable;
