import { click, propose } from '../../src/approvals/index.ts';
import type { Change, Proposal } from '../../src/approvals/model.ts';
import type { EventWindow } from '../../src/engine/index.ts';
import { temporaryStore } from '../store/temporary.ts';
import { aWindow, FakeAws, SATURDAY } from './fake-aws.ts';
import { aBench, aDraft, type Bench, PLACE, press, tagged } from './fixtures.ts';

export const prod = { instanceTags: tagged('prod').instanceTags };
export const OLD = aWindow('iew-old', prod);
export const OTHER = aWindow('iew-other', { timeRanges: SATURDAY });

export const MODIFY: Change = {
  kind: 'window.set',
  place: PLACE,
  before: OLD,
  after: { name: OLD.name, schedule: { kind: 'ranges', timeRanges: SATURDAY }, targets: tagged('prod') },
};
export const RETARGET: Change = {
  kind: 'window.set',
  place: PLACE,
  before: OLD,
  after: { name: OLD.name, schedule: { kind: 'ranges', timeRanges: SATURDAY }, targets: tagged('test') },
};
export const MOVE: Change = { kind: 'window.move', place: PLACE, targets: tagged('prod'), from: OLD, to: OTHER };
export const DELETE: Change = { kind: 'window.delete', place: PLACE, before: OLD };

export async function approved(
  change: Change,
  windows: readonly EventWindow[],
): Promise<Bench & { readonly id: string }> {
  const { store } = await temporaryStore();
  const bench = aBench(store, new FakeAws(windows));
  const made = await propose(aDraft({ change }), bench.deps);
  if (made.kind !== 'proposed') throw new Error(`not proposed: ${made.kind}`);
  await click(press(made.proposal, 'UA'), bench.deps);
  return { ...bench, id: made.proposal.id };
}

export async function stored({ deps, id }: Bench & { readonly id: string }): Promise<Proposal> {
  const proposal = await deps.store.proposal(id);
  if (proposal === null) throw new Error('the proposal is lost');
  return proposal;
}
