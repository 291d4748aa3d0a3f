/** Advice on the size of a service's tasks. */
import type { TaskSize } from '../cost/task-size.ts';
import type { CostKind } from '../cost/types.ts';
import type { FactBook, FactId } from '../facts.ts';
import type { RegionPart } from '../model.ts';
import type { ClusterView } from '../model-cluster.ts';
import type { PriceBook } from '../prices.ts';

export type RightsizeQuestion = {
  readonly view: ClusterView;
  /** Null when the scan missed the region: no Compute Optimizer then, and no price of instances. */
  readonly region: RegionPart | null;
  readonly prices: PriceBook;
  readonly facts: FactBook;
  /** ISO 8601 UTC. */
  readonly now: string;
  /** Room above the 95th percentile in percent; null = the default (20). */
  readonly marginPercent: number | null;
  /** A smaller size is advised only if it saves at least both. */
  readonly minimumSaving: { readonly percent: number; readonly usdPerMonth: number };
};

export type SizeSource = 'compute-optimizer' | 'metrics';

/** Use in percent of the present size over the days read. */
export type SizeMetrics = {
  readonly cpu: { readonly p95: number; readonly maximum: number } | null;
  readonly memory: { readonly p95: number; readonly maximum: number } | null;
};

export type SizeAdvice = {
  readonly account: string;
  readonly region: string;
  readonly cluster: string;
  readonly service: string;
  readonly capacityKind: CostKind;
  readonly tasks: number;
  readonly from: TaskSize;
  readonly to: TaskSize;
  readonly source: SizeSource;
  /** What each source says by itself; its present size = "leave it", null = it says nothing. */
  readonly says: { readonly [S in SizeSource]: TaskSize | null };
  /** Decimal; negative where the larger size costs more. Month of 730 h. */
  readonly usdPerMonthSaved: string;
  readonly usdPerMonthBefore: string;
  /** Percent of room above the 95th percentile. */
  readonly margin: number;
  /** Of the change, for a smaller size; of leaving it, for a larger one. */
  readonly risk: 'low' | 'medium' | 'high';
  readonly metrics: SizeMetrics;
  /** One line of reasons for people. */
  readonly because: string;
  readonly blindSpots: readonly string[];
};

export type SkipReason =
  | 'daemon'
  | 'deployment-in-progress'
  | 'no-tasks-wanted'
  | 'no-tasks-running'
  | 'no-metrics'
  | 'less-than-a-day-of-metrics'
  | 'no-size'
  | 'moving-between-capacity'
  | 'no-price';

export type RightsizeResult = {
  /** Largest saving first, larger sizes last. */
  readonly rows: readonly SizeAdvice[];
  readonly skipped: readonly { readonly service: string; readonly reason: SkipReason }[];
  /** Services that were looked at and are right as they are. */
  readonly nothingToDo: number;
  /** A smaller size was found, and saves less than the minimum. */
  readonly belowMinimum: number;
  /** Sum over the smaller sizes, and what the larger ones add. Decimal USD a month. */
  readonly savedUsdPerMonth: string;
  readonly addedUsdPerMonth: string;
  readonly assumptions: readonly FactId[];
};
