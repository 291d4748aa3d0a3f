import type { KnownBlock, TableBlock } from '@slack/types';
import { LIMITS } from './limits.ts';

/** Room kept for the line that says what was left out. */
const MARKER = 400;

type Place = 'alone' | 'heading' | 'after-heading';

/**
 * Puts blocks together within one message's budget. Once something did not fit, everything after it is counted and
 * left out: a message never has a hole in its middle.
 */
export class Composer {
  readonly #tail: readonly KnownBlock[];
  readonly #blocks: KnownBlock[] = [];
  /** Lines of the section being filled. */
  #open: string[] = [];
  #openIsHeading = false;
  #used: number;
  #hasTable = false;
  #leftOut = 0;

  constructor(tail: readonly KnownBlock[]) {
    this.#tail = tail;
    this.#used = sizeOf(tail) + MARKER;
  }

  /** Lines of mrkdwn, each at most 2,900 characters. A heading takes the part after it into its section. */
  lines(lines: readonly string[], place: Place): void {
    if (!(place === 'after-heading' && this.#openIsHeading)) this.#close();
    this.#openIsHeading = place === 'heading';
    for (const line of lines) {
      if (this.#isFull(line)) {
        this.#leftOut += 1;
        continue;
      }
      if ([...this.#open, line].join('\n').length > LIMITS.sectionText) this.#close();
      if (this.#isFull(line)) this.#leftOut += 1;
      else this.#open.push(line);
    }
  }

  /** Lines of fixed width, escaped. */
  code(lines: readonly string[]): void {
    this.#close();
    let group: string[] = [];
    const flush = (): void => {
      if (group.some((line) => line.trim() !== '')) this.#push(section(fence(group)), group.length);
      group = [];
    };
    for (const line of lines) {
      const next = [...group, line];
      // A group that would not fit into the message any more is closed early, so that its first lines still do.
      if (fence(next).length > LIMITS.sectionText || !this.#hasRoom(section(fence(next)))) {
        if (group.length === 0) {
          this.#leftOut += 1;
          continue;
        }
        flush();
        group = [line];
      } else group = next;
    }
    flush();
  }

  /** Label and value pairs, mrkdwn. */
  fields(fields: readonly string[]): void {
    this.#close();
    for (let at = 0; at < fields.length; at += LIMITS.sectionFields) {
      const group = fields.slice(at, at + LIMITS.sectionFields);
      this.#push({ type: 'section', fields: group.map((text) => ({ type: 'mrkdwn', text })) }, group.length);
    }
  }

  /** As many rows as fit; false when the message has its table already. */
  table(table: TableBlock): boolean {
    if (this.#hasTable) return false;
    this.#close();
    let rows = table.rows.slice(0, LIMITS.tableRows);
    while (rows.length > 1 && !this.#hasRoom({ ...table, rows })) rows = rows.slice(0, -1);
    if (rows.length < 2 && table.rows.length > 1) {
      this.#leftOut += table.rows.length - 1;
      return true;
    }
    this.#push({ ...table, rows }, rows.length - 1);
    this.#hasTable = true;
    this.#leftOut += table.rows.length - rows.length;
    return true;
  }

  /** All blocks, the tail last. */
  finish(whereTheRestIs: string): KnownBlock[] {
    this.#close();
    const count = this.#leftOut;
    const marker: KnownBlock[] =
      count === 0 ? [] : [section(`… ${count} more ${count === 1 ? 'line' : 'lines'}: ${whereTheRestIs}.`)];
    const blocks = [...this.#blocks, ...marker, ...this.#tail];
    return blocks.length > 0 ? blocks : [section('Nothing to show.')];
  }

  #isFull(line: string): boolean {
    return this.#leftOut > 0 || !this.#hasRoom(section([...this.#open, line].join('\n')));
  }

  #hasRoom(block: KnownBlock): boolean {
    const isCountLeft = this.#blocks.length + this.#tail.length + 2 <= LIMITS.messageBlocks;
    return this.#leftOut === 0 && isCountLeft && this.#used + sizeOf([block]) <= LIMITS.messageBudget;
  }

  #push(block: KnownBlock, lines: number): void {
    if (!this.#hasRoom(block)) {
      this.#leftOut += lines;
      return;
    }
    this.#blocks.push(block);
    this.#used += sizeOf([block]);
  }

  #close(): void {
    const text = this.#open.join('\n');
    this.#openIsHeading = false;
    this.#open = [];
    if (text.trim() === '') return;
    const block = section(text);
    this.#blocks.push(block);
    this.#used += sizeOf([block]);
  }
}

function section(text: string): KnownBlock {
  return { type: 'section', expand: true, text: { type: 'mrkdwn', text } };
}

function fence(lines: readonly string[]): string {
  return `\`\`\`\n${lines.join('\n')}\n\`\`\``;
}

function sizeOf(blocks: readonly KnownBlock[]): number {
  return JSON.stringify(blocks).length;
}
