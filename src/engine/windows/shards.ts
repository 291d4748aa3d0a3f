/**
 * Windows for the shards of one logical server, so that AWS does not drain more of them at once than may be missing.
 * Windows match instances, not tasks: only shards on capacity providers of their own can be told apart.
 */
import { coveredHours, HOURS_PER_WEEK, hoursOf, intersection, shifted, type WeekSpan } from './week.ts';

export type Shard = {
  readonly name: string;
  /** The capacity provider its tasks run on; null when it has none of its own choosing. */
  readonly provider: string | null;
  /** Hours of the week its instances may be drained in today; empty = at any time. */
  readonly spans: readonly WeekSpan[];
};

export type ShardsInput = {
  /** Name of the logical server, e.g. `daisy`. */
  readonly server: string;
  readonly shards: readonly Shard[];
  /** The hours wished for; the first group of shards keeps them, the others move away from them. */
  readonly wanted: readonly WeekSpan[];
  /** How many shards may be missing at a time; at least 1. */
  readonly mayBeMissing: number;
};

export type ShardConflict =
  /** Both may be drained in these hours today. */
  | { readonly kind: 'same-hours'; readonly shards: readonly [string, string]; readonly spans: readonly WeekSpan[] }
  /** One provider carries both: no window can tell them apart. */
  | { readonly kind: 'same-provider'; readonly shards: readonly string[]; readonly provider: string };

/** A window for the instances of the shard's provider: its tag is what the window targets. */
type ShardWindow = { readonly shard: string; readonly provider: string | null; readonly spans: readonly WeekSpan[] };

export type ShardPlan = {
  /** In the order of names; null when there are more groups than the week has room for. */
  readonly windows: readonly ShardWindow[] | null;
  readonly conflicts: readonly ShardConflict[];
  /** True when the plan keeps enough shards up in every hour, as far as windows go. */
  readonly isKept: boolean;
  readonly promised: readonly string[];
  readonly notPromised: readonly string[];
};

/** Plans the shards apart: groups of at most `mayBeMissing`, spread over the week as evenly as whole days allow. */
export function planShards({ server, shards, wanted, mayBeMissing }: ShardsInput): ShardPlan {
  const sorted = [...shards].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const size = Math.max(1, Math.floor(mayBeMissing));
  const groups = Math.ceil(sorted.length / size);
  const shifts = spread(wanted, groups);
  const windows =
    shifts === null
      ? null
      : sorted.map(({ name, provider }, index) => ({
          shard: name,
          provider,
          spans: shifted(wanted, shifts[Math.floor(index / size)] ?? 0),
        }));
  const conflicts = conflictsOf(sorted);
  const isShared = conflicts.some(({ kind }) => kind === 'same-provider');
  return {
    windows,
    conflicts,
    isKept: windows !== null && !isShared && most(windows) <= size,
    promised: windows === null ? [] : promises(server, windows, size),
    notPromised: [
      'AWS drains early for a security fix or failing hardware, inside the window or not.',
      'Instances that run today keep the window they were launched under, for up to 21 days.',
      ...(isShared ? ['Shards on one capacity provider share its window: give each group a provider of its own.'] : []),
    ],
  };
}

function promises(server: string, windows: readonly ShardWindow[], size: number): readonly string[] {
  const left = Math.max(0, windows.length - size);
  return [`${server}: planned drains leave ${left} of ${windows.length} shards alone in every hour of the week.`];
}

/**
 * Hours by which each group is moved, the first by 0, so that no two meet: whole days first, as far apart as they go,
 * then steps inside the days. Null when the week has no room.
 */
function spread(wanted: readonly WeekSpan[], groups: number): readonly number[] | null {
  if (groups <= 7) {
    const days = Array.from({ length: groups }, (_, index) => Math.floor((index * 7) / groups) * 24);
    if (isApart(wanted, days)) return days;
  }
  const shifts: number[] = [];
  // Days before hours: a shift by whole days keeps the time of day that was asked for.
  const candidates = Array.from({ length: HOURS_PER_WEEK }, (_, at) => (at % 7) * 24 + Math.floor(at / 7));
  for (const shift of candidates) {
    if (shifts.length < groups && isApart(wanted, [...shifts, shift])) shifts.push(shift);
  }
  return shifts.length === groups ? shifts : null;
}

function isApart(wanted: readonly WeekSpan[], shifts: readonly number[]): boolean {
  const hours = shifts.flatMap((shift) => [...hoursOf(shifted(wanted, shift))]);
  return new Set(hours).size === hours.length;
}

/** Most shards that may be drained in one hour. */
function most(windows: readonly ShardWindow[]): number {
  const counts = new Map<number, number>();
  for (const { spans } of windows) for (const hour of hoursOf(spans)) counts.set(hour, (counts.get(hour) ?? 0) + 1);
  return Math.max(0, ...counts.values());
}

/** What is wrong with the shards as they stand. A shard without a window may be drained in any hour. */
function conflictsOf(shards: readonly Shard[]): readonly ShardConflict[] {
  const conflicts: ShardConflict[] = [];
  const always: readonly WeekSpan[] = [{ start: 0, hours: HOURS_PER_WEEK }];
  for (const [index, a] of shards.entries()) {
    for (const b of shards.slice(index + 1)) {
      const both = intersection(a.spans.length === 0 ? always : a.spans, b.spans.length === 0 ? always : b.spans);
      if (coveredHours(both) > 0) conflicts.push({ kind: 'same-hours', shards: [a.name, b.name], spans: both });
    }
  }
  const providers = [...new Set(shards.map(({ provider }) => provider).filter((name) => name !== null))].sort();
  for (const provider of providers) {
    const names = shards.filter((shard) => shard.provider === provider).map(({ name }) => name);
    if (names.length > 1) conflicts.push({ kind: 'same-provider', shards: names, provider });
  }
  return conflicts;
}

/** Instances whose drains fall into one stretch of time: each one makes its clients connect again. */
export type Storm = { readonly from: string; readonly instances: readonly string[] };

/** Openings in which more than `limit` instances of a group are expected to drain: spread them over more windows. */
export function reconnectStorms(
  rows: readonly { readonly instance: string; readonly expected: { readonly from: string } }[],
  limit: number,
): readonly Storm[] {
  const byStart = new Map<string, string[]>();
  for (const { instance, expected } of rows) {
    byStart.set(expected.from, [...(byStart.get(expected.from) ?? []), instance]);
  }
  return [...byStart]
    .filter(([, instances]) => instances.length > limit)
    .map(([from, instances]) => ({ from, instances: [...instances].sort() }))
    .sort((a, b) => (a.from < b.from ? -1 : 1));
}
