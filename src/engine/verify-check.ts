/** What the checkers of answers have in common: how a check is written down, and how members of an answer are read. */
import type { Json } from './canon.ts';

export type VerifyCheck = { readonly name: string; readonly ok: boolean; readonly detail: string };
export type VerifyResult = { readonly ok: boolean; readonly checks: readonly VerifyCheck[] };

/** Digests that the caller worked out: of the input file's bytes, and of the answer without its own digest. */
export type Digests = { readonly input: string; readonly answer: string };

/** Cost and bound are in order, and `gap`, `proved` and `stopped` say what they say. Null = unreadable, counted as 0. */
export function checkVerdict(
  answer: { readonly [key: string]: Json | undefined },
  { cost, bound }: { readonly cost: bigint | null; readonly bound: bigint | null },
): readonly VerifyCheck[] {
  const [price, least] = [cost ?? 0n, bound ?? 0n];
  const gap = least === 0n ? (price === 0n ? 0 : null) : Number(((price - least) * 1_000_000_000_000n) / least) / 1e12;
  const said = answer.gap;
  const gapOk = gap === null || typeof said !== 'number' ? gap === said : Math.abs(said - gap) <= 1e-6;
  const isProved = price === least;
  return [
    check('order', price >= least, `the cost ${price} is below the bound ${least}`),
    check('gap', gapOk, `cost / lowerBound - 1 is ${gap}, the answer says ${JSON.stringify(said ?? null)}`),
    check('proved', answer.proved === isProved, `"proved" must be ${isProved}`),
    check(
      'stopped',
      isProved ? answer.stopped === 'proved' : answer.stopped === 'work' || answer.stopped === 'time',
      '"stopped" does not fit the rest',
    ),
  ];
}

/** Whole money: a number, or a string of digits from 2^53 on. */
export function moneyOf(value: Json | undefined): bigint | null {
  if (isWhole(value)) return BigInt(value);
  return typeof value === 'string' && /^[1-9]\d{15,}$/.test(value) ? BigInt(value) : null;
}

/** A whole number from 0 that a double holds exactly. */
export function isWhole(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** A JSON object, not a list. */
export function isObject(value: Json | undefined): value is { readonly [key: string]: Json | undefined } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object's own member; members of its prototype are none. */
export function ownOf(object: { readonly [key: string]: Json | undefined }, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** Holds when every check does. */
export function result(checks: readonly VerifyCheck[]): VerifyResult {
  return { ok: checks.every(({ ok }) => ok), checks };
}

/** A check with its outcome; the detail is kept where it failed. */
export function check(name: string, ok: boolean, detail: string): VerifyCheck {
  return { name, ok, detail: ok ? '' : detail };
}

/** A check that failed, and why. */
export function failed(name: string, detail: string): VerifyCheck {
  return { name, ok: false, detail };
}

/** A check that holds. */
export function passed(name: string): VerifyCheck {
  return { name, ok: true, detail: '' };
}
