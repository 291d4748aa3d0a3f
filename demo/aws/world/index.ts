/** The recorded world: three accounts, four clusters, nine weeks of history. Equal clocks make equal worlds. */
import { openLibrary } from '../../../src/data.ts';
import type { Library } from '../../../src/deps.ts';
import type { AccountState, AwsWorld, CostRow, RegionState } from '../state.ts';
import { type BuiltCluster, buildCluster } from './cluster.ts';
import { type Bill, rowsOf } from './costs.ts';
import { DAISY } from './daisy.ts';
import { diskGiB, type Setting } from './hosts.ts';
import { DAY_MS, midnight } from './ids.ts';
import { hoursOf, type Life, livesOf } from './lives.ts';
import { dayBounds } from './metrics.ts';
import { quantity, usd } from './money.ts';
import { movingRegion } from './moving.ts';
import { spotPrice } from './network.ts';
import { recommendations } from './optimizer.ts';
import { ORCHID } from './orchid.ts';
import type { RegionMaking } from './region.ts';
import { ROSE } from './rose.ts';
import { HISTORY_DAYS } from './services.ts';
import type { AccountKey, ClusterSpec } from './specs.ts';
import {
  ACCOUNTS,
  ADVICE,
  COMMITMENT_USD_PER_HOUR,
  EMPTY_RESERVATION,
  eventsOf,
  NOISE,
  othersOf,
  PLAN_SERVICE,
  PLAN_USAGE_TYPE,
  RAISED,
  reservationsOf,
  savingsPlan,
  windowsOf,
} from './surroundings.ts';
import { TULIP } from './tulip.ts';

const CLUSTERS: readonly ClusterSpec[] = [ROSE, TULIP, ORCHID, DAISY];

/** A Compute Savings Plan covers what this account runs on demand on EC2. */
const PLANNED: AccountKey = 'qcu-2';

type BuiltRegion = { readonly state: RegionState; readonly bill: Bill };

/**
 * Makes the world. Ages count back from the clock's present; ids and counts are the same whatever the clock says. When
 * it moves on, metrics and bills grow and Managed Instances are replaced one by one (`turns.ts`); all else stays.
 *
 * The bill is amortised. It equals task-minutes and instance-hours times the price books, but for what `planted.json`
 * lists with a kind of `billed-…`. The part of the Savings Plan that nothing used is a row of its own.
 */
export function createWorld(options: { readonly now: () => Date }): AwsWorld {
  const library = openLibrary();
  const start = options.now().getTime();
  const built = ACCOUNTS.map(({ key, id, regions }) => ({
    key,
    id,
    regions: regions.map((region) => makeRegion(library, { key, id, region, start, now: options.now })),
  }));
  const [hub] = built;
  if (hub === undefined) throw new Error('the world has no account');
  const bills = built.flatMap(({ regions }) => regions.map(({ bill }) => bill));
  return {
    now: options.now,
    hub: {
      accountId: hub.id,
      accessKeyId: 'DEMOHUBACCESSKEY0001',
      secretAccessKey: 'made-up-secret-of-the-simulated-hub',
    },
    payer: hub.id,
    accounts: built.map(({ key, id, regions }) => toAccount(key, id, regions, midnight(start))),
    costs: costsOf(bills, { now: options.now, first: midnight(start) - HISTORY_DAYS * DAY_MS }),
    costAllocationTags: [
      { key: 'aws:ecs:clusterName', active: true },
      { key: 'aws:ecs:serviceName', active: true },
      { key: 'team', active: true },
      { key: 'role', active: false },
    ],
  };
}

function toAccount(key: AccountKey, id: string, regions: readonly BuiltRegion[], anchor: number): AccountState {
  return {
    id,
    name: key,
    readerRoleArn: `arn:aws:iam::${id}:role/ecs-advise-reader`,
    writerRoleArn: `arn:aws:iam::${id}:role/ecs-advise-writer`,
    externalId: `ecs-advise-${key}`,
    regions: new Map(regions.map(({ state }) => [state.region, state])),
    savingsPlans: key === PLANNED ? [savingsPlan(id, anchor)] : [],
    computeOptimizer: key === 'qcu-2' ? 'Inactive' : 'Active',
  };
}

type Place = {
  readonly key: AccountKey;
  readonly id: string;
  readonly region: string;
  readonly start: number;
  readonly now: () => Date;
};

function makeRegion(library: Library, { key, id, region, start, now }: Place): BuiltRegion {
  const prices = library.prices(region);
  const anchor = midnight(start);
  const setting: Setting = {
    place: { account: id, region },
    start,
    anchor,
    types: new Map(prices.types.map((type) => [type.name, type])),
  };
  const first = anchor - HISTORY_DAYS * DAY_MS;
  const specs = CLUSTERS.filter((spec) => spec.account === key && spec.region === region);
  const clusters = specs.map((spec) => buildCluster(setting, spec));
  const others = othersOf(setting, key, first);
  const lives = [
    ...clusters.flatMap(({ hosts }) => hosts.flatMap((host) => livesOf(host, diskGiB(host), first))),
    ...others.lives,
  ];
  const place = `${key} ${region}`;
  const making: RegionMaking = {
    setting,
    now,
    prices,
    clusters,
    lives,
    around: {
      ...others,
      reservations: reservationsOf(setting, key),
      windows: windowsOf(setting.place, key),
      events: eventsOf(setting, clusters),
      raisedQuotas: RAISED[place] ?? {},
      recommendations: advised(setting, clusters, library),
      settings: accountSettings(key),
    },
  };
  const state = movingRegion(making, specs);
  const bill: Bill = {
    account: id,
    region,
    prices,
    clusters,
    lives,
    spotPrice: (type, az) => spotPrice(prices, type, az),
    unused:
      key === 'head-nodes'
        ? [
            {
              type: EMPTY_RESERVATION.type,
              count: EMPTY_RESERVATION.empty,
              from: anchor - EMPTY_RESERVATION.sinceDays * DAY_MS,
            },
          ]
        : [],
    covered: key === PLANNED,
    noise: NOISE[place] ?? [],
  };
  return { state, bill };
}

function advised(
  setting: Setting,
  clusters: readonly BuiltCluster[],
  library: Library,
): ReturnType<typeof recommendations> {
  return clusters.flatMap((built) =>
    recommendations(setting, library.prices(setting.place.region), built, ADVICE[built.spec.name] ?? []),
  );
}

function accountSettings(key: AccountKey): { readonly [name: string]: string } {
  return {
    awsvpcTrunking: 'enabled',
    containerInsights: 'disabled',
    containerInstanceLongArnFormat: 'enabled',
    serviceLongArnFormat: 'enabled',
    taskLongArnFormat: 'enabled',
    fargateTaskRetirementWaitPeriod: key === 'head-nodes' ? '14' : '7',
    fargateEventWindows: key === 'head-nodes' ? 'enabled' : 'disabled',
  };
}

/** The bill by day; days that are over are worked out once. */
function costsOf(
  bills: readonly Bill[],
  time: { readonly now: () => Date; readonly first: number },
): AwsWorld['costs'] {
  const over = new Map<string, readonly CostRow[]>();
  return (day) => {
    const known = over.get(day);
    if (known !== undefined) return known;
    const bounds = dayBounds(day, time.now());
    if (bounds === null || bounds[0] < time.first) return [];
    const [start, end] = bounds;
    const rows = bills.flatMap((bill) => [...rowsOf(bill, start, end), ...unusedPlan(bill, start, end)]);
    if (end - start === DAY_MS) over.set(day, rows);
    return rows;
  };
}

/** The part of the commitment that no instance used, as amortised cost of the plan itself. */
function unusedPlan(bill: Bill, start: number, end: number): readonly CostRow[] {
  if (!bill.covered) return [];
  const committed = Number(COMMITMENT_USD_PER_HOUR) * hoursOf({ from: start, to: null }, start, end);
  const used = bill.lives
    .filter(({ lifecycle }) => lifecycle === 'on-demand')
    .reduce((sum, life) => sum + hoursOf(life, start, end) * planRate(bill, life), 0);
  const amount = { count: Math.round(Math.max(0, committed - used) * 1e9), per: 1e9 };
  return [
    {
      account: bill.account,
      region: 'global',
      service: PLAN_SERVICE,
      usageType: PLAN_USAGE_TYPE,
      tags: {},
      usd: usd('1', amount),
      quantity: quantity({ count: 1, per: 1 }),
    },
  ];
}

function planRate({ prices }: Bill, { type }: Life): number {
  const share = prices.savingsPlans.ec2ByFamily[type.family]?.oneYear ?? '1';
  return Number(prices.onDemand[type.name]?.usdPerHour ?? 0) * Number(share);
}
