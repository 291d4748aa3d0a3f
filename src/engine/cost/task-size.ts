/** What a task takes, as ECS's scheduler counts it. */
import type { Task, TaskDefinition } from '../model-cluster.ts';

export type TaskSize = { readonly cpuUnits: number; readonly memoryMiB: number };

/**
 * CPU units and MiB that a task takes from its instance. Where the definition has a size for the whole task, that (or
 * what the task was started with); else the sum of its containers, each by its soft memory limit where it has one:
 * placement and utilisation count the soft one.
 */
export function taskSize(task: Task | null, definition: TaskDefinition | null): TaskSize {
  if (definition === null) return { cpuUnits: task?.cpuUnits ?? 0, memoryMiB: task?.memoryMiB ?? 0 };
  const { containers } = definition;
  const cpu = containers.reduce((sum, { cpuUnits }) => sum + cpuUnits, 0);
  const memory = containers.reduce(
    (sum, { memoryMiB, memoryReservationMiB }) => sum + (memoryReservationMiB ?? memoryMiB ?? 0),
    0,
  );
  return {
    cpuUnits: definition.cpuUnits === null ? cpu : (task?.cpuUnits ?? definition.cpuUnits),
    memoryMiB: definition.memoryMiB === null ? memory : (task?.memoryMiB ?? definition.memoryMiB),
  };
}

/** `arn:…:task-definition/name:7` -> `name`. */
export function familyOf(taskDefinitionArn: string): string {
  const last = taskDefinitionArn.slice(taskDefinitionArn.lastIndexOf('/') + 1);
  const colon = last.lastIndexOf(':');
  return colon < 0 ? last : last.slice(0, colon);
}
