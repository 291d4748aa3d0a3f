import { describe, expect, test } from 'vitest';
import type { MetricQuery, RegionState } from '../../demo/aws/state.ts';
import { createWorld } from '../../demo/aws/world/index.ts';

const NOW = new Date('2026-11-24T14:07:30Z');
const DAY_MS = 86_400_000;
const TODAY = Date.parse('2026-11-24T00:00:00Z');
const world = createWorld({ now: () => NOW });
const rose = world.accounts[0]?.regions.get('eu-west-1') as RegionState;

function regionsAt(now: Date) {
  const made = now === NOW ? world : createWorld({ now: () => now });
  return made.accounts.flatMap((account) => [...account.regions.values()].map((region) => ({ account, region })));
}

type Asked = Partial<Pick<MetricQuery, 'name' | 'stat' | 'periodSeconds' | 'start' | 'end'>>;

function ask(service: string, asked: Asked = {}): readonly { readonly at: Date; readonly value: number }[] {
  return rose.metric({
    namespace: 'AWS/ECS',
    name: 'CPUUtilization',
    dimensions: { ClusterName: 'rose', ServiceName: service },
    stat: 'Average',
    periodSeconds: 86_400,
    start: new Date(TODAY - 14 * DAY_MS),
    end: new Date(TODAY),
    ...asked,
  });
}

const value = (service: string, stat: string, asked: Asked = {}): number =>
  ask(service, { stat, periodSeconds: 14 * 86_400, ...asked })[0]?.value ?? Number.NaN;

describe('metrics of the world', () => {
  test('count one sample per running task and minute', () => {
    // 40 tasks x 1,440 minutes.
    expect(ask('head-shards', { stat: 'SampleCount' }).map((point) => point.value)).toEqual(Array(14).fill(57_600));
    // Today until 14:07: 847 minutes of one task.
    expect(ask('calendar', { stat: 'SampleCount', start: new Date(TODAY), end: NOW })[0]?.value).toBe(847);
  });

  test('follow the number of tasks: 16 by day, 12 by night, one more each week', () => {
    // Monday 23 Nov: 11 h x 16 + 13 h x 12 = 332 task-hours. Sunday: 24 x 12.
    const days = ask('quant-api', { stat: 'SampleCount' }).map((point) => point.value / 60);
    expect(days.slice(-2)).toEqual([288, 332]);
    const weeks = ask('feed-ingest', { stat: 'SampleCount', periodSeconds: 7 * 86_400 }).map(
      (point) => point.value / (7 * 1440),
    );
    expect(weeks).toEqual([17, 18]);
  });

  test('say nothing where no task ran', () => {
    const hours = ask('pnl-nightly', { stat: 'SampleCount', periodSeconds: 3_600, start: new Date(TODAY - DAY_MS) });
    expect(hours.map(({ at, value: samples }) => [at.getUTCHours(), samples])).toEqual(
      [1, 2, 3, 4].map((hour) => [hour, 240]),
    );
    expect(ask('pnl-nightly', { start: new Date(TODAY), end: NOW })).toEqual([]);
    expect(ask('beta-desk')).toEqual([]);
    expect(ask('no-such-service')).toEqual([]);
    expect(ask('calendar', { start: new Date(TODAY + DAY_MS), end: new Date(TODAY + 2 * DAY_MS) })).toEqual([]);
  });

  test('reach back eight weeks', () => {
    const start = new Date(TODAY - 56 * DAY_MS);
    expect(ask('head-shards', { start })).toHaveLength(56);
  });

  test.each(['head-shards', 'calendar', 'quant-sim', 'order-router'])(
    'of %s: p95, maximum, minimum and average of two weeks are those of its five-minute values',
    (service) => {
      const values = ask(service, { periodSeconds: 300 }).map((point) => point.value);
      const sorted = [...values].sort((a, b) => a - b);
      expect(values).toHaveLength(14 * 288);
      expect(value(service, 'p95')).toBeCloseTo(sorted[Math.ceil(values.length * 0.95) - 1] ?? 0, 9);
      expect(value(service, 'Maximum')).toBeCloseTo(Math.max(...values), 9);
      expect(value(service, 'Minimum')).toBeCloseTo(Math.min(...values), 9);
      expect(value(service, 'Average')).toBeCloseTo(values.reduce((a, b) => a + b, 0) / values.length, 9);
    },
  );

  test('weigh by tasks where their number changed', () => {
    const hours = ask('quant-api', { periodSeconds: 3_600 });
    const samples = ask('quant-api', { periodSeconds: 3_600, stat: 'SampleCount' });
    const total = samples.reduce((sum, point) => sum + point.value, 0);
    const weighted = hours.reduce((sum, point, index) => sum + point.value * (samples[index]?.value ?? 0), 0);
    expect(value('quant-api', 'Average')).toBeCloseTo(weighted / total, 9);
    expect(value('quant-api', 'Sum')).toBeCloseTo(weighted, 3);
  });

  test('have the planted 95th percentile in any two weeks, wherever they begin', () => {
    for (const offset of [0, 3, 17.25]) {
      const start = new Date(TODAY - 20 * DAY_MS + offset * 3_600_000);
      const end = new Date(start.getTime() + 14 * DAY_MS);
      expect(value('head-shards', 'p95', { start, end })).toBeCloseTo(11, 9);
      // 12.4 of 30 GiB.
      expect(value('head-shards', 'p95', { name: 'MemoryUtilization', start, end })).toBeCloseTo(41.3333, 3);
    }
  });

  test('are busier by day than by night, and on weekdays than at weekends', () => {
    const at = (day: number, hour: number) =>
      value('head-shards', 'Average', {
        periodSeconds: 3_600,
        start: new Date(TODAY + day * DAY_MS + hour * 3_600_000),
        end: new Date(TODAY + day * DAY_MS + (hour + 1) * 3_600_000),
      });
    // Day -1 is a Monday, -2 a Sunday.
    expect(at(-1, 11)).toBeGreaterThan(1.5 * at(-1, 2));
    expect(at(-1, 11)).toBeGreaterThan(1.5 * at(-2, 11));
  });

  test('show nothing new when the clock stands, and more when it moves on', () => {
    let now = NOW;
    const moving = createWorld({ now: () => now });
    const region = moving.accounts[0]?.regions.get('eu-west-1') as RegionState;
    const count = () =>
      region.metric({
        namespace: 'AWS/ECS',
        name: 'CPUUtilization',
        dimensions: { ClusterName: 'rose', ServiceName: 'calendar' },
        stat: 'SampleCount',
        periodSeconds: 86_400,
        start: new Date(TODAY),
        end: new Date(TODAY + 3 * DAY_MS),
      });
    expect(count().map((point) => point.value)).toEqual([847]);
    now = new Date(TODAY + 2 * DAY_MS);
    expect(count().map((point) => point.value)).toEqual([1440, 1440]);
  });
});

describe('usage of quotas', () => {
  // Just after midnight a deployment under way began on the day before.
  test.each([NOW, new Date('2026-11-25T00:02:00Z'), new Date('2026-11-29T23:59:59Z')])(
    'is the sum of what runs, at %o',
    (now) => {
      for (const { region } of regionsAt(now)) {
        const running = [...region.ecs.tasks.values()].flat().filter(({ lastStatus }) => lastStatus === 'RUNNING');
        const vcpu = (on: (provider: string | undefined) => boolean) =>
          running
            .filter(({ launchType, capacityProviderName }) => launchType === 'FARGATE' && on(capacityProviderName))
            .reduce((sum, { cpu }) => sum + Number(cpu) / 1024, 0);
        const usage = (service: string, usageClass: string) =>
          region.metric({
            namespace: 'AWS/Usage',
            name: 'ResourceCount',
            dimensions: { Type: 'Resource', Resource: 'vCPU', Service: service, Class: usageClass },
            stat: 'Maximum',
            periodSeconds: 60,
            start: new Date(now.getTime() - 120_000),
            end: now,
          })[0]?.value ?? 0;
        expect(usage('Fargate', 'Standard/OnDemand')).toBe(vcpu((provider) => provider !== 'FARGATE_SPOT'));
        expect(usage('Fargate', 'Standard/Spot')).toBe(vcpu((provider) => provider === 'FARGATE_SPOT'));
        const types = new Map(region.ec2.instanceTypes.map((type) => [type.InstanceType, type.VCpuInfo?.DefaultVCpus]));
        const onDemand = region.ec2.instances.filter(({ InstanceLifecycle }) => InstanceLifecycle === undefined);
        expect(usage('EC2', 'Standard/OnDemand')).toBe(
          onDemand.reduce((sum, { InstanceType }) => sum + (types.get(InstanceType) ?? 0), 0),
        );
      }
    },
  );

  test('stays below every raised limit over eight weeks', () => {
    for (const account of world.accounts) {
      for (const region of account.regions.values()) {
        for (const quota of region.quotas.filter(({ UsageMetric }) => UsageMetric !== undefined)) {
          const [most] = region.metric({
            namespace: 'AWS/Usage',
            name: 'ResourceCount',
            dimensions: quota.UsageMetric?.MetricDimensions ?? {},
            stat: 'Maximum',
            periodSeconds: 57 * 86_400,
            start: new Date(TODAY - 56 * DAY_MS),
            end: NOW,
          });
          expect(most?.value ?? 0).toBeLessThanOrEqual(quota.Value ?? 0);
        }
      }
    }
  });
});
