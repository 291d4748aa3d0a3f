/** The consolidation answer as a Report: what it saves, the waves, why that is right, what can go wrong, what stays. */
import type { Missed, ProviderAdvice, UsedFacts } from '../engine/index.ts';
import { csvRows, fromNano, monthOf, sumUsd, toNano } from './consolidate-rows.ts';
import { type PlacedAdvice, waveParts } from './consolidate-waves.ts';
import { usd, usdPerMonth } from './money.ts';
import type { Action, Part, Report } from './report.ts';
import { missedParts, plural } from './scan.ts';
import { utc } from './time.ts';

/** All of an answer, as it is shown and (with fewer rows) saved. */
export type ConsolidateLiveAnswer = UsedFacts & {
  readonly scope: { readonly account: string | null; readonly region: string | null; readonly cluster: string | null };
  /** Largest saving first. */
  readonly providers: readonly PlacedAdvice[];
  readonly providersLeftOut: number;
  readonly minimumSaving: { readonly percent: number; readonly usdPerMonth: number };
  readonly quietHours: readonly { readonly name: string; readonly words: string; readonly zone: string }[];
  readonly accountNames: { readonly [id: string]: string };
  readonly notes: readonly string[];
  readonly missed: readonly Missed[];
  readonly snapshot: { readonly id: string; readonly takenAt: string };
  /** Absent in the oldest records. */
  readonly notCounted?: readonly string[];
  readonly hasProof: boolean;
};

const PROVIDERS_SHOWN = 15;
const KEPT_SHOWN = 12;
const POINTS_SHOWN = 5;
const BUTTONS = 2;

/** One saved or fresh answer. `echo` is the command line that asks it again. */
export function consolidateLiveReport(
  answer: ConsolidateLiveAnswer,
  saved: { readonly recordId: string; readonly echo: string },
): Report {
  const { providers, scope } = answer;
  const isDetailed = scope.cluster !== null;
  const asked = providers.filter(({ verdict }) => verdict !== 'skipped');
  return {
    parts: [
      { kind: 'lead', text: lead(answer) },
      ...(isDetailed && providers.length === 1 ? [] : [overview(answer)]),
      ...(isDetailed ? asked.flatMap((row) => detail(answer, row, asked.length > 1)) : []),
      ...noteParts(answer),
      ...missedParts(missedOf(answer)),
      { kind: 'context', texts: smallPrint(answer, saved.recordId) },
    ],
    actions: actions(answer, saved),
    csv: csvRows(answer),
  };
}

function missedOf({ missed, accountNames }: ConsolidateLiveAnswer) {
  const accounts = Object.entries(accountNames).map(([id, name]) => ({ id, name, regions: [], payer: false }));
  return { missed, accounts };
}

function actions(answer: ConsolidateLiveAnswer, { recordId }: { readonly recordId: string }): readonly Action[] {
  const { providers, scope, hasProof } = answer;
  const clusters =
    scope.cluster === null
      ? [...new Set(providers.filter(({ verdict }) => verdict === 'save').map(({ cluster }) => cluster))]
      : [];
  return [
    ...(hasProof ? [{ kind: 'view' as const, view: 'proof', recordId, label: 'Show proof' }] : []),
    ...clusters.slice(0, BUTTONS).map((cluster): Action => {
      return { kind: 'run', command: `consolidate ${cluster}`, label: `Plan for ${cluster}` };
    }),
    { kind: 'share', recordId, label: 'Share in channel' },
  ];
}

function lead(answer: ConsolidateLiveAnswer): string {
  const { providers, scope } = answer;
  const saving = providers.filter(({ verdict }) => verdict === 'save');
  const [first] = saving;
  if (first !== undefined && saving.length === 1) return leadOne(first);
  if (first !== undefined) {
    const total = usdPerMonth(sumUsd(saving.map(({ usdPerMonthSaved }) => usdPerMonthSaved)));
    return `${plural(saving.length, 'capacity provider')} can shrink: saves ${total}. Most: ${leadOne(first)}`;
  }
  const paid = providers.find(({ verdict }) => verdict === 'keep-paid');
  if (paid !== undefined) return `${whyNot(answer, paid)}.`;
  const asked = providers.filter(({ verdict }) => verdict !== 'skipped');
  const where = scope.cluster === null ? 'Nothing to do' : `Nothing to do in ${scope.cluster}`;
  if (asked.length === 0) {
    return `${where}: no capacity provider with instances${scope.cluster === null ? ' was found' : ''}.`;
  }
  const [only] = asked;
  return asked.length === 1 && only !== undefined
    ? `${where}: ${whyNot(answer, only)}.`
    : `${where}: no plan is worth it.`;
}

function leadOne(row: PlacedAdvice): string {
  const saved = `saves ${usdPerMonth(row.usdPerMonthSaved)} (${monthOf(row.usdPerHourBefore)} -> ${monthOf(row.usdPerHourAfter)})`;
  const change =
    row.instances === row.instancesAfter
      ? `${row.name} can have cheaper instances, ${row.instances} as now`
      : `${row.name} can ${row.instancesAfter < row.instances ? 'shrink' : 'change'} from ${row.instances} to ${row.instancesAfter} instances`;
  return `${change}: ${saved}.`;
}

/** Why nothing is advised, without a full stop. */
function whyNot({ minimumSaving }: ConsolidateLiveAnswer, row: PlacedAdvice): string {
  switch (row.verdict) {
    case 'below-minimum':
      return `${row.name} would save only ${usdPerMonth(row.usdPerMonthPossible)}, less than ${minimumSaving.percent} % or $${minimumSaving.usdPerMonth}`;
    case 'within':
      return `${row.name} (${plural(row.instances, 'instance')}) ${withinWords(row)}`;
    case 'by-itself':
      return `${row.instancesPossible} of the ${row.instances} instances of ${row.name} would do (${usdPerMonth(row.usdPerMonthPossible)} less); AWS's optimiser is on (scaleInAfter ${row.scaleInAfterSeconds ?? 'not set'}) and moves tasks together when it sees fit`;
    case 'no-lever':
      return `${row.instancesPossible} of the ${row.instances} instances of ${row.name} would do, and no setting gets there`;
    case 'cooling-down':
      return `${row.instancesPossible} of the ${row.instances} instances of ${row.name} would do (${usdPerMonth(row.usdPerMonthPossible)} less); its scaleInAfter was changed within the cool-down, so nothing is advised yet`;
    case 'keep-paid':
      return `${row.name} runs in capacity that is paid for either way: switch its consolidation off, so that AWS ends none of its idle instances`;
    case 'skipped':
      return `${row.name}: ${row.notes[0] ?? 'not looked at'}`;
    case 'save':
      return leadOne(row);
    default:
      return row.verdict satisfies never;
  }
}

function withinWords({ proved, gap }: ProviderAdvice): string {
  if (proved) return 'cannot cost less: proved';
  if (gap === null) return 'found no plan that saves anything';
  return `is already within ${percent(gap)} of the best possible`;
}

/** 0.0312 -> `3.2 %`, rounded up: a claim must not be better than the proof. */
function percent(fraction: number): string {
  return `${(Math.ceil(fraction * 1000) / 10).toFixed(1)} %`;
}

const KIND_WORDS = { asg: 'Auto Scaling', 'managed-instances': 'Managed' } as const;

function overview(answer: ConsolidateLiveAnswer): Part {
  const { providers, providersLeftOut, accountNames } = answer;
  const shown = providers.slice(0, PROVIDERS_SHOWN);
  const rest = providers.length - shown.length + providersLeftOut;
  const left = (title: string) => ({ title, align: 'left' as const });
  const right = (title: string) => ({ title, align: 'right' as const });
  const hasAccounts = answer.scope.cluster === null;
  return {
    kind: 'table',
    columns: [
      ...(hasAccounts ? [left('Account'), left('Cluster')] : []),
      left('Provider'),
      left('Kind'),
      right('Instances'),
      right('Saves a month'),
      left('Answer'),
    ],
    rows: shown.map((row) => [
      ...(hasAccounts ? [accountNames[row.account] ?? row.account, row.cluster] : []),
      row.name,
      KIND_WORDS[row.kind],
      row.verdict === 'save' ? `${row.instances} -> ${row.instancesAfter}` : String(row.instances),
      row.verdict === 'save' ? usd(row.usdPerMonthSaved) : '-',
      answerWords(row),
    ]),
    ...(rest === 0 ? {} : { more: `${plural(rest, 'more provider')}: --csv has them all.` }),
  };
}

function answerWords(row: PlacedAdvice): string {
  switch (row.verdict) {
    case 'save':
      return row.kind === 'asg' ? plural(row.waves.length, 'wave') : row.advice.map(settingWords).join('; ');
    case 'keep-paid':
      return row.advice.map(settingWords).join('; ');
    case 'below-minimum':
      return `only ${usdPerMonth(row.usdPerMonthPossible)}: not worth it`;
    case 'within':
      return row.gap === null || row.proved ? 'as cheap as can be' : `within ${percent(row.gap)} of the best`;
    case 'by-itself':
      return `${row.instancesPossible} would do: left to AWS`;
    case 'no-lever':
      return `${row.instancesPossible} would do, no setting gets there`;
    case 'cooling-down':
      return `${row.instancesPossible} would do: changed lately, not yet`;
    case 'skipped':
      return row.notes[0] ?? 'not looked at';
    default:
      return row.verdict satisfies never;
  }
}

function settingWords({ setting, from, to }: ProviderAdvice['advice'][number]): string {
  return `${setting} ${from ?? 'default'} -> ${to}`;
}

function detail(answer: ConsolidateLiveAnswer, row: PlacedAdvice, isOneOfMany: boolean): readonly Part[] {
  const heading: readonly Part[] = isOneOfMany ? [{ kind: 'heading', text: row.name }] : [];
  const why: readonly Part[] =
    isOneOfMany && row.verdict !== 'save' ? [{ kind: 'paragraph', text: `${whyNot(answer, row)}.` }] : [];
  return [
    ...heading,
    ...why,
    ...proofPart(row),
    ...(row.kind === 'managed-instances' ? settingParts(row) : waveParts(row)),
    ...riskParts(answer, row),
    ...keptParts(row),
    ...frontierParts(row),
  ];
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function proofPart(row: PlacedAdvice): readonly Part[] {
  const sentences = row.proof.map((sentence) => `${capital(sentence)}.`);
  const bound =
    row.kind === 'asg' && row.verdict !== 'skipped'
      ? [
          `Whatever is moved, the instances cannot cost less than ${monthOf(row.lowerBound)}/mo while what is pinned stays${boundWords(row)}.`,
        ]
      : [];
  const all = [...sentences, ...bound];
  return all.length === 0 ? [] : [{ kind: 'paragraph', text: `Proof: ${all.join(' ')}` }];
}

/** How far the cheapest plan found is from the bound; the advised one may move less and cost more. */
function boundWords({ verdict, gap, proved, frontier, lowerBound, usdPerHourAfter }: PlacedAdvice): string {
  if (verdict !== 'save' && verdict !== 'below-minimum') return '';
  if (proved) return ', and that is what the plan comes to';
  const cheapest = frontier.at(-1);
  const bound = toNano(lowerBound);
  if (gap === null || cheapest === undefined || bound === 0n) return '';
  if (verdict === 'below-minimum' || toNano(cheapest.usdPerHourAfter) >= toNano(usdPerHourAfter)) {
    return `; the plan is within ${percent(gap)} of that`;
  }
  const least = Number(((toNano(cheapest.usdPerHourAfter) - bound) * 1_000_000n) / bound) / 1e6;
  return `; the cheapest plan found, with ${plural(cheapest.weightedMoves, 'moved task')}, is within ${percent(least)} of that, and this one needs fewer moves or fewer steps by hand`;
}

function settingParts(row: PlacedAdvice): readonly Part[] {
  const change = row.advice.map(({ because, ...setting }) => ({
    text: `UpdateCapacityProvider ${row.name}: ${settingWords(setting as ProviderAdvice['advice'][number])}, because ${because}.`,
  }));
  return [
    ...(change.length === 0 ? [] : [{ kind: 'heading' as const, text: 'Change this setting' }]),
    ...(change.length === 0 ? [] : [{ kind: 'list' as const, items: change }]),
  ];
}

function riskParts({ quietHours }: ConsolidateLiveAnswer, row: PlacedAdvice): readonly Part[] {
  if (row.verdict !== 'save' && row.verdict !== 'keep-paid') return [];
  const quiet = quietHours.map(({ words, zone }) => `not in the quiet hours ${words} (${zone})`);
  const items = [...row.risks, ...quiet].map((text) => ({ text: `${capital(text)}.`, tone: 'caution' as const }));
  return items.length === 0
    ? []
    : [
        { kind: 'heading', text: 'Before you do it' },
        { kind: 'list', items },
      ];
}

function keptParts(row: PlacedAdvice): readonly Part[] {
  if (row.kept.length === 0) return [];
  const byReason = new Map<string, string[]>();
  for (const { instance, because } of row.kept) byReason.set(because, [...(byReason.get(because) ?? []), instance]);
  const all = [...byReason];
  const shown = all.slice(0, KEPT_SHOWN);
  const rest = all.slice(KEPT_SHOWN).reduce((sum, [, ids]) => sum + ids.length, 0);
  const named = (ids: readonly string[]): string =>
    ids.length <= 3 ? ids.join(', ') : `${ids.slice(0, 2).join(', ')} and ${ids.length - 2} more`;
  return [
    { kind: 'heading', text: row.kind === 'asg' ? 'What stays, and why' : 'What holds instances' },
    {
      kind: 'list',
      items: [
        ...shown.map(([because, ids]) => ({ text: `${named(ids)}: ${resourceWords(because)}` })),
        ...(rest === 0 ? [] : [{ text: `and ${plural(rest, 'more instance')}: --json has them all` }]),
      ],
    },
  ];
}

/** The engine names resources as its files do. */
function resourceWords(text: string): string {
  return text
    .replace(/^pinned: /, '')
    .replaceAll('cpuUnits', 'CPU')
    .replaceAll('memoryMiB', 'memory');
}

/** Fewer moves for less saving, where there is a choice. */
function frontierParts(row: PlacedAdvice): readonly Part[] {
  const points = row.frontier.filter(({ weightedMoves }) => weightedMoves > 0);
  if (row.verdict !== 'save' || points.length < 2) return [];
  const step = Math.max(1, Math.ceil(points.length / POINTS_SHOWN));
  const shown = points.filter((_, at) => (points.length - 1 - at) % step === 0);
  const before = toNano(row.usdPerHourBefore);
  const words = shown.map(
    ({ weightedMoves, usdPerHourAfter }) =>
      `${plural(weightedMoves, 'moved task')} ${usdPerMonth(fromNano((before - toNano(usdPerHourAfter)) * 730n))}`,
  );
  return [{ kind: 'paragraph', text: `What else can be had: ${words.join('; ')}.` }];
}

function noteParts({ providers, notes }: ConsolidateLiveAnswer): readonly Part[] {
  const own = providers.flatMap(({ name, notes: rows, verdict }) =>
    verdict === 'skipped' ? [] : rows.map((note) => `${name}: ${note}`),
  );
  const items = [...own, ...notes].map((text) => ({ text: `${text}.` }));
  return items.length === 0
    ? []
    : [
        { kind: 'heading', text: 'Also seen' },
        { kind: 'list', items: items.slice(0, KEPT_SHOWN) },
      ];
}

function smallPrint(
  { assumptions, snapshot, notCounted = [] }: ConsolidateLiveAnswer,
  recordId: string,
): readonly string[] {
  return [
    `Instances, volumes and fees at list prices, 730 h a month, before Savings Plans. Scanned ${utc(snapshot.takenAt)}.`,
    ...(notCounted.length === 0 ? [] : [`Not counted: ${notCounted.join('; ')}.`]),
    ...(assumptions.length === 0 ? [] : [`Assumed or of low confidence: ${assumptions.join(', ')}.`]),
    `Saved as ${recordId}.`,
  ];
}
