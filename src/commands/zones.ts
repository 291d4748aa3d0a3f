/** Named time zones, from the machine's own database: the engine has none and is given a zone's changes as data. */
import type { Zone } from '../engine/index.ts';
import { timeZone } from './values.ts';

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
/** How far ahead changes are looked up: a year, and enough to see the one after it. */
const DAYS_AHEAD = 400;

/** The zone's distance from UTC at `from`, and each change of it in the year after. */
export function zoneFrom(name: string, from: Date): Zone {
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  const start = Math.floor(from.getTime() / MINUTE) * MINUTE;
  const offsets = [{ fromUtc: iso(start), minutes: minutesAhead(clock, start) }];
  for (let at = start; at < start + DAYS_AHEAD * DAY; at += DAY) {
    const before = minutesAhead(clock, at);
    const after = minutesAhead(clock, at + DAY);
    if (before !== after) offsets.push({ fromUtc: iso(changeBetween(clock, at, at + DAY)), minutes: after });
  }
  return { name, offsets };
}

/** The first minute with the offset of `to`. No zone changes its clock twice in a day. */
function changeBetween(clock: Intl.DateTimeFormat, from: number, to: number): number {
  const before = minutesAhead(clock, from);
  let [low, high] = [from, to];
  while (high - low > MINUTE) {
    const middle = low + Math.floor((high - low) / 2 / MINUTE) * MINUTE;
    if (minutesAhead(clock, middle) === before) low = middle;
    else high = middle;
  }
  return high;
}

/** Minutes that the zone's clock is ahead of UTC at a moment: its own digits, read as if they were UTC. */
function minutesAhead(clock: Intl.DateTimeFormat, at: number): number {
  const parts = Object.fromEntries(clock.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = parts;
  return Math.round((Date.UTC(year, month - 1, day, hour, minute) - at) / MINUTE);
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

/** A zone the machine knows, as it was typed: the machine's own spelling may be an older name (Asia/Calcutta). */
export function readZone(text: string, flag: string): string {
  const canonical = timeZone(text, flag);
  const typed = text.trim();
  return typed.toLowerCase() === canonical.toLowerCase() ? canonical : typed;
}

/** A zone named in the middle of other words: `London`, `New York`, `Asia/Tokyo`, `CET`, `UTC`. */
export function zoneInText(text: string): { readonly zone: string | null; readonly rest: string } {
  const place = /\b[A-Za-z]+\/[A-Za-z_]+(?:\/[A-Za-z_]+)?\b/.exec(text)?.[0];
  const written = place ?? /\b(?:utc|gmt|cet|eet|wet)\b/i.exec(text)?.[0];
  const zone = written === undefined ? null : known(written);
  if (written !== undefined && zone !== null) return { zone, rest: without(text, written) };
  const lower = text.toLowerCase();
  const city = CITIES.find(([name]) => new RegExp(`\\b${name}\\b`).test(lower));
  return city === undefined ? { zone: null, rest: text } : { zone: city[1], rest: without(text, city[0]) };
}

function known(name: string): string | null {
  if (/^(utc|gmt)$/i.test(name)) return 'UTC';
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
  } catch (error) {
    // "sat/sun" has the shape of a zone and is none.
    if (error instanceof RangeError) return null;
    throw error;
  }
  return readZone(name, 'tz');
}

function without(text: string, name: string): string {
  const at = text.toLowerCase().indexOf(name.toLowerCase());
  return `${text.slice(0, at)} ${text.slice(at + name.length)}`.replace(/\s+/g, ' ').trim();
}

const ZONES = Intl.supportedValuesOf('timeZone');
/** Names of places that are words of their own: "the data center" is not in North Dakota. */
const WORDS = /^(center|christmas|easter|midway|troll)$/;
/** City -> zone, longest names first, so that "New York" is not looked up as a shorter name inside it. */
const CITIES: readonly (readonly [string, string])[] = ZONES.filter((zone) => zone.includes('/'))
  .map((zone) => [(zone.split('/').at(-1) ?? '').replaceAll('_', ' ').toLowerCase(), zone] as const)
  .filter(([name]) => !WORDS.test(name))
  .sort(([a], [b]) => b.length - a.length || (a < b ? -1 : 1));
