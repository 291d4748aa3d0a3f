/** Two instances at $0.20 hold one task each; either holds both. */
export const CONSOLIDATE_FILE = {
  format: 'ecs-consolidate/1',
  money: 'nanoUSDperHour',
  resources: ['cpuUnits', 'memoryMiB'],
  azs: ['a', 'b'],
  types: [{ name: 'm7a.xlarge', cap: [3968, 15_104], cost: 200_000_000 }],
  services: [{ id: 'web', req: [1024, 2048], desired: 2, spreadAz: 0, moveCost: 1 }],
  instances: [
    { id: 'i-1', type: 'm7a.xlarge', az: 'a', covered: false, hasProtectedTask: false, tasks: { web: 1 } },
    { id: 'i-2', type: 'm7a.xlarge', az: 'a', covered: false, hasProtectedTask: true, tasks: { web: 1 } },
  ],
  policy: { azSpreadMaxSkew: 1, maxDrainFractionPerWave: 0.1 },
};
