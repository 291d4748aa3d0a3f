import { describe, expect, test } from 'vitest';
import type { ConsolidateAnswer, ConsolidateInput } from '../../src/engine/consolidate/model.ts';
import { readConstraints } from '../../src/engine/consolidate-live/constraints.ts';
import { consolidateFile, packFile } from '../../src/engine/consolidate-live/files.ts';
import { playLandings } from '../../src/engine/consolidate-live/landing.ts';
import { movedByDrains, stoppedByHand } from '../../src/engine/consolidate-live/replan.ts';
import type { ContainerInstance } from '../../src/engine/index.ts';
import { parseConsolidate, parsePack } from '../../src/engine/index.ts';

const host = (attributes: ContainerInstance['attributes']): ContainerInstance => ({
  arn: 'arn:aws:ecs:eu-west-1:111111111111:container-instance/c/1',
  ec2InstanceId: 'i-1',
  capacityProvider: 'p',
  status: 'ACTIVE',
  registered: { cpuUnits: 2048, memoryMiB: 4096, gpus: 0, ports: [] },
  remaining: { cpuUnits: 2048, memoryMiB: 4096, gpus: 0, ports: [] },
  instanceType: 'm6a.large',
  az: 'a',
  architecture: 'x86_64',
  subnetId: null,
  attributes,
  registeredAt: null,
  health: 'OK',
  agentConnected: true,
  runningTasks: 0,
  pendingTasks: 0,
});

/** Two zones, three equal instances of 4 CPU; `web` is spread, `job` goes where it fits. */
function small(tasks: readonly { readonly [service: string]: number }[]): ConsolidateInput {
  const service = { moveCost: 1, perInstance: null, perWave: null, types: null, azs: null };
  return {
    resources: ['cpuUnits', 'memoryMiB'],
    azs: ['a', 'b'],
    types: [{ name: 'm', cap: [4096, 4096], cost: 100n, mayLaunch: true }],
    services: [
      { ...service, id: 'web', req: [1024, 512], desired: 2, spreadAz: true },
      { ...service, id: 'job', req: [3072, 512], desired: 1, spreadAz: false },
    ],
    instances: tasks.map((row, at) => ({
      id: `i-${at + 1}`,
      type: 'm',
      az: at % 2 === 0 ? 'a' : 'b',
      covered: false,
      pinned: null,
      accepts: true,
      cap: null,
      tasks: row,
    })),
    policy: { azSpreadMaxSkew: 1, maxDrainFractionPerWave: 1, minInstances: 0 },
  };
}

function planFor(input: ConsolidateInput, waves: ConsolidateAnswer['waves']): ConsolidateAnswer {
  const drained = waves.reduce((sum, { drain }) => sum + drain.length, 0);
  const costBefore = BigInt(input.instances.length) * 100n;
  const costAfter = costBefore - BigInt(drained) * 100n;
  return {
    kind: 'consolidated',
    costBefore,
    costAfter,
    lowerBound: 100n,
    weightedMoves: 9,
    certificate: { kind: 'volume', duals: {}, total: '100' },
    waves,
    frontier: [
      { weightedMoves: 0, costAfter: costBefore },
      { weightedMoves: 9, costAfter },
    ],
    kept: [],
    work: 1,
    stopped: 'work',
  };
}

describe('placement constraints', () => {
  const allowed = (expression: string, attributes: ContainerInstance['attributes'] = {}) =>
    readConstraints([{ type: 'memberOf', expression }], [host(attributes)]);

  test('types, zones and families are understood', () => {
    const family = allowed('attribute:ecs.instance-type =~ m6a.*');
    const zones = allowed('attribute:ecs.availability-zone in [a, b]');
    const both = allowed('attribute:ecs.instance-type == m6a.large and attribute:ecs.cpu-architecture != arm64');
    if ('notUnderstood' in family || 'notUnderstood' in zones || 'notUnderstood' in both) throw new Error('not read');
    const is = (name: string, architecture = 'x86_64') => ({ name, architecture });
    expect([family.type(is('m6a.large')), family.type(is('m5.large'))]).toEqual([true, false]);
    expect([zones.az('a'), zones.az('c')]).toEqual([true, false]);
    expect([both.type(is('m6a.large')), both.type(is('m6a.large', 'arm64'))]).toEqual([true, false]);
  });

  test('an attribute that all hosts have as wanted restricts nothing, any other is not understood', () => {
    expect(allowed('attribute:ecs.os-type == linux', { 'ecs.os-type': 'linux' })).not.toHaveProperty('notUnderstood');
    for (const expression of [
      'attribute:ecs.os-type == windows',
      'attribute:stack == blue',
      'task:group == service:db',
      'attribute:ecs.instance-type == m6a.large or attribute:ecs.availability-zone == a',
      'runningTasksCount == 0',
    ]) {
      expect(allowed(expression, { 'ecs.os-type': 'linux' })).toEqual({ notUnderstood: expression });
    }
  });

  test('distinctInstance is one task on each instance', () => {
    expect(readConstraints([{ type: 'distinctInstance', expression: null }], [host({})])).toMatchObject({
      perInstance: 1,
    });
  });
});

describe('moves by drains alone', () => {
  test('a task goes straight to the fullest instance that stays, in its zone', () => {
    // i-3 drains; web must stay in zone a: i-1 holds job (3 of 4 CPU) and has room for it.
    const input = small([{ job: 1 }, { web: 1 }, { web: 1 }]);
    const found = planFor(input, [{ launch: [], move: [], drain: ['i-3'] }]);
    const moved = movedByDrains(input, found);
    expect(moved?.waves).toEqual([
      { launch: [], move: [{ service: 'web', from: 'i-3', to: 'i-1', count: 1 }], drain: ['i-3'] },
    ]);
    expect(moved).toMatchObject({ weightedMoves: 1, costAfter: 200n });
    expect(moved?.frontier.at(-1)).toEqual({ weightedMoves: 1, costAfter: 200n });
    expect(stoppedByHand(moved?.waves ?? [])).toBe(0);
  });

  test('an instance that a drain does not empty stays, and its task says why', () => {
    // job (3 CPU) fits beside neither web on i-2 and i-3 once both have 2 web: 4 - 2 = 2 < 3.
    const input = small([{ job: 1 }, { web: 2 }, { web: 2 }, {}]);
    const found = planFor(input, [
      { launch: [], move: [], drain: ['i-4'] },
      { launch: [], move: [], drain: ['i-1'] },
    ]);
    const moved = movedByDrains(input, found);
    expect(moved?.waves.map(({ drain }) => drain)).toEqual([['i-4']]);
    expect(moved).toMatchObject({ costAfter: 300n, weightedMoves: 0 });
    expect(moved?.kept).toEqual([
      { instance: 'i-1', because: 'a drain alone does not empty it: a task of job finds no room elsewhere' },
    ]);
  });

  test('null when nothing is saved without stopping tasks by hand', () => {
    const input = small([{ job: 1 }, { web: 2 }]);
    expect(movedByDrains(input, planFor(input, [{ launch: [], move: [], drain: ['i-1'] }]))).toBeNull();
  });
});

describe('landings', () => {
  test('with one place left every play lands as planned', () => {
    const input = small([{ job: 1 }, { web: 3 }, { web: 1 }]);
    const wave = { launch: [], move: [{ service: 'web', from: 'i-3', to: 'i-1', count: 1 }], drain: ['i-3'] };
    // Spread over zones: a has no other task of web, b has three.
    expect(playLandings(input, [wave], {})).toEqual([{ plays: 20, placed: 20, asPlanned: 20, withoutRoom: [] }]);
  });

  test('binpack fills the fullest, random may land anywhere with room', () => {
    const input = small([{ web: 1 }, {}, { web: 1 }]);
    const wave = { launch: [], move: [{ service: 'web', from: 'i-3', to: 'i-1', count: 1 }], drain: ['i-3'] };
    const by = (type: string, field: string | null) => playLandings(input, [wave], { web: [{ type, field }] })[0];
    expect(by('binpack', 'cpu')).toMatchObject({ placed: 20, asPlanned: 20 });
    const random = by('random', null);
    expect(random?.placed).toBe(20);
    expect(random?.asPlanned).toBeGreaterThan(0);
    expect(random?.asPlanned).toBeLessThan(20);
  });

  test('a task without room is named', () => {
    const input = small([{ job: 1 }, { web: 2 }]);
    const wave = { launch: [], move: [{ service: 'job', from: 'i-1', to: 'i-2', count: 1 }], drain: ['i-1'] };
    expect(playLandings(input, [wave], {})[0]).toMatchObject({ placed: 0, withoutRoom: ['job'] });
  });
});

describe('files of questions', () => {
  test('reading them back gives the same question', () => {
    const input = small([{ job: 1 }, { web: 1 }]);
    expect(parseConsolidate(consolidateFile(input))).toEqual({ kind: 'read', input });
    const pack = {
      resources: ['cpuUnits'],
      types: [{ name: 'm', cap: [4], cost: 2n ** 60n, limit: 3, paid: 0 }],
      shapes: [{ id: 'web', req: [1], count: 5, types: null, perBin: 2 }],
    };
    expect(parsePack(packFile(pack))).toEqual({ kind: 'read', input: pack });
  });
});
