import { expect, test } from 'vitest';
import {
  type ClusterView,
  type CostModel,
  modelCluster,
  modelRegion,
  type PriceBook,
  type RegionPart,
  usdString,
} from '../../src/engine/index.ts';
import {
  aContainer,
  aContainerInstance,
  aDefinition,
  aFactBook,
  aManagedProvider,
  anInstance,
  aRegion,
  aService,
  aTask,
  aView,
  prices as book,
  instanceArn,
  NOW,
} from './cost-builders.ts';

/** Monday to Monday: 168 hours, all of them before now (Tuesday noon). */
const WEEK = { from: '2026-11-16', toExclusive: '2026-11-23' };
const TODAY = { from: '2026-11-24', toExclusive: '2026-11-25' };

function model(
  view: Partial<ClusterView>,
  region: RegionPart | null = aRegion(),
  { period = WEEK, prices = book }: { period?: typeof WEEK; prices?: PriceBook } = {},
): CostModel {
  return modelCluster({ view: aView(view), region, prices, facts: aFactBook(), now: NOW, period });
}

/** `service kind -> USD`, idle as `-`. */
function usd({ rows }: CostModel): Record<string, string> {
  return Object.fromEntries(
    rows.map(({ service, capacityKind, nano }) => [`${service ?? '-'} ${capacityKind}`, usdString(nano)]),
  );
}

const days = (minutes: number, from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => ({ day: `2026-11-${from + index}`, minutes }));

function measured(service: string, taskMinutes: { day: string; minutes: number }[], to = NOW) {
  return { service, from: '2026-11-10T00:00:00.000Z', to, cpuPercent: null, memoryPercent: null, taskMinutes };
}

const HEAD_SHARDS = {
  services: [aService('head-shards', { desiredCount: 40, runningCount: 40 })],
  taskDefinitions: [aDefinition('head-shards', { cpuUnits: 4096, memoryMiB: 30_720 })],
};

test('forty tasks of 4 vCPU and 30 GiB cost 1,984.21 in a week', () => {
  // 40 x 168 h x (4 x 0.04048 + 30 x 0.004445) = 6,720 x 0.29527 = 1,984.2144
  const given = model({ ...HEAD_SHARDS, utilisation: [measured('head-shards', days(57_600, 10, 24))] });

  expect(usd(given)).toEqual({ 'head-shards fargate': '1984.2144' });
  expect(given.rows[0]).toMatchObject({ hours: '6720', basis: 'measured', isIdle: false, cluster: 'rose' });
});

test('a service that ran for a part of the week is charged for that part', () => {
  // Only Wednesday had tasks: 600 minutes = 10 h x (0.04048 + 2 x 0.004445) = 10 x 0.04937
  const given = model({
    services: [aService('night', { desiredCount: 0, runningCount: 0 })],
    taskDefinitions: [aDefinition('night')],
    utilisation: [measured('night', [{ day: '2026-11-18', minutes: 600 }])],
  });

  expect(usd(given)).toEqual({ 'night fargate': '0.4937' });
});

test('a day that metrics were read for and that has no row is a day without tasks', () => {
  const given = model({
    services: [aService('new'), aService('old')],
    taskDefinitions: [aDefinition('new'), aDefinition('old')],
    // `old` shows that reading began on the 10th, so `new` had no task until the 20th, whenever it was created.
    utilisation: [measured('new', days(1440, 20, 24)), measured('old', days(1440, 10, 24))],
  });

  // 3 x 24 h and 168 h x 0.04937
  expect(usd(given)).toEqual({ 'new fargate': '3.55464', 'old fargate': '8.29416' });
});

test('today counts up to now: what was measured, and since then what runs', () => {
  // 06:00-12:00 beyond the last metrics: 2 tasks, one of them since 10:00: 6 h + 2 h; measured 2 x 360 minutes = 12 h
  const given = model(
    {
      services: [aService('api', { desiredCount: 2, runningCount: 2 })],
      taskDefinitions: [aDefinition('api')],
      tasks: [aTask('api'), aTask('api', { pullStartedAt: '2026-11-24T10:00:00.000Z' })],
      utilisation: [measured('api', [{ day: '2026-11-24', minutes: 720 }], '2026-11-24T06:00:00.000Z')],
    },
    aRegion(),
    { period: TODAY },
  );

  expect(given.rows[0]).toMatchObject({ hours: '20', basis: 'measured' });
  // 20 h x 0.04937
  expect(usd(given)).toEqual({ 'api fargate': '0.9874' });
});

test('days to come cost nothing', () => {
  const given = model({ ...HEAD_SHARDS, utilisation: [measured('head-shards', days(57_600, 10, 24))] }, aRegion(), {
    period: { from: '2026-11-25', toExclusive: '2026-12-01' },
  });

  expect(given.rows).toEqual([]);
});

test('without metrics the running tasks are taken to have run since the service was created, and it says so', () => {
  // Created Saturday noon: 36 h until Monday, 2 tasks, 72 h x 0.04937 = 3.55464
  const facts = aFactBook();
  const given = modelCluster({
    view: aView({
      services: [aService('api', { runningCount: 2, createdAt: '2026-11-21T12:00:00.000Z' })],
      taskDefinitions: [aDefinition('api')],
      tasks: [aTask('api', { pullStartedAt: '2026-11-24T11:00:00.000Z' })],
    }),
    region: aRegion(),
    prices: book,
    facts,
    now: NOW,
    period: WEEK,
  });

  expect(usd(given)).toEqual({ 'api fargate': '3.55464' });
  expect(given.rows[0]?.basis).toBe('assumed');
  expect(given.assumptions).toContain('cost.hours-without-metrics');
});

test('standalone tasks are charged from their image pull, under their family', () => {
  // Since Sunday noon: 12 h x 0.04937
  const task = aTask('', {
    group: 'family:load',
    taskDefinition: aDefinition('load').arn,
    pullStartedAt: '2026-11-22T12:00:00.000Z',
  });
  const waiting = { ...task, arn: `${task.arn}-2`, pullStartedAt: null, startedAt: null, lastStatus: 'PROVISIONING' };
  const given = model({ taskDefinitions: [aDefinition('load')], tasks: [task, waiting] });

  expect(usd(given)).toEqual({ 'family:load fargate': '0.59244' });
  expect(given.families).toEqual(['family:load']);
});

test('the present tasks say how much is Spot', () => {
  // One of four on Fargate: 168 h x 0.04937 = 8.29416; three on Spot: 504 h x (0.01288561 + 2 x 0.00141493)
  const spot = { capacityProvider: 'FARGATE_SPOT', launchType: null };
  const given = model({
    services: [aService('sim', { desiredCount: 4, runningCount: 4, launchType: null })],
    taskDefinitions: [aDefinition('sim')],
    tasks: [aTask('sim', { ...spot, capacityProvider: 'FARGATE' }), ...[1, 2, 3].map(() => aTask('sim', spot))],
    utilisation: [measured('sim', days(4 * 1440, 10, 24))],
  });

  expect(usd(given)).toEqual({ 'sim fargate': '8.29416', 'sim fargate-spot': '7.92059688' });
});

test('without tasks the weights of the strategy say it', () => {
  const strategy = [
    { capacityProvider: 'FARGATE', weight: 1, base: 0 },
    { capacityProvider: 'FARGATE_SPOT', weight: 3, base: 0 },
  ];
  const given = model({
    services: [aService('sim', { desiredCount: 0, runningCount: 0, launchType: null, strategy })],
    taskDefinitions: [aDefinition('sim')],
    utilisation: [measured('sim', days(4 * 1440, 10, 24))],
  });

  expect(usd(given)).toEqual({ 'sim fargate': '8.29416', 'sim fargate-spot': '7.92059688' });
});

test('storage above 20 GiB and public addresses are added where they are', () => {
  // 168 h x (0.04937 + 80 x 0.000111 + 0.005) = 168 x 0.06325
  const given = model({
    services: [aService('web', { assignPublicIp: true })],
    taskDefinitions: [aDefinition('web', { ephemeralStorageGiB: 100 })],
    utilisation: [measured('web', days(1440, 10, 24))],
  });

  expect(usd(given)).toEqual({ 'web fargate': '10.626' });
});

test('two tasks share an instance by the larger of CPU and memory, and the rest is idle', () => {
  // 168 h x 0.306 = 51.408. a: 2,048 of 8,192 CPU = 1/4. b: 7,782 of 15,564 MiB = 1/2. Idle: 1/4.
  const given = model(
    {
      services: [aService('a', { launchType: 'EC2' }), aService('b', { launchType: 'EC2' })],
      taskDefinitions: [
        aDefinition('a', { cpuUnits: 2048, memoryMiB: 3072 }),
        aDefinition('b', { cpuUnits: 1024, memoryMiB: 7782 }),
      ],
      tasks: [
        aTask('a', { containerInstance: instanceArn('i-1') }),
        aTask('b', { containerInstance: instanceArn('i-1') }),
      ],
      containerInstances: [aContainerInstance('i-1')],
    },
    aRegion({ instances: [anInstance('i-1')] }),
  );

  expect(usd(given)).toEqual({ 'a asg-on-demand': '12.852', 'b asg-on-demand': '25.704', '- asg-on-demand': '12.852' });
  expect(given.rows.map(({ isIdle }) => isIdle)).toEqual([false, false, true]);
  expect(given.emptyInstances).toEqual([]);
});

test('tasks are counted by their soft memory limit; an over-committed instance is shared out whole', () => {
  // CPU: 4,096 of 8,192 each = 1/2, three times = 3/2, so each pays a third of 51.408. By hard limits it would be more.
  const containers = [aContainer({ cpuUnits: 4096, memoryMiB: 8192, memoryReservationMiB: 1024 })];
  const names = ['a', 'b', 'c'];
  const given = model(
    {
      services: names.map((name) => aService(name, { launchType: 'EC2' })),
      taskDefinitions: names.map((name) => aDefinition(name, { cpuUnits: null, memoryMiB: null, containers })),
      tasks: names.map((name) => aTask(name, { containerInstance: instanceArn('i-1'), memoryMiB: 8192 })),
      containerInstances: [aContainerInstance('i-1')],
    },
    aRegion({ instances: [anInstance('i-1')] }),
  );

  expect(usd(given)).toEqual({
    'a asg-on-demand': '17.136',
    'b asg-on-demand': '17.136',
    'c asg-on-demand': '17.136',
  });
});

test('Managed Instances add the fee and their volume; a draining one counts too', () => {
  // 51.408 + 12 % = 6.16896 + 80 GiB x 0.08 x 168 / 730 = 1.472876712
  const given = model(
    {
      providers: [aManagedProvider('on-demand')],
      containerInstances: [aContainerInstance('i-1', { capacityProvider: 'mi-on-demand', status: 'DRAINING' })],
    },
    aRegion({ instances: [anInstance('i-1', { volumes: [{ id: 'vol-1', sizeGiB: 80, type: 'gp3' }] })] }),
  );

  expect(usd(given)).toEqual({ '- mi-on-demand': '59.049836712' });
  expect(given.emptyInstances).toEqual([
    // 730 x 0.34272 + 6.4
    {
      id: 'i-1',
      instanceType: 'c6a.2xlarge',
      capacityKind: 'mi-on-demand',
      tasks: 0,
      nano: 59_049_836_712n,
      usdPerMonth: '256.5856',
    },
  ]);
  expect(given.usage[0]).toMatchObject({ diskNano: 1_472_876_712n });
});

test('an instance with nothing but a daemon counts as empty, and the daemon pays its share', () => {
  // 1,024 of 8,192 CPU = 1/8 of 51.408
  const given = model(
    {
      services: [aService('agent', { launchType: 'EC2', schedulingStrategy: 'DAEMON' })],
      taskDefinitions: [aDefinition('agent', { cpuUnits: 1024, memoryMiB: 256 })],
      tasks: [aTask('agent', { containerInstance: instanceArn('i-1') })],
      containerInstances: [aContainerInstance('i-1')],
    },
    aRegion({ instances: [anInstance('i-1')] }),
  );

  expect(usd(given)).toEqual({ 'agent asg-on-demand': '6.426', '- asg-on-demand': '44.982' });
  expect(given.emptyInstances.map(({ id }) => id)).toEqual(['i-1']);
});

const SPOT_HOST = {
  providers: [aManagedProvider('spot')],
  containerInstances: [aContainerInstance('i-1', { capacityProvider: 'mi-spot' })],
};
const SPOT_INSTANCE = anInstance('i-1', { lifecycle: 'spot' });

test('Spot costs the newest price of type and zone; the fee stays 12 % of on-demand', () => {
  // 168 h x (0.1 + 0.03672)
  const rows = [
    { type: 'c6a.2xlarge', az: 'us-east-1a', usdPerHour: '0.2', at: '2026-11-20T00:00:00.000Z' },
    { type: 'c6a.2xlarge', az: 'us-east-1a', usdPerHour: '0.1', at: '2026-11-24T00:00:00.000Z' },
    { type: 'c6a.2xlarge', az: 'us-east-1b', usdPerHour: '0.3', at: '2026-11-24T01:00:00.000Z' },
  ];
  const given = model(SPOT_HOST, aRegion({ instances: [SPOT_INSTANCE], spotPrices: rows }));

  expect(usd(given)).toEqual({ '- mi-spot': '22.96896' });
  expect(given.assumptions).toContain('cost.spot-price-now');
});

test('where no Spot price was read the saving of the price book is taken, and without one there is no price', () => {
  // 168 h x (0.306 x 40 % + 0.03672) = 168 x 0.15912
  const region = aRegion({ instances: [SPOT_INSTANCE] });
  const known = model(SPOT_HOST, region, { prices: { ...book, spotSavingPercent: { 'c6a.2xlarge': 60 } } });
  const unknown = model(SPOT_HOST, region, { prices: { ...book, spotSavingPercent: {} } });

  expect(usd(known)).toEqual({ '- mi-spot': '26.73216' });
  expect(unknown.rows).toEqual([]);
  expect(unknown.unpriced).toEqual([{ subject: 'i-1', because: 'no Spot price for c6a.2xlarge in us-east-1' }]);
});

test('an instance costs from its launch to its end; an ended one is a row of its own, not idle', () => {
  // Launched Sunday 00:00: 24 h x 0.306. Ended Tuesday 00:00, 24 h into the week: the same.
  const gone = anInstance('i-2', {
    endedAt: '2026-11-17T00:00:00.000Z',
    operator: 'ecs.amazonaws.com',
    tags: { 'aws:ecs:clusterName': 'rose' },
  });
  const given = model(
    { containerInstances: [aContainerInstance('i-1')] },
    aRegion({ instances: [anInstance('i-1', { launchedAt: '2026-11-22T00:00:00.000Z' }), gone] }),
  );

  // MI by its operator: 7.344 x 1.12
  expect(usd(given)).toEqual({ '- asg-on-demand': '7.344', '(ended instances) mi-on-demand': '8.22528' });
  expect(given.rows[1]?.isIdle).toBe(false);
  expect(given.counted).toEqual(['i-1', 'i-2']);
});

test('an ended instance of another cluster is left to that one', () => {
  const gone = anInstance('i-2', { endedAt: '2026-11-17T00:00:00.000Z', tags: { 'aws:ecs:clusterName': 'tulip' } });

  expect(model({}, aRegion({ instances: [gone] })).rows).toEqual([]);
});

test('a stopped instance costs its volume only', () => {
  // 30 GiB x 0.08 x 168 / 730 = 0.552328767
  const given = model(
    { containerInstances: [aContainerInstance('i-1')] },
    aRegion({
      instances: [anInstance('i-1', { state: 'stopped', volumes: [{ id: 'vol-1', sizeGiB: 30, type: 'gp3' }] })],
    }),
  );

  expect(usd(given)).toEqual({ '- asg-on-demand': '0.552328767' });
});

test('an instance that EC2 was not read for is priced from what ECS knows, as an assumption', () => {
  const given = model(
    { containerInstances: [aContainerInstance('i-1', { registeredAt: '2026-11-22T00:00:00.000Z' })] },
    null,
  );

  expect(usd(given)).toEqual({ '- asg-on-demand': '7.344' });
  expect(given.rows[0]?.basis).toBe('assumed');
});

test('machines of ECS Anywhere cost their hourly fee', () => {
  // 168 h x 0.01025
  const given = model({
    containerInstances: [aContainerInstance('i-1', { ec2InstanceId: null, instanceType: null })],
  });

  expect(usd(given)).toEqual({ '- external': '1.722' });
});

test('what cannot be priced is named, never taken for nothing', () => {
  const given = model(
    {
      services: [aService('win'), aService('lost')],
      taskDefinitions: [aDefinition('win', { operatingSystem: 'WINDOWS_SERVER_2022_CORE' })],
      containerInstances: [aContainerInstance('i-1')],
    },
    aRegion({ instances: [anInstance('i-1', { type: 'z99.large' })] }),
  );

  expect(given.rows).toEqual([]);
  expect(given.unpriced).toEqual([
    { subject: 'win', because: 'Windows on Fargate has no price here' },
    { subject: 'lost', because: 'its task definition was not read' },
    { subject: 'i-1', because: 'no price for z99.large in us-east-1' },
  ]);
});

test('an empty cluster costs nothing: ECS itself is free', () => {
  const facts = aFactBook();
  const given = modelCluster({ view: aView(), region: aRegion(), prices: book, facts, now: NOW, period: WEEK });

  expect(given.rows).toEqual([]);
  expect(facts.used().map(({ id }) => id)).toContain('ecs.no-control-plane-charge');
});

test('a period that ends before it begins is a bug, not a bill', () => {
  expect(() => model({}, aRegion(), { period: { from: '2026-11-23', toExclusive: '2026-11-16' } })).toThrow(
    'backwards',
  );
});

function beside(region: Partial<RegionPart>, taken: readonly string[] = []): CostModel {
  return modelRegion({
    account: '111122223333',
    regionName: 'us-east-1',
    region: aRegion(region),
    prices: book,
    facts: aFactBook(),
    now: NOW,
    period: WEEK,
    taken: new Set(taken),
  });
}

const RESERVATION = {
  id: 'cr-1',
  instanceType: 'm7i.4xlarge',
  az: 'us-east-1a',
  total: 4,
  available: 3,
  state: 'active',
  startedAt: '2026-08-01T00:00:00.000Z',
  endsAt: null,
};

test('empty reserved instances are idle at the on-demand price', () => {
  // 3 x 168 h x 0.8064
  const given = beside({ capacityReservations: [RESERVATION] });

  expect(usd(given)).toEqual({ '(empty reservation m7i.4xlarge) mi-reserved': '406.4256' });
  expect(given.rows[0]).toMatchObject({ isIdle: true, cluster: null, basis: 'assumed' });
});

test('a reservation that ended, is full or is not active costs nothing of its own', () => {
  const capacityReservations = [
    { ...RESERVATION, available: 0 },
    { ...RESERVATION, state: 'expired' },
    { ...RESERVATION, endsAt: '2026-11-16T00:00:00.000Z' },
  ];

  expect(beside({ capacityReservations }).rows).toEqual([]);
});

test('every instance of a region is counted once: by its cluster, or beside them', () => {
  const instances = [anInstance('i-1'), anInstance('i-2'), anInstance('i-3', { endedAt: '2026-11-17T00:00:00.000Z' })];
  const given = beside({ instances }, ['i-1']);

  expect(usd(given)).toEqual({
    '(ended instances) asg-on-demand': '7.344',
    '(instances of unread clusters) asg-on-demand': '51.408',
  });
  expect(given.counted).toEqual(['i-3', 'i-2']);
});
