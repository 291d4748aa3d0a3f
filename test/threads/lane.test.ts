import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openLog } from '../../src/log.ts';
import { createLane, type LaneOptions } from '../../src/threads/lane.ts';
import { openThread } from '../../src/threads/thread.ts';
import { temporaryFolder } from '../store/temporary.ts';

/** A lane over real threads. */

const SILENT = openLog({ level: 'error', secrets: [], write: () => undefined });
const NEVER_MS = 2 ** 30;

function aLane(name: string, options: Partial<LaneOptions> & { readonly count?: number } = {}) {
  const { count = 1, ...limits } = options;
  const journal = join(temporaryFolder(), 'journal');
  const threads = Array.from({ length: count }, () =>
    openThread(
      { entry: join(import.meta.dirname, 'deadly.mjs'), data: { journal }, heapMB: 16, idleMs: 60_000 },
      SILENT,
    ),
  );
  onTestFinished(async () => {
    for (const thread of threads) await thread.close();
  });
  const lane = createLane(threads, { name, most: 60, mostEach: 20, lateMs: NEVER_MS, ...limits });
  return { lane, worked: () => readFileSync(journal, 'utf8').trimEnd().split('\n') };
}

/** A task that runs until it is let go. */
function held() {
  const flag = new SharedArrayBuffer(4);
  return {
    task: { flag, answer: 'held' },
    letGo: () => {
      Atomics.store(new Int32Array(flag), 0, 1);
      Atomics.notify(new Int32Array(flag), 0);
    },
  };
}

describe('a lane', () => {
  test('answers twenty questions of one person and one of another, who is second', async () => {
    const { lane, worked } = aLane('echo');
    const asked = Array.from({ length: 20 }, (_, at) => ({ who: 'ana', task: `ana ${at + 1}` }));
    const done = [...asked, { who: 'ben', task: 'ben 1' }].map((one) => lane.run(one));

    expect(await Promise.all(done)).toEqual([...asked.map(({ task }) => task), 'ben 1']);
    expect(worked().slice(0, 4)).toEqual(['ana 1', 'ben 1', 'ana 2', 'ana 3']);
    expect(worked().slice(4)).toEqual(asked.slice(3).map(({ task }) => task));
  });

  test('whatever kills the thread of one, the others are answered', async () => {
    const { lane } = aLane('die');
    const deaths = ['exit', 'many small things', 'throw outside', 'throw'];
    const done = await Promise.allSettled(deaths.map((task) => lane.run({ who: 'ana', task })));
    expect(done.map(({ status }) => status)).toEqual(deaths.map(() => 'rejected'));
    expect(done.map((one) => (one.status === 'rejected' ? String(one.reason) : ''))).toEqual([
      expect.stringContaining('exited with code'),
      expect.stringContaining('memory limit'),
      expect.stringContaining('outside of the task'),
      expect.stringContaining('in the task'),
    ]);
  });

  test('says that it is busy when too many wait, and to one person when too many are theirs', async () => {
    const { lane } = aLane('untilRaised', { most: 3, mostEach: 2 });
    const { task, letGo } = held();
    const ask = (who: string) => lane.run({ who, task });
    const taken = [ask('ana'), ask('ana'), ask('ana')];
    await expect(ask('ana')).rejects.toMatchObject({
      code: 'busy_with_yours',
      message: '2 of your questions wait already.',
    });
    taken.push(ask('ben'));
    await expect(ask('cleo')).rejects.toMatchObject({ code: 'busy', message: 'I am busy: 3 questions wait.' });
    letGo();
    expect(await Promise.all(taken)).toEqual(['held', 'held', 'held', 'held']);
  });

  test('two threads share the line', async () => {
    const { lane } = aLane('untilRaised', { count: 2 });
    const [first, second] = [held(), held()];
    const answers = [lane.run({ who: 'ana', task: first.task }), lane.run({ who: 'ana', task: second.task })];
    // The second is answered while the first is not.
    second.letGo();
    expect(await answers[1]).toBe('held');
    first.letGo();
    expect(await answers[0]).toBe('held');
  });

  test('tells who waits long how many come before, once, and who was answered nothing', async () => {
    const { lane } = aLane('untilRaised', { lateMs: 0 });
    const { task, letGo } = held();
    const told: string[] = [];
    const ask = (who: string) => lane.run({ who, task, late: (ahead) => void told.push(`${who}: ${ahead}`) });
    const answers = [ask('ana'), ask('ana'), ask('ben')];
    await expect.poll(() => told).toEqual(['ana: 0', 'ana: 2', 'ben: 1']);
    letGo();
    await Promise.all(answers);
    expect(told).toHaveLength(3);
  });

  test('that is dismissed refuses who waits and who comes, and finishes what runs', async () => {
    const { lane } = aLane('untilRaised');
    const { task, letGo } = held();
    const running = lane.run({ who: 'ana', task });
    const waiting = lane.run({ who: 'ben', task }).catch((error: unknown) => error);
    lane.dismiss();
    expect(await waiting).toMatchObject({ code: 'busy_stopping' });
    await expect(lane.run({ who: 'cleo', task })).rejects.toMatchObject({ code: 'busy_stopping' });
    letGo();
    expect(await running).toBe('held');
  });
});
