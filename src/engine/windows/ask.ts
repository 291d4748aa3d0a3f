/** A window somebody typed, in cron, time ranges or plain words -> what AWS would be sent, and what is wrong with it. */
import type { Fact, FactBook, FactId } from '../facts.ts';
import { DAY_MS, instantOf, isoOf } from './instant.ts';
import { advice, minimaOf } from './lint.ts';
import { type LintRow, lintRow, sortedRows } from './rules.ts';
import { cronOf, type Minima, readCron, readSpans, type ScheduleReading } from './schedule.ts';
import { isForFargate, some, targetRows } from './targets.ts';
import {
  type MinuteSpan,
  movedMinutes,
  showMinutes,
  showSpans,
  type TimeRange,
  timeRanges,
  type WeekSpan,
  wholeHours,
} from './week.ts';
import { cronIn, readWords, type WordsReading } from './words.ts';
import { type ClockPeriod, clockPeriods, localSpans, type UtcChoice, utcChoices, type Zone } from './zone.ts';

export type WindowQuestion = {
  readonly text: string;
  /** The clock that words are meant for; a cron expression is UTC whatever the zone. */
  readonly zone: Zone;
  /** The moment from which a year is looked at. */
  readonly now: string;
  /** The window is for Fargate tasks, even though no tag says so. */
  readonly isForFargate: boolean;
  readonly tags: readonly { readonly key: string; readonly value: string }[];
};

export type WindowAnswer = {
  readonly form: 'cron' | 'words';
  /** UTC hours the window covers; empty when it cannot be read. */
  readonly spans: readonly WeekSpan[];
  /** What AWS would be sent: a cron expression, or time ranges. */
  readonly cron: string | null;
  readonly timeRanges: readonly TimeRange[];
  /** The same hours in the other form, where it can say them. */
  readonly otherForm: string | null;
  /** What the local clock shows while the window is open, over the year from `now`. */
  readonly local: readonly { readonly clock: ClockPeriod; readonly spans: readonly MinuteSpan[] }[];
  /** How local words became UTC; null for cron. */
  readonly choice: UtcChoice | null;
  readonly others: readonly UtcChoice[];
  readonly lint: readonly LintRow[];
  readonly guesses: readonly string[];
  readonly notUnderstood: readonly string[];
  readonly facts: readonly Fact[];
  readonly assumptions: readonly FactId[];
};

const YEAR_MS = 365 * DAY_MS;

type Read = Pick<WindowAnswer, 'form' | 'choice' | 'others' | 'guesses' | 'notUnderstood'> & {
  readonly reading: ScheduleReading;
  readonly rows: readonly LintRow[];
};

/** Answers `windows lint`. Pure: the same text, zone, moment and facts give the same answer. */
export function lintText(question: WindowQuestion, facts: FactBook): WindowAnswer {
  const minima = minimaOf(facts);
  const period = { from: question.now, to: isoOf(instantOf(question.now) + YEAR_MS) };
  const cron = cronIn(question.text);
  const read = cron === null ? fromWords(question, { minima, period }) : fromCron(cron, question, { minima, period });
  const { spans, canonical } = read.reading;
  const targets = { instanceIds: [], instanceTags: question.tags, dedicatedHostIds: [] };
  const isFargate = question.isForFargate || isForFargate(targets);
  const lint = sortedRows([
    ...read.reading.rows,
    ...read.rows,
    ...advice(spans, isFargate, facts),
    ...(question.tags.length === 0 ? [] : targetRows(targets, facts)),
  ]);
  for (const id of ['windows.utc', ...lint.map(({ fact }) => fact)]) facts.cite(id);
  const used = facts.used();
  const isCron = read.form === 'cron';
  const ranges = canonical === null ? [] : timeRanges(spans);
  return {
    form: read.form,
    spans,
    cron: isCron ? canonical : null,
    timeRanges: isCron ? [] : ranges,
    otherForm: isCron ? (canonical === null ? null : showSpans(spans)) : cronOf(spans),
    local: clockPeriods(question.zone, period).map((clock) => ({
      clock,
      spans: localSpans(spans, clock.offsetMinutes),
    })),
    choice: read.choice,
    others: read.others,
    lint,
    guesses: read.guesses,
    notUnderstood: read.notUnderstood,
    facts: used,
    assumptions: used.filter(({ confidence }) => confidence === 'assumed' || confidence === 'low').map(({ id }) => id),
  };
}

type Surroundings = {
  readonly minima: Minima;
  readonly period: { readonly from: string; readonly to: string };
};

function fromCron(cron: string, { zone }: WindowQuestion, { minima, period }: Surroundings): Read {
  const reading = readCron(cron, minima);
  const clocks = clockPeriods(zone, period);
  return {
    form: 'cron',
    reading,
    rows: reading.spans.length === 0 ? [] : shiftRows(reading.spans, clocks, zone),
    choice: null,
    others: [],
    guesses: [],
    notUnderstood: [],
  };
}

function fromWords(question: WindowQuestion, { minima, period }: Surroundings): Read {
  const words = readWords(question.text);
  const { guesses, notUnderstood } = words;
  const { zone } = question;
  const isUtc = zone.offsets.every(({ minutes }) => minutes === 0);
  const choices = utcChoices(words.spans, zone, { period, minima });
  const { chosen, clocks } = choices;
  // What was typed for UTC is held against the rules range by range, as AWS would see it.
  const typed = isUtc ? words.spans.map(hourSpan) : chosen.spans;
  const reading = words.spans.length === 0 ? nothing(words) : readSpans(typed, minima);
  const unread = some(notUnderstood);
  return {
    form: 'words',
    reading,
    rows: [
      ...words.rows,
      ...(unread === '' ? [] : [lintRow('words', `Not understood: ${unread}.`)]),
      ...(words.spans.length === 0 ? [] : zoneRows(words.spans, { zone, clocks, chosen })),
      ...(isUtc ? words.spans.filter(hasMinutes).map(minuteRow) : []),
    ],
    choice: words.spans.length === 0 ? null : chosen,
    others: choices.others,
    guesses,
    notUnderstood,
  };
}

function nothing(words: WordsReading): ScheduleReading {
  const rows = words.rows.length > 0 ? [] : [lintRow('no-schedule', 'No day and no hour was found in the text.')];
  return { spans: [], canonical: null, rows };
}

/** The whole hours inside the span, where it stands; it may be empty. */
function hourSpan(span: MinuteSpan): WeekSpan {
  const start = Math.ceil(span.start / 60);
  return { start: start % 168, hours: Math.max(0, Math.floor((span.start + span.minutes) / 60) - start) };
}

const hasMinutes = ({ start, minutes }: MinuteSpan): boolean => start % 60 !== 0 || minutes % 60 !== 0;

function minuteRow(span: MinuteSpan): LintRow {
  const around = showSpans(wholeHours([span], 'around'));
  return lintRow(
    'whole-hours',
    `${showMinutes([span])} is not on the hour, and AWS takes no minutes. Around it: ${around}.`,
  );
}

/** A window of many parts, cut: the answer shows it whole elsewhere. */
function brief(text: string): string {
  return text.length <= 120 ? text : `${text.slice(0, 119)}…`;
}

type Placed = { readonly zone: Zone; readonly clocks: readonly ClockPeriod[]; readonly chosen: UtcChoice };

/** What becomes of local hours in UTC: rounded, trimmed to what fits all year, or shifted for part of the year. */
function zoneRows(wanted: readonly MinuteSpan[], { zone, clocks, chosen }: Placed): readonly LintRow[] {
  const rows: LintRow[] = [];
  const isUtc = zone.offsets.every(({ minutes }) => minutes === 0);
  const offset = chosen.offsetMinutes ?? clocks[0]?.offsetMinutes ?? 0;
  const exact = movedMinutes(wanted, -offset);
  if (!isUtc && exact.some(hasMinutes)) {
    const text = `${brief(showMinutes(wanted))} in ${zone.name} is ${brief(showMinutes(exact))} UTC; AWS takes whole hours, so it became ${brief(showSpans(chosen.spans))}.`;
    rows.push(lintRow('rounded', text));
  }
  if (chosen.kind === 'all-year' && clocks.length > 1) {
    const text = `${showSpans(chosen.spans)} UTC lies inside ${showMinutes(wanted)} ${zone.name} all year, summer time or not; the rest fits only part of it.`;
    rows.push(lintRow('trimmed', text));
  }
  if (chosen.kind === 'part-year') rows.push(...shiftRows(chosen.spans, clocks, zone));
  return rows;
}

function shiftRows(spans: readonly WeekSpan[], clocks: readonly ClockPeriod[], zone: Zone): readonly LintRow[] {
  const [now, then] = clocks;
  if (now === undefined || then === undefined) return [];
  const at = ({ offsetMinutes }: ClockPeriod): string => showMinutes(localSpans(spans, offsetMinutes));
  const text = `In ${zone.name} that is ${at(now)} until ${now.to.slice(0, 10)}, then ${at(then)}: windows are UTC and do not follow the clock change.`;
  return [lintRow('daylight-saving', text)];
}
