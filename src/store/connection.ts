import { setTimeout as wait } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { Kysely, SqliteDialect, sql } from 'kysely';
import { AdviseError } from '../errors.ts';
import { isBusy, translateStoreError } from './errors.ts';
import type { Database, Executor } from './schema.ts';

/** SQLite itself never waits for a lock: that wait would hold up the whole thread (Slack's acks too). */
const BUSY_TIMEOUT_MS = 0;
/** We wait between tries, without blocking: about 4 s in all. */
const BUSY_TRIES = 300;
const BUSY_PAUSE_MS = 25;

export type Connection = {
  readonly db: Kysely<Database>;
  /** The database as the operator named it, for messages. */
  readonly place: string;
  /** Runs `work`, retrying while another process holds the database; driver errors come out as ours. */
  readonly attempt: <T>(work: (db: Executor) => Promise<T>) => Promise<T>;
  /**
   * Runs `work` in one write transaction that takes the write lock at its start. A plain `begin` would read first
   * and could then find that another process wrote in between. Everything is undone when `work` throws.
   */
  readonly write: <T>(work: (trx: Executor) => Promise<T>) => Promise<T>;
  readonly close: () => Promise<void>;
};

/** File name inside `sqlite:<file>`; a plain Error for anything else, since the config has checked it. */
export function sqliteFile(databaseUrl: string): string {
  if (!databaseUrl.startsWith('sqlite:')) throw new Error('invariant: the database URL must begin with sqlite:');
  return databaseUrl.slice('sqlite:'.length);
}

/**
 * Opens the file (creating it unless `mustExist`) and sets it up. WAL lets readers work while one process writes.
 * `synchronous = FULL`: an answer that somebody has seen must still be in the log after a power cut; NORMAL could
 * lose the newest commits. It costs one flush per answer.
 */
export async function connect(databaseUrl: string, options: { readonly mustExist: boolean }): Promise<Connection> {
  const file = sqliteFile(databaseUrl);
  const place = file === ':memory:' ? 'in memory' : file;
  const raw = await retryBusy(place, async () => open(file, options.mustExist));
  const db = new Kysely<Database>({ dialect: new SqliteDialect({ database: raw }) });

  const attempt = <T>(work: (executor: Executor) => Promise<T>): Promise<T> => retryBusy(place, () => work(db));
  const write = <T>(work: (trx: Executor) => Promise<T>): Promise<T> =>
    retryBusy(place, () =>
      db.connection().execute(async (trx) => {
        await sql`begin immediate`.execute(trx);
        try {
          const result = await work(trx);
          await sql`commit`.execute(trx);
          return result;
        } catch (error) {
          // Some failures (disk full) have already rolled back; a second rollback would hide their message.
          if (raw.inTransaction) await sql`rollback`.execute(trx);
          throw error;
        }
      }),
    );
  return { db, place, attempt, write, close: () => db.destroy() };
}

function open(file: string, mustExist: boolean): Sqlite.Database {
  const raw = new Sqlite(file, { timeout: BUSY_TIMEOUT_MS, fileMustExist: mustExist });
  try {
    raw.pragma('journal_mode = WAL');
    raw.pragma('synchronous = FULL');
    raw.pragma('foreign_keys = ON');
    return raw;
  } catch (error) {
    raw.close();
    throw error;
  }
}

async function retryBusy<T>(place: string, work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isBusy(error) || tries >= BUSY_TRIES) throw translateStoreError(error, place);
      // Uneven pauses keep two writers from meeting again and again.
      await wait(1 + Math.random() * BUSY_PAUSE_MS);
    }
  }
}

/** The error for rows that only an edit outside ecs-advise can have made. */
export function damaged(place: string, what: string): AdviseError {
  return new AdviseError({
    kind: 'upstream',
    code: 'store_corrupt',
    message: `The database ${place} was changed from outside: ${what}.`,
    hint: 'run "ecs-advise decisions verify" and compare with a backup',
  });
}
