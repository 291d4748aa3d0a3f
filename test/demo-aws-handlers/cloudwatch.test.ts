import type { GetMetricDataOutput, ListMetricsOutput } from '@aws-sdk/client-cloudwatch';
import { describe, expect, test } from 'vitest';
import { cloudWatchOperations } from '../../demo/aws/handlers/cloudwatch.ts';
import type { MetricQuery } from '../../demo/aws/state.ts';
import { aService, caller, codeOf, contextOf, ROSE, tinyWorld } from './tiny-world.ts';

const NEWEST = new Date('2026-11-24T00:00:00Z');

/** One value a period: its distance from the start in periods. */
function ramp(query: MetricQuery) {
  const step = query.periodSeconds * 1000;
  const count = Math.ceil((query.end.getTime() - query.start.getTime()) / step);
  return Array.from({ length: count }, (_, index) => ({
    at: new Date(query.start.getTime() + index * step),
    value: index,
  }));
}

const vcpuUsage = {
  MetricNamespace: 'AWS/Usage',
  MetricName: 'ResourceCount',
  MetricDimensions: { Service: 'Fargate', Resource: 'vCPU' },
};

const world = tinyWorld({
  ecs: { services: new Map([[ROSE, [aService('quant-api')]]]) },
  region: {
    metric: (query) => (query.dimensions.ServiceName === 'gone' ? [] : ramp(query)),
    quotas: [{ ServiceCode: 'fargate', QuotaCode: 'L-3032A538', Value: 100, UsageMetric: vcpuUsage }],
    defaultQuotas: [{ ServiceCode: 'fargate', QuotaCode: 'L-3032A538', Value: 6, UsageMetric: vcpuUsage }],
  },
});
const call = caller(cloudWatchOperations, contextOf(world));

function aQuery(Id: string, more: { ServiceName?: string; Period?: number; Stat?: string } = {}) {
  const Dimensions = [{ Name: 'ServiceName', Value: more.ServiceName ?? 'quant-api' }];
  const Metric = { Namespace: 'AWS/ECS', MetricName: 'CPUUtilization', Dimensions };
  return { Id, MetricStat: { Metric, Period: more.Period ?? 3600, Stat: more.Stat ?? 'p95' } };
}

function ask(queries: readonly object[], more: object = {}): GetMetricDataOutput {
  const StartTime = new Date(NEWEST.getTime() - 3 * 3_600_000);
  return call('GetMetricData', { MetricDataQueries: queries, StartTime, EndTime: NEWEST, ...more });
}

describe('GetMetricData', () => {
  test('gives the newest point first unless asked for the oldest', () => {
    const [newestFirst] = ask([aQuery('m1')]).MetricDataResults ?? [];
    const [oldestFirst] = ask([aQuery('m1')], { ScanBy: 'TimestampAscending' }).MetricDataResults ?? [];

    expect(newestFirst).toEqual({
      Id: 'm1',
      Label: 'CPUUtilization',
      Timestamps: [21, 22, 23].reverse().map((hour) => new Date(`2026-11-23T${hour}:00:00Z`)),
      Values: [2, 1, 0],
      StatusCode: 'Complete',
    });
    expect(oldestFirst?.Values).toEqual([0, 1, 2]);
  });

  test('answers a metric without data with an empty list, not with zeros', () => {
    expect(ask([aQuery('m1', { ServiceName: 'gone' })]).MetricDataResults).toMatchObject([
      { Id: 'm1', Timestamps: [], Values: [], StatusCode: 'Complete' },
    ]);
  });

  test('goes on in the next page where the points do not fit, under the same id', () => {
    const queries = [aQuery('m1'), aQuery('m2')];
    const one = ask(queries, { MaxDatapoints: 2 });
    const two = ask(queries, { MaxDatapoints: 2, NextToken: one.NextToken });
    const three = ask(queries, { MaxDatapoints: 2, NextToken: two.NextToken });

    const shown = [one, two, three].map((page) =>
      page.MetricDataResults?.map(({ Id, Values, StatusCode }) => [Id, Values, StatusCode]),
    );
    expect(shown).toEqual([
      [['m1', [2, 1], 'PartialData']],
      [
        ['m1', [0], 'Complete'],
        ['m2', [2], 'PartialData'],
      ],
      [['m2', [1, 0], 'Complete']],
    ]);
    expect(three.NextToken).toBeUndefined();
  });

  test('holds 100,800 points a page', () => {
    // 500 queries x 14 days x 24 hours = 168,000 points: two pages.
    const queries = Array.from({ length: 500 }, (_, index) => aQuery(`m${index}`));
    const StartTime = new Date(NEWEST.getTime() - 14 * 86_400_000);
    const points = (page: GetMetricDataOutput) =>
      (page.MetricDataResults ?? []).reduce((sum, { Values = [] }) => sum + Values.length, 0);

    const one = ask(queries, { StartTime });
    const two = ask(queries, { StartTime, NextToken: one.NextToken });

    expect([points(one), points(two), two.NextToken]).toEqual([100_800, 67_200, undefined]);
  });

  test('refuses a token that another request gave', () => {
    const { NextToken } = ask([aQuery('m1')], { MaxDatapoints: 1 });

    expect(codeOf(() => ask([aQuery('m2')], { MaxDatapoints: 1, NextToken }))).toBe('InvalidNextToken');
    expect(codeOf(() => ask([aQuery('m1')], { MaxDatapoints: 1, NextToken: 'made-up' }))).toBe('InvalidNextToken');
  });

  test.each([
    ['a period that is not whole minutes', [aQuery('m1', { Period: 90 })]],
    ['a statistic that does not exist', [aQuery('m1', { Stat: 'Median' })]],
    ['an id that begins with a capital', [aQuery('M1')]],
    ['the same id twice', [aQuery('m1'), aQuery('m1')]],
    ['no query', []],
    ['501 queries', Array.from({ length: 501 }, (_, index) => aQuery(`m${index}`))],
    ['metric math', [aQuery('m1'), { Id: 'e1', Expression: 'm1 * 2' }]],
    ['a query of neither kind', [{ Id: 'm1' }]],
  ])('refuses %s', (_, queries) => {
    expect(codeOf(() => ask(queries))).toBe('ValidationError');
  });

  test('refuses a range that ends before it starts', () => {
    expect(codeOf(() => ask([aQuery('m1')], { StartTime: NEWEST }))).toBe('ValidationError');
  });

  test('has old data in coarse points only', () => {
    const from = (days: number, Period: number) =>
      ask([aQuery('m1', { Period })], { StartTime: new Date(NEWEST.getTime() - days * 86_400_000) })
        .MetricDataResults?.[0]?.Values?.length;

    expect(from(14, 60)).toBe(14 * 1440);
    expect(from(20, 60)).toBe(0);
    expect(from(20, 300)).toBe(20 * 288);
    expect(from(70, 300)).toBe(0);
    expect(from(70, 86_400)).toBe(70);
  });

  test('leaves out what is only an input of another query, and knows quotas', () => {
    const Dimensions = [
      { Name: 'Resource', Value: 'vCPU' },
      { Name: 'Service', Value: 'Fargate' },
    ];
    const Metric = { Namespace: 'AWS/Usage', MetricName: 'ResourceCount', Dimensions };
    const usage = { Id: 'm1', ReturnData: false, MetricStat: { Metric, Period: 3600, Stat: 'Maximum' } };

    const { MetricDataResults } = ask([usage, { Id: 'e1', Expression: 'SERVICE_QUOTA(m1)', Label: 'limit' }]);

    expect(MetricDataResults).toMatchObject([{ Id: 'e1', Label: 'limit', Values: [100, 100, 100] }]);
    expect(codeOf(() => ask([aQuery('m1'), { Id: 'e1', Expression: 'SERVICE_QUOTA(m1)' }]))).toBe('ValidationError');
    expect(codeOf(() => ask([{ Id: 'e1', Expression: 'SERVICE_QUOTA(m9)' }]))).toBe('ValidationError');
  });
});

describe('ListMetrics', () => {
  test('lists metrics of services and quotas, and filters them', () => {
    const list = (input: object) => call<ListMetricsOutput>('ListMetrics', input).Metrics;

    expect(list({})).toHaveLength(3);
    expect(list({ Namespace: 'AWS/Usage' })).toEqual([
      {
        Namespace: 'AWS/Usage',
        MetricName: 'ResourceCount',
        Dimensions: [
          { Name: 'Service', Value: 'Fargate' },
          { Name: 'Resource', Value: 'vCPU' },
        ],
      },
    ]);
    expect(
      list({ MetricName: 'MemoryUtilization', Dimensions: [{ Name: 'ClusterName', Value: 'rose' }] }),
    ).toHaveLength(1);
    expect(list({ Dimensions: [{ Name: 'ServiceName', Value: 'gone' }] })).toEqual([]);
  });
});
