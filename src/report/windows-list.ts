/** The event windows of the estate, each with what is wrong with it, and what has none. */
import type { AccountHead, affectedBy, EventWindow, LintRow, Missed, Zone } from '../engine/index.ts';
import { scheduleSpans, scheduleText, showSpans, targetTexts, windowText } from '../engine/index.ts';
import { hoursText } from './proposal.ts';
import type { Part, Report } from './report.ts';
import { missedParts, plural } from './scan.ts';
import { utc } from './time.ts';

export type ListedWindow = {
  readonly account: string;
  readonly accountName: string;
  readonly region: string;
  readonly window: EventWindow;
  readonly lint: readonly LintRow[];
  readonly affected: ReturnType<typeof affectedBy>;
};

export type Uncovered =
  | {
      readonly kind: 'provider';
      readonly account: string;
      readonly region: string;
      readonly cluster: string;
      readonly provider: string;
      readonly instances: number;
    }
  | {
      readonly kind: 'fargate';
      readonly account: string;
      readonly region: string;
      readonly cluster: string;
      readonly tasks: number;
      /** Days between notice and retirement. */
      readonly days: number;
      readonly because: 'setting-off' | 'no-window';
    };

export type WindowList = {
  readonly windows: readonly ListedWindow[];
  readonly uncovered: readonly Uncovered[];
  readonly regionRows: readonly { readonly place: string; readonly text: string }[];
  readonly zone: Zone | null;
  readonly now: string;
  /** When the windows were read; null = just now. */
  readonly readAt: string | null;
  readonly takenAt: string;
  readonly scope: { readonly cluster: string | null };
  readonly missed: readonly Missed[];
  readonly accounts: readonly AccountHead[];
};

const SHOWN = 20;
const FINDINGS_SHOWN = 12;
const TONE = { error: 'no', warning: 'caution' } as const;

/** The answer to `windows`. */
export function windowListReport(list: WindowList): Report {
  const { windows, missed, accounts } = list;
  return {
    parts: [
      { kind: 'lead', text: lead(list) },
      ...(windows.length === 0 ? [] : [windowTable(list)]),
      ...findingParts(list),
      ...uncoveredParts(list),
      ...missedParts({ missed, accounts }),
      { kind: 'context', texts: smallPrint(list) },
    ],
    actions: [
      {
        kind: 'run',
        command: ['windows calendar', ...(list.scope.cluster === null ? [] : [list.scope.cluster])].join(' '),
        label: 'Who is moved when',
      },
    ],
    csv: csv(list),
  };
}

function lead({ windows, uncovered, scope }: WindowList): string {
  const whose = scope.cluster === null ? '' : ` for ${scope.cluster}`;
  const worst = (severity: LintRow['severity']): number =>
    windows.filter(({ lint }) => lint.some((row) => row.severity === severity)).length;
  const [errors, cautions] = [worst('error'), worst('warning')];
  const wrong = [
    ...(errors === 0 ? [] : [`${errors} with an error`]),
    ...(cautions === 0 ? [] : [`${cautions} with a caution`]),
  ];
  const found =
    windows.length === 0
      ? `There is no event window${whose}.`
      : `${plural(windows.length, 'event window')}${whose}${wrong.length === 0 ? ', none with a fault' : `: ${wrong.join(', ')}`}.`;
  const bare = uncovered.filter(({ kind }) => kind === 'provider').length;
  const none =
    bare === 0 ? '' : ` ${plural(bare, 'provider')} of managed instances ${bare === 1 ? 'has' : 'have'} none.`;
  return `${found}${none}`;
}

function windowTable({ windows, zone, now }: WindowList): Part {
  const rest = windows.length - SHOWN;
  const titles = ['Window', 'Where', 'Open', 'For', 'Catches today', 'Check'];
  return {
    kind: 'table',
    columns: titles.map((title) => ({ title, align: 'left' as const })),
    rows: windows
      .slice(0, SHOWN)
      .map(({ window, accountName, region, lint, affected }) => [
        windowText(window) + (window.state === 'active' ? '' : `, ${window.state}`),
        `${accountName}, ${region}`,
        zone === null ? openText(window) : hoursText(window, zone, now),
        targetsText(window),
        catchesText(affected),
        checkText(lint),
      ]),
    ...(rest > 0 ? { more: `${plural(rest, 'more window')}: --csv has them all.` } : {}),
  };
}

function openText(window: EventWindow): string {
  const spans = scheduleSpans(window);
  return spans.length === 0 ? (window.cron ?? 'never') : `${showSpans(spans)} UTC`;
}

function targetsText(window: EventWindow): string {
  const [first, second, ...more] = targetTexts(window);
  if (first === undefined) return 'nothing';
  const shown = second === undefined ? first : `${first}, ${second}`;
  return more.length === 0 ? shown : `${shown} and ${more.length} more`;
}

function catchesText({ instances, tasks, runsOn }: ListedWindow['affected']): string {
  return runsOn === 'fargate' ? plural(tasks, 'task') : plural(instances.length, 'instance');
}

function checkText(lint: readonly LintRow[]): string {
  const number = (severity: LintRow['severity']): number => lint.filter((row) => row.severity === severity).length;
  const [errors, warnings] = [number('error'), number('warning')];
  if (errors > 0) return plural(errors, 'error');
  return warnings > 0 ? plural(warnings, 'caution') : 'ok';
}

/** What the rules say, errors first. */
function findingParts({ windows, regionRows }: WindowList): readonly Part[] {
  const order = { error: 0, warning: 1, note: 2 } as const;
  const rows = windows
    .flatMap(({ window, lint }) => lint.map((row) => ({ window, row })))
    .sort((a, b) => order[a.row.severity] - order[b.row.severity]);
  const items = [
    ...regionRows.map(({ place, text }) => ({ text: `${place}: ${text}`, tone: 'caution' as const })),
    ...rows.map(({ window, row }) => {
      const text = `${windowText(window)}: ${row.text}`;
      return row.severity === 'note' ? { text } : { text, tone: TONE[row.severity] };
    }),
  ];
  if (items.length === 0) return [];
  const rest = items.length - FINDINGS_SHOWN;
  return [
    { kind: 'heading', text: 'What the rules say' },
    { kind: 'list', items: items.slice(0, FINDINGS_SHOWN) },
    ...(rest > 0
      ? ([{ kind: 'paragraph', text: `${plural(rest, 'more finding')}: --csv has them all.` }] as const)
      : []),
  ];
}

function uncoveredParts({ uncovered }: WindowList): readonly Part[] {
  if (uncovered.length === 0) return [];
  const rest = uncovered.length - SHOWN;
  return [
    { kind: 'heading', text: 'Without a window' },
    {
      kind: 'list',
      items: [
        ...uncovered.slice(0, SHOWN).map((row) => ({ text: uncoveredText(row) })),
        ...(rest > 0 ? [{ text: `and ${rest} more.` }] : []),
      ],
    },
  ];
}

function uncoveredText(row: Uncovered): string {
  if (row.kind === 'provider') {
    return `${row.cluster}/${row.provider} (${row.account}, ${row.region}): ${plural(row.instances, 'instance')}, drained at any hour between day 14 and day 21.`;
  }
  const why = row.because === 'setting-off' ? 'fargateEventWindows is off' : 'no window matches';
  const when = row.days === 0 ? 'at once' : `${plural(row.days, 'day')} after the notice`;
  return `${row.cluster} (${row.account}, ${row.region}): ${plural(row.tasks, 'Fargate task')}, retired ${when}, because ${why}.`;
}

function smallPrint({ readAt, takenAt }: WindowList): readonly string[] {
  const read =
    readAt === null ? 'Windows read from AWS just now' : `AWS could not be asked for windows: as of ${utc(readAt)}`;
  return [`${read}; instances and tasks as scanned ${utc(takenAt)}. Windows are best effort on the side of AWS.`];
}

function csv({ windows, now }: WindowList): readonly (readonly string[])[] {
  const header = [
    'id',
    'name',
    'account',
    'region',
    'state',
    'cron',
    'openUtc',
    'targets',
    'instances',
    'tasks',
    'findings',
  ];
  const zone: Zone = { name: 'UTC', offsets: [{ fromUtc: now, minutes: 0 }] };
  return [
    header,
    ...windows.map(({ window, account, region, lint, affected }) => [
      window.id,
      window.name,
      account,
      region,
      window.state,
      window.cron ?? '',
      scheduleText(window, zone, now).utc,
      targetTexts(window).join('; '),
      String(affected.instances.length),
      String(affected.tasks),
      lint.map(({ severity, rule }) => `${severity} ${rule}`).join('; '),
    ]),
  ];
}
