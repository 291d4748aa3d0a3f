import {
  type Expression,
  GetCostAndUsageCommand,
  GetSavingsPlansUtilizationCommand,
  type GroupDefinition,
  type ResultByTime,
} from '@aws-sdk/client-cost-explorer';
import type { CommitmentDay, CostQuestion, CostRow } from '../deps.ts';
import { type Caller, listIn, pagesOf, present } from './call.ts';

/** The bill, asked of the payer account. Every page costs money, so `beforeRequest` goes before every try of each. */

const TAG = 'TAG:';

/** Daily amortised cost and usage, a row per day and group. Throws `aws_…` or what `beforeRequest` throws. */
export async function costAndUsage(
  call: Caller,
  question: CostQuestion,
  beforeRequest: () => Promise<void>,
): Promise<readonly CostRow[]> {
  const filter = toFilter(question.filter);
  const pages = pagesOf(
    (token) =>
      call(
        'ce:GetCostAndUsage',
        ({ costExplorer }, options) =>
          costExplorer.send(
            new GetCostAndUsageCommand({
              TimePeriod: { Start: question.from, End: question.toExclusive },
              Granularity: 'DAILY',
              // Amortised: a fee paid up front is spread over the days that it is for.
              Metrics: ['AmortizedCost', 'UsageQuantity'],
              GroupBy: question.groupBy.map(toGroup),
              ...(filter === null ? {} : { Filter: filter }),
              NextPageToken: token,
            }),
            options,
          ),
        beforeRequest,
      ),
    ({ NextPageToken }) => NextPageToken,
  );
  const rows: CostRow[] = [];
  for await (const page of pages) {
    for (const result of listIn(page.ResultsByTime, 'ResultsByTime')) rows.push(...rowsOf(result, question.groupBy));
  }
  return rows;
}

function toGroup(by: string): GroupDefinition {
  return by.startsWith(TAG) ? { Type: 'TAG', Key: by.slice(TAG.length) } : { Type: 'DIMENSION', Key: by };
}

/** All of the conditions; null without any. */
function toFilter({ services, account, tag }: CostQuestion['filter']): Expression | null {
  const conditions: Expression[] = [];
  if (services !== undefined) conditions.push({ Dimensions: { Key: 'SERVICE', Values: [...services] } });
  if (account !== undefined) conditions.push({ Dimensions: { Key: 'LINKED_ACCOUNT', Values: [account] } });
  if (tag !== undefined) conditions.push({ Tags: { Key: tag.key, Values: [tag.value] } });
  const [first, ...others] = conditions;
  if (first === undefined) return null;
  // AWS refuses an `And` of one.
  return others.length === 0 ? first : { And: conditions };
}

function rowsOf(result: ResultByTime, groupBy: readonly string[]): readonly CostRow[] {
  const day = present(result.TimePeriod?.Start, 'TimePeriod');
  return listIn(result.Groups, 'Groups').map(({ Keys, Metrics }) => ({
    day,
    keys: groupBy.map((by, index) => keyOf(Keys?.[index] ?? '', by)),
    usd: present(Metrics?.AmortizedCost?.Amount, 'AmortizedCost'),
    quantity: present(Metrics?.UsageQuantity?.Amount, 'UsageQuantity'),
    estimated: result.Estimated ?? false,
  }));
}

/** AWS answers a tag as `key$value`; the value itself may hold a `$`. */
function keyOf(key: string, by: string): string {
  return by.startsWith(TAG) ? key.slice(by.length - TAG.length + 1) : key;
}

/** What was committed and used on each day. Throws like `costAndUsage`. */
export async function savingsPlansUtilisation(
  call: Caller,
  period: { readonly from: string; readonly toExclusive: string },
  beforeRequest: () => Promise<void>,
): Promise<readonly CommitmentDay[]> {
  const answer = await unlessNone(() =>
    call(
      'ce:GetSavingsPlansUtilization',
      ({ costExplorer }, options) =>
        costExplorer.send(
          new GetSavingsPlansUtilizationCommand({
            TimePeriod: { Start: period.from, End: period.toExclusive },
            Granularity: 'DAILY',
          }),
          options,
        ),
      beforeRequest,
    ),
  );
  return (answer?.SavingsPlansUtilizationsByTime ?? []).map(({ TimePeriod, Utilization }) => ({
    day: present(TimePeriod?.Start, 'TimePeriod'),
    committedUsd: present(Utilization?.TotalCommitment, 'TotalCommitment'),
    usedUsd: present(Utilization?.UsedCommitment, 'UsedCommitment'),
    unusedUsd: present(Utilization?.UnusedCommitment, 'UnusedCommitment'),
  }));
}

/** An organisation without a Savings Plan gets an error, not an empty answer. Null stands for it. */
async function unlessNone<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    const { cause } = Object(error) as { readonly cause?: unknown };
    if (cause instanceof Error && cause.name === 'DataUnavailableException') return null;
    throw error;
  }
}
