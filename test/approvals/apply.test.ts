import { describe, expect, test } from 'vitest';
import { applyProposal, proposeAgain, sweep } from '../../src/approvals/index.ts';
import type { Change } from '../../src/approvals/model.ts';
import type { EventWindow } from '../../src/engine/index.ts';
import { AdviseError } from '../../src/errors.ts';
import { approved, DELETE, MODIFY, MOVE, OLD, OTHER, prod, RETARGET, stored } from './approved.ts';
import { aWindow, SATURDAY, SUNDAY } from './fake-aws.ts';
import { HOUR, NEW_WINDOW, POLICY, tagged } from './fixtures.ts';

const MINUTE = 60 * 1000;

describe('an approved change', () => {
  test('that is new: a dry run, create with the tag of the proposal, associate, read back', async () => {
    const b = await approved(NEW_WINDOW, []);
    expect(await applyProposal(b.id, b.deps)).toMatchObject({ kind: 'ended', proposal: { state: 'applied' } });
    expect(b.aws.heard).toEqual([
      { op: 'CreateInstanceEventWindow', dryRun: true },
      { op: 'CreateInstanceEventWindow', dryRun: false },
      { op: 'AssociateInstanceEventWindow', dryRun: false },
    ]);
    expect(b.aws.windows).toEqual([
      aWindow('iew-new1', { name: 'prod', state: 'creating', tags: { 'ecs-advise:proposal': b.id }, ...prod }),
    ]);
    expect(await stored(b)).toMatchObject({
      outcome: 'Window iew-new1 was made for tag aws:ecs:clusterName=prod, and reads back as approved.',
      calls: [
        { dryRun: true, outcome: 'allowed' },
        { op: 'CreateInstanceEventWindow', outcome: 'done', window: 'iew-new1', requestId: 'r2' },
        { op: 'AssociateInstanceEventWindow', outcome: 'done', window: 'iew-new1', requestId: 'r3' },
      ],
    });
    expect([...b.slack.messages.values()]).toMatchObject([{ state: 'applied' }]);
    expect(b.slack.told).toEqual([`${b.id} applied`]);
  });

  test('of hours is one modify; of targets too, the old ones leave before the new ones come', async () => {
    const b = await approved(MODIFY, [OLD]);
    await applyProposal(b.id, b.deps);
    expect(b.aws.changes).toEqual([
      { op: 'ModifyInstanceEventWindow', window: 'iew-old', schedule: { kind: 'ranges', timeRanges: SATURDAY } },
    ]);
    const c = await approved(RETARGET, [OLD]);
    await applyProposal(c.id, c.deps);
    expect(c.aws.changes.map(({ op }) => op)).toEqual([
      'ModifyInstanceEventWindow',
      'DisassociateInstanceEventWindow',
      'AssociateInstanceEventWindow',
    ]);
    expect(c.aws.windows).toEqual([
      aWindow('iew-old', { timeRanges: SATURDAY, instanceTags: tagged('test').instanceTags }),
    ]);
  });

  test('that moves targets takes them out and puts them in, asking about both first', async () => {
    const b = await approved(MOVE, [OLD, OTHER]);
    expect(await applyProposal(b.id, b.deps)).toMatchObject({ kind: 'ended', proposal: { state: 'applied' } });
    // AWS says no to the dry run of Associate while the tag is in the other window: that alone does not stop it.
    expect(b.aws.heard.map(({ op, dryRun }) => `${op} ${dryRun}`)).toEqual([
      'DisassociateInstanceEventWindow true',
      'AssociateInstanceEventWindow true',
      'DisassociateInstanceEventWindow false',
      'AssociateInstanceEventWindow false',
    ]);
    expect(b.aws.windows.map(({ instanceTags }) => instanceTags.length)).toEqual([0, 1]);
  });

  test('that deletes', async () => {
    const b = await approved(DELETE, [OLD, OTHER]);
    await applyProposal(b.id, b.deps);
    expect(b.aws.windows).toEqual([OTHER]);
  });

  test('that is so already is applied without a call', async () => {
    const b = await approved(MODIFY, [{ ...OLD, timeRanges: SATURDAY }]);
    expect(await applyProposal(b.id, b.deps)).toMatchObject({
      proposal: { state: 'applied', outcome: 'It is so already: nothing had to be changed.' },
    });
    expect(b.aws.heard).toEqual([]);
  });

  test('is applied by one of two runs', async () => {
    const b = await approved(NEW_WINDOW, []);
    const runs = await Promise.all([applyProposal(b.id, b.deps), applyProposal(b.id, b.deps)]);
    expect(runs.map(({ kind }) => kind).sort()).toEqual(['ended', 'not-ours']);
    expect(b.aws.changes).toHaveLength(2);
  });
});

describe('a world that moved makes the proposal stale, without any call:', () => {
  const edits: readonly [string, Change, readonly EventWindow[], string][] = [
    ['the window is gone', MODIFY, [], 'Window iew-old is gone. Nothing was changed.'],
    [
      'other hours',
      DELETE,
      [{ ...OLD, timeRanges: SATURDAY }],
      'Window iew-old has another schedule now. Nothing was changed.',
    ],
    [
      'a cron instead',
      MODIFY,
      [{ ...OLD, cron: '* 1-5 * * 0', timeRanges: [] }],
      'Window iew-old has another schedule now. Nothing was changed.',
    ],
    [
      'other targets',
      MODIFY,
      [{ ...OLD, instanceTags: [] }],
      'Window iew-old has other targets now. Nothing was changed.',
    ],
    ['another name', MODIFY, [{ ...OLD, name: 'mine' }], 'Window iew-old has another name now. Nothing was changed.'],
    [
      'the target is in a window',
      NEW_WINDOW,
      [OLD],
      'Tag aws:ecs:clusterName=prod is in iew-old now. Nothing was changed.',
    ],
    ['the goal of the move is gone', MOVE, [OLD], 'Window iew-other is gone. Nothing was changed.'],
  ];
  test.each(edits)('%s', async (_, change, windows, outcome) => {
    const b = await approved(change, windows);
    expect(await applyProposal(b.id, b.deps)).toMatchObject({ kind: 'ended', proposal: { state: 'stale', outcome } });
    expect(b.aws.heard).toEqual([]);
  });

  test('and is proposed again on the world as it is', async () => {
    const b = await approved(MODIFY, [{ ...OLD, timeRanges: [...SUNDAY, ...SATURDAY] }]);
    await applyProposal(b.id, b.deps);
    const again = await proposeAgain({ proposal: b.id, requester: 'U2', team: 'T1' }, b.deps);
    expect(again).toMatchObject({
      kind: 'proposed',
      proposal: { follows: b.id, requester: 'U2', change: { before: { timeRanges: [...SUNDAY, ...SATURDAY] } } },
    });
  });
});

describe('AWS says no:', () => {
  test('to the dry run: failed, nothing was changed', async () => {
    const b = await approved(NEW_WINDOW, []);
    b.aws.mood = () => 'deny';
    await applyProposal(b.id, b.deps);
    expect(await stored(b)).toMatchObject({
      state: 'failed',
      outcome: 'You may not call CreateInstanceEventWindow. Nothing was changed.',
    });
    expect(b.aws.changes).toEqual([]);
  });

  test('to the dry run of the second half of a move: the first half is not made', async () => {
    const b = await approved(MOVE, [OLD, OTHER]);
    b.aws.mood = ({ call }) => (call.op === 'AssociateInstanceEventWindow' ? 'deny' : 'well');
    await applyProposal(b.id, b.deps);
    expect(await stored(b)).toMatchObject({ state: 'failed' });
    expect(b.aws.windows).toEqual([OLD, OTHER]);
  });

  test('because there are 200 windows', async () => {
    const full = Array.from({ length: 200 }, (_, index) => aWindow(`iew-${index}`));
    const b = await approved(NEW_WINDOW, full);
    await applyProposal(b.id, b.deps);
    expect((await stored(b)).outcome).toBe(
      'AWS refused CreateInstanceEventWindow: a region holds at most 200 event windows. Delete one first. Nothing was changed.',
    );
  });

  test('to associate: the window just made is deleted again', async () => {
    const b = await approved(NEW_WINDOW, []);
    b.aws.mood = ({ call }) => (call.op === 'AssociateInstanceEventWindow' ? 'deny' : 'well');
    await applyProposal(b.id, b.deps);
    expect(await stored(b)).toMatchObject({
      state: 'failed',
      outcome: 'You may not call AssociateInstanceEventWindow. What had been done was taken back; nothing stands.',
    });
    expect(b.aws.windows).toEqual([]);
  });

  test('to associate and to delete: the message says what stands', async () => {
    const b = await approved(NEW_WINDOW, []);
    b.aws.mood = ({ call, dryRun }) => (dryRun || call.op === 'CreateInstanceEventWindow' ? 'well' : 'deny');
    await applyProposal(b.id, b.deps);
    expect((await stored(b)).outcome).toContain(
      'It could not be taken back. Window iew-new1 stands without tag aws:ecs:clusterName=prod.',
    );
  });

  test('half-way through a move: the targets go back', async () => {
    const b = await approved(MOVE, [OLD, OTHER]);
    b.aws.mood = ({ call, dryRun }) =>
      !dryRun && call.op === 'AssociateInstanceEventWindow' && call.window === 'iew-other' ? 'deny' : 'well';
    await applyProposal(b.id, b.deps);
    expect((await stored(b)).outcome).toContain('taken back; nothing stands.');
    expect(b.aws.windows).toEqual([OLD, OTHER]);
  });

  test('half-way through a change of hours and targets: the old hours and targets come back', async () => {
    const b = await approved(RETARGET, [OLD]);
    b.aws.mood = ({ call, dryRun }) =>
      !dryRun && call.op === 'AssociateInstanceEventWindow' && call.targets.instanceTags[0]?.value === 'test'
        ? 'deny'
        : 'well';
    await applyProposal(b.id, b.deps);
    expect(await stored(b)).toMatchObject({ state: 'failed' });
    expect(b.aws.windows).toEqual([OLD]);
  });

  test('because the window vanished between create and associate', async () => {
    const b = await approved(NEW_WINDOW, []);
    b.aws.onMoment = (moment) => {
      if (moment === 'before AssociateInstanceEventWindow') b.aws.remove('iew-new1');
    };
    await applyProposal(b.id, b.deps);
    expect((await stored(b)).outcome).toBe('No window iew-new1. What had been done was taken back; nothing stands.');
  });

  test('for now (throttled): waits, and the sweep goes on', async () => {
    const b = await approved(NEW_WINDOW, []);
    let calls = 0;
    b.aws.mood = ({ dryRun }) => {
      calls += dryRun ? 0 : 1;
      return !dryRun && calls <= 2 ? 'throttle' : 'well';
    };
    expect(await applyProposal(b.id, b.deps)).toMatchObject({ kind: 'waiting' });
    for (let minute = 0; minute < 3; minute += 1) {
      b.pass(MINUTE);
      await sweep(b.deps);
    }
    expect(await stored(b)).toMatchObject({ state: 'applied' });
    expect(b.aws.changes).toHaveLength(2);
  });

  test('for now, always: gives up and says that nothing was changed', async () => {
    const b = await approved(NEW_WINDOW, []);
    b.aws.mood = ({ dryRun }) => (dryRun ? 'well' : 'throttle');
    await applyProposal(b.id, b.deps);
    for (let minute = 0; minute < 20; minute += 1) {
      b.pass(MINUTE);
      await sweep(b.deps);
    }
    expect(await stored(b)).toMatchObject({ state: 'failed' });
    expect((await stored(b)).outcome).toContain('Nothing was changed.');
  });
});

describe('no answer comes', () => {
  test('but AWS did it: the world is read before anything else, and there is one create', async () => {
    const b = await approved(NEW_WINDOW, []);
    b.aws.mood = ({ dryRun }) => (dryRun ? 'well' : 'lose-answer');
    expect(await applyProposal(b.id, b.deps)).toMatchObject({ kind: 'ended', proposal: { state: 'applied' } });
    expect(b.aws.changes.map(({ op }) => op)).toEqual(['CreateInstanceEventWindow', 'AssociateInstanceEventWindow']);
  });

  test('and nothing shows: it is not repeated before AWS has settled', async () => {
    const b = await approved(NEW_WINDOW, []);
    let lost = 0;
    b.aws.mood = ({ dryRun }) => {
      if (dryRun || lost > 0) return 'well';
      lost += 1;
      return 'lose-request';
    };
    expect(await applyProposal(b.id, b.deps)).toMatchObject({ kind: 'waiting' });
    b.pass(MINUTE);
    await sweep(b.deps);
    expect(b.aws.changes).toEqual([]);
    b.pass(MINUTE);
    await sweep(b.deps);
    expect(await stored(b)).toMatchObject({ state: 'applied' });
    expect(b.aws.windows).toHaveLength(1);
  });

  test('three times: gives up and says what stands', async () => {
    const b = await approved(NEW_WINDOW, []);
    b.aws.mood = ({ dryRun, call }) => (dryRun || call.op === 'CreateInstanceEventWindow' ? 'well' : 'lose-request');
    await applyProposal(b.id, b.deps);
    for (let minute = 0; minute < 10; minute += 1) {
      b.pass(MINUTE);
      await sweep(b.deps);
    }
    expect((await stored(b)).outcome).toBe(
      'AWS did not answer AssociateInstanceEventWindow three times. Window iew-new1 stands without tag aws:ecs:clusterName=prod.',
    );
  });

  test('to the reading: nothing was changed; half-way it waits and the sweep goes on', async () => {
    const down = new AdviseError({ kind: 'upstream', code: 'aws_unreachable', message: 'AWS cannot be reached.' });
    const b = await approved(NEW_WINDOW, []);
    b.aws.unreadable = down;
    await applyProposal(b.id, b.deps);
    expect((await stored(b)).outcome).toBe(
      'The event windows could not be read: AWS cannot be reached. Nothing was changed.',
    );
    const c = await approved(NEW_WINDOW, []);
    c.aws.onMoment = (moment) => {
      if (moment === 'after CreateInstanceEventWindow') c.aws.unreadable = down;
    };
    expect(await applyProposal(c.id, c.deps)).toEqual({ kind: 'waiting', because: 'AWS cannot be reached.' });
    c.aws.unreadable = null;
    await sweep(c.deps);
    expect(await stored(c)).toMatchObject({ state: 'applied' });
  });
});

describe('between the approval and the first call', () => {
  test('a freeze, a read-only bot or the expiry still stop it', async () => {
    const b = await approved(NEW_WINDOW, []);
    b.settings.approvals = {
      ...POLICY,
      freezes: [{ name: 'Peak', from: '2026-11-24T08:00:00Z', to: '2026-11-24T10:00:00Z' }],
    };
    await applyProposal(b.id, b.deps);
    expect(await stored(b)).toMatchObject({
      state: 'failed',
      outcome: 'Nothing is applied during "Peak", which ends 2026-11-24 10:00 UTC. Nothing was changed.',
    });
    const c = await approved(NEW_WINDOW, []);
    c.pass(24 * HOUR);
    await sweep(c.deps);
    expect(await stored(c)).toMatchObject({ state: 'expired' });
    expect([...b.aws.heard, ...c.aws.heard]).toEqual([]);
  });

  test('but a change that was begun is finished', async () => {
    const b = await approved(NEW_WINDOW, []);
    b.aws.mood = ({ call }) => (call.op === 'AssociateInstanceEventWindow' ? 'throttle' : 'well');
    await applyProposal(b.id, b.deps);
    b.aws.mood = () => 'well';
    b.settings.approvals = { ...POLICY, readOnly: true };
    b.pass(48 * HOUR);
    await sweep(b.deps);
    expect(await stored(b)).toMatchObject({ state: 'applied' });
  });
});

test('a bot that lost its writer half-way says so, and what stands', async () => {
  const b = await approved(NEW_WINDOW, []);
  b.aws.mood = ({ call }) => (call.op === 'AssociateInstanceEventWindow' ? 'throttle' : 'well');
  await applyProposal(b.id, b.deps);
  b.pass(MINUTE);
  const none = new AdviseError({ kind: 'config', code: 'config_no_writer', message: 'This bot may not change AWS.' });
  await applyProposal(b.id, { ...b.deps, writer: { ...b.deps.writer, write: () => Promise.reject(none) } });
  expect(await stored(b)).toMatchObject({
    state: 'failed',
    outcome:
      'This bot may not change AWS. It could not be taken back. Window iew-new1 stands without tag aws:ecs:clusterName=prod.',
  });
});
