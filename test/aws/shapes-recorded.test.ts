import * as scaling from '@aws-sdk/client-application-auto-scaling';
import * as autoScaling from '@aws-sdk/client-auto-scaling';
import * as computeOptimizer from '@aws-sdk/client-compute-optimizer';
import * as ec2 from '@aws-sdk/client-ec2';
import * as ecs from '@aws-sdk/client-ecs';
import * as savingsPlans from '@aws-sdk/client-savingsplans';
import * as quotas from '@aws-sdk/client-service-quotas';
import { describe, expect, test } from 'vitest';
import {
  toAutoScalingGroup,
  toCapacityReservation,
  toEc2Instance,
  toEventWindow,
  toSpotPrice,
  toSubnet,
} from '../../src/aws/shapes-ec2.ts';
import { toCapacityProvider, toCluster, toContainerInstance } from '../../src/aws/shapes-ecs.ts';
import { toComputeOptimizerFinding, toQuota, toSavingsPlan } from '../../src/aws/shapes-other.ts';
import { toScaling, toService } from '../../src/aws/shapes-service.ts';
import { toRunSample, toTask, toTaskDefinition } from '../../src/aws/shapes-task.ts';
import {
  asSdkOutput,
  documentsUnder,
  hasRecordings,
  objectsIn,
  type RawDocument,
  recordedFiles,
} from './recordings.ts';
import * as expected from './shapes-expected.ts';
import { at, expectedOf, type Row, time } from './shapes-expected.ts';

/** Answers of the real service and AWS's own examples go through the conversions: nothing they say is lost. */

type Kind = {
  readonly name: string;
  /** Members under which the things of this kind stand, and the one member that tells them from others there. */
  readonly members: readonly string[];
  readonly identity: string;
  readonly schema: unknown;
  readonly convert: (output: never) => unknown;
  readonly rows: readonly Row[];
  /** Without all of these the thing cannot be used, and the conversion says so with null. */
  readonly needs: readonly string[];
};

const noParts = { providers: [], containerInstances: [], shards: 1 };
const bare = { status: null, volumes: [] };

const KINDS: readonly Kind[] = [
  {
    name: 'cluster',
    members: ['clusters', 'cluster'],
    identity: 'clusterArn',
    schema: ecs.Cluster$,
    convert: (output: ecs.Cluster) => toCluster(output, noParts),
    rows: expected.CLUSTER,
    needs: ['clusterArn', 'clusterName'],
  },
  {
    name: 'capacity provider',
    members: ['capacityProviders', 'capacityProvider'],
    identity: 'capacityProviderArn',
    schema: ecs.CapacityProvider$,
    convert: toCapacityProvider,
    rows: expected.CAPACITY_PROVIDER,
    needs: ['capacityProviderArn', 'name'],
  },
  {
    name: 'container instance',
    members: ['containerInstances', 'containerInstance'],
    identity: 'containerInstanceArn',
    schema: ecs.ContainerInstance$,
    convert: toContainerInstance,
    rows: expected.CONTAINER_INSTANCE,
    needs: ['containerInstanceArn'],
  },
  {
    name: 'service',
    members: ['services', 'service'],
    identity: 'serviceArn',
    schema: ecs.Service$,
    convert: (output: ecs.Service) => toService(output, null),
    rows: expected.SERVICE,
    needs: ['serviceArn', 'serviceName', 'desiredCount', 'runningCount', 'pendingCount'],
  },
  {
    name: 'task definition',
    members: ['taskDefinition', 'taskDefinitions'],
    identity: 'taskDefinitionArn',
    schema: ecs.TaskDefinition$,
    convert: toTaskDefinition,
    rows: expected.TASK_DEFINITION,
    needs: ['taskDefinitionArn'],
  },
  {
    name: 'task',
    members: ['tasks', 'task'],
    identity: 'taskArn',
    schema: ecs.Task$,
    convert: (output: ecs.Task) => toTask(output, null),
    rows: expected.TASK,
    needs: ['taskArn', 'taskDefinitionArn'],
  },
  {
    name: 'EC2 instance',
    members: ['Instances'],
    identity: 'Placement',
    schema: ec2.Instance$,
    convert: (output: ec2.Instance) => toEc2Instance(output, bare),
    rows: expected.EC2_INSTANCE,
    needs: ['InstanceId', 'InstanceType', 'LaunchTime'],
  },
  {
    name: 'event window',
    members: ['InstanceEventWindows', 'InstanceEventWindow'],
    identity: 'InstanceEventWindowId',
    schema: ec2.InstanceEventWindow$,
    convert: toEventWindow,
    rows: expected.EVENT_WINDOW,
    needs: ['InstanceEventWindowId'],
  },
  {
    name: 'subnet',
    members: ['Subnets'],
    identity: 'SubnetId',
    schema: ec2.Subnet$,
    convert: toSubnet,
    rows: expected.SUBNET,
    needs: ['SubnetId', 'AvailableIpAddressCount'],
  },
  {
    name: 'capacity reservation',
    members: ['CapacityReservations'],
    identity: 'CapacityReservationId',
    schema: ec2.CapacityReservation$,
    convert: toCapacityReservation,
    rows: expected.CAPACITY_RESERVATION,
    needs: ['CapacityReservationId', 'InstanceType', 'TotalInstanceCount', 'AvailableInstanceCount'],
  },
  {
    name: 'Auto Scaling group',
    members: ['AutoScalingGroups'],
    identity: 'AutoScalingGroupName',
    schema: autoScaling.AutoScalingGroup$,
    convert: (output: autoScaling.AutoScalingGroup) => toAutoScalingGroup(output, null),
    rows: expected.AUTO_SCALING_GROUP,
    needs: ['AutoScalingGroupName', 'MinSize', 'MaxSize', 'DesiredCapacity'],
  },
  {
    name: 'scalable target',
    members: ['ScalableTargets'],
    identity: 'ResourceId',
    schema: scaling.ScalableTarget$,
    convert: (output: scaling.ScalableTarget) => toScaling(output, []),
    rows: expected.SCALING,
    needs: ['MinCapacity', 'MaxCapacity'],
  },
  {
    name: 'quota',
    members: ['Quotas', 'Quota'],
    identity: 'QuotaCode',
    schema: quotas.ServiceQuota$,
    convert: (output: quotas.ServiceQuota) => toQuota(output, 'default'),
    rows: expected.QUOTA,
    needs: ['ServiceCode', 'QuotaCode', 'Value'],
  },
];

/** Nobody published a recording of these; AWS's documentation is all there is to hold them against. */
const ONLY_DOCUMENTED: readonly string[] = ['capacity provider', 'event window'];

function convert(kind: Pick<Kind, 'schema' | 'convert'>, raw: RawDocument['raw']): unknown {
  return (kind.convert as (output: unknown) => unknown)(asSdkOutput(kind.schema, raw));
}

describe.skipIf(!hasRecordings)('recorded answers', () => {
  test.each(KINDS)('say the same about a $name before and after', (kind) => {
    const documents = documentsUnder(kind.members, kind.identity);
    let values = 0;
    let unusable = 0;

    for (const { file, raw } of documents) {
      const converted = convert(kind, raw);
      if (kind.needs.some((member) => at(raw, member) === undefined)) {
        expect([file, converted]).toEqual([file, null]);
        unusable += 1;
        continue;
      }
      const { value, members } = expectedOf(kind.rows, raw);
      expect(converted, file).toMatchObject(value);
      values += members;
    }

    const recorded = documents.filter(({ origin }) => origin === 'recorded').length;
    process.stdout.write(
      `${kind.name}: ${recorded} recorded, ${documents.length - recorded} from documentation, ` +
        `${values} values compared, ${unusable} unusable\n`,
    );
    expect(values).toBeGreaterThan(0);
    expect(recorded > 0).toBe(!ONLY_DOCUMENTED.includes(kind.name));
  });

  test('volumes and scheduled events arrive with their instance', () => {
    const volumes = documentsUnder(['Volumes'], 'VolumeId');
    const statuses = documentsUnder(['InstanceStatuses'], 'InstanceId');
    const instance: ec2.Instance = { InstanceId: 'i-1', InstanceType: 'm5.large', LaunchTime: new Date(0) };

    for (const { file, raw } of volumes) {
      const converted = toEc2Instance(instance, {
        status: null,
        volumes: [asSdkOutput(ec2.Volume$, raw) as ec2.Volume],
      });
      expect(converted?.volumes, file).toEqual([{ type: '', ...expectedOf(expected.VOLUME, raw).value }]);
    }
    for (const { file, raw } of statuses) {
      const converted = toEc2Instance(instance, {
        status: asSdkOutput(ec2.InstanceStatus$, raw) as ec2.InstanceStatus,
        volumes: [],
      });
      const events = (raw.Events ?? []) as readonly RawDocument['raw'][];
      expect(converted?.events, file).toMatchObject(expected.each(expected.STATUS_EVENT)(events));
    }
    process.stdout.write(`volume: ${volumes.length}, instance status: ${statuses.length}\n`);
    expect(volumes.length).toBeGreaterThan(0);
    expect(statuses.length).toBeGreaterThan(0);
  });

  test('every stopped task that ran gives its run time, and no other task does', () => {
    const tasks = documentsUnder(['tasks', 'task'], 'taskArn');
    const stopped = tasks.filter(({ raw }) => raw.stoppedAt !== undefined);
    let samples = 0;

    for (const { file, raw } of tasks) {
      const converted = toRunSample(asSdkOutput(ecs.Task$, raw) as ecs.Task);
      if (raw.stoppedAt === undefined || raw.startedAt === undefined) {
        expect([file, converted]).toEqual([file, null]);
        continue;
      }
      const [start, end] = [raw.startedAt, raw.stoppedAt].map((value) => time(value as string));
      const seconds = (Date.parse(end ?? '') - Date.parse(start ?? '')) / 1000;
      expect(Math.abs((converted?.sample.runSeconds ?? Number.NaN) - seconds), file).toBeLessThanOrEqual(0.5);
      expect(converted?.sample.stoppedAt).toBe(end);
      expect(String(raw.taskDefinitionArn)).toContain(`/${converted?.family}:`);
      samples += 1;
    }

    process.stdout.write(`task: ${tasks.length}, stopped: ${stopped.length}, of which ran: ${samples}\n`);
    expect(stopped.length).toBeGreaterThan(0);
  });

  test('anything at all in them goes through every conversion without a crash, placeholders included', () => {
    const unrecorded: readonly Pick<Kind, 'schema' | 'convert'>[] = [
      { schema: ecs.Task$, convert: toRunSample },
      { schema: ec2.SpotPrice$, convert: toSpotPrice },
      { schema: savingsPlans.SavingsPlan$, convert: toSavingsPlan },
      { schema: computeOptimizer.ECSServiceRecommendation$, convert: toComputeOptimizerFinding },
    ];
    const objects = recordedFiles().flatMap(({ json }) => objectsIn(json));
    const placeholders = objects.filter(({ raw }) => Object.values(raw).some((value) => /^<.*>$/.test(String(value))));

    for (const { raw } of objects) {
      for (const kind of [...KINDS, ...unrecorded]) convert(kind, raw);
    }

    process.stdout.write(`objects of any kind: ${objects.length}, with placeholders: ${placeholders.length}\n`);
    expect(placeholders.length).toBeGreaterThan(0);
  });
});
