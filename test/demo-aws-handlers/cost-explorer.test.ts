import type {
  GetCostAndUsageResponse,
  GetDimensionValuesResponse,
  GetSavingsPlansUtilizationResponse,
  ListCostAllocationTagsResponse,
} from '@aws-sdk/client-cost-explorer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { costExplorerOperations } from '../../demo/aws/handlers/cost-explorer.ts';
import { toDecimal, toUnits } from '../../demo/aws/handlers/cost-explorer-sums.ts';
import type { CostRow } from '../../demo/aws/state.ts';
import { aCost, caller, codeOf, contextOf, MEMBER, PAYER, tinyWorld } from './tiny-world.ts';

const COMPUTE = 'Amazon Elastic Compute Cloud - Compute';
const CLUSTER = 'aws:ecs:clusterName';

/** Every day the same: 0.1 + 0.2 in the payer's account, 1 for an instance in the other one. */
const ROWS: readonly CostRow[] = [
  aCost('0.1', { tags: { [CLUSTER]: 'rose', team: 'pricing' } }),
  aCost('0.2', { usageType: 'EU-Fargate-vCPU-Hours:perCPU', quantity: '4', tags: { [CLUSTER]: 'rose' } }),
  aCost('1', { account: MEMBER, service: COMPUTE, usageType: 'EU-BoxUsage:m7i.large', quantity: '24' }),
];

function world(costs: (day: string) => readonly CostRow[] = () => ROWS) {
  const costAllocationTags = [
    { key: CLUSTER, active: true },
    { key: 'team', active: false },
  ];
  return tinyWorld({ world: { costs, costAllocationTags } });
}

const DEFAULTS = {
  TimePeriod: { Start: '2026-11-10', End: '2026-11-11' },
  Granularity: 'DAILY',
  Metrics: ['AmortizedCost'],
};

function ask(input: object = {}, id = PAYER, costs?: (day: string) => readonly CostRow[]): GetCostAndUsageResponse {
  return caller(costExplorerOperations, contextOf(world(costs), id))('GetCostAndUsage', { ...DEFAULTS, ...input });
}

/** `keys: amount` of each group of the first period. */
function groups(answer: GetCostAndUsageResponse): readonly string[] | undefined {
  return answer.ResultsByTime?.[0]?.Groups?.map(
    ({ Keys, Metrics }) => `${Keys?.join(' ')}: ${Metrics?.AmortizedCost?.Amount}`,
  );
}

describe('GetCostAndUsage', () => {
  test('adds up exactly, with amounts as text', () => {
    // 0.1 + 0.2 + 1 = 1.3
    expect(ask().ResultsByTime).toEqual([
      {
        TimePeriod: { Start: '2026-11-10', End: '2026-11-11' },
        Total: { AmortizedCost: { Amount: '1.3', Unit: 'USD' } },
        Groups: [],
        Estimated: false,
      },
    ]);
  });

  test('leaves the last day of the period out', () => {
    const { ResultsByTime } = ask({ TimePeriod: { Start: '2026-11-10', End: '2026-11-13' } });

    expect(ResultsByTime?.map(({ TimePeriod }) => TimePeriod?.Start)).toEqual([
      '2026-11-10',
      '2026-11-11',
      '2026-11-12',
    ]);
  });

  test('sums months, cut to the period', () => {
    const { ResultsByTime } = ask({ Granularity: 'MONTHLY', TimePeriod: { Start: '2026-10-30', End: '2026-11-03' } });

    // Two days of October and two of November at 1.3.
    expect(ResultsByTime?.map(({ TimePeriod, Total }) => [TimePeriod, Total?.AmortizedCost?.Amount])).toEqual([
      [{ Start: '2026-10-30', End: '2026-11-01' }, '2.6'],
      [{ Start: '2026-11-01', End: '2026-11-03' }, '2.6'],
    ]);
  });

  test('marks today and the two days before as estimated', () => {
    const { ResultsByTime } = ask({ TimePeriod: { Start: '2026-11-20', End: '2026-11-25' } });

    expect(ResultsByTime?.map(({ Estimated }) => Estimated)).toEqual([false, false, true, true, true]);
  });

  test('groups by dimensions and by activated tags', () => {
    const by = (...definitions: readonly [string, string][]) =>
      groups(ask({ GroupBy: definitions.map(([Type, Key]) => ({ Type, Key })) }));

    expect(by(['DIMENSION', 'LINKED_ACCOUNT'], ['DIMENSION', 'SERVICE'])).toEqual([
      `${PAYER} Amazon Elastic Container Service: 0.3`,
      `${MEMBER} ${COMPUTE}: 1`,
    ]);
    expect(by(['TAG', CLUSTER])).toEqual([`${CLUSTER}$: 1`, `${CLUSTER}$rose: 0.3`]);
    expect(by(['TAG', 'team'])).toEqual(['team$: 1.3']);
    expect(codeOf(() => by(['TAG', 'a'], ['TAG', 'b'], ['TAG', 'c']))).toBe('ValidationException');
  });

  test('names the accounts it groups by', () => {
    expect(ask({ GroupBy: [{ Type: 'DIMENSION', Key: 'LINKED_ACCOUNT' }] }).DimensionValueAttributes).toEqual([
      { Value: PAYER, Attributes: { description: 'head-nodes' } },
      { Value: MEMBER, Attributes: { description: 'qcu-1' } },
    ]);
  });

  test.each([
    [{ Dimensions: { Key: 'SERVICE', Values: [COMPUTE] } }, '1'],
    [{ Not: { Dimensions: { Key: 'SERVICE', Values: [COMPUTE] } } }, '0.3'],
    [{ Tags: { Key: CLUSTER, Values: ['rose'] } }, '0.3'],
    [{ Tags: { Key: CLUSTER, MatchOptions: ['ABSENT'] } }, '1'],
    [{ Tags: { Key: 'team', Values: ['pricing'] } }, '0'],
    [
      {
        And: [
          { Tags: { Key: CLUSTER, Values: ['rose'] } },
          { Dimensions: { Key: 'USAGE_TYPE', Values: ['EU-Fargate-GB-Hours'] } },
        ],
      },
      '0.1',
    ],
    [
      {
        Or: [
          { Dimensions: { Key: 'LINKED_ACCOUNT', Values: [MEMBER] } },
          { Dimensions: { Key: 'USAGE_TYPE', Values: ['EU-Fargate-GB-Hours'] } },
        ],
      },
      '1.1',
    ],
  ])('filters by %j', (Filter, amount) => {
    expect(ask({ Filter }).ResultsByTime?.[0]?.Total?.AmortizedCost?.Amount).toBe(amount);
  });

  test.each([
    [{ And: [{ Dimensions: { Key: 'SERVICE', Values: ['x'] } }] }],
    [{ Dimensions: { Key: 'SERVICE', Values: ['x'] }, Tags: { Key: 'team', Values: ['x'] } }],
    [{ Dimensions: { Key: 'SERVICE', Values: Array.from({ length: 101 }, (_, index) => `s${index}`) } }],
    [{ Dimensions: { Key: 'PLATFORM', Values: ['x'] } }],
    [{}],
  ])('refuses the filter %j', (Filter) => {
    expect(codeOf(() => ask({ Filter }))).toBe('ValidationException');
  });

  test('says the unit of a usage, and that unlike ones have none together', () => {
    const Metrics = ['UsageQuantity'];
    const byType = ask({ Metrics, GroupBy: [{ Type: 'DIMENSION', Key: 'USAGE_TYPE' }] });

    expect(byType.ResultsByTime?.[0]?.Groups?.map(({ Metrics: metrics }) => metrics?.UsageQuantity)).toEqual([
      { Amount: '24', Unit: 'Hrs' },
      { Amount: '1', Unit: 'GB-Hours' },
      { Amount: '4', Unit: 'vCPU-Hours' },
    ]);
    expect(ask({ Metrics }).ResultsByTime?.[0]?.Total?.UsageQuantity).toEqual({ Amount: '29', Unit: 'N/A' });
  });

  test('shows an account that does not pay only its own costs', () => {
    expect(ask({}, MEMBER).ResultsByTime?.[0]?.Total?.AmortizedCost?.Amount).toBe('1');
  });

  test.each([
    ['a future period', { Start: '2026-11-25', End: '2026-11-26' }, 'DataUnavailableException'],
    ['an end in a later month', { Start: '2026-11-01', End: '2026-12-02' }, 'ValidationException'],
    ['more than 13 months back', { Start: '2025-09-30', End: '2026-11-01' }, 'ValidationException'],
    ['an end before the start', { Start: '2026-11-02', End: '2026-11-02' }, 'ValidationException'],
    ['something that is no day', { Start: '2026-13-01', End: '2026-14-01' }, 'ValidationException'],
    ['13 months back', { Start: '2025-10-01', End: '2025-10-02' }, 'none'],
    ['the whole of this month', { Start: '2026-11-01', End: '2026-12-01' }, 'none'],
  ])('answers %s', (_, TimePeriod, code) => {
    expect(codeOf(() => ask({ TimePeriod }))).toBe(code);
  });

  test('takes a thousand groups a page and goes on in the middle of a day', () => {
    const many = Array.from({ length: 700 }, (_, index) => aCost('1', { usageType: `EU-BoxUsage:t${index}` }));
    const input = {
      TimePeriod: { Start: '2026-11-10', End: '2026-11-12' },
      GroupBy: [{ Type: 'DIMENSION', Key: 'USAGE_TYPE' }],
    };
    const call = caller(costExplorerOperations, contextOf(world(() => many)));
    const page = (token?: string) =>
      call<GetCostAndUsageResponse>('GetCostAndUsage', { ...DEFAULTS, ...input, NextPageToken: token });
    const sizes = ({ ResultsByTime }: GetCostAndUsageResponse) =>
      ResultsByTime?.map(({ TimePeriod, Groups }) => [TimePeriod?.Start, Groups?.length]);

    const first = page();
    const second = page(first.NextPageToken);

    expect(sizes(first)).toEqual([
      ['2026-11-10', 700],
      ['2026-11-11', 300],
    ]);
    expect(sizes(second)).toEqual([['2026-11-11', 400]]);
    expect(second.NextPageToken).toBeUndefined();
    expect(codeOf(() => call('GetCostAndUsage', { ...DEFAULTS, NextPageToken: first.NextPageToken }))).toBe(
      'InvalidNextTokenException',
    );
  });

  test('groups always add up to the total', () => {
    const rows = fc.array(
      fc.record({
        usd: fc
          .integer({ min: 0, max: 10 ** 9 })
          .map((n) => `${Math.floor(n / 10 ** 6)}.${String(n % 10 ** 6).padStart(6, '0')}`),
        account: fc.constantFrom(PAYER, MEMBER),
        usageType: fc.constantFrom('a', 'b', 'c'),
        tags: fc.constantFrom({}, { [CLUSTER]: 'rose' }),
      }),
    );
    const by = fc.constantFrom({ Type: 'DIMENSION', Key: 'USAGE_TYPE' }, { Type: 'TAG', Key: CLUSTER });
    fc.assert(
      fc.property(rows, by, (some, definition) => {
        const costs = () => some.map(({ usd, ...more }) => aCost(usd, more));
        const parts = ask({ GroupBy: [definition] }, PAYER, costs).ResultsByTime?.[0]?.Groups ?? [];
        const sum = parts.reduce((all, { Metrics }) => all + toUnits(Metrics?.AmortizedCost?.Amount ?? '0'), 0n);
        const total = ask({}, PAYER, costs).ResultsByTime?.[0]?.Total?.AmortizedCost?.Amount;
        expect(toDecimal(sum)).toBe(total);
      }),
    );
  });
});

describe('amounts', () => {
  test.each([
    ['0', '0'],
    ['12.3400', '12.34'],
    ['-0.05', '-0.05'],
    ['0.000000000000000001', '0.000000000000000001'],
  ])('%s is written %s', (text, written) => {
    expect(toDecimal(toUnits(text))).toBe(written);
  });

  test('what is no amount is refused', () => {
    for (const text of ['', '1e3', '.5', '1,2', `0.${'1'.repeat(19)}`]) expect(() => toUnits(text)).toThrow('amount');
  });
});

describe('the rest of Cost Explorer', () => {
  test('lists the values of a dimension, accounts with their names', () => {
    const call = caller(costExplorerOperations, contextOf(world()));
    const ask = (input: object) =>
      call<GetDimensionValuesResponse>('GetDimensionValues', { TimePeriod: DEFAULTS.TimePeriod, ...input });

    expect(ask({ Dimension: 'SERVICE', SearchString: 'container' }).DimensionValues).toEqual([
      { Value: 'Amazon Elastic Container Service', Attributes: {} },
    ]);
    const accounts = ask({ Dimension: 'LINKED_ACCOUNT', MaxResults: 1 });
    expect(accounts).toMatchObject({ ReturnSize: 1, TotalSize: 2 });
    expect(accounts.DimensionValues).toEqual([{ Value: PAYER, Attributes: { description: 'head-nodes' } }]);
  });

  test('lists cost allocation tags with their status, to the payer only', () => {
    const list = (id: string, input: object = {}) =>
      caller(costExplorerOperations, contextOf(world(), id))<ListCostAllocationTagsResponse>(
        'ListCostAllocationTags',
        input,
      );

    expect(list(PAYER).CostAllocationTags).toEqual([
      { TagKey: CLUSTER, Type: 'AWSGenerated', Status: 'Active' },
      { TagKey: 'team', Type: 'UserDefined', Status: 'Inactive' },
    ]);
    expect(list(PAYER, { Status: 'Active' }).CostAllocationTags).toHaveLength(1);
    expect(codeOf(() => list(MEMBER))).toBe('AccessDeniedException');
  });

  test('tells how much of a Savings Plan the instances of its account used', () => {
    const plan = { savingsPlanType: 'Compute' as const, commitment: '0.1', start: '2026-01-01', end: '2027-01-01' };
    const instance = aCost('1.8', { service: COMPUTE, usageType: 'EU-BoxUsage:m7i.large' });
    const planned = tinyWorld({ account: { savingsPlans: [plan] }, world: { costs: () => [instance, ...ROWS] } });
    const call = caller(costExplorerOperations, contextOf(planned));

    const { Total, SavingsPlansUtilizationsByTime } = call<GetSavingsPlansUtilizationResponse>(
      'GetSavingsPlansUtilization',
      { TimePeriod: { Start: '2026-11-10', End: '2026-11-12' }, Granularity: 'DAILY' },
    );

    // 0.1 an hour x 24 = 2.4 a day, of which the instance used 1.8: 75 %. The member's instance is not the payer's.
    expect(SavingsPlansUtilizationsByTime?.[0]?.Utilization).toEqual({
      TotalCommitment: '2.4',
      UsedCommitment: '1.8',
      UnusedCommitment: '0.6',
      UtilizationPercentage: '75',
    });
    expect(Total?.Utilization?.TotalCommitment).toBe('4.8');
  });

  test('has no utilisation where there is no plan', () => {
    const call = caller(costExplorerOperations, contextOf(world()));
    const input = { TimePeriod: DEFAULTS.TimePeriod, Granularity: 'DAILY' };

    expect(codeOf(() => call('GetSavingsPlansUtilization', input))).toBe('DataUnavailableException');
  });
});
