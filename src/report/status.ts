/** What this process works with, at a glance: the estate first, then the bot's own state. */
import type { AwsAccount, ScanState } from '../deps.ts';
import type { SnapshotHead } from '../engine/index.ts';
import { grouped, usd } from './money.ts';
import type { Part, Report } from './report.ts';
import { clustersTable, missedParts, plural } from './scan.ts';
import { age, utc } from './time.ts';

export type Status = {
  readonly surface: 'slack' | 'terminal';
  readonly engineVersion: string;
  readonly records: number;
  readonly latestAt: string | null;
  readonly facts: number;
  readonly regions: number;
  /** The region of questions that name none, and who said so. */
  readonly region: { readonly region: string; readonly from: 'config' | 'AWS_REGION' | 'guess' };
  /** Day of each price snapshot of that region; null when it has no prices. */
  readonly priceDates: { readonly [what: string]: string } | null;
  readonly minimumSaving: { readonly percent: number; readonly usdPerMonth: number };
  readonly readOnly: boolean;
  /** Null when no account is configured and nothing was ever scanned. */
  readonly estate: {
    readonly identity:
      | { readonly kind: 'known'; readonly account: string; readonly arn: string }
      | { readonly kind: 'failed'; readonly because: string };
    readonly configured: readonly Pick<AwsAccount, 'id' | 'name' | 'regions' | 'payer'>[];
    readonly head: SnapshotHead | null;
    readonly ageSeconds: number | null;
    /** The scan under way, or null. */
    readonly scan: ScanState | null;
    /** Paid requests of this calendar month. */
    readonly costExplorer: { readonly requests: number; readonly cap: number; readonly usd: number };
  } | null;
};

const FROM = {
  config: 'set in the configuration',
  AWS_REGION: 'from AWS_REGION',
  guess: 'a guess: none is set',
} as const;

/** How people call what a price date is about. */
const PRICED: { readonly [what: string]: string } = {
  instanceTypes: 'instance types',
  onDemand: 'EC2',
  fargate: 'Fargate',
  fargateSpot: 'Fargate Spot',
  spot: 'EC2 Spot',
  ebs: 'gp3 disks',
  savingsPlans: 'Savings Plans',
};

/** One screen: store, facts and prices, defaults, and what this version does not do. */
export function statusReport(status: Status): Report {
  const { records, latestAt, region, minimumSaving } = status;
  const saved = latestAt === null ? 'none yet' : `${grouped(records)}, newest ${utc(latestAt)}`;
  return {
    parts: [
      { kind: 'lead', text: leadText(status) },
      ...estateParts(status),
      {
        kind: 'fields',
        fields: [
          { label: 'Asked from', value: status.surface === 'slack' ? 'Slack, connected' : 'a terminal' },
          { label: 'Saved answers', value: saved },
          { label: 'Facts', value: `${grouped(status.facts)} dated rows` },
          { label: 'Prices', value: `${status.regions} regions. ${priceDates(status)}` },
          { label: 'Default region', value: `${region.region} (${FROM[region.from]})` },
          {
            label: 'Minimum saving',
            value: `${minimumSaving.percent} % and ${usd(String(minimumSaving.usdPerMonth))} a month`,
          },
          { label: 'Changes to AWS', value: status.readOnly ? 'none: read only' : 'none: this version makes none' },
        ],
      },
      ...smallPrint(status),
    ],
    actions: [],
  };
}

function priceDates({ priceDates: dates, region }: Status): string {
  if (dates === null) return `none for ${region.region}: name another with --region`;
  const days = Object.entries(dates).map(([what, day]) => `${PRICED[what] ?? what} ${day}`);
  return `${region.region}: ${days.join(', ')}`;
}

function leadText({ estate, engineVersion }: Status): string {
  const ready = `Ready: engine ${engineVersion}, database open, facts and prices loaded.`;
  if (estate === null) return ready;
  const { head, ageSeconds } = estate;
  if (head === null || ageSeconds === null) return `${ready} No scan has finished yet.`;
  const sum = (of: (row: SnapshotHead['clusters'][number]) => number): number =>
    head.clusters.reduce((total, row) => total + of(row), 0);
  const seen = [
    plural(head.accounts.length, 'account'),
    plural(head.clusters.length, 'cluster'),
    plural(
      sum(({ services }) => services),
      'service',
    ),
    plural(
      sum(({ tasks }) => tasks),
      'task',
    ),
  ];
  const missed =
    head.missed.length === 0 ? 'nothing was missed' : `${plural(head.missed.length, 'thing')} could not be read`;
  return `I see ${seen.join(', ')} as of ${age(ageSeconds)} ago; ${missed}.`;
}

/** Largest clusters in the message; the whole list is in the JSON. */
const CLUSTERS_SHOWN = 20;

function estateParts({ estate }: Status): readonly Part[] {
  if (estate === null) return [];
  const { identity, configured, head, scan, costExplorer } = estate;
  const who = identity.kind === 'known' ? identity.arn : `not known: ${identity.because}`;
  const accounts = configured.map(
    ({ name, regions, payer }) => `${name}${payer ? ' (payer)' : ''}: ${regions.join(', ')}`,
  );
  const fields = [
    { label: 'AWS identity', value: who },
    { label: 'Accounts to read', value: accounts.length === 0 ? 'none' : accounts.join('; ') },
    { label: 'Newest scan', value: head === null ? 'none yet' : `${utc(head.takenAt)}, snapshot ${head.id}` },
    { label: 'Scan under way', value: scan === null ? 'no' : scanText(scan) },
    {
      label: 'Paid AWS requests this month',
      value: `${grouped(costExplorer.requests)} of ${grouped(costExplorer.cap)} to Cost Explorer, ${usd(costExplorer.usd.toFixed(2))}`,
    },
  ];
  const seen = head === null ? [] : [clustersTable(head, CLUSTERS_SHOWN), ...missedParts(head)];
  return [{ kind: 'fields', fields }, ...seen, { kind: 'heading', text: 'This bot' }];
}

function scanText({ startedAt, progress }: ScanState): string {
  if (progress === null) return `yes, since ${utc(startedAt)}`;
  const { done, found, calls, throttled } = progress;
  const slowed = throttled === 0 ? '' : `, ${grouped(throttled)} throttled`;
  return `yes, since ${utc(startedAt)}: ${done} of ${found} clusters, ${grouped(calls)} calls${slowed}`;
}

function smallPrint({ estate }: Status): readonly Part[] {
  if (estate !== null) return [];
  const text =
    'No AWS account is configured: capacity for a described task needs none. To see your own estate list accounts in ecs-advise.yaml (docs/aws.md).';
  return [{ kind: 'context', texts: [text] }];
}
