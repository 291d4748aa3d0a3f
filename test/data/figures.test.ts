import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openLibrary } from '../../src/data.ts';

const SOURCE = join(import.meta.dirname, '..', '..', '..', 'shared', 'data');
const hasSource = existsSync(SOURCE);
const library = openLibrary();

/** Source figures as parsed JSON; numbers as doubles, which is how they are compared with our digits. */
const source = (name: string) => JSON.parse(readFileSync(join(SOURCE, `${name}.json`), 'utf8'));

if (!hasSource)
  process.stderr.write('SKIPPED: figures are not compared with their source, ../shared/data is not here\n');

describe.skipIf(!hasSource)('every figure equals its source', () => {
  const onDemand = hasSource ? source('ec2-on-demand') : null;
  const types = hasSource ? source('instance-types').types : null;
  const spot = hasSource ? source('spot').regions : null;
  const fargate = hasSource ? source('fargate').regions : null;
  const gp3 = hasSource ? source('ebs-gp3').regions : null;

  test('34 regions, none added and none lost', () => {
    expect(library.regions).toEqual(Object.keys(onDemand.regions).sort());
  });

  test.each(library.regions)('%s: on-demand, estimates, Spot savings, Fargate, storage', (region) => {
    const book = library.prices(region);
    const gone = new Set(onDemand.notOfferedAnyMore[region] ?? []);
    const expected = { ...onDemand.estimated[region], ...onDemand.regions[region] };
    const offered = Object.keys(expected).filter((name) => !gone.has(name) && types[name] !== undefined);

    expect(book.types.map(({ name }) => name).sort()).toEqual(offered.sort());
    for (const name of offered) {
      expect([name, Number(book.onDemand[name]?.usdPerHour)]).toEqual([name, expected[name]]);
      expect([name, book.onDemand[name]?.kind]).toEqual([
        name,
        onDemand.regions[region][name] === undefined ? 'estimated' : 'sourced',
      ]);
      expect([name, book.spotSavingPercent[name]]).toEqual([name, spot[region]?.[name]?.[0]]);
    }
    const rates = fargate[region];
    expect(Number(book.fargate.x86_64.vcpuUsdPerHour)).toBe(rates.linuxX86.vcpuHour);
    expect(Number(book.fargate.x86_64.gibUsdPerHour)).toBe(rates.linuxX86.gbHour);
    expect(Number(book.fargate.arm64.vcpuUsdPerHour)).toBe(rates.linuxArm64.vcpuHour);
    expect(Number(book.fargate.arm64.gibUsdPerHour)).toBe(rates.linuxArm64.gbHour);
    expect(book.fargateSpot.x86_64 === null ? undefined : Number(book.fargateSpot.x86_64.vcpuUsdPerHour)).toBe(
      rates.spotLinuxX86?.vcpuHour,
    );
    expect(book.fargateSpot.arm64 === null ? undefined : Number(book.fargateSpot.arm64.gibUsdPerHour)).toBe(
      rates.spotLinuxArm64?.gbHour,
    );
    expect(Number(book.ephemeralGibUsdPerHour)).toBe(rates.ephemeralGbHour);
    expect([Number(book.gp3.gibUsdPerMonth), book.gp3.basis]).toEqual([gp3[region].gp3GiBMonth, gp3[region].basis]);
  });

  test('instance types keep size, interfaces, devices and flags', () => {
    for (const type of library.prices('us-east-1').types) {
      const from = types[type.name];
      expect({
        name: type.name,
        vcpu: type.vcpu,
        memoryMiB: type.memoryMiB,
        architecture: type.architecture,
        cpuManufacturer: type.cpuManufacturer,
        category: type.category,
        enis: type.enis,
        branchEnis: type.branchEnis,
        gpu: type.gpu === null ? null : [type.gpu.name, type.gpu.count, type.gpu.memoryMiB],
        accelerator: type.accelerator === null ? null : [type.accelerator.kind, type.accelerator.count],
        managedInstances: type.managedInstances,
        bareMetal: type.bareMetal,
        burstable: type.burstable,
        retired: type.retired,
      }).toEqual({
        name: type.name,
        vcpu: from.vcpu,
        memoryMiB: from.memoryMiB,
        architecture: from.arch,
        cpuManufacturer: from.cpuManufacturer,
        category: from.category,
        enis: from.enis,
        branchEnis: from.branchEnis ?? null,
        gpu: from.gpu === undefined ? null : [from.gpu.name, from.gpu.count, from.gpu.memoryMiB],
        accelerator: from.accelerator === undefined ? null : [from.accelerator.kind, from.accelerator.count],
        managedInstances: from.managedInstances,
        bareMetal: from.bareMetal,
        burstable: from.burstable,
        retired: from.retired ?? false,
      });
    }
  });

  test('AVX-512 is what was measured for the family, and unknown where it was not', () => {
    const families = source('cpu-features').families;
    for (const type of library.prices('us-east-1').types) {
      const measured = families[type.family]?.avx512;
      expect([type.name, type.avx512]).toEqual([type.name, typeof measured === 'boolean' ? measured : null]);
    }
  });

  test('the fee of every family equals its fact on the day of the source', () => {
    const fees = source('managed-instances-fee');
    const group = { default: 'default', gSeries: 'g', pSeries: 'p', trainium: 'trainium' } as const;
    for (const [name, row] of Object.entries(fees.groups as Record<string, { fraction: number }>)) {
      const id = `mi.fee.fraction.${group[name as keyof typeof group]}`;
      const fact = library.facts.find((candidate) => candidate.id === id && candidate.validTo === null);
      expect([id, Number(fact?.value)]).toEqual([id, row.fraction]);
    }
  });

  test('Savings Plans fractions', () => {
    const plans = source('savings-plans');
    const { savingsPlans } = library.prices('us-east-1');
    expect(Number(savingsPlans.fargate.x86_64.oneYear)).toBe(plans.fargate.linuxX86['1yNoUpfront'].fraction);
    expect(Number(savingsPlans.fargate.arm64.threeYear)).toBe(plans.fargate.linuxArm64['3yNoUpfront'].fraction);
    for (const [family, row] of Object.entries(
      plans.families as Record<string, { compute1yNoUpfront: number; compute3yNoUpfront: number }>,
    )) {
      expect([family, Number(savingsPlans.ec2ByFamily[family]?.oneYear)]).toEqual([family, row.compute1yNoUpfront]);
      expect([family, Number(savingsPlans.ec2ByFamily[family]?.threeYear)]).toEqual([family, row.compute3yNoUpfront]);
    }
  });
});

test('figures read by hand: c6a.2xlarge in two regions, Fargate and gp3 in Ireland', () => {
  expect(library.prices('us-east-1').onDemand['c6a.2xlarge']).toEqual({ usdPerHour: '0.306', kind: 'sourced' });
  expect(library.prices('eu-west-1').onDemand['c6a.2xlarge']).toEqual({ usdPerHour: '0.32832', kind: 'sourced' });
  expect(library.prices('eu-west-1').fargate.x86_64).toEqual({ vcpuUsdPerHour: '0.04048', gibUsdPerHour: '0.004445' });
  expect(library.prices('eu-west-1').gp3).toEqual({ gibUsdPerMonth: '0.088', basis: 'sourced' });
});

test('money is kept as digits, never as a JSON number', () => {
  const folder = join(import.meta.dirname, '..', '..', 'data', 'prices', 'regions');
  const files = readdirSync(folder);

  expect(files).toHaveLength(34);
  for (const file of files) expect(readFileSync(join(folder, file), 'utf8')).not.toMatch(/[:[]\d+\.\d/);
});

test('an unknown region is refused with the nearest one', () => {
  expect(() => library.prices('eu-wst-1')).toThrowError(
    expect.objectContaining({ code: 'usage_unknown_region', hint: '--region eu-west-1' }),
  );
});

test('a missing data folder is a config error', () => {
  expect(() => openLibrary(join(import.meta.dirname, 'nowhere'))).toThrowError(
    expect.objectContaining({ kind: 'config', code: 'config_data_damaged' }),
  );
});
