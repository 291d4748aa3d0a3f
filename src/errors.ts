/** Who is at fault, which decides who is told and the exit code (docs/reference/errors.md). */
export type ErrorKind = 'usage' | 'upstream' | 'config' | 'bug';

/** Process exit code per kind: 2 usage, 75 upstream failed, 78 config, 70 our bug (sysexits.h where it has one). */
export const EXIT_CODE = { usage: 2, upstream: 75, config: 78, bug: 70 } as const satisfies Record<ErrorKind, number>;

type ErrorParts = {
  readonly kind: ErrorKind;
  /** Stable, snake_case, listed in docs/reference/errors.md, e.g. `usage_unknown_flag`. */
  readonly code: string;
  /** What was wrong, one sentence, shown to the person at fault. */
  readonly message: string;
  /** What to type or do instead. */
  readonly hint?: string;
  readonly cause?: unknown;
};

/**
 * The only error class. Thrown at edges; the engine never imports it (its own `invariant` throws a plain Error,
 * which `toAdviseError` reports as a bug).
 */
export class AdviseError extends Error {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly hint: string | undefined;

  constructor(parts: ErrorParts) {
    super(parts.message, parts.cause === undefined ? undefined : { cause: parts.cause });
    this.name = 'AdviseError';
    this.kind = parts.kind;
    this.code = parts.code;
    this.hint = parts.hint;
  }
}

/** The wrong word or value a person typed: what was wrong, and what to type instead. */
export function usageError(code: `usage_${string}`, message: string, hint?: string): AdviseError {
  return new AdviseError({ kind: 'usage', code, message, ...(hint === undefined ? {} : { hint }) });
}

/** Every unknown error is ours until proven otherwise. Keeps the original as `cause`. */
export function toAdviseError(error: unknown): AdviseError {
  if (error instanceof AdviseError) return error;
  return new AdviseError({
    kind: 'bug',
    code: 'bug_unexpected',
    message: 'This is our mistake, nothing was applied.',
    cause: error,
  });
}
