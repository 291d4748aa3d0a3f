import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { join } from 'node:path';
import { inject } from 'vitest';
import type { World } from '../../demo/world.ts';
import type { Estate } from './estate.ts';

/** The real program as a process of its own, from the JavaScript that `compile.ts` has made for this run of the tests. */

const ROOT = join(import.meta.dirname, '..', '..');

export type Ran = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** Starts `ecs-advise ARGS` with this environment and nothing else in it. */
export function startProduct(args: readonly string[], env: NodeJS.ProcessEnv): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [join(inject('compiled'), 'src', 'cli.js'), ...args], { cwd: ROOT, env });
}

/** Starts `npm run demo -- ARGS`, compiled like the product. */
export function startDemo(args: readonly string[]): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [join(inject('compiled'), 'demo', 'main.js'), ...args], { cwd: ROOT });
}

/** The demo's world in this process, with the compiled bot in its own. */
export async function demoWorld(): Promise<World> {
  const path = join(inject('compiled'), 'demo', 'world.js');
  const { startWorld } = (await import(path)) as typeof import('../../demo/world.ts');
  return startWorld(0);
}

/** `startDemo` from source, as people start it. */
export function startDemoFromSource(args: readonly string[]): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, ['--import', 'tsx', join(ROOT, 'demo', 'main.ts'), ...args], { cwd: ROOT });
}

/** Runs `ecs-advise ARGS` to its end. */
export function runProduct(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ran> {
  return outcomeOf(startProduct(args, env));
}

/** What a process has said once it has ended, however it ended. */
export function outcomeOf(child: ChildProcessWithoutNullStreams): Promise<Ran> {
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** The environment of somebody who works on the estate's own database and accounts. */
export function environmentOf({ databaseUrl, configPath }: Estate): NodeJS.ProcessEnv {
  return { ...process.env, DATABASE_URL: databaseUrl, ECS_ADVISE_CONFIG: configPath };
}

/** What `ecs-advise ARGS` prints on the estate's own database and accounts. Throws when it does not end with 0. */
export async function inTerminal(estate: Estate, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runProduct(args, environmentOf(estate));
  if (code !== 0) throw new Error(`ecs-advise ${args.join(' ')}: exit ${code}\n${stderr}${stdout}`);
  return stdout;
}
