import { describe, expect, test } from 'vitest';
import { parsePack } from '../../src/engine/index.ts';

const good = {
  format: 'ecs-pack/1',
  resources: ['cpuUnits', 'memoryMiB'],
  types: [{ name: 'm7a.large', cap: [1920, 7424], cost: 115_920_000 }],
  shapes: [{ id: 'web', req: [256, 512], count: 3 }],
};
const type = { name: 'm7a.large', cap: [1920, 7424], cost: 1 };
const shape = { id: 'web', req: [256, 512], count: 3 };

/** What is wrong with the file, or null. */
function complaint(text: string): string | null {
  const parsed = parsePack(text);
  return parsed.kind === 'malformed' ? parsed.message : null;
}

describe('ecs-pack/1', () => {
  test('is read with its optional members', () => {
    const parsed = parsePack(
      JSON.stringify({
        ...good,
        types: [{ ...type, limit: 4, paid: 1, cost: '12345678901234567890' }],
        shapes: [{ ...shape, types: ['m7a.large'], perBin: 1 }],
      }),
    );

    expect(parsed).toEqual({
      kind: 'read',
      input: {
        resources: ['cpuUnits', 'memoryMiB'],
        types: [{ name: 'm7a.large', cap: [1920, 7424], cost: 12345678901234567890n, limit: 4, paid: 1 }],
        shapes: [{ id: 'web', req: [256, 512], count: 3, types: ['m7a.large'], perBin: 1 }],
      },
    });
  });

  test.each<[string, unknown, string]>([
    ['another format', { ...good, format: 'ecs-pack/2' }, '"format" must be "ecs-pack/1", not "ecs-pack/2"'],
    ['no format', {}, '"format" must be "ecs-pack/1", not nothing'],
    ['a consolidation file', { ...good, kind: 'consolidate' }, '"kind" must be "plan", not "consolidate"'],
    ['no types', { ...good, types: undefined }, '"types" is missing'],
    ['no resources', { ...good, resources: [] }, '"resources" is empty: name at least one'],
    [
      'a negative size',
      { ...good, shapes: [{ ...shape, req: [-1, 5] }] },
      'shapes[0].req[0] must be a whole number from 0, not -1',
    ],
    [
      'a fraction',
      { ...good, shapes: [{ ...shape, count: 1.5 }] },
      'shapes[0].count must be a whole number from 0, not 1.5',
    ],
    ['a missing count', { ...good, shapes: [{ id: 'web', req: [1, 1] }] }, 'shapes[0].count is missing'],
    [
      'a text for a number',
      { ...good, types: [{ ...type, cap: ['a', 1] }] },
      'types[0].cap[0] must be a whole number from 0, not "a"',
    ],
    [
      'a size too few',
      { ...good, types: [{ ...type, cap: [1] }] },
      'types[0].cap has 1 numbers, there are 2 resources',
    ],
    ['a number past 2^53', { ...good, types: [{ ...type, cost: 2 ** 53 }] }, 'types[0].cost is larger than 2^53 - 1'],
    ['twin types', { ...good, types: [type, type] }, 'the type "m7a.large" is there twice'],
    ['twin shapes', { ...good, shapes: [shape, shape] }, 'the shape "web" is there twice'],
    ['twin resources', { ...good, resources: ['a', 'a'] }, 'the resource "a" is there twice'],
    [
      'an unknown type in a shape',
      { ...good, shapes: [{ ...shape, types: ['x'] }] },
      'shape "web" names the type "x", which is not in "types"',
    ],
    [
      'more paid than there may be',
      { ...good, types: [{ ...type, limit: 1, paid: 2 }] },
      'types[0]: "paid" 2 is more than "limit" 1',
    ],
    ['no task per bin', { ...good, shapes: [{ ...shape, perBin: 0 }] }, 'shapes[0].perBin must be at least 1'],
    ['a list for a shape', { ...good, shapes: [[]] }, 'shapes[0] must be an object'],
  ])('%s is refused with one plain sentence', (_name, file, message) => {
    expect(complaint(JSON.stringify(file))).toBe(message);
  });

  test('names that JavaScript uses itself are names like others', () => {
    const file = { ...good, types: [{ ...type, name: 'constructor' }], shapes: [{ ...shape, id: 'toString' }] };

    expect(complaint(JSON.stringify(file))).toBeNull();
  });
});

describe('.vbp', () => {
  test('is one type of cost 1 and items named by their place', () => {
    // 2 dimensions, capacity (10, 20), 2 items: (3, 4) twice and (5, 6) once.
    expect(parsePack('2\n10 20\n2\n3 4 2\n5 6 1\n')).toEqual({
      kind: 'read',
      input: {
        resources: ['0', '1'],
        types: [{ name: '0', cap: [10, 20], cost: 1n, limit: null, paid: 0 }],
        shapes: [
          { id: '0', req: [3, 4], count: 2, types: null, perBin: null },
          { id: '1', req: [5, 6], count: 1, types: null, perBin: null },
        ],
      },
    });
  });

  test.each([
    ['an item missing', '1\n10\n2\n3 1\n', 'the file ends before the sizes of item 1'],
    ['numbers too many', '1\n10\n1\n3 1 7\n', '1 numbers too many at the end of the file'],
    ['a negative size', '1\n10\n1\n-3 1\n', 'number 4 is "-3": only whole numbers from 0 are read'],
    ['a fraction', '1\n10\n1\n3.5 1\n', 'number 4 is "3.5": only whole numbers from 0 are read'],
    ['no dimension', '0\n', 'a .vbp file needs at least one dimension'],
    ['a promise of many rows', '1\n10\n999999999\n', 'the file promises 999999999 rows and is too short for them'],
  ])('%s is refused', (_name, text, message) => {
    expect(complaint(text)).toBe(message);
  });
});

describe('vsbpp', () => {
  test('is unlimited types with costs, and one item per weight', () => {
    expect(parsePack('2 2 1 1\n100 100 150 140\n60 70\n')).toEqual({
      kind: 'read',
      input: {
        resources: ['0'],
        types: [
          { name: '0', cap: [100], cost: 100n, limit: null, paid: 0 },
          { name: '1', cap: [150], cost: 140n, limit: null, paid: 0 },
        ],
        shapes: [
          { id: '0', req: [60], count: 1, types: null, perBin: null },
          { id: '1', req: [70], count: 1, types: null, perBin: null },
        ],
      },
    });
  });

  test('a weight too few is refused', () => {
    expect(complaint('2 1 1 1\n100 100\n60\n')).toBe('the file ends before the weight of item 1');
  });
});

test.each([
  ['nothing', '', 'the file is empty'],
  ['blanks', ' \n\t', 'the file is empty'],
  ['words', 'hello world', 'it is none of the formats I read: ecs-pack/1 JSON, .vbp or vsbpp text'],
  ['a JSON list', '[1]', 'it is none of the formats I read: ecs-pack/1 JSON, .vbp or vsbpp text'],
  ['half a JSON file', '{"format": "ecs-pack/1"', 'it begins like JSON but is not JSON'],
  ['two numbers', '1 2\n', 'it is none of the formats I read: ecs-pack/1 JSON, .vbp or vsbpp text'],
])('%s is no question', (_name, text, message) => {
  expect(complaint(text)).toBe(message);
});
