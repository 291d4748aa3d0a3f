/** What this process works with, at a glance. */
import { grouped, usd } from './money.ts';
import type { Report } from './report.ts';

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
  const saved = latestAt === null ? 'none yet' : `${grouped(records)}, newest ${latestAt}`;
  return {
    parts: [
      { kind: 'lead', text: `Ready: engine ${status.engineVersion}, database open, facts and prices loaded.` },
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
      {
        kind: 'context',
        texts: ['No AWS account is scanned in this version: capacity for a described task needs none.'],
      },
    ],
    actions: [],
  };
}

function priceDates({ priceDates: dates, region }: Status): string {
  if (dates === null) return `none for ${region.region}: name another with --region`;
  const days = Object.entries(dates).map(([what, day]) => `${PRICED[what] ?? what} ${day}`);
  return `${region.region}: ${days.join(', ')}`;
}
