import {
  DescribeScalableTargetsCommand,
  DescribeScalingPoliciesCommand,
} from '@aws-sdk/client-application-auto-scaling';
import { DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { GetECSServiceRecommendationsCommand, GetEnrollmentStatusCommand } from '@aws-sdk/client-compute-optimizer';
import {
  GetCostAndUsageCommand,
  GetSavingsPlansUtilizationCommand,
  ListCostAllocationTagsCommand,
} from '@aws-sdk/client-cost-explorer';
import {
  DescribeCapacityReservationsCommand,
  DescribeInstanceEventWindowsCommand,
  DescribeInstanceStatusCommand,
  DescribeInstancesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSpotPriceHistoryCommand,
  DescribeSubnetsCommand,
  DescribeVolumesCommand,
} from '@aws-sdk/client-ec2';
import {
  DescribeCapacityProvidersCommand,
  DescribeClustersCommand,
  DescribeContainerInstancesCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  GetTaskProtectionCommand,
  ListAccountSettingsCommand,
  ListClustersCommand,
  ListContainerInstancesCommand,
  ListServicesCommand,
  ListTasksCommand,
} from '@aws-sdk/client-ecs';
import { GetProductsCommand } from '@aws-sdk/client-pricing';
import { DescribeSavingsPlansCommand } from '@aws-sdk/client-savingsplans';
import { ListAWSDefaultServiceQuotasCommand, ListServiceQuotasCommand } from '@aws-sdk/client-service-quotas';
import type { SendOptions } from './call.ts';
import type { Clients } from './clients.ts';
import type { Action, WriterAction } from './operations.ts';

/**
 * One harmless call per action that the bot uses. AWS looks at permissions before it looks at names, so asking for things
 * that do not exist tells whether asking is allowed.
 */

export type ProbeContext = {
  /** ARN of a cluster that exists, or a name that does not. */
  readonly cluster: string;
  readonly now: Date;
};
export type Probe = (clients: Clients, options: SendOptions, context: ProbeContext) => Promise<unknown>;

const NOBODY = 'ecs-advise-doctor';
const DAY_MS = 24 * 60 * 60 * 1000;

const day = (now: Date, ago: number): string => new Date(now.getTime() - ago * DAY_MS).toISOString().slice(0, 10);

/** Probes of everything that a scan and the cost verbs call; STS is tried on the way to them. */
export const PROBES: { readonly [A in Exclude<Action, `sts:${string}` | WriterAction>]: Probe } = {
  'ecs:ListClusters': ({ ecs }, options) => ecs.send(new ListClustersCommand({ maxResults: 1 }), options),
  'ecs:DescribeClusters': ({ ecs }, options, { cluster }) =>
    ecs.send(new DescribeClustersCommand({ clusters: [cluster] }), options),
  'ecs:DescribeCapacityProviders': ({ ecs }, options) =>
    ecs.send(new DescribeCapacityProvidersCommand({ capacityProviders: ['FARGATE'] }), options),
  'ecs:ListServices': ({ ecs }, options, { cluster }) =>
    ecs.send(new ListServicesCommand({ cluster, maxResults: 1 }), options),
  'ecs:DescribeServices': ({ ecs }, options, { cluster }) =>
    ecs.send(new DescribeServicesCommand({ cluster, services: [NOBODY] }), options),
  'ecs:ListTasks': ({ ecs }, options, { cluster }) =>
    ecs.send(new ListTasksCommand({ cluster, maxResults: 1 }), options),
  'ecs:DescribeTasks': ({ ecs }, options, { cluster }) =>
    ecs.send(new DescribeTasksCommand({ cluster, tasks: [NOBODY_ID] }), options),
  'ecs:ListContainerInstances': ({ ecs }, options, { cluster }) =>
    ecs.send(new ListContainerInstancesCommand({ cluster, maxResults: 1 }), options),
  'ecs:DescribeContainerInstances': ({ ecs }, options, { cluster }) =>
    ecs.send(new DescribeContainerInstancesCommand({ cluster, containerInstances: [NOBODY_ID] }), options),
  'ecs:GetTaskProtection': ({ ecs }, options, { cluster }) =>
    ecs.send(new GetTaskProtectionCommand({ cluster, tasks: [NOBODY_ID] }), options),
  'ecs:DescribeTaskDefinition': ({ ecs }, options) =>
    ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: NOBODY }), options),
  'ecs:ListAccountSettings': ({ ecs }, options) =>
    ecs.send(new ListAccountSettingsCommand({ effectiveSettings: true }), options),
  'ec2:DescribeInstances': ({ ec2 }, options) => ec2.send(new DescribeInstancesCommand({ MaxResults: 5 }), options),
  'ec2:DescribeInstanceStatus': ({ ec2 }, options) =>
    ec2.send(new DescribeInstanceStatusCommand({ MaxResults: 5 }), options),
  'ec2:DescribeVolumes': ({ ec2 }, options) => ec2.send(new DescribeVolumesCommand({ MaxResults: 5 }), options),
  'ec2:DescribeInstanceEventWindows': ({ ec2 }, options) =>
    ec2.send(new DescribeInstanceEventWindowsCommand({ MaxResults: 20 }), options),
  'ec2:DescribeNetworkInterfaces': ({ ec2 }, options) =>
    ec2.send(new DescribeNetworkInterfacesCommand({ MaxResults: 5 }), options),
  'ec2:DescribeSubnets': ({ ec2 }, options) => ec2.send(new DescribeSubnetsCommand({ MaxResults: 5 }), options),
  'ec2:DescribeCapacityReservations': ({ ec2 }, options) =>
    ec2.send(new DescribeCapacityReservationsCommand({ MaxResults: 5 }), options),
  'ec2:DescribeSpotPriceHistory': ({ ec2 }, options, { now }) =>
    ec2.send(
      new DescribeSpotPriceHistoryCommand({ InstanceTypes: ['m7i.large'], StartTime: now, MaxResults: 5 }),
      options,
    ),
  'ec2:DescribeLaunchTemplateVersions': ({ ec2 }, options) =>
    ec2.send(
      new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateName: NOBODY, Versions: ['$Default'] }),
      options,
    ),
  'autoscaling:DescribeAutoScalingGroups': ({ autoScaling }, options) =>
    autoScaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [NOBODY] }), options),
  'application-autoscaling:DescribeScalableTargets': ({ applicationAutoScaling }, options) =>
    applicationAutoScaling.send(
      new DescribeScalableTargetsCommand({ ServiceNamespace: 'ecs', MaxResults: 1 }),
      options,
    ),
  'application-autoscaling:DescribeScalingPolicies': ({ applicationAutoScaling }, options) =>
    applicationAutoScaling.send(
      new DescribeScalingPoliciesCommand({ ServiceNamespace: 'ecs', MaxResults: 1 }),
      options,
    ),
  'servicequotas:ListServiceQuotas': ({ serviceQuotas }, options) =>
    serviceQuotas.send(new ListServiceQuotasCommand({ ServiceCode: 'fargate', MaxResults: 1 }), options),
  'servicequotas:ListAWSDefaultServiceQuotas': ({ serviceQuotas }, options) =>
    serviceQuotas.send(new ListAWSDefaultServiceQuotasCommand({ ServiceCode: 'fargate', MaxResults: 1 }), options),
  'cloudwatch:GetMetricData': ({ cloudWatch }, options, { now }) =>
    cloudWatch.send(
      new GetMetricDataCommand({
        StartTime: new Date(now.getTime() - DAY_MS),
        EndTime: now,
        MetricDataQueries: [
          {
            Id: 'm0',
            MetricStat: {
              Metric: { Namespace: 'AWS/ECS', MetricName: 'CPUUtilization' },
              Period: 3600,
              Stat: 'Maximum',
            },
          },
        ],
      }),
      options,
    ),
  'compute-optimizer:GetEnrollmentStatus': ({ computeOptimizer }, options) =>
    computeOptimizer.send(new GetEnrollmentStatusCommand({}), options),
  'compute-optimizer:GetECSServiceRecommendations': ({ computeOptimizer }, options) =>
    computeOptimizer.send(new GetECSServiceRecommendationsCommand({ maxResults: 1 }), options),
  'savingsplans:DescribeSavingsPlans': ({ savingsPlans }, options) =>
    savingsPlans.send(new DescribeSavingsPlansCommand({ maxResults: 1 }), options),
  'pricing:GetProducts': ({ pricing }, options) =>
    pricing.send(new GetProductsCommand({ ServiceCode: 'AmazonECS', MaxResults: 1 }), options),
  'ce:GetCostAndUsage': ({ costExplorer }, options, { now }) =>
    costExplorer.send(
      new GetCostAndUsageCommand({
        TimePeriod: { Start: day(now, 2), End: day(now, 1) },
        Granularity: 'DAILY',
        Metrics: ['AmortizedCost'],
      }),
      options,
    ),
  'ce:GetSavingsPlansUtilization': ({ costExplorer }, options, { now }) =>
    costExplorer.send(
      new GetSavingsPlansUtilizationCommand({
        TimePeriod: { Start: day(now, 4), End: day(now, 3) },
        Granularity: 'DAILY',
      }),
      options,
    ),
  'ce:ListCostAllocationTags': ({ costExplorer }, options) =>
    costExplorer.send(new ListCostAllocationTagsCommand({ MaxResults: 1 }), options),
};

/** Of the form of an id, so that AWS looks for it. */
const NOBODY_ID = '00000000000000000000000000000000';
