import type {
  ApprovalPolicy,
  CallOutcome,
  Place,
  Proposal,
  ProposalState,
  Route,
  WindowCall,
} from './approvals/model.ts';
import type {
  AccountHead,
  ClusterHead,
  ConsolidateAnswer,
  ConsolidateInput,
  ConsolidateWish,
  EventWindow,
  Fact,
  Json,
  Missed,
  PackInput,
  PackResult,
  PartKind,
  PriceBook,
  Scope,
  SnapshotHead,
  SnapshotPart,
  TaskDefinition,
} from './engine/index.ts';

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

/** One AWS account to read. */
export type AwsAccount = {
  readonly id: string;
  readonly name: string;
  /** Role to assume; null = the credentials that the process has belong to this account. */
  readonly readerRoleArn: string | null;
  /** Role that may change event windows; null = nothing is ever changed in this account. */
  readonly writerRoleArn: string | null;
  readonly externalId: string | null;
  readonly regions: readonly string[];
  /** The account whose Cost Explorer sees all of them. */
  readonly payer: boolean;
};

/** What a scan read of one account, one region or one cluster; saved whole or not at all. */
export type ScopeResult = {
  readonly scope: Scope;
  readonly parts: readonly { readonly shard: number; readonly part: SnapshotPart }[];
  /** Figures of the cluster; null for accounts and regions. */
  readonly cluster: ClusterHead | null;
  readonly missed: readonly Missed[];
};

export type ScanProgress = {
  readonly account: string;
  readonly region: string | null;
  readonly cluster: string | null;
  /** Clusters finished, and clusters found so far. */
  readonly done: number;
  readonly found: number;
  readonly calls: number;
  readonly throttled: number;
};

/** Where a scan puts what it reads, and what it may take over from before. */
export type ScanSink = {
  /** True when an interrupted scan has read this scope already, with nothing missed: it is not read again. */
  readonly isDone: (scope: Scope) => boolean;
  /** The part of the newest whole snapshot, or null. */
  readonly previous: (ref: Scope & { readonly kind: PartKind; readonly shard: number }) => Promise<SnapshotPart | null>;
  /** When the newest whole snapshot was taken, or null. */
  readonly previousTakenAt: string | null;
  readonly save: (result: ScopeResult) => Promise<void>;
  /** Revisions known already, by ARN: their sizes never change. */
  readonly knownTaskDefinitions: (arns: readonly string[]) => Promise<ReadonlyMap<string, TaskDefinition>>;
  readonly saveTaskDefinitions: (definitions: readonly TaskDefinition[]) => Promise<void>;
  readonly progress: (progress: ScanProgress) => void;
};

export type ScanCalls = {
  readonly total: number;
  readonly throttled: number;
  /** By `service.Operation`. */
  readonly byOperation: { readonly [operation: string]: number };
};

/** A question to Cost Explorer; `toExclusive` is the first day left out. Daily, amortised. */
export type CostQuestion = {
  readonly from: string;
  readonly toExclusive: string;
  /** One or two of `LINKED_ACCOUNT`, `USAGE_TYPE`, `SERVICE`, `REGION`, or `TAG:<key>`. */
  readonly groupBy: readonly string[];
  readonly filter: {
    readonly services?: readonly string[];
    readonly account?: string;
    readonly tag?: { readonly key: string; readonly value: string };
  };
};
export type CostRow = {
  readonly day: string;
  /** In the order of `groupBy`; a tag's value without `key$`, '' = untagged. */
  readonly keys: readonly string[];
  readonly usd: string;
  readonly quantity: string;
  readonly estimated: boolean;
};
/** Use of Savings Plans on one day. */
export type CommitmentDay = {
  readonly day: string;
  readonly committedUsd: string;
  readonly usedUsd: string;
  readonly unusedUsd: string;
};

/** A price that is read from AWS's Price List; gp3 is per GiB-month, everything else per hour. */
export type PriceName =
  | 'fargate.x86_64.vcpu'
  | 'fargate.x86_64.gib'
  | 'fargate.arm64.vcpu'
  | 'fargate.arm64.gib'
  | 'fargate.ephemeral'
  | 'gp3'
  | `ec2.${string}`;

/** Prices of one region as they are used: only those that were plausible when they were read. Decimal USD. */
export type PriceList = {
  readonly format: 'ecs-advise.price-list/1';
  readonly region: string;
  /** UTC day of the newest refresh. */
  readonly asOf: string;
  /** Day of each group as answers print it; a group that was never read well enough has none. */
  readonly days: { readonly onDemand?: string; readonly fargate?: string; readonly ebs?: string };
  readonly prices: { readonly [name: string]: string };
};

/** What the Price List says of one price. */
export type ListedPrice =
  | { readonly kind: 'usd'; readonly usd: string }
  | { readonly kind: 'unusable'; readonly because: 'zero' | 'not-usd' | 'ambiguous' | 'no-number' };

export type PriceQuestion = {
  readonly region: string;
  /** Instance types to keep the price of. */
  readonly types: ReadonlySet<string>;
};
export type PriceAnswer =
  | {
      readonly kind: 'read';
      readonly region: string;
      /** By name; a price that the list does not have is absent. */
      readonly prices: ReadonlyMap<PriceName, ListedPrice>;
      /** Hourly fee of ECS Managed Instances by type, where the list has one. */
      readonly fees: ReadonlyMap<string, ListedPrice>;
      /** Types that are on sale there and were not asked for, sorted. */
      readonly otherTypes: readonly string[];
    }
  | { readonly kind: 'failed'; readonly region: string; readonly code: string; readonly message: string };

/** One row of what `doctor` finds in an account. */
export type AccessRow = {
  readonly account: string;
  readonly region: string | null;
  /** `sts:AssumeRole`, an IAM action, a cost allocation tag or an opt-in. */
  readonly what: string;
  readonly state: 'ok' | 'denied' | 'off' | 'failed';
  readonly detail: string;
  /** What to do; null when all is well. */
  readonly fix: string | null;
};

/**
 * The only way to AWS, reading only. Paging, batching, roles, throttles and retries stay inside. Foreign errors come
 * out as `AdviseError` of kind `upstream` with a code `aws_…`.
 */
export type AwsReader = {
  readonly accounts: readonly AwsAccount[];
  /**
   * Reads everything into the sink: accounts and regions side by side, one region in order. What cannot be read
   * becomes `missed` of its scope; nothing but a failing sink makes this throw.
   */
  readonly scan: (sink: ScanSink) => Promise<ScanCalls>;
  /** All pages. `beforeRequest` is awaited before every paid request; when it throws, the call ends with that error. */
  readonly costAndUsage: (question: CostQuestion, beforeRequest: () => Promise<void>) => Promise<readonly CostRow[]>;
  readonly savingsPlansUtilisation: (
    period: { readonly from: string; readonly toExclusive: string },
    beforeRequest: () => Promise<void>,
  ) => Promise<readonly CommitmentDay[]>;
  /**
   * The public prices of each region, one region after the other. A region that cannot be read is answered as `failed`;
   * only what `answered` throws makes this throw.
   */
  readonly priceLists: (
    questions: readonly PriceQuestion[],
    answered: (answer: PriceAnswer) => Promise<void>,
  ) => Promise<ScanCalls>;
  /** The event windows of a region as they are now. Throws upstream errors. */
  readonly eventWindows: (place: Place) => Promise<readonly EventWindow[]>;
  /** Who the process's own credentials are. */
  readonly identity: () => Promise<{ readonly account: string; readonly arn: string }>;
  /** Tries every read once per account, harmlessly; each row says how to put it right. */
  readonly access: (beforePaidRequest: () => Promise<void>) => Promise<readonly AccessRow[]>;
  readonly close: () => void;
};

/**
 * The only way to change something in AWS: one call, under the account's writer role. Not in `Deps`: whoever applies a
 * change is handed it. Never retried inside: an error whose end is unknown must be looked into first.
 */
export type AwsWriter = {
  /**
   * `dryRun` asks AWS whether the call would be allowed (`allowed`) and changes nothing. `window` is what the call's
   * null stands for. Foreign errors come back as an outcome, `refused` when AWS said no, `unknown` when no answer came.
   */
  readonly write: (
    place: Place,
    call: WindowCall,
    options: { readonly dryRun: boolean; readonly window: string | null },
  ) => Promise<CallOutcome>;
  readonly close: () => void;
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
