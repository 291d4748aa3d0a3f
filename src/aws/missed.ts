import type { Missed } from '../engine/index.ts';
import { missOf } from './errors.ts';

/** What a scan could not read of one scope, each thing once. */
export type Misses = {
  readonly add: (what: string, code: string) => void;
  /** Notes why something could not be read. Throws the error again when no call to AWS gave it. */
  readonly addError: (what: string, error: unknown) => void;
  /** The answer, or null with a miss. */
  readonly attempt: <T>(what: string, read: () => Promise<T>) => Promise<T | null>;
  /** In a fixed order, so that equal holes give equal bytes. */
  readonly list: () => readonly Missed[];
};

/** Subjects that only one action can be missing for; other parts of the bot look for exactly these words. */
const BARE = new Set(['account', 'clusters']);

/** Misses of an account (`region` '' = all of it) and region. A refused action is named behind the subject. */
export function createMisses(account: string, region: string): Misses {
  const found = new Map<string, Missed>();
  const add = (what: string, code: string): void => {
    found.set(`${what}\n${code}`, { account, region, what, code });
  };
  const addError = (what: string, error: unknown): void => {
    const miss = missOf(error);
    if (miss === null) throw error;
    add(miss.action === null || BARE.has(what) ? what : `${what} (${miss.action})`, miss.code);
  };
  return {
    add,
    addError,
    attempt: async (what, read) => {
      try {
        return await read();
      } catch (error) {
        addError(what, error);
        return null;
      }
    },
    list: () => [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, miss]) => miss),
  };
}
