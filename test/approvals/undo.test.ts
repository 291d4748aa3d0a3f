import { describe, expect, test } from 'vitest';
import { applyProposal, click, undo } from '../../src/approvals/index.ts';
import type { Change } from '../../src/approvals/model.ts';
import { approved, DELETE, MODIFY, MOVE, OLD, OTHER, prod, RETARGET } from './approved.ts';
import { SATURDAY, SUNDAY } from './fake-aws.ts';
import { NEW_WINDOW, press } from './fixtures.ts';

describe('an undo', () => {
  const world = (change: Change) => (change === NEW_WINDOW ? [] : [OLD, OTHER]);
  test.each([NEW_WINDOW, MODIFY, RETARGET, MOVE].map((change) => [change.kind, change] as const))(
    'of %s is a proposal of its own that brings the old world back',
    async (_, change) => {
      const b = await approved(change, world(change));
      await applyProposal(b.id, b.deps);
      expect(b.aws.windows).not.toEqual(world(change));
      const made = await undo({ proposal: b.id, requester: 'U1', team: 'T1' }, b.deps);
      if (made.kind !== 'proposed') throw new Error(`not proposed: ${made.kind}`);
      expect(made.proposal).toMatchObject({
        state: 'pending',
        undoes: b.id,
        briefing: { title: `Undo ${b.id}: Patch prod on Sundays` },
      });
      await click(press(made.proposal, 'UB'), b.deps);
      await applyProposal(made.proposal.id, b.deps);
      expect(b.aws.windows).toEqual(world(change));
      expect(await undo({ proposal: b.id, requester: 'U1', team: 'T1' }, b.deps)).toMatchObject({
        kind: 'not-offered',
        message: `Proposal ${b.id} was taken back by ${made.proposal.id} already.`,
      });
    },
  );

  test('of a delete makes a window with the same name, hours and targets, and a new id', async () => {
    const b = await approved(DELETE, [OLD]);
    await applyProposal(b.id, b.deps);
    const made = await undo({ proposal: b.id, requester: 'U1', team: 'T1' }, b.deps);
    if (made.kind !== 'proposed') throw new Error(`not proposed: ${made.kind}`);
    await click(press(made.proposal, 'UA'), b.deps);
    await applyProposal(made.proposal.id, b.deps);
    expect(b.aws.windows).toMatchObject([{ id: 'iew-new1', name: OLD.name, timeRanges: SUNDAY, ...prod }]);
  });

  test('is not offered for what was not applied, nor after somebody else changed the window', async () => {
    const b = await approved(MODIFY, [OLD]);
    const wish = { proposal: b.id, requester: 'U1', team: 'T1' };
    expect(await undo(wish, b.deps)).toMatchObject({
      kind: 'not-offered',
      message: `Proposal ${b.id} is applying: only an applied one can be taken back.`,
    });
    await applyProposal(b.id, b.deps);
    b.aws.edit('iew-old', { timeRanges: [...SUNDAY, ...SATURDAY] });
    expect(await undo(wish, b.deps)).toMatchObject({
      kind: 'not-offered',
      message: 'Window iew-old was changed since; look at it before taking anything back.',
    });
    await expect(undo({ ...wish, proposal: 'nonsense' }, b.deps)).rejects.toMatchObject({
      code: 'usage_unknown_proposal',
    });
  });
});
