/** The bill: what ran, times the project's own prices, in the rows that Cost Explorer makes of it (amortised). */
import type { PriceBook } from '../../../src/engine/index.ts';
import type { CostRow } from '../state.ts';
import { type BuiltCluster, capacityOf, providersOf } from './cluster.ts';
import { HOUR_MS } from './ids.ts';
import { hoursOf, type Life } from './lives.ts';
import { taskMinutes } from './metrics.ts';
import { type Amount, quantity, usd } from './money.ts';
import type { ServiceSpec, TaskShape } from './specs.ts';

const CLUSTER_TAG = 'aws:ecs:clusterName';
const SERVICE_TAG = 'aws:ecs:serviceName';
const ECS = 'Amazon Elastic Container Service';
const EC2 = 'Amazon Elastic Compute Cloud - Compute';
const EC2_OTHER = 'EC2 - Other';

/** What Fargate Spot really cost: its price moves, and the price book is a snapshot of another day. */
const FARGATE_SPOT_BILLED: { readonly [region: string]: { readonly vcpu: string; readonly gib: string } } = {
  'eu-west-1': { vcpu: '0.01238', gib: '0.00136' },
};

/** Month of a GiB-month, as the price book counts it. */
const MONTH_HOURS = 730;
const INCLUDED_STORAGE_GIB = 20;

export type Bill = {
  readonly account: string;
  readonly region: string;
  readonly prices: PriceBook;
  readonly clusters: readonly BuiltCluster[];
  readonly lives: readonly Life[];
  /** By type and zone, as DescribeSpotPriceHistory has it. */
  readonly spotPrice: (type: string, az: string) => string;
  /** Empty reserved instances: their number over the time they have been so. */
  readonly unused: readonly { readonly type: string; readonly count: number; readonly from: number }[];
  /** A Savings Plan covers every on-demand instance of the account. */
  readonly covered: boolean;
  /** Rows of other services, the same every day. */
  readonly noise: readonly { readonly service: string; readonly usageType: string; readonly usdPerDay: string }[];
};

type Row = Pick<CostRow, 'service' | 'usageType' | 'usd' | 'quantity'> & { readonly tags?: CostRow['tags'] };

/** ECS's usage types carry a prefix everywhere, those of EC2 none in us-east-1. */
function prefixes(region: string): { readonly ecs: string; readonly ec2: string } {
  return region === 'us-east-1' ? { ecs: 'USE1-', ec2: '' } : { ecs: 'EU-', ec2: 'EU-' };
}

/** All rows of [start, end), which lies inside one day. */
export function rowsOf(bill: Bill, start: number, end: number): readonly CostRow[] {
  const rows = [
    ...bill.clusters.flatMap((cluster) => fargateRows(bill, cluster, start, end)),
    ...instanceRows(bill, start, end),
    ...unusedRows(bill, start, end),
    ...meteringRows(bill, start, end),
    ...noiseRows(bill, start, end),
  ];
  return rows
    .filter((row) => Number(row.quantity) > 0)
    .map(({ tags, ...row }) => ({
      account: bill.account,
      region: bill.region,
      ...row,
      tags: { [CLUSTER_TAG]: '', [SERVICE_TAG]: '', team: '', ...tags },
    }));
}

function fargateRows(bill: Bill, built: BuiltCluster, start: number, end: number): readonly Row[] {
  const ofServices = built.spec.services.flatMap((spec) => {
    const series = built.series.get(spec.name);
    const minutes = series === undefined ? 0 : taskMinutes(series.steps, start, end);
    const tags: CostRow['tags'] =
      spec.managedTags === false
        ? {}
        : { [CLUSTER_TAG]: built.spec.name, [SERVICE_TAG]: spec.name, team: spec.tags.team ?? '' };
    return splitBySpot(built, spec, minutes).flatMap(({ isSpot, seconds }) =>
      seconds === 0 ? [] : sizeRows(bill, spec.shape, { isSpot, seconds, tags }),
    );
  });
  const ofBatch = built.spec.standalone.flatMap(({ provider, shape, batch }) => {
    if (batch === null || !provider.startsWith('FARGATE')) return [];
    const starts = ((end - start) / HOUR_MS) * batch.perHour;
    const seconds = starts * Math.max(60, batch.runSeconds + batch.pullSeconds);
    return sizeRows(bill, shape, {
      isSpot: provider === 'FARGATE_SPOT',
      seconds,
      tags: { [CLUSTER_TAG]: built.spec.name },
    });
  });
  return [...ofServices, ...ofBatch];
}

/** Task-minutes on Fargate and on Fargate Spot, in the proportion of the tasks that run now. */
function splitBySpot(
  built: BuiltCluster,
  spec: ServiceSpec,
  minutes: number,
): readonly { readonly isSpot: boolean; readonly seconds: number }[] {
  const tasks = providersOf(spec.tasks === 0 ? { ...spec, tasks: 1 } : spec).map((provider) =>
    capacityOf(built.spec, provider, spec),
  );
  const share = (kind: string): number => tasks.filter((task) => task === kind).length / tasks.length;
  return [
    { isSpot: false, seconds: minutes * 60 * share('fargate') },
    { isSpot: true, seconds: minutes * 60 * share('fargate-spot') },
  ];
}

type Sized = { readonly isSpot: boolean; readonly seconds: number; readonly tags: CostRow['tags'] };

function sizeRows(bill: Bill, shape: TaskShape, { isSpot, seconds, tags }: Sized): readonly Row[] {
  const { prices, region } = bill;
  const prefix = prefixes(region).ecs;
  const architecture = shape.arm === true ? 'arm64' : 'x86_64';
  const spot = FARGATE_SPOT_BILLED[region];
  const rates = prices.fargate[architecture];
  const vcpuPrice = isSpot ? (spot?.vcpu ?? rates.vcpuUsdPerHour) : rates.vcpuUsdPerHour;
  const gibPrice = isSpot ? (spot?.gib ?? rates.gibUsdPerHour) : rates.gibUsdPerHour;
  const kind = `${isSpot ? 'SpotUsage-' : ''}Fargate${shape.arm === true ? '-ARM' : ''}`;
  const storage = Math.max(0, (shape.ephemeralGiB ?? INCLUDED_STORAGE_GIB) - INCLUDED_STORAGE_GIB);
  const row = (usageType: string, price: string, amount: Amount): Row => ({
    service: ECS,
    usageType: `${prefix}${usageType}`,
    usd: usd(price, amount),
    quantity: quantity(amount),
    tags,
  });
  return [
    row(`${kind}-vCPU-Hours:perCPU`, vcpuPrice, { count: (shape.cpu ?? 0) * seconds, per: 1024 * 3600 }),
    row(`${kind}-GB-Hours`, gibPrice, { count: (shape.memory ?? 0) * seconds, per: 1024 * 3600 }),
    row('Fargate-EphemeralStorage-GB-Hours', prices.ephemeralGibUsdPerHour, { count: storage * seconds, per: 3600 }),
  ];
}

/** Lives that are billed alike, in instance-hours. */
type Sum = { readonly life: Life; hours: number };

function instanceRows(bill: Bill, start: number, end: number): readonly Row[] {
  const sums = new Map<string, Sum>();
  for (const life of bill.lives) {
    const hours = hoursOf(life, start, end);
    if (hours === 0) continue;
    const owner = life.managed ? life.cluster : null;
    const key = [owner, life.type.name, life.lifecycle, life.lifecycle === 'spot' ? life.az : '', life.diskGiB].join(
      ' ',
    );
    const sum = sums.get(key) ?? { life, hours: 0 };
    sum.hours += hours;
    sums.set(key, sum);
  }
  return [...sums.values()].flatMap((sum) => lifeRows(bill, sum));
}

function lifeRows(bill: Bill, { life, hours }: Sum): readonly Row[] {
  const { prices, region } = bill;
  const { ecs, ec2 } = prefixes(region);
  const type = life.type.name;
  const onDemand = prices.onDemand[type]?.usdPerHour ?? '0';
  const amount: Amount = { count: hours * 3600, per: 3600 };
  const tags: CostRow['tags'] = life.managed ? { [CLUSTER_TAG]: life.cluster ?? '' } : {};
  const plan = prices.savingsPlans.ec2ByFamily[life.type.family]?.oneYear;
  const isSpot = life.lifecycle === 'spot';
  const box: Row = {
    service: EC2,
    usageType: `${ec2}${isSpot ? 'SpotUsage' : 'BoxUsage'}:${type}`,
    usd: isSpot
      ? usd(bill.spotPrice(type, life.az), amount)
      : usd(onDemand, amount, bill.covered && plan !== undefined ? plan : '1'),
    quantity: quantity(amount),
    tags,
  };
  const disk: Amount = { count: life.diskGiB * hours * 3600, per: MONTH_HOURS * 3600 };
  const volume: Row = {
    service: EC2_OTHER,
    usageType: `${ec2}EBS:VolumeUsage.gp3`,
    usd: usd(prices.gp3.gibUsdPerMonth, disk),
    quantity: quantity(disk),
    tags,
  };
  if (!life.managed) return [box, volume];
  const fee: Row = {
    service: ECS,
    usageType: `${ecs}ECS-Managed-Instances:${type}-management-hours`,
    usd: usd(onDemand, amount, FEE),
    quantity: quantity(amount),
    tags,
  };
  return [box, fee, volume];
}

/** The fee of ordinary families: 12 % of the on-demand price, Spot or not (data/facts, mi.fee.fraction.default). */
const FEE = '0.12';

function unusedRows(bill: Bill, start: number, end: number): readonly Row[] {
  return bill.unused.map(({ type, count, from }) => {
    const amount: Amount = { count: count * hoursOf({ from, to: null }, start, end) * 3600, per: 3600 };
    return {
      service: EC2,
      usageType: `${prefixes(bill.region).ec2}UnusedBox:${type}`,
      usd: usd(bill.prices.onDemand[type]?.usdPerHour ?? '0', amount),
      quantity: quantity(amount),
    };
  });
}

/** ECS also counts tasks on EC2 instances, at no charge. */
function meteringRows(bill: Bill, start: number, end: number): readonly Row[] {
  const hours = bill.lives
    .filter(({ cluster, managed }) => cluster !== null && !managed)
    .reduce((sum, life) => sum + hoursOf(life, start, end) * life.type.vcpu, 0);
  const amount: Amount = { count: hours * 3600, per: 3600 };
  return ['ECS-EC2-vCPU-Hours', 'ECS-EC2-GB-Hours'].map((usageType) => ({
    service: ECS,
    usageType: `${prefixes(bill.region).ecs}${usageType}`,
    usd: usd('0', amount),
    quantity: quantity(amount),
  }));
}

function noiseRows(bill: Bill, start: number, end: number): readonly Row[] {
  const amount: Amount = { count: (end - start) / 1000, per: 24 * 3600 };
  return bill.noise.map(({ service, usageType, usdPerDay }) => ({
    service,
    usageType: `${prefixes(bill.region).ec2}${usageType}`,
    usd: usd(usdPerDay, amount),
    quantity: quantity({ count: (end - start) / 1000, per: 3600 }),
  }));
}
