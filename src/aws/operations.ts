import type { WindowCall } from '../approvals/model.ts';
import type { BucketGroup } from './buckets.ts';

/** An action that changes something; only the writer role allows it. */
export type WriterAction = `ec2:${WindowCall['op']}`;

/**
 * Every AWS operation that the bot calls, by IAM action, and the bucket that paces it. The whole of what the roles must
 * allow: `deploy/` is compared with this table in a test, and so is the journal of the simulated AWS.
 */
const OPERATIONS = {
  'sts:GetCallerIdentity': 'sts',
  'sts:AssumeRole': 'sts',
  'ecs:ListClusters': 'ecs-cluster-read',
  'ecs:DescribeClusters': 'ecs-cluster-read',
  'ecs:DescribeCapacityProviders': 'ecs-capacity-provider-read',
  'ecs:ListServices': 'ecs-service-read',
  'ecs:DescribeServices': 'ecs-service-read',
  'ecs:ListTasks': 'ecs-cluster-resource-read',
  'ecs:DescribeTasks': 'ecs-cluster-resource-read',
  'ecs:ListContainerInstances': 'ecs-cluster-resource-read',
  'ecs:DescribeContainerInstances': 'ecs-cluster-resource-read',
  'ecs:GetTaskProtection': 'ecs-task-protection',
  'ecs:DescribeTaskDefinition': 'ecs-task-definition-read',
  'ecs:ListAccountSettings': 'ecs-setting-read',
  'ec2:DescribeInstances': 'ec2-describe',
  'ec2:DescribeInstanceStatus': 'ec2-describe',
  'ec2:DescribeVolumes': 'ec2-describe',
  'ec2:DescribeInstanceEventWindows': 'ec2-describe',
  'ec2:DescribeNetworkInterfaces': 'ec2-describe',
  'ec2:DescribeSubnets': 'ec2-describe',
  'ec2:DescribeCapacityReservations': 'ec2-describe',
  'ec2:DescribeSpotPriceHistory': 'ec2-describe',
  'ec2:DescribeLaunchTemplateVersions': 'ec2-describe',
  'autoscaling:DescribeAutoScalingGroups': 'auto-scaling',
  'application-autoscaling:DescribeScalableTargets': 'application-autoscaling',
  'application-autoscaling:DescribeScalingPolicies': 'application-autoscaling',
  'servicequotas:ListServiceQuotas': 'service-quotas',
  'servicequotas:ListAWSDefaultServiceQuotas': 'service-quotas',
  'cloudwatch:GetMetricData': 'cloudwatch-metric-data',
  'compute-optimizer:GetEnrollmentStatus': 'compute-optimizer',
  'compute-optimizer:GetECSServiceRecommendations': 'compute-optimizer',
  'savingsplans:DescribeSavingsPlans': 'savings-plans',
  'pricing:GetProducts': 'price-list',
  'ce:GetCostAndUsage': 'cost-explorer',
  'ce:GetSavingsPlansUtilization': 'cost-explorer',
  'ce:ListCostAllocationTags': 'cost-explorer',
  'ec2:CreateInstanceEventWindow': 'ec2-mutate',
  'ec2:ModifyInstanceEventWindow': 'ec2-mutate',
  'ec2:AssociateInstanceEventWindow': 'ec2-mutate',
  'ec2:DisassociateInstanceEventWindow': 'ec2-mutate',
  'ec2:DeleteInstanceEventWindow': 'ec2-mutate',
} as const satisfies Record<string, BucketGroup>;

export type Action = keyof typeof OPERATIONS;

/** The bucket that an action takes from. */
export function bucketGroupOf(action: Action): BucketGroup {
  return OPERATIONS[action];
}

const isAction = (text: string): text is Action => text in OPERATIONS;
const actions = Object.keys(OPERATIONS).filter(isAction);

/** Whether only the writer role allows it. */
export function isWriterAction(action: Action): action is WriterAction {
  return OPERATIONS[action] === 'ec2-mutate';
}

/** Actions of the role in every account. STS is not among them: the hub's own credentials call it. */
export const READER_ACTIONS: readonly Action[] = actions.filter(
  (action) => !/^(sts|ce):/.test(action) && !isWriterAction(action),
);

/** Actions of the role that changes something, assumed only to apply a change. */
export const WRITER_ACTIONS: readonly WriterAction[] = actions.filter(isWriterAction);

/** Actions that the payer account's role needs besides. */
export const PAYER_ACTIONS: readonly Action[] = actions.filter((action) => action.startsWith('ce:'));

/** `ecs:ListTasks` -> `ecs.ListTasks`, the form in which calls are counted. */
export function operationName(action: Action): string {
  return action.replace(':', '.');
}
