/** ECS: tasks and their scale-in protection. */
import type {
  DescribeTasksRequest,
  DescribeTasksResponse,
  Failure,
  GetTaskProtectionRequest,
  GetTaskProtectionResponse,
  ListTasksRequest,
  ListTasksResponse,
  ProtectedTask,
  Task,
} from '@aws-sdk/client-ecs';
import {
  checkBatch,
  clusterOf,
  describeEach,
  ecsArn,
  ecsPage,
  find,
  invalidParameter,
  lastPart,
  missing,
  tagsIf,
} from './ecs-lookup.ts';
import { findService, servicesOf } from './ecs-services.ts';
import { AwsFault, type HandlerContext } from './types.ts';

function tasksOf(clusterArn: string, context: HandlerContext): readonly Task[] {
  return context.region.ecs.tasks.get(clusterArn) ?? [];
}

function findTask(tasks: readonly Task[], identifier: string): Task | null {
  return find(tasks, (task) => task.taskArn, identifier);
}

/** ListTasks: ARNs of tasks that ECS wants running (or `desiredStatus` STOPPED), at most 100 a page. */
export function listTasks(input: ListTasksRequest, context: HandlerContext): ListTasksResponse {
  const { clusterArn } = clusterOf(context, input.cluster);
  checkFilters(input, clusterArn, context);
  const page = ecsPage(candidates(tasksOf(clusterArn, context), input), {
    operation: 'ListTasks',
    input,
    context,
    standard: 100,
    most: 100,
    key: (task) => task.taskArn ?? '',
    matches: wantedBy(input),
  });
  return { taskArns: page.items.map((task) => task.taskArn ?? ''), nextToken: page.nextToken };
}

function checkFilters(input: ListTasksRequest, clusterArn: string, context: HandlerContext): void {
  const { serviceName, containerInstance, startedBy, family } = input;
  if (startedBy !== undefined && [serviceName, containerInstance, family].some((one) => one !== undefined)) {
    throw invalidParameter('startedBy must be the only filter.');
  }
  if (serviceName !== undefined && findService(servicesOf(clusterArn, context), serviceName) === null) {
    throw new AwsFault('ServiceNotFoundException', 'Service not found.');
  }
  const instances = context.region.ecs.containerInstances.get(clusterArn) ?? [];
  const isThere = (id: string) => find(instances, (one) => one.containerInstanceArn, id) !== null;
  if (containerInstance !== undefined && !isThere(containerInstance)) {
    throw invalidParameter('The specified container instance is not valid.');
  }
}

/** Places in a list of tasks, by what a request may narrow it to. */
type Places = { readonly length: number; readonly last: Task | undefined; readonly by: ReadonlyMap<string, number[]> };

const places = new WeakMap<readonly Task[], Places>();

/** The tasks that can match: of one group, family or instance without walking through the cluster for it. */
function candidates(tasks: readonly Task[], input: ListTasksRequest): readonly Task[] {
  const { serviceName, family, containerInstance } = input;
  let wanted: string | null = null;
  if (serviceName !== undefined) wanted = `service:${lastPart(serviceName)}`;
  else if (containerInstance !== undefined) wanted = `on ${lastPart(containerInstance)}`;
  else if (family !== undefined) wanted = `of ${family}`;
  if (wanted === null) return tasks;
  // A task that was replaced in its place is read anew, and looked at again by whoever asked.
  return (placesOf(tasks).by.get(wanted) ?? []).flatMap((at) => tasks[at] ?? []);
}

/** Made anew when tasks came or went. */
function placesOf(tasks: readonly Task[]): Places {
  const known = places.get(tasks);
  const last = tasks.at(-1);
  if (known !== undefined && known.length === tasks.length && known.last === last) return known;
  const by = new Map<string, number[]>();
  for (const [at, task] of tasks.entries()) {
    const instance = task.containerInstanceArn;
    const keys = [task.group ?? '', `of ${familyOf(task.taskDefinitionArn ?? '')}`];
    if (instance !== undefined) keys.push(`on ${lastPart(instance)}`);
    for (const key of keys) {
      const list = by.get(key);
      if (list === undefined) by.set(key, [at]);
      else list.push(at);
    }
  }
  const made: Places = { length: tasks.length, last, by };
  places.set(tasks, made);
  return made;
}

function wantedBy(input: ListTasksRequest): (task: Task) => boolean {
  const {
    desiredStatus = 'RUNNING',
    serviceName,
    containerInstance,
    family,
    launchType,
    startedBy,
    daemonName,
  } = input;
  const group = serviceName === undefined ? null : `service:${lastPart(serviceName)}`;
  const instance = containerInstance === undefined ? null : lastPart(containerInstance);
  return (task) =>
    // ECS never wants a task to be PENDING: that status lists nothing.
    (task.desiredStatus ?? 'RUNNING') === desiredStatus &&
    (group === null || task.group === group) &&
    (instance === null || lastPart(task.containerInstanceArn ?? '') === instance) &&
    (family === undefined || familyOf(task.taskDefinitionArn ?? '') === family) &&
    (launchType === undefined || task.launchType === launchType) &&
    (startedBy === undefined || task.startedBy === startedBy) &&
    (daemonName === undefined || task.group === `daemon:${daemonName}`);
}

/** `arn:…:task-definition/quant-api:7` gives `quant-api`. */
function familyOf(taskDefinitionArn: string): string {
  return lastPart(taskDefinitionArn).split(':')[0] ?? '';
}

/** DescribeTasks: 100 a call, the stopped ones of the last hour too. */
export function describeTasks(input: DescribeTasksRequest, context: HandlerContext): DescribeTasksResponse {
  const { clusterArn, clusterName } = clusterOf(context, input.cluster);
  const asked = checkBatch(input.tasks, 100, 'Tasks');
  const tasks = tasksOf(clusterArn, context);
  const withTags = input.include?.includes('TAGS') === true;
  const { found, failures } = describeEach(asked, (identifier) => findTask(tasks, identifier), {
    show: (task): Task => ({ ...task, tags: tagsIf(withTags, task.tags) }),
    arn: (id) => ecsArn(context, `task/${clusterName}/${id}`),
  });
  return { tasks: found, failures };
}

/** GetTaskProtection: only tasks of a service can be protected; others are failures with reason TASK_NOT_VALID. */
export function getTaskProtection(input: GetTaskProtectionRequest, context: HandlerContext): GetTaskProtectionResponse {
  const { clusterArn, clusterName } = clusterOf(context, input.cluster);
  const asked = checkBatch(input.tasks, 100, 'Tasks');
  const tasks = tasksOf(clusterArn, context);
  const protectedTasks: ProtectedTask[] = [];
  const failures: Failure[] = [];
  for (const identifier of asked) {
    const task = findTask(tasks, identifier);
    const arn = identifier.startsWith('arn:') ? identifier : ecsArn(context, `task/${clusterName}/${identifier}`);
    if (task === null) failures.push(missing(arn));
    else if (task.group?.startsWith('service:') !== true) failures.push({ arn, reason: 'TASK_NOT_VALID' });
    else protectedTasks.push(context.region.ecs.protection.get(arn) ?? { taskArn: arn, protectionEnabled: false });
  }
  return { protectedTasks, failures };
}
