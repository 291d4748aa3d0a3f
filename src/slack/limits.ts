/**
 * Slack's limits, and the one check every message and view passes in tests. Sources: Slack's block reference and its
 * published types; `MESSAGE_BUDGET` is ours, below the undocumented total at which Slack answers
 * `msg_blocks_too_long` (about 13,200 characters of blocks).
 */
export const LIMITS = {
  messageBlocks: 50,
  viewBlocks: 100,
  messageBudget: 12_000,
  messageText: 4_000,
  sectionText: 3_000,
  sectionFields: 10,
  sectionField: 2_000,
  header: 150,
  contextElements: 10,
  actionsElements: 25,
  buttonText: 75,
  buttonValue: 2_000,
  accessibilityLabel: 75,
  confirmTitle: 100,
  confirmText: 300,
  confirmButton: 30,
  tableRows: 100,
  tableColumns: 20,
  actionId: 255,
  blockId: 255,
  options: 100,
  optionText: 75,
  optionValue: 75,
  inputText: 2_000,
  placeholder: 150,
  viewTitle: 24,
  viewButton: 24,
  privateMetadata: 3_000,
  callbackId: 255,
} as const;

type Json = { readonly [key: string]: unknown };
type Surface = 'message' | 'modal' | 'home';
type Found = { readonly path: string; readonly found: string[] };

/**
 * What Slack would refuse in a message (`{text, blocks}`), one line each; empty = fine. Also refuses angle brackets
 * that are not an escape or a mention of a user: foreign text must not become markup.
 */
export function checkMessage(message: Json): string[] {
  const found: string[] = [];
  if (typeof message.text !== 'string' || message.text.trim() === '') found.push('text: missing');
  else {
    longest({ path: 'text', found }, message.text, LIMITS.messageText);
    markup({ path: 'text', found }, message.text);
  }
  if (message.blocks !== undefined) checkBlocks(message.blocks, 'message', found);
  return found;
}

/** What Slack would refuse in a view for `views.open` (`modal`) or `views.publish` (`home`). */
export function checkView(view: Json, surface: 'modal' | 'home'): string[] {
  const found: string[] = [];
  if (view.type !== surface) found.push(`type: ${String(view.type)} is not ${surface}`);
  if (surface === 'modal') {
    textObject({ path: 'title', found }, view.title, { max: LIMITS.viewTitle, plain: true });
    for (const key of ['submit', 'close']) {
      if (view[key] !== undefined) textObject({ path: key, found }, view[key], { max: LIMITS.viewButton, plain: true });
    }
    const blocks = Array.isArray(view.blocks) ? view.blocks : [];
    if (blocks.some((block) => isJson(block) && block.type === 'input') && view.submit === undefined) {
      found.push('submit: a view with inputs needs it');
    }
  }
  if (view.private_metadata !== undefined)
    longest({ path: 'private_metadata', found }, view.private_metadata, LIMITS.privateMetadata);
  if (view.callback_id !== undefined) longest({ path: 'callback_id', found }, view.callback_id, LIMITS.callbackId);
  checkBlocks(view.blocks, surface, found);
  return found;
}

function checkBlocks(blocks: unknown, surface: Surface, found: string[]): void {
  if (!Array.isArray(blocks)) {
    found.push('blocks: no list');
    return;
  }
  const most = surface === 'message' ? LIMITS.messageBlocks : LIMITS.viewBlocks;
  if (blocks.length > most) found.push(`blocks: ${blocks.length} of at most ${most}`);
  const size = JSON.stringify(blocks).length;
  if (surface === 'message' && size > LIMITS.messageBudget) found.push(`blocks: ${size} characters in all`);
  if (surface === 'message' && blocks.filter((block) => isJson(block) && block.type === 'table').length > 1) {
    found.push('blocks: more than one table');
  }
  unique('block_id', blocks, found);
  const elements = blocks.flatMap((block) => (isJson(block) && Array.isArray(block.elements) ? block.elements : []));
  unique('action_id', elements, found);
  for (const [index, block] of blocks.entries()) {
    if (isJson(block)) checkBlock({ path: `blocks/${index}`, found }, block, surface);
    else found.push(`blocks/${index}: no object`);
  }
}

function unique(key: string, entries: readonly unknown[], found: string[]): void {
  const values = entries.flatMap((entry) => (isJson(entry) && typeof entry[key] === 'string' ? [entry[key]] : []));
  if (new Set(values).size !== values.length) found.push(`blocks: a ${key} appears twice`);
}

function checkBlock(at: Found, block: Json, surface: Surface): void {
  if (block.block_id !== undefined) longest(below(at, 'block_id'), block.block_id, LIMITS.blockId);
  switch (block.type) {
    case 'divider':
      break;
    case 'header':
      textObject(below(at, 'text'), block.text, { max: LIMITS.header, plain: true });
      break;
    case 'section':
      checkSection(at, block);
      break;
    case 'context':
      checkList(below(at, 'elements'), block.elements, LIMITS.contextElements, (spot, element) =>
        textObject(spot, element, { max: LIMITS.sectionText }),
      );
      break;
    case 'actions':
      checkList(below(at, 'elements'), block.elements, LIMITS.actionsElements, checkElement);
      break;
    case 'table':
      checkTable(at, block);
      break;
    case 'input':
      if (surface === 'message') at.found.push(`${at.path}: inputs are not used in messages`);
      textObject(below(at, 'label'), block.label, { max: LIMITS.inputText, plain: true });
      if (block.hint !== undefined) textObject(below(at, 'hint'), block.hint, { max: LIMITS.inputText, plain: true });
      checkElement(below(at, 'element'), block.element);
      break;
    default:
      at.found.push(`${at.path}: type ${String(block.type)} is not one we use`);
  }
}

function checkSection(at: Found, block: Json): void {
  if (block.text === undefined && block.fields === undefined) at.found.push(`${at.path}: neither text nor fields`);
  if (block.text !== undefined) textObject(below(at, 'text'), block.text, { max: LIMITS.sectionText });
  if (block.fields === undefined) return;
  checkList(below(at, 'fields'), block.fields, LIMITS.sectionFields, (spot, field) =>
    textObject(spot, field, { max: LIMITS.sectionField }),
  );
}

function checkTable(at: Found, block: Json): void {
  checkList(below(at, 'rows'), block.rows, LIMITS.tableRows, (spot, row) =>
    checkList(spot, row, LIMITS.tableColumns, (cellAt, cell) => {
      if (!isJson(cell) || cell.type !== 'raw_text') cellAt.found.push(`${cellAt.path}: no raw_text`);
      else if (typeof cell.text !== 'string' || cell.text === '') cellAt.found.push(`${cellAt.path}: empty`);
      else if (/<[!@#]/.test(cell.text)) cellAt.found.push(`${cellAt.path}: looks like a mention`);
    }),
  );
  if (Array.isArray(block.rows) && new Set(block.rows.map((row) => (Array.isArray(row) ? row.length : -1))).size > 1) {
    at.found.push(`${at.path}: rows of different length`);
  }
}

const ELEMENTS = ['button', 'plain_text_input', 'static_select', 'multi_static_select', 'checkboxes', 'datepicker'];

function checkElement(at: Found, element: unknown): void {
  if (!isJson(element)) {
    at.found.push(`${at.path}: no object`);
    return;
  }
  if (!ELEMENTS.includes(String(element.type)))
    at.found.push(`${at.path}: type ${String(element.type)} is not one we use`);
  longest(below(at, 'action_id'), element.action_id, LIMITS.actionId);
  if (element.placeholder !== undefined) {
    textObject(below(at, 'placeholder'), element.placeholder, { max: LIMITS.placeholder, plain: true });
  }
  if (element.type === 'button') {
    textObject(below(at, 'text'), element.text, { max: LIMITS.buttonText, plain: true });
    if (element.value !== undefined) longest(below(at, 'value'), element.value, LIMITS.buttonValue);
    if (element.accessibility_label !== undefined) {
      longest(below(at, 'accessibility_label'), element.accessibility_label, LIMITS.accessibilityLabel);
    }
    if (element.confirm !== undefined) checkConfirm(below(at, 'confirm'), element.confirm);
  }
  if (element.options === undefined) return;
  const most = element.type === 'checkboxes' ? 10 : LIMITS.options;
  checkList(below(at, 'options'), element.options, most, (spot, option) => {
    if (!isJson(option)) {
      spot.found.push(`${spot.path}: no object`);
      return;
    }
    textObject(below(spot, 'text'), option.text, { max: LIMITS.optionText });
    longest(below(spot, 'value'), option.value, LIMITS.optionValue);
  });
}

function checkConfirm(at: Found, confirm: unknown): void {
  if (!isJson(confirm)) {
    at.found.push(`${at.path}: no object`);
    return;
  }
  textObject(below(at, 'title'), confirm.title, { max: LIMITS.confirmTitle, plain: true });
  textObject(below(at, 'text'), confirm.text, { max: LIMITS.confirmText });
  textObject(below(at, 'confirm'), confirm.confirm, { max: LIMITS.confirmButton, plain: true });
  textObject(below(at, 'deny'), confirm.deny, { max: LIMITS.confirmButton, plain: true });
}

function checkList(at: Found, list: unknown, most: number, each: (at: Found, entry: unknown) => void): void {
  if (!Array.isArray(list) || list.length === 0) {
    at.found.push(`${at.path}: empty`);
    return;
  }
  if (list.length > most) at.found.push(`${at.path}: ${list.length} of at most ${most}`);
  for (const [index, entry] of list.entries()) each(below(at, String(index)), entry);
}

function textObject(at: Found, value: unknown, rule: { readonly max: number; readonly plain?: boolean }): void {
  if (!isJson(value)) {
    at.found.push(`${at.path}: no text object`);
    return;
  }
  if (value.type !== 'plain_text' && (rule.plain === true || value.type !== 'mrkdwn')) {
    at.found.push(`${at.path}: type ${String(value.type)}`);
  }
  longest(at, value.text, rule.max);
  if (typeof value.text !== 'string') return;
  if (value.type === 'mrkdwn') markup(at, value.text);
  else if (/<[!@#]/.test(value.text)) at.found.push(`${at.path}: looks like a mention`);
}

function longest(at: Found, text: unknown, max: number): void {
  if (typeof text !== 'string' || text.length === 0) at.found.push(`${at.path}: empty`);
  else if (text.length > max) at.found.push(`${at.path}: ${text.length} characters of at most ${max}`);
}

/** Only a member or a user group may stand in angle brackets, and nothing may call everybody. */
function markup(at: Found, text: string): void {
  if (/[<>]/.test(text.replace(/<(@[UW]|!subteam\^S)[A-Z0-9]+>/g, '')))
    at.found.push(`${at.path}: an unescaped < or >`);
  if (/&(?!(amp|lt|gt);)/.test(text)) at.found.push(`${at.path}: an unescaped &`);
  if (/@(here|channel|everyone)\b/i.test(text)) at.found.push(`${at.path}: calls everybody`);
}

function below(at: Found, key: string): Found {
  return { path: `${at.path}/${key}`, found: at.found };
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
