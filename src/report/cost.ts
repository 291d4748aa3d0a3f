/** The cost answer as a Report: what was billed, what we model, the difference; then by group, idle, commitments. */
import type { CommitmentUse, CostDimension, CostGroup, CostSummary, Missed, UsedFacts } from '../engine/index.ts';
import { KIND_LABELS } from './capacity-live.ts';
import { grouped, usd } from './money.ts';
import type { Action, Part, Report } from './report.ts';
import { missedParts, plural } from './scan.ts';
import { utc } from './time.ts';

/** All of an answer; the pinned `result` of the JSON is made from it. */
export type CostAnswer = CostSummary &
  UsedFacts & {
    /** Names as they were asked for; null = everything. */
    readonly scope: {
      readonly account: string | null;
      readonly region: string | null;
      readonly cluster: string | null;
    };
    readonly period: { readonly from: string; readonly toExclusive: string };
    readonly by: readonly CostDimension[];
    /** Groups that were cut when the answer was saved. */
    readonly groupsLeftOut: number;
    readonly unattributed: readonly { readonly reason: string; readonly usd: string }[];
    readonly commitments: CommitmentUse;
    /** Capacity paid for in these days that no task uses at all, dearest first. */
    readonly empty: readonly { readonly what: string; readonly where: string; readonly usd: string }[];
    /** Paid requests: of this question, and of the calendar month. */
    readonly costExplorer: { readonly requests: number; readonly monthToDate: number; readonly cap: number };
    readonly accountNames: { readonly [id: string]: string };
    /** What is missing from the figures and why, in words. */
    readonly notes: readonly string[];
    readonly missed: readonly Missed[];
    readonly snapshot: { readonly id: string; readonly takenAt: string };
    readonly notCounted: readonly string[];
  };

/** Groups in a message. */
const SHOWN = 15;

const TITLES: { readonly [D in CostDimension]: string } = {
  account: 'Account',
  cluster: 'Cluster',
  service: 'Service',
  capacityKind: 'Kind',
  role: 'Role',
};
const ORDER: readonly CostDimension[] = ['account', 'cluster', 'service', 'capacityKind', 'role'];

/** Why a part of the bill has no service. */
const REASONS: { readonly [reason: string]: string } = {
  untagged:
    'tasks without the tags aws:ecs:clusterName and aws:ecs:serviceName, or from before the tags were activated',
  'other-instances': 'instances of the same types that no ECS cluster uses',
  unseen: 'types of instances that the scan did not see',
  'tags-exceed-account': "Cost Explorer's two answers do not agree yet",
};

/** One saved or fresh answer. `echo` is the command line that asks it again. */
export function costReport(answer: CostAnswer, saved: { readonly recordId: string; readonly echo: string }): Report {
  const { recordId, echo } = saved;
  const csvAction: Action = { kind: 'run', command: `${echo} --csv`, label: 'Whole table as CSV' };
  return {
    parts: [
      { kind: 'lead', text: lead(answer) },
      groupsTable(answer),
      { kind: 'fields', fields: fields(answer) },
      ...worthKnowing(answer),
      ...missedParts(missedOf(answer)),
      { kind: 'context', texts: smallPrint(answer, recordId) },
    ],
    actions: [{ kind: 'share', recordId, label: 'Share in channel' }, csvAction],
    csv: csvRows(answer),
  };
}

function missedOf({ missed, accountNames }: CostAnswer) {
  const accounts = Object.entries(accountNames).map(([id, name]) => ({ id, name, regions: [], payer: false }));
  return { missed, accounts };
}

function lead(answer: CostAnswer): string {
  const { totalBilledUsd, totalModelledUsd, differenceUsd } = answer;
  const what = `${scopeName(answer)}, ${periodName(answer)}`;
  if (totalBilledUsd === null || differenceUsd === null) {
    return `${what}: ${usd(totalModelledUsd)} modelled at list prices. The bill could not be read.`;
  }
  const share = percentOf(differenceUsd, totalBilledUsd);
  const difference = `${usd(differenceUsd)}${share === null ? '' : ` (${share})`}`;
  return `${what}: ${usd(totalBilledUsd)} billed, ${usd(totalModelledUsd)} modelled, difference ${difference}.`;
}

function scopeName({ scope }: CostAnswer): string {
  const { account, region, cluster } = scope;
  const place = [account, region].filter((name) => name !== null).join(' ');
  if (cluster !== null) return place === '' ? cluster : `${cluster} (${place})`;
  return place === '' ? 'All accounts' : place;
}

function periodName({ period }: CostAnswer): string {
  const last = new Date(Date.parse(`${period.toExclusive}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);
  const days = (Date.parse(period.toExclusive) - Date.parse(period.from)) / 86_400_000;
  return period.from === last ? `${period.from} (UTC)` : `${period.from} to ${last} (${plural(days, 'day')}, UTC)`;
}

/** A share for reading; null where there is nothing to divide by. */
function percentOf(part: string, whole: string): string | null {
  if (Number(whole) === 0) return null;
  const percent = (Number(part) / Number(whole)) * 100;
  return `${percent < 0 ? '-' : ''}${Math.abs(percent).toFixed(1)} %`;
}

/** The dimensions that the groups are told apart by. */
function dimensionsOf({ by, groups }: Pick<CostAnswer, 'by' | 'groups'>): readonly CostDimension[] {
  return ORDER.filter((name) => by.includes(name) || groups.some(({ key }) => key[name] !== null));
}

function groupsTable(answer: CostAnswer): Part {
  const { groups, groupsLeftOut, totalBilledUsd, totalModelledUsd } = answer;
  const dimensions = dimensionsOf(answer);
  const isBilled = totalBilledUsd !== null;
  const whole = totalBilledUsd ?? totalModelledUsd;
  const right = (title: string) => ({ title, align: 'right' as const });
  const rows = groups
    .slice(0, SHOWN)
    .map((group) => [
      ...dimensions.map((name) => nameOf(group, name, answer)),
      ...(isBilled ? [usd(group.billedUsd ?? '0')] : []),
      usd(group.modelledUsd),
      usd(group.idleUsd),
      percentOf(group.billedUsd ?? group.modelledUsd, whole) ?? '',
    ]);
  const rest = groups.length - rows.length + groupsLeftOut;
  return {
    kind: 'table',
    columns: [
      ...dimensions.map((name) => ({ title: TITLES[name], align: 'left' as const })),
      ...(isBilled ? [right('Billed')] : []),
      right('Modelled'),
      right('of it idle'),
      right('Share'),
    ],
    rows,
    ...(rest === 0 ? {} : { more: `${plural(rest, 'smaller group')} not shown: --csv has them all.` }),
  };
}

function nameOf({ key }: CostGroup, dimension: CostDimension, { accountNames }: CostAnswer): string {
  const value = key[dimension];
  if (value === null) return '–';
  if (dimension === 'account') return accountNames[value] ?? value;
  return dimension === 'capacityKind'
    ? Object.hasOwn(KIND_LABELS, value)
      ? KIND_LABELS[value as keyof typeof KIND_LABELS]
      : value
    : value;
}

function fields(answer: CostAnswer): readonly { readonly label: string; readonly value: string }[] {
  const { idleUsd, totalModelledUsd, unattributedUsd, commitments, costExplorer } = answer;
  const share = percentOf(idleUsd, totalModelledUsd);
  return [
    { label: 'Idle', value: `${usd(idleUsd)}${share === null ? '' : `, ${share} of the modelled cost`}` },
    ...(unattributedUsd === null ? [] : [{ label: 'Billed without a place', value: `${usd(unattributedUsd)}` }]),
    { label: 'Savings Plans', value: commitmentText(commitments) },
    { label: 'ECS itself', value: '$0.00: AWS charges for capacity, not for ECS' },
    {
      label: 'Cost Explorer',
      value: `${plural(costExplorer.requests, 'paid request')} for this answer, ${grouped(costExplorer.monthToDate)} of ${grouped(costExplorer.cap)} this month`,
    },
  ];
}

function commitmentText({ committedUsdPerHour, usedUsdPerHour, unusedUsd }: CommitmentUse): string {
  if (committedUsdPerHour === '0') return 'none';
  const committed = `${usd(committedUsdPerHour)} an hour committed`;
  if (usedUsdPerHour === null || unusedUsd === null) return `${committed}; its use could not be read`;
  return `${committed}, ${usd(usedUsdPerHour)} used on average; ${usd(unusedUsd)} unused in these days`;
}

/** Empty instances and reservations that are named; the rest is a number. */
const EMPTY_SHOWN = 5;

function emptyItems({ empty }: CostAnswer): readonly { readonly text: string; readonly tone?: 'caution' }[] {
  const items = empty
    .slice(0, EMPTY_SHOWN)
    .map(({ what, where, usd: amount }) => ({ text: `${what}, ${where}: ${usd(amount)} in these days.` }));
  const rest = empty.length - items.length;
  return rest === 0 ? items : [...items, { text: `${plural(rest, 'more')} like these: --json lists them.` }];
}

function worthKnowing(answer: CostAnswer): readonly Part[] {
  const { notes, unattributed, estimated } = answer;
  const items = [
    ...emptyItems(answer),
    ...(estimated ? [{ text: 'AWS may still change the bill of the latest two days: it calls them estimated.' }] : []),
    ...unattributed.map(({ reason, usd: amount }) => ({
      text: `${usd(amount)} billed without a place: ${REASONS[reason] ?? reason}.`,
    })),
    ...notes.map((note) => ({
      text: `${note.charAt(0).toUpperCase()}${note.slice(1).replace(/\.$/, '')}.`,
      tone: 'caution' as const,
    })),
  ];
  return items.length === 0 ? [] : [{ kind: 'list', items }];
}

function smallPrint(answer: CostAnswer, recordId: string): readonly string[] {
  const { snapshot, assumptions, notCounted } = answer;
  return [
    `Billed: Cost Explorer, amortised. Modelled: scanned hours x list prices; a shared instance is split by the larger of CPU and memory share, the rest is idle. Scanned ${utc(snapshot.takenAt)}.`,
    ...(assumptions.length === 0 ? [] : [`Assumed or of low confidence: ${assumptions.join(', ')}.`]),
    `Not counted: ${notCounted.join(', ')}.`,
    `Saved as ${recordId}.`,
  ];
}

/** Every group, with all five members of its key. */
function csvRows({ groups, period, accountNames }: CostAnswer): readonly (readonly string[])[] {
  return [
    [
      'from',
      'toExclusive',
      'accountId',
      'account',
      'cluster',
      'service',
      'capacityKind',
      'role',
      'billedUsd',
      'modelledUsd',
      'idleUsd',
    ],
    ...groups.map(({ key, billedUsd, modelledUsd, idleUsd }) => [
      period.from,
      period.toExclusive,
      key.account ?? '',
      key.account === null ? '' : (accountNames[key.account] ?? ''),
      key.cluster ?? '',
      key.service ?? '',
      key.capacityKind ?? '',
      key.role ?? '',
      billedUsd ?? '',
      modelledUsd,
      idleUsd,
    ]),
  ];
}
