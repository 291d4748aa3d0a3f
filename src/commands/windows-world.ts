/** What a question about windows looks at: the windows of a region as they are now, and its instances as last scanned. */
import type { Place } from '../approvals/model.ts';
import type { Deps } from '../deps.ts';
import {
  type ClusterHead,
  type ClusterView,
  type EventWindow,
  providersOf,
  type Quiet,
  type RegionPart,
  readWords,
  type ShardOf,
  type SnapshotHead,
  type WindowWorld,
} from '../engine/index.ts';
import { AdviseError } from '../errors.ts';
import type { Call } from './command.ts';
import { accountName, readCluster, readRegion } from './estate.ts';
import { digitsForWords } from './number-words.ts';
import { roleFinder } from './roles.ts';
import { zoneFrom } from './zones.ts';

export type Asking = {
  readonly deps: Deps;
  readonly call: Call;
  readonly head: SnapshotHead;
  /** Clusters that were read for this question, a few: many windows may be for one cluster. */
  readonly views: Map<string, ClusterView>;
};

const VIEWS_KEPT = 3;

/** A cluster with all its parts; the last few are remembered. */
async function viewOf({ deps, head, views }: Asking, at: ClusterHead): Promise<ClusterView> {
  const key = `${at.account} ${at.region} ${at.name}`;
  const view = views.get(key) ?? (await readCluster(deps, head, at));
  // The newest stands last, so the first is the one to forget.
  views.delete(key);
  views.set(key, view);
  const [oldest] = views.keys();
  if (views.size > VIEWS_KEPT && oldest !== undefined) views.delete(oldest);
  return view;
}

/** Windows and where they come from; `readAt` null = asked of AWS just now. */
export type RegionWindows = {
  readonly region: RegionPart;
  readonly windows: readonly EventWindow[];
  readonly readAt: string | null;
};

/** A region with its windows asked of AWS now, or as scanned when AWS cannot be asked. Null when it was not scanned. */
export async function readWindows(
  { deps, call, head }: Asking,
  place: Place,
  from: 'aws' | 'snapshot',
): Promise<RegionWindows | null> {
  const region = await readRegion(deps, head, place);
  if (region === null) return null;
  const scanned = { region, windows: region.eventWindows, readAt: head.takenAt };
  if (from === 'snapshot' || deps.aws === null) return scanned;
  try {
    return { region, windows: await deps.aws.eventWindows(place), readAt: null };
  } catch (error) {
    if (!(error instanceof AdviseError) || error.kind !== 'upstream') throw error;
    deps.log.warn({ id: call.id, code: error.code }, 'windows as scanned');
    return scanned;
  }
}

/** As `readWindows`; a region that no scan could read is an upstream error. */
export async function requireWindows(asking: Asking, place: Place): Promise<RegionWindows> {
  const found = await readWindows(asking, place, 'aws');
  if (found !== null) return found;
  const where = `${place.region} of ${accountName(asking.head, place.account)}`;
  throw new AdviseError({
    kind: 'upstream',
    code: 'snapshot_region_missed',
    message: `The last scan could not read ${where}.`,
    hint: 'status says why; run "ecs-advise scan" when it is put right',
  });
}

/** Freezes and quiet hours as they are configured. */
export function quietTimes({ settings }: Pick<Deps, 'settings'>, now: Date): Quiet {
  return {
    freezes: settings.approvals.freezes,
    quietHours: settings.guardrails.quietHours.map(({ name, words, zone }) => ({
      name,
      spans: readWords(digitsForWords(words.toLowerCase())).spans,
      zone: zoneFrom(zone, now),
    })),
  };
}

const SHARD_ROLE = /^shard-of:\s*(.+)$/i;

/** Services whose fleet role says that they are shards of one logical server. */
function shardsIn(deps: Pick<Deps, 'settings'>, clusters: readonly ClusterView[]): readonly ShardOf[] {
  const roleOf = roleFinder(deps.settings.roles);
  return clusters.flatMap((cluster) =>
    cluster.services.flatMap((service): readonly ShardOf[] => {
      const { account, name } = cluster;
      const role = roleOf({ account, cluster: name, service: service.name, tags: service.tags });
      const server = SHARD_ROLE.exec(role ?? '')?.[1];
      if (server === undefined) return [];
      const [provider = null, ...others] = providersOf(cluster, service);
      return [{ server, cluster: name, name: service.name, provider: others.length > 0 ? null : provider }];
    }),
  );
}

/** The world around a change in one place, as far as these clusters go. */
export function windowWorld(
  { deps, call }: Asking,
  { region, windows }: RegionWindows,
  clusters: readonly ClusterView[],
): WindowWorld {
  return {
    ...quietTimes(deps, call.now),
    now: call.now.toISOString(),
    windows,
    region,
    clusters,
    shards: shardsIn(deps, clusters),
  };
}

/** Clusters of the place that a window's tags can reach into, read whole. */
export async function clustersOf(
  asking: Asking,
  place: Place,
  {
    targets,
    region,
  }: { readonly targets: Pick<EventWindow, 'instanceTags' | 'instanceIds'>; readonly region: RegionPart },
): Promise<readonly ClusterView[]> {
  const here = asking.head.clusters.filter(
    ({ account, region: at }) => account === place.account && at === place.region,
  );
  const names = new Set(targets.instanceTags.flatMap(({ key, value }) => namesIn(key, value, here)));
  for (const { id, tags } of region.instances) {
    const isMeant =
      targets.instanceIds.includes(id) || targets.instanceTags.some(({ key, value }) => tags[key] === value);
    const cluster = tags['aws:ecs:clusterName'];
    if (isMeant && cluster !== undefined) names.add(cluster);
  }
  const found: ClusterView[] = [];
  for (const cluster of here.filter(({ name }) => names.has(name))) found.push(await viewOf(asking, cluster));
  return found;
}

function namesIn(key: string, value: string, clusters: readonly ClusterHead[]): readonly string[] {
  switch (key) {
    case 'aws:ecs:clusterName':
      // A wrong value, an ARN, still says which cluster was meant.
      return [value.split('/').at(-1) ?? value];
    case 'aws:ecs:clusterArn':
    case 'aws:ecs:serviceArn':
      return [value.split('/')[1] ?? ''];
    case 'aws:ecs:fargateTask':
      return clusters.map(({ name }) => name);
    default:
      return [];
  }
}
