/** The simulated Amazon CloudWatch: metric data and the list of metrics. */

import type {
  Dimension,
  GetMetricDataInput,
  GetMetricDataOutput,
  ListMetricsInput,
  ListMetricsOutput,
  Metric,
  MetricDataQuery,
  MetricDataResult,
  MetricStat,
} from '@aws-sdk/client-cloudwatch';
import * as sdk from '@aws-sdk/client-cloudwatch';
import type { RegionState } from '../state.ts';
import { pageOf } from './paging.ts';
import { scopeOf } from './requests.ts';
import { AwsFault, type HandlerContext, operation, type ServiceTable } from './types.ts';

const MAX_QUERIES = 500;
const MAX_POINTS = 100_800;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

type Point = { readonly at: Date; readonly value: number };

function invalid(message: string): AwsFault {
  return new AwsFault('ValidationError', message);
}

/** GetMetricData: newest first by default; more points than fit go on in the next page, under the same id. */
function getMetricData(input: GetMetricDataInput, context: HandlerContext): GetMetricDataOutput {
  const queries = checkQueries(input);
  const range = rangeOf(input, context.now);
  const most = input.MaxDatapoints ?? MAX_POINTS;
  if (most < 1 || most > MAX_POINTS) throw invalid(`MaxDatapoints must be between 1 and ${MAX_POINTS}.`);
  const shown = queries.filter((query) => query.ReturnData !== false);
  const scope = scopeOf('GetMetricData', input, context);
  const results: MetricDataResult[] = [];
  let left = most;
  for (let [index, skip] = startOf(input.NextToken, scope); index < shown.length; index += 1) {
    const query = shown[index];
    if (query === undefined) break;
    const points = pointsOf(query, { queries, range, context });
    if (input.ScanBy !== 'TimestampAscending') points.reverse();
    const page = points.slice(skip, skip + left);
    const isWhole = skip + page.length === points.length;
    if (page.length > 0 || isWhole) results.push(resultOf(query, page, isWhole));
    left -= page.length;
    if (!isWhole)
      return { MetricDataResults: results, NextToken: token(scope, index, skip + page.length), Messages: [] };
    skip = 0;
  }
  return { MetricDataResults: results, Messages: [] };
}

function resultOf(query: MetricDataQuery, points: readonly Point[], isWhole: boolean): MetricDataResult {
  return {
    Id: query.Id,
    Label: query.Label ?? query.MetricStat?.Metric?.MetricName ?? query.Id,
    Timestamps: points.map((point) => point.at),
    Values: points.map((point) => point.value),
    StatusCode: isWhole ? 'Complete' : 'PartialData',
  };
}

function token(scope: string, index: number, skip: number): string {
  return Buffer.from(JSON.stringify([scope, index, skip])).toString('base64url');
}

/** Query to go on with, and how many of its points were shown already. */
function startOf(nextToken: string | undefined, scope: string): [number, number] {
  if (nextToken === undefined || nextToken === '') return [0, 0];
  const text = Buffer.from(nextToken, 'base64url').toString('utf8');
  const prefix = `[${JSON.stringify(scope)},`;
  const [index, skip] = text.startsWith(prefix) ? text.slice(prefix.length, -1).split(',').map(Number) : [];
  if (index === undefined || skip === undefined || Number.isNaN(index + skip)) {
    throw new AwsFault('InvalidNextToken', 'The next token specified is invalid.');
  }
  return [index, skip];
}

function checkQueries(input: GetMetricDataInput): readonly MetricDataQuery[] {
  const queries = input.MetricDataQueries ?? [];
  if (queries.length === 0) throw invalid('At least one metric data query is needed.');
  if (queries.length > MAX_QUERIES) throw invalid(`The number of queries exceeds ${MAX_QUERIES}.`);
  if (new Set(queries.map((query) => query.Id)).size !== queries.length) throw invalid('The ids must be unique.');
  return queries;
}

/** Start and end in ms, the start rounded down as CloudWatch does: to 1, 5 or 60 minutes by its age. */
function rangeOf(input: GetMetricDataInput, now: Date) {
  const start = input.StartTime?.getTime() ?? 0;
  const end = input.EndTime?.getTime() ?? 0;
  if (start >= end) throw invalid('The parameter StartTime must be less than the parameter EndTime.');
  const ageDays = (now.getTime() - start) / DAY_MS;
  const grain = (ageDays <= 15 ? 1 : ageDays <= 63 ? 5 : 60) * MINUTE_MS;
  return { start: Math.floor(start / grain) * grain, end, grainSeconds: grain / 1000 };
}

type Sources = {
  readonly queries: readonly MetricDataQuery[];
  readonly range: ReturnType<typeof rangeOf>;
  readonly context: HandlerContext;
};

/** The points of one query, oldest first. */
function pointsOf(query: MetricDataQuery, sources: Sources): Point[] {
  if (!/^[a-z]\w*$/.test(query.Id ?? ''))
    throw invalid(`"${query.Id}" is not a valid id: it begins with a small letter.`);
  if ((query.MetricStat === undefined) === (query.Expression === undefined)) {
    throw invalid(`Query ${query.Id} needs either MetricStat or Expression.`);
  }
  if (query.AccountId !== undefined && query.AccountId !== sources.context.account.id) {
    throw invalid(`Query ${query.Id} asks for another account.`);
  }
  if (query.MetricStat !== undefined) return metricPoints(query.MetricStat, sources);
  return quotaPoints(query, sources);
}

const STATISTIC = /^(SampleCount|Average|Sum|Minimum|Maximum|(p|tm|wm|tc|ts)\d{1,2}(\.\d{1,10})?|p100|IQM)$/;

function metricPoints(stat: MetricStat, { range, context }: Sources): Point[] {
  const { Metric: metric, Stat: name = '', Period: periodSeconds = 0 } = stat;
  if (periodSeconds < 60 || periodSeconds % 60 !== 0)
    throw invalid(`The period ${periodSeconds} is not a multiple of 60.`);
  if (!STATISTIC.test(name)) throw invalid(`"${name}" is not a statistic.`);
  // Older data is kept in coarser points only: a finer period finds none of it.
  if (periodSeconds % range.grainSeconds !== 0) return [];
  const points = context.region.metric({
    namespace: metric?.Namespace ?? '',
    name: metric?.MetricName ?? '',
    dimensions: dimensionsOf(metric?.Dimensions),
    stat: name,
    periodSeconds,
    start: new Date(range.start),
    end: new Date(range.end),
  });
  return [...points];
}

function dimensionsOf(dimensions: readonly Dimension[] | undefined): { readonly [name: string]: string } {
  return Object.fromEntries((dimensions ?? []).map(({ Name, Value }) => [Name ?? '', Value ?? '']));
}

/** `SERVICE_QUOTA(m1)`: the quota's value at each point of usage metric m1. No other expression is known here. */
function quotaPoints(query: MetricDataQuery, sources: Sources): Point[] {
  const [, id] = /^SERVICE_QUOTA\(\s*(\w+)\s*\)$/.exec(query.Expression?.trim() ?? '') ?? [];
  if (id === undefined) throw invalid(`The simulated AWS does not work out expressions such as ${query.Expression}.`);
  const usage = sources.queries.find((other) => other.Id === id)?.MetricStat;
  if (usage === undefined)
    throw invalid(`Expression ${query.Id} refers to ${id}, which is not a metric of this request.`);
  const { quotas, defaultQuotas } = sources.context.region;
  const isOf = sameMetric(usage.Metric);
  const quota = [...quotas, ...defaultQuotas].find(({ UsageMetric }) => isOf(UsageMetric));
  const value = quota?.Value;
  if (value === undefined) throw invalid(`No service quota belongs to the metric of ${id}.`);
  return metricPoints(usage, sources).map(({ at }) => ({ at, value }));
}

function sameMetric(metric: Metric | undefined) {
  const text = (namespace: string | undefined, name: string | undefined, dimensions: object): string =>
    JSON.stringify([namespace, name, Object.entries(dimensions).sort()]);
  const wanted = text(metric?.Namespace, metric?.MetricName, dimensionsOf(metric?.Dimensions));
  return (usage: RegionState['quotas'][number]['UsageMetric']): boolean =>
    usage !== undefined && text(usage.MetricNamespace, usage.MetricName, usage.MetricDimensions ?? {}) === wanted;
}

/** ListMetrics: 500 a page. */
function listMetrics(input: ListMetricsInput, context: HandlerContext): ListMetricsOutput {
  const matching = metricsOf(context).filter(
    (metric) =>
      (input.Namespace === undefined || metric.Namespace === input.Namespace) &&
      (input.MetricName === undefined || metric.MetricName === input.MetricName) &&
      (input.Dimensions ?? []).every((wanted) =>
        metric.Dimensions?.some(
          ({ Name, Value }) => Name === wanted.Name && (wanted.Value === undefined || Value === wanted.Value),
        ),
      ),
  );
  const page = pageOf(matching, {
    size: 500,
    token: input.NextToken,
    scope: scopeOf('ListMetrics', input, context),
    key: (metric) => JSON.stringify(metric),
    invalidCode: 'InvalidParameterValue',
  });
  return { Metrics: [...page.items], NextToken: page.nextToken };
}

const listed = new WeakMap<RegionState, { readonly services: number; readonly metrics: readonly Metric[] }>();

/** The metrics that the world's `metric` can have something for; made anew when services came or went. */
function metricsOf({ region }: HandlerContext): readonly Metric[] {
  const known = listed.get(region);
  const services = [...region.ecs.services.values()].reduce((sum, list) => sum + list.length, 0);
  if (known !== undefined && known.services === services) return known.metrics;
  const metrics = makeMetrics(region);
  listed.set(region, { services, metrics });
  return metrics;
}

/** Those of services, and of quotas in use. */
function makeMetrics(region: RegionState): readonly Metric[] {
  const services = [...region.ecs.services.values()].flat();
  const ofServices = services.flatMap((service) => {
    const ClusterName = service.clusterArn?.split('/').at(-1) ?? '';
    return ['CPUUtilization', 'MemoryUtilization'].map((name) =>
      toMetric('AWS/ECS', name, { ClusterName, ServiceName: service.serviceName ?? '' }),
    );
  });
  const used = new Map(
    [...region.defaultQuotas, ...region.quotas].map((quota) => [quota.QuotaCode, quota.UsageMetric]),
  );
  const ofQuotas = [...used.values()].flatMap((usage) =>
    usage === undefined
      ? []
      : [toMetric(usage.MetricNamespace ?? '', usage.MetricName ?? '', usage.MetricDimensions ?? {})],
  );
  return [...ofServices, ...ofQuotas];
}

function toMetric(Namespace: string, MetricName: string, dimensions: { readonly [name: string]: string }): Metric {
  return { Namespace, MetricName, Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })) };
}

export const cloudWatchOperations = {
  GetMetricData: operation(sdk.GetMetricData$, getMetricData),
  ListMetrics: operation(sdk.ListMetrics$, listMetrics),
} satisfies ServiceTable;
