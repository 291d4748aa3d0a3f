import type { Fact, Json, PriceBook } from './engine/index.ts';

/** Types only: what commands, jobs and approvals are given. `wire.ts` builds the real things. */

export type Clock = { readonly now: () => Date };

/** Structured log; `fields` never holds tokens or text a user typed. */
export type Log = {
  readonly info: (fields: Record<string, unknown>, message: string) => void;
  readonly warn: (fields: Record<string, unknown>, message: string) => void;
  readonly error: (fields: Record<string, unknown>, message: string) => void;
  readonly debug: (fields: Record<string, unknown>, message: string) => void;
};

/** The packaged data folder: facts and one price book per region. */
export type Library = {
  readonly facts: readonly Fact[];
  /** Region codes with a price book, sorted. */
  readonly regions: readonly string[];
  /** Loads one region (cached). Throws `usage_unknown_region` for a region that is not in `regions`. */
  readonly prices: (region: string) => PriceBook;
};

/** One link of the hash chain. `hash` = SHA-256 over canonical JSON of everything else, `prevHash` included. */
export type StoredRecord = {
  /** `YYYY-MM-DD-NNNN`, counted per UTC day. */
  readonly id: string;
  /** 1, 2, 3 … without holes. */
  readonly seq: number;
  /** ISO 8601 UTC with milliseconds. */
  readonly at: string;
  /** `capacity`, later `proposal`, `click`, `apply` … */
  readonly kind: string;
  /** Slack user id, or `terminal:<login>`. */
  readonly actor: string;
  /** Verb-specific body: for an answer `{question, answer, pins, engineVersion}`. */
  readonly body: Json;
  readonly prevHash: string;
  readonly hash: string;
};

export type NewRecord = Pick<StoredRecord, 'at' | 'kind' | 'actor' | 'body'>;

export type ChainCheck = {
  readonly records: number;
  readonly intact: boolean;
  /** The first record that does not fit, and what is wrong with it. */
  readonly firstBad: { readonly id: string; readonly seq: number; readonly because: string } | null;
  /** Number and hash of the newest record: note it elsewhere and a rewritten file can be told from this one. */
  readonly head: { readonly seq: number; readonly hash: string };
};

export type Store = {
  /** Appends to the chain in one transaction; the pins it names must be saved already. */
  readonly appendRecord: (record: NewRecord) => Promise<StoredRecord>;
  /** Checks the hash on reading; throws `store_corrupt` when the record was edited. */
  readonly record: (id: string) => Promise<StoredRecord | null>;
  /** Newest first; `before` = a seq to page on. */
  readonly records: (page: {
    readonly limit: number;
    readonly before?: number;
    readonly actor?: string;
  }) => Promise<readonly StoredRecord[]>;
  readonly verifyChain: () => Promise<ChainCheck>;
  /** Content-addressed: returns the SHA-256 of `body`; saving the same body twice is one row. */
  readonly savePin: (body: string) => Promise<string>;
  /** Checks the hash on reading; throws `bug_pin_damaged` when the bytes changed. */
  readonly pin: (sha256: string) => Promise<string | null>;
  /** True exactly once per key: the guard against redelivered Slack requests. Survives restarts. */
  readonly claimDelivery: (key: string, at: string) => Promise<boolean>;
  readonly counts: () => Promise<{ readonly records: number; readonly latestAt: string | null }>;
  readonly ping: () => Promise<void>;
  readonly close: () => Promise<void>;
};

export type Settings = {
  readonly defaultRegion: { readonly region: string; readonly from: 'config' | 'AWS_REGION' } | null;
  readonly minimumSaving: { readonly percent: number; readonly usdPerMonth: number };
  readonly readOnly: boolean;
};

export type Deps = {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: Store;
  readonly library: Library;
  readonly settings: Settings;
};
