/** The printed form of a consolidation: `ecs-consolidate-answer/1`. */
import { canonicalJson, type Json } from '../canon.ts';
import { gapOf, money, packAnswerSha256, type Sealing } from '../pack/answer.ts';
import { ENGINE_VERSION } from '../version.ts';
import type { ConsolidateAnswer } from './model.ts';

/** What `consolidate --json` prints. The answer carries the digest of its own canonical JSON without that member. */
export function consolidateAnswerJson(answer: ConsolidateAnswer, { inputSha256, sha256 }: Sealing): Json {
  const { costBefore, costAfter, lowerBound, weightedMoves, certificate, waves, frontier, kept, work, stopped } =
    answer;
  const printed = {
    format: 'ecs-consolidate-answer/1',
    engineVersion: ENGINE_VERSION,
    inputSha256,
    costBefore: money(costBefore),
    costAfter: money(costAfter),
    lowerBound: money(lowerBound),
    gap: gapOf({ cost: costAfter, lowerBound }),
    proved: costAfter === lowerBound,
    weightedMoves,
    work,
    stopped,
    certificate,
    waves,
    frontier: frontier.map((point) => ({ weightedMoves: point.weightedMoves, costAfter: money(point.costAfter) })),
    kept,
  } as unknown as { readonly [key: string]: Json };
  return { ...printed, answerSha256: sha256(canonicalJson(printed)) };
}

/** The digest that an answer read back should carry: of everything but its own digest. */
export const consolidateAnswerSha256 = packAnswerSha256;
