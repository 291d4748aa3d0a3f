import Sqlite from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson, type Json } from '../../src/engine/index.ts';
import { openStore } from '../../src/store/index.ts';
import { aRecord, temporaryStore } from './temporary.ts';

describe('records', () => {
  test('are numbered per UTC day and linked to the one before', async () => {
    const { store } = await temporaryStore();

    const first = await store.appendRecord(aRecord({ at: '2026-11-24T23:59:59.999Z' }));
    const second = await store.appendRecord(aRecord({ at: '2026-11-25T00:00:00.000Z' }));
    const late = await store.appendRecord(aRecord({ at: '2026-11-24T23:59:59.999Z' }));

    expect([first.id, second.id, late.id]).toEqual(['2026-11-24-0001', '2026-11-25-0001', '2026-11-24-0002']);
    expect([first.seq, second.seq, late.seq]).toEqual([1, 2, 3]);
    expect(first.prevHash).toBe('0'.repeat(64));
    expect([second.prevHash, late.prevHash]).toEqual([first.hash, second.hash]);
  });

  test('hash the canonical JSON of everything else', async () => {
    const { store } = await temporaryStore();

    const record = await store.appendRecord(aRecord({ body: { b: 1, a: [] } }));

    // printf '%s' '{"actor":"U1","at":"2026-11-24T09:00:00.000Z","body":{"a":[],"b":1},"id":"2026-11-24-0001",
    // "kind":"capacity","prevHash":"0...0","seq":1}' | sha256sum  (one line, 64 zeros)
    expect(record.hash).toBe('0776c7e730ec8db4b64ebaf8801ff19c2fc77138fa921ab1fe81c74da6ed38d9');
  });

  test('come back as they were saved, newest first, by page and by actor', async () => {
    const { store } = await temporaryStore();
    const saved = [];
    for (const actor of ['U1', 'U2', 'U1', 'U1']) saved.push(await store.appendRecord(aRecord({ actor })));

    expect(await store.record('2026-11-24-0003')).toEqual(saved[2]);
    expect(await store.record('2026-11-24-0009')).toBeNull();
    expect((await store.records({ limit: 2 })).map((record) => record.seq)).toEqual([4, 3]);
    expect((await store.records({ limit: 2, before: 3 })).map((record) => record.seq)).toEqual([2, 1]);
    expect((await store.records({ limit: 9, actor: 'U1' })).map((record) => record.seq)).toEqual([4, 3, 1]);
    expect(await store.counts()).toEqual({ records: 4, latestAt: '2026-11-24T09:00:00.000Z' });
  });

  test('past the 9,999th of a day go on with five digits', async () => {
    const { store, file } = await temporaryStore();
    await store.appendRecord(aRecord());
    const raw = new Sqlite(file);
    raw.prepare("update records set id = '2026-11-24-9999'").run();
    raw.close();

    expect((await store.appendRecord(aRecord())).id).toBe('2026-11-24-10000');
    expect((await store.appendRecord(aRecord())).id).toBe('2026-11-24-10001');
  });

  test('that were edited are not handed out one by one, and do not hide the others', async () => {
    const { store, file } = await temporaryStore();
    const [edited, sound] = [await store.appendRecord(aRecord()), await store.appendRecord(aRecord())];
    const raw = new Sqlite(file);
    raw.exec("update records set actor = 'U9' where seq = 1");
    raw.close();

    await expect(store.record(edited.id)).rejects.toMatchObject({ kind: 'upstream', code: 'store_corrupt' });
    expect(await store.record(sound.id)).toEqual(sound);
    expect(await store.records({ limit: 9 })).toHaveLength(2);
  });

  test('whatever JSON they hold survives, and the chain stays intact', async () => {
    const { store } = await temporaryStore();
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), fc.string({ unit: 'binary' }), async (body, actor) => {
        const saved = await store.appendRecord(aRecord({ body: body as Json, actor }));
        const read = await store.record(saved.id);
        expect(canonicalJson(read?.body ?? null)).toBe(canonicalJson(body as Json));
        expect(read?.hash).toBe(saved.hash);
      }),
      { numRuns: 60 },
    );
    expect(await store.verifyChain()).toMatchObject({ records: 60, intact: true });
  });

  test('that name a pin nobody saved are refused and leave nothing behind', async () => {
    const { store } = await temporaryStore();
    const append = store.appendRecord(aRecord({ body: { pins: { facts: 'f'.repeat(64) } } }));
    await expect(append).rejects.toThrow('names a pin that is not saved');
    expect(await store.counts()).toEqual({ records: 0, latestAt: null });
  });

  test('without milliseconds and Z in their time are refused', async () => {
    const { store } = await temporaryStore();
    await expect(store.appendRecord(aRecord({ at: '2026-11-24 09:00' }))).rejects.toThrow('UTC time');
  });
});

describe('many verbs at once', () => {
  test('in one process neither hang nor fork the chain', async () => {
    const { store } = await temporaryStore();

    const work = Array.from({ length: 50 }, async (_, index) => {
      await store.claimDelivery(`key-${index}`, '2026-11-24T09:00:00.000Z');
      const facts = await store.savePin(`"${index % 3}"`);
      await store.appendRecord(aRecord({ body: { pins: { facts } } }));
      return store.counts();
    });
    await Promise.all(work);

    expect(await store.verifyChain()).toMatchObject({ records: 50, intact: true, firstBad: null });
  });
});

describe('pins', () => {
  test('are named by the SHA-256 of their bytes and saved once', async () => {
    const { store, file } = await temporaryStore();

    // printf '[]' | sha256sum
    const expected = '4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945';
    expect([await store.savePin('[]'), await store.savePin('[]')]).toEqual([expected, expected]);

    expect(await store.pin(expected)).toBe('[]');
    expect(await store.pin('0'.repeat(64))).toBeNull();
    const raw = new Sqlite(file);
    expect(raw.prepare('select count(*) as n from pins').get()).toEqual({ n: 1 });
    raw.prepare("update pins set body = '{}'").run();
    raw.close();
    await expect(store.pin(expected)).rejects.toMatchObject({ code: 'bug_pin_damaged', kind: 'bug' });
  });
});

describe('deliveries', () => {
  test('are claimed exactly once, over restarts too, and forgotten after an hour', async () => {
    const { store, file } = await temporaryStore();

    expect(await store.claimDelivery('a', '2026-11-24T09:00:00.000Z')).toBe(true);
    expect(await store.claimDelivery('a', '2026-11-24T09:00:01.000Z')).toBe(false);
    const other = await openStore({ databaseUrl: `sqlite:${file}` });
    expect(await other.claimDelivery('a', '2026-11-24T10:00:00.000Z')).toBe(false);
    expect(await other.claimDelivery('b', '2026-11-24T10:00:00.001Z')).toBe(true);
    // The claim of "b" came more than an hour after that of "a" and swept it away.
    expect(await other.claimDelivery('a', '2026-11-24T10:00:00.002Z')).toBe(true);
    await other.close();
  });
});
