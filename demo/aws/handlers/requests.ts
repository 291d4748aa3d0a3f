import { AwsFault, type HandlerContext } from './types.ts';

/** Members that may differ between the pages of one list. */
const PAGING = new Set(['nextToken', 'NextToken', 'NextPageToken', 'maxResults', 'MaxResults']);

/**
 * What a page token is bound to: the operation, where it was asked, and everything that the request narrows its list
 * by. Equal requests have equal scopes whatever the order of their members.
 */
export function scopeOf(operation: string, input: object, context: HandlerContext): string {
  const narrowing = Object.entries(input)
    .filter(([name, value]) => value !== undefined && !PAGING.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([operation, context.account.id, context.region.region, narrowing]);
}

/** Checks a page size that the asker may leave out. Throws `AwsFault` with `code` outside 1 to `most`. */
export function pageSize(
  asked: number | undefined,
  limits: { readonly standard: number; readonly most: number; readonly code: string },
): number {
  const size = asked ?? limits.standard;
  if (!Number.isInteger(size) || size < 1 || size > limits.most) {
    throw new AwsFault(limits.code, `The page size must be between 1 and ${limits.most}, and is ${size}.`);
  }
  return size;
}
