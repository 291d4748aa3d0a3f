import { expect, test } from 'vitest';
import { openLibrary } from '../../src/data.ts';
import { type CapacityQuestion, chooseCapacity } from '../../src/engine/index.ts';
import { aBatch, aQuestion } from '../support/question.ts';

const library = openLibrary();
const prices = library.prices('us-east-1');

/** First day that `capacity --as-of` reads: the launch of Fargate. */
const FIRST_DAY = '2017-11-29';

/** Every day on which a fact begins or ends, and the day before each: between two of them no fact changes. */
const days = [
  ...new Set(
    library.facts
      .flatMap(({ validFrom, validTo }) => (validTo === null ? [validFrom] : [validFrom, validTo]))
      .flatMap((day) => [new Date(Date.parse(day) - 86_400_000).toISOString().slice(0, 10), day])
      .filter((day) => day >= FIRST_DAY),
  ),
].sort();

/** Questions that between them reach every rule and every cost line. */
const questions: readonly Partial<CapacityQuestion>[] = [
  { tasks: 12, interruptible: true, publicIp: true, storageGiB: 50 },
  { batch: aBatch(), interruptible: true, needs: ['ebpf', 'avx512'] },
  { batch: aBatch({ arrivals: 'uniform' }), scaleInAfterSeconds: 0, architecture: 'arm64', interruptible: true },
  { tasks: 3, isolation: 'task', needs: ['daemon', 'placement-strategy', 'docker-volume', 'bridge-network'] },
  { gpu: { name: null, count: 1 }, needs: ['custom-ami', 'host-access', 'privileged'] },
  { neuron: { name: null, count: 1 }, interruptible: true },
  { cpuUnits: 32_768, memoryMiB: 65_536, tasks: 2 },
  {
    tasks: 20,
    commitments: {
      savingsPlanUsdPerHour: '1.5',
      savingsPlanTerm: '3y',
      reserved: [{ instanceType: 'm7i.4xlarge', count: 3 }],
    },
  },
];

test.each(days)('every kind of question has an answer as of %s', (asOf) => {
  for (const change of questions) {
    const { result } = chooseCapacity({ facts: library.facts, prices }, aQuestion({ ...change, asOf }));

    expect(result.options).toHaveLength(7);
  }
});

test('before Fargate Spot was launched it is no option, and the reason cites the fact', () => {
  const answer = chooseCapacity(
    { facts: library.facts, prices },
    aQuestion({ tasks: 12, interruptible: true, asOf: '2019-12-02' }),
  );
  const spot = answer.result.options.find(({ kind }) => kind === 'fargate-spot');

  expect(spot?.feasible).toBe(false);
  expect(spot?.reasons.map(({ fact }) => fact)).toContain('fargate-spot.architectures');
});
