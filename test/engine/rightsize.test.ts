import { describe, expect, test } from 'vitest';
import {
  type ClusterView,
  type ComputeOptimizerFinding,
  type RightsizeQuestion,
  type RightsizeResult,
  rightsizeCluster,
  type Service,
  type ServiceUtilisation,
  type SizeAdvice,
} from '../../src/engine/index.ts';
import {
  aContainerInstance,
  aDefinition,
  aFactBook,
  aManagedProvider,
  anInstance,
  aRegion,
  aService,
  aTask,
  aView,
  instanceArn,
  NOW,
  prices,
} from './cost-builders.ts';

type Used = { readonly p95: number; readonly maximum: number };

/** Two weeks of one task, used as said. */
function used(
  service: string,
  cpu: Used | null,
  memory: Used | null,
  changes: Partial<ServiceUtilisation> = {},
): ServiceUtilisation {
  return {
    service,
    from: '2026-11-10T12:00:00.000Z',
    to: NOW,
    cpuPercent: cpu,
    memoryPercent: memory,
    taskMinutes: Array.from({ length: 14 }, (_, index) => ({ day: `2026-11-${10 + index}`, minutes: 1440 })),
    ...changes,
  };
}

function rightsize(view: Partial<ClusterView>, changes: Partial<RightsizeQuestion> = {}): RightsizeResult {
  return rightsizeCluster({
    view: aView(view),
    region: aRegion(),
    prices,
    facts: aFactBook(),
    now: NOW,
    marginPercent: null,
    minimumSaving: { percent: 10, usdPerMonth: 25 },
    ...changes,
  });
}

function only(result: RightsizeResult): SizeAdvice {
  const [row] = result.rows;
  if (row === undefined || result.rows.length > 1) throw new Error(`${result.rows.length} rows`);
  return row;
}

const onCpuAt = (target: number): Service['autoscaling'] => ({
  min: 40,
  max: 80,
  policies: [{ name: 'cpu', type: 'TargetTrackingScaling', metric: 'ECSServiceAverageCPUUtilization', target }],
});

/** 12.4 GiB of 30 at the 95th percentile, 14.4 at most. */
const HEAD_SHARDS: Partial<ClusterView> = {
  services: [aService('head-shards', { desiredCount: 40, runningCount: 40, autoscaling: onCpuAt(60) })],
  taskDefinitions: [aDefinition('head-shards', { cpuUnits: 4096, memoryMiB: 30_720 })],
  utilisation: [used('head-shards', { p95: 11, maximum: 14.3 }, { p95: (12.4 / 30) * 100, maximum: 48 })],
};

test('head-shards: 40 tasks of 4 vCPU and 30 GiB go to 2 vCPU and 16 GiB and save 4,181.15', () => {
  // Memory: 12.4 x 1.2 = 14.88 GiB, 14.4 x 1.1 = 15.84 GiB -> 16 GiB; CPU: 451 x 1.2 = 541 units; 16 GiB need 2 vCPU.
  // 40 x 730 x (4 x 0.04048 + 30 x 0.004445) = 29,200 x 0.29527 = 8,621.884
  // 40 x 730 x (2 x 0.04048 + 16 x 0.004445) = 29,200 x 0.15208 = 4,440.736; the difference is 4,181.148
  const row = only(rightsize(HEAD_SHARDS));

  expect(row).toMatchObject({
    from: { cpuUnits: 4096, memoryMiB: 30_720 },
    to: { cpuUnits: 2048, memoryMiB: 16_384 },
    source: 'metrics',
    tasks: 40,
    usdPerMonthBefore: '8621.884',
    usdPerMonthSaved: '4181.148',
    margin: 20,
    risk: 'medium',
  });
});

test('head-shards: the target tracking is named as a blind spot', () => {
  expect(only(rightsize(HEAD_SHARDS)).blindSpots).toEqual([
    'CPU target tracking: Compute Optimizer gives no advice on CPU by design',
    'scales on CPU at 60 %: smaller tasks run hotter, so it may start more of them',
  ]);
});

test('a wider margin keeps more memory', () => {
  // 12.4 x 1.5 = 18.6 -> 19 GiB, which needs 4 vCPU: 29,200 x (30 - 19) x 0.004445 = 1,427.734
  const row = only(rightsize(HEAD_SHARDS, { marginPercent: 50 }));

  expect(row.to).toEqual({ cpuUnits: 4096, memoryMiB: 19_456 });
  expect(row.usdPerMonthSaved).toBe('1427.734');
  expect(row.margin).toBe(50);
});

test('the new size keeps CPU at or below the target it scales on', () => {
  // p95 of 40 % of 4,096 = 1,638 units x 1.2 = 1,967 would fit 2 vCPU; at a target of 60 % it takes 2,731: 4 vCPU.
  const view = {
    ...HEAD_SHARDS,
    utilisation: [used('head-shards', { p95: 40, maximum: 50 }, { p95: 41, maximum: 48 })],
  };

  expect(only(rightsize(view)).to).toEqual({ cpuUnits: 4096, memoryMiB: 16_384 });
});

/** Ten tasks of 1 vCPU and 2 GiB, 10 x 730 x 0.04937 = 360.401 a month. */
function ten(cpu: Used | null, memory: Used | null, changes: Partial<Service> = {}): Partial<ClusterView> {
  return {
    services: [aService('api', { desiredCount: 10, runningCount: 10, ...changes })],
    taskDefinitions: [aDefinition('api')],
    utilisation: [used('api', cpu, memory)],
  };
}

test('a task that is out of memory gets more, at a price and a high risk of leaving it', () => {
  // CPU 93 % is tight as well: 1,024 x 0.93 x 1.2 = 1,143 -> 2 vCPU, which has 4 GiB at least;
  // 10 x 730 x (0.04048 + 2 x 0.004445) = 360.401 more
  const row = only(rightsize(ten({ p95: 93, maximum: 100 }, { p95: 95, maximum: 98.8 })));

  expect(row).toMatchObject({
    to: { cpuUnits: 2048, memoryMiB: 4096 },
    usdPerMonthSaved: '-360.401',
    risk: 'high',
    because: 'CPU p95 93 %; memory p95 95 %, at most 98.8 %',
  });
});

test('tight memory alone grows memory alone', () => {
  // 2,048 x 0.96 x 1.1 = 2,163 -> 3 GiB: 7,300 x 0.004445
  const row = only(rightsize(ten({ p95: 60, maximum: 70 }, { p95: 80, maximum: 96 })));

  expect(row.to).toEqual({ cpuUnits: 1024, memoryMiB: 3072 });
  expect(row.usdPerMonthSaved).toBe('-32.4485');
});

test('tight CPU alone is slow, not dead: a medium risk', () => {
  expect(only(rightsize(ten({ p95: 95, maximum: 100 }, { p95: 40, maximum: 50 })))).toMatchObject({
    to: { cpuUnits: 2048, memoryMiB: 4096 },
    risk: 'medium',
  });
});

test('a busy task that is not tight is left alone, though the margin does not fit', () => {
  const result = rightsize(ten({ p95: 85, maximum: 95 }, { p95: 84, maximum: 89 }));

  expect(result).toMatchObject({ rows: [], nothingToDo: 1, skipped: [] });
});

test('a saving below the minimum is counted, not shown', () => {
  // To 0.25 vCPU and 1 GiB a single task saves 730 x (0.04937 - 0.014565) = 25.41; 0.5 vCPU and 2 GiB would be less.
  const small = { ...ten({ p95: 5, maximum: 9 }, { p95: 30, maximum: 40 }, { desiredCount: 1 }) };

  expect(rightsize(small).rows[0]?.usdPerMonthSaved).toBe('25.40765');
  expect(rightsize(small, { minimumSaving: { percent: 10, usdPerMonth: 26 } })).toMatchObject({
    rows: [],
    belowMinimum: 1,
    nothingToDo: 0,
  });
  expect(rightsize(small, { minimumSaving: { percent: 80, usdPerMonth: 0 } }).belowMinimum).toBe(1);
});

test.each([
  // 0.5 vCPU and 2 GiB: memory p95 41 x 2,048 / 1,024 = 82 % of 1 GiB
  ['high', { p95: 10, maximum: 15 }, { p95: 41, maximum: 42 }],
  ['medium', { p95: 10, maximum: 15 }, { p95: 34, maximum: 40 }],
  ['medium', { p95: 18, maximum: 20 }, { p95: 20, maximum: 22 }],
  ['low', { p95: 10, maximum: 15 }, { p95: 20, maximum: 25 }],
] as const)('the risk is %s for CPU %j and memory %j', (risk, cpu, memory) => {
  expect(only(rightsize(ten(cpu, memory))).risk).toBe(risk);
});

test('where one of the two was not measured that one stays', () => {
  const row = only(rightsize(ten({ p95: 10, maximum: 15 }, null)));

  expect(row.to).toEqual({ cpuUnits: 256, memoryMiB: 2048 });
  expect(row.blindSpots).toEqual(['no memory metrics: memory is left as it is']);
  expect(row.risk).toBe('medium');
});

test('short tasks are a blind spot and never a low risk', () => {
  const samples = Array.from({ length: 6 }, (_, index) => ({
    task: `t${index}`,
    taskDefinition: 'api:1',
    group: 'service:api',
    pullSeconds: 25,
    runSeconds: 40,
    stoppedAt: NOW,
    stopCode: null,
  }));
  const view = {
    ...ten({ p95: 10, maximum: 15 }, { p95: 20, maximum: 25 }),
    samples: [samples.slice(0, 3), samples.slice(3)].map((half) => ({ family: 'api', samples: half })),
  };

  expect(only(rightsize(view)).blindSpots).toEqual(['batch: metrics of short tasks miss peaks']);
  expect(only(rightsize(view)).risk).toBe('medium');
});

describe('no advice', () => {
  const quiet = { p95: 5, maximum: 9 };
  const deployment = { ...aService('api').deployment, inProgress: true };

  test.each([
    ['deployment-in-progress', { deployment }],
    ['daemon', { schedulingStrategy: 'DAEMON' }],
    ['no-tasks-wanted', { desiredCount: 0 }],
    ['no-tasks-running', { launchType: 'EC2' }],
  ] as const)('%s', (reason, changes) => {
    const result = rightsize(ten(quiet, quiet, changes));

    expect(result).toMatchObject({ rows: [], skipped: [{ service: 'api', reason }], nothingToDo: 0 });
  });

  test('no metrics and no word of Compute Optimizer', () => {
    expect(rightsize({ ...ten(quiet, quiet), utilisation: [] }).skipped[0]?.reason).toBe('no-metrics');
    expect(rightsize(ten(null, null)).skipped[0]?.reason).toBe('no-metrics');
    // Created this morning: no wonder.
    expect(rightsize(ten(null, null, { createdAt: '2026-11-24T02:00:00.000Z' })).skipped[0]?.reason).toBe(
      'less-than-a-day-of-metrics',
    );
  });

  test('a service of ten hours: nothing smaller, but more where it is tight', () => {
    const young = { createdAt: '2026-11-24T02:00:00.000Z' };

    expect(rightsize(ten(quiet, quiet, young)).skipped[0]?.reason).toBe('less-than-a-day-of-metrics');
    expect(only(rightsize(ten(quiet, { p95: 95, maximum: 99 }, young)))).toMatchObject({
      to: { memoryMiB: 3072 },
      blindSpots: ['less than 24 h of metrics'],
    });
  });

  test('less than a day of running tasks in two weeks', () => {
    const utilisation = [used('api', quiet, quiet, { taskMinutes: [{ day: '2026-11-20', minutes: 1439 }] })];

    expect(rightsize({ ...ten(quiet, quiet), utilisation }).skipped[0]?.reason).toBe('less-than-a-day-of-metrics');
  });

  test('a task definition that was not read, and Windows', () => {
    expect(rightsize({ ...ten(quiet, quiet), taskDefinitions: [] }).skipped[0]?.reason).toBe('no-size');
    const windows = [aDefinition('api', { operatingSystem: 'WINDOWS_SERVER_2022_CORE' })];
    expect(rightsize({ ...ten(quiet, quiet), taskDefinitions: windows }).skipped[0]?.reason).toBe('no-price');
  });
});

function finding(changes: Partial<ComputeOptimizerFinding>): Partial<RightsizeQuestion> {
  const row: ComputeOptimizerFinding = {
    cluster: 'rose',
    service: 'api',
    finding: 'overprovisioned',
    reasons: [],
    current: { cpuUnits: 1024, memoryMiB: 2048 },
    options: [{ cpuUnits: 512, memoryMiB: 1024, usdPerMonthSaved: '180.2' }],
    lookBackDays: 14,
    ...changes,
  };
  return { region: aRegion({ computeOptimizer: [row] }) };
}

describe('beside Compute Optimizer', () => {
  const LOW = { p95: 10, maximum: 15 };

  test('its advice alone carries a row, with what it lacks named', () => {
    // 7,300 x (0.04937 - 0.024685)
    const row = only(rightsize({ ...ten(null, null), utilisation: [] }, finding({})));

    expect(row).toMatchObject({
      source: 'compute-optimizer',
      to: { cpuUnits: 512, memoryMiB: 1024 },
      usdPerMonthSaved: '180.2005',
      blindSpots: ['no metrics'],
      risk: 'medium',
      because: 'Compute Optimizer says 0.5 vCPU and 1 GiB',
    });
  });

  test('the more careful of both wins, and both are named', () => {
    // Ours: 0.25 vCPU and 0.5 GiB
    const row = only(rightsize(ten(LOW, { p95: 15, maximum: 20 }), finding({})));

    expect(row.source).toBe('compute-optimizer');
    expect(row.to).toEqual({ cpuUnits: 512, memoryMiB: 1024 });
    expect(row.because).toContain('Compute Optimizer says 0.5 vCPU and 1 GiB; our figures say 0.25 vCPU and 0.5 GiB');
  });

  test('careful means in each dimension: less CPU never buys less memory', () => {
    // Ours: 0.25 vCPU with 2 GiB (82 % x 1.1 of 2 GiB); its: 0.5 vCPU with 1 GiB. Together 0.5 vCPU with 2 GiB.
    const row = only(rightsize(ten(LOW, { p95: 80, maximum: 82 }), finding({})));

    expect(row).toMatchObject({ source: 'metrics', to: { cpuUnits: 512, memoryMiB: 2048 } });
    expect(row.says).toEqual({
      metrics: { cpuUnits: 256, memoryMiB: 2048 },
      'compute-optimizer': { cpuUnits: 512, memoryMiB: 1024 },
    });
  });

  test('when either says leave it, it is left', () => {
    expect(rightsize(ten(LOW, LOW), finding({ finding: 'optimized', options: [] }))).toMatchObject({
      rows: [],
      nothingToDo: 1,
    });
    expect(rightsize(ten({ p95: 85, maximum: 90 }, { p95: 80, maximum: 85 }), finding({}))).toMatchObject({
      rows: [],
      nothingToDo: 1,
    });
  });

  test('when it wants more and we want less, it is more', () => {
    const more = finding({
      finding: 'underprovisioned',
      options: [{ cpuUnits: 1024, memoryMiB: 4096, usdPerMonthSaved: '-64.9' }],
    });

    expect(only(rightsize(ten(LOW, LOW), more))).toMatchObject({
      to: { cpuUnits: 1024, memoryMiB: 4096 },
      source: 'compute-optimizer',
      usdPerMonthSaved: '-64.897',
    });
  });

  test('both want more, each in its own dimension: the row is not lost', () => {
    const more = finding({
      finding: 'underprovisioned',
      options: [{ cpuUnits: 2048, memoryMiB: 4096, usdPerMonthSaved: '-360' }],
    });

    // Ours: 2,048 MiB at 99 % of a size with 30 % CPU -> 3 GiB
    expect(only(rightsize(ten({ p95: 30, maximum: 40 }, { p95: 95, maximum: 99 }), more)).to).toEqual({
      cpuUnits: 2048,
      memoryMiB: 4096,
    });
  });

  test('a finding about another size is old: it says nothing', () => {
    const old = finding({ current: { cpuUnits: 4096, memoryMiB: 8192 } });

    expect(only(rightsize(ten(LOW, LOW), old)).says['compute-optimizer']).toBeNull();
  });
});

test('more memory and less CPU can save money and is still shown as more', () => {
  // 4 vCPU and 8 GiB: memory 8,192 x 0.9 x 1.2 = 8,848 and x 0.97 x 1.1 = 8,741 -> 9 GiB at 2 vCPU
  // 7,300 x (0.19748 - 0.120965) = 558.5595
  const view = {
    ...ten({ p95: 20, maximum: 30 }, { p95: 90, maximum: 97 }),
    taskDefinitions: [aDefinition('api', { cpuUnits: 4096, memoryMiB: 8192 })],
  };

  expect(only(rightsize(view))).toMatchObject({
    to: { cpuUnits: 2048, memoryMiB: 9216 },
    usdPerMonthSaved: '558.5595',
    risk: 'high',
  });
});

/** Two tasks of 2 vCPU and 4 GiB on two managed instances of 8 vCPU and 15,564 MiB. */
const ON_INSTANCES: Partial<ClusterView> = {
  providers: [aManagedProvider('on-demand')],
  services: [
    aService('grid', {
      desiredCount: 2,
      runningCount: 2,
      launchType: null,
      strategy: [{ capacityProvider: 'mi-on-demand', weight: 1, base: 0 }],
    }),
  ],
  taskDefinitions: [aDefinition('grid', { cpuUnits: 2048, memoryMiB: 4096 })],
  tasks: ['i-1', 'i-2'].map((id) =>
    aTask('grid', { containerInstance: instanceArn(id), capacityProvider: 'mi-on-demand' }),
  ),
  containerInstances: ['i-1', 'i-2'].map((id) => aContainerInstance(id, { capacityProvider: 'mi-on-demand' })),
};

test('on instances a task is priced by its share, in steps of 128', () => {
  // CPU 2,048 x 10 % x 1.2 = 246 -> 256; memory 4,096 x 20 % x 1.2 = 984 -> 1,024
  // Share: 4,096 / 15,564 = 0.26317 -> 1,024 / 15,564; 0.306 x 1.12 = 0.34272 an hour
  // 1,460 x 0.34272 x 4,096 / 15,564 = 131.683399846, and a quarter of it = 32.920849961
  const region = aRegion({ instances: [anInstance('i-1'), anInstance('i-2')] });
  const view = { ...ON_INSTANCES, utilisation: [used('grid', { p95: 10, maximum: 20 }, { p95: 20, maximum: 21 })] };
  const row = only(rightsize(view, { region }));

  expect(row).toMatchObject({
    capacityKind: 'mi-on-demand',
    tasks: 2,
    to: { cpuUnits: 256, memoryMiB: 1024 },
    blindSpots: ['an instance costs the same until its freed room is used or the instance goes'],
  });
  expect(row.usdPerMonthSaved).toBe('98.762549885');
});

test('on instances CPU may go beyond its reservation; a step never makes what is not tight larger', () => {
  const region = aRegion({ instances: [anInstance('i-1'), anInstance('i-2')] });
  const odd = [aDefinition('grid', { cpuUnits: 300, memoryMiB: 4096 })];
  const view = {
    ...ON_INSTANCES,
    taskDefinitions: odd,
    utilisation: [used('grid', { p95: 80, maximum: 200 }, { p95: 20, maximum: 21 })],
  };

  expect(only(rightsize(view, { region })).to).toEqual({ cpuUnits: 300, memoryMiB: 1024 });
});

test('rows are sorted by saving, totals keep savings and additions apart', () => {
  const view: Partial<ClusterView> = {
    services: ['small', 'large', 'tight'].map((name) =>
      aService(name, { desiredCount: name === 'large' ? 30 : 10, runningCount: 10 }),
    ),
    taskDefinitions: ['small', 'large', 'tight'].map((name) => aDefinition(name)),
    utilisation: [
      used('small', { p95: 40, maximum: 50 }, { p95: 40, maximum: 45 }),
      used('large', { p95: 40, maximum: 50 }, { p95: 40, maximum: 45 }),
      used('tight', { p95: 60, maximum: 70 }, { p95: 80, maximum: 96 }),
    ],
  };
  const result = rightsize(view);

  expect(result.rows.map(({ service }) => service)).toEqual(['large', 'small', 'tight']);
  // Half the size saves half: 40 x 730 x 0.024685 = 720.802
  expect(result).toMatchObject({ savedUsdPerMonth: '720.802', addedUsdPerMonth: '32.4485' });
});
