/** What somebody named for a window -> one place, one cluster, and the tag that stands for it there. */
import type { Place } from '../approvals/model.ts';
import {
  type Aim,
  aimAtCluster,
  aimAtProvider,
  aimAtService,
  type ClusterHead,
  type ClusterView,
} from '../engine/index.ts';
import { usageError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { accountName, clustersIn, oneCluster, readAs, readCluster } from './estate.ts';
import { clip } from './flags.ts';
import type { Asking } from './windows-world.ts';

type Named = {
  readonly target: string;
  readonly fargate: boolean;
  readonly account: string | null;
  readonly region: string | null;
};

export type Resolved = { readonly place: Place; readonly aim: Aim; readonly cluster: ClusterView };

/** Throws usage errors: unknown or ambiguous names, and what no window can reach. */
export async function resolveTarget(asking: Asking, named: Named): Promise<Resolved> {
  const { deps, head } = asking;
  const [first = '', second] = named.target.split('/');
  const scope = { account: named.account, region: named.region };
  const inScope = clustersIn(head, { ...scope, cluster: null });
  if (second !== undefined && second !== '') {
    const at = oneCluster(head, { ...scope, cluster: first });
    return partOf(await readCluster(deps, head, at), second, named.fargate);
  }
  if (inScope.some(({ name }) => name === first)) {
    const cluster = await readCluster(deps, head, oneCluster(head, { ...scope, cluster: first }));
    return resolved(cluster, aimAtCluster(cluster, named.fargate));
  }
  const holders = await clustersWith(asking, inScope, first);
  const [at, ...others] = holders.found;
  if (at === undefined) throw unknown(first, [...inScope.map(({ name }) => name), ...holders.providers]);
  if (others.length > 0) {
    const places = holders.found.map((row) => `${row.name} (${accountName(head, row.account)}, ${row.region})`);
    throw usageError(
      'usage_ambiguous',
      `several clusters have a provider ${clip(first)}: ${places.join(', ')}`,
      `windows set ${at.name}/${clip(first)} …`,
    );
  }
  return partOf(await readCluster(deps, head, at), first, named.fargate);
}

/** Clusters with a provider of that name, and the names of all providers. */
async function clustersWith(
  { deps, head }: Asking,
  clusters: readonly ClusterHead[],
  wanted: string,
): Promise<{ readonly found: readonly ClusterHead[]; readonly providers: readonly string[] }> {
  const found: ClusterHead[] = [];
  const providers = new Set<string>();
  for (const at of clusters) {
    const ref = head.parts.find(
      ({ kind, account, region, cluster }) =>
        kind === 'cluster' && account === at.account && region === at.region && cluster === at.name,
    );
    if (ref === undefined) continue;
    const part = await readAs(deps, ref, 'cluster');
    for (const { name } of part.providers) providers.add(name);
    if (part.providers.some(({ name }) => name === wanted)) found.push(at);
  }
  return { found, providers: [...providers] };
}

/** A provider or a service of the cluster. */
function partOf(cluster: ClusterView, name: string, wantsFargate: boolean): Resolved {
  const provider = cluster.providers.find((candidate) => candidate.name === name);
  if (provider !== undefined && !wantsFargate) return resolved(cluster, aimAtProvider(cluster, provider));
  const service = cluster.services.find((candidate) => candidate.name === name);
  if (service !== undefined) return resolved(cluster, aimAtService(cluster, service));
  if (provider !== undefined) return resolved(cluster, aimAtProvider(cluster, provider));
  const names = [...cluster.providers, ...cluster.services].map((row) => row.name);
  const near = nearest(name, names);
  throw usageError(
    'usage_unknown_target',
    `${cluster.name} has no provider and no service "${clip(name)}"${near === null ? '' : `. Did you mean ${near}?`}`,
    `windows set ${cluster.name}/${near ?? names[0] ?? 'NAME'} "sundays 10 to 2pm"`,
  );
}

function resolved(cluster: ClusterView, answer: ReturnType<typeof aimAtCluster>): Resolved {
  const { account, region } = cluster;
  if (answer.kind === 'aim') return { place: { account, region }, aim: answer.aim, cluster };
  const hint =
    answer.instead === null
      ? 'windows calendar shows what AWS moves by itself'
      : `windows set ${answer.instead} "sundays 10 to 2pm"`;
  throw usageError('usage_no_window_target', answer.because, hint);
}

function unknown(name: string, known: readonly string[]): Error {
  const near = nearest(name, known);
  return usageError(
    'usage_unknown_target',
    `there is no cluster and no provider "${clip(name)}"${near === null ? '' : `. Did you mean ${near}?`}`,
    near === null ? 'a service is written CLUSTER/SERVICE' : `windows set ${near} "sundays 10 to 2pm"`,
  );
}
