/**
 * Reads and prints the two forms in which AWS takes a window: time ranges, and cron with hour ranges. Nothing is
 * refused here: what AWS would refuse becomes a row, beside as much of the schedule as could be read.
 */
import { hasErrors, type LintRow, lintRow, quoted, sortedRows } from './rules.ts';
import {
  coveredHours,
  HOURS_PER_WEEK,
  hoursOf,
  modulo,
  rangeSpan,
  showSpans,
  spansOf,
  type TimeRange,
  timeRanges,
  WEEK_DAYS,
  type WeekSpan,
} from './week.ts';

/** Shortest range and shortest week AWS takes, in hours; day facts `windows.range-hours-min`, `windows.total-hours-min`. */
export type Minima = { readonly range: number; readonly total: number };

export type ScheduleReading = {
  /** Hours of the week (UTC) that the schedule covers, joined; empty when it cannot be read. */
  readonly spans: readonly WeekSpan[];
  /** The schedule as AWS should be sent it; null when it cannot be read. */
  readonly canonical: string | null;
  readonly rows: readonly LintRow[];
};

const DAY_NAMES = WEEK_DAYS.map((day) => day.slice(0, 3).toUpperCase());

/** `* 0-4,20-23 * * 1,5` -> the hours it covers, and everything AWS would say about it. */
export function readCron(text: string, minima: Minima): ScheduleReading {
  const fields = text.trim().split(/\s+/);
  const rows: LintRow[] = [];
  if (fields.length !== 5 && fields.length !== 6) {
    const count = text.trim() === '' ? 0 : fields.length;
    const hint = count > 6 ? ' In a shell, put it in quotes.' : '';
    return unread(
      lintRow('cron-fields', `The cron expression has ${count} fields; AWS wants five, as in * 0-4 * * 1,5.${hint}`),
    );
  }
  if (fields.length === 6) {
    rows.push(lintRow('cron-sixth-field', `Leave out the sixth field: ${fields.slice(0, 5).join(' ')}.`));
  }
  const [minute = '', hours = '', dayOfMonth = '', month = '', days = '', year = '*'] = fields;
  const others = { minute, 'day of the month': dayOfMonth, month, year };
  for (const [name, value] of Object.entries(others)) {
    if (value !== '*') rows.push(lintRow('cron-other-fields', `The ${name} must be *, not ${quoted(value)}.`));
  }
  const ranges = hourRanges(hours, rows);
  const weekDays = dayNumbers(days, rows);
  if (ranges === null || weekDays === null) return { spans: [], canonical: null, rows: sortedRows(rows) };
  const spans = weekDays.flatMap((day) => ranges.map(({ from, to }) => ({ start: day * 24 + from, hours: to - from })));
  rows.push(...minimumRows(spans, minima), ...overlapRows(spans), ...nightRows(ranges, weekDays));
  return {
    spans: spansOf(hoursOf(spans)),
    canonical: `* ${ranges.map(({ from, to }) => `${from}-${to}`).join(',')} * * ${weekDays.join(',')}`,
    rows: sortedRows(rows),
  };
}

function unread(row: LintRow): ScheduleReading {
  return { spans: [], canonical: null, rows: [row] };
}

type HourRange = { readonly from: number; readonly to: number };

/** Null when a part is no range of hours, with a row for each such part. */
function hourRanges(field: string, rows: LintRow[]): readonly HourRange[] | null {
  const ranges: HourRange[] = [];
  const singles: number[] = [];
  const faults: LintRow[] = [];
  for (const part of field.split(',')) {
    const [, start, end] = /^(\d{1,2})(?:-(\d{1,2}))?$/.exec(part) ?? [];
    const [from, to] = [Number(start), Number(end)];
    if (start === undefined) {
      faults.push(lintRow('cron-hours', `Hours are ranges such as 0-4 or 0-4,20-23, not ${quoted(part)}.`));
    } else if (from > 23 || to > 23) {
      const text = `Hours go from 0 to 23, so ${part} is refused. Time ranges can end at midnight.`;
      faults.push(lintRow('cron-hours', text));
    } else if (end === undefined) {
      singles.push(from);
    } else if (to < from) {
      faults.push(wrapRow(from, to));
    } else {
      ranges.push({ from, to });
    }
  }
  if (singles.length > 0) faults.push(singleRow(singles));
  rows.push(...faults);
  return faults.length === 0 ? ranges : null;
}

/** `1,2,3` meant hours 1 to 3, which as a range end at 4. */
function singleRow(singles: readonly number[]): LintRow {
  const first = Math.min(...singles, 21);
  const last = Math.min(23, Math.max(...singles) + 1);
  const isRun = singles.length > 1 && Math.max(...singles) - Math.min(...singles) === singles.length - 1;
  const example = isRun && last - first > 1 ? `${first}-${last}` : `${first}-${first + 2}`;
  const said =
    singles.length === 1 ? `A single hour (${singles[0]}) is` : `Single hours (${quoted(singles.join(','))}) are`;
  return lintRow('cron-hours', `${said} refused; write a range, such as ${example}.`);
}

function wrapRow(from: number, to: number): LintRow {
  const split = to === 0 ? `${from}-23` : `0-${to},${from}-23`;
  return lintRow(
    'cron-wrap',
    `${from}-${to} runs over midnight. Split it (${split}; 23:00-24:00 is then not covered), or use time ranges.`,
  );
}

/** Null when a part is no day, with a row for each such part. Days come back sorted, each once. */
function dayNumbers(field: string, rows: LintRow[]): readonly number[] | null {
  const days = new Set<number>();
  let isReadable = true;
  for (const part of field.split(',')) {
    const span = part === '*' ? [0, 6] : part.split('-').map(dayNumber);
    const [first = -1, last = first] = span;
    if (span.length > 2 || first < 0 || last < 0) {
      rows.push(lintRow('cron-days', dayFault(part)));
      isReadable = false;
      continue;
    }
    const listed = Array.from({ length: modulo(last - first, 7) + 1 }, (_, at) => (first + at) % 7);
    for (const day of listed) days.add(day);
    if (span.length === 2) {
      const list = [...listed].sort((a, b) => a - b).join(',');
      rows.push(lintRow('cron-day-list', `AWS describes single days only; instead of ${quoted(part)} write ${list}.`));
    }
  }
  return isReadable ? [...days].sort((a, b) => a - b) : null;
}

function dayNumber(text: string): number {
  return /^[0-6]$/.test(text) ? Number(text) : DAY_NAMES.indexOf(text.toUpperCase());
}

function dayFault(part: string): string {
  if (part === '7') return 'Days go from 0 to 6: Sunday is 0, not 7.';
  return `Days are 0 to 6 (0 = Sunday) or SUN to SAT, not ${quoted(part)}.`;
}

/** Time ranges as AWS returns or takes them -> the hours they cover, and everything AWS would say about them. */
export function readTimeRanges(ranges: readonly TimeRange[], minima: Minima): ScheduleReading {
  const rows: LintRow[] = [];
  const spans: WeekSpan[] = [];
  for (const range of ranges) {
    const span = rangeSpan(range);
    const bad = [range.startHour, range.endHour].find((hour) => !Number.isInteger(hour) || hour < 0 || hour > 23);
    if (span === null) {
      const day = [range.startWeekDay, range.endWeekDay].find((name) => !WEEK_DAYS.some((known) => known === name));
      rows.push(lintRow('range-fields', `${quoted(day ?? '')} is no day of the week; AWS writes sunday to saturday.`));
    } else if (bad !== undefined) {
      const hint = bad === 24 ? ' Midnight is hour 0 of the next day.' : '';
      rows.push(lintRow('range-fields', `Hours are whole numbers from 0 to 23, not ${bad}.${hint}`));
    } else {
      spans.push(span);
    }
  }
  if (rows.length > 0 || spans.length === 0) return { spans: [], canonical: null, rows: sortedRows(rows) };
  return readSpans(spans, minima);
}

/** Ranges that are hours of the week already: the minima, overlaps, and the text AWS's console would show. */
export function readSpans(spans: readonly WeekSpan[], minima: Minima): ScheduleReading {
  const filled = spans.filter(({ hours }) => hours > 0);
  return {
    spans: spansOf(hoursOf(filled)),
    canonical: filled.length === 0 ? null : showTimeRanges(timeRanges(filled)),
    rows: sortedRows([...minimumRows(spans, minima), ...overlapRows(filled)]),
  };
}

/** `sunday 10:00 - sunday 14:00, …`: every range in full, as `readWords` reads it back. */
export function showTimeRanges(ranges: readonly TimeRange[]): string {
  const clock = (hour: number): string => `${String(hour).padStart(2, '0')}:00`;
  return ranges
    .map((range) => {
      const end = `${range.endWeekDay} ${clock(range.endHour)}`;
      return range.endWeekDay === range.startWeekDay && range.endHour > range.startHour
        ? `${range.startWeekDay} ${clock(range.startHour)}-${clock(range.endHour)}`
        : `${range.startWeekDay} ${clock(range.startHour)} - ${end}`;
    })
    .join(', ');
}

function minimumRows(spans: readonly WeekSpan[], minima: Minima): readonly LintRow[] {
  const rows: LintRow[] = [];
  const tooShort = spans.filter(({ hours }) => hours < minima.range);
  for (const hours of [...new Set(tooShort.map((span) => span.hours))].sort((a, b) => a - b)) {
    const alike = tooShort.filter((span) => span.hours === hours);
    const where = hours === 0 ? `The range at ${alike.map(startText).join(', ')}` : showSpans(alike);
    const length = hours === 0 ? 'has no length' : `lasts ${hoursText(hours)}`;
    rows.push(lintRow('range-minimum', `${where} ${length}; AWS wants at least ${minima.range} hours in each range.`));
  }
  const total = coveredHours(spans);
  if (total >= minima.total) return rows;
  const text = `The window covers ${hoursText(total)} a week; AWS wants at least ${minima.total}.`;
  return [...rows, lintRow('total-minimum', text)];
}

const startText = (span: WeekSpan): string => showSpans([{ start: span.start, hours: 1 }]).replace(/-.*/, '');

export function hoursText(hours: number): string {
  return hours === 1 ? '1 hour' : `${hours} hours`;
}

function overlapRows(spans: readonly WeekSpan[]): readonly LintRow[] {
  const total = spans.reduce((sum, { hours }) => sum + hours, 0);
  const covered = coveredHours(spans);
  if (covered === total) return [];
  const text = `Ranges of the window overlap: ${hoursText(total - covered)} a week are in two of them and count once.`;
  return [lintRow('ranges-overlap', text)];
}

/** What people expect of `0-4,20-23` and do not get: the last hour before midnight, and the morning after. */
function nightRows(ranges: readonly HourRange[], days: readonly number[]): readonly LintRow[] {
  const evenings = ranges.filter(({ to }) => to === 23).map(({ from }) => `${from}-23`);
  if (evenings.length === 0) return [];
  const morning = ranges.find(({ from, to }) => from === 0 && to < 23);
  const says = `${evenings.join(',')} ends at 23:00, and no cron range reaches 24:00.`;
  if (morning === undefined) return [lintRow('cron-last-hour', `${says} Time ranges do.`)];
  const rows = [lintRow('cron-hole', `${says} The hour before midnight stays uncovered; time ranges can cover it.`)];
  const last = days.find((day) => !days.includes((day + 1) % 7));
  if (last === undefined) return rows;
  const next = (last + 1) % 7;
  const evening = Math.min(...ranges.filter(({ to }) => to === 23).map(({ from }) => from));
  const example = `${DAY_NAMES[last]} evening does not go on into ${DAY_NAMES[next]} morning`;
  const night = showTimeRanges([
    {
      startWeekDay: WEEK_DAYS[last] ?? '',
      startHour: evening,
      endWeekDay: WEEK_DAYS[next] ?? '',
      endHour: morning.to,
    },
  ]);
  const text = `0-${morning.to} is the morning of the same day: ${example}. One whole night as a time range: ${night}.`;
  return [...rows, lintRow('cron-night', text)];
}

/** True when AWS would take the schedule as it stands. */
export function isLegal(spans: readonly WeekSpan[], minima: Minima): boolean {
  return spans.length > 0 && !hasErrors(minimumRows(spans, minima));
}

/** The cron expression that covers exactly these hours, or null where only time ranges can say it. */
export function cronOf(spans: readonly WeekSpan[]): string | null {
  if (spans.length === 0 || spans.some(({ start, hours }) => (start % 24) + hours > 23)) return null;
  const byDay = new Map<number, string[]>();
  for (const { start, hours } of spans) {
    const day = Math.floor(modulo(start, HOURS_PER_WEEK) / 24);
    byDay.set(day, [...(byDay.get(day) ?? []), `${start % 24}-${(start % 24) + hours}`]);
  }
  const texts = new Set([...byDay.values()].map((parts) => parts.join(',')));
  const [hours] = texts;
  if (texts.size !== 1 || hours === undefined) return null;
  return `* ${hours} * * ${[...byDay.keys()].sort((a, b) => a - b).join(',')}`;
}
