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
import { CLUSTER_EXAMPLE, type ClusterAsk, clusterFlags, parseCluster, runCluster } from './capacity-cluster.ts';
import { capacityFlags } from './capacity-flags.ts';
import { type CapacityAsk, EXAMPLE, parseCapacity } from './capacity-question.ts';
import { askService, readServiceAsk, type ServiceAsk } from './capacity-service.ts';
import type { Command, ParseContext, Parsed } from './command.ts';
import { flagHelp, parsing } from './flags.ts';
import { pinOf } from './pins.ts';

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

type Asked = CapacityAsk | ServiceAsk | ClusterAsk;

/** A whole cluster, a live service, or a task described by flags and words. */
function parseAsk(args: readonly string[], context: ParseContext): Parsed<Asked> {
  const cluster = parseCluster(args, context);
  if (cluster !== null) return cluster;
  const service = parsing(() => ({ ok: true, question: readServiceAsk(args), echo: args.join(' '), guesses: [] }));
  if (!service.ok) return service;
  return service.question === null ? parseCapacity(args, context) : { ...service, question: service.question };
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
    snapshot: (ask.live?.snapshot ?? null) as Json,
    live: liveJson(ask.live),
    guesses,
    notUnderstood,
    remarks,
    record: saved.recordId,
    ...(answer as unknown as { readonly [key: string]: Json }),
  };
}

function liveJson(live: CapacityAsk['live']): Json {
  if (live === null) return null;
  const { account, cluster, name, runsOn, notes } = live;
  return { account, cluster, name, runsOn, notes };
}

const HELP_CONTEXT: ParseContext = {
  today: '9999-12-31',
  regions: [],
  defaultRegion: null,
  minimumSaving: { percent: 10, usdPerMonth: 25 },
};

export const capacityCommand: Command<Asked> = {
  name: 'capacity',
  summary: 'where a task should run: every option ranked, priced and explained',
  usage:
    'capacity [cluster NAME | service CLUSTER/NAME | --vcpu N --memory GiB [--tasks N | --run TIME --per-day N]] [flags or plain words]',
  examples: [
    EXAMPLE,
    'capacity --vcpu 1 --memory 2 --run 40s --pull 25s --per-day 20000 --between 01:00-04:00',
    'capacity 500 little 40 second jobs a day, 1 vcpu 2 gb',
    'capacity --vcpu 48 --memory 96 --needs avx512',
    'capacity service rose/quant-api',
    CLUSTER_EXAMPLE,
  ],
  // The flags that both forms have are those of `capacity`.
  flags: flagHelp({ ...clusterFlags(HELP_CONTEXT), ...capacityFlags(HELP_CONTEXT) }),
  surfaces: ['slack', 'terminal'],
  solves: ({ kind }) => kind === 'cluster',
  parse: parseAsk,
  run: async (asked, deps, call) => {
    if (asked.kind === 'cluster') return runCluster(asked, deps, call);
    const { question, ...ask } = asked.kind === 'service' ? await askService(asked, deps, call) : asked;
    const prices = deps.library.prices(question.region);
    const { facts } = deps.library;
    const answer = answerCapacity(question, facts, prices);
    const pins = { facts: await pinOf(deps.store, facts), prices: await pinOf(deps.store, prices) };
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
