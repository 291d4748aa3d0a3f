/**
 * Every rule a window is held against, in the order shown. `error` = AWS refuses it, or it cannot do what it is for;
 * `warning` = AWS takes it, and it will surprise somebody; `note` = good to know.
 */
import type { FactId } from '../facts.ts';

export type Severity = 'error' | 'warning' | 'note';

type Rule = { readonly id: string; readonly title: string; readonly severity: Severity; readonly fact: FactId };

export const WINDOW_RULES = [
  rule('one-schedule', 'error', 'A window has time ranges or a cron expression, not both', 'windows.one-schedule'),
  rule('no-schedule', 'error', 'A window needs time ranges or a cron expression', 'windows.one-schedule'),
  rule('cron-fields', 'error', 'A cron expression has five fields', 'windows.cron.fields'),
  rule(
    'cron-sixth-field',
    'warning',
    'AWS describes five fields and six; five is the safe form',
    'windows.cron.fields',
  ),
  rule('cron-other-fields', 'error', 'Only the hour and the day of the week carry values', 'windows.cron.star-fields'),
  rule('cron-hours', 'error', 'Hours are ranges such as 0-4 or 0-4,20-23, never single', 'windows.cron.hour-ranges'),
  rule('cron-wrap', 'error', 'A cron hour range cannot run over midnight', 'windows.cron.no-wrap'),
  rule('cron-days', 'error', 'Days are 0 to 6 (0 = Sunday) or SUN to SAT', 'windows.cron.days'),
  rule('cron-day-list', 'warning', 'AWS describes single days only, not day ranges or *', 'windows.cron.days'),
  rule('cron-hole', 'warning', 'The hour before midnight is not covered by cron', 'windows.cron.length'),
  rule('cron-last-hour', 'note', 'No cron range reaches 24:00', 'windows.cron.length'),
  rule('cron-night', 'note', 'The morning range belongs to the same day as the evening range', 'windows.cron.no-wrap'),
  rule('range-fields', 'error', 'A range is a weekday and an hour 0 to 23 at both ends', 'windows.range-fields'),
  rule('whole-hours', 'error', 'A window begins and ends on the hour', 'windows.range-fields'),
  rule('rounded', 'warning', 'The local time is no whole hour in UTC and was rounded', 'windows.range-fields'),
  rule('range-minimum', 'error', 'Each range lasts at least two hours', 'windows.range-hours-min'),
  rule('total-minimum', 'error', 'All ranges of a week last at least four hours together', 'windows.total-hours-min'),
  rule('ranges-overlap', 'warning', 'Two ranges of the window overlap', 'windows.total-hours-min'),
  rule('words', 'warning', 'Part of the text was not understood', 'windows.weekly'),
  rule('daylight-saving', 'warning', 'The window does not follow the local clock', 'windows.utc'),
  rule('trimmed', 'note', 'One UTC range was found that fits all year', 'windows.utc'),
  rule('always-open', 'note', 'The window is open most of the week', 'windows.weekly'),
  rule(
    'fargate-advice',
    'warning',
    'For Fargate: eight hours, or one range every three days',
    'windows.fargate.advice',
  ),
  rule('one-target-kind', 'error', 'A window has one kind of target', 'windows.one-target-kind'),
  rule('target-limit', 'error', '100 instance ids, or 50 tags, or 50 Dedicated Hosts at most', 'windows.target-limits'),
  rule('no-target', 'warning', 'A window without targets steers nothing', 'windows.needs-target'),
  rule('mi-instance-id', 'error', 'Managed Instances are targeted by tag', 'windows.mi.read-at-launch'),
  rule('mi-tag-value', 'error', 'Tags of Managed Instances hold names, not ARNs', 'windows.mi.tags'),
  rule('fargate-tag-value', 'error', 'Tags of Fargate windows hold ARNs, not names', 'windows.fargate.tags'),
  rule('unknown-aws-tag', 'warning', 'The aws: tag is not one that windows are known to match', 'windows.mi.tags'),
  rule(
    'fargate-setting',
    'warning',
    'Fargate looks at windows only with fargateEventWindows on',
    'windows.fargate.setting',
  ),
  rule('dedicated-host', 'error', 'Instances on a Dedicated Host are covered by host id', 'windows.dedicated-hosts'),
  rule('target-once', 'error', 'A target can sit in one window only', 'windows.target-once'),
  rule('targets-overlap', 'warning', 'An instance is matched by two windows', 'windows.overlap-undocumented'),
  rule('matches-nothing', 'warning', 'No instance matches the target today', 'windows.needs-target'),
  rule('same-name', 'warning', 'Names of windows are not unique', 'windows.names-not-unique'),
  rule('not-active', 'note', 'The window is not active', 'windows.states'),
  rule('region-limit', 'error', '200 windows in a region at most', 'windows.per-region'),
  rule('region-nearly-full', 'warning', 'The region has nearly all windows it may have', 'windows.per-region'),
] as const satisfies readonly Rule[];

export type WindowRuleId = (typeof WINDOW_RULES)[number]['id'];

/** What a rule found in one window. */
export type LintRow = {
  readonly rule: WindowRuleId;
  readonly severity: Severity;
  readonly fact: FactId;
  /** One or two sentences: what is wrong here and what to write instead. */
  readonly text: string;
};

function rule<const Id extends string, const F extends FactId>(
  id: Id,
  severity: Severity,
  title: string,
  fact: F,
): { readonly id: Id; readonly title: string; readonly severity: Severity; readonly fact: F } {
  return { id, title, severity, fact };
}

const BY_ID = new Map<string, Rule>(WINDOW_RULES.map((row) => [row.id, row]));
const ORDER = new Map<string, number>(WINDOW_RULES.map((row, index) => [row.id, index]));
const BY_SEVERITY: Readonly<Record<Severity, number>> = { error: 0, warning: 1, note: 2 };

/** A finding of the rule, with the rule's severity and fact. */
export function lintRow(id: WindowRuleId, text: string): LintRow {
  const { severity, fact } = BY_ID.get(id) ?? { severity: 'error' as const, fact: 'windows.weekly' };
  return { rule: id, severity, fact, text };
}

/** Errors first, then in the order of the rules; the same finding is said once. */
export function sortedRows(rows: readonly LintRow[]): readonly LintRow[] {
  const texts = new Set<string>();
  const once = rows.filter((row) => {
    const key = `${row.rule} ${row.text}`;
    return !texts.has(key) && texts.add(key) !== undefined;
  });
  const place = (row: LintRow): number => BY_SEVERITY[row.severity] * 1000 + (ORDER.get(row.rule) ?? 0);
  return [...once].sort((a, b) => place(a) - place(b));
}

/** True when AWS would refuse the window, or it could not do what it is for. */
export function hasErrors(rows: readonly LintRow[]): boolean {
  return rows.some(({ severity }) => severity === 'error');
}

const LONGEST_QUOTE = 60;

/** What somebody typed, inside a sentence: one line, at most 60 characters; `nothing` when it is empty. */
export function quoted(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  if (line === '') return 'nothing';
  return line.length <= LONGEST_QUOTE ? line : `${line.slice(0, LONGEST_QUOTE - 1)}…`;
}
