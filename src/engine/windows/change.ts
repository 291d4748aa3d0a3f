/** A change to the event windows of one region, and the windows as they would be afterwards. */
import type { EventWindow } from '../model.ts';
import type { Targets } from './targets.ts';

type Place = { readonly account: string; readonly region: string };

export type Schedule =
  | { readonly kind: 'cron'; readonly cron: string }
  | { readonly kind: 'ranges'; readonly timeRanges: EventWindow['timeRanges'] };

/** What people approve, one compound step each. */
export type WindowChange =
  | {
      readonly kind: 'window.set';
      readonly place: Place;
      readonly before: EventWindow | null;
      readonly after: { readonly name: string; readonly schedule: Schedule; readonly targets: Targets };
    }
  | {
      readonly kind: 'window.move';
      readonly place: Place;
      readonly targets: Targets;
      readonly from: EventWindow;
      readonly to: EventWindow;
    }
  | { readonly kind: 'window.delete'; readonly place: Place; readonly before: EventWindow };

/** Stands for the id that AWS gives a new window. */
export const NEW_WINDOW = 'the new window';

/** The windows after the change; the changed ones stand last. */
export function windowsAfter(
  windows: readonly EventWindow[],
  change: WindowChange,
): { readonly windows: readonly EventWindow[]; readonly changed: readonly EventWindow[] } {
  const changed = changedWindows(change);
  const gone = change.kind === 'window.delete' ? [change.before.id] : changed.map(({ id }) => id);
  return { windows: [...windows.filter(({ id }) => !gone.includes(id)), ...changed], changed };
}

function changedWindows(change: WindowChange): readonly EventWindow[] {
  switch (change.kind) {
    case 'window.set': {
      const { before, after } = change;
      const { schedule, targets, name } = after;
      const parts = scheduleParts(schedule);
      if (before !== null) return [{ ...before, name, ...parts, ...copyOf(targets) }];
      return [{ id: NEW_WINDOW, name, state: 'active', tags: {}, ...parts, ...copyOf(targets) }];
    }
    case 'window.move': {
      const { targets, from, to } = change;
      return [
        { ...from, ...without(from, targets) },
        { ...to, ...joined(to, targets) },
      ];
    }
    case 'window.delete':
      return [];
    default:
      return change satisfies never;
  }
}

/** The schedule as the members of a window. */
export function scheduleParts(schedule: Schedule): Pick<EventWindow, 'cron' | 'timeRanges'> {
  return schedule.kind === 'cron'
    ? { cron: schedule.cron, timeRanges: [] }
    : { cron: null, timeRanges: schedule.timeRanges };
}

function copyOf({ instanceIds, instanceTags, dedicatedHostIds }: Targets): Targets {
  return { instanceIds, instanceTags, dedicatedHostIds };
}

/** The targets of both, each once. */
export function joined(a: Targets, b: Targets): Targets {
  const rest = without(b, a);
  return {
    instanceIds: [...a.instanceIds, ...rest.instanceIds],
    instanceTags: [...a.instanceTags, ...rest.instanceTags],
    dedicatedHostIds: [...a.dedicatedHostIds, ...rest.dedicatedHostIds],
  };
}

function without(all: Targets, some: Targets): Targets {
  return {
    instanceIds: all.instanceIds.filter((id) => !some.instanceIds.includes(id)),
    instanceTags: all.instanceTags.filter((tag) => !some.instanceTags.some((other) => isSameTag(tag, other))),
    dedicatedHostIds: all.dedicatedHostIds.filter((id) => !some.dedicatedHostIds.includes(id)),
  };
}

type Tag = Targets['instanceTags'][number];

export function isSameTag(a: Tag, b: Tag): boolean {
  return a.key === b.key && a.value === b.value;
}

/** What the window is for, in words, one text for each target. */
export function targetTexts({ instanceIds, instanceTags, dedicatedHostIds }: Targets): readonly string[] {
  return [
    ...instanceTags.map(tagText),
    ...instanceIds.map((id) => `instance ${id}`),
    ...dedicatedHostIds.map((id) => `host ${id}`),
  ];
}

function tagText({ key, value }: Tag): string {
  const [, path = value] = /^arn:[^:]+:ecs:[^:]*:[^:]*:[^/]+\/(.+)$/.exec(value) ?? [];
  switch (key) {
    case 'aws:ecs:clusterName':
      return `cluster ${value}`;
    case 'aws:ecs:capacityProviderName':
      return `provider ${value}`;
    case 'aws:ecs:clusterArn':
      return `Fargate tasks of cluster ${path}`;
    case 'aws:ecs:serviceArn':
      return `service ${path}`;
    case 'aws:ecs:fargateTask':
      return 'all Fargate tasks';
    default:
      return `${key}=${value}`;
  }
}

/** `rose-nights (iew-…)`; the id alone where the window has no name. */
export function windowText({ id, name }: Pick<EventWindow, 'id' | 'name'>): string {
  return name === '' ? id : `${name} (${id})`;
}
