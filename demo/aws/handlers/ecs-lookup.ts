/** How ECS finds things: by name, by id or by ARN, inside one cluster. */
import type { Cluster, Failure, Tag } from '@aws-sdk/client-ecs';
import { pageSize, scopeOf } from './requests.ts';
import { AwsFault, type HandlerContext } from './types.ts';

export function invalidParameter(message: string): AwsFault {
  return new AwsFault('InvalidParameterException', message);
}

/** The last part of an ARN (`…/rose/quant-api` gives `quant-api`), or the name itself. */
export function lastPart(identifier: string): string {
  return identifier.slice(identifier.lastIndexOf('/') + 1);
}

export function ecsArn(context: HandlerContext, resource: string): string {
  return `arn:aws:ecs:${context.region.region}:${context.account.id}:${resource}`;
}

/** Position by last part of the ARN. A position is only a guess: whoever uses it looks whether the thing is there. */
const positions = new WeakMap<readonly object[], ReadonlyMap<string, number>>();

/**
 * Finds a thing by name, id or ARN without walking through the list; null when it is not there. The list may have
 * changed since the last call: then it is indexed again.
 */
export function find<T extends object>(
  items: readonly T[],
  arnOf: (item: T) => string | undefined,
  identifier: string,
): T | null {
  const id = lastPart(identifier);
  const isIt = (item: T | undefined): item is T => item !== undefined && lastPart(arnOf(item) ?? '') === id;
  const guess = items[positions.get(items)?.get(id) ?? -1];
  const found = isIt(guess) ? guess : search(items, arnOf, isIt);
  if (found === undefined) return null;
  return identifier.startsWith('arn:') && arnOf(found) !== identifier ? null : found;
}

/** A search from the front; when it finds what the index did not know, the index is stale and made anew. */
function search<T extends object>(
  items: readonly T[],
  arnOf: (item: T) => string | undefined,
  isIt: (item: T | undefined) => item is T,
): T | undefined {
  const found = items.find((item): item is T => isIt(item));
  if (found !== undefined) {
    positions.set(items, new Map(items.map((item, index) => [lastPart(arnOf(item) ?? ''), index])));
  }
  return found;
}

/** The cluster that a request names; without a name the one called `default`. */
export function clusterOf(context: HandlerContext, identifier: string | undefined): Cluster & { clusterArn: string } {
  const found = find(context.region.ecs.clusters, (cluster) => cluster.clusterArn, identifier || 'default');
  if (found?.clusterArn === undefined || found.status === 'INACTIVE') {
    throw new AwsFault('ClusterNotFoundException', 'Cluster not found.');
  }
  return { ...found, clusterArn: found.clusterArn };
}

/** Throws unless a batch names between one and `most` things. */
export function checkBatch(asked: readonly string[] | undefined, most: number, what: string): readonly string[] {
  if (asked === undefined || asked.length === 0) throw invalidParameter(`${what} cannot be empty.`);
  if (asked.length > most) throw invalidParameter(`${what} may name ${most} at most, and ${asked.length} were named.`);
  return asked;
}

export function missing(arn: string): Failure {
  return { arn, reason: 'MISSING' };
}

/** Splits a batch into what is there, in the order asked for, and failures with reason MISSING. */
export function describeEach<T, U>(
  asked: readonly string[],
  one: (identifier: string) => T | null,
  shape: { readonly show: (item: T) => U; readonly arn: (identifier: string) => string },
): { readonly found: U[]; readonly failures: Failure[] } {
  const found: U[] = [];
  const failures: Failure[] = [];
  for (const identifier of asked) {
    const item = one(identifier);
    if (item === null) failures.push(missing(identifier.startsWith('arn:') ? identifier : shape.arn(identifier)));
    else found.push(shape.show(item));
  }
  return { found, failures };
}

type ListRequest = { readonly maxResults?: number | undefined; readonly nextToken?: string | undefined };

/**
 * One page of those items that match, as ECS gives it: page sizes and tokens are checked with ECS's own error. Looks at
 * no more items than the page needs, so that a list of thousands costs each of its pages the same.
 */
export function ecsPage<T>(
  items: readonly T[],
  request: {
    readonly operation: string;
    readonly input: ListRequest;
    readonly context: HandlerContext;
    readonly standard: number;
    readonly most: number;
    readonly key: (item: T) => string;
    readonly matches?: (item: T) => boolean;
  },
): { readonly items: T[]; readonly nextToken: string | undefined } {
  const { standard, most, key, matches = () => true } = request;
  const size = pageSize(request.input.maxResults, { standard, most, code: 'InvalidParameterException' });
  const scope = scopeOf(request.operation, request.input, request.context);
  const page: T[] = [];
  let end = startOf(items, { token: request.input.nextToken, scope, key });
  let nextToken: string | undefined;
  for (let at = end; at < items.length; at += 1) {
    const item = items[at];
    if (item === undefined || !matches(item)) continue;
    const last = page.at(-1);
    if (page.length === size && last !== undefined) {
      nextToken = toToken(scope, end, key(last));
      break;
    }
    page.push(item);
    end = at;
  }
  return { items: page, nextToken };
}

/** Where to go on: after the last item shown, wherever it is now; at its old place when it is gone. */
function startOf<T>(
  items: readonly T[],
  from: { readonly token: string | undefined; readonly scope: string; readonly key: (item: T) => string },
): number {
  if (from.token === undefined || from.token === '') return 0;
  const { at, lastKey } = readToken(from.token, from.scope);
  const there = items[at];
  if (there !== undefined && from.key(there) === lastKey) return at + 1;
  const moved = items.findIndex((item) => from.key(item) === lastKey);
  return moved === -1 ? at : moved + 1;
}

function toToken(scope: string, at: number, lastKey: string): string {
  return Buffer.from(`${at} ${lastKey}\n${scope}`).toString('base64url');
}

function readToken(token: string, scope: string): { readonly at: number; readonly lastKey: string } {
  const text = Buffer.from(token, 'base64url').toString('utf8');
  const [, at, lastKey, rest] = /^(\d+) ([^\n]*)\n(.*)$/s.exec(text) ?? [];
  if (at === undefined || lastKey === undefined || rest !== scope) {
    throw invalidParameter('The specified nextToken is not valid.');
  }
  return { at: Number(at), lastKey };
}

/** Tags only where they were asked for; an empty list otherwise, as ECS answers for most things. */
export function tagsIf(included: boolean, tags: Tag[] | undefined): Tag[] {
  return included ? (tags ?? []) : [];
}
