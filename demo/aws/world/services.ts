/** Services as ECS describes them, their autoscaling, and how many of their tasks ran when. */
import type { ScalableTarget, ScalingPolicy } from '@aws-sdk/client-application-auto-scaling';
import type { Deployment, Service } from '@aws-sdk/client-ecs';
import type { Setting } from './hosts.ts';
import { between, DAY_MS, ec2Id, ecsArn, fraction, HOUR_MS, hex, subnetId, zone } from './ids.ts';
import type { ServiceSeries, TaskSteps, Use } from './metrics.ts';
import { STEP_MS } from './patterns.ts';
import type { ServiceSpec } from './specs.ts';
import { revisionArn, toTags } from './tasks.ts';

/** Nine weeks: more than eight weeks of metrics and sixty days of bills. */
export const HISTORY_DAYS = 63;
/** A deployment under way began so long before the world was made. */
const DEPLOYING_MS = 20 * 60_000;

const floorStep = (ms: number): number => Math.floor(ms / STEP_MS) * STEP_MS;

export function createdAt(setting: Setting, spec: ServiceSpec): number {
  return spec.createdHoursAgo === undefined
    ? setting.anchor - between(`created ${spec.name}`, 90, 700) * DAY_MS
    : floorStep(setting.start - spec.createdHoursAgo * HOUR_MS);
}

/** When the newest deployment began. */
export function deployedAt(setting: Setting, spec: ServiceSpec): number {
  if (spec.deployment?.inProgress === true) return floorStep(setting.start - DEPLOYING_MS);
  const settled = setting.anchor - between(`deployed ${spec.name}`, 3, 40) * DAY_MS + 10 * HOUR_MS;
  return Math.max(settled, createdAt(setting, spec));
}

/** Tasks that run while a deployment is under way: the old ones, and the first new one. */
export function runningTasks(spec: ServiceSpec): number {
  return spec.tasks + (spec.deployment?.inProgress === true ? 1 : 0);
}

/** The number of running tasks over the last nine weeks; today's holds from the last midnight on, and for ever. */
function taskSteps(setting: Setting, spec: ServiceSpec): TaskSteps {
  const first = Math.max(setting.anchor - HISTORY_DAYS * DAY_MS, createdAt(setting, spec));
  const past = pastSteps(setting, spec, first);
  const all = [...past, { from: Math.max(first, setting.anchor), tasks: spec.tasks }];
  const steps = all.filter(({ tasks }, index) => index === 0 || tasks !== all[index - 1]?.tasks);
  if (runningTasks(spec) === spec.tasks) return steps;
  // A deployment under way has begun after the last change, or just before midnight.
  const from = deployedAt(setting, spec);
  return [...steps.filter((step) => step.from < from), { from, tasks: runningTasks(spec) }];
}

function pastSteps(setting: Setting, spec: ServiceSpec, first: number): TaskSteps {
  const history = spec.history ?? { kind: 'constant' };
  if (first >= setting.anchor) return [];
  if (history.kind === 'constant') return [{ from: first, tasks: spec.tasks }];
  if (history.kind === 'one-more-a-week') {
    const weeks = spec.tasks - history.from;
    const growth = Array.from({ length: weeks }, (_, week) => ({
      from: setting.anchor - (weeks - week) * 7 * DAY_MS,
      tasks: history.from + week + 1,
    }));
    return [{ from: first, tasks: history.from }, ...growth];
  }
  const [begin, end, tasks] = history.kind === 'office-hours' ? [7, 18, history.day] : [1, 5, history.tasks];
  const steps: { from: number; tasks: number }[] = [{ from: first, tasks: spec.tasks }];
  for (let day = first; day < setting.anchor; day += DAY_MS) {
    const weekday = new Date(day).getUTCDay();
    if (weekday === 0 || weekday === 6) continue;
    steps.push({ from: day + begin * HOUR_MS, tasks }, { from: day + end * HOUR_MS, tasks: spec.tasks });
  }
  return steps;
}

const PEAK = 1.06;

/** Where a service says nothing, it is sized well: 95 % of the time below 79 to 81 % of what it reserves. */
export function seriesOf(setting: Setting, cluster: string, spec: ServiceSpec): ServiceSeries {
  const well = (what: string): number => 79 + 2 * fraction(`${what} ${cluster} ${spec.name}`);
  const shape = spec.history?.kind === 'nights' ? 'night-cpu' : spec.tags.role === 'batch' ? 'flat-cpu' : 'office-cpu';
  const use = (given: ServiceSpec['cpu'], what: string, name: Use['pattern']): Use => ({
    p95: given?.p95 ?? well(what),
    peak: given?.peak ?? PEAK,
    pattern: name,
  });
  return {
    steps: taskSteps(setting, spec),
    cpu: use(spec.cpu, 'cpu', shape),
    memory: use(spec.memory, 'memory', 'memory'),
  };
}

/** The newest revision of a service's family. */
export function revisionOf(cluster: string, spec: ServiceSpec): number {
  return between(`revision ${cluster} ${spec.name}`, 2, 40);
}

export function toService(setting: Setting, cluster: string, spec: ServiceSpec): Service {
  const { place } = setting;
  const deploying = spec.deployment?.inProgress === true;
  const isFargate = fargate(spec);
  const capacity =
    spec.runsOn.kind === 'launch-type'
      ? { launchType: spec.runsOn.launchType }
      : { capacityProviderStrategy: spec.runsOn.items.map((item) => ({ ...item })) };
  return {
    serviceArn: ecsArn(place, `service/${cluster}/${spec.name}`),
    serviceName: spec.name,
    clusterArn: ecsArn(place, `cluster/${cluster}`),
    status: 'ACTIVE',
    desiredCount: spec.tasks,
    runningCount: runningTasks(spec),
    pendingCount: deploying ? 1 : 0,
    ...capacity,
    ...(isFargate ? { platformVersion: 'LATEST', platformFamily: 'Linux' } : {}),
    taskDefinition: revisionArn({ place, family: spec.name, revision: revisionOf(cluster, spec) }),
    deploymentConfiguration: {
      deploymentCircuitBreaker: { enable: deploying, rollback: deploying },
      minimumHealthyPercent: spec.daemon === true ? 0 : (spec.deployment?.minimum ?? 100),
      maximumPercent: spec.daemon === true ? 100 : (spec.deployment?.maximum ?? 200),
      strategy: 'ROLLING',
    },
    deploymentController: { type: 'ECS' },
    deployments: deploymentsOf(setting, cluster, spec, capacity),
    events: eventsOf(setting, spec),
    createdAt: new Date(createdAt(setting, spec)),
    createdBy: `arn:aws:iam::${place.account}:role/deploy`,
    schedulingStrategy: spec.daemon === true ? 'DAEMON' : 'REPLICA',
    placementConstraints: spec.constraint === undefined ? [] : [{ type: 'memberOf', expression: spec.constraint }],
    placementStrategy: (spec.placement ?? []).map((strategy) => ({ ...strategy })),
    ...((spec.shape.network ?? 'awsvpc') === 'awsvpc' ? { networkConfiguration: networkOf(setting) } : {}),
    loadBalancers: spec.balanced === true ? [targetOf(setting, spec)] : [],
    serviceRegistries:
      spec.registered === true
        ? [
            {
              registryArn: `arn:aws:servicediscovery:${place.region}:${place.account}:service/srv-${hex(spec.name, 16)}`,
            },
          ]
        : [],
    enableECSManagedTags: spec.managedTags !== false,
    propagateTags: spec.managedTags === false ? 'NONE' : 'SERVICE',
    enableExecuteCommand: false,
    availabilityZoneRebalancing: isFargate && spec.tasks > 2 ? 'ENABLED' : 'DISABLED',
    tags: toTags(spec.tags),
  };
}

/** Whether Fargate runs it. */
export function fargate({ runsOn }: ServiceSpec): boolean {
  return runsOn.kind === 'launch-type'
    ? runsOn.launchType === 'FARGATE'
    : runsOn.items.every(({ capacityProvider = '' }) => capacityProvider.startsWith('FARGATE'));
}

/** All services of a region share one network: fifty thousand copies of it would say the same. */
const networks = new WeakMap<Setting, NonNullable<Service['networkConfiguration']>>();

function networkOf(setting: Setting): NonNullable<Service['networkConfiguration']> {
  const known = networks.get(setting);
  if (known !== undefined) return known;
  const { place } = setting;
  const made: Service['networkConfiguration'] = {
    awsvpcConfiguration: {
      subnets: [0, 1, 2].map((index) => subnetId(place, zone(place.region, index))),
      securityGroups: [ec2Id('sg', `${place.account} ${place.region}`)],
      assignPublicIp: 'DISABLED',
    },
  };
  networks.set(setting, made);
  return made;
}

function targetOf({ place }: Setting, spec: ServiceSpec): NonNullable<Service['loadBalancers']>[number] {
  return {
    targetGroupArn: `arn:aws:elasticloadbalancing:${place.region}:${place.account}:targetgroup/${spec.name}/${hex(`target ${spec.name}`, 16)}`,
    containerName: spec.name,
    containerPort: 8080,
  };
}

function deploymentsOf(
  setting: Setting,
  cluster: string,
  spec: ServiceSpec,
  capacity: Pick<Service, 'launchType' | 'capacityProviderStrategy'>,
): Deployment[] {
  const revision = revisionOf(cluster, spec);
  const deploying = spec.deployment?.inProgress === true;
  const one = (status: 'PRIMARY' | 'ACTIVE', tasks: number, at: number): Deployment => ({
    id: `ecs-svc/${hex(`deployment ${cluster} service:${spec.name}${status === 'PRIMARY' ? '' : ' before'}`, 16)}`,
    status,
    taskDefinition: revisionArn({
      place: setting.place,
      family: spec.name,
      revision: status === 'PRIMARY' ? revision : revision - 1,
    }),
    desiredCount: spec.tasks,
    pendingCount: status === 'PRIMARY' && deploying ? 1 : 0,
    runningCount: tasks,
    failedTasks: 0,
    createdAt: new Date(at),
    updatedAt: new Date(at + 120_000),
    ...capacity,
    rolloutState: status === 'PRIMARY' && deploying ? 'IN_PROGRESS' : 'COMPLETED',
  });
  const now = deployedAt(setting, spec);
  return deploying
    ? [one('PRIMARY', 1, now), one('ACTIVE', spec.tasks, now - 9 * DAY_MS)]
    : [one('PRIMARY', spec.tasks, now)];
}

function eventsOf(setting: Setting, spec: ServiceSpec): Service['events'] {
  return [
    {
      id: hex(`event ${spec.name}`, 32),
      createdAt: new Date(setting.start - HOUR_MS),
      message: `(service ${spec.name}) has reached a steady state.`,
    },
  ];
}

/** Application Auto Scaling of one service, or null. */
export function scalingOf(
  setting: Setting,
  cluster: string,
  spec: ServiceSpec,
): { readonly target: ScalableTarget; readonly policy: ScalingPolicy } | null {
  const { scaling } = spec;
  if (scaling === undefined) return null;
  const { account, region } = setting.place;
  const shared = {
    ServiceNamespace: 'ecs',
    ResourceId: `service/${cluster}/${spec.name}`,
    ScalableDimension: 'ecs:service:DesiredCount',
    CreationTime: new Date(createdAt(setting, spec)),
  } as const;
  const id = hex(`scaling ${cluster} ${spec.name}`, 32);
  return {
    target: {
      ...shared,
      MinCapacity: scaling.min,
      MaxCapacity: scaling.max,
      RoleARN: `arn:aws:iam::${account}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService`,
      ScalableTargetARN: `arn:aws:application-autoscaling:${region}:${account}:scalable-target/${id}`,
      SuspendedState: {
        DynamicScalingInSuspended: false,
        DynamicScalingOutSuspended: false,
        ScheduledScalingSuspended: false,
      },
    },
    policy: {
      ...shared,
      PolicyARN: `arn:aws:autoscaling:${region}:${account}:scalingPolicy:${id}:resource/ecs/${shared.ResourceId}:policyName/${spec.name}-target`,
      PolicyName: `${spec.name}-target`,
      PolicyType: 'TargetTrackingScaling',
      TargetTrackingScalingPolicyConfiguration: {
        TargetValue: scaling.target,
        PredefinedMetricSpecification: { PredefinedMetricType: scaling.metric },
        ScaleInCooldown: 300,
        ScaleOutCooldown: 60,
      },
      Alarms: [],
    },
  };
}
