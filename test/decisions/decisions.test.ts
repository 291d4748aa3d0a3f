import Sqlite from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { decisionsCommand } from '../../src/commands/decisions.ts';
import { toText } from '../../src/report/text.ts';
import { at, aWorld, leadOf } from './world.ts';

const WEB = '--vcpu 2 --memory 8 --tasks 12 --region us-east-1';
const NIGHT = '--vcpu 1 --memory 2 --run 40s --pull 25s --per-day 20000 --between 01:00-04:00';

function parse(line: string) {
  const context = {
    today: '2026-11-24',
    regions: [],
    defaultRegion: null,
    minimumSaving: { percent: 10, usdPerMonth: 25 },
  };
  return decisionsCommand.parse(
    line.split(' ').filter((word) => word !== ''),
    context,
  );
}

describe('parsing decisions', () => {
  test.each([
    ['', { kind: 'list', limit: 20, mine: false, before: null }, 'list'],
    ['--mine', { kind: 'list', limit: 20, mine: true, before: null }, 'list --mine'],
    ['list --limit 5 --before x', { kind: 'list', limit: 5, mine: false, before: 'x' }, 'list --limit 5 --before x'],
    ['show x', { kind: 'show', id: 'x', view: 'answer' }, 'show x'],
    ['show x --view lines', { kind: 'show', id: 'x', view: 'lines' }, 'show x --view lines'],
    ['SHOW x', { kind: 'show', id: 'x', view: 'answer' }, 'show x'],
    ['replay x', { kind: 'replay', id: 'x' }, 'replay x'],
    ['verify', { kind: 'verify' }, 'verify'],
  ])('"%s" is understood, and its echo reads back the same', (line, question, echo) => {
    expect(parse(line)).toEqual({ ok: true, question, echo, guesses: [] });
    expect(parse(echo)).toMatchObject({ ok: true, question });
  });

  test.each([
    ['shw x', 'usage_unknown_verb', 'Did you mean show?', 'decisions show latest'],
    ['fly', 'usage_unknown_verb', 'decisions cannot "fly"', 'decisions list'],
    ['show', 'usage_missing_value', 'needs the id', 'decisions show latest'],
    ['replay', 'usage_missing_value', 'needs the id', 'decisions replay latest'],
    ['show x y', 'usage_unexpected_word', '"y" is not expected', 'decisions show x'],
    ['verify x', 'usage_unexpected_word', '"x" is not expected', 'decisions verify'],
    ['--limit 0', 'usage_bad_value', '--limit 0', '50'],
    ['--limit 201', 'usage_bad_value', '--limit 201', '50'],
    ['--limt 5', 'usage_unknown_flag', 'Did you mean --limit?', '--limit'],
    ['show x --mine', 'usage_unknown_flag', '--mine', ''],
    ['show x --view line', 'usage_bad_value', 'is not a view', 'lines'],
  ])('"%s" is refused with what to type instead', (line, code, message, hint) => {
    const parsed = parse(line);
    expect(parsed.ok).toBe(false);
    if (parsed.ok) return;
    expect(parsed.error.code).toBe(code);
    expect(parsed.error.message).toContain(message);
    expect(parsed.error.hint).toContain(hint);
  });
});

describe('decisions list', () => {
  test('says so when nothing is saved', async () => {
    const { run } = await aWorld();
    const answered = await run(decisionsCommand, 'list');
    expect([leadOf(answered), answered.exitCode]).toEqual([
      'Nothing is saved yet. Each answer to capacity becomes a record.',
      0,
    ]);
    expect(leadOf(await run(decisionsCommand, '--mine'))).toContain('You have no saved answers');
  });

  test('shows question and advice, newest first, and pages back by --before', async () => {
    const { run, ask } = await aWorld();
    await ask(WEB);
    await ask(NIGHT);
    await ask(WEB, 'U2');

    const first = await run(decisionsCommand, 'list --limit 2');
    expect(toText(first.report)).toContain('2 records of 3, newest first.');
    expect(toText(first.report)).toContain('capacity --vcpu 2 --memory 8 --tasks 12');
    // 12 x 730 h x (2 x 0.04048 + 8 x 0.004445) USD = 8,760 x 0.11652 = 1,020.7152 USD.
    expect(toText(first.report)).toContain('Fargate $1,020.72/mo');
    expect(first.report.actions.map((action) => (action.kind === 'run' ? action.command : action.kind))).toEqual([
      'decisions show 2026-11-24-0003',
      'decisions list --limit 2 --before 2026-11-24-0002',
    ]);

    const older = await run(decisionsCommand, 'list --limit 2 --before 2026-11-24-0002');
    expect(at(older.json, 'result', 'list', 0, 'id')).toBe('2026-11-24-0001');
    expect(older.report.actions).toHaveLength(1);
    const mine = await run(decisionsCommand, '--mine', 'U2');
    expect(toText(mine.report)).toContain('1 record yours');
  });

  test('has the pinned JSON, linked row to row', async () => {
    const { run, ask } = await aWorld();
    await ask(WEB);
    await ask(WEB);

    const { json } = await run(decisionsCommand, 'list');

    expect(json).toMatchObject({
      format: 'ecs-advise.decisions/1',
      now: '2026-11-24T09:00:00.000Z',
      asOf: '2026-11-24',
      engineVersion: expect.any(String),
      question: { kind: 'list' },
      snapshot: null,
      facts: [],
      assumptions: [],
      notCounted: [],
    });
    const [newer, older] = [at(json, 'result', 'list', 0), at(json, 'result', 'list', 1)];
    expect(Object.keys(newer as object).sort()).toEqual(['actor', 'at', 'hash', 'id', 'kind', 'prevHash', 'state']);
    expect(at(newer, 'prevHash')).toBe(at(older, 'hash'));
  });
});

describe('decisions show', () => {
  test('shows the answer as it was, then the record', async () => {
    const { run, ask } = await aWorld();
    const id = await ask(WEB);

    const answered = await run(decisionsCommand, `show ${id}`);

    expect(leadOf(answered)).toContain('$1,020.72/mo');
    expect(toText(answered.report)).toContain(`${id} (number 1)`);
    expect(at(answered.json, 'result', 'show')).toMatchObject({
      approvals: [],
      apiCalls: [],
      record: { id, seq: 1, kind: 'capacity', actor: 'U1', state: 'answered', body: { question: { tasks: 12 } } },
    });
    expect(leadOf(await run(decisionsCommand, 'show latest'))).toBe(leadOf(answered));
    expect(toText((await run(decisionsCommand, `show ${id} --view lines`)).report)).toContain('fargate-vcpu');
  });

  test('shows the body of a record that holds no answer', async () => {
    const { run, store } = await aWorld();
    await store.appendRecord({ at: '2026-11-24T09:00:00.000Z', kind: 'note', actor: 'U1', body: { text: '<b>' } });
    const answered = await run(decisionsCommand, 'show latest');
    expect(leadOf(answered)).toBe('Record 2026-11-24-0001: note');
    expect(toText(answered.report)).toContain('"text": "<b>"');
    await expect(run(decisionsCommand, 'replay latest')).rejects.toMatchObject({ code: 'usage_no_replay' });
  });

  test('of an unknown id names the nearest or the newest', async () => {
    const { run, ask } = await aWorld();
    await expect(run(decisionsCommand, 'show latest')).rejects.toMatchObject({
      code: 'usage_unknown_record',
      message: 'nothing is saved yet',
    });
    await ask(WEB);
    await expect(run(decisionsCommand, 'show 2026-11-24-001')).rejects.toMatchObject({
      kind: 'usage',
      message: 'there is no record "2026-11-24-001". Did you mean 2026-11-24-0001?',
      hint: 'decisions show 2026-11-24-0001',
    });
    await expect(run(decisionsCommand, 'show bananas')).rejects.toMatchObject({
      message: 'there is no record "bananas". The newest is 2026-11-24-0001',
    });
  });
});

describe('decisions verify', () => {
  test('says intact with exit 0, and names the edited record with exit 1', async () => {
    const { run, ask, file, lines } = await aWorld();
    for (let index = 0; index < 3; index += 1) await ask(WEB);
    const before = await run(decisionsCommand, 'verify');
    expect(before.exitCode).toBe(0);
    expect(leadOf(before)).toBe('Intact: all 3 records follow one another, and every input they name is unchanged.');
    expect(at(before.json, 'result', 'verify')).toMatchObject({ records: 3, intact: true, firstBad: null });

    const raw = new Sqlite(file);
    raw.exec(`update records set body = replace(body, '"tasks":12', '"tasks":13') where seq = 2`);
    raw.close();

    const after = await run(decisionsCommand, 'verify');
    expect(after.exitCode).toBe(1);
    expect(leadOf(after)).toBe('Not intact: 2026-11-24-0002 (record number 2) – its content does not give its hash.');
    expect(at(after.json, 'result', 'verify', 'firstBad', 'id')).toBe('2026-11-24-0002');
    expect(lines.some((line) => line.includes('log not intact'))).toBe(true);
    for (const line of ['show 2026-11-24-0002', 'replay 2026-11-24-0002']) {
      await expect(run(decisionsCommand, line)).rejects.toMatchObject({
        code: 'store_corrupt',
        message: expect.stringContaining('record 2026-11-24-0002 does not give its hash'),
      });
    }
  });
});
