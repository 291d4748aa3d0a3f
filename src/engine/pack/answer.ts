/** The printed forms of a packing result: `ecs-pack-answer/1`, and the list of shapes that cannot be placed. */
import { canonicalJson, type Json } from '../canon.ts';
import { ENGINE_VERSION } from '../version.ts';
import type { PackAnswer, PackResult } from './model.ts';

/** `inputSha256` is of the file's bytes; `sha256` gives a text's digest as hex. */
export type Sealing = { readonly inputSha256: string; readonly sha256: (text: string) => string };

/** What `pack --json` prints. The answer carries the digest of its own canonical JSON without that member. */
export function packAnswerJson(result: PackResult, { inputSha256, sha256 }: Sealing): Json {
  if (result.kind === 'infeasible')
    return { infeasible: result.shapes.map(({ shape, because }) => ({ shape, because })) };
  const answer = {
    format: 'ecs-pack-answer/1',
    engineVersion: ENGINE_VERSION,
    inputSha256,
    cost: money(result.cost),
    lowerBound: money(result.lowerBound),
    gap: gapOf(result),
    proved: result.cost === result.lowerBound,
    work: result.work,
    stopped: result.stopped,
    certificate: result.certificate,
    bins: result.bins,
  } as unknown as { readonly [key: string]: Json };
  return { ...answer, answerSha256: sha256(canonicalJson(answer)) };
}

/** The digest that an answer read back should carry: of everything but its own digest. */
export function packAnswerSha256(answer: Json, sha256: (text: string) => string): string {
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) return '';
  const rest = Object.entries(answer).filter(([key]) => key !== 'answerSha256');
  const bare = Object.assign(Object.create(null) as { [key: string]: Json }, Object.fromEntries(rest));
  return sha256(canonicalJson(bare));
}

/** cost / lowerBound - 1, exact to 1e-12; 0 when both are 0, null when only the bound is. */
export function gapOf({ cost, lowerBound }: Pick<PackAnswer, 'cost' | 'lowerBound'>): number | null {
  if (lowerBound === 0n) return cost === 0n ? 0 : null;
  return Number(((cost - lowerBound) * 1_000_000_000_000n) / lowerBound) / 1e12;
}

/** A JSON number as long as it is exact, else a string of digits. */
export function money(amount: bigint): Json {
  return amount <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(amount) : amount.toString();
}
