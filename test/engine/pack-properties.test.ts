import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import {
  canonicalJson,
  type Json,
  type LpMaker,
  type PackInput,
  packAnswerJson,
  packAnswerSha256,
  packCapacity,
  verifyPack,
} from '../../src/engine/index.ts';
import { openLp } from '../../src/solver/highs.ts';
import { arbPackInput, bruteForce } from './pack-questions.ts';

let lp: LpMaker;
beforeAll(async () => {
  lp = await openLp();
});

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const pack = (input: PackInput, work = 40) => packCapacity(input, lp, { work, stop: () => false });
const printed = (input: PackInput, work?: number): Json =>
  packAnswerJson(pack(input, work), { inputSha256: 'x', sha256 });
const verify = (input: PackInput, answer: Json) =>
  verifyPack(input, answer, { input: 'x', answer: packAnswerSha256(answer, sha256) });

test('bound <= optimum <= cost, and the checker agrees, on every small question', () => {
  fc.assert(
    fc.property(arbPackInput, (input) => {
      const optimum = bruteForce(input);
      const result = pack(input);

      if (result.kind === 'infeasible') {
        expect(optimum).toBeNull();
        return;
      }
      expect(verify(input, printed(input)).checks.filter(({ ok }) => !ok)).toEqual([]);
      expect(optimum).not.toBeNull();
      expect(result.lowerBound <= (optimum ?? -1n)).toBe(true);
      expect((optimum ?? -1n) <= result.cost).toBe(true);
    }),
    { numRuns: 250 },
  );
});

test('one round of work gives an answer that verifies', () => {
  fc.assert(
    fc.property(arbPackInput, (input) => {
      const result = pack(input, 1);
      if (result.kind === 'packed') expect(verify(input, printed(input, 1)).ok).toBe(true);
    }),
    { numRuns: 100 },
  );
});

test('the order of the file changes nothing, and neither does a second run', () => {
  fc.assert(
    fc.property(arbPackInput, fc.integer(), (input, seed) => {
      const shuffled = { ...input, types: shuffle(input.types, seed), shapes: shuffle(input.shapes, seed + 1) };

      expect(canonicalJson(printed(shuffled))).toBe(canonicalJson(printed(input)));
    }),
    { numRuns: 100 },
  );
});

test('other names change neither cost nor bound', () => {
  fc.assert(
    fc.property(arbPackInput, (input) => {
      const name = (text: string): string => `z${9 - Number(text.slice(1))}`;
      const renamed = {
        ...input,
        types: input.types.map((type) => ({ ...type, name: name(type.name) })),
        shapes: input.shapes.map((shape) => ({ ...shape, id: name(shape.id), types: shape.types?.map(name) ?? null })),
      };
      const [a, b] = [pack(input), pack(renamed)];

      expect(b.kind).toBe(a.kind);
      if (a.kind === 'packed' && b.kind === 'packed') expect([b.cost, b.lowerBound]).toEqual([a.cost, a.lowerBound]);
    }),
    { numRuns: 100 },
  );
});

test('removing a type never lets the bound of the rest fall below the optimum of all', () => {
  fc.assert(
    fc.property(arbPackInput, (input) => {
      const [first] = input.types;
      const fewer = {
        ...input,
        types: input.types.slice(1),
        shapes: input.shapes.map((shape) => ({
          ...shape,
          types: shape.types?.filter((name) => name !== first?.name) ?? null,
        })),
      };
      const [all, some] = [pack(input), pack(fewer)];

      if (all.kind === 'packed' && some.kind === 'packed') expect(all.lowerBound <= some.cost).toBe(true);
      if (all.kind === 'infeasible') expect(some.kind).toBe('infeasible');
    }),
    { numRuns: 100 },
  );
});

/** A fixed shuffle for a seed. */
function shuffle<T>(rows: readonly T[], seed: number): readonly T[] {
  return rows
    .map((row, at) => ({ row, key: Math.imul(seed + at, 2654435761) >>> 0 }))
    .sort((a, b) => a.key - b.key)
    .map(({ row }) => row);
}
