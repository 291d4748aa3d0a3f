import { GetECSServiceRecommendationsCommand, GetEnrollmentStatusCommand } from '@aws-sdk/client-compute-optimizer';
import { DescribeSavingsPlansCommand } from '@aws-sdk/client-savingsplans';
import type { AccountPart, ComputeOptimizerFinding, SavingsPlan } from '../engine/index.ts';
import { type Caller, listIn, pagesOf } from './call.ts';
import { awsIncomplete } from './errors.ts';
import type { Misses } from './missed.ts';
import type { RegionContext } from './scan-context.ts';
import { sortedBy } from './shapes-members.ts';
import { toComputeOptimizerFinding, toSavingsPlan } from './shapes-other.ts';

/** Commitments of an account, and what Compute Optimizer has to say. */

const AT_ONCE = 100;

/** Plans that count now or soon; ended ones do not come. */
export async function readSavingsPlans(call: Caller, misses: Misses): Promise<readonly SavingsPlan[]> {
  const pages = pagesOf(
    (nextToken) =>
      call('savingsplans:DescribeSavingsPlans', ({ savingsPlans }, options) =>
        savingsPlans.send(
          new DescribeSavingsPlansCommand({
            states: ['active', 'queued', 'payment-pending'],
            maxResults: AT_ONCE,
            nextToken,
          }),
          options,
        ),
      ),
    ({ nextToken }) => nextToken,
  );
  const plans: SavingsPlan[] = [];
  for await (const page of pages) {
    for (const plan of listIn(page.savingsPlans, 'savingsPlans')) {
      const converted = toSavingsPlan(plan);
      if (converted === null) misses.add(`savings plan ${plan.savingsPlanId ?? ''}`, 'unreadable');
      else plans.push(converted);
    }
  }
  return sortedBy(plans, ({ id }) => id);
}

/** Whether Compute Optimizer looks at the account at all. */
export async function readEnrolment(call: Caller): Promise<AccountPart['computeOptimizer']> {
  const { status } = await call('compute-optimizer:GetEnrollmentStatus', ({ computeOptimizer }, options) =>
    computeOptimizer.send(new GetEnrollmentStatusCommand({}), options),
  );
  return status === 'Active' ? 'active' : status === 'Inactive' ? 'inactive' : 'unknown';
}

/** Findings about services on Fargate, the only ones it looks at. */
export async function readFindings(at: RegionContext, misses: Misses): Promise<readonly ComputeOptimizerFinding[]> {
  const pages = pagesOf(
    (nextToken) =>
      at.call('compute-optimizer:GetECSServiceRecommendations', ({ computeOptimizer }, options) =>
        computeOptimizer.send(new GetECSServiceRecommendationsCommand({ maxResults: AT_ONCE, nextToken }), options),
      ),
    ({ nextToken }) => nextToken,
  );
  const findings: ComputeOptimizerFinding[] = [];
  for await (const page of pages) {
    const [error] = page.errors ?? [];
    if (error !== undefined) throw awsIncomplete(error.code ?? 'errors');
    for (const recommendation of listIn(page.ecsServiceRecommendations, 'ecsServiceRecommendations')) {
      const converted = toComputeOptimizerFinding(recommendation);
      if (converted === null) misses.add(`compute-optimizer ${recommendation.serviceArn ?? ''}`, 'unreadable');
      else findings.push(converted);
    }
  }
  return sortedBy(findings, ({ cluster, service }) => `${cluster} ${service}`);
}
