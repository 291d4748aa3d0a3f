/** What a scan read and what it missed. */
import type { ScanCalls } from '../deps.ts';
import { CENSUS_KINDS, type CensusKind, type Missed, type SnapshotHead } from '../engine/index.ts';
import { grouped } from './money.ts';
import type { Part, Report } from './report.ts';

type Scanned = {
  readonly head: SnapshotHead;
  readonly calls: ScanCalls;
  readonly rowsWritten: number;
  readonly resumed: number;
  readonly ms: number;
};

/** Clusters by account with their counts, then what is missing, then what it took. */
export function scanReport({ head, calls, rowsWritten, resumed, ms }: Scanned): Report {
  const sum = (of: (row: SnapshotHead['clusters'][number]) => number): number =>
    head.clusters.reduce((total, row) => total + of(row), 0);
  const counts = `${plural(head.accounts.length, 'account')}, ${plural(head.clusters.length, 'cluster')}, ${plural(
    sum(({ services }) => services),
    'service',
  )}, ${plural(
    sum(({ tasks }) => tasks),
    'task',
  )}`;
  const taken = resumed === 0 ? '' : ` ${plural(resumed, 'part')} taken over from an interrupted scan.`;
  return {
    parts: [
      { kind: 'lead', text: `Scanned ${counts}.${taken}` },
      clustersTable(head),
      ...missedParts(head),
      {
        kind: 'context',
        texts: [
          `${grouped(calls.total)} calls (${calls.throttled} throttled), ${(ms / 1000).toFixed(1)} s, ${plural(rowsWritten, 'row')} written. Snapshot ${head.id}.`,
        ],
      },
    ],
    actions: [],
  };
}

const CENSUS_TITLES: { readonly [K in CensusKind]: string } = {
  fargate: 'Fargate',
  'fargate-spot': 'Spot',
  'managed-instances': 'Managed',
  asg: 'ASG',
  external: 'Anywhere',
};

/** One row a cluster, its tasks told apart by what they run on. */
export function clustersTable({ accounts, clusters }: SnapshotHead, most = Number.POSITIVE_INFINITY): Part {
  const nameOf = (id: string): string => accounts.find((account) => account.id === id)?.name ?? id;
  const largest = [...clusters].sort((a, b) => b.services - a.services || (a.name < b.name ? -1 : 1));
  const shown = largest.slice(0, most);
  const rest = clusters.length - shown.length;
  const kinds = CENSUS_KINDS.filter((kind) => clusters.some(({ census }) => census[kind] > 0));
  return {
    kind: 'table',
    columns: [
      { title: 'Account', align: 'left' },
      { title: 'Region', align: 'left' },
      { title: 'Cluster', align: 'left' },
      { title: 'Services', align: 'right' },
      { title: 'Tasks', align: 'right' },
      ...kinds.map((kind) => ({ title: CENSUS_TITLES[kind], align: 'right' as const })),
      { title: 'Instances', align: 'right' },
    ],
    rows: shown.map((row) => [
      nameOf(row.account),
      row.region,
      row.name,
      grouped(row.services),
      grouped(row.tasks),
      ...kinds.map((kind) => grouped(row.census[kind])),
      grouped(row.containerInstances),
    ]),
    ...(rest === 0 ? {} : { more: `${plural(rest, 'smaller cluster')} not shown.` }),
  };
}

/** What could not be read, and what that means: never a zero. */
export function missedParts(
  { missed, accounts }: Pick<SnapshotHead, 'missed' | 'accounts'>,
  most = 20,
): readonly Part[] {
  if (missed.length === 0) return [];
  const nameOf = (id: string): string => accounts.find((account) => account.id === id)?.name ?? id;
  const line = ({ account, region, what, code }: Missed): string =>
    `${[account === '' ? '' : nameOf(account), region].filter((text) => text !== '').join(' ')}: ${what} (${code})`;
  const items = missed.slice(0, most).map((row) => ({ text: line(row), tone: 'caution' as const }));
  const rest = missed.length - items.length;
  return [
    { kind: 'heading', text: 'Not read' },
    {
      kind: 'list',
      items:
        rest === 0 ? items : [...items, { text: `and ${grouped(rest)} more: --json lists them all`, tone: 'caution' }],
    },
  ];
}

/** `1 cluster`, `4 clusters`, `1,200 tasks`. */
export function plural(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
}
