/** What a cluster costs as it stands now, if it stood so for a month of 730 h. */

import { sizeUsdPerHour } from '../capacity/fargate.ts';
import { MONTH } from '../capacity/lines.ts';
import { ec2QuotaCode, fargateQuotaCode } from '../capacity/quotas.ts';
import { type ClusterIndex, fargateParts, instanceKind } from '../cost/cluster-context.ts';
import { FARGATE_KINDS, fargatePricer, fargateRates } from '../cost/fargate-cost.ts';
import { instancePricer, wholeRate } from '../cost/instance-price.ts';
import { taskSize } from '../cost/task-size.ts';
import type { FactBook } from '../facts.ts';
import type { Ec2Instance, RegionPart } from '../model.ts';
import type { ContainerInstance, Service } from '../model-cluster.ts';
import type { PriceBook } from '../prices.ts';
import { multiply, type NanoUsd, type Rational, toNanoUsd, usdString } from '../units.ts';
import type { Spend, Today } from './types.ts';

type Sum = { nano: NanoUsd; count: number };

/**
 * Every instance that runs, and every wanted Fargate task of the given services, at today's prices. Families of tasks
 * that come and go are not in it: no plan for a whole month holds them.
 */
export function todayOf(
  index: ClusterIndex,
  services: readonly Service[],
  world: { readonly region: RegionPart | null; readonly prices: PriceBook; readonly facts: FactBook },
): Today {
  const sums = new Map<string, Sum>();
  const unpriced: string[] = [];
  const add = (key: string, nano: NanoUsd, count: number): void => {
    const sum = sums.get(key) ?? { nano: 0n, count: 0 };
    sum.nano += nano;
    sum.count += count;
    sums.set(key, sum);
  };
  const perTask = fargatePricer(world.prices, world.facts);
  const spend: Spending = new Map();
  const vcpuByQuota = new Map<string, number>();
  const use = (code: string | null, vcpu: number): void => {
    if (code !== null) vcpuByQuota.set(code, (vcpuByQuota.get(code) ?? 0) + vcpu);
  };
  const instances = new Map((world.region?.instances ?? []).map((instance) => [instance.id, instance]));
  for (const service of services)
    addFargate({ index, perTask, add, use, facts: world.facts, unpriced, prices: world.prices, spend }, service);
  const vcpuOf = new Map(world.prices.types.map(({ name, vcpu }) => [name, vcpu]));
  const price = instancePricer(world.prices, world.facts, world.region);
  for (const container of index.view.containerInstances) {
    const instance = container.ec2InstanceId === null ? undefined : instances.get(container.ec2InstanceId);
    if (container.ec2InstanceId === null) continue;
    const known = instance ?? asRegistered(container);
    const provider = container.capacityProvider === null ? null : index.provider(container.capacityProvider);
    const kind = known === null ? null : instanceKind(provider, known);
    const rates = known === null || kind === null ? 'EC2 did not describe it' : price(known, kind);
    if (typeof rates === 'string') unpriced.push(`${container.ec2InstanceId}: ${rates}`);
    else add(`${kind} ${known?.type}`, toNanoUsd(multiply(wholeRate(rates), MONTH)), 1);
    const isReserved = known !== null && known.capacityReservationId !== null;
    if (known !== null && typeof rates !== 'string' && known.lifecycle === 'on-demand')
      spendOn(spend, { type: known.type, nano: toNanoUsd(multiply(rates.compute, MONTH)), isReserved });
    // A reservation counts against the quota by itself.
    if (known !== null && !isReserved)
      use(ec2QuotaCode(world.facts, known.type, known.lifecycle), vcpuOf.get(known.type) ?? 0);
  }
  const rows = [...sums].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    usdPerMonth: usdString(rows.reduce((total, [, { nano }]) => total + nano, 0n)),
    rows: rows.map(([key, { nano, count }]) => {
      const [kind = key, what = ''] = key.split(' ');
      return { kind, what: what === '' ? `${count} tasks` : `${count} x ${what}`, usdPerMonth: usdString(nano) };
    }),
    spend: [...spend.entries()]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { row, nano }]) => ({ ...row, usdPerMonth: usdString(nano) })),
    unpriced,
    instances: index.view.containerInstances.filter(({ ec2InstanceId }) => ec2InstanceId !== null).length,
    vcpuByQuota: Object.fromEntries([...vcpuByQuota].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

type Spending = Map<string, { readonly row: Spend; readonly nano: NanoUsd }>;

/** Adds the EC2 part of an instance to what commitments may pay for. */
function spendOn(
  spend: Spending,
  { type, nano, isReserved }: { readonly type: string; readonly nano: NanoUsd; readonly isReserved: boolean },
): void {
  const known = spend.get(type);
  const before = known?.row.kind === 'ec2' ? known.row : null;
  const row: Spend = {
    kind: 'ec2',
    instanceType: type,
    count: (before?.count ?? 0) + 1,
    covered: (before?.covered ?? 0) + (isReserved ? 1 : 0),
    usdPerMonth: '0',
  };
  spend.set(type, { row, nano: (known?.nano ?? 0n) + nano });
}

type Pricing = {
  readonly index: ClusterIndex;
  readonly perTask: ReturnType<typeof fargatePricer>;
  readonly add: (key: string, nano: NanoUsd, count: number) => void;
  readonly use: (code: string | null, vcpu: number) => void;
  readonly facts: FactBook;
  readonly unpriced: string[];
  readonly prices: PriceBook;
  readonly spend: Spending;
};

/** The part of a service that runs on Fargate, by its tasks or its strategy. */
function addFargate(pricing: Pricing, service: Service): void {
  const { index, perTask, add, use, facts, unpriced, prices, spend } = pricing;
  const { counts, of } = fargateParts(index, service);
  const definition = index.definition(service.taskDefinition);
  if (definition === null) return;
  for (const kind of FARGATE_KINDS) {
    if (counts[kind] === 0) continue;
    const size = taskSize(null, definition);
    const hourly = perTask(definition, kind, { size, isPublic: service.assignPublicIp });
    if (typeof hourly === 'string') {
      unpriced.push(`${service.name}: ${hourly}`);
      continue;
    }
    const tasks: Rational = { n: BigInt(service.desiredCount * counts[kind]), d: BigInt(of) };
    const count = Math.round((service.desiredCount * counts[kind]) / of);
    add(kind, toNanoUsd(multiply(multiply(hourly, tasks), MONTH)), count);
    if (kind === 'fargate') {
      const { architecture } = definition;
      const rate = fargateRates(prices, definition, kind);
      const nano = rate === null ? 0n : toNanoUsd(multiply(multiply(sizeUsdPerHour(size, rate), tasks), MONTH));
      const row: Spend = { kind: 'fargate', architecture, usdPerMonth: '0' };
      spend.set(architecture, { row, nano: (spend.get(architecture)?.nano ?? 0n) + nano });
    }
    use(fargateQuotaCode(facts, kind), (count * size.cpuUnits) / 1024);
  }
}

/** An instance that EC2 was not read for: its type alone is known, its volumes are not. */
function asRegistered(
  container: ContainerInstance,
): Pick<Ec2Instance, 'type' | 'az' | 'lifecycle' | 'state' | 'volumes' | 'operator' | 'capacityReservationId'> | null {
  if (container.instanceType === null) return null;
  return {
    type: container.instanceType,
    az: container.az ?? '',
    lifecycle: 'on-demand',
    state: 'running',
    volumes: [],
    operator: null,
    capacityReservationId: null,
  };
}
