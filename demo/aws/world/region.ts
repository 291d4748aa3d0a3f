/** One region of one account: its clusters, and everything around them. */
import type { AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import type { ECSServiceRecommendation } from '@aws-sdk/client-compute-optimizer';
import type { CapacityReservation, Instance, InstanceEventWindow, InstanceStatus } from '@aws-sdk/client-ec2';
import type { Setting as AccountSetting, CapacityProvider } from '@aws-sdk/client-ecs';
import type { PriceBook } from '../../../src/engine/index.ts';
import type { RegionState } from '../state.ts';
import { type BuiltCluster, capacityOf, containerInstances, providersOf } from './cluster.ts';
import { type Host, type Setting, toInstance, toPrimaryInterface, toStatus, toVolume } from './hosts.ts';
import { DAY_MS, hex } from './ids.ts';
import { type Life, vcpuLevels } from './lives.ts';
import { addLevels, regionMetric, type TaskSteps, type UsageSeries } from './metrics.ts';
import { spotHistory, subnetsOf, taskInterfaces, toInstanceTypeInfo } from './network.ts';
import { quotasOf, usageDimensions } from './quotas.ts';
import { HISTORY_DAYS } from './services.ts';

/** What a region has besides its clusters. */
export type Surroundings = {
  readonly instances: readonly Instance[];
  readonly statuses: readonly InstanceStatus[];
  readonly reservations: readonly CapacityReservation[];
  readonly windows: readonly InstanceEventWindow[];
  readonly events: ReadonlyMap<string, NonNullable<InstanceStatus['Events']>>;
  readonly raisedQuotas: { readonly [code: string]: number };
  readonly recommendations: readonly ECSServiceRecommendation[];
  readonly settings: { readonly [name: string]: string };
};

export type RegionMaking = {
  readonly setting: Setting;
  readonly now: () => Date;
  readonly prices: PriceBook;
  readonly clusters: readonly BuiltCluster[];
  readonly lives: readonly Life[];
  readonly around: Surroundings;
};

export function buildRegion(making: RegionMaking): RegionState {
  const { setting, clusters, around, prices, lives } = making;
  const { place } = setting;
  const hosts = clusters.flatMap((built) => built.hosts);
  const running = clusters.flatMap(({ tasks }) => tasks.filter(({ lastStatus }) => lastStatus === 'RUNNING'));
  const interfaces = [...hosts.map(toPrimaryInterface), ...taskInterfaces(place, running)];
  const quotas = quotasOf(place, around.raisedQuotas);
  const spotTypes = hosts.filter(({ spec }) => spec.lifecycle === 'spot').map(({ type }) => type.name);
  return {
    region: place.region,
    ecs: ecsState(making),
    ec2: {
      instances: [...hosts.map(toInstance), ...around.instances],
      statuses: [...hosts.map((host) => toStatus(host, around.events.get(host.instanceId))), ...around.statuses],
      volumes: hosts.map(toVolume),
      networkInterfaces: interfaces,
      subnets: subnetsOf(place, interfaces),
      capacityReservations: [...around.reservations],
      eventWindows: [...around.windows],
      spotPrices: spotHistory(prices, place, { anchor: setting.anchor, types: spotTypes }),
      instanceTypes: prices.types.map(toInstanceTypeInfo),
      managedResourceVisibility: 'hidden',
    },
    autoScalingGroups: clusters.flatMap((built) => groupsOf(setting, built)),
    scalableTargets: clusters.flatMap(({ targets }) => targets),
    scalingPolicies: clusters.flatMap(({ policies }) => policies),
    quotas: quotas.applied,
    defaultQuotas: quotas.defaults,
    computeOptimizer: [...around.recommendations],
    metric: regionMetric({
      now: making.now,
      historyStart: setting.anchor - HISTORY_DAYS * DAY_MS,
      services: new Map(
        clusters.flatMap(({ spec, series }) =>
          [...series].map(([name, one]) => [`${spec.name}/${name}`, one] as const),
        ),
      ),
      usage: usageOf(clusters, lives),
    }),
  };
}

function ecsState({ setting, clusters, around }: RegionMaking): RegionState['ecs'] {
  const by = <T>(pick: (built: BuiltCluster) => T): Map<string, T> =>
    new Map(clusters.map((built) => [built.cluster.clusterArn ?? '', pick(built)]));
  return {
    clusters: clusters.map(({ cluster }) => cluster),
    capacityProviders: [...fargateProviders(setting), ...clusters.flatMap(({ providers }) => providers)],
    services: by(({ services }) => services),
    tasks: by(({ tasks }) => tasks),
    containerInstances: by(containerInstances),
    taskDefinitions: new Map(clusters.flatMap(({ definitions }) => [...definitions])),
    protection: new Map(clusters.flatMap(({ protection }) => [...protection])),
    settings: Object.entries(around.settings).map(
      ([name, value]) =>
        ({
          name: name as AccountSetting['name'],
          value,
          principalArn: `arn:aws:iam::${setting.place.account}:root`,
          type: 'user',
        }) satisfies AccountSetting,
    ),
  };
}

function fargateProviders({ place }: Setting): CapacityProvider[] {
  return (['FARGATE', 'FARGATE_SPOT'] as const).map((name) => ({
    capacityProviderArn: `arn:aws:ecs:${place.region}:${place.account}:capacity-provider/${name}`,
    name,
    status: 'ACTIVE',
    type: name,
    tags: [],
  }));
}

function groupsOf({ place, anchor }: Setting, built: BuiltCluster): AutoScalingGroup[] {
  return built.spec.providers.flatMap((provider) => {
    if (provider.kind !== 'asg') return [];
    const hosts = built.hosts.filter((host) => host.provider.name === provider.name);
    const template = {
      LaunchTemplateId: `lt-0${hex(provider.group, 16)}`,
      LaunchTemplateName: provider.group,
      Version: '7',
    };
    const zones = [...new Set(hosts.map(({ az }) => az))].sort();
    return {
      AutoScalingGroupName: provider.group,
      AutoScalingGroupARN: `arn:aws:autoscaling:${place.region}:${place.account}:autoScalingGroup:${hex(provider.group, 32)}:autoScalingGroupName/${provider.group}`,
      MixedInstancesPolicy: {
        LaunchTemplate: {
          LaunchTemplateSpecification: template,
          Overrides: [...new Set(hosts.map(({ type }) => type.name))].map((InstanceType) => ({ InstanceType })),
        },
        InstancesDistribution: {
          OnDemandAllocationStrategy: 'prioritized',
          OnDemandBaseCapacity: hosts.filter(({ spec }) => spec.lifecycle === 'on-demand').length,
          OnDemandPercentageAboveBaseCapacity: 0,
          SpotAllocationStrategy: 'price-capacity-optimized',
        },
      },
      MinSize: 3,
      MaxSize: 20,
      DesiredCapacity: hosts.length,
      DefaultCooldown: 300,
      AvailabilityZones: zones,
      HealthCheckType: 'EC2',
      HealthCheckGracePeriod: 120,
      Instances: hosts.map((host) => toMember(host, template)),
      CreatedTime: new Date(anchor - 400 * DAY_MS),
      NewInstancesProtectedFromScaleIn: true,
      TerminationPolicies: ['Default'],
      Tags: [
        {
          ResourceId: provider.group,
          ResourceType: 'auto-scaling-group',
          Key: 'AmazonECSManaged',
          Value: 'true',
          PropagateAtLaunch: true,
        },
      ],
    } satisfies AutoScalingGroup;
  });
}

type Member = NonNullable<AutoScalingGroup['Instances']>[number];

function toMember(host: Host, template: Member['LaunchTemplate']): Member {
  return {
    InstanceId: host.instanceId,
    InstanceType: host.type.name,
    AvailabilityZone: host.az,
    LifecycleState: 'InService',
    HealthStatus: 'Healthy',
    LaunchTemplate: template,
    ProtectedFromScaleIn: true,
  };
}

/** vCPUs in use over time, as `AWS/Usage` counts them. */
function usageOf(clusters: readonly BuiltCluster[], lives: readonly Life[]): readonly UsageSeries[] {
  const onFargate = (kind: 'fargate' | 'fargate-spot'): TaskSteps =>
    addLevels(
      clusters.flatMap(({ spec: cluster, series }) =>
        cluster.services.flatMap((spec) => {
          const providers = providersOf(spec.tasks === 0 ? { ...spec, tasks: 1 } : spec);
          const share = providers.filter((one) => capacityOf(cluster, one, spec) === kind).length / providers.length;
          const steps = series.get(spec.name)?.steps ?? [];
          return share === 0 ? [] : [{ steps, each: ((spec.shape.cpu ?? 0) / 1024) * share }];
        }),
      ),
    );
  const onEc2 = (lifecycle: Life['lifecycle']): TaskSteps =>
    addLevels(vcpuLevels(lives.filter((life) => life.lifecycle === lifecycle)));
  return [
    { dimensions: usageDimensions('fargate', 'Standard/OnDemand'), levels: onFargate('fargate') },
    { dimensions: usageDimensions('fargate', 'Standard/Spot'), levels: onFargate('fargate-spot') },
    { dimensions: usageDimensions('ec2', 'Standard/OnDemand'), levels: onEc2('on-demand') },
    { dimensions: usageDimensions('ec2', 'Standard/Spot'), levels: onEc2('spot') },
  ];
}
