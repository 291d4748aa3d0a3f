import { randomUUID } from 'node:crypto';
import type { EstateStore, ScanProgress, ScanState, ScopeResult } from '../deps.ts';
import type {
  AccountHead,
  ClusterHead,
  Json,
  Missed,
  PartKind,
  Scope,
  SnapshotHead,
  SnapshotPart,
} from '../engine/index.ts';
import { canonicalJson } from '../engine/index.ts';
import { damaged } from './connection.ts';
import { sha256 } from './pins.ts';
import type { Executor } from './schema.ts';

/** A scan writes a sign of life every few seconds; after so long without one its process is taken for dead. */
const HEARTBEAT_LIFE_MS = 15_000;
/** What a dead scan has read is taken over for so long; then the estate has changed too much for one picture. */
const RESUME_LIFE_MS = 60 * 60 * 1000;
/** Snapshots that no record names are kept so long, for comparisons between scans. */
const KEEP_MS = 14 * 24 * 60 * 60 * 1000;

/** A scope as it lies in `scan_scopes` until its scan is finished. */
type SavedScope = {
  readonly scope: Scope;
  readonly parts: readonly { readonly kind: PartKind; readonly shard: number; readonly sha256: string }[];
  readonly cluster: ClusterHead | null;
  readonly missed: readonly Missed[];
  /** Rows of parts that were new with this scope. */
  readonly written: number;
};

/** See `EstateStore.beginScan`. */
export async function beginScan(trx: Executor, at: string): Promise<Awaited<ReturnType<EstateStore['beginScan']>>> {
  const open = await trx.selectFrom('scans').selectAll().executeTakeFirst();
  if (open !== undefined) {
    if (ageMs(open.heartbeat_at, at) < HEARTBEAT_LIFE_MS) return null;
    if (ageMs(open.started_at, at) < RESUME_LIFE_MS) {
      await trx.updateTable('scans').set({ heartbeat_at: at }).where('id', '=', open.id).execute();
      const saved = await savedScopes(trx, open.id);
      return { id: open.id, resumed: saved.filter(({ missed }) => missed.length === 0).map(({ scope }) => scope) };
    }
    await dropScan(trx, open.id);
  }
  const id = randomUUID();
  await trx.insertInto('scans').values({ id, started_at: at, heartbeat_at: at, progress: 'null' }).execute();
  return { id, resumed: [] };
}

/** The scan that gave a sign of life lately, or null. */
export async function scanUnderWay(db: Executor, at: string): Promise<ScanState | null> {
  const open = await db.selectFrom('scans').selectAll().executeTakeFirst();
  if (open === undefined || ageMs(open.heartbeat_at, at) >= HEARTBEAT_LIFE_MS) return null;
  return {
    id: open.id,
    startedAt: open.started_at,
    heartbeatAt: open.heartbeat_at,
    progress: JSON.parse(open.progress) as ScanProgress | null,
  };
}

/** Saves what was read of one scope, all of it or nothing; parts that are known already are not written again. */
export async function saveScope(
  trx: Executor,
  saved: { readonly scanId: string; readonly result: ScopeResult; readonly at: string },
): Promise<void> {
  const { scanId, result, at } = saved;
  await requireScan(trx, scanId);
  let written = 0;
  const parts = [];
  for (const { shard, part } of result.parts) {
    const body = canonicalJson(part as unknown as Json);
    const key = sha256(body);
    const inserted = await trx
      .insertInto('parts')
      .values({ sha256: key, body })
      .onConflict((conflict) => conflict.column('sha256').doNothing())
      .executeTakeFirst();
    written += Number(inserted.numInsertedOrUpdatedRows ?? 0n);
    parts.push({ kind: part.kind, shard, sha256: key });
  }
  const { scope, cluster, missed } = result;
  const body = canonicalJson({ scope, parts, cluster, missed, written } as unknown as Json);
  await trx
    .insertInto('scan_scopes')
    .values({ scan_id: scanId, scope: scopeKey(scope), body })
    .onConflict((conflict) => conflict.columns(['scan_id', 'scope']).doUpdateSet({ body }))
    .execute();
  await trx.updateTable('scans').set({ heartbeat_at: at }).where('id', '=', scanId).execute();
}

/** Writes down how far the scan is, which is its sign of life too. */
export async function saveProgress(
  trx: Executor,
  saved: { readonly scanId: string; readonly progress: ScanProgress | null; readonly at: string },
): Promise<void> {
  const { scanId, progress, at } = saved;
  const change = { heartbeat_at: at, ...(progress === null ? {} : { progress: JSON.stringify(progress) }) };
  await trx.updateTable('scans').set(change).where('id', '=', scanId).execute();
}

/** Turns the finished scan into the newest snapshot. Nothing of it could be read before. */
export async function finishScan(
  trx: Executor,
  scan: { readonly scanId: string; readonly accounts: readonly AccountHead[]; readonly at: string },
): Promise<{ readonly head: SnapshotHead; readonly rowsWritten: number }> {
  const { scanId, accounts, at } = scan;
  const { started_at: startedAt } = await requireScan(trx, scanId);
  const scopes = await savedScopes(trx, scanId);
  const body = {
    startedAt,
    takenAt: at,
    accounts,
    clusters: scopes.flatMap(({ cluster }) => (cluster === null ? [] : [cluster])),
    parts: scopes.flatMap(({ scope, parts }) => parts.map((part) => ({ ...scope, ...part }))),
    missed: scopes.flatMap(({ missed }) => missed),
  };
  const id = sha256(canonicalJson(body as unknown as Json)).slice(0, 16);
  const head: SnapshotHead = { id, ...body };
  const before = await trx.selectFrom('snapshots').select('taken_at').orderBy('taken_at', 'desc').executeTakeFirst();
  // The same state at the same moment is the same snapshot.
  const inserted = await trx
    .insertInto('snapshots')
    .values({ id, taken_at: at, head: canonicalJson(head as unknown as Json), pinned: 0 })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .executeTakeFirst();
  await dropScan(trx, scanId);
  // Looking through all heads takes a while: once a day is enough.
  if (before?.taken_at.slice(0, 10) !== at.slice(0, 10)) await prune(trx, at);
  const heads = Number(inserted.numInsertedOrUpdatedRows ?? 0n);
  return { head, rowsWritten: heads + scopes.reduce((sum, { written }) => sum + written, 0) };
}

/** Head of the newest whole snapshot, or null. */
export async function latestSnapshot(db: Executor): Promise<SnapshotHead | null> {
  const row = await db.selectFrom('snapshots').select('head').orderBy('taken_at', 'desc').executeTakeFirst();
  return row === undefined ? null : (JSON.parse(row.head) as SnapshotHead);
}

/** See `EstateStore.snapshotsSince`. */
export async function snapshotsSince(db: Executor, since: string): ReturnType<EstateStore['snapshotsSince']> {
  const rows = db.selectFrom('snapshots').select(['id', 'taken_at as takenAt']);
  const before = await rows.where('taken_at', '<', since).orderBy('taken_at', 'desc').limit(1).execute();
  return [...before, ...(await rows.where('taken_at', '>=', since).orderBy('taken_at').orderBy('id').execute())];
}

/** Head of the snapshot with this id, or null when it is there no more. */
export async function readSnapshot(db: Executor, id: string): Promise<SnapshotHead | null> {
  const row = await db.selectFrom('snapshots').select('head').where('id', '=', id).executeTakeFirst();
  return row === undefined ? null : (JSON.parse(row.head) as SnapshotHead);
}

/** Keeps the snapshot for as long as the records that name it. */
export async function pinSnapshot(trx: Executor, id: string): Promise<void> {
  await trx.updateTable('snapshots').set({ pinned: 1 }).where('id', '=', id).execute();
}

/** The part with this hash. Throws `store_corrupt` when it is gone or its bytes changed. */
export async function readPart(db: Executor, place: string, key: string): Promise<SnapshotPart> {
  const row = await db.selectFrom('parts').select('body').where('sha256', '=', key).executeTakeFirst();
  if (row === undefined) throw damaged(place, `part ${key.slice(0, 12)} of a snapshot is missing`);
  if (sha256(row.body) !== key) throw damaged(place, `part ${key.slice(0, 12)} of a snapshot has other bytes`);
  return JSON.parse(row.body) as SnapshotPart;
}

async function savedScopes(db: Executor, scanId: string): Promise<readonly SavedScope[]> {
  const rows = await db
    .selectFrom('scan_scopes')
    .select('body')
    .where('scan_id', '=', scanId)
    .orderBy('scope')
    .execute();
  return rows.map(({ body }) => JSON.parse(body) as SavedScope);
}

async function requireScan(db: Executor, scanId: string): Promise<{ readonly started_at: string }> {
  const scan = await db.selectFrom('scans').select('started_at').where('id', '=', scanId).executeTakeFirst();
  if (scan === undefined) throw new Error(`invariant: scan ${scanId} is not the one under way`);
  return scan;
}

async function dropScan(trx: Executor, scanId: string): Promise<void> {
  await trx.deleteFrom('scan_scopes').where('scan_id', '=', scanId).execute();
  await trx.deleteFrom('scans').where('id', '=', scanId).execute();
}

/** Removes old snapshots that no record names, and the parts that nothing names any more. */
async function prune(trx: Executor, at: string): Promise<void> {
  const oldest = new Date(Date.parse(at) - KEEP_MS).toISOString();
  await trx.deleteFrom('snapshots').where('taken_at', '<', oldest).where('pinned', '=', 0).execute();
  const named = new Set<string>();
  for (const { id } of await trx.selectFrom('snapshots').select('id').execute()) {
    const { head } = await trx.selectFrom('snapshots').select('head').where('id', '=', id).executeTakeFirstOrThrow();
    for (const part of (JSON.parse(head) as SnapshotHead).parts) named.add(part.sha256);
  }
  const known = await trx.selectFrom('parts').select('sha256').execute();
  const loose = known.map((row) => row.sha256).filter((key) => !named.has(key));
  for (let from = 0; from < loose.length; from += 500) {
    await trx
      .deleteFrom('parts')
      .where('sha256', 'in', loose.slice(from, from + 500))
      .execute();
  }
}

function scopeKey({ account, region, cluster }: Scope): string {
  return [account, region ?? '', cluster ?? ''].join(' ');
}

function ageMs(then: string, now: string): number {
  return Date.parse(now) - Date.parse(then);
}
