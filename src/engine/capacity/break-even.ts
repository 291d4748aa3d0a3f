/**
 * Where instances begin to cost no more than Fargate: over tasks when they run all month, over starts a day, run
 * time, pull time and the idle wait for a batch. Steady lines are exact: instance cost is a step function of the
 * tasks, so only the first task count of each step has to be looked at. Batch lines follow the estimate by bisection.
 */
import { add, compare, multiply, type NanoUsd, type Rational, rational, whole } from '../units.ts';
import { type Context, type InstanceKind, isFargate, isManaged, loadOf } from './context.ts';
import { undominated } from './cover.ts';
import { taskHours } from './fargate.ts';
import { type Candidate, keepSeconds, monthNanoFloor } from './instances.ts';
import { isPriced, type PricedDraft } from './ladder.ts';
import { MONTH } from './lines.ts';
import type { Draft } from './options.ts';
import type { Batch, BreakEven, WinsIf } from './types.ts';

/** Break-evens reach to this multiple of what was asked (design 3.2). */
const REACH = 10;
/** Steps of the steady walk: far above any real catalogue, a bound all the same. */
const MOST_STEPS = 100_000;

type Item = { readonly slots: number; readonly nano: NanoUsd; readonly isAccelerated: boolean };

/** All break-even lines of Fargate against each instance option that has a price. */
export function breakEvens(context: Context, options: readonly Draft[]): readonly BreakEven[] {
  const fargate = options.find((option) => option.kind === 'fargate');
  if (fargate === undefined || !isPriced(fargate)) return [];
  const unit = fargateHourly(context, fargate);
  return options.filter(isPriced).flatMap((option) => {
    const { kind } = option;
    if (isFargate(kind)) return [];
    const items = itemsOf(context, option, kind);
    return context.question.batch === null
      ? steadyLines(context, kind, { items, unit })
      : batchLines(context, { kind, items, unit, batch: context.question.batch });
  });
}

/** Smallest task count above today's at which the ladder would move from Fargate to the option; null = none in reach. */
export function tasksToWin(context: Context, fargate: PricedDraft, option: PricedDraft): WinsIf | null {
  const { kind } = option;
  if (isFargate(kind) || context.question.batch !== null) return null;
  const unit = multiply(fargateHourly(context, fargate), MONTH);
  const items = itemsOf(context, option, kind);
  const { tasks, minimumSaving } = context.question;
  const share = rational(String(minimumSaving.percent));
  const kept = multiply(unit, { n: 100n * share.d - share.n, d: 100n * share.d });
  if (kept.n <= 0n) return null;
  const margin = rational(String(minimumSaving.usdPerMonth));
  let n = tasks + 1;
  for (let step = 0; step < MOST_STEPS && n <= tasks * REACH; step += 1) {
    const end = stepEnd(items, n);
    const cost: Rational = { n: stepCost(context, kind, items, n), d: 1_000_000_000n };
    const least = Math.max(n, ceilRatio(cost, kept), ceilRatio(add(cost, margin), unit));
    if (least <= Math.min(end, tasks * REACH)) return { variable: 'tasks', op: '>=', value: String(least) };
    n = end + 1;
  }
  return null;
}

/** USD per task-hour of the chosen Fargate size, with its storage and address. */
function fargateHourly(context: Context, fargate: PricedDraft): Rational {
  const hours = taskHours(context.question, context.facts);
  let nano: Rational = whole(0);
  for (const { line } of fargate.priced.lines) {
    nano = add(nano, multiply(rational(line.quantity), rational(line.usdPerUnit)));
  }
  return hours.n === 0n ? whole(0) : { n: nano.n * hours.d, d: nano.d * hours.n };
}

function itemsOf(context: Context, option: Draft, kind: InstanceKind): readonly Item[] {
  const items = option.candidates.map((candidate: Candidate) => ({
    slots: candidate.slots,
    nano: monthNanoFloor(context, candidate, kind === 'mi-reserved' ? whole(0) : candidate.ec2.high),
    isAccelerated: candidate.type.category === 'accelerated',
  }));
  return [
    ...undominated(items.filter((item) => item.isAccelerated)),
    ...undominated(items.filter((item) => !item.isAccelerated)),
  ];
}

/** Last task count up to which no item needs another instance. */
function stepEnd(items: readonly Item[], n: number): number {
  let end = n < 3 ? n : Number.MAX_SAFE_INTEGER;
  for (const { slots } of items) end = Math.min(end, Math.ceil(n / slots) * slots);
  return end;
}

/** First task count of the step that holds `n`. */
function stepStart(items: readonly Item[], n: number): number {
  let start = Math.min(n, 3);
  for (const { slots } of items) start = Math.max(start, (Math.ceil(n / slots) - 1) * slots + 1);
  return start;
}

/** Nano-USD a month of the cheapest item for `n` tasks. */
function stepCost(context: Context, kind: InstanceKind, items: readonly Item[], n: number): NanoUsd {
  const { minInstances, targetCapacityPercent } = context.question;
  let least: NanoUsd | null = null;
  for (const item of items) {
    const needed = Math.ceil(n / item.slots);
    const target = isManaged(kind) ? needed : Math.ceil((needed * 100) / targetCapacityPercent);
    const spread = minInstances ?? Math.min(item.isAccelerated ? 1 : 3, n);
    const cost = item.nano * BigInt(Math.max(target, spread));
    if (least === null || cost < least) least = cost;
  }
  return least ?? 0n;
}

/** ceil(a / b) for positive fractions. */
function ceilRatio(a: Rational, b: Rational): number {
  const n = a.n * b.d;
  const d = a.d * b.n;
  return Number((n + d - 1n) / d);
}

function steadyLines(
  context: Context,
  kind: InstanceKind,
  market: { readonly items: readonly Item[]; readonly unit: Rational },
): readonly BreakEven[] {
  const monthly = multiply(market.unit, MONTH);
  const value = lastCrossing(context, kind, { items: market.items, monthly });
  return value === null ? [] : [{ a: 'fargate', b: kind, variable: 'tasks', value }];
}

/** Smallest n with instances <= Fargate at n and at every larger n in reach; `none`; null when the walk is cut. */
function lastCrossing(
  context: Context,
  kind: InstanceKind,
  market: { readonly items: readonly Item[]; readonly monthly: Rational },
): string | null {
  let n = Math.min(context.question.tasks * REACH, certainFrom(context, kind, market));
  const { items, monthly } = market;
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const start = stepStart(items, n);
    const cost: Rational = { n: stepCost(context, kind, items, n), d: 1_000_000_000n };
    if (compare(cost, multiply(monthly, whole(start))) > 0) {
      const least = monthly.n === 0n ? Number.POSITIVE_INFINITY : ceilRatio(cost, monthly);
      const crossing = least <= n ? least : n + 1;
      return crossing > context.question.tasks * REACH ? 'none' : String(crossing);
    }
    if (start <= 1) return '1';
    n = start - 1;
  }
  return null;
}

/** A task count from which instances certainly cost no more: where the slope has made up for two spare instances. */
function certainFrom(
  context: Context,
  kind: InstanceKind,
  market: { readonly items: readonly Item[]; readonly monthly: Rational },
): number {
  const { minInstances, targetCapacityPercent } = context.question;
  const fargate = (Number(market.monthly.n) / Number(market.monthly.d)) * 1e9;
  const headroom = isManaged(kind) ? 1 : 100 / targetCapacityPercent;
  let certain = Number.MAX_SAFE_INTEGER;
  for (const item of market.items) {
    const slope = (Number(item.nano) * headroom) / item.slots;
    if (fargate <= slope * 1.000001) continue;
    const spread = Math.max(3, minInstances ?? 0) * (Number(item.nano) / fargate);
    certain = Math.min(
      certain,
      Math.ceil(Math.max(spread, ((headroom + 1) * Number(item.nano)) / (fargate - slope))) + 1,
    );
  }
  return certain;
}

type BatchMarket = {
  readonly kind: InstanceKind;
  readonly items: readonly Item[];
  readonly unit: Rational;
  readonly batch: Batch;
};

/** True when instances cost no more than Fargate for this variant of the batch. */
function instancesWin(
  context: Context,
  market: BatchMarket,
  batch: Batch,
  keep = keepSeconds(context.question, context.facts, market.kind),
): boolean {
  const load = loadOf({ ...context.question, batch }, context.facts);
  if (load === null) return false;
  let least = Number.POSITIVE_INFINITY;
  for (const { slots, nano } of market.items) {
    least = Math.min(least, (load.instanceSecondsPerMonth(slots, keep) / 3600 / 730) * Number(nano));
  }
  const hours = taskHours({ ...context.question, batch }, context.facts);
  const fargate = multiply(market.unit, hours);
  return least <= (Number(fargate.n) / Number(fargate.d)) * 1e9;
}

function batchLines(context: Context, market: BatchMarket): readonly BreakEven[] {
  const { batch, kind } = market;
  const line = (variable: string, value: number | null): BreakEven => ({
    a: 'fargate',
    b: kind,
    variable,
    value: value === null ? 'none' : String(value),
  });
  const wins = (change: Partial<Batch>): boolean => instancesWin(context, market, { ...batch, ...change });
  const most = (value: number): number => Math.max(1, Math.ceil(value * REACH));
  const lines = [
    line(
      'perDay',
      from({ least: 1, most: most(batch.perDay) }, (perDay) => wins({ perDay })),
    ),
    line(
      'runSeconds',
      from({ least: 1, most: most(batch.runSeconds) }, (runSeconds) => wins({ runSeconds })),
    ),
    line(
      'pullSeconds',
      from({ least: 0, most: most(batch.pullSeconds) }, (pullSeconds) => wins({ pullSeconds })),
    ),
  ];
  if (isManaged(kind))
    lines.push(
      line(
        'scaleInAfterSeconds',
        upTo(3600, (keep) => instancesWin(context, market, batch, keep)),
      ),
    );
  return lines;
}

/** Smallest whole value from which `holds` stays true up to `most` (halving grid, then bisection); null = not at `most`. */
function from(
  range: { readonly least: number; readonly most: number },
  holds: (value: number) => boolean,
): number | null {
  if (!holds(range.most)) return null;
  let good = range.most;
  let bad = range.least - 1;
  while (good > range.least) {
    const next = Math.max(range.least, Math.floor(good / 2));
    if (!holds(next)) {
      bad = next;
      break;
    }
    good = next;
  }
  while (good - bad > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (holds(middle)) good = middle;
    else bad = middle;
  }
  return good;
}

/** Largest whole value up to `most` for which `holds`, which is false from some value on; null = never. */
function upTo(most: number, holds: (value: number) => boolean): number | null {
  if (holds(most)) return most;
  if (!holds(0)) return null;
  let good = 0;
  let bad = most;
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (holds(middle)) good = middle;
    else bad = middle;
  }
  return good;
}
