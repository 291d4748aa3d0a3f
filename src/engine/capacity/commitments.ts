/** What already-paid commitments take off an option: reserved EC2 first, then a Compute Savings Plan (design 3.2). */
import type { Architecture, InstanceType } from '../prices.ts';
import {
  add,
  compare,
  divide,
  min,
  multiply,
  type NanoUsd,
  type Rational,
  rational,
  subtract,
  toNanoUsd,
  whole,
} from '../units.ts';
import type { Context } from './context.ts';
import { MONTH, type PricedLine } from './lines.ts';

export type Bought = {
  readonly lines: readonly PricedLine[];
  readonly nano: NanoUsd;
  /** The type bought and the share of its instances that is reserved; null for Fargate. */
  readonly instance: { readonly type: InstanceType; readonly reservedShare: Rational } | null;
};

/** True when the question names any commitment: only then is a second figure shown. */
export function hasCommitments(context: Context): boolean {
  const { savingsPlanUsdPerHour, reserved } = context.question.commitments;
  return savingsPlanUsdPerHour !== null || reserved.length > 0;
}

/** Cost a month after commitments. The commitment itself is paid either way and is not added. */
export function afterCommitments(context: Context, bought: Bought): NanoUsd {
  let eligible: Rational = whole(0);
  for (const line of bought.lines) {
    if (line.eligible === 'none') continue;
    const listed = { n: line.nano, d: 1n };
    const paid =
      line.eligible === 'ec2' && bought.instance !== null ? multiply(listed, bought.instance.reservedShare) : whole(0);
    eligible = add(eligible, subtract(listed, paid));
    if (paid.n > 0n) context.facts.get('reserved.sunk');
  }
  const listed = bought.lines.filter((line) => line.eligible !== 'none').reduce((sum, line) => sum + line.nano, 0n);
  const remaining = subtract(eligible, savingsPlanCover(context, bought, eligible));
  return bought.nano - listed + toNanoUsd({ n: remaining.n, d: remaining.d * 1_000_000_000n });
}

/** Nano-USD a month of eligible spend that the unused plan pays: min(spend, X / d) in each hour of use. */
function savingsPlanCover(context: Context, bought: Bought, eligibleNano: Rational): Rational {
  const perHour = context.question.commitments.savingsPlanUsdPerHour;
  const paidFraction = planFraction(context, bought);
  if (perHour === null || paidFraction === null || compare(eligibleNano, whole(0)) <= 0) return whole(0);
  context.facts.get('savings-plan.covers');
  const hourlyNano = multiply(divide(rational(perHour), paidFraction), whole(1_000_000_000));
  return min(eligibleNano, multiply(hourlyNano, activeHours(context)));
}

/** Hours a month in which the option runs at all: 730, or the daily window of a batch. */
function activeHours(context: Context): Rational {
  const { batch } = context.question;
  if (batch === null) return MONTH;
  return multiply(divide(whole(batch.windowSeconds), whole(86_400)), MONTH);
}

/** Savings Plan rate over on-demand rate for what was bought; null when no figure exists. */
function planFraction({ prices, question, facts }: Context, { instance }: Bought): Rational | null {
  const of = instance === null ? question.architecture : instance.type;
  return savingsPlanFraction({ prices, facts }, of, question.commitments.savingsPlanTerm);
}

/** What a Savings Plan pays of an on-demand rate: of Fargate by architecture, or of a type. Null without a figure. */
export function savingsPlanFraction(
  { prices, facts }: Pick<Context, 'prices' | 'facts'>,
  of: Architecture | Pick<InstanceType, 'family' | 'category'>,
  years: '1y' | '3y',
): Rational | null {
  const term = years === '1y' ? 'oneYear' : 'threeYear';
  if (typeof of === 'string') {
    if (prices.region !== 'us-east-1') facts.get('savings-plan.fargate-elsewhere');
    return rational(prices.savingsPlans.fargate[of][term]);
  }
  const rates = prices.savingsPlans.ec2ByFamily[of.family] ?? prices.savingsPlans.ec2ByCategory[of.category];
  if (rates === undefined) return null;
  facts.get('savings-plan.ec2-rates');
  return rational(rates[term]);
}
