import type { FactId, UsedFacts } from '../facts.ts';
import type { Architecture, CpuManufacturer } from '../prices.ts';

/** The seven places a task can run, in ladder order: each later one has more duties or more risk. */
export const CAPACITY_KINDS = [
  'fargate',
  'fargate-spot',
  'mi-reserved',
  'mi-on-demand',
  'mi-spot',
  'asg-on-demand',
  'asg-spot',
] as const;
export type CapacityKind = (typeof CAPACITY_KINDS)[number];

/** Yes/no needs a task can have. GPUs and Neuron devices have their own fields. */
export const NEEDS = [
  'ebpf',
  'privileged',
  'avx512',
  'custom-ami',
  'host-access',
  'host-network',
  'bridge-network',
  'placement-constraint',
  'placement-strategy',
  'docker-volume',
  'daemon',
] as const;
export type Need = (typeof NEEDS)[number];

/** How often tasks start, for work that comes and goes. Absent = `tasks` run all month (steady). */
export type Batch = {
  /** Starts a day. */
  readonly perDay: number;
  /** Run time of one task in seconds, without the image pull. */
  readonly runSeconds: number;
  /** Image pull in seconds. */
  readonly pullSeconds: number;
  /** Seconds of the day in which tasks start; 86,400 = all day. */
  readonly windowSeconds: number;
  readonly arrivals: 'poisson' | 'uniform';
};

/** What was asked, complete: every default is already filled in by the parser. Plain JSON. */
export type CapacityQuestion = {
  readonly cpuUnits: number;
  readonly memoryMiB: number;
  /** Tasks that run at the same time (steady). 1 or more; ignored when `batch` is set. */
  readonly tasks: number;
  readonly batch: Batch | null;
  readonly region: string;
  /** Day whose facts apply, `YYYY-MM-DD`. */
  readonly asOf: string;
  readonly architecture: Architecture;
  readonly cpuManufacturer: CpuManufacturer | null;
  readonly needs: readonly Need[];
  /** `name` null = any GPU. */
  readonly gpu: { readonly name: string | null; readonly count: number } | null;
  /** Neuron devices by accelerator name (`inferentia2`, `trainium`), null name = any. */
  readonly neuron: { readonly name: string | null; readonly count: number } | null;
  readonly interruptible: boolean;
  /** `task` = no two tasks share a machine. */
  readonly isolation: 'none' | 'task';
  /** Storage asked for in GiB, or null when not given. */
  readonly storageGiB: number | null;
  readonly publicIp: boolean;
  /** Share of Fargate Spot work done again after interruptions, decimal string, `"0"` by default. */
  readonly retryFraction: string;
  /** Managed Instances `scaleInAfter`: 0-3600 seconds, -1 = never scale in, null = not given (300 assumed). */
  readonly scaleInAfterSeconds: number | null;
  /** ASG provider `targetCapacity`, 1-100. */
  readonly targetCapacityPercent: number;
  /** ASG root volume in GiB. */
  readonly rootGiB: number;
  /** Smallest number of instances, or null for min(3, tasks) (1 on accelerated types). */
  readonly minInstances: number | null;
  readonly daemonCpuUnits: number;
  readonly daemonMemoryMiB: number;
  readonly burstable: boolean;
  /** Type-name globs (`m7i.*`), or null for the default catalogue. */
  readonly types: readonly string[] | null;
  readonly commitments: {
    /** Unused Compute Savings Plans commitment, decimal USD per hour, or null. */
    readonly savingsPlanUsdPerHour: string | null;
    readonly savingsPlanTerm: '1y' | '3y';
    /** EC2 instances already paid for (reserved instances or capacity reservations) that stand empty. */
    readonly reserved: readonly { readonly instanceType: string; readonly count: number }[];
  };
  /** vCPU quotas of the account and region by code: what is granted, and what runs already (this task apart). */
  readonly quotas: readonly { readonly code: string; readonly limit: number; readonly usage: number }[];
  /** Guardrail: a later option is advised only if it saves at least both. */
  readonly minimumSaving: { readonly percent: number; readonly usdPerMonth: number };
};

export type Reason = { readonly rule: string; readonly fact: FactId | null; readonly text: string };

/** One priced line: quantity x usdPerUnit = usdPerMonth, rounded once. Decimal strings. */
export type CostLine = {
  readonly item: string;
  readonly quantity: string;
  readonly unit: string;
  readonly usdPerUnit: string;
  readonly usdPerMonth: string;
};

export type CapacityPlan = {
  readonly fargateSize: { readonly cpuUnits: number; readonly memoryMiB: number } | null;
  /** Seconds Fargate bills per task (batch), else null. */
  readonly billedSecondsPerTask: number | null;
  readonly instanceType: string | null;
  /** Instances (steady), or instances at the peak (batch); null for Fargate. */
  readonly count: number | null;
  readonly tasksPerInstance: number | null;
  /** Tasks at the same time: `tasks` when steady, the 0.99 quantile for a batch. */
  readonly peakTasks: number;
  /** Decimal string; null for Fargate. */
  readonly instanceHoursPerMonth: string | null;
};

export type WinsIf = { readonly variable: string; readonly op: '>=' | '<=' | '=' | '<' | '>'; readonly value: string };

export type CapacityOption = {
  readonly kind: CapacityKind;
  readonly feasible: boolean;
  /** Hard reasons against (infeasible), or remarks that qualify a feasible option. */
  readonly reasons: readonly Reason[];
  readonly blockedBy: readonly {
    readonly quota: string;
    readonly limit: number;
    readonly usage: number;
    readonly need: number;
  }[];
  /** 1 = cheapest of the priced feasible options; null when unpriced or infeasible. */
  readonly rank: number | null;
  readonly usdPerMonth: string | null;
  readonly usdPerMonthAfterCommitments: string | null;
  readonly band: { readonly low: string; readonly high: string } | null;
  readonly plan: CapacityPlan | null;
  readonly lines: readonly CostLine[];
  readonly lowerBoundUsdPerMonth: string | null;
  /** What stays the team's own work with this option. */
  readonly duties: readonly string[];
  readonly winsIf: readonly WinsIf[];
};

export type BreakEven = {
  readonly a: CapacityKind;
  readonly b: CapacityKind;
  readonly variable: string;
  readonly value: string;
};

export type CapacityResult = {
  readonly recommended: CapacityKind | null;
  /** One sentence why, e.g. "the next option saves 2.3 %, less than the 10 % asked for". */
  readonly because: string;
  /** By rank, then unpriced, then infeasible; ties in ladder order. */
  readonly options: readonly CapacityOption[];
  readonly breakEven: readonly BreakEven[];
};

export type Verdict = {
  readonly kind: 'optimal' | 'within' | 'infeasible' | 'estimate';
  /** cost / lower bound - 1 of the recommended option, exact to 1e-6, or null. */
  readonly gap: number | null;
};

/** What the engine answers; the driver adds `format`, `now`, `engineVersion`, `question`, `snapshot`. */
export type CapacityAnswer = UsedFacts & {
  readonly notCounted: readonly string[];
  /** Day of the price snapshots used, by what they price. */
  readonly priceDates: { readonly [what: string]: string };
  readonly verdict: Verdict;
  readonly result: CapacityResult;
};
