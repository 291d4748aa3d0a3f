/** What fits into the instances that stay, in sums that a person can check. */
import type { ConsolidateAnswer, ConsolidateInput } from '../consolidate/model.ts';

const RESOURCE_WORDS: { readonly [name: string]: (amount: number) => string } = {
  cpuUnits: (units) => `${plain(units / 1024)} vCPU`,
  memoryMiB: (mib) => `${plain(mib / 1024)} GiB`,
  interfaces: (count) => `${count} network interfaces`,
  gpus: (count) => `${count} GPUs`,
};

/** At most two decimals, without needless zeros. */
function plain(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** `33.5 vCPU`, `58 GiB`. */
export function amountWords(resource: string, amount: number): string {
  return RESOURCE_WORDS[resource]?.(amount) ?? `${amount} of ${resource}`;
}

/** `need` in one resource, and that `fewer` instances give less of it. */
export type TooFew = { readonly need: string; readonly fewer: number; readonly gives: string };

/**
 * Why one instance less would not do, in one resource and by plain sums; null when plain sums do not show it. `caps` are
 * those of the instances that may be kept, `fewer` is how many are too few.
 */
export function tooFew(
  resources: readonly string[],
  needs: readonly number[],
  { caps, fewer }: { readonly caps: readonly (readonly number[])[]; readonly fewer: number },
): TooFew | null {
  if (fewer < 1) return null;
  const at = resources.findIndex((_, resource) => largest(caps, resource, fewer) < (needs[resource] ?? 0));
  const resource = resources[at];
  if (resource === undefined) return null;
  return {
    need: amountWords(resource, needs[at] ?? 0),
    fewer,
    gives: amountWords(resource, largest(caps, at, fewer)),
  };
}

/** `4 instances give 32 vCPU, too few`. */
export function tooFewWords({ fewer, gives }: TooFew): string {
  return `${fewer === 1 ? '1 instance gives' : `${fewer} instances give`} ${gives}, too few`;
}

function largest(caps: readonly (readonly number[])[], resource: number, count: number): number {
  const row = caps.map((cap) => cap[resource] ?? 0).sort((a, b) => b - a);
  return row.slice(0, count).reduce((sum, value) => sum + value, 0);
}

/** The room of the instances that stay against what the movable tasks need, and why one instance less would not do. */
export function countProof(input: ConsolidateInput, { waves }: Pick<ConsolidateAnswer, 'waves'>): readonly string[] {
  const caps = new Map(input.types.map(({ name, cap }) => [name, cap]));
  const reqs = new Map(input.services.map(({ id, req }) => [id, req]));
  const drained = new Set(waves.flatMap(({ drain }) => drain));
  const launched = waves.flatMap(({ launch }) => launch);
  const asked = input.instances.filter(({ id, accepts }) => accepts || drained.has(id));
  const needs = input.resources.map((_, at) =>
    asked
      .flatMap(({ tasks }) => Object.entries(tasks))
      .reduce((sum, [name, count]) => sum + count * (reqs.get(name)?.[at] ?? 0), 0),
  );
  const fresh = launched.map(({ id, type }) => ({ id, cap: caps.get(type) ?? [] }));
  const all = [...asked.map(({ id, cap, type }) => ({ id, cap: cap ?? caps.get(type) ?? [] })), ...fresh];
  const room = all.filter(({ id }) => !drained.has(id));
  const both = (of: (at: number) => number): string =>
    ['cpuUnits', 'memoryMiB'].map((name) => amountWords(name, of(input.resources.indexOf(name)))).join(' and ');
  const offered = both((at) => room.reduce((sum, { cap }) => sum + (cap[at] ?? 0), 0));
  const fewer = tooFew(input.resources, needs, { caps: all.map(({ cap }) => cap), fewer: room.length - 1 });
  return [
    `the tasks that may move need ${both((at) => needs[at] ?? 0)}; the ${room.length} instances that stay have ${offered} for them`,
    ...(fewer === null ? [] : [tooFewWords(fewer)]),
  ];
}
