/**
 * What runs in the scanned AWS accounts: plain, dated data without AWS types. A snapshot is a head and many parts; each
 * part is one JSON document, kept under its own hash. Names are AWS's own. Times are ISO 8601 UTC text, CPU is in ECS
 * units (1024 = one vCPU), memory in MiB. `null` = AWS did not say.
 */

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
};

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

// Cluster -----------------------------------------------------------------------------------------------------------

export type ClusterPart = {
  readonly arn: string;
  readonly name: string;
  readonly status: string;
  readonly tags: Tags;
  readonly containerInsights: string | null;
  readonly defaultStrategy: readonly StrategyItem[];
  readonly providers: readonly CapacityProvider[];
  readonly containerInstances: readonly ContainerInstance[];
  /** Shards of its `services`, `samples` and `utilisation` parts: 1, 2, 4, … */
  readonly shards: number;
};

export type StrategyItem = { readonly capacityProvider: string; readonly weight: number; readonly base: number };

export type CapacityProvider = {
  readonly name: string;
  readonly arn: string;
  readonly status: string;
  readonly tags: Tags;
} & (
  | { readonly kind: 'fargate' | 'fargate-spot' }
  | {
      readonly kind: 'asg';
      readonly autoScalingGroup: string;
      /** Null when managed scaling is off. */
      readonly managedScaling: {
        readonly targetCapacityPercent: number;
        readonly minimumScalingStepSize: number;
        readonly maximumScalingStepSize: number;
        readonly instanceWarmupSeconds: number;
      } | null;
      readonly managedTerminationProtection: boolean;
      readonly managedDraining: boolean;
    }
  | {
      readonly kind: 'managed-instances';
      readonly optionType: 'on-demand' | 'spot' | 'reserved';
      /** 0-3600, -1 = consolidation off, null = AWS's default. */
      readonly scaleInAfterSeconds: number | null;
      readonly requirements: InstanceRequirements | null;
      readonly storageGiB: number | null;
      readonly subnets: readonly string[];
      readonly reservationPreference: string | null;
      readonly propagateTags: boolean;
    }
);

/** The parts of attribute-based selection that advice looks at. */
export type InstanceRequirements = {
  readonly vcpu: { readonly min: number; readonly max: number | null };
  readonly memoryMiB: { readonly min: number; readonly max: number | null };
  readonly allowedInstanceTypes: readonly string[];
  readonly excludedInstanceTypes: readonly string[];
  readonly cpuManufacturers: readonly string[];
  readonly instanceGenerations: readonly string[];
  readonly burstablePerformance: string | null;
  readonly acceleratorTypes: readonly string[];
};

export type Resources = {
  readonly cpuUnits: number;
  readonly memoryMiB: number;
  readonly gpus: number;
  readonly ports: readonly number[];
};

export type ContainerInstance = {
  readonly arn: string;
  /** Null for ECS Anywhere. */
  readonly ec2InstanceId: string | null;
  readonly capacityProvider: string | null;
  readonly status: string;
  readonly registered: Resources;
  readonly remaining: Resources;
  readonly instanceType: string | null;
  readonly az: string | null;
  readonly architecture: string | null;
  readonly subnetId: string | null;
  /** Attributes of the form `ecs.*` that placement may ask for, the four above apart. */
  readonly attributes: { readonly [name: string]: string };
  readonly registeredAt: string | null;
  readonly health: 'OK' | 'IMPAIRED' | 'INSUFFICIENT_DATA' | 'INITIALIZING' | null;
  readonly agentConnected: boolean;
  readonly runningTasks: number;
  readonly pendingTasks: number;
};

// Services ----------------------------------------------------------------------------------------------------------

/** One shard of a cluster: its services, their tasks and definitions; standalone tasks and their families in shard 0. */
export type ServicesPart = {
  readonly services: readonly Service[];
  readonly taskDefinitions: readonly TaskDefinition[];
  readonly tasks: readonly Task[];
};

export type Service = {
  readonly arn: string;
  readonly name: string;
  readonly status: string;
  readonly desiredCount: number;
  readonly runningCount: number;
  readonly pendingCount: number;
  /** Absent (null) when a capacity provider strategy is used. */
  readonly launchType: string | null;
  readonly strategy: readonly StrategyItem[];
  readonly platformVersion: string | null;
  /** ARN of a revision. */
  readonly taskDefinition: string;
  readonly schedulingStrategy: 'REPLICA' | 'DAEMON';
  readonly deployment: {
    readonly minimumHealthyPercent: number;
    readonly maximumPercent: number;
    readonly strategy: string;
    readonly circuitBreaker: boolean;
    /** More than one deployment, or one whose rollout has not completed. */
    readonly inProgress: boolean;
  };
  readonly placementConstraints: readonly { readonly type: string; readonly expression: string | null }[];
  readonly placementStrategy: readonly { readonly type: string; readonly field: string | null }[];
  readonly azRebalancing: boolean;
  readonly subnets: readonly string[];
  readonly assignPublicIp: boolean;
  readonly loadBalancers: number;
  readonly serviceRegistries: number;
  readonly createdAt: string | null;
  readonly propagateTags: string | null;
  readonly enableEcsManagedTags: boolean;
  readonly tags: Tags;
  /** Application Auto Scaling, or null when the service has no scalable target. */
  readonly autoscaling: {
    readonly min: number;
    readonly max: number;
    readonly policies: readonly {
      readonly name: string;
      readonly type: string;
      /** Predefined metric of target tracking, e.g. `ECSServiceAverageCPUUtilization`; null for other policies. */
      readonly metric: string | null;
      readonly target: number | null;
    }[];
  } | null;
};

export type TaskDefinition = {
  readonly arn: string;
  readonly family: string;
  readonly revision: number;
  /** Task level; null where only containers have sizes. */
  readonly cpuUnits: number | null;
  readonly memoryMiB: number | null;
  readonly networkMode: string | null;
  readonly architecture: 'x86_64' | 'arm64';
  readonly operatingSystem: string;
  readonly requiresCompatibilities: readonly string[];
  readonly ephemeralStorageGiB: number | null;
  readonly placementConstraints: readonly { readonly type: string; readonly expression: string | null }[];
  readonly volumes: readonly {
    readonly name: string;
    readonly kind: 'efs' | 'ebs' | 'docker' | 'fsx' | 's3' | 'host';
  }[];
  readonly ipcMode: string | null;
  readonly pidMode: string | null;
  readonly containers: readonly {
    readonly name: string;
    readonly image: string;
    readonly essential: boolean;
    readonly cpuUnits: number;
    readonly memoryMiB: number | null;
    readonly memoryReservationMiB: number | null;
    readonly gpus: number;
    readonly neuronDevices: boolean;
    readonly privileged: boolean;
    readonly linuxCapabilities: readonly string[];
    readonly hostPorts: readonly number[];
    readonly stopTimeoutSeconds: number | null;
    readonly logDriver: string | null;
  }[];
};

export type Task = {
  readonly arn: string;
  /** `service:<name>` or `family:<name>`. */
  readonly group: string;
  readonly taskDefinition: string;
  readonly lastStatus: string;
  readonly launchType: string | null;
  readonly capacityProvider: string | null;
  readonly containerInstance: string | null;
  readonly az: string | null;
  readonly cpuUnits: number | null;
  readonly memoryMiB: number | null;
  readonly ephemeralStorageGiB: number | null;
  readonly platformVersion: string | null;
  readonly pullStartedAt: string | null;
  readonly startedAt: string | null;
  /** Scale-in protection: its end, or `always`; null = not protected. */
  readonly protectedUntil: string | null;
};

/** One shard's stopped tasks seen so far, newest first, at most 100 per family and 14 days old. */
export type SamplesPart = { readonly families: readonly FamilySamples[] };
export type FamilySamples = {
  readonly family: string;
  readonly samples: readonly {
    readonly task: string;
    /** ARN of its revision. */
    readonly taskDefinition: string;
    readonly group: string;
    readonly pullSeconds: number | null;
    readonly runSeconds: number;
    readonly stoppedAt: string;
    readonly stopCode: string | null;
  }[];
};

/** One shard's metrics of services, read at most once a day. Percent of what the task reserves; never zero for absent. */
export type UtilisationPart = { readonly services: readonly ServiceUtilisation[] };
export type ServiceUtilisation = {
  readonly service: string;
  readonly from: string;
  readonly to: string;
  readonly cpuPercent: { readonly p95: number; readonly maximum: number } | null;
  readonly memoryPercent: { readonly p95: number; readonly maximum: number } | null;
  /** Task-minutes a day, from the number of per-minute samples; days without a running task have no row. */
  readonly taskMinutes: readonly { readonly day: string; readonly minutes: number }[];
};

/** A cluster with all its shards together: what the rules of one cluster read. */
export type ClusterView = ClusterPart & {
  readonly account: string;
  readonly region: string;
  readonly services: readonly Service[];
  readonly taskDefinitions: readonly TaskDefinition[];
  readonly tasks: readonly Task[];
  readonly samples: readonly FamilySamples[];
  readonly utilisation: readonly ServiceUtilisation[];
};
