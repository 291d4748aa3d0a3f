import type {
  DescribeCapacityProvidersResponse,
  DescribeClustersResponse,
  DescribeContainerInstancesResponse,
  DescribeServiceDeploymentsResponse,
  DescribeServiceRevisionsResponse,
  DescribeServicesResponse,
  DescribeTasksResponse,
  GetTaskProtectionResponse,
  ListAccountSettingsResponse,
  ListServiceDeploymentsResponse,
  ListTagsForResourceResponse,
  Service,
} from '@aws-sdk/client-ecs';
import { describe, expect, test } from 'vitest';
import { ecsOperations } from '../../demo/aws/handlers/ecs.ts';
import {
  anInstance,
  aRevision,
  aService,
  aTask,
  caller,
  codeOf,
  contextOf,
  ecsArn,
  ROSE,
  tinyWorld,
} from './tiny-world.ts';

function callEcs(ecs: NonNullable<Parameters<typeof tinyWorld>[0]>['ecs']) {
  return caller(ecsOperations, contextOf(tinyWorld({ ecs })));
}

describe('DescribeServices', () => {
  test('shows what is there in the order asked for and names what is missing', () => {
    const call = callEcs({ services: new Map([[ROSE, [aService('a'), aService('b')]]]) });

    const answer = call<DescribeServicesResponse>('DescribeServices', {
      cluster: 'rose',
      services: ['b', 'gone', ecsArn('service/rose/a')],
    });

    expect(answer.services?.map((service) => service.serviceName)).toEqual(['b', 'a']);
    expect(answer.failures).toEqual([{ arn: ecsArn('service/rose/gone'), reason: 'MISSING' }]);
    expect(answer.services?.[0]?.tags).toBeUndefined();
  });

  test('shows tags only when they are included', () => {
    const call = callEcs({ services: new Map([[ROSE, [aService('a')]]]) });
    const input = { cluster: 'rose', services: ['a'], include: ['TAGS'] };

    const { services } = call<DescribeServicesResponse>('DescribeServices', input);

    expect(services?.[0]?.tags).toEqual([{ key: 'team', value: 'pricing' }]);
  });

  test('takes ten services, not eleven and not none', () => {
    const call = callEcs({ services: new Map([[ROSE, [aService('a')]]]) });
    const ask = (count: number) => () =>
      call('DescribeServices', { cluster: 'rose', services: Array.from({ length: count }, () => 'a') });

    expect(codeOf(ask(10))).toBe('none');
    expect(codeOf(ask(11))).toBe('InvalidParameterException');
    expect(codeOf(ask(0))).toBe('InvalidParameterException');
  });

  test('refuses the ARN of another cluster', () => {
    const call = callEcs({ services: new Map() });
    const input = { cluster: 'rose', services: [ecsArn('service/tulip/a')] };

    expect(codeOf(() => call('DescribeServices', input))).toBe('InvalidParameterException');
  });

  test('sees at once what was deleted, added or replaced', () => {
    const services: Service[] = [aService('a'), aService('b'), aService('c')];
    const call = callEcs({ services: new Map([[ROSE, services]]) });
    const counts = (...names: string[]) =>
      call<DescribeServicesResponse>('DescribeServices', { cluster: 'rose', services: names }).services?.map(
        (service) => `${service.serviceName} ${service.desiredCount}`,
      );
    expect(counts('a', 'b', 'c')).toEqual(['a 1', 'b 1', 'c 1']);

    services.splice(0, 1);
    services.push(aService('d'));
    services[0] = aService('b', { desiredCount: 7 });

    expect(counts('a', 'b', 'c', 'd')).toEqual(['b 7', 'c 1', 'd 1']);
  });
});

describe('DescribeClusters', () => {
  const cluster = {
    clusterArn: ROSE,
    clusterName: 'rose',
    status: 'ACTIVE',
    activeServicesCount: 99,
    statistics: [{ name: 'runningFargateTasksCount', value: '2' }],
    tags: [{ key: 'team', value: 'pricing' }],
    settings: [{ name: 'containerInsights' as const, value: 'enabled' }],
    configuration: { executeCommandConfiguration: { logging: 'NONE' as const } },
    attachmentsStatus: 'UPDATE_COMPLETE',
  };
  const call = callEcs({
    clusters: [cluster],
    services: new Map([[ROSE, [aService('a'), aService('b'), aService('c', { status: 'DRAINING' })]]]),
    tasks: new Map([
      [ROSE, [aTask('1'), aTask('2', { lastStatus: 'PENDING' }), aTask('3', { lastStatus: 'STOPPED' })]],
    ]),
    containerInstances: new Map([[ROSE, [anInstance('x'), anInstance('y', { status: 'INACTIVE' })]]]),
  });
  const first = (include?: string[]) =>
    call<DescribeClustersResponse>('DescribeClusters', { clusters: ['rose'], include }).clusters?.[0];

  test('counts what the cluster holds', () => {
    expect(first()).toMatchObject({
      activeServicesCount: 2,
      runningTasksCount: 1,
      pendingTasksCount: 1,
      registeredContainerInstancesCount: 1,
    });
  });

  test('keeps tags, settings, statistics and configuration back until they are included', () => {
    expect(first()).toMatchObject({ tags: [], settings: [], statistics: [] });
    expect(first()?.configuration).toBeUndefined();
    expect(first()?.attachmentsStatus).toBeUndefined();
    expect(first(['TAGS', 'SETTINGS', 'STATISTICS', 'CONFIGURATIONS', 'ATTACHMENTS'])).toMatchObject({
      tags: cluster.tags,
      settings: cluster.settings,
      statistics: cluster.statistics,
      configuration: cluster.configuration,
      attachmentsStatus: 'UPDATE_COMPLETE',
    });
  });

  test('answers a missing cluster with a failure', () => {
    const answer = call<DescribeClustersResponse>('DescribeClusters', { clusters: ['rose', 'daisy'] });

    expect(answer.clusters).toHaveLength(1);
    expect(answer.failures).toEqual([{ arn: ecsArn('cluster/daisy'), reason: 'MISSING' }]);
  });
});

describe('DescribeCapacityProviders', () => {
  const asg = Array.from({ length: 11 }, (_, index) => ({
    name: `asg-${index}`,
    capacityProviderArn: ecsArn(`capacity-provider/asg-${index}`),
    type: 'EC2_AUTOSCALING' as const,
    tags: [{ key: 'team', value: 'pricing' }],
  }));
  const managed = {
    name: 'mi',
    capacityProviderArn: ecsArn('capacity-provider/mi'),
    cluster: ROSE,
    type: 'MANAGED_INSTANCES' as const,
  };
  const clusters = [
    { clusterArn: ROSE, clusterName: 'rose', status: 'ACTIVE', capacityProviders: ['FARGATE', 'asg-3', 'mi'] },
  ];
  const call = callEcs({ clusters, capacityProviders: [...asg, managed] });
  const ask = (input: object) => {
    const answer = call<DescribeCapacityProvidersResponse>('DescribeCapacityProviders', input);
    return { ...answer, names: answer.capacityProviders?.map((provider) => provider.name) };
  };

  test("lists the account's own ten a page, without those that belong to a cluster", () => {
    const one = ask({});
    const two = ask({ nextToken: one.nextToken });

    expect(one.names).toEqual(['FARGATE', 'FARGATE_SPOT', ...asg.slice(0, 8).map(({ name }) => name)]);
    expect(two.names).toEqual(['asg-8', 'asg-9', 'asg-10']);
    expect(codeOf(() => ask({ maxResults: 11 }))).toBe('InvalidParameterException');
  });

  test('with a cluster shows those associated with it, Managed Instances included', () => {
    expect(ask({ cluster: 'rose' }).names).toEqual(['FARGATE', 'asg-3', 'mi']);
    expect(codeOf(() => ask({ cluster: 'daisy' }))).toBe('ClusterNotFoundException');
  });

  test('finds by name or ARN, and a Managed Instances one by name only with its cluster', () => {
    const asked = ['asg-1', managed.capacityProviderArn, 'mi'];

    expect(ask({ capacityProviders: asked }).names).toEqual(['asg-1', 'mi']);
    expect(ask({ capacityProviders: asked }).failures).toEqual([
      { arn: managed.capacityProviderArn, reason: 'MISSING' },
    ]);
    expect(ask({ capacityProviders: ['mi'], cluster: 'rose' }).names).toEqual(['mi']);
  });

  test('shows tags only when they are included', () => {
    const tagsOf = (include?: string[]) => ask({ capacityProviders: ['asg-1'], include }).capacityProviders?.[0]?.tags;

    expect(tagsOf()).toEqual([]);
    expect(tagsOf(['TAGS'])).toEqual([{ key: 'team', value: 'pricing' }]);
  });
});

describe('tasks and instances', () => {
  const tasks = [aTask('1', { tags: [{ key: 'k', value: 'v' }] }), aTask('2', { group: 'family:batch' })];
  const call = callEcs({
    tasks: new Map([[ROSE, tasks]]),
    containerInstances: new Map([[ROSE, [anInstance('x')]]]),
    protection: new Map([[ecsArn('task/rose/1'), { taskArn: ecsArn('task/rose/1'), protectionEnabled: true }]]),
  });

  test('a stopped task that is gone is a failure, the others are shown', () => {
    const answer = call<DescribeTasksResponse>('DescribeTasks', { cluster: 'rose', tasks: ['1', '9'] });

    expect(answer.tasks?.map((task) => [task.taskArn, task.tags])).toEqual([[ecsArn('task/rose/1'), []]]);
    expect(answer.failures).toEqual([{ arn: ecsArn('task/rose/9'), reason: 'MISSING' }]);
  });

  test('a hundred tasks a call are the most', () => {
    const ask = (count: number) => () =>
      call('DescribeTasks', { cluster: 'rose', tasks: Array.from({ length: count }, () => '1') });

    expect([codeOf(ask(100)), codeOf(ask(101))]).toEqual(['none', 'InvalidParameterException']);
  });

  test('protection is only of tasks of a service', () => {
    const answer = call<GetTaskProtectionResponse>('GetTaskProtection', { cluster: 'rose', tasks: ['1', '2', '9'] });

    expect(answer.protectedTasks).toEqual([{ taskArn: ecsArn('task/rose/1'), protectionEnabled: true }]);
    expect(answer.failures).toEqual([
      { arn: ecsArn('task/rose/2'), reason: 'TASK_NOT_VALID' },
      { arn: ecsArn('task/rose/9'), reason: 'MISSING' },
    ]);
  });

  test('health and tags of an instance come only when included', () => {
    const one = (include?: string[]) =>
      call<DescribeContainerInstancesResponse>('DescribeContainerInstances', {
        cluster: 'rose',
        containerInstances: ['x'],
        include,
      }).containerInstances?.[0];

    expect(one()?.healthStatus).toBeUndefined();
    expect(one()?.tags).toEqual([]);
    expect(one(['CONTAINER_INSTANCE_HEALTH', 'TAGS'])).toMatchObject({
      healthStatus: { overallStatus: 'OK' },
      tags: [{ key: 'team', value: 'pricing' }],
    });
  });
});

describe('deployments', () => {
  const created = new Date('2026-11-24T11:00:00Z');
  const before = new Date('2026-11-01T00:00:00Z');
  const service = aService('a', {
    deployments: [
      { id: 'ecs-svc/2', status: 'PRIMARY', rolloutState: 'IN_PROGRESS', createdAt: created, taskDefinition: 'td:2' },
      { id: 'ecs-svc/1', status: 'ACTIVE', rolloutState: 'COMPLETED', createdAt: before, taskDefinition: 'td:1' },
    ],
  });
  const call = callEcs({ services: new Map([[ROSE, [service]]]) });
  const list = (input: object) =>
    call<ListServiceDeploymentsResponse>('ListServiceDeployments', { cluster: 'rose', service: 'a', ...input });

  test('of a service are listed with their status, and by it', () => {
    expect(list({}).serviceDeployments?.map(({ status }) => status)).toEqual(['IN_PROGRESS', 'SUCCESSFUL']);
    expect(list({ status: ['SUCCESSFUL'] }).serviceDeployments).toHaveLength(1);
    expect(list({ createdAt: { after: before } }).serviceDeployments).toHaveLength(1);
    expect(codeOf(() => list({ service: 'gone' }))).toBe('ServiceNotFoundException');
  });

  test('lead to the revisions they replace and bring', () => {
    const arn = list({}).serviceDeployments?.[0]?.serviceDeploymentArn ?? '';

    const { serviceDeployments, failures } = call<DescribeServiceDeploymentsResponse>('DescribeServiceDeployments', {
      serviceDeploymentArns: [arn, `${arn}9`],
    });
    const target = serviceDeployments?.[0]?.targetServiceRevision?.arn ?? '';
    const source = serviceDeployments?.[0]?.sourceServiceRevisions?.[0]?.arn ?? '';
    const { serviceRevisions } = call<DescribeServiceRevisionsResponse>('DescribeServiceRevisions', {
      serviceRevisionArns: [target, source],
    });

    expect(failures).toEqual([{ arn: `${arn}9`, reason: 'MISSING' }]);
    expect(serviceRevisions?.map(({ taskDefinition }) => taskDefinition)).toEqual(['td:2', 'td:1']);
  });
});

describe('settings, tags and daemons', () => {
  const setting = {
    name: 'fargateEventWindows' as const,
    value: 'enabled',
    principalArn: 'arn:x',
    type: 'user' as const,
  };
  const call = callEcs({
    settings: [setting],
    services: new Map([[ROSE, [aService('a')]]]),
    taskDefinitions: new Map([aRevision('batch', 1)]),
  });

  test('effective settings are what was set over the defaults, ten a page', () => {
    const ask = (input: object) => call<ListAccountSettingsResponse>('ListAccountSettings', input);
    const first = ask({ effectiveSettings: true });
    const second = ask({ effectiveSettings: true, nextToken: first.nextToken });
    const all = [...(first.settings ?? []), ...(second.settings ?? [])];

    expect([first.settings?.length, second.settings?.length]).toEqual([10, 1]);
    expect(all.find(({ name }) => name === 'fargateEventWindows')?.value).toBe('enabled');
    expect(all.find(({ name }) => name === 'fargateTaskRetirementWaitPeriod')?.value).toBe('7');
    expect(ask({}).settings).toEqual([setting]);
    expect(codeOf(() => ask({ value: 'on' }))).toBe('InvalidParameterException');
  });

  test('anything with an ARN can be asked for its tags', () => {
    const tags = (resourceArn: string) =>
      call<ListTagsForResourceResponse>('ListTagsForResource', { resourceArn }).tags;

    expect(tags(ecsArn('service/rose/a'))).toEqual([{ key: 'team', value: 'pricing' }]);
    expect(tags(ecsArn('task-definition/batch:1'))).toEqual([{ key: 'family', value: 'batch' }]);
    expect(tags(ROSE)).toEqual([]);
    expect(codeOf(() => tags(ecsArn('service/rose/gone')))).toBe('InvalidParameterException');
  });

  test('there are no daemons', () => {
    expect(call('ListDaemons', { clusterArn: ROSE })).toEqual({ daemonSummariesList: [] });
    expect(codeOf(() => call('DescribeDaemon', { daemonArn: 'arn:x' }))).toBe('DaemonNotFoundException');
  });
});
