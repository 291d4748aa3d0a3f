import type { Batch, CapacityQuestion } from '../../src/engine/index.ts';

/** A steady question with every default filled in; tests say only what matters to them. */
export function aQuestion(changes: Partial<CapacityQuestion> = {}): CapacityQuestion {
  return {
    cpuUnits: 1024,
    memoryMiB: 2048,
    tasks: 1,
    batch: null,
    region: 'us-east-1',
    asOf: '2026-11-24',
    architecture: 'x86_64',
    cpuManufacturer: null,
    needs: [],
    gpu: null,
    neuron: null,
    interruptible: false,
    isolation: 'none',
    storageGiB: null,
    publicIp: false,
    retryFraction: '0',
    scaleInAfterSeconds: null,
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
    ...changes,
  };
}

/** The night batch of design 3.2: 20,000 starts between 01:00 and 04:00, 40 s run, 25 s pull. */
export function aBatch(changes: Partial<Batch> = {}): Batch {
  return { perDay: 20_000, runSeconds: 40, pullSeconds: 25, windowSeconds: 10_800, arrivals: 'poisson', ...changes };
}
