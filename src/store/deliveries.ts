import type { Executor } from './schema.ts';

/** Slack gives up redelivering long before this. */
const KEEP_MS = 60 * 60 * 1000;

/** True exactly once per key, over restarts and processes. Keys older than an hour are dropped on the way. */
export async function claimDelivery(trx: Executor, key: string, at: string): Promise<boolean> {
  const oldest = new Date(Date.parse(at) - KEEP_MS).toISOString();
  await trx.deleteFrom('deliveries').where('at', '<', oldest).execute();
  const result = await trx
    .insertInto('deliveries')
    .values({ key, at })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}
