/**
 * The states of a proposal and what may happen in each. Pure: the proposal, an event and what counts now give the next
 * step with its record, or a refusal in words. Whoever calls saves the step on the version it was decided on.
 */
import type { NewRecord, ProposalStep } from '../deps.ts';
import type { Json } from '../engine/index.ts';
import type { RefusalCode } from './contract.ts';
import type { CallOutcome, Decision, Proposal, ProposalState, Verdict } from './model.ts';
import { type Block, countingApprovals } from './policy.ts';
import { approvalsWord, people, person, utc } from './words.ts';

/** A snooze ends after a day. */
const SNOOZE_MS = 24 * 60 * 60 * 1000;
/** Longest reason that is kept; a modal takes more than anybody reads. */
const LONGEST_REASON = 500;

export type ClickEvent = {
  readonly kind: 'click';
  readonly at: string;
  readonly verdict: Verdict;
  readonly reason: string | null;
  readonly version: number;
  readonly user: string;
  readonly team: string;
};

/** What counts at the moment of a click. */
export type ClickPolicy = {
  /** The only workspace that clicks may come from; null when nobody knows. */
  readonly workspace: string | null;
  readonly approvers: ReadonlySet<string>;
  readonly needed: number;
  readonly ownApprovalCounts: boolean;
  readonly block: Block | null;
};

export type TimedEvent =
  /** Its time is over. */
  | { readonly kind: 'expire'; readonly at: string }
  /** The snooze is over. */
  | { readonly kind: 'wake'; readonly at: string }
  /** A call that changes something is about to be made: saved first, as unknown, so that a crash cannot hide it. */
  | { readonly kind: 'calling'; readonly at: string; readonly call: CallOutcome }
  /** A call was made; `replaces` the one that was saved before it. */
  | { readonly kind: 'called'; readonly at: string; readonly call: CallOutcome; readonly replaces: boolean }
  /** Applying is over. */
  | {
      readonly kind: 'end';
      readonly at: string;
      readonly state: 'applied' | 'failed' | 'stale' | 'expired';
      readonly outcome: string;
    };

export type Decided =
  | { readonly kind: 'advance'; readonly step: ProposalStep; readonly message: string }
  | { readonly kind: 'refused'; readonly code: RefusalCode; readonly message: string };

/** One click: the next step, or why not. */
export function decideClick(proposal: Proposal, event: ClickEvent, policy: ClickPolicy): Decided {
  const refusal = refusalOf(proposal, event, policy);
  if (refusal !== null) return { kind: 'refused', ...refusal };
  const decision: Decision = {
    user: event.user,
    at: event.at,
    verdict: event.verdict,
    reason: event.reason === null ? null : event.reason.slice(0, LONGEST_REASON),
  };
  const next = { ...proposal, decisions: [...proposal.decisions, decision] };
  switch (event.verdict) {
    case 'approve':
      return approved(proposal, { next, event, policy });
    case 'reject':
      return taken(
        proposal,
        {
          ...next,
          state: 'rejected',
          endedAt: event.at,
          outcome: `Rejected by ${person(event.user)}. Nothing was changed.`,
        },
        { event, message: 'Rejected. Nothing was changed.', extra: { rejected: true } },
      );
    case 'snooze': {
      const until = earlier(new Date(Date.parse(event.at) + SNOOZE_MS).toISOString(), proposal.expiresAt);
      const message = `Snoozed until ${utc(until)}. It can still be approved, and expires ${utc(proposal.expiresAt)}.`;
      return taken(proposal, { ...next, snoozedUntil: until }, { event, message, extra: { snoozedUntil: until } });
    }
  }
}

/** What is no click: the next step, or null when the event does not concern a proposal in this state. */
export function decideTimed(proposal: Proposal, event: TimedEvent): ProposalStep | null {
  const { at } = event;
  switch (event.kind) {
    case 'expire': {
      if (proposal.state !== 'pending' || at < proposal.expiresAt) return null;
      const outcome = `Nobody decided in time: it expired ${utc(proposal.expiresAt)}. Nothing was changed.`;
      return endStep(proposal, { state: 'expired', at, outcome });
    }
    case 'wake': {
      if (proposal.state !== 'pending' || proposal.snoozedUntil === null || at < proposal.snoozedUntil) return null;
      return stepOf(proposal, { ...proposal, snoozedUntil: null }, { at, kind: 'wake', actor: 'bot', body: {} });
    }
    case 'calling':
    case 'called': {
      if (proposal.state !== 'applying') return null;
      const before = event.kind === 'called' && event.replaces ? proposal.calls.slice(0, -1) : proposal.calls;
      const next = { ...proposal, calls: [...before, event.call] };
      const body = { [event.kind === 'calling' ? 'calling' : 'call']: event.call };
      return stepOf(proposal, next, { at, kind: 'apply', actor: 'bot', body });
    }
    case 'end':
      return proposal.state === 'applying' ? endStep(proposal, event) : null;
  }
}

function approved(
  proposal: Proposal,
  { next, event, policy }: { readonly next: Proposal; readonly event: ClickEvent; readonly policy: ClickPolicy },
): Decided {
  const own = policy.ownApprovalCounts;
  const counting = countingApprovals(next, policy.approvers, { own });
  const ownApproval = own && counting.some(({ user }) => user === proposal.requester);
  const extra = {
    approvals: counting.map(({ user }) => user),
    needed: policy.needed,
    ...(ownApproval ? { ownApproval } : {}),
  };
  const missing = policy.needed - counting.length;
  if (missing > 0) {
    const message = `Your approval counts: ${counting.length} of ${policy.needed}. ${approvalsWord(missing)} more to go.`;
    return taken(proposal, next, { event, message, extra });
  }
  const message = ownApproval
    ? 'Approved, your own request among the approvals. Applying it now.'
    : 'Approved. Applying it now.';
  return taken(proposal, { ...next, state: 'applying', snoozedUntil: null }, { event, message, extra });
}

type Refusal = { readonly code: RefusalCode; readonly message: string };

function refusalOf(proposal: Proposal, event: ClickEvent, policy: ClickPolicy): Refusal | null {
  const workspace = proposal.team ?? policy.workspace;
  if (workspace !== null && event.team !== workspace) {
    return { code: 'other_workspace', message: 'This proposal belongs to another Slack workspace.' };
  }
  if (proposal.state !== 'pending') return endedRefusal(proposal);
  if (event.at >= proposal.expiresAt) {
    return { code: 'expired', message: `This proposal expired ${utc(proposal.expiresAt)}. Nothing was changed.` };
  }
  return (event.verdict === 'approve' ? approvalRefusal : otherRefusal)(proposal, event, policy);
}

function endedRefusal(proposal: Proposal): Refusal {
  const approvers = [
    ...new Set(proposal.decisions.filter(({ verdict }) => verdict === 'approve').map(({ user }) => user)),
  ];
  const last = proposal.decisions.at(-1);
  switch (proposal.state) {
    case 'expired':
      return { code: 'expired', message: `This proposal expired. ${proposal.outcome ?? ''}`.trim() };
    case 'rejected':
      return {
        code: 'already_decided',
        message: `Already rejected by ${person(last?.user ?? 'somebody')}${last === undefined ? '' : `, ${utc(last.at)}`}.`,
      };
    case 'applying':
      return { code: 'already_decided', message: `Already approved by ${people(approvers)}. It is being applied.` };
    default:
      return {
        code: 'already_decided',
        message: `Already approved by ${people(approvers)}. ${proposal.outcome ?? ''}`.trim(),
      };
  }
}

function approvalRefusal(proposal: Proposal, event: ClickEvent, policy: ClickPolicy): Refusal | null {
  const { user } = event;
  if (user === proposal.requester && !policy.ownApprovalCounts) {
    return { code: 'own_request', message: 'You asked for this yourself. Somebody else must approve it.' };
  }
  if (!policy.approvers.has(user)) return notAnApprover(proposal, policy);
  if (proposal.decisions.some((decision) => decision.user === user && decision.verdict === 'approve')) {
    const counting = countingApprovals(proposal, policy.approvers, { own: policy.ownApprovalCounts }).length;
    return {
      code: 'already_voted',
      message: `You approved this already: ${counting} of ${policy.needed}. Somebody else must approve it too.`,
    };
  }
  return versionRefusal(proposal, event) ?? policy.block;
}

/** Whoever asked may take it back or put it off, and so may approvers; that needs no four eyes and no open season. */
function otherRefusal(proposal: Proposal, event: ClickEvent, policy: ClickPolicy): Refusal | null {
  if (event.user !== proposal.requester && !policy.approvers.has(event.user)) return notAnApprover(proposal, policy);
  return versionRefusal(proposal, event);
}

function notAnApprover({ rule }: Proposal, { approvers }: ClickPolicy): Refusal {
  const who =
    approvers.size === 0 ? 'Nobody is at the moment' : `Approvers are ${people([...approvers].sort().slice(0, 10))}`;
  return { code: 'not_an_approver', message: `You are not an approver of route "${rule.route}". ${who}.` };
}

function versionRefusal({ version }: Proposal, event: ClickEvent): Refusal | null {
  if (event.version === version) return null;
  return {
    code: 'old_version',
    message: 'The proposal has changed since this message was drawn. Look at it again, then press once more.',
  };
}

function taken(
  proposal: Proposal,
  next: Proposal,
  told: { readonly event: ClickEvent; readonly message: string; readonly extra: { readonly [key: string]: Json } },
): Decided {
  const { verdict, reason, user, at, team } = told.event;
  const body = {
    verdict,
    ...(reason === null ? {} : { reason: reason.slice(0, LONGEST_REASON) }),
    team,
    ...told.extra,
  };
  return {
    kind: 'advance',
    step: stepOf(proposal, next, { at, kind: 'click', actor: user, body }),
    message: told.message,
  };
}

function endStep(
  proposal: Proposal,
  { state, at, outcome }: { readonly state: ProposalState; readonly at: string; readonly outcome: string },
): ProposalStep {
  const next = { ...proposal, state, outcome, endedAt: at, snoozedUntil: null };
  return stepOf(proposal, next, { at, kind: state, actor: 'bot', body: { outcome } });
}

/** Every record of a step names its proposal, the version it made and the state after it. */
function stepOf(
  proposal: Proposal,
  next: Proposal,
  record: Omit<NewRecord, 'body'> & { readonly body: { readonly [key: string]: Json } },
): ProposalStep {
  const version = proposal.version + 1;
  const body = { proposal: proposal.id, version, state: next.state, ...record.body };
  return { from: proposal.version, proposal: { ...next, version }, record: { ...record, body } };
}

function earlier(a: string, b: string): string {
  return a < b ? a : b;
}
