/** A documented throttling group: tokens a bucket holds, and tokens that come back a second. */
export type BucketSpec = { readonly group: string; readonly size: number; readonly refillPerSecond: number };

/** What a bucket saw so far. */
export type BucketCount = BucketSpec & {
  readonly account: string;
  readonly region: string;
  readonly taken: number;
  readonly denied: number;
};

export type ThrottledCall = {
  readonly account: string;
  readonly region: string;
  readonly service: string;
  readonly operation: string;
  readonly input: unknown;
};

export type Buckets = {
  /** Takes a token for the call. False when the bucket is empty; calls that no group documents always pass. */
  readonly take: (call: ThrottledCall) => boolean;
  readonly counts: () => readonly BucketCount[];
};

export type BucketOptions = {
  /** Refill is this many times the documented one; sizes stay. */
  readonly speed: number;
  /** Milliseconds of a clock that never goes back. */
  readonly clock: () => number;
  /** Whether empty buckets deny; when not, calls are only counted. */
  readonly enforce: boolean;
};

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html, per account and region.
const ECS_GROUPS: readonly (BucketSpec & { readonly operations: readonly string[] })[] = [
  { group: 'service read', size: 100, refillPerSecond: 20, operations: ['ListServices', 'DescribeServices'] },
  {
    group: 'cluster resource read',
    size: 100,
    refillPerSecond: 20,
    operations: [
      'ListTasks',
      'DescribeTasks',
      'ListContainerInstances',
      'DescribeContainerInstances',
      'ListAttributes',
    ],
  },
  { group: 'cluster read', size: 50, refillPerSecond: 20, operations: ['ListClusters', 'DescribeClusters'] },
  {
    group: 'task definition read',
    size: 50,
    refillPerSecond: 20,
    operations: ['DescribeTaskDefinition', 'ListTaskDefinitions', 'ListTaskDefinitionFamilies'],
  },
  { group: 'capacity provider read', size: 50, refillPerSecond: 20, operations: ['DescribeCapacityProviders'] },
  {
    group: 'deployment read',
    size: 50,
    refillPerSecond: 20,
    operations: ['ListServiceDeployments', 'DescribeServiceDeployments', 'DescribeServiceRevisions'],
  },
  {
    group: 'task protection',
    size: 200,
    refillPerSecond: 80,
    operations: ['GetTaskProtection', 'UpdateTaskProtection'],
  },
  { group: 'services by namespace', size: 10, refillPerSecond: 1, operations: ['ListServicesByNamespace'] },
  { group: 'setting read', size: 50, refillPerSecond: 20, operations: ['ListAccountSettings'] },
  { group: 'tag read', size: 50, refillPerSecond: 20, operations: ['ListTagsForResource'] },
  {
    group: 'cluster resource modify',
    size: 100,
    refillPerSecond: 40,
    operations: ['RunTask', 'StopTask', 'UpdateContainerInstancesState'],
  },
  {
    group: 'service modify',
    size: 50,
    refillPerSecond: 5,
    operations: ['CreateService', 'UpdateService', 'DeleteService'],
  },
];

// https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html, per account and region.
const EC2_READ: BucketSpec = { group: 'ec2 read', size: 100, refillPerSecond: 20 };
const EC2_UNFILTERED: BucketSpec = { group: 'ec2 unfiltered read', size: 50, refillPerSecond: 10 };
const EC2_MUTATING: BucketSpec = { group: 'ec2 mutating', size: 50, refillPerSecond: 5 };
const EC2_HEAVY_WHEN_UNFILTERED = new Set([
  'DescribeInstances',
  'DescribeInstanceStatus',
  'DescribeNetworkInterfaces',
  'DescribeVolumes',
]);

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html: 500 GetMetricData a second.
const METRIC_DATA: BucketSpec = { group: 'metric data', size: 500, refillPerSecond: 500 };

const ECS_BY_OPERATION: ReadonlyMap<string, BucketSpec> = new Map(
  ECS_GROUPS.flatMap(({ operations, ...spec }) => operations.map((operation) => [operation, spec] as const)),
);

/** The documented bucket that pays for a call, or undefined when AWS documents none. */
function bucketOf({ service, operation, input }: ThrottledCall): BucketSpec | undefined {
  if (service === 'ecs') return ECS_BY_OPERATION.get(operation);
  if (service === 'cloudwatch') return operation === 'GetMetricData' ? METRIC_DATA : undefined;
  if (service !== 'ec2') return undefined;
  if (!/^(Describe|Get|Search)/.test(operation)) return EC2_MUTATING;
  return EC2_HEAVY_WHEN_UNFILTERED.has(operation) && isUnfiltered(input) ? EC2_UNFILTERED : EC2_READ;
}

/** No filter, no ids, no page size. */
function isUnfiltered(input: unknown): boolean {
  const narrowing = /^(Filters|MaxResults|\w+Ids)$/;
  return !Object.entries(Object(input)).some(
    ([name, value]) => narrowing.test(name) && !(Array.isArray(value) && value.length === 0),
  );
}

type Bucket = { readonly spec: BucketSpec; tokens: number; at: number; taken: number; denied: number };

/** The token buckets of every account and region, full at first. */
export function createBuckets(options: BucketOptions): Buckets {
  const buckets = new Map<string, Bucket & Pick<BucketCount, 'account' | 'region'>>();
  return {
    take: (call) => {
      const spec = bucketOf(call);
      if (spec === undefined) return true;
      const key = `${call.account} ${call.region} ${spec.group}`;
      const now = options.clock();
      const bucket = buckets.get(key) ?? {
        spec,
        account: call.account,
        region: call.region,
        tokens: spec.size,
        at: now,
        taken: 0,
        denied: 0,
      };
      buckets.set(key, bucket);
      return takeFrom(bucket, now, options);
    },
    counts: () =>
      [...buckets.values()].map(({ spec, account, region, taken, denied }) => ({
        ...spec,
        account,
        region,
        taken,
        denied,
      })),
  };
}

function takeFrom(bucket: Bucket, now: number, { speed, enforce }: BucketOptions): boolean {
  const refill = ((now - bucket.at) / 1000) * bucket.spec.refillPerSecond * speed;
  bucket.tokens = Math.min(bucket.spec.size, bucket.tokens + refill);
  bucket.at = now;
  if (enforce && bucket.tokens < 1) {
    bucket.denied += 1;
    return false;
  }
  bucket.tokens -= 1;
  bucket.taken += 1;
  return true;
}

/**
 * The shortest time in seconds in which the counted calls can pass their buckets, all buckets being used at once by a
 * caller who takes only `share` of each (1 = all of it): (calls - size) / refill of the slowest one.
 */
export function minimumSeconds(
  counts: readonly Pick<BucketCount, 'size' | 'refillPerSecond' | 'taken'>[],
  { speed = 1, share = 1 }: { readonly speed?: number; readonly share?: number } = {},
): number {
  return Math.max(
    0,
    ...counts.map(({ size, refillPerSecond, taken }) => (taken - size * share) / (refillPerSecond * share * speed)),
  );
}
