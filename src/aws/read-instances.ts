import {
  DescribeInstanceStatusCommand,
  DescribeInstancesCommand,
  DescribeVolumesCommand,
  type Instance,
  type InstanceStatus,
  type Volume,
} from '@aws-sdk/client-ec2';
import type { Ec2Instance, RegionPart } from '../engine/index.ts';
import { listIn, pagesOf } from './call.ts';
import { chunksOf } from './concurrency.ts';
import { missOf } from './errors.ts';
import type { Misses } from './missed.ts';
import type { RegionContext } from './scan-context.ts';
import { toEc2Instance } from './shapes-ec2.ts';
import { sortedBy } from './shapes-members.ts';

/** The EC2 instances of a region: those that ECS uses in full, the others counted. */

/** A page of a hundred instances is read in a moment; a page of a thousand would hold up everything else. */
const AT_ONCE = 100;
/** Ended instances are part of past bills: kept this long. */
const ENDED_LIVE_MS = 60 * 24 * 60 * 60 * 1000;
const ECS_OPERATOR = 'ecs.amazonaws.com';

type InstancesRequest = {
  /** EC2 ids of the container instances that were read. */
  readonly ids: ReadonlySet<string>;
  /** False when clusters may have instances besides. */
  readonly hasAllIds: boolean;
  /** What the newest snapshot says. */
  readonly before: readonly Ec2Instance[];
  readonly misses: Misses;
};

export type InstancesRead = Pick<RegionPart, 'instances' | 'otherInstances'>;

/**
 * One sweep over the running instances, then the few of ECS's that do not run, by id. An instance of the newest snapshot
 * that is not found any more has ended when it was last seen. When the sweep fails, what was known stays, and the miss
 * says that it is old.
 */
export async function readInstances(at: RegionContext, request: InstancesRequest): Promise<InstancesRead> {
  const { ids, hasAllIds, before, misses } = request;
  // Instances of clusters that could not be read are still ECS's.
  const mayBeOurs = new Set(hasAllIds ? [] : before.flatMap(({ id, endedAt }) => (endedAt === null ? [id] : [])));
  const ours = new Map<string, Instance>();
  const others = new Map<string, RegionPart['otherInstances'][number]>();
  const isSwept = await misses.attempt('instances', async () => {
    for await (const instances of runningInstances(at)) {
      for (const instance of instances) sort(instance, { ids, mayBeOurs, ours, others });
    }
    const unseen = [...ids, ...mayBeOurs].filter((id) => !ours.has(id));
    for (const batch of chunksOf(unseen, AT_ONCE)) {
      for (const instance of await instancesById(at, batch)) ours.set(instance.InstanceId ?? '', instance);
    }
    return true;
  });
  if (isSwept === null) return { instances: stillOfInterest(before, at.now), otherInstances: [] };
  for (const id of ids) if (!ours.has(id)) misses.add(`instance ${id}`, 'vanished');
  const living = await describe(at, ours, misses);
  return {
    instances: sortedBy([...living, ...endedSince(at, before, new Set(ours.keys()))], ({ id }) => id),
    otherInstances: sortedBy([...others.values()], ({ type, lifecycle }) => `${type} ${lifecycle}`),
  };
}

function sort(
  instance: Instance,
  to: {
    readonly ids: ReadonlySet<string>;
    readonly mayBeOurs: ReadonlySet<string>;
    readonly ours: Map<string, Instance>;
    readonly others: Map<string, RegionPart['otherInstances'][number]>;
  },
): void {
  const id = instance.InstanceId ?? '';
  if (to.ids.has(id) || to.mayBeOurs.has(id) || instance.Operator?.Principal === ECS_OPERATOR) {
    to.ours.set(id, instance);
    return;
  }
  const type = instance.InstanceType ?? '';
  const lifecycle = instance.InstanceLifecycle === 'spot' ? 'spot' : 'on-demand';
  const key = `${type} ${lifecycle}`;
  to.others.set(key, { type, lifecycle, count: (to.others.get(key)?.count ?? 0) + 1 });
}

async function* runningInstances(at: RegionContext): AsyncGenerator<readonly Instance[]> {
  const pages = pagesOf(
    (token) =>
      at.call('ec2:DescribeInstances', ({ ec2 }, options) =>
        ec2.send(
          new DescribeInstancesCommand({
            Filters: [{ Name: 'instance-state-name', Values: ['running'] }],
            IncludeManagedResources: true,
            MaxResults: AT_ONCE,
            NextToken: token,
          }),
          options,
        ),
      ),
    ({ NextToken }) => NextToken,
  );
  for await (const page of pages) {
    yield listIn(page.Reservations, 'Reservations').flatMap(({ Instances }) => Instances ?? []);
  }
}

/** One id that is gone makes AWS refuse the whole call and name it; the others are asked for again. */
async function instancesById(at: RegionContext, ids: readonly string[]): Promise<readonly Instance[]> {
  let left = ids;
  while (left.length > 0) {
    const asked = left;
    try {
      const answer = await at.call('ec2:DescribeInstances', ({ ec2 }, options) =>
        ec2.send(new DescribeInstancesCommand({ InstanceIds: [...asked], IncludeManagedResources: true }), options),
      );
      const instances = listIn(answer.Reservations, 'Reservations').flatMap(({ Instances }) => Instances ?? []);
      return instances.filter(({ State }) => State?.Name !== 'terminated');
    } catch (error) {
      left = asked.filter((id) => !namesGone(error, id));
      if (left.length === asked.length) throw error;
    }
  }
  return [];
}

function namesGone(error: unknown, id: string): boolean {
  if (missOf(error)?.code !== 'not-found' || !(error instanceof Error)) return false;
  return error.cause instanceof Error && error.cause.message.includes(id);
}

/** With scheduled events and volumes. */
async function describe(
  at: RegionContext,
  instances: ReadonlyMap<string, Instance>,
  misses: Misses,
): Promise<readonly Ec2Instance[]> {
  const ids = [...instances.keys()].sort();
  const statuses = await misses.attempt('instance status', () => readStatuses(at, ids));
  const volumes = await misses.attempt('volumes', () => readVolumes(at, ids));
  return [...instances].flatMap(([id, instance]) => {
    const found = { status: statuses?.get(id) ?? null, volumes: volumes?.get(id) ?? [] };
    const converted = toEc2Instance(instance, found);
    if (converted === null) misses.add(`instance ${id}`, 'unreadable');
    return converted ?? [];
  });
}

async function readStatuses(at: RegionContext, ids: readonly string[]): Promise<ReadonlyMap<string, InstanceStatus>> {
  const statuses = new Map<string, InstanceStatus>();
  for (const batch of chunksOf(ids, AT_ONCE)) {
    const pages = pagesOf(
      (token) =>
        at.call('ec2:DescribeInstanceStatus', ({ ec2 }, options) =>
          ec2.send(
            new DescribeInstanceStatusCommand({
              InstanceIds: [...batch],
              IncludeAllInstances: true,
              IncludeManagedResources: true,
              NextToken: token,
            }),
            options,
          ),
        ),
      ({ NextToken }) => NextToken,
    );
    for await (const page of pages) {
      for (const status of listIn(page.InstanceStatuses, 'InstanceStatuses')) {
        statuses.set(status.InstanceId ?? '', status);
      }
    }
  }
  return statuses;
}

async function readVolumes(at: RegionContext, ids: readonly string[]): Promise<ReadonlyMap<string, readonly Volume[]>> {
  const volumes = new Map<string, Volume[]>();
  for (const batch of chunksOf(ids, AT_ONCE)) {
    const pages = pagesOf(
      (token) =>
        at.call('ec2:DescribeVolumes', ({ ec2 }, options) =>
          ec2.send(
            new DescribeVolumesCommand({
              Filters: [{ Name: 'attachment.instance-id', Values: [...batch] }],
              IncludeManagedResources: true,
              MaxResults: 5 * AT_ONCE,
              NextToken: token,
            }),
            options,
          ),
        ),
      ({ NextToken }) => NextToken,
    );
    for await (const page of pages) {
      for (const volume of listIn(page.Volumes, 'Volumes')) {
        for (const { InstanceId } of volume.Attachments ?? []) {
          const id = InstanceId ?? '';
          volumes.set(id, [...(volumes.get(id) ?? []), volume]);
        }
      }
    }
  }
  return volumes;
}

function endedSince(
  at: RegionContext,
  before: readonly Ec2Instance[],
  living: ReadonlySet<string>,
): readonly Ec2Instance[] {
  const lastSeen = at.sink.previousTakenAt ?? at.now.toISOString();
  const gone = before.flatMap((instance) =>
    living.has(instance.id) ? [] : [{ ...instance, endedAt: instance.endedAt ?? lastSeen }],
  );
  return stillOfInterest(gone, at.now);
}

function stillOfInterest(instances: readonly Ec2Instance[], now: Date): readonly Ec2Instance[] {
  const oldest = new Date(now.getTime() - ENDED_LIVE_MS).toISOString();
  return instances.filter(({ endedAt }) => endedAt === null || endedAt >= oldest);
}
