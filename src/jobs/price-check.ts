/** Which prices of AWS's list are taken over: the plausible ones. Pure. */
import type { ListedPrice, PriceAnswer, PriceList, PriceName } from '../deps.ts';
import { type Fact, factBook, feeFraction, nanoUsd, type PriceBook, usdString } from '../engine/index.ts';
import type { FeeDifference, PriceChange, PriceWarning } from '../report/refresh-facts.ts';

/** A price that moves further than this since the packaged day is taken for a mistake: of AWS, or of our reading. */
const FAR_OFF = 3n;
/** AWS rounds fees to five decimals, which is up to this part of the smallest ones. */
const FEE_TOLERANCE_PERCENT = 2n;

type Read = Extract<PriceAnswer, { readonly kind: 'read' }>;
type Books = {
  /** What the version brought along: the yardstick, which no refresh moves. */
  readonly packaged: PriceBook;
  /** What answers have used until now. */
  readonly used: PriceBook;
  readonly previous: PriceList | null;
  readonly facts: readonly Fact[];
};

export type Checked = {
  readonly list: PriceList;
  /** How many prices were taken over. */
  readonly read: number;
  /** Largest first. */
  readonly changes: readonly PriceChange[];
  readonly warnings: readonly PriceWarning[];
  readonly feeDifferences: readonly FeeDifference[];
};

/**
 * What `answer` makes of a region's prices on `day`. A price that is not taken over stays what it was. The day of
 * Fargate moves when all its prices were read, that of EC2 when most were.
 */
export function checkPrices(answer: Read, day: string, { packaged, used, previous, facts }: Books): Checked {
  const yardstick = pricesIn(packaged);
  const before = pricesIn(used);
  const taken = new Map<PriceName, string>();
  const warnings: PriceWarning[] = [];
  for (const [name, expected] of yardstick) {
    const verdict = judge(answer.prices.get(name), expected);
    if (verdict.kind === 'taken') taken.set(name, verdict.usd);
    // An estimate is there because AWS's list had nothing.
    else if (verdict.because !== 'missing' || !isEstimate(packaged, name))
      warnings.push({ name, because: verdict.because, listed: verdict.listed, kept: before.get(name) ?? expected });
  }
  const changes = [...taken].flatMap(([name, now]) => {
    const was = before.get(name) ?? now;
    return nanoUsd(was) === nanoUsd(now) ? [] : [{ name, before: was, now }];
  });
  return {
    list: {
      format: 'ecs-advise.price-list/1',
      region: answer.region,
      asOf: day,
      days: { ...previous?.days, ...daysOf(taken, yardstick, day) },
      prices: { ...previous?.prices, ...Object.fromEntries(taken) },
    },
    read: taken.size,
    changes: changes.sort((a, b) => Number(changeSize(b) - changeSize(a)) || (a.name < b.name ? -1 : 1)),
    warnings,
    feeDifferences: feeDifferences(answer.fees, { taken, before, fraction: feeFraction(factBook(facts, day)) }),
  };
}

/** Every price of a book that the Price List could have, by name. */
function pricesIn({ fargate, ephemeralGibUsdPerHour, gp3, onDemand }: PriceBook): ReadonlyMap<PriceName, string> {
  return new Map<PriceName, string>([
    ['fargate.x86_64.vcpu', fargate.x86_64.vcpuUsdPerHour],
    ['fargate.x86_64.gib', fargate.x86_64.gibUsdPerHour],
    ['fargate.arm64.vcpu', fargate.arm64.vcpuUsdPerHour],
    ['fargate.arm64.gib', fargate.arm64.gibUsdPerHour],
    ['fargate.ephemeral', ephemeralGibUsdPerHour],
    ['gp3', gp3.gibUsdPerMonth],
    ...Object.entries(onDemand).map(([type, { usdPerHour }]) => [`ec2.${type}`, usdPerHour] as const),
  ]);
}

function isEstimate({ onDemand }: PriceBook, name: PriceName): boolean {
  return name.startsWith('ec2.') && onDemand[name.slice('ec2.'.length)]?.kind === 'estimated';
}

type Verdict =
  | { readonly kind: 'taken'; readonly usd: string }
  | { readonly kind: 'kept'; readonly because: PriceWarning['because']; readonly listed: string | null };

function judge(listed: ListedPrice | undefined, expected: string): Verdict {
  if (listed === undefined) return { kind: 'kept', because: 'missing', listed: null };
  if (listed.kind === 'unusable') return { kind: 'kept', because: listed.because, listed: null };
  const [now, packaged] = [nanoUsd(listed.usd), nanoUsd(expected)];
  const isFarOff = now > packaged * FAR_OFF || now * FAR_OFF < packaged;
  return isFarOff ? { kind: 'kept', because: 'far-off', listed: listed.usd } : { kind: 'taken', usd: listed.usd };
}

function daysOf(
  taken: ReadonlyMap<PriceName, string>,
  all: ReadonlyMap<PriceName, string>,
  day: string,
): PriceList['days'] {
  const count = (names: Iterable<PriceName>, start: string): number =>
    [...names].filter((name) => name.startsWith(start)).length;
  const isFargate = count(taken.keys(), 'fargate.') === count(all.keys(), 'fargate.');
  const isOnDemand = count(taken.keys(), 'ec2.') * 2 > count(all.keys(), 'ec2.');
  return {
    ...(isOnDemand ? { onDemand: day } : {}),
    ...(isFargate ? { fargate: day } : {}),
    ...(taken.has('gp3') ? { ebs: day } : {}),
  };
}

/** How far a price has moved, in millionths of what it was. */
function changeSize({ before, now }: PriceChange): bigint {
  const difference = nanoUsd(now) - nanoUsd(before);
  return ((difference < 0n ? -difference : difference) * 1_000_000n) / nanoUsd(before);
}

type Fees = {
  readonly taken: ReadonlyMap<PriceName, string>;
  readonly before: ReadonlyMap<PriceName, string>;
  readonly fraction: ReturnType<typeof feeFraction>;
};

/** Fees that are not the share of the on-demand price that the facts of the day say. */
function feeDifferences(
  fees: ReadonlyMap<string, ListedPrice>,
  { taken, before, fraction }: Fees,
): readonly FeeDifference[] {
  const differences: FeeDifference[] = [];
  for (const [type, fee] of fees) {
    const price = taken.get(`ec2.${type}`) ?? before.get(`ec2.${type}`);
    if (fee.kind !== 'usd' || price === undefined) continue;
    const { n, d } = fraction({ family: type.split('.')[0] ?? type });
    const expected = (nanoUsd(price) * n) / d;
    const off = nanoUsd(fee.usd) - expected;
    if ((off < 0n ? -off : off) * 100n > expected * FEE_TOLERANCE_PERCENT)
      differences.push({ type, listed: fee.usd, expected: usdString(expected) });
  }
  return differences.sort((a, b) => (a.type < b.type ? -1 : 1));
}
