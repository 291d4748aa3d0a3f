import type {
  GetCostAndUsageResponse,
  GetSavingsPlansUtilizationResponse,
  ResultByTime,
} from '@aws-sdk/client-cost-explorer';
import type { DescribeClustersResponse, DescribeServicesResponse, ListServicesResponse } from '@aws-sdk/client-ecs';
import { describe, expect, test } from 'vitest';
import { costExplorerOperations } from '../../demo/aws/handlers/cost-explorer.ts';
import { toDecimal, toUnits } from '../../demo/aws/handlers/cost-explorer-sums.ts';
import { ecsOperations } from '../../demo/aws/handlers/ecs.ts';
import type { HandlerContext } from '../../demo/aws/handlers/types.ts';
import type { CostRow } from '../../demo/aws/state.ts';
import { createWorld } from '../../demo/aws/world/index.ts';
import { caller, NOW } from './tiny-world.ts';

const world = createWorld({ now: () => NOW });

function contexts(): readonly HandlerContext[] {
  return world.accounts.flatMap((account) =>
    [...account.regions.values()].map((region) => ({
      world,
      account,
      region,
      now: NOW,
      caller: { arn: 'arn:x', userId: 'x', accountId: account.id },
      issueSession: () => {
        throw new Error('nobody asks for a session here');
      },
    })),
  );
}

function payer(): HandlerContext {
  const found = contexts().find(({ account }) => account.id === world.payer);
  if (found === undefined) throw new Error('the world has no payer');
  return found;
}

function sum(rows: readonly CostRow[]): string {
  return toDecimal(rows.reduce((total, row) => total + toUnits(row.usd), 0n));
}

describe('the recorded world through the handlers', () => {
  test('every service that is listed can be described, and clusters count them', () => {
    for (const context of contexts()) {
      const call = caller(ecsOperations, context);
      for (const { clusterArn: cluster } of context.region.ecs.clusters) {
        const { serviceArns: services = [] } = call<ListServicesResponse>('ListServices', { cluster, maxResults: 100 });
        const answers = services.map((arn) =>
          call<DescribeServicesResponse>('DescribeServices', { cluster, services: [arn] }),
        );
        const counted = call<DescribeClustersResponse>('DescribeClusters', { clusters: [cluster] });

        expect(answers.flatMap(({ failures }) => failures)).toEqual([]);
        expect(counted.clusters?.[0]?.activeServicesCount).toBe(services.length);
      }
    }
  });

  test('costs by account and service add up to the bill of the day', () => {
    const answer = caller(costExplorerOperations, payer())<GetCostAndUsageResponse>('GetCostAndUsage', {
      TimePeriod: { Start: '2026-11-12', End: '2026-11-14' },
      Granularity: 'DAILY',
      Metrics: ['AmortizedCost'],
      GroupBy: [
        { Type: 'DIMENSION', Key: 'LINKED_ACCOUNT' },
        { Type: 'DIMENSION', Key: 'SERVICE' },
      ],
    });

    const totalOf = ({ Groups = [] }: ResultByTime): string =>
      toDecimal(Groups.reduce((total, { Metrics }) => total + toUnits(Metrics?.AmortizedCost?.Amount ?? '0'), 0n));
    expect(answer.ResultsByTime?.map(totalOf)).toEqual(
      ['2026-11-12', '2026-11-13'].map((day) => sum(world.costs(day))),
    );
  });

  test('what is left of the Savings Plan is what the bill says is left', () => {
    const period = { Start: '2026-11-12', End: '2026-11-25' };
    const { SavingsPlansUtilizationsByTime: days = [] } = caller(
      costExplorerOperations,
      payer(),
    )<GetSavingsPlansUtilizationResponse>('GetSavingsPlansUtilization', { TimePeriod: period, Granularity: 'DAILY' });

    for (const { TimePeriod, Utilization } of days) {
      const billed = world.costs(TimePeriod?.Start ?? '').filter((row) => row.service.startsWith('Savings Plans'));
      expect(Utilization?.UnusedCommitment).toBe(sum(billed));
    }
    expect(days).toHaveLength(13);
  });
});
