import { ApplicationAutoScalingClient, DescribeScalableTargetsCommand } from '@aws-sdk/client-application-auto-scaling';
import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { ComputeOptimizerClient, GetEnrollmentStatusCommand } from '@aws-sdk/client-compute-optimizer';
import { CostExplorerClient, GetCostAndUsageCommand } from '@aws-sdk/client-cost-explorer';
import { DescribeInstancesCommand, DescribeSpotPriceHistoryCommand, EC2Client } from '@aws-sdk/client-ec2';
import { DescribeServicesCommand, ECSClient } from '@aws-sdk/client-ecs';
import { GetProductsCommand, PricingClient } from '@aws-sdk/client-pricing';
import { DescribeSavingsPlansCommand, SavingsplansClient } from '@aws-sdk/client-savingsplans';
import { ListAWSDefaultServiceQuotasCommand, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AwsStandIn, startAwsStandIn } from '../../demo/aws/server.ts';
import { clockAt, HUB, HUB_KEY, instance, REGION, service, tinyEc2, tinyWorld } from './tiny-world.ts';

/** The unchanged SDK clients against the simulated AWS, one call for each protocol. */

const NAMES = 'a < b & "c" > d 🦔  e';
let aws: AwsStandIn;
let options: { endpoint: string; region: string; credentials: typeof HUB_KEY; maxAttempts: number };

beforeEach(async () => {
  const world = tinyWorld(clockAt('2026-11-24T09:00:00Z'), {
    ec2: tinyEc2({
      instances: [instance(1, { Tags: [{ Key: 'Name', Value: NAMES }], EbsOptimized: true, SecurityGroups: [] })],
      spotPrices: [
        {
          InstanceType: 'm7g.large',
          AvailabilityZone: 'eu-west-1a',
          ProductDescription: 'Linux/UNIX',
          SpotPrice: '0.0312',
          Timestamp: new Date('2026-11-23T01:02:03Z'),
        },
      ],
    }),
    autoScalingGroups: [
      {
        AutoScalingGroupName: 'rose-nodes',
        MinSize: 1,
        MaxSize: 4,
        DesiredCapacity: 2,
        DefaultCooldown: 300,
        AvailabilityZones: ['eu-west-1a'],
        HealthCheckType: 'EC2',
        CreatedTime: new Date('2026-01-02T03:04:05.678Z'),
        Tags: [{ Key: 'team', Value: NAMES }],
      },
    ],
  });
  aws = await startAwsStandIn({ world });
  options = { endpoint: aws.url, region: REGION, credentials: HUB_KEY, maxAttempts: 1 };
});

afterEach(async () => {
  await aws.close();
});

describe('each protocol, there and back', () => {
  it('speaks awsJson 1.1 with ECS, timestamps to the millisecond', async () => {
    const answer = await new ECSClient(options).send(
      new DescribeServicesCommand({ cluster: 'rose', services: ['quant-api'] }),
    );
    const [found] = answer.services ?? [];
    expect(found?.createdAt).toEqual(service('quant-api').createdAt);
    expect(found?.desiredCount).toBe(1);
    expect(aws.violations).toEqual([]);
  });

  it('speaks awsJson 1.0 with CloudWatch, timestamps in both directions', async () => {
    const answer = await new CloudWatchClient(options).send(
      new GetMetricDataCommand({
        StartTime: new Date('2026-11-23T00:00:00Z'),
        EndTime: new Date('2026-11-24T00:00:00Z'),
        MetricDataQueries: [
          {
            Id: 'cpu',
            MetricStat: {
              Metric: { Namespace: 'AWS/ECS', MetricName: 'CPUUtilization' },
              Period: 3600,
              Stat: 'Average',
            },
          },
        ],
      }),
    );
    expect(answer.MetricDataResults?.[0]?.Timestamps).toEqual([new Date('2026-11-23T00:00:00Z')]);
    expect(answer.MetricDataResults?.[0]?.Values).toEqual([42.5]);
    expect(aws.violations).toEqual([]);
  });

  it('speaks ec2Query with EC2: lists, flags, untrusted text', async () => {
    const ec2 = new EC2Client(options);
    const { Reservations = [] } = await ec2.send(
      new DescribeInstancesCommand({
        Filters: [
          { Name: 'tag:Name', Values: ['nothing', NAMES] },
          { Name: 'instance-state-name', Values: ['running'] },
        ],
        IncludeManagedResources: true,
      }),
    );
    const found = Reservations[0]?.Instances?.[0];
    expect(found?.Tags).toEqual([{ Key: 'Name', Value: NAMES }]);
    expect(found?.EbsOptimized).toBe(true);
    expect(found?.SecurityGroups).toEqual([]);
    expect(found?.LaunchTime).toEqual(new Date('2026-11-20T10:00:00Z'));
    expect(aws.violations).toEqual([]);
  });

  it('speaks ec2Query timestamps in the request too', async () => {
    const { SpotPriceHistory = [], NextToken } = await new EC2Client(options).send(
      new DescribeSpotPriceHistoryCommand({
        StartTime: new Date('2026-11-22T00:00:00Z'),
        EndTime: new Date('2026-11-24T00:00:00.500Z'),
        InstanceTypes: ['m7g.large'],
        ProductDescriptions: ['Linux/UNIX'],
      }),
    );
    expect(SpotPriceHistory.map(({ SpotPrice }) => SpotPrice)).toEqual(['0.0312']);
    expect(NextToken).toBe('');
    expect(aws.violations).toEqual([]);
  });

  it('speaks awsQuery with STS and Auto Scaling', async () => {
    const identity = await new STSClient(options).send(new GetCallerIdentityCommand({}));
    expect(identity.Account).toBe(HUB);
    const { AutoScalingGroups = [] } = await new AutoScalingClient(options).send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: ['rose-nodes', 'not-there'], MaxRecords: 100 }),
    );
    expect(AutoScalingGroups.map((group) => group.Tags?.[0]?.Value)).toEqual([NAMES]);
    expect(AutoScalingGroups[0]?.CreatedTime).toEqual(new Date('2026-01-02T03:04:05.678Z'));
    expect(aws.violations).toEqual([]);
  });

  it('speaks restJson1 with Savings Plans, with and without a body', async () => {
    const client = new SavingsplansClient(options);
    const all = await client.send(new DescribeSavingsPlansCommand({}));
    expect(all.savingsPlans?.map(({ commitment }) => commitment)).toEqual(['1.5']);
    const active = await client.send(new DescribeSavingsPlansCommand({ states: ['active'], maxResults: 10 }));
    expect(active.savingsPlans).toHaveLength(1);
    expect(aws.violations).toEqual([]);
  });

  it('knows every other client by its own target', async () => {
    await new ServiceQuotasClient(options).send(new ListAWSDefaultServiceQuotasCommand({ ServiceCode: 'ecs' }));
    await new ComputeOptimizerClient(options).send(new GetEnrollmentStatusCommand({}));
    await new PricingClient({ ...options, region: 'us-east-1' }).send(
      new GetProductsCommand({ ServiceCode: 'AmazonECS' }),
    );
    await new CostExplorerClient({ ...options, region: 'us-east-1' }).send(
      new GetCostAndUsageCommand({
        TimePeriod: { Start: '2026-11-20', End: '2026-11-21' },
        Granularity: 'DAILY',
        Metrics: ['UnblendedCost'],
      }),
    );
    await new ApplicationAutoScalingClient(options).send(
      new DescribeScalableTargetsCommand({ ServiceNamespace: 'ecs' }),
    );
    expect([...aws.counts.keys()]).toEqual([
      'servicequotas:ListAWSDefaultServiceQuotas',
      'compute-optimizer:GetEnrollmentStatus',
      'pricing:GetProducts',
      'ce:GetCostAndUsage',
      'application-autoscaling:DescribeScalableTargets',
    ]);
    expect(aws.violations).toEqual([]);
  });
});
