import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Store } from '../../src/deps.ts';
import { openStore } from '../../src/store/index.ts';
import { temporaryStore } from '../store/temporary.ts';
import { type Action, ModelWorld } from './model-world.ts';

const number = fc.nat(11);
/** Places in the list of people: approvers more often than the requester and a stranger. */
const who = fc.constantFrom(0, 1, 1, 2, 2, 3, 3, 4);
const sometimes = fc.constantFrom(true, false, false, false);
const process = fc.constantFrom(0 as const, 1 as const);
/** An apply has some sixty moments; most processes live. */
const kill = fc.option(fc.nat(60), { freq: 1 });

const click = fc.record({
  do: fc.constant('click' as const),
  which: number,
  who,
  verdict: fc.constantFrom(
    'approve' as const,
    'approve' as const,
    'approve' as const,
    'approve' as const,
    'approve' as const,
    'approve' as const,
    'reject' as const,
    'snooze' as const,
  ),
  drawn: fc.constantFrom(
    'now' as const,
    'now' as const,
    'now' as const,
    'now' as const,
    'now' as const,
    'now' as const,
    'now' as const,
    'now' as const,
    'before' as const,
    'never' as const,
  ),
  team: fc.constantFrom('T1', 'T1', 'T1', 'T1', 'T1', 'T1', 'T1', 'T1', 'T2'),
  on: process,
  kill,
  applies: fc.constantFrom(true, true, false),
});
const propose = fc.record({
  do: fc.constant('propose' as const),
  kind: number,
  who: number,
  quorum: fc.constantFrom(1 as const, 2 as const),
  on: process,
});
const others: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ do: fc.constant('race' as const), which: number, who: fc.tuple(who, who) }),
  fc.record({ do: fc.constant('sweep' as const), on: fc.constantFrom(0 as const, 1 as const, 'both' as const), kill }),
  // From a minute to a day and a half: leases, snoozes and proposals run out.
  fc.record({ do: fc.constant('pass' as const), minutes: fc.constantFrom(1, 1, 3, 3, 3, 60, 60, 600, 1500) }),
  fc.record({ do: fc.constant('group' as const), isIn: fc.boolean() }),
  fc.record({ do: fc.constant('freeze' as const), on: sometimes }),
  fc.record({ do: fc.constant('readOnly' as const), on: sometimes }),
  fc.record({
    do: fc.constant('mood' as const),
    mood: fc.constantFrom(
      'well' as const,
      'well' as const,
      'deny' as const,
      'throttle' as const,
      'lose-request' as const,
      'lose-answer' as const,
    ),
  }),
  fc.record({ do: fc.constant('meddle' as const), which: number }),
);
const actions = fc
  .tuple(
    propose,
    fc.array(
      fc.oneof({ weight: 2, arbitrary: propose }, { weight: 6, arbitrary: click }, { weight: 6, arbitrary: others }),
      { minLength: 5, maxLength: 14 },
    ),
  )
  .map(([first, rest]): readonly Action[] => [first, ...rest]);

/** Runs that many sequences on two stores, says how the proposals ended, and checks the log. */
async function check(stores: readonly [Store, Store], sequences: number): Promise<void> {
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(actions, async (sequence) => {
      const world = new ModelWorld(stores);
      for (const action of sequence) await world.run(action);
      await world.settle();
      answered += world.answered;
    }),
    { numRuns: sequences },
  );
  const ends = new Map<string, number>();
  for (const { state } of await stores[0].proposals()) ends.set(state, (ends.get(state) ?? 0) + 1);
  console.log(`${sequences} sequences, ${answered} clicks answered, proposals: ${JSON.stringify([...ends])}`);
  expect([...ends.keys()].sort()).toEqual(expect.arrayContaining(['applied', 'expired', 'rejected']));
  // Every answered click is in the log, taken or refused.
  const clicks = (await everyKind(stores[0])).get('click') ?? 0;
  expect(clicks).toBeGreaterThanOrEqual(answered);
  expect((await stores[0].verifyChain()).intact).toBe(true);
}

describe('whatever happens, nothing is applied without quorum, twice, or too late, and nothing is lost:', () => {
  // In memory, because a thousand sequences on a disk are a minute of waiting for it; and on ten stores, because every
  // sweep looks at all proposals that the store has ever had.
  test('a thousand sequences', { timeout: 600_000 }, async () => {
    for (let round = 0; round < 10; round += 1) {
      const store = await openStore({ databaseUrl: 'sqlite::memory:' });
      onTestFinished(() => store.close());
      await check([store, store], 100);
    }
  });

  test('two processes on one file', { timeout: 600_000 }, async () => {
    const { store, file } = await temporaryStore();
    const second = await openStore({ databaseUrl: `sqlite:${file}` });
    onTestFinished(() => second.close());
    await check([store, second], 50);
  });
});

async function everyKind(store: Store): Promise<ReadonlyMap<string, number>> {
  const kinds = new Map<string, number>();
  for (let before: number | undefined; ; ) {
    const page = await store.records({ limit: 1000, ...(before === undefined ? {} : { before }) });
    for (const { kind } of page) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    before = page.at(-1)?.seq;
    if (page.length < 1000 || before === undefined) return kinds;
  }
}
