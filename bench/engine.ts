import { openLibrary } from '../src/data.ts';
import { type CapacityQuestion, chooseCapacity, NEEDS } from '../src/engine/index.ts';
import { type Figure, percentile } from './figures.ts';

const QUESTIONS = 1_000;
const WARM_UP = 100;
const SEED = 20261124;

/** Time of the engine for a thousand random questions, one after the other, in one warm process. */
export function measureEngine(): readonly Figure[] {
  const library = openLibrary();
  const region = 'us-east-1';
  const world = { facts: library.facts, prices: library.prices(region) };
  const random = generator(SEED);
  const questions = Array.from({ length: QUESTIONS + WARM_UP }, () => randomQuestion(random, region));
  const times = questions.map((question) => {
    const startedAt = performance.now();
    chooseCapacity(world, question);
    return performance.now() - startedAt;
  });
  const warm = times.slice(WARM_UP);
  return [
    {
      what: `\`capacity\` in the engine, ${QUESTIONS} random questions, p50`,
      value: percentile(warm, 0.5),
      unit: 'ms',
      target: null,
    },
    { what: '... p95', value: percentile(warm, 0.95), unit: 'ms', target: 50 },
    { what: '... slowest', value: percentile(warm, 1), unit: 'ms', target: null },
  ];
}

/** Whole numbers from 0 up to `below`, the same sequence for the same seed (a linear congruential generator). */
function generator(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function randomQuestion(random: (below: number) => number, region: string): CapacityQuestion {
  const pick = <T>(values: readonly [T, ...T[]]): T => values[random(values.length)] ?? values[0];
  const cpuUnits = pick([256, 512, 1024, 2048, 4096, 8192, 16_384, 49_152]);
  const gpu = random(20) === 0 ? { name: null, count: 1 + random(2) } : null;
  const need = NEEDS[random(NEEDS.length)];
  return {
    cpuUnits,
    memoryMiB: Math.max(512, cpuUnits * pick([1, 2, 4, 8])),
    tasks: 1 + random(500),
    batch:
      random(2) === 0
        ? null
        : {
            perDay: 1 + random(50_000),
            runSeconds: 1 + random(600),
            pullSeconds: random(60),
            windowSeconds: pick([3_600, 10_800, 28_800, 86_400]),
            arrivals: pick(['poisson', 'uniform']),
          },
    region,
    asOf: pick(['2025-12-04', '2026-06-30', '2026-11-24']),
    architecture: gpu === null ? pick(['x86_64', 'arm64']) : 'x86_64',
    cpuManufacturer: null,
    needs: random(5) === 0 && need !== undefined ? [need] : [],
    gpu,
    neuron: null,
    interruptible: random(2) === 0,
    isolation: random(20) === 0 ? 'task' : 'none',
    storageGiB: random(4) === 0 ? 20 + random(200) : null,
    publicIp: false,
    retryFraction: '0',
    scaleInAfterSeconds: pick([null, 0, 300, 3_600, -1]),
    targetCapacityPercent: 100,
    rootGiB: 30,
    minInstances: null,
    daemonCpuUnits: 0,
    daemonMemoryMiB: 0,
    burstable: false,
    types: null,
    commitments: { savingsPlanUsdPerHour: null, savingsPlanTerm: '1y', reserved: [] },
    quotas: [],
    minimumSaving: { percent: 10, usdPerMonth: 25 },
  };
}
