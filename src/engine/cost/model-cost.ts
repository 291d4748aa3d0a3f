/**
 * Problem: what does each service cost in a period, from what was seen to run and the price book (design 5, "modelled").
 * Method: Fargate by task-hours; instances by their hours, split over the tasks on them now; exact money, one rounding
 * for each line. One cluster at a time, so that an estate of any size fits.
 */
import { decimalString } from '../capacity/lines.ts';
import type { Ec2Instance, RegionPart, Tags } from '../model.ts';
import { type NanoUsd, rational, whole } from '../units.ts';
import { instantOf } from '../windows/instant.ts';
import { type ClusterIndex, clusterIndex, instanceKind, serviceOf } from './cluster-context.ts';
import { fargateRows, standaloneName } from './fargate-cost.ts';
import { clusterInstances, type InstanceCost, type InstanceShare, instanceCost } from './instance-cost.ts';
import { type InstancePricer, instancePricer } from './instance-price.ts';
import { begunDays, costOf, hoursOf, overlapMs, passedSpan, type Span } from './span.ts';
import {
  type ClusterCostQuestion,
  type CostKind,
  type CostModel,
  type CostWorld,
  ENDED_INSTANCES,
  emptyReservation,
  type InstanceUsage,
  type ModelledRow,
  type RegionCostQuestion,
  UNREAD_INSTANCES,
  type Unpriced,
} from './types.ts';

type Place = { readonly account: string; readonly region: string; readonly cluster: string | null };

/**
 * What a cluster costs in the period, by service and kind of capacity, idle apart. Ended instances that carry its tag,
 * or came from a group of one of its providers, are a row of their own: nobody recorded what ran on them.
 */
export function modelCluster(question: ClusterCostQuestion): CostModel {
  const { view, region, prices, facts } = question;
  const span = passedSpan(question.period, question.now);
  const index = clusterIndex(view);
  const price = instancePricer(prices, facts, region);
  facts.cite('ecs.no-control-plane-charge');
  const fargate = fargateRows({ index, prices, facts, span, days: begunDays(question.period, question.now) });
  const instances = new Map((region?.instances ?? []).map((instance) => [instance.id, instance]));
  const onInstances = clusterInstances({ index, instances, price, span });
  if (onInstances.shares.length > 0) facts.cite('cost.present-split');
  const live = new Set(onInstances.counted);
  const candidates = (region?.instances ?? []).filter(({ id }) => !live.has(id) && !question.taken?.has(id));
  const ended = priceAll(
    candidates.filter((instance) => instance.endedAt !== null && belongsTo(index, instance)),
    { index, price, span, service: ENDED_INSTANCES },
  );
  const place: Place = { account: view.account, region: view.region, cluster: view.name };
  const tags = new Map(view.services.map((service) => [service.name, service.tags]));
  const shares = [...onInstances.shares, ...ended.shares];
  return {
    ...place,
    rows: [
      ...fargate.rows.map(
        ({ service, kind, nano, hours, basis }): ModelledRow => ({
          account: view.account,
          region: view.region,
          cluster: view.name,
          service,
          capacityKind: kind,
          tags: tags.get(service) ?? {},
          nano,
          isIdle: false,
          hours,
          basis,
        }),
      ),
      ...instanceRows(place, shares, (service) => (service === null ? view.tags : (tags.get(service) ?? {}))),
    ],
    usage: usageOf(shares),
    families: familiesOf(index),
    counted: [...onInstances.counted, ...ended.counted],
    emptyInstances: onInstances.empty,
    others: [],
    unpriced: [...fargate.unpriced, ...onInstances.unpriced, ...ended.unpriced],
    assumptions: assumptionsOf(facts),
  };
}

/**
 * What a region costs beside its clusters: empty capacity reservations (idle), and instances that no cluster counted.
 * `others` prices what ECS does not use, for splitting the bill only; it is in no row.
 */
export function modelRegion(question: RegionCostQuestion): CostModel {
  const { region, prices, facts } = question;
  const span = passedSpan(question.period, question.now);
  const price = instancePricer(prices, facts, region);
  const place: Place = { account: question.account, region: question.regionName, cluster: null };
  const left = region.instances.filter(({ id }) => !question.taken.has(id));
  const ended = priceAll(
    left.filter(({ endedAt }) => endedAt !== null),
    { index: null, price, span, service: ENDED_INSTANCES },
  );
  const unread = priceAll(
    left.filter(({ endedAt }) => endedAt === null),
    { index: null, price, span, service: UNREAD_INSTANCES },
  );
  const empty = emptyReservations(place, question, span);
  const shares = [...ended.shares, ...unread.shares];
  return {
    ...place,
    rows: [...empty.rows, ...instanceRows(place, shares, () => ({}))],
    usage: usageOf(shares),
    families: [],
    counted: [...ended.counted, ...unread.counted],
    emptyInstances: [],
    others: otherInstances(question.region, price, span),
    unpriced: [...empty.unpriced, ...ended.unpriced, ...unread.unpriced],
    assumptions: assumptionsOf(facts),
  };
}

/** An ended instance is the cluster's when ECS tagged it so, or its Auto Scaling group feeds one of its providers. */
function belongsTo({ view }: ClusterIndex, instance: Ec2Instance): boolean {
  const tagged = instance.tags['aws:ecs:clusterName'];
  if (tagged !== undefined) return tagged === view.name;
  return view.providers.some(
    (provider) => provider.kind === 'asg' && provider.autoScalingGroup === instance.autoScalingGroup,
  );
}

type Unplaced = {
  readonly index: ClusterIndex | null;
  readonly price: InstancePricer;
  readonly span: Span;
  readonly service: string;
};

/** Prices instances without looking at tasks; each goes whole under one name. */
function priceAll(instances: readonly Ec2Instance[], { index, price, span, service }: Unplaced) {
  const shares: InstanceShare[] = [];
  const unpriced: Unpriced[] = [];
  for (const instance of instances) {
    const providerName = instance.tags['aws:ecs:capacityProviderName'];
    const provider = providerName === undefined ? null : (index?.provider(providerName) ?? null);
    const cost = instanceCost(instance, instanceKind(provider, instance), { price, span });
    if (typeof cost === 'string') unpriced.push({ subject: instance.id, because: cost });
    else if (cost.nano > 0n) shares.push({ service, cost, nano: cost.nano, diskNano: cost.diskNano, ms: cost.ms });
  }
  return { shares, unpriced, counted: instances.map(({ id }) => id) };
}

/** One row for each service and kind. */
function instanceRows(
  place: Place,
  shares: readonly InstanceShare[],
  tagsOf: (service: string | null) => Tags,
): readonly ModelledRow[] {
  type Sum = { service: string | null; kind: CostKind; nano: NanoUsd; ms: bigint; isAssumed: boolean };
  const sums = new Map<string, Sum>();
  for (const { service, cost, nano, ms } of shares) {
    const key = `${cost.kind} ${service === null ? 'idle' : `service ${service}`}`;
    const sum = sums.get(key) ?? { service, kind: cost.kind, nano: 0n, ms: 0n, isAssumed: false };
    sum.nano += nano;
    sum.ms += BigInt(ms);
    sum.isAssumed ||= cost.basis === 'assumed';
    sums.set(key, sum);
  }
  return [...sums.values()].map(({ service, kind, nano, ms, isAssumed }) => ({
    ...place,
    service,
    capacityKind: kind,
    tags: tagsOf(service),
    nano,
    isIdle: service === null,
    hours: decimalString(hoursOf(whole(ms))),
    basis: isAssumed ? 'assumed' : 'measured',
  }));
}

function usageOf(shares: readonly InstanceShare[]): readonly InstanceUsage[] {
  const sums = new Map<string, { of: InstanceCost; service: string | null; nano: NanoUsd; diskNano: NanoUsd }>();
  for (const { service, cost, nano, diskNano } of shares) {
    const key = `${cost.kind} ${cost.instanceType} ${service === null ? 'idle' : `service ${service}`}`;
    const sum = sums.get(key) ?? { of: cost, service, nano: 0n, diskNano: 0n };
    sum.nano += nano;
    sum.diskNano += diskNano;
    sums.set(key, sum);
  }
  return [...sums.values()].map(({ of, service, nano, diskNano }) => ({
    service,
    capacityKind: of.kind,
    instanceType: of.instanceType,
    nano,
    diskNano,
  }));
}

function familiesOf(index: ClusterIndex): readonly string[] {
  const running = index.standalone.map(standaloneName);
  const stopped = index.view.samples
    .filter(({ samples }) => samples.some(({ group }) => serviceOf(group) === null))
    .map(({ family }) => `family:${family}`);
  return [...new Set([...running, ...stopped])].filter((name) => name.startsWith('family:')).sort();
}

/** What is reserved and empty now x the time since the reservation began. Paid at the on-demand price. */
function emptyReservations(place: Place, { region, prices, facts }: CostWorld & { region: RegionPart }, span: Span) {
  const sums = new Map<string, { nano: NanoUsd; ms: number }>();
  const unpriced: Unpriced[] = [];
  for (const { id, instanceType, available, state, startedAt, endsAt } of region.capacityReservations) {
    if (state !== 'active' || available <= 0) continue;
    const listed = prices.onDemand[instanceType];
    if (listed === undefined) {
      unpriced.push({ subject: id, because: `no price for ${instanceType} in ${prices.region}` });
      continue;
    }
    const from = startedAt === null ? span.from : instantOf(startedAt);
    const ms = available * overlapMs({ from, to: endsAt === null ? span.to : instantOf(endsAt) }, span);
    if (ms === 0) continue;
    facts.cite('cost.reservation-empty-now');
    const sum = sums.get(instanceType) ?? { nano: 0n, ms: 0 };
    sum.nano += costOf(rational(listed.usdPerHour), whole(ms));
    sum.ms += ms;
    sums.set(instanceType, sum);
  }
  const rows = [...sums].map(
    ([instanceType, { nano, ms }]): ModelledRow => ({
      ...place,
      service: emptyReservation(instanceType),
      capacityKind: 'mi-reserved',
      tags: {},
      nano,
      isIdle: true,
      hours: decimalString(hoursOf(whole(ms))),
      basis: 'assumed',
    }),
  );
  return { rows, unpriced };
}

/** Instances that ECS does not use, taken to run the whole period. One without a price has no weight. */
function otherInstances(region: RegionPart, price: InstancePricer, span: Span): CostModel['others'] {
  return region.otherInstances.flatMap(({ type, lifecycle, count }) => {
    const az = region.spotPrices.find((row) => row.type === type)?.az ?? '';
    const rates = price({ type, az, lifecycle, state: 'running', volumes: [] }, 'asg-on-demand');
    if (typeof rates === 'string') return [];
    return [{ instanceType: type, lifecycle, nano: costOf(rates.compute, whole(count * (span.to - span.from))) }];
  });
}

function assumptionsOf(facts: CostWorld['facts']): CostModel['assumptions'] {
  return facts
    .used()
    .filter(({ confidence }) => confidence === 'assumed' || confidence === 'low')
    .map(({ id }) => id);
}
