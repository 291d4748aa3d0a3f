/** Cost Explorer: periods of days. */
import type { DateInterval, Granularity } from '@aws-sdk/client-cost-explorer';
import { invalid } from './cost-explorer-filter.ts';
import { AwsFault } from './types.ts';

/** Of a day or a month, cut to what was asked for; `days` are those that have begun. */
export type Period = { readonly start: string; readonly end: string; readonly days: readonly string[] };

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const DAY_MS = 86_400_000;
const HISTORY_MONTHS = 13;

export function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}

/** `2026-11-24` and 2 make `2026-11-26`. */
function addDays(day: string, days: number): string {
  return dayOf(new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS));
}

/** First day of the month that lies `months` after that of `day`. */
function addMonths(day: string, months: number): string {
  return dayOf(new Date(Date.UTC(Number(day.slice(0, 4)), Number(day.slice(5, 7)) - 1 + months, 1)));
}

/** Figures of today and of the two days before may still change. */
export function isEstimated(period: Period, now: Date): boolean {
  return (period.days.at(-1) ?? '') >= addDays(dayOf(now), -2);
}

/**
 * Splits what was asked for into days or months. Throws `ValidationException` for what is not a period or lies before
 * the 13 months that are kept, `DataUnavailableException` for one that begins after today.
 */
export function periodsOf(
  interval: DateInterval | undefined,
  granularity: Granularity | undefined,
  now: Date,
): readonly Period[] {
  const { start, end } = checkInterval(interval, now);
  if (granularity !== 'DAILY' && granularity !== 'MONTHLY') {
    throw invalid(`The granularity ${granularity} is not enabled.`);
  }
  const periods: Period[] = [];
  for (let from = start; from < end; ) {
    const next = granularity === 'DAILY' ? addDays(from, 1) : addMonths(from, 1);
    const to = next < end ? next : end;
    periods.push({ start: from, end: to, days: daysOf(from, to, dayOf(now)) });
    from = to;
  }
  return periods;
}

function checkInterval(
  interval: DateInterval | undefined,
  now: Date,
): { readonly start: string; readonly end: string } {
  const { Start: start = '', End: end = '' } = interval ?? {};
  if (![start, end].every((day) => DAY.test(day) && !Number.isNaN(Date.parse(day)))) {
    throw invalid('Start and End must be days as YYYY-MM-DD.');
  }
  const today = dayOf(now);
  if (start >= end) throw invalid('Start date should be before end date.');
  if (start < addMonths(today, -HISTORY_MONTHS)) throw invalid(`Only ${HISTORY_MONTHS} months of history are kept.`);
  if (start > today) throw new AwsFault('DataUnavailableException', `There is no data from ${start} on.`);
  if (end > addMonths(today, 1)) throw invalid('The end date is past the beginning of next month.');
  return { start, end };
}

/** The days of [from, to) up to today. */
function daysOf(from: string, to: string, today: string): readonly string[] {
  const days: string[] = [];
  for (let day = from; day < to && day <= today; day = addDays(day, 1)) days.push(day);
  return days;
}
