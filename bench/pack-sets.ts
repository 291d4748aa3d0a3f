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

const FAMILIES = [
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
  const weights = Array.from({ length: mix.shapes }, () => (1 - random()) ** (-1 / 1.2));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const shapes: PackShape[] = [];
  while (shapes.length < mix.shapes) {
    const req = [...sizeOf(mix, random), ...(mix.slots === true ? [1] : [])];
    if (!largest.some((cap) => req.every((size, r) => size <= (cap[r] ?? 0)))) continue;
    const count = Math.max(1, Math.round(((weights[shapes.length] ?? 0) / sum) * mix.tasks));
    shapes.push({ id: `s${shapes.length}`, req, count, types: null, perBin: null });
  }
  return { resources, types, shapes };
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

/** Memory per vCPU is log-normal around 2.6 GiB, in steps of 128 MiB. */
function sizeOf(mix: Mix, random: () => number): readonly [number, number] {
  const sizes = CPU_UNITS.filter((units) => units <= mix.vcpu * 256 && (mix.chunky !== true || units >= 2048));
  const units = sizes[Math.floor(random() * sizes.length)] ?? 1024;
  const cpu = Math.ceil((units * (ODD_SHARE[Math.floor(random() * ODD_SHARE.length)] ?? 1)) / 64) * 64;
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const gib = Math.min(120, Math.max(0.25, (cpu / 1024) * 2.6 * Math.exp(0.6 * normal)));
  return [cpu, Math.ceil((gib * 1024) / 128) * 128];
}

/** Numbers from 0 to below 1 (a linear congruential generator). */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
