import type { Part, Report } from './report.ts';

/** What help shows of a command; the command table has more. */
type HelpRow = {
  readonly name: string;
  readonly summary: string;
  readonly usage: string;
  readonly examples: readonly string[];
  readonly flags: readonly { readonly flag: string; readonly value: string | null; readonly text: string }[];
};

/** All commands in short, or one with its flags; `prefix` is what a person types in front. */
export function helpReport(
  rows: readonly HelpRow[],
  options: { readonly topic: string | null; readonly prefix: string },
): Report {
  return {
    parts:
      options.topic === null ? overview(rows, options.prefix) : rows.flatMap((row) => details(row, options.prefix)),
    actions: [],
  };
}

function overview(rows: readonly HelpRow[], prefix: string): readonly Part[] {
  return [
    {
      kind: 'lead',
      text: [
        { text: 'Ask where an Amazon ECS task should run.', style: 'strong' },
        { text: ' Flags or plain words; answers go to you alone until you share them.' },
      ],
    },
    {
      kind: 'list',
      items: rows.map((row) => ({
        text: [
          { text: `${prefix}${row.examples[0] ?? row.name}`, style: 'code' as const },
          { text: `  ${row.summary}` },
        ],
      })),
    },
    { kind: 'context', texts: [`Every flag of a command: ${prefix}help capacity`] },
  ];
}

function details(row: HelpRow, prefix: string): readonly Part[] {
  const parts: Part[] = [
    { kind: 'lead', text: [{ text: row.name, style: 'strong' }, { text: `: ${row.summary}` }] },
    { kind: 'paragraph', text: [{ text: `${prefix}${row.usage}`, style: 'code' }] },
    {
      kind: 'list',
      items: row.examples.map((example) => ({ text: [{ text: prefix + example, style: 'code' as const }] })),
    },
  ];
  if (row.flags.length > 0) {
    parts.push({
      kind: 'table',
      columns: [
        { title: 'Flag', align: 'left' },
        { title: 'Meaning', align: 'left' },
      ],
      rows: row.flags.map(({ flag, value, text }) => [value === null ? flag : `${flag} ${value}`, text]),
    });
  }
  return parts;
}
