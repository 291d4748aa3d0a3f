/** Comparing event windows as sets: AWS promises no order of ranges, tags or ids. Pure. */
import type { EventWindow } from '../engine/index.ts';
import { PROPOSAL_TAG, type WindowSchedule, type WindowTargets } from './model.ts';

export function scheduleOf({ cron, timeRanges }: EventWindow): WindowSchedule {
  return cron === null ? { kind: 'ranges', timeRanges } : { kind: 'cron', cron };
}

export function targetsOf({ instanceIds, instanceTags, dedicatedHostIds }: EventWindow): WindowTargets {
  return { instanceIds, instanceTags, dedicatedHostIds };
}

/** The window as it would be read with this schedule and these targets. */
export function windowWith(window: EventWindow, schedule: WindowSchedule, targets: WindowTargets): EventWindow {
  const when =
    schedule.kind === 'cron'
      ? { cron: schedule.cron, timeRanges: [] }
      : { cron: null, timeRanges: schedule.timeRanges };
  return { ...window, ...when, ...targets };
}

export function sameSchedule(a: WindowSchedule, b: WindowSchedule): boolean {
  return scheduleKey(a) === scheduleKey(b);
}

function scheduleKey(schedule: WindowSchedule): string {
  if (schedule.kind === 'cron') return `cron ${schedule.cron.trim().replace(/\s+/g, ' ').toUpperCase()}`;
  return schedule.timeRanges
    .map((range) => [range.startWeekDay, range.startHour, range.endWeekDay, range.endHour].join(' ').toLowerCase())
    .sort()
    .join(', ');
}

export function sameTargets(a: WindowTargets, b: WindowTargets): boolean {
  return isEmpty(without(a, b)) && isEmpty(without(b, a));
}

export function isEmpty(targets: WindowTargets): boolean {
  return sizeOf(targets) === 0;
}

function sizeOf({ instanceIds, instanceTags, dedicatedHostIds }: WindowTargets): number {
  return instanceIds.length + instanceTags.length + dedicatedHostIds.length;
}

/** Members of `a` that are not in `b`. */
export function without(a: WindowTargets, b: WindowTargets): WindowTargets {
  return {
    instanceIds: a.instanceIds.filter((id) => !b.instanceIds.includes(id)),
    instanceTags: a.instanceTags.filter((tag) => !hasTag(b, tag)),
    dedicatedHostIds: a.dedicatedHostIds.filter((id) => !b.dedicatedHostIds.includes(id)),
  };
}

/** Members of `a` that are in `b` too. */
export function within(a: WindowTargets, b: WindowTargets): WindowTargets {
  return without(a, without(a, b));
}

export function union(a: WindowTargets, b: WindowTargets): WindowTargets {
  const more = without(b, a);
  return {
    instanceIds: [...a.instanceIds, ...more.instanceIds],
    instanceTags: [...a.instanceTags, ...more.instanceTags],
    dedicatedHostIds: [...a.dedicatedHostIds, ...more.dedicatedHostIds],
  };
}

function hasTag(targets: WindowTargets, { key, value }: WindowTargets['instanceTags'][number]): boolean {
  return targets.instanceTags.some((tag) => tag.key === key && tag.value === value);
}

/** The window, unless it is gone or about to be. */
export function standing(id: string, windows: readonly EventWindow[]): EventWindow | null {
  return windows.find((window) => window.id === id && isStanding(window)) ?? null;
}

function isStanding({ state }: EventWindow): boolean {
  return state !== 'deleting' && state !== 'deleted';
}

/** Windows that carry the tag of a proposal. */
export function madeFor(proposal: string, windows: readonly EventWindow[]): readonly EventWindow[] {
  return windows.filter((window) => isStanding(window) && window.tags[PROPOSAL_TAG] === proposal);
}

/** Another window that has one of the targets: AWS allows a target in one window only. */
export function holderOf(
  targets: WindowTargets,
  windows: readonly EventWindow[],
  but: readonly string[],
): EventWindow | null {
  const holds = (window: EventWindow) => !isEmpty(within(targets, targetsOf(window)));
  return windows.find((window) => isStanding(window) && !but.includes(window.id) && holds(window)) ?? null;
}

/** `tag aws:ecs:clusterName=prod`, `2 instances` …, for sentences. */
export function targetWords(targets: WindowTargets): string {
  const { instanceIds, instanceTags, dedicatedHostIds } = targets;
  const parts = [
    ...instanceTags.map(({ key, value }) => `tag ${key}=${value}`),
    ...counted(instanceIds, 'instance'),
    ...counted(dedicatedHostIds, 'Dedicated Host'),
  ];
  return parts.length === 0 ? 'nothing' : parts.join(', ');
}

function counted(ids: readonly string[], noun: string): readonly string[] {
  const [first, ...more] = ids;
  if (first === undefined) return [];
  return [more.length === 0 ? `${noun} ${first}` : `${ids.length} ${noun}s`];
}
