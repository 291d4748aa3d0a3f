import { expect, test } from 'vitest';
import { openLibrary } from '../../src/data.ts';
import { factBook } from '../../src/engine/index.ts';

const { facts } = openLibrary();
const ids = [...new Set(facts.map(({ id }) => id))];

test('dates exist, are in order, and rows of one fact never overlap', () => {
  for (const id of ids) {
    const rows = facts.filter((fact) => fact.id === id).sort((a, b) => (a.validFrom < b.validFrom ? -1 : 1));
    for (const [index, row] of rows.entries()) {
      for (const date of [row.validFrom, row.validTo])
        if (date !== null) expect(new Date(`${date}T00:00:00Z`).toISOString().slice(0, 10)).toBe(date);
      if (row.validTo !== null) expect([id, row.validFrom < row.validTo]).toEqual([id, true]);
      const next = rows[index + 1];
      if (next !== undefined) expect([id, row.validTo !== null && row.validTo <= next.validFrom]).toEqual([id, true]);
    }
  }
});

test('every fact has a source, and an assumption says so in its source or title', () => {
  expect(facts.filter(({ source, title }) => source.trim() === '' || title.trim() === '')).toEqual([]);
  expect(facts.filter(({ confidence }) => confidence === 'assumed').length).toBeGreaterThan(5);
});

test.each([
  ['mi.available', '2025-09-30'],
  ['mi.spot', '2025-12-18'],
  ['mi.reserved', '2026-02-28'],
  ['mi.daemons', '2026-04-30'],
  ['fargate.32vcpu-linear-price', '2026-06-30'],
])('%s begins on %s and not a day earlier', (id, day) => {
  const before = new Date(Date.parse(day) - 86_400_000).toISOString().slice(0, 10);

  expect(factBook(facts, day).has(id)).toBe(true);
  expect(factBook(facts, before).has(id)).toBe(false);
});

test('the Fargate table grew to 32 vCPU on 2026-06-30', () => {
  const largest = (day: string): number =>
    Math.max(
      ...(factBook(facts, day).get('fargate.sizes').value as { cpuUnits: number }[]).map(({ cpuUnits }) => cpuUnits),
    );

  expect(largest('2026-06-29')).toBe(16 * 1024);
  expect(largest('2026-06-30')).toBe(32 * 1024);
});

test('two values of one fact on one day are refused', () => {
  const [row] = facts;
  if (row === undefined) throw new Error('no facts');

  expect(() => factBook([row, row], row.validFrom)).toThrow('two values');
});
