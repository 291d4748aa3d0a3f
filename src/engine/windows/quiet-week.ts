/** The quietest hours of the week, from measured load by hour: where a window hurts least. */
import { isLegal, type Minima } from './schedule.ts';
import { HOURS_PER_WEEK, hoursOf, modulo, type WeekSpan } from './week.ts';

/** Load in one hour of the week (UTC, 0 = Sunday 00:00), in percent of what the tasks reserve. */
export type HourLoad = {
  readonly hour: number;
  readonly percent: number;
  /** Weeks that the figure rests on. */
  readonly weeks: number;
};

export type QuietQuestion = {
  readonly load: readonly HourLoad[];
  /** Length of each range, in hours. */
  readonly hours: number;
  /** How many ranges; with several, they are at least a day apart. */
  readonly ranges: number;
  /** Hours that must stay closed. */
  readonly avoid: readonly WeekSpan[];
  readonly minima: Minima;
};

/** Fewest weeks behind every hour before a pattern is called one. */
const ENOUGH_WEEKS = 2;

export type QuietProposal =
  | {
      readonly kind: 'proposal';
      readonly spans: readonly WeekSpan[];
      /** Highest and mean load inside the proposal, and of the whole week. */
      readonly inside: { readonly highest: number; readonly mean: number };
      readonly week: { readonly highest: number; readonly mean: number };
      /** Fewest weeks behind any hour of the proposal. */
      readonly weeks: number;
    }
  | { readonly kind: 'not-enough-data'; readonly hoursKnown: number; readonly weeks: number }
  | { readonly kind: 'no-room' };

/**
 * The ranges with the lowest peak; of equal peaks the lowest mean, then the earliest in the week. Hours without enough
 * weeks of data are never proposed, and half the week must be known before anything is.
 */
export function quietestWindow({ load, hours, ranges, avoid, minima }: QuietQuestion): QuietProposal {
  const known = new Map(load.filter(({ weeks }) => weeks >= ENOUGH_WEEKS).map((row) => [row.hour, row]));
  const weeksSeen = Math.max(0, ...load.map(({ weeks }) => weeks));
  if (known.size < HOURS_PER_WEEK / 2) return { kind: 'not-enough-data', hoursKnown: known.size, weeks: weeksSeen };
  const closed = hoursOf(avoid);
  const candidates = Array.from({ length: HOURS_PER_WEEK }, (_, start) => candidate(start, hours, known))
    .filter((found) => found !== null)
    .filter(({ span }) => ![...hoursOf([span])].some((hour) => closed.has(hour)))
    .sort((a, b) => a.highest - b.highest || a.mean - b.mean || a.span.start - b.span.start);
  const chosen: Candidate[] = [];
  for (const next of candidates) {
    if (chosen.length < ranges && chosen.every(({ span }) => isDayApart(span, next.span))) chosen.push(next);
  }
  const spans = chosen.map(({ span }) => span).sort((a, b) => a.start - b.start);
  if (chosen.length < ranges || !isLegal(spans, minima)) return { kind: 'no-room' };
  const inside = [...hoursOf(spans)].flatMap((hour) => known.get(hour) ?? []);
  return {
    kind: 'proposal',
    spans,
    inside: figures(inside),
    week: figures([...known.values()]),
    weeks: Math.min(...inside.map(({ weeks }) => weeks)),
  };
}

type Candidate = { readonly span: WeekSpan; readonly highest: number; readonly mean: number };

/** Null when an hour of it is not known. */
function candidate(start: number, hours: number, known: ReadonlyMap<number, HourLoad>): Candidate | null {
  const rows = Array.from({ length: hours }, (_, at) => known.get(modulo(start + at, HOURS_PER_WEEK)));
  const complete = rows.filter((row) => row !== undefined);
  if (complete.length < hours || hours < 1) return null;
  return { span: { start, hours }, ...figures(complete) };
}

function figures(rows: readonly HourLoad[]): { readonly highest: number; readonly mean: number } {
  const sum = rows.reduce((total, { percent }) => total + percent, 0);
  return { highest: Math.max(...rows.map(({ percent }) => percent)), mean: sum / rows.length };
}

function isDayApart(a: WeekSpan, b: WeekSpan): boolean {
  const distance = modulo(a.start - b.start, HOURS_PER_WEEK);
  return Math.min(distance, HOURS_PER_WEEK - distance) >= 24;
}
