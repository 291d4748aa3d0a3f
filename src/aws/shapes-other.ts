import type * as computeOptimizer from '@aws-sdk/client-compute-optimizer';
import type * as savingsPlans from '@aws-sdk/client-savingsplans';
import type * as serviceQuotas from '@aws-sdk/client-service-quotas';
import type { ComputeOptimizerFinding, Quota, SavingsPlan } from '../engine/index.ts';
import { sortedTexts, toDecimal, toNumber, toText, toTimeOfText } from './shapes-members.ts';

/** Quotas, commitments, and what Compute Optimizer found. */

/** A quota; null without its codes or a value (AWS answers with a reason in place of a value that it cannot read). */
export function toQuota(quota: serviceQuotas.ServiceQuota, from: Quota['from']): Quota | null {
  const serviceCode = toText(quota.ServiceCode);
  const quotaCode = toText(quota.QuotaCode);
  const value = toNumber(quota.Value);
  if (serviceCode === null || quotaCode === null || value === null) return null;
  return {
    serviceCode,
    quotaCode,
    name: quota.QuotaName ?? '',
    value,
    unit: quota.Unit ?? '',
    adjustable: quota.Adjustable ?? false,
    from,
  };
}

const PLAN_TYPES = new Map<string, SavingsPlan['type']>([
  ['Compute', 'compute'],
  ['EC2Instance', 'ec2-instance'],
]);

/** One and three years are sold, of 365 days each. */
const TWO_YEARS_MS = 2 * 365 * 24 * 60 * 60 * 1000;

/** A plan; null without id, start, end, or a commitment in USD. */
export function toSavingsPlan(plan: savingsPlans.SavingsPlan): SavingsPlan | null {
  const id = toText(plan.savingsPlanId);
  const commitmentUsdPerHour = toDecimal(plan.commitment);
  const start = toTimeOfText(plan.start);
  const end = toTimeOfText(plan.end);
  if (id === null || commitmentUsdPerHour === null || start === null || end === null) return null;
  if ((plan.currency ?? 'USD') !== 'USD') return null;
  const seconds = toNumber(plan.termDurationInSeconds);
  const termMs = seconds === null ? Date.parse(end) - Date.parse(start) : seconds * 1000;
  return {
    id,
    type: PLAN_TYPES.get(plan.savingsPlanType ?? '') ?? 'other',
    commitmentUsdPerHour,
    term: termMs < TWO_YEARS_MS ? '1y' : '3y',
    paymentOption: plan.paymentOption ?? '',
    state: plan.state ?? '',
    start,
    end,
    region: toText(plan.region),
    family: toText(plan.ec2InstanceFamily),
  };
}

const FINDINGS = new Map<string, ComputeOptimizerFinding['finding']>([
  ['optimized', 'optimized'],
  ['underprovisioned', 'underprovisioned'],
  ['overprovisioned', 'overprovisioned'],
]);

/** Compute Optimizer's own default, when an answer does not say. */
const LOOK_BACK_DAYS = 14;

/**
 * A finding about one service on Fargate; null without cluster and service in its ARN, or with a finding that is not
 * known here. Options are ordered by what they save at list prices, before discounts, the most first.
 */
export function toComputeOptimizerFinding(
  recommendation: computeOptimizer.ECSServiceRecommendation,
): ComputeOptimizerFinding | null {
  const arn = /:service\/([^/]+)\/([^/]+)$/.exec(recommendation.serviceArn ?? '');
  // Other resources of the same API spell it OVER_PROVISIONED.
  const finding = FINDINGS.get((recommendation.finding ?? '').replaceAll('_', '').toLowerCase());
  if (arn?.[1] === undefined || arn[2] === undefined || finding === undefined) return null;
  const current = {
    cpuUnits: toNumber(recommendation.currentServiceConfiguration?.cpu),
    memoryMiB: toNumber(recommendation.currentServiceConfiguration?.memory),
  };
  return {
    cluster: arn[1],
    service: arn[2],
    finding,
    reasons: sortedTexts(recommendation.findingReasonCodes),
    current,
    options: toOptions(recommendation.serviceRecommendationOptions, current),
    lookBackDays: toNumber(recommendation.lookbackPeriodInDays) ?? LOOK_BACK_DAYS,
  };
}

/** A size that an option leaves out stays as it is: none is recommended for what the service scales on. */
function toOptions(
  options: readonly computeOptimizer.ECSServiceRecommendationOption[] | undefined,
  current: ComputeOptimizerFinding['current'],
): ComputeOptimizerFinding['options'] {
  return (options ?? [])
    .flatMap((option) => {
      const cpuUnits = toNumber(option.cpu) ?? current.cpuUnits;
      const memoryMiB = toNumber(option.memory) ?? current.memoryMiB;
      if (cpuUnits === null || memoryMiB === null) return [];
      return [{ cpuUnits, memoryMiB, saved: toUsd(option.savingsOpportunity?.estimatedMonthlySavings) }];
    })
    .sort((a, b) => b.saved - a.saved || a.cpuUnits - b.cpuUnits || a.memoryMiB - b.memoryMiB)
    .map(({ cpuUnits, memoryMiB, saved }) => ({ cpuUnits, memoryMiB, usdPerMonthSaved: toDecimalText(saved) }));
}

/** Beyond this a number prints with an exponent; no bill comes near it. */
const MOST_USD = 1e15;

/** No stated saving is a saving of nothing: larger sizes come without one. */
function toUsd(savings: computeOptimizer.EstimatedMonthlySavings | undefined): number {
  const value = (savings?.currency ?? 'USD') === 'USD' ? (toNumber(savings?.value) ?? 0) : 0;
  return Math.abs(value) < MOST_USD ? value : 0;
}

/** AWS sends this one amount as a binary float; two decimals are all it can mean. */
function toDecimalText(usd: number): string {
  return usd
    .toFixed(2)
    .replace(/\.?0+$/, '')
    .replace(/^-0$/, '0');
}
