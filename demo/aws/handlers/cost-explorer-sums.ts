/** Exact sums of decimal amounts. */

/** Digits after the point that a sum keeps: more than any bill has. */
const SCALE = 18;

/** A decimal as a whole number of 10^-18. Throws for text that is not one. */
export function toUnits(decimal: string): bigint {
  const [, sign, whole = '', part = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(decimal) ?? [];
  if (sign === undefined || part.length > SCALE) throw new Error(`not an amount: "${decimal}"`);
  const units = BigInt(whole + part.padEnd(SCALE, '0'));
  return sign === '-' ? -units : units;
}

/** As Cost Explorer writes amounts: a decimal without needless zeros. */
export function toDecimal(units: bigint): string {
  const digits = (units < 0n ? -units : units).toString().padStart(SCALE + 1, '0');
  const part = digits.slice(-SCALE).replace(/0+$/, '');
  return `${units < 0n ? '-' : ''}${digits.slice(0, -SCALE)}${part === '' ? '' : `.${part}`}`;
}
