import type { Fact, Json } from '../engine/index.ts';
import type { Part, Report } from './report.ts';

const LONGEST_VALUE = 40;

/** Rows of many facts: one line each. */
export function factsList(facts: readonly Fact[], asOf: string | null): Report {
  const rows = facts.map((fact) => [
    fact.id,
    short(fact.value),
    fact.unit,
    fact.validFrom,
    fact.validTo ?? '',
    fact.confidence,
  ]);
  const count = facts.length === 1 ? '1 row' : `${facts.length} rows`;
  return {
    parts: [
      {
        kind: 'lead',
        text: [
          { text: `${count} of facts, ${asOf === null ? 'all days' : `valid on ${asOf}`}.`, style: 'strong' },
          { text: ' One in full, with its source: facts ID.' },
        ],
      },
      {
        kind: 'table',
        columns: ['Fact', 'Value', 'Unit', 'From', 'To', 'Confidence'].map((title) => ({ title, align: 'left' })),
        rows,
      },
      {
        kind: 'context',
        texts: [
          'To = the first day on which it no longer holds. Low and assumed facts are named as assumptions in every answer that used them.',
        ],
      },
    ],
    actions: [],
    csv: csv(facts),
  };
}

/** Every row of one fact, in full: value, days, source, confidence. */
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
      ...rows.flatMap((fact) => inFull(fact, rows.length > 1)),
    ],
    actions: [],
    csv: csv(rows),
  };
}

/** The fact exists, but not on the day asked for: says when it does. `rows` = all rows of what was named. */
export function factAbsent(rows: readonly Fact[], asOf: string): Report {
  const ids = [...new Set(rows.map(({ id }) => id))];
  const subject = ids.length === 1 ? `${ids[0]} has no value` : `None of these ${ids.length} facts has a value`;
  return {
    parts: [
      { kind: 'lead', text: [{ text: `${subject} on ${asOf}.`, style: 'strong' }] },
      { kind: 'list', items: rows.map((fact) => ({ text: `${fact.id} ${days(fact)}` })) },
    ],
    actions: [],
    csv: csv([]),
  };
}

function inFull(fact: Fact, isOneOfMany: boolean): readonly Part[] {
  const table = valueTable(fact.value);
  const value = table === null ? `${valueText(fact.value)} (${fact.unit})` : 'the table below';
  return [
    {
      kind: 'fields',
      fields: [
        { label: 'Value', value },
        ...(isOneOfMany ? [{ label: 'Says', value: fact.title }] : []),
        { label: 'Days', value: days(fact) },
        { label: 'Source', value: fact.source },
        { label: 'Confidence', value: fact.confidence },
      ],
    },
    ...(table === null ? [] : [table]),
  ];
}

function days({ validFrom, validTo }: Fact): string {
  return validTo === null ? `holds from ${validFrom}` : `held from ${validFrom} until the day before ${validTo}`;
}

/** A list of objects becomes a table with one column per member; anything else is null. */
function valueTable(value: Json): Part | null {
  if (!isTable(value)) return null;
  const titles = [...new Set(value.flatMap((row) => Object.keys(row)))];
  return {
    kind: 'table',
    columns: titles.map((title) => ({ title, align: 'left' })),
    rows: value.map((row) => titles.map((title) => valueText(row[title] ?? null))),
  };
}

function isTable(value: Json): value is readonly { readonly [key: string]: Json }[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((item: Json) => typeof item === 'object' && item !== null && !Array.isArray(item))
  );
}

/** `low 0.8, high 1.3` for an object, `8192 to 30720 by 1024` for an even run of numbers. */
function valueText(value: Json): string {
  if (value === null || typeof value !== 'object') return String(value ?? '');
  if (Array.isArray(value)) return listText(value);
  return Object.entries(value)
    .map(([key, item]) => `${key} ${valueText(item ?? null)}`)
    .join(', ');
}

function listText(items: readonly Json[]): string {
  if (items.length === 0) return 'none';
  const [first, second] = items;
  const step = typeof first === 'number' && typeof second === 'number' ? second - first : 0;
  const isRun = items.length > 3 && step > 0 && items.every((item, index) => item === Number(first) + index * step);
  return isRun ? `${first} to ${items.at(-1)} by ${step}` : items.map(valueText).join(', ');
}

function short(value: Json): string {
  if (isTable(value)) return `${value.length} rows`;
  const text = valueText(value);
  return text.length <= LONGEST_VALUE ? text : `${text.slice(0, LONGEST_VALUE - 1)}…`;
}

function csv(facts: readonly Fact[]): readonly (readonly string[])[] {
  const head = ['id', 'value', 'unit', 'validFrom', 'validTo', 'confidence', 'source', 'title'];
  const rows = facts.map((fact) => [
    fact.id,
    typeof fact.value === 'string' ? fact.value : JSON.stringify(fact.value),
    fact.unit,
    fact.validFrom,
    fact.validTo ?? '',
    fact.confidence,
    fact.source,
    fact.title,
  ]);
  return [head, ...rows];
}
