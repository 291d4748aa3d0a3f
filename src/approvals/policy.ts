/** Who may approve what, how many it takes, and when nothing goes. Pure; asked again at every click. */
import type { Settings } from '../deps.ts';
import type { Change, Decision, FreezePeriod, Proposal, Route } from './model.ts';
import { utc } from './words.ts';

export type Block = { readonly code: 'read_only' | 'no_writer_role' | 'frozen'; readonly message: string };

/** Why a change is never offered with a button, or null. */
export function whyNotOffered(
  { place }: Pick<Change, 'place'>,
  { approvals, accounts }: Pick<Settings, 'approvals' | 'accounts'>,
): { readonly code: 'read_only' | 'no_writer_role'; readonly message: string } | null {
  if (approvals.readOnly) {
    return {
      code: 'read_only',
      message: 'This bot is read-only (readOnly: true, the default): it changes nothing in AWS.',
    };
  }
  const account = accounts.find(({ id }) => id === place.account);
  if (account === undefined) {
    return {
      code: 'no_writer_role',
      message: `Account ${place.account} is not configured: nothing can be changed in it.`,
    };
  }
  if (account.writerRoleArn === null) {
    return {
      code: 'no_writer_role',
      message: `Account ${account.name} (${account.id}) has no writerRole in the configuration: nothing can be changed in it.`,
    };
  }
  return null;
}

/** What forbids applying right now, or null. An explicit no wins over any number of approvals. */
export function blockOf(
  change: Pick<Change, 'place'>,
  settings: Pick<Settings, 'approvals' | 'accounts'>,
  at: Date,
): Block | null {
  const freeze = freezeAt(settings.approvals.freezes, at);
  return whyNotOffered(change, settings) ?? freeze;
}

function freezeAt(freezes: readonly FreezePeriod[], at: Date): Block | null {
  let longest: { readonly name: string; readonly ends: number } | null = null;
  for (const { name, from, to } of freezes) {
    const [starts, ends] = [startOf(from), endOf(to)];
    if (starts <= at.getTime() && at.getTime() < ends && (longest === null || ends > longest.ends))
      longest = { name, ends };
  }
  if (longest === null) return null;
  const end = utc(new Date(longest.ends).toISOString());
  return { code: 'frozen', message: `Nothing is applied during "${longest.name}", which ends ${end}.` };
}

/** A day begins at its first moment in UTC. */
function startOf(text: string): number {
  return Date.parse(isDay(text) ? `${text}T00:00:00Z` : text);
}

/** The last day of a freeze belongs to it. */
function endOf(text: string): number {
  const millisecondsOfDay = 24 * 60 * 60 * 1000;
  return isDay(text) ? startOf(text) + millisecondsOfDay : Date.parse(text);
}

function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text);
}

type Policies = Pick<Settings, 'routes' | 'approvals'>;

/**
 * Approvals that a proposal needs: the largest of what its route asked for then, asks for now, and what the kind of
 * change asks for. With four eyes two people must have agreed, and a requester who is no person in Slack (the bot, or
 * somebody in a terminal, whose login proves nothing) is none of them: then it is at least two.
 */
export function approvalsNeeded(proposal: Proposal, settings: Policies): number {
  const { approvals } = settings;
  const quorum = Math.max(
    1,
    proposal.rule.quorum,
    routeOf(proposal, settings)?.quorum ?? 1,
    approvals.quorum[proposal.change.kind],
  );
  return ownApprovalCounts(proposal, settings) || isSlackUser(proposal.requester) ? quorum : Math.max(2, quorum);
}

/** True when the requester may approve too: only while the configuration of then and of now both say so. */
export function ownApprovalCounts({ rule }: Pick<Proposal, 'rule'>, { approvals }: Policies): boolean {
  return rule.requesterMayApprove && approvals.requesterMayApprove;
}

/** Users and user groups that may approve: those of the route as it is configured now, if it is still there. */
export function approverIds(proposal: Proposal, settings: Policies): readonly string[] {
  return routeOf(proposal, settings)?.approvers ?? proposal.rule.approvers;
}

function routeOf({ rule }: Proposal, { routes }: Policies): Route | undefined {
  return routes.find(({ name }) => name === rule.route);
}

/**
 * People whose approval counts now, in the order of their clicks. Somebody who is no approver any more does not count.
 */
export function countingApprovals(
  proposal: Proposal,
  approvers: ReadonlySet<string>,
  options: { readonly own: boolean },
): readonly Decision[] {
  const counted = new Map<string, Decision>();
  for (const decision of proposal.decisions) {
    if (decision.verdict !== 'approve' || !approvers.has(decision.user)) continue;
    if (decision.user === proposal.requester && !options.own) continue;
    if (!counted.has(decision.user)) counted.set(decision.user, decision);
  }
  return [...counted.values()];
}

function isSlackUser(requester: string): boolean {
  return /^[UW][A-Z0-9]+$/.test(requester);
}
