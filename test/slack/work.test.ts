import { describe, expect, test } from 'vitest';
import { createWork } from '../../src/slack/work.ts';

const never = () => new Promise<void>(() => undefined);
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('work after the acknowledgement', () => {
  test('begins one task a turn, in order, so that others are acknowledged in between', async () => {
    const work = createWork(10, () => 0);
    const seen: string[] = [];
    for (const name of ['a', 'b', 'c']) work.start(async () => void seen.push(name));

    expect(seen).toEqual([]);
    await turn();
    expect(seen.length).toBeLessThan(3);
    expect(await work.drain(5_000)).toBe(true);
    expect(seen).toEqual(['a', 'b', 'c']);
  });

  test('waits while a request has no acknowledgement, but not for ever', async () => {
    let open = 1;
    const work = createWork(10, () => open);
    const seen: string[] = [];
    work.start(async () => void seen.push('a'));

    for (let index = 0; index < 10; index += 1) await turn();
    expect(seen).toEqual([]);
    open = 0;
    await expect.poll(() => seen).toEqual(['a']);

    open = 1;
    work.start(async () => void seen.push('b'));
    await expect.poll(() => seen).toEqual(['a', 'b']);
  });

  test('takes no more than the limit, and more again when one is done', async () => {
    const work = createWork(1, () => 0);
    const releases: (() => void)[] = [];
    const held = new Promise<void>((resolve) => releases.push(resolve));
    expect(work.start(() => held)).toBe('started');
    expect(work.start(never)).toBe('busy');

    for (const release of releases) release();
    await expect.poll(() => work.running()).toBe(0);
    expect(work.start(async () => undefined)).toBe('started');
  });

  test('takes nothing while it stops, and says when something was left', async () => {
    const work = createWork(5, () => 0);
    work.start(never);

    expect(await work.drain(1)).toBe(false);
    expect(work.start(never)).toBe('stopping');
  });
});
