import type { Fact } from '../engine/index.ts';
import type { Part, Report } from './report.ts';

const LONGEST_VALUE = 40;

/** Rows of many facts: one line each. */
export function factsList(facts: readonly Fact[], asOf: string | null): Report {
  const when = asOf === null ? 'all days' : `valid on ${asOf}`;
  const table: Part = {
    kind: 'table',
    columns: ['Fact', 'Value', 'Unit', 'From', 'To', 'Confidence'].map((title) => ({ title, align: 'left' as const })),
    rows: facts.map((fact) => [fact.id, short(fact), fact.unit, fact.validFrom, fact.validTo ?? '', fact.confidence]),
  };
  return {
    parts: [
      {
        kind: 'lead',
        text: [
          { text: `${facts.length} facts, ${when}.`, style: 'strong' },
          { text: ' One in full, with its source: facts ID.' },
        ],
      },
      ...(facts.length === 0 ? [] : [table]),
      { kind: 'context', texts: ['low and assumed facts are named as assumptions in every answer that used them.'] },
    ],
    actions: [],
    csv: csv(facts),
  };
}

/** Every row of one fact, in full. */
export function factReport(rows: readonly Fact[]): Report {
  const last = rows.at(-1);
  return {
    parts: [
      {
        kind: 'lead',
        text: [
          { text: last?.id ?? 'no fact', style: 'strong' },
          { text: last === undefined ? '' : `: ${last.title}.` },
        ],
      },
      ...rows.map(
        (fact): Part => ({
          kind: 'fields',
          fields: [
            { label: 'Value', value: `${valueText(fact)} (${fact.unit})` },
            {
              label: 'Holds',
              value: `from ${fact.validFrom}${fact.validTo === null ? ' on' : ` until the day before ${fact.validTo}`}`,
            },
            { label: 'Says', value: fact.title },
            { label: 'Source', value: fact.source },
            { label: 'Confidence', value: fact.confidence },
          ],
        }),
      ),
    ],
    actions: [],
    csv: csv(rows),
  };
}

function valueText({ value }: Fact): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function short(fact: Fact): string {
  const text = valueText(fact);
  return text.length <= LONGEST_VALUE ? text : `${text.slice(0, LONGEST_VALUE - 1)}…`;
}

function csv(facts: readonly Fact[]): readonly (readonly string[])[] {
  const head = ['id', 'value', 'unit', 'validFrom', 'validTo', 'confidence', 'source', 'title'];
  return [
    head,
    ...facts.map((fact) => [
      fact.id,
      valueText(fact),
      fact.unit,
      fact.validFrom,
      fact.validTo ?? '',
      fact.confidence,
      fact.source,
      fact.title,
    ]),
  ];
}
