import type { Cluster as EcsCluster } from '@aws-sdk/client-ecs';
import type { ClusterHead, PartKind, Service, ServiceUtilisation, SnapshotPart } from '../engine/index.ts';
import { censusOf, cutSamples, cutServices, cutUtilisation, mergeSamples } from './cluster-parts.ts';
import { together } from './concurrency.ts';
import { createMisses, type Misses } from './missed.ts';
import { type Capacity, readCapacity, type SharedProviders } from './read-capacity.ts';
import { readDefinitions } from './read-definitions.ts';
import { readUtilisation, startOfDay } from './read-metrics.ts';
import { readServices } from './read-services.ts';
import { type RunSample, readRunSamples, readTasks } from './read-tasks.ts';
import type { RegionContext } from './scan-context.ts';
import { toCluster } from './shapes-ecs.ts';
import { shardCount, shardsBefore } from './shards.ts';

/** One cluster, read and saved as a whole. */

export type ClusterRequest = {
  readonly cluster: EcsCluster;
  readonly name: string;
  /** Providers of the account that were read for other clusters. */
  readonly shared: SharedProviders;
  /** By `service/<cluster>/<name>`. */
  readonly autoscaling: ReadonlyMap<string, Service['autoscaling']>;
};

type SavedPart = { readonly shard: number; readonly part: SnapshotPart };

/**
 * Reads and saves the cluster; returns what it runs on, for the region to read on. Throws only what the sink throws.
 * Services, tasks and task definitions have buckets of their own at AWS and are read side by side.
 */
export async function readCluster(at: RegionContext, request: ClusterRequest): Promise<Capacity> {
  const { cluster, name, autoscaling } = request;
  const misses = createMisses(at.account.id, at.region);
  const capacity = await capacityOf(at, request, misses);
  const definitions = readDefinitions(at, name, misses);
  const onRead = (users: readonly { readonly taskDefinition: string }[]): void =>
    definitions.want(users.map(({ taskDefinition }) => taskDefinition));
  // Protection counts where tasks must leave an instance; clusters without instances are spared the calls.
  const withProtection = capacity.containerInstances.length > 0 || !capacity.hasAllInstances;
  const [{ services, listed: servicesListed }, { tasks, listed: tasksListed }, samples] = await together([
    readServices(at, { cluster: name, misses, autoscaling, onRead }),
    readTasks(at, { cluster: name, misses, withProtection, onRead }),
    readRunSamples(at, { cluster: name, misses }),
  ]);
  const cut: Cut = { name, shards: shardCount(services.length), shardsBefore: await previousShards(at, name) };
  const sampled = await samplesParts(at, cut, samples);
  definitions.want(sampled.flatMap(({ part }) => newestOf(part)));
  const [known, utilisation] = await together([definitions.done(), utilisationParts(at, cut, { services, misses })]);
  const whole = toCluster(cluster, { ...capacity, shards: cut.shards });
  if (whole === null) throw new Error('invariant: a cluster without a name is not read');
  await at.sink.save({
    scope: scopeOf(at, name),
    parts: [
      { shard: 0, part: { kind: 'cluster', ...whole } },
      ...numbered(
        cutServices(cut.shards, {
          services,
          tasks,
          samples: sampled.map(({ part }) => newestOf(part)),
          definitions: known,
        }),
        (part) => ({
          kind: 'services',
          ...part,
        }),
      ),
      ...sampled,
      ...utilisation,
    ],
    cluster: headOf(at, cluster, {
      name,
      services: servicesListed,
      tasks: tasksListed,
      census: censusOf(tasks, capacity.providers),
      containerInstances: capacity.hasAllInstances ? capacity.containerInstances.length : null,
    }),
    missed: misses.list(),
  });
  return capacity;
}

/** What a cluster runs on; for a cluster that an interrupted scan has saved already, the region still needs it. */
export async function capacityOf(
  at: RegionContext,
  { cluster, name, shared }: ClusterRequest,
  misses: Misses,
): Promise<Capacity> {
  return readCapacity(at, { cluster: name, providerNames: cluster.capacityProviders ?? [], shared, misses });
}

export function scopeOf(at: RegionContext, cluster: string | null) {
  return { account: at.account.id, region: at.region, cluster };
}

/** Where a list is not whole, the cluster's own counters stand in: a hole must not look like a zero. */
function headOf(
  at: RegionContext,
  cluster: EcsCluster,
  read: {
    readonly name: string;
    readonly services: number | null;
    readonly tasks: number | null;
    readonly census: ClusterHead['census'];
    readonly containerInstances: number | null;
  },
): ClusterHead {
  const tasks = (cluster.runningTasksCount ?? 0) + (cluster.pendingTasksCount ?? 0);
  return {
    account: at.account.id,
    region: at.region,
    name: read.name,
    services: read.services ?? cluster.activeServicesCount ?? 0,
    tasks: read.tasks ?? tasks,
    containerInstances: read.containerInstances ?? cluster.registeredContainerInstancesCount ?? 0,
    census: read.census,
  };
}

/** How a cluster is cut now, and how it was in the newest snapshot (0 = not at all). */
type Cut = { readonly name: string; readonly shards: number; readonly shardsBefore: number };

async function previousShards(at: RegionContext, cluster: string): Promise<number> {
  const part = await at.sink.previous({ ...scopeOf(at, cluster), kind: 'cluster', shard: 0 });
  return part?.kind === 'cluster' ? part.shards : 0;
}

/** The parts of the newest snapshot that one of today's shards may find its things in. */
async function previousParts<K extends PartKind>(
  at: RegionContext,
  cut: Cut,
  { kind, shard }: { readonly kind: K; readonly shard: number },
): Promise<readonly Extract<SnapshotPart, { kind: K }>[]> {
  const parts: Extract<SnapshotPart, { kind: K }>[] = [];
  if (cut.shardsBefore === 0) return parts;
  for (const before of shardsBefore(shard, cut.shards, cut.shardsBefore)) {
    const part = await at.sink.previous({ ...scopeOf(at, cut.name), kind, shard: before });
    if (part !== null && isOf(part, kind)) parts.push(part);
  }
  return parts;
}

function isOf<K extends PartKind>(part: SnapshotPart, kind: K): part is Extract<SnapshotPart, { kind: K }> {
  return part.kind === kind;
}

/** The newest revision of each family whose tasks are known by their end alone: what they ask for is in it. */
function newestOf(part: SnapshotPart): readonly string[] {
  if (part.kind !== 'samples') return [];
  return part.families.flatMap(({ samples: [newest] }) =>
    newest?.group.startsWith('family:') === true ? [newest.taskDefinition] : [],
  );
}

async function samplesParts(at: RegionContext, cut: Cut, samples: readonly RunSample[]): Promise<readonly SavedPart[]> {
  const parts: SavedPart[] = [];
  for (const [shard, fresh] of cutSamples(cut.shards, samples).entries()) {
    const before = await previousParts(at, cut, { kind: 'samples', shard });
    const families = before.flatMap((part) => part.families);
    const place = { shard, shards: cut.shards, now: at.now };
    parts.push({ shard, part: { kind: 'samples', ...mergeSamples(place, fresh, families) } });
  }
  return parts;
}

/**
 * Metrics are asked for once a UTC day: what the newest snapshot has of today is taken over, and only the rest is read.
 * Services that could not be read have no entry, which is another thing than an entry without figures.
 */
async function utilisationParts(
  at: RegionContext,
  cut: Cut,
  { services, misses }: { readonly services: readonly Service[]; readonly misses: Misses },
): Promise<readonly SavedPart[]> {
  const today = startOfDay(at.now).toISOString();
  const missing = new Set(services.map(({ name }) => name));
  const found: ServiceUtilisation[] = [];
  for (let shard = 0; shard < Math.min(cut.shards, cut.shardsBefore); shard += 1) {
    for (const part of await previousParts(at, cut, { kind: 'utilisation', shard })) {
      for (const entry of part.services) {
        if (entry.to === today && missing.delete(entry.service)) found.push(entry);
      }
    }
  }
  const request = { services: [...missing], now: at.now };
  const read = await misses.attempt(`cluster ${cut.name} utilisation`, () =>
    readUtilisation(at.call, cut.name, request),
  );
  found.push(...(read ?? []));
  return numbered(cutUtilisation(cut.shards, found), (own) => ({ kind: 'utilisation', services: own }));
}

function numbered<T>(items: readonly T[], toPart: (item: T) => SnapshotPart): readonly SavedPart[] {
  return items.map((item, shard) => ({ shard, part: toPart(item) }));
}
