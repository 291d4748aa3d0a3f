import type { Proposal, ProposalState } from '../approvals/model.ts';
import type { NewRecord, ProposalLease, ProposalStep, StoredRecord } from '../deps.ts';
import { canonicalJson, type Json } from '../engine/index.ts';
import { damaged } from './connection.ts';
import { appendRecord, readRecord } from './records.ts';
import type { Executor, ProposalRow } from './schema.ts';

/**
 * The row is the truth about a proposal. Where its message is lies in columns of its own: a step that was decided on an
 * older reading must not forget a copy that was posted meanwhile.
 */

/** Saves a new proposal under the id of its record. Must run inside a write transaction. */
export async function createProposal(
  trx: Executor,
  place: string,
  { record, draft }: { readonly record: NewRecord; readonly draft: (id: string) => Proposal },
): Promise<{ readonly proposal: Proposal; readonly record: StoredRecord }> {
  const stored = await appendRecord(trx, place, record);
  const proposal = draft(stored.id);
  if (proposal.id !== stored.id || proposal.version !== 1) {
    throw new Error('invariant: a new proposal has the id of its record and version 1');
  }
  await trx
    .insertInto('proposals')
    .values({
      id: proposal.id,
      version: proposal.version,
      state: proposal.state,
      created_at: proposal.createdAt,
      body: bodyOf(proposal),
      messages: canonicalJson(proposal.messages),
      shown_version: 0,
    })
    .execute();
  // A proposal that takes back or follows another one belongs to the story of both.
  const about = new Set([proposal.id, proposal.undoes, proposal.follows].filter((id) => id !== null));
  for (const id of about) await link(trx, id, stored);
  return { proposal, record: stored };
}

export async function readProposal(db: Executor, place: string, id: string): Promise<Proposal | null> {
  const row = await db.selectFrom('proposals').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? null : toProposal(row, place);
}

/** Oldest first, by the records that proposed them. */
export async function readProposals(
  db: Executor,
  place: string,
  filter: { readonly states?: readonly ProposalState[] },
): Promise<readonly Proposal[]> {
  let query = inOrder(db);
  if (filter.states !== undefined) query = query.where('proposals.state', 'in', [...filter.states]);
  return (await query.execute()).map((row) => toProposal(row, place));
}

/** Those whose message does not show their newest version, oldest first. */
export async function readUnshown(db: Executor, place: string): Promise<readonly Proposal[]> {
  const rows = await inOrder(db).whereRef('proposals.shown_version', '<', 'proposals.version').execute();
  return rows.map((row) => toProposal(row, place));
}

/**
 * Saves the step and its record, or nothing and answers false when the stored version is not the one that the step was
 * decided on. Must run inside a write transaction.
 */
export async function advanceProposal(trx: Executor, place: string, step: ProposalStep): Promise<boolean> {
  const { from, proposal, record } = step;
  if (proposal.version !== from + 1) throw new Error('invariant: a step adds one to the version');
  const result = await trx
    .updateTable('proposals')
    .set({ version: proposal.version, state: proposal.state, body: bodyOf(proposal) })
    .where('id', '=', proposal.id)
    .where('version', '=', from)
    .executeTakeFirst();
  if (result.numUpdatedRows !== 1n) return false;
  await link(trx, proposal.id, await appendRecord(trx, place, record));
  return true;
}

/** Where the message is, and the version it shows; an older version never takes the place of a newer one. */
export async function saveMessages(
  trx: Executor,
  { id, messages, shownVersion }: Pick<Proposal, 'id' | 'messages'> & { readonly shownVersion: number },
): Promise<void> {
  await trx
    .updateTable('proposals')
    .set({ messages: canonicalJson(messages), shown_version: shownVersion })
    .where('id', '=', id)
    .where('shown_version', '<=', shownVersion)
    .execute();
}

/** Adds a copy of the message that was found, and forgets what was shown: the next showing edits all of them. */
export async function adoptMessage(
  trx: Executor,
  place: string,
  { id, message }: { readonly id: string; readonly message: Proposal['messages'][number] },
): Promise<void> {
  const proposal = await readProposal(trx, place, id);
  if (proposal === null) return;
  await trx
    .updateTable('proposals')
    .set({ messages: canonicalJson([...proposal.messages, message]), shown_version: 0 })
    .where('id', '=', id)
    .execute();
}

/** Ties a record that names a proposal in its body to it, so that its story is found; any other record is left alone. */
export async function linkRecord(trx: Executor, record: StoredRecord): Promise<void> {
  const { body } = record;
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return;
  const named = (body as { readonly proposal?: Json }).proposal;
  if (typeof named !== 'string') return;
  const known = await trx.selectFrom('proposals').select('id').where('id', '=', named).executeTakeFirst();
  if (known !== undefined) await link(trx, named, record);
}

/** Records about one proposal, oldest first, each checked against its hash. Throws `store_corrupt`. */
export async function recordsOf(db: Executor, place: string, proposal: string): Promise<readonly StoredRecord[]> {
  const links = await db
    .selectFrom('proposal_records')
    .select(['seq', 'record'])
    .where('proposal', '=', proposal)
    .orderBy('seq')
    .execute();
  const records: StoredRecord[] = [];
  for (const { record } of links) {
    const read = await readRecord(db, place, record);
    if (read === null) throw damaged(place, `record ${record} of proposal ${proposal} is missing`);
    records.push(read);
  }
  return records;
}

/** True when nobody else holds the lease at `at`. Must run inside a write transaction. */
export async function leaseProposal(
  trx: Executor,
  lease: ProposalLease & { readonly at: string; readonly until: string },
): Promise<boolean> {
  const { proposal, purpose, owner, at, until } = lease;
  const result = await trx
    .insertInto('proposal_leases')
    .values({ proposal, purpose, owner, until })
    .onConflict((conflict) =>
      conflict
        .columns(['proposal', 'purpose'])
        .doUpdateSet({ owner, until })
        .where((row) => row.or([row('proposal_leases.until', '<=', at), row('proposal_leases.owner', '=', owner)])),
    )
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

export async function releaseProposal(db: Executor, { proposal, purpose, owner }: ProposalLease): Promise<void> {
  await db
    .deleteFrom('proposal_leases')
    .where('proposal', '=', proposal)
    .where('purpose', '=', purpose)
    .where('owner', '=', owner)
    .execute();
}

function inOrder(db: Executor) {
  return db
    .selectFrom('proposals')
    .innerJoin('records', 'records.id', 'proposals.id')
    .selectAll('proposals')
    .orderBy('records.seq');
}

async function link(trx: Executor, proposal: string, { id, seq }: StoredRecord): Promise<void> {
  await trx.insertInto('proposal_records').values({ proposal, seq, record: id }).execute();
}

function bodyOf({ messages: _, ...rest }: Proposal): string {
  return canonicalJson(rest);
}

function toProposal(row: ProposalRow, place: string): Proposal {
  try {
    const body = JSON.parse(row.body) as Omit<Proposal, 'messages'>;
    return { ...body, messages: JSON.parse(row.messages) as Proposal['messages'] };
  } catch (error) {
    if (error instanceof SyntaxError) throw damaged(place, `proposal ${row.id} is not JSON`);
    throw error;
  }
}
