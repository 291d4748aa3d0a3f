/** A cluster as a plan sees it: what runs all month and what each task needs, from the scanned snapshot. */
import type { Need } from '../capacity/types.ts';
import { type ClusterIndex, clusterIndex, fargateParts } from '../cost/cluster-context.ts';
import { standaloneName } from '../cost/fargate-cost.ts';
import { taskSize } from '../cost/task-size.ts';
import { type Fact, factBook } from '../facts.ts';
import type { RegionPart, SavingsPlan } from '../model.ts';
import type { ClusterView, Service, TaskDefinition } from '../model-cluster.ts';
import type { PriceBook } from '../prices.ts';
import { globsOf } from './constraints.ts';
import { taskNeeds } from './needs.ts';
import { paidFor } from './paid.ts';
import { todayOf } from './today.ts';
import type { PlacementStep, Workload, WorkService } from './types.ts';

export type WorkloadQuestion = {
  readonly view: ClusterView;
  /** Null when the scan missed the region. */
  readonly region: RegionPart | null;
  readonly facts: readonly Fact[];
  readonly prices: PriceBook;
  readonly asOf: string;
  /** Key of a tag whose values are kept apart, or null. */
  readonly apart: string | null;
  /** Of the cluster's account, and the time at which they have to run. */
  readonly savingsPlans: readonly SavingsPlan[];
  readonly at: string;
};

type Read =
  | { readonly kind: 'row'; readonly row: WorkService; readonly notes: readonly string[] }
  | { readonly kind: 'left-out'; readonly because: string };

/** The cluster's steady tasks, its daemons, what is left out and why, and what all of it costs today. */
export function workloadOf(question: WorkloadQuestion): Workload {
  const { view, region, prices } = question;
  const facts = factBook(question.facts, question.asOf);
  const index = clusterIndex(view);
  const onSpot = spotTeller(index, region);
  const replicas = view.services.filter(({ schedulingStrategy }) => schedulingStrategy === 'REPLICA');
  const rows: WorkService[] = [];
  const planned: Service[] = [];
  const notes: string[] = [];
  const leftOut: { name: string; because: string }[] = [];
  for (const [order, service] of [...replicas].sort(byAge).entries()) {
    const read = readService(index, service, { order, tag: question.apart, onSpot });
    if (read.kind === 'left-out') {
      leftOut.push({ name: service.name, because: read.because });
      continue;
    }
    rows.push(read.row);
    planned.push(service);
    notes.push(...read.notes.map((note) => `${service.name}: ${note}`));
  }
  leftOut.push(...familiesOf(index));
  const paid = paidFor(question, facts);
  const trunking = region?.settings.awsvpcTrunking;
  return {
    services: rows,
    daemons: daemonsOf(index),
    registered: registeredOf(view),
    trunking: trunking === undefined ? null : trunking === 'enabled' || trunking === 'on',
    targetCapacityPercent: targetOf(view),
    reserved: paid.reserved,
    plans: paid.plans,
    leftOut: leftOut.sort((a, b) => (a.name < b.name ? -1 : 1)),
    notes: [...notes, ...paid.notes],
    today: todayOf(index, planned, { region, prices, facts }),
    facts: facts.used().map(({ id }) => id),
  };
}

type SpotTeller = (service: Service) => boolean;

/** Tells a service whose tasks all run on Spot of some kind; one without tasks by its strategy on Fargate. */
function spotTeller(index: ClusterIndex, region: RegionPart | null): SpotTeller {
  const lifecycles = new Map((region?.instances ?? []).map(({ id, lifecycle }) => [id, lifecycle]));
  const hosts = new Set(
    index.view.containerInstances
      .filter(({ ec2InstanceId, capacityProvider }) => {
        const provider = capacityProvider === null ? null : index.provider(capacityProvider);
        if (provider?.kind === 'managed-instances') return provider.optionType === 'spot';
        return ec2InstanceId !== null && lifecycles.get(ec2InstanceId) === 'spot';
      })
      .map(({ arn }) => arn),
  );
  return (service) => {
    const tasks = index.tasksOf(service.name);
    const { counts, of } = fargateParts(index, service);
    if (tasks.length === 0) return counts['fargate-spot'] === of;
    const onHosts = tasks.filter(({ containerInstance }) => containerInstance !== null && hosts.has(containerInstance));
    return onHosts.length + counts['fargate-spot'] === tasks.length;
  };
}

/** The longest stop that two minutes' notice leaves time for, in seconds. */
const SPOT_STOP_SECONDS = 120;

/** What speaks against Spot for a service, whoever asks for it; null = nothing that a scan sees. */
function againstSpot(index: ClusterIndex, service: Service, { containers }: TaskDefinition): string | null {
  if (service.desiredCount === 1) return 'it has one task, and an interruption stops it';
  if (containers.some(({ stopTimeoutSeconds }) => (stopTimeoutSeconds ?? 0) > SPOT_STOP_SECONDS))
    return `a container asks for more than ${SPOT_STOP_SECONDS} s to stop`;
  if (index.tasksOf(service.name).some(({ protectedUntil }) => protectedUntil !== null))
    return 'a task of it is protected from being stopped';
  return null;
}

/** ECS places what was created first; where that is unknown, by name. */
function byAge(a: Service, b: Service): number {
  const [first, second] = [a.createdAt ?? '', b.createdAt ?? ''];
  if (first !== second) return first < second ? -1 : 1;
  return a.name < b.name ? -1 : 1;
}

function readService(
  index: ClusterIndex,
  service: Service,
  { order, tag, onSpot }: { readonly order: number; readonly tag: string | null; readonly onSpot: SpotTeller },
): Read {
  const leave = (because: string): Read => ({ kind: 'left-out', because });
  if (service.launchType === 'EXTERNAL') return leave('it runs on machines of your own (ECS Anywhere)');
  if (service.desiredCount === 0) return leave('it is scaled to zero');
  const definition = index.definition(service.taskDefinition);
  if (definition === null) return leave('its task definition could not be read');
  if (definition.operatingSystem.startsWith('WINDOWS')) return leave('Windows is not covered');
  const size = taskSize(null, definition);
  if (size.cpuUnits === 0 && size.memoryMiB === 0) return leave('its task has no size');
  const { counts, of } = fargateParts(index, service);
  const constraints = readConstraints(service, definition);
  const needs = new Set<Need>(taskNeeds(definition));
  if (constraints.isLimited) needs.add('placement-constraint');
  else needs.delete('placement-constraint');
  const gpus = definition.containers.reduce((sum, container) => sum + container.gpus, 0);
  const row: WorkService = {
    name: service.name,
    order,
    tasks: service.desiredCount,
    spotTasks: Math.round((service.desiredCount * counts['fargate-spot']) / Math.max(1, of)),
    onSpot: onSpot(service),
    notOnSpot: againstSpot(index, service, definition),
    cpuUnits: size.cpuUnits,
    memoryMiB: size.memoryMiB,
    gpus,
    neuron: definition.containers.some(({ neuronDevices }) => neuronDevices),
    architecture: definition.architecture,
    needs: [...needs].sort(),
    ownInterface:
      definition.networkMode === 'awsvpc' || (definition.networkMode === null && !needs.has('bridge-network')),
    perInstance: constraints.isDistinct || hasFixedPort(definition) ? 1 : null,
    onlyTypes: constraints.types,
    storageGiB: definition.ephemeralStorageGiB,
    publicIp: service.assignPublicIp,
    placement: stepsOf(service),
    apart: tag === null ? null : (service.tags[tag] ?? null),
  };
  return { kind: 'row', row, notes: [...constraints.notes, ...scalingNotes(service)] };
}

type Constraints = {
  /** There is a constraint: Fargate refuses any. */
  readonly isLimited: boolean;
  readonly isDistinct: boolean;
  readonly types: readonly (readonly string[])[];
  readonly notes: readonly string[];
};

function readConstraints(service: Service, definition: TaskDefinition): Constraints {
  const all = [...service.placementConstraints, ...definition.placementConstraints];
  const expressions = all.filter(({ type }) => type === 'memberOf').map(({ expression }) => expression ?? '');
  const types: (readonly string[])[] = [];
  const notes: string[] = [];
  for (const expression of expressions) {
    const globs = globsOf(expression);
    if (globs === null) notes.push(`its constraint "${expression.slice(0, 80)}" is not looked at`);
    else types.push(globs);
  }
  return {
    isLimited: all.length > 0,
    isDistinct: all.some(({ type }) => type === 'distinctInstance'),
    types,
    notes,
  };
}

/** A port of the instance itself is there once. */
function hasFixedPort({ containers, networkMode }: TaskDefinition): boolean {
  return networkMode !== 'awsvpc' && containers.some(({ hostPorts }) => hostPorts.some((port) => port > 0));
}

function scalingNotes({ autoscaling, desiredCount }: Service): readonly string[] {
  if (autoscaling === null || autoscaling.max === autoscaling.min) return [];
  return [
    `autoscaling keeps it between ${autoscaling.min} and ${autoscaling.max}: planned for today's ${desiredCount}`,
  ];
}

function stepsOf({ placementStrategy }: Service): readonly PlacementStep[] {
  return placementStrategy.flatMap(({ type, field }): readonly PlacementStep[] => {
    const name = (field ?? '').toLowerCase();
    if (type === 'random') return ['random'];
    if (type === 'binpack') return [name === 'cpu' ? 'binpack cpu' : 'binpack memory'];
    if (type !== 'spread') return [];
    if (name.includes('availability-zone')) return ['spread zone'];
    return name === 'instanceid' || name === 'host' ? ['spread instance'] : [];
  });
}

function daemonsOf(index: ClusterIndex): Workload['daemons'] {
  const daemons = index.view.services.filter(({ schedulingStrategy }) => schedulingStrategy === 'DAEMON');
  const definitions = daemons.flatMap(({ taskDefinition }) => index.definition(taskDefinition) ?? []);
  const sizes = definitions.map((definition) => taskSize(null, definition));
  return {
    names: daemons.map(({ name }) => name).sort(),
    cpuUnits: sizes.reduce((sum, { cpuUnits }) => sum + cpuUnits, 0),
    memoryMiB: sizes.reduce((sum, { memoryMiB }) => sum + memoryMiB, 0),
    interfaces: definitions.filter(({ networkMode }) => networkMode === 'awsvpc').length,
  };
}

function targetOf({ providers }: ClusterView): number | null {
  const targets = providers.flatMap((provider) =>
    provider.kind === 'asg' && provider.managedScaling !== null ? [provider.managedScaling.targetCapacityPercent] : [],
  );
  return targets.length === 1 ? (targets[0] ?? null) : null;
}

/** The least that any instance of a type has registered. */
function registeredOf(view: ClusterView): Workload['registered'] {
  const found: { [type: string]: { cpuUnits: number; memoryMiB: number } } = {};
  for (const { instanceType, registered, status } of view.containerInstances) {
    if (instanceType === null || status !== 'ACTIVE' || registered.cpuUnits === 0) continue;
    const known = found[instanceType];
    found[instanceType] = {
      cpuUnits: Math.min(known?.cpuUnits ?? Number.MAX_SAFE_INTEGER, registered.cpuUnits),
      memoryMiB: Math.min(known?.memoryMiB ?? Number.MAX_SAFE_INTEGER, registered.memoryMiB),
    };
  }
  return found;
}

/** Families of tasks outside services: they come and go, and have a question of their own. */
function familiesOf(index: ClusterIndex): readonly { readonly name: string; readonly because: string }[] {
  const running = index.standalone.map(standaloneName);
  const stopped = index.view.samples
    .filter(({ samples }) => samples.some(({ group }) => !group.startsWith('service:')))
    .map(({ family }) => `family:${family}`);
  return [...new Set([...running, ...stopped])].sort().map((name) => ({
    name,
    because: `its tasks come and go: ask capacity service ${index.view.name}/${name.replace(/^family:/, '')}`,
  }));
}
