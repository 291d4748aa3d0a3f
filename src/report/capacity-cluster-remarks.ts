/** Remarks on the plan for a cluster, and the words that its report and they have in common. */
import {
  type ClusterAnswer,
  type ClusterKind,
  type ClusterOption,
  type ClusterQuestion,
  nanoUsd,
  usdString,
} from '../engine/index.ts';
import { grouped, usdPerMonth } from './money.ts';
import type { Part } from './report.ts';

/** The plans as a table names them. */
export const PLAN_LABELS: { readonly [K in ClusterKind]: string } = {
  fargate: 'Fargate',
  'fargate-spot': 'Fargate Spot',
  'mi-reserved': 'Managed Instances, reserved',
  'fargate+mi-on-demand': 'Fargate + Managed Instances',
  'mi-on-demand': 'Managed Instances',
  'mi-spot': 'Managed Instances, Spot',
  'fargate+asg-on-demand': 'Fargate + Auto Scaling groups',
  'asg-on-demand': 'Auto Scaling groups',
  'asg-spot': 'Auto Scaling groups, Spot',
};
/** Services and remarks that a message names before it counts the rest. */
const MOST_NAMES = 6;
const MOST_REMARKS = 8;

/** The first names, and how many more. */
export function named(names: readonly string[]): string {
  const more = names.length - MOST_NAMES;
  return more <= 0 ? names.join(', ') : `${names.slice(0, MOST_NAMES).join(', ')} and ${grouped(more)} more`;
}

/** `+3.2 %`; for reading, so a float will do. */
export function signed(percent: number): string {
  return `${percent >= 0 ? '+' : '-'}${Math.abs(percent).toFixed(1)} %`;
}

type Item = Extract<Part, { kind: 'list' }>['items'][number];

/** Everything worth knowing besides the figures: what is in the way, left out, paid for, and what keeping apart costs. */
export function remarksOn(
  { answer, question }: { readonly answer: ClusterAnswer; readonly question: ClusterQuestion },
  shown: ClusterOption | null,
): readonly Item[] {
  const { cluster, options } = answer.result;
  const blocked = options.flatMap(({ kind, blockedBy }) =>
    blockedBy.map(
      ({ quota, limit, usage, need }): Item => ({
        tone: 'no',
        text: `${PLAN_LABELS[kind]} is blocked today: it needs ${grouped(need)} vCPU, and quota ${quota} grants ${grouped(limit)} with ${grouped(usage)} in use elsewhere.`,
      }),
    ),
  );
  const own = (shown?.reasons ?? []).map(({ text }): Item => ({ tone: 'caution', text }));
  const reserve = hasReserve(question, shown) ? [reserveItem(question)] : [];
  const spot = interruptibleItems(answer, question);
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
    ...commitmentItems(answer, shown),
    ...spot,
    ...unpriced,
    ...left,
    ...notes,
    ...(more > 0 ? [{ text: `${grouped(more)} more such notes with --json.` }] : []),
    ...oneEach(answer, shown),
    ...splitItems(answer, question),
  ];
}

/** What is paid for already, and what of it a move leaves unused. */
function commitmentItems(
  { result: { cluster, options } }: ClusterAnswer,
  shown: ClusterOption | null,
): readonly Item[] {
  const { todayCovered: now, reserved } = cluster;
  const items = reserved.slice(0, MOST_REMARKS).map(
    ({ instanceType, empty, used, zones }): Item => ({
      text: `Reserved: ${empty + used} x ${instanceType} in ${zones.join(', ')}, ${used} of them in use here and ${empty} empty. A task that has to be in another zone cannot use them.`,
    }),
  );
  if (now !== null) {
    const paid = nanoUsd(now.reservedUsdPerMonth) + nanoUsd(now.plansUsdPerMonth);
    const what =
      paid === 0n
        ? 'Commitments pay nothing of it today'
        : `Commitments pay ${usdPerMonth(usdString(paid))} of it today`;
    items.push({
      text: `${what}: ${usdPerMonth(now.usdPerMonthAfterCommitments)} is left. They cost the same whether used or not.`,
    });
  }
  const stranded = options.filter((option) => option === shown || option.rank === 1);
  for (const { kind, covered } of stranded) {
    if (covered === null || covered.strandedUsdPerMonth === '0') continue;
    items.push({
      tone: 'caution',
      text: `${PLAN_LABELS[kind]} would leave ${usdPerMonth(covered.strandedUsdPerMonth)} of commitments unused that pay for something today.`,
    });
  }
  return items;
}

/** Who may go to Spot, and how to say so. */
function interruptibleItems(
  { result: { cluster } }: ClusterAnswer,
  { interruptible }: ClusterQuestion,
): readonly Item[] {
  const names = cluster.interruptible;
  if (names.length > 0) return [{ text: `May be interrupted: ${named(names)}. Everything else stays off Spot.` }];
  if (interruptible.length === 0) return [];
  return [{ tone: 'caution', text: 'None of the services named may go to Spot: see the notes.' }];
}

function hasReserve({ targetCapacityPercent }: ClusterQuestion, shown: ClusterOption | null): boolean {
  return targetCapacityPercent < 100 && (shown?.providers.some(({ kind }) => kind.startsWith('asg-')) ?? false);
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
