/** Token buckets: how fast AWS may be asked. Arithmetic over a clock that is passed in; nobody waits in here. */

export type Limit = {
  /** Calls that may come at once after a pause. */
  readonly burst: number;
  /** Calls a second that come back. */
  readonly perSecond: number;
};

/** Every caller of an account shares AWS's buckets (pipelines, autoscalers, the console): at most half is ours. */
const SHARE = 0.5;
/** However often AWS says no, the rate falls no further than this part of the normal one. */
const SLOWEST = 1 / 16;
/** The part of the normal rate that comes back each second after a throttle. */
const RECOVERY_PER_SECOND = 0.02;

export type Bucket = {
  /** When the next call may be sent: `now` or later, in ms of the same clock. Each reservation is one call. */
  readonly reserve: (nowMs: number) => number;
  /** AWS refused a call that was sent at `sentAtMs`: the bucket is empty and its rate halves. */
  readonly throttled: (nowMs: number, sentAtMs: number) => void;
  /** The documented (or applied) limit changed. */
  readonly setLimit: (limit: Limit) => void;
};

/**
 * A bucket over half of `limit`. `speed` multiplies what comes back, and nothing else. Never grants more than
 * burst/2 + perSecond/2 * t calls in t seconds.
 */
export function createBucket(limit: Limit, speed: number): Bucket {
  let burst = limit.burst * SHARE;
  let perMs = (limit.perSecond * SHARE * speed) / 1000;
  let tokens = burst;
  let factor = 1;
  let at: number | null = null;
  let halvedAt = Number.NEGATIVE_INFINITY;
  const advance = (nowMs: number): void => {
    const passed = Math.max(0, nowMs - (at ?? nowMs));
    at = Math.max(nowMs, at ?? nowMs);
    tokens = Math.min(burst, tokens + passed * perMs * factor);
    factor = Math.min(1, factor + (passed / 1000) * RECOVERY_PER_SECOND * speed);
  };
  return {
    reserve: (nowMs) => {
      advance(nowMs);
      // Below zero the bucket is in debt, and the call waits for its own token.
      tokens -= 1;
      return tokens >= 0 ? nowMs : nowMs - tokens / (perMs * factor);
    },
    throttled: (nowMs, sentAtMs) => {
      advance(nowMs);
      tokens = Math.min(tokens, 0);
      // Calls that were under way together are one piece of news.
      if (sentAtMs < halvedAt) return;
      factor = Math.max(SLOWEST, factor / 2);
      halvedAt = nowMs;
    },
    setLimit: (next) => {
      // What was taken stays taken.
      const used = burst - tokens;
      burst = next.burst * SHARE;
      perMs = (next.perSecond * SHARE * speed) / 1000;
      tokens = burst - used;
    },
  };
}

/**
 * Documented limits per account and region.
 * ECS: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html
 * EC2: https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
 * CloudWatch: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
 * AWS documents nothing for the rest: those are careful guesses, and a throttle slows them down further.
 */
const LIMITS = {
  'ecs-service-read': { burst: 100, perSecond: 20 },
  'ecs-cluster-resource-read': { burst: 100, perSecond: 20 },
  'ecs-cluster-read': { burst: 50, perSecond: 20 },
  'ecs-task-definition-read': { burst: 50, perSecond: 20 },
  'ecs-capacity-provider-read': { burst: 50, perSecond: 20 },
  'ecs-task-protection': { burst: 200, perSecond: 80 },
  'ecs-setting-read': { burst: 50, perSecond: 20 },
  'ec2-describe': { burst: 100, perSecond: 20 },
  'ec2-mutate': { burst: 50, perSecond: 5 },
  'cloudwatch-metric-data': { burst: 500, perSecond: 500 },
  'application-autoscaling': { burst: 40, perSecond: 20 },
  'auto-scaling': { burst: 20, perSecond: 10 },
  'service-quotas': { burst: 20, perSecond: 10 },
  'compute-optimizer': { burst: 10, perSecond: 5 },
  'savings-plans': { burst: 10, perSecond: 5 },
  'cost-explorer': { burst: 10, perSecond: 5 },
  'price-list': { burst: 10, perSecond: 10 },
  sts: { burst: 40, perSecond: 20 },
} as const satisfies Record<string, Limit>;

export type BucketGroup = keyof typeof LIMITS;

/** Service Quotas codes that hold an account's own limits for the ECS groups (quota names say burst or sustained). */
const RATE_QUOTAS: ReadonlyMap<string, { readonly group: BucketGroup; readonly sets: keyof Limit }> = new Map([
  ['L-22AE4B75', { group: 'ecs-service-read', sets: 'burst' }],
  ['L-321A0372', { group: 'ecs-service-read', sets: 'perSecond' }],
  ['L-35D944A8', { group: 'ecs-cluster-read', sets: 'burst' }],
  ['L-43D4E76A', { group: 'ecs-cluster-read', sets: 'perSecond' }],
  ['L-281CBA4C', { group: 'ecs-cluster-resource-read', sets: 'burst' }],
  ['L-80627E8A', { group: 'ecs-cluster-resource-read', sets: 'perSecond' }],
  ['L-5A5FEADE', { group: 'ecs-capacity-provider-read', sets: 'burst' }],
  ['L-42E25F2A', { group: 'ecs-capacity-provider-read', sets: 'perSecond' }],
  ['L-924E3D47', { group: 'ecs-task-definition-read', sets: 'burst' }],
  ['L-538D7426', { group: 'ecs-task-definition-read', sets: 'perSecond' }],
  ['L-3CA4FC4A', { group: 'ecs-setting-read', sets: 'burst' }],
  ['L-CA95243C', { group: 'ecs-setting-read', sets: 'perSecond' }],
]);

export type Buckets = {
  readonly of: (group: BucketGroup) => Bucket;
  /** Takes over the account's own limits; quotas that are not about rates, or make no sense, are passed over. */
  readonly applyQuotas: (quotas: readonly { readonly quotaCode: string; readonly value: number }[]) => void;
};

/** The buckets of one account and region, full at first. */
export function createBuckets(speed: number): Buckets {
  const limits = new Map<BucketGroup, Limit>();
  const buckets = new Map<BucketGroup, Bucket>();
  const limitOf = (group: BucketGroup): Limit => limits.get(group) ?? LIMITS[group];
  return {
    of: (group) => {
      const known = buckets.get(group);
      if (known !== undefined) return known;
      const bucket = createBucket(limitOf(group), speed);
      buckets.set(group, bucket);
      return bucket;
    },
    applyQuotas: (quotas) => {
      for (const { quotaCode, value } of quotas) {
        const rate = RATE_QUOTAS.get(quotaCode);
        if (rate === undefined || !Number.isFinite(value) || value < 1) continue;
        const before = limitOf(rate.group);
        if (before[rate.sets] === value) continue;
        const limit = { ...before, [rate.sets]: value };
        limits.set(rate.group, limit);
        buckets.get(rate.group)?.setLimit(limit);
      }
    },
  };
}
