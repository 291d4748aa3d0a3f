/**
 * Exact numbers. Money never touches a float: prices come in as decimal strings, are multiplied as rationals
 * of two bigints, and each cost line is rounded once to nano-USD, half to even (docs/decisions/0003).
 */

/** 10^-9 USD. */
export type NanoUsd = bigint;

/** An exact fraction; `d` > 0. Not necessarily reduced. */
export type Rational = { readonly n: bigint; readonly d: bigint };

/** Hours in a month, as AWS's own calculator counts them (24 * 365 / 12). */
export const HOURS_PER_MONTH = 730n;

/** Throws a plain Error when the engine's own promise is broken; drivers report it as a bug. */
export function invariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`invariant: ${message}`);
}

/** `"0.04048"` -> 4048/100000. Accepts an optional minus sign and plain decimals only. */
export function rational(decimal: string): Rational {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(decimal);
  invariant(match !== null, `not a decimal: ${decimal}`);
  const fraction = match[3] ?? '';
  const n = BigInt((match[2] ?? '') + fraction);
  return { n: match[1] === '-' ? -n : n, d: 10n ** BigInt(fraction.length) };
}

/** A whole number as a fraction. */
export function whole(value: bigint | number): Rational {
  return { n: BigInt(value), d: 1n };
}

export function add(a: Rational, b: Rational): Rational {
  return a.d === b.d ? { n: a.n + b.n, d: a.d } : { n: a.n * b.d + b.n * a.d, d: a.d * b.d };
}

export function subtract(a: Rational, b: Rational): Rational {
  return add(a, { n: -b.n, d: b.d });
}

export function multiply(a: Rational, b: Rational): Rational {
  return { n: a.n * b.n, d: a.d * b.d };
}

export function divide(a: Rational, b: Rational): Rational {
  invariant(b.n !== 0n, 'division by zero');
  return b.n < 0n ? { n: -a.n * b.d, d: a.d * -b.n } : { n: a.n * b.d, d: a.d * b.n };
}

/** Negative, zero or positive, like a sort comparator. */
export function compare(a: Rational, b: Rational): number {
  const difference = a.n * b.d - b.n * a.d;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

export function min(a: Rational, b: Rational): Rational {
  return compare(a, b) <= 0 ? a : b;
}

/** Nearest whole number, ties to the even one. */
export function roundHalfEven(value: Rational): bigint {
  const floor = value.n >= 0n ? value.n / value.d : -((-value.n + value.d - 1n) / value.d);
  const twice = 2n * (value.n - floor * value.d);
  if (twice < value.d) return floor;
  if (twice > value.d) return floor + 1n;
  return floor % 2n === 0n ? floor : floor + 1n;
}

/** USD -> nano-USD, rounded once, half to even. */
export function toNanoUsd(usd: Rational): NanoUsd {
  return roundHalfEven({ n: usd.n * 1_000_000_000n, d: usd.d });
}

/** Nano-USD -> decimal USD string with no needless zeros and no exponent: 1020720000000n -> "1020.72". */
export function usdString(nano: NanoUsd): string {
  const sign = nano < 0n ? '-' : '';
  const digits = (nano < 0n ? -nano : nano).toString().padStart(10, '0');
  const fraction = digits.slice(-9).replace(/0+$/, '');
  return sign + digits.slice(0, -9) + (fraction === '' ? '' : `.${fraction}`);
}

/** Decimal USD string -> nano-USD; the inverse of `usdString`. More than nine decimals are rounded half to even. */
export function nanoUsd(decimal: string): NanoUsd {
  return toNanoUsd(rational(decimal));
}

/** Ceiling of a / b for whole numbers, b > 0. */
export function ceilDiv(a: number, b: number): number {
  return Math.ceil(a / b);
}
