import { AwsFault } from './types.ts';

export type PageRequest<T> = {
  /** Items a page. */
  readonly size: number;
  readonly token: string | undefined;
  /** Names the list, so that a token of another list is refused: operation and what narrows the list. */
  readonly scope: string;
  /** What tells one item from another; a page begins after the last one shown, even when others vanished since. */
  readonly key: (item: T) => string;
  /** The code AWS gives a token it does not know; it differs by service. */
  readonly invalidCode: string;
};

export type Page<T> = { readonly items: readonly T[]; readonly nextToken: string | undefined };

/**
 * One page of a list, with an opaque token for the next one when there is more. Throws `AwsFault` with `invalidCode`
 * for a token that this list did not give.
 */
export function pageOf<T>(items: readonly T[], request: PageRequest<T>): Page<T> {
  const start = startOf(items, request);
  const end = start + request.size;
  const last = items[end - 1];
  const more = end < items.length && last !== undefined;
  return {
    items: items.slice(start, end),
    nextToken: more ? encode([request.scope, end, request.key(last)]) : undefined,
  };
}

function startOf<T>(items: readonly T[], request: PageRequest<T>): number {
  if (request.token === undefined || request.token === '') return 0;
  const [scope, end, lastKey] = decode(request.token);
  if (scope !== request.scope || typeof end !== 'number' || typeof lastKey !== 'string') {
    throw new AwsFault(request.invalidCode, 'The specified pagination token is not valid.');
  }
  const sameAsBefore = items[end - 1];
  if (sameAsBefore !== undefined && request.key(sameAsBefore) === lastKey) return end;
  const moved = items.findIndex((item) => request.key(item) === lastKey);
  return moved === -1 ? Math.min(end, items.length) : moved + 1;
}

function encode(parts: readonly unknown[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** The parts of a token; none when it is not one of ours. */
function decode(token: string): readonly unknown[] {
  const text = Buffer.from(token, 'base64url').toString('utf8');
  if (!text.startsWith('[') || encodeText(text) !== token) return [];
  try {
    const parts: unknown = JSON.parse(text);
    return Array.isArray(parts) ? parts : [];
  } catch {
    // Foreign text that happens to begin with a bracket: as unknown as any other.
    return [];
  }
}

function encodeText(text: string): string {
  return Buffer.from(text).toString('base64url');
}
