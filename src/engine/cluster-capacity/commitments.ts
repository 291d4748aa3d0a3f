/**
 * What reserved instances and Savings Plans pay of a month, in AWS's order: reserved instances, EC2 Instance Savings
 * Plans, Compute Savings Plans (largest discount first). All of them cost the same whether they are used or not, so
 * a plan that leaves them unused saves less than its price says (design 3.2).
 */
import { savingsPlanFraction } from '../capacity/commitments.ts';
import { MONTH } from '../capacity/lines.ts';
import {
  add,
  compare,
  divide,
  min,
  multiply,
  type NanoUsd,
  nanoUsd,
  type Rational,
  rational,
  subtract,
  toNanoUsd,
  usdString,
  whole,
} from '../units.ts';
import { type Group, reservedOf, spotTasksOf, type World } from './groups.ts';
import { PLAN_KINDS } from './kinds.ts';
import type { Placed, Plan } from './plan.ts';
import type { ClusterQuestion, Covered, Spend, Workload } from './types.ts';

/** Spend, and the reserved instances by type that it fills at no EC2 price at all. */
export type Use = { readonly spend: readonly Spend[]; readonly filled: ReadonlyMap<string, number> };
export type Coverage = Covered & { readonly savedNano: NanoUsd };

/** True when something is known to be paid for already: only then is a second figure shown. */
function hasCommitments(question: ClusterQuestion, workload: Workload): boolean {
  const isGiven = question.commitments.savingsPlanUsdPerHour !== null || workload.plans.length > 0;
  return isGiven || reservedOf(question, workload).length > 0;
}

/** What commitments pay of the spend, and what of them pays for nothing. */
export function coverage(
  { spend, filled }: Use,
  known: { readonly question: ClusterQuestion; readonly workload: Workload; readonly world: World },
): Coverage {
  const { question, workload, world } = known;
  world.facts.cite('savings-plan.covers');
  const open = spend.map((row) => openRow(row, world));
  const reservedNano = open.reduce((sum, { reserved }) => add(sum, reserved), whole(0));
  const { savingsPlanUsdPerHour, savingsPlanTerm } = question.commitments;
  let unused = unusedReservations({ spend, filled }, known);
  let plansNano = whole(0);
  for (const { family, usdPerHour, term } of workload.plans) {
    const own = open.filter((row) => row.family === family);
    const paid = pay(own, { usdPerHour: rational(usdPerHour), term, world });
    plansNano = add(plansNano, paid.covered);
    unused = add(unused, paid.unused);
  }
  if (savingsPlanUsdPerHour !== null) {
    const paid = pay(open, { usdPerHour: rational(savingsPlanUsdPerHour), term: savingsPlanTerm, world });
    plansNano = add(plansNano, paid.covered);
    unused = add(unused, paid.unused);
  }
  return {
    reservedUsdPerMonth: usdString(toNanoUsd(reservedNano)),
    plansUsdPerMonth: usdString(toNanoUsd(plansNano)),
    unusedUsdPerMonth: usdString(toNanoUsd(unused)),
    savedNano: toNanoUsd(reservedNano) + toNanoUsd(plansNano),
  };
}

/** A row of spend while commitments are laid on it; USD a month. */
type Open = {
  readonly of: Parameters<typeof savingsPlanFraction>[1] | null;
  readonly family: string | null;
  readonly reserved: Rational;
  left: Rational;
};

function openRow(row: Spend, { prices }: World): Open {
  const usd = rational(row.usdPerMonth);
  if (row.kind === 'fargate') return { of: row.architecture, family: null, reserved: whole(0), left: usd };
  const reserved = multiply(usd, { n: BigInt(row.covered), d: BigInt(Math.max(1, row.count)) });
  const type = prices.types.find(({ name }) => name === row.instanceType) ?? null;
  return { of: type, family: type?.family ?? null, reserved, left: subtract(usd, reserved) };
}

/** Lays a commitment on the rows, largest discount first: of each it pays the on-demand price at its own rate. */
function pay(
  rows: readonly Open[],
  plan: { readonly usdPerHour: Rational; readonly term: '1y' | '3y'; readonly world: World },
): { readonly covered: Rational; readonly unused: Rational } {
  let budget = multiply(plan.usdPerHour, MONTH);
  let covered = whole(0);
  const eligible = rows.flatMap((row) => {
    const fraction = row.of === null ? null : savingsPlanFraction(plan.world, row.of, plan.term);
    return fraction === null ? [] : [{ row, fraction }];
  });
  for (const { row, fraction } of eligible.sort((a, b) => compare(a.fraction, b.fraction))) {
    const part = min(row.left, divide(budget, fraction));
    covered = add(covered, part);
    budget = subtract(budget, multiply(part, fraction));
    row.left = subtract(row.left, part);
  }
  return { covered, unused: budget };
}

/** USD a month, at on-demand prices, of reserved instances that nothing of the spend fills. */
function unusedReservations(
  { spend, filled }: Use,
  {
    question,
    workload,
    world,
  }: { readonly question: ClusterQuestion; readonly workload: Workload; readonly world: World },
): Rational {
  let unused = whole(0);
  for (const { instanceType, count } of reservedOf(question, workload)) {
    world.facts.cite('reserved.sunk');
    const inSpend = spend.reduce(
      (sum, row) => sum + (row.kind === 'ec2' && row.instanceType === instanceType ? row.covered : 0),
      0,
    );
    const idle = Math.max(0, count - inSpend - (filled.get(instanceType) ?? 0));
    const price = world.prices.onDemand[instanceType];
    if (price !== undefined) unused = add(unused, multiply(multiply(rational(price.usdPerHour), MONTH), whole(idle)));
  }
  return unused;
}

/** What of a plan commitments can pay for. Reserved instances are laid on its on-demand instances, type by type. */
export function spendOf(plan: Plan, question: ClusterQuestion, workload: Workload): Use {
  const left = new Map(reservedOf(question, workload).map(({ instanceType, count }) => [instanceType, count]));
  const filled = new Map<string, number>();
  for (const { buyable, count } of plan.providers) {
    const paid = Math.min(count, buyable.paid.count);
    if (paid === 0) continue;
    filled.set(buyable.type.name, paid);
    left.set(buyable.type.name, (left.get(buyable.type.name) ?? 0) - paid);
  }
  const onInstances = plan.providers.flatMap((own): readonly Spend[] => {
    const count = onDemandCount(own);
    if (count === 0) return [];
    const instanceType = own.buyable.type.name;
    const covered = Math.min(count, left.get(instanceType) ?? 0);
    left.set(instanceType, (left.get(instanceType) ?? 0) - covered);
    const usd = multiply(multiply(own.buyable.ec2.likely, MONTH), whole(count));
    return [{ kind: 'ec2', instanceType, count, covered, usdPerMonth: usdString(toNanoUsd(usd)) }];
  });
  return { spend: [...fargateSpend(plan), ...onInstances], filled };
}

/** Instances that are bought on demand. */
function onDemandCount({ buyable, count }: Placed): number {
  return buyable.kind.endsWith('-spot') ? 0 : Math.max(0, count - buyable.paid.count);
}

function fargateSpend({ kind, fargate }: Plan): readonly Spend[] {
  const sums = { x86_64: 0n, arm64: 0n };
  for (const group of fargate) sums[group.like.architecture] += coverableNano(group, PLAN_KINDS[kind].fargate);
  return (['x86_64', 'arm64'] as const).flatMap((architecture): readonly Spend[] =>
    sums[architecture] === 0n ? [] : [{ kind: 'fargate', architecture, usdPerMonth: usdString(sums[architecture]) }],
  );
}

function coverableNano(group: Group, plan: Parameters<typeof spotTasksOf>[2]): NanoUsd {
  const { fargate, services } = group;
  if (fargate === null) return 0n;
  const tasks = services.reduce((sum, service) => sum + service.tasks - spotTasksOf(group, service, plan), 0);
  return toNanoUsd(multiply(multiply(fargate.coverableUsdPerHour, MONTH), whole(tasks)));
}

/** What today's commitments pay, and what the cluster costs after them; null when none are known. */
export function todayCovered(
  question: ClusterQuestion,
  workload: Workload,
  world: World,
): (Covered & { readonly usdPerMonthAfterCommitments: string }) | null {
  if (!hasCommitments(question, workload)) return null;
  const { spend, usdPerMonth } = workload.today;
  const { savedNano, ...covered } = coverage({ spend, filled: new Map() }, { question, workload, world });
  return { ...covered, usdPerMonthAfterCommitments: usdString(nanoUsd(usdPerMonth) - savedNano) };
}
