/** Consolidation questions made here, the same for the same numbers: clusters that have grown and shrunk for a while. */
import { openLibrary } from '../src/data.ts';
import {
  type ConsolidateInput,
  type ConsolidateService,
  type ConsolidateType,
  nanoUsd,
  type RunningInstance,
} from '../src/engine/index.ts';

export type Estate = {
  readonly name: string;
  readonly services: number;
  readonly tasks: number;
  readonly instances: number;
  readonly seed: number;
};

/** The last one has the size that the target names. */
export const ESTATES: readonly Estate[] = [
  { name: 'small', services: 15, tasks: 420, instances: 40, seed: 31 },
  { name: 'medium', services: 40, tasks: 3_300, instances: 200, seed: 32 },
  { name: 'large', services: 80, tasks: 15_000, instances: 721, seed: 33 },
];

const ZONES = ['az1', 'az2', 'az3'] as const;
const FAMILIES = ['m7a', 'c7a', 'r7a'];
/** Of the scarcer resource; the other one is emptier, so that some 45 % of the capacity is free. */
const FILLED = 0.85;
const COVERED = 0.12;
const PINNED = 0.03;

/** Three zones, some 45 % of the capacity free, 12 % of the instances covered, 3 % pinned. */
export function consolidateEstate({ services: many, tasks, instances: count, seed }: Estate): ConsolidateInput {
  const random = generator(seed);
  const types = typesOf();
  const services = servicesOf(many, tasks, random);
  const queues: string[][] = ZONES.map(() => []);
  for (const { id, desired, spreadAz } of services) {
    const first = Math.floor(random() * ZONES.length);
    for (let task = 0; task < desired; task += 1) {
      const zone = spreadAz ? (first + task) % ZONES.length : Math.floor(random() * ZONES.length);
      queues[zone]?.push(id);
    }
  }
  const size = new Map(services.map(({ id, req }) => [id, req]));
  const instances: RunningInstance[] = [];
  for (const [zone, queue] of queues.entries()) {
    shuffle(queue, random);
    const here = Math.floor(count / ZONES.length) + (zone < count % ZONES.length ? 1 : 0);
    fillZone({ queue, here, zone: ZONES[zone] ?? '', types, size, random }, instances);
  }
  const policy = { azSpreadMaxSkew: 1, maxDrainFractionPerWave: 0.1, minInstances: 0 };
  return { resources: ['cpuUnits', 'memoryMiB', 'taskSlots'], azs: ZONES, types, services, instances, policy };
}

type Zone = {
  readonly queue: readonly string[];
  readonly here: number;
  readonly zone: string;
  readonly types: readonly ConsolidateType[];
  readonly size: ReadonlyMap<string, readonly number[]>;
  readonly random: () => number;
};

/** Each instance gets its share of what is left, on a type that this share fills well, as when it was bought. */
function fillZone({ queue, here, zone, types, size, random }: Zone, instances: RunningInstance[]): void {
  let next = 0;
  for (let at = 0; at < here; at += 1) {
    const even = (queue.length - next) / (here - at);
    const share =
      at === here - 1
        ? queue.length - next
        : Math.min(queue.length - next, Math.max(1, Math.round(even * (0.4 + 1.2 * random()))));
    const tasks: { [service: string]: number } = {};
    const used = [0, 0, 0];
    for (const id of queue.slice(next, next + share)) {
      tasks[id] = (tasks[id] ?? 0) + 1;
      size.get(id)?.forEach((need, r) => {
        used[r] = (used[r] ?? 0) + need;
      });
    }
    next += share;
    const fill = Math.min(1, FILLED + 0.3 * (random() - 0.5));
    const roomy = types.filter(({ cap }) => used.every((need, r) => need <= (cap[r] ?? 0) * (r === 2 ? 1 : fill)));
    const [type, second] = [...(roomy.length > 0 ? roomy : types.filter(({ cap }) => fits(used, cap)))].sort((a, b) =>
      Number(a.cost - b.cost),
    );
    const chosen = random() < 0.2 ? (second ?? type) : type;
    if (chosen === undefined) throw new Error('a share of tasks is larger than every type');
    instances.push({
      ...{ id: `i-${instances.length}`, type: chosen.name, az: zone, tasks },
      covered: random() < COVERED,
      pinned: random() < PINNED ? 'protected task' : null,
      ...{ accepts: true, cap: null },
    });
  }
}

function fits(used: readonly number[], cap: readonly number[]): boolean {
  return used.every((need, r) => need <= (cap[r] ?? 0));
}

function typesOf(): readonly ConsolidateType[] {
  const { types, onDemand } = openLibrary().prices('us-east-1');
  return types
    .filter(({ family, vcpu, bareMetal }) => FAMILIES.includes(family) && vcpu >= 2 && vcpu <= 96 && !bareMetal)
    .flatMap(({ name, vcpu, memoryMiB }): readonly ConsolidateType[] => {
      const price = onDemand[name];
      if (price === undefined) return [];
      const cap = [vcpu * 1024 - 128, Math.floor((memoryMiB * 0.96 - 256) / 128) * 128, Math.min(234, 4 + 8 * vcpu)];
      return [{ name, cap, cost: nanoUsd(price.usdPerHour), mayLaunch: true }];
    });
}

const CPU_UNITS = [128, 256, 256, 512, 512, 1024, 1024, 2048] as const;

function servicesOf(many: number, tasks: number, random: () => number): readonly ConsolidateService[] {
  const rows = Array.from({ length: many }, (_, at) => {
    const cpu = CPU_UNITS[Math.floor(random() * CPU_UNITS.length)] ?? 256;
    const memory = Math.ceil((cpu * (1 + 5 * random())) / 128) * 128;
    const weight = (1 - random()) ** (-1 / 1.5) * Math.sqrt(256 / cpu);
    return {
      id: `svc${at}`,
      req: [cpu, memory, 1],
      weight,
      spreadAz: random() < 0.8,
      moveCost: random() < 0.2 ? 3 : 1,
    };
  });
  const sum = rows.reduce((total, { weight }) => total + Math.min(12, weight), 0);
  return rows.map(({ id, req, weight, spreadAz, moveCost }) => ({
    ...{ id, req, spreadAz, moveCost },
    desired: Math.max(3, Math.round((Math.min(12, weight) / sum) * tasks)),
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

/** Numbers from 0 to below 1 (a linear congruential generator). */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
