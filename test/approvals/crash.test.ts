import { describe, expect, onTestFinished, test } from 'vitest';
import { applyProposal, click, propose, sweep } from '../../src/approvals/index.ts';
import type { Change } from '../../src/approvals/model.ts';
import type { Store } from '../../src/deps.ts';
import type { EventWindow } from '../../src/engine/index.ts';
import { openStore } from '../../src/store/index.ts';
import { temporaryStore } from '../store/temporary.ts';
import { Killed, Killer, watched } from './crash.ts';
import { aWindow, FakeAws, SATURDAY } from './fake-aws.ts';
import { aBench, aDraft, NEW_WINDOW, PLACE, press, tagged } from './fixtures.ts';

const MINUTE = 60 * 1000;
const OLD = aWindow('iew-old', { instanceTags: tagged('prod').instanceTags });
const OTHER = aWindow('iew-other', { timeRanges: SATURDAY });

const CASES: readonly (readonly [string, Change, readonly EventWindow[], readonly string[]])[] = [
  ['a new window', NEW_WINDOW, [], ['CreateInstanceEventWindow', 'AssociateInstanceEventWindow']],
  [
    'other hours and targets',
    {
      kind: 'window.set',
      place: PLACE,
      before: OLD,
      after: { name: OLD.name, schedule: { kind: 'ranges', timeRanges: SATURDAY }, targets: tagged('test') },
    },
    [OLD],
    ['ModifyInstanceEventWindow', 'DisassociateInstanceEventWindow', 'AssociateInstanceEventWindow'],
  ],
  [
    'a move',
    { kind: 'window.move', place: PLACE, targets: tagged('prod'), from: OLD, to: OTHER },
    [OLD, OTHER],
    ['DisassociateInstanceEventWindow', 'AssociateInstanceEventWindow'],
  ],
  ['a delete', { kind: 'window.delete', place: PLACE, before: OLD }, [OLD, OTHER], ['DeleteInstanceEventWindow']],
];

/** Kills one process at the given moment between click and end, lets another take over; how it stood then. */
async function killedAt(
  moment: number,
  { store, second }: { readonly store: Store; readonly second: Store },
  [, change, windows, calls]: (typeof CASES)[number],
): Promise<boolean> {
  const bench = aBench(store, new FakeAws(windows));
  const made = await propose(aDraft({ change }), bench.deps);
  if (made.kind !== 'proposed') throw new Error(`not proposed: ${made.kind}`);

  const killer = new Killer(moment);
  bench.aws.onMoment = killer.moment;
  bench.slack.onMoment = killer.moment;
  const dying = { ...bench.deps, store: watched(store, killer.moment) };
  const die = async (): Promise<void> => {
    const answer = await click(press(made.proposal, 'UA'), dying);
    if (answer.kind === 'taken' && answer.apply) await applyProposal(made.proposal.id, dying);
  };
  const end = await Promise.allSettled([die()]);
  if (end[0].status === 'rejected' && !(end[0].reason instanceof Killed)) throw end[0].reason;

  bench.aws.onMoment = () => undefined;
  bench.slack.onMoment = () => undefined;
  const deps = { ...bench.deps, store: second };
  // The click may have died before it was saved: nobody was answered, so he presses again.
  const before = await second.proposal(made.proposal.id);
  if (before?.state === 'pending') await click(press(before, 'UA'), deps);
  for (let minute = 0; minute < 6; minute += 1) {
    await sweep(deps);
    bench.pass(MINUTE);
  }
  const after = await second.proposal(made.proposal.id);
  const where = `killed at ${moment}: ${killer.moments.at(-1)}`;
  expect(after, where).toMatchObject({ state: 'applied' });
  expect(
    bench.aws.changes.map(({ op }) => op),
    where,
  ).toEqual(calls);
  // Every message, a second copy too, shows the end.
  for (const { ts } of after?.messages ?? []) expect(bench.slack.messages.get(ts)?.state, where).toBe('applied');
  expect(bench.slack.told.length, where).toBeLessThanOrEqual(1);
  expect(await second.unshownProposals(), where).toEqual([]);
  return killer.struck;
}

describe('killed at any moment of click and apply, another process ends it with each call made once:', () => {
  test.each(CASES)('%s', { timeout: 120_000 }, async (...example) => {
    const { store, file } = await temporaryStore();
    const second = await openStore({ databaseUrl: `sqlite:${file}` });
    onTestFinished(() => second.close());
    let moments = 0;
    // The kinds share their code: two of them are killed everywhere, two at every third moment.
    const stride = example[0] === 'a new window' || example[0] === 'a move' ? 1 : 3;
    while (await killedAt(moments, { store, second }, example)) moments += stride;
    expect((await second.verifyChain()).intact).toBe(true);
    // Two store calls for the click, and at least a reading and two saves around every call.
    expect(moments).toBeGreaterThan(20);
    console.log(`${example[0]}: killed at moments 0 to ${moments}`);
  });
});
