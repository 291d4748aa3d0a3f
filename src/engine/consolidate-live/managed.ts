/** Managed Instances: AWS moves the tasks itself. The question is how few instances would do, and what keeps the others. */
import { serviceOf } from '../cost/cluster-context.ts';
import type { CapacityProvider } from '../model-cluster.ts';
import type { PackInput, PackShape, PackType } from '../pack/model.ts';
import type { Prepared } from './asg.ts';
import { readConstraints } from './constraints.ts';
import { type Demand, demandOf, hasTrunk, interfaceSlots, type Resources, resourcesOf } from './demand.ts';
import { type Host, hostsOf, hostTrouble, isProtected } from './hosts.ts';
import type { ProviderQuestion } from './types.ts';

type ManagedProvider = Extract<CapacityProvider, { readonly kind: 'managed-instances' }>;

/** All tasks of the provider into as many of the instances that run as needed. */
export function managedQuestion(prepared: Prepared, provider: ManagedProvider): ProviderQuestion {
  const { question, index } = prepared;
  const hosts = hostsOf(question, prepared, provider);
  const skipped = (because: string): ProviderQuestion => ({
    kind: 'skipped',
    name: provider.name,
    because,
    instances: hosts.length,
    providerKind: 'managed-instances',
  });
  if (hosts.length === 0) return skipped('no instance runs');
  const unpriced = hosts.find(({ price }) => price === null);
  if (unpriced !== undefined) return skipped(`there is no price for ${unpriced.typeName}`);
  return {
    kind: 'managed-instances',
    name: provider.name,
    optionType: provider.optionType,
    scaleInAfterSeconds: provider.scaleInAfterSeconds,
    isPaid: hosts.every(({ machine }) => machine?.capacityReservationId != null),
    changed: question.lately.settings.find((row) => row.provider === provider.name) ?? null,
    input: packInputOf(prepared, hosts),
    costBefore: hosts.reduce((sum, { price }) => sum + (price ?? 0n), 0n),
    instances: hosts.length,
    idle: hosts
      .filter(({ tasks }) => tasks.every(({ group }) => index.daemons.has(serviceOf(group) ?? '')))
      .map(({ id }) => id),
    pinned: hosts.flatMap((host) => {
      const because = pinOf(prepared, host);
      return because === null ? [] : [{ instance: host.id, because }];
    }),
    notes: hosts.filter((host) => hostTrouble(host) !== null).map((host) => `${host.id}: ${hostTrouble(host) ?? ''}`),
  };
}

/** Standalone tasks are never moved, protected ones not before their protection ends. */
function pinOf({ index, question }: Prepared, { tasks }: Host): string | null {
  const services = new Set(index.view.services.map(({ name }) => name));
  const standalone = tasks.find(({ group }) => !services.has(serviceOf(group) ?? ''));
  if (standalone !== undefined) return `runs the standalone task ${standalone.group.replace(/^family:/, '')}`;
  const held = tasks.find((task) => isProtected(task, question.now));
  return held === undefined ? null : `runs a protected task of ${serviceOf(held.group) ?? held.group}`;
}

/** Tasks of one kind: they can take each other's place. */
type Kind = {
  readonly id: string;
  readonly demand: Demand;
  count: number;
  readonly types: readonly string[] | null;
  readonly perBin: number | null;
};

function packInputOf(prepared: Prepared, hosts: readonly Host[]): PackInput {
  const kinds = kindsOf(prepared, hosts);
  const resources = resourcesOf(new Map(kinds.map(({ id, demand }) => [id, demand])));
  return {
    resources: resources.names,
    types: typesOf(prepared, hosts, resources),
    shapes: kinds.map(
      ({ id, demand, count, types, perBin }): PackShape => ({ id, req: resources.of(demand), count, types, perBin }),
    ),
  };
}

function kindsOf({ index, question }: Prepared, hosts: readonly Host[]): readonly Kind[] {
  const services = new Map(question.view.services.map((service) => [service.name, service]));
  const names = [...new Set(hosts.map((host) => typeKey(host)))].sort();
  const kinds = new Map<string, Kind>();
  for (const task of hosts.flatMap(({ tasks }) => tasks)) {
    const name = serviceOf(task.group) ?? task.group;
    if (index.daemons.has(name)) continue;
    const definition = index.definition(task.taskDefinition);
    const demand = demandOf(task, definition);
    const known = [...kinds.values()].find(({ id }) => id === name || id.startsWith(`${name} (`));
    const id =
      known === undefined || sameAs(known.demand, demand)
        ? (known?.id ?? name)
        : `${name} (${demand.cpuUnits} units, ${demand.memoryMiB} MiB)`;
    const kind = kinds.get(id);
    if (kind !== undefined) {
      kind.count += 1;
      continue;
    }
    const constraints = [
      ...(services.get(name)?.placementConstraints ?? []),
      ...(definition?.placementConstraints ?? []),
    ];
    const allowed = readConstraints(
      constraints,
      hosts.map(({ container }) => container),
    );
    const types =
      'notUnderstood' in allowed
        ? names
        : names.filter((key) =>
            hosts.some(
              (host) =>
                typeKey(host) === key &&
                allowed.type({ name: host.typeName, architecture: host.container.architecture ?? '' }),
            ),
          );
    kinds.set(id, {
      id,
      demand,
      count: 1,
      types: types.length === names.length ? null : types,
      perBin: 'notUnderstood' in allowed ? null : allowed.perInstance,
    });
  }
  return [...kinds.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function sameAs(a: Demand, b: Demand): boolean {
  return a.cpuUnits === b.cpuUnits && a.memoryMiB === b.memoryMiB;
}

/** Type and price: two instances of a type in different zones may cost different on Spot. */
function typeKey({ typeName, price }: Host): string {
  return `${typeName} at ${price ?? 0n}`;
}

/** The smallest of the equal instances stands for all of them, daemons taken off. */
function typesOf({ index }: Prepared, hosts: readonly Host[], resources: Resources): readonly PackType[] {
  const groups = new Map<string, Host[]>();
  for (const host of hosts) groups.set(typeKey(host), [...(groups.get(typeKey(host)) ?? []), host]);
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, alike]): PackType => {
      const rooms = alike.map((host) => roomOf(host, index, resources));
      const cap = (rooms[0] ?? []).map((_, at) => Math.min(...rooms.map((room) => room[at] ?? 0)));
      return { name, cap, cost: alike[0]?.price ?? 0n, limit: alike.length, paid: 0 };
    });
}

function roomOf(host: Host, index: Prepared['index'], resources: Resources): readonly number[] {
  const own = host.tasks
    .filter(({ group }) => !index.daemons.has(serviceOf(group) ?? ''))
    .map((task) => demandOf(task, index.definition(task.taskDefinition)));
  const sum = (of: (demand: Demand) => number): number => own.reduce((total, demand) => total + of(demand), 0);
  const { remaining } = host.container;
  const ports = new Set(own.flatMap((demand) => demand.ports));
  return resources.room({
    cpuUnits: remaining.cpuUnits + sum(({ cpuUnits }) => cpuUnits),
    memoryMiB: remaining.memoryMiB + sum(({ memoryMiB }) => memoryMiB),
    interfaces: Math.max(
      interfaceSlots(host.type, hasTrunk(host.container)),
      sum(({ interfaces }) => interfaces),
    ),
    gpus: remaining.gpus + sum(({ gpus }) => gpus),
    isFree: (port) => ports.has(port) || !remaining.ports.includes(port),
  });
}
