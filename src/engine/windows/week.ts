/**
 * The week as EC2 event windows count it: whole hours, hour 0 = Sunday 00:00 UTC, hour 167 = Saturday 23:00. Every
 * schedule becomes spans of these hours, so that time ranges, cron and plain words can be compared and combined.
 */

export const WEEK_DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;
export type WeekDay = (typeof WEEK_DAYS)[number];
export const HOURS_PER_WEEK = 168;
export const MINUTES_PER_WEEK = HOURS_PER_WEEK * 60;

/** A stretch of the week. `start` 0-167; `hours` 1-168; it may run past Saturday into Sunday. */
export type WeekSpan = { readonly start: number; readonly hours: number };

/** The same in minutes, for clocks that are not a whole number of hours from UTC. */
export type MinuteSpan = { readonly start: number; readonly minutes: number };

/** A time range as the EC2 API takes it. */
export type TimeRange = {
  readonly startWeekDay: string;
  readonly startHour: number;
  readonly endWeekDay: string;
  readonly endHour: number;
};

/** `value` brought into 0 to `size` - 1. */
export function modulo(value: number, size: number): number {
  return ((value % size) + size) % size;
}

/** Every hour of the week that the spans cover. */
export function hoursOf(spans: readonly WeekSpan[]): ReadonlySet<number> {
  const hours = new Set<number>();
  for (const span of spans) {
    for (let at = 0; at < span.hours; at += 1) hours.add(modulo(span.start + at, HOURS_PER_WEEK));
  }
  return hours;
}

/** The fewest spans that cover exactly these hours, in order of their start; Saturday night joins Sunday morning. */
export function spansOf(hours: ReadonlySet<number>): readonly WeekSpan[] {
  if (hours.size >= HOURS_PER_WEEK) return [{ start: 0, hours: HOURS_PER_WEEK }];
  const spans: WeekSpan[] = [];
  for (let start = 0; start < HOURS_PER_WEEK; start += 1) {
    if (!hours.has(start) || hours.has(modulo(start - 1, HOURS_PER_WEEK))) continue;
    let length = 1;
    while (hours.has(modulo(start + length, HOURS_PER_WEEK))) length += 1;
    spans.push({ start, hours: length });
  }
  return spans;
}

/** Hours of the week covered, an hour that two spans share counted once. */
export function coveredHours(spans: readonly WeekSpan[]): number {
  return hoursOf(spans).size;
}

/** Spans that cover the hours of both. */
export function intersection(a: readonly WeekSpan[], b: readonly WeekSpan[]): readonly WeekSpan[] {
  const other = hoursOf(b);
  return spansOf(new Set([...hoursOf(a)].filter((hour) => other.has(hour))));
}

/** Spans that cover the hours of either. */
export function union(a: readonly WeekSpan[], b: readonly WeekSpan[]): readonly WeekSpan[] {
  return spansOf(new Set([...hoursOf(a), ...hoursOf(b)]));
}

/** The spans `hours` later; negative = earlier. */
export function shifted(spans: readonly WeekSpan[], hours: number): readonly WeekSpan[] {
  return spans.map((span) => ({ ...span, start: modulo(span.start + hours, HOURS_PER_WEEK) }));
}

/** Longest time without a covered hour, in hours; 168 for an empty week. */
export function longestGap(spans: readonly WeekSpan[]): number {
  const covered = hoursOf(spans);
  const free = Array.from({ length: HOURS_PER_WEEK }, (_, hour) => hour).filter((hour) => !covered.has(hour));
  return Math.max(0, ...spansOf(new Set(free)).map(({ hours }) => hours));
}

/** Length AWS gives a range: (end - start) mod 168 hours, so equal ends make it empty. Null for a day that is none. */
export function rangeSpan(range: TimeRange): WeekSpan | null {
  const from = WEEK_DAYS.indexOf(range.startWeekDay.toLowerCase() as WeekDay);
  const to = WEEK_DAYS.indexOf(range.endWeekDay.toLowerCase() as WeekDay);
  if (from < 0 || to < 0) return null;
  const start = from * 24 + range.startHour;
  const hours = modulo(to * 24 + range.endHour - start, HOURS_PER_WEEK);
  return { start: modulo(start, HOURS_PER_WEEK), hours };
}

/** The spans as AWS takes them. A whole week becomes two halves: one range cannot say it. */
export function timeRanges(spans: readonly WeekSpan[]): readonly TimeRange[] {
  return spans.flatMap((span) => {
    if (span.hours < HOURS_PER_WEEK) return [timeRange(span)];
    const half = HOURS_PER_WEEK / 2;
    return [
      timeRange({ start: span.start, hours: half }),
      timeRange({ start: modulo(span.start + half, HOURS_PER_WEEK), hours: half }),
    ];
  });
}

function timeRange({ start, hours }: WeekSpan): TimeRange {
  const end = modulo(start + hours, HOURS_PER_WEEK);
  return {
    startWeekDay: dayName(start),
    startHour: start % 24,
    endWeekDay: dayName(end),
    endHour: end % 24,
  };
}

/** `sunday` for hour 0 to 23, and so on. */
function dayName(hour: number): WeekDay {
  return WEEK_DAYS[Math.floor(modulo(hour, HOURS_PER_WEEK) / 24)] ?? 'sunday';
}

/** `Sun 10:00-14:00`, `Fri 22:00 - Sat 04:00`, `Mon, Fri 00:00-04:00 and 20:00-23:00`, `Mon-Fri 22:00-04:00 (next day)`. */
export function showSpans(spans: readonly WeekSpan[]): string {
  return showMinutes(spans.map(({ start, hours }) => ({ start: start * 60, minutes: hours * 60 })));
}

/** The same for spans that begin or end between two hours. Days with the same hours are named together. */
export function showMinutes(spans: readonly MinuteSpan[]): string {
  if (spans.length === 0) return 'never';
  if (spans.some(({ minutes }) => minutes >= MINUTES_PER_WEEK)) return 'all week';
  const alike = new Map<string, MinuteSpan[]>();
  for (const span of spans) {
    const key = `${span.start % 1440} ${span.minutes}`;
    alike.set(key, [...(alike.get(key) ?? []), span]);
  }
  const byDays = new Map<string, string[]>();
  for (const same of alike.values()) {
    const [days, clocks] = alikeParts(same);
    byDays.set(days, [...(byDays.get(days) ?? []), clocks]);
  }
  return [...byDays].map(([days, clocks]) => `${days}${clocks.join(' and ')}`).join('; ');
}

/** Spans at the same time of different days, as days and hours; no days apart where a span names both its ends. */
function alikeParts(spans: readonly MinuteSpan[]): readonly [string, string] {
  const [{ start, minutes } = { start: 0, minutes: 0 }] = spans;
  const from = start % 1440;
  const to = from + minutes;
  const days = showDays(spans.map((span) => Math.floor(span.start / 1440)));
  if (to <= 1440) return [`${days} `, `${clock(from)}-${clock(to)}`];
  if (spans.length > 1 && to < 2880) return [`${days} `, `${clock(from)}-${clock(to - 1440)} (next day)`];
  const full = (span: MinuteSpan): string => {
    const end = modulo(span.start + minutes, MINUTES_PER_WEEK);
    return `${shortDay(Math.floor(span.start / 1440))} ${clock(from)} - ${shortDay(Math.floor(end / 1440))} ${clock(end % 1440)}`;
  };
  return ['', spans.map(full).join('; ')];
}

function showDays(days: readonly number[]): string {
  const sorted = [...new Set(days)].sort((a, b) => a - b);
  const [first = 0, last = first] = [sorted[0], sorted.at(-1)];
  if (sorted.length === 7) return 'every day';
  if (sorted.length > 2 && last - first === sorted.length - 1) return `${shortDay(first)}-${shortDay(last)}`;
  return sorted.join() === '0,6' ? 'Sat, Sun' : sorted.map(shortDay).join(', ');
}

/** `Sun` for 0 to `Sat` for 6. */
function shortDay(day: number): string {
  const name = WEEK_DAYS[modulo(day, 7)] ?? 'sunday';
  return name.charAt(0).toUpperCase() + name.slice(1, 3);
}

function clock(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}

/** Whole hours that lie inside the minutes (`inside`), or that together contain them (`around`). */
export function wholeHours(spans: readonly MinuteSpan[], rounding: 'inside' | 'around'): readonly WeekSpan[] {
  const hours = spans.flatMap(({ start, minutes }): readonly WeekSpan[] => {
    const [from, to] =
      rounding === 'inside'
        ? [Math.ceil(start / 60), Math.floor((start + minutes) / 60)]
        : [Math.floor(start / 60), Math.ceil((start + minutes) / 60)];
    if (to <= from) return [];
    return [{ start: modulo(from, HOURS_PER_WEEK), hours: Math.min(to - from, HOURS_PER_WEEK) }];
  });
  return spansOf(hoursOf(hours));
}

/** Minutes that two or more spans share are joined, and touching spans too. */
export function joined(spans: readonly MinuteSpan[]): readonly MinuteSpan[] {
  const cuts = new Set<number>();
  const covered = new Set<number>();
  for (const { start, minutes } of spans) {
    cuts.add(modulo(start, MINUTES_PER_WEEK));
    for (let at = 0; at < Math.min(minutes, MINUTES_PER_WEEK); at += 1) {
      covered.add(modulo(start + at, MINUTES_PER_WEEK));
    }
  }
  if (covered.size >= MINUTES_PER_WEEK) return [{ start: 0, minutes: MINUTES_PER_WEEK }];
  const starts = [...cuts].filter((start) => !covered.has(modulo(start - 1, MINUTES_PER_WEEK)));
  return starts
    .sort((a, b) => a - b)
    .map((start) => {
      let minutes = 1;
      while (covered.has(modulo(start + minutes, MINUTES_PER_WEEK))) minutes += 1;
      return { start, minutes };
    });
}

/** Spans of minutes, moved by some minutes around the week. */
export function movedMinutes(spans: readonly MinuteSpan[], minutes: number): readonly MinuteSpan[] {
  return spans.map((span) => ({ ...span, start: modulo(span.start + minutes, MINUTES_PER_WEEK) }));
}
