import type { KnownBlock } from '@slack/types';
import type { Action, Column, Inline, Part, Report, Span } from '../report/report.ts';
import { encodeAction } from './actions.ts';
import { Composer } from './composer.ts';
import { decisionButton } from './decision-button.ts';
import { clean, escapeCode, escapeMrkdwn, escapePlain, shorten } from './escape.ts';
import { LIMITS } from './limits.ts';

/**
 * Report -> Block Kit. Keeps every limit of Slack: text is split on line ends, and what does not fit is left out from
 * the end, with a line that says how much and where the rest is. Small print and buttons always stay.
 */

export type SlackMessage = { readonly text: string; readonly blocks: KnownBlock[] };

export type RenderOptions = {
  /** Correlation id, printed in the footer; the same id is in the log. */
  readonly callId?: string;
  /** Slack user id of the person who shared the answer. */
  readonly sharedBy?: string;
};

/** One line of a section may have this much; a section holds 3,000. */
const LINE = 2_900;
/** Small print above this is cut. */
const FOOTER = 2_500;
const CODE_CELL = 48;
const TONES = { good: '✅ *Good:* ', caution: '⚠️ *Note:* ', no: '⛔ *No:* ' } as const;

/** A message that Slack takes whatever the report holds; see `checkMessage`. */
export function renderReport(report: Report, options: RenderOptions = {}): SlackMessage {
  const tail = [...footer(report, options), ...buttons(report.actions)];
  const composer = new Composer(tail);
  for (const part of report.parts) addPart(composer, part);
  const blocks = composer.finish(whereTheRestIs(report.actions));
  return { text: plainSummary(report), blocks };
}

/** Where a person finds what was left out. */
function whereTheRestIs(actions: readonly Action[]): string {
  const recordId = actions.flatMap(shownRecord)[0];
  if (recordId === undefined) return 'the same question in a terminal prints it all';
  return `\`ecs-advise decisions show ${escapeCode(recordId)}\` in a terminal prints it all`;
}

function shownRecord(action: Action): readonly string[] {
  if (action.kind === 'run') return [];
  return [action.kind === 'proposal' ? action.proposalId : action.recordId];
}

function addPart(composer: Composer, part: Part): void {
  switch (part.kind) {
    case 'lead':
    case 'paragraph':
      composer.lines(mrkdwn(part.text).split('\n'), part.kind === 'lead' ? 'alone' : 'after-heading');
      break;
    case 'heading':
      composer.lines([strong(part.text)], 'heading');
      break;
    case 'list':
      composer.lines(
        part.items.flatMap(({ text, tone }) => listLines(text, tone)),
        'after-heading',
      );
      break;
    case 'fields':
      composer.fields(part.fields.map(({ label, value }) => field(label, value)));
      break;
    case 'table':
      addTable(composer, part);
      break;
    case 'preformatted':
      composer.code(codeLines(part.text));
      break;
    case 'context':
      // In the footer, which never gives way.
      break;
    default:
      part satisfies never;
  }
}

function listLines(text: Inline, tone: keyof typeof TONES | undefined): readonly string[] {
  const [first = '', ...more] = mrkdwn(text).split('\n');
  return [`• ${tone === undefined ? '' : TONES[tone]}${first}`, ...more.map((line) => `   ${line}`)];
}

function field(label: string, value: string): string {
  return `${strong(label)}\n${shorten(value === '' ? '–' : value, LIMITS.sectionField - 300, escapeMrkdwn)}`;
}

type TablePart = Extract<Part, { readonly kind: 'table' }>;

/** The first table is Slack's own; Slack takes one a message, so further ones are aligned text. */
function addTable(composer: Composer, { columns, rows, more }: TablePart): void {
  const fits = columns.length > 0 && columns.length <= LIMITS.tableColumns;
  const row = (cells: readonly string[]) =>
    columns.map((_, index) => ({ type: 'raw_text' as const, text: cellText(cells[index] ?? '') }));
  const isPlaced =
    fits &&
    composer.table({
      type: 'table',
      column_settings: columns.map(({ align }) => ({ align, is_wrapped: align === 'left' })),
      rows: [row(columns.map(({ title }) => title)), ...rows.map(row)],
    });
  if (!isPlaced && columns.length > 0) composer.code(alignedLines(columns, rows));
  if (more !== undefined) composer.lines(mrkdwn(more).split('\n'), 'after-heading');
}

function cellText(cell: string): string {
  const text = shorten(cell.replace(/\s+/g, ' ').trim(), 300, escapePlain);
  return text === '' ? '\u00a0' : text;
}

function alignedLines(columns: readonly Column[], rows: readonly (readonly string[])[]): readonly string[] {
  const short = (cell: string): string => {
    const text = [...clean(cell).replace(/\s+/g, ' ').trim()];
    return text.length <= CODE_CELL ? text.join('') : `${text.slice(0, CODE_CELL - 1).join('')}…`;
  };
  const cells = [columns.map(({ title }) => title), ...rows].map((row) => columns.map((_, at) => short(row[at] ?? '')));
  const widths = columns.map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)));
  return cells.map((row) =>
    escapeCode(
      columns
        .map(({ align }, at) => {
          const [cell, width] = [row[at] ?? '', widths[at] ?? 0];
          return align === 'right' ? cell.padStart(width) : cell.padEnd(width);
        })
        .join('  ')
        .trimEnd(),
    ).slice(0, LINE),
  );
}

function codeLines(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const characters = [...line];
    const pieces: string[] = [];
    // An escaped character has at most five; a long line is broken, not cut, so that JSON can be put together again.
    for (let at = 0; at === 0 || at < characters.length; at += 500) {
      pieces.push(escapeCode(characters.slice(at, at + 500).join('')));
    }
    return pieces;
  });
}

function strong(text: string): string {
  const inside = shorten(text.replace(/\s+/g, ' ').trim(), 250, escapeMrkdwn);
  return inside === '' ? '' : `*${inside}*`;
}

/** Inline text as mrkdwn of at most `LINE` characters. */
function mrkdwn(inline: Inline): string {
  const spans: readonly Span[] = typeof inline === 'string' ? [{ text: inline }] : inline;
  let text = '';
  for (const span of spans) {
    const left = LINE - text.length - 2;
    if (left < 1) break;
    text += spanText(span, left);
  }
  return text;
}

/** Slack reads a format only when it hugs its text, so blanks go outside. */
function spanText({ text, style }: Span, max: number): string {
  if (style === 'user') return mention(text);
  if (style !== 'strong' && style !== 'code') return shorten(text, max, escapeMrkdwn);
  const line = text.replace(/\s*\n\s*/g, ' ');
  const inside = line.trim();
  if (inside === '') return line;
  const before = line.startsWith(' ') ? ' ' : '';
  const after = line.endsWith(' ') ? ' ' : '';
  const mark = style === 'strong' ? '*' : '`';
  const written = shorten(inside, Math.max(1, max - 4), style === 'strong' ? escapeMrkdwn : escapeCode);
  return `${before}${mark}${written}${mark}${after}`;
}

/** A member or a user group of the workspace by name; anything else is text. */
function mention(id: string): string {
  if (/^[UW][A-Z0-9]{2,20}$/.test(id)) return `<@${id}>`;
  return /^S[A-Z0-9]{2,20}$/.test(id) ? `<!subteam^${id}>` : shorten(id, 80, escapeMrkdwn);
}

function footer(report: Report, { callId, sharedBy }: RenderOptions): KnownBlock[] {
  const texts = report.parts.flatMap((part) => (part.kind === 'context' ? part.texts : []));
  let text = '';
  for (const line of texts.map(clean).filter((line) => line.trim() !== '')) {
    const left = FOOTER - text.length;
    if (left < 20) break;
    text += `${text === '' ? '' : '\n'}${shorten(line, left, escapeMrkdwn)}`;
  }
  const last = [
    ...(sharedBy === undefined
      ? []
      : [`Shared by ${/^[UW][A-Z0-9]+$/.test(sharedBy) ? `<@${sharedBy}>` : 'a colleague'}`]),
    ...(callId === undefined ? [] : [`Reference ${escapeMrkdwn(callId)}`]),
  ].join(' · ');
  const all = [text, last].filter((line) => line !== '').join('\n');
  return all === '' ? [] : [{ type: 'context', elements: [{ type: 'mrkdwn', text: all }] }];
}

function buttons(actions: readonly Action[]): KnownBlock[] {
  const elements = actions.slice(0, LIMITS.actionsElements).flatMap((action, index) => {
    const button = encodeAction(action, index);
    const label = shorten(action.label, LIMITS.buttonText, escapePlain);
    if (button === null || label.trim() === '') return [];
    return [
      {
        type: 'button' as const,
        action_id: button.actionId,
        text: { type: 'plain_text' as const, text: label },
        value: button.value,
        ...(action.kind === 'proposal' ? decisionButton(action) : {}),
      },
    ];
  });
  const unique = [...new Map(elements.map((element) => [element.action_id, element])).values()];
  return unique.length === 0 ? [] : [{ type: 'actions', elements: unique }];
}

/** The notification and screen-reader line: the lead, then the first table in words. */
function plainSummary(report: Report): string {
  const lines: string[] = [];
  const lead = report.parts.find((part) => part.kind === 'lead');
  if (lead !== undefined)
    lines.push(typeof lead.text === 'string' ? lead.text : lead.text.map(({ text }) => text).join(''));
  const table = report.parts.find((part) => part.kind === 'table');
  for (const row of table?.rows.slice(0, 12) ?? []) lines.push(row.filter((cell) => cell.trim() !== '').join(' | '));
  const text = shorten(lines.join('\n').trim(), LIMITS.messageText - 100, escapeMrkdwn);
  return text.trim() === '' ? 'ecs-advise' : text;
}
