/** The reverse of an applied change, on the windows as they are now; and a stale change on the new world. Pure. */
import type { EventWindow } from '../engine/index.ts';
import type { Change, Proposal, WindowTargets } from './model.ts';
import { differenceOf } from './plan.ts';
import {
  holderOf,
  isEmpty,
  madeFor,
  sameSchedule,
  sameTargets,
  scheduleOf,
  standing,
  targetsOf,
  targetWords,
  windowWith,
  within,
  without,
} from './windows.ts';

export type Reverse =
  | { readonly kind: 'change'; readonly change: Change }
  /** Why there is none, one sentence. */
  | { readonly kind: 'none'; readonly because: string };

/** The change that takes an applied one back. None when somebody has changed the same thing since. */
export function undoOf({ id, change }: Pick<Proposal, 'id' | 'change'>, windows: readonly EventWindow[]): Reverse {
  const { place } = change;
  switch (change.kind) {
    case 'window.set': {
      const { before, after } = change;
      const now = before === null ? madeFor(id, windows)[0] : standing(before.id, windows);
      if (now === undefined || now === null) return none('The window is gone already.');
      if (!sameSchedule(scheduleOf(now), after.schedule) || !sameTargets(targetsOf(now), after.targets)) {
        return none(`Window ${now.id} was changed since; look at it before taking anything back.`);
      }
      if (before === null) return { kind: 'change', change: { kind: 'window.delete', place, before: now } };
      const goal = { name: now.name, schedule: scheduleOf(before), targets: targetsOf(before) };
      return freeToSet(goal.targets, windows, { kind: 'window.set', place, before: now, after: goal });
    }
    case 'window.move': {
      const [from, to] = [standing(change.to.id, windows), standing(change.from.id, windows)];
      if (from === null) return none(`Window ${change.to.id} is gone.`);
      if (to === null) return none(`Window ${change.from.id}, where the targets were, is gone.`);
      if (!isEmpty(without(change.targets, targetsOf(from)))) {
        return none(`${targetWords(change.targets)} is no longer in window ${from.id}.`);
      }
      return { kind: 'change', change: { kind: 'window.move', place, targets: change.targets, from, to } };
    }
    case 'window.delete': {
      const { before } = change;
      if (standing(before.id, windows) !== null) return none(`Window ${before.id} stands.`);
      const after = { name: before.name, schedule: scheduleOf(before), targets: targetsOf(before) };
      return freeToSet(after.targets, windows, { kind: 'window.set', place, before: null, after });
    }
  }
}

/** The same wish on the windows as they are now; none when it cannot be had, or is so already. */
export function againOf(change: Change, windows: readonly EventWindow[]): Reverse {
  const { place } = change;
  switch (change.kind) {
    case 'window.set': {
      const { after } = change;
      const holder = holderOf(after.targets, windows, []);
      const before = change.before === null ? holder : standing(change.before.id, windows);
      if (before === null) return freeToSet(after.targets, windows, { ...change, before: null });
      const same = windowWith(before, after.schedule, after.targets);
      if (differenceOf(before, same) === null) return none(`Window ${before.id} is so already.`);
      // A window of somebody else may hold more than this change is about; those targets stay where they are.
      if (!isEmpty(without(targetsOf(before), after.targets)) && before.id !== change.before?.id) {
        return none(`${targetWords(after.targets)} is in window ${before.id} together with others.`);
      }
      if (holder !== null && holder.id !== before.id) {
        return none(`${targetWords(after.targets)} is in window ${holder.id}.`);
      }
      return { kind: 'change', change: { ...change, before, after: { ...after, name: before.name } } };
    }
    case 'window.move': {
      const [from, to] = [standing(change.from.id, windows), standing(change.to.id, windows)];
      if (from === null || to === null) return none('One of the two windows is gone.');
      if (isEmpty(within(change.targets, targetsOf(from)))) {
        return none(`${targetWords(change.targets)} is not in window ${from.id}.`);
      }
      return { kind: 'change', change: { ...change, from, to } };
    }
    case 'window.delete': {
      const before = standing(change.before.id, windows);
      if (before === null) return none(`Window ${change.before.id} is gone already.`);
      return { kind: 'change', change: { kind: 'window.delete', place, before } };
    }
  }
}

/** How a change can be taken back, one sentence. */
export function undoWords(change: Change): string {
  switch (change.kind) {
    case 'window.set':
      return change.before === null
        ? 'Undo deletes the new window.'
        : `Undo gives window ${change.before.id} its old schedule and targets back.`;
    case 'window.move':
      return `Undo moves the targets back to window ${change.from.id}.`;
    case 'window.delete':
      return 'Undo makes a new window with the same name, hours and targets. It has a new id.';
  }
}

function freeToSet(targets: WindowTargets, windows: readonly EventWindow[], change: Change): Reverse {
  const own = change.kind === 'window.set' && change.before !== null ? [change.before.id] : [];
  const holder = holderOf(targets, windows, own);
  if (holder !== null) return none(`${targetWords(targets)} is in window ${holder.id} now.`);
  return { kind: 'change', change };
}

function none(because: string): Reverse {
  return { kind: 'none', because: because.charAt(0).toUpperCase() + because.slice(1) };
}
