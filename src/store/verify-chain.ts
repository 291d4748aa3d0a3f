import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { sql } from 'kysely';
import type { ChainCheck } from '../deps.ts';
import type { Connection } from './connection.ts';
import { readHead, rowFault } from './records.ts';
import { type Executor, GENESIS_HASH, HEAD_NAME, type RecordRow } from './schema.ts';

const PAGE = 200;

/**
 * Walks the chain from record 1 to the head as it stood at the start, a page at a time (others may append
 * meanwhile and requests are served between pages), and names the first record that does not fit.
 *
 * A chain alone cannot show that its newest records were deleted, so the head row keeps the last number and hash,
 * moved in the same transaction as each append. Whoever can rewrite the whole file can rewrite the head as well:
 * against that only a hash noted elsewhere helps, which is why the check returns the head it ended on.
 */
export async function verifyChain(connection: Connection): Promise<ChainCheck> {
  const { head, lastSeq } = await connection.attempt((db) => chainEnd(db, connection.place));
  const pins = new Map<string, 'ok' | 'missing' | 'damaged'>();
  let previous = { seq: 0, hash: GENESIS_HASH };
  const bad = (id: string, seq: number, because: string): ChainCheck => ({
    records: head.seq,
    intact: false,
    firstBad: { id, seq, because },
    head,
  });

  while (previous.seq < head.seq) {
    const after = previous.seq;
    const rows = await connection.attempt((db) => pageAfter(db, after));
    if (rows.length === 0) {
      return bad(`record ${after + 1}`, after + 1, `deleted: the log should end with record ${head.seq}`);
    }
    for (const row of rows) {
      if (row.seq > head.seq) break;
      if (row.seq !== previous.seq + 1) {
        return bad(`record ${previous.seq + 1}`, previous.seq + 1, `missing: the next one found is ${row.id}`);
      }
      const fault = await connection.attempt((db) => rowFault(db, row, previous.hash, pins));
      if (fault !== null) return bad(row.id, row.seq, fault);
      previous = { seq: row.seq, hash: row.hash };
    }
    await yieldToOthers();
  }

  if (previous.hash !== head.hash) return bad(`record ${head.seq}`, head.seq, 'its hash is not the one the head keeps');
  if (lastSeq > head.seq) return bad(`record ${head.seq + 1}`, head.seq + 1, 'added past the head: not by ecs-advise');
  return { records: head.seq, intact: true, firstBad: null, head };
}

/** The head and the largest number in the table, of one moment: one statement when both rows are there. */
async function chainEnd(db: Executor, place: string) {
  const both = await sql<{ seq: number; hash: string; last: number | null }>`
    select seq, hash, (select max(seq) from records) as last from chain_head where name = ${HEAD_NAME}`.execute(db);
  const row = both.rows[0];
  // Missing head: let the reader say so in its own words.
  if (row === undefined) return { head: await readHead(db, place), lastSeq: 0 };
  return { head: { seq: row.seq, hash: row.hash }, lastSeq: row.last ?? 0 };
}

async function pageAfter(db: Executor, seq: number): Promise<readonly RecordRow[]> {
  return db.selectFrom('records').selectAll().where('seq', '>', seq).orderBy('seq').limit(PAGE).execute();
}
