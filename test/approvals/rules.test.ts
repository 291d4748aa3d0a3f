import { describe, expect, test } from 'vitest';
import { announce, applyProposal, click, propose, sweep } from '../../src/approvals/index.ts';
import type { Proposal } from '../../src/approvals/model.ts';
import { AdviseError } from '../../src/errors.ts';
import { temporaryStore } from '../store/temporary.ts';
import { ACCOUNT, aBench, aDraft, type Bench, HOUR, POLICY, press } from './fixtures.ts';

async function bench(): Promise<Bench> {
  return aBench((await temporaryStore()).store);
}

async function proposed({ deps }: Bench, draft = aDraft()): Promise<Proposal> {
  const made = await propose(draft, deps);
  if (made.kind !== 'proposed') throw new Error(`not proposed: ${made.kind}`);
  return made.proposal;
}

const own = { ...aDraft().rule, requesterMayApprove: true };
const two = { ...aDraft().rule, quorum: 2 };

describe('a proposal', () => {
  test('has the id of its record and waits for its expiry', async () => {
    const b = await bench();
    const proposal = await proposed(b);
    expect(proposal).toMatchObject({ id: '2026-11-24-0001', version: 1, state: 'pending', requester: 'U1' });
    // 24 hours after 2026-11-24T09:00Z.
    expect(proposal.expiresAt).toBe('2026-11-25T09:00:00.000Z');
    expect(await b.deps.store.proposal(proposal.id)).toEqual(proposal);
  });

  test('for a change that waits already is not made twice', async () => {
    const b = await bench();
    const first = await proposed(b);
    expect(await propose(aDraft({ requester: 'U2' }), b.deps)).toMatchObject({
      kind: 'waiting',
      proposal: { id: first.id },
    });
  });

  test('is not offered by a read-only bot, nor without a writer role, nor in an account nobody configured', async () => {
    const b = await bench();
    b.settings.approvals = { ...POLICY, readOnly: true };
    expect(await propose(aDraft(), b.deps)).toMatchObject({ kind: 'not-offered', code: 'read_only' });
    b.settings.approvals = POLICY;
    b.settings.accounts = [{ ...ACCOUNT, writerRoleArn: null }];
    expect(await propose(aDraft(), b.deps)).toMatchObject({
      kind: 'not-offered',
      code: 'no_writer_role',
      message: 'Account prod (111122223333) has no writerRole in the configuration: nothing can be changed in it.',
    });
    b.settings.accounts = [];
    expect(await propose(aDraft(), b.deps)).toMatchObject({ kind: 'not-offered', code: 'no_writer_role' });
    expect(await b.deps.store.proposals()).toEqual([]);
  });
});

describe('an approval', () => {
  test('by an approver reaches a quorum of one and starts the apply once', async () => {
    const b = await bench();
    const proposal = await proposed(b);
    expect(await click(press(proposal, 'UA'), b.deps)).toMatchObject({ kind: 'taken', apply: true });
    expect(await click(press(proposal, 'UB'), b.deps)).toMatchObject({
      kind: 'refused',
      code: 'already_decided',
      message: 'Already approved by <@UA>. It is being applied.',
    });
  });

  test('of two says how many are missing, and the second one starts the apply', async () => {
    const b = await bench();
    const proposal = await proposed(b, aDraft({ rule: two }));
    const first = await click(press(proposal, 'UA'), b.deps);
    expect(first).toMatchObject({
      kind: 'taken',
      apply: false,
      message: 'Your approval counts: 1 of 2. 1 approval more to go.',
    });
    expect(await click(press(proposal, 'UA'), b.deps)).toMatchObject({ code: 'already_voted' });
    expect(await click(press(proposal, 'UB'), b.deps)).toMatchObject({ code: 'old_version' });
    expect(await click(press({ ...proposal, version: 2 }, 'UB'), b.deps)).toMatchObject({ kind: 'taken', apply: true });
  });

  test('by the requester is refused, even when he is an approver', async () => {
    const b = await bench();
    const proposal = await proposed(b, aDraft({ requester: 'UA' }));
    expect(await click(press(proposal, 'UA'), b.deps)).toMatchObject({ kind: 'refused', code: 'own_request' });
  });

  test('by the requester counts for a team of one, and the message and the record say so', async () => {
    const b = await bench();
    b.settings.approvals = { ...POLICY, requesterMayApprove: true };
    const proposal = await proposed(b, aDraft({ requester: 'UA', rule: own }));
    expect(await click(press(proposal, 'UA'), b.deps)).toMatchObject({
      kind: 'taken',
      apply: true,
      message: 'Approved, your own request among the approvals. Applying it now.',
    });
    const record = (await b.deps.store.records({ limit: 1 }))[0];
    expect(record).toMatchObject({ kind: 'click', actor: 'UA', body: { ownApproval: true, approvals: ['UA'] } });
  });

  test('by the requester no longer counts once the configuration takes it back', async () => {
    const b = await bench();
    const proposal = await proposed(b, aDraft({ requester: 'UA', rule: own }));
    expect(await click(press(proposal, 'UA'), b.deps)).toMatchObject({ code: 'own_request' });
  });

  test.each(['terminal:ann', 'bot'])('of what %s asked for takes two people', async (requester) => {
    const b = await bench();
    const proposal = await proposed(b, aDraft({ requester, team: null }));
    expect(await click(press(proposal, 'UA'), b.deps)).toMatchObject({ kind: 'taken', apply: false });
    expect(await click(press({ ...proposal, version: 2 }, 'UB'), b.deps)).toMatchObject({ apply: true });
  });

  test('by somebody who left the group a minute ago is refused; by somebody who is in it counts', async () => {
    const b = await bench();
    const proposal = await proposed(b);
    b.groups.set('S1', []);
    expect(await click(press(proposal, 'UC'), b.deps)).toMatchObject({ kind: 'refused', code: 'not_an_approver' });
    b.groups.set('S1', ['UC']);
    expect(await click(press(proposal, 'UC'), b.deps)).toMatchObject({ kind: 'taken' });
  });

  test('does not count any more when its giver leaves the group before the second one comes', async () => {
    const b = await bench();
    const proposal = await proposed(b, aDraft({ rule: two }));
    await click(press(proposal, 'UC'), b.deps);
    b.groups.set('S1', []);
    expect(await click(press({ ...proposal, version: 2 }, 'UA'), b.deps)).toMatchObject({
      kind: 'taken',
      apply: false,
      message: 'Your approval counts: 1 of 2. 1 approval more to go.',
    });
  });

  test('is looked up in the route as it is configured now', async () => {
    const b = await bench();
    const proposal = await proposed(b);
    b.settings.routes = [{ name: 'all', match: {}, channel: 'C1', owners: [], approvers: ['UZ'], quorum: 1 }];
    expect(await click(press(proposal, 'UA'), b.deps)).toMatchObject({ code: 'not_an_approver' });
    expect(await click(press(proposal, 'UZ'), b.deps)).toMatchObject({ kind: 'taken', apply: true });
  });

  test('is not counted while Slack does not say who is in the group', async () => {
    const b = await bench();
    const proposal = await proposed(b);
    const down = new AdviseError({ kind: 'upstream', code: 'slack_unreachable', message: 'Slack is down.' });
    const deps = { ...b.deps, directory: { membersOf: () => Promise.reject(down) } };
    expect(await click(press(proposal, 'UA'), deps)).toMatchObject({ code: 'approvers_unknown' });
    expect(await b.deps.store.proposal(proposal.id)).toMatchObject({ version: 1 });
  });

  test('during a freeze is refused with its end, which a day given as a date belongs to', async () => {
    const b = await bench();
    const proposal = await proposed(b);
    b.settings.approvals = { ...POLICY, freezes: [{ name: 'Black Friday', from: '2026-11-23', to: '2026-11-24' }] };
    expect(await click(press(proposal, 'UA'), b.deps)).toMatchObject({
      code: 'frozen',
      message: 'Nothing is applied during "Black Friday", which ends 2026-11-25 00:00 UTC.',
    });
    expect(await click(press(proposal, 'UA', { verdict: 'reject', reason: 'no' }), b.deps)).toMatchObject({
      kind: 'taken',
    });
  });

  test('is refused when the bot became read-only or lost its writer role', async () => {
    const b = await bench();
    const proposal = await proposed(b);
    b.settings.approvals = { ...POLICY, readOnly: true };
    expect(await click(press(proposal, 'UA'), b.deps)).toMatchObject({ code: 'read_only' });
    b.settings.approvals = POLICY;
    b.settings.accounts = [{ ...ACCOUNT, writerRoleArn: null }];
    expect(await click(press(proposal, 'UA'), b.deps)).toMatchObject({ code: 'no_writer_role' });
  });

  test('after the expiry is refused, to the millisecond', async () => {
    const b = await bench();
    const proposal = await proposed(b);
    b.pass(24 * HOUR - 1);
    const early = await click(press(proposal, 'U9'), b.deps);
    b.pass(1);
    expect([early, await click(press(proposal, 'UA'), b.deps)]).toMatchObject([
      { code: 'not_an_approver' },
      { code: 'expired', message: 'This proposal expired 2026-11-25 09:00 UTC. Nothing was changed.' },
    ]);
  });
});

describe('forged clicks are refused and recorded:', () => {
  test.each([
    ['a proposal that does not exist', { proposal: `nonsense ${'x'.repeat(5000)}` }, 'unknown_proposal'],
    ['another workspace', { team: 'T2' }, 'other_workspace'],
    ['a version that never was', { version: 7 }, 'old_version'],
    ['a version that is no number', { version: Number.NaN }, 'old_version'],
  ])('%s', async (_, parts, code) => {
    const b = await bench();
    const proposal = await proposed(b);
    expect(await click(press(proposal, 'UA', parts), b.deps)).toMatchObject({ kind: 'refused', code });
    const [record] = await b.deps.store.records({ limit: 1 });
    expect(record).toMatchObject({ kind: 'click', actor: 'UA', body: { refused: code } });
    expect(JSON.stringify(record).length).toBeLessThan(1000);
    expect((await b.deps.store.verifyChain()).intact).toBe(true);
  });

  test('a proposal from a terminal takes clicks of the bot’s own workspace only', async () => {
    const b = await bench();
    const proposal = await proposed(b, aDraft({ requester: 'terminal:ann', team: null }));
    expect(await click(press(proposal, 'UA', { team: 'T2' }), b.deps)).toMatchObject({ code: 'other_workspace' });
  });
});

describe('a rejection', () => {
  test('by any approver ends it, whatever was approved before, and keeps the reason', async () => {
    const b = await bench();
    const proposal = await proposed(b, aDraft({ rule: two }));
    await click(press(proposal, 'UA'), b.deps);
    await click(press({ ...proposal, version: 2 }, 'UA', { verdict: 'reject', reason: '<!here> not now' }), b.deps);
    expect(await b.deps.store.proposal(proposal.id)).toMatchObject({
      state: 'rejected',
      outcome: 'Rejected by <@UA>. Nothing was changed.',
      decisions: [{ verdict: 'approve' }, { verdict: 'reject', reason: '<!here> not now' }],
    });
    expect(await click(press(proposal, 'UB'), b.deps)).toMatchObject({
      message: 'Already rejected by <@UA>, 2026-11-24 09:00 UTC.',
    });
    expect(await applyProposal(proposal.id, b.deps)).toEqual({ kind: 'not-ours' });
    expect(b.aws.heard).toEqual([]);
  });

  test('is open to the requester and to nobody outside', async () => {
    const b = await bench();
    const proposal = await proposed(b);
    expect(await click(press(proposal, 'U9', { verdict: 'reject' }), b.deps)).toMatchObject({
      code: 'not_an_approver',
    });
    expect(await click(press(proposal, 'U1', { verdict: 'reject' }), b.deps)).toMatchObject({ kind: 'taken' });
  });
});

describe('a snooze', () => {
  test('lasts a day or until the expiry, leaves it open to approval, and the sweep ends it', async () => {
    const b = await bench();
    b.settings.approvals = { ...POLICY, expiryHours: 72 };
    const proposal = await proposed(b);
    await click(press(proposal, 'UA', { verdict: 'snooze' }), b.deps);
    expect(await b.deps.store.proposal(proposal.id)).toMatchObject({ snoozedUntil: '2026-11-25T09:00:00.000Z' });
    b.pass(24 * HOUR);
    await sweep(b.deps);
    expect(await b.deps.store.proposal(proposal.id)).toMatchObject({
      state: 'pending',
      version: 3,
      snoozedUntil: null,
    });
    expect(await click(press({ ...proposal, version: 3 }, 'UA'), b.deps)).toMatchObject({ apply: true });
  });
});

describe('a copy of the message that nobody saved (killed while posting)', () => {
  test('is known from the first press on it, and loses its buttons with the others', async () => {
    const b = await bench();
    const proposal = await proposed(b);
    await announce(proposal.id, b.deps);
    const lost = { channel: 'C1', ts: '99.0' };
    await click(press(proposal, 'UA', { message: lost }), b.deps);
    await applyProposal(proposal.id, b.deps);
    expect(b.slack.messages.get('1.0')).toMatchObject({ state: 'applied' });
    expect(b.slack.messages.get('99.0')).toMatchObject({ state: 'applied' });
  });

  test('in another channel is nobody’s', async () => {
    const b = await bench();
    const proposal = await proposed(b);
    await click(press(proposal, 'UA', { message: { channel: 'C666', ts: '1.0' } }), b.deps);
    expect(await b.deps.store.proposal(proposal.id)).toMatchObject({ messages: [] });
  });
});

describe('the story of a proposal', () => {
  test('holds every step in order, refused clicks and the undo too', async () => {
    const b = await bench();
    const proposal = await proposed(b);
    await click(press(proposal, 'U9'), b.deps);
    await click(press(proposal, 'UA'), b.deps);
    await applyProposal(proposal.id, b.deps);
    const kinds = (await b.deps.store.recordsOf(proposal.id)).map(({ kind, actor }) => `${kind} ${actor}`);
    // One dry run (Create), then Create and Associate, each begun and answered.
    expect(kinds).toEqual([
      'proposal U1',
      'click U9',
      'click UA',
      ...Array.from({ length: 5 }, () => 'apply bot'),
      'applied bot',
    ]);
    expect((await b.deps.store.verifyChain()).intact).toBe(true);
  });
});
