import { GetMetricDataCommand, type MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import type { ServiceUtilisation } from '../engine/index.ts';
import { type Caller, listIn, pagesOf } from './call.ts';
import { chunksOf } from './concurrency.ts';
import { awsIncomplete } from './errors.ts';

/** CloudWatch, in full batches: every metric that is asked for costs money. */

const DAY_SECONDS = 24 * 60 * 60;
const DAY_MS = DAY_SECONDS * 1000;
/** Both are limits of one GetMetricData call. */
const QUERIES_AT_ONCE = 500;
const POINTS_AT_ONCE = 100_800;

export type MetricWanted = {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: { readonly [name: string]: string };
  readonly stat: string;
  readonly periodSeconds: number;
};
type Span = { readonly start: Date; readonly end: Date };
export type Point = { readonly at: Date; readonly value: number };

/**
 * The points of each metric, oldest first, in the order asked; none where nothing was published. Throws `aws_…`, also
 * when CloudWatch itself says that its answer is not whole.
 */
export async function readMetrics(
  call: Caller,
  wanted: readonly MetricWanted[],
  { start, end }: Span,
): Promise<readonly (readonly Point[])[]> {
  const shortest = Math.min(...wanted.map(({ periodSeconds }) => periodSeconds));
  const pointsEach = Math.ceil((end.getTime() - start.getTime()) / 1000 / shortest);
  const answers: (readonly Point[])[] = [];
  for (const batch of chunksOf(wanted, Math.min(QUERIES_AT_ONCE, Math.floor(POINTS_AT_ONCE / pointsEach)))) {
    answers.push(...(await readBatch(call, batch, { start, end })));
  }
  return answers;
}

async function readBatch(
  call: Caller,
  batch: readonly MetricWanted[],
  { start, end }: Span,
): Promise<readonly (readonly Point[])[]> {
  const points = batch.map((): Point[] => []);
  const pages = pagesOf(
    (token) =>
      call('cloudwatch:GetMetricData', ({ cloudWatch }, options) =>
        cloudWatch.send(
          new GetMetricDataCommand({
            MetricDataQueries: batch.map(toQuery),
            StartTime: start,
            EndTime: end,
            ScanBy: 'TimestampAscending',
            NextToken: token,
          }),
          options,
        ),
      ),
    ({ NextToken }) => NextToken,
  );
  for await (const { MetricDataResults } of pages) {
    for (const { Id, Timestamps, Values, StatusCode } of listIn(MetricDataResults, 'MetricDataResults')) {
      // `PartialData` is how every page but the last looks.
      if (StatusCode === 'InternalError' || StatusCode === 'Forbidden') throw awsIncomplete(StatusCode);
      const found = points[Number(Id?.slice(1))];
      for (const [index, at] of (Timestamps ?? []).entries()) {
        const value = Values?.[index];
        if (value !== undefined) found?.push({ at, value });
      }
    }
  }
  return points;
}

function toQuery(wanted: MetricWanted, index: number): MetricDataQuery {
  return {
    Id: `m${index}`,
    MetricStat: {
      Metric: {
        Namespace: wanted.namespace,
        MetricName: wanted.name,
        Dimensions: Object.entries(wanted.dimensions).map(([Name, Value]) => ({ Name, Value })),
      },
      Period: wanted.periodSeconds,
      Stat: wanted.stat,
    },
    ReturnData: true,
  };
}

/** Days of CPU and memory that sizes are judged by; AWS keeps minutes for 15 days. */
const LOAD_DAYS = 14;
/** Days of task-minutes: a month, and some for comparison. */
const MINUTES_DAYS = 35;

/** End of the last whole UTC day before `now`. */
export function startOfDay(now: Date): Date {
  return new Date(Math.floor(now.getTime() / DAY_MS) * DAY_MS);
}

export function daysBefore(end: Date, days: number): Date {
  return new Date(end.getTime() - days * DAY_MS);
}

const LOADS = [
  { name: 'CPUUtilization', stat: 'p95' },
  { name: 'CPUUtilization', stat: 'Maximum' },
  { name: 'MemoryUtilization', stat: 'p95' },
  { name: 'MemoryUtilization', stat: 'Maximum' },
] as const;

/**
 * Utilisation of each service over whole days that ended at the last UTC midnight. A service that published nothing has
 * nulls and no days: no data is not zero.
 */
export async function readUtilisation(
  call: Caller,
  cluster: string,
  { services, now }: { readonly services: readonly string[]; readonly now: Date },
): Promise<readonly ServiceUtilisation[]> {
  const read: ServiceUtilisation[] = [];
  // One full call for the minutes, a few for the loads: little enough to turn into days without holding up the rest.
  for (const some of chunksOf(services, QUERIES_AT_ONCE)) {
    read.push(...(await readSome(call, cluster, { services: some, now })));
  }
  return read;
}

async function readSome(
  call: Caller,
  cluster: string,
  { services, now }: { readonly services: readonly string[]; readonly now: Date },
): Promise<readonly ServiceUtilisation[]> {
  const end = startOfDay(now);
  const start = daysBefore(end, LOAD_DAYS);
  const metric = (service: string, name: string): Omit<MetricWanted, 'stat' | 'periodSeconds'> => ({
    namespace: 'AWS/ECS',
    name,
    dimensions: { ClusterName: cluster, ServiceName: service },
  });
  const wanted = services.flatMap((service) =>
    LOADS.map(({ name, stat }) => ({ ...metric(service, name), stat, periodSeconds: LOAD_DAYS * DAY_SECONDS })),
  );
  const loads = await readMetrics(call, wanted, { start, end });
  const minutes = await readMetrics(
    call,
    services.map((service) => ({
      ...metric(service, 'CPUUtilization'),
      stat: 'SampleCount',
      periodSeconds: DAY_SECONDS,
    })),
    { start: daysBefore(end, MINUTES_DAYS), end },
  );
  const dayOf = rememberedDays();
  return services.map((service, index) => {
    const [cpuP95, cpuMaximum, memoryP95, memoryMaximum] = LOADS.map((_, load) =>
      highest(loads[index * LOADS.length + load] ?? []),
    );
    return {
      service,
      from: start.toISOString(),
      to: end.toISOString(),
      cpuPercent: both(cpuP95, cpuMaximum),
      memoryPercent: both(memoryP95, memoryMaximum),
      taskMinutes: (minutes[index] ?? []).flatMap(({ at, value }) =>
        value > 0 ? [{ day: dayOf(at), minutes: value }] : [],
      ),
    };
  });
}

/** `2026-11-23` of a time, each day written out once: thousands of services have the same days. */
function rememberedDays(): (at: Date) => string {
  const known = new Map<number, string>();
  return (at) => {
    const ms = at.getTime();
    const text = known.get(ms) ?? at.toISOString().slice(0, 10);
    known.set(ms, text);
    return text;
  };
}

/** One point is asked for. Should CloudWatch cut the span in two, the higher of the two errs on the careful side. */
function highest(points: readonly Point[]): number | null {
  return points.length === 0 ? null : Math.max(...points.map(({ value }) => value));
}

function both(
  p95: number | null | undefined,
  maximum: number | null | undefined,
): { readonly p95: number; readonly maximum: number } | null {
  return p95 === null || p95 === undefined || maximum === null || maximum === undefined ? null : { p95, maximum };
}
