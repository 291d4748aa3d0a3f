import { existsSync, readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import {
  type ConsolidateInput,
  type ConsolidateWish,
  consolidate,
  type LpMaker,
  parseConsolidate,
  type RunningInstance,
} from '../../src/engine/index.ts';
import { openLp } from '../../src/solver/highs.ts';
import { arbCluster, cheapestEnd, unsafeSteps } from './consolidate-questions.ts';

let lp: LpMaker;
beforeAll(async () => {
  lp = await openLp();
});

const KNEE: ConsolidateWish = { kind: 'knee' };
const ANY_MOVES: ConsolidateWish = { kind: 'max-moves', weightedMoves: 1_000_000 };
const ask = (input: ConsolidateInput, wish: ConsolidateWish = KNEE, work = 120) =>
  consolidate(input, wish, lp, { work, stop: () => false });

const arbWish: fc.Arbitrary<ConsolidateWish> = fc.oneof(
  fc.constant(KNEE),
  fc.integer({ min: 0, max: 12 }).map((weightedMoves): ConsolidateWish => ({ kind: 'max-moves', weightedMoves })),
  fc
    .integer({ min: 0, max: 4000 })
    .map((price): ConsolidateWish => ({ kind: 'move-price', price: BigInt(price), horizonHours: 730 })),
);

/** Types of 4 and 8 vCPU; one service of 1 vCPU; instances with so many tasks of it. */
function cluster(instances: readonly (Partial<RunningInstance> & { readonly n: number })[]): ConsolidateInput {
  return {
    resources: ['vcpu'],
    azs: ['a', 'b'],
    types: [
      { name: 'small', cap: [4], cost: 10n, mayLaunch: true },
      { name: 'large', cap: [8], cost: 18n, mayLaunch: true },
    ],
    services: [
      {
        id: 'web',
        req: [1],
        desired: instances.reduce((sum, { n }) => sum + n, 0),
        spreadAz: true,
        moveCost: 1,
        perInstance: null,
        perWave: null,
        types: null,
        azs: null,
      },
    ],
    instances: instances.map(({ n, ...rest }, at) => ({
      id: `i-${at}`,
      type: 'small',
      az: 'a',
      covered: false,
      pinned: null,
      accepts: true,
      cap: null,
      tasks: n === 0 ? {} : { web: n },
      ...rest,
    })),
    policy: { azSpreadMaxSkew: 1, maxDrainFractionPerWave: 0.1, minInstances: 0 },
  };
}

test('every wave is safe, nothing is lost, and the bound is never above the best or above the answer', () => {
  fc.assert(
    fc.property(arbCluster, arbWish, (input, wish) => {
      const answer = ask(input, wish, 60);
      const best = cheapestEnd(input);

      expect(unsafeSteps(input, answer)).toEqual([]);
      expect(answer.lowerBound <= answer.costAfter).toBe(true);
      expect(answer.costAfter <= answer.costBefore).toBe(true);
      if (best !== null) expect(answer.lowerBound <= best).toBe(true);
      if (answer.costAfter === answer.costBefore) expect(answer.waves).toEqual([]);
    }),
    { numRuns: 120 },
  );
});

test('the frontier begins with today, rises in moves, falls in cost, and holds the answer', () => {
  fc.assert(
    fc.property(arbCluster, arbWish, (input, wish) => {
      const { frontier, costBefore, costAfter, weightedMoves, stopped, lowerBound } = ask(input, wish, 60);

      expect(frontier[0]).toEqual({ weightedMoves: 0, costAfter: costBefore });
      frontier.slice(1).forEach((point, at) => {
        expect(point.weightedMoves).toBeGreaterThanOrEqual(frontier[at]?.weightedMoves ?? 0);
        expect(point.costAfter < (frontier[at]?.costAfter ?? 0n)).toBe(true);
      });
      expect(frontier).toContainEqual({ weightedMoves, costAfter });
      if (wish.kind === 'max-moves') expect(weightedMoves).toBeLessThanOrEqual(wish.weightedMoves);
      expect(stopped === 'proved').toBe(costAfter === lowerBound);
    }),
    { numRuns: 80 },
  );
});

test('a saving is taken only when it is worth its moves', () => {
  fc.assert(
    fc.property(arbCluster, fc.integer({ min: 0, max: 4000 }), (input, price) => {
      const answer = ask(input, { kind: 'move-price', price: BigInt(price), horizonHours: 730 }, 60);
      const saved = (answer.costBefore - answer.costAfter) * 730n;

      expect(saved >= BigInt(price) * BigInt(answer.weightedMoves)).toBe(true);
    }),
    { numRuns: 80 },
  );
});

test('the order of the file changes nothing, and neither does a second run', () => {
  fc.assert(
    fc.property(arbCluster, arbWish, fc.integer(), (input, wish, seed) => {
      const turned = <T>(rows: readonly T[]): readonly T[] =>
        rows.length === 0
          ? rows
          : [...rows.slice(Math.abs(seed) % rows.length), ...rows.slice(0, Math.abs(seed) % rows.length)];
      const other = {
        ...input,
        azs: turned(input.azs),
        types: turned(input.types),
        services: turned(input.services),
        instances: turned(input.instances),
      };

      expect(ask(other, wish, 40)).toEqual(ask(input, wish, 40));
    }),
    { numRuns: 40 },
  );
});

test('more work is never dearer', () => {
  fc.assert(
    fc.property(arbCluster, (input) => {
      const costs = [1, 10, 40, 120].map((work) => ask(input, ANY_MOVES, work).costAfter);

      for (const [at, cost] of costs.entries()) if (at > 0) expect(cost <= (costs[at - 1] ?? cost)).toBe(true);
    }),
    { numRuns: 40 },
  );
});

test('two half-empty instances become one', () => {
  // 2 + 2 tasks fit one instance of 4: 20 -> 10, two moves, and no plan can hold 4 tasks for less than 9 (half of 18),
  // which costs can only reach as 10.
  const answer = ask(cluster([{ n: 2 }, { n: 2 }]));

  expect(answer).toMatchObject({
    costBefore: 20n,
    costAfter: 10n,
    lowerBound: 10n,
    weightedMoves: 2,
    stopped: 'proved',
  });
  expect(answer.waves).toHaveLength(1);
  expect(answer.waves[0]).toMatchObject({ launch: [], drain: [expect.stringMatching(/^i-[01]$/)] });
  expect(answer.kept).toHaveLength(1);
});

test('two instances become one new one where that is cheaper', () => {
  // 8 tasks on two full instances for 20; one of 8 holds them for 18: launched before anything moves, drained last.
  const answer = ask(cluster([{ n: 4 }, { n: 4 }]));

  expect(answer).toMatchObject({ costBefore: 20n, costAfter: 18n, weightedMoves: 8, stopped: 'proved', kept: [] });
  expect(answer.waves[0]?.launch).toEqual([{ id: 'new-1', type: 'large', az: 'a' }]);
  // A tenth of 3 instances is less than one, so one drains per wave.
  expect(answer.waves.map(({ drain }) => drain.length)).toEqual([1, 1]);
});

test('an empty instance goes without a move', () => {
  const answer = ask(cluster([{ n: 4 }, { n: 0 }]));

  expect(answer.waves).toEqual([{ launch: [], move: [], drain: ['i-1'] }]);
  expect(answer).toMatchObject({ costAfter: 10n, weightedMoves: 0 });
});

test('tasks of a service spread over zones stay in their zones', () => {
  // One task in each zone: together they would fit one instance, apart they do not.
  const answer = ask(cluster([{ n: 1 }, { n: 1, az: 'b' }]), ANY_MOVES);

  expect(answer.waves).toEqual([]);
  expect(answer.costAfter).toBe(20n);
});

test('every instance that stays says why', () => {
  const kept = (input: ConsolidateInput) => ask(input, ANY_MOVES).kept.map(({ because }) => because);

  expect(kept(cluster([{ n: 1, pinned: 'protected task' }]))).toEqual(['pinned: protected task']);
  expect(kept(cluster([{ n: 1, covered: true }]))[0]).toContain('paid for');
  const full = kept(cluster([{ n: 4 }]))[0];
  expect(full).toContain('100 % of its vcpu is used');
  expect(full).toContain('4 of its tasks of service web find no free room in a');
  const least = cluster([{ n: 1 }, { n: 1 }]);
  expect(kept({ ...least, policy: { ...least.policy, minInstances: 2 } })).toEqual([
    'at least 2 instances must remain',
    'at least 2 instances must remain',
  ]);
  const stuck = cluster([{ n: 1 }, { n: 1 }]);
  expect(kept({ ...stuck, services: stuck.services.map((service) => ({ ...service, perWave: 0 })) })).toEqual([
    'it runs tasks of service web, which may not move',
    'it runs tasks of service web, which may not move',
  ]);
});

test('the names of new instances are not those of the file', () => {
  const input = cluster([{ n: 4, id: 'new-1' }, { n: 4 }]);

  expect(ask(input).waves[0]?.launch.map(({ id }) => id)).toEqual(['new-2']);
});

const PLANTED = new URL('../../../shared/bench/planted/', import.meta.url);

test('planted clusters: a third is saved at least, and every wave is safe', () => {
  if (!existsSync(PLANTED)) {
    console.info(`skipped: ${PLANTED.pathname} is not there`);
    return;
  }
  for (const name of readdirSync(PLANTED).filter((file) => /^c_(small|medium)/.test(file))) {
    const read = parseConsolidate(readFileSync(new URL(name, PLANTED), 'utf8'));
    if (read.kind !== 'read') throw new Error(read.message);
    const answer = ask(read.input, ANY_MOVES, 100);

    expect(unsafeSteps(read.input, answer)).toEqual([]);
    expect(answer.costAfter * 3n).toBeLessThan(answer.costBefore * 2n);
  }
});
