import { expect, test } from 'vitest';
import { openLibrary } from '../../src/data.ts';
import {
  CAPACITY_KINDS,
  type CapacityAnswer,
  type CapacityKind,
  type CapacityQuestion,
  chooseCapacity,
  RULES,
} from '../../src/engine/index.ts';
import { aBatch, aQuestion } from '../support/question.ts';

const library = openLibrary();

function answer(changes: Partial<CapacityQuestion>): CapacityAnswer {
  const question = aQuestion(changes);
  return chooseCapacity({ facts: library.facts, prices: library.prices(question.region) }, question);
}

function ruledOut(given: CapacityAnswer, kind: CapacityKind): readonly string[] {
  const found = given.result.options.find((row) => row.kind === kind);
  return found === undefined || found.feasible ? [] : found.reasons.map(({ rule }) => rule);
}

const FIVE_TERABYTES = 5 * 1024 * 1024;

test.each<[string, Partial<CapacityQuestion>, CapacityKind, string | null]>([
  ['a GPU rules Fargate out', { gpu: { name: null, count: 1 } }, 'fargate', 'fargate-gpu'],
  ['a GPU runs on Managed Instances', { gpu: { name: 'l4', count: 1 } }, 'mi-on-demand', null],
  ['Neuron devices rule Fargate out', { neuron: { name: null, count: 1 } }, 'fargate', 'fargate-gpu'],
  ['eBPF rules Fargate out', { needs: ['ebpf'] }, 'fargate', 'fargate-privileged'],
  ['eBPF runs on Managed Instances', { needs: ['ebpf'] }, 'mi-on-demand', null],
  ['AVX-512 rules Fargate out', { needs: ['avx512'] }, 'fargate', 'fargate-cpu-choice'],
  ['Intel by name rules Fargate out', { cpuManufacturer: 'intel' }, 'fargate', 'fargate-cpu-choice'],
  ['Graviton is a choice Fargate has', { cpuManufacturer: 'aws', architecture: 'arm64' }, 'fargate', null],
  ['200 GiB of storage still fit Fargate', { storageGiB: 200 }, 'fargate', null],
  ['201 GiB of storage do not', { storageGiB: 201 }, 'fargate', 'fargate-storage'],
  ['32 vCPU still fit Fargate', { cpuUnits: 32 * 1024, memoryMiB: 61_440 }, 'fargate', null],
  ['48 vCPU do not', { cpuUnits: 48 * 1024, memoryMiB: 61_440 }, 'fargate', 'fargate-size'],
  ['host networking rules Fargate out', { needs: ['host-network'] }, 'fargate', 'fargate-network'],
  ['host networking runs on Managed Instances', { needs: ['host-network'] }, 'mi-on-demand', null],
  ['bridge networking does not', { needs: ['bridge-network'] }, 'mi-on-demand', 'mi-network'],
  ['a custom AMI needs an Auto Scaling group', { needs: ['custom-ami'] }, 'mi-on-demand', 'mi-custom-ami'],
  ['a custom AMI runs on an Auto Scaling group', { needs: ['custom-ami'] }, 'asg-on-demand', null],
  ['SSH to the host needs an Auto Scaling group', { needs: ['host-access'] }, 'mi-on-demand', 'mi-host-access'],
  [
    'placement strategies do not reach Managed Instances',
    { needs: ['placement-strategy'] },
    'mi-on-demand',
    'mi-placement-strategy',
  ],
  ['placement constraints do', { needs: ['placement-constraint'] }, 'mi-on-demand', null],
  ['Docker volumes need an Auto Scaling group', { needs: ['docker-volume'] }, 'mi-on-demand', 'mi-docker-volume'],
  ['a daemon cannot run on Fargate', { needs: ['daemon'] }, 'fargate', 'fargate-daemon'],
  ['managed daemons exist since April 2026', { needs: ['daemon'], asOf: '2026-04-29' }, 'mi-on-demand', 'mi-daemon'],
  ['and not a day earlier', { needs: ['daemon'], asOf: '2026-04-30' }, 'mi-on-demand', null],
  ['Spot needs work that may be interrupted', {}, 'asg-spot', 'spot-interruptible'],
  ['Spot is open to work that may', { interruptible: true }, 'asg-spot', null],
  [
    'Fargate Spot ran no arm64 in 2023',
    { architecture: 'arm64', interruptible: true, asOf: '2023-01-01' },
    'fargate-spot',
    'fargate-spot-architecture',
  ],
  ['nothing is reserved unless said', {}, 'mi-reserved', 'no-reservation'],
  ['192 vCPU are a task', { cpuUnits: 192 * 1024 }, 'asg-on-demand', null],
  ['193 vCPU are not', { cpuUnits: 193 * 1024 }, 'asg-on-demand', 'vcpu-cap'],
  [
    '5 TiB of memory fit no type without naming one',
    { memoryMiB: FIVE_TERABYTES * 10 },
    'asg-on-demand',
    'no-type-fits',
  ],
  [
    'a run of 15 days outlives a managed instance',
    { batch: aBatch({ perDay: 1, runSeconds: 15 * 86_400 }) },
    'mi-on-demand',
    'mi-lifetime',
  ],
  ['Managed Instances did not exist on 2025-09-29', { asOf: '2025-09-29' }, 'mi-on-demand', 'mi-available'],
  ['they did on 2025-09-30', { asOf: '2025-09-30' }, 'mi-on-demand', null],
  ['Managed Instances took no Spot on 2025-12-17', { interruptible: true, asOf: '2025-12-17' }, 'mi-spot', 'mi-spot'],
  ['they did on 2025-12-18', { interruptible: true, asOf: '2025-12-18' }, 'mi-spot', null],
])('%s', (_name, changes, kind, rule) => {
  const rules = ruledOut(answer(changes), kind);

  expect(rule === null ? rules : rules.includes(rule)).toEqual(rule === null ? [] : true);
});

test('48 vCPU and 96 GiB leave no room on a 12xlarge of a compute family: memory is registered at 95 %', () => {
  const given = answer({ cpuUnits: 48 * 1024, memoryMiB: 96 * 1024, needs: ['avx512'] });
  const mi = given.result.options.find((row) => row.kind === 'mi-on-demand');

  expect(mi?.plan?.instanceType).not.toMatch(/^c\d.*\.12xlarge$/);
  expect(mi?.plan?.tasksPerInstance).toBe(1);
});

test('on the day of the talk Spot on Managed Instances and 32 vCPU on Fargate were not to be had', () => {
  const then = answer({ cpuUnits: 20 * 1024, memoryMiB: 60 * 1024, interruptible: true, asOf: '2025-12-04' });
  const today = answer({ cpuUnits: 20 * 1024, memoryMiB: 60 * 1024, interruptible: true });

  expect(ruledOut(then, 'mi-spot')).toEqual(['mi-spot']);
  expect(ruledOut(then, 'fargate')).toEqual(['fargate-size']);
  expect(ruledOut(today, 'mi-spot')).toEqual([]);
  expect(ruledOut(today, 'fargate')).toEqual([]);
});

test('10,000 vCPU are infeasible everywhere, each with a reason', () => {
  const given = answer({ cpuUnits: 10_000 * 1024 });

  expect(given.verdict.kind).toBe('infeasible');
  expect(given.result.recommended).toBeNull();
  expect(given.result.options.map((row) => row.reasons.length > 0)).toEqual(CAPACITY_KINDS.map(() => true));
});

test('one task per machine costs the stranded part and is weaker than Fargate', () => {
  const shared = answer({ tasks: 6, types: ['c6a.2xlarge'] });
  const alone = answer({ tasks: 6, types: ['c6a.2xlarge'], isolation: 'task' });
  const mi = (given: CapacityAnswer) => given.result.options.find((row) => row.kind === 'mi-on-demand');

  expect(mi(shared)?.plan?.count).toBe(3);
  expect(mi(alone)?.plan?.count).toBe(6);
  expect(mi(alone)?.reasons.map(({ rule }) => rule)).toContain('instance-reused');
});

test('every reason an answer can give is in the list of rules, and every fact a rule cites exists', () => {
  const ids = new Set(library.facts.map(({ id }) => id));
  const known = new Set(RULES.map(({ id }) => id));
  const seen = [
    answer({ needs: ['ebpf', 'avx512'], interruptible: true }),
    answer({ cpuUnits: 10_000 * 1024 }),
    answer({ tasks: 2 }),
  ].flatMap((given) => given.result.options.flatMap((row) => row.reasons.map(({ rule }) => rule)));

  expect(RULES.flatMap(({ facts }) => facts).filter((id) => !ids.has(id))).toEqual([]);
  expect(seen.filter((rule) => !known.has(rule))).toEqual([]);
});

test('duties grow from Fargate over Managed Instances to an Auto Scaling group', () => {
  const { options } = answer({}).result;
  const duties = (kind: CapacityKind): number => options.find((row) => row.kind === kind)?.duties.length ?? 0;

  expect(duties('asg-on-demand')).toBeGreaterThan(duties('mi-on-demand'));
  expect(duties('mi-on-demand')).toBeGreaterThanOrEqual(duties('fargate'));
});
