import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommand } from '../../src/commands/run.ts';
import { openLibrary } from '../../src/data.ts';
import type { Deps, Store } from '../../src/deps.ts';
import { canonicalJson } from '../../src/engine/index.ts';
import { files } from '../../src/files.ts';
import { openSolver } from '../../src/solver/index.ts';
import { CONSOLIDATE_FILE } from '../support/files.ts';
import { theSettings } from '../support/settings.ts';

/** What a terminal may be asked about files. That it prints one line and ends with 2 is in test/cli. */

const NOW = new Date('2026-11-24T09:00:00Z');
const quiet = (): void => undefined;
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ecs-advise-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

function ask(...args: readonly string[]) {
  const deps: Deps = {
    clock: { now: () => NOW },
    log: { info: quiet, warn: quiet, error: quiet, debug: quiet },
    // Nothing about a file is saved: a question that touched the store would fail.
    store: {} as Store,
    library: openLibrary(),
    settings: theSettings(),
    aws: null,
    offline: { files, solver: openSolver() },
  };
  return runCommand(args, deps, { id: 'c0ffee', actor: 'U1', surface: 'terminal', now: NOW });
}

/** The JSON of an answer, as the terminal prints it. */
async function answered(...args: readonly string[]): Promise<string> {
  const outcome = await ask(...args);
  if (outcome.kind === 'failed') throw outcome.error;
  expect(outcome.answered.exitCode).toBe(0);
  return canonicalJson(outcome.answered.json);
}

/** The kind of the error, and the line that is shown. */
async function refused(...args: readonly string[]): Promise<readonly [string, string]> {
  const outcome = await ask(...args);
  if (outcome.kind === 'answered') throw new Error('it was answered');
  const { kind, message, hint } = outcome.error;
  return [kind, `${message} ${hint ?? ''}`.trim()];
}

describe('consolidate --snapshot', () => {
  const question = CONSOLIDATE_FILE;
  const [first, second] = question.instances;

  test('a price per move or a limit of moves that the saving is not worth leaves all as it is', async () => {
    const path = file('priced.json', question);
    const moves = async (...flags: readonly string[]): Promise<unknown> =>
      JSON.parse(await answered('consolidate', '--snapshot', path, '--work', '20', ...flags)).weightedMoves;

    // The move saves 0.20 an hour: 146 in 730 hours, so 145 is worth it and 147 is not.
    expect(await moves('--move-price', '145')).toBe(1);
    expect(await moves('--move-price', '147')).toBe(0);
    expect(await moves('--max-moves', '0')).toBe(0);
  });

  test.each<[string, object]>([
    ['no instances', { ...question, instances: [] }],
    ['no types and no instances', { ...question, types: [], instances: [] }],
    [
      'a thousand million tasks wanted',
      { ...question, services: [{ id: 'web', req: [1024, 2048], desired: 1e9, spreadAz: 0, moveCost: 1 }] },
    ],
    [
      'tasks that take nothing',
      {
        ...question,
        services: [{ id: 'web', req: [0, 0], desired: 1e9, spreadAz: 1, moveCost: 0 }],
        instances: [{ ...first, tasks: { web: 1e9 } }],
      },
    ],
  ])('%s is an answer that verifies', async (name, content) => {
    const path = file(`${name}.json`, content);
    const answer = file(`${name}.answer.json`, await answered('consolidate', '--snapshot', path, '--work', '5'));

    expect(JSON.parse(await answered('verify', answer, '--input', path))).toMatchObject({ ok: true });
  });

  test.each<[string, () => readonly string[], RegExp]>([
    ['no file', () => [join(folder, 'absent.json')], /there is no file .*absent\.json$/],
    ['a folder', () => [folder], /is a folder, not a file$/],
    [
      'an unknown format',
      () => [file('f.json', { ...question, format: 'x/9' })],
      /"format" must be "ecs-consolidate\/1"/,
    ],
    ['twins', () => [file('t.json', { ...question, instances: [first, first] })], /i-1/],
    [
      'a fraction',
      () => [file('c.json', { ...question, types: [{ ...question.types[0], cost: 0.5 }] })],
      /types\[0\]\.cost/,
    ],
    [
      'a negative size',
      () => [file('n.json', { ...question, types: [{ ...question.types[0], cap: [-1, 5] }] })],
      /types\[0\]\.cap/,
    ],
    ['no policy', () => [file('p.json', { ...question, policy: undefined })], /"policy" is missing/],
    [
      'more tasks than fit',
      () => [file('m.json', { ...question, instances: [first, { ...second, tasks: { web: 1e9 } }] })],
      /i-2/,
    ],
    ['two wishes', () => ['x', '--max-moves', '1', '--move-price', '1'], /two ways to limit moves/],
    ['a horizon alone', () => ['x', '--horizon-hours', '9'], /--horizon-hours needs --move-price/],
    ['a cluster too', () => ['x', 'tulip'], /"tulip" is not expected here/],
    [
      'another money',
      () => [file('e.json', { ...question, money: 'EUR' }), '--move-price', '1'],
      /--move-price is in USD/,
    ],
  ])('%s is refused in one line', async (_name, args, expected) => {
    const [kind, line] = await refused('consolidate', '--snapshot', ...args());

    expect([kind, line.split('\n').length]).toEqual(['usage', 1]);
    expect(line).toMatch(expected);
  });
});

describe('pack and verify', () => {
  test.each<[string, () => readonly string[], RegExp]>([
    ['a folder', () => ['pack', folder], /is a folder, not a file$/],
    ['no argument', () => ['pack'], /^pack needs a file/],
    ['not JSON', () => ['pack', file('half.json', '{"format"')], /half\.json: it begins like JSON but is not JSON$/],
    ['no work', () => ['pack', 'x', '--work', '0'], /--work must be a whole number from 1, not "0"/],
    ['verify without input', () => ['verify', 'x'], /verify needs --input/],
  ])('%s is refused in one line', async (_name, args, expected) => {
    const [kind, line] = await refused(...args());

    expect([kind, line.split('\n').length]).toEqual(['usage', 1]);
    expect(line).toMatch(expected);
  });
});
