import {
  DescribeCapacityProvidersCommand,
  type DescribeCapacityProvidersCommandInput,
  DescribeContainerInstancesCommand,
  type CapacityProvider as EcsCapacityProvider,
  ListContainerInstancesCommand,
} from '@aws-sdk/client-ecs';
import type { CapacityProvider, ContainerInstance } from '../engine/index.ts';
import { readBatches } from './batches.ts';
import { listIn, pagesOf } from './call.ts';
import { chunksOf } from './concurrency.ts';
import type { Misses } from './missed.ts';
import type { RegionContext } from './scan-context.ts';
import { toCapacityProvider, toContainerInstance } from './shapes-ecs.ts';
import { lastOfArn } from './shapes-members.ts';

/** What a cluster's tasks run on: its capacity providers and container instances. */

export type Capacity = {
  readonly providers: readonly CapacityProvider[];
  readonly containerInstances: readonly ContainerInstance[];
  /** False when instances may exist that were not read. */
  readonly hasAllInstances: boolean;
};

/** Providers of the whole account, by name: several clusters use the same ones. */
export type SharedProviders = Map<string, EcsCapacityProvider>;

type CapacityRequest = {
  readonly cluster: string;
  /** Names of providers that the cluster mentions. */
  readonly providerNames: readonly string[];
  readonly shared: SharedProviders;
  readonly misses: Misses;
};

const LISTED_AT_ONCE = 100;
const WIDTH = 2;
/** DescribeCapacityProviders takes 100 names, and answers in pages of 10. */
const NAMES_AT_ONCE = 100;

export async function readCapacity(at: RegionContext, request: CapacityRequest): Promise<Capacity> {
  const { cluster, misses } = request;
  const whole = `cluster ${cluster} capacity providers`;
  const providers = await misses.attempt(whole, () => readProviders(at, request));
  return { providers: providers ?? [], ...(await readContainerInstances(at, request)) };
}

/** Managed Instances providers belong to the cluster and come with it; the others are asked for by name, once each. */
async function readProviders(at: RegionContext, request: CapacityRequest): Promise<readonly CapacityProvider[]> {
  const { cluster, providerNames, shared, misses } = request;
  const own = providerNames.length === 0 ? [] : await describeProviders(at, { cluster, include: ['TAGS'] });
  const ownNames = new Set(own.map(({ name }) => name));
  const unknown = providerNames.filter((name) => !ownNames.has(name) && !shared.has(name));
  for (const names of chunksOf(unknown, NAMES_AT_ONCE)) {
    for (const provider of await describeProviders(at, { capacityProviders: [...names], include: ['TAGS'] })) {
      shared.set(provider.name ?? '', provider);
    }
  }
  const named = providerNames.flatMap((name) => {
    if (ownNames.has(name)) return [];
    const provider = shared.get(name);
    if (provider !== undefined) return [provider];
    misses.add(`cluster ${cluster} capacity provider ${name}`, 'vanished');
    return [];
  });
  return [...own, ...named].flatMap((provider) => {
    const converted = toCapacityProvider(provider);
    if (converted !== null) return [converted];
    misses.add(`cluster ${cluster} capacity provider ${provider.name ?? ''}`, 'unreadable');
    return [];
  });
}

async function describeProviders(
  at: RegionContext,
  input: DescribeCapacityProvidersCommandInput,
): Promise<readonly EcsCapacityProvider[]> {
  const pages = pagesOf(
    (nextToken) =>
      at.call('ecs:DescribeCapacityProviders', ({ ecs }, options) =>
        ecs.send(new DescribeCapacityProvidersCommand({ ...input, nextToken }), options),
      ),
    ({ nextToken }) => nextToken,
  );
  const providers: EcsCapacityProvider[] = [];
  for await (const page of pages) providers.push(...listIn(page.capacityProviders, 'capacityProviders'));
  return providers;
}

async function readContainerInstances(
  at: RegionContext,
  { cluster, misses }: CapacityRequest,
): Promise<Pick<Capacity, 'containerInstances' | 'hasAllInstances'>> {
  const whole = `cluster ${cluster} container instances`;
  const arns: string[] = [];
  const listed = await misses.attempt(whole, async () => {
    const pages = pagesOf(
      (nextToken) =>
        at.call('ecs:ListContainerInstances', ({ ecs }, options) =>
          ecs.send(new ListContainerInstancesCommand({ cluster, maxResults: LISTED_AT_ONCE, nextToken }), options),
        ),
      ({ nextToken }) => nextToken,
    );
    for await (const page of pages) arns.push(...listIn(page.containerInstanceArns, 'containerInstanceArns'));
    return arns.length;
  });
  const containerInstances: ContainerInstance[] = [];
  const { isWhole } = await readBatches({
    ids: arns,
    size: LISTED_AT_ONCE,
    width: WIDTH,
    misses,
    whole,
    nameOf: (arn) => `cluster ${cluster} container instance ${lastOfArn(arn)}`,
    read: async (batch) => {
      const include = ['CONTAINER_INSTANCE_HEALTH', 'TAGS'] as const;
      const answer = await at.call('ecs:DescribeContainerInstances', ({ ecs }, options) =>
        ecs.send(
          new DescribeContainerInstancesCommand({ cluster, containerInstances: [...batch], include: [...include] }),
          options,
        ),
      );
      for (const instance of listIn(answer.containerInstances, 'containerInstances')) {
        const converted = toContainerInstance(instance);
        if (converted === null) misses.add(`cluster ${cluster} container instance`, 'unreadable');
        else containerInstances.push(converted);
      }
      return answer.failures ?? [];
    },
  });
  return { containerInstances, hasAllInstances: listed !== null && isWhole };
}
