import type * as scaling from '@aws-sdk/client-application-auto-scaling';
import type * as ecs from '@aws-sdk/client-ecs';
import type { Service } from '../engine/index.ts';
import { toStrategy } from './shapes-ecs.ts';
import { sortedBy, sortedTexts, toNumber, toTags, toText, toTime } from './shapes-members.ts';

/**
 * The service; null without ARN, name or counts (a missing count must not read as zero tasks). A service that CodeDeploy
 * or an external controller deploys keeps what runs in its primary task set, so that one is asked first. An external
 * one without any task set has no task definition: ''.
 */
export function toService(service: ecs.Service, autoscaling: Service['autoscaling']): Service | null {
  const arn = toText(service.serviceArn);
  const name = toText(service.serviceName);
  const desiredCount = toNumber(service.desiredCount);
  const runningCount = toNumber(service.runningCount);
  const pendingCount = toNumber(service.pendingCount);
  if (arn === null || name === null || desiredCount === null || runningCount === null || pendingCount === null) {
    return null;
  }
  const primary = service.taskSets?.find((set) => set.status === 'PRIMARY');
  const strategy = toStrategy(firstFull(primary?.capacityProviderStrategy, service.capacityProviderStrategy));
  const network = (primary?.networkConfiguration ?? service.networkConfiguration)?.awsvpcConfiguration;
  return {
    arn,
    name,
    status: service.status ?? '',
    desiredCount,
    runningCount,
    pendingCount,
    launchType: strategy.length > 0 ? null : toText(primary?.launchType ?? service.launchType),
    strategy,
    platformVersion: toText(primary?.platformVersion ?? service.platformVersion),
    taskDefinition: primary?.taskDefinition ?? service.taskDefinition ?? '',
    schedulingStrategy: isDaemon(service) ? 'DAEMON' : 'REPLICA',
    deployment: toDeployment(service),
    placementConstraints: sortedBy(
      (service.placementConstraints ?? []).map(({ type, expression }) => ({
        type: type ?? '',
        expression: toText(expression),
      })),
      (constraint) => `${constraint.type} ${constraint.expression}`,
    ),
    // Not sorted: the first strategy goes before the second.
    placementStrategy: (service.placementStrategy ?? []).map(({ type, field }) => ({
      type: type ?? '',
      field: toText(field),
    })),
    azRebalancing: service.availabilityZoneRebalancing === 'ENABLED',
    subnets: sortedTexts(network?.subnets),
    assignPublicIp: network?.assignPublicIp === 'ENABLED',
    loadBalancers: firstFull(service.loadBalancers, primary?.loadBalancers).length,
    serviceRegistries: firstFull(service.serviceRegistries, primary?.serviceRegistries).length,
    createdAt: toTime(service.createdAt),
    propagateTags: toText(service.propagateTags),
    enableEcsManagedTags: service.enableECSManagedTags ?? false,
    tags: toTags(service.tags),
    autoscaling,
  };
}

/** The first list with something in it: AWS answers with `[]` where the other place holds the members. */
function firstFull<T>(first: readonly T[] | undefined, second: readonly T[] | undefined): readonly T[] {
  return first !== undefined && first.length > 0 ? first : (second ?? []);
}

function isDaemon(service: ecs.Service): boolean {
  return service.schedulingStrategy === 'DAEMON';
}

/**
 * Percentages that are absent are the API's defaults: 100 and 200, for daemons 0 and 100. `strategy` is AWS's word;
 * a service that ECS does not deploy itself has its controller there (`CODE_DEPLOY`, `EXTERNAL`).
 */
function toDeployment(service: ecs.Service): Service['deployment'] {
  const configuration = service.deploymentConfiguration;
  const controller = service.deploymentController?.type ?? 'ECS';
  return {
    minimumHealthyPercent: toNumber(configuration?.minimumHealthyPercent) ?? (isDaemon(service) ? 0 : 100),
    maximumPercent: toNumber(configuration?.maximumPercent) ?? (isDaemon(service) ? 100 : 200),
    strategy: controller === 'ECS' ? (configuration?.strategy ?? 'ROLLING') : controller,
    circuitBreaker: configuration?.deploymentCircuitBreaker?.enable ?? false,
    inProgress: isDeploying(service),
  };
}

/** `INACTIVE` is a deployment that has been replaced completely; AWS lists it for a moment longer. */
function isDeploying(service: ecs.Service): boolean {
  const live = (service.deployments ?? []).filter((deployment) => deployment.status !== 'INACTIVE');
  const sets = service.taskSets ?? [];
  return (
    live.length > 1 ||
    live.some((deployment) => deployment.rolloutState === 'IN_PROGRESS') ||
    sets.length > 1 ||
    sets.some((set) => set.stabilityStatus === 'STABILIZING')
  );
}

/**
 * Limits and policies of a service's desired count, `policies` being those of this target only; null without limits.
 * `metric` is null for policies that are not target tracking on a predefined metric.
 */
export function toScaling(
  target: scaling.ScalableTarget,
  policies: readonly scaling.ScalingPolicy[],
): Service['autoscaling'] {
  const min = toNumber(target.MinCapacity);
  const max = toNumber(target.MaxCapacity);
  if (min === null || max === null) return null;
  const converted = policies.map((policy) => {
    const tracking = policy.TargetTrackingScalingPolicyConfiguration;
    return {
      name: policy.PolicyName ?? '',
      type: policy.PolicyType ?? '',
      metric: toText(tracking?.PredefinedMetricSpecification?.PredefinedMetricType),
      target: toNumber(tracking?.TargetValue),
    };
  });
  return { min, max, policies: sortedBy(converted, (policy) => policy.name) };
}
