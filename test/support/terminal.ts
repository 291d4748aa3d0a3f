import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { type Ran, runProduct } from './product.ts';

type Terminal = {
  readonly folder: string;
  /** Nothing but what a process needs; the home folder is `folder`. */
  readonly env: NodeJS.ProcessEnv;
  readonly run: (...args: readonly string[]) => Promise<Ran>;
  /** Writes a file of that name, and returns its path. */
  readonly file: (name: string, content: unknown) => string;
};

/** A place to type commands, with a database of its own; it goes with the tests of the file that asks for it. */
export function aTerminal(): Terminal {
  const folder = mkdtempSync(join(tmpdir(), 'ecs-advise-cli-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: folder,
    DATABASE_URL: `sqlite:${join(folder, 'cli.db')}`,
    TMPDIR: folder,
  };
  return {
    folder,
    env,
    run: (...args) => runProduct(args, env),
    file: (name, content) => {
      const path = join(folder, name);
      writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
      return path;
    },
  };
}
