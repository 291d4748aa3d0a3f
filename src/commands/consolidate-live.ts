/** `consolidate [cluster]`: which instances of the scanned estate can go, in which waves. Reads; changes nothing. */
import type { Deps, Settings } from '../deps.ts';
import { type ClusterHead, canonicalJson, ENGINE_VERSION, type Json, type SnapshotHead } from '../engine/index.ts';
import { type ConsolidateLiveAnswer, consolidateLiveReport } from '../report/consolidate.ts';
import type { Answered, Call } from './command.ts';
import { answerLive, type LiveAnswered, type LiveAsk, type LiveProof } from './consolidate-answer.ts';
import { movesUntil } from './cool-down.ts';
import { clustersIn, requireSnapshot, snapshotJson } from './estate.ts';
import { offlineOf } from './pack.ts';
import { pinOf } from './pins.ts';
import type { SavedProof } from './proof.ts';

/** Body of a `consolidate` record: what a message shows of the answer, where its proofs are, and what a replay needs. */
export type ConsolidateBody = {
  readonly question: LiveAsk;
  /** The line that asks it again. */
  readonly ask: { readonly echo: string };
  readonly answer: ConsolidateLiveAnswer;
  readonly proofs: readonly SavedProof[];
  /** Hashes of the inputs: `facts`, `world`, `snapshot`, and `prices <region>` for each region with prices. */
  readonly pins: { readonly [name: string]: string };
  readonly engineVersion: string;
};

/** What the answer was worked out from besides the snapshot, facts and prices. */
export type LiveWorld = {
  /** ISO 8601. */
  readonly now: string;
  readonly minimumSaving: Settings['minimumSaving'];
  readonly guardrails: Settings['guardrails'];
  /** What moved within the cool-down, by cluster: earlier snapshots need not be kept. */
  readonly lately: LiveAnswered['lately'];
};

/** Providers, and instances of each, in a record; the whole is in JSON. */
const ROWS_KEPT = 100;
/** Ages and protections count from the beginning of such a stretch, so that within it an answer can be remembered. */
const STRETCH_MS = 5 * 60_000;

/** Answers, and records the answer with all that it was made from. */
export async function runLive(ask: LiveAsk, deps: Deps, call: Call): Promise<Answered> {
  const head = await requireSnapshot(deps);
  const now = new Date(Math.floor(call.now.getTime() / STRETCH_MS) * STRETCH_MS).toISOString();
  const earlier = await movesUntil(deps, head, now);
  const { answer, proofs, lately } = await answerLive(ask, { deps, head, now, earlier });
  if (ask.proof !== null) await writeProofs(deps, ask.proof, proofs);
  const saved: SavedProof[] = [];
  for (const { name, input, answer: text } of proofs.slice(0, ROWS_KEPT)) {
    saved.push({ name, input: await deps.store.savePin(input), answer: await deps.store.savePin(text) });
  }
  await deps.store.pinSnapshot(head.id);
  const { minimumSaving, guardrails } = deps.settings;
  const pins = await pinsOf(ask, { deps, head, world: { now, minimumSaving, guardrails, lately } });
  const echo = liveLine(ask);
  const record = await deps.store.appendRecord({
    at: call.now.toISOString(),
    kind: 'consolidate',
    actor: call.actor,
    body: {
      question: ask,
      ask: { echo },
      answer: shortened(answer),
      proofs: saved,
      pins,
      engineVersion: ENGINE_VERSION,
    } satisfies ConsolidateBody as unknown as Json,
  });
  const saving = answer.providers.filter(({ verdict }) => verdict === 'save').length;
  return {
    report: consolidateLiveReport(answer, { recordId: record.id, echo }),
    json: envelope(ask, answer, { call, head, record: record.id }),
    exitCode: 0,
    summary: { record: record.id, providers: answer.providers.length, saving },
  };
}

type Pinning = { readonly deps: Deps; readonly head: SnapshotHead; readonly world: LiveWorld };

/** Parts of the snapshot lie in the store under their hashes, and stay there: the pinned snapshot names them. */
async function pinsOf(ask: LiveAsk, { deps, head, world }: Pinning): Promise<ConsolidateBody['pins']> {
  const { store, library } = deps;
  const clusters = clustersIn(head, ask.scope);
  const pins: { [name: string]: string } = {
    facts: await pinOf(store, library.facts),
    world: await store.savePin(canonicalJson(world as unknown as Json)),
    snapshot: await store.savePin(canonicalJson(sliceOf(head, clusters) as unknown as Json)),
  };
  for (const region of new Set(clusters.map((at) => at.region))) {
    if (library.regions.includes(region)) pins[pricesPin(region)] = await pinOf(store, library.prices(region));
  }
  return pins;
}

/** Name under which a region's prices are pinned. */
export function pricesPin(region: string): string {
  return `prices ${region}`;
}

/** The head with no other clusters than these, and the parts of those that have instances. */
function sliceOf(head: SnapshotHead, clusters: readonly ClusterHead[]): SnapshotHead {
  const looked = clusters.filter(({ containerInstances }) => containerInstances > 0);
  const parts = head.parts.filter(({ account, region, cluster, kind }) =>
    looked.some(
      (at) =>
        at.account === account && at.region === region && (cluster === null ? kind === 'region' : cluster === at.name),
    ),
  );
  return { ...head, clusters, parts };
}

async function writeProofs(deps: Deps, folder: string, proofs: readonly LiveProof[]): Promise<void> {
  const { files } = offlineOf(deps);
  for (const { name, input, answer } of proofs) {
    await files.write(folder, `${name}.input.json`, input);
    await files.write(folder, `${name}.answer.json`, answer);
  }
}

/** The answer as a record keeps it: the certificates are in the proofs. */
export function shortened(answer: ConsolidateLiveAnswer): ConsolidateLiveAnswer {
  const providers = answer.providers
    .slice(0, ROWS_KEPT)
    .map((row) => ({ ...row, kept: row.kept.slice(0, ROWS_KEPT), certificate: null }));
  return { ...answer, providers, providersLeftOut: answer.providers.length - providers.length };
}

function envelope(
  asked: LiveAsk,
  answer: ConsolidateLiveAnswer,
  { call, head, record }: { readonly call: Call; readonly head: SnapshotHead; readonly record: string },
): Json {
  const { facts, assumptions, providers, notes } = answer;
  const gap = providers.reduce<number>((most, row) => Math.max(most, row.gap ?? 0), 0);
  const isAsked = providers.some(({ verdict }) => verdict !== 'skipped');
  return {
    format: 'ecs-advise.consolidate/1',
    now: call.now.toISOString(),
    asOf: call.now.toISOString().slice(0, 10),
    engineVersion: ENGINE_VERSION,
    question: asked as unknown as Json,
    snapshot: snapshotJson(head),
    facts: facts as unknown as Json,
    assumptions: [...assumptions],
    notCounted: [...(answer.notCounted ?? [])],
    verdict: isAsked ? { kind: gap === 0 ? 'optimal' : 'within', gap } : { kind: 'estimate', gap: null },
    record,
    result: { providers, notes } as unknown as Json,
  };
}

/** The line that asks the same again. */
function liveLine({ scope, wish }: LiveAsk): string {
  return [
    'consolidate',
    ...(scope.cluster === null ? [] : [scope.cluster]),
    ...(scope.account === null ? [] : [`--account ${scope.account}`]),
    ...(scope.region === null ? [] : [`--region ${scope.region}`]),
    ...(wish.kind === 'max-moves' ? [`--max-moves ${wish.weightedMoves}`] : []),
    ...(wish.kind === 'move-price' ? [`--move-price ${wish.usd} --horizon-hours ${wish.horizonHours}`] : []),
  ].join(' ');
}
