/** The files that prove a saved answer: the question and the answer, as `verify` takes them. */
import type { Store, StoredRecord } from '../deps.ts';
import type { Report } from '../report/report.ts';
import type { ClusterBody } from './capacity-cluster.ts';
import type { ConsolidateBody } from './consolidate-live.ts';

/** One provider's proof: hashes of two pinned texts. */
export type SavedProof = { readonly name: string; readonly input: string; readonly answer: string };

type Proved = Pick<ConsolidateBody | ClusterBody, 'proofs' | 'ask'>;

/** Kinds of records that keep the files of their proof. */
export function hasProof({ kind }: Pick<StoredRecord, 'kind'>): boolean {
  return kind === 'consolidate' || kind === 'capacity-cluster';
}

/** Name of a view that comes with files. */
export const PROOF_VIEW = 'proof';

/** `consolidate-tulip-asg-tulip`: safe as the beginning of a file's name. */
export function proofName({ cluster, name }: { readonly cluster: string; readonly name: string }): string {
  return `consolidate-${cluster}-${name}`.replace(/[^\w.-]/g, '_');
}

/** The files of a view of a record; none for views without. Throws when a pinned text is gone or damaged. */
export async function filesOfView(
  record: StoredRecord,
  view: string,
  store: Pick<Store, 'pin'>,
): Promise<readonly { readonly name: string; readonly text: string }[]> {
  if (view !== PROOF_VIEW || !hasProof(record)) return [];
  const { proofs } = record.body as unknown as Proved;
  const files: { readonly name: string; readonly text: string }[] = [];
  for (const proof of proofs) {
    for (const part of ['input', 'answer'] as const) {
      const text = await store.pin(proof[part]);
      if (text === null) throw new Error(`invariant: the proof of record ${record.id} is not in the store`);
      files.push({ name: `${proof.name}.${part}.json`, text });
    }
  }
  return files;
}

/** What to do with the files. */
export function proofReport(record: StoredRecord): Report {
  const { proofs, ask } = record.body as unknown as Proved;
  const [first] = proofs;
  const name = first?.name ?? 'consolidate';
  return {
    parts: [
      {
        kind: 'lead',
        text: `The proof is two files for each capacity provider: the question as it was read from the snapshot, and the answer with its bound.`,
      },
      { kind: 'list', items: proofs.map((proof) => ({ text: `${proof.name}.input.json, ${proof.name}.answer.json` })) },
      { kind: 'heading', text: 'Check it yourself' },
      { kind: 'preformatted', text: `ecs-advise verify ${name}.answer.json --input ${name}.input.json` },
      {
        kind: 'paragraph',
        text: `The check shares no code with the search. In Slack the files come as direct messages; in a terminal "ecs-advise ${ask.echo} --proof FOLDER" writes them.`,
      },
      { kind: 'context', texts: [`Record ${record.id}.`] },
    ],
    actions: [],
  };
}
