import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasErrors } from '../../src/engine/windows/rules.ts';
import { cronOf, readCron, readTimeRanges, showTimeRanges } from '../../src/engine/windows/schedule.ts';
import {
  coveredHours,
  hoursOf,
  type TimeRange,
  timeRanges,
  WEEK_DAYS,
  type WeekSpan,
} from '../../src/engine/windows/week.ts';
import { readWords } from '../../src/engine/windows/words.ts';

/** What AWS documents: two hours in each range, four in the week. */
const MINIMA = { range: 2, total: 4 };

/** Cron, hours a week it covers (null = cannot be read), and the rules that speak up. */
const CRON: readonly (readonly [string, number | null, readonly string[]])[] = [
  // The examples of the API reference and of the command line's manual.
  ['* 0-4,20-23 * * 1,5', 14, ['cron-hole', 'cron-night']], // (4 + 3) hours x 2 days
  ['* 21-23 * * 2,3', 4, ['cron-last-hour']], // 2 x 2: the smallest legal window
  ['* 0-4 * * 1', 4, []],
  ['* 0-2 * * 1,5', 4, []],
  ['* 20-23 * * 1,5', 6, ['cron-last-hour']],
  ['* 0-4 * * SUN', 4, []],
  ['* 0-4 * * MON,FRI', 8, []],
  ['* 0-4 * * sun,SAT', 8, []],
  ['* 2-4,6-8 * * 3', 4, []],
  ['* 00-04 * * 0', 4, []],
  ['* 0-23 * * 6', 23, ['cron-last-hour']],
  ['* 1-3,3-5 * * 2', 4, []], // touching is not overlapping
  ['  *   0-4  *  *  1 ', 4, []],
  ['* 0-4 * * 1,1', 4, []],
  ['* 0-4,20-23 * * 0,1,2,3,4,5,6', 49, ['cron-hole']], // 7 x 7
  // Too short.
  ['* 0-2 * * 1', 2, ['total-minimum']],
  ['* 21-23 * * 2', 2, ['total-minimum', 'cron-last-hour']],
  ['* 0-1 * * 0,1,2,3,4,5,6', 7, ['range-minimum']],
  ['* 0-1 * * 1', 1, ['range-minimum', 'total-minimum']],
  ['* 0-3 * * 4', 3, ['total-minimum']],
  ['* 5-5 * * 1', 0, ['range-minimum', 'total-minimum']],
  ['* 0-4,6-7 * * 1', 5, ['range-minimum']],
  ['* 0-4,2-6 * * 1', 6, ['ranges-overlap']], // 0-6: hours 2 and 3 count once
  ['* 0-3,1-3 * * 1', 3, ['total-minimum', 'ranges-overlap']], // 5 hours said, 3 covered
  // Hours that are no ranges.
  ['* 5 * * 1', null, ['cron-hours']],
  ['* 1,2,3,4 * * 1', null, ['cron-hours']],
  ['* * * * 1', null, ['cron-hours']],
  ['* */2 * * 1', null, ['cron-hours']],
  ['* 0-8/2 * * 1', null, ['cron-hours']],
  ['* 0-4, * * 1', null, ['cron-hours']],
  ['* -4 * * 1', null, ['cron-hours']],
  ['* 20-24 * * 1', null, ['cron-hours']],
  ['* 24-26 * * 1', null, ['cron-hours']],
  ['* 2am-4am * * 1', null, ['cron-hours']],
  ['* 0-4-8 * * 1', null, ['cron-hours']],
  // Over midnight.
  ['* 20-4 * * 1', null, ['cron-wrap']],
  ['* 22-0 * * 1', null, ['cron-wrap']],
  ['* 23-1 * * 1,2', null, ['cron-wrap']],
  // Days.
  ['* 0-4 * * 7', null, ['cron-days']],
  ['* 0-4 * * 8', null, ['cron-days']],
  ['* 0-4 * * SUNDAY', null, ['cron-days']],
  ['* 0-4 * * ?', null, ['cron-days']],
  ['* 0-4 * * 1#2', null, ['cron-days']],
  ['* 0-4 * * 5L', null, ['cron-days']],
  ['* 0-4 * * 1,', null, ['cron-days']],
  ['* 0-4 * * 1-5', 20, ['cron-day-list']],
  ['* 0-4 * * MON-WED', 12, ['cron-day-list']],
  ['* 0-4 * * *', 28, ['cron-day-list']],
  // Other fields.
  ['0 0-4 * * 1', 4, ['cron-other-fields']],
  ['* 0-4 1 * 1', 4, ['cron-other-fields']],
  ['* 0-4 * 6 1', 4, ['cron-other-fields']],
  ['30 0-4 1 6 1', 4, ['cron-other-fields', 'cron-other-fields', 'cron-other-fields']],
  ['* 0-4 * * 1 *', 4, ['cron-sixth-field']],
  ['* 0-4 * * 1 2027', 4, ['cron-other-fields', 'cron-sixth-field']],
  ['* 0-4 * *', null, ['cron-fields']],
  ['0-4', null, ['cron-fields']],
  ['', null, ['cron-fields']],
  ['* * 0-4 * * 1 *', null, ['cron-fields']],
];

const range = (startWeekDay: string, startHour: number, endWeekDay: string, endHour: number): TimeRange => ({
  startWeekDay,
  startHour,
  endWeekDay,
  endHour,
});

const RANGES: readonly (readonly [string, readonly TimeRange[], number | null, readonly string[]])[] = [
  ['four hours on one day', [range('sunday', 10, 'sunday', 14)], 4, []],
  ['the example of the talk', [range('saturday', 2, 'saturday', 6)], 4, []],
  ['over midnight', [range('friday', 22, 'saturday', 4)], 6, []],
  ['past Saturday into Sunday', [range('saturday', 22, 'sunday', 4)], 6, []],
  ['from Monday to Wednesday', [range('monday', 2, 'wednesday', 8)], 54, []], // 2 x 24 + 6
  ['nearly the whole week', [range('sunday', 1, 'sunday', 0)], 167, []], // (0 - 1 + 168) mod 168
  ['two ranges of two hours', [range('sunday', 10, 'sunday', 12), range('wednesday', 10, 'wednesday', 12)], 4, []],
  ['to midnight', [range('monday', 20, 'tuesday', 0)], 4, []],
  ['one range of two hours', [range('sunday', 10, 'sunday', 12)], 2, ['total-minimum']],
  ['three hours', [range('sunday', 10, 'sunday', 13)], 3, ['total-minimum']],
  [
    'an hour too short among others',
    [range('monday', 1, 'monday', 5), range('friday', 1, 'friday', 2)],
    5,
    ['range-minimum'],
  ],
  ['no length', [range('monday', 1, 'monday', 1)], 0, ['range-minimum', 'total-minimum']],
  ['hour 24', [range('monday', 20, 'monday', 24)], null, ['range-fields']],
  ['half an hour', [range('monday', 1.5, 'monday', 5)], null, ['range-fields']],
  ['a day that is none', [range('funday', 1, 'monday', 5)], null, ['range-fields']],
  ['overlapping ranges', [range('monday', 1, 'monday', 5), range('monday', 4, 'monday', 8)], 7, ['ranges-overlap']],
  [
    'twice the same two hours',
    [range('monday', 1, 'monday', 3), range('monday', 1, 'monday', 3)],
    2,
    ['total-minimum', 'ranges-overlap'],
  ],
];

describe('cron', () => {
  test.each(CRON)('"%s" covers %j hours; rules: %j', (text, hours, rules) => {
    const { spans, canonical, rows } = readCron(text, MINIMA);

    expect(rows.map(({ rule }) => rule)).toEqual(rules);
    expect(canonical === null).toBe(hours === null);
    expect(coveredHours(spans)).toBe(hours ?? 0);
  });

  test('what was understood prints as AWS wants it, and reads back as the same hours', () => {
    for (const [text] of CRON) {
      const { canonical, spans } = readCron(text, MINIMA);
      if (canonical === null) continue;
      expect(canonical).toMatch(/^\* \d+-\d+(,\d+-\d+)* \* \* [0-6](,[0-6])*$/);
      expect(hoursOf(readCron(canonical, MINIMA).spans)).toEqual(hoursOf(spans));
    }
  });

  test('a range over midnight is told how to split, and what is lost', () => {
    expect(readCron('* 20-4 * * 1', MINIMA).rows[0]?.text).toContain('0-4,20-23; 23:00-24:00 is then not covered');
  });

  test('an expression that the shell has expanded is told to be quoted', () => {
    expect(readCron('a b c d e f g 0-4', MINIMA).rows[0]?.text).toContain('quotes');
  });
});

describe('time ranges', () => {
  test.each(RANGES)('%s', (_name, ranges, hours, rules) => {
    const { spans, rows, canonical } = readTimeRanges(ranges, MINIMA);

    expect(rows.map(({ rule }) => rule)).toEqual(rules);
    expect(coveredHours(spans)).toBe(hours ?? 0);
    if (hours === null) expect(canonical).toBeNull();
  });

  const span = fc.record({ start: fc.integer({ min: 0, max: 167 }), hours: fc.integer({ min: 1, max: 168 }) });
  const spans = fc.array(span, { minLength: 1, maxLength: 5 });
  const hours = (list: readonly WeekSpan[]): ReadonlySet<number> => hoursOf(list);

  test('any hours of the week go to AWS and come back the same', () => {
    fc.assert(
      fc.property(spans, (list) => {
        const back = readTimeRanges(timeRanges(list), { range: 1, total: 1 });
        expect(hours(back.spans)).toEqual(hours(list));
      }),
    );
  });

  test('the text of any ranges reads back, as words, as the same hours', () => {
    fc.assert(
      fc.property(spans, (list) => {
        const text = showTimeRanges(timeRanges(list));
        const read = readWords(text);
        const covered = read.spans.map(({ start, minutes }) => ({ start: start / 60, hours: minutes / 60 }));
        expect([text, hours(covered)]).toEqual([text, hours(list)]);
        expect([read.guesses, read.notUnderstood, read.rows]).toEqual([[], [], []]);
      }),
    );
  });

  test('a cron expression is offered exactly where cron can say the hours', () => {
    fc.assert(
      fc.property(spans, (list) => {
        const cron = cronOf(readTimeRanges(timeRanges(list), MINIMA).spans);
        if (cron !== null) expect(hours(readCron(cron, MINIMA).spans)).toEqual(hours(list));
        else expect(list.length).toBeGreaterThan(0);
      }),
    );
    expect(cronOf([{ start: 10, hours: 4 }])).toBe('* 10-14 * * 0');
    expect(cronOf([{ start: 20, hours: 4 }])).toBeNull(); // 20:00-24:00: the last hour is out of reach
    expect(cronOf([{ start: 22, hours: 4 }])).toBeNull();
    expect(
      cronOf([
        { start: 10, hours: 4 },
        { start: 34, hours: 5 },
      ]),
    ).toBeNull();
  });
});

describe('samples of the documentation', () => {
  const folder = join(import.meta.dirname, '..', '..', '..', 'shared', 'recorded', 'cli-doc-examples', 'ec2');
  const isThere = existsSync(folder);
  if (!isThere) process.stderr.write('SKIPPED: no recorded samples of event windows beside the checkout.\n');

  type Sample = {
    readonly CronExpression?: string;
    readonly TimeRanges?: readonly { readonly [key: string]: string | number }[];
  };
  const samples = (): readonly Sample[] =>
    readdirSync(folder)
      .filter((name) => /(describe|modify)-instance-event-window/.test(name))
      .flatMap((name) => {
        const body = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Record<string, unknown>;
        return (body.InstanceEventWindows ?? [body.InstanceEventWindow]) as readonly Sample[];
      });

  test.skipIf(!isThere)('every window that AWS shows is legal here', () => {
    expect(samples().length).toBeGreaterThanOrEqual(5);
    for (const { CronExpression, TimeRanges = [] } of samples()) {
      const ranges = TimeRanges.map((row) =>
        range(String(row.StartWeekDay), Number(row.StartHour), String(row.EndWeekDay), Number(row.EndHour)),
      );
      const read = CronExpression === undefined ? readTimeRanges(ranges, MINIMA) : readCron(CronExpression, MINIMA);
      expect([CronExpression ?? ranges, hasErrors(read.rows)]).toEqual([CronExpression ?? ranges, false]);
      expect(coveredHours(read.spans)).toBeGreaterThanOrEqual(4);
    }
  });
});

test('the table has at least 60 windows', () => {
  expect(CRON.length + RANGES.length).toBeGreaterThanOrEqual(60);
  expect(new Set(WEEK_DAYS).size).toBe(7);
});
