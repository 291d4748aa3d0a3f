import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openLog, redactor } from '../../src/log.ts';

function logInto(level: 'debug' | 'info' | 'warn' | 'error', secrets: readonly string[] = []) {
  const lines: string[] = [];
  return { lines, log: openLog({ level, secrets, write: (line) => lines.push(line) }) };
}

describe('the log', () => {
  test('writes one JSON line with level, time, fields and message', () => {
    const { lines, log } = logInto('info');

    log.info({ unit: 'command', ms: 12 }, 'ready');

    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      level: 'info',
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      unit: 'command',
      ms: 12,
      msg: 'ready',
    });
    expect(lines[0]?.endsWith('\n')).toBe(true);
  });

  test('leaves out what is below its level', () => {
    const { lines, log } = logInto('warn');
    log.debug({}, 'a');
    log.info({}, 'b');
    log.warn({}, 'c');
    log.error({}, 'd');
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['c', 'd']);
  });

  test('keeps the stack and the cause of an error', () => {
    const { lines, log } = logInto('error');
    log.error({ err: new Error('outer', { cause: new Error('inner') }) }, 'bug');
    expect(lines[0]).toContain('outer');
    expect(lines[0]).toContain('inner');
    expect(JSON.parse(lines[0] ?? '').err.stack).toContain('log.test.ts');
  });
});

describe('redaction', () => {
  test.each([
    ['a field', { token: 'xoxb-123-abc' }, 'x'],
    ['a nested field', { headers: { authorization: 'Bearer xoxp-123-abc' } }, 'x'],
    ['the message', {}, 'sent xapp-1-A0-abc to Slack'],
    ['an error', { err: new Error('bad token xoxb-123-abc') }, 'x'],
    ['a response address', { url: 'https://hooks.example.com/commands/T1/2/abc' }, 'x'],
  ])('takes tokens out of %s', (_where, fields, message) => {
    const { lines, log } = logInto('info');
    log.info(fields, message);
    expect(lines[0]).not.toContain('abc');
    expect(lines[0]).toContain('[secret]');
    expect(() => JSON.parse(lines[0] ?? '')).not.toThrow();
  });

  test('takes the known secrets out, whatever characters they have, and leaves JSON', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 6, unit: 'binary' }), fc.string(), (secret, text) => {
        fc.pre(!'[secret]'.includes(secret));
        const { lines, log } = logInto('info', [secret]);
        log.info({ text: text + secret + text, [`key-${secret}`]: 1 }, secret);
        const line = JSON.parse(lines[0] ?? '') as { text: string; msg: string };
        expect(line.msg).not.toContain(secret);
      }),
    );
  });

  test('does not blank every line for a secret of a few letters', () => {
    expect(redactor(['a'])('{"a":"banana"}')).toBe('{"a":"banana"}');
  });
});
