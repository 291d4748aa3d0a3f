/**
 * The checker of consolidation answers. It takes the question and the printed answer, replays every wave by itself, adds
 * up the money, and proves the bound again from the prices. It imports nothing of the search.
 */
import type { Json } from './canon.ts';
import type { ConsolidateInput, Launch, Move, Wave } from './consolidate/model.ts';
import type { PackInput, PackShape, PackType } from './pack/model.ts';
import { checkBound } from './verify-bound.ts';
import {
  check,
  checkVerdict,
  type Digests,
  failed,
  isObject,
  isWhole,
  moneyOf,
  result,
  type VerifyCheck,
  type VerifyResult,
} from './verify-check.ts';
import { REPLAY_CHECKS, replay } from './verify-replay.ts';

type Answer = { readonly [key: string]: Json | undefined };

/** Checks a consolidation answer against its question, by name. Never throws on a wrong answer. */
export function verifyConsolidate(input: ConsolidateInput, answer: Json, digests: Digests): VerifyResult {
  if (!isObject(answer)) return result([failed('format', 'the answer is not an object')]);
  const format = checkFormat(answer);
  if (!format.ok) return result([format]);
  const waves = readWaves(answer.waves);
  if (waves === null) return result([format, failed('waves', 'a wave is malformed, or does nothing')]);
  const [before, cost, bound] = [moneyOf(answer.costBefore), moneyOf(answer.costAfter), moneyOf(answer.lowerBound)];
  const broken = replay(input, waves);
  const { pack, fixed } = boundQuestion(input);
  return result([
    format,
    check('input', answer.inputSha256 === digests.input, 'the answer was made for another file'),
    check('unchanged', answer.answerSha256 === digests.answer, 'the answer differs from what was written'),
    ...REPLAY_CHECKS.map((name) => check(name, !broken.has(name), broken.get(name) ?? '')),
    ...checkMoney(input, waves, { before, after: cost }),
    checkMoves(input, waves, answer.weightedMoves),
    check('saving', waves.length === 0 || (cost ?? 0n) < (before ?? 0n), 'the waves save nothing'),
    checkFrontier(answer),
    checkKept(input, waves, answer.kept),
    ...checkBound(pack, answer.certificate, { bound, fixed }),
    ...checkVerdict(answer, { cost, bound }),
  ]);
}

function checkFormat(answer: Answer): VerifyCheck {
  const isText = (value: Json | undefined): boolean => typeof value === 'string' && value !== '';
  const wrong =
    answer.format !== 'ecs-consolidate-answer/1'
      ? 'format'
      : !isText(answer.engineVersion)
        ? 'engineVersion'
        : (['costBefore', 'costAfter', 'lowerBound'].find((name) => moneyOf(answer[name]) === null) ??
          (!isWhole(answer.weightedMoves)
            ? 'weightedMoves'
            : !isWhole(answer.work) || answer.work < 1
              ? 'work'
              : null));
  return check('format', wrong === null, `"${wrong}" is missing or malformed`);
}

function readWaves(value: Json | undefined): readonly Wave[] | null {
  if (!Array.isArray(value)) return null;
  const waves: Wave[] = [];
  for (const row of value as readonly Json[]) {
    if (!isObject(row)) return null;
    const [launch, move, drain] = [
      readList(row.launch, launchOf),
      readList(row.move, moveOf),
      readList(row.drain, text),
    ];
    if (launch === null || move === null || drain === null) return null;
    if (launch.length + move.length + drain.length === 0) return null;
    waves.push({ launch, move, drain });
  }
  return waves;
}

/** Null when it is no list or a member cannot be read. */
function readList<T>(value: Json | undefined, read: (row: Json) => T | null): readonly T[] | null {
  if (!Array.isArray(value)) return null;
  const rows: T[] = [];
  for (const row of value as readonly Json[]) {
    const member = read(row);
    if (member === null) return null;
    rows.push(member);
  }
  return rows;
}

function text(value: Json | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function launchOf(row: Json): Launch | null {
  if (!isObject(row)) return null;
  const [id, type, az] = [text(row.id), text(row.type), text(row.az)];
  return id === null || type === null || az === null ? null : { id, type, az };
}

function moveOf(row: Json): Move | null {
  if (!isObject(row)) return null;
  const [service, from, to] = [text(row.service), text(row.from), text(row.to)];
  const { count } = row;
  return service === null || from === null || to === null || !isWhole(count) || count < 1
    ? null
    : { service, from, to, count };
}

/** What the instances of today cost, and those that are left in the end; covered ones cost nothing. */
function checkMoney(
  { types, instances }: ConsolidateInput,
  waves: readonly Wave[],
  claimed: { readonly before: bigint | null; readonly after: bigint | null },
): readonly VerifyCheck[] {
  const prices = new Map(types.map(({ name, cost }) => [name, cost]));
  const drained = drainedIn(waves);
  const paid = instances.filter(({ covered }) => !covered);
  const started = waves.flatMap(({ launch }) => launch);
  const sum = (rows: readonly { readonly type: string }[]): bigint =>
    rows.reduce((total, { type }) => total + (prices.get(type) ?? 0n), 0n);
  const before = sum(paid);
  const after = sum([...paid, ...started].filter(({ id }) => !drained.has(id)));
  return [
    check('costBefore', before === claimed.before, `today's instances cost ${before}, not ${claimed.before}`),
    check('costAfter', after === claimed.after, `what is left in the end costs ${after}, not ${claimed.after}`),
  ];
}

function checkMoves({ services }: ConsolidateInput, waves: readonly Wave[], claimed: Json | undefined): VerifyCheck {
  const weights = new Map(services.map(({ id, moveCost }) => [id, BigInt(moveCost)]));
  const sum = waves
    .flatMap(({ move }) => move)
    .reduce((total, { service, count }) => total + BigInt(count) * (weights.get(service) ?? 0n), 0n);
  const isRight = isWhole(claimed) && BigInt(claimed) === sum;
  return check('weightedMoves', isRight, `the waves move ${sum}, the answer says ${claimed}`);
}

/** From no move at today's cost on, rising in moves and falling in cost, never below the bound; the answer is on it. */
function checkFrontier(answer: Answer): VerifyCheck {
  const points = readList(answer.frontier, (row) => {
    if (!isObject(row) || !isWhole(row.weightedMoves)) return null;
    const cost = moneyOf(row.costAfter);
    return cost === null ? null : { moves: row.weightedMoves, cost };
  });
  const first = points?.[0];
  if (points === null || first === undefined) return failed('frontier', 'it is empty or a point is malformed');
  if (first.moves !== 0 || first.cost !== moneyOf(answer.costBefore))
    return failed('frontier', "its first point is not today's cost with no move");
  for (const [at, point] of points.entries()) {
    const last = points[at - 1];
    if (last === undefined) continue;
    // Draining what is empty saves without a move, so the second point may have none either.
    if (point.moves < last.moves || (point.moves === last.moves && at > 1) || point.cost >= last.cost)
      return failed('frontier', `point ${at + 1} does not have more moves and less cost than the one before`);
  }
  if ((points.at(-1)?.cost ?? 0n) < (moneyOf(answer.lowerBound) ?? 0n))
    return failed('frontier', 'it ends below the bound');
  const own = moneyOf(answer.costAfter);
  const isThere = points.some(({ moves, cost }) => moves === answer.weightedMoves && cost === own);
  return check('frontier', isThere, 'the answer is none of its points');
}

/** Exactly the instances of today that no wave drains, in order, each with its reason. */
function checkKept({ instances }: ConsolidateInput, waves: readonly Wave[], listed: Json | undefined): VerifyCheck {
  const rows = readList(listed, (row) => {
    if (!isObject(row)) return null;
    const [instance, because] = [text(row.instance), text(row.because)];
    return instance === null || because === null || because.trim() === '' ? null : instance;
  });
  if (rows === null) return failed('kept', 'a row has no instance or no reason');
  const drained = drainedIn(waves);
  const stay = instances
    .map(({ id }) => id)
    .filter((id) => !drained.has(id))
    .sort();
  const wrong = stay.find((id, at) => rows[at] !== id) ?? rows[stay.length];
  return check('kept', wrong === undefined, `it is not the sorted list of what stays: see ${wrong}`);
}

function drainedIn(waves: readonly Wave[]): ReadonlySet<string> {
  return new Set(waves.flatMap(({ drain }) => drain));
}

/**
 * The packing question whose bound holds for every plan, as docs/packing.md states it: new instances without limit;
 * running ones that a new one cannot stand for, up to their number; covered and pinned ones for nothing, and the price
 * of pinned ones added in the end. Zones, moves and waves are left out.
 */
function boundQuestion(input: ConsolidateInput): { readonly pack: PackInput; readonly fixed: bigint } {
  const prices = new Map(input.types.map((type) => [type.name, type]));
  const limited = new Map<string, { readonly type: PackType; readonly holds: Set<string>; readonly of: string }>();
  const asNew = new Map<string, Set<string>>();
  let fixed = 0n;
  for (const { type: name, cap: own, covered, pinned, tasks } of input.instances) {
    const type = prices.get(name);
    if (type === undefined) continue;
    const cap = own ?? type.cap;
    const holds = Object.keys(tasks).filter((id) => (tasks[id] ?? 0) > 0);
    const isFree = covered || pinned !== null;
    if (pinned !== null && !covered) fixed += type.cost;
    if (!isFree && type.mayLaunch && cap.every((size, r) => size === type.cap[r])) {
      asNew.set(name, new Set([...(asNew.get(name) ?? []), ...holds]));
      continue;
    }
    const key = JSON.stringify([isFree, name, cap]);
    const row = limited.get(key);
    const limit = (row?.type.limit ?? 0) + 1;
    limited.set(key, {
      type: { name: key, cap, cost: type.cost, limit, paid: isFree ? limit : 0 },
      holds: new Set([...(row?.holds ?? []), ...holds]),
      of: name,
    });
  }
  const fresh = input.types.filter(({ mayLaunch }) => mayLaunch);
  const running = [...limited.values()];
  const shapes = input.services.map(({ id, req, types, perInstance }): PackShape => {
    const counts = input.instances.map(({ tasks }) => tasks[id] ?? 0);
    const may = (name: string): boolean => types === null || types.includes(name);
    const allowed = [
      ...fresh.filter(({ name }) => may(name) || asNew.get(name)?.has(id) === true).map(({ name }) => name),
      ...running.filter(({ of, holds }) => may(of) || holds.has(id)).map(({ type }) => type.name),
    ];
    return {
      id,
      req,
      count: counts.reduce((sum, count) => sum + count, 0),
      types: types === null ? null : allowed,
      perBin: perInstance === null ? null : counts.reduce((most, count) => Math.max(most, count), perInstance),
    };
  });
  const launched = fresh.map(({ name, cap, cost }): PackType => ({ name, cap, cost, limit: null, paid: 0 }));
  return {
    pack: { resources: input.resources, types: [...launched, ...running.map(({ type }) => type)], shapes },
    fixed,
  };
}
