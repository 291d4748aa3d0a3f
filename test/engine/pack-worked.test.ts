import { beforeAll, describe, expect, test } from 'vitest';
import {
  type LpMaker,
  type PackInput,
  type PackResult,
  type PackShape,
  type PackType,
  packCapacity,
} from '../../src/engine/index.ts';
import { openLp } from '../../src/solver/highs.ts';

let lp: LpMaker;
beforeAll(async () => {
  lp = await openLp();
});

const type = (name: string, cap: readonly number[], cost: number, more: Partial<PackType> = {}): PackType => ({
  name,
  cap,
  cost: BigInt(cost),
  limit: null,
  paid: 0,
  ...more,
});
const shape = (id: string, req: readonly number[], count: number, more: Partial<PackShape> = {}): PackShape => ({
  id,
  req,
  count,
  types: null,
  perBin: null,
  ...more,
});
const pack = (types: readonly PackType[], shapes: readonly PackShape[], work = 60): PackResult => {
  const dims = types[0]?.cap.length ?? shapes[0]?.req.length ?? 1;
  const input: PackInput = { resources: ['cpu', 'memory', 'slots'].slice(0, dims), types, shapes };
  return packCapacity(input, lp, { work, stop: () => false });
};
/** Cost, bound, and bins as `count x type {items}`, sorted. */
const shown = (result: PackResult) =>
  result.kind === 'infeasible'
    ? result.shapes.map(({ shape: id, because }) => `${id}: ${because}`)
    : {
        cost: result.cost,
        bound: result.lowerBound,
        bins: result.bins
          .map(({ count, type: name, items }) => `${count} x ${name} ${JSON.stringify({ ...items })}`)
          .sort(),
      };

describe('worked by hand', () => {
  test('tasks that fill a bin exactly: the price per unit proves it', () => {
    // 8 tasks of 25 = 200 = two bins of 100 at 10; 10 / 100 = 0.1 per unit, 200 x 0.1 = 20.
    expect(shown(pack([type('t', [100], 10)], [shape('a', [25], 8)]))).toEqual({
      cost: 20n,
      bound: 20n,
      bins: ['2 x t {"a":4}'],
    });
  });

  test('chunky tasks: patterns prove what volume cannot', () => {
    // One task of 60 per bin of 100: 5 bins at 10. Per unit 5 x 60 x 0.1 = 30; a task is worth the whole bin: 50.
    const result = pack([type('t', [100], 10)], [shape('a', [60], 5)]);

    expect(shown(result)).toEqual({ cost: 50n, bound: 50n, bins: ['5 x t {"a":1}'] });
    expect(result.kind === 'packed' && result.certificate.kind).toBe('patterns');
    expect(result.kind === 'packed' && result.stopped).toBe('proved');
  });

  test('a cheaper mix of two types is found', () => {
    // Six tasks of 50: large holds 3 at 25, small 1 at 10. 2 large = 50; any small is dearer per task (10 against 8.33).
    expect(shown(pack([type('small', [60], 10), type('large', [150], 25)], [shape('a', [50], 6)]))).toEqual({
      cost: 50n,
      bound: 50n,
      bins: ['2 x large {"a":3}'],
    });
  });

  test('two resources that complement each other share a bin', () => {
    // a = (80, 20), b = (20, 80): one of each fills 100 x 100. Three bins; 3 x (0.5 + 0.5) x 7 = 21.
    expect(shown(pack([type('t', [100, 100], 7)], [shape('a', [80, 20], 3), shape('b', [20, 80], 3)]))).toEqual({
      cost: 21n,
      bound: 21n,
      bins: ['3 x t {"a":1,"b":1}'],
    });
  });

  test('task slots as a third resource limit small tasks', () => {
    // 10 tasks of (1, 1): room for 100 by size, 4 by slots: 3 bins at 5.
    expect(shown(pack([type('t', [100, 100, 4], 5)], [shape('a', [1, 1, 1], 10)]))).toMatchObject({
      cost: 15n,
      bound: 15n,
    });
  });

  test('one task per bin where a shape says so', () => {
    expect(shown(pack([type('t', [100], 3)], [shape('a', [1], 4, { perBin: 1 })]))).toEqual({
      cost: 12n,
      bound: 12n,
      bins: ['4 x t {"a":1}'],
    });
  });

  test('a task that may lie in a bin once does not stand in for one that may lie there twice', () => {
    // Three bins hold a b each, and an a beside it (4 + 3); the other three a need two bins (4 + 4): 5 bins.
    const answer = pack([type('t', [10], 1)], [shape('a', [4], 6), shape('b', [3], 3, { perBin: 1 })]);
    expect(answer).toMatchObject({ cost: 5n, lowerBound: 5n });
    // Six tasks of 2 are 12: two bins of 6, with at most two of a in either.
    const types = [type('four', [4], 1), type('six', [6], 1), type('two', [2], 1)];
    const twice = pack(types, [shape('a', [2], 3, { perBin: 2 }), shape('b', [2], 3)]);
    expect(twice).toMatchObject({ cost: 2n, lowerBound: 2n });
  });

  test('equal shapes with a limit per bin may still share a bin with each other', () => {
    expect(
      shown(pack([type('t', [100], 3)], [shape('a', [1], 2, { perBin: 1 }), shape('b', [1], 2, { perBin: 1 })])),
    ).toEqual({
      cost: 6n,
      bound: 6n,
      bins: ['2 x t {"a":1,"b":1}'],
    });
  });

  test('allowed types are kept to', () => {
    // b must not run on the cheap type: 1 cheap for both a, 1 dear for b.
    expect(
      shown(
        pack(
          [type('cheap', [100], 1), type('dear', [100], 9)],
          [shape('a', [50], 2), shape('b', [50], 1, { types: ['dear'] })],
        ),
      ),
    ).toEqual({ cost: 10n, bound: 10n, bins: ['1 x cheap {"a":2}', '1 x dear {"b":1}'] });
  });

  test('bins that are paid already come first, limits are kept', () => {
    // 5 tasks of 50, two per bin: 3 bins. Two of type held are paid, it has no third: one of type new at 7.
    expect(
      shown(pack([type('held', [100], 5, { limit: 2, paid: 2 }), type('new', [100], 7)], [shape('a', [50], 5)])),
    ).toMatchObject({
      cost: 7n,
      bound: 7n,
    });
  });

  test('money beyond 2^53 stays exact', () => {
    // 3 bins at 10^18 + 1.
    const dear = type('t', [1], 0, { cost: 10n ** 18n + 1n });

    expect(shown(pack([dear], [shape('a', [1], 3)]))).toMatchObject({ cost: 3n * 10n ** 18n + 3n });
  });

  test('a thousand million tasks are as quick as three', () => {
    // 25 per bin: 40,000,000 bins at 2.
    expect(shown(pack([type('t', [100, 100], 2)], [shape('a', [4, 4], 1_000_000_000)]))).toEqual({
      cost: 80_000_000n,
      bound: 80_000_000n,
      bins: ['40000000 x t {"a":25}'],
    });
  });
});

describe('edges', () => {
  test('no tasks cost nothing, and that is proved', () => {
    expect(pack([type('t', [1], 5)], [])).toMatchObject({ cost: 0n, lowerBound: 0n, bins: [], stopped: 'proved' });
    expect(pack([type('t', [1], 5)], [shape('a', [1], 0)])).toMatchObject({ cost: 0n, bins: [] });
    expect(pack([], [])).toMatchObject({ cost: 0n, bins: [] });
  });

  test('a task that takes nothing still needs a bin', () => {
    expect(shown(pack([type('t', [10], 5)], [shape('a', [0], 3)]))).toEqual({
      cost: 5n,
      bound: 5n,
      bins: ['1 x t {"a":3}'],
    });
  });

  test('types that cost nothing make everything free', () => {
    expect(pack([type('t', [10], 0)], [shape('a', [4], 3)])).toMatchObject({
      cost: 0n,
      lowerBound: 0n,
      stopped: 'proved',
    });
  });

  test.each<[string, PackResult | (() => PackResult), readonly string[]]>([
    [
      'too large',
      () => pack([type('t', [10, 10], 1)], [shape('a', [11, 1], 1)]),
      ['a: needs 11 cpu, the largest type that may hold it has 10'],
    ],
    [
      'large in two ways at once',
      () => pack([type('t', [10, 2], 1), type('u', [2, 10], 1)], [shape('a', [9, 9], 1)]),
      ['a: no type that may hold it has enough of all: 9 cpu, 9 memory'],
    ],
    ['no types at all', () => pack([], [shape('a', [1], 1)]), ['a: the file has no types']],
    [
      'only types that may not be used',
      () => pack([type('t', [10], 1, { limit: 0 })], [shape('a', [1], 1)]),
      ['a: none of the types that may hold it can be used'],
    ],
    [
      'too many for the limit',
      () => pack([type('t', [10], 1, { limit: 2 })], [shape('a', [5], 5)]),
      ['a: only 4 of its 5 fit into the limited types, even alone'],
    ],
  ])('%s: infeasible, by name and reason', (_name, result, expected) => {
    expect(shown(typeof result === 'function' ? result() : result)).toEqual(expected);
  });

  test('work is counted, and the same work gives the same answer', () => {
    const types = [type('t', [100, 90], 13), type('u', [40, 50], 6)];
    const shapes = Array.from({ length: 12 }, (_, at) => shape(`s${at}`, [7 + 3 * at, 31 - 2 * at], 5 + at));
    const [one, again] = [pack(types, shapes, 25), pack(types, shapes, 25)];

    expect(again).toEqual(one);
    expect(one.kind === 'packed' && one.work <= 25).toBe(true);
  });

  test('a stop from outside ends with a valid answer and says so', () => {
    const input: PackInput = {
      resources: ['cpu'],
      types: [type('t', [100], 10), type('u', [70], 8)],
      shapes: Array.from({ length: 30 }, (_, at) => shape(`s${at}`, [11 + at], 3)),
    };
    let asked = 0;
    const stop = (): boolean => {
      asked += 1;
      return asked > 2;
    };
    const stopped = packCapacity(input, lp, { work: 1_000, stop });
    const replayed = packCapacity(input, lp, { work: stopped.kind === 'packed' ? stopped.work : 0, stop: () => false });

    expect(stopped).toMatchObject({ kind: 'packed', stopped: 'time', work: 3 });
    expect({ ...replayed, stopped: 'time' }).toEqual(stopped);
  });
});
