/** One cluster, indexed once: what the cost and size rules look up again and again. */
import type { RegionPart } from '../model.ts';
import type {
  CapacityProvider,
  ClusterView,
  Service,
  ServiceUtilisation,
  Task,
  TaskDefinition,
} from '../model-cluster.ts';
import { dayStart } from './span.ts';
import type { CostKind } from './types.ts';

export type ClusterIndex = {
  readonly view: ClusterView;
  readonly definition: (arn: string) => TaskDefinition | null;
  readonly provider: (name: string) => CapacityProvider | null;
  /** By service name. */
  readonly utilisation: (service: string) => ServiceUtilisation | null;
  readonly tasksOf: (service: string) => readonly Task[];
  /** Tasks outside the services of the view. */
  readonly standalone: readonly Task[];
  readonly tasksOn: (containerInstance: string) => readonly Task[];
  /** Names of DAEMON services. */
  readonly daemons: ReadonlySet<string>;
  /** First millisecond that metrics of this cluster were read for; null without metrics. */
  readonly measuredFrom: number | null;
};

const NO_TASKS: readonly Task[] = [];

/** Indexes tasks, definitions, providers and metrics of a cluster. Stopped tasks are left out. */
export function clusterIndex(view: ClusterView): ClusterIndex {
  const definitions = new Map(view.taskDefinitions.map((definition) => [definition.arn, definition]));
  const providers = new Map(view.providers.map((provider) => [provider.name, provider]));
  const utilisation = new Map(view.utilisation.map((row) => [lastPart(row.service), row]));
  const services = new Set(view.services.map(({ name }) => name));
  const live = view.tasks.filter(({ lastStatus }) => lastStatus !== 'STOPPED' && lastStatus !== 'DELETED');
  const ofService = groupBy(live, (task) => serviceOf(task.group));
  const onInstance = groupBy(live, ({ containerInstance }) => containerInstance);
  return {
    view,
    definition: (arn) => definitions.get(arn) ?? null,
    provider: (name) => providers.get(name) ?? null,
    utilisation: (service) => utilisation.get(service) ?? null,
    tasksOf: (service) => ofService.get(service) ?? NO_TASKS,
    standalone: live.filter(({ group }) => !services.has(serviceOf(group) ?? '')),
    tasksOn: (instance) => onInstance.get(instance) ?? NO_TASKS,
    daemons: new Set(
      view.services.filter(({ schedulingStrategy }) => schedulingStrategy === 'DAEMON').map(({ name }) => name),
    ),
    measuredFrom: measuredFrom(view.utilisation),
  };
}

/**
 * Every service's metrics are read over the same days, so the earliest day of any of them is where reading began: a
 * day after it that a service has no row for is a day without tasks.
 */
function measuredFrom(rows: readonly ServiceUtilisation[]): number | null {
  let earliest: string | null = null;
  const see = (day: string): void => {
    if (earliest === null || day < earliest) earliest = day;
  };
  for (const { from, taskMinutes } of rows) {
    see(from.slice(0, 10));
    for (const { day } of taskMinutes) see(day);
  }
  return earliest === null ? null : dayStart(earliest);
}

/** `service:api` -> `api`; null for tasks that no service started. */
export function serviceOf(group: string): string | null {
  return group.startsWith('service:') ? group.slice('service:'.length) : null;
}

/** A name, or the name at the end of an ARN. */
export function lastPart(nameOrArn: string): string {
  return nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1);
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string | null): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key === null) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

export type FargateKind = 'fargate' | 'fargate-spot';

/** Fargate or Fargate Spot by the task's provider or launch type; null when it runs on an instance. */
export function fargateKindOf(index: ClusterIndex, task: Task): FargateKind | null {
  if (task.containerInstance !== null) return null;
  if (task.capacityProvider !== null) return fargateProvider(index, task.capacityProvider);
  return task.launchType === 'FARGATE' ? 'fargate' : null;
}

function fargateProvider(index: ClusterIndex, name: string): FargateKind | null {
  if (name === 'FARGATE') return 'fargate';
  if (name === 'FARGATE_SPOT') return 'fargate-spot';
  const kind = index.provider(name)?.kind;
  return kind === 'fargate' || kind === 'fargate-spot' ? kind : null;
}

/** How a service's tasks divide over Fargate, Fargate Spot and instances: `count` of `of`. */
export type FargateParts = {
  readonly counts: { readonly [K in FargateKind]: number };
  readonly of: number;
};

/** By the tasks that run; without any by the weights of its strategy, else by its launch type. */
export function fargateParts(index: ClusterIndex, service: Service): FargateParts {
  const tasks = index.tasksOf(service.name);
  const counts = { fargate: 0, 'fargate-spot': 0 };
  if (tasks.length > 0) {
    for (const task of tasks) {
      const kind = fargateKindOf(index, task);
      if (kind !== null) counts[kind] += 1;
    }
    return { counts, of: tasks.length };
  }
  const strategy =
    service.strategy.length > 0 || service.launchType !== null ? service.strategy : index.view.defaultStrategy;
  if (strategy.length === 0) {
    if (service.launchType === 'FARGATE') counts.fargate = 1;
    return { counts, of: 1 };
  }
  const sum = strategy.reduce((total, { weight }) => total + weight, 0);
  for (const { capacityProvider, weight, base } of strategy) {
    const kind = fargateProvider(index, capacityProvider);
    // Weights of zero everywhere: only the base places tasks.
    if (kind !== null) counts[kind] += sum > 0 ? weight : base > 0 ? 1 : 0;
  }
  return { counts, of: sum > 0 ? sum : Math.max(1, strategy.filter(({ base }) => base > 0).length) };
}

/** The kind of capacity that an instance is, by its provider, else by who runs it. */
export function instanceKind(
  provider: CapacityProvider | null,
  instance: Pick<RegionPart['instances'][number], 'lifecycle' | 'operator' | 'capacityReservationId'>,
): CostKind {
  if (provider?.kind === 'managed-instances') return `mi-${provider.optionType}`;
  if (provider === null && instance.operator === 'ecs.amazonaws.com') {
    if (instance.lifecycle === 'spot') return 'mi-spot';
    return instance.capacityReservationId === null ? 'mi-on-demand' : 'mi-reserved';
  }
  return instance.lifecycle === 'spot' ? 'asg-spot' : 'asg-on-demand';
}
