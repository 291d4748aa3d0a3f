/** Stretches of time in milliseconds, and what a stretch costs. */
import { invariant, multiply, type NanoUsd, type Rational, toNanoUsd } from '../units.ts';
import { DAY_MS, HOUR_MS, instantOf, isoOf } from '../windows/instant.ts';
import type { CostPeriod } from './types.ts';

/** Half open: `to` is the first millisecond outside. Empty when `to` <= `from`. */
export type Span = { readonly from: number; readonly to: number };

/** First millisecond of a UTC day. */
export function dayStart(day: string): number {
  return instantOf(`${day}T00:00:00Z`);
}

/** The part of the period that has passed. Throws (a bug) when the period ends before it begins. */
export function passedSpan(period: CostPeriod, now: string): Span {
  const from = dayStart(period.from);
  const end = dayStart(period.toExclusive);
  invariant(from <= end, `period ${period.from} to ${period.toExclusive} runs backwards`);
  return { from, to: Math.max(from, Math.min(end, instantOf(now))) };
}

/** The days of the period that have begun. */
export function begunDays({ from, toExclusive }: CostPeriod, now: string): CostPeriod {
  const tomorrow = isoOf(instantOf(now) + DAY_MS).slice(0, 10);
  return { from, toExclusive: toExclusive < tomorrow ? toExclusive : tomorrow };
}

/** Milliseconds that both have. */
export function overlapMs(a: Span, b: Span): number {
  return Math.max(0, Math.min(a.to, b.to) - Math.max(a.from, b.from));
}

export function isLongerThanADay(ms: number): boolean {
  return ms > DAY_MS;
}

/** Milliseconds -> hours, exactly. */
export function hoursOf(ms: Rational): Rational {
  return { n: ms.n, d: ms.d * BigInt(HOUR_MS) };
}

/** USD an hour over a time, rounded once to nano-USD. */
export function costOf(usdPerHour: Rational, ms: Rational): NanoUsd {
  return toNanoUsd(multiply(usdPerHour, hoursOf(ms)));
}
