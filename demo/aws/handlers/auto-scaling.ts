import {
  type AutoScalingGroup,
  type AutoScalingGroupNamesType,
  type AutoScalingGroupsType,
  DescribeAutoScalingGroups$,
} from '@aws-sdk/client-auto-scaling';
import { filtered } from './ec2-query.ts';
import { pageOf } from './paging.ts';
import { pageSize, scopeOf } from './requests.ts';
import { type Handler, operation, type ServiceTable } from './types.ts';

/** Names that are not there are left out in silence, as AWS does. 50 groups a page, 100 at most. */
const describeAutoScalingGroups: Handler<AutoScalingGroupNamesType, AutoScalingGroupsType> = (input, context) => {
  const size = pageSize(input.MaxRecords, { standard: 50, most: 100, code: 'ValidationError' });
  const names = new Set(input.AutoScalingGroupNames ?? []);
  const named = context.region.autoScalingGroups.filter(
    ({ AutoScalingGroupName: name }) => names.size === 0 || (name !== undefined && names.has(name)),
  );
  const page = pageOf(matching(named, input), {
    size,
    token: input.NextToken,
    scope: scopeOf('DescribeAutoScalingGroups', { ...input, MaxRecords: undefined }, context),
    key: ({ AutoScalingGroupName }) => AutoScalingGroupName ?? '',
    invalidCode: 'InvalidNextToken',
  });
  const groups = page.items.map((group) => (input.IncludeInstances === false ? { ...group, Instances: [] } : group));
  return { AutoScalingGroups: groups, NextToken: page.nextToken };
};

/** Groups can be filtered by their tags only. */
function matching(groups: readonly AutoScalingGroup[], input: AutoScalingGroupNamesType) {
  const shown = groups.filter(({ Operator }) => input.IncludeManagedResources !== false || Operator === undefined);
  return filtered(shown, input.Filters, {});
}

export const autoScalingOperations: ServiceTable = {
  DescribeAutoScalingGroups: operation<AutoScalingGroupNamesType, AutoScalingGroupsType>(
    DescribeAutoScalingGroups$,
    describeAutoScalingGroups,
  ),
};
