/** A schedule in words, in UTC and on a local clock: what people compare before and after a change. */
import type { EventWindow } from '../model.ts';
import { DAY_MS, instantOf, isoOf } from './instant.ts';
import { readCron, readTimeRanges, showTimeRanges } from './schedule.ts';
import { showMinutes, showSpans, timeRanges, type WeekSpan } from './week.ts';
import { clockPeriods, localSpans, type Zone } from './zone.ts';

type Schedule = Pick<EventWindow, 'cron' | 'timeRanges'>;

/** Hours that AWS would read; whether they are long enough is for the rules to say. */
const NO_MINIMA = { range: 0, total: 0 };

/** UTC hours of the week that a schedule covers; empty when it cannot be read. */
export function scheduleSpans({ cron, timeRanges: ranges }: Schedule): readonly WeekSpan[] {
  return (cron === null ? readTimeRanges(ranges, NO_MINIMA) : readCron(cron, NO_MINIMA)).spans;
}

/** What a clock shows while the schedule is open, until the clock changes; `until` null = for the year that was looked at. */
export type LocalText = { readonly until: string | null; readonly text: string };

export type ScheduleText = {
  /** `Sun 10:00-14:00`, or `never` where it cannot be read. */
  readonly utc: string;
  /** Empty where the zone is UTC all year; else now, and after the next change of the clock. */
  readonly local: readonly LocalText[];
};

/** The schedule as people read it, over the year from `now`. */
export function scheduleText(schedule: Schedule, zone: Zone, now: string): ScheduleText {
  return spansText(scheduleSpans(schedule), zone, now);
}

/** As `scheduleText`, of hours of the week. */
export function spansText(spans: readonly WeekSpan[], zone: Zone, now: string): ScheduleText {
  if (spans.length === 0) return { utc: 'never', local: [] };
  const clocks = clockPeriods(zone, { from: now, to: isoOf(instantOf(now) + 365 * DAY_MS) });
  if (clocks.every(({ offsetMinutes }) => offsetMinutes === 0)) return { utc: showSpans(spans), local: [] };
  const local = clocks.slice(0, 2).map(({ to, offsetMinutes }, index) => ({
    until: clocks.length > 1 && index === 0 ? to.slice(0, 10) : null,
    text: showMinutes(localSpans(spans, offsetMinutes)),
  }));
  return { utc: showSpans(spans), local };
}

/** The hours as `windows set … --tz UTC` takes them: every range in full. */
export function spanWords(spans: readonly WeekSpan[]): string {
  return showTimeRanges(timeRanges(spans));
}
