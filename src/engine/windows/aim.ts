/** What a window can be for: instances of a cluster or a provider, or Fargate tasks. Targets are always tags. */
import type { EventWindow } from '../model.ts';
import type { CapacityProvider, ClusterView, Service } from '../model-cluster.ts';

/** A tag that stands for what the window is for, with words for it. */
export type Aim = {
  readonly kind: 'cluster' | 'provider' | 'service';
  readonly cluster: string;
  /** Name of the provider or service; the cluster's own for a cluster. */
  readonly name: string;
  readonly runsOn: 'managed-instances' | 'fargate';
  readonly tag: EventWindow['instanceTags'][number];
};

type AimAnswer =
  | { readonly kind: 'aim'; readonly aim: Aim }
  /** No window can reach it: why, and what to name instead (null = nothing). */
  | { readonly kind: 'none'; readonly because: string; readonly instead: string | null };

type Aimed = Pick<ClusterView, 'name' | 'arn' | 'providers' | 'services' | 'defaultStrategy'>;

/** The tag for a whole cluster: of its managed instances where it has any, else (or when asked) of its Fargate tasks. */
export function aimAtCluster(cluster: Aimed, wantsFargate: boolean): AimAnswer {
  const { name, arn, providers } = cluster;
  const isManaged = providers.some(({ kind }) => kind === 'managed-instances');
  const hasFargate =
    providers.some(({ kind }) => isFargate(kind)) ||
    cluster.services.some(({ launchType }) => launchType === 'FARGATE');
  if (isManaged && !wantsFargate) {
    const tag = { key: 'aws:ecs:clusterName', value: name };
    return found({ kind: 'cluster', cluster: name, name, runsOn: 'managed-instances', tag });
  }
  if (hasFargate || (wantsFargate && !isManaged)) {
    const tag = { key: 'aws:ecs:clusterArn', value: arn };
    return found({ kind: 'cluster', cluster: name, name, runsOn: 'fargate', tag });
  }
  if (wantsFargate) {
    return { kind: 'none', because: `${name} has no Fargate provider, so no Fargate task runs there`, instead: name };
  }
  const because = `${name} runs on instances of your own: AWS patches neither them nor their tasks, you do`;
  return { kind: 'none', because, instead: null };
}

/** The tag for one capacity provider of a cluster. */
export function aimAtProvider(cluster: Aimed, provider: CapacityProvider): AimAnswer {
  const { name, kind } = provider;
  if (kind === 'managed-instances') {
    const tag = { key: 'aws:ecs:capacityProviderName', value: name };
    return found({ kind: 'provider', cluster: cluster.name, name, runsOn: 'managed-instances', tag });
  }
  if (kind === 'asg') {
    const because = `${name} is an Auto Scaling group of yours: AWS patches nothing there, you do`;
    return { kind: 'none', because, instead: null };
  }
  const because = `${name} has no tag of its own; Fargate windows are for a service, or for all Fargate tasks of a cluster`;
  return { kind: 'none', because, instead: cluster.name };
}

/** The tag for one service: only Fargate knows tasks by their service. */
export function aimAtService(cluster: Aimed, service: Service): AimAnswer {
  const { name } = service;
  const kinds = new Map(cluster.providers.map((provider) => [provider.name, provider.kind]));
  const providers = providersOf(cluster, service);
  if (service.launchType === 'FARGATE' || providers.some((provider) => isFargate(kinds.get(provider) ?? ''))) {
    const tag = { key: 'aws:ecs:serviceArn', value: service.arn };
    return found({ kind: 'service', cluster: cluster.name, name, runsOn: 'fargate', tag });
  }
  const [managed] = providers.filter((provider) => kinds.get(provider) === 'managed-instances');
  if (managed === undefined) {
    return { kind: 'none', because: `${name} runs on instances of your own, which AWS does not patch`, instead: null };
  }
  const because = `windows match instances, not tasks, and ${name} runs on managed instances of ${managed}`;
  return { kind: 'none', because, instead: `${cluster.name}/${managed}` };
}

/** Names of the providers that a service's tasks are spread over, by its own strategy or the cluster's. */
export function providersOf(
  { defaultStrategy }: Pick<ClusterView, 'defaultStrategy'>,
  { launchType, strategy }: Pick<Service, 'launchType' | 'strategy'>,
): readonly string[] {
  if (launchType !== null) return [];
  return (strategy.length > 0 ? strategy : defaultStrategy).map(({ capacityProvider }) => capacityProvider);
}

function isFargate(kind: string): boolean {
  return kind === 'fargate' || kind === 'fargate-spot';
}

function found(aim: Aim): AimAnswer {
  return { kind: 'aim', aim };
}
