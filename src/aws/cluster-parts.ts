import type {
  CapacityProvider,
  CensusKind,
  ClusterHead,
  FamilySamples,
  SamplesPart,
  Service,
  ServicesPart,
  ServiceUtilisation,
  Task,
  TaskDefinition,
} from '../engine/index.ts';
import { CENSUS_KINDS } from '../engine/index.ts';
import type { RunSample } from './read-tasks.ts';
import { sortedBy } from './shapes-members.ts';
import { shardOfGroup, shardOfService } from './shards.ts';

/** Cutting what was read of a cluster into its shards. Pure; equal input gives equal bytes. */

/** Services, tasks and the revisions that either uses, by shard. A revision may lie in several shards. */
export function cutServices(
  shards: number,
  read: {
    readonly services: readonly Service[];
    readonly tasks: readonly Task[];
    /** Revisions of families seen by their stopped tasks, by shard. */
    readonly samples: readonly (readonly string[])[];
    readonly definitions: ReadonlyMap<string, TaskDefinition>;
  },
): readonly ServicesPart[] {
  const services = deal(shards, read.services, ({ name }) => shardOfService(name, shards));
  const tasks = deal(shards, read.tasks, ({ group }) => shardOfGroup(group, shards, null));
  return services.map((own, shard) => {
    const theirs = tasks[shard] ?? [];
    const used = [...own, ...theirs].map(({ taskDefinition }) => taskDefinition);
    const arns = new Set([...used, ...(read.samples[shard] ?? [])]);
    const definitions = [...arns].flatMap((arn) => read.definitions.get(arn) ?? []);
    return {
      services: sortedBy(own, ({ name }) => name),
      taskDefinitions: sortedBy(definitions, ({ arn }) => arn),
      tasks: sortedBy(theirs, ({ arn }) => arn),
    };
  });
}

/** Tasks by what they run on: the provider's kind, or the launch type of tasks that were started without one. */
export function censusOf(tasks: readonly Task[], providers: readonly CapacityProvider[]): ClusterHead['census'] {
  const kinds = new Map(providers.map(({ name, kind }) => [name, kind]));
  const census = Object.fromEntries(CENSUS_KINDS.map((kind) => [kind, 0])) as Record<CensusKind, number>;
  for (const { capacityProvider, launchType } of tasks) {
    census[kinds.get(capacityProvider ?? '') ?? kindOfLaunch(capacityProvider, launchType)] += 1;
  }
  return census;
}

function kindOfLaunch(provider: string | null, launchType: string | null): CensusKind {
  if (provider === 'FARGATE_SPOT') return 'fargate-spot';
  if (provider === 'FARGATE' || launchType === 'FARGATE') return 'fargate';
  if (launchType === 'MANAGED_INSTANCES') return 'managed-instances';
  return launchType === 'EXTERNAL' ? 'external' : 'asg';
}

const MOST_SAMPLES = 100;
const SAMPLES_LIVE_MS = 14 * 24 * 60 * 60 * 1000;

/** New samples by shard. */
export function cutSamples(shards: number, samples: readonly RunSample[]): readonly (readonly RunSample[])[] {
  return deal(shards, samples, ({ family, sample }) => shardOfGroup(sample.group, shards, family));
}

/**
 * One shard's samples: the new ones and those of before, each task once, newest first, at most 100 a family and 14 days
 * old at `now`. `before` may hold other shards' samples, which are left out.
 */
export function mergeSamples(
  place: { readonly shard: number; readonly shards: number; readonly now: Date },
  fresh: readonly RunSample[],
  before: readonly FamilySamples[],
): SamplesPart {
  const { shard, shards, now } = place;
  const oldest = new Date(now.getTime() - SAMPLES_LIVE_MS).toISOString();
  const families = new Map<string, Map<string, FamilySamples['samples'][number]>>();
  const put = ({ family, sample }: RunSample): void => {
    if (sample.stoppedAt < oldest || shardOfGroup(sample.group, shards, family) !== shard) return;
    const samples = families.get(family) ?? new Map<string, FamilySamples['samples'][number]>();
    families.set(family, samples.set(sample.task, sample));
  };
  for (const { family, samples } of before) for (const sample of samples) put({ family, sample });
  for (const sample of fresh) put(sample);
  const merged = [...families].map(([family, samples]) => ({
    family,
    samples: [...samples.values()]
      .sort((a, b) => compare(b.stoppedAt, a.stoppedAt) || compare(a.task, b.task))
      .slice(0, MOST_SAMPLES),
  }));
  return { families: sortedBy(merged, ({ family }) => family) };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Utilisation by shard, sorted. */
export function cutUtilisation(
  shards: number,
  services: readonly ServiceUtilisation[],
): readonly (readonly ServiceUtilisation[])[] {
  return deal(shards, services, ({ service }) => shardOfService(service, shards)).map((own) =>
    sortedBy(own, ({ service }) => service),
  );
}

function deal<T>(shards: number, items: readonly T[], shardOf: (item: T) => number): readonly (readonly T[])[] {
  const dealt = Array.from({ length: shards }, (): T[] => []);
  for (const item of items) dealt[shardOf(item)]?.push(item);
  return dealt;
}
