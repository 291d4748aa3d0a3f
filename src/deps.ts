import type { ApprovalPolicy, Proposal, ProposalState, Route } from './approvals/model.ts';
import type { AwsAccount, AwsReader, PriceList, ScanProgress, ScopeResult } from './deps-aws.ts';
import type {
  AccountHead,
  ConsolidateAnswer,
  ConsolidateInput,
  ConsolidateWish,
  Fact,
  Json,
  PackInput,
  PackResult,
  PriceBook,
  Scope,
  SnapshotHead,
  SnapshotPart,
  TaskDefinition,
} from './engine/index.ts';

export type * from './deps-aws.ts';

/** Types only: what commands, jobs and approvals are given. `wire.ts` builds the real things. */

export type Clock = { readonly now: () => Date };

/** Structured log; `fields` never holds tokens or text a user typed. */
export type Log = {
  readonly info: (fields: Record<string, unknown>, message: string) => void;
  readonly warn: (fields: Record<string, unknown>, message: string) => void;
  readonly error: (fields: Record<string, unknown>, message: string) => void;
  readonly debug: (fields: Record<string, unknown>, message: string) => void;
};

/** The packaged data folder: facts and one price book per region. The real one puts refreshed prices over them. */
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

/** How an unfinished scan stands. */
export type ScanState = {
  readonly id: string;
  readonly startedAt: string;
  /** Last sign of life; a scan without one for long was killed. */
  readonly heartbeatAt: string;
  readonly progress: ScanProgress | null;
};

/** Snapshots, scans under way, and what was paid for. */
export type EstateStore = {
  /**
   * Takes the one scan that may run. `resumed` names scopes that an earlier, dead scan has read without a miss; null
   * when a scan with a fresh heartbeat is under way.
   */
  readonly beginScan: (at: string) => Promise<{ readonly id: string; readonly resumed: readonly Scope[] } | null>;
  /** The scan that gave a sign of life within the last 15 s, or null. */
  readonly scanUnderWay: (at: string) => Promise<ScanState | null>;
  readonly saveScope: (scanId: string, result: ScopeResult, at: string) => Promise<void>;
  readonly saveProgress: (scanId: string, progress: ScanProgress | null, at: string) => Promise<void>;
  /** Makes the scan's parts the newest snapshot in one transaction; returns its head and how many rows were new. */
  readonly finishScan: (
    scanId: string,
    done: { readonly accounts: readonly AccountHead[]; readonly at: string },
  ) => Promise<{ readonly head: SnapshotHead; readonly rowsWritten: number }>;
  readonly latestSnapshot: () => Promise<SnapshotHead | null>;
  /** Whole snapshots, oldest first: those taken since that moment, and the last one before it. */
  readonly snapshotsSince: (since: string) => Promise<readonly { readonly id: string; readonly takenAt: string }[]>;
  /** Head of a snapshot; null when it is there no more. */
  readonly snapshot: (id: string) => Promise<SnapshotHead | null>;
  /** Keeps a snapshot from being pruned: a record names it. */
  readonly pinSnapshot: (id: string) => Promise<void>;
  /** The content of a part, by its hash. */
  readonly part: (sha256: string) => Promise<SnapshotPart>;
  readonly knownTaskDefinitions: (arns: readonly string[]) => Promise<ReadonlyMap<string, TaskDefinition>>;
  readonly saveTaskDefinitions: (definitions: readonly TaskDefinition[]) => Promise<void>;
  /** Answers of paid calls, kept by question. */
  readonly paidAnswer: (key: string) => Promise<{ readonly body: Json; readonly at: string } | null>;
  readonly savePaidAnswer: (key: string, body: Json, at: string) => Promise<void>;
  /** True for the one who may ask a paid question now; others look for the answer again. Lost after a minute. */
  readonly leasePaid: (key: string, at: string) => Promise<boolean>;
  readonly releasePaid: (key: string) => Promise<void>;
  /** Counts one paid request of the month (`YYYY-MM`); false, and no count, when `cap` is reached. */
  readonly countPaidRequest: (month: string, cap: number) => Promise<boolean>;
  readonly paidRequests: (month: string) => Promise<number>;
  /** Takes the place of the region's list before, whole or not at all. */
  readonly savePriceList: (list: PriceList) => Promise<void>;
  /** The newest list of each region, by region. */
  readonly priceLists: () => Promise<readonly PriceList[]>;
};

/** One more step of a proposal, with the record that tells of it; both are saved, or neither. */
export type ProposalStep = {
  /** The version that the step was decided on; another one in the store means that somebody was faster. */
  readonly from: number;
  /** The proposal after the step, `version` = `from` + 1. */
  readonly proposal: Proposal;
  readonly record: NewRecord;
};

export type ProposalLease = {
  readonly proposal: string;
  readonly purpose: 'apply' | 'show';
  readonly owner: string;
};

export type ProposalStore = {
  /** Saves a new proposal; its id is the id of the record, which `draft` receives. */
  readonly createProposal: (
    record: NewRecord,
    draft: (id: string) => Proposal,
  ) => Promise<{ readonly proposal: Proposal; readonly record: StoredRecord }>;
  readonly proposal: (id: string) => Promise<Proposal | null>;
  /** False, and nothing saved, when the stored version is not `from`. */
  readonly advanceProposal: (step: ProposalStep) => Promise<boolean>;
  /** Where the message is and which version it shows; no step of its own, the version stays. */
  readonly saveMessages: (id: string, messages: Proposal['messages'], shownVersion: number) => Promise<void>;
  /** One more copy of the message, found in Slack: nobody saved where it was posted. Then the newest is to be shown. */
  readonly adoptMessage: (id: string, message: Proposal['messages'][number]) => Promise<void>;
  /** Proposals whose message does not show their newest version (or is not there), oldest first. */
  readonly unshownProposals: () => Promise<readonly Proposal[]>;
  /** True for the one owner who may apply, or show, a proposal until then; the same owner may take it again. */
  readonly leaseProposal: (lease: ProposalLease & { readonly at: string; readonly until: string }) => Promise<boolean>;
  readonly releaseProposal: (lease: ProposalLease) => Promise<void>;
  /** Oldest first; all states when `states` is left out. */
  readonly proposals: (filter?: { readonly states?: readonly ProposalState[] }) => Promise<readonly Proposal[]>;
  /** Records about one proposal, oldest first. */
  readonly recordsOf: (proposal: string) => Promise<readonly StoredRecord[]>;
};

export type Store = EstateStore &
  ProposalStore & {
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

/** Who is in a Slack user group, asked now (cached for at most half a minute). Throws upstream errors. */
export type Directory = { readonly membersOf: (userGroup: string) => Promise<readonly string[]> };

/** Hours of the week in which nothing should be moved, as they were configured. */
export type QuietHoursSetting = { readonly name: string; readonly words: string; readonly zone: string };

/** A named group of services: the first matching rule gives a service its role. */
export type FleetRole = {
  readonly name: string;
  /** Globs on cluster and service, and tags that must have these values. */
  readonly match: {
    readonly cluster?: string;
    readonly service?: string;
    readonly tags?: { readonly [key: string]: string };
  };
};

export type Settings = {
  readonly defaultRegion: { readonly region: string; readonly from: 'config' | 'AWS_REGION' } | null;
  readonly minimumSaving: { readonly percent: number; readonly usdPerMonth: number };
  readonly readOnly: boolean;
  readonly routes: readonly Route[];
  readonly approvals: ApprovalPolicy;
  readonly guardrails: {
    readonly quietHours: readonly QuietHoursSetting[];
    /** `cluster/service` globs whose tasks nothing may move. */
    readonly protectedServices: readonly string[];
    /** Hours in which a move is not advised back. */
    readonly coolDownHours: number;
    /** Largest share of a service's tasks on one instance, 0-1. */
    readonly largestShare: number;
  };
  readonly accounts: readonly AwsAccount[];
  readonly roles: readonly FleetRole[];
  /** Slack user ids that may ask for cost; null = everybody in the workspace. */
  readonly readers: readonly string[] | null;
  /** Most paid Cost Explorer requests in a calendar month. */
  readonly costExplorerCap: number;
  /** Request rate of scans; 1 = half of AWS's documented limits. */
  readonly awsPace: number;
};

/** Text files that a person names; `mostBytes` bounds the memory. Throws usage errors. */
export type Files = {
  readonly read: (path: string, mostBytes: number) => Promise<{ readonly text: string; readonly sha256: string }>;
  /** Writes one file, in the place of one of that name; makes the folder where it is missing. */
  readonly write: (folder: string, name: string, text: string) => Promise<void>;
};

/** The optimiser. `work` counts rounds; `seconds` stops it from outside. */
export type Solver = {
  readonly pack: (
    input: PackInput,
    limit: { readonly work: number } | { readonly seconds: number },
  ) => Promise<PackResult>;
  readonly consolidate: (
    input: ConsolidateInput,
    wish: ConsolidateWish,
    limit: { readonly work: number } | { readonly seconds: number },
  ) => Promise<ConsolidateAnswer>;
};

export type Deps = {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: Store;
  /** Null when no account is configured. */
  readonly aws: AwsReader | null;
  readonly library: Library;
  readonly settings: Settings;
  /** What commands on files need; absent where only questions of people are answered. */
  readonly offline?: { readonly files: Files; readonly solver: Solver };
};
