/** The newest snapshot as commands read it: which cluster is meant, and all of a cluster put together. */
import type { Deps } from '../deps.ts';
import type {
  ClusterHead,
  ClusterView,
  Json,
  PartKind,
  PartRef,
  RegionPart,
  SnapshotHead,
  SnapshotPart,
} from '../engine/index.ts';
import { AdviseError, usageError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { clip } from './flags.ts';

type Reading = Pick<Deps, 'store' | 'settings' | 'clock'>;

/** Where a question looks: all of it, one account, one region, one cluster. Names as people type them. */
export type EstateScope = {
  readonly account: string | null;
  readonly region: string | null;
  readonly cluster: string | null;
};

/** The newest whole snapshot. Without one: says what to do first (config or upstream error). */
export async function requireSnapshot(deps: Reading): Promise<SnapshotHead> {
  const head = await deps.store.latestSnapshot();
  if (head !== null) return head;
  if (deps.settings.accounts.length === 0) {
    throw new AdviseError({
      kind: 'config',
      code: 'config_no_accounts',
      message: 'No AWS account is configured, so there is nothing to look at.',
      hint: 'list one under "accounts" in ecs-advise.yaml (docs/aws.md), then run "ecs-advise scan"',
    });
  }
  const scan = await deps.store.scanUnderWay(deps.clock.now().toISOString());
  throw new AdviseError({
    kind: 'upstream',
    code: 'snapshot_none',
    message: scan === null ? 'No scan has finished yet.' : 'The first scan is still under way.',
    hint:
      scan === null
        ? 'run "ecs-advise scan" once, then ask again'
        : 'ask again in a moment; "status" shows how far it is',
  });
}

/** The clusters in scope, in the snapshot's order. Throws a usage error for a name that is not there. */
export function clustersIn(head: SnapshotHead, scope: EstateScope): readonly ClusterHead[] {
  const account = scope.account === null ? null : accountNamed(head, scope.account);
  if (scope.region !== null) requireRegion(head, scope.region);
  const inPlace = head.clusters.filter(
    (cluster) =>
      (account === null || cluster.account === account) && (scope.region === null || cluster.region === scope.region),
  );
  if (scope.cluster === null) return inPlace;
  const found = inPlace.filter(({ name }) => name === scope.cluster);
  if (found.length > 0) return found;
  throw unknownCluster(head, inPlace, scope.cluster);
}

/** Exactly one cluster; a name that several accounts use must be told apart. */
export function oneCluster(head: SnapshotHead, scope: EstateScope & { readonly cluster: string }): ClusterHead {
  const [first, ...others] = clustersIn(head, scope);
  if (first === undefined) throw unknownCluster(head, [], scope.cluster);
  if (others.length === 0) return first;
  const places = [first, ...others].map(({ account, region }) => `${accountName(head, account)} in ${region}`);
  throw usageError(
    'usage_ambiguous',
    `there are ${places.length} clusters ${scope.cluster}: ${places.join(', ')}`,
    `add --account ${accountName(head, first.account)} or --region ${first.region}`,
  );
}

/** The account's name, or its id when the snapshot does not know it. */
export function accountName(head: SnapshotHead, id: string): string {
  return head.accounts.find((account) => account.id === id)?.name ?? id;
}

/** The id of an account given by name or id. Throws a usage error with the nearest name. */
export function accountNamed(head: SnapshotHead, text: string): string {
  const found = head.accounts.find(({ id, name }) => id === text || name.toLowerCase() === text.toLowerCase());
  if (found !== undefined) return found.id;
  const names = head.accounts.map(({ name }) => name);
  const near = nearest(text, names);
  throw usageError(
    'usage_unknown_account',
    `there is no account "${clip(text)}"${near === null ? '' : `. Did you mean ${near}?`}`,
    `--account ${near ?? names[0] ?? 'NAME'}`,
  );
}

function requireRegion(head: SnapshotHead, region: string): void {
  const regions = [...new Set(head.accounts.flatMap((account) => account.regions))].sort();
  if (regions.includes(region)) return;
  throw usageError(
    'usage_unknown_region',
    `no account is read in "${clip(region)}"`,
    `--region ${nearest(region, regions) ?? regions[0] ?? 'CODE'}`,
  );
}

function unknownCluster(head: SnapshotHead, among: readonly ClusterHead[], name: string): AdviseError {
  const names = [...new Set(among.map((cluster) => cluster.name))];
  const near = nearest(name, names);
  const missed = head.missed.some(({ what }) => what === 'account' || what === 'clusters');
  const guess = near === null ? '' : `. Did you mean ${near}?`;
  const unread = missed ? '. The scan could not read every account: see "status"' : '';
  const known = near ?? names[0];
  return usageError(
    'usage_unknown_cluster',
    `there is no cluster "${clip(name)}"${guess}${unread}`,
    known === undefined ? 'status lists the clusters' : `cost ${known}`,
  );
}

/** All parts of one cluster, put together. */
export async function readCluster(deps: Reading, head: SnapshotHead, at: ClusterHead): Promise<ClusterView> {
  const refs = head.parts.filter(
    ({ account, region, cluster }) => account === at.account && region === at.region && cluster === at.name,
  );
  const read = async <K extends PartKind>(kind: K): Promise<readonly Extract<SnapshotPart, { kind: K }>[]> => {
    const parts = [];
    for (const ref of refs.filter((candidate) => candidate.kind === kind)) parts.push(await readAs(deps, ref, kind));
    return parts;
  };
  const [cluster] = await read('cluster');
  if (cluster === undefined) throw new Error(`invariant: the snapshot holds no part of cluster ${at.name}`);
  const { kind: _, ...part } = cluster;
  const services = await read('services');
  return {
    ...part,
    account: at.account,
    region: at.region,
    services: services.flatMap((shard) => shard.services),
    taskDefinitions: services.flatMap((shard) => shard.taskDefinitions),
    tasks: services.flatMap((shard) => shard.tasks),
    samples: (await read('samples')).flatMap(({ families }) => families),
    utilisation: (await read('utilisation')).flatMap((shard) => shard.services),
  };
}

/** What was read of a region, or null when the scan missed it. */
export async function readRegion(
  deps: Reading,
  head: SnapshotHead,
  at: { readonly account: string; readonly region: string },
): Promise<RegionPart | null> {
  const ref = head.parts.find(
    ({ kind, account, region }) => kind === 'region' && account === at.account && region === at.region,
  );
  return ref === undefined ? null : readAs(deps, ref, 'region');
}

/** One part, as the kind that its reference says it is. */
export async function readAs<K extends PartKind>(
  deps: Reading,
  ref: PartRef,
  kind: K,
): Promise<Extract<SnapshotPart, { kind: K }>> {
  const part = await deps.store.part(ref.sha256);
  if (part.kind !== kind) throw new Error(`invariant: part ${ref.sha256} is a ${part.kind}, not a ${kind}`);
  return part as Extract<SnapshotPart, { kind: K }>;
}

/** The `snapshot` member of every live answer's JSON. */
export function snapshotJson(head: SnapshotHead): Json {
  return { id: head.id, takenAt: head.takenAt, missed: head.missed as unknown as Json };
}
