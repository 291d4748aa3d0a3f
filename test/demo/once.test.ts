import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');

function demo(...args: readonly string[]): Promise<{ readonly code: number | null; readonly stdout: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', join(ROOT, 'demo', 'main.ts'), ...args], { cwd: ROOT });
  let stdout = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout }));
  });
}

test('one question prints one transcript of the real bot', async () => {
  const ran = await demo('--once', 'capacity --vcpu 2 --memory 8 --tasks 12 --region us-east-1');

  expect(ran.code).toBe(0);
  expect(ran.stdout).toContain('ana  /ecs-advise capacity --vcpu 2 --memory 8 --tasks 12');
  expect(ran.stdout).toContain('Stay on Fargate, 2 vCPU / 8 GiB: $1,020.72/mo.');
  expect(ran.stdout).toContain('[Share in channel]');
});

test('the transcript ends with the exit code of the verb: 1 when nothing is feasible', async () => {
  const ran = await demo('--once', 'capacity --vcpu 10000');

  expect(ran.code).toBe(1);
  expect(ran.stdout).toContain('ana  /ecs-advise capacity --vcpu 10000');
});

test('with --json the JSON stands alone', async () => {
  const ran = await demo('--once', 'capacity --vcpu 2 --memory 8 --tasks 12 --region us-east-1 --json');

  expect(JSON.parse(ran.stdout).result.recommended).toBe('fargate');
});
