import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCapacity, showCapacity } from '../../src/commands/capacity-question.ts';
import { tokenize } from '../../src/commands/flags.ts';
import type { CapacityQuestion } from '../../src/engine/index.ts';
import { NEEDS } from '../../src/engine/index.ts';
import { PARSE_CONTEXT } from '../support/parse-context.ts';
import { aQuestion } from '../support/question.ts';

function read(line: string) {
  const parsed = parseCapacity(tokenize(line), PARSE_CONTEXT);
  if (!parsed.ok) throw parsed.error;
  return parsed;
}

test.each<[string, Partial<CapacityQuestion>]>([
  ['--vcpu 1 --memory 2 --tasks 12', { cpuUnits: 1024, memoryMiB: 2048, tasks: 12 }],
  ['--vcpu=0.25 --memory=512MiB', { cpuUnits: 256, memoryMiB: 512 }],
  ['--vcpu 2 --memory 8 GiB', { cpuUnits: 2048, memoryMiB: 8192 }],
  ['--vcpu 1 --memory 2gb', { memoryMiB: 2048 }],
  ['--vcpu 1 --tasks 20,000', { tasks: 20_000 }],
  ['--vcpu 1 --tasks 20k', { tasks: 20_000 }],
  ['--vcpu 1 --memory 2 --needs ebpf,avx512', { needs: ['ebpf', 'avx512'] }],
  ['--vcpu 1 --memory 2 --ami', { needs: ['custom-ami'] }],
  ['--vcpu 4 --memory 16 --needs gpu:l4:2', { gpu: { name: 'l4', count: 2 } }],
  ['--vcpu 4 --memory 16 --gpu 1', { gpu: { name: null, count: 1 } }],
  ['--vcpu 1 --memory 2 --cpu graviton', { cpuManufacturer: 'aws', architecture: 'arm64' }],
  ['--vcpu 1 --memory 2 --arch amd64', { architecture: 'x86_64' }],
  ['--vcpu 1 --memory 2 --scale-in-after -1', { scaleInAfterSeconds: -1 }],
  ['--vcpu 1 --memory 2 --region eu-west-1', { region: 'eu-west-1' }],
  ['--vcpu 1 --memory 2 --as-of 2025-12-04', { asOf: '2025-12-04' }],
  ["--vcpu 1 --memory 2 --types 'm7i.*,c7i.*'", { types: ['c7i.*', 'm7i.*'] }],
])('%s', (line, expected) => {
  expect(read(line).question.question).toMatchObject(expected);
});

test('a window over midnight is as long as it is: 23:00-02:00 are three hours', () => {
  const { batch } = read('--vcpu 1 --memory 2 --run 40s --per-day 100 --between 23:00-02:00').question.question;

  expect(batch).toEqual({ perDay: 100, runSeconds: 40, pullSeconds: 20, windowSeconds: 10_800, arrivals: 'poisson' });
});

test.each([
  ['90', 90],
  ['2m', 120],
  ['1h30m', 5400],
  ['1.5h', 5400],
  ['40 sec', 40],
])('--run %s is %i seconds', (text, seconds) => {
  expect(read(`--vcpu 1 --run ${text} --per-day 9`).question.question.batch?.runSeconds).toBe(seconds);
});

test('what nobody gave is named as a guess', () => {
  expect(read('--vcpu 1').guesses).toEqual(['memory', 'tasks', 'region']);
  expect(read('--vcpu 1 --memory 2 --tasks 1 --region us-east-1').guesses).toEqual([]);
});

test.each<[string, string, string]>([
  ['--vcpu -1', 'usage_bad_value', 'vcpu'],
  ['--vcpu NaN', 'usage_bad_value', 'vcpu'],
  ['--vcpu Infinity', 'usage_bad_value', 'vcpu'],
  ['--vcpu 1e3', 'usage_bad_value', 'vcpu'],
  ['--memory 0', 'usage_bad_value', 'memory'],
  ['--memory 2TB', 'usage_bad_value', '--memory 2048'],
  ['--memory', 'usage_missing_value', '512MiB'],
  ['--memory 0.3', 'usage_bad_value', '308MiB'],
  ['--memory 1,5', 'usage_bad_value', 'point'],
  ['--tasks -3', 'usage_bad_value', 'negative'],
  ['--vcpu 0.1', 'usage_bad_value', '0.125'],
  ['--vcpu 1 --run 2x --per-day 5', 'usage_bad_value', '40s'],
  ['--tasks 0', 'usage_bad_value', 'tasks'],
  ['--tasks 1.5', 'usage_bad_value', 'tasks'],
  ['--vcpu 1 --run 40s --per-day 500 --between 4:00', 'usage_bad_value', '01:00-04:00'],
  ['--vcpu 1 --region eu-wst-1', 'usage_unknown_region', 'eu-west-1'],
  ['--memry 2', 'usage_unknown_flag', '--memory'],
  ['--vcpu 1 --vcpu 2', 'usage_duplicate_flag', '--vcpu'],
  ['--vcpu 1 --per-day 500', 'usage_incomplete', '--run'],
  ['--vcpu 1 --run 40s', 'usage_incomplete', '--per-day'],
  ['--vcpu 1 --scale-in-after 3601', 'usage_bad_value', '3600'],
  ['--vcpu 1 --as-of 2025-02-30', 'usage_bad_value', 'as-of'],
  ['--vcpu 1 --as-of 1999-01-01', 'usage_bad_value', '2017-11-29'],
  ['--vcpu 1 --needs ebbf', 'usage_bad_value', 'ebpf'],
  ['--vcpu 1 --cpu intel --arch arm64', 'usage_conflict', 'arm64'],
  ['--vcpu 1 --reserved m7i.4xlarge', 'usage_bad_value', 'm7i.4xlarge=3'],
  ['hello there', 'usage_not_understood', 'capacity --vcpu'],
])('%s is refused in one line that says what to type', (line, code, says) => {
  const parsed = parseCapacity(tokenize(line), PARSE_CONTEXT);

  if (parsed.ok) throw new Error(`read as ${parsed.echo}`);
  expect(parsed.error).toMatchObject({ kind: 'usage', code });
  expect(`${parsed.error.message} ${parsed.error.hint}`).toContain(says);
  expect(`${parsed.error.message}${parsed.error.hint}`).not.toContain('\n');
});

test.each<[string, string]>([
  [
    '500 little 40 second jobs a day, should we go to managed instances?',
    '--vcpu 1 --memory 2 --run 40s --pull 20s --per-day 500 --region us-east-1',
  ],
  ['twelve web tasks 2 vcpu 8 gb', '--vcpu 2 --memory 8 --tasks 12 --region us-east-1'],
  [
    '20k jobs per night between 1 and 4am, 40 seconds each, 1 vcpu 2gb',
    '--vcpu 1 --memory 2 --run 40s --pull 20s --per-day 20000 --between 01:00-04:00 --region us-east-1',
  ],
  ['48 cores with avx-512, 96 gb', '--vcpu 48 --memory 96 --tasks 1 --needs avx512 --region us-east-1'],
  ['3 tasks with an l4 gpu, 4 vcpu 16 gb', '--vcpu 4 --memory 16 --tasks 3 --needs gpu:l4 --region us-east-1'],
  ['twenty services with an ebpf sidecar', '--vcpu 1 --memory 2 --tasks 20 --needs ebpf --region us-east-1'],
  ['in ireland 5 tasks, spot ok', '--vcpu 1 --memory 2 --tasks 5 --interruptible --region eu-west-1'],
  ['100 jobs per hour of 5 minutes', '--vcpu 1 --memory 2 --run 5m --pull 20s --per-day 2400 --region us-east-1'],
  // Periods other than a day: 100 x 60 x 24; 1,000 / 7 = 142.9, so 143, a guess; 1,000 x 3 hours of the window.
  [
    '100 tasks per minute, 10 seconds each',
    '--vcpu 1 --memory 2 --run 10s --pull 20s --per-day 144000 --region us-east-1',
  ],
  ['1000 runs per week of 5 minutes', '--vcpu 1 --memory 2 --run 5m --pull 20s --per-day 143 --region us-east-1'],
  [
    '1000 jobs an hour between 1am and 4am, 30 seconds',
    '--vcpu 1 --memory 2 --run 30s --pull 20s --per-day 3000 --between 01:00-04:00 --region us-east-1',
  ],
  ['1m jobs a day of 2 seconds', '--vcpu 1 --memory 2 --run 2s --pull 20s --per-day 1000000 --region us-east-1'],
  [
    'jobs 10 to 2pm, 500 a day, 3 minutes',
    '--vcpu 1 --memory 2 --run 3m --pull 20s --per-day 500 --between 10:00-14:00 --region us-east-1',
  ],
  [
    '20,000 short jobs a night, 40 seconds',
    '--vcpu 1 --memory 2 --run 40s --pull 20s --per-day 20000 --between 22:00-06:00 --region us-east-1',
  ],
  ['twenty-five tasks with half a vcpu and 1 gb', '--vcpu 0.5 --memory 1 --tasks 25 --region us-east-1'],
  ['a hundred and fifty tasks, .25 vcpu 512 MB', '--vcpu 0.25 --memory 512MiB --tasks 150 --region us-east-1'],
  ['2 vcpu / 8 gb x 12', '--vcpu 2 --memory 8 --tasks 12 --region us-east-1'],
  ['12x 2vcpu 8gb', '--vcpu 2 --memory 8 --tasks 12 --region us-east-1'],
  ['24/7 service with 3 tasks of 2 vcpu and 4 gb', '--vcpu 2 --memory 4 --tasks 3 --region us-east-1'],
  ['12 tasks as of 2025-12-04', '--vcpu 1 --memory 2 --tasks 12 --region us-east-1 --as-of 2025-12-04'],
  ['500 jobs between 1 and 4 cores', '--vcpu 4 --memory 8 --tasks 500 --region us-east-1'],
  ['two thousand tasks on graviton', '--vcpu 1 --memory 2 --tasks 2000 --cpu graviton --region us-east-1'],
])('plain words: %s', (words, flags) => {
  expect(read(words).echo).toBe(flags);
});

test.each([
  '2 tasks, no gpu, not interruptible',
  "2 tasks, we can't use spot and don't need a gpu",
  '2 tasks without ebpf, never on spot',
  '2 tasks, spot is not ok',
])('what people rule out is not asked for: %s', (words) => {
  expect(read(words).echo).toBe('--vcpu 1 --memory 2 --tasks 2 --region us-east-1');
});

test('Spot, night and weeks are read, and marked as guesses', () => {
  expect(read('12 tasks on spot, 1 vcpu 2 gb').guesses).toEqual(['region', 'interruptible']);
  expect(read('500 jobs of 40s a night').guesses).toEqual(['vcpu', 'memory', 'pull', 'region', 'between']);
  expect(read('500 jobs of 40s a week').guesses).toEqual(['vcpu', 'memory', 'pull', 'region', 'per-day']);
});

test('half a number is never read for the whole: 1,5 gb and -5 tasks stay unread', () => {
  expect(read('1,5 gb, 12 tasks').question.notUnderstood).toEqual(['1,5', 'gb']);
  expect(read('-5 tasks, 1 vcpu').question.notUnderstood).toEqual(['-5']);
});

test('a mention in the text is a word like any other', () => {
  expect(read('12 tasks <!channel> <@U1|bob>').question.notUnderstood).toEqual(['<!channel>', '<@u1|bob>']);
});

test('flags win over words', () => {
  expect(read('twelve web tasks 2 vcpu 8 gb --tasks 3').question.question).toMatchObject({ tasks: 3, cpuUnits: 2048 });
});

test('a word nobody understood is said, not dropped', () => {
  expect(read('12 tasks 2 vcpu with a flux capacitor').question.notUnderstood).toEqual(['flux', 'capacitor']);
});

const arbQuestion: fc.Arbitrary<CapacityQuestion> = fc
  .record({
    cpuUnits: fc.integer({ min: 1, max: 200_000 }),
    memoryMiB: fc.integer({ min: 1, max: 5_000_000 }),
    tasks: fc.integer({ min: 1, max: 1_000_000 }),
    batch: fc.option(
      fc.record({
        perDay: fc.integer({ min: 1, max: 1_000_000 }),
        runSeconds: fc.integer({ min: 1, max: 86_400 }),
        pullSeconds: fc.integer({ min: 0, max: 900 }),
        windowSeconds: fc.integer({ min: 1, max: 1440 }).map((minutes) => minutes * 60),
        arrivals: fc.constantFrom('poisson' as const, 'uniform' as const),
      }),
    ),
    region: fc.constantFrom(...PARSE_CONTEXT.regions),
    asOf: fc.constantFrom('2025-09-30', '2026-11-24'),
    needs: fc.subarray([...NEEDS]),
    gpu: fc.option(fc.record({ name: fc.constantFrom(null, 'l4', 'a10g'), count: fc.integer({ min: 1, max: 8 }) })),
    interruptible: fc.boolean(),
    isolation: fc.constantFrom('none' as const, 'task' as const),
    storageGiB: fc.option(fc.integer({ min: 0, max: 2000 })),
    publicIp: fc.boolean(),
    scaleInAfterSeconds: fc.option(fc.integer({ min: -1, max: 3600 })),
    targetCapacityPercent: fc.integer({ min: 1, max: 100 }),
    rootGiB: fc.integer({ min: 1, max: 500 }),
    minInstances: fc.option(fc.integer({ min: 1, max: 50 })),
    daemonCpuUnits: fc.integer({ min: 0, max: 4096 }),
    daemonMemoryMiB: fc.integer({ min: 0, max: 8192 }),
    burstable: fc.boolean(),
    types: fc.option(fc.constantFrom(['c7i.*', 'm7i.*'], ['c6a.2xlarge'])),
  })
  .chain((changes) =>
    fc
      .record({
        retryFraction: fc.constantFrom('0', '0.05', '1'),
        commitments: fc.record({
          savingsPlanUsdPerHour: fc.constantFrom('1.5', '0.000000001'),
          savingsPlanTerm: fc.constantFrom('1y' as const, '3y' as const),
          reserved: fc.constantFrom([], [{ instanceType: 'm7i.4xlarge', count: 3 }]),
        }),
        minimumSaving: fc.record({
          percent: fc.integer({ min: 0, max: 100 }),
          usdPerMonth: fc.integer({ min: 0, max: 5000 }),
        }),
      })
      .map((money) => aQuestion({ ...changes, ...money })),
  );

test('showing a question and reading it again gives the question', () => {
  fc.assert(
    fc.property(arbQuestion, (question) => {
      expect(read(showCapacity(question)).question.question).toEqual(question);
    }),
    { numRuns: 300 },
  );
});

test('no text at all makes the parser throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ maxLength: 300 }), fc.string({ unit: 'grapheme', maxLength: 100 })), (text) => {
      const parsed = parseCapacity(tokenize(text), PARSE_CONTEXT);

      expect(parsed.ok || parsed.error.kind === 'usage').toBe(true);
    }),
    { numRuns: 500 },
  );
});
