import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openLibrary } from '../../src/data.ts';
import { nanoUsd, type Workload, workloadOf } from '../../src/engine/index.ts';
import { ask, aWorkload, aWorkService, QUESTION } from './cluster-builders.ts';
import {
  aContainerInstance,
  aDefinition,
  anInstance,
  aRegion,
  aService,
  aTask,
  aView,
  instanceArn,
  NOW,
  prices,
} from './cost-builders.ts';

const { facts } = openLibrary();
// m6a.2xlarge: 0.3456 an hour, 252.288 a month, Spot 54 % less; it holds 3 tasks of 2 vCPU / 8 GiB: 12 tasks take 4.
const ONE_TYPE = { types: ['m6a.2xlarge'] };
const twelve = (changes = {}) => [aWorkService('api', { tasks: 12, ...changes })];
const reserved = (empty: number, used = 0): Workload['reserved'] => [
  { instanceType: 'm6a.2xlarge', empty, used, zones: ['us-east-1a'] },
];

describe('a cluster on Spot', () => {
  test('costs its likely price, and is ranked by the high end of the band, by hand', async () => {
    const { option, answer } = await ask(aWorkload(twelve()), { ...ONE_TYPE, interruptible: ['*'] });
    // 4 x (0.3456 x 0.46 x 730 + 30 GiB x 0.08) = 473.80992; at 0.8 and 1.3 of the Spot price 380.967936 and 613.072896.
    expect(option('asg-spot')).toMatchObject({
      usdPerMonth: '473.80992',
      band: { low: '380.967936', high: '613.072896' },
      providers: [{ name: 'asg-1', kind: 'asg-spot', count: 4 }],
    });
    // 4 x ((0.158976 + 12 % of 0.3456) x 730 + 80 x 0.08): the fee does not fall with the price.
    expect(option('mi-spot')?.usdPerMonth).toBe('610.90816');
    // 12 x (2 x 0.01288561 + 8 x 0.00141493) x 730
    expect(option('fargate-spot')).toMatchObject({ usdPerMonth: '324.9141816', fargate: { spotTasks: 12 } });
    expect(answer.result.options.slice(0, 2).map(({ kind }) => kind)).toEqual(['fargate-spot', 'asg-spot']);
    expect(answer.result.recommended).toBe('fargate-spot');
  });

  test('a name that no service has is said', async () => {
    const { answer } = await ask(aWorkload(twelve()), { ...ONE_TYPE, interruptible: ['batch-*'] });
    expect(answer.result.cluster.notes).toContain('no service here is called batch-*: it puts nothing on Spot');
  });

  test('takes only what may be interrupted; the rest is bought on demand', async () => {
    const services = [
      ...twelve(),
      aWorkService('worker', { tasks: 6 }),
      aWorkService('one', { notOnSpot: 'it has one task' }),
    ];
    const { option, answer } = await ask(aWorkload(services), { ...ONE_TYPE, interruptible: ['worker', 'one'] });
    expect(option('asg-spot')?.providers.map(({ kind, services: own }) => [kind, own])).toEqual([
      ['asg-spot', ['worker']],
      ['asg-on-demand', ['api', 'one']],
    ]);
    expect(answer.result.cluster.interruptible).toEqual(['worker']);
    expect(answer.result.cluster.notes).toContain('one stays off Spot: it has one task');
  });

  test('is not possible where nothing may be interrupted, and needs no word for what is on Spot already', async () => {
    const none = await ask(aWorkload(twelve()), ONE_TYPE);
    expect(none.option('asg-spot')).toMatchObject({ feasible: false, reasons: [{ rule: 'spot-interruptible' }] });
    const already = await ask(aWorkload(twelve({ onSpot: true })), ONE_TYPE);
    expect(already.option('asg-spot')?.usdPerMonth).toBe('473.80992');
  });

  test('has no price where no Spot price is known, and is then not ranked', async () => {
    const unknown = prices.types.find(
      ({ name, managedInstances, architecture, category, bareMetal }) =>
        managedInstances &&
        architecture === 'x86_64' &&
        category !== 'accelerated' &&
        !bareMetal &&
        prices.onDemand[name]?.kind === 'sourced' &&
        prices.spotSavingPercent[name] === undefined,
    );
    const { option } = await ask(aWorkload([aWorkService('api', { tasks: 2, cpuUnits: 256, memoryMiB: 512 })]), {
      types: [unknown?.name ?? ''],
      interruptible: ['*'],
    });
    expect(option('mi-spot')).toMatchObject({
      feasible: true,
      usdPerMonth: null,
      rank: null,
      reasons: [{ rule: 'no-price' }],
    });
  });
});

describe('reserved capacity', () => {
  test('costs its fee and disk up to its number, and the on-demand price beyond, by hand', async () => {
    const { option } = await ask(aWorkload(twelve(), '0', { reserved: reserved(3) }), ONE_TYPE);
    // 4 x (0.041472 x 730 + 6.4) + 1 x 252.288 = 146.69824 + 252.288
    expect(option('mi-reserved')).toMatchObject({
      usdPerMonth: '398.98624',
      providers: [{ kind: 'mi-reserved', count: 4, reserved: 3 }],
    });
    expect(option('mi-reserved')?.reasons.map(({ text }) => text)).toContain(
      '3 of 4 m6a.2xlarge are reserved; the rest is bought on demand.',
    );
    // The same instances on demand: 1155.85024 - 3 x 252.288.
    expect(option('mi-on-demand')).toMatchObject({
      usdPerMonth: '1155.85024',
      usdPerMonthAfterCommitments: '398.98624',
    });
  });

  test('of which more is there than is needed is unused before and after', async () => {
    const { option } = await ask(aWorkload(twelve(), '0', { reserved: reserved(6) }), ONE_TYPE);
    expect(option('mi-reserved')).toMatchObject({
      usdPerMonth: '146.69824',
      covered: { unusedUsdPerMonth: '504.576', strandedUsdPerMonth: '0' },
    });
  });

  test('named by a flag stands in for what the scan saw empty', async () => {
    const commitments = { ...QUESTION.commitments, reserved: [{ instanceType: 'm6a.2xlarge', count: 1 }] };
    const { option } = await ask(aWorkload(twelve(), '0', { reserved: reserved(3, 1) }), { ...ONE_TYPE, commitments });
    expect(option('mi-reserved')?.providers[0]?.reserved).toBe(2);
  });

  test('that is used today and not by a plan is stranded by it', async () => {
    const today: Workload['today'] = {
      ...aWorkload([]).today,
      usdPerMonth: '1155.85024',
      spend: [{ kind: 'ec2', instanceType: 'm6a.2xlarge', count: 4, covered: 3, usdPerMonth: '1009.152' }],
    };
    const { option, answer } = await ask(aWorkload(twelve(), '0', { today, reserved: reserved(0, 3) }), {
      ...ONE_TYPE,
      minimumSaving: { percent: 10, usdPerMonth: 200 },
    });
    expect(answer.result.cluster.todayCovered?.usdPerMonthAfterCommitments).toBe('398.98624');
    expect(option('fargate')?.covered?.strandedUsdPerMonth).toBe('756.864');
    expect(answer.result.recommended).toBeNull();
    expect(answer.result.because).toContain('It costs $398.99 a month as it stands after commitments');
  });

  test('never makes a cluster dearer', { timeout: 60_000 }, async () => {
    const arbServices = fc
      .array(
        fc.record({
          tasks: fc.integer({ min: 1, max: 9 }),
          cpuUnits: fc.constantFrom(256, 1024, 2048, 4096),
          memoryMiB: fc.constantFrom(512, 2048, 7168, 16_384),
        }),
        { minLength: 1, maxLength: 4 },
      )
      .map((rows) => rows.map((row, at) => aWorkService(`s${at}`, row)));
    await fc.assert(
      fc.asyncProperty(arbServices, fc.integer({ min: 1, max: 4 }), async (services, empty) => {
        const types = { types: ['m6a.xlarge', 'm6a.2xlarge', 'c6a.2xlarge', 'r5a.xlarge'] };
        const without = (await ask(aWorkload(services), types)).option('mi-on-demand');
        const { option } = await ask(aWorkload(services, '0', { reserved: reserved(empty) }), types);
        const own = option('mi-reserved');
        if (own?.usdPerMonth == null || without?.usdPerMonth == null) return;
        expect(nanoUsd(own.usdPerMonth) <= nanoUsd(without.usdPerMonth)).toBe(true);
        expect(nanoUsd(own.lowerBoundUsdPerMonth ?? '0') <= nanoUsd(own.usdPerMonth)).toBe(true);
      }),
      { numRuns: 8, seed: 17 },
    );
  });
});

describe('Savings Plans', () => {
  const onFargate: Workload['today'] = {
    ...aWorkload([]).today,
    usdPerMonth: '1020.7152',
    spend: [{ kind: 'fargate', architecture: 'x86_64', usdPerMonth: '1020.7152' }],
  };

  test('pay at their own rate, and moving to Spot strands them, by hand', async () => {
    const commitments = { ...QUESTION.commitments, savingsPlanUsdPerHour: '0.5' };
    const { option, answer } = await ask(aWorkload(twelve(), '0', { today: onFargate }), {
      ...ONE_TYPE,
      interruptible: ['*'],
      commitments,
    });
    // 0.5 x 730 = 365 pays for 365 / 0.8 = 456.25 of 1020.7152.
    expect(answer.result.cluster.todayCovered).toMatchObject({
      plansUsdPerMonth: '456.25',
      unusedUsdPerMonth: '0',
      usdPerMonthAfterCommitments: '564.4652',
    });
    expect(option('fargate')).toMatchObject({
      usdPerMonth: '1020.7152',
      usdPerMonthAfterCommitments: '564.4652',
      covered: { strandedUsdPerMonth: '0' },
    });
    expect(option('fargate-spot')).toMatchObject({
      usdPerMonthAfterCommitments: '324.9141816',
      covered: { plansUsdPerMonth: '0', strandedUsdPerMonth: '365' },
    });
    // 564.4652 - 324.9141816 = 239.5510184, not 1020.7152 - 324.9141816.
    expect(answer.result.because).toContain('That saves $239.55 a month');
  });

  test('come after reserved instances: EC2 Instance plans, then Compute plans, largest discount first, by hand', async () => {
    const today: Workload['today'] = {
      ...onFargate,
      usdPerMonth: '1525.2912',
      spend: [
        ...onFargate.spend,
        { kind: 'ec2', instanceType: 'm6a.2xlarge', count: 2, covered: 1, usdPerMonth: '504.576' },
      ],
    };
    const plans: Workload['plans'] = [{ family: 'm6a', usdPerHour: '0.1', term: '1y' }];
    const commitments = { ...QUESTION.commitments, savingsPlanUsdPerHour: '0.2' };
    const { answer } = await ask(aWorkload(twelve(), '0', { today, plans, reserved: reserved(0, 1) }), {
      ...ONE_TYPE,
      commitments,
    });
    // One instance is reserved: 252.288. The other is paid by 73 of the m6a plan and, at 0.7347, 112.3559936 of the 146 of
    // the Compute plan; the 33.6440064 that are left pay 42.055008 of Fargate at 0.8. 252.288 + 42.055008 = 294.343008.
    expect(answer.result.cluster.todayCovered).toEqual({
      reservedUsdPerMonth: '252.288',
      plansUsdPerMonth: '294.343008',
      unusedUsdPerMonth: '0',
      usdPerMonthAfterCommitments: '978.660192',
    });
  });
});

describe('the bound over any mix', () => {
  type Tasks = readonly (readonly [cpuUnits: number, memoryMiB: number])[];
  const TYPES = ['m6a.large', 'm6a.2xlarge', 'm6a.8xlarge', 'c6a.large', 'c6a.4xlarge', 'r5a.xlarge'];

  /** Sizes and a month's price on Managed Instances, as the model has them: 95 % of the memory, fee, 80 GiB of disk. */
  function sized(types: readonly string[]) {
    return prices.types
      .filter(({ name }) => types.includes(name))
      .map(({ name, vcpu, memoryMiB }) => ({
        cpu: 1024 * vcpu,
        memory: Math.floor(memoryMiB * 0.95),
        usd: Number(prices.onDemand[name]?.usdPerHour) * 1.12 * 730 + 6.4,
      }));
  }

  /** The cheapest of all ways to share the tasks out over instances, however few and of whatever types. */
  function cheapest(tasks: Tasks, types: ReturnType<typeof sized>): number {
    const [first, ...others] = tasks;
    if (first === undefined) return 0;
    let best = Number.POSITIVE_INFINITY;
    for (let mask = 0; mask < 2 ** others.length; mask += 1) {
      const own = [first, ...others.filter((_, at) => (mask >> at) % 2 === 1)];
      const rest = others.filter((_, at) => (mask >> at) % 2 === 0);
      const cpu = own.reduce((sum, [each]) => sum + each, 0);
      const memory = own.reduce((sum, [, each]) => sum + each, 0);
      const fitting = types.filter((type) => type.cpu >= cpu && type.memory >= memory);
      const alone = Math.min(...fitting.map(({ usd }) => usd));
      if (alone < best) best = Math.min(best, alone + cheapest(rest, types));
    }
    return best;
  }

  async function boundOf(tasks: Tasks, changes: Parameters<typeof ask>[1]): Promise<number> {
    const services = tasks.map(([cpuUnits, memoryMiB], at) =>
      aWorkService(`s${at}`, { cpuUnits, memoryMiB, ownInterface: false }),
    );
    const { option } = await ask(aWorkload(services), { providers: 6, ...changes });
    return Number(option('mi-on-demand')?.lowerBoundUsdPerMonth);
  }

  test('is never above the cheapest of all mixes', { timeout: 60_000 }, async () => {
    const arbTasks = fc.array(
      fc.tuple(fc.constantFrom(256, 1024, 1536, 2048), fc.constantFrom(512, 3072, 7168, 14_336)),
      { minLength: 1, maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(arbTasks, async (tasks) => {
        expect(await boundOf(tasks, { types: TYPES })).toBeLessThanOrEqual(cheapest(tasks, sized(TYPES)) + 1e-6);
      }),
      { numRuns: 15, seed: 23 },
    );
  });

  test('knows the single large instance that a spread over zones would need three of', async () => {
    // Six tasks of 8 vCPU / 7 GiB, each alone on an r5a.2xlarge: 6 x (0.452 x 1.12 x 730 + 6.4) = 2255.73; one c6a.12xlarge
    // holds all of them for 1.836 x 1.12 x 730 + 6.4 = 1507.51. Three of those would cost 4522.54.
    const tasks = Array.from({ length: 6 }, () => [8192, 7168] as const);
    const types = ['r5a.2xlarge', 'c6a.12xlarge'];
    const least = cheapest(tasks, sized(types));
    expect(least).toBeCloseTo(1507.5136, 4);
    expect(await boundOf(tasks, { types })).toBeLessThanOrEqual(least + 1e-6);
  });
});

describe('what a scan shows to be paid for', () => {
  const ids = ['i-1', 'i-2'];
  const view = aView({
    containerInstances: ids.map((id) => aContainerInstance(id)),
    services: [aService('api', { desiredCount: 2 }), aService('lone', { desiredCount: 1 })],
    taskDefinitions: [aDefinition('api'), aDefinition('lone')],
    tasks: [
      aTask('api', { containerInstance: instanceArn('i-2'), launchType: 'EC2' }),
      aTask('api', { arn: 'arn:2', containerInstance: instanceArn('i-2'), launchType: 'EC2' }),
    ],
  });
  const region = aRegion({
    instances: [
      anInstance('i-1', { type: 'm6a.2xlarge', capacityReservationId: 'cr-1' }),
      anInstance('i-2', { type: 'm6a.2xlarge', lifecycle: 'spot' }),
      anInstance('i-9', { type: 'm6a.xlarge' }),
    ],
    otherInstances: [],
    capacityReservations: [
      {
        id: 'cr-1',
        instanceType: 'm6a.2xlarge',
        az: 'us-east-1a',
        total: 3,
        available: 2,
        state: 'active',
        startedAt: null,
        endsAt: null,
      },
    ],
  });
  const plan = {
    id: 'sp-1',
    type: 'ec2-instance' as const,
    commitmentUsdPerHour: '0.5',
    term: '1y' as const,
    paymentOption: 'No Upfront',
    state: 'active',
    start: '2026-01-01T00:00:00Z',
    end: '2027-01-01T00:00:00Z',
    region: 'us-east-1',
    family: 'm6a',
  };
  const read = (savingsPlans: Parameters<typeof workloadOf>[0]['savingsPlans']) =>
    workloadOf({ view, region, facts, prices, asOf: NOW.slice(0, 10), apart: null, savingsPlans, at: NOW });

  test('are reservations, empty ones and those that the cluster fills', () => {
    expect(read([]).reserved).toEqual([{ instanceType: 'm6a.2xlarge', empty: 2, used: 1, zones: ['us-east-1a'] }]);
    expect(read([]).today.spend).toContainEqual({
      kind: 'ec2',
      instanceType: 'm6a.2xlarge',
      count: 1,
      covered: 1,
      usdPerMonth: '252.288',
    });
  });

  test('are EC2 Instance plans of the region, less what instances elsewhere use of them', () => {
    // i-9 is of no cluster here: 0.1728 x 0.7347 = 0.12695616 of the 0.5 are its.
    expect(read([plan]).plans).toEqual([{ family: 'm6a', usdPerHour: '0.37304384', term: '1y' }]);
    expect(read([{ ...plan, region: 'eu-west-1' }]).plans).toEqual([]);
    expect(read([{ ...plan, end: '2026-11-01T00:00:00Z' }]).plans).toEqual([]);
  });

  test('are not Compute plans: who uses them is in no snapshot, which a note says', () => {
    const { plans, notes } = read([{ ...plan, type: 'compute', region: null, family: null }]);
    expect(plans).toEqual([]);
    expect(notes.join()).toContain('Compute Savings Plans of $0.5 an hour');
  });

  test('go with who is on Spot, and who had better not be', () => {
    const [api, lone] = read([]).services;
    expect(api).toMatchObject({ onSpot: true, notOnSpot: null });
    expect(lone).toMatchObject({ onSpot: false, notOnSpot: 'it has one task, and an interruption stops it' });
  });
});
