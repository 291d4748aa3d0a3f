/** Packing questions made here, the same for the same numbers: mixes of tasks over real instance types and prices. */
import { openLibrary } from '../src/data.ts';
import { nanoUsd, type PackInput, type PackShape, type PackType } from '../src/engine/index.ts';

export type Mix = {
  readonly name: string;
  readonly shapes: number;
  readonly tasks: number;
  /** Largest instance offered, in vCPU. */
  readonly vcpu: number;
  readonly seed: number;
  /** Every task takes at least two vCPU. */
  readonly chunky?: true;
  /** Prices shaken by up to -40 %, as spot prices are. */
  readonly spot?: true;
  /** Tasks per instance limited, as network interfaces do. */
  readonly slots?: true;
};

/** 18 real families. */
export const FAMILIES: readonly string[] = [
  'c5',
  'c5a',
  'c6a',
  'c6i',
  'c7a',
  'c7i',
  'm5',
  'm5a',
  'm6a',
  'm6i',
  'm7a',
  'm7i',
  'r5',
  'r5a',
  'r6a',
  'r6i',
  'r7a',
  'r7i',
];
const DAEMON = { cpuUnits: 128, memoryMiB: 256 } as const;
/** Of the nominal memory, what the agent registers. */
const REGISTERED = 0.96;

/** One question of a mix. Daemon and registered share are taken off the capacities. */
export function packMix(mix: Mix): PackInput {
  const random = generator(mix.seed);
  const resources = ['cpuUnits', 'memoryMiB', ...(mix.slots === true ? ['taskSlots'] : [])];
  const types = typesOf(mix, random);
  const largest = types.map(({ cap }) => cap);
  const sizes: (readonly number[])[] = [];
  while (sizes.length < mix.shapes) {
    const req = [...sizeOf(mix, random), ...(mix.slots === true ? [1] : [])];
    if (largest.some((cap) => req.every((size, r) => size <= (cap[r] ?? 0)))) sizes.push(req);
  }
  const weights = sizes.map(([cpu = 256]) => weightOf(cpu, random));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const shapes = sizes.map((req, at): PackShape => {
    const count = Math.max(1, Math.round(((weights[at] ?? 0) / sum) * mix.tasks));
    return { id: `s${at}`, req, count, types: null, perBin: null };
  });
  return { resources, types, shapes };
}

/** Share of the tasks: services are Pareto in size, and heavy tasks come in smaller numbers. */
export function weightOf(cpu: number, random: () => number): number {
  return Math.min(40, (1 - random()) ** (-1 / 1.2)) * Math.sqrt(256 / cpu);
}

function typesOf(mix: Mix, random: () => number): readonly PackType[] {
  const { types, onDemand } = openLibrary().prices('us-east-1');
  return types
    .filter(({ family, vcpu, bareMetal }) => FAMILIES.includes(family) && vcpu <= mix.vcpu && !bareMetal)
    .flatMap(({ name, vcpu, memoryMiB }): readonly PackType[] => {
      const price = onDemand[name];
      if (price === undefined) return [];
      const cost = Number(nanoUsd(price.usdPerHour)) * (mix.spot === true ? 0.4 * (1 - 0.4 * random()) : 1);
      const memory = Math.floor((memoryMiB * REGISTERED - DAEMON.memoryMiB) / 128) * 128;
      const slots = mix.slots === true ? [Math.min(120, 4 + 3 * vcpu)] : [];
      return [
        {
          name,
          cap: [vcpu * 1024 - DAEMON.cpuUnits, memory, ...slots],
          cost: BigInt(Math.round(cost)),
          limit: null,
          paid: 0,
        },
      ];
    });
}

const CPU_UNITS = [128, 128, 256, 256, 256, 512, 512, 512, 1024, 1024, 2048, 2048, 4096, 8192, 16_384] as const;
const ODD_SHARE = [1, 1, 1, 1.25, 1.5, 1.75] as const;

/** CPU units and MiB of one shape. Memory per vCPU is log-normal around 2.6 GiB, in steps of 128 MiB. */
export function sizeOf(mix: Pick<Mix, 'vcpu' | 'chunky'>, random: () => number): readonly [number, number] {
  const sizes = CPU_UNITS.filter((units) => units <= mix.vcpu * 256 && (mix.chunky !== true || units >= 2048));
  const units = sizes[Math.floor(random() * sizes.length)] ?? 1024;
  const cpu = Math.ceil((units * (ODD_SHARE[Math.floor(random() * ODD_SHARE.length)] ?? 1)) / 64) * 64;
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const gib = Math.min(120, Math.max(0.25, (cpu / 1024) * 2.6 * Math.exp(0.6 * normal)));
  return [cpu, Math.ceil((gib * 1024) / 128) * 128];
}

export type Planted = { readonly name: string; readonly bins: number; readonly shapes: number; readonly seed: number };

/**
 * A question whose optimum is known: every type costs exactly its capacity at fixed prices per unit, and the tasks are
 * whole bins cut into pieces, so that those bins waste nothing. Returns the question and its optimum.
 */
export function packPlanted({ bins, shapes, seed }: Planted): { readonly input: PackInput; readonly optimum: bigint } {
  const random = generator(seed);
  const prices = [23_000n, 3_300n] as const;
  const types = [1, 2, 4, 8].flatMap((size) =>
    [2, 4, 8].map((ratio): PackType => {
      const cap = [size * 2048 - 128, size * 2048 * ratio - 512] as const;
      const cost = BigInt(cap[0]) * prices[0] + BigInt(cap[1]) * prices[1];
      return { name: `p${ratio}.${size}`, cap, cost, limit: null, paid: 0 };
    }),
  );
  const counts = new Map<string, number>();
  let optimum = 0n;
  const templates = Array.from({ length: Math.max(4, Math.round(shapes / 6)) }, () => {
    const type = types[Math.floor(random() * types.length)] ?? types[0];
    return { type, pieces: cutBin(type?.cap ?? [0, 0], random) };
  });
  for (let bin = 0; bin < bins; bin += 1) {
    const { type, pieces } = templates[Math.floor(random() * random() * templates.length)] ?? {
      type: undefined,
      pieces: [],
    };
    optimum += type?.cost ?? 0n;
    for (const piece of pieces) counts.set(piece.join(' '), (counts.get(piece.join(' ')) ?? 0) + 1);
  }
  const list = [...counts].map(([key, count], at): PackShape => {
    return { id: `s${at}`, req: key.split(' ').map(Number), count, types: null, perBin: null };
  });
  return { input: { resources: ['cpuUnits', 'memoryMiB'], types, shapes: list }, optimum };
}

/** Cuts a capacity into 3 to 10 pieces of whole steps that add up to it exactly. */
function cutBin(cap: readonly number[], random: () => number): readonly (readonly number[])[] {
  const pieces = 3 + Math.floor(random() * 8);
  const [cpu, memory] = [cutLine(cap[0] ?? 0, 128, pieces, random), cutLine(cap[1] ?? 0, 128, pieces, random)];
  return cpu.map((units, at) => [units, memory[at] ?? 0]);
}

function cutLine(length: number, step: number, pieces: number, random: () => number): readonly number[] {
  const spare = length / step - pieces;
  const cuts = Array.from({ length: pieces - 1 }, () => Math.floor(random() * (spare + 1))).sort((a, b) => a - b);
  return [...cuts, spare].map((cut, at) => (cut - (cuts[at - 1] ?? 0) + 1) * step);
}

/** Numbers from 0 to below 1 (a linear congruential generator). */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
