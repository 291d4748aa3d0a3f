import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { openLog } from '../../src/log.ts';
import { openThread, type Thread, type ThreadOptions } from '../../src/threads/thread.ts';

/** Real threads that really die. */

const DEADLY = join(import.meta.dirname, 'deadly.mjs');
const open: Thread[] = [];
let logged: string[] = [];

function aThread(options: Partial<ThreadOptions> = {}): Thread {
  const log = openLog({ level: 'debug', secrets: [], write: (line) => void logged.push(line) });
  const thread = openThread({ entry: DEADLY, data: {}, heapMB: 16, idleMs: 60_000, ...options }, log);
  open.push(thread);
  return thread;
}

afterEach(async () => {
  for (const thread of open.splice(0)) await thread.close();
  logged = [];
});

describe('a thread', () => {
  test('gives back what its task gives back', async () => {
    expect(await aThread().run('echo', { some: ['data'] })).toEqual({ some: ['data'] });
  });

  test.each([
    ['throw', /thrown in the task/],
    ['exit', /exited with code: 3/],
    ['throw outside', /thrown outside of the task/],
    ['many small things', /memory limit/],
    ['one growing list', /memory limit/],
  ])('%s: the task fails with it, and the next one has a thread that lives', async (how, message) => {
    const thread = aThread();
    await expect(thread.run('die', how)).rejects.toThrow(message);
    expect(await thread.run('echo', 'alive')).toBe('alive');
  });

  test('that cannot even start fails each of its tasks, and leaves none waiting', async () => {
    const thread = aThread({ data: { diesAtBirth: true } });
    await expect(thread.run('echo', 1)).rejects.toThrow('never born');
    await expect(thread.run('echo', 2)).rejects.toThrow('never born');
    expect(logged.join()).toContain('a thread died');
  });

  test('with a heap too small for what it loads fails its task', async () => {
    await expect(aThread({ heapMB: 1 }).run('die', 'many small things')).rejects.toThrow(/memory limit/);
  });

  test('ends a task that takes longer than any may, and the next one is answered', async () => {
    const thread = aThread({ mostMs: 100 });
    const flag = new SharedArrayBuffer(4);
    await expect(thread.run('untilRaised', { flag, answer: 'late' })).rejects.toMatchObject({
      code: 'bug_took_too_long',
    });
    Atomics.store(new Int32Array(flag), 0, 1);
    await expect.poll(() => thread.run('untilRaised', { flag, answer: 'soon' }).catch(String)).toBe('soon');
  });

  test('ends what it does when it is closed', async () => {
    const thread = aThread();
    const flag = new SharedArrayBuffer(4);
    const done = thread.run('untilRaised', { flag, answer: 'late' }).catch((error: Error) => error);
    await thread.close();
    expect(await done).toBeInstanceOf(Error);
  });
});
