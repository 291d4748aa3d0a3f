/** The vocabulary of windows in plain words: each pattern turns the text it matches into tokens. */
import { MINUTES_PER_WEEK, type MinuteSpan, modulo } from './week.ts';
import type { Part } from './word-groups.ts';

/** Two times of day as they were said; `half` = am, pm or '' when nobody said. */
export type Clock = {
  readonly from: ClockTime;
  /** Null when only a start was said. */
  readonly to: ClockTime | null;
};
export type ClockTime = {
  readonly hour: number;
  readonly minute: number;
  readonly half: 'am' | 'pm' | '';
  /** Said in a way that only a 24-hour clock uses: `10:00`, `0200`, `noon`. */
  readonly isFull: boolean;
};

export type Token =
  | { readonly kind: 'days'; readonly days: readonly number[] }
  | { readonly kind: 'every'; readonly days: readonly number[]; readonly guess: string }
  | { readonly kind: 'hours'; readonly clock: Clock }
  | { readonly kind: 'span'; readonly span: MinuteSpan }
  | { readonly kind: 'part'; readonly part: Part }
  | { readonly kind: 'except' }
  | { readonly kind: 'not-weekly'; readonly text: string }
  | { readonly kind: 'bad-hour'; readonly text: string };

type Pattern = { readonly pattern: string; readonly read: (match: RegExpExecArray) => readonly Token[] };

const DAY =
  "(sun(?:day)?|mon(?:day)?|tue(?:s(?:day)?)?|wed(?:s|nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|sat(?:urday)?)(?:s|'s)?(?![a-z])";
const DAY_STARTS = ['su', 'mo', 'tu', 'we', 'th', 'fr', 'sa'];
/** A time of day; three groups are too many to repeat, so it is read again by `clockTime`. */
const HOUR =
  '(noon|midday|midnight|\\d{1,2}(?:[:.]\\d{2})?\\s*(?:am|pm)(?![a-z])|\\d{1,2}[:.]\\d{2}|\\d{4}(?!\\d)|\\d{1,2}(?![\\d:]|\\.\\d))h?';
const TO = '\\s*(?:-|to)\\s*';
const ALL_DAYS = [0, 1, 2, 3, 4, 5, 6] as const;
const WORK_DAYS = [1, 2, 3, 4, 5] as const;

const dayOf = (text = ''): number => DAY_STARTS.indexOf(text.slice(0, 2));

function daysFromTo(first: number, last: number): readonly number[] {
  return Array.from({ length: modulo(last - first, 7) + 1 }, (_, at) => (first + at) % 7);
}

/** Null for a time no clock shows. */
function clockTime(text: string): ClockTime | null {
  if (text === 'noon' || text === 'midday') return { hour: 12, minute: 0, half: '', isFull: true };
  if (text === 'midnight') return { hour: 0, minute: 0, half: '', isFull: true };
  const [, four] = /^(\d{4})$/.exec(text) ?? [];
  const [, digits = '', minutes = '00', half = ''] =
    /^(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?$/.exec(four === undefined ? text : `${four.slice(0, 2)}:${four.slice(2)}`) ??
    [];
  const [hour, minute] = [Number(digits), Number(minutes)];
  const isHalf = half === 'am' || half === 'pm';
  const isClock = isHalf ? hour >= 1 && hour <= 12 : hour < 24 || (hour === 24 && minute === 0);
  if (digits === '' || !isClock || minute > 59) return null;
  return { hour, minute, half: isHalf ? half : '', isFull: !isHalf && /[:.]|^\d{4}$/.test(text) };
}

function hoursToken(from: string, to: string | null): Token {
  const start = clockTime(from.trim());
  const end = to === null ? null : clockTime(to.trim());
  if (start === null || (start.hour === 24 && to !== null)) return { kind: 'bad-hour', text: from.trim() };
  if (to !== null && end === null) return { kind: 'bad-hour', text: to.trim() };
  return { kind: 'hours', clock: { from: start, to: end } };
}

/** `2am for 4 hours` -> 02:00-06:00, on a 24-hour clock from here on. */
function lasting(from: string, hours: string): Token {
  const start = clockTime(from.trim());
  if (start === null) return { kind: 'bad-hour', text: from.trim() };
  const hour = minuteOf(start) / 60;
  const end = Math.floor(hour) + Number(hours);
  const full = { half: '' as const, isFull: true, minute: start.minute };
  if (Number(hours) > 24) return { kind: 'bad-hour', text: `${hours} hours a day` };
  return {
    kind: 'hours',
    clock: { from: { ...full, hour: Math.floor(hour) }, to: { ...full, hour: end === 24 ? 24 : end % 24 } },
  };
}

/** Minute of the day; 12am is 0, 12pm is 720. */
export function minuteOf({ hour, minute, half }: ClockTime): number {
  const base = half === '' ? hour : (hour % 12) + (half === 'pm' ? 12 : 0);
  return base * 60 + minute;
}

/** `friday 22:00 - saturday 04:00`: the length is what AWS makes of it, (end - start) mod one week. */
function acrossDays(match: RegExpExecArray): readonly Token[] {
  const [, firstDay = '', from = '', lastDay = '', to = ''] = match;
  const [start, end] = [clockTime(from.trim()), clockTime(to.trim())];
  if (start === null || end === null) return [{ kind: 'bad-hour', text: (start === null ? from : to).trim() }];
  const startAt = dayOf(firstDay) * 1440 + minuteOf(start);
  const endAt = dayOf(lastDay) * 1440 + minuteOf(end);
  return [
    {
      kind: 'span',
      span: { start: modulo(startAt, MINUTES_PER_WEEK), minutes: modulo(endAt - startAt, MINUTES_PER_WEEK) },
    },
  ];
}

const NTH: Readonly<Record<string, number>> = {
  other: 2,
  second: 2,
  '2nd': 2,
  '2': 2,
  two: 2,
  third: 3,
  '3rd': 3,
  '3': 3,
  three: 3,
};

/** A week has seven days, so "every third" cannot go on for ever: it starts anew each Sunday. */
function everyNth(match: RegExpExecArray): readonly Token[] {
  const [text, word = '', unit = 'day'] = match;
  const step = NTH[word] ?? 2;
  const days = ALL_DAYS.filter((day) => day % step === 0);
  const names = days.map((day) => ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][day]).join(', ');
  const last = 7 - (days.at(-1) ?? 0);
  const guess = `"${text.trim()}" became ${names}: a week has seven days, so the last step is ${last}, not ${step}.`;
  const token: Token = { kind: 'every', days, guess };
  return /night/.test(unit) ? [token, { kind: 'part', part: 'night' }] : [token];
}

const days = (pattern: string, list: readonly number[]): Pattern => ({
  pattern,
  read: () => [{ kind: 'days', days: list }],
});
const part = (pattern: string, name: Part): Pattern => ({ pattern, read: () => [{ kind: 'part', part: name }] });
const notWeekly = (pattern: string): Pattern => ({
  pattern,
  read: ([text]) => [{ kind: 'not-weekly', text: text.trim() }],
});

/** Tried in this order at each place of the text. */
const SOURCES: readonly Pattern[] = [
  { pattern: '[\\s,;.&+/()"]+', read: () => [] },
  notWeekly(
    '(?:every (?:other|second|2nd|third|two|2|3|three|four|4) weeks?|fortnightly|bi-?weekly|bi-?monthly|monthly|quarterly|yearly|(?:once|twice) a (?:month|year))\\b',
  ),
  notWeekly('(?:(?:of|in) )?(?:the|each|every|a) (?:month|quarter|year)\\b'),
  notWeekly(`(?:1st|first|2nd|second|3rd|third|4th|fourth|last)(?= ${DAY})`),
  { pattern: `${DAY}\\s+(?:at\\s+|from\\s+)?${HOUR}${TO}${DAY}\\s+(?:at\\s+)?${HOUR}`, read: acrossDays },
  { pattern: `every (other|second|2nd|2|two|third|3rd|3|three) (days?|nights?)\\b`, read: everyNth },
  {
    pattern: `${DAY}${TO}${DAY}`,
    read: ([, first, last]) => [{ kind: 'days', days: daysFromTo(dayOf(first), dayOf(last)) }],
  },
  { pattern: DAY, read: ([, day]) => [{ kind: 'days', days: [dayOf(day)] }] },
  days('(?:week[ -]?days?|work(?:ing)? ?days?|business days?)\\b', WORK_DAYS),
  days('week[ -]?ends?\\b', [0, 6]),
  {
    pattern: '(?:every|each) night\\b|nightly\\b',
    read: () => [
      { kind: 'days', days: ALL_DAYS },
      { kind: 'part', part: 'night' },
    ],
  },
  days('(?:(?:every|each|any) ?day|daily|all days|all week(?: long)?|seven days a week|7 days a week)\\b', ALL_DAYS),
  {
    pattern: '24\\s*/\\s*7|always\\b|any ?time\\b|around the clock\\b',
    read: () => [
      { kind: 'days', days: ALL_DAYS },
      { kind: 'part', part: 'all-day' },
    ],
  },
  part('(?:all[ -]day(?: long)?|(?:the )?whole day|24 ?h(?:ours?)?)\\b', 'all-day'),
  {
    pattern: `(?:(?:from|between)\\s+)?${HOUR}(?:${TO}|\\s+and\\s+)${HOUR}`,
    read: ([, from = '', to = '']) => [hoursToken(from, to)],
  },
  {
    pattern: `(?:at |from )?${HOUR}\\s*,?\\s*for (\\d{1,2})\\s*(?:h|hrs?|hours?)\\b`,
    read: ([, from = '', hours = '']) => [lasting(from, hours)],
  },
  {
    pattern: `for (\\d{1,2})\\s*(?:h|hrs?|hours?) (?:from|at|starting(?: at)?) ${HOUR}`,
    read: ([, hours = '', from = '']) => [lasting(from, hours)],
  },
  { pattern: `(?:at |from |after |starting (?:at )?)?${HOUR}`, read: ([, from = '']) => [hoursToken(from, null)] },
  part('(?:at )?(?:nights?|overnight|night-?time)\\b', 'night'),
  part('(?:in the )?mornings?\\b', 'morning'),
  part('(?:in the )?afternoons?\\b', 'afternoon'),
  part('(?:in the )?evenings?\\b', 'evening'),
  { pattern: '(?:except|excluding|but not|not|without|other than)(?: on| for)?\\b', read: () => [{ kind: 'except' }] },
  {
    pattern:
      '(?:on|at|from|between|the|of|in|every|each|and|to|a|an|for|only|please|during|time|times|window|windows|patch|patching|patches|maintenance|weekly|local|is|are|be|it|we|us|our|my|i|want|like|would|should|can|ok|fine|any|hours?|both)\\b',
    read: () => [],
  },
  { pattern: '-+(?=\\s|$)', read: () => [] },
];

/** The same, ready to be tried at one place: set `lastIndex` first. */
export const PATTERNS: readonly { readonly pattern: RegExp; readonly read: Pattern['read'] }[] = SOURCES.map(
  ({ pattern, read }) => ({ pattern: new RegExp(pattern, 'y'), read }),
);
