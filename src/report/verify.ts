import type { VerifyResult } from '../engine/index.ts';
import type { Report } from './report.ts';

/** Whether the answer holds; what failed first, then every check. */
export function verifyReport({ ok, checks }: VerifyResult): Report {
  const failed = checks.filter((check) => !check.ok);
  const [first] = failed;
  return {
    parts: [
      {
        kind: 'lead',
        text: ok
          ? [{ text: 'The answer holds.', style: 'strong' }, { text: ` ${checks.length} checks passed.` }]
          : [{ text: 'The answer does not hold.', style: 'strong' }, { text: ` ${first?.name}: ${first?.detail}.` }],
      },
      {
        kind: 'table',
        columns: ['Check', 'Result', 'Detail'].map((title) => ({ title, align: 'left' })),
        rows: checks.map((check) => [check.name, check.ok ? 'ok' : 'failed', check.detail]),
      },
    ],
    actions: [],
    csv: [['check', 'ok', 'detail'], ...checks.map((check) => [check.name, String(check.ok), check.detail])],
  };
}
