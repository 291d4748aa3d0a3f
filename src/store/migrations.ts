import { sql } from 'kysely';
import { AdviseError } from '../errors.ts';
import type { Connection } from './connection.ts';
import { type Executor, GENESIS_HASH, HEAD_NAME } from './schema.ts';

type Migration = { readonly name: string; readonly up: (trx: Executor) => Promise<void> };

/** In order, forward only: a released entry is never edited, a new need is a new entry. */
const MIGRATIONS: readonly Migration[] = [
  {
    // The first answer: records in a hash chain, the inputs they pin, and a guard against redelivered requests.
    // `prev_hash` is unique so that no database, whatever its locks, can hold two successors of one record.
    name: '0001-records-pins-deliveries',
    up: async (trx) => {
      await trx.schema
        .createTable('records')
        .addColumn('seq', 'integer', (column) => column.primaryKey())
        .addColumn('id', 'text', (column) => column.notNull().unique())
        .addColumn('at', 'text', (column) => column.notNull())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('actor', 'text', (column) => column.notNull())
        .addColumn('body', 'text', (column) => column.notNull())
        .addColumn('prev_hash', 'text', (column) => column.notNull().unique())
        .addColumn('hash', 'text', (column) => column.notNull().unique())
        .execute();
      await trx.schema.createIndex('records_by_actor').on('records').columns(['actor', 'seq']).execute();
      await trx.schema
        .createTable('chain_head')
        .addColumn('name', 'text', (column) => column.primaryKey())
        .addColumn('seq', 'integer', (column) => column.notNull())
        .addColumn('hash', 'text', (column) => column.notNull())
        .execute();
      await trx.insertInto('chain_head').values({ name: HEAD_NAME, seq: 0, hash: GENESIS_HASH }).execute();
      await trx.schema
        .createTable('pins')
        .addColumn('sha256', 'text', (column) => column.primaryKey())
        .addColumn('body', 'text', (column) => column.notNull())
        .execute();
      await trx.schema
        .createTable('deliveries')
        .addColumn('key', 'text', (column) => column.primaryKey())
        .addColumn('at', 'text', (column) => column.notNull())
        .execute();
      await trx.schema.createIndex('deliveries_by_at').on('deliveries').column('at').execute();
    },
  },
  {
    // The estate: a scan under way saves scope by scope and can be taken over; a snapshot is a head and parts under
    // their hashes, so that an unchanged part is one row for ever. What AWS charges for is asked once and counted.
    name: '0002-estate',
    up: async (trx) => {
      const table = (name: string, key: string, columns: readonly string[]) =>
        columns.reduce(
          (builder, column) => builder.addColumn(column, 'text', (made) => made.notNull()),
          trx.schema.createTable(name).addColumn(key, 'text', (made) => made.primaryKey()),
        );
      await table('scans', 'id', ['started_at', 'heartbeat_at', 'progress']).execute();
      await trx.schema
        .createTable('scan_scopes')
        .addColumn('scan_id', 'text', (column) => column.notNull())
        .addColumn('scope', 'text', (column) => column.notNull())
        .addColumn('body', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('scan_scopes_key', ['scan_id', 'scope'])
        .execute();
      await table('parts', 'sha256', ['body']).execute();
      await table('snapshots', 'id', ['taken_at', 'head'])
        .addColumn('pinned', 'integer', (column) => column.notNull())
        .execute();
      await trx.schema.createIndex('snapshots_by_time').on('snapshots').column('taken_at').execute();
      await table('task_definitions', 'arn', ['body']).execute();
      await table('paid_answers', 'key', ['body', 'at']).execute();
      await table('paid_leases', 'key', ['at']).execute();
      await trx.schema
        .createTable('paid_requests')
        .addColumn('month', 'text', (column) => column.primaryKey())
        .addColumn('requests', 'integer', (column) => column.notNull())
        .execute();
    },
  },
  {
    // Prices read from AWS, one document a region: a refresh replaces it whole.
    name: '0003-price-lists',
    up: async (trx) => {
      await trx.schema
        .createTable('price_lists')
        .addColumn('region', 'text', (column) => column.primaryKey())
        .addColumn('body', 'text', (column) => column.notNull())
        .execute();
    },
  },
  {
    // Changes that people approve: the row is the newest state, its records are the story. A lease keeps two processes
    // from applying or posting the same one.
    name: '0004-proposals',
    up: async (trx) => {
      const proposals = ['state', 'created_at', 'body', 'messages'].reduce(
        (builder, column) => builder.addColumn(column, 'text', (made) => made.notNull()),
        trx.schema.createTable('proposals').addColumn('id', 'text', (made) => made.primaryKey()),
      );
      await proposals
        .addColumn('version', 'integer', (column) => column.notNull())
        .addColumn('shown_version', 'integer', (column) => column.notNull())
        .execute();
      await trx.schema.createIndex('proposals_by_state').on('proposals').column('state').execute();
      await trx.schema
        .createTable('proposal_records')
        .addColumn('proposal', 'text', (column) => column.notNull())
        .addColumn('seq', 'integer', (column) => column.notNull())
        .addColumn('record', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('proposal_records_key', ['proposal', 'seq'])
        .execute();
      await trx.schema
        .createTable('proposal_leases')
        .addColumn('proposal', 'text', (column) => column.notNull())
        .addColumn('purpose', 'text', (column) => column.notNull())
        .addColumn('owner', 'text', (column) => column.notNull())
        .addColumn('until', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('proposal_leases_key', ['proposal', 'purpose'])
        .execute();
    },
  },
];

/**
 * Brings the schema up to date in one transaction. Two processes that start at once queue at the write lock; the
 * second finds nothing left to do. Throws `store_newer` when a newer version has already migrated the file.
 */
export async function migrate(connection: Connection, now: Date): Promise<void> {
  await connection.write(async (trx) => {
    await sql`create table if not exists migrations (name text primary key, at text not null)`.execute(trx);
    const applied = (await trx.selectFrom('migrations').select('name').execute()).map((row) => row.name);
    refuseNewer(applied, connection.place);
    for (const migration of MIGRATIONS) {
      if (applied.includes(migration.name)) continue;
      await migration.up(trx);
      await trx.insertInto('migrations').values({ name: migration.name, at: now.toISOString() }).execute();
    }
  });
}

/** Names of the migrations that a start would apply; changes nothing. Throws like `migrate`. */
export async function pendingMigrations(connection: Connection): Promise<readonly string[]> {
  return connection.attempt(async (db) => {
    const found = await sql<{ name: string }>`select name from sqlite_master where name = 'migrations'`.execute(db);
    const applied =
      found.rows.length === 0
        ? []
        : (await db.selectFrom('migrations').select('name').execute()).map((row) => row.name);
    refuseNewer(applied, connection.place);
    return MIGRATIONS.map((migration) => migration.name).filter((name) => !applied.includes(name));
  });
}

function refuseNewer(applied: readonly string[], place: string): void {
  const unknown = applied.filter((name) => MIGRATIONS.every((migration) => migration.name !== name));
  if (unknown.length === 0) return;
  throw new AdviseError({
    kind: 'config',
    code: 'store_newer',
    message: `The database ${place} was written by a newer ecs-advise (${unknown.join(', ')}).`,
    hint: 'install that version again, or let DATABASE_URL name another file',
  });
}
