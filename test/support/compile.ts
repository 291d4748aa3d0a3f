import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, extname, join, relative } from 'node:path';
import ts from 'typescript';
import type { TestProject } from 'vitest/node';

/**
 * Tests start the product and the demo as processes dozens of times, and every start from source compiles all of it
 * anew. So each run of the tests first turns `src` and `demo` into JavaScript, with the compiler and options of
 * `npm run build`, in a folder of its own that goes with the run: no test can meet an older state of the sources. What
 * outlives a run is the JavaScript of single files, found by a hash of all that it was made from.
 */

declare module 'vitest' {
  interface ProvidedContext {
    /** A folder laid out like the checkout, with JavaScript in the place of TypeScript. */
    readonly compiled: string;
  }
}

const ROOT = join(import.meta.dirname, '..', '..');
/** Inside the checkout, because packages are looked for upwards from the file that imports them. */
const CACHE = join(ROOT, 'node_modules', '.cache', 'ecs-advise-tests');
const FILES = join(CACHE, 'files');
/** What the code looks for beside itself. */
const LINKED = ['data', 'deploy', 'package.json'];

/** Longer than any run: a folder as old as this was left behind by one that was killed. */
const LEFT_BEHIND_MS = 24 * 3_600_000;

/** Vitest calls it before the first test, and what it returns after the last. */
export function setup(project: TestProject): () => void {
  mkdirSync(FILES, { recursive: true });
  for (const name of readdirSync(CACHE)) {
    const path = join(CACHE, name);
    const isLeft = name.startsWith('run-') && Date.now() - statSync(path).mtimeMs > LEFT_BEHIND_MS;
    if (isLeft) rmSync(path, { recursive: true, force: true });
  }
  const folder = mkdtempSync(join(CACHE, 'run-'));
  for (const name of LINKED) symlinkSync(join(ROOT, name), join(folder, name));
  compileAll(folder);
  project.onTestsRerun(() => compileAll(folder));
  project.provide('compiled', folder);
  return () => rmSync(folder, { recursive: true, force: true });
}

function compileAll(folder: string): void {
  const options = compilerOptions();
  for (const top of ['src', 'demo']) {
    // A second run in watch mode must not find what has been deleted since the first.
    rmSync(join(folder, top), { recursive: true, force: true });
    for (const entry of readdirSync(join(ROOT, top), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const source = join(entry.parentPath, entry.name);
      const target = join(folder, relative(ROOT, source));
      mkdirSync(dirname(target), { recursive: true });
      if (/\.tsx?$/.test(source)) copyFileSync(compiled(source, options), target.replace(/\.tsx?$/, '.js'));
      else copyFileSync(source, target);
    }
  }
}

/** Those of the build, but a file is compiled alone and cannot see that package.json makes it an ES module. */
function compilerOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.build.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  const modules = { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler };
  const places = { configFilePath: undefined, rootDir: undefined, outDir: undefined };
  return { ...options, ...modules, ...places, sourceMap: false };
}

/** The file with the JavaScript of this source. */
function compiled(source: string, options: ts.CompilerOptions): string {
  const text = readFileSync(source, 'utf8');
  const hash = createHash('sha256').update(JSON.stringify([ts.version, options, extname(source), text]));
  const kept = join(FILES, `${hash.digest('hex')}.js`);
  if (!existsSync(kept)) {
    const { outputText } = ts.transpileModule(text, { fileName: source, compilerOptions: options });
    // Written beside and renamed, because another run may be reading the same file.
    const half = `${kept}.${process.pid}`;
    writeFileSync(half, outputText);
    renameSync(half, kept);
  }
  return kept;
}
