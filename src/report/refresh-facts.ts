/** What a refresh of the prices read, changed and left alone. */
import type { PriceName, ScanCalls } from '../deps.ts';
import { nanoUsd } from '../engine/index.ts';
import { grouped } from './money.ts';
import type { Part, Report } from './report.ts';
import { plural } from './scan.ts';

export type PriceChange = { readonly name: PriceName; readonly before: string; readonly now: string };

/** A price that was not taken over. */
export type PriceWarning = {
  readonly name: PriceName;
  readonly because: 'missing' | 'zero' | 'not-usd' | 'ambiguous' | 'no-number' | 'far-off';
  /** What the list says, where that is an amount. */
  readonly listed: string | null;
  /** What answers go on using. */
  readonly kept: string;
};

/** Hourly fee of Managed Instances in AWS's list, and by the facts of the day. */
export type FeeDifference = { readonly type: string; readonly listed: string; readonly expected: string };

export type RegionRefresh =
  | {
      readonly kind: 'refreshed';
      readonly region: string;
      readonly read: number;
      /** Against what answers used before, largest first. */
      readonly changes: readonly PriceChange[];
      readonly warnings: readonly PriceWarning[];
      readonly feeDifferences: readonly FeeDifference[];
      /** On sale there, without a price in this version. */
      readonly otherTypes: readonly string[];
    }
  | { readonly kind: 'kept'; readonly region: string; readonly code: string; readonly message: string };

export type RefreshOutcome = {
  /** UTC day that answers print from now on. */
  readonly asOf: string;
  readonly regions: readonly RegionRefresh[];
  readonly calls: ScanCalls;
  readonly ms: number;
};

type Refreshed = Extract<RegionRefresh, { readonly kind: 'refreshed' }>;

const MOST_CHANGES = 5;
const MOST_NAMES = 5;

/** Counts by region, the largest changes, then what was not taken over and why. */
export function refreshReport({ asOf, regions, calls, ms }: RefreshOutcome): Report {
  const refreshed = regions.filter((region) => region.kind === 'refreshed');
  const kept = regions.filter((region) => region.kind === 'kept');
  return {
    parts: [
      { kind: 'lead', text: leadOf(refreshed, kept.length, asOf) },
      ...(refreshed.length === 0 ? [] : [regionsTable(refreshed)]),
      ...changesParts(refreshed),
      ...cautions(
        'Not refreshed',
        kept.map(({ region, message }) => `${region} keeps its old prices. ${message}`),
      ),
      ...cautions('Not taken over', refreshed.flatMap(warningLines)),
      ...cautions('Fees that differ from the facts', refreshed.flatMap(feeLines)),
      { kind: 'context', texts: [...refreshed.flatMap(otherTypesLine), footer(calls, ms, refreshed.length)] },
    ],
    actions: [],
  };
}

function leadOf(refreshed: readonly Refreshed[], kept: number, asOf: string): string {
  if (refreshed.length === 0) return 'No price was refreshed; answers use the prices they had.';
  const read = refreshed.reduce((sum, region) => sum + region.read, 0);
  const changed = refreshed.reduce((sum, { changes }) => sum + changes.length, 0);
  const rest = kept === 0 ? '' : ` ${plural(kept, 'region')} not refreshed.`;
  return `${plural(read, 'price')} of ${plural(refreshed.length, 'region')} read on ${asOf}, ${grouped(changed)} changed.${rest}`;
}

function regionsTable(refreshed: readonly Refreshed[]): Part {
  return {
    kind: 'table',
    columns: [
      { title: 'Region', align: 'left' },
      { title: 'Read', align: 'right' },
      { title: 'Changed', align: 'right' },
      { title: 'Not taken over', align: 'right' },
    ],
    rows: refreshed.map(({ region, read, changes, warnings }) => [
      region,
      grouped(read),
      grouped(changes.length),
      grouped(warnings.length),
    ]),
  };
}

function changesParts(refreshed: readonly Refreshed[]): readonly Part[] {
  const rows = refreshed.flatMap(({ region, changes }) =>
    changes
      .slice(0, MOST_CHANGES)
      .map((change) => [region, priceLabel(change.name), change.before, change.now, percentOf(change)]),
  );
  const all = refreshed.reduce((sum, { changes }) => sum + changes.length, 0);
  if (all === 0) return [];
  return [
    { kind: 'heading', text: 'Largest changes' },
    {
      kind: 'table',
      columns: [
        { title: 'Region', align: 'left' },
        { title: 'Price', align: 'left' },
        { title: 'Was USD', align: 'right' },
        { title: 'Now USD', align: 'right' },
        { title: 'Change', align: 'right' },
      ],
      rows,
      ...(rows.length === all
        ? {}
        : { more: `${plural(all - rows.length, 'smaller change')}: --json lists them all.` }),
    },
  ];
}

/** For people to read, so a float will do. */
function percentOf({ before, now }: PriceChange): string {
  const percent = (Number(nanoUsd(now) - nanoUsd(before)) / Number(nanoUsd(before))) * 100;
  return `${percent < 0 ? '-' : '+'}${Math.abs(percent).toFixed(1)} %`;
}

const LABELS: { readonly [name: string]: string } = {
  'fargate.x86_64.vcpu': 'Fargate x86 vCPU-hour',
  'fargate.x86_64.gib': 'Fargate x86 GiB-hour',
  'fargate.arm64.vcpu': 'Fargate ARM vCPU-hour',
  'fargate.arm64.gib': 'Fargate ARM GiB-hour',
  'fargate.ephemeral': 'Fargate storage GiB-hour',
  gp3: 'gp3 GiB-month',
};

function priceLabel(name: PriceName): string {
  return LABELS[name] ?? name.replace(/^ec2\./, '');
}

const REASONS = {
  missing: "not in AWS's list",
  zero: 'listed at zero',
  'not-usd': 'not listed in USD',
  ambiguous: 'listed with several prices',
  'no-number': 'listed without an amount',
} as const;

function warningLines({ region, warnings }: Refreshed): readonly string[] {
  const lines = warnings.flatMap(({ name, because, listed, kept }) =>
    because === 'far-off'
      ? [`${region}: ${priceLabel(name)} is listed at ${listed}, more than a factor of 3 off; ${kept} stays.`]
      : [],
  );
  for (const [because, reason] of Object.entries(REASONS)) {
    const names = warnings.filter((warning) => warning.because === because).map(({ name }) => priceLabel(name));
    if (names.length > 0)
      lines.push(
        `${region}: ${reason}, so ${names.length === 1 ? 'it stays' : 'they stay'} as before: ${some(names)}.`,
      );
  }
  return lines;
}

function feeLines({ region, feeDifferences }: Refreshed): readonly string[] {
  if (feeDifferences.length === 0) return [];
  const names = feeDifferences.map(({ type, listed, expected }) => `${type} ${listed} (facts: ${expected})`);
  return [`${region}: ECS Managed Instances fee per hour, ${some(names)}. Answers use the facts.`];
}

function otherTypesLine({ region, otherTypes }: Refreshed): readonly string[] {
  return otherTypes.length === 0 ? [] : [`${region}: on sale, but not in this version's data: ${some(otherTypes)}.`];
}

function some(names: readonly string[]): string {
  const rest = names.length - MOST_NAMES;
  return rest <= 0 ? names.join(', ') : `${names.slice(0, MOST_NAMES).join(', ')} and ${grouped(rest)} more`;
}

function footer({ total, throttled }: ScanCalls, ms: number, refreshed: number): string {
  const what = `${grouped(total)} calls (${throttled} throttled), ${(ms / 1000).toFixed(1)} s; the Price List is free.`;
  return refreshed === 0 ? what : `${what} Answers use these prices from the next question on.`;
}

function cautions(heading: string, lines: readonly string[]): readonly Part[] {
  if (lines.length === 0) return [];
  return [
    { kind: 'heading', text: heading },
    { kind: 'list', items: lines.map((text) => ({ text, tone: 'caution' as const })) },
  ];
}
