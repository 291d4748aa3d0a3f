import { ListAccountSettingsCommand } from '@aws-sdk/client-ecs';
import {
  ListAWSDefaultServiceQuotasCommand,
  ListServiceQuotasCommand,
  type ServiceQuota,
} from '@aws-sdk/client-service-quotas';
import type { Quota, RegionPart } from '../engine/index.ts';
import { listIn, pagesOf } from './call.ts';
import type { Misses } from './missed.ts';
import { daysBefore, type MetricWanted, readMetrics, startOfDay } from './read-metrics.ts';
import type { RegionContext } from './scan-context.ts';
import { sortedBy } from './shapes-members.ts';
import { toQuota } from './shapes-other.ts';

/** Limits of a region, how far they are used, and ECS's settings. */

const SERVICES = ['ecs', 'fargate', 'ec2'] as const;
const AT_ONCE = 100;

export type QuotaRead = { readonly quota: Quota; readonly usage: ServiceQuota['UsageMetric'] };

/**
 * Applied quotas, completed by AWS's defaults (for some services AWS lists only what was changed). The account's own
 * rates for ECS calls are taken over at once.
 */
export async function readQuotas(at: RegionContext, misses: Misses): Promise<readonly QuotaRead[]> {
  const found = new Map<string, QuotaRead>();
  const keep = (from: Quota['from'], quotas: readonly ServiceQuota[]): void => {
    for (const quota of quotas) {
      const converted = toQuota(quota, from);
      if (converted === null) continue;
      const key = `${converted.serviceCode} ${converted.quotaCode}`;
      if (!found.has(key)) found.set(key, { quota: converted, usage: quota.UsageMetric });
    }
  };
  for (const service of SERVICES) {
    keep('applied', (await misses.attempt(`quotas ${service}`, () => appliedQuotas(at, service))) ?? []);
    keep('default', (await misses.attempt(`quotas ${service}`, () => defaultQuotas(at, service))) ?? []);
    if (service === 'ecs') at.buckets.applyQuotas([...found.values()].map(({ quota }) => quota));
  }
  return sortedBy([...found.values()], ({ quota }) => `${quota.serviceCode} ${quota.quotaCode}`);
}

async function appliedQuotas(at: RegionContext, service: string): Promise<readonly ServiceQuota[]> {
  const pages = pagesOf(
    (token) =>
      at.call('servicequotas:ListServiceQuotas', ({ serviceQuotas }, options) =>
        serviceQuotas.send(
          new ListServiceQuotasCommand({ ServiceCode: service, MaxResults: AT_ONCE, NextToken: token }),
          options,
        ),
      ),
    ({ NextToken }) => NextToken,
  );
  const quotas: ServiceQuota[] = [];
  for await (const page of pages) quotas.push(...listIn(page.Quotas, 'Quotas'));
  return quotas;
}

async function defaultQuotas(at: RegionContext, service: string): Promise<readonly ServiceQuota[]> {
  const pages = pagesOf(
    (token) =>
      at.call('servicequotas:ListAWSDefaultServiceQuotas', ({ serviceQuotas }, options) =>
        serviceQuotas.send(
          new ListAWSDefaultServiceQuotasCommand({ ServiceCode: service, MaxResults: AT_ONCE, NextToken: token }),
          options,
        ),
      ),
    ({ NextToken }) => NextToken,
  );
  const quotas: ServiceQuota[] = [];
  for await (const page of pages) quotas.push(...listIn(page.Quotas, 'Quotas'));
  return quotas;
}

/** Enough to see a trend with its weekends. */
const USAGE_DAYS = 56;

type QuotaUsage = RegionPart['quotaUsage'][number];

/**
 * Daily maximum of each quota's own metric over whole days. Asked for once a UTC day: `before` is what the newest
 * snapshot has, if it was taken today.
 */
export async function readQuotaUsage(
  at: RegionContext,
  quotas: readonly QuotaRead[],
  before: readonly QuotaUsage[],
): Promise<readonly QuotaUsage[]> {
  const key = ({ serviceCode, quotaCode }: Pick<QuotaUsage, 'serviceCode' | 'quotaCode'>): string =>
    `${serviceCode} ${quotaCode}`;
  const known = new Map(before.map((usage) => [key(usage), usage]));
  const measured = quotas.flatMap(({ quota, usage }) => {
    const metric = toMetric(usage);
    return metric === null ? [] : [{ quota, metric }];
  });
  const unknown = measured.filter(({ quota }) => !known.has(key(quota)));
  const end = startOfDay(at.now);
  const answers =
    unknown.length === 0
      ? []
      : await readMetrics(
          at.call,
          unknown.map(({ metric }) => metric),
          { start: daysBefore(end, USAGE_DAYS), end },
        );
  for (const [index, { quota }] of unknown.entries()) {
    const { serviceCode, quotaCode } = quota;
    const days = (answers[index] ?? []).map((point) => ({
      day: point.at.toISOString().slice(0, 10),
      maximum: point.value,
    }));
    known.set(key(quota), { serviceCode, quotaCode, days });
  }
  return measured.flatMap(({ quota }) => known.get(key(quota)) ?? []);
}

/** The metric that AWS says measures the quota; null for quotas without one. */
function toMetric(usage: ServiceQuota['UsageMetric']): MetricWanted | null {
  const { MetricNamespace: namespace, MetricName: name, MetricDimensions: dimensions } = usage ?? {};
  if (namespace === undefined || name === undefined) return null;
  return { namespace, name, dimensions: dimensions ?? {}, stat: 'Maximum', periodSeconds: 86_400 };
}

/** ECS's settings as they apply to the role that reads, by name. */
export async function readSettings(at: RegionContext): Promise<RegionPart['settings']> {
  const pages = pagesOf(
    (nextToken) =>
      at.call('ecs:ListAccountSettings', ({ ecs }, options) =>
        // 10 is AWS's largest page here.
        ecs.send(new ListAccountSettingsCommand({ effectiveSettings: true, maxResults: 10, nextToken }), options),
      ),
    ({ nextToken }) => nextToken,
  );
  const settings: (readonly [string, string])[] = [];
  for await (const page of pages) {
    for (const { name, value } of listIn(page.settings, 'settings')) {
      if (name !== undefined && value !== undefined) settings.push([name, value]);
    }
  }
  return Object.fromEntries(sortedBy(settings, ([name]) => name));
}
