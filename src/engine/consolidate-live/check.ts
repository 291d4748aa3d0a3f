/** Checks what was said about one provider against the answer that proves it: the money, the waves, the count. */
import { canonicalJson, type Json } from '../canon.ts';
import { HOURS_PER_MONTH, nanoUsd, usdString } from '../units.ts';
import type { ProviderAdvice } from './advice.ts';

/**
 * What does not agree, in words; null = all of it does. `proof` = the answer that was proved, as its file has it
 * (docs/packing.md). Shares no code with what made the advice.
 */
export function adviceFault(advice: ProviderAdvice, proof: Json): string | null {
  const proved = proof as { readonly [member: string]: Json | undefined };
  const [before, after, bound] = [advice.usdPerHourBefore, advice.usdPerHourAfter, advice.lowerBound].map(nanoUsd);
  if (before === undefined || after === undefined || bound === undefined) return 'it has no prices';
  if (nanoUsd(advice.usdPerMonthSaved) !== (before - after) * HOURS_PER_MONTH) {
    return `$${advice.usdPerMonthSaved} a month is not ${HOURS_PER_MONTH} h of the difference`;
  }
  if (bound !== moneyOf(proved.lowerBound)) return `its bound is not the proved one, ${shown(proved.lowerBound)}`;
  return advice.kind === 'asg' ? groupFault(advice, proved) : managedFault(advice);
}

function groupFault(advice: ProviderAdvice, proved: { readonly [member: string]: Json | undefined }): string | null {
  const isAdvised = advice.verdict === 'save';
  const [costBefore, costAfter] = [moneyOf(proved.costBefore), moneyOf(proved.costAfter)];
  if (nanoUsd(advice.usdPerHourBefore) !== costBefore) return `today costs ${shown(proved.costBefore)} by the proof`;
  if (nanoUsd(advice.usdPerHourAfter) !== (isAdvised ? costAfter : costBefore)) {
    return `the plan comes to ${shown(isAdvised ? proved.costAfter : proved.costBefore)} by the proof`;
  }
  if (!isAdvised) return advice.waves.length === 0 ? null : 'there are waves, and nothing is advised';
  const told = advice.waves.map(({ launch, move, drain }) => ({ launch, move, drain }));
  if (canonicalJson(told as unknown as Json) !== canonicalJson(proved.waves ?? null)) {
    return 'its waves are not the proved ones';
  }
  const change = told.reduce((sum, { launch, drain }) => sum + launch.length - drain.length, 0);
  return advice.instances + change === advice.instancesAfter ? null : 'its waves do not end in that many instances';
}

function managedFault({
  waves,
  verdict,
  usdPerHourBefore,
  usdPerHourAfter,
  lowerBound,
}: ProviderAdvice): string | null {
  if (waves.length > 0) return 'Managed Instances have no waves';
  if (verdict !== 'save' && usdPerHourAfter !== usdPerHourBefore) return 'it saves, and nothing is advised';
  return nanoUsd(usdPerHourAfter) < nanoUsd(lowerBound) ? 'it ends below its own bound' : null;
}

/** Money of a file, whole nano-USD an hour; null when it is none. */
function moneyOf(value: Json | undefined): bigint | null {
  return (typeof value === 'string' && /^\d+$/.test(value)) || Number.isSafeInteger(value)
    ? BigInt(value as string | number)
    : null;
}

function shown(value: Json | undefined): string {
  const money = moneyOf(value);
  return money === null ? 'nothing' : `$${usdString(money)} an hour`;
}
