/** First lines of every generated page: what it is, and that nobody edits it. */
export function pageHead(title: string, from: string): string {
  return `# ${title}\n\nMade by \`npm run docs\` from ${from}. Do not edit.\n`;
}

/** A Markdown table; bars and line ends inside cells are made harmless. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

function cell(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ').replaceAll('|', '\\|');
}

/** Inline code, whatever back-ticks the text holds; nothing for an empty text. */
export function code(text: string): string {
  if (text === '') return '';
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}
