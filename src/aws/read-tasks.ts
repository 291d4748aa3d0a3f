import {
  DescribeTasksCommand,
  type DesiredStatus,
  type Task as EcsTask,
  GetTaskProtectionCommand,
  ListTasksCommand,
  type ProtectedTask,
} from '@aws-sdk/client-ecs';
import type { FamilySamples, Task } from '../engine/index.ts';
import { readBatches } from './batches.ts';
import { listIn, pagesOf } from './call.ts';
import type { Misses } from './missed.ts';
import type { RegionContext } from './scan-context.ts';
import { lastOfArn } from './shapes-members.ts';
import { toRunSample, toTask } from './shapes-task.ts';

/** The tasks of one cluster: running ones, and the stopped ones that AWS still remembers (about an hour). */

type TasksRequest = {
  readonly cluster: string;
  readonly misses: Misses;
  /** Whether to ask for scale-in protection. */
  readonly withProtection: boolean;
  readonly onRead: (tasks: readonly Task[]) => void;
};

export type TasksRead = {
  readonly tasks: readonly Task[];
  /** How many were listed; null when the list is not whole. */
  readonly listed: number | null;
};

const AT_ONCE = 100;
const WIDTH = 2;

/** Tasks that run or are about to. Their protection is read with them, 100 a call. */
export async function readTasks(at: RegionContext, request: TasksRequest): Promise<TasksRead> {
  const { cluster, misses, onRead } = request;
  const whole = `cluster ${cluster} tasks`;
  const listed = await misses.attempt(whole, () => listTasks(at, cluster, 'RUNNING'));
  const protectionOf = protectionReader(at, request);
  const tasks: Task[] = [];
  await readBatches({
    ids: listed ?? [],
    size: AT_ONCE,
    width: WIDTH,
    misses,
    whole,
    nameOf: (arn) => `cluster ${cluster} task ${lastOfArn(arn)}`,
    read: async (batch) => {
      const { found, failures } = await describeTasks(at, cluster, batch);
      const protection = await protectionOf(found);
      const read = found.flatMap((task) => {
        const converted = toTask(task, protection.get(task.taskArn ?? '') ?? null);
        if (converted !== null) return [converted];
        misses.add(`cluster ${cluster} task ${lastOfArn(task.taskArn ?? '')}`, 'unreadable');
        return [];
      });
      tasks.push(...read);
      onRead(read);
      return failures;
    },
  });
  return { tasks, listed: listed?.length ?? null };
}

export type RunSample = { readonly family: string; readonly sample: FamilySamples['samples'][number] };

/** How long stopped tasks ran. One that AWS forgot since it was listed is a sample less, not a miss. */
export async function readRunSamples(
  at: RegionContext,
  { cluster, misses }: Pick<TasksRequest, 'cluster' | 'misses'>,
): Promise<readonly RunSample[]> {
  const whole = `cluster ${cluster} stopped tasks`;
  const listed = await misses.attempt(whole, () => listTasks(at, cluster, 'STOPPED'));
  const samples: RunSample[] = [];
  await readBatches({
    ids: listed ?? [],
    size: AT_ONCE,
    width: WIDTH,
    misses,
    whole,
    nameOf: () => whole,
    read: async (batch) => {
      const { found } = await describeTasks(at, cluster, batch);
      samples.push(...found.flatMap((task) => toRunSample(task) ?? []));
      return [];
    },
  });
  return samples;
}

async function listTasks(at: RegionContext, cluster: string, status: DesiredStatus): Promise<readonly string[]> {
  const pages = pagesOf(
    (nextToken) =>
      at.call('ecs:ListTasks', ({ ecs }, options) =>
        ecs.send(new ListTasksCommand({ cluster, desiredStatus: status, maxResults: AT_ONCE, nextToken }), options),
      ),
    ({ nextToken }) => nextToken,
  );
  const arns: string[] = [];
  for await (const page of pages) arns.push(...listIn(page.taskArns, 'taskArns'));
  return arns;
}

async function describeTasks(at: RegionContext, cluster: string, batch: readonly string[]) {
  const answer = await at.call('ecs:DescribeTasks', ({ ecs }, options) =>
    ecs.send(new DescribeTasksCommand({ cluster, tasks: [...batch] }), options),
  );
  return { found: listIn(answer.tasks, 'tasks'), failures: answer.failures ?? [] };
}

type Protection = ReadonlyMap<string, ProtectedTask>;

/**
 * Reads the protection of those tasks that belong to services (standalone ones cannot have any). After a failure it
 * asks no more: the miss counts for all tasks of the cluster.
 */
function protectionReader(
  at: RegionContext,
  { cluster, misses, withProtection }: TasksRequest,
): (tasks: readonly EcsTask[]) => Promise<Protection> {
  let open = withProtection;
  return async (tasks) => {
    const arns = tasks.flatMap(({ taskArn, group }) =>
      taskArn !== undefined && group?.startsWith('service:') ? [taskArn] : [],
    );
    if (!open || arns.length === 0) return new Map();
    const answer = await misses.attempt(`cluster ${cluster} task protection`, async () => {
      const { protectedTasks } = await at.call('ecs:GetTaskProtection', ({ ecs }, options) =>
        ecs.send(new GetTaskProtectionCommand({ cluster, tasks: arns }), options),
      );
      return listIn(protectedTasks, 'protectedTasks');
    });
    if (answer === null) open = false;
    return new Map((answer ?? []).map((task) => [task.taskArn ?? '', task]));
  };
}
