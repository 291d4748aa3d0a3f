import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aTerminal } from '../support/terminal.ts';

const { file, folder, run } = aTerminal();

const question = {
  format: 'ecs-pack/1',
  resources: ['cpuUnits', 'memoryMiB'],
  types: [
    { name: 'm7a.large', cap: [1920, 7424], cost: 115_920_000 },
    { name: 'm7a.xlarge', cap: [3968, 15_104], cost: 231_840_000 },
  ],
  shapes: [
    { id: 'web', req: [256, 1024], count: 14 },
    { id: 'worker', req: [1024, 2048], count: 7 },
  ],
};

test('a file is packed, and the saved answer verifies; one changed byte does not', async () => {
  const path = file('question.json', question);
  const packed = await run('pack', path, '--work', '40', '--json');
  const answer = JSON.parse(packed.stdout);
  const saved = file('answer.json', packed.stdout);
  const edited = file('edited.json', packed.stdout.replace(`"cost":${answer.cost}`, `"cost":${answer.cost + 1}`));
  const broken = file('broken.json', packed.stdout.slice(0, -3));
  const [text, good, bad, half] = await Promise.all([
    run('pack', path, '--work', '40'),
    run('verify', saved, '--input', path, '--json'),
    run('verify', edited, '--input', path),
    run('verify', broken, '--input', path, '--json'),
  ]);

  expect([packed.code, text.code, good.code, bad.code, half.code]).toEqual([0, 0, 0, 1, 1]);
  expect(answer.format).toBe('ecs-pack-answer/1');
  expect(Object.keys(answer)).toEqual([
    'answerSha256',
    'bins',
    'certificate',
    'cost',
    'engineVersion',
    'format',
    'gap',
    'inputSha256',
    'lowerBound',
    'proved',
    'stopped',
    'work',
  ]);
  expect(text.stdout).toMatch(/^\d+ bins for 21 tasks, cost [\d,]+\. /);
  expect(JSON.parse(good.stdout)).toMatchObject({ ok: true });
  expect(bad.stdout).toMatch(/^The answer does not hold\. unchanged: /);
  expect(JSON.parse(half.stdout)).toEqual({
    ok: false,
    checks: [{ name: 'format', ok: false, detail: 'the answer is not JSON' }],
  });
  expect([packed, text, good, bad, half].map(({ stderr }) => stderr)).toEqual(['', '', '', '', '']);
});

test('the same work gives the same bytes', async () => {
  const path = file('again.json', question);
  const [first, second] = await Promise.all([
    run('pack', path, '--work', '7', '--json'),
    run('pack', path, '--work', '7', '--json'),
  ]);

  expect(first.stdout).not.toBe('');
  expect(second.stdout).toBe(first.stdout);
});

test('a task that fits nowhere is an answer, exit 1, and it verifies too', async () => {
  const path = file('large.json', { ...question, shapes: [{ id: 'huge', req: [99_999, 1], count: 1 }] });
  const packed = await run('pack', path, '--json');
  const [text, verified] = await Promise.all([
    run('pack', path),
    run('verify', file('infeasible.json', packed.stdout), '--input', path, '--json'),
  ]);

  expect(packed.code).toBe(1);
  expect(JSON.parse(packed.stdout)).toEqual({
    infeasible: [{ shape: 'huge', because: 'needs 99999 cpuUnits, the largest type that may hold it has 3968' }],
  });
  expect([text.code, text.stdout]).toEqual([
    1,
    '1 shape cannot be placed.\n\n  - huge: needs 99999 cpuUnits, the largest type that may hold it has 3968\n',
  ]);
  expect([verified.code, JSON.parse(verified.stdout).ok]).toEqual([0, true]);
});

/** Every other bad file and flag is in test/commands/files.test.ts, in this process. */
test.each<[string, () => readonly string[], RegExp]>([
  ['no file', () => [join(folder, 'absent.json')], /^error: there is no file .*absent\.json\n$/],
  ['both limits', () => ['x', '--work', '1', '--seconds', '1'], /two ways to say when to stop/],
])('%s: one clear line and exit 2', async (_name, args, expected) => {
  const ran = await run('pack', ...args());

  expect([ran.code, ran.stdout]).toEqual([2, '']);
  expect(ran.stderr).toMatch(expected);
  expect(ran.stderr.trimEnd().split('\n')).toHaveLength(1);
});
