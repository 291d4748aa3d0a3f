import { truncateSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CONSOLIDATE_FILE } from '../support/files.ts';
import { aTerminal } from '../support/terminal.ts';

const { file, run } = aTerminal();

test('a file is consolidated, and the saved answer verifies; an edited move does not', async () => {
  const path = file('question.json', CONSOLIDATE_FILE);
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

test('the same work gives the same bytes', async () => {
  const path = file('again.json', CONSOLIDATE_FILE);
  const [one, two] = await Promise.all([
    run('consolidate', '--snapshot', path, '--work', '9', '--json'),
    run('consolidate', '--snapshot', path, '--work', '9', '--json'),
  ]);

  expect(one.stdout).not.toBe('');
  expect(two.stdout).toBe(one.stdout);
});

/** Every other bad file and flag is in test/commands/files.test.ts, in this process. */
test.each<[string, () => readonly string[], RegExp]>([
  ['not JSON', () => [file('half.json', '{"format"')], /half\.json: .*JSON\n$/],
  [
    '200 MB',
    () => {
      const path = file('huge.json', '{');
      truncateSync(path, 200_000_000);
      return [path];
    },
    /huge\.json is larger than the \d+ MiB that I read\n$/,
  ],
  ['two limits', () => ['x', '--work', '1', '--seconds', '1'], /two ways to say when to stop/],
])('%s: one clear line and exit 2', async (_name, args, expected) => {
  const ran = await run('consolidate', '--snapshot', ...args());

  expect([ran.code, ran.stdout]).toEqual([2, '']);
  expect(ran.stderr).toMatch(expected);
  expect(ran.stderr.trimEnd().split('\n')).toHaveLength(1);
});
