import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutSamples, cutServices, mergeSamples } from '../../src/aws/cluster-parts.ts';
import { shardCount, shardOfGroup, shardOfService, shardsBefore } from '../../src/aws/shards.ts';
import type { FamilySamples, Service, Task } from '../../src/engine/index.ts';

const powers = fc.integer({ min: 0, max: 6 }).map((exponent) => 2 ** exponent);
const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/);

describe('shards', () => {
  test.each([
    [0, 1],
    [1, 1],
    [200, 1],
    [201, 2],
    [400, 2],
    [401, 4],
    [2_500, 16],
    [5_000, 32],
  ])('a cluster of %i services has %i', (services, shards) => {
    expect(shardCount(services)).toBe(shards);
  });

  test('are chosen by FNV-1a, which the snapshots of the past hang on', () => {
    // Test vectors of the algorithm's authors: FNV-1a 32 of "a" is e40c292c, of "foobar" bf9cf968.
    expect(shardOfService('a', 2 ** 31)).toBe(0xe40c292c % 2 ** 31);
    expect(shardOfService('foobar', 2 ** 31)).toBe(0xbf9cf968 % 2 ** 31);
    expect(shardOfService('foobar', 16)).toBe(8);
  });

  test('keep a task with its service, a standalone one in shard 0, and its sample by family', () => {
    expect(shardOfGroup('service:foobar', 16, null)).toBe(8);
    expect(shardOfGroup('family:foobar', 16, null)).toBe(0);
    expect(shardOfGroup('family:anything', 16, 'foobar')).toBe(8);
  });

  test('of before are found again after the cluster was cut anew', () => {
    fc.assert(
      fc.property(name, powers, powers, (service, now, before) => {
        expect(shardsBefore(shardOfService(service, now), now, before)).toContain(shardOfService(service, before));
      }),
    );
  });

  test('of before are looked at once each, whichever way a cluster grew', () => {
    fc.assert(
      fc.property(powers, powers, (now, before) => {
        const fewer = Math.min(now, before);
        const looked = Array.from({ length: fewer }, (_, shard) => shardsBefore(shard, now, before)).flat();
        expect(looked.toSorted((a, b) => a - b)).toEqual(Array.from({ length: before }, (_, index) => index));
      }),
    );
  });
});

describe('cutting a cluster', () => {
  const service = (one: string) => ({ name: one, taskDefinition: `arn/${one}:1` }) as Service;
  const task = (arn: string, group: string) => ({ arn, group, taskDefinition: 'arn/other:2' }) as Task;

  test('loses and doubles nothing, and sorts, so that the order of reading does not matter', () => {
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 60 }), powers, fc.integer(), (all, shards, seed) => {
        const shuffled = all.toSorted((a, b) => shardOfService(a + seed, 2 ** 31) - shardOfService(b + seed, 2 ** 31));
        const cut = (order: readonly string[]) =>
          cutServices(shards, {
            services: order.map(service),
            tasks: order.map((one) => task(`task/${one}`, `service:${one}`)),
            samples: [],
            definitions: new Map(),
          });
        const parts = cut(all);
        expect(cut(shuffled)).toEqual(parts);
        expect(parts.flatMap((part) => part.services.map((one) => one.name)).toSorted()).toEqual(all.toSorted());
        for (const part of parts) {
          expect(part.tasks.map(({ arn }) => arn)).toEqual(part.services.map((one) => `task/${one.name}`));
        }
      }),
    );
  });
});

describe('samples of stopped tasks', () => {
  const sample = (id: string, stoppedAt: string, group = 'family:batch') => ({
    family: 'batch',
    sample: {
      task: id,
      group,
      taskDefinition: 'arn/batch:1',
      pullSeconds: 25,
      runSeconds: 40,
      stoppedAt,
      stopCode: null,
    },
  });
  const place = { shard: 0, shards: 1, now: new Date('2026-11-24T10:00:00Z') };
  const merged = (fresh: Parameters<typeof mergeSamples>[1], before: readonly FamilySamples[]) =>
    mergeSamples(place, fresh, before).families.flatMap(({ samples }) => samples.map(({ task }) => task));

  test('join those of before, each task once, newest first', () => {
    const before = [
      { family: 'batch', samples: [sample('a', '2026-11-24T08:00:00.000Z').sample] },
      { family: 'batch', samples: [sample('b', '2026-11-24T07:00:00.000Z').sample] },
    ];
    const fresh = [sample('c', '2026-11-24T09:00:00.000Z'), sample('a', '2026-11-24T08:00:00.000Z')];
    expect(merged(fresh, before)).toEqual(['c', 'a', 'b']);
  });

  test('are forgotten after 14 days', () => {
    const fresh = [sample('new', '2026-11-10T10:00:00.000Z'), sample('old', '2026-11-10T09:59:59.999Z')];
    expect(merged(fresh, [])).toEqual(['new']);
  });

  test('are at most 100 a family, the newest', () => {
    const fresh = Array.from({ length: 150 }, (_, index) =>
      sample(`task-${index}`, new Date(Date.parse('2026-11-24T00:00:00Z') + index * 1000).toISOString()),
    );
    const kept = merged(fresh, []);
    expect(kept).toHaveLength(100);
    expect(kept[0]).toBe('task-149');
    expect(kept[99]).toBe('task-50');
  });

  test('of other shards, which a shard of before may hold, are left to those', () => {
    const all = Array.from({ length: 40 }, (_, index) =>
      sample(`task-${index}`, '2026-11-24T08:00:00.000Z', `service:web-${index}`),
    );
    const before = [{ family: 'batch', samples: all.map((one) => one.sample) }];
    const cut = cutSamples(4, all);
    for (let shard = 0; shard < 4; shard += 1) {
      const part = mergeSamples({ ...place, shard, shards: 4 }, [], before);
      const found = part.families.flatMap(({ samples }) => samples.map(({ task }) => task)).toSorted();
      expect(found).toEqual((cut[shard] ?? []).map((one) => one.sample.task).toSorted());
    }
  });
});
