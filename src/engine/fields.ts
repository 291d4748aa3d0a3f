/** Readers of single fields of a question's file. What is wrong is one plain sentence, carried by `Malformed`. */

/** Carries the sentence out of the readers below to the parser that called them; parsers turn it into a value. */
export class Malformed extends Error {}

/** The value of a JSON text. */
export function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new Malformed('it begins like JSON but is not JSON');
  }
}

/** An object, not a list. */
export function object(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Malformed(`${where} must be an object`);
  return value as Readonly<Record<string, unknown>>;
}

/** A list; `where` names the member. */
export function list(value: unknown, where: string): readonly unknown[] {
  if (value === undefined) throw new Malformed(`"${where}" is missing`);
  if (!Array.isArray(value)) throw new Malformed(`"${where}" must be a list`);
  return value;
}

/** A text of at least one character. */
export function nonEmpty(value: unknown, where: string): string {
  if (value === undefined) throw new Malformed(`${where} is missing`);
  if (typeof value !== 'string' || value === '') throw new Malformed(`${where} must be a text, not ${shown(value)}`);
  return value;
}

/** A whole number from 0 to 2^53 - 1. */
export function whole(value: unknown, where: string): number {
  if (value === undefined) throw new Malformed(`${where} is missing`);
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) {
    throw new Malformed(`${where} must be a whole number from 0, not ${shown(value)}`);
  }
  return safe(value, where);
}

/** The number itself, refused above 2^53 - 1. */
export function safe(value: number, where: string): number {
  if (value > Number.MAX_SAFE_INTEGER) throw new Malformed(`${where} is larger than 2^53 - 1`);
  return value;
}

/** A whole number, or from 2^53 on a string of digits. */
export function money(value: unknown, where: string): bigint {
  if (typeof value === 'string' && /^\d{1,30}$/.test(value)) return BigInt(value);
  return BigInt(whole(value, where));
}

/** One whole number per resource. */
export function sizes(value: unknown, where: string, dims: number): readonly number[] {
  const row = list(value, where);
  if (row.length !== dims) throw new Malformed(`${where} has ${row.length} numbers, there are ${dims} resources`);
  return row.map((size, at) => whole(size, `${where}[${at}]`));
}

/** Names must differ. */
export function refuseTwins(names: readonly string[], what: string): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw new Malformed(`the ${what} ${shown(name)} is there twice`);
    seen.add(name);
  }
}

/** A value as a message quotes it, cut to 40 characters. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length <= 40 ? text : `${text.slice(0, 39)}…`;
}
