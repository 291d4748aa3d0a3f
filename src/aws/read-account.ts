import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import type { AwsAccount } from '../deps.ts';
import { inAnyRegion, present } from './call.ts';
import { together } from './concurrency.ts';
import { createMisses } from './missed.ts';
import { readEnrolment, readSavingsPlans } from './read-money.ts';
import { readRegion } from './read-region.ts';
import type { RegionContext, ScanContext } from './scan-context.ts';

/** One account: what it has apart from regions, and its regions side by side. */

export type AccountContext = ScanContext & {
  readonly account: AwsAccount;
  readonly regionContext: (region: string) => RegionContext;
};

/** Reads and saves the account. One that the role does not open is one miss. Throws only what the sink throws. */
export async function readAccount(at: AccountContext): Promise<void> {
  const { account } = at;
  const [firstRegion] = account.regions;
  if (firstRegion === undefined) return;
  const first = at.regionContext(firstRegion);
  const misses = createMisses(account.id, '');
  const scope = { account: account.id, region: null, cluster: null };
  at.progress.at({ account: account.name, region: null, cluster: null });
  const seen = await misses.attempt('account', () => accountSeen(at));
  if (seen !== null && seen !== account.id) misses.add('account', 'wrong-account');
  if (seen !== account.id) {
    await at.sink.save({ scope, parts: [], cluster: null, missed: misses.list() });
    return;
  }
  const isDone = at.sink.isDone(scope);
  const enrolment = misses
    .attempt('compute-optimizer', () => readEnrolment(first.call))
    .then((one) => one ?? 'unknown');
  const own = async (): Promise<void> => {
    if (isDone) return;
    const savingsPlans = await misses.attempt('savings plans', () => readSavingsPlans(first.call, misses));
    const computeOptimizer = await enrolment;
    await at.sink.save({
      scope,
      parts: [{ shard: 0, part: { kind: 'account', savingsPlans: savingsPlans ?? [], computeOptimizer } }],
      cluster: null,
      missed: misses.list(),
    });
  };
  const regions = account.regions.map((region) => readRegion(at.regionContext(region), enrolment));
  await together([enrolment, own(), ...regions]);
}

/** Whose account the credentials open: what is read must not be put down to another one. */
async function accountSeen({ account, regionContext }: AccountContext): Promise<string> {
  return inAnyRegion(account.regions, async (region) => {
    const { Account } = await regionContext(region).call('sts:GetCallerIdentity', ({ sts }, options) =>
      sts.send(new GetCallerIdentityCommand({}), options),
    );
    return present(Account, 'Account');
  });
}
