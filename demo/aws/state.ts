import type * as applicationAutoScaling from '@aws-sdk/client-application-auto-scaling';
import type * as autoScaling from '@aws-sdk/client-auto-scaling';
import type * as computeOptimizer from '@aws-sdk/client-compute-optimizer';
import type * as ec2 from '@aws-sdk/client-ec2';
import type * as ecs from '@aws-sdk/client-ecs';
import type * as savingsPlans from '@aws-sdk/client-savingsplans';
import type * as serviceQuotas from '@aws-sdk/client-service-quotas';

/**
 * What the simulated AWS holds: plain objects of the SDK's own output types, complete (the handlers leave out what a
 * request did not `include`), so the compiler checks every fixture against AWS's model. Handlers may change it later;
 * the clock is passed in.
 */
export type AwsWorld = {
  readonly now: () => Date;
  /** The account whose keys the bot itself has; it assumes roles in the others. */
  readonly hub: { readonly accountId: string; readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly accounts: readonly AccountState[];
  /** Account id of the payer: the only one that Cost Explorer answers fully. */
  readonly payer: string;
  /** Cost rows of one UTC day (`YYYY-MM-DD`), all accounts. Deterministic. */
  readonly costs: (day: string) => readonly CostRow[];
  /** Tag keys that the payer has activated for cost allocation, with their status. */
  readonly costAllocationTags: readonly { readonly key: string; readonly active: boolean }[];
  /** Decimal USD that the Price List says instead of the usual, by usage type; null takes the product off the list. */
  readonly listPrices?: ReadonlyMap<string, string | null>;
};

export type CostRow = {
  readonly account: string;
  readonly region: string;
  /** Cost Explorer's SERVICE value. */
  readonly service: string;
  readonly usageType: string;
  /** Values of the cost allocation tags, '' where untagged. */
  readonly tags: { readonly [key: string]: string };
  /** Decimal USD. */
  readonly usd: string;
  /** Decimal. */
  readonly quantity: string;
};

export type AccountState = {
  readonly id: string;
  readonly name: string;
  readonly readerRoleArn: string;
  readonly writerRoleArn: string;
  readonly externalId: string;
  readonly regions: ReadonlyMap<string, RegionState>;
  readonly savingsPlans: readonly savingsPlans.SavingsPlan[];
  /** `Active` or `Inactive` (Compute Optimizer's enrolment). */
  readonly computeOptimizer: 'Active' | 'Inactive';
};

export type RegionState = {
  readonly region: string;
  readonly ecs: {
    readonly clusters: ecs.Cluster[];
    readonly capacityProviders: ecs.CapacityProvider[];
    /** By cluster ARN. */
    readonly services: Map<string, ecs.Service[]>;
    readonly tasks: Map<string, ecs.Task[]>;
    readonly containerInstances: Map<string, ecs.ContainerInstance[]>;
    /** By revision ARN; `tags` only with include TAGS. */
    readonly taskDefinitions: Map<string, { definition: ecs.TaskDefinition; tags: ecs.Tag[] }>;
    /** By task ARN. */
    readonly protection: Map<string, ecs.ProtectedTask>;
    readonly settings: ecs.Setting[];
  };
  readonly ec2: {
    readonly instances: ec2.Instance[];
    readonly statuses: ec2.InstanceStatus[];
    readonly volumes: ec2.Volume[];
    readonly networkInterfaces: ec2.NetworkInterface[];
    readonly subnets: ec2.Subnet[];
    readonly capacityReservations: ec2.CapacityReservation[];
    readonly eventWindows: ec2.InstanceEventWindow[];
    readonly spotPrices: ec2.SpotPrice[];
    readonly instanceTypes: ec2.InstanceTypeInfo[];
    readonly managedResourceVisibility: 'hidden' | 'visible';
  };
  readonly autoScalingGroups: autoScaling.AutoScalingGroup[];
  readonly scalableTargets: applicationAutoScaling.ScalableTarget[];
  readonly scalingPolicies: applicationAutoScaling.ScalingPolicy[];
  /** Applied values; services for which AWS lists only overridden ones list only those. */
  readonly quotas: serviceQuotas.ServiceQuota[];
  readonly defaultQuotas: serviceQuotas.ServiceQuota[];
  readonly computeOptimizer: computeOptimizer.ECSServiceRecommendation[];
  /**
   * One value per period start in [start, end), null where nothing was published. `stat` as GetMetricData takes it
   * (`Average`, `Maximum`, `Minimum`, `Sum`, `SampleCount`, `p95`, …). Deterministic.
   */
  readonly metric: (query: MetricQuery) => readonly { readonly at: Date; readonly value: number }[];
};

export type MetricQuery = {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: { readonly [name: string]: string };
  readonly stat: string;
  readonly periodSeconds: number;
  readonly start: Date;
  readonly end: Date;
};
