/** Readers of flag values: each returns a typed value, or throws a usage error that says what to type instead. */
import { usageError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { clip } from './flags.ts';

/** Text and flag name -> value. */
type Read<T> = (text: string, flag: string) => T;

export const MEMORY_UNITS = /^(gi?b|mi?b|g|m)$/i;
export const TIME_UNITS = /^(s|secs?|seconds?|m|mins?|minutes?|h|hours?|d|days?)$/i;

const DAY_MINUTES = 1440;

function bad(flag: string, text: string, wrong: string, example: string): Error {
  return usageError('usage_bad_value', `--${flag} ${clip(text)}: ${wrong}`, `type --${flag} ${example}`);
}

/** `20,000`, `20_000`, `20k` or `1.5M` -> a whole number, NaN when it is none. */
function wholeNumber(text: string): number {
  const [, digits, suffix = ''] = /^(\d{1,3}(?:[,_]\d{3})+|\d+(?:\.\d+)?)([km]?)$/i.exec(text.trim()) ?? [];
  if (digits === undefined) return Number.NaN;
  const factor = { '': 1, k: 1_000, m: 1_000_000 }[suffix.toLowerCase()] ?? Number.NaN;
  const value = Number(digits.replace(/[,_]/g, '')) * factor;
  return Number.isSafeInteger(value) ? value : Number.NaN;
}

/** What to say of a text that is no number of the wanted kind. */
function numberFault(text: string, wanted: string): string {
  if (/^\s*[-−]\s*[\d.]/.test(text)) return 'must not be negative';
  if (/^\s*\d+,\d{1,2}\D*$/.test(text)) return 'decimals are written with a point';
  return `is not ${wanted}`;
}

/** A whole number inside a range. */
export function count(range: { readonly min: number; readonly max: number; readonly example: string }): Read<number> {
  return (text, flag) => {
    const value = wholeNumber(text);
    if (Number.isNaN(value)) throw bad(flag, text, numberFault(text, 'a whole number'), range.example);
    if (value < range.min || value > range.max)
      throw bad(flag, text, `must be ${range.min} to ${range.max.toLocaleString('en-US')}`, range.example);
    return value;
  };
}

/** vCPU -> CPU units (1024 per vCPU), which must come out whole. */
export function cpuUnits(minUnits: number, maxVcpu: number): Read<number> {
  return (text, flag) => {
    const [, digits] = /^(\d+(?:\.\d+)?)\s*(?:v?cpus?)?$/i.exec(text.trim()) ?? [];
    const units = Number(digits) * 1024;
    if (digits === undefined) throw bad(flag, text, numberFault(text, 'a number of vCPU'), '0.5');
    if (!Number.isInteger(units))
      throw bad(flag, text, 'is not a multiple of 1/1024 vCPU', String(Math.ceil(Number(digits) * 8) / 8));
    if (units < minUnits || Number(digits) > maxVcpu)
      throw bad(flag, text, `must be above 0 and at most ${maxVcpu.toLocaleString('en-US')} vCPU`, '0.5');
    return units;
  };
}

const MIB_PER_UNIT: Readonly<Record<string, number>> = { '': 1024, g: 1024, gb: 1024, gib: 1024, m: 1, mb: 1, mib: 1 };

/** GiB (or a number with MiB or GiB behind it) -> MiB, above zero. */
export function memoryMiB(maxGiB: number, example: string): Read<number> {
  const read = memoryMiBOrNone(maxGiB, example);
  return (text, flag) => {
    const mib = read(text, flag);
    if (mib === 0 && flag !== 'storage') throw bad(flag, text, 'must be more than 0', example);
    return mib;
  };
}

/** The same, nothing allowed. */
export function memoryMiBOrNone(maxGiB: number, example: string): Read<number> {
  return (text, flag) => {
    const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim()) ?? [];
    if (digits === undefined) throw bad(flag, text, numberFault(text, 'a size'), `${example} (GiB) or ${example}GiB`);
    const factor = Object.hasOwn(MIB_PER_UNIT, unit.toLowerCase()) ? MIB_PER_UNIT[unit.toLowerCase()] : undefined;
    if (factor === undefined)
      throw bad(
        flag,
        text,
        `the unit ${clip(unit)} is not taken; GiB and MiB are`,
        `${/^tb|tib|t$/i.test(unit) ? `${Number(digits) * 1024}` : digits} (GiB)`,
      );
    const mib = Number(digits) * factor;
    if (!Number.isInteger(mib)) throw bad(flag, text, 'is not a whole number of MiB', `${Math.ceil(mib)}MiB`);
    if (mib > maxGiB * 1024) throw bad(flag, text, `must be at most ${maxGiB.toLocaleString('en-US')} GiB`, example);
    return mib;
  };
}

const SECONDS_PER_UNIT: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** `40s`, `2m`, `1h30m`, `90` -> whole seconds. */
export function seconds(range: { readonly min: number; readonly max: number }): Read<number> {
  return (text, flag) => {
    const value = spanSeconds(text.trim());
    if (value === null) throw bad(flag, text, numberFault(text, 'a duration'), '40s, 2m or 1h');
    if (!Number.isInteger(value)) throw bad(flag, text, 'is not a whole number of seconds', `${Math.ceil(value)}s`);
    if (value < range.min || value > range.max)
      throw bad(flag, text, `must be ${showSeconds(range.min)} to ${showSeconds(range.max)}`, '40s');
    return value;
  };
}

/** Seconds of a number alone or of number-unit pairs, null when it is neither. */
function spanSeconds(text: string): number | null {
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text);
  if (!/^(?:\d+(?:\.\d+)?\s*[a-z]+\s*)+$/i.test(text)) return null;
  let total = 0;
  for (const [, digits, unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)/gi)) {
    if (!TIME_UNITS.test(unit)) return null;
    total += Number(digits) * (SECONDS_PER_UNIT[unit.charAt(0).toLowerCase()] ?? Number.NaN);
  }
  return total;
}

/** In the largest unit that leaves a whole number, so that reading it back gives the same: 40 -> `40s`, 5400 -> `90m`. */
export function showSeconds(value: number): string {
  if (value > 0 && value % 86_400 === 0) return `${value / 86_400}d`;
  if (value > 0 && value % 3600 === 0) return `${value / 3600}h`;
  return value > 0 && value % 60 === 0 ? `${value / 60}m` : `${value}s`;
}

/** `01:00-04:00` -> its length in seconds, over midnight too, and the text as typed. */
export function timeWindow(text: string, flag: string): { readonly seconds: number; readonly text: string } {
  const parts = /^(\d{1,2}):(\d{2})(?::(\d{2}))?\s*[-–]\s*(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text.trim());
  const from = parts === null ? Number.NaN : clock(parts[1], parts[2], parts[3]);
  const to = parts === null ? Number.NaN : clock(parts[4], parts[5], parts[6]);
  if (Number.isNaN(from) || Number.isNaN(to) || from === DAY_MINUTES * 60)
    throw bad(flag, text, 'is not a from and a to', '01:00-04:00');
  if (from === to) throw bad(flag, text, 'has no length', '00:00-24:00 (the whole day)');
  const day = DAY_MINUTES * 60;
  return { seconds: (to - from + day) % day || day, text: text.trim().replace(/\s+/g, '') };
}

function clock(hours = '', minutes = '', rest = '0'): number {
  const value = Number(hours) * 3600 + Number(minutes) * 60 + Number(rest);
  return Number(minutes) < 60 && Number(rest) < 60 && value <= DAY_MINUTES * 60 ? value : Number.NaN;
}

/** A time zone the machine knows, in its canonical spelling. */
export function timeZone(text: string, flag: string): string {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: text.trim() }).resolvedOptions().timeZone;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw bad(flag, text, 'is not a time zone', 'Europe/London');
  }
}

/** `YYYY-MM-DD` that exists and lies in the range. */
export function day(range: { readonly from: string; readonly to: string; readonly because: string }): Read<string> {
  return (text, flag) => {
    const typed = text.trim();
    const time = /^\d{4}-\d{2}-\d{2}$/.test(typed) ? Date.parse(`${typed}T00:00:00Z`) : Number.NaN;
    const exists = !Number.isNaN(time) && new Date(time).toISOString().startsWith(typed);
    if (!exists) throw bad(flag, text, 'is not a day', '2025-12-04');
    if (typed < range.from || typed > range.to)
      throw bad(flag, text, range.because, `a day from ${range.from} to ${range.to}`);
    return typed;
  };
}

type DecimalRange = { readonly min: number; readonly max: number; readonly example: string };

/** A plain decimal as its digits, without needless zeros: money never becomes a float. */
export function decimalText(range: DecimalRange): Read<string> {
  return (text, flag) => {
    const [, whole, fraction = ''] = /^\$?(\d+)(?:\.(\d{1,9}))?$/.exec(text.trim()) ?? [];
    if (whole === undefined) throw bad(flag, text, 'is not a number', range.example);
    const kept = fraction.replace(/0+$/, '');
    const value = whole.replace(/^0+(?=\d)/, '') + (kept === '' ? '' : `.${kept}`);
    if (Number(value) < range.min || Number(value) > range.max)
      throw bad(flag, text, `must be ${range.min} to ${range.max.toLocaleString('en-US')}`, range.example);
    return value;
  };
}

/** The same as a number, for guardrails. */
export function decimalNumber(range: DecimalRange): Read<number> {
  const read = decimalText(range);
  return (text, flag) => Number(read(text, flag));
}

/** One of a few words, or of their other names. */
export function oneOf<const T extends string>(words: readonly T[], aliases: Readonly<Record<string, T>> = {}): Read<T> {
  return (text, flag) => {
    const typed = text.trim().toLowerCase();
    const found = words.find((word) => word === typed) ?? (Object.hasOwn(aliases, typed) ? aliases[typed] : undefined);
    if (found !== undefined) return found;
    throw bad(flag, text, notOneOf(typed, words), words.join(' or '));
  };
}

/** What to say of a word that is not among the known ones. */
export function notOneOf(word: string, known: readonly string[]): string {
  const near = nearest(word.toLowerCase(), known);
  return near === null ? 'is not known' : `is not known. Did you mean ${near}?`;
}
