/** How an apply ended, and what stands in AWS, in plain words. Pure. */
import type { EventWindow } from '../engine/index.ts';
import type { Change, WindowTargets } from './model.ts';
import {
  isEmpty,
  madeFor,
  sameSchedule,
  sameTargets,
  scheduleOf,
  standing,
  targetsOf,
  targetWords,
  within,
  without,
} from './windows.ts';

/** Of a change that was read back; `window` = the one that it is about. */
export function doneWords(change: Change, window: string | null): string {
  switch (change.kind) {
    case 'window.set': {
      const { before, after } = change;
      if (before !== null) return `Window ${before.id} was changed, and reads back as approved.`;
      const holds = isEmpty(after.targets) ? '' : ` for ${targetWords(after.targets)}`;
      return `Window ${window ?? 'new'} was made${holds}, and reads back as approved.`;
    }
    case 'window.move':
      return `Moved from window ${change.from.id} to ${change.to.id}: ${targetWords(change.targets)}.`;
    case 'window.delete':
      return `Window ${change.before.id} was deleted.`;
  }
}

/** What is there now of a change that did not end well; sentences. */
export function standsWords(change: Change, proposal: string, windows: readonly EventWindow[]): string {
  switch (change.kind) {
    case 'window.set': {
      const { before, after } = change;
      if (before === null) return madeWords(proposal, windows, after.targets);
      const now = standing(before.id, windows);
      if (now === null) return `Window ${before.id} is gone.`;
      const [schedule, targets] = [scheduleOf(now), targetsOf(now)];
      const hours = word(sameSchedule(schedule, scheduleOf(before)), sameSchedule(schedule, after.schedule));
      const holds = word(sameTargets(targets, targetsOf(before)), sameTargets(targets, after.targets));
      return `Window ${now.id} now has ${hours} hours and ${holds} targets.`;
    }
    case 'window.move': {
      const { targets, from, to } = change;
      const where = [from, to].map(({ id }) => standing(id, windows)).filter((window) => window !== null);
      const rest = where.reduce((left, window) => without(left, targetsOf(window)), targets);
      const held = where
        .filter((window) => !isEmpty(within(targets, targetsOf(window))))
        .map((window) => `Window ${window.id} holds ${targetWords(within(targets, targetsOf(window)))}.`);
      return [...held, ...(isEmpty(rest) ? [] : [`In neither of the two windows: ${targetWords(rest)}.`])].join(' ');
    }
    case 'window.delete':
      return standing(change.before.id, windows) === null
        ? `Window ${change.before.id} is gone.`
        : `Window ${change.before.id} stands.`;
  }
}

function madeWords(proposal: string, windows: readonly EventWindow[], targets: WindowTargets): string {
  const made = madeFor(proposal, windows);
  if (made.length === 0) return 'No window of this proposal stands.';
  return made
    .map((window) => {
      const missing = without(targets, targetsOf(window));
      return isEmpty(missing)
        ? `Window ${window.id} stands.`
        : `Window ${window.id} stands without ${targetWords(missing)}.`;
    })
    .join(' ');
}

function word(isOld: boolean, isNew: boolean): string {
  if (isNew) return 'the new';
  return isOld ? 'the old' : 'other';
}
