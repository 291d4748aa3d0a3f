import { openStore } from '../../src/store/index.ts';

/**
 * Appends records to a database until it has made `count` of them, each with a pin, and prints each id once the
 * append has returned. Started by tests as a process of its own, so that it can be killed.
 */
const [databaseUrl, count, actor] = process.argv.slice(2);
if (databaseUrl === undefined || count === undefined || actor === undefined) throw new Error('usage: url count actor');

const store = await openStore({ databaseUrl });
for (let index = 1; index <= Number(count); index += 1) {
  const facts = await store.savePin(JSON.stringify({ actor, index }));
  const body = { question: { tasks: index }, answer: 'x'.repeat(index * 10), pins: { facts } };
  const record = await store.appendRecord({ at: '2026-11-24T09:00:00.000Z', kind: 'capacity', actor, body });
  process.stdout.write(`${record.id}\n`);
}
await store.close();
