/**
 * Lower bounds, in whole numbers from the prices up: the linear program only proposes prices; here they are rounded
 * down, scaled until no type's content is worth more than the type costs, and added up. Any prices give a valid bound,
 * so nothing in it has to be trusted. Farley 1990 for unlimited kinds, Lagrange for limited ones (surplus x limit).
 */
import type { Compact } from './compact.ts';
import type { Grid } from './grid.ts';
import type { LpMaker, PackCertificate, PackInput } from './model.ts';
import { roundUp } from './plan.ts';
import type { Prices } from './pricing.ts';

export type Bound = {
  readonly certificate: PackCertificate;
  /** Price per unit of each resource: the volume bound's duals, or what a patterns bound put on those beside its table. */
  readonly perUnit: Float64Array;
  /** The bound itself, a sum that costs can reach. */
  readonly value: bigint;
  /** Price per task of each row, in the file's money. */
  readonly prices: Float64Array;
};

/** Prices in whole units of 10^-decimals of the file's money. */
type Fixed = { readonly units: readonly bigint[]; readonly decimals: number };

const VOLUME_DECIMALS = 12;
/** Digits of the dearest cost in units: sums of contents stay exact in doubles with room to spare. */
const PATTERN_DIGITS = 13;

/** Decimals that pattern prices of this question are counted in; negative when money itself is too long. */
export function patternDecimals(c: Compact): number {
  const digits = c.money.reduce((most, money) => Math.max(most, money.toString().length), 1);
  return PATTERN_DIGITS - digits;
}

/** Prices as whole numbers in doubles, negative ones as 0: what tables are filled with. */
export function inUnits(prices: Float64Array, decimals: number): Float64Array {
  const scale = decimals >= 0 ? 10 ** decimals : 1 / 10 ** -decimals;
  return prices.map((price) => Math.max(0, Math.floor(price * scale)));
}

/** Nothing is free here and nothing is proved: where every search starts when there is nothing to price. */
function zeroBound(c: Compact, input: PackInput): Bound {
  const duals = byName(input.resources.map((name): [string, string] => [name, '0']));
  return {
    certificate: { kind: 'volume', duals, total: '0' },
    value: 0n,
    perUnit: new Float64Array(c.dims),
    prices: new Float64Array(c.rows),
  };
}

/**
 * Prices per unit of each resource from a small linear program (cheapest mix of whole capacities that covers the sum
 * of all tasks). Within 0.4 % of the optimum for fine-grained tasks, far off for chunky ones.
 */
export function volumeBound(c: Compact, input: PackInput, lp: LpMaker): Bound {
  const sums = Array.from({ length: c.dims }, (_, r) => {
    let sum = 0;
    for (let row = 0; row < c.rows; row += 1) sum += (c.size[row * c.dims + r] ?? 0) * (c.demand[row] ?? 0);
    return sum;
  });
  const scale = c.cost.reduce((most, cost) => Math.max(most, cost), 1);
  const model = lp(Float64Array.from(sums.map((sum) => (sum > 0 ? 1 : 0))));
  const all = Array.from({ length: c.dims }, (_, r) => r).filter((r) => (sums[r] ?? 0) > 0);
  model.add(
    Array.from(c.cost, (cost, kind) => ({
      cost: cost / scale,
      upper: c.limit[kind] ?? 0,
      rows: all,
      values: all.map((r) => (c.cap[kind * c.dims + r] ?? 0) / (sums[r] ?? 1)),
    })),
  );
  const solution = model.solve();
  model.dispose();
  if (solution === null) return zeroBound(c, input);
  const floats = sums.map((sum, r) => (sum > 0 ? (Math.max(0, solution.duals[r] ?? 0) * scale) / sum : 0));
  const proposed = { units: floats.map((price) => fixed(price, VOLUME_DECIMALS)), decimals: VOLUME_DECIMALS };
  const sure = scaled(c, proposed, worthOfCapacity(c, proposed.units));
  if (sure === null) return zeroBound(c, input);
  const total = less(c, sure, worthOfCapacity(c, sure.units), pricedSums(c, sure.units));
  return {
    certificate: {
      kind: 'volume',
      duals: byName(
        input.resources.map((name, r): [string, string] => [name, decimal(sure.units[r] ?? 0n, sure.decimals)]),
      ),
      total: decimal(total, sure.decimals),
    },
    value: rounded(c, total, sure.decimals),
    perUnit: Float64Array.from(sure.units, (price) => inMoney(price, sure.decimals)),
    prices: Float64Array.from({ length: c.rows }, (_, row) =>
      sure.units.reduce((sum, price, r) => sum + (c.size[row * c.dims + r] ?? 0) * inMoney(price, sure.decimals), 0),
    ),
  };
}

/**
 * The bound of prices per row. `worth[kind]` = what the best content of the kind is worth at `units`, or anything
 * above that. Null when the numbers have outgrown exact doubles.
 */
export function patternBound(
  c: Compact,
  { input, grid }: { readonly input: PackInput; readonly grid: Grid },
  { units, surcharge }: Prices,
  worth: Float64Array,
): Bound | null {
  if (worth.some((most) => !(most <= Number.MAX_SAFE_INTEGER))) return null;
  const decimals = patternDecimals(c);
  const proposed = { units: Array.from(units, (price) => BigInt(price)), decimals };
  const exactWorth = Array.from(worth, (most) => BigInt(Math.ceil(most)));
  // Surcharges are rounded up when scaled: per unit of capacity beside the table a content may be worth one unit more.
  const slack = slackOf(c, surcharge);
  const factor = factorOf(c, { ...proposed, slack }, exactWorth) ?? { n: 1n, d: 1n };
  if (factor.n <= 0n) return null;
  const sure = { units: proposed.units.map((price) => (price * factor.n) / factor.d), decimals };
  const scaledWorth = exactWorth.map((most, kind) => ceiling(most * factor.n, factor.d) + (slack[kind] ?? 0n));
  const sum = sure.units.reduce((total, price, row) => total + price * BigInt(c.demand[row] ?? 0), 0n);
  const total = less(c, sure, scaledWorth, sum);
  const byId = new Map(
    c.members.flatMap((members, row) => members.map(({ id }): [string, bigint] => [id, sure.units[row] ?? 0n])),
  );
  const extra = Array.from(surcharge, (price) => ceiling(BigInt(price) * factor.n, factor.d));
  const surcharges = byName(
    input.resources.flatMap((name, r): [string, string][] =>
      (extra[r] ?? 0n) === 0n ? [] : [[name, decimal(extra[r] ?? 0n, decimals)]],
    ),
  );
  const used = [0, 1].filter((a) => (grid.axes[a] ?? -1) >= 0);
  const table = {
    axes: used.map((a) => input.resources[grid.axes[a] ?? 0] ?? ''),
    steps: used.map((a) => grid.steps[a] ?? 1),
    surcharges,
  };
  return {
    certificate: {
      kind: 'patterns',
      duals: byName(input.shapes.map(({ id }): [string, string] => [id, decimal(byId.get(id) ?? 0n, decimals)])),
      table,
      total: decimal(total, decimals),
    },
    value: rounded(c, total, decimals),
    perUnit: Float64Array.from(extra, (price) => inMoney(price, decimals)),
    prices: Float64Array.from(sure.units, (price) => inMoney(price, decimals)),
  };
}

/** The exact price of a kind in units; rounded down when units are larger than money. */
function costIn(c: Compact, kind: number, decimals: number): bigint {
  const money = c.money[kind] ?? 0n;
  return decimals >= 0 ? money * 10n ** BigInt(decimals) : money / 10n ** BigInt(-decimals);
}

type Fraction = { readonly n: bigint; readonly d: bigint };

/** What prices must be multiplied by so that no unlimited kind is worth more than it costs; null = no such kind. */
function factorOf(
  c: Compact,
  { decimals, slack }: Fixed & { readonly slack?: readonly bigint[] },
  worth: readonly bigint[],
): Fraction | null {
  let factor: Fraction | null = null;
  worth.forEach((most, kind) => {
    if (c.limit[kind] !== Number.POSITIVE_INFINITY || most <= 0n) return;
    const cost = costIn(c, kind, decimals) - (slack?.[kind] ?? 0n);
    if (factor === null || cost * factor.d < factor.n * most) factor = { n: cost, d: most };
  });
  return factor;
}

function slackOf(c: Compact, surcharge: Float64Array): readonly bigint[] {
  return Array.from({ length: c.kinds }, (_, kind) =>
    surcharge.reduce((sum, price, r) => (price > 0 ? sum + BigInt(c.cap[kind * c.dims + r] ?? 0) : sum), 0n),
  );
}

function ceiling(n: bigint, d: bigint): bigint {
  return (n + d - 1n) / d;
}

function scaled(c: Compact, proposed: Fixed, worth: readonly bigint[]): Fixed | null {
  const factor = factorOf(c, proposed, worth);
  if (factor === null) return proposed;
  if (factor.n === 0n) return null;
  return { units: proposed.units.map((price) => (price * factor.n) / factor.d), decimals: proposed.decimals };
}

function worthOfCapacity(c: Compact, units: readonly bigint[]): readonly bigint[] {
  return Array.from({ length: c.kinds }, (_, kind) =>
    units.reduce((sum, price, r) => sum + price * BigInt(c.cap[kind * c.dims + r] ?? 0), 0n),
  );
}

function pricedSums(c: Compact, units: readonly bigint[]): bigint {
  let sum = 0n;
  for (let row = 0; row < c.rows; row += 1) {
    const one = units.reduce((part, price, r) => part + price * BigInt(c.size[row * c.dims + r] ?? 0), 0n);
    sum += one * BigInt(c.demand[row] ?? 0);
  }
  return sum;
}

/** Takes the surplus of limited kinds off the sum. */
function less(c: Compact, { decimals }: Fixed, worth: readonly bigint[], sum: bigint): bigint {
  let total = sum;
  worth.forEach((most, kind) => {
    const limit = c.limit[kind] ?? 0;
    const surplus = most - costIn(c, kind, decimals);
    if (limit !== Number.POSITIVE_INFINITY && surplus > 0n) total -= surplus * BigInt(limit);
  });
  return total > 0n ? total : 0n;
}

function rounded(c: Compact, total: bigint, decimals: number): bigint {
  const fraction =
    decimals >= 0 ? { n: total, d: 10n ** BigInt(decimals) } : { n: total * 10n ** BigInt(-decimals), d: 1n };
  return roundUp(fraction, c.unit);
}

function fixed(price: number, decimals: number): bigint {
  const [mantissa = '0', exponent = '0'] = price.toExponential(15).split('e');
  const digits = BigInt(mantissa.replace('.', ''));
  const shift = Number(exponent) - 15 + decimals;
  return shift >= 0 ? digits * 10n ** BigInt(shift) : digits / 10n ** BigInt(-shift);
}

function inMoney(units: bigint, decimals: number): number {
  return decimals >= 0 ? Number(units) / 10 ** decimals : Number(units) * 10 ** -decimals;
}

/** Plain decimal, no needless zeros. */
function decimal(units: bigint, decimals: number): string {
  if (decimals <= 0) return (units * 10n ** BigInt(-decimals)).toString();
  const digits = units.toString().padStart(decimals + 1, '0');
  const fraction = digits.slice(-decimals).replace(/0+$/, '');
  return digits.slice(0, -decimals) + (fraction === '' ? '' : `.${fraction}`);
}

/** An object for any names, `__proto__` included. */
function byName(entries: readonly (readonly [string, string])[]): { readonly [name: string]: string } {
  const object = Object.create(null) as Record<string, string>;
  for (const [name, value] of entries) object[name] = value;
  return object;
}
