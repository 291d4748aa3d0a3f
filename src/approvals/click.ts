/** One press on a button: who presses is looked up now, the answer is for that person only, and both are recorded. */
import { AdviseError, toAdviseError } from '../errors.ts';
import type { Click, ClickAnswer, ClickDeps, RefusalCode } from './contract.ts';
import { type Decided, decideClick } from './machine.ts';
import type { Proposal } from './model.ts';
import { approvalsNeeded, approverIds, blockOf, ownApprovalCounts } from './policy.ts';

/** Each lost race means that somebody else's step was saved; more in a row than people in a channel is a fault. */
const MOST_RACES = 20;
/** Forged text of any length may come in; the record keeps enough to see what was tried. */
const LONGEST_KEPT = 100;

/**
 * Takes or refuses one click. After any click the message may be out of date: call `announce`, and `applyProposal` when
 * the answer says so. Throws what the store throws.
 */
export async function click(click: Click, deps: ClickDeps): Promise<ClickAnswer> {
  for (let races = 0; races < MOST_RACES; races += 1) {
    const proposal = await deps.store.proposal(click.proposal);
    if (proposal === null) {
      return refuse(click, { code: 'unknown_proposal', message: 'There is no such proposal.' }, deps);
    }
    await adopt(proposal, click, deps);
    const decided = await decide(proposal, click, deps);
    if (decided.kind === 'refused') return refuse(click, decided, deps);
    if (!(await deps.store.advanceProposal(decided.step))) continue;
    const after = decided.step.proposal;
    return { kind: 'taken', message: decided.message, proposal: after, apply: after.state === 'applying' };
  }
  throw new AdviseError({
    kind: 'upstream',
    code: 'store_busy',
    message: 'Too many people pressed at once; your click was not counted.',
    hint: 'press again',
  });
}

async function decide(proposal: Proposal, click: Click, deps: ClickDeps): Promise<Decided> {
  const { settings, clock, workspace } = deps;
  const { message: _, ...event } = click;
  const approvers = await resolved(proposal, deps);
  if (approvers === null) {
    return {
      kind: 'refused',
      code: 'approvers_unknown',
      message: 'Slack did not say who may approve this, so your click was not counted. Press again in a minute.',
    };
  }
  // Read after the look-up, which may take seconds: what counts is the moment of the decision.
  const now = clock.now();
  return decideClick(
    proposal,
    { ...event, kind: 'click', at: now.toISOString() },
    {
      workspace,
      approvers,
      needed: approvalsNeeded(proposal, settings),
      ownApprovalCounts: ownApprovalCounts(proposal, settings),
      block: blockOf(proposal.change, settings, now),
    },
  );
}

/** A copy in the proposal's own channel that the store does not know of must not keep live buttons for ever. */
async function adopt({ id, rule, messages }: Proposal, { message }: Click, { store }: ClickDeps): Promise<void> {
  if (message === undefined || message.channel !== rule.channel) return;
  if (messages.some(({ channel, ts }) => channel === message.channel && ts === message.ts)) return;
  await store.adoptMessage(id, message);
}

/** People who may approve at this moment, user groups opened; null when Slack does not say. */
async function resolved(
  proposal: Proposal,
  { settings, directory, log }: ClickDeps,
): Promise<ReadonlySet<string> | null> {
  const users = new Set<string>();
  for (const id of approverIds(proposal, settings)) {
    if (!id.startsWith('S')) {
      users.add(id);
      continue;
    }
    try {
      for (const user of await directory.membersOf(id)) users.add(user);
    } catch (error) {
      const { code, kind } = toAdviseError(error);
      if (kind !== 'upstream') throw error;
      log.warn({ proposal: proposal.id, group: id, code }, 'user group not read');
      return null;
    }
  }
  return users;
}

async function refuse(
  click: Click,
  { code, message }: { readonly code: RefusalCode; readonly message: string },
  { store, clock }: ClickDeps,
): Promise<ClickAnswer> {
  await store.appendRecord({
    at: clock.now().toISOString(),
    kind: 'click',
    actor: click.user,
    body: {
      proposal: click.proposal.slice(0, LONGEST_KEPT),
      version: Number.isSafeInteger(click.version) ? click.version : null,
      verdict: click.verdict,
      team: click.team.slice(0, LONGEST_KEPT),
      refused: code,
    },
  });
  return { kind: 'refused', code, message };
}
