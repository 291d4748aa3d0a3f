import {
  DescribeInstanceEventWindows$,
  type DescribeInstanceEventWindowsRequest,
  type DescribeInstanceEventWindowsResult,
  type InstanceEventWindow,
} from '@aws-sdk/client-ec2';
import { byId, ec2Operation, ec2Page, type FilterFields, filtered } from './ec2-query.ts';
import { windowsNow } from './ec2-window-states.ts';
import { windowWrites } from './ec2-window-writes.ts';
import type { Handler, ServiceTable } from './types.ts';

/** `instance-…` are the tags of the instances a window is for; `tag…` are the window's own. */
const WINDOW_FIELDS: FilterFields<InstanceEventWindow> = {
  'dedicated-host-id': ({ AssociationTarget }) => AssociationTarget?.DedicatedHostIds,
  'event-window-name': ({ Name }) => Name,
  'instance-id': ({ AssociationTarget }) => AssociationTarget?.InstanceIds,
  'instance-tag': ({ AssociationTarget }) => (AssociationTarget?.Tags ?? []).map(({ Key, Value }) => `${Key}=${Value}`),
  'instance-tag-key': ({ AssociationTarget }) => (AssociationTarget?.Tags ?? []).map(({ Key }) => Key),
  'instance-tag-value': ({ AssociationTarget }) => (AssociationTarget?.Tags ?? []).map(({ Value }) => Value),
};

const describeInstanceEventWindows: Handler<DescribeInstanceEventWindowsRequest, DescribeInstanceEventWindowsResult> = (
  input,
  context,
) => {
  const ids = input.InstanceEventWindowIds;
  const named = byId(windowsNow(context), {
    ids,
    idOf: ({ InstanceEventWindowId }) => InstanceEventWindowId,
    code: 'InvalidInstanceEventWindowID',
    noun: 'instance event window ID',
  });
  const page = ec2Page(filtered(named, input.Filters, WINDOW_FIELDS), input, {
    operation: 'DescribeInstanceEventWindows',
    context,
    key: ({ InstanceEventWindowId }) => InstanceEventWindowId ?? '',
    least: 20,
    most: 500,
    standard: 500,
    ids,
  });
  return { InstanceEventWindows: page.items, NextToken: page.nextToken };
};

export const windowOperations: ServiceTable = {
  DescribeInstanceEventWindows: ec2Operation(DescribeInstanceEventWindows$, describeInstanceEventWindows),
  ...windowWrites,
};
