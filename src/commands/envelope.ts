import { ENGINE_VERSION, type Json } from '../engine/index.ts';
import type { Call } from './command.ts';

/** The keys every verb's JSON shares (docs/reference), for verbs that use no facts and prove nothing. */
export function plainEnvelope(verb: string, call: Call, question: Json, result: Json): Json {
  return {
    format: `ecs-advise.${verb}/1`,
    now: call.now.toISOString(),
    asOf: call.now.toISOString().slice(0, 10),
    engineVersion: ENGINE_VERSION,
    question,
    snapshot: null,
    facts: [],
    assumptions: [],
    notCounted: [],
    verdict: null,
    result,
  };
}
