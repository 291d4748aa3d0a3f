import { ECSClient, ListClustersCommand, ListServicesCommand } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { isMutating } from '../../demo/aws/journal.ts';
import { startAwsStandIn } from '../../demo/aws/server.ts';
import { clockAt, HUB, HUB_KEY, REGION, tinyWorld } from './tiny-world.ts';

describe('the journal', () => {
  it('has every call with its answer, by the clock of the world', async () => {
    const clock = clockAt('2026-11-24T09:00:00Z');
    const aws = await startAwsStandIn({ world: tinyWorld(clock) });
    try {
      const ecs = new ECSClient({ endpoint: aws.url, region: REGION, credentials: HUB_KEY, maxAttempts: 1 });
      await ecs.send(new ListClustersCommand({ maxResults: 10 }));
      clock.now = new Date('2026-11-25T09:00:00Z');
      await expect(ecs.send(new ListServicesCommand({ cluster: 'lily' }))).rejects.toMatchObject({
        name: 'ClusterNotFoundException',
      });
      const common = { account: HUB, region: REGION, service: 'ecs', isMutating: false };
      expect(aws.journal).toEqual([
        {
          ...common,
          at: new Date('2026-11-24T09:00:00Z'),
          operation: 'ListClusters',
          input: { maxResults: 10 },
          status: 200,
          code: null,
        },
        {
          ...common,
          at: new Date('2026-11-25T09:00:00Z'),
          operation: 'ListServices',
          input: { cluster: 'lily' },
          status: 400,
          code: 'ClusterNotFoundException',
        },
      ]);
      expect([...aws.counts]).toEqual([
        ['ecs:ListClusters', 1],
        ['ecs:ListServices', 1],
      ]);
    } finally {
      await aws.close();
    }
  });

  it('keeps counts only, where it is told so', async () => {
    const now = (): Date => new Date('2026-11-24T09:00:00Z');
    const aws = await startAwsStandIn({ world: tinyWorld(clockAt('2020-01-01T00:00:00Z')), journal: 'counts', now });
    try {
      const ecs = new ECSClient({ endpoint: aws.url, region: REGION, credentials: HUB_KEY, maxAttempts: 1 });
      await ecs.send(new ListClustersCommand({}));
      await ecs.send(new ListClustersCommand({}));
      expect(aws.journal).toEqual([]);
      expect([...aws.counts]).toEqual([['ecs:ListClusters', 2]]);
    } finally {
      await aws.close();
    }
  });

  it.each([
    ['DescribeServices', false],
    ['ListTagsForResource', false],
    ['GetCostAndUsage', false],
    ['AssumeRole', false],
    ['StartQuotaUtilizationReport', false],
    ['UpdateService', true],
    ['AssociateInstanceEventWindow', true],
    ['StartQueryExecution', true],
    ['GetawayFromHere', true],
    ['', true],
  ])('says whether %s changes something: %s', (operation, expected) => {
    expect(isMutating(operation)).toBe(expected);
  });
});
