/**
 * One week of use, in steps of five minutes, repeated for ever. Scaled so that the 95th percentile of any whole number
 * of weeks is exactly 1; what lies above it is stored as 1 + its share of the way to the maximum. So a service with a
 * 95th percentile P and a maximum of P * peak has exactly those figures in any such period.
 */
import { fraction, HOUR_MS } from './ids.ts';

export const STEP_MS = 300_000;
const STEPS_PER_HOUR = HOUR_MS / STEP_MS;
const STEPS = 168 * STEPS_PER_HOUR;
export const WEEK_MS = STEPS * STEP_MS;

export type Pattern = {
  /** By step of the week, from Thursday 00:00 UTC (as the epoch). Over 1 = above the 95th percentile, up to 2. */
  readonly values: Float64Array;
  /** Steps sorted by value. */
  readonly order: Uint16Array;
};

export type PatternName = 'office-cpu' | 'flat-cpu' | 'night-cpu' | 'memory';

/** Share of the top that an hour of the week reaches, before noise. Hour 0 = Thursday 00:00 UTC. */
const HOURLY: { readonly [N in PatternName]: (hour: number, weekday: number) => number } = {
  'office-cpu': (hour, weekday) =>
    weekday >= 5 ? 0.35 : hour >= 7 && hour < 18 ? 0.95 : hour >= 5 && hour < 21 ? 0.6 : 0.4,
  'flat-cpu': (hour) => 0.85 + 0.1 * Math.sin((hour / 24) * 2 * Math.PI),
  'night-cpu': (hour) => (hour >= 1 && hour < 5 ? 0.95 : 0.3),
  memory: (hour, weekday) => (weekday >= 5 ? 0.88 : hour >= 7 && hour < 18 ? 0.97 : 0.91),
};

const patterns = new Map<PatternName, Pattern>();

/** The pattern of that name, made once. */
export function pattern(name: PatternName): Pattern {
  const made = patterns.get(name) ?? make(name);
  patterns.set(name, made);
  return made;
}

function make(name: PatternName): Pattern {
  const values = new Float64Array(STEPS);
  for (let step = 0; step < STEPS; step++) {
    const hour = Math.floor(step / STEPS_PER_HOUR);
    // The epoch was a Thursday; 0 = Monday.
    const weekday = (Math.floor(hour / 24) + 3) % 7;
    values[step] = HOURLY[name](hour % 24, weekday) * (0.95 + 0.1 * fraction(`${name} ${step}`));
  }
  const order = Uint16Array.from(values.keys()).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0) || a - b);
  const p95 = values[order[Math.ceil(STEPS * 0.95) - 1] ?? 0] ?? 1;
  const top = values[order[STEPS - 1] ?? 0] ?? 1;
  for (let step = 0; step < STEPS; step++) {
    const value = values[step] ?? 0;
    values[step] = value <= p95 ? value / p95 : 1 + (value - p95) / (top - p95);
  }
  return { values, order };
}

/** Minutes of each step of the week in [start, end), added to `weights` times `factor`. */
export function addMinutes(weights: Float64Array, start: number, end: number, factor: number): void {
  const weeks = Math.floor((end - start) / WEEK_MS);
  if (weeks > 0) {
    const minutes = (weeks * STEP_MS) / 60_000;
    for (let step = 0; step < STEPS; step++) weights[step] = (weights[step] ?? 0) + minutes * factor;
  }
  for (let at = start + weeks * WEEK_MS; at < end; ) {
    const next = Math.min(end, (Math.floor(at / STEP_MS) + 1) * STEP_MS);
    const step = Math.floor(at / STEP_MS) % STEPS;
    weights[step] = (weights[step] ?? 0) + ((next - at) / 60_000) * factor;
    at = next;
  }
}

export function noWeights(): Float64Array {
  return new Float64Array(STEPS);
}

/** What a pattern says about weighted steps; `low` and `over` are the two parts of the mean. */
export type PatternStats = {
  readonly minutes: number;
  readonly low: number;
  readonly over: number;
  readonly minimum: number;
  readonly maximum: number;
  /** By percent asked for. */
  readonly percentile: (percent: number) => number;
};

/** Statistics of the weighted steps, or null when all weights are zero. Percentiles are nearest-rank. */
export function statistics({ values, order }: Pattern, weights: Float64Array): PatternStats | null {
  let minutes = 0;
  let low = 0;
  let over = 0;
  const present: number[] = [];
  for (const step of order) {
    const weight = weights[step] ?? 0;
    if (weight <= 0) continue;
    const value = values[step] ?? 0;
    present.push(step);
    minutes += weight;
    low += Math.min(value, 1) * weight;
    over += Math.max(value - 1, 0) * weight;
  }
  const first = present[0];
  const last = present[present.length - 1];
  if (first === undefined || last === undefined) return null;
  const known = new Map<number, number>();
  const percentile = (percent: number): number => {
    const value = known.get(percent) ?? ranked(percent);
    known.set(percent, value);
    return value;
  };
  const ranked = (percent: number): number => {
    let below = 0;
    for (const step of present) {
      below += weights[step] ?? 0;
      if (below >= (minutes * percent) / 100 - 1e-6) return values[step] ?? 0;
    }
    return values[last] ?? 0;
  };
  return {
    minutes,
    low: low / minutes,
    over: over / minutes,
    minimum: values[first] ?? 0,
    maximum: values[last] ?? 0,
    percentile,
  };
}
