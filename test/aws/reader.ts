import { onTestFinished, vi } from 'vitest';
import { type AwsStandIn, type AwsStandInOptions, startAwsStandIn } from '../../demo/aws/server.ts';
import type { AwsWorld } from '../../demo/aws/state.ts';
import { createWorld } from '../../demo/aws/world/index.ts';
import { openAws } from '../../src/aws/index.ts';
import type { AwsAccount, AwsReader, Log, ScanCalls, ScanSink, ScopeResult } from '../../src/deps.ts';
import type { Missed, PartKind, Scope, SnapshotPart, TaskDefinition } from '../../src/engine/index.ts';

/** The real reader, with the real SDK, in front of the simulated AWS. */

export const NOW = new Date('2026-11-24T10:00:00.000Z');
const silent: Log = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };

export type Bench = {
  readonly aws: AwsStandIn;
  readonly world: AwsWorld;
  readonly reader: AwsReader;
};

type BenchOptions = {
  readonly world?: AwsWorld;
  /** The one account that the reader knows, by name; all of the world's when absent. */
  readonly only?: string;
  /** Changes to how the accounts are configured. */
  readonly accounts?: (all: readonly AwsAccount[]) => readonly AwsAccount[];
  readonly now?: () => Date;
  readonly callTimeoutMs?: number;
  /** Speed of the simulated limits and of the reader's, which are the same unless a test says otherwise. */
  readonly speed?: number;
  readonly readerSpeed?: number;
} & Pick<AwsStandInOptions, 'throttle' | 'journal'>;

/** Both are closed, and the environment is as before, when the test ends. */
export async function openBench(options: BenchOptions = {}): Promise<Bench> {
  const now = options.now ?? (() => NOW);
  const world = options.world ?? createWorld({ now });
  const speed = options.speed ?? 1000;
  const { throttle = true, journal = 'full' } = options;
  const aws = await startAwsStandIn({ world, speed, throttle, journal });
  onTestFinished(() => aws.close());
  vi.stubEnv('AWS_ENDPOINT_URL', aws.url);
  vi.stubEnv('AWS_ACCESS_KEY_ID', world.hub.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', world.hub.secretAccessKey);
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  const all = accountsOf(world).filter(({ name }) => name === (options.only ?? name));
  const reader = openAws({
    accounts: options.accounts?.(all) ?? all,
    log: silent,
    clock: { now },
    speed: options.readerSpeed ?? speed,
    callTimeoutMs: options.callTimeoutMs ?? 20_000,
  });
  onTestFinished(() => reader.close());
  return { aws, world, reader };
}

function accountsOf(world: AwsWorld): readonly AwsAccount[] {
  return world.accounts.map(({ id, name, readerRoleArn, externalId, regions }) => ({
    id,
    name,
    readerRoleArn,
    writerRoleArn: null,
    externalId,
    regions: [...regions.keys()],
    payer: id === world.payer,
  }));
}

/** What a scan left behind. */
export type Picture = {
  readonly calls: ScanCalls;
  readonly results: readonly ScopeResult[];
  readonly missed: readonly Missed[];
  readonly definitions: ReadonlyMap<string, TaskDefinition>;
};

/** Scans into memory; `before` is the newest snapshot, `given` replaces single members of the sink. */
export async function scan(reader: AwsReader, before?: Picture, given: Partial<ScanSink> = {}): Promise<Picture> {
  const results: ScopeResult[] = [];
  const definitions = new Map(before?.definitions);
  const calls = await reader.scan({
    isDone: () => false,
    previous: async (ref) => (before === undefined ? null : (partsOf(before, ref, ref.kind)[ref.shard] ?? null)),
    previousTakenAt: before === undefined ? null : '2026-11-24T09:00:00.000Z',
    save: async (result) => {
      results.push(result);
    },
    knownTaskDefinitions: async (arns) =>
      new Map(arns.flatMap((arn) => (definitions.has(arn) ? [[arn, definitions.get(arn) as TaskDefinition]] : []))),
    saveTaskDefinitions: async (fresh) => {
      for (const definition of fresh) definitions.set(definition.arn, definition);
    },
    progress: () => {},
    ...given,
  });
  return { calls, results, missed: results.flatMap(({ missed }) => missed), definitions };
}

/** The parts of one kind of a scope, by shard. */
export function partsOf<K extends PartKind>(
  { results }: Pick<Picture, 'results'>,
  scope: Partial<Scope>,
  kind: K,
): readonly Extract<SnapshotPart, { kind: K }>[] {
  return results
    .filter(
      (result) =>
        (scope.account ?? result.scope.account) === result.scope.account &&
        (scope.region === undefined || scope.region === result.scope.region) &&
        (scope.cluster === undefined || scope.cluster === result.scope.cluster),
    )
    .flatMap(({ parts }) => parts)
    .flatMap(({ part }) => (part.kind === kind ? [part as Extract<SnapshotPart, { kind: K }>] : []));
}

/** The one part of a kind in a cluster or region. Throws when there is none. */
export function partOf<K extends PartKind>(
  picture: Picture,
  scope: Partial<Scope>,
  kind: K,
): Extract<SnapshotPart, { kind: K }> {
  const [part] = partsOf(picture, scope, kind);
  if (part === undefined) throw new Error(`no ${kind} part of ${JSON.stringify(scope)}`);
  return part;
}

/** Everything saved as text, in a fixed order: equal estates give equal bytes. */
export function bytesOf({ results }: Picture): string {
  const key = ({ scope }: ScopeResult): string => JSON.stringify(scope);
  return JSON.stringify([...results].sort((a, b) => (key(a) < key(b) ? -1 : 1)));
}
