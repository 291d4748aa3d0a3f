/** What a task takes from an instance, and what an instance has: sizes, network interfaces, devices, ports. */
import { type TaskSize, taskSize } from '../cost/task-size.ts';
import type { ContainerInstance, Task, TaskDefinition } from '../model-cluster.ts';
import type { InstanceType } from '../prices.ts';

export type Demand = TaskSize & {
  /** Network interfaces of its own: 1 in awsvpc mode. */
  readonly interfaces: number;
  readonly gpus: number;
  readonly ports: readonly number[];
};

/** Memory by the soft limit where there is no size for the whole task, as ECS places. */
export function demandOf(task: Task | null, definition: TaskDefinition | null): Demand {
  const containers = definition?.containers ?? [];
  return {
    ...taskSize(task, definition),
    interfaces: definition?.networkMode === 'awsvpc' ? 1 : 0,
    gpus: containers.reduce((sum, { gpus }) => sum + gpus, 0),
    ports: [...new Set(containers.flatMap(({ hostPorts }) => hostPorts))].sort((a, b) => a - b),
  };
}

/** True when the task could take the other's place: the same in everything that placement counts. */
export function sameDemand(a: Demand, b: Demand): boolean {
  return (
    a.cpuUnits === b.cpuUnits &&
    a.memoryMiB === b.memoryMiB &&
    a.interfaces === b.interfaces &&
    a.gpus === b.gpus &&
    a.ports.join() === b.ports.join()
  );
}

/** Tasks in awsvpc mode that an instance can hold (the table of the ECS guide): more where it has a trunk. */
export function interfaceSlots(type: InstanceType | null, hasTrunk: boolean): number {
  if (type === null) return 0;
  const isTrunking = hasTrunk && type.branchEnis !== null;
  return isTrunking ? (type.branchEnis ?? 0) + type.enis - 2 : type.enis - 1;
}

/** True when ECS says that the instance has a trunk interface. */
export function hasTrunk({ attributes }: Pick<ContainerInstance, 'attributes'>): boolean {
  return attributes['ecs.awsvpc-trunk-id'] !== undefined;
}

/**
 * The resources of one provider's question: CPU and memory, and of the others those that some task needs. Host ports
 * that the same services need are one resource with one unit on each instance.
 */
export type Resources = {
  readonly names: readonly string[];
  readonly of: (demand: Demand) => readonly number[];
  /** What is there: `portsFree` says of a port whether it can be taken. */
  readonly room: (room: {
    readonly cpuUnits: number;
    readonly memoryMiB: number;
    readonly interfaces: number;
    readonly gpus: number;
    readonly isFree: (port: number) => boolean;
  }) => readonly number[];
};

export function resourcesOf(demands: ReadonlyMap<string, Demand>): Resources {
  const all = [...demands.values()];
  const hasInterfaces = all.some(({ interfaces }) => interfaces > 0);
  const hasGpus = all.some(({ gpus }) => gpus > 0);
  const ports = portGroups(demands);
  return {
    names: [
      'cpuUnits',
      'memoryMiB',
      ...(hasInterfaces ? ['interfaces'] : []),
      ...(hasGpus ? ['gpus'] : []),
      ...ports.map((port) => `port ${port}`),
    ],
    of: (demand) => [
      demand.cpuUnits,
      demand.memoryMiB,
      ...(hasInterfaces ? [demand.interfaces] : []),
      ...(hasGpus ? [demand.gpus] : []),
      ...ports.map((port) => (demand.ports.includes(port) ? 1 : 0)),
    ],
    room: ({ cpuUnits, memoryMiB, interfaces, gpus, isFree }) => [
      Math.max(0, cpuUnits),
      Math.max(0, memoryMiB),
      ...(hasInterfaces ? [Math.max(0, interfaces)] : []),
      ...(hasGpus ? [Math.max(0, gpus)] : []),
      ...ports.map((port) => (isFree(port) ? 1 : 0)),
    ],
  };
}

/** The lowest port of each set of ports that always go together: a range of a thousand is one resource. */
function portGroups(demands: ReadonlyMap<string, Demand>): readonly number[] {
  const users = new Map<number, string[]>();
  for (const [service, { ports }] of demands) {
    for (const port of ports) users.set(port, [...(users.get(port) ?? []), service]);
  }
  const first = new Map<string, number>();
  for (const [port, names] of [...users].sort(([a], [b]) => a - b)) {
    const key = JSON.stringify([...names].sort());
    if (!first.has(key)) first.set(key, port);
  }
  return [...first.values()];
}
