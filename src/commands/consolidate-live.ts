/** `consolidate [cluster]`: which instances of the scanned estate can go, in which waves. Reads; changes nothing. */
import type { Deps } from '../deps.ts';
import {
  type AsgQuestion,
  asgAdvice,
  askProviders,
  type ClusterHead,
  type ConsolidateAnswer,
  type ConsolidateWish,
  consolidateAnswerJson,
  consolidateAnswerSha256,
  consolidateFile,
  DEFAULT_CONSOLIDATE_WORK,
  DEFAULT_PACK_WORK,
  ENGINE_VERSION,
  type FactBook,
  factBook,
  type Json,
  type ManagedQuestion,
  managedAdvice,
  movedByDrains,
  nanoUsd,
  type ProviderAdvice,
  type ProviderQuestion,
  packAnswerJson,
  packAnswerSha256,
  packFile,
  parseConsolidate,
  parsePack,
  type SnapshotHead,
  skippedAdvice,
  type VerifyResult,
  verifyConsolidate,
  verifyPack,
} from '../engine/index.ts';
import { type ConsolidateLiveAnswer, consolidateLiveReport } from '../report/consolidate.ts';
import type { PlacedAdvice } from '../report/consolidate-waves.ts';
import type { Answered, Call } from './command.ts';
import { clustersIn, type EstateScope, readCluster, readRegion, requireSnapshot, snapshotJson } from './estate.ts';
import { createMemo, regionFingerprint } from './memo.ts';
import { offlineOf, sha256 } from './pack.ts';
import { proofName, type SavedProof } from './proof.ts';

/** What to look at and how much may move; all of it JSON. */
export type LiveAsk = {
  readonly scope: EstateScope;
  readonly wish: LiveWish;
  /** Folder for the proof's files; null = none are written. */
  readonly proof: string | null;
};

type LiveWish =
  | { readonly kind: 'knee' }
  | { readonly kind: 'max-moves'; readonly weightedMoves: number }
  | { readonly kind: 'move-price'; readonly usd: string; readonly horizonHours: number };

/** Body of a `consolidate` record: what a message shows of the answer, and where its proofs are. */
export type ConsolidateBody = {
  readonly question: LiveAsk;
  /** The line that asks it again. */
  readonly ask: { readonly echo: string };
  readonly answer: ConsolidateLiveAnswer;
  readonly proofs: readonly SavedProof[];
  readonly engineVersion: string;
};

/** Providers, and instances of each, in a record; the whole is in JSON. */
const ROWS_KEPT = 100;

type Asking = { readonly deps: Deps; readonly call: Call; readonly head: SnapshotHead };

/** One provider's advice, and the two files that prove it; null where nothing was asked. */
type Solved = {
  readonly advice: ProviderAdvice;
  readonly proof: { readonly input: string; readonly answer: string } | null;
};
type ClusterSolved = { readonly solved: readonly Solved[]; readonly elsewhere: number };

/** Asks every capacity provider in scope, checks each answer before it is shown, and records all of it. */
export async function runLive(ask: LiveAsk, deps: Deps, call: Call): Promise<Answered> {
  const head = await requireSnapshot(deps);
  const asking: Asking = { deps, call, head };
  const facts = factBook(deps.library.facts, call.now.toISOString().slice(0, 10));
  const clusters = clustersIn(head, ask.scope);
  const rows: { readonly placed: PlacedAdvice; readonly proof: Solved['proof'] }[] = [];
  const notes: string[] = [];
  for (const at of clusters) {
    if (at.containerInstances === 0) continue;
    if (!deps.library.regions.includes(at.region)) {
      notes.push(`there are no prices for ${at.region}: ${at.name} was not looked at`);
      continue;
    }
    const { solved, elsewhere } = await solveCluster(ask, { ...asking, facts }, at);
    const { account, region, name: cluster } = at;
    rows.push(...solved.map(({ advice, proof }) => ({ placed: { ...advice, account, region, cluster }, proof })));
    if (elsewhere > 0) {
      notes.push(`${elsewhere} instances of ${at.name} belong to no capacity provider: they were not looked at`);
    }
  }
  rows.sort((a, b) => bySaving(a.placed, b.placed));
  const used = facts.used();
  const answer: ConsolidateLiveAnswer = {
    scope: ask.scope,
    providers: rows.map(({ placed }) => placed),
    providersLeftOut: 0,
    minimumSaving: deps.settings.minimumSaving,
    quietHours: deps.settings.guardrails.quietHours,
    accountNames: Object.fromEntries(head.accounts.map(({ id, name }) => [id, name])),
    notes,
    missed: head.missed.filter(({ account }) => account === '' || clusters.some((row) => row.account === account)),
    snapshot: { id: head.id, takenAt: head.takenAt },
    facts: used.map(({ id, value, unit, validFrom, confidence, source }) => ({
      id,
      value,
      unit,
      validFrom,
      confidence,
      source,
    })),
    assumptions: used.filter(({ confidence }) => confidence === 'assumed' || confidence === 'low').map(({ id }) => id),
    hasProof: rows.some(({ proof }) => proof !== null),
  };
  const proofs = rows.flatMap(({ placed, proof }) => (proof === null ? [] : [{ ...proof, name: proofName(placed) }]));
  return finish(ask, answer, { ...asking, proofs });
}

/** Most saving first, then the dearest, then by name; money compares as exact nano-USD. */
function bySaving(a: PlacedAdvice, b: PlacedAdvice): number {
  const [saved, cost] = (['usdPerMonthSaved', 'usdPerHourBefore'] as const).map(
    (key) => nanoUsd(b[key]) - nanoUsd(a[key]),
  );
  if (saved !== undefined && saved !== 0n) return saved < 0n ? -1 : 1;
  if (cost !== undefined && cost !== 0n) return cost < 0n ? -1 : 1;
  return `${a.cluster} ${a.name}` < `${b.cluster} ${b.name}` ? -1 : 1;
}

const remembered = createMemo<ClusterSolved>();
/** The clock matters for ages and protections: an answer is remembered for so long. */
const REMEMBERED_MS = 5 * 60_000;

async function solveCluster(
  ask: LiveAsk,
  { deps, call, head, facts }: Asking & { readonly facts: FactBook },
  at: ClusterHead,
): Promise<ClusterSolved> {
  const { settings, library } = deps;
  const prices = library.prices(at.region);
  const now = call.now.toISOString();
  const { minimumSaving: minimum, guardrails } = settings;
  const period = Math.floor(call.now.getTime() / REMEMBERED_MS);
  const key = JSON.stringify([at.name, regionFingerprint(head, at), period, ask.wish, minimum, guardrails]);
  return remembered({ key, owner: prices, facts }, { facts: library.facts, day: now.slice(0, 10) }, async (book) => {
    const view = await readCluster(deps, head, at);
    const region = await readRegion(deps, head, at);
    const { providers, elsewhere } = askProviders({ view, region, prices, facts: book, now, guardrails });
    const solved: Solved[] = [];
    for (const provider of providers) solved.push(await solveProvider(provider, { ask, deps, book }));
    return { solved, elsewhere };
  });
}

type Solving = { readonly ask: LiveAsk; readonly deps: Deps; readonly book: FactBook };

async function solveProvider(question: ProviderQuestion, solving: Solving): Promise<Solved> {
  switch (question.kind) {
    case 'skipped':
      return { advice: skippedAdvice(question), proof: null };
    case 'asg':
      return solveGroup(question, solving);
    case 'managed-instances':
      return solveManaged(question, solving);
    default:
      return question satisfies never;
  }
}

/** The question as its file has it is what is solved: the proof is of that file and nothing else. */
async function solveGroup(question: AsgQuestion, { ask, deps }: Solving): Promise<Solved> {
  const text = consolidateFile(question.input);
  const parsed = parseConsolidate(text);
  if (parsed.kind === 'malformed') throw new Error(`invariant: the question of ${question.name}: ${parsed.message}`);
  const { input } = parsed;
  const found = await offlineOf(deps).solver.consolidate(input, wishOf(ask.wish), { work: DEFAULT_CONSOLIDATE_WORK });
  const inputSha256 = sha256(text);
  const checked = (answer: ConsolidateAnswer) => {
    const json = consolidateAnswerJson(answer, { inputSha256, sha256 });
    const digests = { input: inputSha256, answer: consolidateAnswerSha256(json, sha256) };
    return { answer, json, result: verifyConsolidate(input, json, digests) };
  };
  const byDrains = movedByDrains(input, found);
  const wished = byDrains === null ? null : checked(byDrains);
  // Where draining alone does not get there, the plan stays as found, and the advice says what to stop by hand.
  const { answer, json, result } = wished?.result.ok === true ? wished : checked(found);
  requireProof(question.name, result);
  return {
    advice: asgAdvice({ ...question, input }, answer, deps.settings.minimumSaving),
    proof: { input: text, answer: `${JSON.stringify(json)}\n` },
  };
}

function wishOf(wish: LiveWish): ConsolidateWish {
  if (wish.kind !== 'move-price') return wish;
  return { kind: 'move-price', price: nanoUsd(wish.usd), horizonHours: wish.horizonHours };
}

async function solveManaged(question: ManagedQuestion, { deps, book }: Solving): Promise<Solved> {
  const text = packFile(question.input);
  const parsed = parsePack(text);
  if (parsed.kind === 'malformed') throw new Error(`invariant: the question of ${question.name}: ${parsed.message}`);
  const { input } = parsed;
  const answer = await offlineOf(deps).solver.pack(input, { work: DEFAULT_PACK_WORK });
  if (answer.kind === 'infeasible') {
    const because = 'no packing was found into the instances that run, though they hold the tasks now';
    const { name, instances, kind: providerKind } = question;
    return { advice: skippedAdvice({ kind: 'skipped', name, instances, because, providerKind }), proof: null };
  }
  const inputSha256 = sha256(text);
  const json = packAnswerJson(answer, { inputSha256, sha256 });
  const digests = { input: inputSha256, answer: packAnswerSha256(json, sha256) };
  requireProof(question.name, verifyPack(input, json, digests));
  return {
    advice: managedAdvice({ ...question, input }, answer, { minimum: deps.settings.minimumSaving, facts: book }),
    proof: { input: text, answer: `${JSON.stringify(json)}\n` },
  };
}

/** An answer that our own checker refuses is a bug, and never shown. */
function requireProof(name: string, { ok, checks }: VerifyResult): void {
  const failed = checks.find((check) => !check.ok);
  if (!ok) throw new Error(`invariant: the plan for ${name} fails "${failed?.name}": ${failed?.detail}`);
}

type Finishing = Asking & {
  readonly proofs: readonly { readonly name: string; readonly input: string; readonly answer: string }[];
};

async function finish(asked: LiveAsk, answer: ConsolidateLiveAnswer, finishing: Finishing): Promise<Answered> {
  const { deps, call, head, proofs } = finishing;
  const saved: SavedProof[] = [];
  for (const { name, input, answer: text } of proofs.slice(0, ROWS_KEPT)) {
    saved.push({ name, input: await deps.store.savePin(input), answer: await deps.store.savePin(text) });
  }
  if (asked.proof !== null) await writeProofs(deps, asked.proof, proofs);
  await deps.store.pinSnapshot(head.id);
  const echo = liveLine(asked);
  const record = await deps.store.appendRecord({
    at: call.now.toISOString(),
    kind: 'consolidate',
    actor: call.actor,
    body: {
      question: asked,
      ask: { echo },
      answer: kept(answer),
      proofs: saved,
      engineVersion: ENGINE_VERSION,
    } satisfies ConsolidateBody as unknown as Json,
  });
  const saving = answer.providers.filter(({ verdict }) => verdict === 'save').length;
  return {
    report: consolidateLiveReport(answer, { recordId: record.id, echo }),
    json: envelope(asked, answer, { ...finishing, record: record.id }),
    exitCode: 0,
    summary: { record: record.id, providers: answer.providers.length, saving },
  };
}

async function writeProofs(deps: Deps, folder: string, proofs: Finishing['proofs']): Promise<void> {
  const { files } = offlineOf(deps);
  for (const { name, input, answer } of proofs) {
    await files.write(folder, `${name}.input.json`, input);
    await files.write(folder, `${name}.answer.json`, answer);
  }
}

function kept(answer: ConsolidateLiveAnswer): ConsolidateLiveAnswer {
  const providers = answer.providers
    .slice(0, ROWS_KEPT)
    .map((row) => ({ ...row, kept: row.kept.slice(0, ROWS_KEPT), certificate: null }));
  return { ...answer, providers, providersLeftOut: answer.providers.length - providers.length };
}

function envelope(
  asked: LiveAsk,
  answer: ConsolidateLiveAnswer,
  { call, head, record }: Asking & { readonly record: string },
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
    notCounted: [
      'private discounts',
      'Savings Plans and other commitments',
      'traffic between availability zones',
      'what starting a task again costs',
    ],
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
