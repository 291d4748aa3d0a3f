/**
 * The checker's own proof of a bound, shared by the checkers of packing and of consolidation: from published prices to
 * what every answer must cost at least. It imports nothing of the search.
 */
import type { Json } from './canon.ts';
import type { PackInput, PackShape, PackType } from './pack/model.ts';
import { compare, type Rational, rational } from './units.ts';
import { check, failed, isObject, isWhole, ownOf, passed, type VerifyCheck } from './verify-check.ts';
import { mostWorths, type PricedRow, type TableHelp } from './verify-worth.ts';

/**
 * The prices are readable, hold for every type, and add up to the bound. `fixed` = money that is spent whatever happens,
 * part of the bound; 0 for plain packing.
 */
export function checkBound(
  input: PackInput,
  certificate: Json | undefined,
  { bound: claimed, fixed }: { readonly bound: bigint | null; readonly fixed: bigint },
): readonly VerifyCheck[] {
  const prices = readPrices(input, certificate);
  if (typeof prices === 'string') return [failed('prices', prices)];
  const worth = prices.kind === 'volume' ? volumeWorths(input, prices) : patternWorths(input, prices);
  const sum = input.shapes.reduce((total, shape) => total + BigInt(shape.count) * prices.of(shape), 0n);
  let surplus = 0n;
  for (const [at, type] of input.types.entries()) {
    const most = worth[at] ?? null;
    if (type.limit === 0 || !input.shapes.some((shape) => placesIn(type, shape) > 0)) continue;
    if (most === null) return [failed('prices', `type ${type.name} is too large for an exact check of these prices`)];
    const dear = most - type.cost * prices.scale;
    if (type.limit === null && dear > 0n)
      return [failed('prices', `a content of type ${type.name} is worth more than the type costs`)];
    const paid = BigInt(type.paid);
    if (type.paid > 0) surplus += paid * most;
    if (type.limit !== null && dear > 0n) surplus += (BigInt(type.limit) - paid) * dear;
  }
  const proved = sum > surplus ? sum - surplus : 0n;
  const isExact = surplus === 0n;
  const totalOk = isExact ? prices.total === proved : prices.total <= proved;
  const charged = input.types.filter(({ limit, paid }) => limit !== paid);
  const unit = charged.reduce((divisor, { cost }) => gcd(divisor, cost), 0n);
  const bound = fixed + roundUp(prices.total, prices.scale, unit);
  return [
    passed('prices'),
    check('total', totalOk, "the prices do not add up to the certificate's total"),
    check('bound', bound === claimed, `the prices prove ${bound}, the answer says ${claimed}`),
  ];
}

type Prices = {
  readonly kind: 'volume' | 'patterns';
  /** Units per one of the file's money. */
  readonly scale: bigint;
  readonly total: bigint;
  /** By resource or by shape, in units. */
  readonly duals: ReadonlyMap<string, bigint>;
  readonly of: (shape: PackShape) => bigint;
  readonly help: TableHelp;
};

/** All prices as whole numbers of one small unit; a sentence when something is missing or malformed. */
function readPrices(input: PackInput, certificate: Json | undefined): Prices | string {
  if (!isObject(certificate) || !isObject(certificate.duals)) return 'the certificate or its duals are missing';
  const { kind, duals, total, table } = certificate;
  if (kind !== 'volume' && kind !== 'patterns') return 'the kind of the certificate is unknown';
  const names = kind === 'volume' ? input.resources : input.shapes.map(({ id }) => id);
  const help = isObject(table) ? table : {};
  const surcharged = isObject(help.surcharges) ? help.surcharges : {};
  const known = new Set<string>(names);
  const stranger =
    Object.keys(duals).find((name) => !known.has(name)) ??
    Object.keys(surcharged).find((name) => !input.resources.includes(name));
  if (stranger !== undefined) return `there is a price for "${stranger}", which the input does not have`;
  const written = [...names.map((name) => ownOf(duals, name)), total, ...Object.values(surcharged)];
  if (!written.every(isDecimal)) return 'a price or the total is missing or is no plain decimal';
  const decimals = Math.max(0, ...written.map((text) => String(text).split('.')[1]?.length ?? 0));
  const scale = 10n ** BigInt(decimals);
  const units = (value: Json | undefined): bigint => inUnits(rational(String(value ?? '0')), scale);
  const prices = new Map(names.map((name) => [name, units(ownOf(duals, name))]));
  const axes = Array.isArray(help.axes) ? help.axes.map((name) => input.resources.indexOf(String(name))) : [];
  const wholeSteps = Array.isArray(help.steps) ? help.steps.map((step) => (isWhole(step) ? step : 0)) : [];
  if (kind === 'patterns' && (axes.length < 1 || axes.length > 2 || axes.includes(-1)))
    return 'the table names no resources';
  if (wholeSteps.length !== axes.length || wholeSteps.some((step) => step < 1))
    return 'the steps of the table are malformed';
  const surcharges = input.resources.map((name) => units(ownOf(surcharged, name)));
  const of = (shape: PackShape): bigint =>
    kind === 'patterns'
      ? (prices.get(shape.id) ?? 0n)
      : shape.req.reduce((sum, size, r) => sum + BigInt(size) * (prices.get(input.resources[r] ?? '') ?? 0n), 0n);
  return { kind, scale, total: units(total), duals: prices, of, help: { axes, steps: wholeSteps, surcharges } };
}

function volumeWorths(input: PackInput, prices: Prices): readonly bigint[] {
  return input.types.map(({ cap }) =>
    cap.reduce((sum, size, r) => sum + BigInt(size) * (prices.duals.get(input.resources[r] ?? '') ?? 0n), 0n),
  );
}

/** Types that may hold the same shapes are looked at together. */
function patternWorths(input: PackInput, prices: Prices): readonly (bigint | null)[] {
  const named = input.shapes.filter(({ types }) => types !== null);
  const classes = new Map<string, PackType[]>();
  for (const type of input.types) {
    const key = named.map(({ types }) => (types?.includes(type.name) === true ? '1' : '0')).join('');
    classes.set(key, [...(classes.get(key) ?? []), type]);
  }
  const worth = new Map<string, bigint | null>();
  for (const members of classes.values()) {
    const model = members[0]?.name ?? '';
    const rows = rowsOf(
      input.shapes.filter(({ types }) => types === null || types.includes(model)),
      prices,
    );
    const asked = members.map(({ cap, cost, limit, paid }) => ({
      cap,
      enough: limit === null && paid === 0 ? cost * prices.scale : null,
    }));
    const found = mostWorths(rows, asked, prices.help);
    for (const [at, { name }] of members.entries()) worth.set(name, found[at] ?? null);
  }
  return input.types.map(({ name }) => worth.get(name) ?? null);
}

/** Shapes with the same size and price, and no limit per bin, are one row. */
function rowsOf(shapes: readonly PackShape[], prices: Prices): readonly PricedRow[] {
  const rows = new Map<string, PricedRow>();
  for (const shape of shapes) {
    const worth = prices.of(shape);
    const key = shape.perBin === null ? `${worth}|${shape.req.join(' ')}` : `one ${shape.id}`;
    const most = (rows.get(key)?.most ?? 0) + Math.min(shape.count, shape.perBin ?? shape.count);
    if (worth > 0n) rows.set(key, { worth, req: shape.req, most });
  }
  return [...rows.values()];
}

/** How many tasks of the shape the bins of the type can hold, all of them together; 0 where it may not lie. */
export function placesIn(type: PackType, shape: PackShape): number {
  if (shape.types?.includes(type.name) === false || type.limit === 0) return 0;
  const most = shape.req.reduce(
    (fewest, size, r) => (size === 0 ? fewest : Math.min(fewest, Math.floor((type.cap[r] ?? 0) / size))),
    Math.min(shape.perBin ?? shape.count, shape.count),
  );
  return most === 0 ? 0 : most * (type.limit ?? Number.POSITIVE_INFINITY);
}

function roundUp(total: bigint, scale: bigint, unit: bigint): bigint {
  const step = unit * scale;
  return step === 0n ? 0n : ((total + step - 1n) / step) * unit;
}

function gcd(a: bigint, b: bigint): bigint {
  return b === 0n ? a : gcd(b, a % b);
}

function inUnits(value: Rational, scale: bigint): bigint {
  const units = (value.n * scale) / value.d;
  return compare({ n: units, d: scale }, value) === 0 ? units : units + 1n;
}

/** Plain, not negative, without needless zeros: one number has one way to be written. */
function isDecimal(value: Json | undefined): boolean {
  return typeof value === 'string' && /^(0|[1-9]\d*)(\.\d*[1-9])?$/.test(value);
}
