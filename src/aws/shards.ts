/** Which shard of its cluster a service belongs to. Part of the snapshot's format: a change moves every service. */

const SERVICES_PER_SHARD = 200;

/** The smallest power of two that leaves at most 200 services, on average, in each shard. */
export function shardCount(services: number): number {
  let shards = 1;
  while (services > shards * SERVICES_PER_SHARD) shards *= 2;
  return shards;
}

/** Shard of a service, by its name alone. */
export function shardOfService(name: string, shards: number): number {
  return fnv1a(name) % shards;
}

/** Shard of a task (and of its sample): its service's; without service 0 for tasks and by family for samples. */
export function shardOfGroup(group: string, shards: number, family: string | null): number {
  if (group.startsWith('service:')) return shardOfService(group.slice('service:'.length), shards);
  return family === null ? 0 : shardOfService(family, shards);
}

/**
 * The shards that hold the same names when a cluster is cut into `before` instead of `now` pieces. Both are powers of
 * two, so a name's shard among fewer is its shard among more, modulo their number.
 */
export function shardsBefore(shard: number, now: number, before: number): readonly number[] {
  const fewer = Math.min(now, before);
  return Array.from({ length: before }, (_, index) => index).filter((index) => index % fewer === shard % fewer);
}

/** FNV-1a, 32 bit, over UTF-8. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text, 'utf8')) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
