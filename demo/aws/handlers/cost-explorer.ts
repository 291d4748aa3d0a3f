/** The simulated Cost Explorer: groups and sums the world's bill. */

import type {
  GetCostAndUsageRequest,
  GetCostAndUsageResponse,
  GetDimensionValuesRequest,
  GetDimensionValuesResponse,
  Group,
  GroupDefinition,
  ListCostAllocationTagsRequest,
  ListCostAllocationTagsResponse,
  MetricValue,
  ResultByTime,
} from '@aws-sdk/client-cost-explorer';
import * as sdk from '@aws-sdk/client-cost-explorer';
import type { AwsWorld, CostRow } from '../state.ts';
import { dayOf, isEstimated, type Period, periodsOf } from './cost-explorer-days.ts';
import {
  dimensionValue,
  invalid,
  type RowTest,
  type RowValue,
  rowTest,
  tagValue,
  visibleRows,
} from './cost-explorer-filter.ts';
import { getSavingsPlansUtilization } from './cost-explorer-plans.ts';
import { toDecimal, toUnits } from './cost-explorer-sums.ts';
import { pageOf } from './paging.ts';
import { pageSize, scopeOf } from './requests.ts';
import { AwsFault, type HandlerContext, operation, type ServiceTable } from './types.ts';

const INVALID_TOKEN = 'InvalidNextTokenException';
const GROUPS_A_PAGE = 1_000;

/** One group of a period, or the period itself when it has none: what pages are cut between. */
type Item = { readonly period: Period; readonly summed: Summed | null };

/** GetCostAndUsage: every page is a request of its own; a period may go on in the next page. */
function getCostAndUsage(input: GetCostAndUsageRequest, context: HandlerContext): GetCostAndUsageResponse {
  const scope = scopeOf('GetCostAndUsage', input, context);
  const items = itemsOf(input, context, scope);
  const page = pageOf(items, {
    size: GROUPS_A_PAGE,
    token: input.NextPageToken,
    scope,
    key: ({ period, summed }) => `${period.start} ${summed?.order}`,
    invalidCode: INVALID_TOKEN,
  });
  return {
    GroupDefinitions: input.GroupBy,
    ResultsByTime: resultsOf(page.items, input, context.now),
    NextPageToken: page.nextToken,
    DimensionValueAttributes: accountNames(input, page.items, context.world),
  };
}

/** The newest answer of each world, so that the pages after the first need not add everything up again. */
const newest = new WeakMap<AwsWorld, { readonly key: string; readonly items: readonly Item[] }>();

function itemsOf(input: GetCostAndUsageRequest, context: HandlerContext, scope: string): readonly Item[] {
  const key = `${scope} ${dayOf(context.now)}`;
  const known = newest.get(context.world);
  if (input.NextPageToken !== undefined && known?.key === key) return known.items;
  const items = sumUp(input, context);
  newest.set(context.world, { key, items });
  return items;
}

function sumUp(input: GetCostAndUsageRequest, context: HandlerContext): readonly Item[] {
  checkMetrics(input.Metrics);
  const groupBy = (input.GroupBy ?? []).map((definition) => groupKey(definition, context));
  if (groupBy.length > 2) throw invalid('At most two groups are allowed.');
  const filter = rowTest(input.Filter, context);
  const sees = visibleRows(context);
  const daySums = sumsOfDays({ groupBy, counts: (row) => sees(row) && filter(row) });
  return periodsOf(input.TimePeriod, input.Granularity, context.now).flatMap((period): readonly Item[] => {
    const sums = addUp(period.days.map((day) => daySums(context.world.costs(day))));
    return sums.length === 0 ? [{ period, summed: null }] : sums.map((summed) => ({ period, summed }));
  });
}

type Sum = { usd: bigint; quantity: bigint; unit: string | null };
type Summed = { readonly keys: string[]; readonly order: string; readonly sum: Sum };

/** Sums a day's rows into groups, sorted. Days that share their rows, as those of a large estate do, share the sums. */
function sumsOfDays(by: {
  readonly groupBy: readonly RowValue[];
  readonly counts: RowTest;
}): (rows: readonly CostRow[]) => readonly Summed[] {
  const known = new Map<readonly CostRow[], readonly Summed[]>();
  return (rows) => {
    const before = known.get(rows);
    if (before !== undefined) return before;
    const groups = new Map<string, Summed>();
    for (const row of rows) {
      if (!by.counts(row)) continue;
      const keys = by.groupBy.map((value) => value(row));
      addRow(groupOf(groups, keys, JSON.stringify(keys)).sum, row);
    }
    const sorted = inOrder(groups);
    known.set(rows, sorted);
    return sorted;
  };
}

function addUp(days: readonly (readonly Summed[])[]): readonly Summed[] {
  const [only] = days;
  if (days.length === 1 && only !== undefined) return only;
  const groups = new Map<string, Summed>();
  for (const { keys, order, sum } of days.flat()) {
    const total = groupOf(groups, keys, order).sum;
    total.usd += sum.usd;
    total.quantity += sum.quantity;
    total.unit = commonUnit(total.unit, sum.unit);
  }
  return inOrder(groups);
}

function groupOf(groups: Map<string, Summed>, keys: string[], order: string): Summed {
  const known = groups.get(order);
  if (known !== undefined) return known;
  const made: Summed = { keys, order, sum: { usd: 0n, quantity: 0n, unit: null } };
  groups.set(order, made);
  return made;
}

function inOrder(groups: ReadonlyMap<string, Summed>): readonly Summed[] {
  return [...groups.values()].sort((a, b) => (a.order < b.order ? -1 : 1));
}

function addRow(sum: Sum, row: CostRow): void {
  sum.usd += toUnits(row.usd);
  sum.quantity += toUnits(row.quantity);
  sum.unit = commonUnit(sum.unit, unitOf(row.usageType));
}

/** Sums over unlike units have none. */
function commonUnit(a: string | null, b: string | null): string | null {
  return a === null || a === b ? b : 'N/A';
}

/** Unit of a usage type's quantity. */
function unitOf(usageType: string): string {
  if (usageType.includes('vCPU-Hours')) return 'vCPU-Hours';
  if (usageType.includes('GB-Hours')) return 'GB-Hours';
  if (usageType.includes('EBS:VolumeUsage')) return 'GB-Mo';
  return /BoxUsage|UnusedBox|SpotUsage|-[Hh]ours$/.test(usageType) ? 'Hrs' : 'N/A';
}

/** A group's key as the answer shows it: the value, or `tag key$value`. */
function groupKey({ Type, Key }: GroupDefinition, context: HandlerContext): RowValue {
  if (Type === 'DIMENSION') return dimensionValue(Key);
  if (Type !== 'TAG') throw invalid(`The simulated AWS does not group by ${Type}.`);
  const value = tagValue(Key, context);
  return (row) => `${Key}$${value(row)}`;
}

const COSTS = ['AmortizedCost', 'BlendedCost', 'NetAmortizedCost', 'NetUnblendedCost', 'UnblendedCost'];

function checkMetrics(asked: readonly string[] | undefined): void {
  if (asked === undefined || asked.length === 0) throw invalid('At least one metric is needed.');
  const stranger = asked.find((metric) => !COSTS.includes(metric) && metric !== 'UsageQuantity');
  if (stranger !== undefined) throw invalid(`The simulated AWS has no metric ${stranger}.`);
}

/** The world's rows are amortised and without discounts that would set one kind of cost apart from another. */
function amountsOf(sum: Sum, metrics: readonly string[]): { [metric: string]: MetricValue } {
  return Object.fromEntries(
    metrics.map((metric) => [
      metric,
      metric === 'UsageQuantity'
        ? { Amount: toDecimal(sum.quantity), Unit: sum.unit ?? 'N/A' }
        : { Amount: toDecimal(sum.usd), Unit: 'USD' },
    ]),
  );
}

/** Groups of one page put back under their periods; without groups, totals. */
function resultsOf(items: readonly Item[], input: GetCostAndUsageRequest, now: Date): ResultByTime[] {
  const metrics = input.Metrics ?? [];
  const isGrouped = input.GroupBy !== undefined && input.GroupBy.length > 0;
  const results: (ResultByTime & { Groups: Group[] })[] = [];
  for (const { period, summed } of items) {
    const sum = summed?.sum ?? { usd: 0n, quantity: 0n, unit: null };
    let result = results.at(-1);
    if (result?.TimePeriod?.Start !== period.start) {
      const TimePeriod = { Start: period.start, End: period.end };
      const Total = isGrouped ? {} : amountsOf(sum, metrics);
      result = { TimePeriod, Total, Groups: [], Estimated: isEstimated(period, now) };
      results.push(result);
    }
    if (isGrouped && summed !== null) result.Groups.push({ Keys: summed.keys, Metrics: amountsOf(sum, metrics) });
  }
  return results;
}

/** Cost Explorer adds the names of the accounts that an answer is grouped by. */
function accountNames(input: GetCostAndUsageRequest, items: readonly Item[], world: AwsWorld) {
  const at = (input.GroupBy ?? []).findIndex(({ Key }) => Key === 'LINKED_ACCOUNT');
  const shown = new Set(items.map(({ summed }) => summed?.keys[at]));
  return world.accounts
    .filter(({ id }) => at >= 0 && shown.has(id))
    .map(({ id, name }) => ({ Value: id, Attributes: { description: name } }));
}

/** GetDimensionValues: the values that the caller's bill has in a period, sorted. */
function getDimensionValues(input: GetDimensionValuesRequest, context: HandlerContext): GetDimensionValuesResponse {
  const value = dimensionValue(input.Dimension);
  const filter = rowTest(input.Filter, context);
  const sees = visibleRows(context);
  const searched = (input.SearchString ?? '').toLowerCase();
  const days = periodsOf(input.TimePeriod, 'DAILY', context.now).flatMap((period) => period.days);
  const values = new Set<string>();
  for (const rows of new Set(days.map((day) => context.world.costs(day)))) {
    for (const row of rows) if (sees(row) && filter(row)) values.add(value(row));
  }
  const all = [...values].filter((text) => text.toLowerCase().includes(searched)).sort();
  const page = pageOf(all, {
    size: pageSize(input.MaxResults, { standard: 1_000, most: 1_000, code: 'ValidationException' }),
    token: input.NextPageToken,
    scope: scopeOf('GetDimensionValues', input, context),
    key: (text) => text,
    invalidCode: INVALID_TOKEN,
  });
  const names = new Map(context.world.accounts.map(({ id, name }) => [id, name]));
  return {
    DimensionValues: page.items.map((text) => {
      const name = input.Dimension === 'LINKED_ACCOUNT' ? names.get(text) : undefined;
      const Attributes: Record<string, string> = name === undefined ? {} : { description: name };
      return { Value: text, Attributes };
    }),
    ReturnSize: page.items.length,
    TotalSize: all.length,
    NextPageToken: page.nextToken,
  };
}

/** ListCostAllocationTags: only the payer may look. */
function listCostAllocationTags(
  input: ListCostAllocationTagsRequest,
  context: HandlerContext,
): ListCostAllocationTagsResponse {
  if (context.account.id !== context.world.payer) {
    throw new AwsFault('AccessDeniedException', "A linked account doesn't have access to cost allocation tags.");
  }
  const tags = context.world.costAllocationTags
    .map(({ key, active }): sdk.CostAllocationTag => {
      const Type = key.startsWith('aws:') ? 'AWSGenerated' : 'UserDefined';
      return { TagKey: key, Type, Status: active ? 'Active' : 'Inactive' };
    })
    .filter(
      ({ TagKey, Type, Status }) =>
        (input.Status === undefined || Status === input.Status) &&
        (input.Type === undefined || Type === input.Type) &&
        (input.TagKeys === undefined || (TagKey !== undefined && input.TagKeys.includes(TagKey))),
    );
  const page = pageOf(tags, {
    size: pageSize(input.MaxResults, { standard: 100, most: 1_000, code: 'ValidationException' }),
    token: input.NextToken,
    scope: scopeOf('ListCostAllocationTags', input, context),
    key: (tag) => tag.TagKey ?? '',
    invalidCode: 'ValidationException',
  });
  return { CostAllocationTags: [...page.items], NextToken: page.nextToken };
}

export const costExplorerOperations = {
  GetCostAndUsage: operation(sdk.GetCostAndUsage$, getCostAndUsage),
  GetDimensionValues: operation(sdk.GetDimensionValues$, getDimensionValues),
  GetSavingsPlansUtilization: operation(sdk.GetSavingsPlansUtilization$, getSavingsPlansUtilization),
  ListCostAllocationTags: operation(sdk.ListCostAllocationTags$, listCostAllocationTags),
} satisfies ServiceTable;
