import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nanoUsd, type RightsizeResult, rightsizeCluster, type TaskSize } from '../../src/engine/index.ts';
import { aDefinition, aFactBook, aRegion, aService, aView, NOW, prices } from './cost-builders.ts';

const RUNS = { numRuns: 300 };

const legal: readonly TaskSize[] = (
  aFactBook().get('fargate.sizes').value as unknown as readonly { cpuUnits: number; memoryMiB: readonly number[] }[]
).flatMap(({ cpuUnits, memoryMiB }) => memoryMiB.map((memory) => ({ cpuUnits, memoryMiB: memory })));

const arbUse = fc
  .record({ p95: fc.integer({ min: 0, max: 1000 }), over: fc.integer({ min: 0, max: 400 }) })
  .map(({ p95, over }) => ({ p95: p95 / 10, maximum: Math.min(100, (p95 + over) / 10) }));
const arbCase = fc.record({ from: fc.constantFrom(...legal), cpu: arbUse, memory: arbUse });
type Case = typeof arbCase extends fc.Arbitrary<infer T> ? T : never;

function rightsize({ from, cpu, memory }: Case, marginPercent: number): RightsizeResult {
  return rightsizeCluster({
    view: aView({
      services: [aService('api', { desiredCount: 7 })],
      taskDefinitions: [aDefinition('api', from)],
      utilisation: [
        {
          service: 'api',
          from: '2026-11-10T12:00:00.000Z',
          to: NOW,
          cpuPercent: cpu,
          memoryPercent: memory,
          taskMinutes: [{ day: '2026-11-20', minutes: 100_000 }],
        },
      ],
    }),
    region: aRegion(),
    prices,
    facts: aFactBook(),
    now: NOW,
    marginPercent,
    minimumSaving: { percent: 0, usdPerMonth: 0 },
  });
}

/** USD an hour in floating point: apart from the engine's arithmetic. */
const price = ({ cpuUnits, memoryMiB }: TaskSize): number => (cpuUnits * 0.04048 + memoryMiB * 0.004445) / 1024;

test('the size advised is the cheapest legal one that holds the need, found by trying all', () => {
  fc.assert(
    fc.property(arbCase, (given) => {
      const { from, cpu, memory } = given;
      const cpuNeed = (from.cpuUnits * cpu.p95 * 1.2) / 100;
      const memoryNeed = (from.memoryMiB * Math.max(memory.p95 * 1.2, memory.maximum * 1.1)) / 100;
      const isTight = { cpu: cpu.p95 >= 90, memory: memory.maximum >= 90 };
      const need = {
        cpuUnits: isTight.cpu ? Math.max(from.cpuUnits, cpuNeed) : Math.min(from.cpuUnits, cpuNeed),
        memoryMiB: isTight.memory ? Math.max(from.memoryMiB, memoryNeed) : Math.min(from.memoryMiB, memoryNeed),
      };
      const holding = legal.filter(
        (size) => size.cpuUnits >= need.cpuUnits - 1e-6 && size.memoryMiB >= need.memoryMiB - 1e-6,
      );
      const cheapest = Math.min(...holding.map(price));
      const result = rightsize(given, 20);
      const [row] = result.rows;

      // Only when nothing is large enough is there no advice where some is needed.
      if (row === undefined) {
        expect(holding.length === 0 || cheapest > price(from) - 1e-9).toBe(true);
        expect(result.nothingToDo).toBe(1);
        return;
      }
      expect(legal).toContainEqual(row.to);
      expect(price(row.to)).toBeCloseTo(cheapest, 9);
      expect(Number(row.usdPerMonthSaved)).toBeCloseTo(7 * 730 * (price(from) - price(row.to)), 6);
    }),
    RUNS,
  );
});

test('a wider margin never saves more, unless no legal size is large enough for it', () => {
  fc.assert(
    fc.property(arbCase, fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 60 }), (given, a, b) => {
      const row = (margin: number) => rightsize(given, margin).rows[0];
      const saved = (margin: number): bigint => nanoUsd(row(margin)?.usdPerMonthSaved ?? '0');
      const [narrow, wide] = [Math.min(a, b), Math.max(a, b)];
      // A tight task that wants more than the largest size gets no advice, where a narrow margin still advised a dearer one.
      const isBeyondAll = saved(narrow) < 0n && row(wide) === undefined;

      expect(isBeyondAll || saved(wide) <= saved(narrow)).toBe(true);
    }),
    RUNS,
  );
});
