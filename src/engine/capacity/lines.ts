import {
  HOURS_PER_MONTH,
  multiply,
  type NanoUsd,
  type Rational,
  roundHalfEven,
  toNanoUsd,
  usdString,
  whole,
} from '../units.ts';
import type { CostLine } from './types.ts';

/** A cost line before it is printed: what it adds, exactly rounded, and whether commitments may cover it. */
export type PricedLine = {
  readonly line: CostLine;
  readonly nano: NanoUsd;
  /** Which commitment can pay for it: a Compute Savings Plan on Fargate or on EC2, or none. */
  readonly eligible: 'fargate' | 'ec2' | 'none';
};

export const MONTH: Rational = whole(HOURS_PER_MONTH);

/** A fraction as a decimal string with at most nine places, half to even; for display, never for sums. */
export function decimalString(value: Rational): string {
  return usdString(roundHalfEven({ n: value.n * 1_000_000_000n, d: value.d }));
}

/** quantity x usdPerUnit, rounded once to nano-USD (design 3.2). */
export function pricedLine(
  item: string,
  amount: { readonly quantity: Rational; readonly unit: string; readonly usdPerUnit: Rational },
  eligible: PricedLine['eligible'] = 'none',
): PricedLine {
  const nano = toNanoUsd(multiply(amount.quantity, amount.usdPerUnit));
  return {
    line: {
      item,
      quantity: decimalString(amount.quantity),
      unit: amount.unit,
      usdPerUnit: decimalString(amount.usdPerUnit),
      usdPerMonth: usdString(nano),
    },
    nano,
    eligible,
  };
}

/** The sum of rounded lines: what an option costs a month. */
export function total(lines: readonly PricedLine[]): NanoUsd {
  return lines.reduce((sum, line) => sum + line.nano, 0n);
}
