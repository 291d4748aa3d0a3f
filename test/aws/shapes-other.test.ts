import type * as computeOptimizer from '@aws-sdk/client-compute-optimizer';
import type * as savingsPlans from '@aws-sdk/client-savingsplans';
import { describe, expect, test } from 'vitest';
import { toComputeOptimizerFinding, toQuota, toSavingsPlan } from '../../src/aws/shapes-other.ts';

test('a quota that AWS could not read has a reason in place of a value, and is nothing', () => {
  const quota = { ServiceCode: 'fargate', QuotaCode: 'L-3032A538', QuotaName: 'vCPUs', Value: 6, Unit: 'None' };
  expect(toQuota({ ...quota, Adjustable: true }, 'applied')).toEqual({
    serviceCode: 'fargate',
    quotaCode: 'L-3032A538',
    name: 'vCPUs',
    value: 6,
    unit: 'None',
    adjustable: true,
    from: 'applied',
  });
  expect(toQuota({ ...quota, Value: undefined }, 'applied')).toBeNull();
  expect(toQuota({ ...quota, Value: 0 }, 'default')?.value).toBe(0);
});

describe('a Savings Plan', () => {
  const YEAR = 365 * 24 * 60 * 60;
  const plan: savingsPlans.SavingsPlan = {
    savingsPlanId: 'sp-1',
    savingsPlanType: 'Compute',
    commitment: '1.500',
    start: '2026-01-01T00:00:00Z',
    end: '2027-01-01T00:00:00Z',
    termDurationInSeconds: YEAR,
    state: 'active',
    paymentOption: 'No Upfront',
    currency: 'USD',
  };

  test('has its commitment in dollars an hour, digit by digit, and its term in years', () => {
    expect(toSavingsPlan(plan)).toEqual({
      id: 'sp-1',
      type: 'compute',
      commitmentUsdPerHour: '1.500',
      term: '1y',
      paymentOption: 'No Upfront',
      state: 'active',
      start: '2026-01-01T00:00:00.000Z',
      end: '2027-01-01T00:00:00.000Z',
      region: null,
      family: null,
    });
    expect(toSavingsPlan({ ...plan, termDurationInSeconds: 3 * YEAR })?.term).toBe('3y');
    expect(toSavingsPlan({ ...plan, termDurationInSeconds: undefined, end: '2028-12-31T00:00:00Z' })?.term).toBe('3y');
  });

  test('of EC2 is bound to a region and a family; one of a later kind is told apart', () => {
    const bound = { savingsPlanType: 'EC2Instance', region: 'eu-west-1', ec2InstanceFamily: 'm5' } as const;
    expect(toSavingsPlan({ ...plan, ...bound })).toMatchObject({
      type: 'ec2-instance',
      region: 'eu-west-1',
      family: 'm5',
    });
    expect(toSavingsPlan({ ...plan, savingsPlanType: 'Database' })?.type).toBe('other');
  });

  test.each<[string, Partial<savingsPlans.SavingsPlan>]>([
    ['another currency', { currency: 'CNY' }],
    ['no commitment', { commitment: undefined }],
    ['a start without a time zone', { start: '2026-01-01T00:00:00' }],
    ['an end that is no date', { end: 'never' }],
  ])('with %s is nothing', (_, rest) => {
    expect(toSavingsPlan({ ...plan, ...rest })).toBeNull();
  });
});

describe('a finding of Compute Optimizer', () => {
  const option = (cpu: number | undefined, memory: number | undefined, usd?: number) => ({
    cpu,
    memory,
    savingsOpportunity: usd === undefined ? undefined : { estimatedMonthlySavings: { currency: 'USD', value: usd } },
  });
  const finding = (rest: object) =>
    toComputeOptimizerFinding({
      serviceArn: 'arn:aws:ecs:eu-west-1:111122223333:service/rose/web',
      finding: 'Overprovisioned',
      currentServiceConfiguration: { cpu: 1024, memory: 4096 },
      lookbackPeriodInDays: 32,
      ...rest,
    } as computeOptimizer.ECSServiceRecommendation);

  test('is about a service of a cluster; an ARN of the old form names no cluster and is nothing', () => {
    expect(finding({})).toMatchObject({ cluster: 'rose', service: 'web', lookBackDays: 32 });
    expect(finding({ serviceArn: 'arn:aws:ecs:eu-west-1:111122223333:service/web' })).toBeNull();
  });

  test('is one of three, however it is spelt', () => {
    expect(finding({})?.finding).toBe('overprovisioned');
    expect(finding({ finding: 'UNDER_PROVISIONED' })?.finding).toBe('underprovisioned');
    expect(finding({ finding: 'Perplexed' })).toBeNull();
  });

  test('has the option that saves most first, and its saving in cents', () => {
    const serviceRecommendationOptions = [option(512, 2048, 9.0000001), option(256, 1024, 21.5), option(2048, 4096)];
    expect(finding({ serviceRecommendationOptions })?.options).toEqual([
      { cpuUnits: 256, memoryMiB: 1024, usdPerMonthSaved: '21.5' },
      { cpuUnits: 512, memoryMiB: 2048, usdPerMonthSaved: '9' },
      { cpuUnits: 2048, memoryMiB: 4096, usdPerMonthSaved: '0' },
    ]);
  });

  test('keeps the size that an option leaves alone, and has no option without either', () => {
    expect(finding({ serviceRecommendationOptions: [option(512, undefined, 3)] })?.options).toMatchObject([
      { cpuUnits: 512, memoryMiB: 4096 },
    ]);
    expect(
      finding({ currentServiceConfiguration: undefined, serviceRecommendationOptions: [option(512, undefined)] })
        ?.options,
    ).toEqual([]);
  });
});
