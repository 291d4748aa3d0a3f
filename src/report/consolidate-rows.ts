/** Hourly rates as monthly money, exactly, and the rows of a consolidation as CSV. */
import type { PlacedAdvice } from './consolidate-waves.ts';
import { usd } from './money.ts';

/** Hourly USD as a month of 730 hours, exactly. */
export function monthOf(usdPerHour: string): string {
  return usd(fromNano(toNano(usdPerHour) * 730n));
}

export function toNano(text: string): bigint {
  const [whole = '0', fraction = ''] = text.replace('-', '').split('.');
  const size = BigInt(whole + fraction.padEnd(9, '0').slice(0, 9));
  return text.startsWith('-') ? -size : size;
}

export function fromNano(amount: bigint): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(10, '0');
  return `${amount < 0n ? '-' : ''}${digits.slice(0, -9)}.${digits.slice(-9)}`;
}

export function sumUsd(amounts: readonly string[]): string {
  return fromNano(amounts.reduce((sum, amount) => sum + toNano(amount), 0n));
}

/** One row a provider, header first. */
export function csvRows({
  providers,
  accountNames,
}: {
  readonly providers: readonly PlacedAdvice[];
  readonly accountNames: { readonly [id: string]: string };
}): readonly (readonly string[])[] {
  return [
    [
      'accountId',
      'account',
      'region',
      'cluster',
      'provider',
      'kind',
      'answer',
      'instances',
      'instancesAfter',
      'usdPerHourBefore',
      'usdPerHourAfter',
      'usdPerHourLowerBound',
      'usdPerMonthSaved',
      'waves',
      'notes',
    ],
    ...providers.map((row) => [
      row.account,
      accountNames[row.account] ?? '',
      row.region,
      row.cluster,
      row.name,
      row.kind,
      row.verdict,
      String(row.instances),
      String(row.instancesAfter),
      row.usdPerHourBefore,
      row.usdPerHourAfter,
      row.lowerBound,
      row.usdPerMonthSaved,
      String(row.waves.length),
      row.notes.join('; '),
    ]),
  ];
}
