/** Event windows for people: what AWS would be sent, the week as a picture, and what is wrong with it. */
import type { LintRow, MinuteSpan, UtcChoice, WindowAnswer } from '../engine/index.ts';
import { showMinutes, showSpans } from '../engine/index.ts';
import type { Part, Report } from './report.ts';

type Asked = { readonly tz: string; readonly isZoneGuessed: boolean };

const TONE = { error: 'no', warning: 'caution' } as const;

/** The answer to `windows lint`. */
export function windowLintReport(asked: Asked, answer: WindowAnswer): Report {
  const parts: Part[] = [{ kind: 'lead', text: lead(answer) }];
  if (answer.spans.length > 0) {
    parts.push(
      { kind: 'fields', fields: fields(asked, answer) },
      { kind: 'preformatted', text: picture(asked, answer) },
    );
  }
  if (answer.lint.length > 0) parts.push({ kind: 'list', items: answer.lint.map(lintItem) });
  const assumed = answer.guesses.map((text) => ({ text: `Assumed: ${text}`, tone: 'caution' as const }));
  if (assumed.length > 0) parts.push({ kind: 'list', items: assumed });
  if (answer.others.length > 0) {
    parts.push(
      { kind: 'heading', text: 'Other ways to put it into UTC' },
      { kind: 'list', items: answer.others.map((other) => ({ text: otherText(other) })) },
    );
  }
  const used = answer.facts.length === 1 ? '1 fact' : `${answer.facts.length} facts`;
  parts.push({
    kind: 'context',
    texts: [
      ...(asked.isZoneGuessed && answer.form === 'words'
        ? ['No time zone was named, so the hours are UTC. With a zone: --tz Europe/London.']
        : []),
      `Rests on ${used} about event windows. Nothing was sent to AWS. Windows are best effort: network maintenance, urgent events and failing hardware keep to none.`,
    ],
  });
  return { parts, actions: [], csv: csv(answer.lint) };
}

function lead({ lint, spans }: WindowAnswer): string {
  const errors = lint.filter(({ severity }) => severity === 'error');
  const hours = spans.reduce((sum, span) => sum + span.hours, 0);
  const when = `${showSpans(spans)} UTC, ${hours === 1 ? '1 hour' : `${hours} hours`} a week`;
  const warnings = lint.filter(({ severity }) => severity === 'warning').length;
  const but = warnings === 0 ? '' : warnings === 1 ? ', with one caution' : `, with ${warnings} cautions`;
  if (errors.length === 0) return `AWS takes this window${but}: ${when}.`;
  const why = errors.length === 1 ? 'one thing is wrong' : `${errors.length} things are wrong`;
  return spans.length === 0 ? `No window: ${why}.` : `AWS would refuse this window: ${why}. It reads as ${when}.`;
}

type Item = { readonly text: string; readonly tone?: 'caution' | 'no' };

function lintItem({ rule, severity, text }: LintRow): Item {
  const said = `${text} (${severity}, ${rule})`;
  return severity === 'note' ? { text: said } : { text: said, tone: TONE[severity] };
}

function fields({ tz }: Asked, answer: WindowAnswer): readonly { readonly label: string; readonly value: string }[] {
  const { cron, timeRanges, spans, otherForm, local } = answer;
  const count = timeRanges.length === 1 ? '1 time range' : `${timeRanges.length} time ranges`;
  const sent = cron ?? `${showSpans(spans)}, as ${count}`;
  return [
    { label: 'AWS gets', value: sent },
    ...(otherForm === null ? [] : [{ label: cron === null ? 'As cron' : 'That is', value: otherForm }]),
    ...localFields(tz, local),
  ];
}

/** What the local clock shows: now, and after the next change; later ones repeat these two. */
function localFields(
  tz: string,
  local: WindowAnswer['local'],
): readonly { readonly label: string; readonly value: string }[] {
  if (local.every(({ clock }) => clock.offsetMinutes === 0)) return [];
  return local.slice(0, 2).map(({ clock, spans }, index) => ({
    label: local.length === 1 ? tz : index === 0 ? `${tz} until ${day(clock.to)}` : `from ${day(clock.from)}`,
    value: `${showMinutes(spans)} (${offsetText(clock.offsetMinutes)})`,
  }));
}

const day = (iso: string): string => iso.slice(0, 10);

/** `UTC`, `UTC+1`, `UTC-3:30`. */
function offsetText(minutes: number): string {
  if (minutes === 0) return 'UTC';
  const size = Math.abs(minutes);
  const rest = size % 60 === 0 ? '' : `:${String(size % 60).padStart(2, '0')}`;
  return `UTC${minutes < 0 ? '-' : '+'}${Math.floor(size / 60)}${rest}`;
}

function otherText({ kind, offsetMinutes, spans }: UtcChoice): string {
  const when = `${showSpans(spans)} UTC`;
  switch (kind) {
    case 'exact':
      return when;
    case 'all-year':
      return `${when}: inside your hours all year.`;
    case 'part-year':
      return `${when}: your hours while the clock is at ${offsetText(offsetMinutes ?? 0)}, shifted when it is not.`;
    case 'around':
      return `${when}: contains your hours all year, and reaches outside them.`;
    default:
      return kind satisfies never;
  }
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
const HOUR_MARKS = '00    06    12    18    ';
const OPEN = '█';
const PARTLY = '▒';
const CLOSED = '·';
const GAP = '   ';

/** Seven lines of 24 hours: UTC, and beside it the local week where there is one. */
function picture({ tz }: Asked, { spans, local }: WindowAnswer): string {
  const utc = grid([spans.map(({ start, hours }) => ({ start: start * 60, minutes: hours * 60 }))]);
  const hasLocal = local.some(({ clock }) => clock.offsetMinutes !== 0);
  const here = hasLocal ? grid(local.map((clock) => clock.spans)) : null;
  const row = (label: string, left: string, right: string): string =>
    `${label.padEnd(5)}${hasLocal ? `${left.padEnd(24)}${GAP}${right}` : left}`.trimEnd();
  const lines = DAYS.map((day, at) => row(day, utc[at] ?? '', here?.[at] ?? ''));
  const isMixed = here?.some((line) => line.includes(PARTLY)) ?? false;
  return [
    row('', 'UTC', tz),
    row('', HOUR_MARKS, HOUR_MARKS),
    ...lines,
    ...(isMixed ? [`${OPEN} open   ${PARTLY} part of the hour, or part of the year`] : []),
  ].join('\n');
}

/** A day per line, a mark per hour: open in all the weeks, in some of them or for part of the hour, or closed. */
function grid(weeks: readonly (readonly MinuteSpan[])[]): readonly string[] {
  const counts = new Array<number>(7 * 24 * 60).fill(0);
  for (const { start, minutes } of weeks.flat()) {
    for (let at = 0; at < minutes; at += 1) {
      const minute = (start + at) % counts.length;
      counts[minute] = (counts[minute] ?? 0) + 1;
    }
  }
  return DAYS.map((_, day) =>
    Array.from({ length: 24 }, (_unused, hour) => {
      const from = (day * 24 + hour) * 60;
      const open = counts.slice(from, from + 60);
      if (open.every((count) => count === weeks.length)) return OPEN;
      return open.some((count) => count > 0) ? PARTLY : CLOSED;
    }).join(''),
  );
}

function csv(rows: readonly LintRow[]): readonly (readonly string[])[] {
  return [
    ['rule', 'severity', 'fact', 'text'],
    ...rows.map(({ rule, severity, fact, text }) => [rule, severity, fact, text]),
  ];
}
