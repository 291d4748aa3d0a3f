import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { openStore } from '../../src/store/index.ts';
import { anEstate, type Estate, NOW } from '../support/estate.ts';
import { environmentOf, inTerminal, startProduct } from '../support/product.ts';

const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

async function scanInTerminal(estate: Estate) {
  const printed: unknown = JSON.parse(await inTerminal(estate, 'scan', '--json'));
  return printed as { readonly snapshot: { readonly missed: readonly unknown[] }; readonly resumed: number };
}

/** Waits until `holds`, looking again and again; a condition, never a duration, ends it. */
async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await holds())) await wait(50);
}

test('killed in the middle, a scan leaves nothing half to read, and the next one takes over what was whole', async () => {
  const estate = await anEstate();
  const store = await openStore({ databaseUrl: estate.databaseUrl });
  // One region never answers about its services, so that the scan is still under way when the rest is saved.
  estate.aws.addFault({
    match: { region: 'us-east-1', operation: 'ListServices' },
    answer: { kind: 'silence' },
    times: 1,
  });
  const child = startProduct(['scan'], environmentOf(estate));
  children.push(child);
  const isSaved = async (): Promise<boolean> => {
    const state = await store.scanUnderWay(new Date().toISOString());
    return (state?.progress?.done ?? 0) >= 3;
  };
  await until(isSaved);

  child.kill('SIGKILL');
  await once(child, 'exit');

  expect(await store.latestSnapshot()).toBeNull();
  const begun = estate.aws.journal.length;
  // Only once its heartbeat is old is a scan taken for dead: nobody takes over from a process that lives.
  await until(async () => (await store.scanUnderWay(new Date().toISOString())) === null);
  const { snapshot, resumed } = await scanInTerminal(estate);

  expect(resumed).toBeGreaterThanOrEqual(3);
  expect(snapshot.missed).toEqual([]);
  const again = estate.aws.journal.slice(begun).filter(({ operation }) => operation === 'ListServices');
  expect(again.map(({ region }) => region)).toEqual(['us-east-1']);
  const head = await store.latestSnapshot();
  expect(head?.clusters.map(({ name }) => name).sort()).toEqual(['daisy', 'orchid', 'rose', 'tulip']);
  await store.close();
}, 120_000);

test('a second scan with nothing changed writes its head alone, and asks for no revision and no metric again', async () => {
  let now = NOW;
  const estate = await anEstate({ now: () => now });
  await estate.scan();
  now = new Date(NOW.getTime() + 60_000);
  const before = new Map(estate.aws.counts);
  const second = await estate.scan();
  expect(second.rowsWritten).toBe(1);
  for (const operation of ['ecs:DescribeTaskDefinition', 'cloudwatch:GetMetricData']) {
    expect([operation, estate.aws.counts.get(operation)]).toEqual([operation, before.get(operation)]);
  }
});

test('what one scan missed and the next one reads is whole again', async () => {
  const estate = await anEstate();
  estate.aws.addFault({
    match: { account: estate.world.payer, operation: 'DescribeServices' },
    answer: { kind: 'access-denied' },
    times: Number.POSITIVE_INFINITY,
  });
  const first = await estate.scan();
  expect(first.head.missed).toEqual([
    {
      account: estate.world.payer,
      region: 'eu-west-1',
      what: expect.stringContaining('cluster rose'),
      code: 'access-denied',
    },
  ]);
  // Not zero: the cluster's own counter says how many there are.
  expect(first.head.clusters.find(({ name }) => name === 'rose')?.services).toBeGreaterThan(20);

  estate.aws.clearFaults();
  const second = await estate.scan();
  expect(second.head.missed).toEqual([]);
});
