/** `capacity`: where should this run, what does each place cost, and how sure is that. */
import {
  type CapacityAnswer,
  type CapacityQuestion,
  canonicalJson,
  chooseCapacity,
  ENGINE_VERSION,
  type Fact,
  type Json,
  type PriceBook,
} from '../engine/index.ts';
import { capacityReport } from '../report/capacity.ts';
import { capacityFlags } from './capacity-flags.ts';
import { type CapacityAsk, EXAMPLE, parseCapacity } from './capacity-question.ts';
import type { Command } from './command.ts';
import { flagHelp } from './flags.ts';

/** Body of a `capacity` record: everything a replay or another view needs. */
export type CapacityBody = {
  readonly question: CapacityQuestion;
  readonly ask: Omit<CapacityAsk, 'question'>;
  readonly answer: CapacityAnswer;
  /** Hashes of the facts and the price book that were used. */
  readonly pins: { readonly facts: string; readonly prices: string };
  readonly engineVersion: string;
};

/** The engine's answer to a question; pure, so that a replay years later asks the same thing. */
export function answerCapacity(question: CapacityQuestion, facts: readonly Fact[], prices: PriceBook): CapacityAnswer {
  return chooseCapacity({ facts, prices }, question);
}

/** The bytes two answers are compared by: canonical JSON of what the engine said, without the time it was asked. */
export function answerBytes(answer: CapacityAnswer): string {
  return canonicalJson(answer as unknown as Json);
}

/** The pinned envelope of design 2.6. */
function envelope(body: CapacityBody, saved: { readonly now: Date; readonly recordId: string }): Json {
  const { answer, ask, question } = body;
  const { guesses, notUnderstood, remarks } = ask;
  return {
    format: 'ecs-advise.capacity/1',
    now: saved.now.toISOString(),
    asOf: question.asOf,
    engineVersion: body.engineVersion,
    question: question as unknown as Json,
    snapshot: null,
    guesses,
    notUnderstood,
    remarks,
    record: saved.recordId,
    ...(answer as unknown as { readonly [key: string]: Json }),
  };
}

export const capacityCommand: Command<CapacityAsk> = {
  name: 'capacity',
  summary: 'where a task should run: every option ranked, priced and explained',
  usage: 'capacity --vcpu N --memory GiB [--tasks N | --run TIME --per-day N] [flags or plain words]',
  examples: [
    EXAMPLE,
    'capacity --vcpu 1 --memory 2 --run 40s --pull 25s --per-day 20000 --between 01:00-04:00',
    'capacity 500 little 40 second jobs a day, 1 vcpu 2 gb',
    'capacity --vcpu 48 --memory 96 --needs avx512',
  ],
  flags: flagHelp(
    capacityFlags({
      today: '9999-12-31',
      regions: [],
      defaultRegion: null,
      minimumSaving: { percent: 10, usdPerMonth: 25 },
    }),
  ),
  surfaces: ['slack', 'terminal'],
  parse: parseCapacity,
  run: async (asked, deps, call) => {
    const { question, ...ask } = asked;
    const prices = deps.library.prices(question.region);
    const { facts } = deps.library;
    const answer = answerCapacity(question, facts, prices);
    const pins = {
      facts: await deps.store.savePin(canonicalJson(facts as unknown as Json)),
      prices: await deps.store.savePin(canonicalJson(prices as unknown as Json)),
    };
    const body: CapacityBody = { question, ask, answer, pins, engineVersion: ENGINE_VERSION };
    const record = await deps.store.appendRecord({
      at: call.now.toISOString(),
      kind: 'capacity',
      actor: call.actor,
      body: body as unknown as Json,
    });
    return {
      report: capacityReport({ recordId: record.id, question, ...ask, answer }, 'answer'),
      json: envelope(body, { now: call.now, recordId: record.id }),
      exitCode: answer.verdict.kind === 'infeasible' ? 1 : 0,
      summary: {
        record: record.id,
        verdict: answer.verdict.kind,
        gap: answer.verdict.gap,
        recommended: answer.result.recommended,
      },
    };
  },
};
