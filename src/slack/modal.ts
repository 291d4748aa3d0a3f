import type { KnownBlock, ModalView, PlainTextOption } from '@slack/types';
import { parseCapacity } from '../commands/capacity-question.ts';
import type { ParseContext } from '../commands/command.ts';
import { tokenize } from '../commands/tokenize.ts';
import { NEEDS } from '../engine/index.ts';
import { escapePlain, shorten } from './escape.ts';
import { LIMITS } from './limits.ts';

/** The form of a capacity question: flags in, flags out. The parser of the command line judges it, field by field. */

const CAPACITY_MODAL = 'capacity';
/** Every element has this action_id; its block_id is the name of its flag. */
const ACTION_ID = 'value';
const EXTRA = 'extra';

/** Where the answer goes once the form is sent; kept in the view, so that it survives a restart. */
export type ModalOrigin = { readonly channel: string; readonly responseUrl: string | null };

type TextField = {
  readonly flag: string;
  readonly label: string;
  readonly placeholder: string;
  readonly hint?: string;
  readonly isRequired?: boolean;
};

const SIZE: readonly TextField[] = [
  { flag: 'vcpu', label: 'vCPU of one task', placeholder: '1', isRequired: true },
  { flag: 'memory', label: 'Memory of one task, in GiB', placeholder: '2', isRequired: true },
  { flag: 'tasks', label: 'Tasks that run all month', placeholder: '12', hint: 'Leave empty for short tasks.' },
];
const SHORT_TASKS: readonly TextField[] = [
  { flag: 'run', label: 'Short tasks: run time of one', placeholder: '40s', hint: 'Goes with starts a day.' },
  { flag: 'per-day', label: 'Short tasks: starts a day', placeholder: '500' },
  { flag: 'pull', label: 'Short tasks: image pull of one', placeholder: '20s' },
  { flag: 'between', label: 'Short tasks: time of day', placeholder: '01:00-04:00', hint: 'All day when empty.' },
];
const REST: readonly TextField[] = [
  { flag: 'gpu', label: 'GPUs of one task', placeholder: '1, l4 or l4:2' },
  { flag: 'storage', label: 'Disk of one task, in GiB', placeholder: '100' },
  { flag: 'as-of', label: 'With the facts of this day', placeholder: 'YYYY-MM-DD', hint: 'Today when empty.' },
];
const ARCHITECTURES = ['x86_64', 'arm64'] as const;
const NEED_OPTIONS: readonly string[] = NEEDS;

/** Values by flag; switches hold an empty list, `reserved` may hold several. */
export type FormValues = ReadonlyMap<string, readonly string[]>;

/** What a bare `capacity` starts from. */
export const EMPTY_FORM: FormValues = new Map([
  ['vcpu', ['1']],
  ['memory', ['2']],
  ['tasks', ['1']],
]);

/** The flags of a saved question (`--vcpu 1 --memory 2 …`) as form values. */
export function formValues(echo: string): FormValues {
  const values = new Map<string, readonly string[]>();
  let flag: string | null = null;
  for (const word of tokenize(echo)) {
    if (/^--[a-z]/.test(word)) {
      flag = word.slice(2);
      if (!values.has(flag)) values.set(flag, []);
    } else if (flag !== null) values.set(flag, [...(values.get(flag) ?? []), word]);
  }
  return values;
}

/** The form, filled in. Regions come from the context; the default one is chosen when the values name none. */
export function capacityModal(values: FormValues, origin: ModalOrigin, context: ParseContext): ModalView {
  const needs = needItems(values);
  const shown = new Map(values);
  const gpu = needs.find((item) => item.startsWith('gpu'));
  if (gpu !== undefined && !shown.has('gpu')) shown.set('gpu', [gpu === 'gpu' ? '1' : gpu.slice('gpu:'.length)]);
  const region = values.get('region')?.[0] ?? context.defaultRegion?.region ?? 'us-east-1';
  const chosenNeeds = [
    ...needs.filter((item) => NEED_OPTIONS.includes(item)),
    ...(values.has('ami') ? ['custom-ami'] : []),
  ];
  return {
    type: 'modal',
    callback_id: CAPACITY_MODAL,
    title: plain('Where should it run?'),
    submit: plain('Compare'),
    close: plain('Cancel'),
    private_metadata: JSON.stringify(origin),
    blocks: [
      ...SIZE.map((field) => textInput(field, shown)),
      ...SHORT_TASKS.map((field) => textInput(field, shown)),
      select('region', 'Region', context.regions.slice(0, LIMITS.options), region),
      select('arch', 'Processor architecture', ARCHITECTURES, values.get('arch')?.[0] ?? 'x86_64'),
      multiSelect(chosenNeeds),
      interruptible(values.has('interruptible')),
      ...REST.map((field) => textInput(field, shown)),
      extraInput(extraFlags(values, needs)),
    ],
  };
}

/** Where the answer to a form goes, or null when the metadata is not ours. */
export function readOrigin(privateMetadata: string): ModalOrigin | null {
  try {
    const { channel, responseUrl } = JSON.parse(privateMetadata) as { channel?: unknown; responseUrl?: unknown };
    if (typeof channel !== 'string') return null;
    return { channel, responseUrl: typeof responseUrl === 'string' ? responseUrl : null };
  } catch {
    // A view of another version; the caller tells the person.
    return null;
  }
}

/** The state of a submitted view as arguments of `capacity`. Each value is one argument: it cannot bring flags along. */
export function modalArgs(state: unknown): readonly string[] {
  const text = (flag: string): string => elementValues(state, flag)[0]?.trim() ?? '';
  const isShort = text('run') !== '' || text('per-day') !== '';
  const args = [...SIZE, ...SHORT_TASKS, ...REST].flatMap(({ flag }) =>
    text(flag) === '' || (flag === 'tasks' && isShort) ? [] : [`--${flag}=${text(flag)}`],
  );
  for (const flag of ['region', 'arch']) {
    const value = text(flag);
    if (value !== '' && value !== 'x86_64') args.push(`--${flag}=${value}`);
  }
  const extra = tokenize(text(EXTRA));
  const { needs, rest } = splitNeeds(extra);
  const allNeeds = [...new Set([...elementValues(state, 'needs'), ...needs])];
  if (allNeeds.length > 0) args.push(`--needs=${allNeeds.join(',')}`);
  if (elementValues(state, 'interruptible').length > 0) args.push('--interruptible');
  return [...args, ...rest];
}

/**
 * What is wrong, by block_id; empty = the arguments make a question. Every wrong field is named at once: a field that
 * was refused is set aside and the rest read again.
 */
export function modalErrors(args: readonly string[], context: ParseContext): { readonly [blockId: string]: string } {
  const errors: Record<string, string> = {};
  let left = args;
  for (let round = 0; round <= args.length; round++) {
    const parsed = parseCapacity(left, context);
    if (parsed.ok) break;
    const { message, hint, code } = parsed.error;
    const flag = flagOf(message, code === 'usage_incomplete' ? hint : undefined);
    const block = FIELD_IDS.has(flag) ? flag : flag === '' && left.length === 0 ? 'vcpu' : EXTRA;
    errors[block] ??= shorten(fieldError({ message, hint, flag: block }), 300, escapePlain);
    const next = left.filter((arg) => arg !== `--${flag}` && !arg.startsWith(`--${flag}=`));
    // A field that is missing, or words that mean nothing: there is nothing to set aside.
    if (next.length === left.length || code === 'usage_incomplete') break;
    left = next;
  }
  return errors;
}

/** The parser speaks of flags; beside a field its own flag goes without saying. */
function fieldError(error: {
  readonly message: string;
  readonly hint: string | undefined;
  readonly flag: string;
}): string {
  const own = `--${error.flag} `;
  const message = error.message.startsWith(own) ? error.message.slice(own.length) : error.message;
  return error.hint === undefined ? message : `${message} – ${error.hint.replaceAll(own, '')}`;
}

const FIELD_IDS = new Set([
  ...[...SIZE, ...SHORT_TASKS, ...REST].map(({ flag }) => flag),
  'region',
  'arch',
  'needs',
  'interruptible',
]);

/** The flag an error is about: the one its hint asks for, else the first it names. */
function flagOf(message: string, hint: string | undefined): string {
  return /--([a-z][a-z-]*)/.exec(hint ?? message)?.[1] ?? /--([a-z][a-z-]*)/.exec(message)?.[1] ?? '';
}

function needItems(values: FormValues): readonly string[] {
  return (values.get('needs') ?? []).flatMap((list) => list.split(',')).filter((item) => item !== '');
}

/** Flags that have no field of their own, as text. */
function extraFlags(values: FormValues, needs: readonly string[]): string {
  const others = needs.filter((item) => !NEED_OPTIONS.includes(item) && !item.startsWith('gpu'));
  const flags = [...values].flatMap(([flag, list]) => {
    if (FIELD_IDS.has(flag) || flag === 'ami') return [];
    return list.length === 0 ? [`--${flag}`] : list.map((value) => `--${flag} ${value}`);
  });
  return [...(others.length === 0 ? [] : [`--needs ${others.join(',')}`]), ...flags].join(' ');
}

/** Takes `--needs X` out of free text, so that it joins the ones that were ticked. */
function splitNeeds(words: readonly string[]): { readonly needs: readonly string[]; readonly rest: readonly string[] } {
  const needs: string[] = [];
  const rest: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    const inline = /^--needs=(.+)$/.exec(word)?.[1];
    const value = inline ?? (word === '--needs' ? words[at + 1] : undefined);
    if (value === undefined) rest.push(word);
    else {
      needs.push(...value.split(',').filter((item) => item !== ''));
      if (inline === undefined) at += 1;
    }
  }
  return { needs, rest };
}

function plain(text: string): { readonly type: 'plain_text'; readonly text: string } {
  return { type: 'plain_text', text };
}

function option(value: string): PlainTextOption {
  return { text: plain(value), value };
}

function textInput(field: TextField, values: FormValues): KnownBlock {
  const value = values.get(field.flag)?.[0];
  return {
    type: 'input',
    block_id: field.flag,
    optional: field.isRequired !== true,
    label: plain(field.label),
    ...(field.hint === undefined ? {} : { hint: plain(field.hint) }),
    element: {
      type: 'plain_text_input',
      action_id: ACTION_ID,
      placeholder: plain(field.placeholder),
      max_length: 100,
      ...(value === undefined || value === '' ? {} : { initial_value: value.slice(0, 100) }),
    },
  };
}

function select(flag: string, label: string, values: readonly string[], chosen: string): KnownBlock {
  return {
    type: 'input',
    block_id: flag,
    optional: true,
    label: plain(label),
    element: {
      type: 'static_select',
      action_id: ACTION_ID,
      options: values.map(option),
      ...(values.includes(chosen) ? { initial_option: option(chosen) } : {}),
    },
  };
}

function multiSelect(chosen: readonly string[]): KnownBlock {
  return {
    type: 'input',
    block_id: 'needs',
    optional: true,
    label: plain('What the task needs'),
    element: {
      type: 'multi_static_select',
      action_id: ACTION_ID,
      placeholder: plain('Nothing special'),
      options: NEED_OPTIONS.map(option),
      ...(chosen.length === 0 ? {} : { initial_options: chosen.map(option) }),
    },
  };
}

function interruptible(isChosen: boolean): KnownBlock {
  const choice = {
    text: plain('May be interrupted with two minutes notice: compare Spot too'),
    value: 'interruptible',
  };
  return {
    type: 'input',
    block_id: 'interruptible',
    optional: true,
    label: plain('Interruptions'),
    element: {
      type: 'checkboxes',
      action_id: ACTION_ID,
      options: [choice],
      ...(isChosen ? { initial_options: [choice] } : {}),
    },
  };
}

function extraInput(value: string): KnownBlock {
  return {
    type: 'input',
    block_id: EXTRA,
    optional: true,
    label: plain('More flags'),
    hint: plain('As in the command, e.g. --scale-in-after 300 --reserved m7i.4xlarge=3'),
    element: {
      type: 'plain_text_input',
      action_id: ACTION_ID,
      multiline: true,
      max_length: 1_000,
      ...(value === '' ? {} : { initial_value: value.slice(0, 1_000) }),
    },
  };
}

type Json = { readonly [key: string]: unknown };

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Typed or chosen values of one field of a view's `state`. */
function elementValues(state: unknown, flag: string): readonly string[] {
  const block = isJson(state) && isJson(state.values) ? state.values[flag] : undefined;
  const element = isJson(block) ? block[ACTION_ID] : undefined;
  if (!isJson(element)) return [];
  const one = isJson(element.selected_option) ? element.selected_option.value : element.value;
  const many = Array.isArray(element.selected_options) ? element.selected_options : [];
  const all = [one, ...many.map((entry: unknown) => (isJson(entry) ? entry.value : undefined))];
  return all.filter((value): value is string => typeof value === 'string' && value !== '');
}
