import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { type Block, Message } from 'slack-blocks-to-jsx';
import { type Html, html, raw } from './html.ts';

/** Any JSON object of Block Kit; what the bot sent is data here, not something to trust. */
export type Json = { readonly [key: string]: unknown };

/** Ids of the workspace -> names to show for mentions. */
export type Names = {
  readonly users: ReadonlyMap<string, string>;
  readonly groups: ReadonlyMap<string, string>;
  readonly channels: ReadonlyMap<string, string>;
};

/** A message body as HTML: its blocks, or its text when it has none. Buttons carry `data-block` and `data-action`. */
export function renderBlocks(blocks: readonly Json[], text: string, names: Names): Html {
  if (blocks.length === 0) return library([{ type: 'section', text: { type: 'mrkdwn', text } }], names);
  return html`${blocks.map((block) => renderBlock(block, names))}`;
}

/**
 * One block. Text goes through a renderer that somebody else wrote, so that the bot's markup is judged by a parser
 * that is not ours. Tables and controls are made here: the renderer gives tables no header cells and controls no data.
 */
export function renderBlock(block: Json, names: Names): Html {
  if (block.type === 'table') return renderTable(block, names);
  if (block.type === 'actions') {
    return html`<div class="actions">${list(block.elements).map((element) => renderControl(element, block))}</div>`;
  }
  const accessory = block.accessory;
  if (block.type === 'section' && isObject(accessory)) {
    const { accessory: _shownApart, ...rest } = block;
    return html`<div class="with-accessory">${library([rest], names)}${renderControl(accessory, block)}</div>`;
  }
  return library([block], names);
}

/** True for a JSON object (not an array, not null). */
export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The objects of a JSON list; empty when it is none. */
export function list(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** The string under a key, or ''. */
export function str(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The words of a text object. */
export function textOf(value: unknown): string {
  return isObject(value) ? str(value.text) : '';
}

function renderTable(block: Json, names: Names): Html {
  const settings = Array.isArray(block.column_settings) ? (block.column_settings as readonly unknown[]) : [];
  const align = (column: number): string => {
    const setting = settings[column];
    return isObject(setting) && setting.align === 'right' ? 'right' : 'left';
  };
  const rows = (Array.isArray(block.rows) ? (block.rows as readonly unknown[]) : []).map(list);
  const [head, ...body] = rows;
  const cell = (value: Json): Html =>
    value.type === 'rich_text' ? library([value], names) : html`${String(value.text ?? value.value ?? '')}`;
  return html`<div class="table-scroll" role="region" aria-label="Table" tabindex="0"><table><thead><tr>${(
    head ?? []
  ).map((value, i) => html`<th scope="col" class="${align(i)}">${cell(value)}</th>`)}</tr></thead><tbody>${body.map(
    (row) => html`<tr>${row.map((value, i) => html`<td class="${align(i)}">${cell(value)}</td>`)}</tr>`,
  )}</tbody></table></div>`;
}

/** A button, menu or overflow menu, wired by data attributes; `confirm` travels along for the page's dialog. */
function renderControl(element: Json, block: Json): Html {
  const wires = html`data-block="${str(block.block_id)}" data-action="${str(element.action_id)}"${confirmOf(element)}`;
  const label = str(element.accessibility_label) || textOf(element.text);
  if (element.type === 'button') {
    const style = element.style === 'primary' || element.style === 'danger' ? element.style : 'plain';
    return html`<button type="button" class="button ${style}" aria-label="${label}" ${wires}>${textOf(element.text)}</button>`;
  }
  if (element.type === 'static_select' || element.type === 'overflow') {
    const first = textOf(element.placeholder) || 'More…';
    const options = list(element.options).map(
      (one) => html`<option value="${str(one.value)}">${textOf(one.text)}</option>`,
    );
    return html`<select class="menu" aria-label="${first}" ${wires}><option value="">${first}</option>${options}</select>`;
  }
  return html`<span class="unknown">[${str(element.type)}]</span>`;
}

function confirmOf(element: Json): Html | null {
  const ask = element.confirm;
  if (!isObject(ask)) return null;
  const words = {
    title: textOf(ask.title),
    text: textOf(ask.text),
    confirm: textOf(ask.confirm),
    deny: textOf(ask.deny),
    danger: ask.style === 'danger',
  };
  return html` data-confirm="${JSON.stringify(words)}"`;
}

/**
 * The renderer decodes `&lt;` before it looks for mentions, so text the bot escaped with care would turn into a
 * mention again. These characters travel through it in disguise (private-use code points) and come out as text.
 */
const DISGUISE: readonly (readonly [plain: string, escaped: string, disguise: string, out: string])[] = [
  ['&', '&amp;', '\u{E000}', '&amp;'],
  ['<', '&lt;', '\u{E001}', '&lt;'],
  ['>', '&gt;', '\u{E002}', '&gt;'],
  ['*', '', '\u{E003}', '*'],
  ['_', '', '\u{E004}', '_'],
  ['~', '', '\u{E005}', '~'],
  ['`', '', '\u{E006}', '`'],
  [':', '', '\u{E007}', ':'],
];

/**
 * An emoji, as Slack writes them, or else a lone colon: the renderer takes anything between two colons for an emoji, and a
 * lone `*` for the start of bold.
 */
const EMOJI_OR_COLON = /(:(?=[\w+'-]*[a-z])[\w+'-]+:)|:/gi;
const LONE_STAR = /(?<=^|\s)[\u200b]?\*[\u200b]?(?=\s|$)/gm;

function library(blocks: readonly Json[], names: Names): Html {
  const props = {
    blocks: blocks.map(disguised) as unknown as Block[],
    logo: '',
    name: '',
    withoutWrapper: true,
    unstyled: true,
    hooks: {
      user: ({ id }: { id: string }) => mention(`@${names.users.get(id) ?? id}`),
      usergroup: ({ id }: { id: string }) => mention(`@${names.groups.get(id) ?? id}`),
      channel: ({ id }: { id: string }) => mention(`#${names.channels.get(id) ?? id}`),
    },
  };
  const markup = renderToStaticMarkup(createElement(Message, props));
  return raw(
    DISGUISE.reduce((text, [, , disguise, out]) => text.replaceAll(disguise, out), markup)
      // Its ids repeat over messages, which is not valid in one page; nothing here looks blocks up by id.
      .replace(/ (?:id|data-theme)="[^"]*"/g, ''),
  );
}

function mention(text: string): ReturnType<typeof createElement> {
  return createElement('span', { className: 'mention' }, text);
}

function disguised(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(disguised);
  if (!isObject(value)) return value;
  if (typeof value.text === 'string') {
    if (value.type === 'mrkdwn') return { ...value, text: hide(value.text, 1) };
    if (value.type === 'plain_text' || value.type === 'raw_text') return { ...value, text: hide(value.text, 0) };
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, disguised(inner)]));
}

function hide(text: string, column: 0 | 1): string {
  const spared = text
    .replace(EMOJI_OR_COLON, (_, emoji?: string) => emoji ?? '\u{E007}')
    .replace(LONE_STAR, '\u{E003}');
  return DISGUISE.reduce((all, row) => (row[column] === '' ? all : all.replaceAll(row[column], row[2])), spared);
}
