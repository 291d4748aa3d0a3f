import { describe, expect, test } from 'vitest';
import { createWork } from '../../src/slack/work.ts';

const QUIET = { seen: () => 0, unacknowledged: () => 0 };
const never = () => new Promise<void>(() => undefined);
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('work after the acknowledgement', () => {
  test('lets the acknowledgement leave before a task begins', async () => {
    const work = createWork(10, QUIET);
    const seen: string[] = [];
    work.start(async () => void seen.push('task'));

    expect(seen).toEqual([]);
    await expect.poll(() => seen).toEqual(['task']);
  });

  test('calculates one at a time, in order, whatever goes wrong in one', async () => {
    const work = createWork(10, QUIET);
    const seen: string[] = [];
    const calculate = (name: string) =>
      work.inTurn('long', async () => {
        seen.push(`${name} begins`);
        await turn();
        seen.push(`${name} ends`);
        if (name === 'a') throw new Error('wrong');
        return name;
      });

    const results = await Promise.allSettled([calculate('a'), calculate('b')]);

    expect(results).toMatchObject([{ status: 'rejected' }, { status: 'fulfilled', value: 'b' }]);
    expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  });

  test('lets requests be acknowledged before it calculates, but does not wait for ever', async () => {
    let open = 1;
    const work = createWork(10, { seen: () => 0, unacknowledged: () => open });
    const seen: string[] = [];
    void work.inTurn('long', async () => void seen.push('a'));

    for (let index = 0; index < 10; index += 1) await turn();
    expect(seen).toEqual([]);
    open = 0;
    await expect.poll(() => seen).toEqual(['a']);

    open = 1;
    await work.inTurn('long', async () => void seen.push('b'));
    expect(seen).toEqual(['a', 'b']);
  });

  test('takes no more than the limit, and more again when one is done', async () => {
    const work = createWork(1, QUIET);
    const releases: (() => void)[] = [];
    const held = new Promise<void>((resolve) => releases.push(resolve));
    expect(work.start(() => held)).toBe('started');
    expect(work.start(never)).toBe('busy');

    for (const release of releases) release();
    await expect.poll(() => work.running()).toBe(0);
    expect(work.start(async () => undefined)).toBe('started');
  });

  test('takes nothing while it stops, and says when something was left', async () => {
    const work = createWork(5, QUIET);
    work.start(never);

    expect(await work.drain(1)).toBe(false);
    expect(work.start(never)).toBe('stopping');
  });
});
