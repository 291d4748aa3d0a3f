/** Days and times that were said together -> minutes of the week, with what had to be guessed. */
import { MINUTES_PER_WEEK, type MinuteSpan, modulo, WEEK_DAYS } from './week.ts';
import { type Clock, type ClockTime, minuteOf } from './word-tokens.ts';

export type Part = 'night' | 'morning' | 'afternoon' | 'evening' | 'all-day';

export type Group = {
  readonly days: ReadonlySet<number> | null;
  readonly except: ReadonlySet<number>;
  readonly hours: readonly Clock[];
  readonly part: Part | null;
  /** The days were counted out ("every third"), not named. */
  readonly isCounted: boolean;
};

/** Minutes of the day; `to` may lie on the next day. */
type DayPeriod = { readonly from: number; readonly to: number };

/** What a part of the day is taken for when no hours are said: four hours, the shortest week AWS takes. */
const PARTS: Readonly<Record<Part, DayPeriod>> = {
  night: { from: 60, to: 300 },
  morning: { from: 360, to: 600 },
  afternoon: { from: 780, to: 1020 },
  evening: { from: 1080, to: 1320 },
  'all-day': { from: 0, to: 1440 },
};
const UNSAID: DayPeriod = { from: 120, to: 360 };
const GUESSED_HOURS = 4;

export function resolveGroup(group: Group): {
  readonly spans: readonly MinuteSpan[];
  readonly guesses: readonly string[];
} {
  const guesses: string[] = [];
  const days = [...(group.days ?? WEEK_DAYS.keys())].filter((day) => !group.except.has(day)).sort((a, b) => a - b);
  if (group.days === null && group.except.size === 0) guesses.push('No day is named: every day is assumed.');
  const periods = group.hours.length > 0 ? group.hours.map((clock) => resolve(clock, group.part, guesses)) : [];
  if (periods.length === 0) periods.push(partOfDay(group.part, guesses));
  const isMorningAfter = group.part === 'night' && periods.some(({ from }) => from < 720);
  if (isMorningAfter && days.length < 7 && !group.isCounted) {
    const [day = 0] = days;
    const name = WEEK_DAYS[day] ?? 'sunday';
    guesses.push(
      `Hours after midnight are taken on the day that is named: "${name} night" begins on ${name} at 00:00.`,
    );
  }
  const spans = days.flatMap((day) =>
    periods.map(({ from, to }) => ({ start: modulo(day * 1440 + from, MINUTES_PER_WEEK), minutes: to - from })),
  );
  return { spans, guesses };
}

function partOfDay(part: Part | null, guesses: string[]): DayPeriod {
  const period = part === null ? UNSAID : PARTS[part];
  if (part !== 'all-day') {
    const said = part === null ? 'No hours are given' : `No hours are given for the ${part}`;
    guesses.push(`${said}: ${show(period)} is assumed.`);
  }
  return period;
}

/** Which of the readings of two clock times is meant. A missing am or pm follows the other one, then the part of day. */
function resolve({ from, to }: Clock, part: Part | null, guesses: string[]): DayPeriod {
  if (to === null) {
    const start = minuteOf(withPart(from, part)) % 1440;
    const period = { from: start, to: start + GUESSED_HOURS * 60 };
    guesses.push(`Only a start is given: ${GUESSED_HOURS} hours are assumed (${show(period)}).`);
    return period;
  }
  const [start, end] = halves(from, to, part);
  const said = [from, to].every(({ half, isFull, hour }) => half !== '' || isFull || hour > 12 || hour === 0);
  const isOnlyOneMissing = (from.half === '') !== (to.half === '');
  const isPlain = minuteOf(start) === minuteOf(from) && minuteOf(end) === minuteOf(to);
  const period = ordered(minuteOf(start), minuteOf(end));
  if (!said && !isOnlyOneMissing && !isPlain && part === null) {
    const asked = `${bare(from)} to ${bare(to)}`;
    guesses.push(`${asked} is read as ${show(period)}; write am or pm, or 24-hour times, to say otherwise.`);
  }
  return period;
}

function bare({ hour, minute }: ClockTime): string {
  return minute === 0 ? String(hour) : `${hour}:${String(minute).padStart(2, '0')}`;
}

function ordered(from: number, to: number): DayPeriod {
  return { from, to: to < from ? to + 1440 : to };
}

function halves(from: ClockTime, to: ClockTime, part: Part | null): readonly [ClockTime, ClockTime] {
  const isTwelveHour = (time: ClockTime): boolean =>
    time.half === '' && !time.isFull && time.hour >= 1 && time.hour <= 12;
  const order = (time: ClockTime): number => (time.hour % 12) * 60 + time.minute;
  const other = { am: 'pm', pm: 'am' } as const;
  if (to.half !== '' && isTwelveHour(from)) {
    return [{ ...from, half: order(from) < order(to) ? to.half : other[to.half] }, to];
  }
  if (from.half !== '' && isTwelveHour(to)) {
    return [from, { ...to, half: order(to) > order(from) ? from.half : other[from.half] }];
  }
  if (!isTwelveHour(from) || !isTwelveHour(to)) return [from, to];
  const start = withPart(from, part);
  if (start.half === '') return [from, order(to) <= order(from) && from.hour > to.hour ? { ...to, half: 'pm' } : to];
  // The end is the first time after the start at which a clock shows it.
  const end = { ...to, half: order(to) > order(from) ? start.half : other[start.half as 'am' | 'pm'] };
  return [start, end];
}

/** An hour from 1 to 12 takes the half of the part of day it is said with: nights run from six in the evening to six. */
function withPart(time: ClockTime, part: Part | null): ClockTime {
  if (time.half !== '' || time.isFull || time.hour < 1 || time.hour > 12) return time;
  const isLate = time.hour >= 6 && time.hour < 12;
  switch (part) {
    case 'night':
      return { ...time, half: isLate ? 'pm' : 'am' };
    case 'morning':
      return { ...time, half: 'am' };
    case 'afternoon':
    case 'evening':
      return { ...time, half: 'pm' };
    default:
      return time;
  }
}

function show({ from, to }: DayPeriod): string {
  const clock = (minute: number): string =>
    `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
  return `${clock(from)}-${clock(to > 1440 ? to - 1440 : to)}`;
}
