import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import type { AwsAccount, AwsReader } from '../deps.ts';
import { AdviseError } from '../errors.ts';
import { readAccess } from './access.ts';
import { type Caller, present } from './call.ts';
import { MONEY_REGION } from './clients.ts';
import { costAndUsage, savingsPlansUtilisation } from './cost-explorer.ts';
import { awsIncomplete } from './errors.ts';
import { openPlaces, type PlacesOptions } from './places.ts';
import { readPriceLists } from './price-list.ts';
import { readEventWindows } from './read-ec2.ts';
import { countedRun, scanAccounts } from './scan.ts';

type AwsOptions = PlacesOptions & { readonly accounts: readonly AwsAccount[] };

/**
 * The one way to AWS, reading only. Nothing is asked before the first question. Sessions, connections and throttling
 * buckets live until `close`.
 */
export function openAws(options: AwsOptions): AwsReader {
  const { accounts, clock } = options;
  const places = openPlaces(options);
  const payerCaller = (): Caller => {
    const payer = accounts.find((account) => account.payer);
    if (payer === undefined) throw noPayer();
    return places.caller(payer, firstRegion(payer), countedRun().run);
  };
  return {
    accounts,
    scan: (sink) =>
      scanAccounts({
        accounts,
        sink,
        clock,
        regionOf: ({ account, run, ...context }, region) => ({
          ...context,
          account,
          region,
          call: places.caller(account, region, run),
          buckets: places.bucketsOf(account.id, region),
        }),
      }),
    costAndUsage: async (question, beforeRequest) => costAndUsage(payerCaller(), question, beforeRequest),
    savingsPlansUtilisation: async (period, beforeRequest) =>
      savingsPlansUtilisation(payerCaller(), period, beforeRequest),
    priceLists: async (questions, answered) => {
      const { run, calls } = countedRun();
      // Every account sees the same public prices; the Price List itself is in one region.
      const callers = accounts.map((account) => places.caller(account, MONEY_REGION, run));
      await readPriceLists(callers, questions, answered);
      return calls();
    },
    eventWindows: async ({ account: id, region }) => {
      const account = accounts.find((one) => one.id === id);
      if (account === undefined) throw unknownAccount(id);
      const call = places.caller(account, region, countedRun().run);
      // A hole here would read as "that window is gone".
      return readEventWindows({ call }, { add: refuseToMiss });
    },
    identity: async () => {
      const call = places.ownCaller(firstRegion(accounts[0]), countedRun().run);
      const { Account, Arn } = await call('sts:GetCallerIdentity', ({ sts }, send) =>
        sts.send(new GetCallerIdentityCommand({}), send),
      );
      return { account: present(Account, 'Account'), arn: present(Arn, 'Arn') };
    },
    access: async (beforePaidRequest) => {
      const { run } = countedRun();
      const callIn = (account: AwsAccount, region: string): Caller => places.caller(account, region, run);
      return readAccess({ accounts, callIn, now: clock.now(), beforePaidRequest });
    },
    close: places.close,
  };
}

function firstRegion(account: AwsAccount | undefined): string {
  return account?.regions[0] ?? MONEY_REGION;
}

function refuseToMiss(what: string): never {
  throw awsIncomplete(what);
}

function unknownAccount(id: string): AdviseError {
  return new AdviseError({
    kind: 'upstream',
    code: 'aws_unknown_account',
    message: `The account ${id} is not in the configuration (any more).`,
    hint: 'put it back into ecs-advise.yaml, or forget what was planned there',
  });
}

function noPayer(): AdviseError {
  return new AdviseError({
    kind: 'config',
    code: 'config_no_payer',
    message: 'No account is marked as the payer, so nobody can be asked for the bill.',
    hint: 'set "payer: true" for the account whose Cost Explorer sees all of them',
  });
}
