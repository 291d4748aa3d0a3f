/** USD an hour of one EC2 instance: compute, management fee, volumes (design 3.2). */
import { feeFraction } from '../capacity/instances.ts';
import { decimalFact } from '../fact-values.ts';
import type { FactBook } from '../facts.ts';
import type { Ec2Instance, RegionPart } from '../model.ts';
import type { PriceBook } from '../prices.ts';
import { add, HOURS_PER_MONTH, multiply, type Rational, rational, whole } from '../units.ts';
import type { CostKind } from './types.ts';

export type InstanceRates = { readonly compute: Rational; readonly fee: Rational; readonly disk: Rational };

export type Priceable = Pick<Ec2Instance, 'type' | 'az' | 'lifecycle' | 'state' | 'volumes'>;

/** The rates of an instance bought as `kind`, or why it has none. */
export type InstancePricer = (instance: Priceable, kind: CostKind) => InstanceRates | string;

/**
 * Prices instances of one region. On-demand from the book, reserved instances included (they are paid either way); Spot
 * by the newest price of type and zone, else by the book's saving; the fee on Managed Instances, Spot or not; every
 * volume as gp3. A stopped instance costs its volumes only.
 */
export function instancePricer(prices: PriceBook, facts: FactBook, region: RegionPart | null): InstancePricer {
  const newest = newestSpotPrices(region);
  const fraction = feeFraction(facts);
  const gibHour: Rational = multiply(rational(prices.gp3.gibUsdPerMonth), { n: 1n, d: HOURS_PER_MONTH });
  return (instance, kind) => {
    if (kind === 'external') {
      return { compute: decimalFact(facts, 'ecs-anywhere.usd-per-hour'), fee: whole(0), disk: whole(0) };
    }
    const listed = prices.onDemand[instance.type];
    if (listed === undefined) return `no price for ${instance.type} in ${prices.region}`;
    const onDemand = rational(listed.usdPerHour);
    const compute = instance.lifecycle === 'spot' ? spotRate(instance, onDemand) : onDemand;
    if (compute === null) return `no Spot price for ${instance.type} in ${prices.region}`;
    const isManaged = kind.startsWith('mi-');
    if (isManaged && instance.lifecycle === 'spot') facts.cite('mi.fee.on-spot');
    const gib = instance.volumes.reduce((sum, { sizeGiB }) => sum + sizeGiB, 0);
    if (gib > 0) facts.cite('cost.volumes-as-gp3');
    const isStopped = instance.state === 'stopped';
    return {
      compute: isStopped ? whole(0) : compute,
      fee: isManaged && !isStopped ? multiply(fraction({ family: familyOfType(instance.type) }), onDemand) : whole(0),
      disk: multiply(whole(gib), gibHour),
    };
  };

  function spotRate(instance: Priceable, onDemand: Rational): Rational | null {
    const listed = newest.get(`${instance.type} ${instance.az}`);
    if (listed !== undefined) {
      facts.cite('cost.spot-price-now');
      return rational(listed.usdPerHour);
    }
    const saving = prices.spotSavingPercent[instance.type];
    if (saving === undefined) return null;
    facts.cite('spot.snapshot');
    return multiply(onDemand, { n: BigInt(100 - Math.max(0, saving)), d: 100n });
  }
}

/** `m7i.4xlarge` -> `m7i`. */
function familyOfType(type: string): string {
  return type.split('.', 1)[0] ?? type;
}

/** All of it. */
export function wholeRate({ compute, fee, disk }: InstanceRates): Rational {
  return add(add(compute, fee), disk);
}

/** The newest row of each type and zone. */
function newestSpotPrices(region: RegionPart | null): ReadonlyMap<string, RegionPart['spotPrices'][number]> {
  const newest = new Map<string, RegionPart['spotPrices'][number]>();
  for (const row of region?.spotPrices ?? []) {
    const key = `${row.type} ${row.az}`;
    const held = newest.get(key);
    if (held === undefined || held.at < row.at) newest.set(key, row);
  }
  return newest;
}
