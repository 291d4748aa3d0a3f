/** Managed Instances and Auto Scaling groups: price of a type, number of instances, hours (design 3.2). */
import { decimalFact, memberFact, numberFact } from '../fact-values.ts';
import type { FactBook } from '../facts.ts';
import type { InstanceType } from '../prices.ts';
import {
  add,
  ceilDiv,
  min,
  multiply,
  type NanoUsd,
  type Rational,
  rational,
  subtract,
  toNanoUsd,
  whole,
} from '../units.ts';
import { diskRule } from './catalogue.ts';
import { type Context, type InstanceKind, isManaged, isSpot } from './context.ts';
import { decimalString, MONTH, type PricedLine, pricedLine, total } from './lines.ts';
import type { CapacityPlan, CapacityQuestion } from './types.ts';

/** One type as one option would buy it. Rates are USD per instance-hour. */
export type Candidate = {
  readonly type: InstanceType;
  readonly slots: number;
  readonly ec2: { readonly likely: Rational; readonly low: Rational; readonly high: Rational };
  readonly fee: Rational;
  readonly diskGiB: number;
  readonly estimated: boolean;
  /** Instances of this type that are already paid for. */
  readonly reserved: number;
};

export type InstanceCosting = {
  readonly candidate: Candidate;
  readonly plan: CapacityPlan;
  readonly lines: readonly PricedLine[];
  readonly nano: NanoUsd;
  /** What rank and ladder compare: the high end of a Spot price, else `nano`. */
  readonly rankNano: NanoUsd;
  readonly lowNano: NanoUsd;
  readonly hours: Rational;
  /** Instances without the spread over zones: what the tasks alone need. */
  readonly neededCount: number;
};

/** Candidates of one option, with a price; estimated prices only when nothing sourced fits. */
export function candidates(context: Context, kind: InstanceKind): readonly Candidate[] {
  const { prices, question, facts } = context;
  const smallest = isManaged(kind) ? Number(memberFact(facts, 'mi.storage-gib', 'default')) : question.rootGiB;
  const disk = diskRule(question, facts, smallest);
  const reserved = new Map(question.commitments.reserved.map((row) => [row.instanceType, row.count]));
  const all: Candidate[] = [];
  const fraction = isManaged(kind) ? feeFraction(facts) : null;
  for (const { type, slots: unlimited } of context.catalogue.fitting) {
    const slots = Math.min(unlimited, disk.maxSlots);
    const price = prices.onDemand[type.name];
    if (slots < 1 || price === undefined) continue;
    const free = reserved.get(type.name) ?? 0;
    if (kind === 'mi-reserved' && free === 0) continue;
    const onDemand = rational(price.usdPerHour);
    const ec2 = isSpot(kind) ? spotPrice(context, type, onDemand) : { likely: onDemand, low: onDemand, high: onDemand };
    if (ec2 === null) continue;
    const fee = fraction === null ? whole(0) : multiply(fraction(type), onDemand);
    all.push({
      type,
      slots,
      ec2,
      fee,
      diskGiB: disk.gib(slots),
      estimated: price.kind === 'estimated',
      reserved: free,
    });
  }
  const sourced = all.filter((candidate) => !candidate.estimated);
  return sourced.length > 0 ? sourced : all;
}

/** likely = p(1 - saving), low and high by the assumed band, high never above on-demand; null without a figure. */
export function spotPrice(
  { prices, facts }: Pick<Context, 'prices' | 'facts'>,
  type: InstanceType,
  onDemand: Rational,
): Candidate['ec2'] | null {
  const saving = prices.spotSavingPercent[type.name];
  if (saving === undefined) return null;
  facts.get('spot.snapshot');
  const likely = multiply(onDemand, { n: BigInt(100 - Math.max(0, saving)), d: 100n });
  const low = multiply(likely, rational(String(memberFact(facts, 'spot.band', 'low'))));
  const high = min(onDemand, multiply(likely, rational(String(memberFact(facts, 'spot.band', 'high')))));
  return { likely, low, high };
}

/** The management fee's share of the on-demand price by type group on the day asked for. */
export function feeFraction(facts: FactBook): (type: Pick<InstanceType, 'family'>) => Rational {
  const known = new Map<string, Rational>();
  return (type) => {
    const id = `mi.fee.fraction.${feeGroup(type)}`;
    const fraction = known.get(id) ?? decimalFact(facts, id);
    known.set(id, fraction);
    return fraction;
  };
}

/** G families (gr included), P families and Trainium have fees of their own. */
function feeGroup(type: Pick<InstanceType, 'family'>): 'default' | 'g' | 'p' | 'trainium' {
  const letters = /^[a-z]+/.exec(type.family)?.[0] ?? '';
  if (letters === 'g' || letters === 'gr') return 'g';
  if (letters === 'p') return 'p';
  return letters === 'trn' ? 'trainium' : 'default';
}

/** Seconds an idle instance stays: the asked `scaleInAfter` or its default on MI, the fixed wait of ECS on an ASG. */
export function keepSeconds(question: CapacityQuestion, facts: FactBook, kind: InstanceKind): number {
  if (!isManaged(kind)) return numberFact(facts, 'asg.scale-in-seconds');
  return question.scaleInAfterSeconds ?? numberFact(facts, 'mi.scale-in-after-default-seconds');
}

/** Fewest instances for spread over zones: `--min-instances`, else 3 (1 on accelerated types), never more than tasks. */
function spread(question: CapacityQuestion, tasks: number, candidate: Candidate): number {
  if (question.minInstances !== null) return question.minInstances;
  return Math.min(candidate.type.category === 'accelerated' ? 1 : 3, tasks);
}

export type Usage = { readonly count: number; readonly needed: number; readonly hours: Rational };

/** Instances and instance-hours a month of one candidate; `tasks` overrides the question's (break-even). */
function usage(context: Context, kind: InstanceKind, candidate: Candidate, tasks = context.question.tasks): Usage {
  const { question, facts, load } = context;
  if (load !== null) {
    const seconds = load.instanceSecondsPerMonth(candidate.slots, keepSeconds(question, facts, kind));
    const count = ceilDiv(load.peakTasks, candidate.slots);
    return { count, needed: count, hours: { n: BigInt(seconds), d: 3600n } };
  }
  const needed = ceilDiv(tasks, candidate.slots);
  const target = isManaged(kind) ? needed : ceilDiv(needed * 100, question.targetCapacityPercent);
  const count = Math.max(target, spread(question, tasks, candidate));
  return { count, needed: target, hours: multiply(whole(count), MONTH) };
}

/** The share of the instances that is already paid for, at most all. */
function paidShare(candidate: Candidate, count: number): Rational {
  return { n: BigInt(Math.min(candidate.reserved, count)), d: BigInt(Math.max(1, count)) };
}

/** Exact USD a month at the high end of the EC2 price, for choosing; on `mi-reserved` what is reserved costs no EC2. */
function choiceCost(context: Context, kind: InstanceKind, candidate: Candidate, used: Usage): Rational {
  const bought = kind === 'mi-reserved' ? subtract(whole(1), paidShare(candidate, used.count)) : whole(1);
  const ec2 = multiply(candidate.ec2.high, bought);
  const disk = multiply(rational(context.prices.gp3.gibUsdPerMonth), whole(candidate.diskGiB));
  const hourly = add(add(ec2, candidate.fee), { n: disk.n, d: disk.d * MONTH.n });
  return multiply(hourly, used.hours);
}

/** The cheapest candidate; ties go to fewer instances, then to the name. Null without candidates. */
export function cheapestCandidate(
  context: Context,
  kind: InstanceKind,
  from: readonly Candidate[],
): InstanceCosting | null {
  let best: { readonly candidate: Candidate; readonly used: Usage; readonly nano: NanoUsd } | null = null;
  for (const candidate of from) {
    const used = usage(context, kind, candidate);
    const nano = toNanoUsd(choiceCost(context, kind, candidate, used));
    if (best === null || before({ candidate, used, nano }, best)) best = { candidate, used, nano };
  }
  return best === null ? null : priceInstances(context, kind, best);
}

type Choice = { readonly candidate: Candidate; readonly used: Usage; readonly nano: NanoUsd };

function before(a: Choice, b: Choice): boolean {
  if (a.nano !== b.nano) return a.nano < b.nano;
  if (a.used.count !== b.used.count) return a.used.count < b.used.count;
  return a.candidate.type.name < b.candidate.type.name;
}

/** EC2, fee and disk lines of one candidate at one EC2 rate. */
function instanceLines(
  context: Context,
  kind: InstanceKind,
  choice: { readonly candidate: Candidate; readonly used: Usage },
  rate: Rational,
): readonly PricedLine[] {
  const { candidate, used } = choice;
  const isReserved = kind === 'mi-reserved';
  const paid = isReserved ? multiply(used.hours, paidShare(candidate, used.count)) : whole(0);
  const bought = subtract(used.hours, paid);
  const lines: PricedLine[] = [];
  const unit = 'instance-hour';
  if (paid.n > 0n) lines.push(pricedLine('ec2-reserved', { quantity: paid, unit, usdPerUnit: whole(0) }));
  if (bought.n > 0n || !isReserved) {
    const item = isSpot(kind) ? 'ec2-spot' : 'ec2-on-demand';
    lines.push(pricedLine(item, { quantity: bought, unit, usdPerUnit: rate }, isSpot(kind) ? 'none' : 'ec2'));
  }
  if (isManaged(kind))
    lines.push(pricedLine('managed-instances-fee', { quantity: used.hours, unit, usdPerUnit: candidate.fee }));
  const gibMonths = multiply({ n: used.hours.n, d: used.hours.d * MONTH.n }, whole(candidate.diskGiB));
  lines.push(
    pricedLine('ebs-gp3', {
      quantity: gibMonths,
      unit: 'GiB-month',
      usdPerUnit: rational(context.prices.gp3.gibUsdPerMonth),
    }),
  );
  return lines;
}

function priceInstances(
  context: Context,
  kind: InstanceKind,
  choice: { readonly candidate: Candidate; readonly used: Usage },
): InstanceCosting {
  const { candidate, used } = choice;
  const lines = instanceLines(context, kind, choice, candidate.ec2.likely);
  const nano = total(lines);
  const at = (rate: Rational): NanoUsd => (isSpot(kind) ? total(instanceLines(context, kind, choice, rate)) : nano);
  const plan: CapacityPlan = {
    fargateSize: null,
    billedSecondsPerTask: null,
    instanceType: candidate.type.name,
    count: used.count,
    tasksPerInstance: candidate.slots,
    peakTasks: context.load === null ? context.question.tasks : context.load.peakTasks,
    instanceHoursPerMonth: decimalString(used.hours),
  };
  const rankNano = at(candidate.ec2.high);
  return {
    candidate,
    plan,
    lines,
    nano,
    rankNano,
    lowNano: at(candidate.ec2.low),
    hours: used.hours,
    neededCount: used.needed,
  };
}

/** What one instance costs in a full month at one EC2 rate, in nano-USD, rounded down (for bounds). */
export function monthNanoFloor(context: Context, candidate: Candidate, rate: Rational): NanoUsd {
  const hourly = multiply(add(rate, candidate.fee), MONTH);
  const month = add(hourly, multiply(rational(context.prices.gp3.gibUsdPerMonth), whole(candidate.diskGiB)));
  return (month.n * 1_000_000_000n) / month.d;
}
