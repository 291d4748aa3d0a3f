import { join } from 'node:path';
import { expect, test } from 'vitest';
import { outcomeOf, type Ran, runProduct, startProduct } from '../support/product.ts';
import { aTerminal } from '../support/terminal.ts';

const { env, folder, run } = aTerminal();

test('the worked example reads the same as text, JSON and CSV', async () => {
  const question = [
    'capacity',
    '--vcpu',
    '2',
    '--memory',
    '8',
    '--tasks',
    '12',
    '--as-of',
    '2026-11-24',
    '--region',
    'us-east-1',
  ];
  const [text, json, csv] = await Promise.all([
    run(...question),
    run(...question, '--json'),
    run(...question, '--csv'),
  ]);
  const answer = JSON.parse(json.stdout);

  expect([text.code, json.code, csv.code]).toEqual([0, 0, 0]);
  // 12 x 730 x (2 x 0.04048 + 8 x 0.004445) = 1,020.7152
  expect(text.stdout.split('\n')[0]).toContain('Stay on Fargate, 2 vCPU / 8 GiB: $1,020.72/mo.');
  expect(answer.format).toBe('ecs-advise.capacity/1');
  expect(
    answer.result.options.map((row: { kind: string; usdPerMonth: string | null }) => [row.kind, row.usdPerMonth]),
  ).toEqual([
    ['asg-on-demand', '997.08'],
    ['fargate', '1020.7152'],
    ['mi-on-demand', '1127.8656'],
    ['fargate-spot', null],
    ['mi-reserved', null],
    ['mi-spot', null],
    ['asg-spot', null],
  ]);
  expect(csv.stdout).toContain('fargate,true,2,fargate-vcpu,17520,vCPU-hour,0.04048,709.2096,1020.7152\r\n');
  expect(json.stdout.endsWith('}\n')).toBe(true);
  expect(json.stderr).toBe('');
});

test('a day of the talk and today differ, with reasons and facts', async () => {
  const question = [
    'capacity',
    '--vcpu',
    '20',
    '--memory',
    '60',
    '--interruptible',
    '--region',
    'us-east-1',
    '--json',
    '--as-of',
  ];
  const [then, today] = await Promise.all([run(...question, '2025-12-04'), run(...question, '2026-11-24')]);
  const reason = (ran: Ran, kind: string) => {
    const row = JSON.parse(ran.stdout).result.options.find((option: { kind: string }) => option.kind === kind);
    return [row.feasible, row.feasible ? null : `${row.reasons[0].rule} ${row.reasons[0].fact}`];
  };

  expect(reason(then, 'mi-spot')).toEqual([false, 'mi-spot mi.spot']);
  expect(reason(then, 'fargate')).toEqual([false, 'fargate-size fargate.sizes']);
  expect(reason(today, 'mi-spot')).toEqual([true, null]);
  expect(reason(today, 'fargate')).toEqual([true, null]);
});

test('an answer that is no ends with 1, everywhere with a reason', async () => {
  const ran = await run('capacity', '--vcpu', '10000');

  expect(ran.code).toBe(1);
  expect(ran.stdout).toContain('No option can run this task.');
  expect(ran.stdout).toContain('192 vCPU');
});

test.each<[string, readonly string[], string]>([
  ['an unknown flag', ['capacity', '--memry', '2'], '--memory'],
  ['a unit that is not taken', ['capacity', '--memory', '2TB'], 'GiB'],
  ['an unknown region', ['capacity', '--vcpu', '1', '--region', 'eu-wst-1'], 'eu-west-1'],
  ['an unknown verb', ['capasity'], 'capacity'],
  ['five thousand characters', ['capacity', 'x'.repeat(5_000)], 'characters'],
])('%s is one line on stderr and exit 2', async (_name, args, says) => {
  const ran = await run(...args);

  expect(ran.code).toBe(2);
  expect(ran.stdout).toBe('');
  expect(ran.stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(ran.stderr).toContain(says);
});

test('with --json an error is JSON on stdout', async () => {
  const ran = await run('capacity', '--tasks', '0', '--json');

  expect(ran.code).toBe(2);
  expect(JSON.parse(ran.stdout).error).toMatchObject({ kind: 'usage', code: 'usage_bad_value' });
  expect(ran.stderr).toBe('');
});

test('saved answers are listed, replayed to the byte and verified', async () => {
  const saved = JSON.parse((await run('capacity', '--vcpu', '1', '--memory', '2', '--json')).stdout).record;
  const [shown, replayed, verified] = await Promise.all([
    run('decisions', 'show', saved, '--view', 'lines'),
    run('decisions', 'replay', saved, '--json'),
    run('decisions', 'verify', '--json'),
  ]);

  expect(shown.stdout).toContain('fargate-vcpu');
  expect(JSON.parse(replayed.stdout).result.replay).toMatchObject({ same: true, verified: true });
  expect(JSON.parse(verified.stdout).result.verify).toMatchObject({ intact: true, firstBad: null });
});

test('help, version and facts need no database', async () => {
  const [help, version, facts] = await Promise.all([
    run('help', 'capacity'),
    run('--version'),
    run('facts', 'mi.spot'),
  ]);

  expect(help.stdout).toContain('--per-day');
  expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(facts.stdout).toContain('2025-12-18');
});

test('a broken configuration is exit 78 with every problem', async () => {
  const { code, stderr } = await runProduct(['start'], { ...env, PORT: 'abc', SLACK_BOT_TOKEN: 'wrong' });

  expect(code).toBe(78);
  expect(stderr).toContain('PORT');
  expect(stderr).toContain('SLACK_BOT_TOKEN');
});

test('a bot whose log is no longer read keeps still and ends on SIGTERM', async () => {
  const child = startProduct(['start'], {
    ...env,
    PORT: '0',
    DATABASE_URL: `sqlite:${join(folder, 'unread.db')}`,
    SLACK_BOT_TOKEN: 'xoxb-1-unread',
    SLACK_SIGNING_SECRET: '0'.repeat(32),
    // Nobody listens on the discard port: the bot starts and says so in its log.
    SLACK_API_URL: 'http://127.0.0.1:9/api/',
  });
  const ended = outcomeOf(child);
  await new Promise<void>((resolve) => {
    child.stderr.on('data', (chunk) => {
      if (String(chunk).includes('"msg":"ready"')) resolve();
    });
  });
  child.stderr.destroy();
  child.kill('SIGTERM');

  expect(await ended).toMatchObject({ code: 0 });
});
