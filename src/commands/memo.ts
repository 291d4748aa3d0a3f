/** Work on one cluster that need not be done again while what it was worked out from is the same. */
import { createHash } from 'node:crypto';
import type { Fact, FactBook, SnapshotHead } from '../engine/index.ts';
import { factBook } from '../engine/index.ts';

/** Results kept for each owner: a question or two about the largest estate. */
const MOST_KEPT = 128;

type Kept<T> = { readonly result: T; readonly used: readonly string[] };

/**
 * A memory of results by key. It forgets the oldest, and everything when the owner (a price book, a store) is another
 * one. The facts that a result used
 * are cited again in the asker's book, so that an answer names them whether it was worked out or remembered.
 */
export function createMemo<T>(most = MOST_KEPT) {
  const byOwner = new WeakMap<object, Map<string, Kept<T>>>();
  return async (
    asked: { readonly key: string; readonly owner: object; readonly facts: FactBook },
    from: { readonly facts: readonly Fact[]; readonly day: string },
    work: (book: FactBook) => Promise<T>,
  ): Promise<T> => {
    const kept = byOwner.get(asked.owner) ?? new Map<string, Kept<T>>();
    byOwner.set(asked.owner, kept);
    const found = kept.get(asked.key) ?? (await workedOut(from, work));
    // The newest stands last, so the first is the one to forget.
    kept.delete(asked.key);
    kept.set(asked.key, found);
    const [oldest] = kept.keys();
    if (kept.size > most && oldest !== undefined) kept.delete(oldest);
    for (const id of found.used) asked.facts.cite(id);
    return found.result;
  };
}

async function workedOut<T>(
  from: { readonly facts: readonly Fact[]; readonly day: string },
  work: (book: FactBook) => Promise<T>,
): Promise<Kept<T>> {
  const book = factBook(from.facts, from.day);
  const result = await work(book);
  return { result, used: book.used().map(({ id }) => id) };
}

/** Changes whenever anything that was scanned of the account's region changes. */
export function regionFingerprint(
  head: SnapshotHead,
  at: { readonly account: string; readonly region: string },
): string {
  const hash = createHash('sha256');
  for (const { account, region, sha256 } of head.parts) {
    if (account === at.account && region === at.region) hash.update(sha256);
  }
  return hash.digest('hex');
}
