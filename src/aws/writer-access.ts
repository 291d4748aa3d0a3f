import type { CallOutcome, WindowCall, WindowSchedule } from '../approvals/model.ts';
import { PROPOSAL_TAG } from '../approvals/model.ts';
import type { AccessRow, AwsAccount, AwsWriter } from '../deps.ts';
import { together } from './concurrency.ts';

/** What the writer roles may do, found out by dry runs: AWS says whether it would, and does not. */

/** A name that nobody uses, and a window that nobody has: AWS looks at permissions before it looks for them. */
const NOBODY = 'ecs-advise-doctor';
const NO_WINDOW = 'iew-00000000000000000';
const SCHEDULE: WindowSchedule = {
  kind: 'ranges',
  timeRanges: [{ startWeekDay: 'sunday', startHour: 2, endWeekDay: 'sunday', endHour: 10 }],
};
const TARGETS = { instanceIds: [], instanceTags: [{ key: NOBODY, value: NOBODY }], dedicatedHostIds: [] };
const TRIED: readonly WindowCall[] = [
  { op: 'CreateInstanceEventWindow', name: NOBODY, schedule: SCHEDULE, tags: { [PROPOSAL_TAG]: NOBODY } },
  { op: 'ModifyInstanceEventWindow', window: NO_WINDOW, schedule: SCHEDULE },
  { op: 'AssociateInstanceEventWindow', window: NO_WINDOW, targets: TARGETS },
  { op: 'DisassociateInstanceEventWindow', window: NO_WINDOW, targets: TARGETS },
  { op: 'DeleteInstanceEventWindow', window: NO_WINDOW },
];

/** One row for the way into each writer role, and one for each action it must allow. Accounts without one give none. */
export async function readWriterAccess(
  accounts: readonly AwsAccount[],
  writer: Pick<AwsWriter, 'write'>,
): Promise<readonly AccessRow[]> {
  const having = accounts.filter(({ writerRoleArn }) => writerRoleArn !== null);
  return (await together(having.map((account) => accessTo(account, writer)))).flat();
}

async function accessTo(account: AwsAccount, writer: Pick<AwsWriter, 'write'>): Promise<readonly AccessRow[]> {
  const [region] = account.regions;
  if (region === undefined) return [];
  const entry = { account: account.id, region: null, what: 'sts:AssumeRole of writerRole' };
  const rows: AccessRow[] = [];
  for (const call of TRIED) {
    const outcome = await writer.write({ account: account.id, region }, call, { dryRun: true, window: null });
    // Without an answer of EC2 it was the way there that failed, and the other actions would fail alike.
    if (outcome.requestId === null) return [{ ...entry, ...failed(outcome) }];
    if (rows.length === 0) rows.push({ ...entry, state: 'ok', detail: account.writerRoleArn ?? '', fix: null });
    rows.push({ account: account.id, region, what: `ec2:${call.op}`, ...judged(outcome) });
  }
  return rows;
}

/** Refusals that come after the look at permissions. */
const PERMITTED = new Set(['aws_not_found', 'aws_refused', 'aws_limit_reached']);

function judged(outcome: CallOutcome): Pick<AccessRow, 'state' | 'detail' | 'fix'> {
  const code = outcome.error?.code ?? '';
  if (outcome.outcome === 'allowed' || PERMITTED.has(code)) return { state: 'ok', detail: 'allowed', fix: null };
  if (code !== 'aws_access_denied') return failed(outcome);
  const also = outcome.op === 'CreateInstanceEventWindow' ? ', and ec2:CreateTags while creating,' : '';
  return { state: 'denied', detail: 'not allowed', fix: `allow it${also} in the writer role (deploy/iam/writer.json)` };
}

function failed({ error }: CallOutcome): Pick<AccessRow, 'state' | 'detail' | 'fix'> {
  const state = error?.code === 'aws_access_denied' ? 'denied' : 'failed';
  return {
    state,
    detail: error?.message ?? 'AWS gave no answer',
    fix: 'see "A role that may change windows" in docs/aws.md',
  };
}
