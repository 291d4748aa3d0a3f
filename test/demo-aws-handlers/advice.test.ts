import type { DescribeScalableTargetsResponse } from '@aws-sdk/client-application-auto-scaling';
import type { GetECSServiceRecommendationsResponse } from '@aws-sdk/client-compute-optimizer';
import type { GetProductsResponse } from '@aws-sdk/client-pricing';
import type { DescribeSavingsPlansResponse } from '@aws-sdk/client-savingsplans';
import type { GetServiceQuotaResponse, ListServiceQuotasResponse } from '@aws-sdk/client-service-quotas';
import { describe, expect, test } from 'vitest';
import { applicationAutoScalingOperations } from '../../demo/aws/handlers/application-auto-scaling.ts';
import { computeOptimizerOperations } from '../../demo/aws/handlers/compute-optimizer.ts';
import { pricingOperations } from '../../demo/aws/handlers/pricing.ts';
import { savingsPlansOperations } from '../../demo/aws/handlers/savings-plans.ts';
import { serviceQuotasOperations } from '../../demo/aws/handlers/service-quotas.ts';
import { openLibrary } from '../../src/data.ts';
import { aService, caller, codeOf, contextOf, MEMBER, NOW, PAYER, tinyWorld } from './tiny-world.ts';

describe('Compute Optimizer', () => {
  const recommend = (name: string, finding: 'Overprovisioned' | 'Optimized') => ({
    serviceArn: aService(name).serviceArn,
    finding,
  });
  const computeOptimizer = [recommend('a', 'Overprovisioned'), recommend('b', 'Optimized')];
  const world = tinyWorld({ region: { computeOptimizer } });
  const call = caller(computeOptimizerOperations, contextOf(world));
  const ask = (input: object = {}) => call<GetECSServiceRecommendationsResponse>('GetECSServiceRecommendations', input);

  test('tells whether the account takes part, and has nothing to say when it does not', () => {
    const off = tinyWorld({ region: { computeOptimizer }, account: { computeOptimizer: 'Inactive' } });
    const without = caller(computeOptimizerOperations, contextOf(off));

    expect(call('GetEnrollmentStatus', {})).toMatchObject({ status: 'Active' });
    expect(without('GetEnrollmentStatus', {})).toMatchObject({ status: 'Inactive' });
    expect(codeOf(() => without('GetECSServiceRecommendations', {}))).toBe('OptInRequiredException');
  });

  test('filters and pages its recommendations', () => {
    const first = ask({ maxResults: 1 });

    expect(first.ecsServiceRecommendations).toEqual([computeOptimizer[0]]);
    expect(ask({ maxResults: 1, nextToken: first.nextToken }).ecsServiceRecommendations).toEqual([computeOptimizer[1]]);
    const filters = [{ name: 'Finding', values: ['Optimized'] }];
    expect(ask({ filters }).ecsServiceRecommendations).toEqual([computeOptimizer[1]]);
  });

  test('names services it knows nothing about', () => {
    const serviceArns = [aService('b').serviceArn, aService('gone').serviceArn];

    expect(ask({ serviceArns }).ecsServiceRecommendations).toHaveLength(1);
    expect(ask({ serviceArns }).errors).toMatchObject([{ identifier: aService('gone').serviceArn }]);
  });

  test('takes one account a request, and another than its own only from the payer', () => {
    const member = caller(computeOptimizerOperations, contextOf(world, MEMBER));

    expect(codeOf(() => ask({ accountIds: [PAYER, MEMBER] }))).toBe('InvalidParameterValueException');
    expect(ask({ accountIds: [MEMBER] }).ecsServiceRecommendations).toEqual([]);
    expect(codeOf(() => member('GetECSServiceRecommendations', { accountIds: [PAYER] }))).toBe('AccessDeniedException');
  });
});

describe('Service Quotas', () => {
  const quota = (QuotaCode: string, Value: number) => ({ ServiceCode: 'fargate', QuotaCode, Value });
  const defaultQuotas = Array.from({ length: 101 }, (_, index) => quota(`L-${index}`, 6));
  const world = tinyWorld({ region: { quotas: [quota('L-1', 40)], defaultQuotas } });
  const call = caller(serviceQuotasOperations, contextOf(world));

  test('keeps applied values and defaults apart', () => {
    const asked = { ServiceCode: 'fargate', QuotaCode: 'L-1' };
    const applied = call<ListServiceQuotasResponse>('ListServiceQuotas', { ServiceCode: 'fargate' });

    expect(applied.Quotas).toEqual([quota('L-1', 40)]);
    expect(call<GetServiceQuotaResponse>('GetServiceQuota', asked).Quota?.Value).toBe(40);
    expect(call<GetServiceQuotaResponse>('GetAWSDefaultServiceQuota', asked).Quota?.Value).toBe(6);
  });

  test('pages a hundred at a time', () => {
    const list = (NextToken?: string) =>
      call<ListServiceQuotasResponse>('ListAWSDefaultServiceQuotas', { ServiceCode: 'fargate', NextToken });
    const first = list();

    expect([first.Quotas?.length, list(first.NextToken).Quotas?.length]).toEqual([100, 1]);
    expect(codeOf(() => list('made-up'))).toBe('InvalidPaginationTokenException');
  });

  test('does not know what does not exist, and has no applied value where there is a default only', () => {
    expect(codeOf(() => call('ListServiceQuotas', { ServiceCode: 'nothing' }))).toBe('NoSuchResourceException');
    for (const name of ['GetServiceQuota', 'GetAWSDefaultServiceQuota'] as const) {
      expect(codeOf(() => call(name, { ServiceCode: 'fargate', QuotaCode: 'L-X' }))).toBe('NoSuchResourceException');
    }
    expect(codeOf(() => call('GetServiceQuota', { ServiceCode: 'fargate', QuotaCode: 'L-2' }))).toBe(
      'NoSuchResourceException',
    );
    expect(call('ListRequestedServiceQuotaChangeHistory', {})).toEqual({ RequestedQuotas: [] });
  });
});

describe('Application Auto Scaling', () => {
  const scalableTargets = Array.from({ length: 51 }, (_, index) => ({
    ServiceNamespace: 'ecs' as const,
    ResourceId: `service/rose/s-${index}`,
    ScalableDimension: 'ecs:service:DesiredCount' as const,
    MinCapacity: 1,
    MaxCapacity: 4,
    RoleARN: 'arn:aws:iam::111111111111:role/scaling',
    CreationTime: NOW,
  }));
  const policy = {
    PolicyARN: 'arn:x',
    PolicyName: 'cpu',
    ServiceNamespace: 'ecs' as const,
    ResourceId: 'service/rose/s-3',
    ScalableDimension: 'ecs:service:DesiredCount' as const,
    PolicyType: 'TargetTrackingScaling' as const,
    CreationTime: NOW,
  };
  const world = tinyWorld({ region: { scalableTargets, scalingPolicies: [policy] } });
  const call = caller(applicationAutoScalingOperations, contextOf(world));
  const targets = (input: object) =>
    call<DescribeScalableTargetsResponse>('DescribeScalableTargets', { ServiceNamespace: 'ecs', ...input });

  test('pages fifty targets at a time', () => {
    const first = targets({});

    expect([first.ScalableTargets?.length, targets({ NextToken: first.NextToken }).ScalableTargets?.length]).toEqual([
      50, 1,
    ]);
    expect(codeOf(() => targets({ MaxResults: 51 }))).toBe('ValidationException');
    expect(codeOf(() => targets({ NextToken: 'made-up' }))).toBe('InvalidNextTokenException');
  });

  test('finds targets and policies by resource', () => {
    expect(targets({ ResourceIds: ['service/rose/s-3'] }).ScalableTargets).toHaveLength(1);
    expect(targets({ ServiceNamespace: 'dynamodb' }).ScalableTargets).toEqual([]);
    expect(codeOf(() => targets({ ScalableDimension: 'ecs:service:DesiredCount' }))).toBe('ValidationException');
    const ask = (ResourceId: string) => call('DescribeScalingPolicies', { ServiceNamespace: 'ecs', ResourceId });
    expect(ask('service/rose/s-3')).toMatchObject({ ScalingPolicies: [policy] });
    expect(ask('service/rose/s-4')).toMatchObject({ ScalingPolicies: [] });
  });
});

describe('Savings Plans', () => {
  const plans = [
    { savingsPlanId: '1', state: 'active' as const, savingsPlanType: 'Compute' as const },
    { savingsPlanId: '2', state: 'retired' as const, savingsPlanType: 'EC2Instance' as const },
  ];
  const call = caller(savingsPlansOperations, contextOf(tinyWorld({ account: { savingsPlans: plans } })));
  const ids = (input: object) =>
    call<DescribeSavingsPlansResponse>('DescribeSavingsPlans', input).savingsPlans?.map((plan) => plan.savingsPlanId);

  test('are found by state and kind, page by page', () => {
    const { nextToken } = call<DescribeSavingsPlansResponse>('DescribeSavingsPlans', { maxResults: 1 });

    expect(ids({})).toEqual(['1', '2']);
    expect(ids({ states: ['active'] })).toEqual(['1']);
    expect(ids({ filters: [{ name: 'savings-plan-type', values: ['EC2Instance'] }] })).toEqual(['2']);
    expect(ids({ maxResults: 1, nextToken })).toEqual(['2']);
    expect(codeOf(() => ids({ filters: [{ name: 'start', values: ['x'] }] }))).toBe('ValidationException');
    expect(call('DescribeSavingsPlansOfferingRates', {})).toEqual({ searchResults: [] });
  });
});

describe('the Price List', () => {
  const context = contextOf(tinyWorld());
  const call = caller(pricingOperations, { ...context, region: { ...context.region, region: 'us-east-1' } });
  const ask = (ServiceCode: string, fields: { readonly [field: string]: string }, more: object = {}) => {
    const Filters = Object.entries(fields).map(([Field, Value]) => ({ Type: 'TERM_MATCH', Field, Value }));
    const answer = call<GetProductsResponse>('GetProducts', { ServiceCode, Filters, ...more });
    return { ...answer, products: Array.from(answer.PriceList ?? [], (text) => JSON.parse(String(text))) };
  };
  /** The one price inside the nesting of a product. */
  const usdOf = (product: { readonly terms: { readonly OnDemand: object } }): string => {
    const [term] = Object.values(product.terms.OnDemand);
    const [dimension] = Object.values<{ pricePerUnit: { USD: string } }>(term.priceDimensions);
    return dimension?.pricePerUnit.USD ?? '';
  };

  test("gives the project's own prices as JSON in text", () => {
    const book = openLibrary().prices('eu-west-1');
    const fargate = ask('AmazonECS', { regionCode: 'eu-west-1', usagetype: 'EU-Fargate-vCPU-Hours:perCPU' });
    const instance = ask('AmazonEC2', { regionCode: 'eu-west-1', instanceType: 'm7i.large', capacitystatus: 'Used' });

    expect(fargate.products.map(usdOf)).toEqual([book.fargate.x86_64.vcpuUsdPerHour]);
    expect(instance.products.map(usdOf)).toEqual([book.onDemand['m7i.large']?.usdPerHour]);
    expect(instance.products[0].product.attributes).toMatchObject({
      operatingSystem: 'Linux',
      vcpu: '2',
      memory: '8 GiB',
    });
  });

  test('sets the trap of the free metering row before the real price', () => {
    const Filters = [
      { Type: 'TERM_MATCH', Field: 'regionCode', Value: 'us-east-1' },
      { Type: 'CONTAINS', Field: 'usagetype', Value: 'vCPU-Hours' },
    ];
    const { products } = ask('AmazonECS', {}, { Filters });

    expect(products.map((one) => one.product.attributes.usagetype)).toEqual([
      'USE1-ECS-EC2-vCPU-Hours',
      'USE1-Fargate-vCPU-Hours:perCPU',
      'USE1-Fargate-ARM-vCPU-Hours:perCPU',
    ]);
    expect(usdOf(products[0])).toBe('0');
  });

  test('pages a hundred at a time and is asked in few regions only', () => {
    const first = ask('AmazonEC2', { regionCode: 'us-east-1' });

    expect(first.products).toHaveLength(100);
    expect(ask('AmazonEC2', { regionCode: 'us-east-1' }, { NextToken: first.NextToken }).products).not.toEqual(
      first.products,
    );
    expect(ask('AmazonEC2', { regionCode: 'nowhere' }).products).toEqual([]);
    expect(codeOf(() => ask('AmazonS3', {}))).toBe('InvalidParameterException');
    const elsewhere = caller(pricingOperations, context);
    expect(codeOf(() => elsewhere('GetProducts', { ServiceCode: 'AmazonECS' }))).toBe('InvalidParameterException');
  });
});
