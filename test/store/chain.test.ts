import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import Sqlite from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { openStore } from '../../src/store/index.ts';
import { aRecord, temporaryStore } from './temporary.ts';

const CHILD = fileURLToPath(new URL('append-child.ts', import.meta.url));

/** Starts the appending process; `ids` grows by every append that has returned. */
function startAppending(file: string, count: number, actor: string) {
  const child = spawn(process.execPath, ['--import', 'tsx', CHILD, `sqlite:${file}`, String(count), actor], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ids: string[] = [];
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => ids.push(line));
  return { child, ids, lines, done: Promise.all([once(child, 'close'), once(lines, 'close')]) };
}

describe('a process killed in the middle of 200 appends', () => {
  test('leaves an intact chain that holds everything it had reported', { timeout: 60_000 }, async () => {
    const { store, file } = await temporaryStore();
    let reported = 0;

    for (const [round, killAfter] of [1, 37, 4, 88, 15].entries()) {
      const { child, ids, lines, done } = startAppending(file, 200, `killed-${round}`);
      lines.on('line', () => {
        if (ids.length === killAfter) child.kill('SIGKILL');
      });
      await done;

      expect(child.signalCode).toBe('SIGKILL');
      reported += ids.length;
      const check = await store.verifyChain();
      expect(check).toMatchObject({ intact: true, firstBad: null });
      // At most the one append that was under way may be there unreported, per round.
      expect(check.records).toBeGreaterThanOrEqual(reported);
      for (const id of ids) expect(await store.record(id)).not.toBeNull();
      const raw = new Sqlite(file);
      expect(raw.prepare('select count(*) as n from records').get()).toEqual({ n: check.records });
      raw.close();
    }

    await store.appendRecord(aRecord());
    expect((await store.verifyChain()).intact).toBe(true);
  });
});

describe('two processes that append 100 each to one new file', () => {
  test('give one chain of 200 and no id twice', { timeout: 60_000 }, async () => {
    const { store, file } = await temporaryStore();

    const both = [startAppending(file, 100, 'left'), startAppending(file, 100, 'right')];
    await Promise.all(both.map((side) => side.done));

    expect(both.map((side) => [side.child.exitCode, side.ids.length])).toEqual([
      [0, 100],
      [0, 100],
    ]);
    expect(new Set(both.flatMap((side) => side.ids)).size).toBe(200);
    expect(await store.verifyChain()).toMatchObject({ records: 200, intact: true });
  });
});

describe('verify', () => {
  async function chainOfFive() {
    const { store, file } = await temporaryStore();
    const facts = await store.savePin('{"facts":[]}');
    for (let index = 1; index <= 5; index += 1) {
      await store.appendRecord(aRecord({ body: { tasks: index * 1000, pins: { facts } } }));
    }
    const edit = (statement: string): void => {
      const raw = new Sqlite(file);
      raw.exec(statement);
      raw.close();
    };
    return { store, file, edit };
  }

  test('says intact, how many, and where the chain ends', async () => {
    const { store } = await chainOfFive();
    const newest = await store.record('2026-11-24-0005');
    expect(await store.verifyChain()).toEqual({
      records: 5,
      intact: true,
      firstBad: null,
      head: { seq: 5, hash: newest?.hash },
    });
  });

  test('says intact for a database without records', async () => {
    const { store } = await temporaryStore();
    expect(await store.verifyChain()).toMatchObject({ records: 0, intact: true, head: { seq: 0 } });
  });

  test.each([
    [
      'one byte of a body',
      "update records set body = replace(body, '3000', '3001') where seq = 3",
      3,
      'does not give its hash',
    ],
    [
      'a space inside a body',
      "update records set body = replace(body, ':3000', ': 3000') where seq = 3",
      3,
      'bytes of its body',
    ],
    ['a body that is no JSON', "update records set body = '{' where seq = 2", 2, 'not JSON'],
    ['a body that became bytes', 'update records set body = cast(body as blob) where seq = 2', 2, 'not JSON'],
    ['an actor', "update records set actor = 'U9' where seq = 4", 4, 'does not give its hash'],
    ['an id', "update records set id = '2026-11-24-0009' where seq = 4", 4, 'does not give its hash'],
    ['a hash', "update records set hash = 'x' where seq = 1", 1, 'does not give its hash'],
    ['a prevHash', "update records set prev_hash = 'x' where seq = 2", 2, 'does not follow'],
    ['a record taken out', 'delete from records where seq = 3', 3, 'the next one found is 2026-11-24-0004'],
    ['the newest record taken off', 'delete from records where seq = 5', 5, 'should end with record 5'],
    ['all records taken out', 'delete from records', 1, 'should end with record 5'],
    [
      'the head moved back',
      'update chain_head set seq = 4, hash = (select hash from records where seq = 4)',
      5,
      'past the head',
    ],
    ['the head hash', "update chain_head set hash = 'x'", 5, 'the head keeps'],
    ['a pin', "update pins set body = '{}'", 1, 'damaged'],
    ['a pin taken out', 'delete from pins', 1, 'missing'],
  ])('finds %s and names the first record it hits', async (_what, statement, seq, because) => {
    const { store, edit } = await chainOfFive();

    edit(statement);

    const check = await store.verifyChain();
    expect(check.intact).toBe(false);
    expect(check.firstBad?.seq).toBe(seq);
    expect(check.firstBad?.because).toContain(because);
  });

  test('names the edited record by its id', async () => {
    const { store, edit } = await chainOfFive();
    edit("update records set body = replace(body, '3000', '3001') where seq = 3");
    expect((await store.verifyChain()).firstBad?.id).toBe('2026-11-24-0003');
  });

  test('says that the head row is gone, and so does the next append', async () => {
    const { store, edit } = await chainOfFive();
    edit('delete from chain_head');
    await expect(store.verifyChain()).rejects.toMatchObject({ code: 'store_corrupt' });
    await expect(store.appendRecord(aRecord())).rejects.toMatchObject({ code: 'store_corrupt' });
  });

  test('walks more than one page', async () => {
    const { store, file, edit } = await chainOfFive();
    for (let index = 0; index < 450; index += 1) await store.appendRecord(aRecord());
    expect(await store.verifyChain()).toMatchObject({ records: 455, intact: true });

    edit("update records set kind = 'other' where seq = 441");

    expect((await store.verifyChain()).firstBad?.seq).toBe(441);
    const again = await openStore({ databaseUrl: `sqlite:${file}` });
    expect((await again.verifyChain()).firstBad?.seq).toBe(441);
    await again.close();
  });
});
