import type * as ecs from '@aws-sdk/client-ecs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toRunSample, toTask, toTaskDefinition } from '../../src/aws/shapes-task.ts';

const ARN = 'arn:aws:ecs:eu-west-1:111122223333';
const WEB_7 = `${ARN}:task-definition/web:7`;

const definition = (rest: Partial<ecs.TaskDefinition>) => toTaskDefinition({ taskDefinitionArn: WEB_7, ...rest });
const container = (rest: Partial<ecs.ContainerDefinition>, networkMode?: ecs.NetworkMode) =>
  definition({ networkMode, containerDefinitions: [{ name: 'app', ...rest }] })?.containers[0];
const aTask = (rest: Partial<ecs.Task>): ecs.Task => ({
  taskArn: `${ARN}:task/rose/1`,
  taskDefinitionArn: WEB_7,
  group: 'service:web',
  ...rest,
});

describe('a task definition', () => {
  test('is Linux on x86_64 unless it says otherwise', () => {
    expect(definition({})).toMatchObject({ architecture: 'x86_64', operatingSystem: 'LINUX' });
    expect(
      definition({ runtimePlatform: { cpuArchitecture: 'ARM64', operatingSystemFamily: 'LINUX' } })?.architecture,
    ).toBe('arm64');
    expect(
      definition({ runtimePlatform: { operatingSystemFamily: 'WINDOWS_SERVER_2022_CORE' } })?.operatingSystem,
    ).toBe('WINDOWS_SERVER_2022_CORE');
  });

  test('has family and revision, from its ARN where need be', () => {
    expect(definition({})).toMatchObject({ family: 'web', revision: 7 });
    expect(definition({ family: 'other', revision: 9 })).toMatchObject({ family: 'other', revision: 9 });
    expect(toTaskDefinition({ taskDefinitionArn: '<arn:1>' })).toBeNull();
  });

  test.each<[string | undefined, number | null]>([
    ['256', 256],
    ['1 vCPU', 1024],
    ['1vcpu', 1024],
    ['.25 vCPU', 256],
    ['0.5 VCPU', 512],
    ['4 vCPUs', 4096],
    [undefined, null],
    ['', null],
    ['a lot', null],
    ['-1', null],
    ['1e3', null],
  ])('with cpu %j has %j units', (cpu, units) => {
    expect(definition({ cpu })?.cpuUnits).toBe(units);
  });

  test.each<[string | undefined, number | null]>([
    ['512', 512],
    ['2 GB', 2048],
    ['0.5GB', 512],
    ['30 gb', 30_720],
    [undefined, null],
    ['2 TB', null],
    ['GB', null],
  ])('with memory %j has %j MiB', (memory, mebibytes) => {
    expect(definition({ memory })?.memoryMiB).toBe(mebibytes);
  });

  test('means the same in units and in words', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 192 }), (vcpus) => {
        expect(definition({ cpu: `${vcpus} vCPU` })?.cpuUnits).toBe(definition({ cpu: `${vcpus * 1024}` })?.cpuUnits);
        expect(definition({ memory: `${vcpus} GB` })?.memoryMiB).toBe(vcpus * 1024);
      }),
    );
  });

  test('tells what its volumes are', () => {
    const volumes: ecs.Volume[] = [
      { name: 'a', efsVolumeConfiguration: { fileSystemId: 'fs-1' } },
      { name: 'b', configuredAtLaunch: true },
      { name: 'c', dockerVolumeConfiguration: {} },
      { name: 'd', s3filesVolumeConfiguration: { fileSystemArn: 'arn' } },
      { name: 'e', host: { sourcePath: '/var' } },
      { name: 'f', host: {} },
      {
        name: 'g',
        fsxWindowsFileServerVolumeConfiguration: {
          fileSystemId: 'fs-2',
          rootDirectory: undefined,
          authorizationConfig: undefined,
        },
      },
    ];
    expect(definition({ volumes })?.volumes.map(({ kind }) => kind)).toEqual([
      'efs',
      'ebs',
      'docker',
      's3',
      'host',
      'host',
      'fsx',
    ]);
  });
});

describe('a container', () => {
  test('is essential and unprivileged unless it says otherwise; absent sizes are unknown, not zero', () => {
    expect(container({})).toMatchObject({
      essential: true,
      privileged: false,
      cpuUnits: 0,
      memoryMiB: null,
      memoryReservationMiB: null,
      stopTimeoutSeconds: null,
      logDriver: null,
    });
    expect(container({ essential: false, memory: 512, memoryReservation: 256 })).toMatchObject({
      essential: false,
      memoryMiB: 512,
      memoryReservationMiB: 256,
    });
  });

  test('counts its GPUs, and knows Neuron devices as a resource or as device files', () => {
    const resourceRequirements: ecs.ResourceRequirement[] = [
      { type: 'GPU', value: '2' },
      { type: 'InferenceAccelerator', value: 'eia' },
    ];
    expect(container({ resourceRequirements })).toMatchObject({ gpus: 2, neuronDevices: false });
    expect(container({ resourceRequirements: [{ type: 'GPU', value: 'two' }] })?.gpus).toBe(0);
    expect(container({ resourceRequirements: [{ type: 'NeuronDevice', value: 'ALL' }] })?.neuronDevices).toBe(true);
    expect(container({ linuxParameters: { devices: [{ hostPath: '/dev/neuron0' }] } })?.neuronDevices).toBe(true);
    expect(container({ linuxParameters: { devices: [{ hostPath: '/dev/fuse' }] } })?.neuronDevices).toBe(false);
  });

  test.each<[string, ecs.NetworkMode | undefined, ecs.PortMapping[], number[]]>([
    ['a fixed port on a bridge', 'bridge', [{ containerPort: 80, hostPort: 8080 }], [8080]],
    ['a port that the host picks', 'bridge', [{ containerPort: 80, hostPort: 0 }, { containerPort: 81 }], []],
    ['a port in host mode', 'host', [{ containerPort: 443 }, { containerPort: 80, hostPort: 80 }], [80, 443]],
    ['a range in host mode', 'host', [{ containerPortRange: '8000-8002' }], [8000, 8001, 8002]],
    ['a range upside down', 'host', [{ containerPortRange: '9-8' }, { containerPortRange: '1-70000' }], []],
    ['ports of its own interface', 'awsvpc', [{ containerPort: 80, hostPort: 80 }], []],
    ['one port for two protocols', undefined, [{ hostPort: 53 }, { hostPort: 53, protocol: 'udp' }], [53]],
  ])('with %s takes the right ports of the host', (_, networkMode, portMappings, hostPorts) => {
    expect(container({ portMappings }, networkMode)?.hostPorts).toEqual(hostPorts);
  });
});

describe('a task', () => {
  test('is protected until a time, for ever, or not at all', () => {
    const until = (protection: ecs.ProtectedTask | null) => toTask(aTask({}), protection)?.protectedUntil;
    const expirationDate = new Date('2026-11-24T10:00:00Z');
    expect(until({ protectionEnabled: true, expirationDate })).toBe('2026-11-24T10:00:00.000Z');
    expect(until({ protectionEnabled: true })).toBe('always');
    expect(until({ protectionEnabled: false, expirationDate })).toBeNull();
    expect(until(null)).toBeNull();
  });

  test('run by hand has the group that ECS gives it', () => {
    expect(toTask(aTask({ group: undefined }), null)?.group).toBe('family:web');
    expect(toTask(aTask({ group: 'nightly' }), null)?.group).toBe('nightly');
  });

  test('has sizes as numbers, and storage from wherever AWS writes it', () => {
    expect(toTask(aTask({ cpu: '1024', memory: '2048', ephemeralStorage: { sizeInGiB: 21 } }), null)).toMatchObject({
      cpuUnits: 1024,
      memoryMiB: 2048,
      ephemeralStorageGiB: 21,
    });
    expect(toTask(aTask({ fargateEphemeralStorage: { sizeInGiB: 50 } }), null)?.ephemeralStorageGiB).toBe(50);
    expect(toTask(aTask({}), null)).toMatchObject({ cpuUnits: null, memoryMiB: null, ephemeralStorageGiB: null });
  });

  test('with a broken clock has no start, and is a task all the same', () => {
    expect(toTask(aTask({ startedAt: new Date('rubbish') }), null)?.startedAt).toBeNull();
  });
});

describe('a run sample', () => {
  const ran: Partial<ecs.Task> = {
    lastStatus: 'STOPPED',
    pullStartedAt: new Date('2026-11-24T09:59:20.000Z'),
    pullStoppedAt: new Date('2026-11-24T09:59:50.400Z'),
    startedAt: new Date('2026-11-24T10:00:00.000Z'),
    stoppedAt: new Date('2026-11-24T10:10:01.600Z'),
    stopCode: 'EssentialContainerExited',
  };

  test('is the time between start and stop, with the pull apart, in whole seconds', () => {
    // 10 min 1.6 s = 601.6 s; the pull took 30.4 s.
    expect(toRunSample(aTask(ran))).toEqual({
      family: 'web',
      sample: {
        task: `${ARN}:task/rose/1`,
        taskDefinition: WEB_7,
        group: 'service:web',
        pullSeconds: 30,
        runSeconds: 602,
        stoppedAt: '2026-11-24T10:10:01.600Z',
        stopCode: 'EssentialContainerExited',
      },
    });
  });

  test('knows no pull where AWS does not say, as on images that were there already', () => {
    expect(toRunSample(aTask({ ...ran, pullStartedAt: undefined }))?.sample.pullSeconds).toBeNull();
  });

  test.each<[string, Partial<ecs.Task>]>([
    ['still runs', { stoppedAt: undefined }],
    ['never started', { startedAt: undefined }],
    ['ended before it began', { startedAt: new Date('2026-11-24T11:00:00Z') }],
    ['stopped at no time', { stoppedAt: new Date('rubbish') }],
    ['has no revision', { taskDefinitionArn: undefined }],
  ])('is not made of a task that %s', (_, rest) => {
    expect(toRunSample(aTask({ ...ran, ...rest }))).toBeNull();
  });
});
