/** CloudWatch of the world: per service from a weekly pattern and the number of tasks, and `AWS/Usage` from inventory. */
import type { MetricQuery } from '../state.ts';
import { DAY_MS, midnight } from './ids.ts';
import {
  addMinutes,
  noWeights,
  type PatternName,
  type PatternStats,
  pattern,
  statistics,
  WEEK_MS,
} from './patterns.ts';

/** From `from` on, `tasks` run; sorted by time. Nothing ran before the first. */
export type TaskSteps = readonly { readonly from: number; readonly tasks: number }[];

export type Use = { readonly p95: number; readonly peak: number; readonly pattern: PatternName };

export type ServiceSeries = { readonly steps: TaskSteps; readonly cpu: Use; readonly memory: Use };

/** Task-minutes in [start, end). */
export function taskMinutes(steps: TaskSteps, start: number, end: number): number {
  let minutes = 0;
  for (const { from, to, tasks } of pieces(steps, start, end)) minutes += ((to - from) / 60_000) * tasks;
  return minutes;
}

type Piece = { readonly from: number; readonly to: number; readonly tasks: number };

/** The parts of [start, end) with one number of tasks each, those without any left out. */
function pieces(steps: TaskSteps, start: number, end: number): readonly Piece[] {
  const found: Piece[] = [];
  for (let index = 0; index < steps.length; index++) {
    const step = steps[index];
    if (step === undefined || step.from >= end) break;
    const from = Math.max(start, step.from);
    const to = Math.min(end, steps[index + 1]?.from ?? end);
    if (step.tasks > 0 && to > from) found.push({ from, to, tasks: step.tasks });
  }
  return found;
}

/**
 * Statistics of periods in which the number of tasks did not change are the same for all services of a pattern, and in
 * all weeks.
 */
const kept = new Map<string, PatternStats | null>();
const KEPT_MOST = 20_000;

function statsOf(series: ServiceSeries, use: Use, start: number, end: number): PatternStats | null {
  const parts = pieces(series.steps, start, end);
  const [only] = parts;
  if (only === undefined) return null;
  const key = parts.length === 1 ? `${use.pattern} ${only.from % WEEK_MS} ${only.to - only.from}` : null;
  if (key !== null) {
    const known = kept.get(key);
    if (known !== undefined) return known;
  }
  const weights = noWeights();
  // One piece: its number of tasks changes no statistic, so that services can share it.
  for (const { from, to, tasks } of parts) addMinutes(weights, from, to, parts.length === 1 ? 1 : tasks);
  const stats = statistics(pattern(use.pattern), weights);
  if (key !== null && kept.size < KEPT_MOST) kept.set(key, stats);
  return stats;
}

/** Percent of the reserved size, as CloudWatch gives it for one period, or null where nothing was published. */
function serviceValue(series: ServiceSeries, use: Use, stat: string, period: readonly [number, number]): number | null {
  const [start, end] = period;
  const samples = taskMinutes(series.steps, start, end);
  if (samples === 0) return null;
  if (stat === 'SampleCount') return samples;
  const stats = statsOf(series, use, start, end);
  if (stats === null) return null;
  const scaled = (value: number): number => use.p95 * (value <= 1 ? value : 1 + (value - 1) * (use.peak - 1));
  const average = use.p95 * (stats.low + stats.over * (use.peak - 1));
  if (stat === 'Average') return average;
  if (stat === 'Sum') return average * samples;
  if (stat === 'Minimum') return scaled(stats.minimum);
  if (stat === 'Maximum') return scaled(stats.maximum);
  const percent = /^p(\d+(?:\.\d+)?)$/.exec(stat);
  return percent === null ? null : scaled(stats.percentile(Number(percent[1])));
}

/** How much of a quota was in use: levels over time, one sample a minute. */
export type UsageSeries = { readonly dimensions: { readonly [name: string]: string }; readonly levels: TaskSteps };

function usageValue(series: UsageSeries, stat: string, period: readonly [number, number]): number | null {
  const parts = pieces(series.levels, ...period);
  if (parts.length === 0) return null;
  const minutes = parts.reduce((sum, { from, to }) => sum + (to - from) / 60_000, 0);
  const total = parts.reduce((sum, { from, to, tasks }) => sum + ((to - from) / 60_000) * tasks, 0);
  const levels = parts.map(({ tasks }) => tasks);
  if (stat === 'SampleCount') return minutes;
  if (stat === 'Sum') return total;
  if (stat === 'Average') return total / minutes;
  if (stat === 'Minimum') return Math.min(...levels);
  return Math.max(...levels);
}

/** Sums several levels over time into one. */
export function addLevels(many: readonly { readonly steps: TaskSteps; readonly each: number }[]): TaskSteps {
  const changes = new Map<number, number>();
  for (const { steps, each } of many) {
    let before = 0;
    for (const { from, tasks } of steps) {
      changes.set(from, (changes.get(from) ?? 0) + (tasks - before) * each);
      before = tasks;
    }
  }
  let level = 0;
  return [...changes]
    .sort(([a], [b]) => a - b)
    .map(([from, change]) => {
      level += change;
      return { from, tasks: level };
    });
}

export type RegionSeries = {
  readonly now: () => Date;
  /** Nothing is known before. */
  readonly historyStart: number;
  /** By `cluster/service`. */
  readonly services: ReadonlyMap<string, ServiceSeries>;
  readonly usage: readonly UsageSeries[];
};

type Metric = (query: MetricQuery) => readonly { readonly at: Date; readonly value: number }[];

/** The region's CloudWatch: an empty list for a metric that nobody publishes. */
export function regionMetric(region: RegionSeries): Metric {
  return (query) => {
    const value = readerOf(region, query);
    if (value === null) return [];
    const points: { at: Date; value: number }[] = [];
    const step = query.periodSeconds * 1_000;
    const start = Math.floor(query.start.getTime() / 60_000) * 60_000;
    for (let at = start; at < query.end.getTime(); at += step) {
      const from = Math.max(at, region.historyStart);
      const to = Math.min(at + step, query.end.getTime(), Math.floor(region.now().getTime() / 60_000) * 60_000);
      const found = to > from ? value([from, to]) : null;
      if (found !== null) points.push({ at: new Date(at), value: found });
    }
    return points;
  };
}

function readerOf(
  region: RegionSeries,
  query: MetricQuery,
): ((period: readonly [number, number]) => number | null) | null {
  const { namespace, name, dimensions, stat } = query;
  if (namespace === 'AWS/ECS' && (name === 'CPUUtilization' || name === 'MemoryUtilization')) {
    if (Object.keys(dimensions).length !== 2) return null;
    const series = region.services.get(`${dimensions.ClusterName}/${dimensions.ServiceName}`);
    if (series === undefined) return null;
    const use = name === 'CPUUtilization' ? series.cpu : series.memory;
    return (period) => serviceValue(series, use, stat, period);
  }
  if (namespace === 'AWS/Usage' && name === 'ResourceCount') {
    const series = region.usage.find((one) => sameDimensions(one.dimensions, dimensions));
    return series === undefined ? null : (period) => usageValue(series, stat, period);
  }
  return null;
}

function sameDimensions(a: { readonly [name: string]: string }, b: { readonly [name: string]: string }): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

/** The hours of the UTC day `day`, up to `now`, as milliseconds; null when the day has not begun or is no day. */
export function dayBounds(day: string, now: Date): readonly [number, number] | null {
  const start = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(start) || midnight(start) !== start) return null;
  const end = Math.min(start + DAY_MS, now.getTime());
  return end > start ? [start, end] : null;
}
