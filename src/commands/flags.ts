import { AdviseError, usageError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import type { FlagHelp, Parsed } from './command.ts';

export { nearest } from '../nearest.ts';
export { tokenize } from './tokenize.ts';

/**
 * One flag: how it is shown and how its text is read. `value` null = a switch, which takes no value.
 * `read` gets the text and the flag's name and throws `usageError` when it cannot; a reader of a `repeated` flag
 * returns a list, and the lists are joined.
 */
export type Flag<T> = {
  readonly value: string | null;
  readonly text: string;
  readonly read: (text: string, flag: string) => T;
  readonly repeated?: true;
  /** Unit words that may stand apart: `--memory 2 GiB`. */
  readonly units?: RegExp;
};

export type FlagTable = { readonly [name: string]: Flag<unknown> };
export type FlagValues<S extends FlagTable> = { readonly [K in keyof S]?: S[K] extends Flag<infer T> ? T : never };
export type ParsedFlags<S extends FlagTable> = {
  readonly values: FlagValues<S>;
  /** Arguments that are no flags, in order. */
  readonly words: readonly string[];
};

/** A switch: there or not there. */
export function switchFlag(text: string): Flag<true> {
  return { value: null, text, read: () => true };
}

/** Longest input that is read, in characters: longer than any question, shorter than a pasted document. */
export const LONGEST_INPUT = 3_000;

/**
 * Splits arguments into flag values and words. `--name value` and `--name=value` are the same; everything after
 * a lone `--` is words. Throws `usageError`: unknown flag (with the nearest one), a flag given twice, a missing or
 * needless value, or what the flag's reader says.
 */
export function parseFlags<S extends FlagTable>(args: readonly string[], table: S): ParsedFlags<S> {
  const values: Record<string, unknown> = {};
  const words: string[] = [];
  let at = 0;
  while (at < args.length) {
    const arg = args[at] ?? '';
    at += 1;
    if (arg === '--') {
      words.push(...args.slice(at));
      break;
    }
    if (!/^--?[a-zA-Z]/.test(arg)) {
      words.push(arg);
      continue;
    }
    const { name, flag, inline } = findFlag(arg, table);
    const taken = inline ?? (flag.value === null ? null : valueAt(args, at, name, flag));
    if (inline !== null && flag.value === null) {
      throw usageError('usage_needless_value', `--${name} takes no value`, `type --${name} alone`);
    }
    if (inline === null && taken !== null) at += 1;
    const unit = taken === null ? null : unitAt(args, at, flag, taken);
    if (unit !== null) at += 1;
    store(values, name, flag, flag.read((taken ?? '') + (unit ?? ''), name));
  }
  return { values: values as FlagValues<S>, words };
}

/** Runs a reader of questions; an `AdviseError` it throws becomes `{ok: false}`, anything else is a bug and passes. */
export function parsing<Q>(read: () => Extract<Parsed<Q>, { ok: true }>): Parsed<Q> {
  try {
    return read();
  } catch (error) {
    if (error instanceof AdviseError) return { ok: false, error };
    throw error;
  }
}

/** The table as help lists it. */
export function flagHelp(table: FlagTable): readonly FlagHelp[] {
  return Object.entries(table).map(([name, flag]) => ({ flag: `--${name}`, value: flag.value, text: flag.text }));
}

/** Words where none are expected: says which, and what the verb reads. */
export function refuseWords(words: readonly string[], usage: string): void {
  const first = words[0];
  if (first !== undefined) throw usageError('usage_unexpected_word', `"${clip(first)}" is not expected here`, usage);
}

/** Foreign text inside one line of an error: at most 40 characters, no line breaks. */
export function clip(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length <= 40 ? line : `${line.slice(0, 39)}…`;
}

function findFlag(arg: string, table: FlagTable): { name: string; flag: Flag<unknown>; inline: string | null } {
  const [, typed = '', inline] = /^--?([^=]*)(?:=([\s\S]*))?$/.exec(arg) ?? [];
  const name = typed.toLowerCase();
  const flag = Object.hasOwn(table, name) && arg.startsWith('--') ? table[name] : undefined;
  if (flag !== undefined) return { name, flag, inline: inline ?? null };
  const near = nearest(name, Object.keys(table));
  const shown = clip(arg.split('=')[0] ?? arg);
  if (near === null)
    throw usageError('usage_unknown_flag', `unknown flag ${shown}`, 'type help for the flags that there are');
  throw usageError('usage_unknown_flag', `unknown flag ${shown}. Did you mean --${near}?`, `type --${near}`);
}

function valueAt(args: readonly string[], at: number, name: string, flag: Flag<unknown>): string {
  const next = args[at];
  if (next !== undefined && !/^--?[a-zA-Z]/.test(next) && next !== '--') return next;
  throw usageError('usage_missing_value', `--${name} needs a value`, `--${name} ${flag.value ?? ''} (${flag.text})`);
}

function unitAt(args: readonly string[], at: number, flag: Flag<unknown>, value: string): string | null {
  const next = args[at];
  if (flag.units === undefined || next === undefined || !/\d$/.test(value)) return null;
  return flag.units.test(next) ? next : null;
}

function store(values: Record<string, unknown>, name: string, flag: Flag<unknown>, value: unknown): void {
  const before = values[name];
  if (before === undefined) {
    values[name] = value;
  } else if (flag.repeated === true && Array.isArray(before) && Array.isArray(value)) {
    values[name] = [...before, ...value];
  } else {
    throw usageError('usage_duplicate_flag', `--${name} is given twice`, `keep one --${name}`);
  }
}
