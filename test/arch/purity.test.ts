import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { lineOf, type Source, sourcesIn, walk } from './sources.ts';

/** Globals that would let the world, the clock or the machine's language into an answer. */
const GLOBALS = new Set([
  'Intl',
  'console',
  'process',
  'performance',
  'globalThis',
  'fetch',
  'crypto',
  'Buffer',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
]);
const MEMBERS = new Set(['Date.now', 'Math.random']);

/** What makes a file of the engine impure, as `path:line: text`. */
function impurities(source: Source): readonly string[] {
  const found: string[] = [];
  walk(source, (node) => {
    if (isImpure(node, source))
      found.push(`${source.path}:${lineOf(source, node)}: ${node.getText(source.tree).slice(0, 60)}`);
  });
  return found;
}

function isImpure(node: ts.Node, source: Source): boolean {
  if (ts.isPropertyAccessExpression(node)) {
    return MEMBERS.has(node.getText(source.tree)) || /^(toLocale\w*|localeCompare)$/.test(node.name.text);
  }
  if (ts.isNewExpression(node) || ts.isCallExpression(node)) return node.expression.getText(source.tree) === 'Date';
  if (!ts.isIdentifier(node) || !GLOBALS.has(node.text)) return false;
  const parent = node.parent;
  const isName =
    (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
    (ts.isPropertyAssignment(parent) && parent.name === node) ||
    (ts.isPropertySignature(parent) && parent.name === node);
  return !isName;
}

describe('the engine is pure', () => {
  test('no clock, no randomness, no locale, no world in src/engine', () => {
    expect(sourcesIn('src/engine').flatMap(impurities)).toEqual([]);
  });

  test('the check itself sees each kind of impurity', () => {
    const text = [
      'Date.now();',
      'new Date();',
      'Date();',
      'Math.random();',
      '"a".localeCompare("b");',
      '(1).toLocaleString();',
      'new Intl.NumberFormat();',
      'console.log(1);',
      'process.exit(1);',
      'const fine = { process: 1 }; fine.process; // Date.now() in a comment is fine',
    ].join('\n');
    const source = {
      path: 'sample.ts',
      text,
      tree: ts.createSourceFile('sample.ts', text, ts.ScriptTarget.ES2023, true),
    };
    expect(impurities(source).map((line) => Number(line.split(':')[1]))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});
