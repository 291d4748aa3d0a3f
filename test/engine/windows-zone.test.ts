import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { zoneFrom } from '../../src/commands/zones.ts';
import { isoOf, minuteOfWeek, occurrences } from '../../src/engine/windows/instant.ts';
import { hoursOf, type MinuteSpan, showSpans } from '../../src/engine/windows/week.ts';
import { clockPeriods, UTC, utcChoices, type Zone } from '../../src/engine/windows/zone.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MINIMA = { range: 2, total: 4 };
const YEAR = { from: '2026-11-24T09:00:00.000Z', to: '2027-11-24T09:00:00.000Z' };

/** The nth Sunday of a month, or its last one (n = -1), as midnight UTC. Worked from the calendar, not from a zone. */
function sunday(year: number, month: number, n: number): number {
  const first = Date.UTC(year, month - 1, 1);
  const firstSunday = first + ((7 - new Date(first).getUTCDay()) % 7) * DAY;
  if (n > 0) return firstSunday + (n - 1) * 7 * DAY;
  let last = firstSunday;
  while (new Date(last + 7 * DAY).getUTCMonth() === month - 1) last += 7 * DAY;
  return last;
}

/** The law of five zones, written down by hand: minutes ahead of UTC at a moment. */
const LAWS: Readonly<Record<string, (at: number) => number>> = {
  // Last Sundays of March and October, 01:00 UTC.
  'Europe/London': (at) => {
    const year = new Date(at).getUTCFullYear();
    return at >= sunday(year, 3, -1) + HOUR && at < sunday(year, 10, -1) + HOUR ? 60 : 0;
  },
  // Second Sunday of March 02:00 at UTC-5 to first Sunday of November 02:00 at UTC-4.
  'America/New_York': (at) => {
    const year = new Date(at).getUTCFullYear();
    return at >= sunday(year, 3, 2) + 7 * HOUR && at < sunday(year, 11, 1) + 6 * HOUR ? -240 : -300;
  },
  // Southern: first Sunday of October 02:00 at UTC+10 to first Sunday of April 03:00 at UTC+11.
  'Australia/Sydney': (at) => {
    const year = new Date(at).getUTCFullYear();
    const isWinter = at >= sunday(year, 4, 1) - 8 * HOUR && at < sunday(year, 10, 1) - 8 * HOUR;
    return isWinter ? 600 : 660;
  },
  // No daylight saving time, and half an hour off.
  'Asia/Kolkata': () => 330,
  // Southern, and the clock moves by half an hour only: first Sundays, 02:00 local (UTC+10:30 and UTC+11).
  'Australia/Lord_Howe': (at) => {
    const year = new Date(at).getUTCFullYear();
    const isWinter = at >= sunday(year, 4, 1) - 9 * HOUR && at < sunday(year, 10, 1) - 8.5 * HOUR;
    return isWinter ? 630 : 660;
  },
  'America/Sao_Paulo': () => -180,
};
const NAMES = Object.keys(LAWS);
const law = (name: string, at: number): number => LAWS[name]?.(at) ?? Number.NaN;

/** The week day and minute of a moment on the wall of the zone, without the engine. */
function wallMinute(name: string, at: number): number {
  const wall = new Date(at + law(name, at) * 60_000);
  return wall.getUTCDay() * 1440 + wall.getUTCHours() * 60 + wall.getUTCMinutes();
}

const isIn = (spans: readonly MinuteSpan[], minute: number): boolean =>
  spans.some(({ start, minutes }) => (minute - start + 10_080) % 10_080 < minutes);

describe('zones of the machine', () => {
  test.each(NAMES)('%s follows its law for a year, to the hour', (name) => {
    const from = Date.parse(YEAR.from);
    const zone = zoneFrom(name, new Date(from));
    for (let at = from; at < from + 365 * DAY; at += HOUR) {
      const current = zone.offsets.filter(({ fromUtc }) => Date.parse(fromUtc) <= at).at(-1);
      expect([new Date(at).toISOString(), current?.minutes]).toEqual([new Date(at).toISOString(), law(name, at)]);
    }
  });
});

describe('local windows in UTC', () => {
  const spans = fc.array(
    fc.record({
      start: fc.integer({ min: 0, max: 10_079 }).map((minute) => Math.floor(minute / 30) * 30),
      minutes: fc.integer({ min: 4, max: 48 }).map((halves) => halves * 30),
    }),
    { minLength: 1, maxLength: 4 },
  );

  test.each(NAMES)('%s: hour by hour through a year, every choice keeps what it promises', (name) => {
    const zone = zoneFrom(name, new Date(YEAR.from));
    fc.assert(
      fc.property(spans, (wanted) => {
        const { chosen, others } = utcChoices(wanted, zone, { period: YEAR, minima: MINIMA });
        for (const choice of [chosen, ...others]) {
          const open = hoursOf(choice.spans);
          for (let at = Date.parse('2026-11-24T09:00:00Z'); at < Date.parse(YEAR.to); at += HOUR) {
            const isOpen = open.has(new Date(at).getUTCDay() * 24 + new Date(at).getUTCHours());
            const quarters = [0, 30 * 60_000].map((half) => isIn(wanted, wallMinute(name, at + half)));
            // Lord Howe turns its clocks at half past an hour of UTC: both halves must be on the choice's clock.
            const isRight =
              choice.offsetMinutes === null ||
              [at, at + 30 * 60_000].every((half) => choice.offsetMinutes === law(name, half));
            if (choice.kind === 'around') {
              if (quarters.some((is) => is) && !isOpen) throw new Error(`${name} ${isoOf(at)}: closed inside`);
            } else if (isRight && isOpen && quarters.some((is) => !is)) {
              throw new Error(`${name} ${isoOf(at)}: ${choice.kind} open outside`);
            }
            if (choice.kind === 'exact' && quarters.every((is) => is) !== isOpen)
              throw new Error(`${name} ${isoOf(at)}: not exact`);
            if (choice.kind === 'part-year' && isRight && quarters.every((is) => is) !== isOpen)
              throw new Error(`${name} ${isoOf(at)}: part-year is not what was asked`);
          }
        }
      }),
      { numRuns: 8 },
    );
  });

  const london = zoneFrom('Europe/London', new Date(YEAR.from));
  const choose = (start: number, hours: number, zone: Zone = london) =>
    utcChoices([{ start: start * 60, minutes: hours * 60 }], zone, { period: YEAR, minima: MINIMA });

  test('Sunday 10 to 14 in London has no legal range for both halves of the year: 10-13 is three hours', () => {
    const { chosen, others, clocks } = choose(10, 4);

    expect([chosen.kind, showSpans(chosen.spans)]).toEqual(['part-year', 'Sun 10:00-14:00']);
    expect(others.map(({ kind, spans: found }) => [kind, showSpans(found)])).toEqual([
      ['part-year', 'Sun 09:00-13:00'],
      ['around', 'Sun 09:00-14:00'],
    ]);
    // British Summer Time of 2027: from 28 March to 31 October, 01:00 UTC.
    expect(clocks.map(({ from, offsetMinutes }) => [from, offsetMinutes])).toEqual([
      [YEAR.from, 0],
      ['2027-03-28T01:00:00.000Z', 60],
      ['2027-10-31T01:00:00.000Z', 0],
    ]);
  });

  test('an hour more, and the part that fits all year is preferred', () => {
    // 10-15 local is 10-15 UTC in winter and 09-14 in summer: 10-14 lies in both.
    const { chosen } = choose(10, 5);

    expect([chosen.kind, showSpans(chosen.spans), chosen.isLegal]).toEqual(['all-year', 'Sun 10:00-14:00', true]);
  });

  test('when nothing is legal, the reading of today comes back with its fault', () => {
    const { chosen, others } = choose(10, 2);

    expect([chosen.kind, showSpans(chosen.spans), chosen.isLegal]).toEqual(['part-year', 'Sun 10:00-12:00', false]);
    expect(others).toEqual([]);
  });

  test('three hours are refused, and the four that would contain them are offered, never taken', () => {
    const { chosen, others } = choose(10, 3);

    expect([chosen.kind, showSpans(chosen.spans), chosen.isLegal]).toEqual(['part-year', 'Sun 10:00-13:00', false]);
    expect(others.map(({ kind, spans: found }) => [kind, showSpans(found)])).toEqual([['around', 'Sun 09:00-13:00']]);
  });

  test('over the edge of the week: Saturday evening in New York is Sunday in UTC', () => {
    const york = zoneFrom('America/New_York', new Date(YEAR.from));
    // Sat 20:00-24:00 at UTC-5 is Sun 01:00-05:00; at UTC-4 Sun 00:00-04:00; both: 01-04, three hours.
    const { chosen } = choose(6 * 24 + 20, 4, york);

    expect([chosen.kind, showSpans(chosen.spans)]).toEqual(['part-year', 'Sun 01:00-05:00']);
  });

  test('UTC stays as it is', () => {
    expect(choose(10, 4, UTC).chosen).toMatchObject({ kind: 'exact', offsetMinutes: null });
    expect(clockPeriods(UTC, YEAR)).toHaveLength(1);
  });
});

describe('moments', () => {
  test('are written as JavaScript writes them, and know their minute of the week', () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(1970, 0, 1), max: Date.UTC(2199, 11, 31) }), (at) => {
        const date = new Date(at);
        expect(isoOf(at)).toBe(date.toISOString());
        expect(minuteOfWeek(at, 0)).toBe(date.getUTCDay() * 1440 + date.getUTCHours() * 60 + date.getUTCMinutes());
      }),
      { numRuns: 500 },
    );
  });

  test('openings come round once a week, whole, those under way included', () => {
    // 2026-11-24 is a Tuesday: Tue 09:30 lies in Tue 08:00-12:00.
    const at = Date.parse('2026-11-24T09:30:00Z');

    expect(occurrences([{ start: 56, hours: 4 }], at, at + 8 * DAY)).toEqual([
      { from: '2026-11-24T08:00:00.000Z', to: '2026-11-24T12:00:00.000Z' },
      { from: '2026-12-01T08:00:00.000Z', to: '2026-12-01T12:00:00.000Z' },
    ]);
    expect(occurrences([{ start: 56, hours: 4 }], at + 3 * HOUR, at + 4 * HOUR)).toEqual([]);
  });
});
