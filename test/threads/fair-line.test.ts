import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFairLine, type FairLine } from '../../src/threads/fair-line.ts';

const WIDE = { most: 1_000, mostEach: 1_000 };

/** Joins `ana 1`, `ana 2` … for every name in the order given. */
function joined(line: FairLine<string>, names: readonly string[]): void {
  const counts = new Map<string, number>();
  for (const name of names) {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    line.join(name, `${name} ${count}`);
  }
}

function served(line: FairLine<string>): readonly string[] {
  const order: string[] = [];
  for (let item = line.next(); item !== null; item = line.next()) order.push(item);
  return order;
}

describe('a fair line', () => {
  test('one person is served first come, first served', () => {
    const line = createFairLine<string>(WIDE);
    joined(line, ['ana', 'ana', 'ana']);
    expect(served(line)).toEqual(['ana 1', 'ana 2', 'ana 3']);
    expect(line.next()).toBeNull();
  });

  test('after twenty questions of one person, the first of another is second', () => {
    const line = createFairLine<string>(WIDE);
    joined(line, [...Array.from({ length: 20 }, () => 'ana'), 'ben']);
    expect(served(line).slice(0, 3)).toEqual(['ana 1', 'ben 1', 'ana 2']);
  });

  test('so it is when the first of the twenty is being answered already', () => {
    const line = createFairLine<string>(WIDE);
    joined(line, ['ana']);
    expect(line.next()).toBe('ana 1');
    for (let count = 2; count <= 20; count += 1) line.join('ana', `ana ${count}`);
    line.join('ben', 'ben 1');
    expect(served(line).slice(0, 2)).toEqual(['ben 1', 'ana 2']);
  });

  test('four people with five questions each take turns in the order in which they came', () => {
    const line = createFairLine<string>(WIDE);
    for (const name of ['ana', 'ben', 'cleo', 'dai']) {
      for (let count = 1; count <= 5; count += 1) line.join(name, `${name} ${count}`);
    }
    expect(served(line)).toEqual(
      [1, 2, 3, 4, 5].flatMap((count) => ['ana', 'ben', 'cleo', 'dai'].map((name) => `${name} ${count}`)),
    );
  });

  test('who was away has saved nothing up', () => {
    const line = createFairLine<string>(WIDE);
    joined(line, ['ana', 'ana', 'ana', 'ana']);
    for (let count = 1; count <= 3; count += 1) line.next();
    // Turn 2 was served last, ana 4 has turn 3: ben comes once before it, not three times.
    for (const item of ['ben 1', 'ben 2', 'ben 3']) line.join('ben', item);
    expect(served(line)).toEqual(['ben 1', 'ana 4', 'ben 2', 'ben 3']);
  });

  test('says how many come before, and nothing of what does not wait', () => {
    const line = createFairLine<string>(WIDE);
    joined(line, ['ana', 'ana', 'ana', 'ben']);
    expect(['ana 1', 'ben 1', 'ana 2', 'ana 3'].map(line.ahead)).toEqual([0, 1, 2, 3]);
    line.next();
    expect(line.ahead('ana 1')).toBeNull();
    expect(line.ahead('ana 3')).toBe(2);
  });

  test('is full for everybody at its limit, and for one person at theirs', () => {
    const line = createFairLine<string>({ most: 3, mostEach: 2 });
    expect(line.join('ana', 'a1')).toBe('joined');
    expect(line.join('ana', 'a2')).toBe('joined');
    expect(line.join('ana', 'a3')).toBe('enough');
    expect(line.join('ben', 'b1')).toBe('joined');
    expect(line.join('cleo', 'c1')).toBe('full');
    expect(served(line)).toEqual(['a1', 'b1', 'a2']);
    // What was refused took no turn.
    expect(line.join('cleo', 'c1')).toBe('joined');
  });

  test('whoever joins and is served: nobody is lost, and an oldest question waits for two of each other person at most', () => {
    const steps = fc.array(fc.oneof(fc.constantFrom('ana', 'ben', 'cleo', 'dai'), fc.constant(null)), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(steps, (wished) => {
        const line = createFairLine<number>(WIDE);
        const waiting: { readonly id: number; readonly who: string }[] = [];
        /** By oldest question and other person: how often that person was served while it waited. */
        const overtaken = new Map<string, number>();
        const serve = (): void => {
          const id = line.next();
          const place = waiting.find((one) => one.id === id);
          if (place === undefined) {
            expect(id).toBeNull();
            expect(waiting).toEqual([]);
            return;
          }
          const oldest = [...new Set(waiting.map(({ who }) => who))].map((who) =>
            waiting.find((one) => one.who === who),
          );
          expect(oldest).toContain(place);
          waiting.splice(waiting.indexOf(place), 1);
          for (const other of oldest) {
            if (other === undefined || other === place) continue;
            const key = `${other.id} by ${place.who}`;
            overtaken.set(key, (overtaken.get(key) ?? 0) + 1);
          }
        };
        for (const [id, who] of wished.entries()) {
          if (who === null) {
            serve();
            continue;
          }
          expect(line.join(who, id)).toBe('joined');
          waiting.push({ id, who });
        }
        while (waiting.length > 0) serve();
        expect(line.size()).toBe(0);
        for (const times of overtaken.values()) expect(times).toBeLessThanOrEqual(2);
      }),
    );
  });
});
