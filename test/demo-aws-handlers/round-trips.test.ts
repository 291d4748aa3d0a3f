import { ApplicationAutoScalingClient, DescribeScalableTargetsCommand } from '@aws-sdk/client-application-auto-scaling';
import {
  CloudWatchClient,
  GetMetricDataCommand,
  paginateGetMetricData,
  ValidationException,
} from '@aws-sdk/client-cloudwatch';
import { ComputeOptimizerClient, GetECSServiceRecommendationsCommand } from '@aws-sdk/client-compute-optimizer';
import { CostExplorerClient, GetCostAndUsageCommand } from '@aws-sdk/client-cost-explorer';
import * as ecs from '@aws-sdk/client-ecs';
import { GetProductsCommand, PricingClient } from '@aws-sdk/client-pricing';
import { DescribeSavingsPlansCommand, SavingsplansClient } from '@aws-sdk/client-savingsplans';
import { paginateListServiceQuotas, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AwsStandIn, startAwsStandIn } from '../../demo/aws/server.ts';
import { aCost, anInstance, aRevision, aService, aTask, ecsArn, NOW, REGION, ROSE, tinyWorld } from './tiny-world.ts';

const STARTED = new Date('2026-11-24T08:00:00.500Z');

const world = tinyWorld({
  ecs: {
    services: new Map([
      [ROSE, Array.from({ length: 230 }, (_, index) => aService(`s-${index}`, { createdAt: STARTED }))],
    ]),
    tasks: new Map([[ROSE, [aTask('1', { startedAt: STARTED, cpu: '256', memory: '512', group: 'service:s-1' })]]]),
    containerInstances: new Map([[ROSE, [anInstance('x', { registeredAt: STARTED })]]]),
    taskDefinitions: new Map([aRevision('quant-api', 1)]),
  },
  region: {
    metric: ({ start }) => [{ at: start, value: 12.5 }],
    quotas: Array.from({ length: 120 }, (_, index) => ({
      ServiceCode: 'ecs',
      QuotaCode: `L-${index}`,
      Value: 10,
      UsageMetric: { MetricNamespace: 'AWS/Usage', MetricDimensions: { Service: 'ECS' } },
    })),
    scalableTargets: [
      {
        ServiceNamespace: 'ecs',
        ResourceId: 'service/rose/s-1',
        ScalableDimension: 'ecs:service:DesiredCount',
        MinCapacity: 1,
        MaxCapacity: 3,
        RoleARN: 'arn:aws:iam::111111111111:role/scaling',
        CreationTime: STARTED,
      },
    ],
    computeOptimizer: [
      { serviceArn: ecsArn('service/rose/s-1'), finding: 'Overprovisioned', lookbackPeriodInDays: 14 },
    ],
  },
  account: { savingsPlans: [{ savingsPlanId: 'sp', state: 'active', commitment: '1.5', tags: { team: 'pricing' } }] },
  world: { costs: () => [aCost('0.1'), aCost('0.2')], costAllocationTags: [{ key: 'team', active: true }] },
});

describe('the unchanged SDK clients', () => {
  let standIn: AwsStandIn;
  let config: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };

  beforeAll(async () => {
    standIn = await startAwsStandIn({ world });
    const credentials = { accessKeyId: world.hub.accessKeyId, secretAccessKey: world.hub.secretAccessKey };
    config = { endpoint: standIn.url, region: REGION, credentials };
  });
  afterAll(async () => {
    await standIn.close();
  });

  test('page through the services of a cluster and describe ten at a time', async () => {
    const client = new ecs.ECSClient(config);
    const arns: string[] = [];
    for await (const page of ecs.paginateListServices({ client, pageSize: 100 }, { cluster: 'rose' })) {
      arns.push(...(page.serviceArns ?? []));
    }
    const input = { cluster: ROSE, services: [...arns.slice(0, 9), ecsArn('service/rose/gone')] };

    const { services, failures } = await client.send(new ecs.DescribeServicesCommand(input));

    expect(new Set(arns).size).toBe(230);
    expect(services).toHaveLength(9);
    expect(services?.[0]?.createdAt).toEqual(STARTED);
    expect(failures).toEqual([{ arn: ecsArn('service/rose/gone'), reason: 'MISSING' }]);
    client.destroy();
  });

  test('meet ECS errors as the classes they export', async () => {
    const client = new ecs.ECSClient(config);
    const tooMany = Array.from({ length: 11 }, (_, index) => `s-${index}`);

    await expect(client.send(new ecs.ListTasksCommand({ cluster: 'daisy' }))).rejects.toThrow(
      ecs.ClusterNotFoundException,
    );
    await expect(client.send(new ecs.DescribeServicesCommand({ cluster: 'rose', services: tooMany }))).rejects.toThrow(
      ecs.InvalidParameterException,
    );
    await expect(client.send(new ecs.DescribeTaskDefinitionCommand({ taskDefinition: 'gone' }))).rejects.toThrow(
      ecs.ClientException,
    );
    client.destroy();
  });

  test('read everything else of ECS', async () => {
    const client = new ecs.ECSClient(config);

    const { tasks } = await client.send(
      new ecs.DescribeTasksCommand({ cluster: 'rose', tasks: ['1'], include: ['TAGS'] }),
    );
    const { clusters } = await client.send(new ecs.DescribeClustersCommand({ clusters: ['rose'], include: ['TAGS'] }));
    const { containerInstances } = await client.send(
      new ecs.DescribeContainerInstancesCommand({ cluster: 'rose', containerInstances: ['x'] }),
    );
    const { taskDefinition } = await client.send(
      new ecs.DescribeTaskDefinitionCommand({ taskDefinition: 'quant-api' }),
    );
    const { capacityProviders } = await client.send(new ecs.DescribeCapacityProvidersCommand({}));
    const { settings } = await client.send(new ecs.ListAccountSettingsCommand({ effectiveSettings: true }));
    const { protectedTasks } = await client.send(new ecs.GetTaskProtectionCommand({ cluster: 'rose', tasks: ['1'] }));
    await client.send(new ecs.ListContainerInstancesCommand({ cluster: 'rose', filter: 'runningTasksCount == 0' }));
    await client.send(new ecs.ListTaskDefinitionsCommand({ sort: 'DESC' }));
    await client.send(new ecs.ListServiceDeploymentsCommand({ cluster: 'rose', service: 's-1' }));
    await client.send(new ecs.ListTagsForResourceCommand({ resourceArn: ROSE }));
    await client.send(new ecs.ListDaemonsCommand({ clusterArn: ROSE }));

    expect(tasks?.[0]).toMatchObject({ cpu: '256', startedAt: STARTED, tags: [] });
    expect(clusters?.[0]).toMatchObject({ activeServicesCount: 230, runningTasksCount: 1 });
    expect(containerInstances?.[0]?.registeredAt).toEqual(STARTED);
    expect(taskDefinition?.revision).toBe(1);
    expect(capacityProviders?.map(({ name }) => name)).toEqual(['FARGATE', 'FARGATE_SPOT']);
    expect(settings).toHaveLength(10);
    expect(protectedTasks).toEqual([{ taskArn: ecsArn('task/rose/1'), protectionEnabled: false }]);
    client.destroy();
  });

  test('page through metric data, newest first', async () => {
    const client = new CloudWatchClient(config);
    const Metric = {
      Namespace: 'AWS/ECS',
      MetricName: 'CPUUtilization',
      Dimensions: [{ Name: 'ClusterName', Value: 'rose' }],
    };
    const MetricDataQueries = Array.from({ length: 5 }, (_, index) => ({
      Id: `m${index}`,
      MetricStat: { Metric, Period: 86_400, Stat: 'p95' },
    }));
    const range = { StartTime: new Date('2026-11-23T00:00:00Z'), EndTime: NOW };
    const values: unknown[] = [];

    for await (const page of paginateGetMetricData({ client }, { MetricDataQueries, MaxDatapoints: 2, ...range })) {
      values.push(page.MetricDataResults?.map((result) => [result.Id, result.Values, result.Timestamps]));
    }

    expect(values.flat()).toEqual(MetricDataQueries.map(({ Id }) => [Id, [12.5], [range.StartTime]]));
    const bad = [{ Id: 'm1', MetricStat: { Metric, Period: 61, Stat: 'p95' } }];
    await expect(client.send(new GetMetricDataCommand({ MetricDataQueries: bad, ...range }))).rejects.toThrow(
      ValidationException,
    );
    client.destroy();
  });

  test('ask for costs, plans, quotas, scaling and advice', async () => {
    const costs = new CostExplorerClient(config);
    const quotas = new ServiceQuotasClient(config);
    const plans = new SavingsplansClient(config);
    const scaling = new ApplicationAutoScalingClient(config);
    const advice = new ComputeOptimizerClient(config);

    const { ResultsByTime } = await costs.send(
      new GetCostAndUsageCommand({
        TimePeriod: { Start: '2026-11-20', End: '2026-11-21' },
        Granularity: 'DAILY',
        Metrics: ['AmortizedCost', 'UsageQuantity'],
        GroupBy: [
          { Type: 'DIMENSION', Key: 'LINKED_ACCOUNT' },
          { Type: 'TAG', Key: 'team' },
        ],
      }),
    );
    let listed = 0;
    for await (const page of paginateListServiceQuotas({ client: quotas }, { ServiceCode: 'ecs' })) {
      listed += page.Quotas?.length ?? 0;
    }
    const { savingsPlans } = await plans.send(new DescribeSavingsPlansCommand({ states: ['active'] }));
    const { ScalableTargets } = await scaling.send(new DescribeScalableTargetsCommand({ ServiceNamespace: 'ecs' }));
    const { ecsServiceRecommendations } = await advice.send(new GetECSServiceRecommendationsCommand({}));

    expect(ResultsByTime?.[0]?.Groups).toEqual([
      {
        Keys: ['111111111111', 'team$'],
        Metrics: { AmortizedCost: { Amount: '0.3', Unit: 'USD' }, UsageQuantity: { Amount: '2', Unit: 'GB-Hours' } },
      },
    ]);
    expect(listed).toBe(120);
    expect(savingsPlans?.[0]).toMatchObject({ commitment: '1.5', tags: { team: 'pricing' } });
    expect(ScalableTargets?.[0]?.CreationTime).toEqual(STARTED);
    expect(ecsServiceRecommendations?.[0]?.finding).toBe('Overprovisioned');
    for (const client of [costs, quotas, plans, scaling, advice]) client.destroy();
  });

  test('read a price as JSON in text', async () => {
    const client = new PricingClient({ ...config, region: 'us-east-1' });
    const Filters = [{ Type: 'TERM_MATCH' as const, Field: 'usagetype', Value: 'EU-Fargate-GB-Hours' }];

    const { PriceList } = await client.send(new GetProductsCommand({ ServiceCode: 'AmazonECS', Filters }));

    const [text] = Array.from(PriceList ?? []);
    expect(JSON.parse(String(text))).toMatchObject({ product: { attributes: { usagetype: 'EU-Fargate-GB-Hours' } } });
    client.destroy();
  });

  test('never depart from the models, nor does the simulated AWS', () => {
    expect(standIn.violations).toEqual([]);
    expect(standIn.journal.some((entry) => entry.isMutating)).toBe(false);
  });
});
