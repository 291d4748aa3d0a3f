import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { type ErrorKind, EXIT_CODE } from '../../src/errors.ts';
import { code, pageHead, table } from './markdown.ts';

type Entry = { readonly code: string; readonly kind: ErrorKind; readonly message: string };

/** docs/reference/errors.md: every code that src can throw, found in the code itself. */
export function errorsPage(root: string): string {
  const entries = new Map<string, Entry>();
  for (const name of readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).sort()) {
    if (!name.endsWith('.ts')) continue;
    for (const entry of codesIn(name, readFileSync(join(root, 'src', name), 'utf8'))) {
      const known = entries.get(entry.code);
      if (known === undefined || letters(entry.message) > letters(known.message)) entries.set(entry.code, entry);
    }
  }
  const rows = [...entries.values()]
    .sort((a, b) => (a.code < b.code ? -1 : 1))
    .map((entry) => [code(entry.code), entry.kind, String(EXIT_CODE[entry.kind]), entry.message]);
  return `${pageHead('Error codes', 'the code in `src/`')}
With \`--json\` an error is \`{"error":{"kind","code","message","hint"}}\` on stdout; otherwise one line on stderr. In Slack
only the asker sees it, with an id that is also in the log. Codes are stable; texts are not.

Exit codes: 0 ok, 1 the answer is no (nothing feasible, a chain that is not intact), 2 usage, 70 our mistake, 75
something we depend on failed, 78 configuration.

${table(['code', 'kind', 'exit', 'text'], rows)}
`;
}

/** Error codes of one file: \`usageError(code, message)\` and objects with \`kind\`, \`code\` and \`message\`. */
function codesIn(name: string, text: string): readonly Entry[] {
  const tree = ts.createSourceFile(name, text, ts.ScriptTarget.ES2023, true);
  const found: Entry[] = [];
  const step = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && node.expression.getText() === 'usageError') {
      const [first, second] = node.arguments;
      for (const literal of literalsOf(first)) found.push({ code: literal, kind: 'usage', message: wording(second) });
    }
    if (ts.isObjectLiteralExpression(node)) found.push(...codesOfObject(node));
    ts.forEachChild(node, step);
  };
  step(tree);
  return found;
}

function codesOfObject(node: ts.ObjectLiteralExpression): readonly Entry[] {
  const member = (name: string): ts.Expression | undefined => {
    const property = node.properties.find((item) => item.name?.getText() === name);
    return property !== undefined && ts.isPropertyAssignment(property) ? property.initializer : undefined;
  };
  const [kind] = literalsOf(member('kind'));
  if (kind === undefined || !(kind in EXIT_CODE)) return [];
  return literalsOf(member('code')).map((literal) => ({
    code: literal,
    kind: kind as ErrorKind,
    message: wording(member('message')),
  }));
}

/** Of several texts for one code the most telling one is shown: the one with the most fixed letters. */
function letters(message: string): number {
  return message.replace(/[^\p{L}]/gu, '').length;
}

/** The strings an expression can be: a literal, or both arms of a condition. */
function literalsOf(node: ts.Expression | undefined): readonly string[] {
  if (node === undefined) return [];
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isConditionalExpression(node)) return [...literalsOf(node.whenTrue), ...literalsOf(node.whenFalse)];
  return [];
}

/** The text as written, with an ellipsis for what is filled in. */
function wording(node: ts.Expression | undefined): string {
  if (node === undefined) return '';
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node)) {
    return node.head.text + node.templateSpans.map((span) => `…${span.literal.text}`).join('');
  }
  if (ts.isConditionalExpression(node)) return `${wording(node.whenTrue)} / ${wording(node.whenFalse)}`;
  return ts.isIdentifier(node) ? passedWording(node) : '…';
}

/** A parameter: what the calls of its function in the same file pass, the most telling of them. */
function passedWording(name: ts.Identifier): string {
  const owner = ts.findAncestor(name, ts.isFunctionDeclaration);
  const index = owner?.parameters.findIndex((parameter) => parameter.name.getText() === name.text) ?? -1;
  if (owner?.name === undefined || index < 0) return '…';
  const called = owner.name.text;
  let best = '…';
  const step = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && node.expression.getText() === called) {
      const passed = node.arguments[index];
      const text = passed === undefined || ts.isIdentifier(passed) ? '…' : wording(passed);
      if (letters(text) > letters(best)) best = text;
    }
    ts.forEachChild(node, step);
  };
  step(name.getSourceFile());
  return best;
}
