import type { JsonObject, StandInMessage } from './slack/stand-in.ts';

/** Messages as text, one after the other: who, what, and what the blocks say. */
export function transcript(messages: readonly StandInMessage[]): string {
  return messages
    .map((message) => (message.from === 'bot' ? `bot  ${botText(message)}` : `${message.from.user}  ${message.text}`))
    .join('\n');
}

function botText({ blocks, text, onlyFor }: StandInMessage): string {
  const body =
    blocks.length === 0
      ? text
      : blocks
          .map(blockText)
          .filter((part) => part !== '')
          .join('\n\n');
  return `${onlyFor === null ? '' : `(to ${onlyFor} alone)\n`}${body}\n`;
}

function blockText(block: JsonObject): string {
  switch (block.type) {
    case 'section':
      return [block.text, ...list(block.fields)]
        .map(words)
        .filter((part) => part !== '')
        .join('\n');
    case 'header':
      return words(block.text);
    case 'context':
      return list(block.elements).map(words).join('\n');
    case 'table':
      return tableText(block);
    case 'actions':
      return list(block.elements)
        .map((element) => `[${words(element.text)}]`)
        .join(' ');
    default:
      return '';
  }
}

function tableText(block: JsonObject): string {
  const rows = (Array.isArray(block.rows) ? block.rows : []).map((row) =>
    list(row).map((cell) => String(cell.text ?? '')),
  );
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** The words of a text object, Slack's marks and escapes taken out. */
function words(value: unknown): string {
  const text = isObject(value) ? String(value.text ?? '') : '';
  return text
    .replace(/[*`\u200b\u2060]/g, '')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&');
}

function list(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
