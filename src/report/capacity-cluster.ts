/** The plan for a cluster as a Report: the advice, three numbers against today, the providers, and what proves them. */
import type { ClusterAnswer, ClusterOption, ClusterQuestion } from '../engine/index.ts';
import { named, PLAN_LABELS, remarksOn, signed } from './capacity-cluster-remarks.ts';
import { lineByLine } from './lines.ts';
import { grouped, usd, usdPerMonth } from './money.ts';
import type { Action, Inline, Part, Report } from './report.ts';
import { utc } from './time.ts';

/** What a saved answer about a cluster holds. */
export type SavedCluster = {
  readonly recordId: string;
  readonly question: ClusterQuestion;
  readonly echo: string;
  readonly account: string;
  readonly snapshot: { readonly takenAt: string; readonly missed: readonly unknown[] };
  readonly answer: ClusterAnswer;
};

type ClusterView = 'answer' | 'why-not' | 'lines';

/** One saved answer, seen as the answer itself, as the case of the other plans, or line by line. */
export function clusterReport(saved: SavedCluster, view: ClusterView): Report {
  switch (view) {
    case 'answer':
      return { parts: answerParts(saved), actions: actions(saved), csv: csvRows(saved) };
    case 'why-not':
      return { parts: whyNotParts(saved), actions: [] };
    case 'lines':
      return { parts: linesParts(saved), actions: [], csv: csvRows(saved) };
    default:
      return view satisfies never;
  }
}

function actions({ recordId, answer }: SavedCluster): readonly Action[] {
  const hasProof = answer.result.cluster.providers.length > 0;
  return [
    { kind: 'share', recordId, label: 'Share in channel' },
    { kind: 'view', view: 'why-not', recordId, label: 'Why not the others' },
    { kind: 'view', view: 'lines', recordId, label: 'Show the lines' },
    ...(hasProof ? [{ kind: 'view' as const, view: 'proof', recordId, label: 'Show proof' }] : []),
  ];
}

/** The option that is recommended, else the best one. */
function shownOption({ answer: { result } }: SavedCluster): ClusterOption | null {
  const { options, recommended, cluster } = result;
  if (recommended !== null) return options.find(({ kind }) => kind === recommended) ?? null;
  return (
    options.find(({ threeNumbers }) => threeNumbers !== null && threeNumbers === cluster.threeNumbers) ??
    options.find(({ rank }) => rank === 1) ??
    null
  );
}

function answerParts(saved: SavedCluster): readonly Part[] {
  const { result } = saved.answer;
  const shown = shownOption(saved);
  const parts: Part[] = [
    { kind: 'lead', text: lead(saved, shown) },
    { kind: 'paragraph', text: readText(saved) },
  ];
  const possible = result.options.filter(({ feasible }) => feasible);
  if (possible.length > 0) parts.push(optionsTable(saved, possible));
  if (shown !== null && shown.threeNumbers !== null) parts.push(...planParts(shown));
  const notes = remarksOn(saved, shown);
  if (notes.length > 0) {
    parts.push({ kind: 'heading', text: 'Worth knowing' });
    parts.push({ kind: 'list', items: notes });
  }
  const refused = result.options.filter(({ feasible }) => !feasible);
  if (refused.length > 0) {
    parts.push({ kind: 'heading', text: 'Not possible' });
    parts.push({
      kind: 'list',
      items: refused.map(({ kind, reasons }) => ({
        tone: 'no' as const,
        text: [
          { text: `${PLAN_LABELS[kind]}: `, style: 'strong' as const },
          { text: reasons.map(({ text }) => text).join(' ') },
        ],
      })),
    });
  }
  parts.push({ kind: 'context', texts: smallPrint(saved, shown) });
  return parts;
}

function lead({ answer, question }: SavedCluster, shown: ClusterOption | null): Inline {
  const { recommended, because } = answer.result;
  if (recommended === null || shown === null) {
    const head = shown === null ? `No plan for ${question.cluster}.` : `Leave ${question.cluster} as it is.`;
    return [{ text: head, style: 'strong' }, { text: ` ${because}` }];
  }
  const after = shown.usdPerMonthAfterCommitments;
  const cost = `${usdPerMonth(after ?? shown.usdPerMonth ?? '0')}${after === null ? '' : ' after commitments'}`;
  const head = `Best for ${question.cluster}: ${PLAN_LABELS[recommended]}, ${cost}.`;
  return [{ text: head, style: 'strong' }, { text: ` ${because}` }];
}

function readText({ answer, account, snapshot, question }: SavedCluster): string {
  const { services, tasks, today, leftOut } = answer.result.cluster;
  const rows = today.rows.map(
    ({ kind, what, usdPerMonth: cost }) => `${what} on ${KIND_WORDS[kind] ?? kind} ${usd(cost)}`,
  );
  const now = rows.length === 0 ? '' : ` Today: ${rows.join(', ')}: ${usdPerMonth(today.usdPerMonth)}.`;
  const missed = snapshot.missed.length === 0 ? '' : ` The scan missed ${snapshot.missed.length} things: see status.`;
  const left = leftOut.length === 0 ? '' : ` Left out: ${named(leftOut.map(({ name }) => name))}.`;
  return `${grouped(services)} services with ${grouped(tasks)} tasks in ${question.cluster} (${account}, ${question.region}), as scanned ${utc(snapshot.takenAt)}.${now}${left}${missed}`;
}

const KIND_WORDS: { readonly [kind: string]: string } = {
  fargate: 'Fargate',
  'fargate-spot': 'Fargate Spot',
  'mi-on-demand': 'Managed Instances',
  'mi-spot': 'Managed Instances Spot',
  'mi-reserved': 'reserved Managed Instances',
  'asg-on-demand': 'the Auto Scaling group',
  'asg-spot': 'the Auto Scaling group’s Spot',
};

function optionsTable(saved: SavedCluster, options: readonly ClusterOption[]): Part {
  const { today, todayCovered } = saved.answer.result.cluster;
  const hasAfter = options.some(
    ({ usdPerMonth: cost, usdPerMonthAfterCommitments: after }) => after !== null && after !== cost,
  );
  const hasBand = options.some(({ band }) => band !== null);
  const now = Number(todayCovered?.usdPerMonthAfterCommitments ?? today.usdPerMonth);
  return {
    kind: 'table',
    columns: [
      { title: '#', align: 'right' },
      { title: 'Plan', align: 'left' },
      { title: 'What', align: 'left' },
      { title: 'As ECS places it', align: 'right' },
      { title: 'Best packing', align: 'right' },
      { title: 'No mix below', align: 'right' },
      ...(hasAfter ? [{ title: 'After commitments', align: 'right' as const }] : []),
      { title: 'vs today', align: 'right' },
      ...(hasBand ? [{ title: 'Range', align: 'left' as const }] : []),
    ],
    rows: options.map((option) => {
      const { rank, threeNumbers, band, usdPerMonth: cost, usdPerMonthAfterCommitments: after } = option;
      const money = (value: string | undefined): string => (value === undefined ? 'no price' : usd(value));
      return [
        rank === null ? '–' : String(rank),
        PLAN_LABELS[option.kind] + (option.kind === saved.answer.result.recommended ? ' ✓' : ''),
        whatText(option),
        money(threeNumbers?.asEcsPlaces),
        money(threeNumbers?.bestPacking),
        money(threeNumbers?.boundAnyMix),
        ...(hasAfter ? [after === null ? '' : usd(after)] : []),
        cost === null || now === 0 ? '' : signed((Number(after ?? cost) / now - 1) * 100),
        ...(hasBand ? [band === null ? '' : `${usd(band.low)} – ${usd(band.high)}`] : []),
      ];
    }),
  };
}

function whatText({ providers, fargate }: ClusterOption): string {
  const parts = providers.map((provider) => boughtText(provider));
  return [...(fargate === null ? [] : [onFargateText(fargate)]), ...parts].join(', ');
}

/** `23 tasks on Fargate (9 Spot)`. */
function onFargateText({ tasks, spotTasks }: NonNullable<ClusterOption['fargate']>): string {
  return `${grouped(tasks)} tasks on Fargate${spotTasks === 0 ? '' : ` (${grouped(spotTasks)} Spot)`}`;
}

/** How a provider of the kind is called beside its type, where that is not plain on demand. */
const BOUGHT_AS: { readonly [kind: string]: string } = {
  'mi-reserved': ' reserved',
  'mi-spot': ' Spot',
  'asg-spot': ' Spot',
};

/** `3 x m7i.4xlarge reserved`, `2 x c6a.large Spot`; of reserved ones that do not suffice, how many are. */
function boughtText({ count, instanceType, kind, reserved }: ClusterOption['providers'][number]): string {
  const part = reserved > 0 && reserved < count ? ` (${reserved} reserved)` : (BOUGHT_AS[kind] ?? '');
  return `${count} x ${instanceType}${part}`;
}

function planParts({ kind, providers, fargate }: ClusterOption): readonly Part[] {
  if (providers.length === 0) return [];
  const rows = providers.map((provider) => [
    provider.name,
    boughtText(provider),
    grouped(provider.tasks),
    named(provider.services),
    usd(provider.usdPerMonth),
  ]);
  const onFargate =
    fargate === null
      ? []
      : [['Fargate', '', grouped(fargate.tasks), `${fargate.services} services`, usd(fargate.usdPerMonth)]];
  return [
    { kind: 'heading', text: `The plan: ${PLAN_LABELS[kind]}` },
    {
      kind: 'table',
      columns: [
        { title: 'Provider', align: 'left' },
        { title: 'Pinned to', align: 'left' },
        { title: 'Tasks', align: 'right' },
        { title: 'Services', align: 'left' },
        { title: 'USD/month', align: 'right' },
      ],
      rows: [...rows, ...onFargate],
    },
    {
      kind: 'list',
      items: providers.map(({ name, instanceType, proof, count, packedCount }) => ({
        text: [
          { text: `${name}, ${instanceType}: `, style: 'strong' as const },
          {
            text: `${proof}${count > packedCount ? ` Placed by ECS, one task after the other, it takes ${count}.` : ''}`,
          },
        ],
      })),
    },
  ];
}

function smallPrint(saved: SavedCluster, shown: ClusterOption | null): readonly string[] {
  const { answer, question, recordId, echo } = saved;
  const { priceDates } = answer;
  const { gap } = answer.verdict;
  const bound = shown?.lowerBoundUsdPerMonth ?? null;
  const proof =
    bound === null
      ? []
      : [
          `Proof: no mix of types for these tasks, bought as this plan buys, costs less than ${usdPerMonth(bound)}; the plan costs ${gap === null || gap === 0 ? 'that' : `${(gap * 100).toFixed(2)} % more`}. Ranked by what ECS would make of it: its scheduler decides where a task goes.`,
        ];
  const assumed =
    answer.assumptions.length === 0 ? [] : [`Assumed or of low confidence: ${answer.assumptions.join(', ')}.`];
  return [
    ...proof,
    `At most ${question.providers} pinned provider${question.providers === 1 ? '' : 's'} (--providers), each service on one provider. Asked: ${echo}.`,
    `${question.region}, facts of ${question.asOf} (${answer.facts.length} used). Prices: EC2 ${priceDates.onDemand}, Fargate ${priceDates.fargate}, Fargate Spot ${priceDates.fargateSpot}, Spot ${priceDates.spot}.`,
    ...assumed,
    `Not counted: ${answer.notCounted.join(', ')}.`,
    `Saved as ${recordId}.`,
  ];
}

function whyNotParts(saved: SavedCluster): readonly Part[] {
  const { result } = saved.answer;
  const shown = shownOption(saved);
  const parts: Part[] = [
    { kind: 'lead', text: [{ text: 'Why not the others', style: 'strong' }, { text: ` – ${result.because}` }] },
  ];
  for (const option of result.options.filter(({ kind }) => kind !== shown?.kind)) {
    parts.push({ kind: 'heading', text: PLAN_LABELS[option.kind] });
    const cost = option.usdPerMonth === null ? [] : [`${whatText(option)}: ${usdPerMonth(option.usdPerMonth)}.`];
    const proofs = option.providers.map(({ name, instanceType, proof }) => `${name}, ${instanceType}: ${proof}`);
    const texts = [
      ...cost,
      ...option.reasons.map(({ text }) => text),
      ...proofs,
      `Yours to do: ${option.duties.join('; ')}.`,
    ];
    parts.push({ kind: 'list', items: texts.map((text) => ({ text })) });
  }
  parts.push({ kind: 'context', texts: [`From the saved answer ${saved.recordId}.`] });
  return parts;
}

function linesParts(saved: SavedCluster): readonly Part[] {
  const options = saved.answer.result.options.map((option) => ({ ...option, label: PLAN_LABELS[option.kind] }));
  return lineByLine('Plan', options, smallPrint(saved, shownOption(saved)));
}

function csvRows({ answer }: SavedCluster): readonly (readonly string[])[] {
  const head = ['plan', 'rank', 'item', 'quantity', 'unit', 'usdPerUnit', 'usdPerMonth', 'planUsdPerMonth'];
  const rows = answer.result.options.flatMap((option) => {
    const front = [option.kind, option.rank === null ? '' : String(option.rank)];
    if (option.lines.length === 0) return [[...front, '', '', '', '', '', option.usdPerMonth ?? '']];
    return option.lines.map(({ item, quantity, unit, usdPerUnit, usdPerMonth: cost }) => [
      ...front,
      item,
      quantity,
      unit,
      usdPerUnit,
      cost,
      option.usdPerMonth ?? '',
    ]);
  });
  return [head, ...rows];
}
