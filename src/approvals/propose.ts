/** Making proposals: new ones, the reverse of applied ones, and stale ones again. */
import { canonicalJson, type EventWindow } from '../engine/index.ts';
import { AdviseError, usageError } from '../errors.ts';
import type { ApprovalDeps, Draft, FollowUp, Proposed } from './contract.ts';
import type { Briefing, Proposal } from './model.ts';
import { whyNotOffered } from './policy.ts';
import { againOf, type Reverse, undoOf } from './undo.ts';

const MS_PER_HOUR = 60 * 60 * 1000;

/**
 * Saves a proposal with its record. The message is posted by `announce`, or within a minute by the sweep. Nothing is
 * saved when the change cannot be offered, or waits already. Throws what the store throws.
 */
export async function propose(draft: Draft, deps: ApprovalDeps): Promise<Proposed> {
  const { change } = draft;
  const refusal = whyNotOffered(change, deps.settings);
  if (refusal !== null) return { kind: 'not-offered', ...refusal };
  if (change.kind === 'window.set' && change.before !== null && change.before.name !== change.after.name) {
    throw new Error('invariant: a window keeps its name');
  }
  const waiting = (await deps.store.proposals({ states: ['pending', 'applying'] })).find(
    (other) => canonicalJson(other.change) === canonicalJson(change),
  );
  if (waiting !== undefined) return { kind: 'waiting', proposal: waiting };
  const now = deps.clock.now();
  const createdAt = now.toISOString();
  const { requester, team, rule, zone, briefing } = draft;
  const { undoes = null, follows = null } = draft;
  const fields = {
    version: 1,
    state: 'pending',
    change,
    undoes,
    follows,
    requester,
    team,
    rule,
    zone,
    createdAt,
    expiresAt: new Date(now.getTime() + deps.settings.approvals.expiryHours * MS_PER_HOUR).toISOString(),
    snoozedUntil: null,
    decisions: [],
    calls: [],
    outcome: null,
    endedAt: null,
    messages: [],
    briefing,
  } as const;
  const kind = undoes === null ? 'proposal' : 'undo';
  const { proposal } = await deps.store.createProposal(
    { at: createdAt, kind, actor: requester, body: { ...fields, messages: undefined } },
    (id) => ({ id, ...fields }),
  );
  return { kind: 'proposed', proposal };
}

/**
 * Proposes the reverse of an applied proposal, on the windows as they are now. Throws `usage_unknown_proposal`, and
 * upstream errors.
 */
export async function undo(wish: FollowUp, deps: ApprovalDeps): Promise<Proposed> {
  const original = await found(wish.proposal, deps);
  if (original.state !== 'applied') {
    return notOffered(`Proposal ${original.id} is ${original.state}: only an applied one can be taken back.`);
  }
  const earlier = (await deps.store.proposals({ states: ['applied'] })).find(({ undoes }) => undoes === original.id);
  if (earlier !== undefined) return notOffered(`Proposal ${original.id} was taken back by ${earlier.id} already.`);
  const reverse = (windows: readonly EventWindow[]) => undoOf(original, windows);
  return follow({ original, wish, reverse, link: { undoes: original.id } }, deps);
}

/**
 * Proposes the change of a stale, failed or expired proposal again, on the windows as they are now. Throws
 * `usage_unknown_proposal`, and upstream errors.
 */
export async function proposeAgain(wish: FollowUp, deps: ApprovalDeps): Promise<Proposed> {
  const original = await found(wish.proposal, deps);
  if (original.state !== 'stale' && original.state !== 'failed' && original.state !== 'expired') {
    return notOffered(`Proposal ${original.id} is ${original.state}: there is nothing to propose again.`);
  }
  const reverse = (windows: readonly EventWindow[]) => againOf(original.change, windows);
  return follow({ original, wish, reverse, link: { follows: original.id } }, deps);
}

type Following = {
  readonly original: Proposal;
  readonly wish: FollowUp;
  readonly reverse: (windows: readonly EventWindow[]) => Reverse;
  readonly link: Pick<Draft, 'undoes' | 'follows'>;
};

async function follow({ original, wish, reverse, link }: Following, deps: ApprovalDeps): Promise<Proposed> {
  const refusal = whyNotOffered(original.change, deps.settings);
  if (refusal !== null) return { kind: 'not-offered', ...refusal };
  if (deps.aws === null) throw noAccounts();
  const made = reverse(await deps.aws.eventWindows(original.change.place));
  if (made.kind === 'none') return notOffered(made.because);
  const { change } = made;
  const briefing = wish.briefing?.(change) ?? plainBriefing(original, link);
  const { requester, team } = wish;
  return propose({ change, requester, team, rule: original.rule, zone: original.zone, briefing, ...link }, deps);
}

/** Whom the original is about is whom its follow-up is about; lint and clashes would be about another change. */
function plainBriefing({ id, briefing }: Proposal, { undoes }: Following['link']): Briefing {
  return {
    title: undoes === undefined ? briefing.title : `Undo ${id}: ${briefing.title}`,
    affected: briefing.affected,
    takesHold: briefing.takesHold,
    lint: [],
    clashes: [],
  };
}

async function found(id: string, { store }: ApprovalDeps): Promise<Proposal> {
  const proposal = await store.proposal(id);
  if (proposal !== null) return proposal;
  throw usageError('usage_unknown_proposal', `There is no proposal ${id.slice(0, 40)}.`, 'ecs-advise decisions list');
}

function notOffered(message: string): Proposed {
  return { kind: 'not-offered', code: 'nothing_to_do', message };
}

function noAccounts(): AdviseError {
  return new AdviseError({
    kind: 'config',
    code: 'config_no_accounts',
    message: 'No AWS account is configured, so there is nothing to read.',
    hint: 'list your accounts under accounts: in the configuration file',
  });
}
