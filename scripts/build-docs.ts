import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commandsPage } from './docs/commands.ts';
import { configPage } from './docs/config.ts';
import { errorsPage } from './docs/errors.ts';
import { factsPage } from './docs/facts.ts';
import { rulesPage } from './docs/rules.ts';

/**
 * Makes docs/reference from the code and the data, so that the reference cannot be stale:
 *
 *     npm run docs              writes the pages
 *     npm run docs -- --check   writes nothing; exit code 1 and the names of the pages that differ
 */

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Path from the checkout -> text, for every generated page. Same code and data, same bytes. */
export function buildDocs(root: string = ROOT): ReadonlyMap<string, string> {
  return new Map([
    ['docs/reference/commands.md', commandsPage()],
    ['docs/reference/config.md', configPage(root)],
    ['docs/reference/errors.md', errorsPage(root)],
    ['docs/reference/facts.md', factsPage(root)],
    ['docs/reference/rules.md', rulesPage()],
  ]);
}

/** The pages whose file is missing or differs from what the code says now. */
export function stalePages(root: string = ROOT): readonly string[] {
  return [...buildDocs(root)].filter(([path, text]) => readOr(join(root, path), null) !== text).map(([path]) => path);
}

function readOr<T>(path: string, otherwise: T): string | T {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return otherwise;
    throw error;
  }
}

function main(): number {
  const stale = stalePages();
  if (process.argv.includes('--check')) {
    for (const path of stale) console.error(`${path} is not what the code says: run npm run docs`);
    return stale.length === 0 ? 0 : 1;
  }
  for (const [path, text] of buildDocs()) {
    mkdirSync(dirname(join(ROOT, path)), { recursive: true });
    writeFileSync(join(ROOT, path), text);
  }
  console.log(stale.length === 0 ? 'docs/reference was current' : `written: ${stale.join(', ')}`);
  return 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main();
