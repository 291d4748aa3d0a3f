import type { Json, TaskDefinition } from '../engine/index.ts';
import { canonicalJson } from '../engine/index.ts';
import type { Executor } from './schema.ts';

/** What need not be asked of AWS again: revisions of task definitions, and answers that cost money. */

/** SQLite takes at most 32,766 bound values; far fewer keep a statement small. */
const BATCH = 500;

/** The known ones among `arns`. A revision's sizes never change, so a row is never updated. */
export async function knownTaskDefinitions(
  db: Executor,
  arns: readonly string[],
): Promise<ReadonlyMap<string, TaskDefinition>> {
  const known = new Map<string, TaskDefinition>();
  for (let from = 0; from < arns.length; from += BATCH) {
    const rows = await db
      .selectFrom('task_definitions')
      .selectAll()
      .where('arn', 'in', arns.slice(from, from + BATCH))
      .execute();
    for (const { arn, body } of rows) known.set(arn, JSON.parse(body) as TaskDefinition);
  }
  return known;
}

/** Keeps revisions for ever. */
export async function saveTaskDefinitions(trx: Executor, definitions: readonly TaskDefinition[]): Promise<void> {
  for (let from = 0; from < definitions.length; from += BATCH) {
    await trx
      .insertInto('task_definitions')
      .values(
        definitions
          .slice(from, from + BATCH)
          .map((definition) => ({ arn: definition.arn, body: canonicalJson(definition as unknown as Json) })),
      )
      .onConflict((conflict) => conflict.column('arn').doNothing())
      .execute();
  }
}

/** The saved answer to a paid question, or null. */
export async function paidAnswer(
  db: Executor,
  key: string,
): Promise<{ readonly body: Json; readonly at: string } | null> {
  const row = await db.selectFrom('paid_answers').selectAll().where('key', '=', key).executeTakeFirst();
  return row === undefined ? null : { body: JSON.parse(row.body) as Json, at: row.at };
}

/** Keeps the answer to a paid question; a newer one takes its place. */
export async function savePaidAnswer(
  db: Executor,
  saved: { readonly key: string; readonly body: Json; readonly at: string },
): Promise<void> {
  const { key, at } = saved;
  const body = canonicalJson(saved.body);
  await db
    .insertInto('paid_answers')
    .values({ key, body, at })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ body, at }))
    .execute();
}

/** A process that dies while it asks must not keep others from asking for ever. */
const LEASE_MS = 60_000;

/** Takes the right to ask; false while somebody else has it. */
export async function leasePaid(trx: Executor, key: string, at: string): Promise<boolean> {
  const held = await trx.selectFrom('paid_leases').select('at').where('key', '=', key).executeTakeFirst();
  if (held !== undefined && Date.parse(at) - Date.parse(held.at) < LEASE_MS) return false;
  await trx
    .insertInto('paid_leases')
    .values({ key, at })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ at }))
    .execute();
  return true;
}

/** Gives the right to ask back. */
export async function releasePaid(db: Executor, key: string): Promise<void> {
  await db.deleteFrom('paid_leases').where('key', '=', key).execute();
}

/** Counts one request of the month before it is sent: one that is lost on the way is billed all the same. */
export async function countPaidRequest(trx: Executor, month: string, cap: number): Promise<boolean> {
  const used = await paidRequests(trx, month);
  if (used >= cap) return false;
  await trx
    .insertInto('paid_requests')
    .values({ month, requests: used + 1 })
    .onConflict((conflict) => conflict.column('month').doUpdateSet({ requests: used + 1 }))
    .execute();
  return true;
}

/** Paid requests of a month (`YYYY-MM`, UTC) so far. */
export async function paidRequests(db: Executor, month: string): Promise<number> {
  const row = await db.selectFrom('paid_requests').select('requests').where('month', '=', month).executeTakeFirst();
  return row?.requests ?? 0;
}
