/**
 * Applies an approved proposal, one call at a time. Each turn reads the windows, decides (`nextOf`), saves what it is
 * about to do, does it, and saves how it went. It can be killed anywhere: the next run reads the world and goes on.
 */
import { randomUUID } from 'node:crypto';
import type { ProposalLease } from '../deps.ts';
import { AdviseError } from '../errors.ts';
import { announceIfPossible } from './announce.ts';
import type { Applied, ApplyDeps } from './contract.ts';
import { decideTimed, type TimedEvent } from './machine.ts';
import type { CallOutcome, Proposal, WindowCall } from './model.ts';
import { isUntouched, NO_ANSWER_YET, nextOf } from './next.ts';
import { blockOf } from './policy.ts';
import { utc } from './words.ts';

/** Longer than any call to AWS may take; a run that was killed is taken over after this. */
const LEASE_MS = 2 * 60 * 1000;
/** Far more turns than any change has calls. */
const MOST_TURNS = 20;

type Turn = { readonly kind: 'on'; readonly proposal: Proposal } | { readonly kind: 'over'; readonly applied: Applied };

const NOT_OURS: Turn = { kind: 'over', applied: { kind: 'not-ours' } };

/**
 * Applies a proposal in state `applying`, or goes on where another run stopped. Only one run at a time, whatever
 * process. Shows it in Slack at the start and at the end. Throws what the store throws; then, or after a kill, the
 * sweep goes on with it in two minutes.
 */
export async function applyProposal(id: string, deps: ApplyDeps): Promise<Applied> {
  const lease: ProposalLease = { proposal: id, purpose: 'apply', owner: randomUUID() };
  if (!(await holds(lease, deps))) return { kind: 'not-ours' };
  const applied = await run(id, lease, deps);
  // Not in a `finally`: after an error a call may be under way, and the lease keeps others away until it has settled.
  await deps.store.releaseProposal(lease);
  if (applied.kind === 'ended') await announceIfPossible(id, deps);
  return applied;
}

async function run(id: string, lease: ProposalLease, deps: ApplyDeps): Promise<Applied> {
  let proposal = await deps.store.proposal(id);
  if (proposal === null || proposal.state !== 'applying') return { kind: 'not-ours' };
  await announceIfPossible(id, deps);
  for (let turns = 0; turns < MOST_TURNS; turns += 1) {
    const turn: Turn = await oneTurn(proposal, lease, deps);
    if (turn.kind === 'over') return turn.applied;
    proposal = turn.proposal;
  }
  return { kind: 'waiting', because: 'It takes more steps than expected.' };
}

async function oneTurn(proposal: Proposal, lease: ProposalLease, deps: ApplyDeps): Promise<Turn> {
  if (isUntouched(proposal)) {
    const barrier = barrierOf(proposal, deps);
    if (barrier !== null) return over(proposal, barrier, deps);
  }
  const read = await readWindows(proposal, deps);
  if (read.kind === 'failed') {
    if (!isUntouched(proposal)) return waiting(read.because);
    const outcome = `The event windows could not be read: ${read.because} Nothing was changed.`;
    return over(proposal, { kind: 'end', at: at(deps), state: 'failed', outcome }, deps);
  }
  const next = nextOf(proposal, read.windows, at(deps));
  switch (next.kind) {
    case 'end':
      return over(proposal, { ...next, at: at(deps) }, deps);
    case 'wait':
      return waiting(next.because);
    case 'call':
      if (!(await holds(lease, deps))) return NOT_OURS;
      return makeCall(proposal, next, deps);
  }
}

/** What forbids the first call even now: approvals do not outlive the proposal, and a freeze may have begun. */
function barrierOf(proposal: Proposal, deps: ApplyDeps): TimedEvent | null {
  const now = at(deps);
  if (now >= proposal.expiresAt) {
    const outcome = `It was approved, but could not be applied before it expired ${utc(proposal.expiresAt)}. Nothing was changed.`;
    return { kind: 'end', at: now, state: 'expired', outcome };
  }
  const block = blockOf(proposal.change, deps.settings, deps.clock.now());
  if (block === null) return null;
  return { kind: 'end', at: now, state: 'failed', outcome: `${block.message} Nothing was changed.` };
}

type Read =
  | { readonly kind: 'read'; readonly windows: Awaited<ReturnType<NonNullable<ApplyDeps['aws']>['eventWindows']>> }
  | { readonly kind: 'failed'; readonly because: string };

async function readWindows({ change }: Proposal, { aws }: ApplyDeps): Promise<Read> {
  if (aws === null) return { kind: 'failed', because: 'No AWS account is configured.' };
  try {
    return { kind: 'read', windows: await aws.eventWindows(change.place) };
  } catch (error) {
    if (error instanceof AdviseError && error.kind === 'upstream') return { kind: 'failed', because: error.message };
    throw error;
  }
}

/** Saves a changing call as begun, makes it, and saves its end in the same place. A dry run is only saved after. */
async function makeCall(
  proposal: Proposal,
  { call, dryRun }: { readonly call: WindowCall; readonly dryRun: boolean },
  deps: ApplyDeps,
): Promise<Turn> {
  const begun: CallOutcome = {
    op: call.op,
    dryRun,
    at: at(deps),
    outcome: 'unknown',
    requestId: null,
    window: call.op === 'CreateInstanceEventWindow' ? null : call.window,
    error: { code: NO_ANSWER_YET, message: 'The call was begun; its end is not known.' },
  };
  const announced = dryRun ? proposal : await advance(proposal, { kind: 'calling', at: begun.at, call: begun }, deps);
  if (announced === null) return NOT_OURS;
  const outcome = await write(begun, { proposal, call }, deps);
  const answered = { ...outcome, at: begun.at, window: outcome.window ?? begun.window };
  const saved = await advance(announced, { kind: 'called', at: at(deps), call: answered, replaces: !dryRun }, deps);
  return saved === null ? NOT_OURS : { kind: 'on', proposal: saved };
}

/** A writer that may not write at all says so by throwing a configuration error: nothing was sent then. */
async function write(
  begun: CallOutcome,
  { proposal, call }: { readonly proposal: Proposal; readonly call: WindowCall },
  { writer }: ApplyDeps,
): Promise<CallOutcome> {
  const { dryRun, window } = begun;
  try {
    return await writer.write(proposal.change.place, call, { dryRun, window });
  } catch (error) {
    if (!(error instanceof AdviseError) || error.kind !== 'config') throw error;
    return { ...begun, outcome: 'refused', error: { code: error.code, message: error.message } };
  }
}

async function over(proposal: Proposal, event: TimedEvent, deps: ApplyDeps): Promise<Turn> {
  const ended = await advance(proposal, event, deps);
  return ended === null ? NOT_OURS : { kind: 'over', applied: { kind: 'ended', proposal: ended } };
}

/** The proposal after the step, or null when somebody else has gone on with it. */
async function advance(proposal: Proposal, event: TimedEvent, deps: ApplyDeps): Promise<Proposal | null> {
  const step = decideTimed(proposal, event);
  if (step === null || !(await deps.store.advanceProposal(step))) return null;
  return step.proposal;
}

function waiting(because: string): Turn {
  return { kind: 'over', applied: { kind: 'waiting', because } };
}

function holds(lease: ProposalLease, { store, clock }: ApplyDeps): Promise<boolean> {
  const now = clock.now();
  const until = new Date(now.getTime() + LEASE_MS).toISOString();
  return store.leaseProposal({ ...lease, at: now.toISOString(), until });
}

function at({ clock }: ApplyDeps): string {
  return clock.now().toISOString();
}
