import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { joined, showMinutes } from '../../src/engine/windows/week.ts';
import { cronIn, readWords } from '../../src/engine/windows/words.ts';

/** Text, the window, and a word of each guess that must be said (none = nothing was guessed). */
const WORDS: readonly (readonly [string, string, readonly string[]])[] = [
  ['Sundays 10 to 2pm', 'Sun 10:00-14:00', []],
  ['sunday 10:00-14:00', 'Sun 10:00-14:00', []],
  ['every Sunday from 10am until 2pm', 'Sun 10:00-14:00', []],
  ['on sundays between 10am and 2pm please', 'Sun 10:00-14:00', []],
  ['10am-2pm on Sundays', 'Sun 10:00-14:00', []],
  ['10 a.m. – 2 p.m. Sunday', 'Sun 10:00-14:00', []],
  ['sunday 10-14', 'Sun 10:00-14:00', []],
  ['Sun 1000-1400', 'Sun 10:00-14:00', []],
  ['sun 10am for 4 hours', 'Sun 10:00-14:00', []],
  ['sunday for 4 hours from 10:00', 'Sun 10:00-14:00', []],
  ['sundays 10 to 2', 'Sun 10:00-14:00', ['10:00-14:00']],
  ['sundays 10am to 2', 'Sun 10:00-14:00', []],
  ['sunday noon to 4pm', 'Sun 12:00-16:00', []],
  ['saturday midnight to 4am', 'Sat 00:00-04:00', []],
  ['sat 12am-4am', 'Sat 00:00-04:00', []],
  ['sat 8pm to midnight', 'Sat 20:00-24:00', []],
  ['Sun 20:00-24:00', 'Sun 20:00-24:00', []],
  ['sunday 10:00-12:00, wednesday 10:00-12:00', 'Sun, Wed 10:00-12:00', []],
  ['sat+sun 02:00-06:00', 'Sat, Sun 02:00-06:00', []],
  ['sat & sun 2-6', 'Sat, Sun 02:00-06:00', []],
  ['mon/wed/fri 1-3', 'Mon, Wed, Fri 01:00-03:00', []],
  ['Mon, Wed and Fri 1-3am', 'Mon, Wed, Fri 01:00-03:00', []],
  ['mon-fri 01:00-03:00', 'Mon-Fri 01:00-03:00', []],
  ['Monday to Friday, 1 to 3am', 'Mon-Fri 01:00-03:00', []],
  ['sat-mon 2-6', 'Sun, Mon, Sat 02:00-06:00', []],
  ['weekdays 1-5', 'Mon-Fri 01:00-05:00', []],
  ['weekday nights 1-5', 'Mon-Fri 01:00-05:00', ['"monday night" begins on monday at 00:00']],
  ['weekends 2-6am', 'Sat, Sun 02:00-06:00', []],
  ['daily 2-6', 'every day 02:00-06:00', []],
  ['every day except friday 1-5', 'Sun, Mon, Tue, Wed, Thu, Sat 01:00-05:00', []],
  ['weekdays but not wednesday 1-5', 'Mon, Tue, Thu, Fri 01:00-05:00', []],
  ['nights 10-4', 'every day 22:00-04:00 (next day)', ['every day']],
  ['every night 1-5', 'every day 01:00-05:00', []],
  ['nightly 23:00-03:00', 'every day 23:00-03:00 (next day)', []],
  ['monday and friday nights 11-3', 'Mon, Fri 23:00-03:00 (next day)', []],
  ['friday night 10pm to 2', 'Fri 22:00 - Sat 02:00', []],
  ['fri 22:00 - sat 04:00', 'Fri 22:00 - Sat 04:00', []],
  ['Friday 10pm to Saturday 4am', 'Fri 22:00 - Sat 04:00', []],
  ['saturday 22:00 - sunday 04:00', 'Sat 22:00 - Sun 04:00', []],
  ['sat 22-4', 'Sat 22:00 - Sun 04:00', []],
  ['monday 02:00 - wednesday 08:00', 'Mon 02:00 - Wed 08:00', []],
  ['sunday 10:00 - sunday 14:00', 'Sun 10:00-14:00', []],
  ['every third night', 'Sun, Wed, Sat 01:00-05:00', ['"every third night" became Sun, Wed, Sat', '01:00-05:00']],
  ['every 3 days 1-5', 'Sun, Wed, Sat 01:00-05:00', ['became Sun, Wed, Sat']],
  ['every other night 1-3', 'Sun, Tue, Thu, Sat 01:00-03:00', ['became Sun, Tue, Thu, Sat']],
  ['sundays', 'Sun 02:00-06:00', ['02:00-06:00']],
  ['1-5', 'every day 01:00-05:00', ['every day']],
  ['wed at 3am', 'Wed 03:00-07:00', ['4 hours']],
  ['sunday mornings', 'Sun 06:00-10:00', ['06:00-10:00']],
  ['weekday afternoons 1-5', 'Mon-Fri 13:00-17:00', []],
  ['sunday evening 6 to 10', 'Sun 18:00-22:00', []],
  ['sunday mornings 2-4 and wednesday evenings 8-10', 'Sun 02:00-04:00; Wed 20:00-22:00', []],
  ['sun 2-4 and 10-12', 'Sun 02:00-04:00 and 10:00-12:00', []],
  ['10-14 sun, 2-6 sat', 'Sun 10:00-14:00; Sat 02:00-06:00', []],
  ['sat all day', 'Sat 00:00-24:00', []],
  ['24/7', 'all week', []],
  ['sunday 10:30-14:30', 'Sun 10:30-14:30', []],
  ['sunday 10.30 to 14.30', 'Sun 10:30-14:30', []],
];

describe('words', () => {
  test.each(WORDS)('"%s" is %s', (text, window, said) => {
    const { spans, guesses, notUnderstood, rows } = readWords(text);

    const shown = showMinutes(joined(spans).length === 1 && spans.length === 7 ? joined(spans) : spans);
    expect(shown).toBe(window);
    expect([notUnderstood, rows]).toEqual([[], []]);
    expect(guesses).toHaveLength(said.length);
    for (const [index, part] of said.entries()) expect(guesses[index]).toContain(part);
  });

  test.each([
    ['banana', ['banana']],
    ['sundays 10-14 in the blue hour', ['blue', 'hour']],
    ['mit dem hund sonntags', ['mit', 'dem', 'hund', 'sonntags']],
  ])('what means nothing in "%s" is said', (text, words) => {
    expect(readWords(text).notUnderstood).toEqual(words.filter((word) => word !== 'hour'));
  });

  test('words that no weekly window can say are said, and the rest is read', () => {
    const { spans, rows } = readWords('first sunday of the month 2-6');

    expect(showMinutes(spans)).toBe('Sun 02:00-06:00');
    expect(rows.map(({ rule }) => rule)).toEqual(['words', 'words']);
    expect(rows[1]?.text).toContain('of the month');
    expect(readWords('every other week sunday 2-6').rows).toHaveLength(1);
    expect(readWords('monthly').rows).toHaveLength(1);
  });

  test.each(['monday 25:00-27:00', 'monday 10:75-12:00', 'monday 13pm-15pm'])(
    '"%s" has no time of day in it',
    (text) => {
      const { spans, rows } = readWords(text);

      expect([spans, rows.map(({ rule }) => rule)]).toEqual([[], ['range-fields']]);
    },
  );

  test('any text at all is read without an error, and every span lies in the week', () => {
    const word = fc.oneof(
      fc.constantFrom(
        'sun',
        'fridays',
        'mon-fri',
        'nights',
        'every',
        'third',
        '10',
        '-',
        '14:00',
        'to',
        '2pm',
        'except',
        ',',
        'for',
      ),
      fc.string({ maxLength: 6 }),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), (words) => {
        for (const { start, minutes } of readWords(words.join(' ')).spans) {
          expect([start >= 0 && start < 10_080, minutes >= 0 && minutes <= 10_080]).toEqual([true, true]);
        }
      }),
    );
  });

  test('thousands of characters are read in one pass', () => {
    expect(readWords('sun 2-4, '.repeat(330)).spans).toHaveLength(330);
  });
});

test.each([
  ['* 0-4 * * 1', '* 0-4 * * 1'],
  ['"* 0-4 * * 1"', '* 0-4 * * 1'],
  ['cron(* 0-4 * * 1)', '* 0-4 * * 1'],
  ['cron: * 0-4 * * 1', '* 0-4 * * 1'],
  ['sunday 10-14', null],
])('"%s" holds the cron expression %j', (text, cron) => {
  expect(cronIn(text)).toBe(cron);
});
