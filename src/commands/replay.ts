/** Replay of a saved answer: the same question, the inputs it pinned, today's engine and today's checker. */
import { createHash } from 'node:crypto';
import type { Deps, Store, StoredRecord } from '../deps.ts';
import { ENGINE_VERSION, type Fact, type Json, type PriceBook, verifyCapacity } from '../engine/index.ts';
import { AdviseError, usageError } from '../errors.ts';
import type { Difference, Replay } from '../report/decisions.ts';
import { answerBytes, answerCapacity, type CapacityBody } from './capacity.ts';
import { replayCluster } from './replay-cluster.ts';
import { replayConsolidate } from './replay-consolidate.ts';

/**
 * Answers the record's question again and compares bytes. Throws a usage error for records that hold no answer and
 * an upstream error when a pinned input is gone.
 */
export async function replay(record: StoredRecord, deps: Deps): Promise<Replay> {
  const { store } = deps;
  const from = { pinned: (key: string) => pinned(store, key, record.id), compare: compareAnswers };
  if (record.kind === 'capacity-cluster') return replayCluster(record, deps, from);
  if (record.kind === 'consolidate') return replayConsolidate(record, deps, from);
  if (record.kind !== 'capacity') {
    throw usageError(
      'usage_no_replay',
      `only answers of capacity and consolidate can be replayed; record ${record.id} is a ${record.kind}`,
      `decisions show ${record.id}`,
    );
  }
  const { question, answer, pins, engineVersion } = record.body as unknown as CapacityBody;
  const facts = JSON.parse(await pinned(store, pins.facts, record.id)) as readonly Fact[];
  const prices = JSON.parse(await pinned(store, pins.prices, record.id)) as PriceBook;

  const checked = verifyCapacity({ facts, prices }, question, answer);
  const then = answerBytes(answer);
  const isSameEngine = engineVersion === ENGINE_VERSION;
  const common = {
    recordId: record.id,
    sha256Then: sha256(then),
    engineVersionThen: engineVersion,
    engineVersionNow: ENGINE_VERSION,
    verified: checked.ok,
    failedChecks: checked.checks.filter((check) => !check.ok).map(({ name, detail }) => ({ name, detail })),
  };
  try {
    const answerNow = answerCapacity(question, facts, prices);
    const now = answerBytes(answerNow);
    const differences = now === then ? [] : compareAnswers(JSON.parse(then) as Json, JSON.parse(now) as Json);
    return { ...common, same: now === then, sha256Now: sha256(now), differences, failure: null };
  } catch (error) {
    // An old world may lack what a newer engine needs; the same engine must manage, so there it is a bug.
    if (isSameEngine || !(error instanceof Error)) throw error;
    return { ...common, same: false, sha256Now: null, differences: [], failure: error.message };
  }
}

/**
 * What a reader wants to know first: the advice, then each option's price, or each provider's change; else the first
 * place that differs.
 */
export function compareAnswers(then: Json, now: Json): readonly Difference[] {
  const [before, after] = [adviceOf(then), adviceOf(now)];
  const names = [...new Set([...before.keys(), ...after.keys()])];
  const differences = names
    .map((what) => ({ what, was: before.get(what) ?? 'not there', is: after.get(what) ?? 'not there' }))
    .filter((row) => row.was !== row.is);
  if (differences.length > 0) return differences;
  const place = firstDifference(then, now, '');
  return place === null ? [] : [place];
}

function adviceOf(answer: Json): ReadonlyMap<string, string> {
  const result = member(answer, 'result');
  const advice = new Map([['advice', shown(member(result, 'recommended'))]]);
  const options = member(result, 'options');
  for (const option of Array.isArray(options) ? options : []) {
    const price = member(option, 'usdPerMonth');
    const state = member(option, 'feasible') === false ? 'not possible' : 'no price';
    advice.set(shown(member(option, 'kind')), typeof price === 'string' ? `${price} USD a month` : state);
  }
  const providers = member(member(answer, 'answer'), 'providers');
  for (const row of Array.isArray(providers) ? providers : []) {
    const [cluster, name, from, to] = ['cluster', 'name', 'instances', 'instancesAfter'].map((key) => member(row, key));
    const saved = `saves ${shown(member(row, 'usdPerMonthSaved'))} USD a month`;
    advice.set(`${shown(cluster)} ${shown(name)}`, `${shown(from)} -> ${shown(to)} instances, ${saved}`);
  }
  return advice;
}

function firstDifference(then: Json | undefined, now: Json | undefined, path: string): Difference | null {
  if (isBranch(then) && isBranch(now)) {
    const keys = [...new Set([...Object.keys(then), ...Object.keys(now)])].sort();
    for (const key of keys) {
      const found = firstDifference(member(then, key), member(now, key), path === '' ? key : `${path}.${key}`);
      if (found !== null) return found;
    }
    return null;
  }
  return JSON.stringify(then) === JSON.stringify(now) ? null : { what: path, was: shown(then), is: shown(now) };
}

function isBranch(value: Json | undefined): value is Json & object {
  return typeof value === 'object' && value !== null;
}

function member(value: Json | undefined, key: string): Json | undefined {
  return isBranch(value) ? (value as { readonly [key: string]: Json | undefined })[key] : undefined;
}

function shown(value: Json | undefined): string {
  if (value === undefined) return 'not there';
  if (value === null) return 'none';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length <= 80 ? text : `${text.slice(0, 79)}…`;
}

async function pinned(store: Store, key: string, recordId: string): Promise<string> {
  const body = await store.pin(key);
  if (body !== null) return body;
  throw new AdviseError({
    kind: 'upstream',
    code: 'store_corrupt',
    message: `An input that record ${recordId} was made from is gone from the database.`,
    hint: 'run "ecs-advise decisions verify" and compare with a backup',
  });
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
