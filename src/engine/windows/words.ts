/**
 * Plain words -> a weekly window, by an ordered list of patterns tried at each place of the text. Pure and
 * deterministic: what had to be guessed is said, and so is what was not understood.
 */
import { type LintRow, lintRow, quoted } from './rules.ts';
import type { MinuteSpan } from './week.ts';
import { type Group, type Part, resolveGroup } from './word-groups.ts';
import { type Clock, PATTERNS, type Token } from './word-tokens.ts';

export type WordsReading = {
  /** Minutes of the week on the clock the words are meant for, one span per range, as they were said. */
  readonly spans: readonly MinuteSpan[];
  /** What was assumed, each a sentence. */
  readonly guesses: readonly string[];
  readonly notUnderstood: readonly string[];
  /** What no clock or no weekly window can say. */
  readonly rows: readonly LintRow[];
};

/** Reads `Sundays 10 to 2pm`, `weekday nights 1-5`, `fri 22:00 - sat 04:00, wed 1-3`, … Spans are empty when nothing was. */
export function readWords(text: string): WordsReading {
  const { tokens, notUnderstood } = tokensOf(normal(text));
  const guesses: string[] = [];
  const rows: LintRow[] = [];
  const spans: MinuteSpan[] = [];
  for (const token of tokens) {
    if (token.kind === 'span') spans.push(token.span);
    if (token.kind === 'every') guesses.push(token.guess);
    if (token.kind === 'not-weekly') {
      rows.push(
        lintRow('words', `AWS windows repeat every week: "${quoted(token.text)}" cannot be said, and was left out.`),
      );
    }
    if (token.kind === 'bad-hour') rows.push(lintRow('range-fields', `${quoted(token.text)} is no time of day.`));
  }
  for (const group of groupsOf(tokens)) {
    const resolved = resolveGroup(group);
    spans.push(...resolved.spans);
    guesses.push(...resolved.guesses);
  }
  return { spans, guesses: [...new Set(guesses)], notUnderstood: [...new Set(notUnderstood)], rows };
}

/** One spelling for dashes, clock words and blanks. */
function normal(text: string): string {
  return text
    .toLowerCase()
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .replace(/\b([ap])\.m\.?/g, '$1m')
    .replace(/\bo'?clock\b/g, ' ')
    .replace(/\b(?:until|till|til|through|thru)\b/g, 'to')
    .replace(/\s+/g, ' ')
    .trim();
}

function tokensOf(text: string): { readonly tokens: readonly Token[]; readonly notUnderstood: readonly string[] } {
  const tokens: Token[] = [];
  const notUnderstood: string[] = [];
  let at = 0;
  while (at < text.length) {
    const found = firstMatch(text, at);
    if (found === null) {
      const [word = text.charAt(at)] = /\S+/y.exec(text.slice(at)) ?? [];
      const bare = word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '');
      if (bare !== '') notUnderstood.push(bare);
      at += Math.max(1, word.length);
    } else {
      tokens.push(...found.tokens);
      at += found.length;
    }
  }
  return { tokens, notUnderstood };
}

function firstMatch(text: string, at: number): { readonly tokens: readonly Token[]; readonly length: number } | null {
  for (const { pattern, read } of PATTERNS) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match !== null && match[0].length > 0) return { tokens: read(match), length: match[0].length };
  }
  return null;
}

type Building = {
  days: Set<number> | null;
  except: Set<number>;
  hours: Clock[];
  part: Part | null;
  isCounted: boolean;
  hasBadHour: boolean;
  last: Token['kind'] | null;
  startedWithHours: boolean;
};

const empty = (): Building => ({
  days: null,
  except: new Set(),
  hours: [],
  part: null,
  isCounted: false,
  hasBadHour: false,
  last: null,
  startedWithHours: false,
});

/** Days and hours that belong together: `sat+sun 2-6, wed 1-3` is two groups, `sun 2-4 and 10-12` is one. */
function groupsOf(tokens: readonly Token[]): readonly Group[] {
  const groups: Group[] = [];
  let group = empty();
  const flush = (): void => {
    // A time that no clock shows has its own row; no other time is assumed in its place.
    const isEmpty = group.hours.length === 0 && (group.hasBadHour || (group.days === null && group.part === null));
    if (!isEmpty) groups.push(group);
    group = empty();
  };
  let isExcept = false;
  for (const token of tokens) {
    const hasTime = group.hours.length > 0 || group.part !== null || group.hasBadHour;
    switch (token.kind) {
      case 'days':
      case 'every':
        if (isExcept) {
          for (const day of token.days) group.except.add(day);
          break;
        }
        if (group.days !== null && hasTime && group.last !== 'days' && group.last !== 'every') flush();
        group.days = new Set([...(group.days ?? []), ...token.days]);
        group.isCounted ||= token.kind === 'every';
        break;
      case 'hours':
        if (group.days !== null && group.startedWithHours && group.last === 'days') flush();
        if (group.days === null) group.startedWithHours = true;
        group.hours.push(token.clock);
        break;
      case 'part':
        if (group.part !== null && group.days !== null && group.last === 'part') flush();
        group.part = group.part === null || group.hours.length === 0 ? token.part : group.part;
        break;
      case 'bad-hour':
        group.hasBadHour = true;
        break;
      case 'except':
        isExcept = true;
        break;
      default:
        break;
    }
    if (token.kind !== 'except' && token.kind !== 'days') isExcept = false;
    if (token.kind !== 'except') group.last = token.kind;
  }
  flush();
  return groups;
}

/** The cron expression in the text, without the quotes or the `cron(…)` around it; null when it is none. */
export function cronIn(text: string): string | null {
  const [, wrapped] = /^\s*cron\s*[(:=]?\s*(.*?)\)?\s*$/i.exec(text) ?? [];
  const bare = (wrapped ?? text).trim().replace(/^["'`]+|["'`]+$/g, '');
  return wrapped !== undefined || bare.split(/\s+/).some((field) => field.startsWith('*')) ? bare : null;
}
