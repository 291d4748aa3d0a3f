import { beforeAll, expect, test } from 'vitest';
import {
  askProviders,
  type Lately,
  type LpMaker,
  managedAdvice,
  type PackInput,
  type ProviderAdvice,
  packCapacity,
} from '../../src/engine/index.ts';
import { openLp } from '../../src/solver/highs.ts';
import {
  aContainerInstance,
  aDefinition,
  aFactBook,
  aManagedProvider,
  anInstance,
  aRegion,
  aService,
  aTask,
  aView,
  instanceArn,
  NOW,
  prices,
} from './cost-builders.ts';

let lp: LpMaker;
beforeAll(async () => {
  lp = await openLp();
});

const NOTHING: Lately = { knownSince: null, received: [], left: [], settings: [] };

/** Three c6a.2xlarge with one task on the first, in reservations or not. */
function adviceOn(changes: {
  readonly seconds: number | null;
  readonly reserved: readonly boolean[];
  readonly lately?: Lately;
}): ProviderAdvice {
  const { seconds, reserved, lately = NOTHING } = changes;
  const provider = { ...aManagedProvider('reserved'), scaleInAfterSeconds: seconds } as ReturnType<
    typeof aManagedProvider
  >;
  const ids = reserved.map((_, n) => `i-${n}`);
  const view = aView({
    providers: [provider],
    containerInstances: ids.map((id) => aContainerInstance(id, { capacityProvider: provider.name })),
    services: [aService('web')],
    taskDefinitions: [aDefinition('web')],
    tasks: [aTask('web', { containerInstance: instanceArn('i-0') })],
  });
  const instances = ids.map((id, n) => anInstance(id, { capacityReservationId: reserved[n] === true ? 'cr-1' : null }));
  const facts = aFactBook();
  const guardrails = { protectedServices: [], coolDownHours: 24, largestShare: 1 };
  const question = { view, region: aRegion({ instances }), prices, facts, now: NOW, guardrails, lately };
  const [asked] = askProviders(question).providers;
  if (asked?.kind !== 'managed-instances') throw new Error('not asked');
  const input: PackInput = asked.input;
  const answer = packCapacity(input, lp, { work: 20, stop: () => false });
  if (answer.kind !== 'packed') throw new Error('not packed');
  return managedAdvice(asked, answer, { minimum: { percent: 0, usdPerMonth: 0 }, facts });
}

test('capacity that is paid for stays: consolidation is to be switched off, and what that costs is said', () => {
  const advice = adviceOn({ seconds: null, reserved: [true, true, true] });
  expect(advice).toMatchObject({
    verdict: 'keep-paid',
    advice: [{ setting: 'scaleInAfter', from: null, to: -1 }],
    instances: 3,
    instancesAfter: 3,
    usdPerMonthSaved: '0',
    // c6a.2xlarge 0.306 an hour, fee 12 % of it: 3 x 0.03672; the 0.306 itself is paid either way.
    usdPerHourBefore: '0.11016',
    usdPerHourAfter: '0.11016',
  });
  // Two of three are not needed: 2 x 0.03672 x 730 = 53.61.
  expect(advice.risks.at(-1)).toBe(
    'the 2 instances that the tasks do not need now go on costing about $54 a month in fees and volumes',
  );
});

test('nothing is advised where it is off already, and nothing is kept that is bought on demand', () => {
  expect(adviceOn({ seconds: -1, reserved: [true, true, true] })).toMatchObject({ verdict: 'no-lever', advice: [] });
  const mixed = adviceOn({ seconds: -1, reserved: [true, false, true] });
  expect(mixed).toMatchObject({ verdict: 'save', advice: [{ from: -1, to: 300 }] });
  expect(mixed.notes).toEqual([]);
});

test('a setting that somebody has just changed is left alone, and the notes say until when', () => {
  const settings = [
    { provider: 'mi-reserved', from: 300, to: -1, by: '2026-11-24T08:00:00.000Z', until: '2026-11-25T08:00:00.000Z' },
  ];
  const advice = adviceOn({ seconds: -1, reserved: [false, false], lately: { ...NOTHING, settings } });
  expect(advice).toMatchObject({ verdict: 'cooling-down', advice: [], instancesAfter: 2 });
  expect(advice.notes).toEqual([
    'scaleInAfter went from 300 to -1 by 2026-11-24 08:00 UTC: cool-down until 2026-11-25 08:00 UTC',
  ]);
  const kept = adviceOn({ seconds: 300, reserved: [true, true], lately: { ...NOTHING, settings } });
  expect(kept.advice).toEqual([]);
});
