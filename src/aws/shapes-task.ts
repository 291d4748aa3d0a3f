import type * as ecs from '@aws-sdk/client-ecs';
import type { FamilySamples, Task, TaskDefinition } from '../engine/index.ts';
import { familyOf, sortedBy, sortedTexts, toNumber, toText, toTime } from './shapes-members.ts';

/** Task definitions and tasks, running and stopped. */

/**
 * A revision; null without an ARN, or without family and revision in it. Containers and volumes keep the order in which
 * people wrote them: a revision never changes.
 */
export function toTaskDefinition(definition: ecs.TaskDefinition): TaskDefinition | null {
  const arn = toText(definition.taskDefinitionArn);
  if (arn === null) return null;
  const family = toText(definition.family) ?? familyOf(arn)?.family ?? null;
  const revision = toNumber(definition.revision) ?? familyOf(arn)?.revision ?? null;
  if (family === null || revision === null) return null;
  const networkMode = toText(definition.networkMode);
  return {
    arn,
    family,
    revision,
    cpuUnits: toCpuUnits(definition.cpu),
    memoryMiB: toMemoryMiB(definition.memory),
    networkMode,
    architecture: definition.runtimePlatform?.cpuArchitecture === 'ARM64' ? 'arm64' : 'x86_64',
    operatingSystem: definition.runtimePlatform?.operatingSystemFamily ?? 'LINUX',
    requiresCompatibilities: sortedTexts(definition.requiresCompatibilities),
    ephemeralStorageGiB: toNumber(definition.ephemeralStorage?.sizeInGiB),
    placementConstraints: sortedBy(
      (definition.placementConstraints ?? []).map(({ type, expression }) => ({
        type: type ?? '',
        expression: toText(expression),
      })),
      (constraint) => `${constraint.type} ${constraint.expression}`,
    ),
    volumes: (definition.volumes ?? []).map((volume) => ({ name: volume.name ?? '', kind: toVolumeKind(volume) })),
    ipcMode: toText(definition.ipcMode),
    pidMode: toText(definition.pidMode),
    containers: (definition.containerDefinitions ?? []).map((container) => toContainer(container, networkMode)),
  };
}

function toVolumeKind(volume: ecs.Volume): TaskDefinition['volumes'][number]['kind'] {
  if (volume.efsVolumeConfiguration !== undefined) return 'efs';
  if (volume.fsxWindowsFileServerVolumeConfiguration !== undefined) return 'fsx';
  if (volume.s3filesVolumeConfiguration !== undefined) return 's3';
  if (volume.dockerVolumeConfiguration !== undefined) return 'docker';
  // Its disk is described where the task is launched, and only EBS is described there.
  return volume.configuredAtLaunch === true ? 'ebs' : 'host';
}

function toContainer(
  container: ecs.ContainerDefinition,
  networkMode: string | null,
): TaskDefinition['containers'][number] {
  const wanted = container.resourceRequirements ?? [];
  const devices = container.linuxParameters?.devices ?? [];
  return {
    name: container.name ?? '',
    image: container.image ?? '',
    essential: container.essential ?? true,
    cpuUnits: toNumber(container.cpu) ?? 0,
    memoryMiB: toNumber(container.memory),
    memoryReservationMiB: toNumber(container.memoryReservation),
    gpus: wanted
      .filter(({ type }) => type === 'GPU')
      .reduce((gpus, { value }) => gpus + (toNumber(Number(value ?? 0)) ?? 0), 0),
    // On Managed Instances a resource, on EC2 the device files themselves.
    neuronDevices:
      wanted.some(({ type }) => type === 'NeuronDevice') ||
      devices.some(({ hostPath }) => hostPath?.startsWith('/dev/neuron')),
    privileged: container.privileged ?? false,
    linuxCapabilities: sortedTexts(container.linuxParameters?.capabilities?.add),
    hostPorts: toHostPorts(container.portMappings, networkMode),
    stopTimeoutSeconds: toNumber(container.stopTimeout),
    logDriver: toText(container.logConfiguration?.logDriver),
  };
}

/**
 * The host's ports that a container takes. None in awsvpc mode, where the task has an interface of its own (AWS repeats
 * the container's port there). 0 and absent mean that the host picks one, save in host mode, where a container's port
 * is the host's whether or not the mapping says so.
 */
function toHostPorts(mappings: readonly ecs.PortMapping[] | undefined, networkMode: string | null): readonly number[] {
  if (networkMode === 'awsvpc') return [];
  const ports = (mappings ?? []).flatMap((mapping): readonly number[] => {
    if (networkMode !== 'host') return [mapping.hostPort ?? 0];
    return mapping.containerPortRange === undefined
      ? [mapping.hostPort || (mapping.containerPort ?? 0)]
      : toPortRange(mapping.containerPortRange);
  });
  const fixed = ports.filter((port) => Number.isInteger(port) && port > 0);
  return [...new Set(fixed)].sort((a, b) => a - b);
}

const HIGHEST_PORT = 65_535;

/** `8000-8002` -> 8000, 8001, 8002; nothing when it is no range of ports. */
function toPortRange(range: string): readonly number[] {
  const match = /^(\d+)-(\d+)$/.exec(range);
  const first = Number(match?.[1]);
  const last = Number(match?.[2]);
  if (!(first > 0 && first <= last && last <= HIGHEST_PORT)) return [];
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** `1024` or `1 vCPU` -> 1024 units; null when absent or neither. */
function toCpuUnits(cpu: string | undefined): number | null {
  return toSize(cpu, /^(\d+|\d*\.\d+)\s*vcpus?$/i);
}

/** `2048` or `2 GB` -> 2048 MiB; null when absent or neither. */
function toMemoryMiB(memory: string | undefined): number | null {
  return toSize(memory, /^(\d+|\d*\.\d+)\s*gb$/i);
}

/** One vCPU is 1,024 units and one GB 1,024 MiB; ECS turns both into whole numbers when a revision is registered. */
function toSize(size: string | undefined, spelled: RegExp): number | null {
  const text = size?.trim() ?? '';
  if (/^\d+$/.test(text)) return toNumber(Number(text));
  const match = spelled.exec(text);
  return match === null ? null : toNumber(Math.round(Number(match[1]) * 1024));
}

/**
 * A task; null without its ARN or its revision's. ECS gives a task that was run by hand without a group the group
 * `family:<family>`. `protection` is GetTaskProtection's answer, or null when it was not asked.
 */
export function toTask(task: ecs.Task, protection: ecs.ProtectedTask | null): Task | null {
  const arn = toText(task.taskArn);
  const taskDefinition = toText(task.taskDefinitionArn);
  const group = toGroup(task);
  if (arn === null || taskDefinition === null || group === null) return null;
  return {
    arn,
    group,
    taskDefinition,
    lastStatus: task.lastStatus ?? '',
    launchType: toText(task.launchType),
    capacityProvider: toText(task.capacityProviderName),
    containerInstance: toText(task.containerInstanceArn),
    az: toText(task.availabilityZone),
    cpuUnits: toCpuUnits(task.cpu),
    memoryMiB: toMemoryMiB(task.memory),
    ephemeralStorageGiB: toNumber(task.fargateEphemeralStorage?.sizeInGiB ?? task.ephemeralStorage?.sizeInGiB),
    platformVersion: toText(task.platformVersion),
    pullStartedAt: toTime(task.pullStartedAt),
    startedAt: toTime(task.startedAt),
    protectedUntil: protection?.protectionEnabled === true ? (toTime(protection.expirationDate) ?? 'always') : null,
  };
}

function toGroup(task: ecs.Task): string | null {
  const family = familyOf(task.taskDefinitionArn ?? '')?.family;
  return toText(task.group) ?? (family === undefined ? null : `family:${family}`);
}

/**
 * How long a stopped task ran, in whole seconds, and its family. Null for a task that has not stopped, never started
 * (nothing to learn about its run time), or has a start after its end. Run time leaves the image pull out; Fargate bills
 * from the start of the pull, so billed seconds are about `pullSeconds + runSeconds`.
 */
export function toRunSample(
  task: ecs.Task,
): { readonly family: string; readonly sample: FamilySamples['samples'][number] } | null {
  const arn = toText(task.taskArn);
  const family = familyOf(task.taskDefinitionArn ?? '')?.family;
  const group = toGroup(task);
  const stoppedAt = toTime(task.stoppedAt);
  const runSeconds = secondsBetween(task.startedAt, task.stoppedAt);
  if (arn === null || family === undefined || group === null || stoppedAt === null || runSeconds === null) return null;
  const sample = {
    task: arn,
    taskDefinition: task.taskDefinitionArn ?? '',
    group,
    pullSeconds: secondsBetween(task.pullStartedAt, task.pullStoppedAt),
    runSeconds,
    stoppedAt,
    stopCode: toText(task.stopCode),
  };
  return { family, sample };
}

/** Whole seconds, rounded; null when an end is absent or before the start. */
function secondsBetween(start: Date | undefined, end: Date | undefined): number | null {
  if (start === undefined || end === undefined) return null;
  const milliseconds = end.getTime() - start.getTime();
  return milliseconds >= 0 ? Math.round(milliseconds / 1000) : null;
}
