import type { PackAnswer, PackInput, PackResult } from '../engine/index.ts';
import type { Part, Report } from './report.ts';

const MOST_ROWS = 30;

/** What to run, what it costs, and how far from the best it can be; or what cannot be placed and why. */
export function packReport(input: PackInput, result: PackResult): Report {
  return result.kind === 'infeasible' ? infeasibleReport(result.shapes) : answerReport(input, result);
}

function infeasibleReport(shapes: readonly { readonly shape: string; readonly because: string }[]): Report {
  const count = shapes.length === 1 ? '1 shape cannot' : `${grouped(shapes.length)} shapes cannot`;
  return {
    parts: [
      { kind: 'lead', text: [{ text: `${count} be placed.`, style: 'strong' }] },
      {
        kind: 'list',
        items: shapes.slice(0, MOST_ROWS).map(({ shape, because }) => ({ text: `${shape}: ${because}`, tone: 'no' })),
      },
      ...(shapes.length > MOST_ROWS ? [more(shapes.length - MOST_ROWS, 'shapes')] : []),
    ],
    actions: [],
    csv: [['shape', 'because'], ...shapes.map(({ shape, because }) => [shape, because])],
  };
}

function answerReport(input: PackInput, answer: PackAnswer): Report {
  const tasks = input.shapes.reduce((sum, { count }) => sum + count, 0);
  const bins = answer.bins.reduce((sum, { count }) => sum + count, 0);
  const types = byType(input, answer);
  return {
    parts: [
      {
        kind: 'lead',
        text: [
          {
            text: `${counted(bins, 'bin')} for ${counted(tasks, 'task')}, cost ${grouped(answer.cost)}.`,
            style: 'strong',
          },
          { text: ` ${verdict(answer)}` },
        ],
      },
      ...(types.length === 0 ? [] : [typeTable(types)]),
      {
        kind: 'fields',
        fields: [
          { label: 'Cost', value: grouped(answer.cost) },
          { label: 'Bound', value: grouped(answer.lowerBound) },
          { label: 'Proof', value: proof(answer) },
        ],
      },
      {
        kind: 'context',
        texts: [`${counted(answer.work, 'round')} of search. Which task goes where, and the proof to check: --json.`],
      },
    ],
    actions: [],
    csv: [
      ['type', 'bins', 'shape', 'tasksPerBin'],
      ...answer.bins.flatMap(({ type, count, items }) =>
        Object.entries(items).map(([shape, each]) => [type, String(count), shape, String(each)]),
      ),
    ],
  };
}

type TypeRow = { readonly name: string; readonly bins: number; readonly tasks: number; readonly cost: bigint };

function byType(input: PackInput, { bins }: PackAnswer): readonly TypeRow[] {
  return input.types
    .map(({ name, cost, paid }): TypeRow => {
      const own = bins.filter(({ type }) => type === name);
      const count = own.reduce((sum, bin) => sum + bin.count, 0);
      const tasks = own.reduce(
        (sum, bin) => sum + bin.count * Object.values(bin.items).reduce((all, each) => all + each, 0),
        0,
      );
      return { name, bins: count, tasks, cost: cost * BigInt(Math.max(0, count - paid)) };
    })
    .filter((row) => row.bins > 0)
    .sort((a, b) => (a.cost === b.cost ? b.bins - a.bins : a.cost < b.cost ? 1 : -1));
}

function typeTable(types: readonly TypeRow[]): Part {
  return {
    kind: 'table',
    columns: [
      { title: 'Type', align: 'left' },
      { title: 'Bins', align: 'right' },
      { title: 'Tasks', align: 'right' },
      { title: 'Cost', align: 'right' },
    ],
    rows: types
      .slice(0, MOST_ROWS)
      .map(({ name, bins, tasks, cost }) => [name, grouped(bins), grouped(tasks), grouped(cost)]),
    ...(types.length > MOST_ROWS ? { more: `${grouped(types.length - MOST_ROWS)} more types in --csv` } : {}),
  };
}

function verdict({ cost, lowerBound, stopped }: PackAnswer): string {
  if (cost === lowerBound) return 'Nothing cheaper is possible.';
  if (lowerBound === 0n) return 'No bound was found.';
  const share = Number(((cost - lowerBound) * 10_000_000n) / lowerBound) / 100_000;
  const text = share < 0.01 ? 'Less than 0.01' : `At most ${share.toFixed(2)}`;
  return `${text} % above the best possible${stopped === 'time' ? '; stopped by --seconds' : ''}.`;
}

function proof({ certificate }: PackAnswer): string {
  return certificate.kind === 'volume'
    ? 'a price per unit of each resource at which no type is worth more than it costs'
    : 'a price per task at which no content of a type is worth more than the type costs';
}

function more(count: number, what: string): Part {
  return { kind: 'context', texts: [`${grouped(count)} more ${what} in --csv.`] };
}

function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** 1234567 -> 1,234,567. */
function grouped(amount: bigint | number): string {
  return amount.toString().replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}
