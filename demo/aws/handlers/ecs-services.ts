/** ECS: services, their deployments and revisions. */
import type {
  Deployment,
  DescribeServiceDeploymentsRequest,
  DescribeServiceDeploymentsResponse,
  DescribeServiceRevisionsRequest,
  DescribeServiceRevisionsResponse,
  DescribeServicesRequest,
  DescribeServicesResponse,
  ListServiceDeploymentsRequest,
  ListServiceDeploymentsResponse,
  ListServicesRequest,
  ListServicesResponse,
  Service,
  ServiceDeployment,
  ServiceRevision,
} from '@aws-sdk/client-ecs';
import {
  checkBatch,
  clusterOf,
  describeEach,
  ecsArn,
  ecsPage,
  find,
  invalidParameter,
  lastPart,
} from './ecs-lookup.ts';
import { AwsFault, type HandlerContext } from './types.ts';

/** Services of a cluster, in the world's own list (so that it can be indexed). */
export function servicesOf(clusterArn: string, context: HandlerContext): readonly Service[] {
  return context.region.ecs.services.get(clusterArn) ?? [];
}

export function findService(services: readonly Service[], identifier: string): Service | null {
  return find(services, (service) => service.serviceArn, identifier);
}

/** ListServices: ARNs, 10 a page unless asked for up to 100. */
export function listServices(input: ListServicesRequest, context: HandlerContext): ListServicesResponse {
  const { clusterArn } = clusterOf(context, input.cluster);
  const matches = (service: Service): boolean =>
    service.status !== 'INACTIVE' &&
    (input.launchType === undefined || service.launchType === input.launchType) &&
    (input.schedulingStrategy === undefined || service.schedulingStrategy === input.schedulingStrategy) &&
    (input.resourceManagementType === undefined ||
      (service.resourceManagementType ?? 'CUSTOMER') === input.resourceManagementType);
  const page = ecsPage(servicesOf(clusterArn, context), {
    operation: 'ListServices',
    input,
    context,
    standard: 10,
    most: 100,
    key: (service) => service.serviceArn ?? '',
    matches,
  });
  return { serviceArns: page.items.map((service) => service.serviceArn ?? ''), nextToken: page.nextToken };
}

/** DescribeServices: ten a call; what is not there becomes a failure with reason MISSING. */
export function describeServices(input: DescribeServicesRequest, context: HandlerContext): DescribeServicesResponse {
  const { clusterArn, clusterName } = clusterOf(context, input.cluster);
  const asked = checkBatch(input.services, 10, 'Services');
  const stranger = asked.find((identifier) => identifier.startsWith('arn:') && !isIn(clusterName ?? '', identifier));
  if (stranger !== undefined)
    throw invalidParameter(`Invalid identifier: ${stranger} is not of cluster ${clusterName}.`);
  const services = servicesOf(clusterArn, context);
  const withTags = input.include?.includes('TAGS') === true;
  const { found, failures } = describeEach(asked, (identifier) => findService(services, identifier), {
    show: (service): Service => (withTags ? { ...service, tags: service.tags ?? [] } : { ...service, tags: undefined }),
    arn: (name) => ecsArn(context, `service/${clusterName}/${name}`),
  });
  return { services: found, failures };
}

/** `arn:aws:ecs:…:service/<cluster>/<name>`. */
function isIn(clusterName: string, arn: string): boolean {
  return arn.split('/').at(-2) === clusterName;
}

const STATUS_OF_ROLLOUT = { COMPLETED: 'SUCCESSFUL', IN_PROGRESS: 'IN_PROGRESS', FAILED: 'ROLLBACK_FAILED' } as const;

/** A service's own list of deployments tells all that there is to know about its service deployments. */
function serviceDeployment(service: Service, deployment: Deployment, context: HandlerContext): ServiceDeployment {
  const state = deployment.rolloutState ?? 'COMPLETED';
  const finished = state === 'IN_PROGRESS' ? undefined : deployment.updatedAt;
  const older = (service.deployments ?? []).filter((other) => other !== deployment && other.status !== 'PRIMARY');
  return {
    serviceDeploymentArn: partArn(service, deployment, 'service-deployment', context),
    serviceArn: service.serviceArn,
    clusterArn: service.clusterArn,
    createdAt: deployment.createdAt,
    startedAt: deployment.createdAt,
    finishedAt: finished,
    updatedAt: deployment.updatedAt,
    sourceServiceRevisions: deployment.status === 'PRIMARY' ? older.map((one) => summary(service, one, context)) : [],
    targetServiceRevision: summary(service, deployment, context),
    status: STATUS_OF_ROLLOUT[state],
    statusReason: deployment.rolloutStateReason,
    deploymentConfiguration: service.deploymentConfiguration,
  };
}

function summary(service: Service, deployment: Deployment, context: HandlerContext) {
  return {
    arn: partArn(service, deployment, 'service-revision', context),
    requestedTaskCount: deployment.desiredCount,
    runningTaskCount: deployment.runningCount,
    pendingTaskCount: deployment.pendingCount,
  };
}

/** `arn:…:service-deployment/<cluster>/<service>/<id>`; the id is the deployment's own, without `ecs-svc/`. */
function partArn(
  service: Service,
  deployment: Deployment,
  kind: 'service-deployment' | 'service-revision',
  context: HandlerContext,
): string {
  const id = lastPart(deployment.id ?? '');
  return ecsArn(context, `${kind}/${lastPart(service.clusterArn ?? '')}/${service.serviceName}/${id}`);
}

export function listServiceDeployments(
  input: ListServiceDeploymentsRequest,
  context: HandlerContext,
): ListServiceDeploymentsResponse {
  const { clusterArn } = clusterOf(context, input.cluster);
  const service = findService(servicesOf(clusterArn, context), input.service ?? '');
  if (service === null) throw new AwsFault('ServiceNotFoundException', 'Service not found.');
  const { after, before } = input.createdAt ?? {};
  const listed = (service.deployments ?? [])
    .map((deployment) => serviceDeployment(service, deployment, context))
    .filter(
      ({ status, createdAt }) =>
        (input.status === undefined || (status !== undefined && input.status.includes(status))) &&
        (after === undefined || (createdAt !== undefined && createdAt > after)) &&
        (before === undefined || (createdAt !== undefined && createdAt < before)),
    );
  const page = ecsPage(listed, {
    operation: 'ListServiceDeployments',
    input,
    context,
    standard: 20,
    most: 100,
    key: (one) => one.serviceDeploymentArn ?? '',
  });
  return {
    serviceDeployments: page.items.map((one) => ({
      serviceDeploymentArn: one.serviceDeploymentArn,
      serviceArn: one.serviceArn,
      clusterArn: one.clusterArn,
      startedAt: one.startedAt,
      createdAt: one.createdAt,
      finishedAt: one.finishedAt,
      targetServiceRevisionArn: one.targetServiceRevision?.arn,
      status: one.status,
      statusReason: one.statusReason,
    })),
    nextToken: page.nextToken,
  };
}

/** Both kinds of ARN name cluster, service and id; null when one of them is not there. */
function partCalled(
  arn: string,
  kind: 'service-deployment' | 'service-revision',
  context: HandlerContext,
): { readonly service: Service; readonly deployment: Deployment } | null {
  const [cluster, serviceName] = arn.split('/').slice(1, 3);
  const found = find(context.region.ecs.clusters, (one) => one.clusterArn, cluster ?? '');
  const service = findService(servicesOf(found?.clusterArn ?? '', context), serviceName ?? '');
  if (service === null) return null;
  const deployment = service.deployments?.find((one) => partArn(service, one, kind, context) === arn);
  return deployment === undefined ? null : { service, deployment };
}

export function describeServiceDeployments(
  input: DescribeServiceDeploymentsRequest,
  context: HandlerContext,
): DescribeServiceDeploymentsResponse {
  const asked = checkBatch(input.serviceDeploymentArns, 20, 'Service deployment ARNs');
  const { found, failures } = describeEach(asked, (arn) => partCalled(arn, 'service-deployment', context), {
    show: ({ service, deployment }) => serviceDeployment(service, deployment, context),
    arn: (identifier) => identifier,
  });
  return { serviceDeployments: found, failures };
}

export function describeServiceRevisions(
  input: DescribeServiceRevisionsRequest,
  context: HandlerContext,
): DescribeServiceRevisionsResponse {
  const asked = checkBatch(input.serviceRevisionArns, 20, 'Service revision ARNs');
  const { found, failures } = describeEach(asked, (arn) => partCalled(arn, 'service-revision', context), {
    show: ({ service, deployment }): ServiceRevision => ({
      serviceRevisionArn: partArn(service, deployment, 'service-revision', context),
      serviceArn: service.serviceArn,
      clusterArn: service.clusterArn,
      taskDefinition: deployment.taskDefinition,
      capacityProviderStrategy: deployment.capacityProviderStrategy,
      launchType: deployment.launchType,
      platformVersion: deployment.platformVersion,
      platformFamily: deployment.platformFamily,
      loadBalancers: service.loadBalancers,
      serviceRegistries: service.serviceRegistries,
      networkConfiguration: deployment.networkConfiguration,
      volumeConfigurations: deployment.volumeConfigurations,
      fargateEphemeralStorage: deployment.fargateEphemeralStorage,
      createdAt: deployment.createdAt,
    }),
    arn: (identifier) => identifier,
  });
  return { serviceRevisions: found, failures };
}
