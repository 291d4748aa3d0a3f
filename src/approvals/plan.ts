/**
 * What a change asks of AWS, worked out from the windows as they are. Pure. The plan is always the difference between
 * the world and the goal: a killed apply is gone on with by looking again, never by remembering.
 */
import type { EventWindow } from '../engine/index.ts';
import { type Change, PROPOSAL_TAG, type WindowCall, type WindowTargets } from './model.ts';
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
  union,
  windowWith,
  within,
  without,
} from './windows.ts';

type SetChange = Extract<Change, { kind: 'window.set' }>;
type After = SetChange['after'];

export type Progress =
  /** The world is as the change wants it; `window` = the one it is about, null when that is gone. */
  | { readonly kind: 'done'; readonly window: string | null }
  /** The first one can be made now. */
  | { readonly kind: 'open'; readonly calls: readonly WindowCall[] }
  /** Somebody else has been at work, and how: a sentence without its full stop. */
  | { readonly kind: 'moved'; readonly because: string };

/** What is left to do. Sees every state that the change can leave behind half-way, and no other. */
export function progressOf(change: Change, proposal: string, windows: readonly EventWindow[]): Progress {
  switch (change.kind) {
    case 'window.set':
      return change.before === null
        ? progressOfNew(change.after, proposal, windows)
        : progressOfSet(change.before, change.after, windows);
    case 'window.move':
      return progressOfMove(change, windows);
    case 'window.delete': {
      const { before } = change;
      const now = standing(before.id, windows);
      if (now === null) return { kind: 'done', window: null };
      const because = differenceOf(before, now);
      if (because !== null) return { kind: 'moved', because };
      return { kind: 'open', calls: callsOf(change, proposal) };
    }
  }
}

/** What is left to do until nothing of a half-made change stands. */
export function progressBack(change: Change, proposal: string, windows: readonly EventWindow[]): Progress {
  switch (change.kind) {
    case 'window.set': {
      const { before, after } = change;
      if (before !== null) {
        const goal = { name: before.name, schedule: scheduleOf(before), targets: targetsOf(before) };
        return progressOfSet(windowWith(before, after.schedule, after.targets), goal, windows);
      }
      const [made] = madeFor(proposal, windows);
      if (made === undefined) return { kind: 'done', window: null };
      if (!isEmpty(targetsOf(made))) return { kind: 'moved', because: `Window ${made.id} has targets` };
      return { kind: 'open', calls: [{ op: 'DeleteInstanceEventWindow', window: made.id }] };
    }
    case 'window.move':
      return progressOfMove({ targets: change.targets, from: change.to, to: change.from }, windows);
    case 'window.delete':
      return { kind: 'done', window: null };
  }
}

/**
 * Whether the world is the one that the change was proposed on: `open`. `done` when it is already as wanted, without
 * any doing of ours. Asked before anything is done.
 */
export function stillValid(change: Change, proposal: string, windows: readonly EventWindow[]): Progress {
  const progress = progressOf(change, proposal, windows);
  if (progress.kind !== 'open') return progress;
  for (const before of windowsOf(change)) {
    const now = standing(before.id, windows);
    const because = now === null ? `Window ${before.id} is gone` : differenceOf(before, now);
    if (because !== null) return { kind: 'moved', because };
  }
  return progress;
}

/** The calls of a change in order, on the world it was proposed on. A new window gets the proposal as its tag. */
export function callsOf(change: Change, proposal: string): readonly WindowCall[] {
  switch (change.kind) {
    case 'window.set':
      return change.before === null ? creation(change.after, proposal) : setCalls(change.before, change.after);
    case 'window.move':
      return moveCalls(change, change.targets, change.targets);
    case 'window.delete':
      return [{ op: 'DeleteInstanceEventWindow', window: change.before.id }];
  }
}

/** IAM actions that the change needs, sorted, without the reading ones. */
export function permissionsOf(change: Change): readonly string[] {
  const actions = callsOf(change, '').map(({ op }) => `ec2:${op}`);
  if (actions.includes('ec2:CreateInstanceEventWindow')) actions.push('ec2:CreateTags');
  return [...new Set(actions)].sort();
}

/** Windows that the change was proposed on. */
function windowsOf(change: Change): readonly EventWindow[] {
  if (change.kind === 'window.move') return [change.from, change.to];
  return change.before === null ? [] : [change.before];
}

function progressOfNew(after: After, proposal: string, windows: readonly EventWindow[]): Progress {
  const made = madeFor(proposal, windows);
  const [window] = made;
  if (made.length > 1) return { kind: 'moved', because: `${made.length} windows carry the tag of this proposal` };
  const holder = holderOf(
    after.targets,
    windows,
    made.map(({ id }) => id),
  );
  if (holder !== null)
    return { kind: 'moved', because: `${capital(targetWords(after.targets))} is in ${holder.id} now` };
  if (window === undefined) return { kind: 'open', calls: creation(after, proposal) };
  const has = targetsOf(window);
  if (!sameSchedule(scheduleOf(window), after.schedule) || !isEmpty(without(has, after.targets))) {
    return { kind: 'moved', because: `Window ${window.id} was changed after it was made` };
  }
  const missing = without(after.targets, has);
  if (isEmpty(missing)) return { kind: 'done', window: window.id };
  return { kind: 'open', calls: [{ op: 'AssociateInstanceEventWindow', window: window.id, targets: missing }] };
}

function progressOfSet(before: EventWindow, after: After, windows: readonly EventWindow[]): Progress {
  const now = standing(before.id, windows);
  if (now === null) return { kind: 'moved', because: `Window ${before.id} is gone` };
  const schedule = scheduleOf(now);
  if (!sameSchedule(schedule, after.schedule) && !sameSchedule(schedule, scheduleOf(before))) {
    return { kind: 'moved', because: `Window ${now.id} has another schedule now` };
  }
  const [was, has] = [targetsOf(before), targetsOf(now)];
  const kept = within(was, after.targets);
  if (!isEmpty(without(has, union(was, after.targets))) || !isEmpty(without(kept, has))) {
    return { kind: 'moved', because: `Window ${now.id} has other targets now` };
  }
  const holder = holderOf(after.targets, windows, [now.id]);
  if (holder !== null)
    return { kind: 'moved', because: `${capital(targetWords(after.targets))} is in ${holder.id} now` };
  const calls = setCalls(now, after);
  return calls.length === 0 ? { kind: 'done', window: now.id } : { kind: 'open', calls };
}

type Move = Pick<Extract<Change, { kind: 'window.move' }>, 'targets' | 'from' | 'to'>;

function progressOfMove(move: Move, windows: readonly EventWindow[]): Progress {
  const { targets } = move;
  const [from, to] = [standing(move.from.id, windows), standing(move.to.id, windows)];
  if (to === null) return { kind: 'moved', because: `Window ${move.to.id} is gone` };
  const holder = holderOf(targets, windows, [move.from.id, to.id]);
  if (holder !== null) return { kind: 'moved', because: `${capital(targetWords(targets))} is in ${holder.id} now` };
  const leaving = from === null ? null : within(targets, targetsOf(from));
  const calls = moveCalls(move, leaving, without(targets, targetsOf(to)));
  return calls.length === 0 ? { kind: 'done', window: to.id } : { kind: 'open', calls };
}

function creation({ name, schedule, targets }: After, proposal: string): readonly WindowCall[] {
  const tags = { [PROPOSAL_TAG]: proposal };
  const create: WindowCall = { op: 'CreateInstanceEventWindow', name, schedule, tags };
  return isEmpty(targets) ? [create] : [create, { op: 'AssociateInstanceEventWindow', window: null, targets }];
}

/** Targets leave before others come: a window takes one kind of target only. */
function setCalls(now: EventWindow, { schedule, targets }: After): readonly WindowCall[] {
  const [leaving, coming] = [without(targetsOf(now), targets), without(targets, targetsOf(now))];
  const calls: WindowCall[] = [];
  if (!sameSchedule(scheduleOf(now), schedule)) {
    calls.push({ op: 'ModifyInstanceEventWindow', window: now.id, schedule });
  }
  if (!isEmpty(leaving)) calls.push({ op: 'DisassociateInstanceEventWindow', window: now.id, targets: leaving });
  if (!isEmpty(coming)) calls.push({ op: 'AssociateInstanceEventWindow', window: now.id, targets: coming });
  return calls;
}

function moveCalls({ from, to }: Move, leaving: WindowTargets | null, coming: WindowTargets): readonly WindowCall[] {
  const calls: WindowCall[] = [];
  if (leaving !== null && !isEmpty(leaving)) {
    calls.push({ op: 'DisassociateInstanceEventWindow', window: from.id, targets: leaving });
  }
  if (!isEmpty(coming)) calls.push({ op: 'AssociateInstanceEventWindow', window: to.id, targets: coming });
  return calls;
}

/** How a window differs from what it was; null when it does not. Its state may have gone on. */
export function differenceOf(before: EventWindow, now: EventWindow): string | null {
  if (!sameSchedule(scheduleOf(before), scheduleOf(now))) return `Window ${now.id} has another schedule now`;
  if (!sameTargets(targetsOf(before), targetsOf(now))) return `Window ${now.id} has other targets now`;
  if (before.name !== now.name) return `Window ${now.id} has another name now`;
  return null;
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
