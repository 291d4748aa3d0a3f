/** What the cost rules read and say. Money inside the engine is nano-USD; decimal strings only where an answer leaves it. */
import type { CapacityKind } from '../capacity/types.ts';
import type { FactBook, FactId } from '../facts.ts';
import type { RegionPart, Tags } from '../model.ts';
import type { ClusterView } from '../model-cluster.ts';
import type { PriceBook } from '../prices.ts';
import type { NanoUsd } from '../units.ts';

/** UTC days, `YYYY-MM-DD`; `toExclusive` is the first day left out. */
export type CostPeriod = { readonly from: string; readonly toExclusive: string };

/** Where a task runs and is paid for: one of the seven kinds, or the owner's own machine (ECS Anywhere). */
export type CostKind = CapacityKind | 'external';

/** What pricing a cluster or region takes. `now` is ISO 8601 UTC: nothing is priced after it. */
export type CostWorld = {
  readonly prices: PriceBook;
  readonly facts: FactBook;
  readonly now: string;
  readonly period: CostPeriod;
};

export type ClusterCostQuestion = CostWorld & {
  readonly view: ClusterView;
  /** Null when the scan missed the region: its instances are then priced from what ECS says of them. */
  readonly region: RegionPart | null;
  /** Instances of the region that another cluster has counted already. */
  readonly taken?: ReadonlySet<string>;
};

export type RegionCostQuestion = CostWorld & {
  readonly account: string;
  readonly regionName: string;
  readonly region: RegionPart;
  /** Instances that the region's clusters have counted: `counted` of each of their models. */
  readonly taken: ReadonlySet<string>;
};

/** `measured` = the hours were counted by CloudWatch or EC2; `assumed` = at least a day of them was not. */
export type CostBasis = 'measured' | 'assumed';

/** What one service, or the idle rest, costs on one kind of capacity in the period. */
export type ModelledRow = {
  readonly account: string;
  readonly region: string;
  /** Null for what belongs to no cluster, e.g. an empty reservation. */
  readonly cluster: string | null;
  /** Service name, `family:<name>` for standalone tasks, a name in parentheses for a rest, null for idle. */
  readonly service: string | null;
  readonly capacityKind: CostKind;
  /** The service's own tags; the cluster's for idle. */
  readonly tags: Tags;
  readonly nano: NanoUsd;
  readonly isIdle: boolean;
  /** Task-hours; instance-hours for rows without tasks. Decimal. */
  readonly hours: string;
  readonly basis: CostBasis;
};

/** Part of what a cluster's instances of one type cost: how lines of the bill are split over services. */
export type InstanceUsage = {
  readonly service: string | null;
  readonly capacityKind: CostKind;
  readonly instanceType: string;
  readonly nano: NanoUsd;
  /** Of `nano`, the volumes. */
  readonly diskNano: NanoUsd;
};

/** An instance of a cluster without a task but daemons. */
export type EmptyInstance = {
  readonly id: string;
  readonly instanceType: string;
  readonly capacityKind: CostKind;
  /** Tasks on it, all of daemons. */
  readonly tasks: number;
  /** In the period. */
  readonly nano: NanoUsd;
  /** In a month of 730 h, decimal. */
  readonly usdPerMonth: string;
};

/** Something that runs and could not be priced: it is missing from the sums. */
export type Unpriced = { readonly subject: string; readonly because: string };

/** The modelled cost of a cluster, or of what a region holds beside its clusters (`cluster` null). */
export type CostModel = {
  readonly account: string;
  readonly region: string;
  readonly cluster: string | null;
  readonly rows: readonly ModelledRow[];
  readonly usage: readonly InstanceUsage[];
  /** Families of standalone tasks seen, running or stopped. */
  readonly families: readonly string[];
  /** EC2 instances whose cost is in `rows`. */
  readonly counted: readonly string[];
  readonly emptyInstances: readonly EmptyInstance[];
  /** Running instances of the region that no cluster uses, by type: they share lines of the bill. */
  readonly others: readonly {
    readonly instanceType: string;
    readonly lifecycle: 'on-demand' | 'spot';
    readonly nano: NanoUsd;
  }[];
  readonly unpriced: readonly Unpriced[];
  /** Assumed and low-confidence facts that the book was asked for so far. */
  readonly assumptions: readonly FactId[];
};

/** A row of Cost Explorer: amortised decimal USD of one day. */
export type BilledRow = {
  readonly day: string;
  readonly keys: readonly string[];
  readonly usd: string;
  readonly estimated: boolean;
};

export type BillQuestion = {
  /** Ids of the accounts asked about; rows of others are left out. */
  readonly accounts: readonly string[];
  /** Grouped by LINKED_ACCOUNT and USAGE_TYPE; null when it could not be asked. */
  readonly byUsageType: readonly BilledRow[] | null;
  /** Grouped by TAG `aws:ecs:serviceName` and USAGE_TYPE, of what is tagged with the cluster; clusters may be missing. */
  readonly byService: readonly {
    readonly account: string;
    readonly cluster: string;
    readonly rows: readonly BilledRow[];
  }[];
  /** All clusters and regions of the accounts: who shares a line of the bill decides how it is split. */
  readonly models: readonly CostModel[];
  readonly facts: FactBook;
};

export type BilledShare = {
  readonly account: string;
  readonly cluster: string | null;
  readonly service: string | null;
  readonly capacityKind: CostKind;
  readonly nano: NanoUsd;
};

/**
 * Why a part of the bill has no service: `untagged` tasks; `other-instances` share its usage type with ECS; `unseen` =
 * no instance of that type was scanned; Cost Explorer's two answers differ by less than a cent (`rounding`) or by more
 * (`tags-exceed-account`).
 */
export type UnattributedReason = 'untagged' | 'other-instances' | 'unseen' | 'rounding' | 'tags-exceed-account';

export type Unattributed = {
  readonly account: string;
  readonly capacityKind: CostKind | null;
  readonly reason: UnattributedReason;
  readonly nano: NanoUsd;
};

/** The bill by service, as far as it can be told. Shares plus unattributed are the whole ECS bill. */
export type Bill = {
  readonly rows: readonly BilledShare[];
  readonly unattributed: readonly Unattributed[];
  /** AWS may still change some of it. */
  readonly estimated: boolean;
};

/** What stands for the idle row in answers. */
export const IDLE = '(idle)';
/** Instances that are gone: nobody recorded which tasks ran on them. */
export const ENDED_INSTANCES = '(ended instances)';
/** Instances of clusters that were not read. */
export const UNREAD_INSTANCES = '(instances of unread clusters)';
/** Tasks outside services, where the bill cannot tell one family from another. */
export const STANDALONE_TASKS = '(standalone tasks)';

/** `(empty reservation m7i.4xlarge)`. */
export const emptyReservation = (instanceType: string): string => `(empty reservation ${instanceType})`;
