import type { WebClient } from '@slack/web-api';
import { approvalsNeeded, type Notifier, whyNotOffered } from '../approvals/index.ts';
import type { PostedMessage, Proposal } from '../approvals/model.ts';
import { zoneFrom } from '../commands/zones.ts';
import type { Clock, Log, Settings } from '../deps.ts';
import { type AdviseError, toAdviseError } from '../errors.ts';
import { proposalReport } from '../report/proposal.ts';
import { withNames } from '../report/proposal-story.ts';
import type { Inline, Part, Report, Span } from '../report/report.ts';
import { renderReport, type SlackMessage } from './blocks.ts';
import { callSlack } from './client.ts';

/** The message of a proposal: posted once, then edited, so that it always shows how the proposal stands. */

type Parts = {
  readonly client: WebClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: Pick<Settings, 'routes' | 'approvals' | 'accounts'>;
};

/** Slack's answers that mean that the copy is gone for good, and not that Slack is away. */
const GONE = /^slack_(message_not_found|cant_update_message|edit_window_closed|channel_not_found|is_archived)$/;

/** Shows proposals in their channels, and tells requesters by direct message how theirs ended. */
export function createNotifier(parts: Parts): Notifier {
  const { client, log } = parts;
  return {
    show: async (proposal) => {
      const message = proposalMessage(proposal, parts);
      const kept: PostedMessage[] = [];
      for (const { channel, ts } of proposal.messages) {
        const error = await attempt(() => client.chat.update({ channel, ts, ...message }));
        if (error === null) kept.push({ channel, ts });
        else if (GONE.test(error.code))
          log.warn({ unit: 'proposal', id: proposal.id, code: error.code }, 'message gone');
        else throw error;
      }
      if (kept.length > 0) return kept;
      const { channel } = proposal.rule;
      const { ts } = await callSlack(() => client.chat.postMessage({ channel, ...message }));
      if (ts === undefined) throw new Error('invariant: Slack names the time of what it posted');
      return [{ channel, ts }];
    },
    ended: async (proposal) => {
      const { requester } = proposal;
      if (!/^[UW][A-Z0-9]{2,20}$/.test(requester)) return;
      await callSlack(() => client.chat.postMessage({ channel: requester, ...renderReport(endReport(proposal)) }));
    },
  };
}

async function attempt(call: () => Promise<unknown>): Promise<AdviseError | null> {
  try {
    await callSlack(call);
    return null;
  } catch (thrown) {
    return toAdviseError(thrown);
  }
}

/** How a proposal stands, with buttons exactly while one may be pressed. */
function proposalMessage(proposal: Proposal, parts: Pick<Parts, 'clock' | 'settings'>): SlackMessage {
  return renderReport(standing(proposal, parts));
}

function standing(proposal: Proposal, { clock, settings }: Pick<Parts, 'clock' | 'settings'>): Report {
  const now = clock.now();
  const { account } = proposal.change.place;
  const found = proposalReport(proposal, {
    zone: zoneFrom(proposal.zone, now),
    now: now.toISOString(),
    accountName: settings.accounts.find(({ id }) => id === account)?.name ?? account,
    needed: approvalsNeeded(proposal, settings),
  });
  const report = { ...found, parts: found.parts.map((part) => leadNames(part, proposal)) };
  const why = whyNotOffered(proposal.change, settings);
  if (why === null || proposal.state !== 'pending') return report;
  // The configuration changed after it was proposed; a button would promise what is not done.
  const note: Part = { kind: 'paragraph', text: `There is no button: ${lowerFirst(why.message)}` };
  return { ...report, parts: [...report.parts.slice(0, 1), note, ...report.parts.slice(1)], actions: [] };
}

/** The outcome names people as Slack does; here they become mentions. */
function leadNames(part: Part, proposal: Proposal): Part {
  const { outcome } = proposal;
  if (part.kind !== 'lead' || typeof part.text !== 'string' || outcome === null) return part;
  const at = part.text.lastIndexOf(outcome);
  if (at < 0) return part;
  const [before, after] = [part.text.slice(0, at), part.text.slice(at + outcome.length)];
  return { kind: 'lead', text: [{ text: before }, ...spansOf(withNames(outcome, proposal)), { text: after }] };
}

function spansOf(inline: Inline): readonly Span[] {
  return typeof inline === 'string' ? [{ text: inline }] : inline;
}

const ENDS: Readonly<Record<Proposal['state'], string>> = {
  pending: 'waits',
  applying: 'is being applied',
  applied: 'was applied',
  failed: 'was not done as asked',
  stale: 'was not applied: the windows changed since it was proposed',
  rejected: 'was rejected',
  expired: 'expired without enough approvals; nothing was changed',
};

function endReport(proposal: Proposal): Report {
  const { id, briefing, state, outcome, decisions, rule } = proposal;
  const deciders = decisions.filter(({ verdict }) => verdict === (state === 'rejected' ? 'reject' : 'approve'));
  const by = deciders.flatMap(({ user }, index) => [
    { text: index === 0 ? '' : ', ' },
    { text: user, style: 'user' as const },
  ]);
  const who = deciders.length === 0 ? [] : [{ text: state === 'rejected' ? 'Rejected by ' : 'Approved by ' }, ...by];
  const why = state === 'rejected' ? (deciders[0]?.reason ?? null) : null;
  return {
    parts: [
      { kind: 'lead', text: `Your proposal ${id} ${ENDS[state]}: ${briefing.title}.` },
      ...(outcome === null ? [] : [{ kind: 'paragraph' as const, text: withNames(outcome, proposal) }]),
      ...(who.length === 0 ? [] : [{ kind: 'paragraph' as const, text: [...who, { text: '.' }] }]),
      ...(why === null || outcome?.includes(why) === true
        ? []
        : [{ kind: 'paragraph' as const, text: `Reason: ${why}` }]),
      { kind: 'context', texts: [`Route ${rule.route}. The whole story: /ecs-advise decisions show ${id}`] },
    ],
    actions: state === 'applied' ? [{ kind: 'run', command: `windows undo ${id}`, label: 'Propose to undo it' }] : [],
  };
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
