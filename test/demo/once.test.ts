import { expect, test } from 'vitest';
import { outcomeOf, startDemo, startDemoFromSource } from '../support/product.ts';

test('one question prints one transcript of the real bot', async () => {
  const ran = await outcomeOf(
    startDemoFromSource(['--once', 'capacity --vcpu 2 --memory 8 --tasks 12 --region us-east-1']),
  );

  expect(ran.code).toBe(0);
  expect(ran.stdout).toContain('ana  /ecs-advise capacity --vcpu 2 --memory 8 --tasks 12');
  expect(ran.stdout).toContain('Stay on Fargate, 2 vCPU / 8 GiB: $1,020.72/mo.');
  expect(ran.stdout).toContain('[Share in channel]');
});

test('the transcript ends with the exit code of the verb: 1 when nothing is feasible', async () => {
  const ran = await outcomeOf(startDemo(['--once', 'capacity --vcpu 10000']));

  expect(ran.code).toBe(1);
  expect(ran.stdout).toContain('ana  /ecs-advise capacity --vcpu 10000');
});

test('with --json the JSON stands alone', async () => {
  const ran = await outcomeOf(
    startDemo(['--once', 'capacity --vcpu 2 --memory 8 --tasks 12 --region us-east-1 --json']),
  );

  expect(JSON.parse(ran.stdout).result.recommended).toBe('fargate');
});
