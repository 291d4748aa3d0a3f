import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { lineOf, type Source, sourcesIn, walk } from './sources.ts';

/** Parts of the language this code does without, and how to see each. */
const BANNED: Readonly<Record<string, (node: ts.Node) => boolean>> = {
  any: (node) => node.kind === ts.SyntaxKind.AnyKeyword,
  enum: ts.isEnumDeclaration,
  namespace: (node) => ts.isModuleDeclaration(node),
  'default export': (node) =>
    (ts.isExportAssignment(node) && node.isExportEquals !== true) ||
    (node.kind === ts.SyntaxKind.DefaultKeyword && isModifier(node)),
  'non-null !': ts.isNonNullExpression,
  'empty catch': (node) => ts.isCatchClause(node) && node.block.statements.length === 0,
};

function isModifier(node: ts.Node): boolean {
  return (
    ts.canHaveModifiers(node.parent) && (ts.getModifiers(node.parent)?.some((modifier) => modifier === node) ?? false)
  );
}

const src = sourcesIn('src');
const place = (source: Source, node: ts.Node): string => `${source.path}:${lineOf(source, node)}`;

describe('language', () => {
  test.each(Object.entries(BANNED))('src has no %s', (_name, isBanned) => {
    const found: string[] = [];
    for (const source of src) walk(source, (node) => void (isBanned(node) && found.push(place(source, node))));
    expect(found).toEqual([]);
  });

  test('nothing silences the compiler or the linter', () => {
    const silencer = /@ts-(ignore|nocheck|expect-error)|biome-ignore|eslint-disable/;
    const found = src.flatMap((source) =>
      source.text.split('\n').flatMap((line, index) => (silencer.test(line) ? [`${source.path}:${index + 1}`] : [])),
    );
    expect(found).toEqual([]);
  });

  test('no folder is called utils, helpers or common', () => {
    expect(src.filter(({ path }) => /\/(utils|helpers|common)(\/|\.ts$)/.test(path)).map(({ path }) => path)).toEqual(
      [],
    );
  });
});
