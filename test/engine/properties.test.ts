import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openLibrary } from '../../src/data.ts';
import { cheapestCover } from '../../src/engine/capacity/cover.ts';
import {
  type CapacityAnswer,
  type CapacityQuestion,
  canonicalJson,
  chooseCapacity,
  type Json,
  nanoUsd,
  type PriceBook,
  verifyCapacity,
} from '../../src/engine/index.ts';
import { aQuestion } from '../support/question.ts';

const library = openLibrary();
const world = { facts: library.facts, prices: library.prices('us-east-1') };

const arbBatch = fc.record({
  perDay: fc.integer({ min: 1, max: 50_000 }),
  runSeconds: fc.integer({ min: 1, max: 4_000 }),
  pullSeconds: fc.integer({ min: 0, max: 200 }),
  windowSeconds: fc.constantFrom(3_600, 10_800, 86_400),
  arrivals: fc.constantFrom('poisson' as const, 'uniform' as const),
});

const arbSteady: fc.Arbitrary<CapacityQuestion> = fc
  .record({
    cpuUnits: fc.constantFrom(256, 512, 1024, 2048, 3000, 8192, 20_000),
    memoryMiB: fc.integer({ min: 128, max: 200_000 }),
    tasks: fc.integer({ min: 1, max: 400 }),
    architecture: fc.constantFrom('x86_64' as const, 'arm64' as const),
    interruptible: fc.boolean(),
    isolation: fc.constantFrom('none' as const, 'task' as const),
    storageGiB: fc.option(fc.integer({ min: 0, max: 500 })),
    targetCapacityPercent: fc.integer({ min: 50, max: 100 }),
    asOf: fc.constantFrom('2025-06-01', '2025-12-04', '2026-05-01', '2026-11-24'),
  })
  .map((changes) => aQuestion(changes));

const arbQuestion = fc.oneof(
  arbSteady,
  fc.tuple(arbSteady, arbBatch).map(([question, batch]) => ({ ...question, batch })),
);

const RUNS = { numRuns: 60 };

test('no option undercuts its own bound, and the checker accepts the answer', () => {
  fc.assert(
    fc.property(arbQuestion, (question) => {
      const answer = chooseCapacity(world, question);

      expect(verifyCapacity(world, question, answer).checks.filter(({ ok }) => !ok)).toEqual([]);
      for (const { usdPerMonth, lowerBoundUsdPerMonth } of answer.result.options) {
        if (usdPerMonth === null || lowerBoundUsdPerMonth === null) continue;
        expect(nanoUsd(lowerBoundUsdPerMonth) <= nanoUsd(usdPerMonth)).toBe(true);
      }
    }),
    RUNS,
  );
});

test('one task more is never cheaper, on any option', () => {
  fc.assert(
    fc.property(arbSteady, (question) => {
      const costs = (tasks: number): Map<string, bigint> => {
        const { options } = chooseCapacity(world, { ...question, tasks }).result;
        // Spot is chosen by its high end, so it is compared there.
        return new Map(
          options.flatMap((row) =>
            row.usdPerMonth === null ? [] : [[row.kind, nanoUsd(row.band?.high ?? row.usdPerMonth)]],
          ),
        );
      };
      const before = costs(question.tasks);
      const after = costs(question.tasks + 1);

      for (const [kind, cost] of before) expect((after.get(kind) ?? cost) >= cost).toBe(true);
    }),
    RUNS,
  );
});

test('the order of types in the price book changes nothing', () => {
  fc.assert(
    fc.property(arbQuestion, fc.integer(), (question, seed) => {
      const shuffled: PriceBook = { ...world.prices, types: shuffle(world.prices.types, seed) };

      expect(bytes(chooseCapacity({ ...world, prices: shuffled }, question))).toBe(
        bytes(chooseCapacity(world, question)),
      );
    }),
    { numRuns: 20 },
  );
});

test('taking types away never makes an option cheaper', () => {
  fc.assert(
    fc.property(arbSteady, fc.integer(), (question, seed) => {
      const fewer: PriceBook = { ...world.prices, types: shuffle(world.prices.types, seed).slice(0, 300) };
      const all = chooseCapacity(world, question).result.options;
      const some = chooseCapacity({ ...world, prices: fewer }, question).result.options;

      for (const row of some) {
        const whole = all.find(({ kind }) => kind === row.kind);
        if (row.usdPerMonth === null || whole?.usdPerMonth == null) continue;
        const high = (option: typeof row): bigint => nanoUsd(option.band?.high ?? option.usdPerMonth ?? '0');
        expect(high(row) >= high(whole)).toBe(true);
      }
    }),
    { numRuns: 20 },
  );
});

test('the cover is the brute-force optimum on small catalogues', () => {
  const arbItems = fc.array(
    fc.record({ slots: fc.integer({ min: 1, max: 9 }), nano: fc.bigInt({ min: 1n, max: 60n }) }),
    { minLength: 1, maxLength: 4 },
  );
  fc.assert(
    fc.property(arbItems, fc.integer({ min: 1, max: 140 }), (items, tasks) => {
      expect(cheapestCover(items, tasks)).toBe(bruteForce(items, tasks));
    }),
    { numRuns: 500 },
  );
});

test('an edited figure is found by the checker', () => {
  const question = aQuestion({ cpuUnits: 2048, memoryMiB: 8192, tasks: 12 });
  const answer = chooseCapacity(world, question);
  const edit = (change: (row: CapacityAnswer['result']['options'][number]) => object): CapacityAnswer => ({
    ...answer,
    result: {
      ...answer.result,
      options: answer.result.options.map((row, index) => (index === 0 ? { ...row, ...change(row) } : row)),
    },
  });

  expect(
    verifyCapacity(
      world,
      question,
      edit(() => ({ usdPerMonth: '997.07' })),
    ).ok,
  ).toBe(false);
  expect(
    verifyCapacity(
      world,
      question,
      edit(() => ({ lowerBoundUsdPerMonth: '997.08' })),
    ).ok,
  ).toBe(false);
  expect(
    verifyCapacity(
      world,
      question,
      edit((row) => ({ plan: row.plan === null ? null : { ...row.plan, tasksPerInstance: 5 } })),
    ).ok,
  ).toBe(false);
  expect(
    verifyCapacity(
      world,
      question,
      edit((row) => ({ plan: row.plan === null ? null : { ...row.plan, count: 2 } })),
    ).ok,
  ).toBe(false);
  expect(
    verifyCapacity(world, question, { ...answer, result: { ...answer.result, recommended: 'asg-on-demand' } }).ok,
  ).toBe(false);
  expect(verifyCapacity(world, question, { ...answer, verdict: { kind: 'within', gap: 0.1 } }).ok).toBe(false);
});

/** Least cost of covering by trying every count of every item. */
function bruteForce(items: readonly { readonly slots: number; readonly nano: bigint }[], tasks: number): bigint {
  const [first, ...rest] = items;
  if (first === undefined) throw new Error('no items');
  let least: bigint | null = null;
  for (let count = 0; count <= Math.ceil(tasks / first.slots); count += 1) {
    const left = tasks - count * first.slots;
    if (left > 0 && rest.length === 0) continue;
    const cost = BigInt(count) * first.nano + (left > 0 ? bruteForce(rest, left) : 0n);
    if (least === null || cost < least) least = cost;
  }
  if (least === null) throw new Error('not covered');
  return least;
}

function shuffle<T>(items: readonly T[], seed: number): readonly T[] {
  const keyed = items.map((item, index) => ({
    item,
    key: ((index + 1) * 2_654_435_761 + seed * 40_503) % 4_294_967_291,
  }));
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
}

const bytes = (answer: CapacityAnswer): string => canonicalJson(answer as unknown as Json);

/** Costs of Fargate and of one option at a task count, by asking the engine anew. */
function costsAt(
  question: CapacityQuestion,
  kind: string,
  tasks: number,
): { readonly fargate: bigint; readonly other: bigint } | null {
  const { options } = chooseCapacity(world, { ...question, tasks }).result;
  const cost = (wanted: string): bigint | null => {
    const row = options.find((option) => option.kind === wanted);
    if (row?.usdPerMonth == null) return null;
    // Steady Spot is compared at its high end; the band of a batch is the accuracy of the estimate, which is left out.
    return nanoUsd(question.batch === null ? (row.band?.high ?? row.usdPerMonth) : row.usdPerMonth);
  };
  const [fargate, other] = [cost('fargate'), cost(kind)];
  return fargate === null || other === null ? null : { fargate, other };
}

const arbSmall = fc
  .record({
    cpuUnits: fc.constantFrom(256, 1024, 2048, 4096),
    memoryMiB: fc.constantFrom(512, 2048, 4096, 8192),
    tasks: fc.integer({ min: 1, max: 5 }),
    interruptible: fc.boolean(),
    targetCapacityPercent: fc.constantFrom(70, 100),
    minInstances: fc.constantFrom(null, 1, 2),
    types: fc.constantFrom(null, ['m7i.*'], ['c6a.2xlarge', 'r6a.large']),
  })
  .map((changes) => aQuestion(changes));

test('a break-even over tasks is where brute force finds it, up to ten times what was asked', () => {
  fc.assert(
    fc.property(arbSmall, (question) => {
      for (const { b, variable, value } of chooseCapacity(world, question).result.breakEven) {
        let least: number | null = null;
        for (let tasks = question.tasks * 10; tasks >= 1; tasks -= 1) {
          const costs = costsAt(question, b, tasks);
          if (costs === null || costs.other > costs.fargate) break;
          least = tasks;
        }

        expect([b, variable, value]).toEqual([b, 'tasks', least === null ? 'none' : String(least)]);
      }
    }),
    { numRuns: 15 },
  );
});

test('a task count to win is the first at which the option saves what is asked for', () => {
  fc.assert(
    fc.property(arbSmall, (question) => {
      const { options, recommended } = chooseCapacity(world, question).result;
      if (recommended !== 'fargate') return;
      for (const { kind, winsIf, feasible } of options) {
        if (!feasible || kind === 'fargate' || kind === 'fargate-spot') continue;
        let first: number | null = null;
        for (let tasks = question.tasks + 1; tasks <= question.tasks * 10 && first === null; tasks += 1) {
          const costs = costsAt(question, kind, tasks);
          if (costs === null) continue;
          const saved = costs.fargate - costs.other;
          if (saved * 10n >= costs.fargate && saved >= 25_000_000_000n) first = tasks;
        }
        const said = winsIf.find(({ variable }) => variable === 'tasks')?.value ?? null;

        expect([kind, said]).toEqual([kind, first === null ? null : String(first)]);
      }
    }),
    { numRuns: 15 },
  );
});

test('a break-even of a batch holds at the value, and not just below it', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('poisson' as const, 'uniform' as const),
      fc.integer({ min: 500, max: 30_000 }),
      fc.constantFrom(10_800, 86_400),
      (arrivals, perDay, windowSeconds) => {
        const batch = { perDay, runSeconds: 60, pullSeconds: 20, windowSeconds, arrivals };
        const question = aQuestion({ batch, scaleInAfterSeconds: 300 });
        const wins = (change: object, keep = 300): boolean => {
          const costs = costsAt(
            { ...question, batch: { ...batch, ...change }, scaleInAfterSeconds: keep },
            'mi-on-demand',
            1,
          );
          return costs !== null && costs.other <= costs.fargate;
        };
        for (const { b, variable, value } of chooseCapacity(world, question).result.breakEven) {
          if (b !== 'mi-on-demand' || value === 'none') continue;
          const at = Number(value);
          const holds = (x: number): boolean =>
            variable === 'scaleInAfterSeconds' ? wins({}, x) : wins({ [variable]: x });
          const [inside, outside] = variable === 'scaleInAfterSeconds' ? [at, at + 1] : [at, at - 1];
          const isAtEnd = variable === 'scaleInAfterSeconds' ? at === 3600 : at <= (variable === 'pullSeconds' ? 0 : 1);

          expect([variable, at, holds(inside)]).toEqual([variable, at, true]);
          if (!isAtEnd) expect([variable, at, holds(outside)]).toEqual([variable, at, false]);
        }
      },
    ),
    { numRuns: 15 },
  );
});
