import { existsSync } from 'node:fs';
import { sql } from 'kysely';
import type { Clock, Store } from '../deps.ts';
import { connect, sqliteFile } from './connection.ts';
import { claimDelivery } from './deliveries.ts';
import { migrate, pendingMigrations } from './migrations.ts';
import { readPin, savePin } from './pins.ts';
import { appendRecord, readCounts, readHead, readRecord, readRecords } from './records.ts';
import { verifyChain } from './verify-chain.ts';

const SYSTEM_CLOCK: Clock = { now: () => new Date() };

/**
 * Opens and migrates the database behind `sqlite:<file>`. Several processes may use one file at once. Throws
 * `store_unwritable`, `store_corrupt`, `store_busy` (upstream) or `store_newer` (config).
 */
export async function openStore(options: { readonly databaseUrl: string; readonly clock?: Clock }): Promise<Store> {
  const connection = await connect(options.databaseUrl, { mustExist: false });
  const { place, attempt, write } = connection;
  try {
    await migrate(connection, (options.clock ?? SYSTEM_CLOCK).now());
  } catch (error) {
    await connection.close();
    throw error;
  }
  return {
    appendRecord: (record) => write((trx) => appendRecord(trx, place, record)),
    record: (id) => attempt((db) => readRecord(db, place, id)),
    records: (page) => attempt((db) => readRecords(db, place, page)),
    verifyChain: () => verifyChain(connection),
    savePin: (body) => attempt((db) => savePin(db, body)),
    pin: (key) => attempt((db) => readPin(db, key)),
    claimDelivery: (key, at) => write((trx) => claimDelivery(trx, key, at)),
    counts: () => attempt((db) => readCounts(db, place)),
    ping: () => attempt(async (db) => void (await sql`select 1 from chain_head`.execute(db))),
    close: () => connection.close(),
  };
}

/**
 * A store that is opened by the first verb that needs it, so that `help` or `facts` in a read-only folder neither
 * fail nor leave a file behind.
 */
export function storeOnDemand(open: () => Promise<Store>): Store {
  let opened: Promise<Store> | null = null;
  const store = (): Promise<Store> => {
    opened ??= open();
    return opened;
  };
  return {
    appendRecord: async (record) => (await store()).appendRecord(record),
    record: async (id) => (await store()).record(id),
    records: async (page) => (await store()).records(page),
    verifyChain: async () => (await store()).verifyChain(),
    savePin: async (body) => (await store()).savePin(body),
    pin: async (key) => (await store()).pin(key),
    claimDelivery: async (key, at) => (await store()).claimDelivery(key, at),
    counts: async () => (await store()).counts(),
    ping: async () => (await store()).ping(),
    close: async () => {
      if (opened === null) return;
      const outcome = await Promise.allSettled([opened]);
      // A store that never opened has nothing to close; who asked for it was told why.
      if (outcome[0].status === 'fulfilled') await outcome[0].value.close();
    },
  };
}

export type StoreInspection =
  | { readonly kind: 'absent'; readonly file: string }
  | {
      readonly kind: 'present';
      readonly file: string;
      readonly pending: readonly string[];
      /** Null before the first migration. */
      readonly head: { readonly seq: number; readonly hash: string } | null;
    };

/** Looks at a database without migrating or creating it; proves that it can be written. Throws like `openStore`. */
export async function inspectStore(databaseUrl: string): Promise<StoreInspection> {
  const file = sqliteFile(databaseUrl);
  if (file !== ':memory:' && !existsSync(file)) return { kind: 'absent', file };
  const connection = await connect(databaseUrl, { mustExist: file !== ':memory:' });
  try {
    const pending = await pendingMigrations(connection);
    // Taking the write lock fails on a read-only file; nothing is written under it.
    const head = await connection.write(async (trx) => (pending.length === 0 ? readHead(trx, connection.place) : null));
    return { kind: 'present', file, pending, head };
  } finally {
    await connection.close();
  }
}
