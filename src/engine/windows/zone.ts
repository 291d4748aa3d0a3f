/**
 * Local time to UTC and back. The engine holds no time zone database: a zone's changes come in as data. AWS keeps
 * windows in UTC, so a window given in local time fits only part of the year, unless one range fits all of it.
 */
import { instantOf, type Period } from './instant.ts';
import { isLegal, type Minima } from './schedule.ts';
import {
  coveredHours,
  intersection,
  joined,
  type MinuteSpan,
  movedMinutes,
  union,
  type WeekSpan,
  wholeHours,
} from './week.ts';

/** A named zone. Each row holds from its moment until the next one's; the first also holds before its own. */
export type Zone = {
  readonly name: string;
  /** In order of time, at least one. `minutes` = local clock minus UTC. */
  readonly offsets: readonly { readonly fromUtc: string; readonly minutes: number }[];
};

export const UTC: Zone = { name: 'UTC', offsets: [{ fromUtc: '1970-01-01T00:00:00Z', minutes: 0 }] };

/** A stretch of the period in which the zone's clock keeps one distance from UTC. */
export type ClockPeriod = Period & { readonly offsetMinutes: number };

/** Minutes that the zone's clock is ahead of UTC at a moment. */
export function offsetAt(zone: Zone, at: number): number {
  const current = zone.offsets.filter(({ fromUtc }) => instantOf(fromUtc) <= at).at(-1) ?? zone.offsets[0];
  return current?.minutes ?? 0;
}

/** The period cut where the zone's clock changes, in order of time. */
export function clockPeriods(zone: Zone, { from, to }: Period): readonly ClockPeriod[] {
  const cuts = zone.offsets
    .map(({ fromUtc }) => fromUtc)
    .filter((at) => instantOf(at) > instantOf(from) && instantOf(at) < instantOf(to));
  const edges = [from, ...cuts, to];
  const periods: ClockPeriod[] = [];
  for (const [index, start] of edges.slice(0, -1).entries()) {
    const offsetMinutes = offsetAt(zone, instantOf(start));
    const last = periods.at(-1);
    const end = edges[index + 1] ?? to;
    // Zones change their name or law without moving the clock: no cut then.
    if (last !== undefined && last.offsetMinutes === offsetMinutes) periods[periods.length - 1] = { ...last, to: end };
    else periods.push({ from: start, to: end, offsetMinutes });
  }
  return periods;
}

/**
 * One way to put a local window into UTC. `exact` = right all year. `all-year` = the part that lies inside the wanted
 * hours whatever the clock says. `part-year` = right at one offset, shifted at the others. `around` = contains the
 * wanted hours at every offset, and more.
 */
export type UtcChoice = {
  readonly kind: 'exact' | 'all-year' | 'part-year' | 'around';
  /** The offset at which a `part-year` choice is right; null for the others. */
  readonly offsetMinutes: number | null;
  readonly spans: readonly WeekSpan[];
  /** True when AWS would take it: both minima are met. */
  readonly isLegal: boolean;
};

export type UtcChoices = {
  readonly chosen: UtcChoice;
  /** The other ways, best first; legal ones only. */
  readonly others: readonly UtcChoice[];
  readonly clocks: readonly ClockPeriod[];
};

/**
 * Ways to put `wanted` (local minutes of the week) into whole UTC hours over the period. One range that fits all year
 * is preferred, then the one that is right now, then those right at other times of the year. When none is legal, the one that is right now comes back, so that it can be said why.
 */
export function utcChoices(
  wanted: readonly MinuteSpan[],
  zone: Zone,
  { period, minima }: { readonly period: Period; readonly minima: Minima },
): UtcChoices {
  const clocks = clockPeriods(zone, period);
  const offsets = [...new Set(clocks.map(({ offsetMinutes }) => offsetMinutes))];
  const local = joined(wanted);
  const at = (offset: number, rounding: 'inside' | 'around'): readonly WeekSpan[] =>
    wholeHours(movedMinutes(local, -offset), rounding);
  const choice = (kind: UtcChoice['kind'], spans: readonly WeekSpan[], offset: number | null = null): UtcChoice => ({
    kind,
    offsetMinutes: offset,
    spans,
    isLegal: isLegal(spans, minima),
  });
  const inside = offsets.map((offset) => at(offset, 'inside'));
  const around = offsets.map((offset) => at(offset, 'around')).reduce(union, []);
  const common = inside.reduce((a, b) => intersection(a, b));
  const isExact = coveredHours(common) === coveredHours(around);
  const generous = isExact ? [] : [choice('around', around)];
  const ways =
    isExact || offsets.length === 1
      ? [choice(isExact ? 'exact' : 'all-year', common)]
      : [
          choice('all-year', common),
          ...offsets.map((offset, index) => choice('part-year', inside[index] ?? [], offset)),
        ];
  const rightNow = ways.find(({ kind }) => kind !== 'all-year') ?? ways[0] ?? choice('exact', []);
  // Never by itself the generous one: it lets AWS in at hours that nobody named.
  const chosen = ways.find((way) => way.isLegal) ?? rightNow;
  return { chosen, others: [...ways, ...generous].filter((way) => way.isLegal && way !== chosen), clocks };
}

/** What the local clock shows while the window is open. */
export function localSpans(spans: readonly WeekSpan[], offsetMinutes: number): readonly MinuteSpan[] {
  return joined(
    movedMinutes(
      spans.map(({ start, hours }) => ({ start: start * 60, minutes: hours * 60 })),
      offsetMinutes,
    ),
  );
}
