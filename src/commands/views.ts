import type { StoredRecord } from '../deps.ts';
import { usageError } from '../errors.ts';
import { CAPACITY_VIEWS, capacityReport } from '../report/capacity.ts';
import { clusterReport } from '../report/capacity-cluster.ts';
import { consolidateLiveReport } from '../report/consolidate.ts';
import { costReport } from '../report/cost.ts';
import type { Report } from '../report/report.ts';
import { rightsizeReport } from '../report/rightsize.ts';
import type { CapacityBody } from './capacity.ts';
import type { ClusterBody } from './capacity-cluster.ts';
import type { ConsolidateBody } from './consolidate-live.ts';
import type { CostBody } from './cost.ts';
import { hasProof, PROOF_VIEW, proofReport } from './proof.ts';
import type { RightsizeBody } from './rightsize.ts';

/** Kinds of records that can be shown again as they were answered. */
export function hasViews({ kind }: Pick<StoredRecord, 'kind'>): boolean {
  return (
    kind === 'capacity' ||
    kind === 'capacity-cluster' ||
    kind === 'cost' ||
    kind === 'rightsize' ||
    kind === 'consolidate'
  );
}

/**
 * A saved answer rendered again from its record: `answer`, and of a capacity answer `why-not` and `lines` too. Nothing
 * is worked out anew. Throws a usage error for a record or view that has nothing to show.
 */
export function renderView(record: StoredRecord, view: string): Report {
  if (hasProof(record) && view === PROOF_VIEW) return proofReport(record);
  if (!hasViews(record) || (!record.kind.startsWith('capacity') && view !== 'answer')) {
    throw usageError(
      'usage_no_view',
      `record ${record.id} is a ${record.kind}, which has no such view`,
      `decisions show ${record.id}`,
    );
  }
  const recordId = record.id;
  if (record.kind === 'cost') {
    const { ask, answer } = record.body as unknown as CostBody;
    return costReport(answer, { recordId, echo: ask.echo });
  }
  if (record.kind === 'rightsize') {
    const { ask, answer } = record.body as unknown as RightsizeBody;
    return rightsizeReport(answer, { recordId, echo: ask.echo });
  }
  if (record.kind === 'consolidate') {
    const { ask, answer } = record.body as unknown as ConsolidateBody;
    return consolidateLiveReport(answer, { recordId, echo: ask.echo });
  }
  const known = CAPACITY_VIEWS.find((name) => name === view);
  if (known === undefined)
    throw usageError(
      'usage_no_view',
      `an answer has no view "${view.slice(0, 40)}"`,
      `one of ${CAPACITY_VIEWS.join(', ')}`,
    );
  if (record.kind === 'capacity-cluster') {
    const { question, ask, answer } = record.body as unknown as ClusterBody;
    return clusterReport({ recordId, question, ...ask, answer }, known);
  }
  const { question, ask, answer } = record.body as unknown as CapacityBody;
  return capacityReport({ recordId, question, ...ask, answer }, known);
}
