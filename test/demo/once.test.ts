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

test('one question prints one transcript of the real bot and ends with the exit code of the verb', async () => {
  const [yes, no] = [
    await demo('--once', 'capacity --vcpu 2 --memory 8 --tasks 12'),
    await demo('--once', 'capacity --vcpu 10000'),
  ];

  expect(yes.code).toBe(0);
  expect(yes.stdout).toContain('ana  /ecs-advise capacity --vcpu 2 --memory 8 --tasks 12');
  expect(yes.stdout).toContain('Stay on Fargate, 2 vCPU / 8 GiB: $1,020.72/mo.');
  expect(yes.stdout).toContain('[Share in channel]');
  expect(no.code).toBe(1);
});

test('with --json the JSON stands alone', async () => {
  const ran = await demo('--once', 'capacity --vcpu 2 --memory 8 --tasks 12 --json');

  expect(JSON.parse(ran.stdout).result.recommended).toBe('fargate');
});
