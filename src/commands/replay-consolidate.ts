/** Replay of a live consolidation: the same slice of the snapshot, facts and prices, today's engine and checkers. */
import type { Deps, Store, StoredRecord } from '../deps.ts';
import {
  adviceFault,
  canonicalJson,
  ENGINE_VERSION,
  type Fact,
  type Json,
  type PriceBook,
  type SnapshotHead,
} from '../engine/index.ts';
import { AdviseError, usageError } from '../errors.ts';
import type { Replay } from '../report/decisions.ts';
import { answerLive } from './consolidate-answer.ts';
import { type ConsolidateBody, type LiveWorld, pricesPin, shortened } from './consolidate-live.ts';
import { movesAsKnown } from './cool-down.ts';
import { sha256 } from './pack.ts';
import type { Pinned } from './replay-cluster.ts';
import { checkAnswer } from './verify.ts';

type Compare = (then: Json, now: Json) => Replay['differences'];

/**
 * Answers the record's question again and compares bytes, those of the proofs too; checks the saved proofs and figures
 * as they are. Throws a usage error for a record of before inputs were pinned, and what reading a pinned input throws.
 */
export async function replayConsolidate(
  record: StoredRecord,
  deps: Deps,
  { pinned, compare }: { readonly pinned: Pinned; readonly compare: Compare },
): Promise<Replay> {
  const body = record.body as unknown as ConsolidateBody;
  // Records of the first release have none.
  if ((body.pins as ConsolidateBody['pins'] | undefined) === undefined) {
    throw usageError(
      'usage_replay_too_old',
      `record ${record.id} was saved before answers of consolidate kept what they were made from`,
      body.ask.echo,
    );
  }
  const failedChecks = await faultsOf(body, pinned);
  const then = bytesOf(body.answer, body.proofs);
  const common = {
    recordId: record.id,
    sha256Then: sha256(then),
    engineVersionThen: body.engineVersion,
    engineVersionNow: ENGINE_VERSION,
    verified: failedChecks.length === 0,
    failedChecks,
  };
  const world = JSON.parse(await pinned(body.pins.world ?? '')) as LiveWorld;
  const head = JSON.parse(await pinned(body.pins.snapshot ?? '')) as SnapshotHead;
  const pinnedThen = await pinnedDeps(record, deps, { pinned, pins: body.pins, world });
  try {
    const from = { deps: pinnedThen, head, now: world.now, earlier: movesAsKnown(world.lately) };
    const { answer, proofs } = await answerLive(body.question, from);
    const hashes = proofs.slice(0, body.proofs.length).map(({ name, input, answer: text }) => {
      return { name, input: sha256(input), answer: sha256(text) };
    });
    const now = bytesOf(shortened(answer), hashes);
    const differences = now === then ? [] : compare(JSON.parse(then) as Json, JSON.parse(now) as Json);
    return { ...common, same: now === then, sha256Now: sha256(now), differences, failure: null };
  } catch (error) {
    // An old world may lack what a newer engine needs; the same engine must manage, and a broken store is no answer.
    if (body.engineVersion === ENGINE_VERSION || !(error instanceof Error) || error instanceof AdviseError) throw error;
    return { ...common, same: false, sha256Now: null, differences: [], failure: error.message };
  }
}

function bytesOf(answer: ConsolidateBody['answer'], proofs: ConsolidateBody['proofs']): string {
  return canonicalJson({ answer, proofs } as unknown as Json);
}

type Inputs = {
  readonly pinned: Pinned;
  readonly pins: ConsolidateBody['pins'];
  readonly world: LiveWorld;
};

/** What the answer was given then: its facts, its prices, its settings; parts of the snapshot come by their hashes. */
async function pinnedDeps(record: StoredRecord, deps: Deps, { pinned, pins, world }: Inputs): Promise<Deps> {
  const facts = JSON.parse(await pinned(pins.facts ?? '')) as readonly Fact[];
  const books = new Map<string, PriceBook>();
  for (const [name, key] of Object.entries(pins)) {
    if (!name.startsWith(pricesPin(''))) continue;
    const book = JSON.parse(await pinned(key)) as PriceBook;
    books.set(book.region, book);
  }
  const prices = (region: string): PriceBook => {
    const book = books.get(region);
    if (book === undefined) throw new Error(`invariant: record ${record.id} pins no prices of ${region}`);
    return book;
  };
  const { minimumSaving, guardrails } = world;
  return {
    ...deps,
    library: { facts, regions: [...books.keys()].sort(), prices },
    settings: { ...deps.settings, minimumSaving, guardrails },
    store: { ...deps.store, part: (key) => partOf(record.id, deps.store, key) },
  };
}

async function partOf(recordId: string, store: Store, key: string): ReturnType<Store['part']> {
  try {
    return await store.part(key);
  } catch (error) {
    if (!(error instanceof AdviseError)) throw error;
    const { kind, code, message, hint } = error;
    throw new AdviseError({
      kind,
      code,
      message: `Record ${recordId} cannot be answered again. ${message}`,
      ...(hint === undefined ? {} : { hint }),
      cause: error,
    });
  }
}

/** What today's checkers find wrong: a proof that does not hold, or figures that are not those of their proof. */
async function faultsOf({ answer, proofs }: ConsolidateBody, pinned: Pinned): Promise<Replay['failedChecks']> {
  const faults: { readonly name: string; readonly detail: string }[] = [];
  // Proofs come in the order of the rows that have one.
  const rows = answer.providers.filter(({ verdict }) => verdict !== 'skipped');
  for (const [at, { name, input, answer: key }] of proofs.entries()) {
    const text = await pinned(input);
    const answerText = await pinned(key);
    const result = checkAnswer({ text, sha256: sha256(text) }, answerText);
    if (typeof result === 'string') {
      faults.push({ name, detail: result });
      continue;
    }
    const failed = result.checks.find(({ ok }) => !ok);
    if (failed !== undefined) faults.push({ name, detail: `${failed.name}, ${failed.detail}` });
    const advice = rows[at];
    const fault = advice === undefined ? null : adviceFault(advice, JSON.parse(answerText) as Json);
    if (fault !== null) faults.push({ name, detail: fault });
  }
  return faults;
}
