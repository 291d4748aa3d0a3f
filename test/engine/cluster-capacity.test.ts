import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openLibrary } from '../../src/data.ts';
import { globsOf, matchesGlob } from '../../src/engine/cluster-capacity/constraints.ts';
import { fillCount } from '../../src/engine/cluster-capacity/fill.ts';
import { land } from '../../src/engine/cluster-capacity/land.ts';
import { nanoUsd, type WorkService, workloadOf } from '../../src/engine/index.ts';
import { ask, aWorkload, aWorkService } from './cluster-builders.ts';
import { aContainer, aDefinition, aService, prices } from './cost-builders.ts';

const { facts } = openLibrary();

describe('a plan for a cluster', () => {
  test('one service comes to what capacity says of it, by hand', async () => {
    const { option, answer } = await ask(aWorkload([aWorkService('api', { tasks: 12 })]));
    // 12 x (2 x 0.04048 + 8 x 0.004445) x 730 = 1,020.72; best MI r5a.2xlarge, 4 a piece: 1,127.87; ASG 997.08.
    expect(option('fargate')?.usdPerMonth).toBe('1020.7152');
    expect(Number(option('mi-on-demand')?.usdPerMonth).toFixed(2)).toBe('1127.87');
    expect(Number(option('asg-on-demand')?.usdPerMonth).toFixed(2)).toBe('997.08');
    expect(option('asg-on-demand')?.providers).toMatchObject([
      { name: 'asg-1', instanceType: 'r5a.2xlarge', count: 3 },
    ]);
    // 12 x 2 vCPU = 24; two r5a.2xlarge have 16.
    expect(option('asg-on-demand')?.providers[0]?.proof).toBe('Needs 24 vCPU; 2 instances give 16: 3 are needed.');
    expect(answer.result.cluster).toMatchObject({ services: 1, tasks: 12 });
  });

  test('a saving below the minimum is no reason to move', async () => {
    const { answer } = await ask(aWorkload([aWorkService('api', { tasks: 12 })], '1030'));
    expect(answer.result.recommended).toBeNull();
    // 1030 - 1020.7152 = 9.2848, 0.9 % of 1030.
    expect(answer.result.because).toContain('would save $9.28 (0.9 %), not the 10 % and $25');
  });

  test('what Fargate cannot run keeps a provider, and the reason is named', async () => {
    const services = [
      aWorkService('api', { tasks: 4 }),
      aWorkService('probe', { tasks: 2, needs: ['ebpf', 'privileged'] }),
    ];
    const { option } = await ask(aWorkload(services));
    expect(option('fargate')?.providers).toMatchObject([{ kind: 'mi-on-demand', services: ['probe'] }]);
    expect(option('fargate')?.reasons[0]?.text).toMatch(
      /^probe needs a Managed Instances provider: Fargate allows no privileged/,
    );
  });

  test('a quota in the way is counted without what the cluster uses of it', async () => {
    const workload = aWorkload([aWorkService('api', { tasks: 12 })]);
    const today = { ...workload.today, vcpuByQuota: { 'L-1216C47A': 24 } };
    const quotas = [{ code: 'L-1216C47A', limit: 40, usage: 40 }];
    // 3 x r5a.2xlarge = 24 vCPU; 40 in use, of which 24 are its own: 16 + 24 = 40 fits, with limit 39 it does not.
    expect((await ask({ ...workload, today }, { quotas })).option('asg-on-demand')?.blockedBy).toEqual([]);
    const less = await ask({ ...workload, today }, { quotas: [{ code: 'L-1216C47A', limit: 39, usage: 40 }] });
    expect(less.option('asg-on-demand')?.blockedBy).toEqual([{ quota: 'L-1216C47A', limit: 39, usage: 16, need: 24 }]);
  });

  test('21 values of a tag need more providers than a cluster can have, and it says what to do', async () => {
    const services = Array.from({ length: 21 }, (_, at) => aWorkService(`s${at}`, { apart: `team-${at}` }));
    const { answer } = await ask(aWorkload(services), { apart: 'team' });
    expect(answer.result.cluster.split).toMatchObject({ possible: false });
    expect(answer.result.cluster.split?.because).toContain('21 values of team need as many providers');
    const fewer = await ask(aWorkload(services.slice(0, 20)), { apart: 'team' });
    expect(fewer.answer.result.cluster.split).toMatchObject({ possible: true });
    expect(fewer.answer.result.cluster.split?.groups).toHaveLength(20);
  });

  test('one task per instance costs the stranded part more', async () => {
    const { answer } = await ask(aWorkload([aWorkService('api', { tasks: 12 })]));
    // r5a.large holds 2 vCPU and 15.2 GiB, one task: 12 instances.
    expect(answer.result.cluster.oneTaskPerInstance?.instances).toBe(12);
    expect(Number(answer.result.cluster.oneTaskPerInstance?.usdPerMonth)).toBeGreaterThan(1127.87);
  });

  test('a cluster in which nothing runs all month has no plan and says so', async () => {
    const { answer } = await ask(aWorkload([]));
    expect(answer.result).toMatchObject({
      recommended: null,
      options: [],
      because: 'Nothing in this cluster runs all month.',
    });
  });
});

const arbServices = fc
  .array(
    fc.record({
      tasks: fc.integer({ min: 1, max: 9 }),
      cpuUnits: fc.constantFrom(256, 512, 1024, 2048, 4096),
      memoryMiB: fc.constantFrom(512, 2048, 4096, 7168, 16_384),
      perInstance: fc.constantFrom(null, null, 1),
      placement: fc.constantFrom<WorkService['placement'][]>(
        [],
        ['spread zone', 'binpack memory'],
        ['spread instance'],
        ['random'],
      ),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map((rows) => rows.map((row, at) => aWorkService(`s${at}`, row)));

describe('for every workload', () => {
  test('no mix costs more than the packing, and the packing no more than what ECS makes of it', {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(arbServices, async (services) => {
        const { answer } = await ask(aWorkload(services));
        for (const { threeNumbers, lines, usdPerMonth } of answer.result.options) {
          if (threeNumbers === null) continue;
          const { asEcsPlaces, bestPacking, boundAnyMix } = threeNumbers;
          expect(nanoUsd(boundAnyMix) <= nanoUsd(bestPacking)).toBe(true);
          expect(nanoUsd(bestPacking) <= nanoUsd(asEcsPlaces)).toBe(true);
          const sum = lines.reduce((total, line) => total + nanoUsd(line.usdPerMonth), 0n);
          expect(sum).toBe(nanoUsd(usdPerMonth ?? '0'));
        }
      }),
      { numRuns: 12, seed: 7 },
    );
  });

  test('more providers never cost more, and every service has exactly one place', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(arbServices, async (services) => {
        let before: ReadonlyMap<string, bigint> = new Map();
        for (const providers of [1, 2, 3]) {
          const { answer } = await ask(aWorkload(services), { providers });
          const costs = new Map<string, bigint>();
          for (const { kind, usdPerMonth, providers: own, fargate } of answer.result.options) {
            if (usdPerMonth === null) continue;
            costs.set(kind, nanoUsd(usdPerMonth));
            expect(own.length <= providers).toBe(true);
            expect(own.reduce((sum, row) => sum + row.services.length, fargate?.services ?? 0)).toBe(services.length);
          }
          for (const kind of ['fargate', 'mi-on-demand', 'asg-on-demand']) {
            const [now, then] = [costs.get(kind), before.get(kind)];
            if (now !== undefined && then !== undefined) expect(now <= then).toBe(true);
          }
          before = costs;
        }
      }),
      { numRuns: 6, seed: 11 },
    );
  });

  test('the same question gets the same bytes', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(arbServices, async (services) => {
        const [first, second] = [await ask(aWorkload(services)), await ask(aWorkload(services))];
        expect(JSON.stringify(first.answer)).toBe(JSON.stringify(second.answer));
      }),
      { numRuns: 4, seed: 13 },
    );
  });

  test('taking away the type of a single provider never makes it cheaper', { timeout: 60_000 }, async () => {
    const workload = aWorkload([aWorkService('api', { tasks: 12 })]);
    const all = ['c6a.2xlarge', 'm6a.2xlarge', 'r5a.2xlarge', 'r5a.4xlarge'];
    const { option } = await ask(workload, { types: all, providers: 1 });
    for (const gone of all) {
      const less = await ask(workload, { types: all.filter((name) => name !== gone), providers: 1 });
      for (const kind of ['mi-on-demand', 'asg-on-demand'] as const) {
        expect(nanoUsd(less.option(kind)?.usdPerMonth ?? '0') >= nanoUsd(option(kind)?.usdPerMonth ?? '0')).toBe(true);
        expect(
          nanoUsd(less.option(kind)?.lowerBoundUsdPerMonth ?? '0') >=
            nanoUsd(option(kind)?.lowerBoundUsdPerMonth ?? '0'),
        ).toBe(true);
      }
    }
  });
});

describe('placing', () => {
  const one = { name: 'a', size: [2, 2], tasks: 6, perInstance: 99, placement: [] };

  test('fills equal instances without repeating the work', () => {
    // Three tasks of 2 in a capacity of 6: 1,000,000 tasks need 333,334.
    expect(fillCount([6, 6], [{ size: [2, 1], count: 1_000_000, perInstance: 1e9 }])).toBe(333_334);
    expect(fillCount([6, 6], [{ size: [2, 1], count: 4, perInstance: 1 }])).toBe(4);
  });

  test('Managed Instances spread a service over zones before they fill', () => {
    const contents = land({ services: [one], cap: [8, 8], atLeast: 3, kind: 'mi-on-demand' });
    expect(contents.map((content) => content.get('a'))).toEqual([2, 2, 2]);
  });

  test('a group packs where its service says so, and launches only when nothing has room', () => {
    const packing = { ...one, placement: ['binpack cpu' as const] };
    const contents = land({ services: [packing], cap: [8, 8], atLeast: 1, kind: 'asg-on-demand' });
    expect(contents.map((content) => content.get('a'))).toEqual([4, 2]);
    const apart = land({ services: [{ ...one, perInstance: 1 }], cap: [8, 8], atLeast: 1, kind: 'asg-on-demand' });
    expect(apart).toHaveLength(6);
  });

  test('understands constraints on the instance type and no others', () => {
    expect(globsOf('attribute:ecs.instance-type =~ m6a.*')).toEqual(['m6a*']);
    expect(globsOf('attribute:ecs.instance-type in [m6a.large, c6a.large]')).toEqual(['m6a.large', 'c6a.large']);
    expect(globsOf('attribute:stack == prod')).toBeNull();
    expect([matchesGlob('m6a*', 'm6a.2xlarge'), matchesGlob('m*.large', 'm6a.large'), matchesGlob('*', 'x')]).toEqual([
      true,
      true,
      true,
    ]);
    expect([matchesGlob('m6a.large', 'm6a.xlarge'), matchesGlob('a*a', 'a')]).toEqual([false, false]);
  });
});

describe('reading a cluster', () => {
  test('takes desired counts, daemons apart, and says what it leaves out', () => {
    const view = {
      arn: 'arn',
      name: 'rose',
      status: 'ACTIVE',
      tags: {},
      containerInsights: null,
      defaultStrategy: [],
      providers: [],
      containerInstances: [],
      shards: 1,
      account: '111122223333',
      region: 'us-east-1',
      services: [
        aService('api', { desiredCount: 4 }),
        aService('idle', { desiredCount: 0 }),
        aService('agent', { schedulingStrategy: 'DAEMON' }),
        aService('unread', { taskDefinition: 'arn:none' }),
        aService('port', { placementConstraints: [{ type: 'distinctInstance', expression: null }] }),
      ],
      taskDefinitions: [
        aDefinition('api'),
        aDefinition('agent', { cpuUnits: 128, memoryMiB: 256, networkMode: 'host' }),
        aDefinition('port', { containers: [aContainer({ hostPorts: [8080] })] }),
      ],
      tasks: [],
      samples: [],
      utilisation: [],
    };
    const workload = workloadOf({
      view,
      region: null,
      facts,
      prices,
      asOf: '2026-11-24',
      apart: null,
      savingsPlans: [],
      at: '2026-11-24T12:00:00Z',
    });
    expect(workload.services.map(({ name, tasks, perInstance }) => [name, tasks, perInstance])).toEqual([
      ['api', 4, null],
      ['port', 1, 1],
    ]);
    expect(workload.daemons).toEqual({ names: ['agent'], cpuUnits: 128, memoryMiB: 256, interfaces: 0 });
    expect(workload.leftOut.map(({ name }) => name)).toEqual(['idle', 'unread']);
    // (4 + 1) x (0.04048 + 2 x 0.004445) x 730 = 180.2005
    expect(workload.today.usdPerMonth).toBe('180.2005');
  });
});
