import { expect, test } from 'vitest';
import type { Report } from '../../src/report/report.ts';
import { toCsv, toText } from '../../src/report/text.ts';

const report = (parts: Report['parts']): Report => ({ parts, actions: [] });

test('a table lines its columns up, numbers to the right', () => {
  const text = toText(
    report([
      {
        kind: 'table',
        columns: [
          { title: 'Option', align: 'left' },
          { title: 'USD', align: 'right' },
        ],
        rows: [
          ['Fargate', '$1,020.72'],
          ['ASG', '$7.20'],
        ],
      },
    ]),
  );

  expect(text).toBe(
    ['Option         USD', '-------  ---------', 'Fargate  $1,020.72', 'ASG          $7.20', ''].join('\n'),
  );
});

test('long text is wrapped at 100 columns and list items are indented', () => {
  const lines = toText(report([{ kind: 'list', items: [{ text: 'word '.repeat(60).trim(), tone: 'no' }] }])).split(
    '\n',
  );

  expect(lines.every((line) => line.length <= 100)).toBe(true);
  expect(lines[0]?.startsWith('  - word')).toBe(true);
  expect(lines[1]?.startsWith('    word')).toBe(true);
});

test('terminal escapes and direction marks in foreign text do not reach the terminal', () => {
  expect(toText(report([{ kind: 'lead', text: 'a\u001b[31mred\u202egood\u0007' }]))).toBe('a[31mredgood\n');
});

test('CSV quotes what it must and never starts a formula', () => {
  expect(toCsv([['a,b', 'say "x"', '=1+2', '-3.5', '@sum', '+44 20']])).toBe(
    `"a,b","say ""x""",'=1+2,-3.5,'@sum,'+44 20\r\n`,
  );
});

test('a table that is too wide breaks its longest words column, never a word', () => {
  const text = toText(
    report([
      {
        kind: 'table',
        columns: [
          { title: 'Flag', align: 'left' },
          { title: 'Meaning', align: 'left' },
        ],
        rows: [['--needs', 'what a task must have '.repeat(12).trim()]],
      },
    ]),
  );

  expect(text.split('\n').every((line) => line.length <= 110)).toBe(true);
  expect(text.replace(/\s+/g, ' ')).toContain('what a task must have '.repeat(12).trim());
});
