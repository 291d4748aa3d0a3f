import { describe, expect, test } from 'vitest';
import { windowsCommand } from '../../src/commands/windows.ts';
import { openLibrary } from '../../src/data.ts';
import { checkView } from '../../src/slack/limits.ts';
import { WINDOWS_MODAL, windowsArgs, windowsErrors, windowsModal } from '../../src/slack/windows-modal.ts';
import { PARSE_CONTEXT } from '../support/parse-context.ts';

const KNOWN = { facts: openLibrary().facts, now: new Date('2026-11-24T12:00:00Z') };
const ORIGIN = { channel: 'C1', responseUrl: 'https://hooks.example.com/1' };

function stateOf(values: { readonly [block: string]: string | null }): unknown {
  return {
    values: Object.fromEntries(Object.entries(values).map(([block, value]) => [block, { value: { value } }])),
  };
}

const FILLED = { target: 'rose', hours: 'Sundays 10 to 2pm', tz: 'Europe/London', name: null };

describe('the form of an event window', () => {
  test('keeps the limits of Slack, also with a long target, and starts with what is known', () => {
    for (const target of ['', 'rose/quant-api', 'x'.repeat(5_000)]) {
      const view = windowsModal({ target, zone: 'Europe/London' }, ORIGIN);
      expect(checkView({ ...view }, 'modal')).toEqual([]);
      expect(view.callback_id).toBe(WINDOWS_MODAL);
    }
    const started = JSON.stringify(windowsModal({ target: 'rose', zone: 'Europe/London' }, ORIGIN));
    expect(started).toContain('"initial_value":"rose"');
    expect(started).toContain('"initial_value":"Europe/London"');
  });

  test('reads as the line that one would type', () => {
    const args = windowsArgs(stateOf(FILLED));
    const typed = ['set', 'rose', 'Sundays 10 to 2pm', '--tz', 'Europe/London'];
    expect(args[0]).toBe('windows');
    expect(windowsCommand.parse(args.slice(1), PARSE_CONTEXT)).toEqual(windowsCommand.parse(typed, PARSE_CONTEXT));
    expect(windowsErrors(stateOf(FILLED), PARSE_CONTEXT, KNOWN)).toBeNull();
  });

  test.each([
    [{ target: null }, ['target']],
    [{ target: ' ', hours: '' }, ['hours', 'target']],
    [{ tz: 'Europe/Lundon' }, ['tz']],
    [{ hours: '--fargate' }, ['hours']],
    [{ hours: 'whenever you like' }, ['hours']],
    [{ hours: 'sundays 10 to 2pm Asia/Tokyo' }, ['tz']],
    [{ target: 'rose tulip' }, ['target']],
    [{ target: '--account' }, ['target']],
    [{ name: '--window' }, ['name']],
  ])('%j: the error is at its field', (change, blocks) => {
    const errors = windowsErrors(stateOf({ ...FILLED, ...change }), PARSE_CONTEXT, KNOWN);
    expect(Object.keys(errors ?? {}).sort()).toEqual(blocks);
  });

  test('a state of another shape is empty fields, not an error of ours', () => {
    for (const state of [null, 1, {}, { values: null }, { values: { target: [] } }])
      expect(Object.keys(windowsErrors(state, PARSE_CONTEXT, KNOWN) ?? {})).toContain('target');
  });
});
