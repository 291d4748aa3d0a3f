/**
 * The checker of packing answers. It takes the question and the printed answer, and re-derives everything the answer
 * claims by its own plain arithmetic: the bins, the cost, the prices, the bound. It imports nothing of the search.
 */
import type { Json } from './canon.ts';
import type { PackInput, PackShape, PackType } from './pack/model.ts';
import { compare, type Rational, rational } from './units.ts';
import { mostWorths, type PricedRow, type TableHelp } from './verify-worth.ts';

export type VerifyCheck = { readonly name: string; readonly ok: boolean; readonly detail: string };
export type VerifyResult = { readonly ok: boolean; readonly checks: readonly VerifyCheck[] };

/** Digests that the caller worked out: of the input file's bytes, and of the answer without its own digest. */
export type Digests = { readonly input: string; readonly answer: string };

type Answer = { readonly [key: string]: Json | undefined };

/** Checks a packing answer, or a list of shapes said to fit nowhere. Never throws on a wrong answer. */
export function verifyPack(input: PackInput, answer: Json, digests: Digests): VerifyResult {
  if (!isObject(answer)) return result([failed('format', 'the answer is not an object')]);
  if (answer.infeasible !== undefined) return result([checkInfeasible(input, answer.infeasible)]);
  const format = checkFormat(answer);
  if (!format.ok) return result([format]);
  const bins = readBins(answer.bins);
  if (bins === null) return result([format, failed('bins', 'a bin has no type, no whole count or no whole items')]);
  const claim = { cost: moneyOf(answer.cost), bound: moneyOf(answer.lowerBound) };
  return result([
    format,
    check('input', answer.inputSha256 === digests.input, 'the answer was made for another file'),
    check('unchanged', answer.answerSha256 === digests.answer, 'the answer differs from what was written'),
    checkNames(input, bins),
    checkCapacity(input, bins),
    checkAllowed(input, bins),
    checkLimits(input, bins),
    checkTasks(input, bins),
    checkCost(input, bins, claim.cost),
    ...checkBound(input, answer.certificate, claim.bound),
    ...checkVerdict(answer, claim),
  ]);
}

type Bin = { readonly type: string; readonly count: number; readonly items: ReadonlyMap<string, number> };
type Claim = { readonly cost: bigint | null; readonly bound: bigint | null };

function checkFormat(answer: Answer): VerifyCheck {
  const isText = (value: Json | undefined): boolean => typeof value === 'string' && value !== '';
  const wrong =
    answer.format !== 'ecs-pack-answer/1'
      ? 'format'
      : !isText(answer.engineVersion)
        ? 'engineVersion'
        : moneyOf(answer.cost) === null
          ? 'cost'
          : moneyOf(answer.lowerBound) === null
            ? 'lowerBound'
            : !isWhole(answer.work) || answer.work < 1
              ? 'work'
              : null;
  return check('format', wrong === null, `"${wrong}" is missing or malformed`);
}

function readBins(value: Json | undefined): readonly Bin[] | null {
  if (!Array.isArray(value)) return null;
  const bins: Bin[] = [];
  for (const row of value as readonly Json[]) {
    if (!isObject(row) || typeof row.type !== 'string' || !isWhole(row.count) || row.count < 1 || !isObject(row.items))
      return null;
    const items = new Map<string, number>();
    for (const [shape, count] of Object.entries(row.items)) {
      if (!isWhole(count) || count < 1) return null;
      items.set(shape, count);
    }
    bins.push({ type: row.type, count: row.count, items });
  }
  return bins;
}

function checkNames(input: PackInput, bins: readonly Bin[]): VerifyCheck {
  const [types, shapes] = [new Set(input.types.map(({ name }) => name)), new Set(input.shapes.map(({ id }) => id))];
  const type = bins.find((bin) => !types.has(bin.type))?.type;
  const shape = bins.flatMap(({ items }) => [...items.keys()]).find((id) => !shapes.has(id));
  return check(
    'names',
    type === undefined && shape === undefined,
    `the input has no ${type === undefined ? `shape "${shape}"` : `type "${type}"`}`,
  );
}

function checkCapacity(input: PackInput, bins: readonly Bin[]): VerifyCheck {
  const [types, shapes] = byName(input);
  for (const bin of bins) {
    for (const [r, resource] of input.resources.entries()) {
      let used = 0n;
      for (const [id, count] of bin.items) used += BigInt(count) * BigInt(shapes.get(id)?.req[r] ?? 0);
      const room = types.get(bin.type)?.cap[r] ?? 0;
      if (used > BigInt(room))
        return failed('capacity', `a bin of type ${bin.type} holds ${used} of resource ${resource}, it has ${room}`);
    }
  }
  return passed('capacity');
}

function checkAllowed(input: PackInput, bins: readonly Bin[]): VerifyCheck {
  const [, shapes] = byName(input);
  for (const { type, items } of bins) {
    for (const [id, count] of items) {
      const shape = shapes.get(id);
      if (shape?.types?.includes(type) === false) return failed('allowed', `shape ${id} may not run on type ${type}`);
      if (count > (shape?.perBin ?? count))
        return failed('allowed', `${count} of shape ${id} in one bin, ${shape?.perBin} may be`);
    }
  }
  return passed('allowed');
}

function checkLimits(input: PackInput, bins: readonly Bin[]): VerifyCheck {
  const used = binsByType(bins);
  const over = input.types.find(({ name, limit }) => limit !== null && (used.get(name) ?? 0n) > BigInt(limit));
  return check('limits', over === undefined, `more than ${over?.limit} bins of type ${over?.name}`);
}

function checkTasks(input: PackInput, bins: readonly Bin[]): VerifyCheck {
  const placed = new Map<string, bigint>();
  for (const { count, items } of bins) {
    for (const [id, each] of items) placed.set(id, (placed.get(id) ?? 0n) + BigInt(count) * BigInt(each));
  }
  const wrong = input.shapes.find(({ id, count }) => (placed.get(id) ?? 0n) !== BigInt(count));
  return check(
    'tasks',
    wrong === undefined,
    `shape ${wrong?.id}: ${placed.get(wrong?.id ?? '') ?? 0n} placed, ${wrong?.count} asked for`,
  );
}

function checkCost(input: PackInput, bins: readonly Bin[], claimed: bigint | null): VerifyCheck {
  let cost = 0n;
  const used = binsByType(bins);
  for (const type of input.types) {
    const paying = (used.get(type.name) ?? 0n) - BigInt(type.paid);
    if (paying > 0n) cost += paying * type.cost;
  }
  return check('cost', cost === claimed, `the bins cost ${cost}, the answer says ${claimed}`);
}

function binsByType(bins: readonly Bin[]): ReadonlyMap<string, bigint> {
  const used = new Map<string, bigint>();
  for (const { type, count } of bins) used.set(type, (used.get(type) ?? 0n) + BigInt(count));
  return used;
}

/** The prices are readable, hold for every type, and add up to the bound. */
function checkBound(input: PackInput, certificate: Json | undefined, claimed: bigint | null): readonly VerifyCheck[] {
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
  const bound = roundUp(prices.total, prices.scale, unit);
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

function checkVerdict(answer: Answer, { cost, bound }: Claim): readonly VerifyCheck[] {
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

/** Each shape named really fits nowhere, or not often enough in limited types, even alone. */
function checkInfeasible(input: PackInput, listed: Json): VerifyCheck {
  if (!Array.isArray(listed) || listed.length === 0) return failed('infeasible', 'no shape is named');
  const [, shapes] = byName(input);
  for (const row of listed as readonly Json[]) {
    const shape = isObject(row) ? shapes.get(String(row.shape)) : undefined;
    if (shape === undefined) return failed('infeasible', 'a shape is named that the input does not have');
    const places = input.types.reduce((sum, type) => sum + placesIn(type, shape), 0);
    if (places >= shape.count) return failed('infeasible', `shape ${shape.id} alone would fit: this does not prove it`);
  }
  return passed('infeasible');
}

function placesIn(type: PackType, shape: PackShape): number {
  if (shape.types?.includes(type.name) === false || type.limit === 0) return 0;
  const most = shape.req.reduce(
    (fewest, size, r) => (size === 0 ? fewest : Math.min(fewest, Math.floor((type.cap[r] ?? 0) / size))),
    Math.min(shape.perBin ?? shape.count, shape.count),
  );
  return most === 0 ? 0 : most * (type.limit ?? Number.POSITIVE_INFINITY);
}

function byName(input: PackInput): readonly [ReadonlyMap<string, PackType>, ReadonlyMap<string, PackShape>] {
  return [
    new Map(input.types.map((type) => [type.name, type])),
    new Map(input.shapes.map((shape) => [shape.id, shape])),
  ];
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

/** Whole money: a number, or a string of digits from 2^53 on. */
function moneyOf(value: Json | undefined): bigint | null {
  if (isWhole(value)) return BigInt(value);
  return typeof value === 'string' && /^[1-9]\d{15,}$/.test(value) ? BigInt(value) : null;
}

function isWhole(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json | undefined } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function ownOf(object: { readonly [key: string]: Json | undefined }, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function result(checks: readonly VerifyCheck[]): VerifyResult {
  return { ok: checks.every(({ ok }) => ok), checks };
}

function check(name: string, ok: boolean, detail: string): VerifyCheck {
  return { name, ok, detail: ok ? '' : detail };
}

function failed(name: string, detail: string): VerifyCheck {
  return { name, ok: false, detail };
}

function passed(name: string): VerifyCheck {
  return { name, ok: true, detail: '' };
}
