import { expect, test } from 'vitest';
import { parseConsolidate } from '../../src/engine/index.ts';

type Row = { [member: string]: unknown };

/** A small file that is read; `change` may spoil it. */
function file(change: (file: Row & { types: Row[]; services: Row[]; instances: Row[]; policy: Row }) => void): string {
  const plain = {
    format: 'ecs-consolidate/1',
    resources: ['cpu', 'memory'],
    azs: ['a', 'b'],
    types: [{ name: 't', cap: [4, 8], cost: 10 }] as Row[],
    services: [{ id: 's', req: [1, 2], desired: 3, spreadAz: 1, moveCost: 1 }] as Row[],
    instances: [{ id: 'i-1', type: 't', az: 'a', covered: false, tasks: { s: 3 } }] as Row[],
    policy: { azSpreadMaxSkew: 1, maxDrainFractionPerWave: 0.1 } as Row,
  };
  change(plain);
  return JSON.stringify(plain);
}

const first = (rows: Row[]): Row => rows[0] ?? {};
const read = (change: Parameters<typeof file>[0] = () => undefined) => {
  const result = parseConsolidate(file(change));
  if (result.kind !== 'read') throw new Error(result.message);
  return result.input;
};

test('members that may be left out have their usual meaning', () => {
  const input = read();

  expect(input.types[0]).toEqual({ name: 't', cap: [4, 8], cost: 10n, mayLaunch: true });
  expect(input.services[0]).toMatchObject({ spreadAz: true, perInstance: null, perWave: null, types: null, azs: null });
  expect(input.instances[0]).toMatchObject({ pinned: null, accepts: true, cap: null, tasks: { s: 3 } });
  expect(input.policy).toEqual({ azSpreadMaxSkew: 1, maxDrainFractionPerWave: 0.1, minInstances: 0 });
});

test('further sizes than named resources get names of their own', () => {
  const input = read((f) => {
    first(f.types).cap = [4, 8, 9];
    first(f.services).req = [1, 2, 1];
  });

  expect(input.resources).toEqual(['cpu', 'memory', 'resource3']);
});

test('a protected task pins its instance, unless the policy says that it does not', () => {
  const pinned = (policy: Row) =>
    read((f) => {
      first(f.instances).hasProtectedTask = true;
      Object.assign(f.policy, policy);
    }).instances[0]?.pinned;

  expect(pinned({})).toBe('protected task');
  expect(pinned({ protectedTasksPinInstance: false })).toBeNull();
});

test('covered instances cost nothing, unless the policy says that they do', () => {
  const covered = (policy: Row) =>
    read((f) => {
      first(f.instances).covered = true;
      Object.assign(f.policy, policy);
    }).instances[0]?.covered;

  expect(covered({})).toBe(true);
  expect(covered({ coveredInstancesCostZero: false })).toBe(false);
});

test('an own capacity, a reason to stay and money beyond 2^53 are read', () => {
  const input = read((f) => {
    Object.assign(first(f.instances), { cap: [3, 7], pinned: 'standalone task', accepts: false });
    Object.assign(first(f.types), { cost: '90071992547409930', launch: false });
  });

  expect(input.instances[0]).toMatchObject({ cap: [3, 7], pinned: 'standalone task', accepts: false });
  expect(input.types[0]).toMatchObject({ cost: 90071992547409930n, mayLaunch: false });
});

const wrong: readonly (readonly [string, Parameters<typeof file>[0], RegExp])[] = [
  ['another format', (f) => (f.format = 'ecs-pack/1'), /"format" must be "ecs-consolidate\/1"/],
  ['another kind', (f) => (f.kind = 'plan'), /"kind" must be "consolidate"/],
  ['no services', (f) => Reflect.deleteProperty(f, 'services'), /"services" is missing/],
  ['no policy', (f) => Reflect.deleteProperty(f, 'policy'), /"policy" is missing/],
  ['no skew', (f) => Reflect.deleteProperty(f.policy, 'azSpreadMaxSkew'), /policy.azSpreadMaxSkew is missing/],
  ['a share above 1', (f) => (f.policy.maxDrainFractionPerWave = 2), /must be a number from 0 to 1/],
  ['fewer sizes', (f) => (first(f.types).cap = [4]), /types\[0\].cap has 1 numbers, there are 2 resources/],
  ['sizes that differ', (f) => (first(f.services).req = [1, 2, 3]), /services\[0\].req has 3 numbers/],
  ['a fraction', (f) => (first(f.services).req = [1.5, 2]), /services\[0\].req\[0\] must be a whole number/],
  ['a negative price', (f) => (first(f.types).cost = -1), /types\[0\].cost must be a whole number/],
  [
    'a negative count',
    (f) => (first(f.instances).tasks = { s: -1 }),
    /instances\[0\].tasks of "s" must be a whole number/,
  ],
  ['a twin', (f) => f.instances.push(first(f.instances)), /the instance "i-1" is there twice/],
  ['a twin type', (f) => f.types.push(first(f.types)), /the type "t" is there twice/],
  ['an unknown service', (f) => (first(f.instances).tasks = { x: 1 }), /"i-1" names the service "x"/],
  ['an unknown type', (f) => (first(f.instances).type = 'x'), /"i-1" names the type "x"/],
  ['an unknown zone', (f) => (first(f.instances).az = 'x'), /"i-1" names the zone "x"/],
  ['an unknown type of a service', (f) => (first(f.services).types = ['x']), /service "s" names the type "x"/],
  ['more than fits', (f) => (first(f.instances).cap = [2, 8]), /"i-1" runs tasks of 3 cpu and has room for 2/],
  ['fewer wanted than run', (f) => (first(f.services).desired = 2), /service "s" wants 2 tasks and 3 run/],
  ['none per instance', (f) => (first(f.services).perInstance = 0), /perInstance must be at least 1/],
  ['no spread', (f) => Reflect.deleteProperty(first(f.services), 'spreadAz'), /services\[0\].spreadAz is missing/],
  ['half a truth', (f) => (first(f.instances).covered = 'yes'), /covered must be true or false/],
  ['weights beyond counting', (f) => (first(f.services).moveCost = 2 ** 53 - 1), /adds up to more than 2\^53/],
];

test.each(wrong)('%s is refused in one line', (_, change, message) => {
  const result = parseConsolidate(file((plain) => void change(plain)));

  expect(result).toEqual({ kind: 'malformed', message: expect.stringMatching(message) });
  if (result.kind === 'malformed') expect(result.message).not.toContain('\n');
});

test('what is not JSON, or nothing at all, is refused', () => {
  expect(parseConsolidate('')).toEqual({ kind: 'malformed', message: 'the file is empty' });
  expect(parseConsolidate('3 4 5')).toMatchObject({ kind: 'malformed' });
  expect(parseConsolidate('{"format":')).toMatchObject({ kind: 'malformed' });
});
