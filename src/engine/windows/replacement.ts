/** What a drain does to the tasks of one instance, by the deployment settings of their services. */
import type { Service, Task } from '../model-cluster.ts';

/** How tasks of a service move: the new one first, the old one first, or not at all before the deadline. */
export type Replacement = 'replace-first' | 'stop-first' | 'stuck';

/**
 * ECS may run floor(desired x maximumPercent) tasks and must keep ceil(desired x minimumHealthyPercent) of them. Room
 * above `desired` means the new task starts first; else room below means the old one stops first; else nothing moves.
 */
function replacementOf({ desiredCount, deployment }: Pick<Service, 'desiredCount' | 'deployment'>): Replacement {
  const most = Math.floor((desiredCount * deployment.maximumPercent) / 100);
  const fewest = Math.ceil((desiredCount * deployment.minimumHealthyPercent) / 100);
  if (most > desiredCount) return 'replace-first';
  return fewest < desiredCount ? 'stop-first' : 'stuck';
}

/** What happens to tasks that do not simply move, one row per service or kind. */
export type Consequence =
  /** The service stays at its old place until the hard deadline, and is then cut off. */
  | { readonly kind: 'stuck'; readonly service: string; readonly desired: number }
  /** The old task stops before the new one runs; with one task that is an outage. */
  | { readonly kind: 'stops-first'; readonly service: string; readonly desired: number }
  /** Standalone tasks are not replaced: they may finish, and are killed at the hard deadline. */
  | { readonly kind: 'standalone-killed'; readonly tasks: readonly string[] }
  /** Protected tasks hold the drain up, to the hard deadline at the latest. */
  | { readonly kind: 'protected'; readonly tasks: readonly string[] };

const SERVICE = 'service:';

/** Name of the service a task belongs to, or null for a standalone one. */
export function serviceOf(task: Pick<Task, 'group'>): string | null {
  return task.group.startsWith(SERVICE) ? task.group.slice(SERVICE.length) : null;
}

/** Consequences for the tasks of one instance, in a fixed order. Daemons go down with the instance and are left out. */
export function consequencesOf(tasks: readonly Task[], services: ReadonlyMap<string, Service>): readonly Consequence[] {
  const rows: Consequence[] = [];
  const names = [...new Set(tasks.map(serviceOf).filter((name) => name !== null))].sort();
  for (const name of names) {
    const service = services.get(name);
    if (service === undefined || service.schedulingStrategy === 'DAEMON') continue;
    const replacement = replacementOf(service);
    const { desiredCount: desired } = service;
    if (replacement === 'stuck') rows.push({ kind: 'stuck', service: name, desired });
    if (replacement === 'stop-first') rows.push({ kind: 'stops-first', service: name, desired });
  }
  const standalone = tasks.filter((task) => serviceOf(task) === null).map(({ arn }) => arn);
  if (standalone.length > 0) rows.push({ kind: 'standalone-killed', tasks: standalone.sort() });
  const guarded = tasks.filter(({ protectedUntil }) => protectedUntil !== null).map(({ arn }) => arn);
  if (guarded.length > 0) rows.push({ kind: 'protected', tasks: guarded.sort() });
  return rows;
}
