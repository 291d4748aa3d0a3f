import Sqlite from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Proposal } from '../../src/approvals/model.ts';
import type { ProposalStep, Store } from '../../src/deps.ts';
import { openStore } from '../../src/store/index.ts';
import { NEW_WINDOW } from '../approvals/fixtures.ts';
import { aRecord, temporaryStore } from './temporary.ts';

function draftOf(parts: Partial<Proposal> = {}): (id: string) => Proposal {
  return (id) => ({
    id,
    version: 1,
    state: 'pending',
    change: NEW_WINDOW,
    undoes: null,
    follows: null,
    requester: 'U1',
    team: 'T1',
    rule: { route: 'all', channel: 'C1', approvers: ['UA'], quorum: 1, requesterMayApprove: false },
    zone: 'UTC',
    createdAt: '2026-11-24T09:00:00.000Z',
    expiresAt: '2026-11-25T09:00:00.000Z',
    snoozedUntil: null,
    decisions: [],
    calls: [],
    outcome: null,
    endedAt: null,
    messages: [],
    briefing: { title: 'title <!here> 🦊', affected: [], takesHold: [], lint: [], clashes: [] },
    ...parts,
  });
}

async function created(store: Store, parts: Partial<Proposal> = {}): Promise<Proposal> {
  return (await store.createProposal(aRecord({ kind: 'proposal', body: {} }), draftOf(parts))).proposal;
}

function stepFrom(proposal: Proposal, parts: Partial<Proposal> = {}): ProposalStep {
  const next = { ...proposal, ...parts, version: proposal.version + 1 };
  return {
    from: proposal.version,
    proposal: next,
    record: aRecord({ kind: 'click', body: { proposal: proposal.id } }),
  };
}

describe('proposals', () => {
  test('have the id of the record that proposed them, and come back as they were saved', async () => {
    const { store } = await temporaryStore();
    const proposal = await created(store);
    expect(proposal.id).toBe('2026-11-24-0001');
    expect(await store.proposal(proposal.id)).toEqual(proposal);
    expect(await store.proposal('2026-11-24-0002')).toBeNull();
  });

  test('go on from the version they were decided on, once, with their record', async () => {
    const { store, file } = await temporaryStore();
    const second = await openStore({ databaseUrl: `sqlite:${file}` });
    onTestFinished(() => second.close());
    const proposal = await created(store);
    const step = stepFrom(proposal, { state: 'rejected' });
    const taken = await Promise.all([store.advanceProposal(step), second.advanceProposal(step)]);
    expect(taken.filter(Boolean)).toHaveLength(1);
    expect(await second.proposal(proposal.id)).toMatchObject({ version: 2, state: 'rejected' });
    expect((await store.recordsOf(proposal.id)).map(({ kind }) => kind)).toEqual(['proposal', 'click']);
    expect((await store.verifyChain()).records).toBe(2);
  });

  test('save neither step nor record when the record cannot be saved', async () => {
    const { store } = await temporaryStore();
    const proposal = await created(store);
    const step = { ...stepFrom(proposal), record: aRecord({ body: { pins: { world: 'f'.repeat(64) } } }) };
    await expect(store.advanceProposal(step)).rejects.toThrow('not saved');
    expect(await store.proposal(proposal.id)).toMatchObject({ version: 1 });
  });

  test('are listed oldest first, by state', async () => {
    const { store } = await temporaryStore();
    const [first, second] = [await created(store), await created(store)];
    await store.advanceProposal(stepFrom(first, { state: 'expired' }));
    expect((await store.proposals()).map(({ id }) => id)).toEqual([first.id, second.id]);
    expect((await store.proposals({ states: ['pending', 'applying'] })).map(({ id }) => id)).toEqual([second.id]);
  });

  test('keep a copy of the message that was posted while they went on', async () => {
    const { store } = await temporaryStore();
    const proposal = await created(store);
    await store.saveMessages(proposal.id, [{ channel: 'C1', ts: '1.0' }], 1);
    // Decided on a reading that knew of no message.
    await store.advanceProposal(stepFrom(proposal));
    expect(await store.proposal(proposal.id)).toMatchObject({ version: 2, messages: [{ ts: '1.0' }] });
  });

  test('are unshown until the message shows their newest version, and an older one never counts', async () => {
    const { store } = await temporaryStore();
    const proposal = await created(store);
    const copy = [{ channel: 'C1', ts: '1.0' }];
    const unshown = async () => (await store.unshownProposals()).map(({ version }) => version);
    expect(await unshown()).toEqual([1]);
    await store.saveMessages(proposal.id, copy, 1);
    expect(await unshown()).toEqual([]);
    await store.advanceProposal(stepFrom(proposal));
    expect(await unshown()).toEqual([2]);
    await store.saveMessages(proposal.id, copy, 2);
    await store.saveMessages(proposal.id, [], 1);
    expect([await unshown(), (await store.proposal(proposal.id))?.messages]).toEqual([[], copy]);
  });

  test('take in a copy that was found, and are unshown then', async () => {
    const { store } = await temporaryStore();
    const proposal = await created(store);
    await store.saveMessages(proposal.id, [{ channel: 'C1', ts: '1.0' }], 1);
    await store.adoptMessage(proposal.id, { channel: 'C1', ts: '2.0' });
    expect((await store.unshownProposals())[0]?.messages.map(({ ts }) => ts)).toEqual(['1.0', '2.0']);
  });

  test('find records that name them, and those of proposals that take them back', async () => {
    const { store } = await temporaryStore();
    const proposal = await created(store);
    await store.appendRecord(aRecord({ kind: 'click', body: { proposal: proposal.id, refused: 'expired' } }));
    await store.appendRecord(aRecord({ kind: 'click', body: { proposal: 'nonsense' } }));
    const undo = await created(store, { undoes: proposal.id });
    expect((await store.recordsOf(proposal.id)).map(({ seq }) => seq)).toEqual([1, 2, 4]);
    expect((await store.recordsOf(undo.id)).map(({ seq }) => seq)).toEqual([4]);
  });

  test('do not hand out a record that was edited', async () => {
    const { store, file } = await temporaryStore();
    const proposal = await created(store);
    const raw = new Sqlite(file);
    raw.exec("update records set actor = 'U9'");
    raw.close();
    await expect(store.recordsOf(proposal.id)).rejects.toMatchObject({ code: 'store_corrupt' });
  });
});

describe('a lease', () => {
  const lease = { proposal: '2026-11-24-0001', purpose: 'apply', owner: 'one' } as const;
  const [nine, ten, eleven] = ['2026-11-24T09:00:00.000Z', '2026-11-24T10:00:00.000Z', '2026-11-24T11:00:00.000Z'];

  test('belongs to one owner until it ends or is let go', async () => {
    const { store } = await temporaryStore();
    const two = { ...lease, owner: 'two' };
    expect(await store.leaseProposal({ ...lease, at: nine, until: ten })).toBe(true);
    expect(await store.leaseProposal({ ...two, at: nine, until: ten })).toBe(false);
    expect(await store.leaseProposal({ ...lease, at: nine, until: eleven })).toBe(true);
    expect(await store.leaseProposal({ ...two, at: ten, until: eleven })).toBe(false);
    await store.releaseProposal(two);
    expect(await store.leaseProposal({ ...two, at: ten, until: eleven })).toBe(false);
    await store.releaseProposal(lease);
    expect(await store.leaseProposal({ ...two, at: ten, until: eleven })).toBe(true);
    expect(await store.leaseProposal({ ...lease, at: eleven, until: eleven })).toBe(true);
  });

  test('for applying and one for showing do not meet', async () => {
    const { store } = await temporaryStore();
    expect(await store.leaseProposal({ ...lease, at: nine, until: ten })).toBe(true);
    expect(await store.leaseProposal({ ...lease, purpose: 'show', owner: 'two', at: nine, until: ten })).toBe(true);
  });
});
