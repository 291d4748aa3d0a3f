import { beforeAll, expect, test } from 'vitest';
import type { LpMaker } from '../../src/engine/index.ts';
import { openLp } from '../../src/solver/highs.ts';

let lp: LpMaker;
beforeAll(async () => {
  lp = await openLp();
});

const NO_LIMIT = Number.POSITIVE_INFINITY;

test('cost, mix and prices of a small program', () => {
  // min 3x + 2y with x + y >= 4 and x >= 1: x = 1, y = 3, cost 9; one more of row 1 costs 2, of row 2 costs 3 - 2 = 1.
  const model = lp(Float64Array.of(4, 1));
  model.add([
    { cost: 3, upper: NO_LIMIT, rows: [0, 1], values: [1, 1] },
    { cost: 2, upper: NO_LIMIT, rows: [0], values: [1] },
  ]);
  const solution = model.solve();
  model.dispose();

  expect(solution?.objective).toBeCloseTo(9, 9);
  expect(Array.from(solution?.values ?? []).map((value) => Math.round(value * 1e6) / 1e6)).toEqual([1, 3]);
  expect(Array.from(solution?.duals ?? []).map((value) => Math.round(value * 1e6) / 1e6)).toEqual([2, 1]);
});

test('columns added later, new limits and columns taken out are all taken up', () => {
  const model = lp(Float64Array.of(10));
  model.add([{ cost: 5, upper: NO_LIMIT, rows: [0], values: [1] }]);
  const first = model.solve()?.objective;
  model.add([{ cost: 5, upper: 2, rows: [0], values: [3] }]);
  const second = model.solve()?.objective;
  model.require(Float64Array.of(6));
  const third = model.solve()?.objective;
  model.add([{ cost: 1_000, upper: NO_LIMIT, rows: [0], values: [1] }]);
  model.solve();
  model.drop(Int32Array.of(2));
  const fourth = model.solve();
  model.dispose();

  // 10 x 5; then 2 of the new column hold 6 of the 10: 2 x 5 + 4 x 5; then they hold all 6.
  expect([first, second, third, fourth?.objective].map((value) => Math.round(value ?? 0))).toEqual([50, 30, 10, 10]);
  expect(fourth?.values).toHaveLength(2);
});

test('a program without an answer is null, not an error', () => {
  const model = lp(Float64Array.of(1));
  const empty = model.solve();
  model.add([{ cost: 1, upper: 0.5, rows: [0], values: [1] }]);
  const tooSmall = model.solve();
  model.dispose();

  expect([empty, tooSmall]).toEqual([null, null]);
});

/** min 3x + 4y with 2x + 3y >= 7: by halves 28/3 with y alone; whole, x = 2 and y = 1 give 10. */
function wholeProgram(stop: () => boolean): readonly number[] | null {
  const model = lp(Float64Array.of(7));
  model.add([
    { cost: 3, upper: NO_LIMIT, rows: [0], values: [2] },
    { cost: 4, upper: NO_LIMIT, rows: [0], values: [3] },
  ]);
  const values = model.solveWhole(10_000, stop);
  model.dispose();
  return values === null ? null : Array.from(values, (value) => Math.round(value));
}

test('whole amounts of a small program', () => {
  expect(wholeProgram(() => false)).toEqual([2, 1]);
});
