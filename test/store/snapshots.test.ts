import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import type { ScopeResult, Store } from '../../src/deps.ts';
import type { Missed, SnapshotPart } from '../../src/engine/index.ts';
import { openStore } from '../../src/store/index.ts';
import { temporaryFolder } from './temporary.ts';

async function aStore(): Promise<{ store: Store; file: string }> {
  const file = join(temporaryFolder(), 'test.db');
  const store = await openStore({ databaseUrl: `sqlite:${file}` });
  onTestFinished(() => store.close());
  return { store, file };
}

const at = (time: string): string => `2026-11-24T${time}.000Z`;
const ACCOUNTS = [{ id: '111122223333', name: 'head-nodes', regions: ['eu-west-1'], payer: true }];

const NO_TASKS = { fargate: 0, 'fargate-spot': 0, 'managed-instances': 0, asg: 0, external: 0 };

/** The cluster `rose` with services of these names, read with or without a miss. */
function rose(services: readonly string[], missed: readonly Missed[] = []): ScopeResult {
  const part = {
    kind: 'services',
    services: services.map((name) => ({ name })),
    taskDefinitions: [],
    tasks: [],
  } as unknown as SnapshotPart;
  const place = { account: '111122223333', region: 'eu-west-1' };
  return {
    scope: { ...place, cluster: 'rose' },
    parts: [{ shard: 0, part }],
    cluster: { ...place, name: 'rose', services: services.length, tasks: 0, containerInstances: 0, census: NO_TASKS },
    missed,
  };
}

/** A whole scan from begin to finish. */
async function scanned(store: Store, results: readonly ScopeResult[], time: string) {
  const begun = await store.beginScan(time);
  if (begun === null) throw new Error('another scan is under way');
  for (const result of results) await store.saveScope(begun.id, result, time);
  return store.finishScan(begun.id, { accounts: ACCOUNTS, at: time });
}

test('a scan can be read when it is finished, and not before', async () => {
  const { store } = await aStore();
  const begun = await store.beginScan(at('09:00:00'));
  await store.saveScope(begun?.id ?? '', rose(['quant-api']), at('09:00:01'));
  expect(await store.latestSnapshot()).toBeNull();

  const { head } = await store.finishScan(begun?.id ?? '', { accounts: ACCOUNTS, at: at('09:00:02') });

  expect(await store.latestSnapshot()).toEqual(head);
  expect(head).toMatchObject({ startedAt: at('09:00:00'), takenAt: at('09:00:02'), accounts: ACCOUNTS, missed: [] });
  expect(head.clusters.map(({ name, services }) => [name, services])).toEqual([['rose', 1]]);
  expect(await store.part(head.parts[0]?.sha256 ?? '')).toMatchObject({ services: [{ name: 'quant-api' }] });
});

test('one scan at a time: a second one is refused while the first gives signs of life', async () => {
  const { store } = await aStore();
  const first = await store.beginScan(at('09:00:00'));
  expect(await store.beginScan(at('09:00:14'))).toBeNull();
  await store.saveProgress(first?.id ?? '', null, at('09:00:14'));
  expect(await store.beginScan(at('09:00:28'))).toBeNull();
  expect((await store.scanUnderWay(at('09:00:28')))?.id).toBe(first?.id);
  // 15 s after the last sign it is taken for dead.
  expect(await store.scanUnderWay(at('09:00:29'))).toBeNull();
  expect((await store.beginScan(at('09:00:29')))?.id).toBe(first?.id);
});

test('a killed scan is taken over with the scopes that it read without a miss', async () => {
  const { store } = await aStore();
  const begun = await store.beginScan(at('09:00:00'));
  const id = begun?.id ?? '';
  const missed = [{ account: '111122223333', region: 'eu-west-1', what: 'cluster tulip services', code: 'throttled' }];
  const tulip = { ...rose([], missed), scope: { account: '111122223333', region: 'eu-west-1', cluster: 'tulip' } };
  await store.saveScope(id, rose(['quant-api']), at('09:00:01'));
  await store.saveScope(id, tulip, at('09:00:02'));

  const again = await store.beginScan(at('09:05:00'));

  expect(again).toEqual({ id, resumed: [{ account: '111122223333', region: 'eu-west-1', cluster: 'rose' }] });
  await store.saveScope(id, { ...tulip, missed: [] }, at('09:05:01'));
  const { head } = await store.finishScan(id, { accounts: ACCOUNTS, at: at('09:05:02') });
  expect(head.missed).toEqual([]);
  expect(head.startedAt).toBe(at('09:00:00'));
});

test('what a scan read more than an hour ago is read again', async () => {
  const { store } = await aStore();
  const first = await store.beginScan(at('09:00:00'));
  await store.saveScope(first?.id ?? '', rose(['quant-api']), at('09:00:01'));
  const second = await store.beginScan(at('10:00:01'));
  expect(second?.resumed).toEqual([]);
  expect(second?.id).not.toBe(first?.id);
});

test('a second scan of an unchanged estate writes one row: its head', async () => {
  const { store } = await aStore();
  const first = await scanned(store, [rose(['a', 'b'])], at('09:00:00'));
  const second = await scanned(store, [rose(['a', 'b'])], at('10:00:00'));
  const third = await scanned(store, [rose(['a', 'b', 'c'])], at('11:00:00'));
  expect([first, second, third].map(({ rowsWritten }) => rowsWritten)).toEqual([2, 1, 2]);
  expect(second.head.id).not.toBe(first.head.id);
  expect(second.head.parts).toEqual(first.head.parts);
});

test('a part whose bytes were changed, or that is gone, is never taken for data', async () => {
  const { store, file } = await aStore();
  const { head } = await scanned(store, [rose(['quant-api'])], at('09:00:00'));
  const raw = new Sqlite(file);
  raw.exec(`update parts set body = replace(body, 'quant-api', 'quant-apj')`);
  raw.close();
  const sha256 = head.parts[0]?.sha256 ?? '';
  await expect(store.part(sha256)).rejects.toMatchObject({ code: 'store_corrupt' });
  await expect(store.part('0'.repeat(64))).rejects.toMatchObject({ code: 'store_corrupt' });
});

test('snapshots go after two weeks with the parts that nothing names any more, unless a record names them', async () => {
  const { store } = await aStore();
  const named = await scanned(store, [rose(['named'])], '2026-11-01T09:00:00.000Z');
  const old = await scanned(store, [rose(['old'])], '2026-11-02T09:00:00.000Z');
  await store.pinSnapshot(named.head.id);

  await scanned(store, [rose(['new'])], '2026-11-24T09:00:00.000Z');

  const part = (head: typeof named.head) => store.part(head.parts[0]?.sha256 ?? '');
  expect(await part(named.head)).toMatchObject({ services: [{ name: 'named' }] });
  await expect(part(old.head)).rejects.toMatchObject({ code: 'store_corrupt' });
});

test('revisions of task definitions are kept for ever and found by ARN, in any number', async () => {
  const { store } = await aStore();
  const many = Array.from({ length: 1_203 }, (_, index) => ({ arn: `arn:${index}`, family: 'f', revision: index }));
  await store.saveTaskDefinitions(many as never);
  await store.saveTaskDefinitions(many.slice(0, 2) as never);
  const known = await store.knownTaskDefinitions([...many.map(({ arn }) => arn), 'arn:unknown']);
  expect(known.size).toBe(1_203);
  expect(known.get('arn:1202')).toMatchObject({ revision: 1_202 });
});

test('paid requests are counted by month and stop at the cap', async () => {
  const { store } = await aStore();
  const granted = [];
  for (let tries = 0; tries < 4; tries += 1) granted.push(await store.countPaidRequest('2026-11', 3));
  expect(granted).toEqual([true, true, true, false]);
  expect(await store.paidRequests('2026-11')).toBe(3);
  expect(await store.countPaidRequest('2026-12', 3)).toBe(true);
});

test('one process asks a paid question; the right to ask comes back when it is done, or after a minute', async () => {
  const { store } = await aStore();
  expect(await store.leasePaid('bill', at('09:00:00'))).toBe(true);
  expect(await store.leasePaid('bill', at('09:00:59'))).toBe(false);
  expect(await store.leasePaid('bill', at('09:01:00'))).toBe(true);
  await store.releasePaid('bill');
  expect(await store.leasePaid('bill', at('09:01:01'))).toBe(true);
  await store.savePaidAnswer('bill 2026-11-01', [{ usd: '1' }], at('09:01:02'));
  expect(await store.paidAnswer('bill 2026-11-01')).toEqual({ body: [{ usd: '1' }], at: at('09:01:02') });
  expect(await store.paidAnswer('bill 2026-11-02')).toBeNull();
});
