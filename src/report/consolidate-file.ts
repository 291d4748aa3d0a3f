/** The answer of `consolidate --snapshot`, in words that a person checks by hand. */
import { type ConsolidateAnswer, type ConsolidateInput, usdString, type Wave } from '../engine/index.ts';
import { grouped, usd, usdPerMonth } from './money.ts';
import type { Part, Report } from './report.ts';

const KEPT_SHOWN = 20;
const WAVES_SHOWN = 25;
/** Launches, moves or drains of one wave that are named one by one. */
const ROWS_NAMED = 3;
const POINTS_SHOWN = 9;
const HOURS_PER_MONTH = 730n;

type Shown = {
  readonly file: string;
  readonly input: ConsolidateInput;
  readonly answer: ConsolidateAnswer;
  /** The file's money is nano-USD per hour; else it is shown as plain numbers. */
  readonly isUsd: boolean;
};

/** Before and after, the waves, the choice of moves, what stays and why, and how to check all of it. */
export function consolidateFileReport(shown: Shown): Report {
  const { answer, file } = shown;
  return {
    parts: [
      lead(shown),
      figures(shown),
      ...(answer.waves.length === 0 ? [] : [{ kind: 'heading', text: 'Waves' } as const, waveTable(answer.waves)]),
      ...(answer.frontier.length < 2
        ? []
        : [{ kind: 'heading', text: 'Saving by moves' } as const, frontierTable(shown)]),
      ...(answer.kept.length === 0 ? [] : [{ kind: 'heading', text: 'What stays' } as const, keptTable(shown)]),
      {
        kind: 'context',
        texts: [
          `${grouped(answer.work)} rounds of search${answer.stopped === 'time' ? ', stopped by --seconds' : ''}.`,
          `Check it yourself: save the answer of --json, then ecs-advise verify ANSWER --input ${file}`,
        ],
      },
    ],
    actions: [],
    csv: [
      ['wave', 'step', 'instance', 'type', 'az', 'service', 'to', 'count'],
      ...answer.waves.flatMap(({ launch, move, drain }, at) => [
        ...launch.map(({ id, type, az }) => [String(at + 1), 'launch', id, type, az, '', '', '']),
        ...move.map(({ service, from, to, count }) => [
          ...[String(at + 1), 'move', from, '', ''],
          ...[service, to, String(count)],
        ]),
        ...drain.map((id) => [String(at + 1), 'drain', id, '', '', '', '', '']),
      ]),
    ],
  };
}

function lead({ input, answer, isUsd }: Shown): Part {
  const { costBefore, costAfter, lowerBound, waves } = answer;
  const today = input.instances.length;
  const least = `No plan of any number of moves can cost less than ${money(lowerBound, isUsd)}`;
  if (today === 0) return { kind: 'lead', text: [{ text: 'There are no instances in this file.', style: 'strong' }] };
  if (waves.length === 0) {
    const within =
      costAfter === lowerBound
        ? `${least}: nothing can be saved.`
        : `${least}, ${percent(costBefore - lowerBound, costBefore)} below today, and no plan was found that is worth its moves.`;
    return {
      kind: 'lead',
      text: [
        {
          text: today === 1 ? 'Leave the instance as it is.' : `Leave the ${grouped(today)} instances as they are.`,
          style: 'strong',
        },
        { text: ` ${within}` },
      ],
    };
  }
  const left = today + sum(waves, ({ launch }) => launch.length) - sum(waves, ({ drain }) => drain.length);
  const saving = `${money(costBefore - costAfter, isUsd)} (${percent(costBefore - costAfter, costBefore)})`;
  const verdict =
    costAfter === lowerBound
      ? `${least}: nothing cheaper is possible.`
      : `${least}, so at most ${percent(costAfter - lowerBound, costBefore)} of today's cost is left to save.`;
  return {
    kind: 'lead',
    text: [
      { text: `Saves ${saving}: ${grouped(today)} instances become ${grouped(left)}.`, style: 'strong' },
      { text: ` ${verdict}` },
    ],
  };
}

function figures({ answer, isUsd }: Shown): Part {
  const { costBefore, costAfter, lowerBound, weightedMoves, waves } = answer;
  const both = (amount: bigint): string =>
    isUsd ? `${money(amount, true)}, ${usd4(amount)} an hour` : money(amount, false);
  const tasks = sum(waves, ({ move }) => move.reduce((total, { count }) => total + count, 0));
  return {
    kind: 'fields',
    fields: [
      { label: 'Before', value: both(costBefore) },
      { label: 'After', value: both(costAfter) },
      { label: 'Bound', value: `${both(lowerBound)} (any number of moves)` },
      {
        label: 'Moves',
        value: `${counted(tasks, 'task')}, ${grouped(weightedMoves)} weighted, in ${counted(waves.length, 'wave')}`,
      },
    ],
  };
}

function waveTable(waves: readonly Wave[]): Part {
  return {
    kind: 'table',
    columns: [
      { title: 'Wave', align: 'right' },
      { title: '1. Launch', align: 'left' },
      { title: '2. Move', align: 'left' },
      { title: '3. Drain', align: 'left' },
    ],
    rows: waves
      .slice(0, WAVES_SHOWN)
      .map(({ launch, move, drain }, at) => [String(at + 1), launches(launch), moves(move), few(drain)]),
    ...(waves.length > WAVES_SHOWN ? { more: `${grouped(waves.length - WAVES_SHOWN)} more waves in --csv` } : {}),
  };
}

/** Named one by one, or counted by type. */
function launches(launch: Wave['launch']): string {
  if (launch.length <= ROWS_NAMED) return few(launch.map(({ id, type, az }) => `${id} (${type}, ${az})`));
  const counts = new Map<string, number>();
  for (const { type } of launch) counts.set(type, (counts.get(type) ?? 0) + 1);
  return few([...counts].map(([type, count]) => `${count} x ${type}`));
}

function moves(move: Wave['move']): string {
  const tasks = move.reduce((total, { count }) => total + count, 0);
  if (move.length <= ROWS_NAMED)
    return few(move.map(({ service, from, to, count }) => `${count} ${service} ${from} > ${to}`));
  const services = new Set(move.map(({ service }) => service)).size;
  const targets = new Set(move.map(({ to }) => to)).size;
  return `${counted(tasks, 'task')} of ${counted(services, 'service')} to ${counted(targets, 'instance')}`;
}

function few(names: readonly string[]): string {
  if (names.length === 0) return '-';
  const named = names.slice(0, ROWS_NAMED).join(', ');
  return names.length <= ROWS_NAMED ? named : `${named} and ${grouped(names.length - ROWS_NAMED)} more`;
}

/** First, last, this plan, and points spread between them. */
function frontierTable({ answer, isUsd }: Shown): Part {
  const { frontier, costBefore, costAfter, weightedMoves } = answer;
  const own = frontier.findIndex((point) => point.weightedMoves === weightedMoves && point.costAfter === costAfter);
  const step = Math.max(1, (frontier.length - 1) / (POINTS_SHOWN - 1));
  const chosen = new Set([own, ...Array.from({ length: POINTS_SHOWN }, (_, at) => Math.round(at * step))]);
  const rows = frontier.flatMap((point, at) => {
    if (!chosen.has(at)) return [];
    const saved = costBefore - point.costAfter;
    return [
      [
        grouped(point.weightedMoves),
        money(point.costAfter, isUsd),
        `${money(saved, isUsd)} (${percent(saved, costBefore)})`,
        at === own ? 'this plan' : '',
      ],
    ];
  });
  return {
    kind: 'table',
    columns: [
      { title: 'Moves', align: 'right' },
      { title: 'Cost', align: 'right' },
      { title: 'Saving', align: 'right' },
      { title: '', align: 'left' },
    ],
    rows,
  };
}

/** The dearest first: there one asks why. */
function keptTable({ input, answer }: Shown): Part {
  const { kept } = answer;
  const types = new Map(input.types.map((type) => [type.name, type]));
  const hosts = new Map(input.instances.map((instance) => [instance.id, instance]));
  const price = (id: string): bigint => {
    const host = hosts.get(id);
    return host === undefined || host.covered ? 0n : (types.get(host.type)?.cost ?? 0n);
  };
  const dearest = [...kept].sort((a, b) => {
    const difference = price(b.instance) - price(a.instance);
    return difference === 0n ? (a.instance < b.instance ? -1 : 1) : difference < 0n ? -1 : 1;
  });
  return {
    kind: 'table',
    columns: ['Instance', 'Type', 'Why it stays'].map((title) => ({ title, align: 'left' })),
    rows: dearest
      .slice(0, KEPT_SHOWN)
      .map(({ instance, because }) => [instance, hosts.get(instance)?.type ?? '', because]),
    ...(kept.length > KEPT_SHOWN ? { more: `${grouped(kept.length - KEPT_SHOWN)} more that stay, in --json` } : {}),
  };
}

function money(amount: bigint, isUsd: boolean): string {
  return isUsd ? usdPerMonth(usdString(amount * HOURS_PER_MONTH)) : grouped(amount.toString());
}

/** Dollars with four decimals, for prices of an hour. */
function usd4(nano: bigint): string {
  const [whole = '0', fraction = ''] = usdString(nano).split('.');
  return `${usd(whole).replace(/\.00$/, '')}.${fraction.padEnd(4, '0').slice(0, 4)}`;
}

function percent(part: bigint, whole: bigint): string {
  const share = whole === 0n ? 0 : Number((part * 100_000n) / whole) / 1_000;
  return part > 0n && share < 0.1 ? 'less than 0.1 %' : `${share.toFixed(1)} %`;
}

function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
}

function sum(waves: readonly Wave[], of: (wave: Wave) => number): number {
  return waves.reduce((total, wave) => total + of(wave), 0);
}
