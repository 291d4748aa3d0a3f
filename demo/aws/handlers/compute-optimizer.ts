/** The simulated Compute Optimizer: enrolment, and recommendations for services on Fargate. */

import type {
  ECSServiceRecommendation,
  ECSServiceRecommendationFilter,
  GetECSServiceRecommendationsRequest,
  GetECSServiceRecommendationsResponse,
  GetEnrollmentStatusResponse,
} from '@aws-sdk/client-compute-optimizer';
import * as sdk from '@aws-sdk/client-compute-optimizer';
import type { AccountState } from '../state.ts';
import { pageOf } from './paging.ts';
import { pageSize, scopeOf } from './requests.ts';
import { AwsFault, type HandlerContext, operation, type ServiceTable } from './types.ts';

const INVALID = 'InvalidParameterValueException';

function getEnrollmentStatus(_input: object, { account }: HandlerContext): GetEnrollmentStatusResponse {
  return { status: account.computeOptimizer, memberAccountsEnrolled: false };
}

/** GetECSServiceRecommendations. Throws `OptInRequiredException` for an account that is not enrolled. */
function getECSServiceRecommendations(
  input: GetECSServiceRecommendationsRequest,
  context: HandlerContext,
): GetECSServiceRecommendationsResponse {
  const account = accountOf(input.accountIds ?? [], context);
  if (account.computeOptimizer !== 'Active') {
    throw new AwsFault('OptInRequiredException', `The account ${account.id} is not registered for recommendations.`);
  }
  const all = account.regions.get(context.region.region)?.computeOptimizer ?? [];
  const asked = input.serviceArns ?? [];
  const tests = (input.filters ?? []).map(filterTest);
  const listed = all.filter(
    (one) => (asked.length === 0 || asked.includes(one.serviceArn ?? '')) && tests.every((test) => test(one)),
  );
  const page = pageOf(listed, {
    size: pageSize(input.maxResults, { standard: 100, most: 1_000, code: INVALID }),
    token: input.nextToken,
    scope: scopeOf('GetECSServiceRecommendations', input, context),
    key: (one) => one.serviceArn ?? '',
    invalidCode: INVALID,
  });
  const known = new Set(all.map(({ serviceArn }) => serviceArn));
  const errors = asked
    .filter((arn) => !known.has(arn))
    .map((identifier) => ({ identifier, code: 'ResourceNotFoundException', message: 'No recommendation exists.' }));
  return { ecsServiceRecommendations: [...page.items], nextToken: page.nextToken, errors };
}

/** One account a request; another than one's own only for the payer. */
function accountOf(ids: readonly string[], context: HandlerContext): AccountState {
  if (ids.length > 1) throw new AwsFault(INVALID, 'You can specify one account id per request.');
  const [id = context.account.id] = ids;
  if (id === context.account.id) return context.account;
  const other = context.world.accounts.find((account) => account.id === id);
  if (context.account.id !== context.world.payer || other === undefined) {
    throw new AwsFault('AccessDeniedException', `No access to the recommendations of account ${id}.`);
  }
  return other;
}

function filterTest({ name, values = [] }: ECSServiceRecommendationFilter): (one: ECSServiceRecommendation) => boolean {
  if (name === 'Finding') return ({ finding }) => finding !== undefined && values.includes(finding);
  if (name !== 'FindingReasonCode') throw new AwsFault(INVALID, `There is no filter ${name}.`);
  return ({ findingReasonCodes }) => (findingReasonCodes ?? []).some((code) => values.includes(code));
}

export const computeOptimizerOperations = {
  GetEnrollmentStatus: operation(sdk.GetEnrollmentStatus$, getEnrollmentStatus),
  GetECSServiceRecommendations: operation(sdk.GetECSServiceRecommendations$, getECSServiceRecommendations),
} satisfies ServiceTable;
