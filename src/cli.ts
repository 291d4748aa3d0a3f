#!/usr/bin/env node
/** The same commands in a terminal: text, `--json`, `--csv`. Exit codes: 0, 1 the answer is no, else errors.ts. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { type Outcome, runCommand } from './commands/run.ts';
import { loadConfig } from './config.ts';
import { canonicalJson } from './engine/index.ts';
import { type AdviseError, EXIT_CODE, toAdviseError } from './errors.ts';
import { toCsv, toText } from './report/text.ts';
import { wire } from './wire.ts';

/** Writes all of it before resolving, however large; a reader that has gone away is no error. */
function write(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => {
      if (error == null || (error as NodeJS.ErrnoException).code === 'EPIPE') resolve();
      else reject(error);
    });
  });
}

async function fail(error: AdviseError, isJson: boolean): Promise<number> {
  const { kind, code, message, hint } = error;
  if (isJson) await write(process.stdout, `${canonicalJson({ error: { kind, code, message, hint: hint ?? null } })}\n`);
  else
    await write(
      process.stderr,
      `error: ${message}${hint === undefined ? '' : ` – try: ${hint.replace(/^type /, '')}`}\n`,
    );
  return EXIT_CODE[kind];
}

async function show(outcome: Outcome, isJson: boolean): Promise<number> {
  if (outcome.kind === 'failed') return fail(outcome.error, isJson);
  const { answered, output } = outcome;
  if (output === 'json') await write(process.stdout, `${canonicalJson(answered.json)}\n`);
  else await write(process.stdout, output === 'csv' ? toCsv(answered.report.csv ?? []) : toText(answered.report));
  return answered.exitCode;
}

function version(): string {
  const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  return manifest.version;
}

async function ask(args: readonly string[]): Promise<number> {
  const isJson = args.includes('--json');
  try {
    const { deps, close } = await wire(loadConfig({ slack: 'optional' }), { storeOnDemand: true });
    try {
      const call = {
        id: randomUUID().slice(0, 8),
        actor: `terminal:${userInfo().username}`,
        surface: 'terminal',
        now: deps.clock.now(),
      } as const;
      return await show(await runCommand(args, deps, call), isJson);
    } finally {
      await close();
    }
  } catch (error) {
    return fail(toAdviseError(error), isJson);
  }
}

async function main(args: readonly string[]): Promise<number> {
  const [verb, ...rest] = args;
  if (verb === '--version' || verb === '-v') {
    await write(process.stdout, `${version()}\n`);
    return 0;
  }
  if (verb === 'start') return (await import('./main.ts')).start();
  if (verb === 'doctor') return (await import('./doctor.ts')).doctor(rest);
  if (verb === 'scan') return (await import('./scan.ts')).scan(rest);
  if (verb === 'refresh-facts') return (await import('./refresh-facts.ts')).refresh(rest);
  return ask(args);
}

// Without this, a reader that has gone away is an exception nobody caught, and logging that one is the next.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}
process.exitCode = await main(process.argv.slice(2));
