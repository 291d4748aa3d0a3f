/** The simulated Service Quotas: applied values where AWS keeps some, and defaults. */

import type {
  GetAWSDefaultServiceQuotaRequest,
  GetAWSDefaultServiceQuotaResponse,
  GetServiceQuotaRequest,
  GetServiceQuotaResponse,
  ListAWSDefaultServiceQuotasRequest,
  ListAWSDefaultServiceQuotasResponse,
  ListRequestedServiceQuotaChangeHistoryResponse,
  ListServiceQuotasRequest,
  ListServiceQuotasResponse,
  ServiceQuota,
} from '@aws-sdk/client-service-quotas';
import * as sdk from '@aws-sdk/client-service-quotas';
import { pageOf } from './paging.ts';
import { pageSize, scopeOf } from './requests.ts';
import { AwsFault, type HandlerContext, operation, type ServiceTable } from './types.ts';

type ListRequest = ListAWSDefaultServiceQuotasRequest;

/** ListServiceQuotas: applied values only; what was never changed may be missing here and be among the defaults. */
function listServiceQuotas(input: ListServiceQuotasRequest, context: HandlerContext): ListServiceQuotasResponse {
  checkService(input.ServiceCode, context);
  const level = input.QuotaAppliedAtLevel ?? 'ACCOUNT';
  const listed = context.region.quotas.filter(
    (quota) =>
      quota.ServiceCode === input.ServiceCode &&
      (input.QuotaCode === undefined || quota.QuotaCode === input.QuotaCode) &&
      (level === 'ALL' || (quota.QuotaAppliedAtLevel ?? 'ACCOUNT') === level),
  );
  return pageOfQuotas('ListServiceQuotas', listed, input, context);
}

function listAWSDefaultServiceQuotas(input: ListRequest, context: HandlerContext): ListAWSDefaultServiceQuotasResponse {
  checkService(input.ServiceCode, context);
  const listed = context.region.defaultQuotas.filter((quota) => quota.ServiceCode === input.ServiceCode);
  return pageOfQuotas('ListAWSDefaultServiceQuotas', listed, input, context);
}

function checkService(code: string | undefined, { region }: HandlerContext): void {
  const isKnown = [region.defaultQuotas, region.quotas].some((quotas) =>
    quotas.some((quota) => quota.ServiceCode === code),
  );
  if (!isKnown) throw new AwsFault('NoSuchResourceException', `There is no service ${code}.`);
}

function pageOfQuotas(
  name: string,
  quotas: readonly ServiceQuota[],
  input: ListRequest,
  context: HandlerContext,
): { readonly Quotas: ServiceQuota[]; readonly NextToken: string | undefined } {
  const page = pageOf(quotas, {
    size: pageSize(input.MaxResults, { standard: 100, most: 100, code: 'IllegalArgumentException' }),
    token: input.NextToken,
    scope: scopeOf(name, input, context),
    key: (quota) => quota.QuotaCode ?? '',
    invalidCode: 'InvalidPaginationTokenException',
  });
  return { Quotas: [...page.items], NextToken: page.nextToken };
}

/** GetServiceQuota: the applied value. Throws `NoSuchResourceException` where AWS keeps a default only. */
function getServiceQuota(input: GetServiceQuotaRequest, { region }: HandlerContext): GetServiceQuotaResponse {
  return { Quota: quotaOf(region.quotas, input) };
}

function getAWSDefaultServiceQuota(
  input: GetAWSDefaultServiceQuotaRequest,
  { region }: HandlerContext,
): GetAWSDefaultServiceQuotaResponse {
  return { Quota: quotaOf(region.defaultQuotas, input) };
}

function quotaOf(quotas: readonly ServiceQuota[], asked: GetAWSDefaultServiceQuotaRequest): ServiceQuota {
  const found = quotas.find(
    ({ ServiceCode, QuotaCode }) => ServiceCode === asked.ServiceCode && QuotaCode === asked.QuotaCode,
  );
  if (found !== undefined) return found;
  throw new AwsFault('NoSuchResourceException', 'The request failed because the specified quota does not exist.');
}

/** Nobody has asked for more in the simulated world. */
function listRequestedServiceQuotaChangeHistory(): ListRequestedServiceQuotaChangeHistoryResponse {
  return { RequestedQuotas: [] };
}

export const serviceQuotasOperations = {
  ListServiceQuotas: operation(sdk.ListServiceQuotas$, listServiceQuotas),
  ListAWSDefaultServiceQuotas: operation(sdk.ListAWSDefaultServiceQuotas$, listAWSDefaultServiceQuotas),
  GetServiceQuota: operation(sdk.GetServiceQuota$, getServiceQuota),
  GetAWSDefaultServiceQuota: operation(sdk.GetAWSDefaultServiceQuota$, getAWSDefaultServiceQuota),
  ListRequestedServiceQuotaChangeHistory: operation(
    sdk.ListRequestedServiceQuotaChangeHistory$,
    listRequestedServiceQuotaChangeHistory,
  ),
} satisfies ServiceTable;
