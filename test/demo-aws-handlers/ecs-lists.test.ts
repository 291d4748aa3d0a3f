import type { ListServicesResponse, ListTasksResponse } from '@aws-sdk/client-ecs';
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

function numbered<T>(count: number, one: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => one(index));
}

describe('lists of ECS', () => {
  const services = numbered(23, (index) =>
    aService(
      `s-${index}`,
      index % 2 === 0 ? { launchType: 'FARGATE', schedulingStrategy: 'REPLICA' } : { schedulingStrategy: 'DAEMON' },
    ),
  );
  const call = caller(ecsOperations, contextOf(tinyWorld({ ecs: { services: new Map([[ROSE, services]]) } })));
  const list = (input: object) => call<ListServicesResponse>('ListServices', { cluster: 'rose', ...input });

  test('services come ten a page when nobody asks for more', () => {
    const first = list({});
    const second = list({ nextToken: first.nextToken });
    const third = list({ nextToken: second.nextToken });

    expect([first, second, third].map((page) => page.serviceArns?.length)).toEqual([10, 10, 3]);
    expect(third.nextToken).toBeUndefined();
    const all = [first, second, third].flatMap((page) => page.serviceArns ?? []);
    expect(all).toEqual(services.map((service) => service.serviceArn));
  });

  test('a hundred services a page are the most that can be asked for', () => {
    expect(list({ maxResults: 100 }).serviceArns).toHaveLength(23);
    expect(codeOf(() => list({ maxResults: 101 }))).toBe('InvalidParameterException');
    expect(codeOf(() => list({ maxResults: 0 }))).toBe('InvalidParameterException');
  });

  test('a page token belongs to the request that gave it', () => {
    const { nextToken } = list({});

    expect(codeOf(() => list({ nextToken, launchType: 'FARGATE' }))).toBe('InvalidParameterException');
    expect(codeOf(() => list({ nextToken: 'made-up' }))).toBe('InvalidParameterException');
    expect(codeOf(() => list({ nextToken, maxResults: 3 }))).toBe('none');
  });

  test('a service deleted between two pages makes no other one vanish', () => {
    const left = numbered(15, (index) => aService(`s-${index}`));
    const ask = caller(ecsOperations, contextOf(tinyWorld({ ecs: { services: new Map([[ROSE, left]]) } })));
    const first = ask<ListServicesResponse>('ListServices', { cluster: 'rose' });

    left.splice(2, 1);
    const second = ask<ListServicesResponse>('ListServices', { cluster: 'rose', nextToken: first.nextToken });

    expect(second.serviceArns).toEqual(left.slice(9).map((service) => service.serviceArn));
  });

  test('a page goes on at the right place when its last service is gone', () => {
    const left = numbered(15, (index) => aService(`s-${index}`));
    const ask = caller(ecsOperations, contextOf(tinyWorld({ ecs: { services: new Map([[ROSE, left]]) } })));
    const first = ask<ListServicesResponse>('ListServices', { cluster: 'rose' });

    left.splice(9, 1);
    const second = ask<ListServicesResponse>('ListServices', { cluster: 'rose', nextToken: first.nextToken });

    expect(second.serviceArns).toEqual(left.slice(9).map((service) => service.serviceArn));
  });

  test('filters choose by launch type and scheduling strategy', () => {
    expect(list({ launchType: 'FARGATE', maxResults: 100 }).serviceArns).toHaveLength(12);
    expect(list({ schedulingStrategy: 'DAEMON', maxResults: 100 }).serviceArns).toHaveLength(11);
  });

  test('an unknown cluster is an error, and so is leaving it out where there is no default one', () => {
    expect(codeOf(() => list({ cluster: 'tulip' }))).toBe('ClusterNotFoundException');
    expect(codeOf(() => call('ListTasks', {}))).toBe('ClusterNotFoundException');
  });
});

describe('ListTasks', () => {
  const tasks = [
    aTask('a'),
    aTask('b', { containerInstanceArn: ecsArn('container-instance/rose/c1'), launchType: 'EC2' }),
    aTask('c', { group: 'family:batch', taskDefinitionArn: ecsArn('task-definition/batch:3'), startedBy: 'cron' }),
    aTask('d', { desiredStatus: 'STOPPED', lastStatus: 'STOPPED' }),
  ];
  const world = tinyWorld({
    ecs: {
      services: new Map([[ROSE, [aService('quant-api')]]]),
      tasks: new Map([[ROSE, tasks]]),
      containerInstances: new Map([[ROSE, [anInstance('c1')]]]),
    },
  });
  const call = caller(ecsOperations, contextOf(world));
  const ids = (input: object) =>
    call<ListTasksResponse>('ListTasks', { cluster: ROSE, ...input }).taskArns?.map((arn) => arn.split('/').at(-1));

  test('shows running tasks unless stopped ones are asked for', () => {
    expect(ids({})).toEqual(['a', 'b', 'c']);
    expect(ids({ desiredStatus: 'STOPPED' })).toEqual(['d']);
    expect(ids({ desiredStatus: 'PENDING' })).toEqual([]);
  });

  test('filters by service, family, instance and launch type', () => {
    expect(ids({ serviceName: 'quant-api' })).toEqual(['a', 'b']);
    expect(ids({ family: 'batch' })).toEqual(['c']);
    expect(ids({ containerInstance: 'c1' })).toEqual(['b']);
    expect(ids({ launchType: 'FARGATE' })).toEqual(['a', 'c']);
    expect(ids({ startedBy: 'cron' })).toEqual(['c']);
  });

  test('sees tasks come, go and stop between two calls', () => {
    const moving = [aTask('a'), aTask('b'), aTask('c')];
    const services = new Map([[ROSE, [aService('quant-api')]]]);
    const ask = caller(ecsOperations, contextOf(tinyWorld({ ecs: { services, tasks: new Map([[ROSE, moving]]) } })));
    const running = () =>
      ask<ListTasksResponse>('ListTasks', { cluster: ROSE, serviceName: 'quant-api' }).taskArns?.map((arn) =>
        arn.split('/').at(-1),
      );
    expect(running()).toEqual(['a', 'b', 'c']);

    moving[1] = aTask('b', { desiredStatus: 'STOPPED' });
    expect(running()).toEqual(['a', 'c']);
    moving.shift();
    moving.push(aTask('d'));
    expect(running()).toEqual(['c', 'd']);
  });

  test('refuses filters that name nothing or do not go together', () => {
    expect(codeOf(() => ids({ serviceName: 'gone' }))).toBe('ServiceNotFoundException');
    expect(codeOf(() => ids({ containerInstance: 'gone' }))).toBe('InvalidParameterException');
    expect(codeOf(() => ids({ startedBy: 'cron', family: 'batch' }))).toBe('InvalidParameterException');
  });
});

describe('container instances', () => {
  const instances = [
    anInstance('c1', {
      attributes: [{ name: 'ecs.instance-type', value: 'm7i.large' }],
      runningTasksCount: 3,
      ec2InstanceId: 'i-1',
    }),
    anInstance('c2', { attributes: [{ name: 'ecs.instance-type', value: 'c7g.large' }], status: 'DRAINING' }),
    anInstance('c3', { attributes: [{ name: 'stack' }], status: 'INACTIVE' }),
  ];
  const world = tinyWorld({ ecs: { containerInstances: new Map([[ROSE, instances]]) } });
  const call = caller(ecsOperations, contextOf(world));
  const ids = (input: object) =>
    call<{ containerInstanceArns: string[] }>('ListContainerInstances', {
      cluster: 'rose',
      ...input,
    }).containerInstanceArns.map((arn) => arn.split('/').at(-1));

  test('are listed without inactive ones, or by one status', () => {
    expect(ids({})).toEqual(['c1', 'c2']);
    expect(ids({ status: 'DRAINING' })).toEqual(['c2']);
    expect(ids({ status: 'INACTIVE' })).toEqual(['c3']);
  });

  test.each([
    ['attribute:ecs.instance-type == m7i.large', ['c1']],
    ['attribute:ecs.instance-type =~ c7g.*', ['c2']],
    ['attribute:ecs.instance-type in [c7g.large, m7i.large]', ['c1', 'c2']],
    ['attribute:ecs.instance-type exists and runningTasksCount > 2', ['c1']],
    ['runningTasksCount < 1 or ec2InstanceId == i-1', ['c1', 'c2']],
    ['not (runningTasksCount >= 3)', ['c2']],
    ['attribute:stack !exists && agentConnected == true', ['c1', 'c2']],
  ])('can be asked for by %s', (filter, expected) => {
    expect(ids({ filter })).toEqual(expected);
  });

  test.each(['attribute:x', 'nonsense == 1', '(agentConnected == true', 'agentConnected ~ true', 'a == b c'])(
    'refuse the filter %s',
    (filter) => {
      expect(codeOf(() => ids({ filter }))).toBe('InvalidParameterException');
    },
  );
});

describe('task definitions', () => {
  const revisions = [
    aRevision('quant-api', 10),
    aRevision('quant-api', 9),
    aRevision('quant-api', 11, { status: 'INACTIVE' }),
    aRevision('batch', 1),
  ];
  const call = caller(ecsOperations, contextOf(tinyWorld({ ecs: { taskDefinitions: new Map(revisions) } })));
  const names = (input: object) =>
    call<{ taskDefinitionArns: string[] }>('ListTaskDefinitions', input).taskDefinitionArns.map((arn) =>
      arn.split('/').at(-1),
    );
  const describeOne = (taskDefinition: string, include?: string[]) =>
    call<{ taskDefinition: { revision: number }; tags?: object[] }>('DescribeTaskDefinition', {
      taskDefinition,
      include,
    });

  test('are listed by family and number, newest last unless asked otherwise', () => {
    expect(names({})).toEqual(['batch:1', 'quant-api:9', 'quant-api:10']);
    expect(names({ familyPrefix: 'quant-api', sort: 'DESC' })).toEqual(['quant-api:10', 'quant-api:9']);
    expect(names({ familyPrefix: 'quant' })).toEqual([]);
    expect(names({ status: 'INACTIVE' })).toEqual(['quant-api:11']);
  });

  test('a family alone means its newest active revision', () => {
    expect(describeOne('quant-api').taskDefinition.revision).toBe(10);
    expect(describeOne('quant-api:9').taskDefinition.revision).toBe(9);
    expect(describeOne(ecsArn('task-definition/quant-api:11')).taskDefinition.revision).toBe(11);
  });

  test('tags come only when asked for, and unknown ones are client errors', () => {
    expect(describeOne('batch').tags).toBeUndefined();
    expect(describeOne('batch', ['TAGS']).tags).toEqual([{ key: 'family', value: 'batch' }]);
    expect(codeOf(() => describeOne('nobody'))).toBe('ClientException');
    expect(codeOf(() => describeOne('batch:2'))).toBe('ClientException');
  });
});
