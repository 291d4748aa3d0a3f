/**
 * How many instance-seconds a batch needs on machines that hold `k` tasks (design 3.2, "Batch on instances").
 * Starts are Poisson or evenly spaced inside a daily window; the j-th instance is wanted while more than (j-1)k
 * tasks run, and stays `z` seconds longer. This is the one place with floats: its result is turned into whole
 * seconds once, before any money.
 */
import { invariant } from '../units.ts';
import type { Batch } from './types.ts';

export type BatchTiming = {
  /** Seconds a started task occupies its slot: run plus warm start. */
  readonly slotSeconds: number;
  /** Seconds an idle instance stays, or -1 = never leaves. */
  readonly keepSeconds: number;
  /** Seconds an instance costs before it can run a task. */
  readonly bootSeconds: number;
};

const DAY_SECONDS = 86_400;
const MONTH_SECONDS = 730 * 3600;
/** 730 h / 24 h: days in a month. */
const DAYS_PER_MONTH = 730 / 24;
/** Instances that are on for less than this share of the time are left out (design 3.2). */
const NEGLIGIBLE = 1e-6;

/** Poisson probabilities around the mean: weights below `from` are zero to double precision. */
type Poisson = { readonly from: number; readonly p: readonly number[]; readonly cumulative: readonly number[] };

/** P(N = m) and P(N <= m) of Poisson(`mean`), normalised over the range that doubles can tell from zero. */
function poisson(mean: number): Poisson {
  const mode = Math.floor(mean);
  const up: number[] = [];
  for (let m = mode + 1, weight = 1; ; m += 1) {
    weight *= mean / m;
    if (weight < 1e-24) break;
    up.push(weight);
  }
  const down: number[] = [];
  for (let m = mode, weight = 1; m > 0; m -= 1) {
    weight *= m / mean;
    if (weight < 1e-24) break;
    down.push(weight);
  }
  const weights = [...down.reverse(), 1, ...up];
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const p = weights.map((weight) => weight / sum);
  const cumulative: number[] = [];
  let running = 0;
  for (const value of p) {
    running += value;
    cumulative.push(Math.min(1, running));
  }
  return { from: mode - down.length, p, cumulative };
}

/** A batch with its arrival distribution worked out once, asked for many `k`. */
export type BatchLoad = {
  /** Tasks at the same time that are exceeded 1 % of the window (uniform: never exceeded). */
  readonly peakTasks: number;
  /** Whole instance-seconds a month on machines with `k` slots. */
  readonly instanceSecondsPerMonth: (k: number, keepSeconds: number) => number;
};

/** Prepares a batch; `slotSeconds` and `bootSeconds` are the same for every machine. */
export function batchLoad(batch: Batch, timing: Omit<BatchTiming, 'keepSeconds'>): BatchLoad {
  const startsPerSecond = batch.perDay / batch.windowSeconds;
  const mean = startsPerSecond * timing.slotSeconds;
  const distribution = batch.arrivals === 'poisson' ? poisson(mean) : null;
  const peakTasks = Math.max(1, distribution === null ? Math.ceil(mean) : quantile(distribution, 0.99));
  const perDay = (k: number, keepSeconds: number): number => {
    const full = { ...timing, keepSeconds };
    return distribution === null
      ? uniformSecondsPerDay(batch, full, k)
      : poissonSecondsPerDay(batch, full, { k, distribution });
  };
  return {
    peakTasks,
    instanceSecondsPerMonth: (k, keepSeconds) => {
      invariant(k >= 1, 'an instance holds at least one task');
      if (keepSeconds < 0) return Math.ceil(peakTasks / k) * MONTH_SECONDS;
      return roundHalfEvenNumber(perDay(k, keepSeconds) * DAYS_PER_MONTH);
    },
  };
}

function quantile(distribution: Poisson, share: number): number {
  const index = distribution.cumulative.findIndex((value) => value >= share);
  return distribution.from + (index < 0 ? distribution.cumulative.length - 1 : index);
}

function roundHalfEvenNumber(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Seconds one instance costs a day when it is wanted with probability `on` and started `starts` times a second. */
function secondsPerDay(
  batch: Batch,
  timing: BatchTiming,
  use: { readonly on: number; readonly starts: number },
): number {
  const window = batch.windowSeconds;
  const tail = use.on * Math.min(DAY_SECONDS - window, timing.slotSeconds + timing.keepSeconds);
  const boots = window * use.starts + (window < DAY_SECONDS ? use.on : 0);
  return Math.min(DAY_SECONDS, window * use.on + tail + timing.bootSeconds * boots);
}

function poissonSecondsPerDay(
  batch: Batch,
  timing: BatchTiming,
  machine: { readonly k: number; readonly distribution: Poisson },
): number {
  const { k, distribution } = machine;
  const startsPerSecond = batch.perDay / batch.windowSeconds;
  // Below the range F(m) is zero: those instances are on throughout and never restarted inside the window.
  const alwaysOn = distribution.from > 0 ? Math.floor((distribution.from - 1) / k) + 1 : 0;
  let seconds = alwaysOn * secondsPerDay(batch, timing, { on: 1, starts: 0 });
  for (let m = alwaysOn * k; ; m += k) {
    const index = m - distribution.from;
    const p = distribution.p[index];
    const cumulative = distribution.cumulative[index];
    if (p === undefined || cumulative === undefined) return seconds;
    const stays = Math.exp((-startsPerSecond * timing.keepSeconds * p) / cumulative);
    const on = 1 - cumulative * stays;
    if (on < NEGLIGIBLE) return seconds;
    seconds += secondsPerDay(batch, timing, { on, starts: startsPerSecond * p * stays });
  }
}

function uniformSecondsPerDay(batch: Batch, timing: BatchTiming, k: number): number {
  const startsPerSecond = batch.perDay / batch.windowSeconds;
  const mean = startsPerSecond * timing.slotSeconds;
  if (mean >= 1) return Math.ceil(Math.ceil(mean) / k) * secondsPerDay(batch, timing, { on: 1, starts: 0 });
  const occupied = timing.slotSeconds + timing.keepSeconds;
  const on = Math.min(1, startsPerSecond * occupied);
  return secondsPerDay(batch, timing, { on, starts: 1 / startsPerSecond > occupied ? startsPerSecond : 0 });
}
