/** Cost Explorer: how much of the Savings Plans was used. */
import type {
  GetSavingsPlansUtilizationRequest,
  GetSavingsPlansUtilizationResponse,
  SavingsPlansUtilizationAggregates,
} from '@aws-sdk/client-cost-explorer';
import type { SavingsPlan } from '@aws-sdk/client-savingsplans';
import type { AccountState, CostRow } from '../state.ts';
import { type Period, periodsOf } from './cost-explorer-days.ts';
import { invalid } from './cost-explorer-filter.ts';
import { toDecimal, toUnits } from './cost-explorer-sums.ts';
import { AwsFault, type HandlerContext } from './types.ts';

const HOUR_MS = 3_600_000n;
const DAY_MS = 86_400_000;

type Use = { readonly committed: bigint; readonly used: bigint };

/**
 * GetSavingsPlansUtilization: commitment and use of the plans that the caller sees. The world's bill has the price
 * under a plan in the rows it covers (on-demand instances of the account that owns it), so their sum is the use.
 * Throws `DataUnavailableException` when no plan was active in the period, as AWS does.
 */
export function getSavingsPlansUtilization(
  input: GetSavingsPlansUtilizationRequest,
  context: HandlerContext,
): GetSavingsPlansUtilizationResponse {
  if (input.Filter !== undefined) throw invalid('The simulated AWS does not filter Savings Plans utilisation.');
  const isPayer = context.account.id === context.world.payer;
  const accounts = isPayer ? context.world.accounts : [context.account];
  const periods = periodsOf(input.TimePeriod, input.Granularity ?? 'DAILY', context.now);
  const uses = periods.map((period) => ({ period, use: ofPeriod(period, accounts, context) }));
  const total = addUp(uses.map(({ use }) => use));
  if (total.committed === 0n) {
    throw new AwsFault('DataUnavailableException', 'No Savings Plans utilisation in this period.');
  }
  return {
    SavingsPlansUtilizationsByTime: uses.map(({ period, use }) => ({
      TimePeriod: { Start: period.start, End: period.end },
      ...show(use),
    })),
    Total: show(total),
  };
}

function addUp(uses: readonly Use[]): Use {
  return uses.reduce((sum, use) => ({ committed: sum.committed + use.committed, used: sum.used + use.used }), {
    committed: 0n,
    used: 0n,
  });
}

function ofPeriod(period: Period, accounts: readonly AccountState[], context: HandlerContext): Use {
  return addUp(period.days.flatMap((day) => accounts.map((account) => ofDay(day, account, context))));
}

function ofDay(day: string, account: AccountState, context: HandlerContext): Use {
  const plans = account.savingsPlans.filter((plan) => isActiveOn(plan, day));
  if (plans.length === 0) return { committed: 0n, used: 0n };
  const perHour = plans.reduce((sum, plan) => sum + toUnits(plan.commitment ?? '0'), 0n);
  const committed = (perHour * elapsedMs(day, context.now)) / HOUR_MS;
  const rows = context.world.costs(day).filter((row) => plans.some((plan) => covers(plan, account, row)));
  const wanted = rows.reduce((sum, row) => sum + toUnits(row.usd), 0n);
  return { committed, used: wanted < committed ? wanted : committed };
}

/** A whole day, or as much of today as is over. */
function elapsedMs(day: string, now: Date): bigint {
  return BigInt(Math.min(now.getTime() - Date.parse(`${day}T00:00:00Z`), DAY_MS));
}

function isActiveOn(plan: SavingsPlan, day: string): boolean {
  return (plan.start ?? '').slice(0, 10) <= day && day < (plan.end ?? '9999').slice(0, 10);
}

function covers(plan: SavingsPlan, account: AccountState, row: CostRow): boolean {
  const [, type] = /BoxUsage:(.+)$/.exec(row.usageType) ?? [];
  if (type === undefined || row.account !== account.id) return false;
  if (plan.savingsPlanType !== 'EC2Instance') return true;
  return row.region === plan.region && type.startsWith(`${plan.ec2InstanceFamily}.`);
}

function show({ committed, used }: Use): SavingsPlansUtilizationAggregates {
  const TotalCommitment = toDecimal(committed);
  return {
    Utilization: {
      TotalCommitment,
      UsedCommitment: toDecimal(used),
      UnusedCommitment: toDecimal(committed - used),
      UtilizationPercentage: committed === 0n ? '0' : toDecimal((used * 100n * 10n ** 18n) / committed),
    },
    AmortizedCommitment: {
      AmortizedRecurringCommitment: TotalCommitment,
      AmortizedUpfrontCommitment: '0',
      TotalAmortizedCommitment: TotalCommitment,
    },
  };
}
