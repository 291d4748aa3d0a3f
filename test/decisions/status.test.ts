import { expect, test } from 'vitest';
import { statusCommand } from '../../src/commands/status.ts';
import { toText } from '../../src/report/text.ts';
import { at, aWorld } from './world.ts';

test('status says what is saved, how old prices are, and that no account is scanned', async () => {
  const { run, ask } = await aWorld();
  await ask('--vcpu 1 --memory 2 --tasks 3');

  const answered = await run(statusCommand, '');

  const text = toText(answered.report);
  expect(text).toContain('Slack, connected');
  expect(text).toContain('1, newest 2026-11-24 09:00 UTC');
  expect(text).toContain('us-east-1 (a guess: none is set)');
  expect(text).toMatch(/Fargate \d{4}-\d\d-\d\d/);
  expect(text).toContain('10 % and $25.00 a month');
  expect(text).toContain('No AWS account is configured');
  expect(answered.json).toMatchObject({ format: 'ecs-advise.status/1', result: { records: 1, regions: 34 } });
});

test('status works on an empty database and a region without prices', async () => {
  const { run } = await aWorld({ defaultRegion: { region: 'us-gov-west-1', from: 'AWS_REGION' } });
  const answered = await run(statusCommand, '');
  expect(toText(answered.report)).toContain('none for us-gov-west-1');
  expect(toText(answered.report)).toContain('none yet');
  expect(at(answered.json, 'result', 'priceDates')).toBeNull();
});

test('status takes no words', async () => {
  const { run } = await aWorld();
  await expect(run(statusCommand, 'please')).rejects.toMatchObject({ code: 'usage_unexpected_word' });
});
