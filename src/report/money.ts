/** Money as people read it. Works on the decimal digits: no float ever holds an amount. */

/** `"1020.7152"` -> `"$1,020.72"`; cents, half to even, thousands separated. A negative amount keeps its sign in front. */
export function usd(decimal: string): string {
  const isNegative = decimal.startsWith('-');
  const [dollars = '0', fraction = ''] = (isNegative ? decimal.slice(1) : decimal).split('.');
  const cents = roundedCents(dollars, fraction);
  const digits = cents.toString().padStart(3, '0');
  const whole = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ',');
  return `${isNegative && cents > 0n ? '-' : ''}$${whole}.${digits.slice(-2)}`;
}

/** `usd` with ` a month` behind it, as the reports say it everywhere. */
export function usdPerMonth(decimal: string): string {
  return `${usd(decimal)}/mo`;
}

function roundedCents(dollars: string, fraction: string): bigint {
  const kept = BigInt(dollars + fraction.padEnd(2, '0').slice(0, 2));
  const rest = fraction.slice(2);
  const half = `5${'0'.repeat(Math.max(0, rest.length - 1))}`;
  if (rest === '' || rest < half) return kept;
  if (rest > half) return kept + 1n;
  return kept % 2n === 0n ? kept : kept + 1n;
}

/** Thousands separated: `20000` -> `20,000`. Decimals stay as they are. */
export function grouped(value: string | number): string {
  const [whole = '', fraction] = String(value).split('.');
  const shown = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? shown : `${shown}.${fraction}`;
}
