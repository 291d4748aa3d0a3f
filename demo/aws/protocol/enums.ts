import * as scaling from '@aws-sdk/client-application-auto-scaling';
import * as ce from '@aws-sdk/client-cost-explorer';
import * as ec2 from '@aws-sdk/client-ec2';
import * as ecs from '@aws-sdk/client-ecs';

/**
 * Values AWS has for request members that the bot sends. The schemas know no enums; the clients export them. The rest
 * is checked by the compiler: fixtures and requests are of the SDK's own types.
 */
export const ENUMS: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    'DescribeCapacityProvidersRequest.include': ecs.CapacityProviderField,
    'DescribeClustersRequest.include': ecs.ClusterField,
    'DescribeContainerInstancesRequest.include': ecs.ContainerInstanceField,
    'DescribeServicesRequest.include': ecs.ServiceField,
    'DescribeTaskDefinitionRequest.include': ecs.TaskDefinitionField,
    'DescribeTasksRequest.include': ecs.TaskField,
    'ListAccountSettingsRequest.name': ecs.SettingName,
    'ListContainerInstancesRequest.status': ecs.ContainerInstanceStatus,
    'ListServiceDeploymentsRequest.status': ecs.ServiceDeploymentStatus,
    'ListServicesRequest.launchType': ecs.LaunchType,
    'ListServicesRequest.schedulingStrategy': ecs.SchedulingStrategy,
    'ListTaskDefinitionsRequest.sort': ecs.SortOrder,
    'ListTaskDefinitionsRequest.status': ecs.TaskDefinitionStatus,
    'ListTasksRequest.desiredStatus': ecs.DesiredStatus,
    'ListTasksRequest.launchType': ecs.LaunchType,
    'DescribeInstanceTypesRequest.InstanceTypes': ec2._InstanceType,
    'InstanceEventWindowTimeRangeRequest.EndWeekDay': ec2.WeekDay,
    'InstanceEventWindowTimeRangeRequest.StartWeekDay': ec2.WeekDay,
    'TagSpecification.ResourceType': ec2.ResourceType,
    'DescribeSpotPriceHistoryRequest.InstanceTypes': ec2._InstanceType,
    'DescribeScalableTargetsRequest.ScalableDimension': scaling.ScalableDimension,
    'DescribeScalableTargetsRequest.ServiceNamespace': scaling.ServiceNamespace,
    'DescribeScalingPoliciesRequest.ScalableDimension': scaling.ScalableDimension,
    'DescribeScalingPoliciesRequest.ServiceNamespace': scaling.ServiceNamespace,
    'DimensionValues.Key': ce.Dimension,
    'GetCostAndUsageRequest.Granularity': ce.Granularity,
    'GroupDefinition.Type': ce.GroupDefinitionType,
    'ListCostAllocationTagsRequest.Status': ce.CostAllocationTagStatus,
    'ListCostAllocationTagsRequest.Type': ce.CostAllocationTagType,
  }).map(([member, values]) => [member, new Set<string>(Object.values(values))]),
);
