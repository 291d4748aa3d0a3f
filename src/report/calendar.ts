/** Who is moved when: managed instances between day 14 and day 21, Fargate tasks by their rule, four weeks as a picture. */
import type {
  AccountHead,
  Clash,
  DrainRow,
  Ec2Instance,
  Missed,
  Quiet,
  RetirementRule,
  Storm,
  Zone,
} from '../engine/index.ts';
import { consequenceTexts, showSpans, spansText } from '../engine/index.ts';
import type { Part, Report } from './report.ts';
import { missedParts, plural } from './scan.ts';
import { utc } from './time.ts';

export type FargateRow = {
  readonly cluster: string;
  readonly tasks: number;
  /** Of tasks whose service has no window of its own. */
  readonly rule: RetirementRule;
  /** Its windows as people know them. */
  readonly windows: readonly string[];
  readonly ownWindows: readonly string[];
  /** Services of which no second task may start beside the first. */
  readonly cannotReplaceFirst: readonly string[];
};

export type CalendarAnswer = {
  /** Next drain first. */
  readonly rows: readonly DrainRow[];
  readonly fargate: readonly FargateRow[];
  readonly events: readonly (Ec2Instance['events'][number] & { readonly cluster: string; readonly instance: string })[];
  readonly storms: readonly Storm[];
  readonly freezes: Quiet['freezes'];
  readonly zone: Zone | null;
  readonly now: string;
  readonly takenAt: string;
  readonly scope: { readonly cluster: string | null };
  /** The line that asks it again. */
  readonly echo: string;
  readonly missed: readonly Missed[];
  readonly accounts: readonly AccountHead[];
};

const SHOWN = 15;
const PICTURED = 20;
const NAMES_SHOWN = 5;
const DAY_MS = 86_400_000;
const WEEKS = 4;

/** The answer to `windows calendar`. */
export function calendarReport(answer: CalendarAnswer): Report {
  const { rows, missed, accounts, echo } = answer;
  return {
    parts: [
      { kind: 'lead', text: lead(answer) },
      ...(rows.length === 0 ? [] : [{ kind: 'preformatted', text: picture(answer) } as const, drainTable(answer)]),
      ...troubleParts(answer),
      ...fargateParts(answer),
      ...missedParts({ missed, accounts }),
      { kind: 'context', texts: smallPrint(answer) },
    ],
    actions: rows.length <= SHOWN ? [] : [{ kind: 'run', command: `${echo} --csv`, label: 'Whole table as CSV' }],
    csv: csv(rows),
  };
}

function lead({ rows, fargate, scope, now }: CalendarAnswer): string {
  const whose = scope.cluster === null ? '' : ` of ${scope.cluster}`;
  const tasks = fargate.reduce((sum, row) => sum + row.tasks, 0);
  const onFargate =
    tasks === 0 ? '' : ` ${plural(tasks, 'Fargate task')} ${tasks === 1 ? 'is' : 'are'} retired by notice, see below.`;
  if (rows.length === 0) return `No managed instance${whose} runs, so nothing is drained by age.${onFargate}`;
  const of = (phase: DrainRow['phase']): number => rows.filter((row) => row.phase === phase).length;
  const parts = [
    ...(of('overdue') === 0 ? [] : [`${of('overdue')} past day 21`]),
    ...(of('draining') === 0 ? [] : [`${of('draining')} draining now`]),
    ...(of('due') === 0 ? [] : [`${of('due')} may be drained any moment`]),
  ];
  const next = rows.find(({ phase }) => phase === 'running');
  const ahead = next === undefined ? '' : ` Next: ${next.instance} from ${shortUtc(next.expected.from, now)}.`;
  const today = parts.length === 0 ? ', none of them due yet' : `: ${parts.join(', ')}`;
  return `${plural(rows.length, 'managed instance')}${whose}${today}.${ahead}${onFargate}`;
}

/** `Sun 29 Nov 02:00 UTC`, with the year where it is not this one. */
function shortUtc(iso: string, now: string): string {
  const year = iso.slice(0, 4) === now.slice(0, 4) ? '' : ` ${iso.slice(0, 4)}`;
  return `${dayText(iso)}${year} ${iso.slice(11, 16)} UTC`;
}

const DAYS = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed'] as const;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** `Sun 29 Nov`; 1970-01-01 was a Thursday. */
function dayText(iso: string): string {
  const day = Math.floor(Date.parse(iso) / DAY_MS);
  return `${DAYS[day % 7] ?? ''} ${Number(iso.slice(8, 10))} ${MONTHS[Number(iso.slice(5, 7)) - 1] ?? ''}`;
}

const MARKS = { before: '·', may: '░', expected: '█', last: '!', after: ' ' } as const;

/** A line for each instance and a mark for each day of four weeks from today (UTC). */
function picture({ rows, freezes, now }: CalendarAnswer): string {
  const today = Math.floor(Date.parse(now) / DAY_MS);
  const days = Array.from({ length: WEEKS * 7 }, (_, at) => today + at);
  const shown = rows.slice(0, PICTURED);
  const width = Math.max(...shown.map(({ instance }) => instance.length), 6);
  const weeks = (marks: readonly string[]): string =>
    Array.from({ length: WEEKS }, (_, at) => marks.slice(at * 7, at * 7 + 7).join('')).join(' ');
  const line = (label: string, marks: string): string => `${label.padEnd(width)}  ${marks}`.trimEnd();
  const starts = Array.from({ length: WEEKS }, (_, at) =>
    dayText(new Date((today + at * 7) * DAY_MS).toISOString())
      .slice(4)
      .padEnd(7),
  );
  const frozen = days.map((day) => (freezes.some((freeze) => touches(freeze, day)) ? '~' : ' '));
  const rest = rows.length - shown.length;
  return [
    line('', starts.join(' ')),
    line('', weeks(days.map((day) => (DAYS[day % 7] ?? ' ').charAt(0)))),
    ...shown.map((row) => line(row.instance, weeks(days.map((day) => markOf(row, day))))),
    ...(frozen.includes('~') ? [line('freeze', weeks(frozen))] : []),
    ...(rest > 0 ? [`and ${rest} more`] : []),
    '',
    `${MARKS.expected} drain expected  ${MARKS.may} may be drained  ${MARKS.last} last day  ${MARKS.before} runs${frozen.includes('~') ? '  ~ freeze' : ''}`,
  ].join('\n');
}

type Span = { readonly from: string; readonly to: string };

function touches({ from, to }: Span, day: number): boolean {
  return Date.parse(from) < (day + 1) * DAY_MS && Date.parse(to) > day * DAY_MS;
}

function markOf({ drainFrom, hardDeadline, expected, window }: DrainRow, day: number): string {
  const last = Math.floor(Date.parse(hardDeadline) / DAY_MS);
  if (day > last) return MARKS.after;
  if (day === last) return MARKS.last;
  if (window !== null && touches(expected, day)) return MARKS.expected;
  return day >= Math.floor(Date.parse(drainFrom) / DAY_MS) ? MARKS.may : MARKS.before;
}

function drainTable({ rows, zone, now }: CalendarAnswer): Part {
  const rest = rows.length - SHOWN;
  const titles = ['Instance', 'Provider', 'Launched', 'Day 14', 'Day 21', 'Expect the drain', 'Window'];
  return {
    kind: 'table',
    columns: titles.map((title) => ({ title, align: 'left' as const })),
    rows: rows
      .slice(0, SHOWN)
      .map((row) => [
        row.instance,
        `${row.cluster}/${row.provider ?? 'unknown'}`,
        `${row.launchedAt.slice(0, 10)}${row.isLaunchEstimated ? ' or a little before' : ''}`,
        row.drainFrom.slice(0, 10),
        row.hardDeadline.slice(0, 10),
        expectText(row, zone, now),
        windowText(row),
      ]),
    ...(rest > 0 ? { more: `${plural(rest, 'more instance')}: --csv has them all.` } : {}),
  };
}

function expectText({ phase, window, expected, hardDeadline }: DrainRow, zone: Zone | null, now: string): string {
  if (phase === 'overdue') return 'overdue';
  if (phase === 'draining') return `draining; gone by ${dayText(hardDeadline)}`;
  if (window === null) {
    return phase === 'due'
      ? `any hour until ${dayText(hardDeadline)}`
      : `any hour, ${dayText(expected.from)} to ${dayText(hardDeadline)}`;
  }
  const from = shortUtc(expected.from, now);
  return zone === null ? from : `${from} (${localClock(expected.from, zone)} ${zone.name})`;
}

/** `02:00` on the zone's clock. */
function localClock(iso: string, { offsets }: Zone): string {
  const at = Date.parse(iso);
  const current = offsets.filter(({ fromUtc }) => Date.parse(fromUtc) <= at).at(-1) ?? offsets[0];
  return new Date(at + (current?.minutes ?? 0) * 60_000).toISOString().slice(11, 16);
}

function windowText({ window, laterWindows }: DrainRow): string {
  const later = laterWindows.length === 0 ? '' : `; too late for it: ${laterWindows.join(', ')}`;
  return `${window === null ? 'none' : window.name === '' ? window.id : window.name}${later}`;
}

/** Clashes, tasks that cannot simply move, many drains at once, and events that EC2 has scheduled. */
function troubleParts({ rows, events, storms, now }: CalendarAnswer): readonly Part[] {
  const consequences = rows.flatMap((row) => row.consequences);
  const items = [
    ...rows
      .filter(({ phase }) => phase === 'overdue')
      .map(({ instance }) => `${instance} is past day 21 and still there.`),
    ...clashTexts(rows, now),
    ...consequenceTexts(consequences, false),
    ...storms.map(
      ({ from, instances }) =>
        `${instances.length} instances expect to drain in one opening, ${shortUtc(from, now)}: all their clients connect again at once.`,
    ),
    ...events.map(
      ({ cluster, instance, code, notBefore, description }) =>
        `EC2 has scheduled ${code} for ${instance} of ${cluster}${notBefore === null ? '' : `, not before ${shortUtc(notBefore, now)}`}: ${description}`,
    ),
  ];
  if (items.length === 0) return [];
  return [
    { kind: 'heading', text: 'Watch out' },
    { kind: 'list', items: items.slice(0, 20).map((text) => ({ text, tone: 'caution' as const })) },
  ];
}

function clashTexts(rows: readonly DrainRow[], now: string): readonly string[] {
  const found = new Map<string, { readonly clash: Clash; readonly instances: Set<string> }>();
  for (const { instance, clashes } of rows) {
    for (const clash of clashes) {
      const key = `${clash.kind} ${clash.name}`;
      const there = found.get(key) ?? { clash, instances: new Set<string>() };
      there.instances.add(instance);
      found.set(key, there);
    }
  }
  return [...found.values()].map(({ clash, instances }) => {
    const who = instances.size === 1 ? [...instances].join() : `${instances.size} instances`;
    switch (clash.kind) {
      case 'freeze':
        return `Freeze "${clash.name}": the drain of ${who} falls into it, from ${shortUtc(clash.from, now)}. A freeze stops us, not AWS.`;
      case 'quiet-hours':
        return `Quiet hours "${clash.name}": the drain of ${who} may fall into them, first on ${shortUtc(clash.from, now)}.`;
      case 'deployment':
        return `${clash.name} is being deployed, and has tasks on ${who}.`;
      default:
        return clash.kind satisfies never;
    }
  });
}

function fargateParts({ fargate, zone, now }: CalendarAnswer): readonly Part[] {
  if (fargate.length === 0) return [];
  return [
    { kind: 'heading', text: 'Fargate' },
    {
      kind: 'list',
      items: fargate.flatMap((row) => [
        {
          text: `${row.cluster}: ${plural(row.tasks, 'task')}, ${ruleText(row, zone, now)}${ownText(row.ownWindows)}`,
        },
        ...(row.cannotReplaceFirst.length === 0
          ? []
          : [
              {
                text: `${row.cluster}: no second task may start beside ${names(row.cannotReplaceFirst)} (maximumPercent 100); a retirement is an outage there.`,
                tone: 'caution' as const,
              },
            ]),
      ]),
    },
  ];
}

function ruleText({ rule, windows }: FargateRow, zone: Zone | null, now: string): string {
  if (rule.kind === 'wait') {
    const when = rule.days === 0 ? 'as soon as the notice is out' : `${plural(rule.days, 'day')} after the notice`;
    return `retired ${when}: ${rule.because === 'setting-off' ? 'fargateEventWindows is off, so windows do not count' : 'no window matches them'}.`;
  }
  const utcText = rule.spans.length === 0 ? 'never' : `${showSpans(rule.spans)} UTC`;
  const local = zone === null || rule.spans.length === 0 ? '' : localText(rule, zone, now);
  const several = rule.windows.length > 1 ? '; AWS does not say which of them counts' : '';
  return `retired in ${windows.join(', ')} (${utcText}${local}), at least ${plural(rule.noticeDays, 'day')} after the notice${several}.`;
}

function localText({ spans }: Extract<RetirementRule, { kind: 'window' }>, zone: Zone, now: string): string {
  const [first] = spansText(spans, zone, now).local;
  return first === undefined ? '' : `, now ${first.text} ${zone.name}`;
}

function ownText(services: readonly string[]): string {
  return services.length === 0 ? '' : ` With a window of their own: ${names(services)}.`;
}

function names(all: readonly string[]): string {
  const rest = all.length - NAMES_SHOWN;
  return all.slice(0, NAMES_SHOWN).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

function smallPrint({ rows, takenAt }: CalendarAnswer): readonly string[] {
  const isUncertain = rows.some(({ window }) => window !== null && !window.isCertain);
  return [
    'AWS drains from day 14 after the launch and ends by day 21; windows are best effort, and only the last day is firm. Security fixes and failing hardware come when they come.',
    ...(isUncertain
      ? ['AWS does not say since when a window stands. An instance that is older than its window keeps to none of it.']
      : []),
    `Instances and tasks as scanned ${utc(takenAt)}.`,
  ];
}

function csv(rows: readonly DrainRow[]): readonly (readonly string[])[] {
  return [
    [
      'instance',
      'cluster',
      'provider',
      'launchedAt',
      'drainFrom',
      'hardDeadline',
      'phase',
      'window',
      'expectedFrom',
      'expectedTo',
      'clashes',
      'consequences',
    ],
    ...rows.map((row) => [
      row.instance,
      row.cluster,
      row.provider ?? '',
      row.launchedAt,
      row.drainFrom,
      row.hardDeadline,
      row.phase,
      row.window?.id ?? '',
      row.expected.from,
      row.expected.to,
      row.clashes.map(({ kind, name }) => `${kind} ${name}`).join('; '),
      consequenceTexts(row.consequences, false).join(' '),
    ]),
  ];
}
