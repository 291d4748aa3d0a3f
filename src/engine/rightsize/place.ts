/** What a size costs where the service runs, and which sizes are legal there. */
import { fargateSizes, sizeUsdPerHour } from '../capacity/fargate.ts';
import { MONTH } from '../capacity/lines.ts';
import { type ClusterIndex, fargateParts, instanceKind } from '../cost/cluster-context.ts';
import { FARGATE_KINDS, type FargatePricer, fargatePricer, fargateRates } from '../cost/fargate-cost.ts';
import { type InstancePricer, instancePricer, wholeRate } from '../cost/instance-price.ts';
import type { TaskSize } from '../cost/task-size.ts';
import type { CostKind } from '../cost/types.ts';
import { memberFact } from '../fact-values.ts';
import type { FactBook } from '../facts.ts';
import type { Ec2Instance } from '../model.ts';
import type { ContainerInstance, Service, Task, TaskDefinition } from '../model-cluster.ts';
import { add, compare, multiply, type NanoUsd, type Rational, toNanoUsd, whole } from '../units.ts';
import type { RightsizeQuestion, SkipReason } from './types.ts';

/** One service at the place where it runs. */
export type Place = {
  readonly capacityKind: CostKind;
  readonly tasks: number;
  /** USD a month of all tasks at a size, exactly rounded once. */
  readonly usdPerMonth: (size: TaskSize) => NanoUsd;
  /** The cheapest legal size that holds the need; null when none is large enough. */
  readonly fitting: (need: TaskSize) => TaskSize | null;
};

export type Places = (service: Service, definition: TaskDefinition) => Place | SkipReason;

/** Everything that the services of one cluster share, prepared once. */
export function places(index: ClusterIndex, { region, prices, facts }: RightsizeQuestion): Places {
  const fargate = fargatePricer(prices, facts);
  const sizes = new Map<TaskDefinition['architecture'], readonly TaskSize[]>();
  const byPrice = (definition: TaskDefinition): readonly TaskSize[] => {
    const known = sizes.get(definition.architecture);
    if (known !== undefined) return known;
    const sorted = sizesByPrice({ region, prices, facts }, definition);
    sizes.set(definition.architecture, sorted);
    return sorted;
  };
  const instances: Instances = {
    index,
    facts,
    price: instancePricer(prices, facts, region),
    containers: new Map(index.view.containerInstances.map((container) => [container.arn, container])),
    machines: new Map((region?.instances ?? []).map((instance) => [instance.id, instance])),
  };
  return (service, definition) => {
    const parts = fargateParts(index, service);
    const onFargate = parts.counts.fargate + parts.counts['fargate-spot'];
    if (onFargate === 0) return instancePlace(instances, service);
    if (onFargate < parts.of) return 'moving-between-capacity';
    return fargatePlace({ index, fargate, sizes: byPrice(definition) }, service, definition);
  };
}

function sizesByPrice(
  { prices, facts }: Pick<RightsizeQuestion, 'region' | 'prices' | 'facts'>,
  definition: TaskDefinition,
): readonly TaskSize[] {
  const rate = fargateRates(prices, definition, 'fargate');
  if (rate === null) return [];
  return fargateSizes(facts)
    .map((size) => ({ size, usd: sizeUsdPerHour(size, rate) }))
    .sort((a, b) => compare(a.usd, b.usd) || a.size.cpuUnits - b.size.cpuUnits)
    .map(({ size }) => size);
}

type OnFargate = { readonly index: ClusterIndex; readonly fargate: FargatePricer; readonly sizes: readonly TaskSize[] };

function fargatePlace(
  { index, fargate, sizes }: OnFargate,
  service: Service,
  definition: TaskDefinition,
): Place | SkipReason {
  const parts = fargateParts(index, service);
  const kinds = FARGATE_KINDS.filter((kind) => parts.counts[kind] > 0);
  const rateOf = (size: TaskSize): Rational | null => {
    let sum: Rational = whole(0);
    for (const kind of kinds) {
      const hourly = fargate(definition, kind, { size, isPublic: false });
      if (typeof hourly === 'string') return null;
      sum = add(sum, multiply(hourly, { n: BigInt(parts.counts[kind]), d: BigInt(parts.of) }));
    }
    return sum;
  };
  const [smallest] = sizes;
  if (smallest === undefined || rateOf(smallest) === null) return 'no-price';
  const isMostlySpot = parts.counts['fargate-spot'] > parts.counts.fargate;
  return {
    capacityKind: isMostlySpot ? 'fargate-spot' : 'fargate',
    tasks: service.desiredCount,
    usdPerMonth: (size) => toNanoUsd(multiply(multiply(rateOf(size) ?? whole(0), MONTH), whole(service.desiredCount))),
    fitting: (need) =>
      sizes.find(({ cpuUnits, memoryMiB }) => cpuUnits >= need.cpuUnits && memoryMiB >= need.memoryMiB) ?? null,
  };
}

type Instances = {
  readonly index: ClusterIndex;
  readonly facts: FactBook;
  readonly price: InstancePricer;
  readonly containers: ReadonlyMap<string, ContainerInstance>;
  readonly machines: ReadonlyMap<string, Ec2Instance>;
};

/** Tasks on instances pay the larger of their shares of CPU and memory of the instance they are on (design 5). */
function instancePlace(instances: Instances, service: Service): Place | SkipReason {
  const { index, facts } = instances;
  const hosts: Host[] = [];
  for (const task of index.tasksOf(service.name)) {
    const host = hostOf(instances, task);
    if (host === null) return 'no-price';
    hosts.push(host);
  }
  const [first] = hosts;
  if (first === undefined) return 'no-tasks-running';
  const step = {
    cpuUnits: Number(memberFact(facts, 'rightsize.ec2-steps', 'cpuUnits')),
    memoryMiB: Number(memberFact(facts, 'rightsize.ec2-steps', 'memoryMiB')),
  };
  const largest = {
    cpuUnits: Math.max(...hosts.map(({ registered }) => registered.cpuUnits)),
    memoryMiB: Math.max(...hosts.map(({ registered }) => registered.memoryMiB)),
  };
  return {
    capacityKind: first.kind,
    tasks: hosts.length,
    usdPerMonth: (size) =>
      toNanoUsd(
        hosts.reduce(
          (sum, host) => add(sum, multiply(multiply(shareOf(size, host), host.usdPerHour), MONTH)),
          whole(0),
        ),
      ),
    fitting: (need) => {
      const size = {
        cpuUnits: Math.ceil(need.cpuUnits / step.cpuUnits) * step.cpuUnits,
        memoryMiB: Math.ceil(need.memoryMiB / step.memoryMiB) * step.memoryMiB,
      };
      return size.cpuUnits > largest.cpuUnits || size.memoryMiB > largest.memoryMiB ? null : size;
    },
  };
}

type Host = { readonly kind: CostKind; readonly registered: TaskSize; readonly usdPerHour: Rational };

/** Where a task runs; null when its instance is unknown or has no price (ECS Anywhere: a machine of one's own). */
function hostOf({ index, price, containers, machines }: Instances, task: Task): Host | null {
  const container = containers.get(task.containerInstance ?? '');
  const machine = machines.get(container?.ec2InstanceId ?? '');
  if (container === undefined || machine === undefined) return null;
  const provider = container.capacityProvider === null ? null : index.provider(container.capacityProvider);
  const kind = instanceKind(provider, machine);
  const rates = price(machine, kind);
  return typeof rates === 'string' ? null : { kind, registered: container.registered, usdPerHour: wholeRate(rates) };
}

function shareOf(size: TaskSize, { registered }: Host): Rational {
  const byCpu: Rational = { n: BigInt(size.cpuUnits), d: BigInt(Math.max(1, registered.cpuUnits)) };
  const byMemory: Rational = { n: BigInt(size.memoryMiB), d: BigInt(Math.max(1, registered.memoryMiB)) };
  return compare(byCpu, byMemory) >= 0 ? byCpu : byMemory;
}
