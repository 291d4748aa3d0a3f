import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitNano } from '../../src/engine/cost/split.ts';
import {
  attributeBilled,
  type BilledRow,
  type ClusterView,
  type CostDimension,
  type CostModel,
  type ModelledRow,
  modelCluster,
  modelRegion,
  nanoUsd,
  type RegionPart,
  summarise,
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

const RUNS = { numRuns: 150 };
const ACCOUNT = '111122223333';
const WEEK = { from: '2026-11-16', toExclusive: '2026-11-23' };
const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n);

test('parts of an amount add up to it, and none is a nano-USD from its exact share', () => {
  const arbWeights = fc.array(fc.bigInt({ min: 0n, max: 10n ** 13n }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }), arbWeights, (amount, weights) => {
      fc.pre(sum(weights) > 0n);
      const parts = splitNano(amount, weights);

      expect(sum(parts)).toBe(amount);
      for (const [index, part] of parts.entries()) {
        const weight = weights[index] ?? 0n;
        const distance = part * sum(weights) - amount * weight;
        expect(distance < sum(weights) && distance > -sum(weights)).toBe(true);
        if (weight === 0n) expect(part).toBe(0n);
      }
    }),
    RUNS,
  );
});

type Placed = { readonly service: number; readonly host: number; readonly cpu: number; readonly memory: number };

const arbHost = fc.record({
  kind: fc.constantFrom('asg', 'on-demand', 'spot', 'reserved'),
  type: fc.constantFrom('c6a.2xlarge', 'm6a.2xlarge', 'm7i.4xlarge'),
  launched: fc.integer({ min: 1, max: 24 }),
  ended: fc.boolean(),
  gib: fc.integer({ min: 0, max: 200 }),
});
const arbPlaced: fc.Arbitrary<Placed> = fc.record({
  service: fc.integer({ min: 0, max: 4 }),
  host: fc.integer({ min: 0, max: 7 }),
  cpu: fc.integer({ min: 0, max: 9000 }),
  memory: fc.integer({ min: 0, max: 20_000 }),
});
const arbEstate = fc.record({
  hosts: fc.array(arbHost, { minLength: 1, maxLength: 8 }),
  placed: fc.array(arbPlaced, { maxLength: 25 }),
  minutes: fc.array(fc.integer({ min: 0, max: 100_000 }), { maxLength: 5 }),
});
type Estate = typeof arbEstate extends fc.Arbitrary<infer T> ? T : never;

/** A cluster whose services run on instances as placed, and some more on Fargate with the minutes given. */
function estate({ hosts, placed, minutes }: Estate): { readonly view: ClusterView; readonly region: RegionPart } {
  const definitions = placed.map(({ cpu, memory }, index) =>
    aDefinition(`d${index}`, { cpuUnits: cpu, memoryMiB: memory }),
  );
  const live = hosts.flatMap(({ ended }, index) => (ended ? [] : [index]));
  const onFargate = minutes.map((_, index) => `f${index}`);
  const view = aView({
    providers: [aManagedProvider('on-demand'), aManagedProvider('spot'), aManagedProvider('reserved')],
    services: [
      ...[0, 1, 2].map((index) => aService(`s${index}`, { launchType: 'EC2', tags: { role: `r${index % 2}` } })),
      ...onFargate.map((name) => aService(name)),
    ],
    taskDefinitions: [...definitions, ...onFargate.map((name) => aDefinition(name))],
    tasks: placed.flatMap(({ service, host }, index) =>
      live.includes(host)
        ? [
            aTask(`s${service}`, {
              taskDefinition: definitions[index]?.arn ?? '',
              containerInstance: instanceArn(`i-${host}`),
            }),
          ]
        : [],
    ),
    containerInstances: live.map((index) =>
      aContainerInstance(`i-${index}`, {
        capacityProvider: hosts[index]?.kind === 'asg' ? null : `mi-${hosts[index]?.kind}`,
      }),
    ),
    utilisation: onFargate.map((service, index) => ({
      service,
      from: '2026-11-10T00:00:00.000Z',
      to: NOW,
      cpuPercent: null,
      memoryPercent: null,
      taskMinutes: [{ day: '2026-11-17', minutes: minutes[index] ?? 0 }],
    })),
  });
  const instances = hosts.map(({ kind, type, launched, ended, gib }, index) =>
    anInstance(`i-${index}`, {
      type,
      lifecycle: kind === 'spot' ? 'spot' : 'on-demand',
      launchedAt: `2026-11-${String(launched).padStart(2, '0')}T05:07:11.000Z`,
      endedAt: ended ? '2026-11-20T01:02:03.000Z' : null,
      operator: kind === 'asg' ? null : 'ecs.amazonaws.com',
      capacityReservationId: kind === 'reserved' ? 'cr-1' : null,
      tags: kind === 'asg' ? {} : { 'aws:ecs:clusterName': 'rose', 'aws:ecs:capacityProviderName': `mi-${kind}` },
      volumes: [{ id: `vol-${index}`, sizeGiB: gib, type: 'gp3' }],
    }),
  );
  const spotPrices = ['c6a.2xlarge', 'm6a.2xlarge', 'm7i.4xlarge'].map((type) => ({
    type,
    az: 'us-east-1a',
    usdPerHour: '0.1234567',
    at: NOW,
  }));
  return { view, region: aRegion({ instances, spotPrices }) };
}

function modelled(given: Estate): { readonly cluster: CostModel; readonly rest: CostModel } {
  const { view, region } = estate(given);
  const world = { region, prices, facts: aFactBook(), now: NOW, period: WEEK };
  const cluster = modelCluster({ ...world, view });
  const rest = modelRegion({ ...world, account: ACCOUNT, regionName: 'us-east-1', taken: new Set(cluster.counted) });
  return { cluster, rest };
}

test('shares of the instances and idle add up to their prices, and nothing is negative', () => {
  fc.assert(
    fc.property(arbEstate, (given) => {
      const { cluster, rest } = modelled(given);
      const { view, region } = estate({ ...given, placed: [] });
      // The same instances without a task on them: every one of them whole.
      const whole = modelCluster({ view, region, prices, facts: aFactBook(), now: NOW, period: WEEK });

      expect(sum(cluster.rows.map(({ nano }) => nano))).toBe(sum(whole.rows.map(({ nano }) => nano)));
      expect(cluster.rows.filter(({ nano }) => nano < 0n)).toEqual([]);
      expect(sum(cluster.usage.map(({ nano }) => nano))).toBe(
        sum(cluster.rows.filter(({ capacityKind }) => capacityKind !== 'fargate').map(({ nano }) => nano)),
      );
      expect([...cluster.counted, ...rest.counted].sort()).toEqual(region.instances.map(({ id }) => id).sort());
    }),
    RUNS,
  );
});

test('each share is the larger of CPU and memory, shrunk only where the instance is over-committed', () => {
  fc.assert(
    fc.property(fc.array(arbPlaced, { maxLength: 6 }), (placed) => {
      const host = { kind: 'asg', type: 'c6a.2xlarge', launched: 1, ended: false, gib: 0 } as const;
      const all = placed.map((task) => ({ ...task, host: 0 }));
      const { cluster } = modelled({ hosts: [host], placed: all, minutes: [] });
      // By hand: 168 h x 0.306, c6a.2xlarge registered with 8,192 units and 15,564 MiB
      const share = ({ cpu, memory }: Placed): number => Math.max(cpu / 8192, memory / 15_564);
      const used = all.reduce((total, task) => total + share(task), 0);
      for (const service of [0, 1, 2, 3, 4]) {
        const own = all.filter((task) => task.service === service).reduce((total, task) => total + share(task), 0);
        const row = cluster.rows.find((candidate) => candidate.service === `s${service}`);
        expect(Number(row?.nano ?? 0n) / 1e9).toBeCloseTo((51.408 * own) / Math.max(1, used), 7);
      }
      const idle = cluster.rows.find(({ isIdle }) => isIdle);
      expect(Number(idle?.nano ?? 0n) / 1e9).toBeCloseTo(51.408 * Math.max(0, 1 - used), 7);
    }),
    RUNS,
  );
});

test('the order in which AWS lists things changes no figure', () => {
  fc.assert(
    fc.property(arbEstate, fc.integer(), (given, seed) => {
      const { view, region } = estate(given);
      const shuffle = <T>(items: readonly T[]): readonly T[] =>
        items
          .map((item, index) => ({ item, key: Math.sin(seed + index * 7.3) }))
          .sort((a, b) => a.key - b.key)
          .map(({ item }) => item);
      const world = { prices, facts: aFactBook(), now: NOW, period: WEEK };
      const key = ({ service, capacityKind, nano, hours }: ModelledRow): string =>
        `${service} ${capacityKind} ${nano} ${hours}`;
      const straight = modelCluster({ ...world, view, region });
      const shuffled = modelCluster({
        ...world,
        view: {
          ...view,
          services: shuffle(view.services),
          tasks: shuffle(view.tasks),
          containerInstances: shuffle(view.containerInstances),
        },
        region: { ...region, instances: shuffle(region.instances) },
      });

      expect(shuffled.rows.map(key).sort()).toEqual(straight.rows.map(key).sort());
    }),
    RUNS,
  );
});

const arbUsd = fc.integer({ min: 0, max: 10_000_000 }).map((micro) => (micro / 1000).toFixed(3));
const USAGE_TYPES = [
  'USE1-Fargate-vCPU-Hours:perCPU',
  'USE1-SpotUsage-Fargate-GB-Hours',
  'USE1-Fargate-EphemeralStorage-GB-Hours',
  'USE1-ECS-Managed-Instances:c6a.2xlarge-management-hours',
  'BoxUsage:c6a.2xlarge',
  'SpotUsage:m6a.2xlarge',
  'EBS:VolumeUsage.gp3',
  'NatGateway-Hours',
] as const;
const arbTagged = fc.array(
  fc.record({
    service: fc.constantFrom('', 's0', 's1', 'f0', 'gone'),
    usageType: fc.constantFrom(...USAGE_TYPES),
    usd: arbUsd,
  }),
  { maxLength: 12 },
);
const arbBill = fc.record({
  tagged: arbTagged,
  untagged: fc.array(fc.record({ usageType: fc.constantFrom(...USAGE_TYPES), usd: arbUsd }), { maxLength: 12 }),
});
type BillFigures = typeof arbBill extends fc.Arbitrary<infer T> ? T : never;

function rowsOf({ tagged, untagged }: BillFigures): {
  readonly byService: readonly BilledRow[];
  readonly byUsageType: readonly BilledRow[];
} {
  const row = (keys: readonly string[], usd: string): BilledRow => ({ day: '2026-11-17', keys, usd, estimated: false });
  return {
    byService: tagged.map(({ service, usageType, usd }) => row([service, usageType], usd)),
    byUsageType: [...tagged, ...untagged].map(({ usageType, usd }) => row([ACCOUNT, usageType], usd)),
  };
}

test('the bill is neither lost nor made: shares and unattributed are its ECS rows', () => {
  fc.assert(
    fc.property(arbEstate, arbBill, (given, figures) => {
      const { cluster, rest } = modelled(given);
      const { byService, byUsageType } = rowsOf(figures);
      const bill = attributeBilled({
        accounts: [ACCOUNT],
        byUsageType,
        byService: [{ account: ACCOUNT, cluster: 'rose', rows: byService }],
        models: [cluster, rest],
        facts: aFactBook(),
      });
      const placed = sum(bill.rows.map(({ nano }) => nano)) + sum(bill.unattributed.map(({ nano }) => nano));

      // Always ECS's: Fargate and fees, and what is tagged. Instances and volumes without a tag are where one is known.
      const isSure = (usageType: string): boolean => /Fargate|Managed/.test(usageType);
      const isMaybe = (usageType: string): boolean => /Box|SpotUsage:|EBS/.test(usageType);
      const total = (rows: readonly BilledRow[], of: (usageType: string) => boolean): bigint =>
        sum(rows.filter(({ keys }) => of(keys[1] ?? '')).map(({ usd }) => nanoUsd(usd)));
      const least = total(byUsageType, isSure) + total(byService, isMaybe);
      const most = total(byUsageType, (usageType) => isSure(usageType) || isMaybe(usageType));
      expect(placed >= least && placed <= most).toBe(true);
      expect(bill.rows.filter(({ nano }) => nano < 0n)).toEqual([]);
    }),
    RUNS,
  );
});

const DIMENSIONS: readonly CostDimension[] = ['account', 'cluster', 'service', 'capacityKind', 'role'];

test('groups add up to the totals however they are cut, and billed minus modelled is the difference', () => {
  fc.assert(
    fc.property(arbEstate, arbBill, fc.subarray([...DIMENSIONS]), (given, figures, by) => {
      const { cluster, rest } = modelled(given);
      const { byService, byUsageType } = rowsOf(figures);
      const bill = attributeBilled({
        accounts: [ACCOUNT],
        byUsageType,
        byService: [{ account: ACCOUNT, cluster: 'rose', rows: byService }],
        models: [cluster, rest],
        facts: aFactBook(),
      });
      const rows = [...cluster.rows, ...rest.rows];
      const given2 = summarise(rows, bill, by, ({ tags }) => tags.role ?? null);
      const nano = (usd: string | null): bigint => nanoUsd(usd ?? '0');
      const billed = sum(given2.groups.map(({ billedUsd }) => nano(billedUsd)));
      const total = sum(bill.rows.map((row) => row.nano)) + sum(bill.unattributed.map((row) => row.nano));

      expect(billed + nano(given2.unattributedUsd)).toBe(nano(given2.totalBilledUsd));
      expect(nano(given2.totalBilledUsd)).toBe(total);
      expect(sum(given2.groups.map(({ modelledUsd }) => nano(modelledUsd)))).toBe(nano(given2.totalModelledUsd));
      expect(nano(given2.totalModelledUsd)).toBe(sum(rows.map((row) => row.nano)));
      expect(nano(given2.totalBilledUsd) - nano(given2.totalModelledUsd)).toBe(nano(given2.differenceUsd));
      expect(sum(given2.groups.map(({ idleUsd }) => nano(idleUsd)))).toBe(nano(given2.idleUsd));
      const sizes = given2.groups.map(({ billedUsd, modelledUsd }) =>
        nano(billedUsd) > nano(modelledUsd) ? nano(billedUsd) : nano(modelledUsd),
      );
      expect(sizes).toEqual([...sizes].sort((a, b) => (a > b ? -1 : a < b ? 1 : 0)));
    }),
    RUNS,
  );
});
