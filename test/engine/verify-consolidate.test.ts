import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type ConsolidateInput,
  canonicalJson,
  consolidate,
  consolidateAnswerJson,
  consolidateAnswerSha256,
  type Json,
  parseConsolidate,
  verifyConsolidate,
} from '../../src/engine/index.ts';
import { openLp } from '../../src/solver/highs.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
type Answer = { [key: string]: Json };

/** `web` is spread and may move four at once; `i-6` is pinned, `i-7` covered, `i-5` takes nothing new. */
function question(change: (file: Record<string, unknown>) => void = () => undefined): ConsolidateInput {
  const host = (id: string, az: string, tasks: Record<string, number>, more = {}) => ({
    ...{ id, type: 'large', az, covered: false, tasks },
    ...more,
  });
  const file = {
    format: 'ecs-consolidate/1',
    resources: ['cpu', 'memory'],
    azs: ['a', 'b'],
    types: [
      { name: 'small', cap: [100, 100], cost: 100 },
      { name: 'large', cap: [200, 200], cost: 190 },
      { name: 'old', cap: [400, 400], cost: 150, launch: false },
    ],
    services: [
      { id: 'web', req: [30, 20], desired: 8, spreadAz: true, moveCost: 1, perWave: 4, azs: ['a', 'b'] },
      { id: 'job', req: [20, 40], desired: 9, spreadAz: false, moveCost: 2, perInstance: 4, types: ['small', 'large'] },
      { id: 'db', req: [50, 50], desired: 1, spreadAz: false, moveCost: 5, perWave: 0 },
    ],
    instances: [
      host('i-1', 'a', { web: 2, job: 1 }),
      host('i-2', 'a', { web: 1, job: 1 }),
      host('i-3', 'a', { web: 1, job: 2 }),
      host('i-4', 'b', { web: 2, job: 1 }),
      host('i-5', 'b', { web: 1, job: 1 }, { accepts: false }),
      host('i-6', 'b', { web: 1, job: 1, db: 1 }, { hasProtectedTask: true }),
      host('i-7', 'b', { job: 1 }, { covered: true }),
      host('i-8', 'a', { job: 1 }),
    ],
    policy: { azSpreadMaxSkew: 1, maxDrainFractionPerWave: 0.2, minInstances: 3 },
  };
  change(file);
  const parsed = parseConsolidate(JSON.stringify(file));
  if (parsed.kind === 'malformed') throw new Error(parsed.message);
  return parsed.input;
}

const input = question();
let answer: Answer = {};
beforeAll(async () => {
  const found = consolidate(input, { kind: 'knee' }, await openLp(), { work: 60, stop: () => false });
  answer = JSON.parse(canonicalJson(consolidateAnswerJson(found, { inputSha256: 'x', sha256 }))) as Answer;
});

const failures = (changed: Json, asked = input): readonly string[] =>
  verifyConsolidate(asked, changed, { input: 'x', answer: consolidateAnswerSha256(changed, sha256) })
    .checks.filter(({ ok }) => !ok)
    .map(({ name }) => name);
/** The answer with its digest put right again, as somebody who knows the format would do. */
const resealed = (changed: Answer): Answer => ({ ...changed, answerSha256: consolidateAnswerSha256(changed, sha256) });

type Waves = {
  launch: { id: string; type: string; az: string }[];
  move: { service: string; from: string; to: string; count: number }[];
  drain: string[];
}[];
const wavesOf = (changed: Answer): Waves => changed.waves as unknown as Waves;
const firstMove = (changed: Answer): Waves[number]['move'][number] => {
  const found = wavesOf(changed).flatMap(({ move }) => move)[0];
  if (found === undefined) throw new Error('the answer moves nothing');
  return found;
};
const firstDrain = (changed: Answer): Waves[number] => {
  const found = wavesOf(changed).find(({ drain }) => drain.length > 0);
  if (found === undefined) throw new Error('the answer drains nothing');
  return found;
};

test('an answer holds as printed, and it saves', () => {
  expect(failures(answer)).toEqual([]);
  expect(Number(answer.costAfter)).toBeLessThan(Number(answer.costBefore));
  // Seven large ones at 190 are paid for; the covered one is not.
  expect(answer.costBefore).toBe(1_330);
});

describe('an answer changed and sealed again fails by its own check', () => {
  const change = (name: string, edit: (changed: Answer) => void, expected: string): void => {
    test(`${name}: ${expected}`, () => {
      const changed = structuredClone(answer);
      edit(changed);
      expect(failures(resealed(changed))).toContain(expected);
    });
  };
  const plusOne = (member: string) => (changed: Answer) => {
    changed[member] = Number(changed[member]) + 1;
  };
  const set = (member: string, value: Json) => (changed: Answer) => {
    changed[member] = value;
  };
  change('a cost before one higher', plusOne('costBefore'), 'costBefore');
  change('a cost after one higher', plusOne('costAfter'), 'costAfter');
  change('a bound one higher', plusOne('lowerBound'), 'bound');
  change('one move more claimed', plusOne('weightedMoves'), 'weightedMoves');
  change('a gap that is not', set('gap', 0.9), 'gap');
  change(
    'a proof that is not',
    (changed) => void Object.assign(changed, { proved: changed.proved !== true }),
    'proved',
  );
  change('no rounds', set('work', 0), 'format');
  change('a stop that does not fit', set('stopped', 'tired'), 'stopped');
  change('another file', set('inputSha256', 'y'), 'input');
  change('more tasks than there are', (changed) => void Object.assign(firstMove(changed), { count: 50 }), 'sources');
  change('a move from nowhere', (changed) => void Object.assign(firstMove(changed), { from: 'i-99' }), 'names');
  change(
    'a move to where nothing may come',
    (changed) => void Object.assign(firstMove(changed), { to: 'i-5' }),
    'accepts',
  );
  change(
    'a service that does not exist',
    (changed) => void Object.assign(firstMove(changed), { service: 'cache' }),
    'names',
  );
  change('a drain too many', (changed) => void firstDrain(changed).drain.push('i-6'), 'pinned');
  change('a drain of what is not there', (changed) => void firstDrain(changed).drain.push('i-99'), 'names');
  change(
    'everything drained at once',
    (changed) => {
      const all = wavesOf(changed).splice(0);
      wavesOf(changed).push({
        launch: all.flatMap(({ launch }) => launch),
        move: [],
        drain: ['i-1', 'i-2', 'i-3', 'i-4', 'i-5', 'i-8'],
      });
    },
    'drained',
  );
  change(
    'an instance of a type that is no longer started',
    (changed) => void firstDrain(changed).launch.push({ id: 'n', type: 'old', az: 'a' }),
    'launches',
  );
  change(
    'a launch under a known name',
    (changed) => void firstDrain(changed).launch.push({ id: 'i-1', type: 'small', az: 'a' }),
    'names',
  );
  change(
    'a launch in a zone that does not exist',
    (changed) => void firstDrain(changed).launch.push({ id: 'n', type: 'small', az: 'z' }),
    'names',
  );
  change(
    'a wave that does nothing',
    (changed) => void wavesOf(changed).push({ launch: [], move: [], drain: [] }),
    'waves',
  );
  change('a reason left out', (changed) => void (changed.kept as Json[]).pop(), 'kept');
  change(
    'an empty reason',
    (changed) => {
      for (const row of changed.kept as Answer[]) row.because = ' ';
    },
    'kept',
  );
  change('a frontier without today', (changed) => void (changed.frontier as Json[]).shift(), 'frontier');
  change('a frontier turned round', (changed) => void (changed.frontier as Json[]).reverse(), 'frontier');
  change(
    'a price per task doubled',
    (changed) => {
      const duals = (changed.certificate as Answer).duals as Answer;
      for (const name of Object.keys(duals)) duals[name] = String(Number(duals[name]) * 2 + 1);
    },
    'prices',
  );
});

/** Waves written by hand against the question; cost and the rest do not matter, only which rule of a wave is broken. */
describe('each rule of a wave is held by a check of its own', () => {
  const wave = (part: Partial<Waves[number]>): Waves[number] => ({ launch: [], move: [], drain: [], ...part });
  const move = (service: string, from: string, to: string, count: number) => ({ service, from, to, count });
  const broken = (waves: Waves, asked = input): readonly string[] =>
    failures(resealed({ ...answer, waves: waves as unknown as Json }), asked);

  test.each<[string, Waves]>([
    // 90 of web and 20 of job run on i-2 after 2 more web: fine. 10 launched tasks of 30 would need 300 of 100.
    [
      'capacity',
      [
        wave({
          launch: [{ id: 'n', type: 'small', az: 'a' }],
          move: [move('web', 'i-1', 'n', 2), move('web', 'i-2', 'n', 1), move('web', 'i-3', 'n', 1)],
        }),
      ],
    ],
    ['perWave', [wave({ move: [move('db', 'i-6', 'i-4', 1)] })]],
    // i-3 holds two jobs; three more make five, four may be.
    [
      'perInstance',
      [wave({ move: [move('job', 'i-1', 'i-3', 1), move('job', 'i-2', 'i-3', 1), move('job', 'i-8', 'i-3', 1)] })],
    ],
    // Four web run in each zone; two over makes six and two, which differ by four.
    ['skew', [wave({ move: [move('web', 'i-4', 'i-1', 2)] })]],
    ['drained', [wave({ drain: ['i-8'] })]],
    ['sources', [wave({ move: [move('job', 'i-8', 'i-1', 1), move('job', 'i-1', 'i-2', 2)] })]],
    ['names', [wave({ move: [move('job', 'i-8', 'i-8', 1)] })]],
  ])('%s', (name, waves) => {
    expect(broken(waves)).toContain(name);
  });

  test('one job may leave i-8 for i-1, and i-8 may drain then', () => {
    const safe = [wave({ move: [move('job', 'i-8', 'i-1', 1)], drain: ['i-8'] })];
    const rules = ['names', 'sources', 'capacity', 'perInstance', 'perWave', 'drained', 'drainShare', 'skew', 'tasks'];
    expect(broken(safe).filter((name) => rules.includes(name))).toEqual([]);
  });

  test('more instances drain at once than the share allows', () => {
    // A fifth of eight is one instance; two empty ones are one too many.
    const asked = question((file) => {
      for (const host of (file.instances as { id: string; tasks: object }[]).slice(0, 2)) host.tasks = {};
    });
    expect(broken([wave({ drain: ['i-1', 'i-2'] })], asked)).toContain('drainShare');
    expect(broken([wave({ drain: ['i-1'] })], asked)).not.toContain('drainShare');
  });

  test('fewer instances remain than must', () => {
    const asked = question((file) => {
      file.policy = { azSpreadMaxSkew: 1, maxDrainFractionPerWave: 1, minInstances: 8 };
      for (const host of (file.instances as { id: string; tasks: object }[]).slice(0, 1)) host.tasks = {};
    });
    expect(broken([wave({ drain: ['i-1'] })], asked)).toContain('minInstances');
  });

  test('a task may not come to a type or zone that its service does not name', () => {
    const asked = question((file) => {
      (file.services as { types?: string[]; azs?: string[] }[])[1] = {
        ...(file.services as object[])[1],
        types: ['small'],
      };
    });
    expect(broken([wave({ move: [move('job', 'i-8', 'i-1', 1)] })], asked)).toContain('allowed');
  });

  test('waves without a saving are refused', () => {
    expect(failures(resealed({ ...answer, costAfter: answer.costBefore ?? 0 }))).toContain('saving');
  });
});

test.each<[string, Json]>([
  ['null', null],
  ['a list', []],
  ['a number', 7],
  ['nothing in it', {}],
  ['a packing answer', { format: 'ecs-pack-answer/1' }],
])('no answer at all is named and never thrown: %s', (_name, value) => {
  expect(failures(value)).toEqual(['format']);
});

/** Every place in the answer at which a value is written. */
function places(value: Json, path: readonly (string | number)[] = []): readonly (readonly (string | number)[])[] {
  if (value === null || typeof value !== 'object') return [path];
  const own = Array.isArray(value) ? value.map((row: Json, at: number) => [at, row] as const) : Object.entries(value);
  return own.flatMap(([key, row]) => places(row as Json, [...path, key]));
}

function edited(value: Json, path: readonly (string | number)[], by: (old: Json) => Json): Json {
  const [key, ...rest] = path;
  if (key === undefined) return by(value);
  if (Array.isArray(value)) return value.map((row: Json, at: number) => (at === key ? edited(row, rest, by) : row));
  const object = value as Answer;
  return { ...object, [key]: edited(object[String(key)] ?? null, rest, by) };
}

test('a thousand answers with one value changed: every one fails, and says which check', () => {
  const all = places(answer);
  const change = fc.record({
    path: fc.constantFrom(...all.map((_, at) => at)),
    by: fc.oneof(fc.integer({ min: 1, max: 1_000 }), fc.constantFrom(null, '', 'x', -1, 0.5, [], {})),
  });
  fc.assert(
    fc.property(change, ({ path, by }) => {
      const other = edited(answer, all[path] ?? [], (old) => {
        if (typeof by !== 'number') return by as Json;
        return typeof old === 'number' ? old + by : typeof old === 'boolean' ? !old : `${JSON.stringify(old)}${by}`;
      });
      if (canonicalJson(other) === canonicalJson(answer)) return;
      const failed = failures(other);
      expect(failed.length).toBeGreaterThan(0);
      expect(failed.every((name) => /^[a-zA-Z]+$/.test(name))).toBe(true);
    }),
    { numRuns: 1_200, seed: 11 },
  );
});

test('sums, waves, prices and drains changed and sealed again still fail: each of these is a claim', () => {
  // Free text and the shape of the curve between its ends are no claims that can be worked out again.
  const free =
    /^(engineVersion|work|answerSha256|kept\.\d+\.because|certificate\.table|frontier\.\d+|certificate\.(duals|total))/;
  const all = places(answer).filter((path) => !free.test(path.join('.')));
  fc.assert(
    fc.property(fc.constantFrom(...all.map((_, at) => at)), fc.integer({ min: 1, max: 99 }), (path, by) => {
      const other = edited(answer, all[path] ?? [], (old) =>
        typeof old === 'number' ? old + by : typeof old === 'boolean' ? !old : `${JSON.stringify(old)}${by}`,
      );
      expect(failures(resealed(other as Answer)).length).toBeGreaterThan(0);
    }),
    { numRuns: 1_000, seed: 12 },
  );
});
