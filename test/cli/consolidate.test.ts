import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aTerminal } from '../support/terminal.ts';

const { file, folder, run } = aTerminal();

/** Two instances at $0.20 hold one task each; either holds both. */
const question = {
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
const [first, second] = question.instances;

test('a file is consolidated, and the saved answer verifies; an edited move does not', async () => {
  const path = file('question.json', question);
  const asked = await run('consolidate', '--snapshot', path, '--work', '20', '--json');
  const saved = file('answer.json', asked.stdout);
  const edited = file('edited.json', asked.stdout.replace('"count":1', '"count":2'));
  const [text, good, bad] = await Promise.all([
    run('consolidate', '--snapshot', path, '--work', '20'),
    run('verify', saved, '--input', path, '--json'),
    run('verify', edited, '--input', path),
  ]);

  expect([asked.code, text.code, good.code, bad.code]).toEqual([0, 0, 0, 1]);
  expect(JSON.parse(asked.stdout)).toMatchObject({
    format: 'ecs-consolidate-answer/1',
    costBefore: 400_000_000,
    costAfter: 200_000_000,
    lowerBound: 200_000_000,
    gap: 0,
    proved: true,
    weightedMoves: 1,
    waves: [{ launch: [], move: [{ service: 'web', from: 'i-1', to: 'i-2', count: 1 }], drain: ['i-1'] }],
    frontier: [
      { weightedMoves: 0, costAfter: 400_000_000 },
      { weightedMoves: 1, costAfter: 200_000_000 },
    ],
    kept: [{ instance: 'i-2', because: 'pinned: protected task' }],
  });
  // 0.20 x 730 hours = 146.
  expect(text.stdout).toMatch(/^Saves \$146\.00\/mo \(50\.0 %\): 2 instances become 1\./);
  expect(text.stdout).toContain('verify ANSWER --input');
  expect(JSON.parse(good.stdout)).toMatchObject({ ok: true });
  expect(bad.stdout).toMatch(/^The answer does not hold\. unchanged: /);
  expect([asked, text, good, bad].map(({ stderr }) => stderr)).toEqual(['', '', '', '']);
});

test('a price per move or a limit of moves that the saving is not worth leaves all as it is', async () => {
  const path = file('priced.json', question);
  // The move saves 0.20 an hour: 146 in 730 hours, so 145 is worth it and 147 is not.
  const [worth, dear, none] = await Promise.all(
    [
      ['--move-price', '145'],
      ['--move-price', '147'],
      ['--max-moves', '0'],
    ].map((flags) => run('consolidate', '--snapshot', path, '--work', '20', ...flags, '--json')),
  );

  expect([worth, dear, none].map((ran) => JSON.parse(ran?.stdout ?? '{}').weightedMoves)).toEqual([1, 0, 0]);
});

test('the same work gives the same bytes', async () => {
  const path = file('again.json', question);
  const [one, two] = await Promise.all([
    run('consolidate', '--snapshot', path, '--work', '9', '--json'),
    run('consolidate', '--snapshot', path, '--work', '9', '--json'),
  ]);

  expect(one.stdout).not.toBe('');
  expect(two.stdout).toBe(one.stdout);
});

test.each<[string, object]>([
  ['no instances', { ...question, instances: [] }],
  ['no types and no instances', { ...question, types: [], instances: [] }],
  [
    'a thousand million tasks wanted',
    { ...question, services: [{ id: 'web', req: [1024, 2048], desired: 1e9, spreadAz: 0, moveCost: 1 }] },
  ],
  [
    'tasks that take nothing',
    {
      ...question,
      services: [{ id: 'web', req: [0, 0], desired: 1e9, spreadAz: 1, moveCost: 0 }],
      instances: [{ ...first, tasks: { web: 1e9 } }],
    },
  ],
])('%s is an answer that verifies', async (name, content) => {
  const path = file(`${name}.json`, content);
  const asked = await run('consolidate', '--snapshot', path, '--work', '5', '--json');
  const verified = await run('verify', file(`${name}.answer.json`, asked.stdout), '--input', path, '--json');

  expect([asked.code, asked.stderr, JSON.parse(verified.stdout).ok]).toEqual([0, '', true]);
});

test.each<[string, () => readonly string[], RegExp]>([
  ['no file', () => [join(folder, 'absent.json')], /there is no file .*absent\.json\n$/],
  ['a folder', () => [folder], /is a folder, not a file\n$/],
  ['not JSON', () => [file('half.json', '{"format"')], /half\.json: .*JSON\n$/],
  [
    'an unknown format',
    () => [file('f.json', { ...question, format: 'x/9' })],
    /"format" must be "ecs-consolidate\/1"/,
  ],
  ['twins', () => [file('t.json', { ...question, instances: [first, first] })], /i-1/],
  [
    'a fraction',
    () => [file('c.json', { ...question, types: [{ ...question.types[0], cost: 0.5 }] })],
    /types\[0\]\.cost/,
  ],
  [
    'a negative size',
    () => [file('n.json', { ...question, types: [{ ...question.types[0], cap: [-1, 5] }] })],
    /types\[0\]\.cap/,
  ],
  ['no policy', () => [file('p.json', { ...question, policy: undefined })], /"policy" is missing/],
  [
    'more tasks than fit',
    () => [file('m.json', { ...question, instances: [first, { ...second, tasks: { web: 1e9 } }] })],
    /i-2/,
  ],
  [
    '200 MB',
    () => {
      const path = file('huge.json', '{');
      truncateSync(path, 200_000_000);
      return [path];
    },
    /huge\.json/,
  ],
  ['two limits', () => ['x', '--work', '1', '--seconds', '1'], /two ways to say when to stop/],
  ['two wishes', () => ['x', '--max-moves', '1', '--move-price', '1'], /two ways to limit moves/],
  ['a horizon alone', () => ['x', '--horizon-hours', '9'], /--horizon-hours needs --move-price/],
  ['a cluster too', () => ['x', 'tulip'], /"tulip" is not expected here/],
  [
    'another money',
    () => [file('e.json', { ...question, money: 'EUR' }), '--move-price', '1'],
    /--move-price is in USD/,
  ],
])('%s: one clear line and exit 2', async (_name, args, expected) => {
  const ran = await run('consolidate', '--snapshot', ...args());

  expect([ran.code, ran.stdout]).toEqual([2, '']);
  expect(ran.stderr).toMatch(expected);
  expect(ran.stderr.trimEnd().split('\n')).toHaveLength(1);
});
