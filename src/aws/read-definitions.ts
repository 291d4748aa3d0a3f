import { DescribeTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import type { TaskDefinition } from '../engine/index.ts';
import { readBatches } from './batches.ts';
import { present } from './call.ts';
import type { Misses } from './missed.ts';
import type { RegionContext } from './scan-context.ts';
import { lastOfArn } from './shapes-members.ts';
import { toTaskDefinition } from './shapes-task.ts';

/** Revisions, each asked for once in its life: what it says about sizes never changes. */

export type Definitions = {
  /** Begins to read those that are new here; returns at once. */
  readonly want: (arns: readonly string[]) => void;
  /** All that were wanted, by ARN, those that could not be read left out. Throws what the sink threw. */
  readonly done: () => Promise<ReadonlyMap<string, TaskDefinition>>;
};

/** Looked up in the database, and saved there, together. */
const AT_ONCE = 100;
/** Revisions are small and many; so many are under way in each of two lanes. */
const WIDTH = 8;
const LANES = 2;

/** The revisions that one cluster runs. */
export function readDefinitions(at: RegionContext, cluster: string, misses: Misses): Definitions {
  const wanted = new Set<string>();
  const found = new Map<string, TaskDefinition>();
  let waiting: string[] = [];
  const lanes: Promise<void>[] = Array.from({ length: LANES }, () => Promise.resolve());
  let begun = 0;
  let failed: { readonly error: unknown } | null = null;
  const begin = (): void => {
    const arns = waiting;
    waiting = [];
    const lane = begun % LANES;
    begun += 1;
    // In each lane one batch after the other; an error waits for `done`, so that it is nobody's unhandled rejection.
    lanes[lane] = (lanes[lane] ?? Promise.resolve()).then(async () => {
      if (failed !== null) return;
      try {
        await read(arns);
      } catch (error) {
        failed = { error };
      }
    });
  };
  let isOpen = true;
  const read = async (arns: readonly string[]): Promise<void> => {
    const known = await at.sink.knownTaskDefinitions(arns);
    for (const [arn, definition] of known) found.set(arn, definition);
    const unknown = arns.filter((arn) => !known.has(arn));
    if (!isOpen || unknown.length === 0) return;
    const fresh: TaskDefinition[] = [];
    const keep = (definition: TaskDefinition): number => fresh.push(definition);
    if (!(await readUnknown(at, { cluster, misses, arns: unknown, keep }))) isOpen = false;
    for (const definition of fresh) found.set(definition.arn, definition);
    if (fresh.length > 0) await at.sink.saveTaskDefinitions(fresh);
  };
  return {
    want: (arns) => {
      for (const arn of arns) {
        if (arn === '' || wanted.has(arn)) continue;
        wanted.add(arn);
        waiting.push(arn);
        if (waiting.length >= AT_ONCE) begin();
      }
    },
    done: async () => {
      if (waiting.length > 0) begin();
      await Promise.all(lanes);
      if (failed !== null) throw failed.error;
      return found;
    },
  };
}

/** False when it makes no sense to ask for more. */
async function readUnknown(
  at: RegionContext,
  request: {
    readonly cluster: string;
    readonly misses: Misses;
    readonly arns: readonly string[];
    readonly keep: (definition: TaskDefinition) => unknown;
  },
): Promise<boolean> {
  const { cluster, misses, arns, keep } = request;
  const nameOf = (arn: string): string => `cluster ${cluster} task definition ${lastOfArn(arn)}`;
  const { wasStopped } = await readBatches({
    ids: arns,
    size: 1,
    width: WIDTH,
    misses,
    whole: `cluster ${cluster} task definitions`,
    nameOf,
    read: async ([arn = '']) => {
      const { taskDefinition } = await at.call('ecs:DescribeTaskDefinition', ({ ecs }, options) =>
        ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: arn }), options),
      );
      const converted = toTaskDefinition(present(taskDefinition, 'taskDefinition'));
      if (converted === null) misses.add(nameOf(arn), 'unreadable');
      else keep(converted);
      return [];
    },
  });
  return !wasStopped;
}
