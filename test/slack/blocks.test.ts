import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Part, Report } from '../../src/report/report.ts';
import { renderReport } from '../../src/slack/blocks.ts';
import { checkMessage } from '../../src/slack/limits.ts';

const hostileText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    '<!channel> & <@U1|bob> > `code` *bold* _it_ ~no~',
    '@here @channel @everyone',
    'x'.repeat(300),
    '😀'.repeat(400),
    '&'.repeat(4_000),
    '"\\"'.repeat(2_000),
    'a\nb\r\nc\n\n> quote',
    '',
    '   ',
    '```\n```',
    '\ud800\u202e\u0000',
  ),
);
const inline = fc.oneof(
  hostileText,
  fc.array(
    fc.record(
      { text: hostileText, style: fc.constantFrom('strong' as const, 'code' as const, 'muted' as const) },
      { requiredKeys: ['text'] },
    ),
    { maxLength: 4 },
  ),
);
const tone = fc.constantFrom('good' as const, 'caution' as const, 'no' as const);
const part: fc.Arbitrary<Part> = fc.oneof(
  fc.record({ kind: fc.constant('lead' as const), text: inline }),
  fc.record({ kind: fc.constant('heading' as const), text: hostileText }),
  fc.record({ kind: fc.constant('paragraph' as const), text: inline }),
  fc.record({
    kind: fc.constant('list' as const),
    items: fc.array(fc.record({ text: inline, tone }, { requiredKeys: ['text'] }), { maxLength: 30 }),
  }),
  fc.record({
    kind: fc.constant('fields' as const),
    fields: fc.array(fc.record({ label: hostileText, value: hostileText }), { maxLength: 25 }),
  }),
  fc.record({
    kind: fc.constant('table' as const),
    columns: fc.array(fc.record({ title: hostileText, align: fc.constantFrom('left' as const, 'right' as const) }), {
      maxLength: 23,
    }),
    rows: fc.array(fc.array(hostileText, { maxLength: 5 }), { maxLength: 130 }),
  }),
  fc.record({ kind: fc.constant('preformatted' as const), text: hostileText }),
  fc.record({ kind: fc.constant('context' as const), texts: fc.array(hostileText, { maxLength: 12 }) }),
);
const action = fc.oneof(
  fc.record({ kind: fc.constant('run' as const), command: hostileText, label: hostileText }),
  fc.record({ kind: fc.constant('share' as const), recordId: fc.constant('2026-11-24-0001'), label: hostileText }),
  fc.record({
    kind: fc.constant('view' as const),
    view: fc.constantFrom('why-not', 'lines'),
    recordId: fc.constant('2026-11-24-0001'),
    label: hostileText,
  }),
);
const report: fc.Arbitrary<Report> = fc.record({
  parts: fc.array(part, { maxLength: 60 }),
  actions: fc.array(action, { maxLength: 40 }),
});

const render = (parts: readonly Part[], actions: Report['actions'] = []): string =>
  JSON.stringify(renderReport({ parts, actions }));

describe('a report as a Slack message', () => {
  test('is valid whatever it holds', () => {
    fc.assert(
      fc.property(report, (hostile) => {
        expect(checkMessage(renderReport(hostile, { callId: 'A1B2', sharedBy: 'U1' }))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('shows foreign text as it is, never as markup, a mention or a format', () => {
    const message = render([{ kind: 'lead', text: 'service <!channel> & *rose* @here' }]);

    expect(message).toContain('&lt;!channel&gt; &amp;');
    expect(message).not.toMatch(/<!|\*rose|@here/);
  });

  test('keeps a command in code as it was, so that it can be copied', () => {
    expect(render([{ kind: 'paragraph', text: [{ text: 'capacity --types m7i.*,c7i.*', style: 'code' }] }])).toContain(
      '`capacity --types m7i.*,c7i.*`',
    );
  });

  test('puts blanks outside of bold text, where Slack would show the stars otherwise', () => {
    expect(
      render([{ kind: 'paragraph', text: [{ text: 'Yours to do: ', style: 'strong' }, { text: 'patch' }] }]),
    ).toContain('*Yours to do:* patch');
  });

  test('cuts a long table at a row, says how many rows are missing and where they are', () => {
    const rows = Array.from({ length: 500 }, (_, index) => [`service-${index}`, '1.00']);
    const share = { kind: 'share', recordId: '2026-11-24-0007', label: 'Share' } as const;
    const { blocks } = renderReport({
      parts: [
        { kind: 'lead', text: 'All of them.' },
        {
          kind: 'table',
          columns: [
            { title: 'Service', align: 'left' },
            { title: 'USD', align: 'right' },
          ],
          rows,
        },
        { kind: 'context', texts: ['prices of 2026-11-24'] },
      ],
      actions: [share],
    });

    const table = blocks.find((block) => block.type === 'table');
    const shown = table?.type === 'table' ? table.rows.length - 1 : 0;
    // 100 rows is Slack's limit, the header is one of them.
    expect(shown).toBe(99);
    expect(JSON.stringify(blocks)).toContain(
      '… 401 more lines: `ecs-advise decisions show 2026-11-24-0007` in a terminal prints it all.',
    );
    expect(blocks.slice(-2).map((block) => block.type)).toEqual(['context', 'actions']);
  });

  test('shows a second table as aligned text, because Slack takes one a message', () => {
    const table: Part = { kind: 'table', columns: [{ title: 'A', align: 'right' }], rows: [['10'], ['1']] };
    const { blocks } = renderReport({ parts: [table, table], actions: [] });

    expect(blocks.map((block) => block.type)).toEqual(['table', 'section']);
    expect(JSON.stringify(blocks[1])).toContain('```\\n A\\n10\\n 1\\n```');
  });

  test('marks good, doubtful and bad lines with a word, not by colour alone', () => {
    const items = [
      { text: 'cheap', tone: 'good' as const },
      { text: 'boots', tone: 'caution' as const },
      { text: 'gpu', tone: 'no' as const },
    ];
    expect(render([{ kind: 'list', items }])).toMatch(/Good:\* cheap.*Note:\* boots.*No:\* gpu/);
  });

  test('always carries a line for notifications and screen readers', () => {
    expect(renderReport({ parts: [], actions: [] })).toMatchObject({ text: 'ecs-advise' });
    expect(renderReport({ parts: [{ kind: 'lead', text: 'Stay on Fargate.' }], actions: [] }).text).toBe(
      'Stay on Fargate.',
    );
  });

  test('names the person who shared it and the reference in the log', () => {
    const { blocks } = renderReport(
      { parts: [{ kind: 'lead', text: 'x' }], actions: [] },
      { callId: '4F2A', sharedBy: 'U0A1' },
    );
    expect(JSON.stringify(blocks)).toContain('Shared by <@U0A1> · Reference 4F2A');
  });
});

describe('the check on messages', () => {
  const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });
  test.each([
    ['51 blocks', Array.from({ length: 51 }, () => ({ type: 'divider' })), /51 of at most 50/],
    ['3,001 characters in a section', [section('x'.repeat(3_001))], /3001 characters/],
    ['an empty section', [section('')], /empty/],
    ['an unescaped bracket', [section('a <!here> b')], /unescaped/],
    ['an unknown type of block', [{ type: 'alert' }], /not one we use/],
    [
      'two tables',
      [
        { type: 'table', rows: [[{ type: 'raw_text', text: 'a' }]] },
        { type: 'table', rows: [[{ type: 'raw_text', text: 'a' }]] },
      ],
      /more than one table/,
    ],
    [
      'more than 12,000 characters in all',
      Array.from({ length: 5 }, () => section('x'.repeat(2_900))),
      /characters in all/,
    ],
    [
      'the same action_id twice',
      [
        {
          type: 'actions',
          elements: [1, 2].map(() => ({ type: 'button', action_id: 'a', text: { type: 'plain_text', text: 'b' } })),
        },
      ],
      /twice/,
    ],
  ])('finds %s', (_name, blocks, problem) => {
    expect(checkMessage({ text: 'x', blocks }).join('\n')).toMatch(problem);
  });

  test('finds a message without text', () => {
    expect(checkMessage({ blocks: [section('x')] })).toEqual(['text: missing']);
  });
});
