import type { NewRecord, StoredRecord } from '../deps.ts';
import { canonicalJson, type Json } from '../engine/index.ts';
import { damaged } from './connection.ts';
import { pinState, sha256 } from './pins.ts';
import { type Executor, HEAD_NAME, type RecordRow } from './schema.ts';

/** Pages are bounded whatever the caller asks for. */
const LARGEST_PAGE = 1000;

/**
 * Appends one link. Must run inside a write transaction: the head is read and moved in it, so two processes can
 * never continue from the same record. Throws when a pin that the body names was not saved first.
 */
export async function appendRecord(trx: Executor, place: string, record: NewRecord): Promise<StoredRecord> {
  if (!/^\d{4}-\d{2}-\d{2}T[\d:]{8}\.\d{3}Z$/.test(record.at)) {
    throw new Error(`invariant: a record needs a UTC time with milliseconds, got ${record.at}`);
  }
  for (const key of pinsOf(record.body)) {
    const pin = await trx.selectFrom('pins').select('sha256').where('sha256', '=', key).executeTakeFirst();
    if (pin === undefined) throw new Error(`invariant: the record names a pin that is not saved: ${key}`);
  }

  const head = await readHead(trx, place);
  const seq = head.seq + 1;
  const id = await nextId(trx, record.at.slice(0, 10));
  const unhashed = { seq, id, at: record.at, kind: record.kind, actor: record.actor, prevHash: head.hash };
  const stored: StoredRecord = { ...unhashed, body: record.body, hash: recordHash({ ...unhashed, body: record.body }) };

  await trx
    .insertInto('records')
    .values({
      seq,
      id,
      at: stored.at,
      kind: stored.kind,
      actor: stored.actor,
      body: canonicalJson(stored.body),
      prev_hash: stored.prevHash,
      hash: stored.hash,
    })
    .execute();
  await trx.updateTable('chain_head').set({ seq, hash: stored.hash }).where('name', '=', HEAD_NAME).execute();
  return stored;
}

/** SHA-256 over canonical JSON of everything but the hash itself. */
function recordHash(record: Omit<StoredRecord, 'hash'>): string {
  const { seq, id, at, kind, actor, body, prevHash } = record;
  return sha256(canonicalJson({ seq, id, at, kind, actor, body, prevHash }));
}

/** Where the chain ends: number and hash of the newest record (0 and 64 zeros before the first). */
export async function readHead(db: Executor, place: string): Promise<{ readonly seq: number; readonly hash: string }> {
  const head = await db
    .selectFrom('chain_head')
    .select(['seq', 'hash'])
    .where('name', '=', HEAD_NAME)
    .executeTakeFirst();
  if (head === undefined) throw damaged(place, 'the row that marks the end of the log is missing');
  return head;
}

/** One record, checked: throws `store_corrupt` when its content no longer gives its hash, so nobody is shown a forgery. */
export async function readRecord(db: Executor, place: string, id: string): Promise<StoredRecord | null> {
  const row = await db.selectFrom('records').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) return null;
  const record = toRecord(row, place);
  if (recordHash(record) !== record.hash) throw damaged(place, `record ${id} does not give its hash`);
  return record;
}

/** Newest first. Hashes are not checked: one edited row must not hide the others. */
export async function readRecords(
  db: Executor,
  place: string,
  page: { readonly limit: number; readonly before?: number; readonly actor?: string },
): Promise<readonly StoredRecord[]> {
  let query = db.selectFrom('records').selectAll().orderBy('seq', 'desc').limit(Math.min(page.limit, LARGEST_PAGE));
  if (page.before !== undefined) query = query.where('seq', '<', page.before);
  if (page.actor !== undefined) query = query.where('actor', '=', page.actor);
  return (await query.execute()).map((row) => toRecord(row, place));
}

/** Number and time of the newest record, from the head: no table is counted. */
export async function readCounts(
  db: Executor,
  place: string,
): Promise<{ readonly records: number; readonly latestAt: string | null }> {
  const head = await readHead(db, place);
  const latest = await db.selectFrom('records').select('at').where('seq', '=', head.seq).executeTakeFirst();
  return { records: head.seq, latestAt: latest?.at ?? null };
}

/** The hashes under `body.pins`, whatever their names, and those of the files in `body.proofs`. */
function pinsOf(body: Json): readonly string[] {
  const proofs = memberOf(body, 'proofs');
  const files: readonly Json[] = Array.isArray(proofs) ? proofs : [];
  return [memberOf(body, 'pins'), ...files].flatMap(hashesIn);
}

const SHA256 = /^[0-9a-f]{64}$/;

function hashesIn(named: Json | undefined): readonly string[] {
  if (typeof named !== 'object' || named === null || Array.isArray(named)) return [];
  return Object.values(named).flatMap((value) => (typeof value === 'string' && SHA256.test(value) ? [value] : []));
}

function memberOf(value: Json, key: string): Json | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return (value as { readonly [key: string]: Json | undefined })[key];
}

/** What is wrong with one row, given the hash before it; null when it fits. Reads the pins it names. */
export async function rowFault(
  db: Executor,
  row: RecordRow,
  prevHash: string,
  pins: Map<string, 'ok' | 'missing' | 'damaged'>,
): Promise<string | null> {
  if (row.prev_hash !== prevHash) return 'it does not follow the record before it: prevHash differs';
  const body = parseBody(row.body);
  if (body === undefined) return 'its body is not JSON';
  const { seq, id, at, kind, actor, hash } = row;
  if (recordHash({ seq, id, at, kind, actor, body, prevHash }) !== hash) return 'its content does not give its hash';
  // Spaces or repeated keys would leave the hash as it was.
  if (canonicalJson(body) !== row.body) return 'the bytes of its body were changed';
  for (const key of pinsOf(body)) {
    const state = pins.get(key) ?? (await pinState(db, key));
    pins.set(key, state);
    if (state !== 'ok') return `a saved input it names is ${state}: ${key.slice(0, 12)}`;
  }
  return null;
}

/** `YYYY-MM-DD-NNNN`: one more than the largest number of that day, which may be in the past if a clock ran back. */
async function nextId(trx: Executor, day: string): Promise<string> {
  const last = await trx
    .selectFrom('records')
    .select('id')
    .where('id', '>=', `${day}-`)
    .where('id', '<', `${day}.`)
    .orderBy((expression) => expression.fn<number>('length', ['id']), 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  const number = last === undefined ? 1 : Number(last.id.slice(day.length + 1)) + 1;
  return `${day}-${String(number).padStart(4, '0')}`;
}

function toRecord(row: RecordRow, place: string): StoredRecord {
  const body = parseBody(row.body);
  if (body === undefined) throw damaged(place, `the body of record ${row.id} is not JSON`);
  const { seq, id, at, kind, actor, hash } = row;
  return { seq, id, at, kind, actor, body, prevHash: row.prev_hash, hash };
}

function parseBody(text: unknown): Json | undefined {
  if (typeof text !== 'string') return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
