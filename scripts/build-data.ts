import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { provenance } from './data-provenance.ts';
import { readSourceFigures, type SourceFigures, type SourceType } from './source-figures.ts';

/**
 * Makes data/prices from the source figures: `npx tsx scripts/build-data.ts <folder with the source figures>`.
 * Same input, same bytes. Nothing here runs in the product; data/README.md describes the files it writes.
 */

const PRICES = join(import.meta.dirname, '..', 'data', 'prices');

/** One file's content: members one a line; a `Lines` member has one entry a line, so that a diff names the entry. */
class Lines {
  readonly entries: readonly (readonly [string, unknown])[];
  constructor(entries: readonly (readonly [string, unknown])[]) {
    this.entries = entries;
  }
}

function sortedEntries<T>(record: { readonly [key: string]: T }): [string, T][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}

function fileText(content: { readonly [key: string]: unknown }): string {
  const members = Object.entries(content).map(([key, value]) => {
    if (!(value instanceof Lines)) return `${JSON.stringify(key)}:${JSON.stringify(value)}`;
    const rows = value.entries.map(([name, row]) => `${JSON.stringify(name)}:${JSON.stringify(row)}`);
    return `${JSON.stringify(key)}:{\n${rows.join(',\n')}\n}`;
  });
  return `{\n${members.join(',\n')}\n}\n`;
}

/** Figures of one type; what is false, null or absent for nearly every type is left out. */
function typeLine(type: SourceType): { readonly [key: string]: unknown } {
  return {
    vcpu: type.vcpu,
    memoryMiB: type.memoryMiB,
    architecture: type.arch,
    cpuManufacturer: type.cpuManufacturer,
    category: type.category,
    generation: type.generation,
    enis: type.enis,
    ...(type.branchEnis === undefined ? {} : { branchEnis: type.branchEnis }),
    ...(type.currentGeneration ? { currentGeneration: true } : {}),
    ...(type.managedInstances ? { managedInstances: true } : {}),
    ...(type.bareMetal ? { bareMetal: true } : {}),
    ...(type.burstable ? { burstable: true } : {}),
    ...(type.retired === true ? { retired: true } : {}),
    ...(type.gpu === undefined ? {} : { gpu: type.gpu }),
    ...(type.accelerator === undefined ? {} : { accelerator: type.accelerator }),
  };
}

function instanceTypesFile(figures: SourceFigures): string {
  const { asOf, types } = figures.instanceTypes;
  return fileText({ asOf, types: new Lines(sortedEntries(types).map(([name, type]) => [name, typeLine(type)])) });
}

/** Families measured alike on every size keep their boolean; `varies` and unmeasured families are left out. */
function cpuFeaturesFile(figures: SourceFigures): string {
  const { asOf, source, families } = figures.cpuFeatures;
  const measured = sortedEntries(families).flatMap(([family, { avx512 }]) =>
    typeof avx512 === 'boolean' ? [[family, avx512] as const] : [],
  );
  return fileText({
    licence: 'CC BY-SA 4.0, https://creativecommons.org/licenses/by-sa/4.0/',
    attribution: 'Spare Cores, https://sparecores.com/',
    source: `https://github.com/${source.repo}/tree/${source.commit}/${source.path}`,
    changes: 'Reduced to one boolean per instance family: does the measured CPU report AVX-512?',
    asOf,
    avx512: new Lines(measured),
  });
}

function savingsPlansFile(figures: SourceFigures): string {
  const { asOf, fargate, ec2, families } = figures.savingsPlans;
  const fargateRow = (plan: (typeof fargate)['linuxX86']) => ({
    oneYear: plan['1yNoUpfront'].fraction,
    threeYear: plan['3yNoUpfront'].fraction,
  });
  const ec2Rows = (rows: typeof families) =>
    new Lines(
      sortedEntries(rows).map(([name, row]) => [
        name,
        { oneYear: row.compute1yNoUpfront, threeYear: row.compute3yNoUpfront },
      ]),
    );
  return fileText({
    unit: 'fraction of the on-demand rate that is paid under a Compute Savings Plan without upfront payment',
    asOf,
    fargate: { x86_64: fargateRow(fargate.linuxX86), arm64: fargateRow(fargate.linuxArm64) },
    ec2ByCategory: ec2Rows(ec2.categoryMedian),
    ec2ByFamily: ec2Rows(families),
  });
}

/** Day of a region's EC2 prices: of the newest snapshot that covers the region as a whole. */
function onDemandDay(figures: SourceFigures, region: string): string {
  const { asOf, basis } = figures.onDemand;
  if (region === 'us-east-1') return asOf['us-east-1'];
  return Object.values(basis[region] ?? {}).includes('A') ? asOf.otherRegions : asOf.regionsWithoutThatSnapshot;
}

/** Where the prices of a region come from: the commonest layer, and the families and types that differ. */
function layers(basis: { readonly [name: string]: string }): { readonly most: string; readonly others: object } {
  const counts = new Map<string, number>();
  for (const code of Object.values(basis)) counts.set(code, (counts.get(code) ?? 0) + 1);
  const most = [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))[0]?.[0] ?? '';
  return { most, others: Object.fromEntries(sortedEntries(basis).filter(([, code]) => code !== most)) };
}

/** `[usdPerHour, Spot saving in percent or null]`, and `"estimated"` behind where the price is no sourced one. */
function priceRows(figures: SourceFigures, region: string): Lines {
  const { regions, estimated, notOfferedAnyMore } = figures.onDemand;
  const gone = new Set(notOfferedAnyMore[region] ?? []);
  const saving = (type: string) => figures.spot.regions[region]?.[type]?.[0] ?? null;
  const rows: { [type: string]: readonly unknown[] } = {};
  for (const [type, usd] of Object.entries(estimated[region] ?? {})) rows[type] = [usd, saving(type), 'estimated'];
  for (const [type, usd] of Object.entries(regions[region] ?? {})) rows[type] = [usd, saving(type)];
  return new Lines(
    sortedEntries(rows).filter(([type]) => !gone.has(type) && figures.instanceTypes.types[type] !== undefined),
  );
}

function regionFile(figures: SourceFigures, region: string): string {
  const { fargate, gp3, spot, onDemand } = figures;
  const rates = fargate.regions[region];
  const disk = gp3.regions[region];
  if (rates === undefined || disk === undefined) throw new Error(`${region}: no Fargate or no gp3 price`);
  const usd = (row: { readonly vcpuHour: string; readonly gbHour: string }) => ({
    vcpuUsdPerHour: row.vcpuHour,
    gibUsdPerHour: row.gbHour,
  });
  const spotUsd = (row: (typeof rates)['spotLinuxX86']) =>
    row === undefined ? null : { ...usd(row), basis: row.basis };
  const windows = rates.windowsX86;
  return fileText({
    region,
    asOf: {
      onDemand: onDemandDay(figures, region),
      fargate: fargate.asOf.onDemand,
      fargateSpot: fargate.asOf.spot,
      spot: spot.asOf,
      ebs: gp3.asOf,
    },
    onDemandLayer: layers(onDemand.basis[region] ?? {}),
    fargate: { x86_64: usd(rates.linuxX86), arm64: usd(rates.linuxArm64) },
    fargateSpot: { x86_64: spotUsd(rates.spotLinuxX86), arm64: spotUsd(rates.spotLinuxArm64) },
    fargateWindows:
      windows === undefined ? null : { ...usd(windows), licenceUsdPerVcpuHour: windows.osLicenseVcpuHour },
    ephemeralGibUsdPerHour: rates.ephemeralGbHour,
    gp3: { gibUsdPerMonth: disk.gp3GiBMonth, basis: disk.basis },
    types: priceRows(figures, region),
  });
}

/** Every file of data/prices by its path below it. Pure: the test compares it with what is committed. */
export function priceFiles(figures: SourceFigures): ReadonlyMap<string, string> {
  const regions = Object.keys(figures.onDemand.regions).sort();
  return new Map([
    ['instance-types.json', instanceTypesFile(figures)],
    ['cpu-features.json', cpuFeaturesFile(figures)],
    ['savings-plans.json', savingsPlansFile(figures)],
    ['provenance.json', `${JSON.stringify(provenance(figures), null, 1)}\n`],
    ...regions.map((region): [string, string] => [`regions/${region}.json`, regionFile(figures, region)]),
  ]);
}

function main(folder: string | undefined): void {
  if (folder === undefined) throw new Error('usage: npx tsx scripts/build-data.ts <folder with the source figures>');
  const files = priceFiles(readSourceFigures(folder));
  rmSync(PRICES, { recursive: true, force: true });
  mkdirSync(join(PRICES, 'regions'), { recursive: true });
  let bytes = 0;
  for (const [path, text] of files) {
    writeFileSync(join(PRICES, path), text);
    bytes += text.length;
  }
  process.stdout.write(`${files.size} files, ${Math.round(bytes / 1024)} KiB in data/prices\n`);
}

if (process.argv[1] === import.meta.filename) main(process.argv[2]);
