import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** Folder of the checkout. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** One parsed file; `path` is relative to the checkout, with forward slashes. */
export type Source = { readonly path: string; readonly text: string; readonly tree: ts.SourceFile };

/** Every `.ts` and `.tsx` file below `folder`, sorted by path; empty when the folder does not exist. */
export function sourcesIn(folder: string): readonly Source[] {
  let names: string[];
  try {
    names = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return names
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) =>
      relative(ROOT, join(ROOT, folder, name))
        .split(sep)
        .join('/'),
    )
    .sort()
    .map((path) => {
      const text = readFileSync(join(ROOT, path), 'utf8');
      return { path, text, tree: ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true) };
    });
}

/** Calls `visit` on every node of the file, outside in. */
export function walk(source: Source, visit: (node: ts.Node) => void): void {
  const step = (node: ts.Node): void => {
    visit(node);
    ts.forEachChild(node, step);
  };
  step(source.tree);
}

/** 1-based line of a node, as editors count. */
export function lineOf(source: Source, node: ts.Node): number {
  return source.tree.getLineAndCharacterOfPosition(node.getStart(source.tree)).line + 1;
}

/** What the file imports, static, re-exported or dynamic: the specifiers as written, with the line of each. */
export function importsOf(source: Source): readonly { readonly specifier: string; readonly line: number }[] {
  const found: { specifier: string; line: number }[] = [];
  walk(source, (node) => {
    const literal = importedLiteral(node);
    if (literal !== undefined && ts.isStringLiteralLike(literal)) {
      found.push({ specifier: literal.text, line: lineOf(source, node) });
    }
  });
  return found;
}

function importedLiteral(node: ts.Node): ts.Expression | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return ts.isStringLiteral(node.argument.literal) ? node.argument.literal : undefined;
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) return node.arguments[0];
  return undefined;
}

/** The file a relative import points to, relative to the checkout; null for a package. */
export function targetOf(source: Source, specifier: string): string | null {
  return specifier.startsWith('.') ? posix.join(posix.dirname(source.path), specifier) : null;
}
