import type { Action } from '../report/report.ts';
import { LIMITS } from './limits.ts';

/** A button's memory: what to do when it is clicked. It holds ids and words only, never the answer itself. */

export type Button = { readonly actionId: string; readonly value: string };

export type Click =
  | { readonly kind: 'view'; readonly recordId: string; readonly view: string }
  | { readonly kind: 'share'; readonly recordId: string }
  | { readonly kind: 'edit'; readonly recordId: string }
  | { readonly kind: 'run'; readonly command: string }
  | {
      readonly kind: 'proposal';
      readonly verb: 'approve' | 'reject' | 'snooze' | 'why';
      readonly proposalId: string;
      readonly version: number;
    };

const RECORD_ID = /^\d{4}-\d{2}-\d{2}-\d{4,9}$/;
const VIEW = /^[a-z][a-z-]{0,30}$/;
const PROPOSAL_VERBS = ['approve', 'reject', 'snooze', 'why'] as const;

/** The ids of the button for `action`, `index` being its place in the message; null when a value is too long. */
export function encodeAction(action: Action, index: number): Button | null {
  const value = JSON.stringify(stored(action));
  const name = action.kind === 'view' ? action.view : action.kind === 'proposal' ? action.verb : String(index);
  return value.length > LIMITS.buttonValue ? null : { actionId: `${action.kind}:${name}`, value };
}

function stored(action: Action): object {
  switch (action.kind) {
    case 'run':
      return { command: action.command };
    case 'view':
      return { record: action.recordId, view: action.view };
    case 'proposal':
      return { proposal: action.proposalId, version: action.version };
    case 'share':
    case 'edit':
      return { record: action.recordId };
    default:
      return action satisfies never;
  }
}

/** What was clicked, or null for an id or value that no button of ours has: old versions, forgeries, nonsense. */
export function decodeClick(actionId: unknown, value: unknown): Click | null {
  if (typeof actionId !== 'string' || typeof value !== 'string') return null;
  const kind = actionId.split(':', 1)[0];
  const kept = readObject(value);
  if (kept === null) return null;
  const { record, view, command } = kept;
  if (kind === 'proposal') return proposalClick(actionId.slice(kind.length + 1), kept);
  if (kind === 'run') return typeof command === 'string' && command !== '' ? { kind, command } : null;
  if (typeof record !== 'string' || !RECORD_ID.test(record)) return null;
  if (kind === 'share' || kind === 'edit') return { kind, recordId: record };
  if (kind === 'view' && typeof view === 'string' && VIEW.test(view)) return { kind, recordId: record, view };
  return null;
}

function proposalClick(word: string, { proposal, version }: { readonly [key: string]: unknown }): Click | null {
  const verb = PROPOSAL_VERBS.find((known) => known === word);
  if (verb === undefined || typeof proposal !== 'string' || !RECORD_ID.test(proposal)) return null;
  if (typeof version !== 'number' || !Number.isSafeInteger(version) || version < 1) return null;
  return { kind: 'proposal', verb, proposalId: proposal, version };
}

function readObject(text: string): { readonly [key: string]: unknown } | null {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? { ...parsed } : null;
  } catch {
    // Not JSON, so not one of our buttons: the caller tells the person.
    return null;
  }
}
