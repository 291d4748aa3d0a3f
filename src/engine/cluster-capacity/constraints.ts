/** The placement expressions that a plan understands: those about the type of the instance. */

const TYPE = /^attribute:ecs\.instance-type\s*(==|=~|in)\s*(.+)$/i;
/** Letters of type names, and the two signs that stand for anything. */
const NAME = /^[\w.*-]+$/;

/** Globs of the types that an expression allows (`=~ m6a.*`, `== m6a.large`, `in [a, b]`), or null for any other. */
export function globsOf(expression: string): readonly string[] | null {
  const [, sign, text] = TYPE.exec(expression.trim()) ?? [];
  if (sign === undefined || text === undefined) return null;
  if (sign === '==') return NAME.test(text) ? [text] : null;
  // ECS takes a pattern: `.*` is anything, and so is `*` in the examples of its guide.
  if (sign === '=~') return NAME.test(text) ? [text.replaceAll('.*', '*')] : null;
  const names = text
    .replace(/^\[|\]$/g, '')
    .split(',')
    .map((name) => name.trim());
  return names.every((name) => NAME.test(name)) ? names : null;
}

/** True when a glob with `*` as its only wildcard covers the whole name. */
export function matchesGlob(glob: string, name: string): boolean {
  const parts = glob.split('*');
  const [first = ''] = parts;
  if (parts.length === 1) return glob === name;
  const last = parts.at(-1) ?? '';
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, at);
    if (found < 0 || found + part.length > name.length - last.length) return false;
    at = found + part.length;
  }
  return true;
}
