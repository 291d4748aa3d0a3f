/** Whom a window is for today: instances and tasks that its targets match, and which of them cannot simply move. */
import { memberFact } from '../fact-values.ts';
import type { FactBook } from '../facts.ts';
import type { Ec2Instance } from '../model.ts';
import type { ClusterView, Service, Task } from '../model-cluster.ts';
import { DAY_MS, instantOf, isoOf } from './instant.ts';
import { type Consequence, consequencesOf, serviceOf } from './replacement.ts';
import { isForFargate, isManagedInstance, isRunning, matchesInstance, some, type Targets } from './targets.ts';

export type Affected = {
  /** Instances of any kind that the targets match; in order of id. */
  readonly instances: readonly Ec2Instance[];
  readonly managed: number;
  /** Tasks on them, or the Fargate tasks that the targets match. */
  readonly tasks: number;
  /** `cluster/service`, sorted. */
  readonly services: readonly string[];
  readonly consequences: readonly Consequence[];
  /** Services among them with a deployment under way. */
  readonly deploying: readonly string[];
  readonly runsOn: 'managed-instances' | 'fargate' | 'instances';
  /** Day (`YYYY-MM-DD`) by which the last managed instance of today is gone; null without one. */
  readonly lastGone: string | null;
};

/** `clusters` = those that the targets may reach into; their tasks are counted. */
export function affectedBy(
  targets: Targets,
  { instances, clusters }: { readonly instances: readonly Ec2Instance[]; readonly clusters: readonly ClusterView[] },
  facts: FactBook,
): Affected {
  const matched = instances
    .filter(isRunning)
    .filter((instance) => matchesInstance(targets, instance))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const ids = new Set(matched.map(({ id }) => id));
  const managed = matched.filter(isManagedInstance);
  let tasks = 0;
  const services: string[] = [];
  const deploying: string[] = [];
  const consequences: Consequence[] = [];
  for (const cluster of clusters) {
    const here = tasksOf(cluster, { ids, targets });
    const byName = new Map(cluster.services.map((service) => [service.name, service]));
    const names = [...new Set(here.map(serviceOf).filter((name) => name !== null))].sort();
    tasks += here.length;
    services.push(...names.map((name) => `${cluster.name}/${name}`));
    deploying.push(...names.filter((name) => byName.get(name)?.deployment.inProgress === true));
    consequences.push(...consequencesOf(here, byName));
  }
  const hardDeadline = Number(memberFact(facts, 'mi.lifetime-days', 'hardDeadline')) * DAY_MS;
  const latest = Math.max(...managed.map(({ launchedAt }) => instantOf(launchedAt)));
  return {
    instances: matched,
    managed: managed.length,
    tasks,
    services,
    deploying,
    consequences,
    runsOn: isForFargate(targets) ? 'fargate' : managed.length === matched.length ? 'managed-instances' : 'instances',
    lastGone: managed.length === 0 ? null : isoOf(latest + hardDeadline).slice(0, 10),
  };
}

type Reach = { readonly ids: ReadonlySet<string>; readonly targets: Targets };

function tasksOf(cluster: ClusterView, { ids, targets }: Reach): readonly Task[] {
  const onInstances = new Set(
    cluster.containerInstances.filter(({ ec2InstanceId: id }) => id !== null && ids.has(id)).map(({ arn }) => arn),
  );
  const values = new Map(targets.instanceTags.map(({ key, value }) => [`${key}=${value}`, true]));
  const isWhole = values.has(`aws:ecs:clusterArn=${cluster.arn}`) || values.has('aws:ecs:fargateTask=true');
  const named = new Set(
    cluster.services.filter(({ arn }) => values.has(`aws:ecs:serviceArn=${arn}`)).map(({ name }) => name),
  );
  return cluster.tasks.filter((task) => {
    if (task.containerInstance !== null) return onInstances.has(task.containerInstance);
    return isOnFargate(task) && (isWhole || named.has(serviceOf(task) ?? ''));
  });
}

/** True for a task that Fargate runs. */
export function isOnFargate({ launchType, capacityProvider }: Pick<Task, 'launchType' | 'capacityProvider'>): boolean {
  return launchType === 'FARGATE' || capacityProvider === 'FARGATE' || capacityProvider === 'FARGATE_SPOT';
}

/** `38 managed instances with 40 tasks of 12 services (a, b, c and 9 more)`; sentences, the main one first. */
export function affectedTexts(affected: Affected, windowIsFor: readonly string[]): readonly string[] {
  const { instances, tasks, services, consequences, runsOn } = affected;
  const named = services.length === 0 ? '' : ` of ${count(services.length, 'service')} (${some(services)})`;
  const whom = windowIsFor.length === 0 ? 'nothing: it has no target' : some(windowIsFor);
  const what =
    runsOn === 'fargate'
      ? `${count(tasks, 'Fargate task')}${named}`
      : `${count(instances.length, runsOn === 'instances' ? 'instance' : 'managed instance')} with ${count(tasks, 'task')}${named}`;
  return [`For ${whom}: today ${what}.`, ...consequenceTexts(consequences, runsOn === 'fargate')];
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** What people should know before tasks are moved, a sentence for each kind of trouble. */
export function consequenceTexts(consequences: readonly Consequence[], isFargate: boolean): readonly string[] {
  const of = <K extends Consequence['kind']>(kind: K): readonly Extract<Consequence, { kind: K }>[] =>
    consequences.filter((row): row is Extract<Consequence, { kind: K }> => row.kind === kind);
  const [stuck, stops] = [of('stuck'), of('stops-first')];
  const standalone = of('standalone-killed').flatMap(({ tasks }) => tasks);
  const guarded = of('protected').flatMap(({ tasks }) => tasks);
  const names = (rows: readonly { readonly service: string }[]): string =>
    some([...new Set(rows.map(({ service }) => service))].sort());
  const end = isFargate ? 'are cut off when AWS retires them' : 'stay until the last day and are then cut off';
  return [
    ...(stuck.length === 0 ? [] : [`No second task may start beside ${names(stuck)}: those tasks ${end}.`]),
    ...(stops.length === 0 ? [] : [`${names(stops)}: the old task stops before the new one runs.`]),
    ...(standalone.length === 0
      ? []
      : [
          `${count(standalone.length, 'standalone task')}: not replaced; ${isFargate ? 'stopped by the retirement' : 'may finish, and killed on the last day'}.`,
        ]),
    ...(guarded.length === 0 || isFargate
      ? []
      : [
          `${count(guarded.length, 'protected task')} ${guarded.length === 1 ? 'holds' : 'hold'} the drain up, to the last day at most.`,
        ]),
  ];
}

/** Services whose deployment settings let no task be replaced before the old one is gone. */
export function cannotReplaceFirst(services: readonly Service[], tasks: readonly Task[]): readonly string[] {
  const byName = new Map(services.map((service) => [service.name, service]));
  return consequencesOf(tasks, byName).flatMap((row) => (row.kind === 'stuck' ? [row.service] : []));
}
