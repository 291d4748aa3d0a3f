/** Who shares a line of the bill: the modelled cost of instances by type, cluster and service. */
import type { NanoUsd } from '../units.ts';
import { splitNano } from './split.ts';
import type { BilledShare, CostKind, CostModel } from './types.ts';
import type { UsageClass } from './usage-types.ts';

/** One service's part in the instances that a line of the bill may be about; `owner` null = not used by ECS. */
export type Sharer = {
  readonly owner: Pick<BilledShare, 'account' | 'cluster' | 'service' | 'capacityKind'> | null;
  readonly region: string;
  readonly instanceType: string;
  readonly isSpot: boolean;
  readonly nano: NanoUsd;
  readonly diskNano: NanoUsd;
};

/** All sharers of an account. */
export function sharersOf(models: readonly CostModel[]): readonly Sharer[] {
  return models.flatMap(({ account, region, cluster, usage, others }) => [
    ...usage.map(
      ({ service, capacityKind, instanceType, nano, diskNano }): Sharer => ({
        owner: { account, cluster, service, capacityKind },
        region,
        instanceType,
        isSpot: capacityKind.endsWith('-spot'),
        nano,
        diskNano,
      }),
    ),
    ...others.map(
      ({ instanceType, lifecycle, nano }): Sharer => ({
        owner: null,
        region,
        instanceType,
        isSpot: lifecycle === 'spot',
        nano,
        diskNano: 0n,
      }),
    ),
  ]);
}

export const isManagedKind = (kind: CostKind): boolean => kind.startsWith('mi-');

/** True when the sharer's instances are billed on lines of this class; `region` null = any. */
export function sharesLine(sharer: Sharer, { kind, instanceType }: UsageClass, region: string | null): boolean {
  if (region !== null && sharer.region !== region) return false;
  const owner = sharer.owner?.capacityKind ?? null;
  switch (kind) {
    case 'ec2-on-demand':
      return sharer.instanceType === instanceType && !sharer.isSpot;
    case 'ec2-spot':
      return sharer.instanceType === instanceType && sharer.isSpot;
    case 'mi-fee':
      return sharer.instanceType === instanceType && owner !== null && isManagedKind(owner);
    case 'ebs-volume':
      return sharer.diskNano > 0n;
    case 'ecs-anywhere':
      return owner === 'external';
    default:
      return false;
  }
}

/** A sharer's weight on lines of this class. */
export function weightOn(sharer: Sharer, { kind }: UsageClass): bigint {
  return kind === 'ebs-volume' ? sharer.diskNano : sharer.nano;
}

/** An amount over the sharers by weight, exactly; null when none of them has any. */
export function splitLine(
  amount: NanoUsd,
  sharers: readonly Sharer[],
  line: UsageClass,
): readonly { readonly owner: Sharer['owner']; readonly nano: NanoUsd }[] | null {
  const weights = sharers.map((sharer) => weightOn(sharer, line));
  if (weights.every((weight) => weight === 0n)) return null;
  const parts = splitNano(amount, weights);
  return sharers.map(({ owner }, position) => ({ owner, nano: parts[position] ?? 0n }));
}
