/** Replay of a plan for a cluster: the same workload, facts and prices, today's engine and solver. */
import { createHash } from 'node:crypto';
import type { Deps, StoredRecord } from '../deps.ts';
import {
  type ClusterQuestion,
  canonicalJson,
  ENGINE_VERSION,
  type Fact,
  type Json,
  nanoUsd,
  type PriceBook,
  type Workload,
} from '../engine/index.ts';
import type { Replay } from '../report/decisions.ts';
import { answerCluster, type ClusterBody, packingFault } from './capacity-cluster.ts';

/** A pinned input of the record; throws when it is gone. */
export type Pinned = (key: string) => Promise<string>;

/** Plans the record's question again and compares bytes; checks the saved packings and sums as they are. */
export async function replayCluster(
  record: StoredRecord,
  deps: Deps,
  { pinned, compare }: { readonly pinned: Pinned; readonly compare: (then: Json, now: Json) => Replay['differences'] },
): Promise<Replay> {
  const { question, answer, pins, proofs, engineVersion } = record.body as unknown as ClusterBody;
  const workload = completeWorkload(JSON.parse(await pinned(pins.workload)) as OldWorkload);
  const facts = JSON.parse(await pinned(pins.facts)) as readonly Fact[];
  const prices = JSON.parse(await pinned(pins.prices)) as PriceBook;
  const failedChecks: { name: string; detail: string }[] = [];
  for (const proof of proofs) {
    const fault = packingFault(await pinned(proof.input), await pinned(proof.answer));
    if (fault !== null) failedChecks.push({ name: proof.name, detail: fault });
  }
  for (const { kind, lines, usdPerMonth } of answer.result.options) {
    const sum = lines.reduce((total, line) => total + nanoUsd(line.usdPerMonth), 0n);
    if (sum !== nanoUsd(usdPerMonth ?? '0'))
      failedChecks.push({ name: `${kind}: lines add up`, detail: `lines add to ${sum} nano-USD` });
  }
  const then = canonicalJson(answer as unknown as Json);
  const { answer: again } = await answerCluster({ facts, prices, workload }, completeQuestion(question), deps);
  const now = canonicalJson(again as unknown as Json);
  return {
    recordId: record.id,
    sha256Then: sha256(then),
    sha256Now: sha256(now),
    engineVersionThen: engineVersion,
    engineVersionNow: ENGINE_VERSION,
    verified: failedChecks.length === 0,
    failedChecks,
    same: now === then,
    differences: now === then ? [] : compare(JSON.parse(then) as Json, JSON.parse(now) as Json),
    failure: null,
  };
}

/** Records of before Spot and commitments were looked at lack their fields: nothing was asked and nothing known. */
type OldWorkload = Omit<Workload, 'reserved' | 'plans' | 'today'> &
  Partial<Pick<Workload, 'reserved' | 'plans'>> & { readonly today: Omit<Workload['today'], 'spend'> };

function completeWorkload(workload: OldWorkload): Workload {
  return { reserved: [], plans: [], ...workload, today: { spend: [], ...workload.today } };
}

function completeQuestion(question: Partial<ClusterQuestion> & Omit<ClusterQuestion, 'interruptible' | 'commitments'>) {
  const commitments = { savingsPlanUsdPerHour: null, savingsPlanTerm: '1y' as const, reserved: null };
  return { interruptible: [], commitments, ...question };
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
