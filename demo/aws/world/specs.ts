/** What the world is made of, in few words: the builders turn these into objects of the SDK. */
import type {
  CapacityProviderStrategyItem,
  ContainerDefinition,
  InstanceRequirementsRequest,
  PlacementStrategy,
  TaskStopCode,
  Volume,
} from '@aws-sdk/client-ecs';

export type TagMap = { readonly [key: string]: string };

export type AccountKey = 'head-nodes' | 'qcu-1' | 'qcu-2';

export type ProviderSpec =
  | { readonly kind: 'fargate' }
  | { readonly kind: 'fargate-spot' }
  | { readonly kind: 'asg'; readonly name: string; readonly group: string; readonly tags: TagMap }
  | {
      readonly kind: 'managed-instances';
      readonly name: string;
      readonly option: 'ON_DEMAND' | 'SPOT' | 'RESERVED';
      /** Null = AWS's default, -1 = never consolidated. */
      readonly scaleInAfter: number | null;
      readonly requirements: InstanceRequirementsRequest;
      readonly tags: TagMap;
    };

/** One EC2 instance that ECS uses. Ages count back from the midnight before the world was made. */
export type HostSpec = {
  readonly provider: string;
  /** Tells hosts apart that are alike in everything else. */
  readonly number?: number;
  readonly type: string;
  readonly zone: 0 | 1 | 2;
  readonly ageHours: number;
  readonly lifecycle: 'on-demand' | 'spot';
  readonly draining?: boolean;
  /** Takes no service's tasks but a daemon's. */
  readonly idle?: boolean;
};

/** How many tasks ran in the past; today's number always holds from the last midnight on. */
export type HistorySpec =
  | { readonly kind: 'constant' }
  /** One task more a week, from `from` on. */
  | { readonly kind: 'one-more-a-week'; readonly from: number }
  /** `day` tasks 07:00-18:00 UTC from Monday to Friday, today's number otherwise. */
  | { readonly kind: 'office-hours'; readonly day: number }
  /** `tasks` between 01:00 and 05:00 UTC from Monday to Friday, none otherwise. */
  | { readonly kind: 'nights'; readonly tasks: number };

export type TaskShape = {
  /** Task-level size; null where only containers have one. */
  readonly cpu: number | null;
  readonly memory: number | null;
  readonly arm?: boolean;
  readonly network?: 'awsvpc' | 'host' | 'bridge';
  readonly ephemeralGiB?: number;
  /** Replaces the one container that a shape gets. */
  readonly containers?: readonly ContainerDefinition[];
  readonly volumes?: readonly Volume[];
  readonly image?: string;
};

/** How a task ended. */
export type Ending = { readonly stopCode: TaskStopCode; readonly reason: string; readonly exitCode: number };
/** And when: minutes before the world was made. */
export type EndSpec = Ending & { readonly minutesAgo: number; readonly ranMinutes: number };

export type ServiceSpec = {
  readonly name: string;
  readonly tasks: number;
  readonly shape: TaskShape;
  readonly runsOn:
    | { readonly kind: 'strategy'; readonly items: readonly CapacityProviderStrategyItem[] }
    | { readonly kind: 'launch-type'; readonly launchType: 'FARGATE' | 'EC2' };
  /** p95 in percent of the reserved size, and the maximum as a multiple of it. */
  readonly cpu?: { readonly p95: number; readonly peak?: number };
  readonly memory?: { readonly p95: number; readonly peak?: number };
  readonly history?: HistorySpec;
  readonly createdHoursAgo?: number;
  readonly daemon?: boolean;
  readonly deployment?: { readonly minimum: number; readonly maximum: number; readonly inProgress?: boolean };
  readonly placement?: readonly PlacementStrategy[];
  readonly constraint?: string;
  readonly scaling?: {
    readonly metric: 'ECSServiceAverageCPUUtilization' | 'ECSServiceAverageMemoryUtilization';
    readonly target: number;
    readonly min: number;
    readonly max: number;
  };
  readonly balanced?: boolean;
  readonly registered?: boolean;
  /** Tasks under scale-in protection: the first ones. */
  readonly protectedTasks?: number;
  /** Tasks of it that ended within the last hour. */
  readonly ended?: readonly EndSpec[];
  /** False: its tasks carry no `aws:ecs:*` tags, so the bill does not name it. */
  readonly managedTags?: boolean;
  readonly tags: TagMap;
};

/** Tasks started by RunTask: long ones that run, and short ones that came and went within the last hour. */
export type StandaloneSpec = {
  readonly family: string;
  readonly shape: TaskShape;
  readonly provider: string;
  readonly running: readonly { readonly hoursAgo: number }[];
  readonly batch: {
    /** Starts an hour, day and night. */
    readonly perHour: number;
    readonly runSeconds: number;
    readonly pullSeconds: number;
  } | null;
};

export type ClusterSpec = {
  readonly name: string;
  /** Name of its account. */
  readonly account: string;
  readonly region: string;
  readonly tags: TagMap;
  readonly providers: readonly ProviderSpec[];
  readonly defaultStrategy: readonly CapacityProviderStrategyItem[];
  readonly hosts: readonly HostSpec[];
  readonly services: readonly ServiceSpec[];
  readonly standalone: readonly StandaloneSpec[];
};

/** A strategy of one provider. */
export function onProvider(capacityProvider: string): ServiceSpec['runsOn'] {
  return { kind: 'strategy', items: [{ capacityProvider, weight: 1, base: 0 }] };
}
