import { describe, expect, test } from 'vitest';
import { describeFamily, describeService } from '../../src/commands/service-flags.ts';
import type { ClusterView, RegionPart, Service, TaskDefinition } from '../../src/engine/index.ts';
import { aContainer, aDefinition, aRegion, aService, aView } from '../engine/cost-builders.ts';

/** The description of one service with this definition, in a cluster with these others. */
function described(
  service: Partial<Service>,
  definition: Partial<TaskDefinition> = {},
  around: Partial<Omit<ClusterView, 'region'>> & { readonly region?: RegionPart } = {},
) {
  const mine = aDefinition('api', definition);
  const asked = aService('api', { taskDefinition: mine.arn, ...service });
  const { region = null, ...rest } = around;
  const view = aView({
    ...rest,
    services: [asked, ...(rest.services ?? [])],
    taskDefinitions: [mine, ...(rest.taskDefinitions ?? [])],
  });
  return describeService({ view, region }, asked);
}

const provider = (changes: object) =>
  ({ name: 'p', arn: 'arn:p', status: 'ACTIVE', tags: {}, ...changes }) as ClusterView['providers'][number];
const managed = (name: string, optionType = 'on-demand') =>
  provider({
    kind: 'managed-instances',
    name,
    optionType,
    scaleInAfterSeconds: null,
    requirements: null,
    storageGiB: null,
    subnets: [],
    reservationPreference: null,
    propagateTags: false,
  });
const on = (name: string) => [{ capacityProvider: name, weight: 1, base: 0 }];

describe('a service as flags', () => {
  test('takes size, count and architecture from what runs', () => {
    const { flags } = described({ desiredCount: 3 }, { cpuUnits: 512, memoryMiB: 3_072, architecture: 'arm64' });
    expect(flags).toMatchObject({ vcpu: '0.5', memory: '3', tasks: '3', arch: 'arm64' });
  });

  test('adds containers up where the task has no size, memory by what placement counts', () => {
    const containers = [
      aContainer({ cpuUnits: 256, memoryMiB: 1_024, memoryReservationMiB: 512 }),
      aContainer({ cpuUnits: 128, memoryMiB: 300 }),
    ];
    const { flags, notes } = described({}, { cpuUnits: null, memoryMiB: null, containers });
    // 256 + 128 units; 512 (soft) + 300 (hard only) MiB.
    expect(flags).toMatchObject({ vcpu: '0.375', memory: '812MiB' });
    expect(notes.join()).toContain('the sum of its containers, memory by their soft limits');
  });

  test.each<[string, Partial<TaskDefinition>, string]>([
    ['a privileged container', { containers: [aContainer({ privileged: true })] }, 'privileged'],
    ['CAP_BPF', { containers: [aContainer({ linuxCapabilities: ['BPF'] })] }, 'ebpf'],
    ['the host network', { networkMode: 'host' }, 'host-network'],
    ['bridge mode', { networkMode: 'bridge' }, 'bridge-network'],
    ['no network mode on EC2, which is bridge', { networkMode: null }, 'bridge-network'],
    ['a Docker volume', { volumes: [{ name: 'v', kind: 'docker' }] }, 'docker-volume'],
    ['two GPUs', { containers: [aContainer({ gpus: 2 })] }, 'gpu:2'],
    ['Neuron devices', { containers: [aContainer({ neuronDevices: true })] }, 'neuron'],
    [
      'a placement constraint',
      { placementConstraints: [{ type: 'memberOf', expression: 'x' }] },
      'placement-constraint',
    ],
  ])('%s is a need', (_what, definition, need) => {
    expect(described({}, definition).flags.needs?.split(',')).toContain(need);
  });

  test('no network mode in a definition that Fargate takes is awsvpc', () => {
    expect(described({}, { networkMode: null, requiresCompatibilities: ['FARGATE'] }).flags.needs).toBeUndefined();
  });

  test('what runs on Spot may be interrupted; its own vCPU do not count against its quota', () => {
    const { flags, vcpuByQuota, runsOn } = described(
      { strategy: on('FARGATE_SPOT'), launchType: null, runningCount: 4 },
      { cpuUnits: 2_048 },
    );
    expect(flags.interruptible).toBeNull();
    expect(vcpuByQuota).toEqual({ 'L-36FBB829': 8 });
    expect(runsOn).toBe('Fargate Spot');
    const onDemand = described({ strategy: on('FARGATE'), launchType: null, runningCount: 4 }, { cpuUnits: 2_048 });
    expect(onDemand.flags).not.toHaveProperty('interruptible');
    expect(onDemand.vcpuByQuota).toEqual({ 'L-3032A538': 8 });
  });

  test('a daemon is counted by its running tasks and needs a daemon', () => {
    const { flags } = described({ schedulingStrategy: 'DAEMON', desiredCount: 9, runningCount: 7 });
    expect(flags).toMatchObject({ tasks: '7', needs: 'daemon' });
  });

  test('daemons of the cluster and empty reservations come along', () => {
    const daemon = aDefinition('agent', { cpuUnits: 128, memoryMiB: 256 });
    const services = [aService('agent', { schedulingStrategy: 'DAEMON', taskDefinition: daemon.arn })];
    const reservation = (id: string, available: number, state = 'active') => ({
      id,
      instanceType: 'm7i.4xlarge',
      az: 'a',
      total: 4,
      available,
      state,
      startedAt: null,
      endsAt: null,
    });
    const region = aRegion({
      capacityReservations: [reservation('1', 3), reservation('2', 0), reservation('3', 4, 'expired')],
    });
    const { flags } = described({}, {}, { services, taskDefinitions: [daemon], region });
    expect(flags).toMatchObject({ 'daemon-cpu': '0.125', 'daemon-memory': '256MiB', reserved: 'm7i.4xlarge=3' });
  });

  test('says what cannot be replaced, what is shared, and what bridge mode costs', () => {
    const alone = {
      minimumHealthyPercent: 100,
      maximumPercent: 100,
      strategy: 'ROLLING',
      circuitBreaker: false,
      inProgress: false,
    };
    expect(described({ desiredCount: 1, deployment: alone }).notes.join()).toContain(
      'no drain and no deployment can replace',
    );
    expect(described({ desiredCount: 2, deployment: alone }).notes.join()).not.toContain('no drain');
    expect(described({ desiredCount: 1, deployment: { ...alone, maximumPercent: 200 } }).notes.join()).not.toContain(
      'no drain',
    );

    const shared = described(
      { strategy: on('mi'), launchType: null },
      {},
      {
        providers: [managed('mi')],
        services: [aService('b', { strategy: on('mi') }), aService('c', { strategy: on('other') })],
      },
    );
    expect(shared.notes).toContain('it shares the instances of mi with 1 other service');
    expect(described({}, { networkMode: 'bridge' }).notes.join()).toContain('no security group of their own');
  });

  test('a deployment, autoscaling and zero tasks are said', () => {
    const autoscaling = { min: 2, max: 9, policies: [] };
    const deployment = {
      minimumHealthyPercent: 100,
      maximumPercent: 200,
      strategy: 'ROLLING',
      circuitBreaker: false,
      inProgress: true,
    };
    const { flags, notes } = described({ desiredCount: 0, autoscaling, deployment });
    expect(flags.tasks).toBe('1');
    expect(notes.join()).toMatch(/scaled to zero.*between 2 and 9 tasks.*deployment is under way/);
  });
});

describe('a family of short tasks', () => {
  const sample = (index: number, minutesAgo: number, changes: object = {}) => ({
    task: `t${index}`,
    taskDefinition: 'batch:1',
    group: 'family:batch',
    pullSeconds: 25,
    runSeconds: 40,
    stoppedAt: new Date(Date.UTC(2026, 10, 24, 12) - minutesAgo * 60_000).toISOString(),
    stopCode: null,
    ...changes,
  });
  const view = (samples: readonly ReturnType<typeof sample>[]) =>
    aView({ taskDefinitions: [aDefinition('batch')], samples: [{ family: 'batch', samples }] });
  const place = (samples: readonly ReturnType<typeof sample>[]) => ({ view: view(samples), region: null });

  test('is asked about by medians, and by the rate of the newest hour', () => {
    // One every minute for 50 minutes: 1,440 a day. An older burst does not count.
    const recent = Array.from({ length: 51 }, (_, index) => sample(index, index));
    const old = Array.from({ length: 40 }, (_, index) => sample(100 + index, 600 + index / 10));
    const { flags } = describeFamily(place([...recent, ...old]), 'batch') ?? { flags: {} };
    expect(flags).toMatchObject({ run: '40s', pull: '25s', 'per-day': '1440', vcpu: '1', memory: '2' });
  });

  test('says what loading the image lazily could save on Fargate, when that is worth it', () => {
    // 25 + 40 = 65 s billed, 60 s at least: 5 of 65 = 8 %. With 10 s of pull 60 s are billed either way.
    const notes = (pullSeconds: number) =>
      describeFamily(place([sample(1, 1, { pullSeconds }), sample(2, 2, { pullSeconds })]), 'batch')?.notes.join() ??
      '';
    expect(notes(25)).toContain('would save at most 8 % of it on Fargate');
    expect(notes(10)).not.toContain('SOCI');
  });

  test('is unknown without at least two stopped tasks', () => {
    expect(describeFamily(place([sample(1, 1)]), 'batch')).toBeNull();
    expect(describeFamily(place([sample(1, 1), sample(2, 2)]), 'other')).toBeNull();
  });
});
