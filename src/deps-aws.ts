/** The AWS side of what everybody is given: accounts, what a scan and a bill say, the reader, and the writer apart. */
import type { CallOutcome, Place, WindowCall } from './approvals/model.ts';
import type {
  ClusterHead,
  EventWindow,
  Missed,
  PartKind,
  Scope,
  SnapshotPart,
  TaskDefinition,
} from './engine/index.ts';

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
