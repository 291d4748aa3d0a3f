import type { ModalView } from '@slack/types';
import type { ParseContext } from '../commands/command.ts';
import { windowsCommand } from '../commands/windows.ts';
import { zoneFrom } from '../commands/zones.ts';
import { type Fact, factBook, lintText } from '../engine/index.ts';
import { escapePlain, shorten } from './escape.ts';
import type { ModalOrigin } from './modal.ts';

/** The form of `windows set`: what the line would say, field by field; the parser of the command line judges it. */

export const WINDOWS_MODAL = 'windows-set';
const ACTION_ID = 'value';
const LONGEST = 200;
const LONGEST_ERROR = 300;

const FIELDS = [
  {
    id: 'target',
    label: 'For which cluster, provider or service',
    placeholder: 'rose, orchid/mi-orchid or rose/quant-api',
    isOptional: false,
  },
  { id: 'hours', label: 'When AWS may do it', placeholder: 'Sundays 10 to 2pm', isOptional: false },
  { id: 'tz', label: 'Time zone of these hours', placeholder: 'Europe/London', isOptional: false },
  { id: 'name', label: 'Name of a new window', placeholder: 'made from the target when empty', isOptional: true },
] as const;
type FieldId = (typeof FIELDS)[number]['id'];

/** The form; `target` is '' when nobody has named one, `zone` what the time zone starts from. */
export function windowsModal(
  start: { readonly target: string; readonly zone: string },
  origin: ModalOrigin,
): ModalView {
  const initial: { readonly [id in FieldId]: string } = { target: start.target, hours: '', tz: start.zone, name: '' };
  return {
    type: 'modal',
    callback_id: WINDOWS_MODAL,
    title: { type: 'plain_text', text: 'Event window' },
    submit: { type: 'plain_text', text: 'Propose' },
    close: { type: 'plain_text', text: 'Cancel' },
    private_metadata: JSON.stringify(origin),
    blocks: [
      ...FIELDS.map(({ id, label, placeholder, isOptional }) => ({
        type: 'input' as const,
        block_id: id,
        optional: isOptional,
        label: { type: 'plain_text' as const, text: label },
        element: {
          type: 'plain_text_input' as const,
          action_id: ACTION_ID,
          max_length: LONGEST,
          placeholder: { type: 'plain_text' as const, text: placeholder },
          ...(initial[id] === '' ? {} : { initial_value: initial[id].slice(0, LONGEST) }),
        },
      })),
      {
        type: 'context',
        elements: [{ type: 'plain_text', text: 'Nothing changes in AWS before the people of the route approve it.' }],
      },
    ],
  };
}

/** A submitted form as arguments of the command line. Each value is one argument: it cannot bring flags along. */
export function windowsArgs(state: unknown): readonly string[] {
  const name = textOf(state, 'name');
  return [
    'windows',
    'set',
    `--tz=${textOf(state, 'tz')}`,
    ...(name === '' ? [] : [`--name=${name}`]),
    textOf(state, 'target'),
    textOf(state, 'hours'),
  ];
}

/** What words are read with: the facts of the rules, and the moment from which a zone's year is looked at. */
type Known = { readonly facts: readonly Fact[]; readonly now: Date };

/** Errors by block_id, or null when the line and its hours would be read. */
export function windowsErrors(
  state: unknown,
  context: ParseContext,
  known: Known,
): { readonly [blockId: string]: string } | null {
  const errors: Record<string, string> = {};
  for (const { id, isOptional } of FIELDS) {
    const text = textOf(state, id);
    if (text === '' && !isOptional) errors[id] = 'fill this in';
    else if (text.startsWith('-')) errors[id] = 'begin with a letter or a digit';
    else if (id === 'target' && /\s/.test(text)) errors[id] = 'one name: rose, orchid/mi-orchid or rose/quant-api';
  }
  if (Object.keys(errors).length > 0) return errors;
  const parsed = windowsCommand.parse(windowsArgs(state).slice(1), context);
  if (parsed.ok) {
    const { question } = parsed;
    const unread = question.kind === 'set' ? hoursUnread(question, known) : null;
    return unread === null ? null : { hours: unread };
  }
  const { message, hint } = parsed.error;
  const isOfZone = /zone|--tz/i.test(`${message} ${hint ?? ''}`);
  return { [isOfZone ? 'tz' : 'hours']: message };
}

/** Why nothing can be read from the hours, as the answer would say it; null = they are read. */
function hoursUnread(
  { text, tz, fargate }: { readonly text: string; readonly tz: string; readonly fargate: boolean },
  { facts, now }: Known,
): string | null {
  const asked = { text, zone: zoneFrom(tz, now), now: now.toISOString(), isForFargate: fargate, tags: [] };
  const { spans, lint } = lintText(asked, factBook(facts, asked.now.slice(0, 10)));
  if (spans.length > 0) return null;
  const because = lint.map((row) => row.text).join(' ');
  return shorten(`${because} Write e.g. sundays 10 to 2pm.`, LONGEST_ERROR, escapePlain);
}

function textOf(state: unknown, id: FieldId): string {
  const value = at(at(at(at(state, 'values'), id), ACTION_ID), 'value');
  return typeof value === 'string' ? value.trim().slice(0, LONGEST) : '';
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
}
