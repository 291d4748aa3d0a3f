/**
 * The checker of packing answers. It takes the question and the printed answer, and re-derives everything the answer
 * claims by its own plain arithmetic: the bins, the cost, the prices, the bound. It imports nothing of the search.
 */
import type { Json } from './canon.ts';
import type { PackInput, PackShape, PackType } from './pack/model.ts';
import { checkBound, placesIn } from './verify-bound.ts';
import {
  check,
  checkVerdict,
  type Digests,
  failed,
  isObject,
  isWhole,
  moneyOf,
  passed,
  result,
  type VerifyCheck,
  type VerifyResult,
} from './verify-check.ts';

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
    ...checkBound(input, answer.certificate, { bound: claim.bound, fixed: 0n }),
    ...checkVerdict(answer, claim),
  ]);
}

type Bin = { readonly type: string; readonly count: number; readonly items: ReadonlyMap<string, number> };

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

function byName(input: PackInput): readonly [ReadonlyMap<string, PackType>, ReadonlyMap<string, PackShape>] {
  return [
    new Map(input.types.map((type) => [type.name, type])),
    new Map(input.shapes.map((shape) => [shape.id, shape])),
  ];
}
