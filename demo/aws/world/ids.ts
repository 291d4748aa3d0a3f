/** Names and ids of the simulated AWS: made from what the thing is, so that equal worlds have equal ids. */
import { createHash } from 'node:crypto';

export type Place = { readonly account: string; readonly region: string };

/** Lower-case hex digits (at most 64) that depend on nothing but `seed`. */
export function hex(seed: string, digits: number): string {
  return createHash('sha256').update(seed).digest('hex').slice(0, digits);
}

/** A number in [0, 1) that depends on nothing but `seed`. */
export function fraction(seed: string): number {
  return Number.parseInt(hex(seed, 8), 16) / 2 ** 32;
}

/** A whole number from `low` to `high`, both included. */
export function between(seed: string, low: number, high: number): number {
  return low + Math.floor(fraction(seed) * (high - low + 1));
}

/** ARN of an ECS thing, e.g. `service/rose/quant-api`. */
export function ecsArn(place: Place, resource: string): string {
  return `arn:aws:ecs:${place.region}:${place.account}:${resource}`;
}

/** An EC2-style id: `i-` and 17 hex digits. */
export function ec2Id(prefix: string, seed: string): string {
  return `${prefix}-0${hex(`${prefix} ${seed}`, 16)}`;
}

/** `eu-west-1` and 0 make `eu-west-1a`. */
export function zone(region: string, index: number): string {
  return `${region}${'abc'[index % 3]}`;
}

/** One subnet per zone and account. */
export function subnetId(place: Place, az: string): string {
  return ec2Id('subnet', `${place.account} ${az}`);
}

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** Midnight UTC at or before `ms`. */
export function midnight(ms: number): number {
  return Math.floor(ms / DAY_MS) * DAY_MS;
}
