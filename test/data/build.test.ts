import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { priceFiles } from '../../scripts/build-data.ts';
import { quoteNumbers, readSourceFigures } from '../../scripts/source-figures.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const SOURCE = join(ROOT, '..', 'shared', 'data');
const PRICES = join(ROOT, 'data', 'prices');
const hasSource = existsSync(SOURCE);

if (!hasSource) process.stderr.write('SKIPPED: data/prices is not built again, ../shared/data is not here\n');

describe.skipIf(!hasSource)('data/prices is what the script makes', () => {
  test('every committed file has the bytes of a fresh build, and no file is left over', () => {
    const built = priceFiles(readSourceFigures(SOURCE));
    const committed = readdirSync(PRICES, { recursive: true, encoding: 'utf8' }).filter((path) =>
      path.endsWith('.json'),
    );

    expect(committed.sort()).toEqual([...built.keys()].sort());
    for (const [path, text] of built) {
      expect([path, readFileSync(join(PRICES, path), 'utf8') === text]).toEqual([path, true]);
    }
  });

  test('a figure of another shape is refused with the name of its file', () => {
    expect(() => readSourceFigures(join(ROOT, 'data'))).toThrow('instance-types.json');
  });
});

test('numbers keep their digits and strings keep theirs', () => {
  expect(quoteNumbers('{"a.2xlarge": 0.10, "b": [1, -2.50], "c": "say \\"3\\" or 4", "d": 1e-7}')).toBe(
    '{"a.2xlarge": "0.10", "b": ["1", "-2.50"], "c": "say \\"3\\" or 4", "d": "1e-7"}',
  );
});
