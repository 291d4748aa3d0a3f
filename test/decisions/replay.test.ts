import { describe, expect, test } from 'vitest';
import type { CapacityBody } from '../../src/commands/capacity.ts';
import { decisionsCommand } from '../../src/commands/decisions.ts';
import { compareAnswers } from '../../src/commands/replay.ts';
import type { Json } from '../../src/engine/index.ts';
import { toText } from '../../src/report/text.ts';
import { at, aWorld, leadOf } from './world.ts';

const WEB = '--vcpu 2 --memory 8 --tasks 12 --region us-east-1';

/** A world with one saved answer, and a way to save it again with parts changed. */
async function worldWithAnswer(line = WEB) {
  const world = await aWorld();
  const id = await world.ask(line);
  const record = await world.store.record(id);
  if (record === null) throw new Error('the answer was not saved');
  const body = record.body as unknown as CapacityBody;
  const saveAs = (changes: Partial<CapacityBody>) =>
    world.store.appendRecord({
      at: '2026-11-24T09:00:00.000Z',
      kind: 'capacity',
      actor: 'U1',
      body: { ...body, ...changes } as unknown as Json,
    });
  const cheaper = JSON.parse(
    JSON.stringify(body.answer).replaceAll('"1020.7152"', '"20.7152"'),
  ) as CapacityBody['answer'];
  return { ...world, id, body, cheaper, saveAs };
}

describe('replay by the engine that made the answer', () => {
  test.each([
    ['steady tasks', WEB],
    ['a batch', '--vcpu 1 --memory 2 --run 40s --pull 25s --per-day 20000 --between 01:00-04:00'],
    ['something that fits nowhere', '--vcpu 10000 --memory 2'],
    ['an earlier day', `${WEB} --as-of 2025-12-04`],
  ])('gives equal bytes for %s', async (_what, line) => {
    const { run, id } = await worldWithAnswer(line);

    const answered = await run(decisionsCommand, `replay ${id}`);

    expect(leadOf(answered)).toContain('Same answer, byte for byte');
    const found = at(answered.json, 'result', 'replay');
    expect(found).toMatchObject({ same: true, verified: true, differences: [], failedChecks: [] });
    expect(at(found, 'sha256Then')).toBe(at(found, 'sha256Now'));
    expect(answered.exitCode).toBe(0);
  });

  test('uses the inputs that were saved, not those of today', async () => {
    const { run, id, deps } = await worldWithAnswer();
    const raised = { ...deps.library, prices: () => Promise.reject(new Error('must not be asked')) as never };
    const call = { id: 'c', actor: 'U1', surface: 'slack', now: deps.clock.now() } as const;
    const answered = await decisionsCommand.run({ kind: 'replay', id }, { ...deps, library: raised }, call);
    expect(answered.json).toEqual((await run(decisionsCommand, `replay ${id}`)).json);
  });

  test('that differs is called a bug, exits 1, is logged, and the price shows', async () => {
    const { run, saveAs, cheaper, lines } = await worldWithAnswer();
    const forged = await saveAs({ answer: cheaper });

    const answered = await run(decisionsCommand, `replay ${forged.id}`);

    expect(answered.exitCode).toBe(1);
    expect(leadOf(answered)).toContain('This is a bug');
    expect(at(answered.json, 'result', 'replay', 'differences')).toEqual([
      { what: 'fargate', was: '20.7152 USD a month', is: '1020.7152 USD a month' },
    ]);
    expect(at(answered.json, 'result', 'replay', 'verified')).toBe(false);
    expect(toText(answered.report)).toContain("Not accepted: today's checker finds fault");
    expect(lines.some((line) => line.includes('replay differs'))).toBe(true);
  });
});

describe('replay of an answer by another engine', () => {
  test('that agrees says so and names both', async () => {
    const { run, saveAs } = await worldWithAnswer();
    const old = await saveAs({ engineVersion: '0.0.9' });
    const answered = await run(decisionsCommand, `replay ${old.id}`);
    expect(leadOf(answered)).toContain('the answer was made by 0.0.9');
    expect([answered.exitCode, at(answered.json, 'result', 'replay', 'engineVersionThen')]).toEqual([0, '0.0.9']);
  });

  test('that differs shows what, and exits by what the checker says of the old answer', async () => {
    const { run, saveAs, body, cheaper } = await worldWithAnswer();
    const reworded = { ...body.answer, notCounted: ['nothing'] };

    const harmless = await run(
      decisionsCommand,
      `replay ${(await saveAs({ engineVersion: '0.0.9', answer: reworded })).id}`,
    );
    expect(leadOf(harmless)).toMatch(/^Engine \S+ answers \S+ differently from engine 0\.0\.9\.$/);
    expect(at(harmless.json, 'result', 'replay', 'differences', 0, 'what')).toBe('notCounted.0');
    expect(harmless.exitCode).toBe(0);

    const wrong = await run(
      decisionsCommand,
      `replay ${(await saveAs({ engineVersion: '0.0.9', answer: cheaper })).id}`,
    );
    expect(wrong.exitCode).toBe(1);
  });

  test("whose inputs today's engine cannot use says where it stopped", async () => {
    const { run, saveAs, store, body } = await worldWithAnswer();
    const fewer = await store.savePin('[]');
    const old = await saveAs({ engineVersion: '0.0.9', pins: { ...body.pins, facts: fewer } });

    const answered = await run(decisionsCommand, `replay ${old.id}`);

    expect(leadOf(answered)).toContain('cannot answer');
    expect(at(answered.json, 'result', 'replay')).toMatchObject({ same: false, sha256Now: null, verified: false });
    expect(toText(answered.report)).toContain('no fact');
    expect(answered.exitCode).toBe(1);
  });
});

describe('what two answers differ in', () => {
  const answer = (recommended: string | null, fargate: string | null) => ({
    result: { recommended, options: [{ kind: 'fargate', feasible: fargate !== null, usdPerMonth: fargate }] },
  });

  test('is advice and prices first', () => {
    expect(compareAnswers(answer('fargate', '10'), answer(null, null))).toEqual([
      { what: 'advice', was: 'fargate', is: 'none' },
      { what: 'fargate', was: '10 USD a month', is: 'not possible' },
    ]);
  });

  test('else the first place that differs, and nothing for equal ones', () => {
    const same = answer('fargate', '10');
    expect(compareAnswers({ ...same, facts: [1, 2] }, { ...same, facts: [1, 3] })).toEqual([
      { what: 'facts.1', was: '2', is: '3' },
    ]);
    expect(compareAnswers(same, same)).toEqual([]);
  });
});
