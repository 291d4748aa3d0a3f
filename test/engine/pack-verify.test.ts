import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  canonicalJson,
  type Json,
  type PackInput,
  packAnswerJson,
  packAnswerSha256,
  packCapacity,
  verifyPack,
} from '../../src/engine/index.ts';
import { openLp } from '../../src/solver/highs.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const verify = (question: PackInput, answer: Json) =>
  verifyPack(question, answer, { input: 'x', answer: packAnswerSha256(answer, sha256) });

/** Chunky: two tasks of 40 fill 80 of 100, so a price per unit proves too little and patterns must. */
const chunky: PackInput = {
  resources: ['cpu', 'memory'],
  types: [
    { name: 'small', cap: [100, 100], cost: 100n, limit: null, paid: 0 },
    { name: 'large', cap: [210, 200], cost: 190n, limit: null, paid: 0 },
    { name: 'held', cap: [150, 150], cost: 120n, limit: 2, paid: 1 },
  ],
  shapes: [
    { id: 'a', req: [40, 30], count: 40, types: null, perBin: null },
    { id: 'b', req: [30, 45], count: 33, types: null, perBin: null },
    { id: 'c', req: [55, 20], count: 21, types: ['small', 'large'], perBin: 1 },
  ],
};
const fine: PackInput = {
  resources: ['cpu', 'memory'],
  types: [{ name: 't', cap: [1000, 4000], cost: 77n, limit: null, paid: 0 }],
  shapes: [
    { id: 'a', req: [10, 40], count: 1000, types: null, perBin: null },
    { id: 'b', req: [20, 70], count: 450, types: null, perBin: null },
  ],
};

type Answer = { [key: string]: Json };
let answers: readonly { readonly question: PackInput; readonly answer: Answer }[] = [];
beforeAll(async () => {
  const lp = await openLp();
  answers = [chunky, fine].map((question) => ({
    question,
    answer: packAnswerJson(packCapacity(question, lp, { work: 60, stop: () => false }), {
      inputSha256: 'x',
      sha256,
    }) as Answer,
  }));
});

/** The answer with its digest put right again, as somebody who knows the format would do. */
const resealed = (answer: Answer): Answer => ({ ...answer, answerSha256: packAnswerSha256(answer, sha256) });
const failures = (question: PackInput, answer: Json): readonly string[] =>
  verify(question, answer)
    .checks.filter(({ ok }) => !ok)
    .map(({ name }) => name);

test('both kinds of proof hold as printed', () => {
  expect(answers.map(({ answer }) => (answer.certificate as Answer).kind)).toEqual(['patterns', 'volume']);
  for (const { question, answer } of answers) expect(failures(question, answer)).toEqual([]);
});

describe('an answer changed and sealed again fails by its own arithmetic', () => {
  const change = (name: string, edit: (answer: Answer) => Answer, expected: string): void => {
    test(`${name}: ${expected}`, () => {
      for (const { question, answer } of answers) {
        expect(failures(question, resealed(edit(structuredClone(answer) as Answer)))).toContain(expected);
      }
    });
  };
  const bins = (answer: Answer): Answer[] => answer.bins as Answer[];
  const certificate = (answer: Answer): Answer => answer.certificate as Answer;
  const firstDual = (answer: Answer): [Answer, string] => {
    const duals = certificate(answer).duals as Answer;
    return [duals, Object.keys(duals)[0] ?? ''];
  };

  change('a cost one lower', (answer) => ({ ...answer, cost: Number(answer.cost) - 1 }), 'cost');
  change('a bound one higher', (answer) => ({ ...answer, lowerBound: Number(answer.lowerBound) + 1 }), 'bound');
  change('a bound one lower', (answer) => ({ ...answer, lowerBound: Number(answer.lowerBound) - 1 }), 'bound');
  change(
    'a bin more',
    (answer) => {
      for (const bin of bins(answer).slice(0, 1)) bin.count = Number(bin.count) + 1;
      return answer;
    },
    'tasks',
  );
  change('a bin less', (answer) => ({ ...answer, bins: bins(answer).slice(1) }), 'tasks');
  change(
    'a task moved into a full bin',
    (answer) => {
      for (const bin of bins(answer)) (bin.items as Answer).a = 1_000;
      return answer;
    },
    'capacity',
  );
  change(
    'a type that does not exist',
    (answer) => {
      for (const bin of bins(answer)) bin.type = 'huge';
      return answer;
    },
    'names',
  );
  change(
    'a dual one thousandth higher',
    (answer) => {
      const [duals, name] = firstDual(answer);
      duals[name] = String(Number(duals[name]) * 1.001);
      return answer;
    },
    'prices',
  );
  change(
    'a dual lower',
    (answer) => {
      const [duals, name] = firstDual(answer);
      duals[name] = '0';
      return answer;
    },
    'total',
  );
  change(
    'a negative dual',
    (answer) => {
      const [duals, name] = firstDual(answer);
      duals[name] = '-1';
      return answer;
    },
    'prices',
  );
  change(
    'a price for nobody',
    (answer) => {
      (certificate(answer).duals as Answer).ghost = '1';
      return answer;
    },
    'prices',
  );
  change(
    'the other kind of proof',
    (answer) => {
      certificate(answer).kind = certificate(answer).kind === 'volume' ? 'patterns' : 'volume';
      return answer;
    },
    'prices',
  );
  change('no duals', (answer) => ({ ...answer, certificate: { kind: 'volume' } }), 'prices');
  change('a smaller gap', (answer) => ({ ...answer, gap: Number(answer.gap) - 0.001 }), 'gap');
  change('proved the other way', (answer) => ({ ...answer, proved: answer.proved !== true }), 'proved');
  change(
    'another stop',
    (answer) => ({ ...answer, stopped: answer.stopped === 'proved' ? 'work' : 'proved' }),
    'stopped',
  );
  change('another input', (answer) => ({ ...answer, inputSha256: 'y' }), 'input');
  change('another format', (answer) => ({ ...answer, format: 'ecs-pack-answer/2' }), 'format');
  change('no bins', (answer) => ({ ...answer, bins: null }), 'bins');
});

test('a limit, an allowed type and a limit per bin are checked', () => {
  const [{ question, answer } = { question: chunky, answer: {} }] = answers;
  const only = (changes: Partial<PackInput>): readonly string[] => failures({ ...question, ...changes }, answer);

  expect(only({ types: question.types.map((type) => ({ ...type, limit: type.paid })) })).toContain('limits');
  expect(only({ shapes: question.shapes.map((shape) => ({ ...shape, types: ['held'] })) })).toContain('allowed');
  expect(only({ shapes: question.shapes.map((shape) => ({ ...shape, perBin: 1 })) })).toContain('allowed');
});

test('a thousand answers with one byte changed: every one fails, and says which check', () => {
  let seed = 20_261_124;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  let unchanged = 0;
  for (let round = 0; round < 1_000; round += 1) {
    const { question, answer } = answers[round % answers.length] ?? { question: fine, answer: {} };
    const text = canonicalJson(answer);
    const at = random(text.length);
    const replacement = String.fromCharCode(33 + random(94));
    const edited = text.slice(0, at) + replacement + text.slice(at + 1);
    const read = parsed(edited);
    if (read === undefined) continue;
    if (canonicalJson(read) === text) {
      unchanged += 1;
      continue;
    }
    const result = verify(question, read);
    expect(result.ok, `byte ${at}: ${text[at]} -> ${replacement}`).toBe(false);
    expect(result.checks.some(({ ok, name }) => !ok && name !== '')).toBe(true);
  }
  // An edit may write the same byte, or the same number in other words.
  expect(unchanged).toBeLessThan(30);
});

test('what is said to fit nowhere must fit nowhere', () => {
  const answer = { infeasible: [{ shape: 'a', because: 'x' }] };

  expect(verify(fine, answer).ok).toBe(false);
  expect(verify({ ...fine, types: [{ name: 't', cap: [9, 4000], cost: 1n, limit: null, paid: 0 }] }, answer).ok).toBe(
    true,
  );
  expect(verify(fine, { infeasible: [{ shape: 'nobody', because: 'x' }] }).ok).toBe(false);
  expect(verify(fine, { infeasible: [] }).ok).toBe(false);
});

test.each<[string, Json]>([
  ['a number', 5],
  ['a list', []],
  ['null', null],
  ['nothing', {}],
])('%s is no answer', (_name, answer) => {
  expect(verify(fine, answer).ok).toBe(false);
});

/** Undefined when it is not JSON any more: the command reports that as a failed check. */
function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
