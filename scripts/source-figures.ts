import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/**
 * The source figures, read for scripts/build-data.ts. Money arrives as the text that stands in the source, never as
 * a float: every bare number of a money file is quoted before parsing.
 */

const money = z.string().regex(/^\d+(\.\d+)?$/);
const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
const byName = <T extends z.ZodType>(value: T) => z.record(z.string(), value);
const origin = z.object({ repo: z.string(), path: z.string(), commit: z.string(), committed: day });

const typeRow = z.object({
  vcpu: z.number(),
  memoryMiB: z.number(),
  arch: z.enum(['x86_64', 'arm64']),
  cpuManufacturer: z.enum(['intel', 'amd', 'aws']),
  family: z.string(),
  generation: z.number(),
  category: z.enum(['general', 'compute', 'memory', 'storage', 'accelerated', 'hpc']),
  currentGeneration: z.boolean(),
  bareMetal: z.boolean(),
  burstable: z.boolean(),
  enis: z.number(),
  branchEnis: z.number().optional(),
  managedInstances: z.boolean(),
  retired: z.boolean().optional(),
  gpu: z.object({ name: z.string(), manufacturer: z.string(), count: z.number(), memoryMiB: z.number() }).optional(),
  accelerator: z.object({ kind: z.string(), name: z.string(), manufacturer: z.string(), count: z.number() }).optional(),
});

const instanceTypes = z.object({
  asOf: day,
  sources: z.object({
    specs: origin,
    branchEnis: origin,
    managedInstances: z.object({ url: z.string(), read: z.string() }),
  }),
  types: byName(typeRow),
});

const onDemand = z.object({
  basisCodes: byName(origin.partial().extend({ date: day.optional(), note: z.string().optional() })),
  asOf: z.object({ 'us-east-1': day, otherRegions: day, regionsWithoutThatSnapshot: day }),
  estimateRule: z.string(),
  notOfferedAnyMore: byName(z.array(z.string())),
  /** Layer code by family; a type entry overrides its family. */
  basis: byName(byName(z.string())),
  regions: byName(byName(money)),
  estimated: byName(byName(money)),
});

const rates = z.object({ vcpuHour: money, gbHour: money });
const spotRates = rates.extend({ basis: z.enum(['sourced', 'derived']) });
const fargate = z.object({
  asOf: z.object({ onDemand: day, spot: day }),
  sources: z.object({
    onDemand: origin,
    spotLinuxX86: z.object({ what: z.string(), feed: z.string() }),
    spotLinuxArm64: z.object({ what: z.string(), derived: z.string() }),
  }),
  regions: byName(
    z.object({
      linuxX86: rates,
      linuxArm64: rates,
      ephemeralGbHour: money,
      windowsX86: rates.extend({ osLicenseVcpuHour: money }).optional(),
      spotLinuxX86: spotRates.optional(),
      spotLinuxArm64: spotRates.optional(),
    }),
  ),
});

const gp3 = z.object({
  asOf: day,
  source: z.string(),
  assumedRule: z.string(),
  regions: byName(z.object({ gp3GiBMonth: money, basis: z.enum(['sourced', 'assumed']) })),
});

const computePlan = z.object({ compute1yNoUpfront: money, compute3yNoUpfront: money });
const fargatePlan = z.object({
  '1yNoUpfront': z.object({ fraction: money }),
  '3yNoUpfront': z.object({ fraction: money }),
});
const savingsPlans = z.object({
  asOf: z.object({ fargate: day, ec2: day }),
  fargate: z.object({ source: z.string(), linuxX86: fargatePlan, linuxArm64: fargatePlan }),
  ec2: z.object({ sources: byName(origin), categoryMedian: byName(computePlan) }),
  families: byName(computePlan),
});

const spot = z.object({
  asOf: day,
  source: origin,
  /** `[saving in percent, index of the interruption class]` by type. */
  regions: byName(byName(z.tuple([z.number(), z.number()]))),
});

const cpuFeatures = z.object({
  asOf: day,
  source: origin.extend({ licence: z.string() }),
  families: byName(z.object({ avx512: z.union([z.boolean(), z.literal('varies')]).optional() })),
});

export type SourceFigures = ReturnType<typeof readSourceFigures>;
export type SourceType = z.infer<typeof typeRow>;

/** Reads and checks all seven source files in `folder`; throws with the file's name when one has another shape. */
export function readSourceFigures(folder: string) {
  const read = <T extends z.ZodType>(schema: T, name: string, numbersAsText: boolean): z.infer<T> => {
    const text = readFileSync(join(folder, name), 'utf8');
    const result = schema.safeParse(JSON.parse(numbersAsText ? quoteNumbers(text) : text));
    if (!result.success) throw new Error(`${name}: ${z.prettifyError(result.error)}`);
    return result.data;
  };
  return {
    instanceTypes: read(instanceTypes, 'instance-types.json', false),
    onDemand: read(onDemand, 'ec2-on-demand.json', true),
    fargate: read(fargate, 'fargate.json', true),
    gp3: read(gp3, 'ebs-gp3.json', true),
    savingsPlans: read(savingsPlans, 'savings-plans.json', true),
    spot: read(spot, 'spot.json', false),
    cpuFeatures: read(cpuFeatures, 'cpu-features.json', false),
  };
}

/** `{"a": 0.10}` -> `{"a": "0.10"}`: keeps each number exactly as it is written. Text inside strings is untouched. */
export function quoteNumbers(json: string): string {
  return json.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) =>
    token.startsWith('"') ? token : `"${token}"`,
  );
}
