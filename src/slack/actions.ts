import type { Action } from '../report/report.ts';
import { LIMITS } from './limits.ts';

/** A button's memory: what to do when it is clicked. It holds ids and words only, never the answer itself. */

export type Button = { readonly actionId: string; readonly value: string };

export type Click =
  | { readonly kind: 'view'; readonly recordId: string; readonly view: string }
  | { readonly kind: 'share'; readonly recordId: string }
  | { readonly kind: 'edit'; readonly recordId: string }
  | { readonly kind: 'run'; readonly command: string };

const RECORD_ID = /^\d{4}-\d{2}-\d{2}-\d{4,9}$/;
const VIEW = /^[a-z][a-z-]{0,30}$/;

/** The ids of the button for `action`, `index` being its place in the message; null when a value is too long. */
export function encodeAction(action: Action, index: number): Button | null {
  const value = JSON.stringify(
    action.kind === 'run'
      ? { command: action.command }
      : action.kind === 'view'
        ? { record: action.recordId, view: action.view }
        : { record: action.recordId },
  );
  const name = action.kind === 'view' ? action.view : String(index);
  return value.length > LIMITS.buttonValue ? null : { actionId: `${action.kind}:${name}`, value };
}

/** What was clicked, or null for an id or value that no button of ours has: old versions, forgeries, nonsense. */
export function decodeClick(actionId: unknown, value: unknown): Click | null {
  if (typeof actionId !== 'string' || typeof value !== 'string') return null;
  const kind = actionId.split(':', 1)[0];
  const stored = readObject(value);
  if (stored === null) return null;
  const { record, view, command } = stored;
  if (kind === 'run') return typeof command === 'string' && command !== '' ? { kind, command } : null;
  if (typeof record !== 'string' || !RECORD_ID.test(record)) return null;
  if (kind === 'share' || kind === 'edit') return { kind, recordId: record };
  if (kind === 'view' && typeof view === 'string' && VIEW.test(view)) return { kind, recordId: record, view };
  return null;
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
