/** What runs in one cluster, as a snapshot keeps it; see `model.ts`. */
import type { Tags } from './model.ts';

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
