/** The plan for a cluster as a Report: the advice, three numbers against today, the providers, and what proves them. */
import type { ClusterAnswer, ClusterKind, ClusterOption, ClusterQuestion } from '../engine/index.ts';
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

const LABELS: { readonly [K in ClusterKind]: string } = {
  fargate: 'Fargate',
  'fargate+mi-on-demand': 'Fargate + Managed Instances',
  'mi-on-demand': 'Managed Instances',
  'fargate+asg-on-demand': 'Fargate + Auto Scaling groups',
  'asg-on-demand': 'Auto Scaling groups',
};
/** Services and remarks that a message names before it counts the rest. */
const MOST_NAMES = 6;
const MOST_REMARKS = 8;

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
  const notes = remarks(saved, shown);
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
          { text: `${LABELS[kind]}: `, style: 'strong' as const },
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
  const head = `Best for ${question.cluster}: ${LABELS[recommended]}, ${usdPerMonth(shown.usdPerMonth ?? '0')}.`;
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

function named(names: readonly string[]): string {
  const more = names.length - MOST_NAMES;
  return more <= 0 ? names.join(', ') : `${names.slice(0, MOST_NAMES).join(', ')} and ${grouped(more)} more`;
}

function optionsTable(saved: SavedCluster, options: readonly ClusterOption[]): Part {
  const today = Number(saved.answer.result.cluster.today.usdPerMonth);
  return {
    kind: 'table',
    columns: [
      { title: '#', align: 'right' },
      { title: 'Plan', align: 'left' },
      { title: 'What', align: 'left' },
      { title: 'As ECS places it', align: 'right' },
      { title: 'Best packing', align: 'right' },
      { title: 'No mix below', align: 'right' },
      { title: 'vs today', align: 'right' },
    ],
    rows: options.map((option) => [
      option.rank === null ? '–' : String(option.rank),
      LABELS[option.kind] + (option.kind === saved.answer.result.recommended ? ' ✓' : ''),
      whatText(option),
      usd(option.threeNumbers?.asEcsPlaces ?? '0'),
      usd(option.threeNumbers?.bestPacking ?? '0'),
      usd(option.threeNumbers?.boundAnyMix ?? '0'),
      today === 0 ? '' : signed((Number(option.usdPerMonth) / today - 1) * 100),
    ]),
  };
}

function signed(percent: number): string {
  return `${percent >= 0 ? '+' : '-'}${Math.abs(percent).toFixed(1)} %`;
}

function whatText({ providers, fargate }: ClusterOption): string {
  const parts = providers.map(({ count, instanceType }) => `${count} x ${instanceType}`);
  return [...(fargate === null ? [] : [`${grouped(fargate.tasks)} tasks on Fargate`]), ...parts].join(', ');
}

function planParts({ kind, providers, fargate }: ClusterOption): readonly Part[] {
  if (providers.length === 0) return [];
  const rows = providers.map((provider) => [
    provider.name,
    `${provider.count} x ${provider.instanceType}`,
    grouped(provider.tasks),
    named(provider.services),
    usd(provider.usdPerMonth),
  ]);
  const onFargate =
    fargate === null
      ? []
      : [['Fargate', '', grouped(fargate.tasks), `${fargate.services} services`, usd(fargate.usdPerMonth)]];
  return [
    { kind: 'heading', text: `The plan: ${LABELS[kind]}` },
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

type Item = Extract<Part, { kind: 'list' }>['items'][number];

function remarks({ answer, question }: SavedCluster, shown: ClusterOption | null): readonly Item[] {
  const { cluster, options } = answer.result;
  const blocked = options.flatMap(({ kind, blockedBy }) =>
    blockedBy.map(
      ({ quota, limit, usage, need }): Item => ({
        tone: 'no',
        text: `${LABELS[kind]} is blocked today: it needs ${grouped(need)} vCPU, and quota ${quota} grants ${grouped(limit)} with ${grouped(usage)} in use elsewhere.`,
      }),
    ),
  );
  const own = (shown?.reasons ?? []).map(({ text }): Item => ({ tone: 'caution', text }));
  const reserve = hasReserve(question, shown) ? [reserveItem(question)] : [];
  const left = cluster.leftOut
    .slice(0, MOST_REMARKS)
    .map(({ name, because }): Item => ({ text: `${name} is not in the plan: ${because}.` }));
  const notes = cluster.notes.slice(0, MOST_REMARKS).map((text): Item => ({ text: `${text}.` }));
  const more = cluster.notes.length - MOST_REMARKS;
  const unpriced = cluster.today.unpriced
    .slice(0, MOST_REMARKS)
    .map((text): Item => ({ tone: 'caution', text: `Not in today's cost: ${text}.` }));
  return [
    ...blocked,
    ...own,
    ...reserve,
    ...unpriced,
    ...left,
    ...notes,
    ...(more > 0 ? [{ text: `${grouped(more)} more such notes with --json.` }] : []),
    ...oneEach(answer, shown),
    ...splitItems(answer, question),
  ];
}

function hasReserve({ targetCapacityPercent }: ClusterQuestion, shown: ClusterOption | null): boolean {
  return targetCapacityPercent < 100 && (shown?.providers.some(({ kind }) => kind === 'asg-on-demand') ?? false);
}

function reserveItem({ targetCapacityPercent }: ClusterQuestion): Item {
  return {
    text: `Auto Scaling groups are counted with a target capacity of ${targetCapacityPercent} %: ${100 - targetCapacityPercent} % of their instances stand ready (--target-capacity).`,
  };
}

function oneEach({ result: { cluster } }: ClusterAnswer, shown: ClusterOption | null): readonly Item[] {
  const { oneTaskPerInstance: each } = cluster;
  if (each === null) return [];
  const base = Number(shown?.usdPerMonth ?? '0');
  const share = base === 0 ? '' : `, ${signed((Number(each.usdPerMonth) / base - 1) * 100)} against the plan`;
  return [
    {
      text: `One task per instance, as Fargate isolates them, would take ${grouped(each.instances)} instances: ${usdPerMonth(each.usdPerMonth)}${share}.`,
    },
  ];
}

function splitItems({ result: { cluster } }: ClusterAnswer, { cluster: name }: ClusterQuestion): readonly Item[] {
  const { split, services } = cluster;
  if (split === null) {
    if (services < 2) return [];
    return [
      {
        text: `Tasks of one provider share machines. To see what keeping apart costs: capacity cluster ${name} --apart team (the key of a tag).`,
      },
    ];
  }
  const rows = split.groups.slice(0, MOST_REMARKS).map(
    ({ value, services: count, instanceType, count: instances, usdPerMonth: cost }): Item => ({
      text: `${split.tag} ${value}: ${instances} x ${instanceType} for ${count} service${count === 1 ? '' : 's'}, ${usdPerMonth(cost)}.`,
    }),
  );
  const tone = split.possible ? ('good' as const) : ('no' as const);
  return [{ tone, text: `Kept apart by ${split.tag}: ${usdPerMonth(split.usdPerMonth)}. ${split.because}` }, ...rows];
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
          `Proof: no mix of types for these tasks costs less than ${usdPerMonth(bound)}; the plan costs ${gap === null || gap === 0 ? 'that' : `${(gap * 100).toFixed(2)} % more`}. Ranked by what ECS would make of it: its scheduler decides where a task goes.`,
        ];
  const assumed =
    answer.assumptions.length === 0 ? [] : [`Assumed or of low confidence: ${answer.assumptions.join(', ')}.`];
  return [
    ...proof,
    `At most ${question.providers} pinned provider${question.providers === 1 ? '' : 's'} (--providers), on-demand prices, each service on one provider. Asked: ${echo}.`,
    `${question.region}, facts of ${question.asOf} (${answer.facts.length} used). Prices: EC2 ${priceDates.onDemand}, Fargate ${priceDates.fargate}.`,
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
    parts.push({ kind: 'heading', text: LABELS[option.kind] });
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
  const rows = saved.answer.result.options.flatMap((option) => {
    if (option.usdPerMonth === null) return [];
    const lines = option.lines.map((line) => [
      LABELS[option.kind],
      line.item,
      grouped(line.quantity),
      line.unit,
      line.usdPerUnit,
      usd(line.usdPerMonth),
    ]);
    return [...lines, [LABELS[option.kind], 'total', '', '', '', usd(option.usdPerMonth)]];
  });
  return [
    {
      kind: 'lead',
      text: [
        { text: 'Line by line', style: 'strong' },
        { text: ', USD a month of 730 hours. Amazon ECS itself costs nothing.' },
      ],
    },
    {
      kind: 'table',
      columns: [
        { title: 'Plan', align: 'left' },
        { title: 'Line', align: 'left' },
        { title: 'Quantity', align: 'right' },
        { title: 'Unit', align: 'left' },
        { title: 'USD per unit', align: 'right' },
        { title: 'USD/month', align: 'right' },
      ],
      rows,
    },
    { kind: 'context', texts: smallPrint(saved, shownOption(saved)) },
  ];
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
