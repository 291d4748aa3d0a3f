import type { Action } from '../report/report.ts';

/** What a button of a proposal has besides its label: Slack asks back before it sends the click. */

type ProposalAction = Extract<Action, { readonly kind: 'proposal' }>;
type Plain = { readonly type: 'plain_text'; readonly text: string };
type Decision = {
  readonly style?: 'primary' | 'danger';
  readonly accessibility_label?: string;
  readonly confirm?: {
    readonly title: Plain;
    readonly text: Plain;
    readonly confirm: Plain;
    readonly deny: Plain;
    readonly style?: 'primary' | 'danger';
  };
};

/** Style, words for screen readers, and the question asked back; a look at the reasons needs none. */
export function decisionButton({ verb, proposalId }: ProposalAction): Decision {
  const ask = (title: string, text: string, yes: string) => ({
    title: plain(title),
    text: plain(text),
    confirm: plain(yes),
    deny: plain('Not now'),
  });
  switch (verb) {
    case 'approve':
      return {
        style: 'primary',
        accessibility_label: `Approve change ${proposalId}`,
        confirm: {
          ...ask(
            'Approve this change?',
            'With enough approvals it is applied to AWS at once, if nothing there has moved.',
            'Approve',
          ),
          style: 'primary',
        },
      };
    case 'reject':
      return {
        style: 'danger',
        accessibility_label: `Reject change ${proposalId}`,
        confirm: {
          ...ask('Reject this change?', 'You are asked for a reason. One rejection ends the proposal.', 'Go on'),
          style: 'danger',
        },
      };
    case 'snooze':
      return {
        accessibility_label: `Snooze change ${proposalId}`,
        confirm: ask('Snooze this change?', 'It can still be approved until it expires. Nothing is decided.', 'Snooze'),
      };
    case 'why':
      return { accessibility_label: `Why change ${proposalId} is proposed` };
    default:
      return verb satisfies never;
  }
}

function plain(text: string): Plain {
  return { type: 'plain_text', text };
}
