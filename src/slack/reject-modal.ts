import type { ModalView } from '@slack/types';
import type { ModalOrigin } from './modal.ts';

/** The form that asks for the reason of a rejection. */

export const REJECT_MODAL = 'reject';
const REASON = 'reason';
const ACTION_ID = 'value';
const LONGEST_REASON = 500;

export type RejectOrigin = ModalOrigin & { readonly proposal: string; readonly version: number };

/** The form for one version of a proposal. */
export function rejectModal(origin: RejectOrigin): ModalView {
  return {
    type: 'modal',
    callback_id: REJECT_MODAL,
    title: { type: 'plain_text', text: 'Reject the change' },
    submit: { type: 'plain_text', text: 'Reject' },
    close: { type: 'plain_text', text: 'Cancel' },
    private_metadata: JSON.stringify(origin),
    blocks: [
      {
        type: 'section',
        text: { type: 'plain_text', text: `Change ${origin.proposal} ends. Nothing in AWS is touched.` },
      },
      {
        type: 'input',
        block_id: REASON,
        label: { type: 'plain_text', text: 'Why?' },
        hint: { type: 'plain_text', text: 'The requester and the channel see it; it is kept in the record.' },
        element: {
          type: 'plain_text_input',
          action_id: ACTION_ID,
          multiline: true,
          min_length: 1,
          max_length: LONGEST_REASON,
        },
      },
    ],
  };
}

/** What the form is about, or null when the metadata is not ours. */
export function readRejectOrigin(privateMetadata: string): RejectOrigin | null {
  try {
    const { channel, responseUrl, proposal, version } = JSON.parse(privateMetadata) as {
      readonly [key: string]: unknown;
    };
    if (typeof channel !== 'string' || typeof proposal !== 'string' || typeof version !== 'number') return null;
    return { channel, responseUrl: typeof responseUrl === 'string' ? responseUrl : null, proposal, version };
  } catch {
    // A view of another version; the caller tells the person.
    return null;
  }
}

/** The reason in a submitted form, blanks around it taken off; '' when there is none. */
export function reasonIn(state: unknown): string {
  const value = at(at(at(at(state, 'values'), REASON), ACTION_ID), 'value');
  return typeof value === 'string' ? value.trim().slice(0, LONGEST_REASON) : '';
}

/** Errors by block_id for a form without a reason, or null. */
export function reasonErrors(state: unknown): { readonly [blockId: string]: string } | null {
  return reasonIn(state) === '' ? { [REASON]: 'say why, in a few words' } : null;
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
}
