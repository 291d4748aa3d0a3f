/** What every figure of a capacity answer is the sum of. */
import type { CapacityOption } from '../engine/index.ts';
import { grouped, usd } from './money.ts';
import type { Part } from './report.ts';

type Lined = Pick<CapacityOption, 'lines' | 'usdPerMonth'> & { readonly label: string };

/** Options line by line with their totals, those without a price left out; `title` heads the column of their names. */
export function lineByLine(title: string, options: readonly Lined[], smallPrint: readonly string[]): readonly Part[] {
  const rows = options.flatMap(({ label, lines, usdPerMonth }) => {
    if (usdPerMonth === null) return [];
    const own = lines.map((line) => [
      label,
      line.item,
      grouped(line.quantity),
      line.unit,
      line.usdPerUnit,
      usd(line.usdPerMonth),
    ]);
    return [...own, [label, 'total', '', '', '', usd(usdPerMonth)]];
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
        { title, align: 'left' },
        { title: 'Line', align: 'left' },
        { title: 'Quantity', align: 'right' },
        { title: 'Unit', align: 'left' },
        { title: 'USD per unit', align: 'right' },
        { title: 'USD/month', align: 'right' },
      ],
      rows,
    },
    { kind: 'context', texts: smallPrint },
  ];
}
