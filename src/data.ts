/** The packaged data folder: the only reader of `data/` (facts, and one price book per region). */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Library } from './deps.ts';
import type { Fact, InstanceType, OnDemandPrice, PriceBook } from './engine/index.ts';
import { AdviseError, usageError } from './errors.ts';
import { nearest } from './nearest.ts';

const DAY = /^\d{4}-\d{2}-\d{2}$/;

const factRow = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)*$/),
  title: z.string().min(1),
  value: z.json(),
  unit: z.string().min(1),
  validFrom: z.string().regex(DAY),
  validTo: z.string().regex(DAY).nullable(),
  source: z.string().min(1),
  confidence: z.enum(['high', 'medium', 'low', 'assumed']),
});

type PackedType = Pick<
  InstanceType,
  'vcpu' | 'memoryMiB' | 'architecture' | 'cpuManufacturer' | 'category' | 'generation' | 'enis'
> &
  Partial<Omit<InstanceType, 'name' | 'family'>>;

/** On-demand USD per hour, Spot saving in percent (null = no data), and `estimated` where the price is one. */
type PackedPrice = readonly [string, number | null, 'estimated'?];

type PackedRegion = Pick<PriceBook, 'region' | 'fargate' | 'fargateSpot' | 'ephemeralGibUsdPerHour' | 'gp3'> & {
  readonly asOf: Omit<PriceBook['asOf'], 'instanceTypes' | 'savingsPlans'>;
  readonly types: { readonly [type: string]: PackedPrice };
};

type Catalogue = {
  readonly asOf: string;
  readonly types: readonly InstanceType[];
  readonly savingsPlans: PriceBook['savingsPlans'] & { readonly asOf: { readonly fargate: string } };
};

/** `data/` beside `src/` in a checkout and beside `dist/` in the installed package. */
const PACKAGED = join(import.meta.dirname, '..', 'data');

/**
 * Opens the data folder. Facts are read and checked at once, price books when a region is first asked for.
 * Throws a config error when the folder is missing or damaged.
 */
export function openLibrary(root = PACKAGED): Library {
  const facts = readFacts(join(root, 'facts'));
  const regions = listJson(join(root, 'prices', 'regions'));
  const books = new Map<string, PriceBook>();
  let catalogue: Catalogue | null = null;
  const prices = (region: string): PriceBook => {
    const known = books.get(region);
    if (known !== undefined) return known;
    if (!regions.includes(region)) throw unknownRegion(region, regions);
    catalogue ??= readCatalogue(join(root, 'prices'));
    const book = toPriceBook(readJson<PackedRegion>(join(root, 'prices', 'regions', `${region}.json`)), catalogue);
    books.set(region, book);
    return book;
  };
  return { facts, regions, prices };
}

function unknownRegion(region: string, regions: readonly string[]): AdviseError {
  const close = nearest(region, regions);
  const hint = close === null ? `one of ${regions.join(', ')}` : `--region ${close}`;
  return usageError('usage_unknown_region', `No prices for a region called "${region}".`, hint);
}

function damaged(path: string, cause: unknown): AdviseError {
  return new AdviseError({
    kind: 'config',
    code: 'config_data_damaged',
    message: `The data file ${path} cannot be read.`,
    hint: 'install ecs-advise again',
    cause,
  });
}

function readJson<T>(path: string): T {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch (error) {
    throw damaged(path, error);
  }
}

/** Names of the JSON files in a folder without their ending, sorted. */
function listJson(folder: string): readonly string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
    return names.map((name) => name.slice(0, -'.json'.length)).sort();
  } catch (error) {
    throw damaged(folder, error);
  }
}

function readFacts(folder: string): readonly Fact[] {
  return listJson(folder).flatMap((name) => {
    const path = join(folder, `${name}.json`);
    const parsed = z.array(factRow).safeParse(readJson<unknown>(path));
    if (!parsed.success) throw damaged(path, parsed.error);
    return parsed.data as readonly Fact[];
  });
}

function readCatalogue(folder: string): Catalogue {
  const packed = readJson<{ readonly asOf: string; readonly types: { readonly [name: string]: PackedType } }>(
    join(folder, 'instance-types.json'),
  );
  const { avx512 } = readJson<{ readonly avx512: { readonly [family: string]: boolean } }>(
    join(folder, 'cpu-features.json'),
  );
  const types = Object.entries(packed.types).map(([name, type]) => unpackType(name, type, avx512));
  return { asOf: packed.asOf, types, savingsPlans: readJson(join(folder, 'savings-plans.json')) };
}

function unpackType(name: string, packed: PackedType, avx512: { readonly [family: string]: boolean }): InstanceType {
  const family = name.split('.')[0] ?? name;
  return {
    name,
    family,
    branchEnis: null,
    gpu: null,
    accelerator: null,
    currentGeneration: false,
    bareMetal: false,
    burstable: false,
    managedInstances: false,
    retired: false,
    avx512: avx512[family] ?? null,
    ...packed,
  };
}

function toPriceBook(packed: PackedRegion, catalogue: Catalogue): PriceBook {
  const onDemand: { [type: string]: OnDemandPrice } = {};
  const spotSavingPercent: { [type: string]: number } = {};
  for (const [name, [usdPerHour, saving, estimated]] of Object.entries(packed.types)) {
    onDemand[name] = { usdPerHour, kind: estimated === undefined ? 'sourced' : 'estimated' };
    if (saving !== null) spotSavingPercent[name] = saving;
  }
  const { asOf, fargate, ec2ByFamily, ec2ByCategory } = catalogue.savingsPlans;
  return {
    region: packed.region,
    asOf: { ...packed.asOf, instanceTypes: catalogue.asOf, savingsPlans: asOf.fargate },
    types: catalogue.types.filter((type) => onDemand[type.name] !== undefined),
    onDemand,
    spotSavingPercent,
    fargate: packed.fargate,
    fargateSpot: packed.fargateSpot,
    ephemeralGibUsdPerHour: packed.ephemeralGibUsdPerHour,
    gp3: packed.gp3,
    savingsPlans: { fargate, ec2ByFamily, ec2ByCategory },
  };
}
