/**
 * What runs in the scanned AWS accounts: plain, dated data without AWS types. A snapshot is a head and many parts; each
 * part is one JSON document, kept under its own hash. Names are AWS's own. Times are ISO 8601 UTC text, CPU is in ECS
 * units (1024 = one vCPU), memory in MiB. `null` = AWS did not say.
 */
import type { ClusterPart, SamplesPart, ServicesPart, UtilisationPart } from './model-cluster.ts';

/** Something a scan could not read. `account` and `region` are empty when it concerns all of them. */
export type Missed = {
  readonly account: string;
  readonly region: string;
  /** What is missing, e.g. `cluster rose`, `compute-optimizer`, `account`. */
  readonly what: string;
  /** Stable: `access-denied`, `throttled`, `timeout`, `expired-token`, `vanished`, `endpoint-failed`, `unreachable`, … */
  readonly code: string;
};

/** Where a part belongs. `region` null = the whole account; `cluster` null = the whole region. */
export type Scope = { readonly account: string; readonly region: string | null; readonly cluster: string | null };

/** The head of a snapshot: everything but the parts themselves. */
export type SnapshotHead = {
  /** First 16 hex digits of the hash over the rest of the head. */
  readonly id: string;
  readonly startedAt: string;
  /** When the last part was read: the age that answers show counts from here. */
  readonly takenAt: string;
  readonly accounts: readonly AccountHead[];
  readonly clusters: readonly ClusterHead[];
  readonly parts: readonly PartRef[];
  readonly missed: readonly Missed[];
};

export type AccountHead = {
  readonly id: string;
  readonly name: string;
  readonly regions: readonly string[];
  readonly payer: boolean;
};

/** Figures of one cluster that lists and totals need without opening its parts. */
export type ClusterHead = {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly services: number;
  readonly tasks: number;
  readonly containerInstances: number;
  /** The tasks by what they run on; adds up to `tasks` unless some could not be read. */
  readonly census: { readonly [K in CensusKind]: number };
};

/** Kinds of capacity as a cluster's providers tell them apart; `external` is ECS Anywhere. */
export const CENSUS_KINDS = ['fargate', 'fargate-spot', 'managed-instances', 'asg', 'external'] as const;
export type CensusKind = (typeof CENSUS_KINDS)[number];

export type PartKind = 'account' | 'region' | 'cluster' | 'services' | 'samples' | 'utilisation';
export type PartRef = Scope & {
  readonly kind: PartKind;
  /** Which of the cluster's shards; 0 for parts that are not sharded. */
  readonly shard: number;
  /** Hash of the part's canonical JSON: equal content is stored once. */
  readonly sha256: string;
};

export type SnapshotPart =
  | ({ readonly kind: 'account' } & AccountPart)
  | ({ readonly kind: 'region' } & RegionPart)
  | ({ readonly kind: 'cluster' } & ClusterPart)
  | ({ readonly kind: 'services' } & ServicesPart)
  | ({ readonly kind: 'samples' } & SamplesPart)
  | ({ readonly kind: 'utilisation' } & UtilisationPart);

export type Tags = { readonly [key: string]: string };

// Account -----------------------------------------------------------------------------------------------------------

export type AccountPart = {
  readonly savingsPlans: readonly SavingsPlan[];
  /** Enrolment decides whether an empty list of findings means "nothing to save". */
  readonly computeOptimizer: 'active' | 'inactive' | 'unknown';
};

export type SavingsPlan = {
  readonly id: string;
  readonly type: 'compute' | 'ec2-instance' | 'other';
  readonly commitmentUsdPerHour: string;
  readonly term: '1y' | '3y';
  readonly paymentOption: string;
  readonly state: string;
  readonly start: string;
  readonly end: string;
  /** EC2 Instance Savings Plans are bound to one region and family. */
  readonly region: string | null;
  readonly family: string | null;
};

// Region ------------------------------------------------------------------------------------------------------------

export type RegionPart = {
  /** ASG capacity providers belong to the region; Managed Instances ones to their cluster. */
  readonly autoScalingGroups: readonly AutoScalingGroup[];
  /** Every instance that ECS uses; ended ones are kept 60 days with `endedAt`. */
  readonly instances: readonly Ec2Instance[];
  /** Running instances of the region that no ECS cluster uses, by type and lifecycle: they share the bill. */
  readonly otherInstances: readonly {
    readonly type: string;
    readonly lifecycle: 'on-demand' | 'spot';
    readonly count: number;
  }[];
  readonly capacityReservations: readonly CapacityReservation[];
  readonly eventWindows: readonly EventWindow[];
  readonly subnets: readonly { readonly id: string; readonly az: string; readonly availableAddresses: number }[];
  /** Network interfaces in use by availability zone. */
  readonly networkInterfaces: { readonly [az: string]: number };
  readonly spotPrices: readonly {
    readonly type: string;
    readonly az: string;
    readonly usdPerHour: string;
    readonly at: string;
  }[];
  readonly settings: { readonly [name: string]: string };
  readonly quotas: readonly Quota[];
  /** Daily maximum of the quota's own usage metric, oldest first; a day without data has no row. */
  readonly quotaUsage: readonly {
    readonly serviceCode: string;
    readonly quotaCode: string;
    readonly days: readonly { readonly day: string; readonly maximum: number }[];
  }[];
  readonly computeOptimizer: readonly ComputeOptimizerFinding[];
};

export type AutoScalingGroup = {
  readonly name: string;
  readonly minSize: number;
  readonly maxSize: number;
  readonly desiredCapacity: number;
  /** The types its launch template or overrides allow, in order. */
  readonly instanceTypes: readonly string[];
  readonly onDemandBaseCapacity: number;
  readonly onDemandPercentageAboveBase: number;
  readonly availabilityZones: readonly string[];
  readonly newInstancesProtectedFromScaleIn: boolean;
};

export type Ec2Instance = {
  readonly id: string;
  readonly type: string;
  readonly az: string;
  readonly lifecycle: 'on-demand' | 'spot';
  readonly state: string;
  readonly launchedAt: string;
  /** When a scan first found it gone (its last sighting), or null while it runs. */
  readonly endedAt: string | null;
  readonly subnetId: string | null;
  readonly capacityReservationId: string | null;
  readonly autoScalingGroup: string | null;
  /** `ecs.amazonaws.com` for Managed Instances. */
  readonly operator: string | null;
  readonly volumes: readonly { readonly id: string; readonly sizeGiB: number; readonly type: string }[];
  readonly events: readonly {
    readonly id: string;
    readonly code: string;
    readonly notBefore: string | null;
    readonly notAfter: string | null;
    readonly description: string;
  }[];
  readonly tags: Tags;
};

export type CapacityReservation = {
  readonly id: string;
  readonly instanceType: string;
  readonly az: string;
  readonly total: number;
  readonly available: number;
  readonly state: string;
  readonly startedAt: string | null;
  readonly endsAt: string | null;
};

export type EventWindow = {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly cron: string | null;
  readonly timeRanges: readonly {
    readonly startWeekDay: string;
    readonly startHour: number;
    readonly endWeekDay: string;
    readonly endHour: number;
  }[];
  readonly instanceIds: readonly string[];
  readonly instanceTags: readonly { readonly key: string; readonly value: string }[];
  readonly dedicatedHostIds: readonly string[];
  readonly tags: Tags;
};

export type Quota = {
  readonly serviceCode: string;
  readonly quotaCode: string;
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly adjustable: boolean;
  readonly from: 'applied' | 'default';
};

export type ComputeOptimizerFinding = {
  readonly cluster: string;
  readonly service: string;
  readonly finding: 'optimized' | 'underprovisioned' | 'overprovisioned';
  readonly reasons: readonly string[];
  readonly current: { readonly cpuUnits: number | null; readonly memoryMiB: number | null };
  /** Best first. */
  readonly options: readonly {
    readonly cpuUnits: number;
    readonly memoryMiB: number;
    readonly usdPerMonthSaved: string;
  }[];
  readonly lookBackDays: number;
};
