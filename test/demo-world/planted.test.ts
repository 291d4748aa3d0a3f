import type { Task } from '@aws-sdk/client-ecs';
import { describe, expect, test } from 'vitest';
import { openHours } from '../../demo/aws/handlers/ec2-window-rules.ts';
import type { AccountState, CostRow, RegionState } from '../../demo/aws/state.ts';
import { createWorld } from '../../demo/aws/world/index.ts';
import findings from '../../demo/aws/world/planted.json' with { type: 'json' };
import { openLibrary } from '../../src/data.ts';

const NOW = new Date('2026-11-24T14:00:00Z');
const TODAY = Date.parse('2026-11-24T00:00:00Z');
const DAY_MS = 86_400_000;
const world = createWorld({ now: () => NOW });
const library = openLibrary();
const YESTERDAY = '2026-11-23';

type Finding = {
  readonly id: string;
  readonly kind: string;
  readonly account: string;
  readonly region: string;
  readonly cluster: string | null;
  readonly subject: string;
  readonly verb: string;
  readonly expect: Readonly<Record<string, unknown>>;
  readonly why: string;
};

/** A finding and the part of the world that it names. */
type Scene = { readonly finding: Finding; readonly account: AccountState; readonly region: RegionState };

function sceneOf(finding: Finding): Scene {
  const account = world.accounts.find(({ name }) => name === finding.account);
  const region = account?.regions.get(finding.region);
  if (account === undefined || region === undefined) throw new Error(`${finding.id}: no such place`);
  return { finding, account, region };
}

const clusterArn = ({ region, finding }: Scene): string =>
  region.ecs.clusters.find(({ clusterName }) => clusterName === finding.cluster)?.clusterArn ?? '';
const tasksOf = (scene: Scene): readonly Task[] => scene.region.ecs.tasks.get(clusterArn(scene)) ?? [];
const instancesOf = (scene: Scene) => scene.region.ecs.containerInstances.get(clusterArn(scene)) ?? [];

function serviceOf(scene: Scene) {
  const services = scene.region.ecs.services.get(clusterArn(scene)) ?? [];
  const service = services.find(({ serviceName }) => serviceName === scene.finding.subject);
  if (service === undefined) throw new Error(`${scene.finding.id}: no such service`);
  return service;
}

function sizeOf(scene: Scene): { readonly cpuUnits: number; readonly memoryMiB: number } {
  const definition = scene.region.ecs.taskDefinitions.get(serviceOf(scene).taskDefinition ?? '')?.definition;
  return { cpuUnits: Number(definition?.cpu), memoryMiB: Number(definition?.memory) };
}

function metric(scene: Scene, name: 'CPUUtilization' | 'MemoryUtilization', stat: string, days = 14): number | null {
  const points = scene.region.metric({
    namespace: 'AWS/ECS',
    name,
    dimensions: { ClusterName: scene.finding.cluster ?? '', ServiceName: scene.finding.subject },
    stat,
    periodSeconds: days * 86_400,
    start: new Date(TODAY - days * DAY_MS),
    end: new Date(TODAY),
  });
  return points[0]?.value ?? null;
}

const policyOf = ({ region, finding }: Scene) =>
  region.scalingPolicies.find(({ ResourceId }) => ResourceId === `service/${finding.cluster}/${finding.subject}`)
    ?.TargetTrackingScalingPolicyConfiguration;
const adviceOf = ({ region, finding }: Scene) =>
  region.computeOptimizer.find(({ serviceArn }) => serviceArn?.endsWith(`/${finding.cluster}/${finding.subject}`));

const sum = (rows: readonly CostRow[]): number => rows.reduce((total, { usd }) => total + Number(usd), 0);
const billed = (wanted: (row: CostRow) => boolean, days = 1): number =>
  Array.from({ length: days }, (_, ago) => new Date(TODAY - (ago + 1) * DAY_MS).toISOString().slice(0, 10)).reduce(
    (total, day) => total + sum(world.costs(day).filter(wanted)),
    0,
  );

const GIB = 1024;
type Size = { readonly cpuUnits: number; readonly memoryMiB: number };
function monthly(scene: Scene, size: Size, tasks: number): number {
  const { vcpuUsdPerHour, gibUsdPerHour } = library.prices(scene.finding.region).fargate.x86_64;
  const hourly = (size.cpuUnits / 1024) * Number(vcpuUsdPerHour) + (size.memoryMiB / GIB) * Number(gibUsdPerHour);
  return hourly * tasks * 730;
}

/** Sizes, use and price of a service that is too large or too small. */
function checkSize(scene: Scene): void {
  const { expect: wanted } = scene.finding;
  const [from, to, tasks] = [wanted.from as Size, wanted.to as Size, Number(wanted.tasks)];
  expect(sizeOf(scene)).toEqual(from);
  expect(serviceOf(scene).desiredCount).toBe(tasks);
  expect(metric(scene, 'CPUUtilization', 'p95')).toBeCloseTo(Number(wanted.cpuP95Percent), 6);
  const memory = metric(scene, 'MemoryUtilization', 'p95') ?? 0;
  expect(((memory / 100) * from.memoryMiB) / GIB).toBeCloseTo(Number(wanted.memoryP95GiB), 6);
  expect(monthly(scene, from, tasks)).toBeCloseTo(Number(wanted.usdPerMonth), 6);
  expect(monthly(scene, from, tasks) - monthly(scene, to, tasks)).toBeCloseTo(Number(wanted.usdPerMonthSaved), 6);
  expect(adviceOf(scene) !== undefined).toBe(wanted.source === 'compute-optimizer');
  if (wanted.source !== 'compute-optimizer') return;
  const [option] = adviceOf(scene)?.serviceRecommendationOptions ?? [];
  expect({ cpuUnits: option?.cpu, memoryMiB: option?.memory }).toEqual(to);
}

const TEXT_AT: Readonly<Record<string, (scene: Scene, key: string) => string | undefined>> = {
  'cluster-tag': (scene, key) =>
    scene.region.ecs.clusters
      .find(({ clusterName }) => clusterName === scene.finding.subject)
      ?.tags?.find((tag) => tag.key === key)?.value,
  'service-tag': (scene, key) => serviceOf(scene).tags?.find((tag) => tag.key === key)?.value,
  'provider-tag': (scene, key) =>
    scene.region.ecs.capacityProviders
      .find(({ name }) => name === scene.finding.subject)
      ?.tags?.find((tag) => tag.key === key)?.value,
  image: (scene, key) =>
    scene.region.ecs.taskDefinitions
      .get(serviceOf(scene).taskDefinition ?? '')
      ?.definition.containerDefinitions?.find(({ name }) => name === key)?.image,
};

/** One look per kind: is it really there, with the figures that the file gives? */
const LOOK: Readonly<Record<string, (scene: Scene) => void>> = {
  oversized: checkSize,
  undersized: checkSize,
  'cpu-target-tracking': (scene) => {
    expect(policyOf(scene)?.PredefinedMetricSpecification?.PredefinedMetricType).toBe(
      'ECSServiceAverageCPUUtilization',
    );
    expect(policyOf(scene)?.TargetValue).toBe(scene.finding.expect.target);
    expect(adviceOf(scene)).toBeUndefined();
    expect(metric(scene, 'CPUUtilization', 'p95')).toBeGreaterThan(78);
  },
  'deployment-in-progress': (scene) => {
    const deployments = serviceOf(scene).deployments ?? [];
    expect(deployments).toHaveLength(Number(scene.finding.expect.deployments));
    expect(deployments[0]?.rolloutState).toBe('IN_PROGRESS');
    expect(metric(scene, 'CPUUtilization', 'p95')).toBeLessThan(25);
  },
  'young-service': (scene) => {
    const hours = (NOW.getTime() - (serviceOf(scene).createdAt?.getTime() ?? 0)) / 3_600_000;
    expect(hours).toBeCloseTo(Number(scene.finding.expect.hours), 6);
  },
  'no-tasks-wanted': (scene) => {
    expect(serviceOf(scene).desiredCount).toBe(0);
    expect(metric(scene, 'CPUUtilization', 'SampleCount', 1)).toBe(scene.finding.expect.taskMinutesPerWeekday);
  },
  'batch-family': (scene) => {
    const { expect: wanted, subject } = scene.finding;
    const ended = tasksOf(scene).filter(({ group }) => group === `family:${subject}`);
    expect(ended).toHaveLength(Number(wanted.samples));
    const average = (seconds: (task: Task) => number) =>
      ended.reduce((total, task) => total + seconds(task), 0) / ended.length;
    const between = (from: Date | undefined, to: Date | undefined) =>
      ((to?.getTime() ?? 0) - (from?.getTime() ?? 0)) / 1000;
    expect(
      Math.abs(average((task) => between(task.startedAt, task.stoppedAt)) - Number(wanted.runSeconds)),
    ).toBeLessThan(1);
    expect(
      Math.abs(average((task) => between(task.pullStartedAt, task.pullStoppedAt)) - Number(wanted.pullSeconds)),
    ).toBeLessThan(1);
    for (const task of ended) {
      expect(task.lastStatus).toBe('STOPPED');
      expect(NOW.getTime() - (task.stoppedAt?.getTime() ?? 0)).toBeLessThan(3_600_000);
    }
    expect([ended[0]?.cpu, ended[0]?.memory]).toEqual([String(wanted.cpuUnits), String(wanted.memoryMiB)]);
  },
  'billed-batch': ({ finding }) => {
    const rows = (row: CostRow) => row.tags['aws:ecs:clusterName'] === 'rose' && row.tags['aws:ecs:serviceName'] === '';
    expect(billed(rows)).toBeCloseTo(Number(finding.expect.usdPerDay), 6);
  },
  'billed-spot-rate': ({ finding: { expect: wanted } }) => {
    const rates = library.prices('eu-west-1').fargateSpot.x86_64;
    const rows = world.costs(YESTERDAY).filter(({ usageType }) => usageType.includes('SpotUsage-Fargate'));
    const hours = (part: string) =>
      rows.filter(({ usageType }) => usageType.includes(part)).reduce((total, row) => total + Number(row.quantity), 0);
    expect([hours('vCPU'), hours('GB')]).toEqual([wanted.vcpuHoursPerDay, wanted.gibHoursPerDay]);
    expect(sum(rows)).toBeCloseTo(Number(wanted.billedUsdPerDay), 6);
    const modelled = hours('vCPU') * Number(rates?.vcpuUsdPerHour) + hours('GB') * Number(rates?.gibUsdPerHour);
    expect(modelled).toBeCloseTo(Number(wanted.modelledUsdPerDay), 6);
  },
  'billed-untagged': (scene) => {
    expect(serviceOf(scene).enableECSManagedTags).toBe(false);
    const rows = (row: CostRow) =>
      row.account === scene.account.id && row.usageType.includes('Fargate') && row.tags['aws:ecs:clusterName'] === '';
    expect(billed(rows)).toBeCloseTo(Number(scene.finding.expect.usdPerDay), 6);
  },
  'billed-ended-instances': (scene) => {
    const { expect: wanted, subject } = scene.finding;
    const days = Number(wanted.days);
    const rows = (row: CostRow) => row.tags['aws:ecs:clusterName'] === subject;
    expect(billed(rows, days).toFixed(2)).toBe(wanted.billedUsd);
    const prices = library.prices(scene.finding.region);
    const spot = (type: string, az: string) =>
      Number(
        scene.region.ec2.spotPrices.find(
          ({ InstanceType, AvailabilityZone }) => InstanceType === type && AvailabilityZone === az,
        )?.SpotPrice,
      );
    let [hours, usd] = [0, 0];
    for (const { InstanceId } of instancesOf(scene).map((one) => ({ InstanceId: one.ec2InstanceId }))) {
      const machine = scene.region.ec2.instances.find((one) => one.InstanceId === InstanceId);
      const type = machine?.InstanceType ?? '';
      const before = Math.max(0, (machine?.LaunchTime?.getTime() ?? 0) - (TODAY - days * DAY_MS)) / 3_600_000;
      const onDemand = Number(prices.onDemand[type]?.usdPerHour);
      const box =
        machine?.InstanceLifecycle === 'spot' ? spot(type, machine.Placement?.AvailabilityZone ?? '') : onDemand;
      hours += before;
      usd += before * (box + 0.12 * onDemand + (80 * Number(prices.gp3.gibUsdPerMonth)) / 730);
    }
    expect(hours).toBe(wanted.instanceHours);
    expect(usd.toFixed(2)).toBe(wanted.endedUsd);
  },
  'plan-unused': ({ account, finding: { expect: wanted } }) => {
    expect(account.savingsPlans.map(({ commitment, state }) => `${commitment} ${state}`)).toEqual([
      `${wanted.committedUsdPerHour} active`,
    ]);
    const unused = billed((row) => row.account === account.id && row.service.startsWith('Savings Plans'));
    expect(unused).toBeCloseTo(Number(wanted.unusedUsdPerDay), 6);
    const used = billed((row) => row.account === account.id && row.usageType.includes('BoxUsage'));
    expect(used / 24).toBeCloseTo(Number(wanted.usedUsdPerHour), 6);
  },
  'billed-plan-discount': ({ account, finding: { expect: wanted, subject } }) => {
    const rows = (row: CostRow) => row.account === account.id && row.usageType === `EU-BoxUsage:${subject}`;
    expect(billed(rows)).toBeCloseTo(Number(wanted.billedUsdPerDay), 6);
    expect(6 * 24 * Number(library.prices('eu-west-1').onDemand[subject]?.usdPerHour)).toBeCloseTo(
      Number(wanted.onDemandUsdPerDay),
      6,
    );
  },
  'reservation-empty': ({ region, account, finding: { expect: wanted, subject } }) => {
    const reservation = region.ec2.capacityReservations.find(({ InstanceType }) => InstanceType === subject);
    expect([reservation?.TotalInstanceCount, reservation?.AvailableInstanceCount]).toEqual([
      wanted.total,
      wanted.empty,
    ]);
    expect((TODAY - (reservation?.StartDate?.getTime() ?? 0)) / DAY_MS).toBe(wanted.days);
    const rows = (row: CostRow) => row.account === account.id && row.usageType === `EU-UnusedBox:${subject}`;
    expect(billed(rows)).toBeCloseTo(Number(wanted.usdPerDay), 6);
    expect(billed(rows, 30)).toBeCloseTo(Number(wanted.usdSinceThen), 6);
  },
  'idle-instance': (scene) => {
    const { expect: wanted, subject } = scene.finding;
    const instance = instancesOf(scene).find(({ ec2InstanceId }) => ec2InstanceId === subject);
    expect(instance?.runningTasksCount).toBe(wanted.tasks);
    const others = instancesOf(scene).filter((one) => one !== instance);
    expect(Math.min(...others.map(({ runningTasksCount }) => runningTasksCount ?? 0))).toBeGreaterThan(1);
    const integer = (
      resources: typeof instance extends undefined ? never : NonNullable<typeof instance>['registeredResources'],
      name: string,
    ) => resources?.find((one) => one.name === name)?.integerValue ?? 0;
    for (const name of ['CPU', 'MEMORY']) {
      const idle = integer(instance?.remainingResources, name) / integer(instance?.registeredResources, name);
      expect(idle * 100).toBeGreaterThan(Number(wanted.idleAtLeastPercent));
    }
    const prices = library.prices(scene.finding.region);
    const month =
      Number(prices.onDemand[String(wanted.type)]?.usdPerHour) * 730 + 30 * Number(prices.gp3.gibUsdPerMonth);
    expect(month).toBeCloseTo(Number(wanted.usdPerMonth), 6);
  },
  'never-consolidates': (scene) => {
    const { expect: wanted, subject } = scene.finding;
    const provider = scene.region.ecs.capacityProviders.find(({ name }) => name === subject)?.managedInstancesProvider;
    expect(provider?.infrastructureOptimization?.scaleInAfter).toBe(wanted.scaleInAfter);
    const instances = instancesOf(scene).filter(({ capacityProviderName }) => capacityProviderName === subject);
    expect(instances).toHaveLength(Number(wanted.instances));
    const tasks = tasksOf(scene).filter(({ capacityProviderName }) => capacityProviderName === subject);
    const total = (pick: (task: Task) => string | undefined) =>
      tasks.reduce((all, task) => all + Number(pick(task)), 0);
    expect(total(({ cpu }) => cpu)).toBe(wanted.cpuUnits);
    expect(total(({ memory }) => memory)).toBe(wanted.memoryMiB);
    // 33.5 vCPU need more than four of 8.
    expect(Math.ceil(Number(wanted.cpuUnits) / 8192)).toBe(wanted.enough);
    const isProtected = (task: Task) => scene.region.ecs.protection.get(task.taskArn ?? '')?.protectionEnabled === true;
    expect(tasks.filter(isProtected)).toHaveLength(Number(wanted.protectedTasks));
  },
  'quota-nearly-full': ({ region, finding: { expect: wanted, subject } }) => {
    const quota = region.quotas.find(({ QuotaCode }) => QuotaCode === subject);
    const usage = (start: number, end: number) =>
      region.metric({
        namespace: quota?.UsageMetric?.MetricNamespace ?? '',
        name: quota?.UsageMetric?.MetricName ?? '',
        dimensions: quota?.UsageMetric?.MetricDimensions ?? {},
        stat: 'Maximum',
        periodSeconds: (end - start) / 1000,
        start: new Date(start),
        end: new Date(end),
      })[0]?.value;
    expect(quota?.Value).toBe(wanted.limit);
    expect(usage(TODAY - 7 * DAY_MS, TODAY)).toBe(wanted.maximumLastWeek);
    expect(usage(NOW.getTime() - 60_000, NOW.getTime())).toBe(wanted.now);
  },
  'no-surge-deployment': (scene) => {
    const { desiredCount, deploymentConfiguration } = serviceOf(scene);
    expect(desiredCount).toBe(scene.finding.expect.tasks);
    expect(deploymentConfiguration?.minimumHealthyPercent).toBe(scene.finding.expect.minimumHealthyPercent);
    expect(deploymentConfiguration?.maximumPercent).toBe(scene.finding.expect.maximumPercent);
  },
  'untrusted-text': (scene) => {
    const { where, key, text } = scene.finding.expect;
    expect(TEXT_AT[String(where)]?.(scene, String(key))).toBe(text);
  },
  'scheduled-event': ({ region, finding: { expect: wanted, subject } }) => {
    const [event] = region.ec2.statuses.find(({ InstanceId }) => InstanceId === subject)?.Events ?? [];
    expect([event?.Code, event?.Description]).toEqual([wanted.code, wanted.text]);
    expect(((event?.NotBefore?.getTime() ?? 0) - TODAY) / 3_600_000).toBe(wanted.inHoursFromMidnight);
  },
  'optimizer-off': ({ account, region, finding }) => {
    expect(account.computeOptimizer).toBe(finding.expect.status);
    expect(region.computeOptimizer).toEqual([]);
  },
  'tag-inactive': ({ account, finding }) => {
    expect(world.payer).toBe(account.id);
    const active = world.costAllocationTags.filter((tag) => tag.active).map(({ key }) => key);
    expect(active).toEqual(finding.expect.active);
    expect(world.costAllocationTags.map(({ key }) => key)).toContain(finding.subject);
  },
  'draining-instance': (scene) => {
    const { expect: wanted, subject } = scene.finding;
    const draining = instancesOf(scene).filter(
      ({ status, capacityProviderName }) => status === 'DRAINING' && capacityProviderName === subject,
    );
    expect(draining).toHaveLength(1);
    expect(draining[0]?.runningTasksCount).toBe(wanted.tasks);
    const machine = scene.region.ec2.instances.find(({ InstanceId }) => InstanceId === draining[0]?.ec2InstanceId);
    expect(Math.floor((TODAY - (machine?.LaunchTime?.getTime() ?? 0)) / DAY_MS)).toBe(wanted.ageDays);
  },
  'window-misses': ({ region, finding: { subject, expect: wanted } }) => {
    const window = region.ec2.eventWindows.find(({ Name }) => Name === subject);
    const [tag] = window?.AssociationTarget?.Tags ?? [];
    expect(tag?.Key).toBe(wanted.key);
    const carriers = region.ec2.instances.filter(({ Tags = [] }) => Tags.some(({ Key }) => Key === tag?.Key));
    expect(carriers.length).toBeGreaterThan(0);
    const matched = carriers.filter(({ Tags = [] }) =>
      Tags.some(({ Key, Value }) => Key === tag?.Key && Value === tag?.Value),
    );
    expect(matched).toHaveLength(Number(wanted.instances));
    const open = openHours(window ?? {});
    expect(open.size).toBe(wanted.hoursPerWeek);
    // Monday and Friday at 23:00: 24 + 23 = 47 and 5 x 24 + 23 = 143 hours after Sunday midnight.
    expect((wanted.uncoveredHours as readonly number[]).filter((hour) => open.has(hour))).toEqual([]);
  },
  'window-overlap': ({ region, finding: { subject, expect: wanted } }) => {
    const machines = region.ec2.instances.filter(({ Tags = [] }) =>
      Tags.some(({ Key, Value }) => Key === 'aws:ecs:capacityProviderName' && Value === subject),
    );
    expect(machines).toHaveLength(Number(wanted.instances));
    for (const { Tags = [] } of machines) {
      const carried = new Set(Tags.map(({ Key, Value }) => `${Key}=${Value}`));
      const matching = region.ec2.eventWindows.filter(({ AssociationTarget }) =>
        (AssociationTarget?.Tags ?? []).some(({ Key, Value }) => carried.has(`${Key}=${Value}`)),
      );
      expect(matching.map(({ Name }) => Name)).toEqual(wanted.windows);
    }
  },
  'shards-stop-first': (scene) => {
    const { expect: wanted, subject, cluster } = scene.finding;
    const services = scene.region.ecs.services.get(clusterArn(scene)) ?? [];
    const shards = services.filter(
      ({ desiredCount, deploymentConfiguration, capacityProviderStrategy }) =>
        desiredCount === 1 &&
        deploymentConfiguration?.maximumPercent === 100 &&
        capacityProviderStrategy?.[0]?.capacityProvider === subject,
    );
    expect(shards.map(({ serviceName }) => serviceName)).toEqual(wanted.services);
    const names = scene.region.ec2.eventWindows.filter(({ AssociationTarget }) =>
      (AssociationTarget?.Tags ?? []).some(({ Key, Value }) => Key === 'aws:ecs:clusterName' && Value === cluster),
    );
    expect(names.map(({ Name }) => Name)).toEqual(wanted.windows);
  },
};

describe('planted findings', () => {
  test.each((findings as readonly Finding[]).map((finding) => [finding.id, finding] as const))(
    '%s is in the world as the file says',
    (_, finding) => {
      const look = LOOK[finding.kind];
      expect(look, `nothing looks for ${finding.kind}`).toBeDefined();
      look?.(sceneOf(finding));
    },
  );

  test('have ids of their own, and every kind is planted', () => {
    expect(new Set(findings.map(({ id }) => id)).size).toBe(findings.length);
    expect(new Set(findings.map(({ kind }) => kind))).toEqual(new Set(Object.keys(LOOK)));
  });
});

describe('services that nothing is planted in', () => {
  test('use 78 to 83 % of what they reserve at the 95th percentile, and at most 89 % of their memory', () => {
    const planted = new Set(findings.map(({ cluster, subject }) => `${cluster}/${subject}`));
    for (const account of world.accounts) {
      for (const region of account.regions.values()) {
        for (const cluster of region.ecs.clusters) {
          for (const service of region.ecs.services.get(cluster.clusterArn ?? '') ?? []) {
            const name = `${cluster.clusterName}/${service.serviceName}`;
            if (planted.has(name) && service.serviceName !== 'quant-api') continue;
            const finding = { cluster: cluster.clusterName ?? '', subject: service.serviceName ?? '' } as Finding;
            const scene: Scene = { finding, account, region };
            for (const what of ['CPUUtilization', 'MemoryUtilization'] as const) {
              expect(metric(scene, what, 'p95'), name).toBeGreaterThan(78);
              expect(metric(scene, what, 'p95'), name).toBeLessThan(83);
            }
            expect(metric(scene, 'MemoryUtilization', 'Maximum'), name).toBeLessThan(89);
          }
        }
      }
    }
  });
});
