/** Compute Optimizer: services on Fargate only, none of a service that scales on CPU by target tracking. */
import type { ECSServiceRecommendation } from '@aws-sdk/client-compute-optimizer';
import type { PriceBook } from '../../../src/engine/index.ts';
import type { BuiltCluster } from './cluster.ts';
import type { Setting } from './hosts.ts';
import { HOUR_MS } from './ids.ts';
import type { ServiceSpec } from './specs.ts';

/** What it says of a service; null options = leave as it is. */
export type Advice = {
  readonly service: string;
  readonly finding: 'Optimized' | 'Underprovisioned' | 'Overprovisioned';
  readonly reasons: readonly (
    | 'MemoryOverprovisioned'
    | 'MemoryUnderprovisioned'
    | 'CPUOverprovisioned'
    | 'CPUUnderprovisioned'
  )[];
  readonly to: { readonly cpu: number; readonly memory: number } | null;
};

/** Its findings of one cluster. The saving is at on-demand prices, for the tasks that run now. */
export function recommendations(
  setting: Setting,
  prices: PriceBook,
  built: BuiltCluster,
  advice: readonly Advice[],
): ECSServiceRecommendation[] {
  return advice.map((one) => {
    const spec = built.spec.services.find(({ name }) => name === one.service);
    const service = built.services.find(({ serviceName }) => serviceName === one.service);
    const series = built.series.get(one.service);
    if (spec === undefined || service === undefined || series === undefined)
      throw new Error(`${built.spec.name} has no service ${one.service}`);
    const cpu = spec.shape.cpu ?? 0;
    const memory = spec.shape.memory ?? 0;
    return {
      serviceArn: service.serviceArn,
      accountId: setting.place.account,
      launchType: 'Fargate',
      currentServiceConfiguration: {
        cpu,
        memory,
        taskDefinitionArn: service.taskDefinition,
        autoScalingConfiguration: undefined,
        containerConfigurations: [],
      },
      utilizationMetrics: [
        { name: 'Cpu', statistic: 'Maximum', value: series.cpu.p95 * series.cpu.peak },
        { name: 'Memory', statistic: 'Maximum', value: series.memory.p95 * series.memory.peak },
      ],
      lookbackPeriodInDays: 14,
      lastRefreshTimestamp: new Date(setting.anchor + 3 * HOUR_MS),
      finding: one.finding,
      findingReasonCodes: [...one.reasons],
      serviceRecommendationOptions: one.to === null ? [] : [toOption(prices, spec, { cpu, memory }, one.to)],
      currentPerformanceRisk: one.finding === 'Underprovisioned' ? 'High' : 'VeryLow',
      tags: spec.managedTags === false ? [] : Object.entries(spec.tags).map(([key, value]) => ({ key, value })),
    } satisfies ECSServiceRecommendation;
  });
}

type Size = { readonly cpu: number; readonly memory: number };
const MONTH_HOURS = 730;

/** What a task of the size costs in a month, in USD: Compute Optimizer itself answers with floating numbers. */
function monthly(prices: PriceBook, spec: ServiceSpec, { cpu, memory }: Size): number {
  const rates = prices.fargate[spec.shape.arm === true ? 'arm64' : 'x86_64'];
  const hourly = (cpu / 1024) * Number(rates.vcpuUsdPerHour) + (memory / 1024) * Number(rates.gibUsdPerHour);
  return spec.tasks * MONTH_HOURS * hourly;
}

function toOption(
  prices: PriceBook,
  spec: ServiceSpec,
  from: Size,
  to: Size,
): NonNullable<ECSServiceRecommendation['serviceRecommendationOptions']>[number] {
  const before = monthly(prices, spec, from);
  const saved = Math.max(0, before - monthly(prices, spec, to));
  const value = Math.round(saved * 100) / 100;
  const savingsOpportunityPercentage = Math.round((saved / before) * 10_000) / 100;
  return {
    ...to,
    savingsOpportunity: { savingsOpportunityPercentage, estimatedMonthlySavings: { currency: 'USD', value } },
    savingsOpportunityAfterDiscounts: {
      savingsOpportunityPercentage,
      estimatedMonthlySavings: { currency: 'USD', value },
    },
    projectedUtilizationMetrics: [],
    containerRecommendations: [],
  };
}
