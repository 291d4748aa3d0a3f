/** The capacity answer as a Report: the advice first, then the price of every option, then why and how sure. */
import type { BreakEven, CapacityAnswer, CapacityOption, CapacityQuestion, WinsIf } from '../engine/index.ts';
import { blocked, KIND_LABELS, type LiveSource, liveText } from './capacity-live.ts';
import { lineByLine } from './lines.ts';
import { grouped, usd, usdPerMonth } from './money.ts';
import type { Action, Inline, Part, Report } from './report.ts';

/** What a saved capacity answer holds; the record's body without its pins. */
export type SavedCapacity = {
  readonly recordId: string;
  readonly question: CapacityQuestion;
  /** The question as flags, and the names of flags nobody gave. */
  readonly echo: string;
  readonly guesses: readonly string[];
  /** Words of the question that meant nothing. */
  readonly notUnderstood: readonly string[];
  /** Flags that change nothing in this question, and why. */
  readonly remarks: readonly string[];
  readonly live: LiveSource | null;
  readonly answer: CapacityAnswer;
};

export const CAPACITY_VIEWS = ['answer', 'why-not', 'lines'] as const;
export type CapacityView = (typeof CAPACITY_VIEWS)[number];

/** One saved answer, seen as the answer itself, as the case of the other options, or line by line. */
export function capacityReport(saved: SavedCapacity, view: CapacityView): Report {
  switch (view) {
    case 'answer':
      return { parts: answerParts(saved), actions: actions(saved.recordId), csv: csvRows(saved) };
    case 'why-not':
      return { parts: whyNotParts(saved), actions: [] };
    case 'lines':
      return { parts: linesParts(saved), actions: [], csv: csvRows(saved) };
    default:
      return view satisfies never;
  }
}

function actions(recordId: string): readonly Action[] {
  return [
    { kind: 'share', recordId, label: 'Share in channel' },
    { kind: 'view', view: 'why-not', recordId, label: 'Why not the others' },
    { kind: 'view', view: 'lines', recordId, label: 'Show the lines' },
    { kind: 'edit', recordId, label: 'Change the question' },
  ];
}

const advised = ({ answer }: SavedCapacity): CapacityOption | undefined =>
  answer.result.options.find(({ kind }) => kind === answer.result.recommended);

function answerParts(saved: SavedCapacity): readonly Part[] {
  const { answer } = saved;
  const parts: Part[] = [
    { kind: 'lead', text: lead(saved) },
    ...liveText(saved.live),
    { kind: 'paragraph', text: understood(saved) },
  ];
  const priced = answer.result.options.filter(({ feasible }) => feasible);
  if (priced.length > 0) parts.push(optionsTable(saved, priced));
  const refused = answer.result.options.filter(({ feasible }) => !feasible);
  if (refused.length > 0) {
    parts.push({ kind: 'heading', text: 'Not possible' });
    parts.push({ kind: 'list', items: refusals(refused).map((text) => ({ text, tone: 'no' as const })) });
  }
  const notes = [
    ...blocked(saved.answer).map((text) => ({ text, tone: 'no' as const })),
    ...optionRemarks(saved).map((text) => ({ text, tone: 'caution' as const })),
    ...breakEvenNotes(saved).map((text) => ({ text })),
  ];
  if (notes.length > 0) {
    parts.push({ kind: 'heading', text: 'Worth knowing' });
    parts.push({ kind: 'list', items: notes });
  }
  const option = advised(saved);
  if (option !== undefined) {
    parts.push({
      kind: 'paragraph',
      text: [{ text: 'Yours to do: ', style: 'strong' }, { text: `${option.duties.join('; ')}.` }],
    });
  }
  parts.push({ kind: 'context', texts: smallPrint(saved) });
  return parts;
}

function lead(saved: SavedCapacity): Inline {
  const { result } = saved.answer;
  const option = advised(saved);
  if (option === undefined)
    return [{ text: result.because, style: 'strong' }, { text: ` ${deepestReason(result.options)}` }];
  const cost = option.usdPerMonthAfterCommitments ?? option.usdPerMonth ?? '0';
  const verb =
    option.kind === 'fargate' && result.options.filter(({ rank }) => rank !== null).length > 1
      ? 'Stay on Fargate'
      : `Best: ${KIND_LABELS[option.kind]}`;
  const shape = planText(option, saved.question);
  const head = `${verb}${shape === '' ? '' : `, ${shape}`}: ${usdPerMonth(cost)}${option.usdPerMonthAfterCommitments === null ? '' : ' after commitments'}.`;
  return [{ text: head, style: 'strong' }, { text: ` ${result.because}` }];
}

/** Why even the option with the fewest limits cannot: what a person would have to change first. */
function deepestReason(options: readonly CapacityOption[]): string {
  const freest = options.find(({ kind }) => kind === 'asg-on-demand');
  return freest?.reasons[0]?.text ?? 'The reasons are below.';
}

/** `4 x c6a.2xlarge` (`up to` when a batch needs that many at its peak only) or `2 vCPU / 8 GiB`. */
function planText({ plan }: CapacityOption, question: CapacityQuestion): string {
  if (plan === null) return '';
  if (plan.fargateSize !== null)
    return `${plan.fargateSize.cpuUnits / 1024} vCPU / ${plan.fargateSize.memoryMiB / 1024} GiB`;
  const isPeak = question.batch !== null && question.scaleInAfterSeconds !== -1 && plan.count !== 1;
  return `${isPeak ? 'up to ' : ''}${plan.count} x ${plan.instanceType}`;
}

function understood({ echo, guesses, notUnderstood, remarks }: SavedCapacity): Inline {
  const spans = [{ text: 'I read that as ' }, { text: `capacity ${echo}`, style: 'code' as const }];
  const notes = [
    ...(guesses.length === 0 ? [] : [`guessed: ${guesses.join(', ')}`]),
    ...(notUnderstood.length === 0 ? [] : [`not understood: ${notUnderstood.join(', ')}`]),
    ...remarks,
  ];
  return notes.length === 0 ? spans : [...spans, { text: ` (${notes.join('; ')})` }];
}

function optionsTable(saved: SavedCapacity, options: readonly CapacityOption[]): Part {
  const hasAfter = options.some(({ usdPerMonthAfterCommitments }) => usdPerMonthAfterCommitments !== null);
  const hasBand = options.some(({ band }) => band !== null);
  const best = advised(saved);
  const after = hasAfter ? [{ title: 'After commitments', align: 'right' as const }] : [];
  return {
    kind: 'table',
    columns: [
      { title: '#', align: 'right' },
      { title: 'Option', align: 'left' },
      { title: 'What', align: 'left' },
      { title: 'USD/month', align: 'right' },
      ...after,
      { title: 'vs advice', align: 'right' },
      ...(hasBand ? [{ title: 'Range', align: 'left' as const }] : []),
    ],
    rows: options.map((option) => [
      option.rank === null ? '–' : String(option.rank),
      KIND_LABELS[option.kind] + (option === best ? ' ✓' : ''),
      whatText(option, saved.question),
      option.usdPerMonth === null ? 'no price' : usd(option.usdPerMonth),
      ...(hasAfter ? [option.usdPerMonthAfterCommitments === null ? '' : usd(option.usdPerMonthAfterCommitments)] : []),
      difference(option, best),
      ...(hasBand ? [option.band === null ? '' : `${usd(option.band.low)} – ${usd(option.band.high)}`] : []),
    ]),
  };
}

/** The plan with the tasks it holds: `12 x 2 vCPU / 8 GiB`, `3 x r5a.2xlarge, 4 per instance`. */
function whatText(option: CapacityOption, question: CapacityQuestion): string {
  const { plan } = option;
  if (plan === null) return '';
  const isSteadyFargate = plan.fargateSize !== null && question.batch === null;
  const tasks = isSteadyFargate && question.tasks > 1 ? `${grouped(question.tasks)} x ` : '';
  const each = plan.tasksPerInstance === null ? '' : `, ${plan.tasksPerInstance} per instance`;
  const billed = plan.billedSecondsPerTask === null ? '' : `, ${plan.billedSecondsPerTask} s billed`;
  return tasks + planText(option, question) + each + billed;
}

/** Signed percent against the advised option; the number is for reading, so a float will do. */
function difference(option: CapacityOption, best: CapacityOption | undefined): string {
  if (best === undefined || option === best || option.usdPerMonth === null || best.usdPerMonth === null) return '';
  const cost = (row: CapacityOption): number => Number(row.usdPerMonthAfterCommitments ?? row.usdPerMonth);
  if (cost(best) === 0) return '';
  const percent = (cost(option) / cost(best) - 1) * 100;
  return `${percent >= 0 ? '+' : '-'}${Math.abs(percent).toFixed(1)} %`;
}

/** Options ruled out for the same reasons share one line. */
function refusals(options: readonly CapacityOption[]): readonly Inline[] {
  const byReason = new Map<string, string[]>();
  for (const option of options) {
    const reasons = option.reasons.map(({ text, fact }) => (fact === null ? text : `${text} [${fact}]`)).join(' ');
    byReason.set(reasons, [...(byReason.get(reasons) ?? []), KIND_LABELS[option.kind]]);
  }
  return [...byReason].map(([reasons, labels]) => [
    { text: `${labels.join(', ')}: `, style: 'strong' as const },
    { text: reasons },
  ]);
}

/** Remarks on the advised option, and once each the ones that qualify others. */
function optionRemarks(saved: SavedCapacity): readonly string[] {
  const best = advised(saved);
  const mine = best?.reasons.map(({ text }) => text) ?? [];
  const others = saved.answer.result.options
    .filter((option) => option.feasible && option !== best)
    .flatMap((option) =>
      option.reasons
        .filter(({ rule }) => rule !== 'trunking-assumed')
        .map(({ text }) => `${KIND_LABELS[option.kind]}: ${text}`),
    );
  return [...mine, ...others];
}

const VARIABLES: { readonly [variable: string]: string } = {
  tasks: 'tasks',
  perDay: 'starts a day',
  runSeconds: 'seconds of run time',
  pullSeconds: 'seconds of image pull',
};

function breakEvenNotes({ answer, question }: SavedCapacity): readonly string[] {
  return answer.result.breakEven
    .filter(({ variable }) => variable === 'tasks' || variable === 'perDay' || variable === 'scaleInAfterSeconds')
    .map((line) => breakEvenText(line, question));
}

function breakEvenText({ b, variable, value }: BreakEven, question: CapacityQuestion): string {
  const other = `${KIND_LABELS[b]} against Fargate`;
  if (variable === 'scaleInAfterSeconds') {
    return value === 'none'
      ? `${other}: dearer with any scaleInAfter.`
      : `${other}: not dearer while scaleInAfter is ${grouped(value)} s or less.`;
  }
  const unit = VARIABLES[variable] ?? variable;
  const about = question.batch === null ? '' : 'about ';
  if (value === 'none') return `${other}: no break-even up to ten times the ${unit} asked.`;
  if (value === '1') return `${other}: not dearer at any number of ${unit} up to ten times those asked.`;
  return `${other}: not dearer from ${about}${grouped(value)} ${unit} on.`;
}

function smallPrint({ answer, question, recordId }: SavedCapacity): readonly string[] {
  const dates = answer.priceDates;
  const texts = [
    proof(answer),
    `${question.region}, facts of ${question.asOf} (${answer.facts.length} used). Prices: EC2 ${dates.onDemand}, Fargate ${dates.fargate}, Fargate Spot ${dates.fargateSpot}, Spot ${dates.spot}.`,
  ];
  if (question.asOf < (dates.onDemand ?? ''))
    texts.push(`Only the facts are those of ${question.asOf}: types and prices are of the days named.`);
  if (answer.assumptions.length > 0) texts.push(`Assumed or of low confidence: ${answer.assumptions.join(', ')}.`);
  texts.push(`Not counted: ${answer.notCounted.join(', ')}.`);
  texts.push(`Saved as ${recordId}.`);
  return texts;
}

function proof(answer: CapacityAnswer): string {
  const { verdict, result } = answer;
  const bound = result.options.find(({ kind }) => kind === result.recommended)?.lowerBoundUsdPerMonth ?? null;
  switch (verdict.kind) {
    case 'optimal':
      return `Proof: no mix of types or sizes of this option costs less than ${usdPerMonth(bound ?? '0')} (gap 0).`;
    case 'within':
      return `Proof: no mix of types costs less than ${usdPerMonth(bound ?? '0')}${verdict.gap === null ? '' : `; this plan costs at most ${(verdict.gap * 100).toFixed(2)} % more`}.`;
    case 'estimate':
      return 'An estimate: the hours of a batch follow a closed formula, there is no bound.';
    case 'infeasible':
      return 'Proof: every option is ruled out by a fact or a size.';
    default:
      return verdict.kind satisfies never;
  }
}

function whyNotParts(saved: SavedCapacity): readonly Part[] {
  const { result } = saved.answer;
  const others = result.options.filter(({ kind }) => kind !== result.recommended);
  const parts: Part[] = [
    { kind: 'lead', text: [{ text: 'Why not the others', style: 'strong' }, { text: ` – ${result.because}` }] },
  ];
  for (const option of others) {
    parts.push({ kind: 'heading', text: KIND_LABELS[option.kind] });
    parts.push({ kind: 'list', items: caseAgainst(option, saved).map((text) => ({ text })) });
  }
  parts.push({ kind: 'context', texts: [`From the saved answer ${saved.recordId}.`] });
  return parts;
}

function caseAgainst(option: CapacityOption, saved: SavedCapacity): readonly string[] {
  const best = advised(saved);
  const texts: string[] = [];
  if (option.usdPerMonth !== null)
    texts.push(
      `${whatText(option, saved.question)}: ${usdPerMonth(option.usdPerMonth)}${difference(option, best) === '' ? '' : ` (${difference(option, best)})`}.`,
    );
  texts.push(...option.reasons.map(({ text, fact }) => (fact === null ? text : `${text} [${fact}]`)));
  if (option.winsIf.length > 0)
    texts.push(
      `${option.feasible ? 'Would be the advice if' : 'Would be possible if'} ${option.winsIf.map(winsIfText).join(option.feasible ? ', or ' : ' and ')}.`,
    );
  if (option.feasible) texts.push(`Yours to do: ${option.duties.join('; ')}.`);
  return texts;
}

function winsIfText({ variable, op, value }: WinsIf): string {
  const words = CONDITIONS[variable];
  if (words !== undefined) return words(value);
  return `${variable} ${op} ${grouped(value)}`;
}

/** What would have to be different, in words; the variables are the engine's. */
const CONDITIONS: { readonly [variable: string]: (value: string) => string } = {
  usdPerMonth: (value) => `it cost ${usdPerMonth(value)} or less`,
  needs: (value) => `the task could do ${value}`,
  interruptible: () => 'the work may be interrupted (--interruptible)',
  tasks: (value) => `there were ${grouped(value)} tasks or more`,
  vcpu: (value) => `the task asked for ${grouped(value)} vCPU or less`,
  memoryGiB: (value) => `the task asked for ${grouped(value)} GiB of memory or less`,
  storageGiB: (value) => `the task asked for ${grouped(value)} GiB of disk or less`,
  arch: (value) => `the image ran on ${value}`,
  asOf: (value) => `the day were ${value} or later`,
  reserved: () => 'reserved instances were named (--reserved m7i.4xlarge=3)',
  runSeconds: (value) => `one run took ${grouped(value)} s or less`,
};

function linesParts(saved: SavedCapacity): readonly Part[] {
  const options = saved.answer.result.options.map((option) => ({ ...option, label: KIND_LABELS[option.kind] }));
  return lineByLine('Option', options, smallPrint(saved));
}

function csvRows({ answer }: SavedCapacity): readonly (readonly string[])[] {
  const head = [
    'kind',
    'feasible',
    'rank',
    'item',
    'quantity',
    'unit',
    'usdPerUnit',
    'usdPerMonth',
    'optionUsdPerMonth',
  ];
  const rows = answer.result.options.flatMap((option) => {
    const front = [option.kind, String(option.feasible), option.rank === null ? '' : String(option.rank)];
    if (option.lines.length === 0) return [[...front, '', '', '', '', '', option.usdPerMonth ?? '']];
    return option.lines.map((line) => [
      ...front,
      line.item,
      line.quantity,
      line.unit,
      line.usdPerUnit,
      line.usdPerMonth,
      option.usdPerMonth ?? '',
    ]);
  });
  return [head, ...rows];
}
