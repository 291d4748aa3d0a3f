/** The live consolidation itself: from a snapshot, facts and prices to the answer, each part of it checked first. */
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
  defaultPackWork,
  type FactBook,
  factBook,
  type Lately,
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
  usedFacts,
  type VerifyResult,
  verifyConsolidate,
  verifyPack,
} from '../engine/index.ts';
import type { ConsolidateLiveAnswer } from '../report/consolidate.ts';
import type { PlacedAdvice } from '../report/consolidate-waves.ts';
import { type Earlier, placeKey, unknownMoves } from './cool-down.ts';
import { clustersIn, type EstateScope, readCluster, readRegion } from './estate.ts';
import { createMemo, regionFingerprint } from './memo.ts';
import { offlineOf, sha256 } from './pack.ts';
import { proofName } from './proof.ts';

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

/**
 * What an answer is worked out from. Facts and prices are those of `deps.library`, parts of the snapshot come from
 * `deps.store`, minimum saving and guardrails from `deps.settings`.
 */
export type LiveFrom = {
  readonly deps: Deps;
  readonly head: SnapshotHead;
  /** ISO 8601. Ages and protections count from here. */
  readonly now: string;
  readonly earlier: Earlier;
};

const NOT_COUNTED = [
  'private discounts',
  'Savings Plans and other commitments',
  'traffic between availability zones',
  'what starting a task again costs',
];

/** The two files that prove the advice about one provider, as `verify` takes them. */
export type LiveProof = { readonly name: string; readonly input: string; readonly answer: string };

/** One provider's advice, and its proof; null where nothing was asked. */
type Solved = { readonly advice: ProviderAdvice; readonly proof: Omit<LiveProof, 'name'> | null };
type Row = { readonly placed: PlacedAdvice; readonly proof: Solved['proof'] };
type ClusterSolved = {
  readonly lately: Lately;
  readonly solved: readonly Solved[];
  readonly elsewhere: number;
};

export type LiveAnswered = {
  readonly answer: ConsolidateLiveAnswer;
  readonly proofs: readonly LiveProof[];
  /** What moved within the cool-down, by cluster (`placeKey`). */
  readonly lately: { readonly [cluster: string]: Lately };
};

/**
 * Asks every capacity provider in scope and checks each answer. The same ask from the same gives the same. Throws a
 * usage error for a name that is not in the snapshot.
 */
export async function answerLive(ask: LiveAsk, from: LiveFrom): Promise<LiveAnswered> {
  const { deps, head, now } = from;
  const facts = factBook(deps.library.facts, now.slice(0, 10));
  const clusters = clustersIn(head, ask.scope);
  const rows: Row[] = [];
  const notes: string[] = [];
  const lately: { [cluster: string]: Lately } = {};
  for (const at of clusters) {
    if (at.containerInstances === 0) continue;
    if (!deps.library.regions.includes(at.region)) {
      notes.push(`there are no prices for ${at.region}: ${at.name} was not looked at`);
      continue;
    }
    const { solved, elsewhere, lately: moved } = await solveCluster(ask, { ...from, facts }, at);
    const { account, region, name: cluster } = at;
    lately[placeKey(at)] = moved;
    rows.push(...solved.map(({ advice, proof }) => ({ placed: { ...advice, account, region, cluster }, proof })));
    if (elsewhere > 0) {
      notes.push(`${elsewhere} instances of ${at.name} belong to no capacity provider: they were not looked at`);
    }
  }
  rows.sort((a, b) => bySaving(a.placed, b.placed));
  const answer: ConsolidateLiveAnswer = {
    scope: ask.scope,
    providers: rows.map(({ placed }) => placed),
    providersLeftOut: 0,
    minimumSaving: deps.settings.minimumSaving,
    quietHours: deps.settings.guardrails.quietHours,
    accountNames: Object.fromEntries(head.accounts.map(({ id, name }) => [id, name])),
    notes,
    notCounted: [...NOT_COUNTED, ...unknownMoves(lately, { now, hours: deps.settings.guardrails.coolDownHours })],
    missed: head.missed.filter(({ account }) => account === '' || clusters.some((row) => row.account === account)),
    snapshot: { id: head.id, takenAt: head.takenAt },
    ...usedFacts(facts),
    hasProof: rows.some(({ proof }) => proof !== null),
  };
  return { answer, proofs: namedProofs(rows), lately };
}

/** In the order of the rows. Clusters of one name in two accounts are told apart. */
function namedProofs(rows: readonly Row[]): readonly LiveProof[] {
  const names = rows.map(({ placed }) => proofName(placed));
  return rows.flatMap(({ placed, proof }, at): readonly LiveProof[] => {
    if (proof === null) return [];
    const name = names[at] ?? '';
    const isShared = names.indexOf(name) !== names.lastIndexOf(name);
    return [{ ...proof, name: isShared ? `${name}-${placed.account}-${placed.region}` : name }];
  });
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

async function solveCluster(
  ask: LiveAsk,
  { deps, head, now, earlier, facts }: LiveFrom & { readonly facts: FactBook },
  at: ClusterHead,
): Promise<ClusterSolved> {
  const { settings, library } = deps;
  const prices = library.prices(at.region);
  const { minimumSaving: minimum, guardrails } = settings;
  const key = JSON.stringify([at.name, regionFingerprint(head, at), now, ask.wish, minimum, guardrails, earlier.key]);
  return remembered({ key, owner: prices, facts }, { facts: library.facts, day: now.slice(0, 10) }, async (book) => {
    const view = await readCluster(deps, head, at);
    const region = await readRegion(deps, head, at);
    const lately = await earlier.of(at, view);
    const { providers, elsewhere } = askProviders({ view, region, prices, facts: book, now, guardrails, lately });
    const solved: Solved[] = [];
    for (const provider of providers) solved.push(await solveProvider(provider, { ask, deps, book }));
    return { solved, elsewhere, lately };
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
  const answer = await offlineOf(deps).solver.pack(input, { work: defaultPackWork(input) });
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
