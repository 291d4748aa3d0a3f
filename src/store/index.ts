import { existsSync } from 'node:fs';
import { sql } from 'kysely';
import type { Clock, EstateStore, ProposalStore, Store } from '../deps.ts';
import { type Connection, connect, sqliteFile } from './connection.ts';
import { claimDelivery } from './deliveries.ts';
import { migrate, pendingMigrations } from './migrations.ts';
import {
  countPaidRequest,
  knownTaskDefinitions,
  leasePaid,
  paidAnswer,
  paidRequests,
  releasePaid,
  savePaidAnswer,
  saveTaskDefinitions,
} from './paid.ts';
import { readPin, savePin } from './pins.ts';
import { priceLists, savePriceList } from './price-lists.ts';
import {
  adoptMessage,
  advanceProposal,
  createProposal,
  leaseProposal,
  linkRecord,
  readProposal,
  readProposals,
  readUnshown,
  recordsOf,
  releaseProposal,
  saveMessages,
} from './proposals.ts';
import { appendRecord, readCounts, readHead, readRecord, readRecords } from './records.ts';
import {
  beginScan,
  finishScan,
  latestSnapshot,
  pinSnapshot,
  readPart,
  readSnapshot,
  saveProgress,
  saveScope,
  scanUnderWay,
  snapshotsSince,
} from './snapshots.ts';
import { verifyChain } from './verify-chain.ts';

export { openSavedPrices, withSavedPrices } from './price-lists.ts';

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
    appendRecord: (record) =>
      write(async (trx) => {
        const stored = await appendRecord(trx, place, record);
        await linkRecord(trx, stored);
        return stored;
      }),
    record: (id) => attempt((db) => readRecord(db, place, id)),
    records: (page) => attempt((db) => readRecords(db, place, page)),
    verifyChain: () => verifyChain(connection),
    savePin: (body) => attempt((db) => savePin(db, body)),
    pin: (key) => attempt((db) => readPin(db, key)),
    claimDelivery: (key, at) => write((trx) => claimDelivery(trx, key, at)),
    counts: () => attempt((db) => readCounts(db, place)),
    ...estate(connection),
    ...approvals(connection),
    ping: () => attempt(async (db) => void (await sql`select 1 from chain_head`.execute(db))),
    close: () => connection.close(),
  };
}

/** The verbs over snapshots, scans and paid answers. */
function estate({ place, attempt, write }: Connection): EstateStore {
  return {
    beginScan: (at) => write((trx) => beginScan(trx, at)),
    scanUnderWay: (at) => attempt((db) => scanUnderWay(db, at)),
    saveScope: (scanId, result, at) => write((trx) => saveScope(trx, { scanId, result, at })),
    saveProgress: (scanId, progress, at) => write((trx) => saveProgress(trx, { scanId, progress, at })),
    finishScan: (scanId, done) => write((trx) => finishScan(trx, { scanId, ...done })),
    latestSnapshot: () => attempt((db) => latestSnapshot(db)),
    snapshotsSince: (since) => attempt((db) => snapshotsSince(db, since)),
    snapshot: (id) => attempt((db) => readSnapshot(db, id)),
    pinSnapshot: (id) => write((trx) => pinSnapshot(trx, id)),
    part: (key) => attempt((db) => readPart(db, place, key)),
    knownTaskDefinitions: (arns) => attempt((db) => knownTaskDefinitions(db, arns)),
    saveTaskDefinitions: (definitions) => write((trx) => saveTaskDefinitions(trx, definitions)),
    paidAnswer: (key) => attempt((db) => paidAnswer(db, key)),
    savePaidAnswer: (key, body, at) => attempt((db) => savePaidAnswer(db, { key, body, at })),
    leasePaid: (key, at) => write((trx) => leasePaid(trx, key, at)),
    releasePaid: (key) => attempt((db) => releasePaid(db, key)),
    countPaidRequest: (month, cap) => write((trx) => countPaidRequest(trx, month, cap)),
    paidRequests: (month) => attempt((db) => paidRequests(db, month)),
    savePriceList: (list) => attempt((db) => savePriceList(db, list)),
    priceLists: () => attempt((db) => priceLists(db, place)),
  };
}

/** The verbs over proposals. */
function approvals({ place, attempt, write }: Connection): ProposalStore {
  return {
    createProposal: (record, draft) => write((trx) => createProposal(trx, place, { record, draft })),
    proposal: (id) => attempt((db) => readProposal(db, place, id)),
    advanceProposal: (step) => write((trx) => advanceProposal(trx, place, step)),
    saveMessages: (id, messages, shownVersion) => write((trx) => saveMessages(trx, { id, messages, shownVersion })),
    adoptMessage: (id, message) => write((trx) => adoptMessage(trx, place, { id, message })),
    unshownProposals: () => attempt((db) => readUnshown(db, place)),
    leaseProposal: (lease) => write((trx) => leaseProposal(trx, lease)),
    releaseProposal: (lease) => attempt((db) => releaseProposal(db, lease)),
    proposals: (filter) => attempt((db) => readProposals(db, place, filter ?? {})),
    recordsOf: (proposal) => attempt((db) => recordsOf(db, place, proposal)),
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
    appendRecord: async (...args) => (await store()).appendRecord(...args),
    record: async (...args) => (await store()).record(...args),
    records: async (...args) => (await store()).records(...args),
    verifyChain: async (...args) => (await store()).verifyChain(...args),
    savePin: async (...args) => (await store()).savePin(...args),
    pin: async (...args) => (await store()).pin(...args),
    claimDelivery: async (...args) => (await store()).claimDelivery(...args),
    counts: async (...args) => (await store()).counts(...args),
    ping: async (...args) => (await store()).ping(...args),
    beginScan: async (...args) => (await store()).beginScan(...args),
    scanUnderWay: async (...args) => (await store()).scanUnderWay(...args),
    saveScope: async (...args) => (await store()).saveScope(...args),
    saveProgress: async (...args) => (await store()).saveProgress(...args),
    finishScan: async (...args) => (await store()).finishScan(...args),
    latestSnapshot: async (...args) => (await store()).latestSnapshot(...args),
    snapshotsSince: async (...args) => (await store()).snapshotsSince(...args),
    snapshot: async (...args) => (await store()).snapshot(...args),
    pinSnapshot: async (...args) => (await store()).pinSnapshot(...args),
    part: async (...args) => (await store()).part(...args),
    knownTaskDefinitions: async (...args) => (await store()).knownTaskDefinitions(...args),
    saveTaskDefinitions: async (...args) => (await store()).saveTaskDefinitions(...args),
    paidAnswer: async (...args) => (await store()).paidAnswer(...args),
    savePaidAnswer: async (...args) => (await store()).savePaidAnswer(...args),
    leasePaid: async (...args) => (await store()).leasePaid(...args),
    releasePaid: async (...args) => (await store()).releasePaid(...args),
    countPaidRequest: async (...args) => (await store()).countPaidRequest(...args),
    paidRequests: async (...args) => (await store()).paidRequests(...args),
    savePriceList: async (...args) => (await store()).savePriceList(...args),
    priceLists: async (...args) => (await store()).priceLists(...args),
    createProposal: async (...args) => (await store()).createProposal(...args),
    proposal: async (...args) => (await store()).proposal(...args),
    advanceProposal: async (...args) => (await store()).advanceProposal(...args),
    saveMessages: async (...args) => (await store()).saveMessages(...args),
    adoptMessage: async (...args) => (await store()).adoptMessage(...args),
    unshownProposals: async (...args) => (await store()).unshownProposals(...args),
    leaseProposal: async (...args) => (await store()).leaseProposal(...args),
    releaseProposal: async (...args) => (await store()).releaseProposal(...args),
    proposals: async (...args) => (await store()).proposals(...args),
    recordsOf: async (...args) => (await store()).recordsOf(...args),
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
