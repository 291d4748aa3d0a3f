import { createHash } from 'node:crypto';
import { AdviseError } from '../errors.ts';
import type { Executor } from './schema.ts';

/** Lower-case hex SHA-256 over the UTF-8 bytes. */
export function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** Saves `body` under its own hash; the same body twice is one row. */
export async function savePin(db: Executor, body: string): Promise<string> {
  const key = sha256(body);
  await db
    .insertInto('pins')
    .values({ sha256: key, body })
    .onConflict((conflict) => conflict.column('sha256').doNothing())
    .execute();
  return key;
}

/** The body saved under `key`, or null. Throws `bug_pin_damaged` when its bytes no longer give that hash. */
export async function readPin(db: Executor, key: string): Promise<string | null> {
  const row = await db.selectFrom('pins').select('body').where('sha256', '=', key).executeTakeFirst();
  if (row === undefined) return null;
  if (typeof row.body !== 'string' || sha256(row.body) !== key) {
    throw new AdviseError({
      kind: 'bug',
      code: 'bug_pin_damaged',
      message: `The saved input ${key.slice(0, 12)} no longer has the bytes it was saved with.`,
      hint: 'run "ecs-advise decisions verify" to see which records name it',
    });
  }
  return row.body;
}

/** `missing`, `damaged` or `ok`, for the chain check. */
export async function pinState(db: Executor, key: string): Promise<'ok' | 'missing' | 'damaged'> {
  const row = await db.selectFrom('pins').select('body').where('sha256', '=', key).executeTakeFirst();
  if (row === undefined) return 'missing';
  return typeof row.body === 'string' && sha256(row.body) === key ? 'ok' : 'damaged';
}
