/** The instances of one capacity provider with what runs on them, what they cost, and why one may not be drained. */
import { type ClusterIndex, serviceOf } from '../cost/cluster-context.ts';
import { type InstancePricer, wholeRate } from '../cost/instance-price.ts';
import type { CostKind } from '../cost/types.ts';
import type { Ec2Instance } from '../model.ts';
import type { CapacityProvider, ContainerInstance, Task } from '../model-cluster.ts';
import type { InstanceType, PriceBook } from '../prices.ts';
import { add, toNanoUsd } from '../units.ts';
import { HOUR_MS, instantOf } from '../windows/instant.ts';
import { receivedWords } from './lately.ts';
import type { LiveQuestion } from './types.ts';

export type Host = {
  /** EC2's id, or ECS's ARN where there is none. */
  readonly id: string;
  readonly container: ContainerInstance;
  readonly machine: Ec2Instance | null;
  /** What the price book knows of the type. */
  readonly type: InstanceType | null;
  readonly typeName: string;
  readonly az: string;
  readonly lifecycle: 'on-demand' | 'spot';
  readonly tasks: readonly Task[];
  /** Nano-USD an hour with volumes and fee, of Managed Instances in a reservation nothing else; null = no price. */
  readonly price: bigint | null;
  readonly diskGiB: number;
};

/** ECS says that it has just registered: it may be about to get tasks. */
const SETTLING_MS = HOUR_MS / 4;

/** The provider's instances, by id. Instances that ECS has deregistered are left out. */
export function hostsOf(
  question: LiveQuestion,
  { index, pricer }: { readonly index: ClusterIndex; readonly pricer: InstancePricer },
  provider: CapacityProvider,
): readonly Host[] {
  const machines = new Map((question.region?.instances ?? []).map((machine) => [machine.id, machine]));
  const types = typesByName(question.prices);
  return question.view.containerInstances
    .filter(({ capacityProvider, status }) => capacityProvider === provider.name && status !== 'INACTIVE')
    .map((container): Host => {
      const machine = container.ec2InstanceId === null ? null : (machines.get(container.ec2InstanceId) ?? null);
      const typeName = machine?.type ?? container.instanceType ?? 'unknown';
      return {
        id: container.ec2InstanceId ?? container.arn,
        container,
        machine,
        type: types.get(typeName) ?? null,
        typeName,
        az: machine?.az ?? container.az ?? 'unknown',
        lifecycle: machine?.lifecycle ?? 'on-demand',
        tasks: index.tasksOn(container.arn),
        price: priceOf(machine, pricer, provider),
        diskGiB: (machine?.volumes ?? []).reduce((sum, { sizeGiB }) => sum + sizeGiB, 0),
      };
    })
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

export function typesByName({ types }: PriceBook): ReadonlyMap<string, InstanceType> {
  return new Map(types.map((type) => [type.name, type]));
}

function priceOf(machine: Ec2Instance | null, pricer: InstancePricer, provider: CapacityProvider): bigint | null {
  if (machine === null) return null;
  const kind: CostKind =
    provider.kind === 'managed-instances'
      ? `mi-${provider.optionType}`
      : machine.lifecycle === 'spot'
        ? 'asg-spot'
        : 'asg-on-demand';
  const rates = pricer(machine, kind);
  if (typeof rates === 'string') return null;
  // What a reservation costs is paid for whether the instance runs or not.
  const isPaid = provider.kind === 'managed-instances' && machine.capacityReservationId !== null;
  return toNanoUsd(isPaid ? add(rates.fee, rates.disk) : wholeRate(rates));
}

/** Why the instance itself cannot be advised away, whatever runs on it; null = it can. */
export function hostPin(
  host: Host,
  { now, guardrails, lately }: Pick<LiveQuestion, 'now' | 'guardrails' | 'lately'>,
): string | null {
  const { container, machine } = host;
  const trouble = hostTrouble(host);
  if (trouble !== null) return trouble;
  const age = (since: string | null): number => (since === null ? 0 : instantOf(now) - instantOf(since));
  if (age(container.registeredAt) < SETTLING_MS) return 'registered less than 15 minutes ago';
  if (container.pendingTasks > 0) return 'tasks are starting on it';
  if (machine !== null && age(machine.launchedAt) < guardrails.coolDownHours * HOUR_MS) {
    return `launched less than ${guardrails.coolDownHours} h ago: within the cool-down`;
  }
  const received = lately.received.find(({ instance }) => instance === host.id);
  if (received !== undefined) return receivedWords(received);
  return host.price === null ? `there is no price for ${host.typeName}` : null;
}

/** Why the instance takes no new tasks; null = it does. */
export function hostTrouble({ container, machine }: Host): string | null {
  if (container.status !== 'ACTIVE') return `it is ${container.status} already`;
  if (container.health === 'IMPAIRED') return 'ECS says it is IMPAIRED';
  if (!container.agentConnected) return 'its ECS agent is not connected';
  if (machine === null) return 'EC2 did not describe it';
  return null;
}

/** Tasks of the host that no service would start again, protected ones, and those of services that may not move. */
export function taskPin(
  host: Host,
  at: { readonly index: ClusterIndex; readonly now: string; readonly stays: ReadonlyMap<string, string> },
): string | null {
  const names = new Set(at.index.view.services.map(({ name }) => name));
  for (const task of host.tasks) {
    const service = serviceOf(task.group);
    if (service === null || !names.has(service)) {
      return `runs the standalone task ${task.group.replace(/^family:/, '')}, which nothing would start again`;
    }
  }
  const protectedTask = host.tasks.find((task) => isProtected(task, at.now));
  if (protectedTask !== undefined) {
    const until = protectedTask.protectedUntil ?? '';
    const end = until === 'always' ? 'without an end' : `until ${until.slice(0, 10)} ${until.slice(11, 16)} UTC`;
    return `runs a protected task of ${serviceOf(protectedTask.group) ?? protectedTask.group}, ${end}`;
  }
  for (const task of host.tasks) {
    const because = at.stays.get(serviceOf(task.group) ?? '');
    if (because !== undefined) return because;
  }
  return null;
}

/** Under scale-in protection now. */
export function isProtected({ protectedUntil }: Task, now: string): boolean {
  if (protectedUntil === null) return false;
  return protectedUntil === 'always' || instantOf(protectedUntil) > instantOf(now);
}
