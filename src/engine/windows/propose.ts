/** Words, a clock and an aim -> the change to make, what is wrong with it, and what people should know. Pure. */
import type { FactBook } from '../facts.ts';
import type { EventWindow } from '../model.ts';
import type { Aim } from './aim.ts';
import { lintText, type WindowAnswer } from './ask.ts';
import { type BriefedChange, briefChange, type WindowWorld } from './briefing.ts';
import { isSameTag, joined, type Schedule, scheduleParts, type WindowChange, windowText } from './change.ts';
import { hasErrors } from './rules.ts';
import { cronOf } from './schedule.ts';
import { scheduleSpans } from './show.ts';
import { hoursOf, timeRanges } from './week.ts';
import type { Zone } from './zone.ts';

export type WindowWish = {
  readonly aim: Aim;
  readonly place: WindowChange['place'];
  readonly words: string;
  readonly zone: Zone;
  /** Name of a new window; null = the aim's. */
  readonly name: string | null;
  /** Id of the window to set; null = the one that has the target, or a new one. */
  readonly window: string | null;
};

export type WishAnswer =
  /** More than one window, or not the right one: which, so that one can be named. */
  | { readonly kind: 'which-window'; readonly because: string; readonly candidates: readonly string[] }
  /** The words cannot be read at all. */
  | { readonly kind: 'unreadable'; readonly answer: WindowAnswer }
  | ({
      readonly kind: 'refused' | 'same' | 'change';
      readonly answer: WindowAnswer;
      readonly change: Extract<WindowChange, { readonly kind: 'window.set' }>;
    } & BriefedChange);

/** `refused` = a rule has an error; `same` = the window is so already; `change` = it can be proposed. */
export function proposeWindow(wish: WindowWish, world: WindowWorld, facts: FactBook): WishAnswer {
  const { aim, place, words, zone } = wish;
  const isForFargate = aim.runsOn === 'fargate';
  // Targets are linted beside all windows of the region, below.
  const answer = lintText({ text: words, zone, now: world.now, isForFargate, tags: [] }, facts);
  if (answer.spans.length === 0) return { kind: 'unreadable', answer };
  const found = windowFor(wish, world.windows);
  if (found.kind === 'which-window') return found;
  const before = found.window;
  const own = { instanceIds: [], instanceTags: [aim.tag], dedicatedHostIds: [] };
  const change = {
    kind: 'window.set' as const,
    place,
    before,
    after: {
      name: before?.name ?? wish.name ?? nameFor(aim),
      schedule: scheduleOf(answer, before),
      targets: before === null ? own : joined(before, own),
    },
  };
  const briefed = briefChange(change, world, { facts, rows: answer.lint });
  if (hasErrors(briefed.lint)) return { kind: 'refused', answer, change, ...briefed };
  return { kind: isSame(change) ? 'same' : 'change', answer, change, ...briefed };
}

/** What AWS is sent: in the form that the window has already where that can say it, else as it was asked for. */
function scheduleOf({ cron, timeRanges: ranges, spans }: WindowAnswer, before: EventWindow | null): Schedule {
  const wanted = before === null ? cron : before.cron === null ? null : (cron ?? cronOf(spans));
  if (wanted !== null) return { kind: 'cron', cron: wanted };
  return { kind: 'ranges', timeRanges: ranges.length > 0 ? ranges : timeRanges(spans) };
}

/** Names of windows take letters, digits, blanks and a few marks; at most 255. */
function nameFor({ kind, cluster, name }: Aim): string {
  const text = kind === 'cluster' ? name : `${cluster}-${name}`;
  return text.replace(/[^\w .:/()#,@[\]+=&;{}!$*-]/g, '-').slice(0, 255);
}

type Found =
  | { readonly kind: 'window'; readonly window: EventWindow | null }
  | Extract<WishAnswer, { readonly kind: 'which-window' }>;

/** The window that has the target already; AWS takes a target in one window only. */
function windowFor({ aim, window: wanted, name }: WindowWish, windows: readonly EventWindow[]): Found {
  const living = windows.filter(({ state }) => state !== 'deleted' && state !== 'deleting');
  const holders = living.filter(({ instanceTags }) => instanceTags.some((tag) => isSameTag(tag, aim.tag)));
  const ids = holders.map(({ id }) => id);
  if (wanted === null) {
    const [holder] = holders;
    if (holder !== undefined && name !== null && name !== holder.name) {
      const because = `the target has the window ${windowText(holder)}, and a window keeps its name`;
      return { kind: 'which-window', because, candidates: ids };
    }
    if (holders.length <= 1) return { kind: 'window', window: holder ?? null };
    return {
      kind: 'which-window',
      because: `${holders.length} windows have the tag ${aim.tag.key}=${aim.tag.value}`,
      candidates: ids,
    };
  }
  const named = living.find(({ id }) => id === wanted);
  if (named === undefined) {
    const because = `there is no window ${wanted} in this region`;
    return { kind: 'which-window', because, candidates: living.map(({ id }) => id) };
  }
  const [other] = holders.filter(({ id }) => id !== wanted);
  if (other !== undefined) {
    const because = `the target is in ${other.id}, and AWS takes it in one window only`;
    return { kind: 'which-window', because, candidates: ids };
  }
  if (named.instanceIds.length > 0 || named.dedicatedHostIds.length > 0) {
    const because = `${wanted} is for instance ids or Dedicated Hosts, and a window has one kind of target`;
    return { kind: 'which-window', because, candidates: ids };
  }
  return { kind: 'window', window: named };
}

/** True when the window has these hours, this name and these targets already. */
function isSame({ before, after }: Extract<WindowChange, { readonly kind: 'window.set' }>): boolean {
  if (before === null) return false;
  const hours = (schedule: Pick<EventWindow, 'cron' | 'timeRanges'>): string =>
    [...hoursOf(scheduleSpans(schedule))].sort((a, b) => a - b).join();
  return (
    hours(before) === hours(scheduleParts(after.schedule)) &&
    before.name === after.name &&
    after.targets.instanceTags.every((tag) => before.instanceTags.some((other) => isSameTag(tag, other)))
  );
}
