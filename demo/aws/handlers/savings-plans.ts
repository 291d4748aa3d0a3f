/** The simulated Savings Plans: the account's own plans. */

import type {
  DescribeSavingsPlansOfferingRatesResponse,
  DescribeSavingsPlansRequest,
  DescribeSavingsPlansResponse,
  SavingsPlan,
  SavingsPlanFilter,
} from '@aws-sdk/client-savingsplans';
import * as sdk from '@aws-sdk/client-savingsplans';
import { pageOf } from './paging.ts';
import { pageSize, scopeOf } from './requests.ts';
import { AwsFault, type HandlerContext, operation, type ServiceTable } from './types.ts';

const INVALID = 'ValidationException';

/** Each filter and what it looks at. */
const FILTERED: { readonly [name: string]: (plan: SavingsPlan) => string | undefined } = {
  region: (plan) => plan.region,
  'ec2-instance-family': (plan) => plan.ec2InstanceFamily,
  'instance-family': (plan) => plan.ec2InstanceFamily,
  'savings-plan-type': (plan) => plan.savingsPlanType,
  'payment-option': (plan) => plan.paymentOption,
  commitment: (plan) => plan.commitment,
  term: (plan) => plan.termDurationInSeconds?.toString(),
};

function describeSavingsPlans(
  input: DescribeSavingsPlansRequest,
  context: HandlerContext,
): DescribeSavingsPlansResponse {
  const tests = (input.filters ?? []).map(filterTest);
  const isAmong = <T>(values: readonly T[] | undefined, value: T | undefined): boolean =>
    values === undefined || values.length === 0 || (value !== undefined && values.includes(value));
  const listed = context.account.savingsPlans.filter(
    (plan) =>
      isAmong(input.savingsPlanIds, plan.savingsPlanId) &&
      isAmong(input.savingsPlanArns, plan.savingsPlanArn) &&
      isAmong(input.states, plan.state) &&
      tests.every((test) => test(plan)),
  );
  const page = pageOf(listed, {
    size: pageSize(input.maxResults, { standard: 1_000, most: 1_000, code: INVALID }),
    token: input.nextToken,
    scope: scopeOf('DescribeSavingsPlans', input, context),
    key: (plan) => plan.savingsPlanId ?? '',
    invalidCode: INVALID,
  });
  return { savingsPlans: [...page.items], nextToken: page.nextToken };
}

function filterTest({ name, values = [] }: SavingsPlanFilter): (plan: SavingsPlan) => boolean {
  const value = FILTERED[name ?? ''];
  if (value === undefined) throw new AwsFault(INVALID, `The simulated AWS does not filter plans by ${name}.`);
  return (plan) => values.includes(value(plan) ?? '');
}

/** The simulated world sells no plans. */
function describeSavingsPlansOfferingRates(): DescribeSavingsPlansOfferingRatesResponse {
  return { searchResults: [] };
}

export const savingsPlansOperations = {
  DescribeSavingsPlans: operation(sdk.DescribeSavingsPlans$, describeSavingsPlans),
  DescribeSavingsPlansOfferingRates: operation(
    sdk.DescribeSavingsPlansOfferingRates$,
    describeSavingsPlansOfferingRates,
  ),
} satisfies ServiceTable;
