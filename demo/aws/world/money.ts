/** Amounts of a bill: exact fractions of whole numbers, printed with ten decimals as Cost Explorer does. */

/** Digits of a price after the point that are kept; the price books have fewer. */
const SCALE = 12n;
const DECIMALS = 10n;

/** A price as a whole number of 10^-12 USD. */
function scaled(decimal: string): bigint {
  const [whole = '0', part = ''] = decimal.split('.');
  return BigInt(whole) * 10n ** SCALE + BigInt(part.padEnd(Number(SCALE), '0').slice(0, Number(SCALE)));
}

function print(value: bigint): string {
  const digits = value.toString().padStart(Number(DECIMALS) + 1, '0');
  return `${digits.slice(0, -Number(DECIMALS))}.${digits.slice(-Number(DECIMALS))}`;
}

function divide(a: bigint, b: bigint): bigint {
  return (a + b / 2n) / b;
}

/** A quantity: `count` of something, `per` of which make one unit of the price. Both are whole. */
export type Amount = { readonly count: number; readonly per: number };

/** `price` x count / per x `share` of it (a decimal, e.g. a Savings Plan's). */
export function usd(price: string, { count, per }: Amount, share = '1'): string {
  const product = scaled(price) * BigInt(Math.round(count)) * scaled(share);
  return print(divide(product * 10n ** DECIMALS, 10n ** (2n * SCALE) * BigInt(Math.round(per))));
}

export function quantity({ count, per }: Amount): string {
  return print(divide(BigInt(Math.round(count)) * 10n ** DECIMALS, BigInt(Math.round(per))));
}
