import type { StoredRecord } from '../deps.ts';
import { usageError } from '../errors.ts';
import { CAPACITY_VIEWS, capacityReport } from '../report/capacity.ts';
import type { Report } from '../report/report.ts';
import type { CapacityBody } from './capacity.ts';

/**
 * A saved answer rendered again from its record: `answer`, `why-not` or `lines`. Nothing is worked out anew.
 * Throws a usage error for a record or view that has nothing to show.
 */
export function renderView(record: StoredRecord, view: string): Report {
  if (record.kind !== 'capacity')
    throw usageError(
      'usage_no_view',
      `record ${record.id} is a ${record.kind}, which has no such view`,
      `decisions show ${record.id}`,
    );
  const known = CAPACITY_VIEWS.find((name) => name === view);
  if (known === undefined)
    throw usageError(
      'usage_no_view',
      `an answer has no view "${view.slice(0, 40)}"`,
      `one of ${CAPACITY_VIEWS.join(', ')}`,
    );
  const { question, ask, answer } = record.body as unknown as CapacityBody;
  return capacityReport({ recordId: record.id, question, ...ask, answer }, known);
}
