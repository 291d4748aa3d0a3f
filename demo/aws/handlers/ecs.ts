/** The simulated Amazon ECS: every read of it that a scan could want. */
import * as sdk from '@aws-sdk/client-ecs';
import { describeCapacityProviders, describeClusters, listAccountSettings, listClusters } from './ecs-clusters.ts';
import { describeContainerInstances, describeDaemon, listContainerInstances, listDaemons } from './ecs-instances.ts';
import {
  describeServiceDeployments,
  describeServiceRevisions,
  describeServices,
  listServiceDeployments,
  listServices,
} from './ecs-services.ts';
import { listTagsForResource } from './ecs-tags.ts';
import { describeTaskDefinition, listTaskDefinitions } from './ecs-task-definitions.ts';
import { describeTasks, getTaskProtection, listTasks } from './ecs-tasks.ts';
import { operation, type ServiceTable } from './types.ts';

export const ecsOperations = {
  ListClusters: operation(sdk.ListClusters$, listClusters),
  DescribeClusters: operation(sdk.DescribeClusters$, describeClusters),
  DescribeCapacityProviders: operation(sdk.DescribeCapacityProviders$, describeCapacityProviders),
  ListServices: operation(sdk.ListServices$, listServices),
  DescribeServices: operation(sdk.DescribeServices$, describeServices),
  ListServiceDeployments: operation(sdk.ListServiceDeployments$, listServiceDeployments),
  DescribeServiceDeployments: operation(sdk.DescribeServiceDeployments$, describeServiceDeployments),
  DescribeServiceRevisions: operation(sdk.DescribeServiceRevisions$, describeServiceRevisions),
  ListTasks: operation(sdk.ListTasks$, listTasks),
  DescribeTasks: operation(sdk.DescribeTasks$, describeTasks),
  GetTaskProtection: operation(sdk.GetTaskProtection$, getTaskProtection),
  ListContainerInstances: operation(sdk.ListContainerInstances$, listContainerInstances),
  DescribeContainerInstances: operation(sdk.DescribeContainerInstances$, describeContainerInstances),
  DescribeTaskDefinition: operation(sdk.DescribeTaskDefinition$, describeTaskDefinition),
  ListTaskDefinitions: operation(sdk.ListTaskDefinitions$, listTaskDefinitions),
  ListAccountSettings: operation(sdk.ListAccountSettings$, listAccountSettings),
  ListTagsForResource: operation(sdk.ListTagsForResource$, listTagsForResource),
  ListDaemons: operation(sdk.ListDaemons$, listDaemons),
  DescribeDaemon: operation(sdk.DescribeDaemon$, describeDaemon),
} satisfies ServiceTable;
