import { AdviseError } from '../errors.ts';

const CORRUPT = /^SQLITE_(CORRUPT|NOTADB)/;
const UNWRITABLE = /^SQLITE_(CANTOPEN|READONLY|PERM|FULL|IOERR)/;

/** True when another process holds the database: worth trying again. */
export function isBusy(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED)/.test(codeOf(error));
}

/**
 * Driver errors become ours here and nowhere else; `place` is the database as the operator named it. Anything
 * unknown comes back untouched (and is reported as a bug), `AdviseError` too.
 */
export function translateStoreError(error: unknown, place: string): unknown {
  if (error instanceof AdviseError) return error;
  if (isBusy(error)) {
    return new AdviseError({
      kind: 'upstream',
      code: 'store_busy',
      message: `The database ${place} is held by another process.`,
      hint: 'try again; if it stays, look for another process that keeps the file open',
      cause: error,
    });
  }
  const code = codeOf(error);
  if (CORRUPT.test(code)) {
    return new AdviseError({
      kind: 'upstream',
      code: 'store_corrupt',
      message: `${place} is damaged or is not a database of ecs-advise (${code}).`,
      hint: 'put the newest backup in its place, or let DATABASE_URL name a new file',
      cause: error,
    });
  }
  if (UNWRITABLE.test(code) || isMissingDirectory(error)) {
    return new AdviseError({
      kind: 'upstream',
      code: 'store_unwritable',
      message: `The database ${place} cannot be opened or written (${code === '' ? 'its folder does not exist' : code}).`,
      hint: 'check that its folder exists, is writable and has room, or set DATABASE_URL=sqlite:<file>',
      cause: error,
    });
  }
  return error;
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

/** The driver reports a missing folder as a TypeError without a code, before SQLite is asked. */
function isMissingDirectory(error: unknown): boolean {
  return error instanceof TypeError && /directory does not exist/.test(error.message);
}
