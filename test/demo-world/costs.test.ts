import { describe, expect, test } from 'vitest';
import type { CostRow, RegionState } from '../../demo/aws/state.ts';
import { createWorld } from '../../demo/aws/world/index.ts';
import { openLibrary } from '../../src/data.ts';

const NOW = new Date('2026-11-24T14:00:00Z');
const TODAY = Date.parse('2026-11-24T00:00:00Z');
const DAY_MS = 86_400_000;
const world = createWorld({ now: () => NOW });
const library = openLibrary();
const dayOf = (ago: number): string => new Date(TODAY - ago * DAY_MS).toISOString().slice(0, 10);

const CLUSTER = 'aws:ecs:clusterName';
const SERVICE = 'aws:ecs:serviceName';
const sum = (rows: readonly CostRow[]): number => rows.reduce((total, { usd }) => total + Number(usd), 0);
const matching = (day: string, wanted: (row: CostRow) => boolean): readonly CostRow[] =>
  world.costs(day).filter(wanted);
const ofCluster = (name: string) => (row: CostRow) => row.tags[CLUSTER] === name;

const rose = world.accounts[0]?.regions.get('eu-west-1') as RegionState;
const tulip = world.accounts[1]?.regions.get('eu-west-1') as RegionState;

/** Task-hours of a service on a day, from CloudWatch alone. */
function taskHours(region: RegionState, cluster: string, service: string, day: string): number {
  const start = new Date(`${day}T00:00:00Z`);
  const [point] = region.metric({
    namespace: 'AWS/ECS',
    name: 'MemoryUtilization',
    dimensions: { ClusterName: cluster, ServiceName: service },
    stat: 'SampleCount',
    periodSeconds: 86_400,
    start,
    end: new Date(start.getTime() + DAY_MS),
  });
  return (point?.value ?? 0) / 60;
}

describe('the bill of Fargate', () => {
  const onDemand = [
    ...(rose.ecs.services.get(rose.ecs.clusters[0]?.clusterArn ?? '') ?? [])
      .filter((service) =>
        service.capacityProviderStrategy?.every(({ capacityProvider }) => capacityProvider === 'FARGATE'),
      )
      .map((service) => ({ region: rose, cluster: 'rose', service })),
    ...(tulip.ecs.services.get(tulip.ecs.clusters[0]?.clusterArn ?? '') ?? [])
      .filter(({ launchType }) => launchType === 'FARGATE')
      .map((service) => ({ region: tulip, cluster: 'tulip', service })),
  ];

  test.each([0, 1, 2, 8, 30, 55])('equals task-hours x price book to the cent, %i days ago', (ago) => {
    const day = dayOf(ago);
    const rates = library.prices('eu-west-1');
    for (const { region, cluster, service } of onDemand) {
      if (service.serviceName === 'docs-site') continue;
      const definition = region.ecs.taskDefinitions.get(service.taskDefinition ?? '')?.definition;
      const { vcpuUsdPerHour, gibUsdPerHour } =
        rates.fargate[definition?.runtimePlatform?.cpuArchitecture === 'ARM64' ? 'arm64' : 'x86_64'];
      const hourly =
        (Number(definition?.cpu) / 1024) * Number(vcpuUsdPerHour) +
        (Number(definition?.memory) / 1024) * Number(gibUsdPerHour) +
        Math.max(0, (definition?.ephemeralStorage?.sizeInGiB ?? 20) - 20) * Number(rates.ephemeralGibUsdPerHour);
      const billed = sum(
        matching(day, (row) => row.tags[CLUSTER] === cluster && row.tags[SERVICE] === service.serviceName),
      );
      const name = service.serviceName ?? '';
      expect(`${name} ${billed.toFixed(2)}`).toBe(
        `${name} ${(taskHours(region, cluster, name, day) * hourly).toFixed(2)}`,
      );
    }
  });

  test('is one of 12 tasks of quant-api by night and 16 by day', () => {
    // Monday: 332 task-hours x (2 x 0.04048 + 8 x 0.004445) = 332 x 0.11652 = 38.68464.
    expect(sum(matching(dayOf(1), (row) => row.tags[SERVICE] === 'quant-api'))).toBeCloseTo(38.68464, 6);
  });

  test('uses the usage types of the region', () => {
    const types = new Set(matching(dayOf(1), ofCluster('rose')).map(({ usageType }) => usageType));
    expect([...types].sort()).toEqual([
      'EU-Fargate-ARM-GB-Hours',
      'EU-Fargate-ARM-vCPU-Hours:perCPU',
      'EU-Fargate-EphemeralStorage-GB-Hours',
      'EU-Fargate-GB-Hours',
      'EU-Fargate-vCPU-Hours:perCPU',
      'EU-SpotUsage-Fargate-GB-Hours',
      'EU-SpotUsage-Fargate-vCPU-Hours:perCPU',
    ]);
  });
});

describe('the bill of instances', () => {
  test('of nine c6a.2xlarge and two r7i.2xlarge is 24 hours each, whoever ran before them', () => {
    const hours = (usageType: string, ago: number) =>
      matching(dayOf(ago), (row) => row.usageType === usageType).reduce((all, row) => all + Number(row.quantity), 0);
    for (const ago of [1, 5, 20, 50]) {
      expect(hours('BoxUsage:c6a.2xlarge', ago)).toBeCloseTo(216, 6);
      expect(hours('USE1-ECS-Managed-Instances:c6a.2xlarge-management-hours', ago)).toBeCloseTo(216, 6);
      expect(hours('BoxUsage:r7i.2xlarge', ago)).toBeCloseTo(48, 6);
    }
    // 14 hours of today.
    expect(hours('BoxUsage:c6a.2xlarge', 0)).toBeCloseTo(9 * 14, 6);
  });

  test('names the cluster of Managed Instances and not that of the Auto Scaling group', () => {
    const day = dayOf(1);
    expect(matching(day, ofCluster('daisy')).map(({ usageType }) => usageType)).toContain('EU-BoxUsage:m7g.xlarge');
    expect(matching(day, ofCluster('tulip')).every(({ usageType }) => usageType.includes('Fargate'))).toBe(true);
    // 8 x 24 x 0.3852 = 73.9584.
    const untagged = matching(day, (row) => row.usageType === 'EU-BoxUsage:m6a.2xlarge');
    expect(untagged.map(({ tags }) => tags[CLUSTER])).toEqual(['']);
    expect(sum(untagged)).toBeCloseTo(73.9584, 6);
  });

  test('charges the fee at 12 % of on-demand, on Spot too', () => {
    // c7g.2xlarge: 0.3101 x 0.12 x 48 h = 1.786176.
    const fee = matching(dayOf(1), (row) => row.usageType.includes('Managed-Instances:c7g.2xlarge'));
    expect(sum(fee)).toBeCloseTo(1.786176, 6);
  });

  test('charges Spot at the price that EC2 shows', () => {
    const prices = tulip.ec2.spotPrices.filter(({ InstanceType }) => InstanceType === 'm5.2xlarge');
    const newest = (az: string) =>
      Number(
        [...prices]
          .filter(({ AvailabilityZone }) => AvailabilityZone === az)
          .sort((a, b) => (b.Timestamp?.getTime() ?? 0) - (a.Timestamp?.getTime() ?? 0))[0]?.SpotPrice,
      );
    const billed = sum(matching(dayOf(1), (row) => row.usageType === 'EU-SpotUsage:m5.2xlarge'));
    expect(billed).toBeCloseTo(24 * (newest('eu-west-1a') + newest('eu-west-1c')), 6);
  });

  test('meters tasks on the group at no charge', () => {
    const rows = matching(dayOf(1), ({ usageType }) => /ECS-EC2-(vCPU|GB)-Hours$/.test(usageType));
    expect(rows.map(({ usd }) => Number(usd))).toEqual([0, 0]);
    expect(Number(rows[0]?.quantity)).toBe(10 * 8 * 24);
  });
});

describe('the bill', () => {
  test('goes back sixty days and not past now', () => {
    expect(world.costs(dayOf(60)).length).toBeGreaterThan(50);
    expect(world.costs(dayOf(-1))).toEqual([]);
    expect(world.costs('2020-01-01')).toEqual([]);
    expect(world.costs('yesterday')).toEqual([]);
  });

  test('of today grows with the clock, and of yesterday does not', () => {
    let now = NOW;
    const moving = createWorld({ now: () => now });
    const yesterday = sum(moving.costs(dayOf(1)));
    const today = sum(moving.costs(dayOf(0)));
    now = new Date(NOW.getTime() + 2 * DAY_MS);
    expect(sum(moving.costs(dayOf(1)))).toBe(yesterday);
    expect(sum(moving.costs(dayOf(0)))).toBeGreaterThan(today * 1.5);
    expect(moving.costs(dayOf(-1)).length).toBeGreaterThan(50);
  });

  test('has decimal amounts that are never below zero', () => {
    for (const { usd, quantity } of world.costs(dayOf(1))) {
      expect(usd).toMatch(/^\d+\.\d{10}$/);
      expect(quantity).toMatch(/^\d+\.\d{10}$/);
    }
  });
});
