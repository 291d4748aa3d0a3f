/** Estates of any size for benches: every service with its own task definition, a third of them on EC2 instances. */
import { openLibrary } from '../../src/data.ts';
import type { AccountState, AwsWorld, CostRow, RegionState } from './state.ts';
import { buildCluster } from './world/cluster.ts';
import { type Bill, rowsOf } from './world/costs.ts';
import { diskGiB, type Setting } from './world/hosts.ts';
import { between, DAY_MS, midnight } from './world/ids.ts';
import { livesOf } from './world/lives.ts';
import { dayBounds } from './world/metrics.ts';
import { spotPrice } from './world/network.ts';
import { buildRegion } from './world/region.ts';
import { HISTORY_DAYS } from './world/services.ts';
import { type ClusterSpec, type HostSpec, onProvider, type ProviderSpec, type ServiceSpec } from './world/specs.ts';

export type EstateSize = {
  readonly accounts: number;
  readonly clustersPerAccount: number;
  readonly servicesPerCluster: number;
  readonly tasksPerService: number;
  readonly instancesPerCluster: number;
  readonly now: () => Date;
};

const REGION = 'eu-west-1';
const FLOWERS = ['rose', 'tulip', 'orchid', 'daisy', 'lily', 'aster', 'iris', 'poppy', 'lotus', 'peony'];
const ASG = 'asg';
const MANAGED = 'mi';
/** 8 vCPU and 32 GiB: room for 16 of the small tasks that the estate puts on instances. */
const HOST_TYPE = 'm6a.2xlarge';
const SMALL = { cpu: 512, memory: 1024 } as const;
const FARGATE_SIZES = [
  { cpu: 256, memory: 512 },
  { cpu: 512, memory: 1024 },
  { cpu: 1024, memory: 2048 },
  { cpu: 1024, memory: 4096 },
  { cpu: 2048, memory: 8192 },
] as const;
const ZONES = [0, 1, 2] as const;

/**
 * Makes an estate. Every third service runs on instances (where there are any), half of those on an Auto Scaling
 * group and half on Managed Instances; the others on Fargate. Throws when the instances have no room for their share.
 * Nothing changes from day to day, so every full day of the last nine weeks has the same bill.
 */
export function createEstate(size: EstateSize): AwsWorld {
  const library = openLibrary();
  const prices = library.prices(REGION);
  const start = size.now().getTime();
  const anchor = midnight(start);
  const types = new Map(prices.types.map((type) => [type.name, type]));
  const made = Array.from({ length: size.accounts }, (_, index) => {
    const name = `estate-${String(index + 1).padStart(2, '0')}`;
    const id = String(500_000_000_001 + index * 1_000_003);
    const setting: Setting = { place: { account: id, region: REGION }, start, anchor, types };
    const clusters = Array.from({ length: size.clustersPerAccount }, (_, number) =>
      buildCluster(setting, clusterSpec(size, name, index * size.clustersPerAccount + number)),
    );
    const first = anchor - HISTORY_DAYS * DAY_MS;
    const lives = clusters.flatMap(({ hosts }) => hosts.flatMap((host) => livesOf(host, diskGiB(host), first)));
    const around = { ...NOTHING, raisedQuotas: { 'L-3032A538': 20_000, 'L-1216C47A': 20_000 } };
    const state = buildRegion({ setting, now: size.now, prices, clusters, lives, around });
    const bill: Bill = {
      account: id,
      region: REGION,
      prices,
      clusters,
      lives,
      spotPrice: (type, az) => spotPrice(prices, type, az),
      unused: [],
      covered: false,
      noise: [],
    };
    return { account: toAccount(id, name, state), bill };
  });
  const hub = made[0]?.account.id ?? '';
  return {
    now: size.now,
    hub: {
      accountId: hub,
      accessKeyId: 'DEMOHUBACCESSKEY0001',
      secretAccessKey: 'made-up-secret-of-the-simulated-hub',
    },
    payer: hub,
    accounts: made.map(({ account }) => account),
    costs: sameEveryDay(
      made.map(({ bill }) => bill),
      { now: size.now, anchor },
    ),
    costAllocationTags: [
      { key: 'aws:ecs:clusterName', active: true },
      { key: 'aws:ecs:serviceName', active: true },
    ],
  };
}

const NOTHING = {
  instances: [],
  statuses: [],
  reservations: [],
  windows: [],
  events: new Map(),
  recommendations: [],
  settings: { awsvpcTrunking: 'enabled' },
} as const;

function toAccount(id: string, name: string, state: RegionState): AccountState {
  return {
    id,
    name,
    readerRoleArn: `arn:aws:iam::${id}:role/ecs-advise-reader`,
    writerRoleArn: `arn:aws:iam::${id}:role/ecs-advise-writer`,
    externalId: `ecs-advise-${name}`,
    regions: new Map([[REGION, state]]),
    savingsPlans: [],
    computeOptimizer: 'Active',
  };
}

function clusterSpec(size: EstateSize, account: string, number: number): ClusterSpec {
  const hasHosts = size.instancesPerCluster > 0;
  const turn = Math.floor(number / FLOWERS.length);
  const name = `${FLOWERS[number % FLOWERS.length]}${turn === 0 ? '' : `-${turn + 1}`}`;
  return {
    name,
    account,
    region: REGION,
    tags: { team: 'estate' },
    providers: [{ kind: 'fargate' }, ...(hasHosts ? providersFor(name) : [])],
    defaultStrategy: [{ capacityProvider: 'FARGATE', weight: 1, base: 0 }],
    hosts: Array.from({ length: size.instancesPerCluster }, (_, index) => hostSpec(name, index)),
    services: Array.from({ length: size.servicesPerCluster }, (_, index) => serviceSpec(size, name, index)),
    standalone: [],
  };
}

/** An ASG provider belongs to the account, so its name holds the cluster's. */
function providersFor(cluster: string): readonly ProviderSpec[] {
  return [
    { kind: 'asg', name: `${ASG}-${cluster}`, group: `ecs-${cluster}`, tags: {} },
    {
      kind: 'managed-instances',
      name: `${MANAGED}-${cluster}`,
      option: 'ON_DEMAND',
      scaleInAfter: null,
      requirements: { vCpuCount: { min: 8, max: 8 }, memoryMiB: { min: 32_768 }, allowedInstanceTypes: [HOST_TYPE] },
      tags: {},
    },
  ];
}

function hostSpec(cluster: string, number: number): HostSpec {
  return {
    provider: `${number % 2 === 0 ? ASG : MANAGED}-${cluster}`,
    number,
    type: HOST_TYPE,
    zone: ZONES[number % 3] ?? 0,
    ageHours: between(`age ${cluster} ${number}`, 24, 330),
    lifecycle: 'on-demand',
  };
}

function serviceSpec(size: EstateSize, cluster: string, number: number): ServiceSpec {
  const name = `${cluster}-svc-${String(number).padStart(5, '0')}`;
  const tags = { team: `team-${number % 40}`, role: number % 7 === 0 ? 'head-node' : 'qcu' };
  const shared = { name, tasks: size.tasksPerService, tags };
  if (size.instancesPerCluster > 0 && number % 3 === 0) {
    const provider = `${number % 2 === 0 ? ASG : MANAGED}-${cluster}`;
    return { ...shared, shape: SMALL, runsOn: onProvider(provider) };
  }
  const shape = FARGATE_SIZES[between(`size ${name}`, 0, FARGATE_SIZES.length - 1)] ?? SMALL;
  return { ...shared, shape, runsOn: onProvider('FARGATE') };
}

/** One full day is worked out and shown for all of them; today's is worked out each time. */
function sameEveryDay(
  bills: readonly Bill[],
  time: { readonly now: () => Date; readonly anchor: number },
): AwsWorld['costs'] {
  const rows = (start: number, end: number): readonly CostRow[] => bills.flatMap((bill) => rowsOf(bill, start, end));
  let full: readonly CostRow[] | null = null;
  return (day) => {
    const bounds = dayBounds(day, time.now());
    if (bounds === null || bounds[0] < time.anchor - HISTORY_DAYS * DAY_MS) return [];
    const [start, end] = bounds;
    if (end - start < DAY_MS) return rows(start, end);
    full ??= rows(time.anchor - DAY_MS, time.anchor);
    return full;
  };
}
