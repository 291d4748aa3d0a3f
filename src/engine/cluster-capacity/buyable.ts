/** Instance types as one kind of provider buys them: room for tasks, and the price of a month. */
import { feeFraction, spotPrice } from '../capacity/instances.ts';
import { MONTH } from '../capacity/lines.ts';
import { decimalFact, memberFact } from '../fact-values.ts';
import type { FactBook } from '../facts.ts';
import type { InstanceType } from '../prices.ts';
import { add, multiply, type NanoUsd, type Rational, rational, whole } from '../units.ts';
import { type Group, reservedOf, type World } from './groups.ts';
import { isManaged, isSpot } from './kinds.ts';
import type { ClusterQuestion, ProviderKind, Workload, WorkService } from './types.ts';

/** What tasks take of an instance, in this order. */
export const RESOURCES = ['cpuUnits', 'memoryMiB', 'networkInterfaces', 'gpus'] as const;

/** One type as a provider of one kind would be pinned to it. Rates are USD per instance-hour. */
export type Buyable = {
  readonly type: InstanceType;
  readonly kind: ProviderKind;
  /** Room for tasks, daemons taken off, in the order of `RESOURCES`. */
  readonly cap: readonly number[];
  /** One price, but for Spot: a band. */
  readonly ec2: { readonly likely: Rational; readonly low: Rational; readonly high: Rational };
  readonly fee: Rational;
  readonly diskGiB: number;
  /** A whole month at the likely price, rounded down: what packings and bounds count with. */
  readonly nano: NanoUsd;
  /** The same at the high end of the price: what plans are chosen by. */
  readonly choiceNano: NanoUsd;
  /** Instances of it that are paid for already, and what one of those costs more a month. */
  readonly paid: { readonly count: number; readonly nano: NanoUsd };
  /** Instances it starts with, however few tasks there are (never more than tasks). */
  readonly atLeast: number;
};

/** What one task takes, in the order of `RESOURCES`. */
export function sizeOf(service: WorkService): readonly number[] {
  return [service.cpuUnits, service.memoryMiB, service.ownInterface ? 1 : 0, service.gpus];
}

/** Nano-USD a month of `count` instances, at what plans are chosen by: paid ones come first. */
export function choiceCost({ choiceNano, paid }: Buyable, count: number): NanoUsd {
  const own = BigInt(Math.min(count, paid.count));
  return own * paid.nano + (BigInt(count) - own) * choiceNano;
}

/** The types of the region that hold a task of some group, as `kind` buys them; sorted by name. */
export function buyables(
  kind: ProviderKind,
  groups: readonly Group[],
  from: { readonly question: ClusterQuestion; readonly workload: Workload; readonly world: World },
): readonly Buyable[] {
  const { question, workload, world } = from;
  const { facts, prices } = world;
  if (groups.length === 0) return [];
  const fraction = isManaged(kind) ? feeFraction(facts) : null;
  const diskGiB = isManaged(kind) ? Number(memberFact(facts, 'mi.storage-gib', 'default')) : question.rootGiB;
  const spread = 3;
  facts.cite('capacity.spread-zones');
  const room = roomOf(kind, workload, facts);
  const reserved = new Map(reservedOf(question, workload).map(({ instanceType, count }) => [instanceType, count]));
  return prices.types.flatMap((type): readonly Buyable[] => {
    const listed = prices.onDemand[type.name];
    if (listed === undefined || !groups.some(({ types }) => types.has(type.name))) return [];
    const count = kind === 'mi-reserved' ? (reserved.get(type.name) ?? 0) : 0;
    if (kind === 'mi-reserved' && count === 0) return [];
    const onDemand = rational(listed.usdPerHour);
    const ec2 = isSpot(kind) ? spotPrice(world, type, onDemand) : { likely: onDemand, low: onDemand, high: onDemand };
    if (ec2 === null) return [];
    const fee = fraction === null ? whole(0) : multiply(fraction(type), onDemand);
    const disk = multiply(rational(prices.gp3.gibUsdPerMonth), whole(diskGiB));
    const month = (rate: Rational): NanoUsd => {
      const { n, d } = add(multiply(add(rate, fee), MONTH), disk);
      return (n * 1_000_000_000n) / d;
    };
    return [
      {
        type,
        kind,
        cap: room(type),
        ec2,
        fee,
        diskGiB,
        nano: month(ec2.likely),
        choiceNano: month(ec2.high),
        paid: { count, nano: month(whole(0)) },
        atLeast: question.minInstances ?? (type.category === 'accelerated' ? 1 : spread),
      },
    ];
  });
}

/** Room for tasks: what such instances have registered where the snapshot knows, else vCPU and 95 % of the memory. */
function roomOf(kind: ProviderKind, workload: Workload, facts: FactBook): (type: InstanceType) => readonly number[] {
  const { daemons, registered, trunking } = workload;
  const share = decimalFact(facts, 'ecs.memory-registered-fraction');
  facts.cite('ecs.slots.eni-table');
  if (isManaged(kind)) facts.cite('mi.eni-trunking');
  else if (trunking === null) facts.cite('asg.eni-trunking');
  const trunks = isManaged(kind) || trunking !== false;
  return (type) => {
    const known = registered[type.name];
    const cpuUnits = known?.cpuUnits ?? 1024 * type.vcpu;
    const memoryMiB = known?.memoryMiB ?? Number((BigInt(type.memoryMiB) * share.n) / share.d);
    const interfaces = trunks && type.branchEnis !== null ? type.branchEnis + type.enis - 2 : type.enis - 1;
    return [
      Math.max(0, cpuUnits - daemons.cpuUnits),
      Math.max(0, memoryMiB - daemons.memoryMiB),
      Math.max(0, interfaces - daemons.interfaces),
      type.gpu === null ? 0 : Math.max(1, Math.floor(type.gpu.count)),
    ];
  };
}

/** Tasks of a group that an empty instance holds; none where the group may not run on such a provider. */
export function slotsOf(group: Group, buyable: Buyable): number {
  if (group.against[buyable.kind] !== null || !group.types.has(buyable.type.name)) return 0;
  let most = group.like.perInstance ?? Number.MAX_SAFE_INTEGER;
  for (const [r, size] of sizeOf(group.like).entries()) {
    if (size > 0) most = Math.min(most, Math.floor((buyable.cap[r] ?? 0) / size));
  }
  return most;
}

/**
 * Without the types that another one replaces at no more cost in everything the groups can use. Room beyond what all
 * tasks together take is of no use, so a large type is replaced by any cheaper one that holds everything.
 */
export function withoutDominated(all: readonly Buyable[], groups: readonly Group[]): readonly Buyable[] {
  const useful = all.filter((one) => groups.some((group) => slotsOf(group, one) > 0));
  const sums = demandOf(groups);
  // What is paid for is limited: it neither replaces another type nor is replaced.
  return useful.filter((one) => one.paid.count > 0 || !useful.some((other) => replaces(other, one, { groups, sums })));
}

/** What all tasks together take, in the order of `RESOURCES`. */
export function demandOf(groups: readonly Group[]): readonly number[] {
  return RESOURCES.map((_, r) => groups.reduce((sum, { like, tasks }) => sum + tasks * (sizeOf(like)[r] ?? 0), 0));
}

type Demand = { readonly groups: readonly Group[]; readonly sums: readonly number[] };

function replaces(other: Buyable, one: Buyable, { groups, sums }: Demand): boolean {
  if (other === one || other.paid.count > 0 || other.atLeast > one.atLeast) return false;
  if (other.nano > one.nano || other.choiceNano > one.choiceNano) return false;
  const usable = ({ cap }: Buyable, r: number): number => Math.min(cap[r] ?? 0, sums[r] ?? 0);
  if (!one.cap.every((_, r) => usable(one, r) <= usable(other, r))) return false;
  if (groups.some(({ types }) => types.has(one.type.name) && !types.has(other.type.name))) return false;
  const isTwin =
    other.nano === one.nano &&
    other.choiceNano === one.choiceNano &&
    one.cap.every((_, r) => usable(one, r) === usable(other, r));
  const twinHoldsAll = groups.every(({ types }) => types.has(one.type.name) || !types.has(other.type.name));
  return !(isTwin && twinHoldsAll && other.atLeast === one.atLeast) || other.type.name < one.type.name;
}
