import Sqlite from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import type { Answered, Call, Command } from '../../src/commands/command.ts';
import { consolidateCommand } from '../../src/commands/consolidate.ts';
import type { ConsolidateBody } from '../../src/commands/consolidate-live.ts';
import { decisionsCommand } from '../../src/commands/decisions.ts';
import type { Deps, Settings } from '../../src/deps.ts';
import type { Json } from '../../src/engine/index.ts';
import { files } from '../../src/files.ts';
import { toText } from '../../src/report/text.ts';
import { openSolver } from '../../src/solver/index.ts';
import { anEstate, NOW } from '../support/estate.ts';
import { at, leadOf } from './world.ts';

const LATER = '2026-12-20T09:00:00.000Z';

/** The recorded estate, scanned, with one saved answer about tulip. */
async function answered(settings: Partial<Settings> = {}) {
  const estate = await anEstate({ settings });
  await estate.scan();
  const deps: Deps = { ...estate.deps, offline: { files, solver: openSolver() } };
  const run = async <Q>(command: Command<Q>, line: string, changes: Partial<Deps> = {}): Promise<Answered> => {
    const call: Call = { id: 'c', actor: 'U1', surface: 'slack', now: NOW };
    const { defaultRegion, minimumSaving } = deps.settings;
    const { regions } = deps.library;
    const parsed = command.parse(line.split(' '), { today: '2026-11-24', regions, defaultRegion, minimumSaving });
    if (!parsed.ok) throw parsed.error;
    return command.run(parsed.question, { ...deps, ...changes }, call);
  };
  const id = String((await run(consolidateCommand, 'tulip')).summary.record);
  const record = await deps.store.record(id);
  if (record === null) throw new Error('the answer was not saved');
  const body = record.body as unknown as ConsolidateBody;
  const saveAs = async (changes: Partial<ConsolidateBody>): Promise<string> => {
    const saved = { ...body, ...changes } as unknown as Json;
    const { store } = deps;
    return (await store.appendRecord({ at: NOW.toISOString(), kind: 'consolidate', actor: 'U1', body: saved })).id;
  };
  const inDatabase = (statement: string): void => {
    const raw = new Sqlite(estate.databaseUrl.slice('sqlite:'.length));
    raw.exec(statement);
    raw.close();
  };
  return { deps, run, id, body, saveAs, inDatabase };
}

const replayOf = (found: Answered): Json | undefined => at(found.json, 'result', 'replay');

describe('replay of a live consolidation', () => {
  test('gives equal bytes from what was pinned: other settings, prices and scans of today change nothing', async () => {
    const { deps, run, id } = await answered();
    const { store } = deps;
    // A scan of four weeks later: snapshots of today are pruned, unless a record names them.
    const begun = await store.beginScan(LATER);
    await store.finishScan(begun?.id ?? '', { accounts: [], at: LATER });

    const found = await run(decisionsCommand, `replay ${id}`, {
      library: { facts: [], regions: [], prices: () => Promise.reject(new Error('must not be asked')) as never },
      settings: { ...deps.settings, minimumSaving: { percent: 99, usdPerMonth: 1_000_000 } },
    });

    expect(leadOf(found)).toBe(`Same answer, byte for byte: ${id} (engine 0.1.0).`);
    expect(replayOf(found)).toMatchObject({ same: true, verified: true, differences: [], failedChecks: [] });
    expect(at(replayOf(found), 'sha256Then')).toBe(at(replayOf(found), 'sha256Now'));
    expect(found.exitCode).toBe(0);
    expect((await run(decisionsCommand, 'verify')).exitCode).toBe(0);
  });

  test('names what was edited: a figure, a wave, a proof; and exits 1', async () => {
    const { deps, run, body, saveAs } = await answered();
    const edited = (from: string | RegExp, to: string) =>
      JSON.parse(JSON.stringify(body.answer).replace(from, to)) as ConsolidateBody['answer'];
    const [row] = body.answer.providers;
    const figures: readonly (readonly [ConsolidateBody['answer'], string])[] = [
      [edited(`"usdPerMonthSaved":"${row?.usdPerMonthSaved}"`, '"usdPerMonthSaved":"999"'), '730 h of the difference'],
      [edited(`"lowerBound":"${row?.lowerBound}"`, '"lowerBound":"0.5"'), 'its bound is not the proved one'],
      [edited(/"drain":\["i-[0-9a-f]+"\]/, '"drain":["i-0"]'), 'its waves are not the proved ones'],
      [edited(`"instancesAfter":${row?.instancesAfter}`, '"instancesAfter":2'), 'do not end in that many instances'],
    ];
    for (const [answer, detail] of figures) {
      const found = await run(decisionsCommand, `replay ${await saveAs({ answer })}`);
      expect(leadOf(found)).toContain('This is a bug');
      expect(JSON.stringify(at(replayOf(found), 'failedChecks'))).toContain(detail);
      expect(found.exitCode).toBe(1);
    }

    const [proof] = body.proofs;
    const text = (await deps.store.pin(proof?.answer ?? '')) ?? '';
    const cheaper = await deps.store.savePin(text.replace(/"costAfter":(\d)/, '"costAfter":1$1'));
    const forged = await saveAs({ proofs: body.proofs.map((one) => ({ ...one, answer: cheaper })) });
    const found = await run(decisionsCommand, `replay ${forged}`);
    expect(at(replayOf(found), 'verified')).toBe(false);
    expect(toText(found.report)).toContain('consolidate-tulip-asg-tulip: ');
  });

  test('by another engine says what differs, provider by provider, and judges the old answer', async () => {
    const { run, body, saveAs } = await answered();
    const old = await saveAs({
      engineVersion: '0.0.9',
      answer: {
        ...body.answer,
        providers: body.answer.providers.map((row) => ({ ...row, instancesAfter: 4, verdict: 'within', waves: [] })),
      },
    });
    const found = await run(decisionsCommand, `replay ${old}`);
    expect(leadOf(found)).toMatch(/^Engine 0\.1\.0 answers \S+ differently from engine 0\.0\.9\.$/);
    expect(at(replayOf(found), 'differences', 0, 'what')).toBe('tulip asg-tulip');
    expect(at(replayOf(found), 'differences', 0, 'was')).toMatch(/^10 -> 4 instances, saves/);
    // It says that nothing is advised, and its hourly money is that of a plan.
    expect(found.exitCode).toBe(1);

    const reworded = { ...body.answer, notes: ['other words'] };
    const harmless = await run(
      decisionsCommand,
      `replay ${await saveAs({ engineVersion: '0.0.9', answer: reworded })}`,
    );
    expect(at(replayOf(harmless), 'differences', 0)).toMatchObject({ what: 'answer.notes.0', was: 'other words' });
    expect(harmless.exitCode).toBe(0);
  });

  test('a missing part, a changed pin and an edited record are named, and nothing is answered', async () => {
    const { deps, run, id, body, inDatabase, saveAs } = await answered();
    const forgotten = await saveAs({ pins: undefined as never });
    await expect(run(decisionsCommand, `replay ${forgotten}`)).rejects.toMatchObject({ code: 'usage_replay_too_old' });
    await expect(
      run(decisionsCommand, `replay ${id}`, { settings: { ...deps.settings, readers: ['U2'] } }),
    ).rejects.toMatchObject({ code: 'usage_not_a_reader' });

    const head = JSON.parse((await deps.store.pin(body.pins.snapshot ?? '')) ?? '') as {
      parts: { cluster: string | null; kind: string; sha256: string }[];
    };
    // Of one cluster and its region, nothing else.
    expect(new Set(head.parts.map(({ cluster, kind }) => cluster ?? kind))).toEqual(new Set(['tulip', 'region']));
    const services = head.parts.find(({ kind }) => kind === 'services');
    inDatabase(`delete from parts where sha256 = '${services?.sha256}'`);
    await expect(run(decisionsCommand, `replay ${id}`)).rejects.toMatchObject({
      code: 'store_corrupt',
      message: expect.stringContaining(`Record ${id} cannot be answered again`),
    });

    inDatabase(`update pins set body = body || ' ' where sha256 = '${body.proofs[0]?.answer}'`);
    await expect(run(decisionsCommand, `replay ${id}`)).rejects.toMatchObject({ code: 'bug_pin_damaged' });
    // The proofs of a record belong to what it names.
    expect(at((await run(decisionsCommand, 'verify')).json, 'result', 'verify', 'firstBad', 'id')).toBe(id);

    inDatabase(`update records set body = replace(body, '"instances":10', '"instances":11') where id = '${id}'`);
    await expect(run(decisionsCommand, `replay ${id}`)).rejects.toMatchObject({
      code: 'store_corrupt',
      message: expect.stringContaining(id),
    });
  });
});
