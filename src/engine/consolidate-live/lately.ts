/**
 * What moved in a cluster lately, told from earlier pictures of it, so that no advice undoes it within the cool-down:
 * which instances have gone, where their tasks are now, which types were given up for others, which settings changed.
 */
import { serviceOf } from '../cost/cluster-context.ts';
import type { SnapshotHead } from '../model.ts';
import type { ClusterPart, ClusterView } from '../model-cluster.ts';
import { HOUR_MS, instantOf, isoOf } from '../windows/instant.ts';

/** A cluster's instances and settings in one snapshot. */
export type Sighting = {
  /** When its scan began and ended. */
  readonly startedAt: string;
  readonly takenAt: string;
  readonly instances: readonly {
    readonly id: string;
    /** Of the container instance. */
    readonly arn: string;
    readonly provider: string | null;
    readonly type: string;
    readonly isActive: boolean;
  }[];
  /** `scaleInAfter` of Managed Instances providers. */
  readonly scaleIn: readonly { readonly provider: string; readonly seconds: number | null }[];
};

/** An instance that took tasks once and does not any more. */
export type Departure = Omit<Sighting['instances'][number], 'isActive'> & {
  /** Start of the newest scan in which it took tasks; of the oldest there is when it took none in any. */
  readonly lastSeen: string;
  /** The first one in which it is not there; the newest there is while it drains. */
  readonly goneBy: string;
};

/** A service's tasks of one revision: what a departed instance ran. */
export type Ran = { readonly service: string; readonly taskDefinition: string };

/** What must not be undone, all of it JSON. `until` = end of its cool-down. */
export type Lately = {
  /** Since when moves are known; null = there is no earlier snapshot to compare with. */
  readonly knownSince: string | null;
  /** Instances that hold tasks of departed ones; `at` = when the newest of those tasks started. */
  readonly received: readonly {
    readonly instance: string;
    readonly from: readonly string[];
    readonly at: string;
    readonly until: string;
  }[];
  /** Types that a provider gave up while it took up others; `by` = when they were first seen gone. */
  readonly left: readonly {
    readonly provider: string;
    readonly type: string;
    readonly instances: number;
    readonly by: string;
    readonly until: string;
  }[];
  /** Values of `scaleInAfter` that somebody changed; null = AWS's default. */
  readonly settings: readonly {
    readonly provider: string;
    readonly from: number | null;
    readonly to: number | null;
    readonly by: string;
    readonly until: string;
  }[];
};

/** What of a snapshot's cluster has to be kept in mind. */
export function sightingOf(
  { startedAt, takenAt }: Pick<SnapshotHead, 'startedAt' | 'takenAt'>,
  { containerInstances, providers }: Pick<ClusterPart, 'containerInstances' | 'providers'>,
): Sighting {
  return {
    startedAt,
    takenAt,
    instances: containerInstances
      .filter(({ status }) => status !== 'INACTIVE')
      .map(({ ec2InstanceId, arn, capacityProvider, instanceType, status }) => ({
        id: ec2InstanceId ?? arn,
        arn,
        provider: capacityProvider,
        type: instanceType ?? 'unknown',
        isActive: status === 'ACTIVE',
      })),
    scaleIn: providers.flatMap((provider) =>
      provider.kind === 'managed-instances' ? [{ provider: provider.name, seconds: provider.scaleInAfterSeconds }] : [],
    ),
  };
}

/** Instances that drain or have gone by the newest sighting, by id. `sightings` = oldest first. */
export function departuresOf(sightings: readonly Sighting[]): readonly Departure[] {
  const newest = sightings.at(-1);
  if (newest === undefined) return [];
  const active = new Set(newest.instances.filter(({ isActive }) => isActive).map(({ id }) => id));
  const seen = new Map<string, Departure>();
  for (const { startedAt, takenAt, instances } of sightings) {
    const present = new Set(instances.map(({ id }) => id));
    for (const [id, known] of seen) {
      if (!present.has(id) && known.goneBy === '') seen.set(id, { ...known, goneBy: takenAt });
    }
    for (const { isActive, ...instance } of instances) {
      if (active.has(instance.id) || (!isActive && seen.has(instance.id))) continue;
      seen.set(instance.id, { ...instance, lastSeen: startedAt, goneBy: '' });
    }
  }
  return [...seen.values()]
    .map((row) => ({ ...row, goneBy: row.goneBy === '' ? newest.takenAt : row.goneBy }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** ECS may take so long to start a task elsewhere after its instance has gone. */
const RESTART_MS = HOUR_MS / 4;

type Question = {
  readonly view: Pick<ClusterView, 'containerInstances' | 'tasks' | 'services'>;
  readonly now: string;
  readonly coolDownHours: number;
  /** Oldest first; the newest is that of the view. */
  readonly sightings: readonly Sighting[];
  readonly departures: readonly (Departure & { readonly ran: readonly Ran[] })[];
};

/** What is still in its cool-down. */
export function latelyOf(question: Question): Lately {
  const { sightings, now, coolDownHours } = question;
  const until = (at: string): string => isoOf(instantOf(at) + coolDownHours * HOUR_MS);
  const isNow = (row: { readonly until: string }): boolean => instantOf(row.until) > instantOf(now);
  return {
    knownSince: sightings.length < 2 ? null : (sightings[0]?.takenAt ?? null),
    received: receivedOf(question)
      .map((row) => ({ ...row, until: until(row.at) }))
      .filter(isNow),
    left: leftOf(question)
      .map((row) => ({ ...row, until: until(row.by) }))
      .filter(isNow),
    settings: changesOf(sightings)
      .map((row) => ({ ...row, until: until(row.by) }))
      .filter(isNow),
  };
}

/**
 * A task came from a departed instance when it is of a service and revision that ran there, and started while that
 * instance went. A new revision is a deployment, no move.
 */
function receivedOf({ view, departures }: Question): readonly Omit<Lately['received'][number], 'until'>[] {
  const ids = new Map(view.containerInstances.map(({ arn, ec2InstanceId }) => [arn, ec2InstanceId ?? arn]));
  const daemons = new Set(view.services.flatMap((row) => (row.schedulingStrategy === 'DAEMON' ? [row.name] : [])));
  const byRan = new Map<string, Departure[]>();
  for (const departure of departures) {
    for (const { service, taskDefinition } of departure.ran) {
      if (daemons.has(service)) continue;
      const key = `${service} ${taskDefinition}`;
      byRan.set(key, [...(byRan.get(key) ?? []), departure]);
    }
  }
  const received = new Map<string, { readonly from: Set<string>; at: string }>();
  for (const { group, taskDefinition, containerInstance, startedAt } of view.tasks) {
    const instance = ids.get(containerInstance ?? '');
    if (instance === undefined || startedAt === null) continue;
    const started = instantOf(startedAt);
    for (const { id, lastSeen, goneBy } of byRan.get(`${serviceOf(group) ?? ''} ${taskDefinition}`) ?? []) {
      if (id === instance || started <= instantOf(lastSeen) || started > instantOf(goneBy) + RESTART_MS) continue;
      const known = received.get(instance) ?? { from: new Set(), at: startedAt };
      known.from.add(id);
      if (instantOf(known.at) < started) known.at = startedAt;
      received.set(instance, known);
    }
  }
  return [...received]
    .map(([instance, { from, at }]) => ({ instance, from: [...from].sort(), at }))
    .sort((a, b) => (a.instance < b.instance ? -1 : 1));
}

/** Only where others of the type have not come since, and others than the type have: all else is growing and shrinking. */
function leftOf({ view, departures, now, coolDownHours }: Question): readonly Omit<Lately['left'][number], 'until'>[] {
  const since = instantOf(now) - coolDownHours * HOUR_MS;
  const came = view.containerInstances.filter(
    ({ registeredAt }) => registeredAt !== null && instantOf(registeredAt) > since,
  );
  const groups = new Map<string, Departure[]>();
  for (const departure of departures) {
    const key = `${departure.provider ?? ''} ${departure.type}`;
    groups.set(key, [...(groups.get(key) ?? []), departure]);
  }
  return [...groups.values()].flatMap((gone) => {
    const { provider, type } = gone[0] ?? { provider: null, type: '' };
    const arrived = came.filter(({ capacityProvider }) => capacityProvider === provider);
    if (provider === null || arrived.length === 0) return [];
    if (arrived.some(({ instanceType }) => instanceType === type)) return [];
    const by = gone.reduce((latest, { goneBy }) => (goneBy > latest ? goneBy : latest), '');
    return [{ provider, type, instances: gone.length, by }];
  });
}

/** The newest change of each provider's setting. */
function changesOf(sightings: readonly Sighting[]): readonly Omit<Lately['settings'][number], 'until'>[] {
  const values = new Map<string, number | null>();
  const changes = new Map<string, Omit<Lately['settings'][number], 'until'>>();
  for (const { takenAt, scaleIn } of sightings) {
    for (const { provider, seconds } of scaleIn) {
      const before = values.get(provider);
      if (before !== undefined && before !== seconds) {
        changes.set(provider, { provider, from: before, to: seconds, by: takenAt });
      }
      values.set(provider, seconds);
    }
  }
  return [...changes.values()].sort((a, b) => (a.provider < b.provider ? -1 : 1));
}

/** `2026-11-24 03:12 UTC`. */
function minuteOf(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}

const NAMED = 2;

/** Why an instance that received tasks stays. */
export function receivedWords({ from, at, until }: Lately['received'][number]): string {
  const rest = from.length - NAMED;
  const names = `${from.slice(0, NAMED).join(' and ')}${rest > 0 ? ` and ${rest} more` : ''}`;
  return `received tasks of ${names} on ${minuteOf(at)}: cool-down until ${minuteOf(until)}`;
}

/** Why a type is not offered. */
export function leftWords({ type, instances, by, until }: Lately['left'][number]): string {
  const gone = instances === 1 ? '1 instance' : `${instances} instances`;
  return `no new ${type} is advised: ${gone} of it made way for others by ${minuteOf(by)}: cool-down until ${minuteOf(until)}`;
}

/** Why a setting is left as it is. */
export function settingWords({ from, to, by, until }: Lately['settings'][number]): string {
  const value = (seconds: number | null): string => (seconds === null ? "AWS's default" : String(seconds));
  return `scaleInAfter went from ${value(from)} to ${value(to)} by ${minuteOf(by)}: cool-down until ${minuteOf(until)}`;
}
