/** Makes Slack show a proposal as the store has it. */
import { randomUUID } from 'node:crypto';
import type { ProposalLease } from '../deps.ts';
import { toAdviseError } from '../errors.ts';
import type { AnnounceDeps } from './contract.ts';
import { isOver, type Proposal } from './model.ts';

/** A process that was killed while it posted is taken over after this; one that failed tries again after it. */
const LEASE_MS = 60 * 1000;

/**
 * Shows the newest version and saves where the message is. One process at a time, so that no older version is drawn
 * over a newer one and no message is posted twice. False when another one is at it, or there is no such proposal.
 * Throws what the notifier and the store throw.
 */
export async function announce(id: string, deps: AnnounceDeps): Promise<boolean> {
  const { store, clock, notifier } = deps;
  const lease: ProposalLease = { proposal: id, purpose: 'show', owner: randomUUID() };
  for (let shown = 0; ; ) {
    const now = clock.now();
    const until = new Date(now.getTime() + LEASE_MS).toISOString();
    if (!(await store.leaseProposal({ ...lease, at: now.toISOString(), until }))) return false;
    const proposal = await store.proposal(id);
    if (proposal === null) return false;
    if (proposal.version > shown) {
      const messages = await notifier.show(proposal);
      await store.saveMessages(id, messages, proposal.version);
      shown = proposal.version;
    }
    await store.releaseProposal(lease);
    // Whoever advanced it while we held the lease was sent away: look once more after letting go.
    const newest = await store.proposal(id);
    if (newest !== null && newest.version > shown) continue;
    if (newest !== null && isOver(newest.state)) await tellEnd(newest, deps);
    return true;
  }
}

/** `announce` for callers that have something more important to do: what goes wrong is logged and left to the sweep. */
export async function announceIfPossible(id: string, deps: AnnounceDeps): Promise<void> {
  try {
    await announce(id, deps);
  } catch (error) {
    const { code, message } = toAdviseError(error);
    deps.log.error({ proposal: id, code, error: message }, 'proposal not shown');
  }
}

/** Once only: a requester who is told twice stops reading. */
async function tellEnd(proposal: Proposal, { store, clock, notifier }: AnnounceDeps): Promise<void> {
  if (await store.claimDelivery(`proposal-ended ${proposal.id}`, clock.now().toISOString())) {
    await notifier.ended(proposal);
  }
}
