/** Names and ids of the simulated AWS: made from what the thing is, so that equal worlds have equal ids. */

export type Place = { readonly account: string; readonly region: string };

/** Odd constants of no meaning; each lane mixes the text in its own way. */
const LANES = [0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f] as const;

/** Lower-case hex digits that depend on nothing but `seed`. A mixing function: estates need millions of them. */
export function hex(seed: string, digits: number): string {
  let text = '';
  for (let block = 0; text.length < digits; block++) {
    for (const lane of LANES) text += mix(seed, (lane + block) | 0);
  }
  return text.slice(0, digits);
}

/** 32 bits of `seed`, as eight digits. */
function mix(seed: string, lane: number): string {
  let hash = lane;
  for (let index = 0; index < seed.length; index++) {
    hash = Math.imul(hash ^ seed.charCodeAt(index), lane | 1);
    hash = (hash << 13) | (hash >>> 19);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  return ((hash ^ (hash >>> 16)) >>> 0).toString(16).padStart(8, '0');
}

/** A number in [0, 1) that depends on nothing but `seed`. */
export function fraction(seed: string): number {
  return Number.parseInt(mix(seed, LANES[0]), 16) / 2 ** 32;
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
