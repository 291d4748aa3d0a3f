/** Report -> plain text for terminals and golden tests, and CSV. */
import type { Action, Column, Inline, Part, Report } from './report.ts';

/** Widest line of running text. */
const WIDTH = 100;
/** Widest table, where its figures allow: a row broken in two is harder to read than a longer one. */
const TABLE_WIDTH = 110;
const BULLET = { good: '+', caution: '!', no: '-' } as const;

/** The whole report, ending in one line break. Control characters of foreign text are taken out. */
export function toText(report: Report): string {
  const parts = report.parts.map(partText).filter((text) => text !== '');
  const commands = report.actions.map(actionText).filter((text) => text !== null);
  if (commands.length > 0) parts.push(commands.join('\n'));
  return `${parts.join('\n\n')}\n`;
}

/** RFC 4180 rows with a line break after each; a cell that a spreadsheet would run as a formula gets a leading '. */
export function toCsv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');
}

function csvCell(raw: string): string {
  const text = clean(raw);
  const isFormula = /^[=+\-@\t]/.test(text) && !/^[+-]?\d+(\.\d+)?$/.test(text);
  const safe = isFormula ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Without control characters (terminal escapes among them), tabs and line breaks kept. */
function clean(text: string): string {
  return text.replace(/[^\P{Cc}\t\n]|[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '');
}

/** Inline text without its styles. */
export function plainText(inline: Inline): string {
  return clean(typeof inline === 'string' ? inline : inline.map(({ text }) => text).join(''));
}

function partText(part: Part): string {
  switch (part.kind) {
    case 'lead':
    case 'paragraph':
      return wrap(plainText(part.text), '');
    case 'heading':
      return clean(part.text);
    case 'list':
      return part.items
        .map((item) => wrap(plainText(item.text), `  ${item.tone === undefined ? '•' : BULLET[item.tone]} `))
        .join('\n');
    case 'fields': {
      const widest = Math.max(...part.fields.map(({ label }) => label.length), 0);
      return part.fields.map(({ label, value }) => `${clean(label).padEnd(widest)}  ${clean(value)}`).join('\n');
    }
    case 'table':
      return tableText(part.columns, part.rows, part.more);
    case 'preformatted':
      return clean(part.text);
    case 'context':
      return part.texts.map((text) => wrap(clean(text), '')).join('\n');
    default:
      return part satisfies never;
  }
}

function actionText(action: Action): string | null {
  switch (action.kind) {
    case 'run':
      return `${action.label}: ecs-advise ${clean(action.command)}`;
    case 'view':
      return `${action.label}: ecs-advise decisions show ${action.recordId} --view ${action.view}`;
    case 'share':
    case 'edit':
    case 'proposal':
      return null;
    default:
      return action satisfies never;
  }
}

/** Breaks at spaces; further lines are indented by the width of the prefix. */
function wrap(text: string, prefix: string): string {
  const indent = ' '.repeat(prefix.length);
  const lines = text.split('\n').flatMap((paragraph) => fold(paragraph, WIDTH - prefix.length));
  return lines.map((line, index) => (index === 0 ? prefix : indent) + line).join('\n');
}

/** No column of words is made narrower than this. */
const NARROWEST = 24;

function tableText(columns: readonly Column[], rows: readonly (readonly string[])[], more: string | undefined): string {
  const cells = [columns.map(({ title }) => title), ...rows].map((row) =>
    row.map((cell) => clean(cell).replace(/\s+/g, ' ')),
  );
  const natural = columns.map((_, index) => Math.max(...cells.map((row) => (row[index] ?? '').length)));
  const widths = fitted(columns, natural);
  const [head = [], ...body] = cells.map((row) => rowText(columns, row, widths));
  const ruler = widths.map((width) => '-'.repeat(width)).join('  ');
  return [head, ruler, ...body, ...(more === undefined ? [] : [clean(more)])].flat().join('\n');
}

/** One row, as many lines as its tallest cell. */
function rowText(columns: readonly Column[], row: readonly string[], widths: readonly number[]): readonly string[] {
  const folded = columns.map((_, index) => fold(row[index] ?? '', widths[index] ?? 0));
  const height = Math.max(...folded.map((cell) => cell.length));
  return Array.from({ length: height }, (_, at) =>
    columns
      .map(({ align }, index) => {
        const cell = folded[index]?.[at] ?? '';
        const width = widths[index] ?? 0;
        return align === 'right' ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
}

/** Widths that fit the line, where they can: the widest column of words gives way. */
function fitted(columns: readonly Column[], widths: readonly number[]): readonly number[] {
  const excess = widths.reduce((sum, width) => sum + width, 2 * (widths.length - 1)) - TABLE_WIDTH;
  const isWords = (index: number): boolean => columns[index]?.align === 'left';
  const widest = Math.max(...widths.filter((_, index) => isWords(index)));
  if (excess <= 0 || widest <= NARROWEST) return widths;
  const at = widths.findIndex((width, index) => isWords(index) && width === widest);
  return widths.map((width, index) => (index === at ? Math.max(NARROWEST, width - excess) : width));
}

/** Text broken at spaces into lines of `width`; a longer word stays whole. */
function fold(text: string, width: number): readonly string[] {
  const rows: string[] = [];
  let row = '';
  for (const word of text.split(' ')) {
    if (row !== '' && row.length + 1 + word.length > width) {
      rows.push(row);
      row = word;
    } else row = row === '' ? word : `${row} ${word}`;
  }
  return [...rows, row];
}
