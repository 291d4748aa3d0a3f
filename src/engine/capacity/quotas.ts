/** Which vCPU quota an option would run into. Limits and usage come with the question, from the account itself. */
import type { FactBook } from '../facts.ts';
import { invariant } from '../units.ts';
import { type Context, isFargate, isSpot } from './context.ts';
import type { Draft } from './options.ts';
import type { CapacityOption } from './types.ts';

type FamilyRow = { readonly families: readonly string[]; readonly onDemand: string; readonly spot: string | null };

/**
 * The quotas that stand in the way of an option: usage + need > limit, in vCPU. Empty when it fits, when it has no
 * plan, or when the question knows no such quota. Looks up a fact only where quotas were given.
 */
export function blockedBy(context: Context, option: Draft): CapacityOption['blockedBy'] {
  const { quotas } = context.question;
  const plan = option.priced?.plan;
  if (quotas.length === 0 || plan === undefined) return [];
  const code = quotaCode(context, option);
  const known = quotas.find((quota) => quota.code === code);
  if (known === undefined) return [];
  const need = Math.ceil(vcpuOf(context, option));
  const { limit, usage } = known;
  return usage + need <= limit ? [] : [{ quota: known.code, limit, usage, need }];
}

/** vCPU the option takes at its peak, as the quota counts them. */
function vcpuOf({ prices }: Context, { priced }: Draft): number {
  const plan = priced?.plan;
  if (plan === undefined) return 0;
  if (plan.fargateSize !== null) return (plan.peakTasks * plan.fargateSize.cpuUnits) / 1024;
  const type = prices.types.find(({ name }) => name === plan.instanceType);
  return (plan.count ?? 0) * (type?.vcpu ?? 0);
}

function quotaCode({ facts }: Context, { kind, priced }: Draft): string | null {
  if (isFargate(kind)) return fargateQuotaCode(facts, kind);
  // Reserved capacity runs already, so it is inside the usage.
  if (kind === 'mi-reserved') return null;
  return ec2QuotaCode(facts, priced?.plan.instanceType ?? '', isSpot(kind) ? 'spot' : 'on-demand');
}

/** The code of the vCPU quota that Fargate or Fargate Spot counts against. */
export function fargateQuotaCode(facts: FactBook, kind: 'fargate' | 'fargate-spot'): string | null {
  const { value } = facts.get('quota.fargate-vcpu');
  return (value as { readonly [kind: string]: string })[kind] ?? null;
}

/** The code of the vCPU quota that an instance type counts against; null when the facts know none. */
export function ec2QuotaCode(facts: FactBook, instanceType: string, lifecycle: 'on-demand' | 'spot'): string | null {
  const letters = /^[a-z]+/.exec(instanceType)?.[0] ?? '';
  const { value } = facts.get('quota.ec2-vcpu');
  invariant(Array.isArray(value), 'quota.ec2-vcpu is a list');
  const rows = value as unknown as readonly FamilyRow[];
  // `m7i`, `mac`, `im4gn`: the letters before the generation decide; `u-…` and `u7i` are both high memory.
  const row = rows.find(({ families }) => families.includes(letters));
  return row === undefined ? null : lifecycle === 'spot' ? row.spot : row.onDemand;
}
