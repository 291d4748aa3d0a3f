import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { type ConsolidateInput, consolidate, type LpMaker, type RunningInstance } from '../../src/engine/index.ts';
import { openLp } from '../../src/solver/highs.ts';

let lp: LpMaker;
beforeAll(async () => {
  lp = await openLp();
});

const SIZES = [
  [1, 2],
  [2, 3],
  [2, 8],
  [4, 4],
];
const TYPES = [
  { name: 'c8', cap: [8, 16, 9], cost: 34n },
  { name: 'm8', cap: [8, 32, 9], cost: 40n },
  { name: 'r16', cap: [16, 128, 19], cost: 104n },
  { name: 'm16', cap: [16, 64, 19], cost: 80n },
  { name: 'old16', cap: [16, 64, 19], cost: 90n },
];
const ANYWHERE = { perInstance: null, perWave: null, types: null, azs: null };

/** Some 6 to 24 instances in two zones, each filled in any order with tasks of four services up to some share. */
const arbHalfEmpty: fc.Arbitrary<ConsolidateInput> = fc
  .array(
    fc.record({
      type: fc.nat(TYPES.length - 1),
      zone: fc.nat(1),
      wanted: fc.array(fc.nat(SIZES.length - 1), { minLength: 1, maxLength: 8 }),
    }),
    { minLength: 6, maxLength: 24 },
  )
  .map((rows) => {
    const instances = rows.map(({ type, zone, wanted }, at): RunningInstance => {
      const { name, cap } = TYPES[type] ?? { name: '', cap: [] as readonly number[] };
      const used = [0, 0, 0];
      const tasks: { [service: string]: number } = {};
      for (const s of wanted) {
        const req = [...(SIZES[s] ?? []), 1];
        if (!req.every((size, r) => (used[r] ?? 0) + size <= (cap[r] ?? 0))) continue;
        req.forEach((size, r) => {
          used[r] = (used[r] ?? 0) + size;
        });
        tasks[`s${s}`] = (tasks[`s${s}`] ?? 0) + 1;
      }
      const free = { covered: false, pinned: null, accepts: true, cap: null };
      return { ...free, id: `i-${10 + at}`, type: name, az: `z${zone}`, tasks };
    });
    const services = SIZES.map((req, s) => {
      const id = `s${s}`;
      const desired = instances.reduce((sum, { tasks }) => sum + (tasks[id] ?? 0), 0);
      const moveCost = s === 3 ? 2 : 1;
      return { id, req: [...req, 1], desired, spreadAz: true, moveCost, ...ANYWHERE };
    });
    return {
      resources: ['cpu', 'memory', 'slots'],
      azs: ['z0', 'z1'],
      types: TYPES.map((type) => ({ ...type, mayLaunch: true })),
      services,
      instances,
      policy: { azSpreadMaxSkew: 1, maxDrainFractionPerWave: 0.2, minInstances: 0 },
    };
  });

/**
 * What anybody would do: instances in order of their price per move, each closed if its tasks fit first-fit (in order of name) into the free
 * room of its zone. Cost and weighted moves after each that was closed.
 */
function oneByOne({ instances, types, services }: ConsolidateInput) {
  const typeOf = new Map(types.map((type) => [type.name, type]));
  const serviceOf = new Map(services.map((service) => [service.id, service]));
  const open = instances.map(({ type, az, tasks }) => ({
    az,
    price: typeOf.get(type)?.cost ?? 0n,
    room: (typeOf.get(type)?.cap ?? []).map((cap, r) =>
      Object.entries(tasks).reduce((rest, [id, count]) => rest - count * (serviceOf.get(id)?.req[r] ?? 0), cap),
    ),
    held: Object.entries(tasks)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([id, count]) => Array.from({ length: count }, () => id)),
  }));
  const weightOf = (held: readonly string[]): number =>
    held.reduce((sum, id) => sum + (serviceOf.get(id)?.moveCost ?? 0), 0);
  const rate = (row: (typeof open)[number]): number => Number(row.price) / (1 + weightOf(row.held));
  let [cost, moves] = [open.reduce((sum, { price }) => sum + price, 0n), 0];
  const points: { readonly moves: number; readonly cost: bigint }[] = [];
  for (const row of [...open].sort((a, b) => rate(b) - rate(a))) {
    const others = open.filter((other) => other !== row && other.az === row.az);
    const landed: { readonly on: (typeof open)[number]; readonly id: string; readonly req: readonly number[] }[] = [];
    const takes = (on: (typeof open)[number], req: readonly number[], sign: number): void => {
      for (const [r, size] of req.entries()) on.room[r] = (on.room[r] ?? 0) - sign * size;
    };
    for (const id of row.held) {
      const req = serviceOf.get(id)?.req ?? [];
      const on = others.find(({ room }) => req.every((size, r) => size <= (room[r] ?? 0)));
      if (on === undefined) break;
      takes(on, req, 1);
      landed.push({ on, id, req });
    }
    if (landed.length < row.held.length) {
      for (const { on, req } of landed) takes(on, req, -1);
      continue;
    }
    for (const { on, id } of landed) on.held.push(id);
    open.splice(open.indexOf(row), 1);
    cost -= row.price;
    moves += weightOf(row.held);
    points.push({ moves, cost });
  }
  return points;
}

test('a plan with as many moves is never dearer than closing instances one by one, most money for their moves first', () => {
  fc.assert(
    fc.property(arbHalfEmpty, (input) => {
      const points = oneByOne(input);
      for (const { moves, cost } of [points[0], points[points.length >> 1], points.at(-1)].filter(
        (p) => p !== undefined,
      )) {
        const wish = { kind: 'max-moves', weightedMoves: moves } as const;
        const answer = consolidate(input, wish, lp, { work: 150, stop: () => false });

        expect(answer.costAfter <= cost, `${answer.costAfter} with ${moves} moves, one by one ${cost}`).toBe(true);
      }
    }),
    { numRuns: 12, endOnFailure: true, seed: 20_261_124 },
  );
});
