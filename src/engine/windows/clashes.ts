/** Times at which nobody wants tasks to move, against times at which AWS may move them. */
import { HOUR_MS, instantOf, isoOf, minuteOfWeek, occurrences, overlaps, type Period } from './instant.ts';
import { MINUTES_PER_WEEK, type MinuteSpan, modulo, type WeekSpan } from './week.ts';
import { offsetAt, type Zone } from './zone.ts';

/** Days on which nothing may change, from one moment to another. */
export type Freeze = Period & { readonly name: string };

/** Hours of the week on a local clock in which nothing may change. */
export type QuietHours = { readonly name: string; readonly spans: readonly MinuteSpan[]; readonly zone: Zone };

export type Quiet = { readonly freezes: readonly Freeze[]; readonly quietHours: readonly QuietHours[] };

/** The part of a period that falls into a freeze or quiet hours. */
export type Clash = Period & { readonly kind: 'freeze' | 'quiet-hours' | 'deployment'; readonly name: string };

const MINUTE_MS = 60_000;

/** Everything the period runs into, in order of time. */
export function clashesOf(period: Period, { freezes, quietHours }: Quiet): readonly Clash[] {
  const frozen = freezes
    .filter((freeze) => overlaps(period, freeze))
    .map((freeze): Clash => ({ kind: 'freeze', name: freeze.name, ...shared(period, freeze) }));
  return [...frozen, ...quietHours.flatMap((quiet) => quietClashes(period, quiet))].sort(byTime);
}

/** Clashes of every opening of a window between two moments: what a new window would run into. */
export function windowClashes(spans: readonly WeekSpan[], { from, to }: Period, quiet: Quiet): readonly Clash[] {
  return occurrences(spans, instantOf(from), instantOf(to)).flatMap((opening) => clashesOf(opening, quiet));
}

function shared(a: Period, b: Period): Period {
  const from = Math.max(instantOf(a.from), instantOf(b.from));
  const to = Math.min(instantOf(a.to), instantOf(b.to));
  return { from: isoOf(from), to: isoOf(to) };
}

/**
 * Minute by minute, because the clock may change inside the period; a period of a day or more is looked at in steps of
 * a quarter of an hour, which every zone's offset is a multiple of.
 */
function quietClashes(period: Period, { name, spans, zone }: QuietHours): readonly Clash[] {
  const [start, end] = [instantOf(period.from), instantOf(period.to)];
  const step = end - start >= 24 * HOUR_MS ? 15 * MINUTE_MS : MINUTE_MS;
  const clashes: { from: number; to: number }[] = [];
  for (let at = start; at < end; at += step) {
    const minute = minuteOfWeek(at, offsetAt(zone, at));
    if (!spans.some((span) => modulo(minute - span.start, MINUTES_PER_WEEK) < span.minutes)) continue;
    const last = clashes.at(-1);
    const to = Math.min(at + step, end);
    if (last !== undefined && last.to === at) last.to = to;
    else clashes.push({ from: at, to });
  }
  return clashes.map(({ from, to }) => ({ kind: 'quiet-hours', name, from: isoOf(from), to: isoOf(to) }));
}

function byTime(a: Clash, b: Clash): number {
  if (a.from !== b.from) return a.from < b.from ? -1 : 1;
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
