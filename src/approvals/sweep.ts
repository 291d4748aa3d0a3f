/** Looks after what nobody is looking after: proposals whose time is over, half-made changes, messages that lag. */
import { toAdviseError } from '../errors.ts';
import { announce } from './announce.ts';
import { applyProposal } from './apply.ts';
import type { ApplyDeps, Swept } from './contract.ts';
import { decideTimed } from './machine.ts';

/** A message that could not be drawn for so long after the end will not be: its channel is gone. */
const GIVE_UP_SHOWING_MS = 7 * 24 * 60 * 60 * 1000;

/**
 * Expires and wakes proposals, goes on with those that are being applied by nobody, and draws messages that do not show
 * the newest version. Safe to run at any time, any number of times, in any number of processes. What fails is logged,
 * counted and tried again the next time.
 */
export async function sweep(deps: ApplyDeps): Promise<Swept> {
  const { store, clock } = deps;
  const counts = { expired: 0, finished: 0, shown: 0, failed: 0 };
  const each = async (id: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      counts.failed += 1;
      const { code, message } = toAdviseError(error);
      deps.log.error({ proposal: id, code, error: message }, 'proposal not swept');
    }
  };
  for (const proposal of await store.proposals({ states: ['pending'] })) {
    await each(proposal.id, async () => {
      const at = clock.now().toISOString();
      const expired = decideTimed(proposal, { kind: 'expire', at });
      const step = expired ?? decideTimed(proposal, { kind: 'wake', at });
      if (step !== null && (await store.advanceProposal(step)) && expired !== null) counts.expired += 1;
    });
  }
  for (const { id } of await store.proposals({ states: ['applying'] })) {
    await each(id, async () => {
      if ((await applyProposal(id, deps)).kind === 'ended') counts.finished += 1;
    });
  }
  for (const { id, endedAt } of await store.unshownProposals()) {
    if (endedAt !== null && clock.now().getTime() - Date.parse(endedAt) > GIVE_UP_SHOWING_MS) continue;
    await each(id, async () => {
      if (await announce(id, deps)) counts.shown += 1;
    });
  }
  return counts;
}
