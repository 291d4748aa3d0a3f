import { describe, expect, test } from 'vitest';
import { runCommand } from '../../src/commands/run.ts';
import { windowsCommand } from '../../src/commands/windows.ts';
import { zoneInText } from '../../src/commands/zones.ts';
import { openLibrary } from '../../src/data.ts';
import type { Deps } from '../../src/deps.ts';
import { toText } from '../../src/report/text.ts';
import { renderReport } from '../../src/slack/blocks.ts';
import { checkMessage } from '../../src/slack/limits.ts';
import { PARSE_CONTEXT } from '../support/parse-context.ts';
import { theSettings } from '../support/settings.ts';

const NOW = new Date('2026-11-24T09:00:00Z');
const ignore = (): void => undefined;

type LintJson = {
  readonly result: {
    readonly windows: readonly {
      readonly timeRanges: readonly unknown[];
      readonly cron: string | null;
      readonly lint: readonly {
        readonly rule: string;
        readonly severity: string;
        readonly fact: string;
        readonly text: string;
      }[];
    }[];
  };
  readonly facts: readonly { readonly id: string }[];
  readonly guesses: readonly string[];
};

/** Linting reads the facts and the clock, nothing else: any other part of `Deps` would be missed here. No scan is saved. */
async function ask(...args: readonly string[]) {
  const deps = {
    clock: { now: () => NOW },
    log: { info: ignore, warn: ignore, error: ignore, debug: ignore },
    library: openLibrary(),
    settings: theSettings(),
    store: { latestSnapshot: async () => null },
  } as unknown as Deps;
  return runCommand(['windows', ...args], deps, { id: 'c0ffee', actor: 'U1', surface: 'terminal', now: NOW });
}

async function lint(...args: readonly string[]) {
  const outcome = await ask('lint', ...args);
  if (outcome.kind !== 'answered') throw outcome.error;
  const { exitCode, json, report } = outcome.answered;
  const body = json as unknown as LintJson;
  const [window] = body.result.windows;
  if (window === undefined) throw new Error('no window');
  return { exitCode, text: toText(report), body, window, rules: window.lint.map(({ rule }) => rule), csv: report.csv };
}

describe('windows lint', () => {
  test('takes cron as AWS prints it, and says what it leaves out', async () => {
    const { exitCode, rules, window, text } = await lint('* 0-4,20-23 * * 1,5');

    expect([exitCode, window.cron, window.timeRanges]).toEqual([0, '* 0-4,20-23 * * 1,5', []]);
    expect(rules).toEqual(['cron-hole', 'cron-night']);
    expect(text).toContain('Mon, Fri 00:00-04:00 and 20:00-23:00 UTC, 14 hours');
    expect(text).toContain('Mon  ████················███·');
  });

  test('takes time ranges in words', async () => {
    const { exitCode, window, rules } = await lint('sunday 10:00-12:00, wednesday 10:00-12:00');

    expect([exitCode, window.cron, rules]).toEqual([0, null, []]);
    expect(window.timeRanges).toEqual([
      { startWeekDay: 'sunday', startHour: 10, endWeekDay: 'sunday', endHour: 12 },
      { startWeekDay: 'wednesday', startHour: 10, endWeekDay: 'wednesday', endHour: 12 },
    ]);
  });

  test('says what a London Sunday is on both sides of the clock change', async () => {
    const { exitCode, text, rules } = await lint('Sundays', '10', 'to', '2pm', '--tz', 'Europe/London');

    expect([exitCode, rules]).toEqual([0, ['daylight-saving']]);
    expect(text).toMatch(/Europe\/London until 2027-03-28 +Sun 10:00-14:00 \(UTC\)/);
    expect(text).toMatch(/from 2027-03-28 +Sun 11:00-15:00 \(UTC\+1\)/);
    expect(text).toContain('Sun 09:00-13:00 UTC');
    expect((await lint('Sundays 10 to 2pm London')).text).toBe(text);
  });

  test('prefers the part that fits all year', async () => {
    const { window, rules, body } = await lint('weekday nights 1-5', '--tz', 'Europe/London');

    expect(rules).toEqual(['trimmed']);
    expect(window.timeRanges[0]).toEqual({ startWeekDay: 'monday', startHour: 1, endWeekDay: 'monday', endHour: 4 });
    expect(body.guesses).toHaveLength(1);
  });

  test.each([
    [['sunday 10:00-13:00'], ['total-minimum']],
    [
      ['sundays 10 to 1pm', '--tz', 'Europe/London'],
      ['total-minimum', 'daylight-saving'],
    ],
    [['* 5 * * 1'], ['cron-hours']],
    [['* 20-4 * * 1'], ['cron-wrap']],
    [['sunday 10:30-14:30'], ['whole-hours', 'total-minimum']],
    [['hello there'], ['no-schedule', 'words']],
    [['first sunday of the month, blue, 25:00'], ['range-fields', 'words', 'words', 'words']],
    [['sunday 25:00-27:00'], ['range-fields']],
    [
      ['sundays 10-14', '--tag', 'aws:ecs:serviceArn=web'],
      ['fargate-tag-value', 'fargate-advice'],
    ],
    [['sundays 10-14', '--tag', 'aws:ecs:clusterName=arn:aws:ecs:x:1:cluster/rose'], ['mi-tag-value']],
  ])('%j is a no: %j, exit 1', async (args, expected) => {
    const { exitCode, rules } = await lint(...args);

    expect([rules, exitCode]).toEqual([expected, 1]);
  });

  test.each([
    [['sundays 10-14', '--fargate'], ['fargate-advice']],
    [['every third night 1-5', '--fargate'], []],
    [['sundays 8-16', '--fargate'], []],
    [['sundays 10-14 for the blue team'], ['words']],
    [['mon-fri 1-5', '--tz', 'Asia/Kolkata'], ['rounded']],
    [['* 0-4 * * 1', '--tz', 'Europe/London'], ['daylight-saving']],
    [['* 0-4 * * 1', '--tz', 'Asia/Kolkata'], []],
  ])('%j is a yes, with %j', async (args, expected) => {
    const { exitCode, rules } = await lint(...args);

    expect([rules, exitCode]).toEqual([expected, 0]);
  });

  test('every row names a fact that the answer carries', async () => {
    const { window, body, csv } = await lint('* 0-1,20-23 * * 1-5');

    expect(window.lint.map(({ severity }) => severity)).toEqual(['error', 'warning', 'warning', 'note']);
    const ids = body.facts.map(({ id }) => id);
    for (const { fact } of window.lint) expect(ids).toContain(fact);
    expect(csv).toHaveLength(5);
  });

  test('the longest and the nastiest window is a message that Slack takes', async () => {
    const many = Array.from({ length: 90 }, (_, at) => `sun ${at % 23}:30-${(at % 23) + 1}:15`).join(', ');
    const hostile = '<!here> *bold* `code` &amp; <@U1|bob>';
    const tags = Array.from({ length: 40 }, (_, at) => ['--tag', `aws:ecs:x${at}=${'🌹'.repeat(20)}${hostile}`]).flat();
    const outcome = await ask('lint', `${many} ${hostile}`, '--tz', 'Australia/Lord_Howe', ...tags.slice(0, 6));
    if (outcome.kind !== 'answered') throw outcome.error;
    const message = renderReport(outcome.answered.report);

    expect(checkMessage(message)).toEqual([]);
    expect(JSON.stringify(message)).not.toContain('<!here>');
  });

  test('the same question gives the same bytes', async () => {
    const json = async () => JSON.stringify((await lint('sundays 10 to 2pm london')).body);
    expect(await json()).toBe(await json());
  });
});

describe('windows', () => {
  test('alone shows what it can do', async () => {
    const outcome = await ask();
    if (outcome.kind !== 'answered') throw outcome.error;

    expect(outcome.answered.exitCode).toBe(0);
    expect(toText(outcome.answered.report)).toContain('windows lint');
  });

  test.each([
    [['lnt'], 'usage_unknown_verb', 'Did you mean lint?'],
    [['set', 'rose'], 'usage_missing_hours', 'give the hours'],
    [['set', 'rose', 'sundays london', '--tz', 'Asia/Tokyo'], 'usage_bad_value', 'Europe/London'],
    [['move', 'iew-0abc'], 'usage_missing_value', 'and a target'],
    [['move', 'rose', 'iew-0abc'], 'usage_bad_value', 'no id of a window'],
    [['delete'], 'usage_missing_value', 'the id of a window'],
    [['delete', 'iew-0abc', 'now'], 'usage_unexpected_word', 'now'],
    [['undo', 'latest'], 'usage_bad_value', 'no id of a proposal'],
    [['rose', 'tulip'], 'usage_unexpected_word', 'tulip'],
    [['calendar', 'rose', '--cluster', 'tulip'], 'usage_conflict', 'named twice'],
    [['rose', '--fargate'], 'usage_unknown_flag', '--fargate'],
    [['lint'], 'usage_missing_value', 'needs a window'],
    [['lint', 'sundays', '--tz', 'Mars'], 'usage_bad_value', 'not a time zone'],
    [['lint', 'sundays london', '--tz', 'Asia/Tokyo'], 'usage_bad_value', 'Europe/London'],
    [['lint', 'sundays', '--tag', 'rose'], 'usage_bad_value', 'KEY=VALUE'],
    [['lint', 'sundays', '--fargte'], 'usage_unknown_flag', '--fargate'],
  ])('%j is refused as %s', async (args, code, says) => {
    const outcome = await ask(...args);

    if (outcome.kind !== 'failed') throw new Error('answered');
    expect([outcome.error.kind, outcome.error.code]).toEqual(['usage', code]);
    expect(outcome.error.message).toContain(says);
  });

  test.each([['calendar'], ['set rose sundays 10-14'], ['rose'], ['undo 2026-11-24-0001']])(
    '%s without an account says what to do first',
    async (line) => {
      const outcome = await ask(...line.split(' '));
      if (outcome.kind !== 'failed') throw new Error('answered');
      expect(outcome.error.code).toBe('config_no_accounts');
    },
  );

  test.each([
    ['set cluster rose sundays 10 to 2pm london', 'set rose "sundays 10 to 2pm" --tz Europe/London'],
    ['set rose/quant-api every third night 1-5', 'set rose/quant-api "every third night 1-5" --tz UTC'],
    [
      'set mi-rose weekdays 1-5 --fargate --window iew-0ABC --account qcu-1 --region eu-west-1',
      'set mi-rose "weekdays 1-5" --tz UTC --account qcu-1 --region eu-west-1 --fargate --window iew-0abc',
    ],
    ['calendar rose --tz Asia/Tokyo', 'calendar rose --tz Asia/Tokyo'],
    ['--cluster lint', 'lint'],
    ['move iew-0abc mi-rose --fargate', 'move iew-0abc mi-rose --tz UTC --fargate'],
    ['delete iew-0abc', 'delete iew-0abc --tz UTC'],
    ['again 2026-11-24-0001', 'again 2026-11-24-0001'],
  ])('%s is echoed as %s', (line, echo) => {
    const parsed = windowsCommand.parse(line.split(' '), PARSE_CONTEXT);
    expect(parsed).toMatchObject({ ok: true, echo });
  });

  test('every example parses', () => {
    for (const example of windowsCommand.examples) {
      const words = [...example.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
      expect([example, windowsCommand.parse(words.slice(1), PARSE_CONTEXT).ok]).toEqual([example, true]);
    }
  });
});

test.each([
  ['sundays 10 to 2pm London', 'Europe/London', 'sundays 10 to 2pm'],
  ['10-14 New York time sundays', 'America/New_York', '10-14 time sundays'],
  ['sunday 10-14 utc', 'UTC', 'sunday 10-14'],
  ['Asia/Tokyo sunday 10-14', 'Asia/Tokyo', 'sunday 10-14'],
  ['sunday 10-14 Asia/Kolkata', 'Asia/Kolkata', 'sunday 10-14'],
  ['sat/sun 10-14', null, 'sat/sun 10-14'],
  ['* 0-4 * * SUN', null, '* 0-4 * * SUN'],
])('"%s" is meant for the clock of %s', (text, zone, rest) => {
  expect(zoneInText(text)).toEqual({ zone, rest });
});
