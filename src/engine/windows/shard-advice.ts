/** What a new window does to head nodes that are split into shards, and how to plan them apart. */
import type { EventWindow } from '../model.ts';
import { planShards, type Shard, type ShardConflict } from './shards.ts';
import { scheduleSpans, spanWords } from './show.ts';
import type { Targets } from './targets.ts';
import { showSpans, union, type WeekSpan } from './week.ts';

/** A service that is one shard of a logical server. */
export type ShardOf = {
  readonly server: string;
  readonly cluster: string;
  readonly name: string;
  /** The one capacity provider its tasks run on; null when it has several or none. */
  readonly provider: string | null;
};

export type ShardAdvice = {
  readonly server: string;
  readonly sentences: readonly string[];
  /** A window for each provider that keeps the shards apart; empty where windows cannot tell them apart. */
  readonly windows: readonly {
    readonly cluster: string;
    readonly provider: string;
    readonly utc: string;
    /** As `windows set` takes the hours. */
    readonly words: string;
  }[];
};

type Question = {
  readonly targets: Targets;
  /** Hours of the new window. */
  readonly spans: readonly WeekSpan[];
  readonly windows: readonly EventWindow[];
  readonly shards: readonly ShardOf[];
};

/** One row for each server of which the new window would let AWS drain two shards or more at a time. */
export function shardAdvice({ targets, spans, windows, shards }: Question): readonly ShardAdvice[] {
  const servers = [...new Set(shards.map(({ server }) => server))].sort();
  return servers.flatMap((server) => {
    const mine = shards.filter((shard) => shard.server === server);
    const covered = new Set(mine.filter((shard) => isCovered(shard, targets)).map(({ name }) => name));
    if (covered.size === 0) return [];
    const after = mine.map((shard): Shard => {
      const { name, provider } = shard;
      return { name, provider, spans: covered.has(name) ? spans : spansToday(shard, windows) };
    });
    const plan = planShards({ server, shards: after, wanted: spans, mayBeMissing: 1 });
    const conflicts = plan.conflicts.filter((conflict) => conflict.shards.some((name) => covered.has(name)));
    if (conflicts.length === 0) return [];
    const apart = plan.isKept ? (plan.windows ?? []) : [];
    const planned = apart.flatMap(({ shard, provider, spans: hours }) => {
      const cluster = mine.find(({ name }) => name === shard)?.cluster;
      if (provider === null || cluster === undefined) return [];
      return [{ cluster, provider, utc: `${showSpans(hours)} UTC`, words: spanWords(hours) }];
    });
    const isWhole = planned.length === mine.length;
    return [
      { server, sentences: sentences({ server, mine, conflicts, planned: isWhole }), windows: isWhole ? planned : [] },
    ];
  });
}

function isCovered({ cluster, provider }: ShardOf, { instanceTags }: Targets): boolean {
  return instanceTags.some(
    ({ key, value }) =>
      (key === 'aws:ecs:clusterName' && value === cluster) ||
      (key === 'aws:ecs:capacityProviderName' && value === provider),
  );
}

function spansToday(shard: ShardOf, windows: readonly EventWindow[]): readonly WeekSpan[] {
  return windows
    .filter((window) => window.state === 'active' && isCovered(shard, window))
    .map(scheduleSpans)
    .reduce(union, []);
}

type Found = {
  readonly server: string;
  readonly mine: readonly ShardOf[];
  readonly conflicts: readonly ShardConflict[];
  readonly planned: boolean;
};

function sentences({ server, mine, conflicts, planned }: Found): readonly string[] {
  const together = new Set(conflicts.flatMap(({ shards }) => shards)).size;
  const shared = conflicts.flatMap((row) => (row.kind === 'same-provider' ? [row.provider] : []));
  const lead = `${together} of ${mine.length} shards of ${server} may be drained in the same hours`;
  if (shared.length > 0) {
    const provider = [...new Set(shared)].sort().join(', ');
    return [
      `${lead}: they share ${provider}, and a window cannot tell them apart. Give each shard a capacity provider of its own.`,
    ];
  }
  if (!planned) return [`${lead}. Give each shard one capacity provider of its own to plan them apart.`];
  return [`${lead}. A window for each provider keeps all but one of them up, as far as windows go.`];
}
