/**
 * A whole cluster's capacity question and its answer. Plain JSON: question, workload and answer are saved with the
 * decision, and the same three inputs (with the day's facts and prices) give the same bytes again.
 */
import type { CapacityAnswer, CapacityOption, CapacityPlan, CapacityQuestion, Need } from '../capacity/types.ts';
import type { PackAnswer, PackInput } from '../pack/model.ts';
import type { Architecture } from '../prices.ts';

/** A provider is pinned to one instance type, of one of these. */
export const PROVIDER_KINDS = ['mi-reserved', 'mi-on-demand', 'mi-spot', 'asg-on-demand', 'asg-spot'] as const;
export type ProviderKind = (typeof PROVIDER_KINDS)[number];

/** Where a cluster's services can go, in ladder order: each later one has more duties. */
export const CLUSTER_KINDS = [
  'fargate',
  'fargate-spot',
  'mi-reserved',
  'fargate+mi-on-demand',
  'mi-on-demand',
  'mi-spot',
  'fargate+asg-on-demand',
  'asg-on-demand',
  'asg-spot',
] as const;
export type ClusterKind = (typeof CLUSTER_KINDS)[number];

export type ClusterQuestion = {
  readonly cluster: string;
  readonly region: string;
  /** Day whose facts apply, `YYYY-MM-DD`. */
  readonly asOf: string;
  /** Most pinned providers in one plan. */
  readonly providers: number;
  /** Smallest number of instances of a provider, or null for min(3, its tasks) (1 on accelerated types). */
  readonly minInstances: number | null;
  /** Type-name globs (`m7i.*`), or null for the default catalogue. */
  readonly types: readonly string[] | null;
  readonly burstable: boolean;
  /** `targetCapacity` of an ASG provider, 1-100. */
  readonly targetCapacityPercent: number;
  /** Root volume of an ASG's instances, GiB. */
  readonly rootGiB: number;
  /** Key of the tag whose values are to be kept apart by providers of their own, or null. */
  readonly apart: string | null;
  /** Globs of services that may be interrupted, besides those that run on Spot already; `*` = all. */
  readonly interruptible: readonly string[];
  readonly commitments: ClusterCommitments;
  /** vCPU quotas by code: granted, and in use by everything but this cluster. */
  readonly quotas: CapacityQuestion['quotas'];
  readonly minimumSaving: CapacityQuestion['minimumSaving'];
};

export type ClusterCommitments = {
  /** Compute Savings Plans commitment that nothing but this cluster uses, decimal USD an hour, or null. */
  readonly savingsPlanUsdPerHour: string | null;
  readonly savingsPlanTerm: '1y' | '3y';
  /** Instances that are paid for and stand empty; null = what the snapshot shows. */
  readonly reserved: CapacityQuestion['commitments']['reserved'] | null;
};

/** One REPLICA service with tasks. */
export type WorkService = {
  readonly name: string;
  /** Its turn when ECS places everything anew: the oldest first. */
  readonly order: number;
  readonly tasks: number;
  /** Of `tasks`, those on Fargate Spot today: their interruption is accepted already. */
  readonly spotTasks: number;
  /** All its tasks run on Spot of some kind now. */
  readonly onSpot: boolean;
  /** Why it should not go to Spot even when asked, in words, or null. */
  readonly notOnSpot: string | null;
  readonly cpuUnits: number;
  readonly memoryMiB: number;
  readonly gpus: number;
  readonly neuron: boolean;
  readonly architecture: Architecture;
  /** What keeps it from some places; sorted. */
  readonly needs: readonly Need[];
  /** Takes a network interface of its own. */
  readonly ownInterface: boolean;
  /** Most of its tasks on one instance, or null. */
  readonly perInstance: number | null;
  /** Globs of instance types that its constraints allow, all of which must match; empty = any. */
  readonly onlyTypes: readonly (readonly string[])[];
  readonly storageGiB: number | null;
  readonly publicIp: boolean;
  /** Its placement strategy: `spread zone`, `spread instance`, `binpack cpu`, `binpack memory`, `random`. */
  readonly placement: readonly PlacementStep[];
  /** Value of the tag asked to keep apart by; null = untagged, or nothing asked. */
  readonly apart: string | null;
};
export type PlacementStep = 'spread zone' | 'spread instance' | 'binpack cpu' | 'binpack memory' | 'random';

/** What the cluster costs as it stands, for a month of 730 h. */
export type Today = {
  readonly usdPerMonth: string;
  /** What commitments can pay for: the EC2 and Fargate parts at on-demand prices. */
  readonly spend: readonly Spend[];
  /** By kind of capacity; the sum is `usdPerMonth`. */
  readonly rows: readonly { readonly kind: string; readonly what: string; readonly usdPerMonth: string }[];
  /** What could not be priced, in words. */
  readonly unpriced: readonly string[];
  readonly instances: number;
  /** vCPU by quota code that is inside the account's usage already. */
  readonly vcpuByQuota: { readonly [code: string]: number };
};

/** Spend that commitments may cover, USD a month. `covered`: instances of it inside a capacity reservation. */
export type Spend =
  | { readonly kind: 'fargate'; readonly architecture: Architecture; readonly usdPerMonth: string }
  | {
      readonly kind: 'ec2';
      readonly instanceType: string;
      readonly count: number;
      readonly covered: number;
      readonly usdPerMonth: string;
    };

/** What commitments pay of a month's spend. They cost the same whether they are used or not. */
export type Covered = {
  /** By reserved instances and capacity reservations. */
  readonly reservedUsdPerMonth: string;
  /** By Savings Plans. */
  readonly plansUsdPerMonth: string;
  /** Paid for and used by nothing: commitment of plans, and reserved instances at their on-demand price. */
  readonly unusedUsdPerMonth: string;
};

/** What runs in the cluster all month, as far as a plan has to know. Services in the order they were created. */
export type Workload = {
  readonly services: readonly WorkService[];
  /** One task of each on every instance. */
  readonly daemons: {
    readonly names: readonly string[];
    readonly cpuUnits: number;
    readonly memoryMiB: number;
    readonly interfaces: number;
  };
  /** What ECS can give tasks on the types that run here, as registered. */
  readonly registered: { readonly [type: string]: { readonly cpuUnits: number; readonly memoryMiB: number } };
  /** ENI trunking of the account's own instances; null = not read, assumed on. */
  readonly trunking: boolean | null;
  /** `targetCapacity` of the cluster's one ASG provider with managed scaling; null = none, or several. */
  readonly targetCapacityPercent: number | null;
  /** Capacity reservations of the region by type, sorted: instances that stand empty, and that this cluster fills. */
  readonly reserved: readonly {
    readonly instanceType: string;
    readonly empty: number;
    readonly used: number;
    readonly zones: readonly string[];
  }[];
  /** EC2 Instance Savings Plans of the account for this region, less what its other instances of the family use. */
  readonly plans: readonly { readonly family: string; readonly usdPerHour: string; readonly term: '1y' | '3y' }[];
  /** Services and families that the plan leaves out, and why. */
  readonly leftOut: readonly { readonly name: string; readonly because: string }[];
  /** What a reader should know of single services. */
  readonly notes: readonly string[];
  readonly today: Today;
  /** Facts that reading the snapshot used. */
  readonly facts: readonly string[];
};

/** One pinned provider of a plan. */
export type PlannedProvider = {
  readonly name: string;
  readonly kind: ProviderKind;
  readonly instanceType: string;
  /** Instances as ECS would place the tasks. */
  readonly count: number;
  /** Instances of the best packing found. */
  readonly packedCount: number;
  /** Of `count`, those that are paid for already. */
  readonly reserved: number;
  readonly services: readonly string[];
  readonly tasks: number;
  /** As ECS would place them. */
  readonly usdPerMonth: string;
  /** cost / bound - 1 of the packing, exact to 1e-6. */
  readonly gap: number | null;
  /** Why fewer instances are too few, or how far the proof goes, in words a person can check. */
  readonly proof: string;
};

export type ThreeNumbers = {
  readonly asEcsPlaces: string;
  readonly bestPacking: string;
  readonly boundAnyMix: string;
};

export type ClusterOption = Omit<CapacityOption, 'kind' | 'plan'> & {
  readonly kind: ClusterKind;
  readonly plan: CapacityPlan | null;
  readonly providers: readonly PlannedProvider[];
  /** `spotTasks`: of `tasks`, those on Fargate Spot. */
  readonly fargate: {
    readonly services: number;
    readonly tasks: number;
    readonly spotTasks: number;
    readonly usdPerMonth: string;
  } | null;
  readonly threeNumbers: ThreeNumbers | null;
  /** What commitments pay of it, and how much of what they pay today would pay for nothing; null = none are known. */
  readonly covered: (Covered & { readonly strandedUsdPerMonth: string }) | null;
};

/** Keeping the values of a tag apart: one pinned provider for each. */
export type SplitAdvice = {
  readonly tag: string;
  readonly groups: readonly {
    readonly value: string;
    readonly services: number;
    readonly instanceType: string;
    readonly count: number;
    readonly usdPerMonth: string;
  }[];
  readonly usdPerMonth: string;
  /** False: more values than a cluster can have providers. */
  readonly possible: boolean;
  readonly because: string;
};

/** A packing question of the plan and its answer: what the proof files hold. */
export type ClusterProof = { readonly name: string; readonly input: PackInput; readonly answer: PackAnswer };

export type ClusterResult = {
  /** Null: leave it as it is, or nothing is possible; `because` says which. */
  readonly recommended: ClusterKind | null;
  readonly because: string;
  readonly options: readonly ClusterOption[];
  readonly breakEven: readonly [];
  readonly cluster: {
    readonly services: number;
    readonly tasks: number;
    readonly today: Today;
    /** Today's cost after commitments and what they pay of it; null = none are known. */
    readonly todayCovered: (Covered & { readonly usdPerMonthAfterCommitments: string }) | null;
    /** Reserved instances that the plans count with. */
    readonly reserved: Workload['reserved'];
    /** Services that may be interrupted, by name. */
    readonly interruptible: readonly string[];
    /** Of the option that is recommended, else of the best one. */
    readonly providers: readonly PlannedProvider[];
    readonly threeNumbers: ThreeNumbers | null;
    readonly leftOut: Workload['leftOut'];
    readonly notes: readonly string[];
    /** What it costs to give every task an instance of its own, on Managed Instances; null = not possible. */
    readonly oneTaskPerInstance: { readonly usdPerMonth: string; readonly instances: number } | null;
    readonly split: SplitAdvice | null;
  };
};

export type ClusterAnswer = Omit<CapacityAnswer, 'result'> & { readonly result: ClusterResult };

/** The answer, and the packings behind the plan that it shows first. */
export type AnsweredCluster = { readonly answer: ClusterAnswer; readonly proofs: readonly ClusterProof[] };
