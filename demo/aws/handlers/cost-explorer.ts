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

/** One period's totals (`group` null) or one of its groups: what pages are cut between. */
type Item = { readonly period: Period; readonly group: Group | null; readonly total: ResultByTime['Total'] };

/** GetCostAndUsage: every page is a request of its own; a period may go on in the next page. */
function getCostAndUsage(input: GetCostAndUsageRequest, context: HandlerContext): GetCostAndUsageResponse {
  const scope = scopeOf('GetCostAndUsage', input, context);
  const items = itemsOf(input, context, scope);
  const page = pageOf(items, {
    size: GROUPS_A_PAGE,
    token: input.NextPageToken,
    scope,
    key: ({ period, group }) => JSON.stringify([period.start, group?.Keys]),
    invalidCode: INVALID_TOKEN,
  });
  return {
    GroupDefinitions: input.GroupBy,
    ResultsByTime: resultsOf(page.items, context.now),
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
  const metrics = metricsOf(input.Metrics);
  const groupBy = (input.GroupBy ?? []).map((definition) => groupKey(definition, context));
  if (groupBy.length > 2) throw invalid('At most two groups are allowed.');
  const filter = rowTest(input.Filter, context);
  const sees = visibleRows(context);
  return periodsOf(input.TimePeriod, input.Granularity, context.now).flatMap((period): readonly Item[] => {
    const sums = sumsOf(period, { groupBy, sees, filter, world: context.world });
    if (groupBy.length === 0) {
      return [{ period, group: null, total: metricsOfSum(sums.get('[]')?.sum ?? noSum(), metrics) }];
    }
    const groups = [...sums.values()].sort((a, b) => (a.order < b.order ? -1 : 1));
    if (groups.length === 0) return [{ period, group: null, total: {} }];
    return groups.map(({ keys, sum }) => ({
      period,
      group: { Keys: keys, Metrics: metricsOfSum(sum, metrics) },
      total: {},
    }));
  });
}

type Sum = { usd: bigint; quantity: bigint; unit: string | null };
type Summed = { readonly keys: string[]; readonly order: string; readonly sum: Sum };

function noSum(): Sum {
  return { usd: 0n, quantity: 0n, unit: null };
}

function sumsOf(
  period: Period,
  by: {
    readonly groupBy: readonly RowValue[];
    readonly sees: RowTest;
    readonly filter: RowTest;
    readonly world: AwsWorld;
  },
): ReadonlyMap<string, Summed> {
  const sums = new Map<string, Summed>();
  for (const day of period.days) {
    for (const row of by.world.costs(day)) {
      if (!by.sees(row) || !by.filter(row)) continue;
      const keys = by.groupBy.map((value) => value(row));
      const order = JSON.stringify(keys);
      const known = sums.get(order) ?? { keys, order, sum: noSum() };
      sums.set(order, known);
      addRow(known.sum, row);
    }
  }
  return sums;
}

function addRow(sum: Sum, row: CostRow): void {
  sum.usd += toUnits(row.usd);
  sum.quantity += toUnits(row.quantity);
  const unit = unitOf(row.usageType);
  sum.unit = sum.unit === null || sum.unit === unit ? unit : 'N/A';
}

/** Unit of a usage type's quantity; sums over unlike units have none. */
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

function metricsOf(asked: readonly string[] | undefined): readonly string[] {
  if (asked === undefined || asked.length === 0) throw invalid('At least one metric is needed.');
  const stranger = asked.find((metric) => !COSTS.includes(metric) && metric !== 'UsageQuantity');
  if (stranger !== undefined) throw invalid(`The simulated AWS has no metric ${stranger}.`);
  return asked;
}

/** The world's rows are amortised and without discounts that would set one kind of cost apart from another. */
function metricsOfSum(sum: Sum, metrics: readonly string[]): { [metric: string]: MetricValue } {
  return Object.fromEntries(
    metrics.map((metric) => [
      metric,
      metric === 'UsageQuantity'
        ? { Amount: toDecimal(sum.quantity), Unit: sum.unit ?? 'N/A' }
        : { Amount: toDecimal(sum.usd), Unit: 'USD' },
    ]),
  );
}

/** Groups of one page put back under their periods. */
function resultsOf(items: readonly Item[], now: Date): ResultByTime[] {
  const results: (ResultByTime & { Groups: Group[] })[] = [];
  for (const { period, group, total } of items) {
    const last = results.at(-1);
    const isSame = last?.TimePeriod?.Start === period.start;
    const result = isSame && last !== undefined ? last : startResult(period, total, now);
    if (result !== last) results.push(result);
    if (group !== null) result.Groups.push(group);
  }
  return results;
}

function startResult(period: Period, total: ResultByTime['Total'], now: Date) {
  const TimePeriod = { Start: period.start, End: period.end };
  return { TimePeriod, Total: total, Groups: [] as Group[], Estimated: isEstimated(period, now) };
}

/** Cost Explorer adds the names of the accounts that an answer is grouped by. */
function accountNames(input: GetCostAndUsageRequest, items: readonly Item[], world: AwsWorld) {
  const at = (input.GroupBy ?? []).findIndex(({ Key }) => Key === 'LINKED_ACCOUNT');
  const shown = new Set(items.map(({ group }) => group?.Keys?.[at]));
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
  const rows = days.flatMap((day) => context.world.costs(day).filter((row) => sees(row) && filter(row)));
  const all = [...new Set(rows.map(value))].filter((text) => text.toLowerCase().includes(searched)).sort();
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
