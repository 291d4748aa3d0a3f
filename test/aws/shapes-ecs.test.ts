import type * as ecs from '@aws-sdk/client-ecs';
import { describe, expect, test } from 'vitest';
import { toCapacityProvider, toCluster, toContainerInstance } from '../../src/aws/shapes-ecs.ts';
import { toScaling, toService } from '../../src/aws/shapes-service.ts';

const ARN = 'arn:aws:ecs:eu-west-1:111122223333';

function aProvider(rest: Partial<ecs.CapacityProvider>): ecs.CapacityProvider {
  return { capacityProviderArn: `${ARN}:capacity-provider/p`, name: 'p', status: 'ACTIVE', ...rest };
}

function managed(template: Partial<ecs.InstanceLaunchTemplate>, rest: Partial<ecs.ManagedInstancesProvider> = {}) {
  const required = { ec2InstanceProfileArn: undefined, networkConfiguration: undefined };
  return aProvider({
    type: 'MANAGED_INSTANCES',
    managedInstancesProvider: { instanceLaunchTemplate: { ...required, ...template }, ...rest },
  });
}

function aService(rest: Partial<ecs.Service>): ecs.Service {
  const counts = { desiredCount: 2, runningCount: 2, pendingCount: 0 };
  return { serviceArn: `${ARN}:service/rose/web`, serviceName: 'web', ...counts, ...rest };
}

describe('a cluster', () => {
  const cluster: ecs.Cluster = { clusterArn: `${ARN}:cluster/rose`, clusterName: 'rose' };

  test('sorts what AWS lists in any order: tags, strategy, providers, container instances', () => {
    const providers = ['b', 'a'].flatMap((name) => toCapacityProvider(aProvider({ name, type: 'FARGATE' })) ?? []);
    const containerInstances = ['2', '1'].flatMap((id) => toContainerInstance({ containerInstanceArn: id }) ?? []);
    const converted = toCluster(
      {
        ...cluster,
        tags: [
          { key: 'team', value: 'qa' },
          { key: 'cost', value: '7' },
        ],
        defaultCapacityProviderStrategy: [
          { capacityProvider: 'b', weight: 3 },
          { capacityProvider: 'a', base: 1 },
        ],
      },
      { providers, containerInstances, shards: 4 },
    );

    expect(Object.keys(converted?.tags ?? {})).toEqual(['cost', 'team']);
    expect(converted?.defaultStrategy).toEqual([
      { capacityProvider: 'a', weight: 0, base: 1 },
      { capacityProvider: 'b', weight: 3, base: 0 },
    ]);
    expect(converted?.providers.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(converted?.containerInstances.map(({ arn }) => arn)).toEqual(['1', '2']);
    expect(converted?.shards).toBe(4);
  });

  test('knows whether Container Insights is on only where AWS was asked for settings', () => {
    const noParts = { providers: [], containerInstances: [], shards: 1 };
    const settings: ecs.ClusterSetting[] = [{ name: 'containerInsights', value: 'enhanced' }];
    expect(toCluster({ ...cluster, settings }, noParts)?.containerInsights).toBe('enhanced');
    expect(toCluster(cluster, noParts)?.containerInsights).toBeNull();
  });

  test('keeps names as people wrote them', () => {
    const tags = [{ key: '<b>', value: '& 🌷' }, { key: '__proto__' }];
    const converted = toCluster({ ...cluster, tags }, { providers: [], containerInstances: [], shards: 1 });
    expect(Object.entries(converted?.tags ?? {})).toEqual([
      ['<b>', '& 🌷'],
      ['__proto__', ''],
    ]);
  });
});

describe('a capacity provider', () => {
  test("is one of Fargate's by name or by type", () => {
    expect(toCapacityProvider(aProvider({ name: 'FARGATE' }))?.kind).toBe('fargate');
    expect(toCapacityProvider(aProvider({ name: 'FARGATE_SPOT', type: 'FARGATE_SPOT' }))?.kind).toBe('fargate-spot');
  });

  test('of a group bears the name of the group, slashes included', () => {
    const autoScalingGroupArn =
      'arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:0-1-2:autoScalingGroupName/team/rose';
    const named = (arn: string) =>
      toCapacityProvider(aProvider({ autoScalingGroupProvider: { autoScalingGroupArn: arn } }));
    expect(named(autoScalingGroupArn)).toMatchObject({ kind: 'asg', autoScalingGroup: 'team/rose' });
    expect(named('rose')).toMatchObject({ kind: 'asg', autoScalingGroup: 'rose' });
  });

  test("has no managed scaling unless it is on, and then AWS's defaults", () => {
    const withScaling = (managedScaling: ecs.ManagedScaling) =>
      toCapacityProvider(aProvider({ autoScalingGroupProvider: { autoScalingGroupArn: 'rose', managedScaling } }));
    expect(withScaling({ status: 'DISABLED', targetCapacity: 80 })).toMatchObject({ managedScaling: null });
    expect(withScaling({ status: 'ENABLED', targetCapacity: 80 })).toMatchObject({
      managedScaling: {
        targetCapacityPercent: 80,
        minimumScalingStepSize: 1,
        maximumScalingStepSize: 10_000,
        instanceWarmupSeconds: 300,
      },
    });
  });

  test('of Managed Instances buys on demand unless it says otherwise', () => {
    expect(toCapacityProvider(managed({}))).toMatchObject({ kind: 'managed-instances', optionType: 'on-demand' });
    expect(toCapacityProvider(managed({ capacityOptionType: 'SPOT' }))).toMatchObject({ optionType: 'spot' });
    expect(
      toCapacityProvider(
        managed({
          capacityOptionType: 'RESERVED',
          capacityReservations: { reservationPreference: 'RESERVATIONS_FIRST' },
        }),
      ),
    ).toMatchObject({ optionType: 'reserved', reservationPreference: 'RESERVATIONS_FIRST' });
  });

  test('is nothing when it buys in a way, or is of a kind, that is not known here', () => {
    expect(toCapacityProvider(managed({ capacityOptionType: 'AUCTION' as ecs.CapacityOptionType }))).toBeNull();
    expect(toCapacityProvider(aProvider({ type: 'MOON' as ecs.CapacityProviderType }))).toBeNull();
  });

  test('tells consolidation switched off (-1) from at once (0) and from the default (null)', () => {
    const scaleInAfter = (seconds: number | undefined) =>
      toCapacityProvider(managed({}, { infrastructureOptimization: { scaleInAfter: seconds } }));
    expect(scaleInAfter(-1)).toMatchObject({ scaleInAfterSeconds: -1 });
    expect(scaleInAfter(0)).toMatchObject({ scaleInAfterSeconds: 0 });
    expect(scaleInAfter(undefined)).toMatchObject({ scaleInAfterSeconds: null });
    expect(toCapacityProvider(managed({}))).toMatchObject({ scaleInAfterSeconds: null });
  });

  test('keeps the requirements on its instances', () => {
    const converted = toCapacityProvider(
      managed({
        instanceRequirements: {
          vCpuCount: { min: 2, max: 8 },
          memoryMiB: { min: 4096 },
          allowedInstanceTypes: ['m7i.*', 'c7i.*'],
          burstablePerformance: 'excluded',
        },
        storageConfiguration: { storageSizeGiB: 80 },
        networkConfiguration: { subnets: ['subnet-b', 'subnet-a'] },
      }),
    );
    expect(converted).toMatchObject({
      requirements: {
        vcpu: { min: 2, max: 8 },
        memoryMiB: { min: 4096, max: null },
        allowedInstanceTypes: ['c7i.*', 'm7i.*'],
        excludedInstanceTypes: [],
        burstablePerformance: 'excluded',
      },
      storageGiB: 80,
      subnets: ['subnet-a', 'subnet-b'],
      propagateTags: false,
    });
    expect(toCapacityProvider(managed({}))).toMatchObject({ requirements: null, storageGiB: null });
  });
});

describe('a container instance', () => {
  const instance = (rest: Partial<ecs.ContainerInstance>) =>
    toContainerInstance({ containerInstanceArn: `${ARN}:container-instance/rose/1`, ...rest });

  test('takes each amount from the member that its type names, GPUs and ports from sets', () => {
    const converted = instance({
      registeredResources: [
        { name: 'CPU', type: 'INTEGER', integerValue: 4096, longValue: 0, doubleValue: 0 },
        { name: 'MEMORY', type: 'LONG', integerValue: 0, longValue: 15_000, doubleValue: 0 },
        { name: 'GPU', type: 'STRINGSET', stringSetValue: ['GPU-a', 'GPU-b'], integerValue: 0 },
        { name: 'PORTS', type: 'STRINGSET', stringSetValue: ['51678', '22'] },
        { name: 'PORTS_UDP', type: 'STRINGSET', stringSetValue: ['53', '22'] },
      ],
      remainingResources: [{ name: 'GPU', type: 'INTEGER', integerValue: 1, stringSetValue: [] }],
    });
    expect(converted?.registered).toEqual({ cpuUnits: 4096, memoryMiB: 15_000, gpus: 2, ports: [22, 53, 51678] });
    expect(converted?.remaining).toEqual({ cpuUnits: 0, memoryMiB: 0, gpus: 1, ports: [] });
  });

  test('moves the four attributes it has members for, drops the abilities of the agent, keeps the rest', () => {
    const converted = instance({
      attributes: [
        { name: 'stack', value: 'blue' },
        { name: 'ecs.instance-type', value: 'm5.large' },
        { name: 'ecs.availability-zone', value: 'eu-west-1a' },
        { name: 'ecs.cpu-architecture', value: 'arm64' },
        { name: 'ecs.subnet-id', value: 'subnet-a' },
        { name: 'com.amazonaws.ecs.capability.docker-remote-api.1.18' },
        { name: 'ecs.capability.task-eni' },
        { name: undefined },
      ],
    });
    expect(converted).toMatchObject({
      instanceType: 'm5.large',
      az: 'eu-west-1a',
      architecture: 'arm64',
      subnetId: 'subnet-a',
    });
    expect(converted?.attributes).toEqual({ 'ecs.capability.task-eni': '', stack: 'blue' });
  });

  test('outside AWS has no EC2 id', () => {
    expect(instance({ ec2InstanceId: 'mi-0123456789abcdef0' })?.ec2InstanceId).toBeNull();
    expect(instance({ ec2InstanceId: 'i-0123456789abcdef0' })?.ec2InstanceId).toBe('i-0123456789abcdef0');
  });

  test('has a health only where AWS gives one that is known', () => {
    expect(instance({ healthStatus: { overallStatus: 'IMPAIRED' } })?.health).toBe('IMPAIRED');
    expect(instance({ healthStatus: { overallStatus: 'SLEEPY' as ecs.InstanceHealthCheckState } })?.health).toBeNull();
    expect(instance({})?.health).toBeNull();
  });
});

describe('a service', () => {
  test('without one of its counts is nothing, rather than a service with no tasks', () => {
    expect(toService(aService({ runningCount: undefined }), null)).toBeNull();
    expect(toService(aService({ runningCount: 0 }), null)?.runningCount).toBe(0);
  });

  test('on a strategy has no launch type', () => {
    const capacityProviderStrategy = [{ capacityProvider: 'FARGATE', weight: 1 }];
    expect(toService(aService({ launchType: 'EC2' }), null)?.launchType).toBe('EC2');
    expect(toService(aService({ launchType: 'FARGATE', capacityProviderStrategy }), null)?.launchType).toBeNull();
  });

  test.each<[string, Partial<ecs.Service>, boolean]>([
    ['one completed deployment', { deployments: [{ status: 'PRIMARY', rolloutState: 'COMPLETED' }] }, false],
    ['one rolling out', { deployments: [{ status: 'PRIMARY', rolloutState: 'IN_PROGRESS' }] }, true],
    ['an old one still running', { deployments: [{ status: 'PRIMARY' }, { status: 'ACTIVE' }] }, true],
    ['an old one replaced completely', { deployments: [{ status: 'PRIMARY' }, { status: 'INACTIVE' }] }, false],
    ['one that failed and is over', { deployments: [{ status: 'PRIMARY', rolloutState: 'FAILED' }] }, false],
    ['none that AWS told of', {}, false],
    [
      'one steady task set',
      { deployments: [], taskSets: [{ status: 'PRIMARY', stabilityStatus: 'STEADY_STATE' }] },
      false,
    ],
    ['a task set finding its balance', { taskSets: [{ status: 'PRIMARY', stabilityStatus: 'STABILIZING' }] }, true],
    ['blue and green task sets', { taskSets: [{ status: 'PRIMARY' }, { status: 'ACTIVE' }] }, true],
  ])('with %s: a deployment in progress is told', (_, rest, inProgress) => {
    expect(toService(aService(rest), null)?.deployment.inProgress).toBe(inProgress);
  });

  test('has the defaults of the API where its deployment settings are silent', () => {
    expect(toService(aService({}), null)?.deployment).toMatchObject({
      minimumHealthyPercent: 100,
      maximumPercent: 200,
      strategy: 'ROLLING',
      circuitBreaker: false,
    });
    expect(toService(aService({ schedulingStrategy: 'DAEMON' }), null)?.deployment).toMatchObject({
      minimumHealthyPercent: 0,
      maximumPercent: 100,
    });
  });

  test('that CodeDeploy or somebody else deploys runs what its primary task set says', () => {
    const taskSets: ecs.TaskSet[] = [
      { status: 'ACTIVE', taskDefinition: `${ARN}:task-definition/web:9` },
      {
        status: 'PRIMARY',
        taskDefinition: `${ARN}:task-definition/web:8`,
        launchType: 'FARGATE',
        platformVersion: '1.4.0',
        networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-a'], assignPublicIp: 'ENABLED' } },
        loadBalancers: [{ containerPort: 80 }],
      },
    ];
    const service = aService({
      taskDefinition: `${ARN}:task-definition/web:1`,
      deploymentController: { type: 'CODE_DEPLOY' },
      loadBalancers: [],
      taskSets,
    });
    expect(toService(service, null)).toMatchObject({
      taskDefinition: `${ARN}:task-definition/web:8`,
      launchType: 'FARGATE',
      platformVersion: '1.4.0',
      subnets: ['subnet-a'],
      assignPublicIp: true,
      loadBalancers: 1,
      deployment: { strategy: 'CODE_DEPLOY', inProgress: true },
    });
    expect(toService(aService({ deploymentController: { type: 'EXTERNAL' } }), null)).toMatchObject({
      taskDefinition: '',
      deployment: { strategy: 'EXTERNAL' },
    });
  });

  test('keeps placement strategies in their order, for the first goes before the second', () => {
    const placementStrategy: ecs.PlacementStrategy[] = [
      { type: 'spread', field: 'attribute:ecs.availability-zone' },
      { type: 'binpack', field: 'memory' },
      { type: 'random' },
    ];
    expect(toService(aService({ placementStrategy }), null)?.placementStrategy).toEqual([
      { type: 'spread', field: 'attribute:ecs.availability-zone' },
      { type: 'binpack', field: 'memory' },
      { type: 'random', field: null },
    ]);
  });

  test('keeps words that AWS made up later', () => {
    const strategy = 'TELEPORT' as ecs.DeploymentStrategy;
    const service = aService({ status: 'RESTING', deploymentConfiguration: { strategy } });
    expect(toService(service, null)).toMatchObject({ status: 'RESTING', deployment: { strategy: 'TELEPORT' } });
  });
});

describe('autoscaling', () => {
  const target = {
    ServiceNamespace: 'ecs',
    ResourceId: 'service/rose/web',
    ScalableDimension: 'ecs:service:DesiredCount',
    MinCapacity: 0,
    MaxCapacity: 6,
    RoleARN: undefined,
    CreationTime: undefined,
  } as const;
  const policy = { ...target, PolicyARN: undefined };

  test('names the metric and target of target tracking, and neither for steps', () => {
    const policies = [
      { ...policy, PolicyName: 'steps', PolicyType: 'StepScaling' },
      {
        ...policy,
        PolicyName: 'cpu',
        PolicyType: 'TargetTrackingScaling',
        TargetTrackingScalingPolicyConfiguration: {
          TargetValue: 60,
          PredefinedMetricSpecification: { PredefinedMetricType: 'ECSServiceAverageCPUUtilization' },
        },
      },
    ] as const;
    expect(toScaling(target, policies)).toEqual({
      min: 0,
      max: 6,
      policies: [
        { name: 'cpu', type: 'TargetTrackingScaling', metric: 'ECSServiceAverageCPUUtilization', target: 60 },
        { name: 'steps', type: 'StepScaling', metric: null, target: null },
      ],
    });
  });

  test('without limits is nothing', () => {
    expect(toScaling({ ...target, MaxCapacity: undefined }, [])).toBeNull();
  });
});
