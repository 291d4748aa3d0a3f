import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { inspectStore, openStore, storeOnDemand } from '../../src/store/index.ts';
import { aRecord, temporaryFolder, temporaryStore } from './temporary.ts';

describe('opening', () => {
  test('a file in a folder that does not exist says so and what to check', async () => {
    const databaseUrl = `sqlite:${join(temporaryFolder(), 'nowhere', 'a.db')}`;
    await expect(openStore({ databaseUrl })).rejects.toMatchObject({
      kind: 'upstream',
      code: 'store_unwritable',
      message: expect.stringContaining('its folder does not exist'),
      hint: expect.stringContaining('DATABASE_URL'),
    });
  });

  test('a folder in place of a file is unwritable', async () => {
    const folder = join(temporaryFolder(), 'a.db');
    mkdirSync(folder);
    await expect(openStore({ databaseUrl: `sqlite:${folder}` })).rejects.toMatchObject({ code: 'store_unwritable' });
  });

  test('a file that is no database is corrupt, and stays as it was', async () => {
    const file = join(temporaryFolder(), 'a.db');
    writeFileSync(file, 'these are notes, not a database, and they are long enough to be read as a header'.repeat(20));
    await expect(openStore({ databaseUrl: `sqlite:${file}` })).rejects.toMatchObject({ code: 'store_corrupt' });
  });

  test('a file of a newer version is refused', async () => {
    const { store, file } = await temporaryStore();
    await store.close();
    const raw = new Sqlite(file);
    raw.exec("insert into migrations values ('0099-from-tomorrow', '2027-01-01T00:00:00.000Z')");
    raw.close();
    await expect(openStore({ databaseUrl: `sqlite:${file}` })).rejects.toMatchObject({
      kind: 'config',
      code: 'store_newer',
      message: expect.stringContaining('0099-from-tomorrow'),
    });
  });

  test('one new file by ten stores at once migrates once', async () => {
    const databaseUrl = `sqlite:${join(temporaryFolder(), 'a.db')}`;

    const stores = await Promise.all(Array.from({ length: 10 }, () => openStore({ databaseUrl })));
    for (const store of stores) await store.appendRecord(aRecord());

    expect(await stores[0]?.verifyChain()).toMatchObject({ records: 10, intact: true });
    await Promise.all(stores.map((store) => store.close()));
  });

  test('a file again finds what was saved', async () => {
    const { store, file } = await temporaryStore();
    await store.appendRecord(aRecord());
    await store.close();

    const again = await openStore({ databaseUrl: `sqlite:${file}` });
    await again.ping();
    expect((await again.counts()).records).toBe(1);
    await again.close();
  });

  test('a write lock that another process holds is waited for', async () => {
    const { store, file } = await temporaryStore();
    const other = new Sqlite(file);
    other.exec('begin immediate');

    const appended = store.appendRecord(aRecord());
    setImmediate(() => other.exec('commit'));

    expect((await appended).seq).toBe(1);
    other.close();
  });

  test('a write lock that never goes away is reported as busy', { timeout: 30_000 }, async () => {
    const { store, file } = await temporaryStore();
    const other = new Sqlite(file);
    other.exec('begin immediate');
    await expect(store.appendRecord(aRecord())).rejects.toMatchObject({ kind: 'upstream', code: 'store_busy' });
    other.close();
  });
});

describe('a store on demand', () => {
  test('opens nothing until a verb needs it, and then once', async () => {
    const file = join(temporaryFolder(), 'a.db');
    let opened = 0;
    const store = storeOnDemand(() => {
      opened += 1;
      return openStore({ databaseUrl: `sqlite:${file}` });
    });
    expect(existsSync(file)).toBe(false);

    await Promise.all([store.appendRecord(aRecord()), store.ping(), store.counts()]);

    expect([opened, existsSync(file)]).toEqual([1, true]);
    await store.close();
  });

  test('that was never used, or never opened, closes quietly', async () => {
    await storeOnDemand(() => Promise.reject(new Error('not reached'))).close();
    const failing = storeOnDemand(() => Promise.reject(new Error('no disk')));
    await expect(failing.ping()).rejects.toThrow('no disk');
    await failing.close();
  });
});

describe('inspecting', () => {
  test('does not create a missing file', async () => {
    const file = join(temporaryFolder(), 'a.db');
    expect(await inspectStore(`sqlite:${file}`)).toEqual({ kind: 'absent', file });
    expect(existsSync(file)).toBe(false);
  });

  test('tells what a start would migrate, without doing it', async () => {
    const file = join(temporaryFolder(), 'a.db');
    new Sqlite(file).close();
    writeFileSync(file, '');
    for (const _twice of [1, 2]) {
      expect(await inspectStore(`sqlite:${file}`)).toMatchObject({
        kind: 'present',
        pending: expect.arrayContaining(['0001-records-pins-deliveries', '0002-estate']),
        head: null,
      });
    }
  });

  test('shows the head of a database in use', async () => {
    const { store, file } = await temporaryStore();
    const record = await store.appendRecord(aRecord());
    expect(await inspectStore(`sqlite:${file}`)).toMatchObject({ pending: [], head: { seq: 1, hash: record.hash } });
  });
});
