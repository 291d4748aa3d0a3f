import type { Kysely } from 'kysely';

/**
 * One schema for every database. Columns are `text` and `integer` only: times are ISO 8601 UTC text with
 * milliseconds (sorts as text), JSON is canonical text, ids are made by us. Booleans, dates and objects are never
 * bound: the SQLite driver refuses them.
 */
export type Database = {
  readonly records: RecordRow;
  readonly chain_head: { readonly name: string; readonly seq: number; readonly hash: string };
  readonly pins: { readonly sha256: string; readonly body: string };
  readonly deliveries: { readonly key: string; readonly at: string };
  /** The one scan under way, or the last one when it was killed. */
  readonly scans: {
    readonly id: string;
    readonly started_at: string;
    readonly heartbeat_at: string;
    readonly progress: string;
  };
  readonly scan_scopes: { readonly scan_id: string; readonly scope: string; readonly body: string };
  readonly parts: { readonly sha256: string; readonly body: string };
  readonly snapshots: {
    readonly id: string;
    readonly taken_at: string;
    readonly head: string;
    readonly pinned: number;
  };
  readonly task_definitions: { readonly arn: string; readonly body: string };
  readonly paid_answers: { readonly key: string; readonly body: string; readonly at: string };
  readonly paid_leases: { readonly key: string; readonly at: string };
  readonly paid_requests: { readonly month: string; readonly requests: number };
  readonly price_lists: { readonly region: string; readonly body: string };
  readonly proposals: ProposalRow;
  /** Which records tell of which proposal. */
  readonly proposal_records: { readonly proposal: string; readonly seq: number; readonly record: string };
  readonly proposal_leases: {
    readonly proposal: string;
    readonly purpose: string;
    readonly owner: string;
    readonly until: string;
  };
  readonly migrations: { readonly name: string; readonly at: string };
};

export type RecordRow = {
  readonly seq: number;
  readonly id: string;
  readonly at: string;
  readonly kind: string;
  readonly actor: string;
  readonly body: string;
  readonly prev_hash: string;
  readonly hash: string;
};

export type ProposalRow = {
  readonly id: string;
  readonly version: number;
  readonly state: string;
  readonly created_at: string;
  /** The proposal without its messages. */
  readonly body: string;
  readonly messages: string;
  /** The version that the messages show; 0 before the first. */
  readonly shown_version: number;
};

/**
 * What every query function takes first. Inside a transaction it is the transaction's own handle: one connection
 * sits behind a mutex, so reaching for the outer one from inside would wait for ever.
 */
export type Executor = Kysely<Database>;

/** `prevHash` of record 1. */
export const GENESIS_HASH = '0'.repeat(64);

/** The only row of `chain_head`. */
export const HEAD_NAME = 'records';
