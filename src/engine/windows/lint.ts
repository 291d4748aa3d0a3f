/** Holds event windows against every rule: each one alone, and all windows of a region beside each other. */
import { memberFact, numberFact } from '../fact-values.ts';
import type { FactBook } from '../facts.ts';
import type { Ec2Instance, EventWindow, RegionPart } from '../model.ts';
import { type LintRow, lintRow, sortedRows } from './rules.ts';
import { hoursText, type Minima, readCron, readTimeRanges, type ScheduleReading } from './schedule.ts';
import { isForFargate, isManagedInstance, isRunning, matchesInstance, some, targetRows } from './targets.ts';
import { coveredHours, HOURS_PER_WEEK, longestGap, type WeekSpan } from './week.ts';

/** The two minima of the day, in hours. */
export function minimaOf(facts: FactBook): Minima {
  return { range: numberFact(facts, 'windows.range-hours-min'), total: numberFact(facts, 'windows.total-hours-min') };
}

/** The hours a window covers and what is wrong with its schedule. */
export function readSchedule(window: Pick<EventWindow, 'cron' | 'timeRanges'>, facts: FactBook): ScheduleReading {
  const minima = minimaOf(facts);
  const { cron, timeRanges } = window;
  if (cron !== null && timeRanges.length > 0) {
    const row = lintRow('one-schedule', 'The window has time ranges and a cron expression; AWS takes one of them.');
    return { spans: [], canonical: null, rows: [row] };
  }
  if (cron !== null) return readCron(cron, minima);
  if (timeRanges.length > 0) return readTimeRanges(timeRanges, minima);
  const row = lintRow('no-schedule', 'The window has neither time ranges nor a cron expression.');
  return { spans: [], canonical: null, rows: [row] };
}

/** Advice on when a window is open, whatever its form. */
export function advice(spans: readonly WeekSpan[], isFargate: boolean, facts: FactBook): readonly LintRow[] {
  const rows: LintRow[] = [];
  const covered = coveredHours(spans);
  if (covered > HOURS_PER_WEEK / 2) {
    rows.push(lintRow('always-open', `Open ${hoursText(covered)} of 168 a week: it hardly steers anything.`));
  }
  if (!isFargate || covered === 0) return rows;
  const hours = Number(memberFact(facts, 'windows.fargate.advice', 'hours'));
  const days = Number(memberFact(facts, 'windows.fargate.advice', 'days'));
  const longest = Math.max(...spans.map((span) => span.hours));
  if (longest >= hours || longestGap(spans) <= days * 24) return rows;
  const gap = Math.ceil(longestGap(spans) / 24);
  const text = `For Fargate AWS recommends ${hours} hours or more, or a range at least every ${days} days; this one has ${hoursText(longest)} and ${gap} days between ranges.`;
  return [...rows, lintRow('fargate-advice', text)];
}

export type LintedWindow = {
  readonly window: EventWindow;
  readonly spans: readonly WeekSpan[];
  readonly lint: readonly LintRow[];
};

export type RegionLint = {
  readonly windows: readonly LintedWindow[];
  /** What concerns the region as a whole. */
  readonly rows: readonly LintRow[];
};

/** What the rules that look at instances need to know of them. */
export type RegionView = Pick<RegionPart, 'eventWindows' | 'instances' | 'settings'> & {
  /** Instance id -> id of the Dedicated Host it runs on; leave out those on shared hardware. */
  readonly hosts?: { readonly [instanceId: string]: string };
};

/** Every window of a region, by id, with its rows; the region's own rows apart. */
export function lintRegion(region: RegionView, facts: FactBook): RegionLint {
  const windows = [...region.eventWindows].sort((a, b) => (a.id < b.id ? -1 : 1));
  const running = region.instances.filter(isRunning);
  const linted = windows.map((window): LintedWindow => {
    const { spans, rows } = readSchedule(window, facts);
    const others = windows.filter((other) => other !== window && other.state !== 'deleted');
    const lint = sortedRows([
      ...rows,
      ...advice(spans, isForFargate(window), facts),
      ...targetRows(window, facts),
      ...instanceRows(window, running, region),
      ...neighbourRows(window, others, running),
      ...stateRows(window),
    ]);
    for (const row of lint) facts.cite(row.fact);
    return { window, spans, lint };
  });
  const rows = regionRows(windows.length, facts);
  for (const row of rows) facts.cite(row.fact);
  return { windows: linted, rows };
}

/** Room for more windows in a region that has `count` of them. */
export function regionRows(count: number, facts: FactBook): readonly LintRow[] {
  const limit = numberFact(facts, 'windows.per-region');
  if (count > limit) return [lintRow('region-limit', `${count} windows; a region takes ${limit}.`)];
  if (count < limit * 0.9) return [];
  const left = limit - count;
  const room = left === 0 ? 'no other can be made' : `room for ${left} more`;
  return [lintRow('region-nearly-full', `${count} of ${limit} windows of the region are in use: ${room}.`)];
}

function stateRows(window: EventWindow): readonly LintRow[] {
  if (window.state === 'active') return [];
  return [lintRow('not-active', `The window is ${window.state || 'in no known state'}; only an active one counts.`)];
}

/** Targets against the instances that run today. */
function instanceRows(window: EventWindow, running: readonly Ec2Instance[], region: RegionView): readonly LintRow[] {
  const rows: LintRow[] = [];
  const byId = running.filter(({ id }) => window.instanceIds.includes(id));
  const managed = byId.filter(isManagedInstance).map(({ id }) => id);
  if (managed.length > 0) {
    const text = `${some(managed)}: a managed instance reads its window at launch, before its id is known. Target the tag aws:ecs:clusterName or aws:ecs:capacityProviderName instead.`;
    rows.push(lintRow('mi-instance-id', text));
  }
  const hosted = byId.filter(({ id }) => region.hosts?.[id] !== undefined).map(({ id }) => id);
  if (hosted.length > 0) {
    rows.push(lintRow('dedicated-host', `${some(hosted)} run on a Dedicated Host: target the host id instead.`));
  }
  if (isForFargate(window)) {
    const setting = region.settings.fargateEventWindows ?? 'not set';
    if (setting === 'enabled') return rows;
    return [
      ...rows,
      lintRow('fargate-setting', `The account setting fargateEventWindows is ${setting}: Fargate ignores the window.`),
    ];
  }
  const gone = window.instanceIds.filter((id) => !running.some((instance) => instance.id === id));
  if (gone.length > 0)
    rows.push(lintRow('matches-nothing', `${some(gone)}: no such instance that ECS uses runs here.`));
  const idle = window.instanceTags.filter(({ key, value }) => !running.some(({ tags }) => tags[key] === value));
  if (idle.length > 0) {
    const names = idle.map(({ key, value }) => `${key}=${value}`);
    rows.push(lintRow('matches-nothing', `No instance that ECS uses carries ${some(names)} today.`));
  }
  return rows;
}

/** A window beside the others: targets in two windows, instances matched twice, one name for two. */
function neighbourRows(
  window: EventWindow,
  others: readonly EventWindow[],
  running: readonly Ec2Instance[],
): readonly LintRow[] {
  const rows: LintRow[] = [];
  const names = targetNames(window);
  for (const other of others) {
    const shared = targetNames(other).filter((name) => names.includes(name));
    if (shared.length > 0) {
      rows.push(lintRow('target-once', `${some(shared)} is a target of ${other.id} too; AWS takes it in one window.`));
    }
    const both = running
      .filter((instance) => matchesInstance(window, instance) && matchesInstance(other, instance))
      .map(({ id }) => id);
    if (both.length > 0 && shared.length === 0) {
      const text = `${some(both)} ${both.length === 1 ? 'is' : 'are'} matched by ${other.id} too; AWS does not say which of the two counts.`;
      rows.push(lintRow('targets-overlap', text));
    }
    if (window.name !== '' && other.name === window.name) {
      rows.push(lintRow('same-name', `${other.id} has the same name: tell them apart by id.`));
    }
  }
  return rows;
}

function targetNames({ instanceIds, instanceTags, dedicatedHostIds }: EventWindow): readonly string[] {
  return [...instanceIds, ...dedicatedHostIds, ...instanceTags.map(({ key, value }) => `${key}=${value}`)];
}
