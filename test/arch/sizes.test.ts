import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { lineOf, type Source, sourcesIn, walk } from './sources.ts';

/** Past these, a file or function holds more than one idea. */
const LIMIT = { fileLines: 400, functionLines: 70, parameters: 4 } as const;

type Sized = { readonly name: string; readonly lines: number; readonly parameters: number };

const sources = ['src', 'demo', 'scripts', 'bench'].flatMap((folder) => [...sourcesIn(folder)]);
const files: readonly Sized[] = sources.map((source) => ({
  name: source.path,
  lines: source.text.split('\n').length - 1,
  parameters: 0,
}));
const functions: readonly Sized[] = sources.flatMap(functionsOf);

/** Every function with a body: its place and name, its lines and its parameters. */
function functionsOf(source: Source): readonly Sized[] {
  const found: Sized[] = [];
  walk(source, (node) => {
    if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined) return;
    const last = source.tree.getLineAndCharacterOfPosition(node.getEnd()).line + 1;
    const first = lineOf(source, node);
    found.push({
      name: `${source.path}:${first} ${nameOf(node)}`,
      lines: last - first + 1,
      parameters: node.parameters.length,
    });
  });
  return found;
}

function nameOf(node: ts.SignatureDeclaration): string {
  const own = node.name ?? (ts.isVariableDeclaration(node.parent) ? node.parent.name : undefined);
  return own === undefined ? '(anonymous)' : own.getText();
}

function largest(sized: readonly Sized[]): string {
  return [...sized]
    .sort((a, b) => b.lines - a.lines || (a.name < b.name ? -1 : 1))
    .slice(0, 5)
    .map(({ lines, name }) => `  ${String(lines).padStart(4)}  ${name}`)
    .join('\n');
}

describe('sizes', () => {
  test('the five largest files and functions are printed, so that growth is seen in review', () => {
    process.stdout.write(
      `largest files (lines)\n${largest(files)}\nlargest functions (lines)\n${largest(functions)}\n`,
    );
    expect(files.length).toBeGreaterThan(0);
  });

  test(`no file is longer than ${LIMIT.fileLines} lines`, () => {
    expect(files.filter(({ lines }) => lines > LIMIT.fileLines).map(({ name, lines }) => `${name}: ${lines}`)).toEqual(
      [],
    );
  });

  test(`no function is longer than ${LIMIT.functionLines} lines`, () => {
    expect(
      functions.filter(({ lines }) => lines > LIMIT.functionLines).map(({ name, lines }) => `${name}: ${lines}`),
    ).toEqual([]);
  });

  test(`no function takes more than ${LIMIT.parameters} parameters`, () => {
    expect(
      functions
        .filter(({ parameters }) => parameters > LIMIT.parameters)
        .map(({ name, parameters }) => `${name}: ${parameters}`),
    ).toEqual([]);
  });
});
