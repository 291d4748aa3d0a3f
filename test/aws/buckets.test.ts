import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createBucket, createBuckets } from '../../src/aws/buckets.ts';

/** Reserves one call after another, each asked for `gaps[i]` ms after the one before; returns when each may go. */
function grants(bucket: { reserve: (nowMs: number) => number }, gaps: readonly number[]): readonly number[] {
  let now = 0;
  return gaps.map((gap) => {
    now += gap;
    return bucket.reserve(now);
  });
}

describe('a bucket', () => {
  test('grants half of the documented burst at once, then half of the documented rate', () => {
    const bucket = createBucket({ burst: 100, perSecond: 20 }, 1);
    const at = grants(
      bucket,
      Array.from({ length: 70 }, () => 0),
    );
    // 50 at once; then one every 100 ms, because 20 / 2 = 10 come back a second.
    expect(at.slice(0, 50)).toEqual(Array.from({ length: 50 }, () => 0));
    expect(at.slice(50).map(Math.round)).toEqual(Array.from({ length: 20 }, (_, index) => (index + 1) * 100));
  });

  test('never grants more than burst/2 + rate/2 * t calls in any interval, whatever is asked when', () => {
    fc.assert(
      fc.property(
        fc.record({
          burst: fc.integer({ min: 2, max: 200 }),
          perSecond: fc.integer({ min: 1, max: 500 }),
          speed: fc.integer({ min: 1, max: 50 }),
        }),
        fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 150 }),
        ({ burst, perSecond, speed }, gaps) => {
          const at = grants(createBucket({ burst, perSecond }, speed), gaps);
          for (const [first, from] of at.entries()) {
            for (let last = first; last < at.length; last += 1) {
              const seconds = ((at[last] ?? 0) - from) / 1000;
              const most = burst / 2 + (perSecond / 2) * speed * seconds;
              // A millionth of a call for rounding in floating point.
              expect(last - first + 1).toBeLessThanOrEqual(Math.max(1, most) + 1e-6);
            }
          }
        },
      ),
    );
  });

  test('loses no time: a caller who is always ready is granted every call that the limit allows', () => {
    const bucket = createBucket({ burst: 100, perSecond: 20 }, 1);
    let now = 0;
    for (let call = 0; call < 550; call += 1) now = Math.max(now, bucket.reserve(now));
    // (550 calls - 50 at once) / 10 a second.
    expect(now / 1000).toBeCloseTo(50, 6);
  });

  test('empties and halves its rate when AWS throttles, once for calls that were under way together', () => {
    const bucket = createBucket({ burst: 100, perSecond: 20 }, 1);
    bucket.reserve(0);
    bucket.throttled(100, 0);
    bucket.throttled(110, 5);
    // Empty at 100, then 5 instead of 10 a second (a little more as it recovers).
    expect(bucket.reserve(110) - 110).toBeGreaterThan(180);
    expect(bucket.reserve(110) - 110).toBeLessThan(400);
  });

  test('recovers after a throttle, slowly', () => {
    const bucket = createBucket({ burst: 2, perSecond: 20 }, 1);
    bucket.reserve(0);
    bucket.throttled(0, 0);
    // The rate is back after 0.5 / 0.02 = 25 s; the burst is full again long before.
    bucket.reserve(25_000);
    expect(bucket.reserve(25_000) - 25_000).toBeCloseTo(100, 0);
  });

  test('never slows down beyond a sixteenth', () => {
    const bucket = createBucket({ burst: 2, perSecond: 20 }, 1);
    for (let time = 0; time < 20; time += 1) bucket.throttled(time, time);
    // 10 / 16 a second = one in 1.6 s, plus the debt of nothing else.
    expect(bucket.reserve(20) - 20).toBeLessThanOrEqual(1_600);
  });
});

describe('the buckets of a region', () => {
  test("take over the account's own rates, halved like the documented ones", () => {
    const buckets = createBuckets(1);
    buckets.applyQuotas([
      { quotaCode: 'L-22AE4B75', value: 200 },
      { quotaCode: 'L-321A0372', value: 80 },
      { quotaCode: 'L-3032A538', value: 6 },
    ]);
    const at = grants(
      buckets.of('ecs-service-read'),
      Array.from({ length: 102 }, () => 0),
    );
    // 200 / 2 at once, then one every 1000 / (80 / 2) = 25 ms.
    expect(at[99]).toBe(0);
    expect(at[100]).toBeCloseTo(25, 6);
    expect(at[101]).toBeCloseTo(50, 6);
  });

  test('change under way: what was taken before counts', () => {
    const buckets = createBuckets(1);
    grants(
      buckets.of('ecs-service-read'),
      Array.from({ length: 50 }, () => 0),
    );
    buckets.applyQuotas([{ quotaCode: 'L-22AE4B75', value: 120 }]);
    const at = grants(
      buckets.of('ecs-service-read'),
      Array.from({ length: 11 }, () => 0),
    );
    // 120 / 2 = 60, of which 50 are gone.
    expect(at[9]).toBe(0);
    expect(at[10]).toBeGreaterThan(0);
  });

  test('pass over rates that make no sense', () => {
    const buckets = createBuckets(1);
    buckets.applyQuotas([
      { quotaCode: 'L-22AE4B75', value: 0 },
      { quotaCode: 'L-321A0372', value: Number.NaN },
    ]);
    const at = grants(
      buckets.of('ecs-service-read'),
      Array.from({ length: 51 }, () => 0),
    );
    expect(at[49]).toBe(0);
    expect(at[50]).toBeCloseTo(100, 6);
  });

  test('are one each: an empty one holds up no other', () => {
    const buckets = createBuckets(1);
    grants(
      buckets.of('ecs-service-read'),
      Array.from({ length: 80 }, () => 0),
    );
    expect(buckets.of('ecs-cluster-resource-read').reserve(0)).toBe(0);
  });
});
