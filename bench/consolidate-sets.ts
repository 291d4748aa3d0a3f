/**
 * Consolidation questions made here, the same for the same numbers: clusters as they look after some years.
 *
 * Tasks and prices are those of the packing mixes (bench/pack-sets.ts): 18 real families at their list prices, Pareto
 * services. Each instance is of the generation that was bought when it came, of the maker and with the memory per vCPU
 * that its team preferred, whatever it holds now. It was filled from what its zone runs and has lost tasks since: of
 * its scarcer resource 45 to 100 % is in use, so that some 45 % of all capacity is free. Any of the families may be
 * launched. The tight cluster is the other end: instances as full as they get, each of the cheapest type that holds
 * just what it holds.
 */
import { openLibrary } from '../src/data.ts';
import {
  type ConsolidateInput,
  type ConsolidateService,
  type ConsolidateType,
  nanoUsd,
  type RunningInstance,
} from '../src/engine/index.ts';
import { FAMILIES, generator, sizeOf, weightOf } from './pack-sets.ts';

export type Estate = {
  readonly name: string;
  readonly services: number;
  readonly tasks: number;
  readonly seed: number;
  /** Largest instance, in vCPU. */
  readonly vcpu: number;
  /** Well packed already. */
  readonly tight?: true;
};

/** The large one has about the size that the target names. */
export const ESTATES: readonly Estate[] = [
  { name: 'small', services: 15, tasks: 700, seed: 31, vcpu: 32 },
  { name: 'medium', services: 40, tasks: 3_300, seed: 32, vcpu: 32 },
  { name: 'large', services: 80, tasks: 15_000, seed: 33, vcpu: 64 },
  { name: 'tight', services: 40, tasks: 1_500, seed: 34, vcpu: 32, tight: true },
];

const ZONES = ['az1', 'az2', 'az3'] as const;
/** Sizes of the instances, as shares of the largest; a family that has no such size gives its next smaller one. */
const SIZES = [1 / 8, 1 / 4, 1 / 4, 1 / 2, 1 / 2, 1];
/** Generations in the order they came; later ones run more instances. */
const GENERATIONS = ['5', '6', '6', '7', '7', '7'];
const LEAST_FILLED = 0.45;
const COVERED = 0.12;
const PINNED = 0.03;
/** A task that does not fit any more lets so many behind it try. */
const TRIES = 6;

type Pour = {
  readonly queue: string[];
  readonly size: ReadonlyMap<string, readonly number[]>;
  readonly cap: readonly number[];
  readonly filled: number;
};

/** Three zones, some 45 % of the capacity free, 12 % of the instances covered, 3 % pinned. */
export function consolidateEstate({ services: many, tasks, seed, vcpu, tight }: Estate): ConsolidateInput {
  const random = generator(seed);
  const types = typesOf(vcpu);
  const services = servicesOf(many, tasks, random);
  const size = new Map(services.map(({ id, req }) => [id, req]));
  const instances: RunningInstance[] = [];
  for (const [zone, queue] of queuesOf(services, random).entries()) {
    while (queue.length > 0) {
      const drawn = drawType(types, vcpu, random);
      const filled = tight === true ? 1 : LEAST_FILLED + (1 - LEAST_FILLED) * random();
      const held = pour({ queue, size, cap: drawn.cap, filled });
      if (held.length === 0) continue;
      const type = tight === true ? cheapestFor(held, types, size) : drawn;
      instances.push({
        ...{ id: `i-${instances.length}`, type: type.name, az: ZONES[zone] ?? '', tasks: countOf(held) },
        covered: random() < COVERED,
        pinned: random() < PINNED ? 'protected task' : null,
        ...{ accepts: true, cap: null },
      });
    }
  }
  const policy = { azSpreadMaxSkew: 1, maxDrainFractionPerWave: 0.1, minInstances: 0 };
  return { resources: ['cpuUnits', 'memoryMiB', 'taskSlots'], azs: ZONES, types, services, instances, policy };
}

/** The tasks of each zone, in any order. */
function queuesOf(services: readonly ConsolidateService[], random: () => number): readonly string[][] {
  const queues: string[][] = ZONES.map(() => []);
  for (const { id, desired, spreadAz } of services) {
    const first = Math.floor(random() * ZONES.length);
    for (let task = 0; task < desired; task += 1) {
      const zone = spreadAz ? (first + task) % ZONES.length : Math.floor(random() * ZONES.length);
      queues[zone]?.push(id);
    }
  }
  for (const queue of queues) shuffle(queue, random);
  return queues;
}

function drawType(types: readonly ConsolidateType[], largest: number, random: () => number): ConsolidateType {
  const one = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const generation = one(GENERATIONS);
  const families = FAMILIES.filter((family) => family[1] === generation);
  const family = one(families);
  const units = one(SIZES) * largest * 1024;
  const sizes = types.filter(({ name, cap }) => name.startsWith(`${family}.`) && (cap[0] ?? 0) < units);
  return sizes.reduce((largest, type) => ((type.cap[0] ?? 0) > (largest.cap[0] ?? 0) ? type : largest));
}

/** Takes tasks off the queue, in turn, until so much of the scarcer resource is in use. */
function pour({ queue, size, cap, filled }: Pour): readonly string[] {
  const used = cap.map(() => 0);
  const held: string[] = [];
  let at = 0;
  while (at < Math.min(queue.length, TRIES)) {
    const id = queue[at] ?? '';
    const req = size.get(id) ?? [];
    const fits = req.every((need, r) => (used[r] ?? 0) + need <= (cap[r] ?? 0) * (r === 2 ? 1 : filled));
    if (!fits) {
      at += 1;
      continue;
    }
    req.forEach((need, r) => {
      used[r] = (used[r] ?? 0) + need;
    });
    held.push(id);
    queue.splice(at, 1);
  }
  // Nothing that waits in front fits: one of them would block the queue for ever.
  if (held.length === 0) queue.push(...queue.splice(0, 1));
  return held;
}

function cheapestFor(
  held: readonly string[],
  types: readonly ConsolidateType[],
  size: ReadonlyMap<string, readonly number[]>,
): ConsolidateType {
  const need = [0, 1, 2].map((r) => held.reduce((sum, id) => sum + (size.get(id)?.[r] ?? 0), 0));
  const roomy = types.filter(({ cap }) => need.every((used, r) => used <= (cap[r] ?? 0)));
  return roomy.reduce((best, type) => (type.cost < best.cost ? type : best));
}

function countOf(held: readonly string[]): { readonly [service: string]: number } {
  const tasks: { [service: string]: number } = {};
  for (const id of held) tasks[id] = (tasks[id] ?? 0) + 1;
  return tasks;
}

const DAEMON_CPU = 128;
/** Tasks have up to so many vCPU / 4. */
const TASKS_FOR = 16;

function typesOf(largest: number): readonly ConsolidateType[] {
  const { types, onDemand } = openLibrary().prices('us-east-1');
  return types
    .filter(({ family, vcpu, bareMetal }) => FAMILIES.includes(family) && vcpu <= largest && !bareMetal)
    .flatMap(({ name, vcpu, memoryMiB }): readonly ConsolidateType[] => {
      const price = onDemand[name];
      if (price === undefined) return [];
      const memory = Math.floor((memoryMiB * 0.96 - 256) / 128) * 128;
      const cap = [vcpu * 1024 - DAEMON_CPU, memory, Math.min(234, 4 + 8 * vcpu)];
      return [{ name, cap, cost: nanoUsd(price.usdPerHour), mayLaunch: true }];
    });
}

/** Four in five are spread over the zones; one in five is three times as unwelcome to move. */
function servicesOf(many: number, tasks: number, random: () => number): readonly ConsolidateService[] {
  const rows = Array.from({ length: many }, (_, at) => {
    const [cpu, memory] = sizeOf({ vcpu: TASKS_FOR }, random);
    const weight = weightOf(cpu, random);
    return {
      id: `svc${at}`,
      req: [cpu, memory, 1],
      weight,
      spreadAz: random() < 0.8,
      moveCost: random() < 0.2 ? 3 : 1,
    };
  });
  const sum = rows.reduce((total, { weight }) => total + weight, 0);
  return rows.map(({ id, req, weight, spreadAz, moveCost }) => ({
    ...{ id, req, spreadAz, moveCost },
    desired: Math.max(3, Math.round((weight / sum) * tasks)),
    ...{ perInstance: null, perWave: null, types: null, azs: null },
  }));
}

function shuffle(list: string[], random: () => number): void {
  for (let at = list.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    const kept = list[at] ?? '';
    list[at] = list[other] ?? '';
    list[other] = kept;
  }
}
