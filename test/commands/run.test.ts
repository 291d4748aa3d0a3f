import { expect, test } from 'vitest';
import { runCommand } from '../../src/commands/run.ts';
import { openLibrary } from '../../src/data.ts';
import type { Deps, Store, StoredRecord } from '../../src/deps.ts';
import { theSettings } from '../support/settings.ts';

const NOW = new Date('2026-11-24T09:00:00Z');

type Line = { readonly level: string; readonly fields: Record<string, unknown>; readonly message: string };

/** A store that only remembers; `broken` fails as a bug would. */
function memoryStore(broken: boolean): Pick<Store, 'savePin' | 'appendRecord'> {
  return {
    savePin: async (body) => {
      if (broken) throw new TypeError('secret-token is not a function');
      return String(body.length);
    },
    appendRecord: async (record): Promise<StoredRecord> => ({
      ...record,
      id: '2026-11-24-0001',
      seq: 1,
      prevHash: '',
      hash: '',
    }),
  };
}

function world({ broken = false, surface = 'terminal' as 'terminal' | 'slack' } = {}) {
  const lines: Line[] = [];
  const note = (level: string) => (fields: Record<string, unknown>, message: string) => {
    lines.push({ level, fields, message });
  };
  const deps: Deps = {
    clock: { now: () => NOW },
    log: { info: note('info'), warn: note('warn'), error: note('error'), debug: note('debug') },
    store: memoryStore(broken) as Store,
    library: openLibrary(),
    settings: theSettings(),
    aws: null,
  };
  const call = { id: 'c0ffee', actor: 'U1', surface, now: NOW };
  return { lines, ask: (...args: readonly string[]) => runCommand(args, deps, call) };
}

test('one question writes one summary line, with the verdict and without the text that was typed', async () => {
  const { lines, ask } = world();
  const outcome = await ask('capacity', 'twelve', 'web', 'tasks', 'for', 'projekt-hyperion', '--json');

  expect(outcome).toMatchObject({ kind: 'answered', verb: 'capacity', output: 'json' });
  expect(lines).toHaveLength(1);
  expect(lines[0]?.fields).toMatchObject({
    unit: 'command',
    name: 'capacity',
    id: 'c0ffee',
    actor: 'U1',
    outcome: 'answered',
    verdict: expect.stringMatching(/^(optimal|within)$/),
    gap: expect.any(Number),
  });
  expect(JSON.stringify(lines)).not.toContain('hyperion');
});

test('a usage error is one summary line with its code', async () => {
  const { lines, ask } = world();
  const outcome = await ask('capacity', '--memry', '2');

  expect(outcome).toMatchObject({ kind: 'failed', error: { kind: 'usage', code: 'usage_unknown_flag' } });
  expect(lines.map(({ fields }) => [fields.outcome, fields.code])).toEqual([['usage', 'usage_unknown_flag']]);
});

test('an unknown error is our bug: logged under the id, never shown', async () => {
  const { lines, ask } = world({ broken: true });
  const outcome = await ask('capacity', '--vcpu', '1');

  expect(outcome).toMatchObject({ kind: 'failed', error: { kind: 'bug' } });
  if (outcome.kind === 'failed') expect(outcome.error.message).not.toContain('secret-token');
  expect(lines.map(({ level, fields }) => [level, fields.id])).toEqual([
    ['error', 'c0ffee'],
    ['info', 'c0ffee'],
  ]);
});

test.each<[readonly string[], string, string]>([
  [['capasity'], 'usage_unknown_verb', 'capacity'],
  [['<!channel>'], 'usage_unknown_verb', 'help'],
  [['capacity', 'x'.repeat(5_000)], 'usage_too_long', '3,000'],
  [['help', '--csv'], 'usage_no_csv', '--json'],
  [['capacity'], 'usage_nothing_asked', 'capacity --vcpu 1'],
  [['capacity', '--run', '40s', '--per-day', '9', '--between', '4:00'], 'usage_bad_value', '01:00-04:00'],
])('%j is refused as %s', async (args, code, says) => {
  const outcome = await world().ask(...args);

  if (outcome.kind !== 'failed') throw new Error('answered');
  expect(outcome.error.code).toBe(code);
  expect(`${outcome.error.message} ${outcome.error.hint}`).toContain(says);
  expect(outcome.error.message.length).toBeLessThan(200);
});

test('a verb of the terminal says so in Slack', async () => {
  expect(await world({ surface: 'slack' }).ask('facts')).toMatchObject({ error: { code: 'usage_other_surface' } });
});

test.each([[[]], [['help']], [['--help']], [['capacity', '--help']]])('%j is help', async (args) => {
  expect(await world().ask(...args)).toMatchObject({ kind: 'answered', verb: 'help', answered: { exitCode: 0 } });
});

test('nothing that fits is an answer with exit 1', async () => {
  expect(await world().ask('capacity', '--vcpu', '10000')).toMatchObject({ answered: { exitCode: 1 } });
});
