/**
 * When AWS drains each managed instance: from day 14 after its launch, gone by day 21, inside the window that the
 * instance read when it was launched. All of it is best effort on the side of AWS; only the last day is firm.
 */
import { memberFact } from '../fact-values.ts';
import type { FactBook } from '../facts.ts';
import type { Ec2Instance, EventWindow } from '../model.ts';
import type { ClusterView, ContainerInstance, Service, Task } from '../model-cluster.ts';
import { type Clash, clashesOf, type Quiet } from './clashes.ts';
import { DAY_MS, instantOf, isoOf, occurrences, type Period } from './instant.ts';
import { readSchedule } from './lint.ts';
import { type Consequence, consequencesOf, serviceOf } from './replacement.ts';
import { isManagedInstance, isRunning, matchesInstance } from './targets.ts';
import type { WeekSpan } from './week.ts';

/** A window as it stood from one moment to another; null = as far back (or ahead) as anybody looked. */
export type WindowEra = { readonly window: EventWindow; readonly from: string | null; readonly to: string | null };

export type CalendarInput = Quiet & {
  readonly now: string;
  readonly cluster: ClusterView;
  /** Instances of the cluster's region. */
  readonly instances: readonly Ec2Instance[];
  readonly windows: readonly WindowEra[];
};

/** `running` = day 14 is ahead; `due` = AWS may drain it now; `draining` = it does; `overdue` = day 21 is past. */
export type DrainPhase = 'running' | 'due' | 'draining' | 'overdue';

export type DrainRow = {
  readonly instance: string;
  readonly cluster: string;
  readonly provider: string | null;
  readonly launchedAt: string;
  /** EC2 did not say when it was launched: this is when it registered with the cluster, a little later. */
  readonly isLaunchEstimated: boolean;
  readonly drainFrom: string;
  readonly hardDeadline: string;
  readonly phase: DrainPhase;
  /** The window it was launched under; `isCertain` = that window was seen unchanged since before the launch. */
  readonly window: { readonly id: string; readonly name: string; readonly isCertain: boolean } | null;
  /** Windows that match it today and came too late for it. */
  readonly laterWindows: readonly string[];
  /** When to expect the drain: the next opening of its window between the two days, or all that is left of them. */
  readonly expected: Period;
  /** The last opening before day 14 that is still ahead: AWS may drain early to hit a window. */
  readonly earlier: Period | null;
  readonly clashes: readonly Clash[];
  readonly consequences: readonly Consequence[];
  /** Events that EC2 has scheduled for the instance. */
  readonly events: Ec2Instance['events'];
};

/** One row per managed instance of the cluster, next drain first. */
export function drainCalendar(input: CalendarInput, facts: FactBook): readonly DrainRow[] {
  const lifetime = {
    drainFrom: Number(memberFact(facts, 'mi.lifetime-days', 'drainFrom')) * DAY_MS,
    hardDeadline: Number(memberFact(facts, 'mi.lifetime-days', 'hardDeadline')) * DAY_MS,
  };
  for (const id of ['windows.mi.read-at-launch', 'windows.mi.best-effort', 'mi.drain-respects-deployment']) {
    facts.cite(id);
  }
  const eras = input.windows.map((era) => ({ era, spans: readSchedule(era.window, facts).spans }));
  const services = new Map(input.cluster.services.map((service) => [service.name, service]));
  const tasks = new Map<string, Task[]>();
  for (const task of input.cluster.tasks) {
    if (task.containerInstance === null) continue;
    const there = tasks.get(task.containerInstance);
    if (there === undefined) tasks.set(task.containerInstance, [task]);
    else there.push(task);
  }
  const rows = managedInstances(input).map((managed) => drainRow(managed, { input, lifetime, eras, services, tasks }));
  return rows.sort((a, b) => byText(a.expected.from, b.expected.from) || byText(a.instance, b.instance));
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A managed instance, seen by EC2, by ECS, or by both. */
type Managed = { readonly ec2: Ec2Instance | null; readonly ecs: ContainerInstance | null };

/** ECS knows instances that EC2 lists only on request; EC2 knows those that have not registered yet. */
function managedInstances({ cluster, instances }: CalendarInput): readonly Managed[] {
  const providers = new Set(
    cluster.providers.filter(({ kind }) => kind === 'managed-instances').map(({ name }) => name),
  );
  const byId = new Map(instances.filter(isRunning).map((instance) => [instance.id, instance]));
  const found = new Map<string, Managed>();
  for (const ecs of cluster.containerInstances) {
    const id = ecs.ec2InstanceId;
    if (id === null) continue;
    const ec2 = byId.get(id) ?? null;
    const isManaged =
      (ecs.capacityProvider !== null && providers.has(ecs.capacityProvider)) ||
      (ec2 !== null && isManagedInstance(ec2));
    if (isManaged && (ec2 !== null || ecs.registeredAt !== null)) found.set(id, { ec2, ecs });
  }
  for (const ec2 of byId.values()) {
    const isHere = isManagedInstance(ec2) && ec2.tags['aws:ecs:clusterName'] === cluster.name;
    if (isHere && !found.has(ec2.id)) found.set(ec2.id, { ec2, ecs: null });
  }
  return [...found.values()];
}

type Surroundings = {
  readonly input: CalendarInput;
  readonly lifetime: { readonly drainFrom: number; readonly hardDeadline: number };
  readonly eras: readonly { readonly era: WindowEra; readonly spans: readonly WeekSpan[] }[];
  readonly services: ReadonlyMap<string, Service>;
  /** By ARN of the container instance. */
  readonly tasks: ReadonlyMap<string, readonly Task[]>;
};

function drainRow({ ec2, ecs }: Managed, { input, lifetime, eras, services, tasks: placed }: Surroundings): DrainRow {
  const { cluster, now } = input;
  const id = ec2?.id ?? ecs?.ec2InstanceId ?? '';
  const launchedAt = isoOf(instantOf(ec2?.launchedAt ?? ecs?.registeredAt ?? now));
  const launched = instantOf(launchedAt);
  const [from, deadline] = [launched + lifetime.drainFrom, launched + lifetime.hardDeadline];
  const provider = ecs?.capacityProvider ?? ec2?.tags['aws:ecs:capacityProviderName'] ?? null;
  const tags = { ...ec2?.tags, ...tagsOf(cluster.name, provider) };
  const matching = eras.filter(({ era }) => matchesTags(era.window, id, tags));
  const launchEra = matching.find(({ era }) => holdsAt(era, launched));
  const spans = launchEra?.spans ?? [];
  const expected = expectedDrain(spans, { from, deadline, now: instantOf(now) });
  const tasks = ecs === null ? [] : (placed.get(ecs.arn) ?? []);
  return {
    instance: id,
    cluster: cluster.name,
    provider,
    launchedAt,
    isLaunchEstimated: ec2 === null,
    drainFrom: isoOf(from),
    hardDeadline: isoOf(deadline),
    phase: phaseOf(ecs, { from, deadline, now: instantOf(now) }),
    window: windowOf(launchEra?.era),
    laterWindows: matching
      .filter(
        ({ era }) => era.to === null && era !== launchEra?.era && era.from !== null && instantOf(era.from) > launched,
      )
      .map(({ era }) => era.window.id),
    expected,
    earlier: earlierOpening(spans, from, instantOf(now)),
    clashes: [...clashesOf(expected, input), ...deployments(tasks, services, expected)],
    consequences: consequencesOf(tasks, services),
    events: ec2?.events ?? [],
  };
}

/** The tags that ECS writes on every managed instance, known even when EC2 was not asked. */
function tagsOf(cluster: string, provider: string | null): { readonly [key: string]: string } {
  return {
    'aws:ecs:clusterName': cluster,
    ...(provider === null ? {} : { 'aws:ecs:capacityProviderName': provider }),
  };
}

/** Ids never match: a managed instance reads its window at launch, when nobody knew its id. */
function matchesTags(window: EventWindow, id: string, tags: { readonly [key: string]: string }): boolean {
  const targets = { instanceIds: [], instanceTags: window.instanceTags, dedicatedHostIds: [] };
  return matchesInstance(targets, { id, tags });
}

function holdsAt({ from, to }: WindowEra, at: number): boolean {
  return (from === null || instantOf(from) <= at) && (to === null || instantOf(to) > at);
}

function windowOf(era: WindowEra | undefined): DrainRow['window'] {
  if (era === undefined) return null;
  return { id: era.window.id, name: era.window.name, isCertain: era.from !== null };
}

type Moments = { readonly from: number; readonly deadline: number; readonly now: number };

function phaseOf(ecs: ContainerInstance | null, { from, deadline, now }: Moments): DrainPhase {
  if (now >= deadline) return 'overdue';
  if (ecs !== null && /^(DRAINING|DEREGISTERING)$/.test(ecs.status)) return 'draining';
  return now >= from ? 'due' : 'running';
}

function expectedDrain(spans: readonly WeekSpan[], { from, deadline, now }: Moments): Period {
  const earliest = Math.min(Math.max(from, now), deadline);
  const openings = occurrences(spans, earliest, deadline);
  const [first] = openings;
  if (first === undefined) return { from: isoOf(earliest), to: isoOf(deadline) };
  return {
    from: isoOf(Math.max(instantOf(first.from), earliest)),
    to: isoOf(Math.min(instantOf(first.to), deadline)),
  };
}

/** The last opening that ends before draining is due: within a week of it, and not past. */
function earlierOpening(spans: readonly WeekSpan[], from: number, now: number): Period | null {
  const openings = occurrences(spans, from - 7 * DAY_MS, from);
  return openings.filter((opening) => instantOf(opening.to) <= from && instantOf(opening.from) >= now).at(-1) ?? null;
}

function deployments(
  tasks: readonly Task[],
  services: ReadonlyMap<string, Service>,
  expected: Period,
): readonly Clash[] {
  const names = [...new Set(tasks.map(serviceOf).filter((name) => name !== null))].sort();
  return names
    .filter((name) => services.get(name)?.deployment.inProgress === true)
    .map((name) => ({ kind: 'deployment', name, ...expected }));
}

/** A drain that was seen outside the window its instance was launched under: worth a word, not an alarm. */
export type DrainOutside = { readonly instance: string; readonly at: string; readonly window: string };

/** Drains that began outside their windows. Windows are best effort, so this is reported and not treated as a fault. */
export function drainsOutside(
  seen: readonly { readonly instance: string; readonly at: string; readonly window: EventWindow | null }[],
  facts: FactBook,
): readonly DrainOutside[] {
  return seen.flatMap(({ instance, at, window }) => {
    if (window === null) return [];
    const moment = instantOf(at);
    const { spans } = readSchedule(window, facts);
    const isOpen = occurrences(spans, moment, moment + 1).length > 0;
    return isOpen || spans.length === 0 ? [] : [{ instance, at, window: window.id }];
  });
}
