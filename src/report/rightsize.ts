/** The rightsize answer as a Report: what to change and what it saves, then what was not judged and why. */
import type { Missed, SizeAdvice, UsedFacts } from '../engine/index.ts';
import { usd, usdPerMonth } from './money.ts';
import type { Action, Part, Report } from './report.ts';
import { missedParts, plural } from './scan.ts';
import { utc } from './time.ts';

/** All of an answer, as it is shown and (with fewer rows) saved. */
export type RightsizeAnswer = UsedFacts & {
  readonly scope: {
    readonly account: string | null;
    readonly region: string | null;
    readonly cluster: string | null;
    readonly service: string | null;
  };
  /** Largest saving first; larger sizes, which cost more, last. */
  readonly rows: readonly SizeAdvice[];
  readonly rowsLeftOut: number;
  readonly skipped: readonly { readonly cluster: string; readonly service: string; readonly reason: string }[];
  readonly nothingToDo: number;
  readonly belowMinimum: number;
  readonly minimumSaving: { readonly percent: number; readonly usdPerMonth: number };
  readonly accountNames: { readonly [id: string]: string };
  readonly notes: readonly string[];
  readonly missed: readonly Missed[];
  readonly snapshot: { readonly id: string; readonly takenAt: string };
};

/** Rows in a message. */
const SHOWN = 12;
/** Rows whose reasons are written out. */
const EXPLAINED = 5;
const NAMES_SHOWN = 5;

const SKIPPED: { readonly [reason: string]: string } = {
  daemon: 'daemon services follow their instances',
  'deployment-in-progress': 'a deployment is under way',
  'no-tasks-wanted': 'scaled to zero',
  'no-tasks-running': 'no task runs',
  'no-metrics': 'no metrics in 14 days',
  'less-than-a-day-of-metrics': 'less than a day of metrics',
  'no-size': 'the task definition gives no size',
  'moving-between-capacity': 'tasks run on several kinds of capacity',
  'no-price': 'no price for where it runs',
};

/** One saved or fresh answer. `echo` is the command line that asks it again. */
export function rightsizeReport(
  answer: RightsizeAnswer,
  saved: { readonly recordId: string; readonly echo: string },
): Report {
  const { recordId, echo } = saved;
  const { rows } = answer;
  const csvAction: Action = { kind: 'run', command: `${echo} --csv`, label: 'Whole table as CSV' };
  return {
    parts: [
      { kind: 'lead', text: lead(answer) },
      ...(rows.length === 0 ? [] : [adviceTable(answer)]),
      ...explained(rows),
      ...restParts(answer),
      ...missedParts(missedOf(answer)),
      { kind: 'context', texts: smallPrint(answer, recordId) },
    ],
    actions: [{ kind: 'share', recordId, label: 'Share in channel' }, ...(rows.length === 0 ? [] : [csvAction])],
    csv: csvRows(answer),
  };
}

function missedOf({ missed, accountNames }: RightsizeAnswer) {
  const accounts = Object.entries(accountNames).map(([id, name]) => ({ id, name, regions: [], payer: false }));
  return { missed, accounts };
}

function lead(answer: RightsizeAnswer): string {
  const { rows, nothingToDo, belowMinimum, minimumSaving, rowsLeftOut } = answer;
  const smaller = rows.filter(({ usdPerMonthSaved }) => !usdPerMonthSaved.startsWith('-'));
  const larger = rows.length - smaller.length;
  const saved = usdPerMonth(sum(smaller));
  const right = `${plural(nothingToDo, 'service')} right as ${nothingToDo === 1 ? 'it is' : 'they are'}`;
  const small =
    belowMinimum === 0
      ? ''
      : `, ${belowMinimum} would save less than ${minimumSaving.percent} % and $${minimumSaving.usdPerMonth}`;
  if (rows.length === 0) return `Nothing to resize: ${right}${small}.`;
  const shown = rowsLeftOut === 0 ? '' : ` among the first ${rows.length}`;
  const parts = [
    ...(smaller.length === 0 ? [] : [`${plural(smaller.length, 'service')} can be smaller${shown}: saves ${saved}`]),
    ...(larger === 0
      ? []
      : [
          `${plural(larger, 'service')} should be larger: ${usdPerMonth(sum(rows.slice(smaller.length)).replace(/^-/, ''))} more`,
        ]),
  ];
  const rest = nothingToDo + belowMinimum === 0 ? '' : ` ${right.charAt(0).toUpperCase()}${right.slice(1)}${small}.`;
  return `${parts.join('; ')}.${rest}`;
}

/** Exact sum of decimal USD strings with at most nine places. */
function sum(rows: readonly SizeAdvice[]): string {
  const nano = (text: string): bigint => {
    const [whole = '0', fraction = ''] = text.replace('-', '').split('.');
    const size = BigInt(whole + fraction.padEnd(9, '0'));
    return text.startsWith('-') ? -size : size;
  };
  const total = rows.reduce((running, { usdPerMonthSaved }) => running + nano(usdPerMonthSaved), 0n);
  const digits = (total < 0n ? -total : total).toString().padStart(10, '0');
  return `${total < 0n ? '-' : ''}${digits.slice(0, -9)}.${digits.slice(-9)}`;
}

function adviceTable({ rows, rowsLeftOut, accountNames }: RightsizeAnswer): Part {
  const hasAccounts = new Set(rows.map(({ account }) => account)).size > 1;
  const shown = rows.slice(0, SHOWN);
  const rest = rows.length - shown.length + rowsLeftOut;
  const left = (title: string) => ({ title, align: 'left' as const });
  const right = (title: string) => ({ title, align: 'right' as const });
  return {
    kind: 'table',
    columns: [
      ...(hasAccounts ? [left('Account')] : []),
      left('Service'),
      right('Tasks'),
      left('Now'),
      left('Better'),
      right('Saves a month'),
      left('Risk'),
      left('Source'),
    ],
    rows: shown.map((row) => [
      ...(hasAccounts ? [accountNames[row.account] ?? row.account] : []),
      `${row.cluster}/${row.service}`,
      String(row.tasks),
      sizeText(row.from),
      sizeText(row.to),
      usd(row.usdPerMonthSaved),
      row.risk,
      row.source === 'metrics' ? 'metrics' : 'Compute Optimizer',
    ]),
    ...(rest === 0 ? {} : { more: `${plural(rest, 'more row')}: --csv has them all.` }),
  };
}

/** `2 vCPU / 16 GiB`, `0.25 vCPU / 512 MiB`. */
function sizeText({ cpuUnits, memoryMiB }: SizeAdvice['from']): string {
  const memory = memoryMiB % 1024 === 0 ? `${memoryMiB / 1024} GiB` : `${memoryMiB} MiB`;
  return `${cpuUnits / 1024} vCPU / ${memory}`;
}

function explained(rows: readonly SizeAdvice[]): readonly Part[] {
  if (rows.length === 0) return [];
  const items = rows.slice(0, EXPLAINED).map((row) => {
    const blind = row.blindSpots.length === 0 ? '' : ` Blind spots: ${row.blindSpots.join('; ')}.`;
    return { text: `${row.cluster}/${row.service}: ${row.because}.${blind}` };
  });
  return [
    { kind: 'heading', text: 'Why' },
    { kind: 'list', items },
  ];
}

function restParts({ skipped, notes }: RightsizeAnswer): readonly Part[] {
  const byReason = new Map<string, string[]>();
  for (const { cluster, service, reason } of skipped) {
    byReason.set(reason, [...(byReason.get(reason) ?? []), `${cluster}/${service}`]);
  }
  const items = [
    ...[...byReason].map(([reason, names]) => {
      const rest = names.length - NAMES_SHOWN;
      const more = rest > 0 ? ` and ${rest} more` : '';
      return { text: `${SKIPPED[reason] ?? reason}: ${names.slice(0, NAMES_SHOWN).join(', ')}${more}` };
    }),
    ...notes.map((note) => ({ text: `${note}.`, tone: 'caution' as const })),
  ];
  return items.length === 0
    ? []
    : [
        { kind: 'heading', text: 'Not judged' },
        { kind: 'list', items },
      ];
}

function smallPrint({ rows, assumptions, snapshot }: RightsizeAnswer, recordId: string): readonly string[] {
  const margins = [...new Set(rows.map(({ margin }) => margin))].sort((a, b) => a - b);
  const margin = margins.length === 0 ? '' : `, ${margins.join(' or ')} % of room`;
  return [
    `From 14 days of CPU and memory, 95th percentile and maximum${margin}; list prices, 730 h a month, before Savings Plans. Scanned ${utc(snapshot.takenAt)}.`,
    ...(assumptions.length === 0 ? [] : [`Assumed or of low confidence: ${assumptions.join(', ')}.`]),
    `Saved as ${recordId}.`,
  ];
}

function csvRows({ rows, accountNames }: RightsizeAnswer): readonly (readonly string[])[] {
  return [
    [
      'accountId',
      'account',
      'region',
      'cluster',
      'service',
      'capacityKind',
      'tasks',
      'fromCpuUnits',
      'fromMemoryMiB',
      'toCpuUnits',
      'toMemoryMiB',
      'source',
      'usdPerMonthBefore',
      'usdPerMonthSaved',
      'marginPercent',
      'risk',
      'because',
      'blindSpots',
    ],
    ...rows.map((row) => [
      row.account,
      accountNames[row.account] ?? '',
      row.region,
      row.cluster,
      row.service,
      row.capacityKind,
      String(row.tasks),
      String(row.from.cpuUnits),
      String(row.from.memoryMiB),
      String(row.to.cpuUnits),
      String(row.to.memoryMiB),
      row.source,
      row.usdPerMonthBefore,
      row.usdPerMonthSaved,
      String(row.margin),
      row.risk,
      row.because,
      row.blindSpots.join('; '),
    ]),
  ];
}
