/** Moments as whole milliseconds since 1970, read and written without the machine's clock or calendar. */
import { invariant } from '../units.ts';
import { HOURS_PER_WEEK, MINUTES_PER_WEEK, modulo, type WeekSpan } from './week.ts';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
/** 1970-01-01 was a Thursday: day 4 of a week that begins on Sunday. */
const FIRST_WEEK_DAY = 4;

/** A stretch of time between two moments; `to` is the first one outside. */
export type Period = { readonly from: string; readonly to: string };

/** ISO 8601 text with a zone -> milliseconds. Throws (a bug) when it is no moment: snapshots hold ISO text only. */
export function instantOf(iso: string): number {
  const at = Date.parse(iso);
  invariant(!Number.isNaN(at), `not a moment: ${iso}`);
  return at;
}

/** Milliseconds -> `YYYY-MM-DDTHH:MM:SS.mmmZ`, by the Gregorian calendar. */
export function isoOf(at: number): string {
  const days = Math.floor(at / DAY_MS);
  const rest = at - days * DAY_MS;
  const pad = (value: number, width = 2): string => String(value).padStart(width, '0');
  const clock = [rest / HOUR_MS, (rest % HOUR_MS) / 60_000, (rest % 60_000) / 1000].map((part) =>
    pad(Math.floor(part)),
  );
  const { year, month, day } = civil(days);
  return `${pad(year, 4)}-${pad(month)}-${pad(day)}T${clock.join(':')}.${pad(rest % 1000, 3)}Z`;
}

/** Days since 1970 -> the date. Eras of 400 years with March as first month, so that the leap day comes last. */
function civil(days: number): { readonly year: number; readonly month: number; readonly day: number } {
  const shiftedDays = days + 719_468;
  const era = Math.floor(shiftedDays / 146_097);
  const dayOfEra = shiftedDays - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1,
  };
}

/** Hour of the week, 0-167, in which the moment lies (UTC). */
function hourOfWeek(at: number): number {
  return modulo(Math.floor(at / HOUR_MS) + FIRST_WEEK_DAY * 24, HOURS_PER_WEEK);
}

/** Minute of the week of a wall clock `offsetMinutes` ahead of UTC. */
export function minuteOfWeek(at: number, offsetMinutes: number): number {
  return modulo(Math.floor(at / 60_000) + FIRST_WEEK_DAY * 1440 + offsetMinutes, MINUTES_PER_WEEK);
}

/**
 * Each time the spans come round between two moments (those already under way at `from` included), in order; every
 * one whole, even where it begins before `from` or ends after `to`.
 */
export function occurrences(spans: readonly WeekSpan[], from: number, to: number): readonly Period[] {
  const found: { readonly start: number; readonly end: number }[] = [];
  for (const { start, hours } of spans) {
    const first = Math.floor(from / HOUR_MS) * HOUR_MS;
    const back = modulo(hourOfWeek(first) - start, HOURS_PER_WEEK);
    for (let at = first - back * HOUR_MS; at < to; at += HOURS_PER_WEEK * HOUR_MS) {
      const end = at + hours * HOUR_MS;
      if (end > from) found.push({ start: at, end });
    }
  }
  return found.sort((a, b) => a.start - b.start).map(({ start, end }) => ({ from: isoOf(start), to: isoOf(end) }));
}

/** True when the two share at least a millisecond. */
export function overlaps(a: Period, b: Period): boolean {
  return instantOf(a.from) < instantOf(b.to) && instantOf(b.from) < instantOf(a.to);
}
