import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Action } from '../../src/report/report.ts';
import { decodeClick, encodeAction } from '../../src/slack/actions.ts';

const recordId = fc
  .tuple(
    fc.date({ min: new Date('2020-01-01'), max: new Date('2099-12-31'), noInvalidDate: true }),
    fc.integer({ min: 1, max: 99_999 }),
  )
  .map(([date, count]) => `${date.toISOString().slice(0, 10)}-${String(count).padStart(4, '0')}`);
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({
    kind: fc.constant('view' as const),
    view: fc.constantFrom('why-not', 'lines'),
    recordId,
    label: fc.constant('x'),
  }),
  fc.record({ kind: fc.constant('share' as const), recordId, label: fc.constant('x') }),
  fc.record({ kind: fc.constant('edit' as const), recordId, label: fc.constant('x') }),
  fc.record({
    kind: fc.constant('run' as const),
    command: fc.string({ minLength: 1, maxLength: 300 }),
    label: fc.constant('x'),
  }),
);

describe('buttons', () => {
  test('do when clicked what they were made for', () => {
    fc.assert(
      fc.property(action, fc.nat(24), (made, index) => {
        const button = encodeAction(made, index);
        const { label: _label, ...rest } = made;
        expect(button === null ? null : decodeClick(button.actionId, button.value)).toEqual(rest);
      }),
    );
  });

  test('that nobody made are told apart, and never crash', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (id, value) => {
        expect(decodeClick(id, value)).toBeNull();
      }),
    );
    for (const value of [
      'null',
      '[]',
      '{}',
      '{"record":1}',
      '{"record":"2026-11-24-0001\\n"}',
      '{"record":"x"}',
      '{',
    ]) {
      expect(decodeClick('share:0', value)).toBeNull();
      expect(decodeClick('nonsense', value)).toBeNull();
    }
  });

  test('are not made for a command longer than Slack keeps', () => {
    expect(encodeAction({ kind: 'run', command: 'x'.repeat(2_000), label: 'x' }, 0)).toBeNull();
  });
});
