import { setTimeout as wait } from 'node:timers/promises';
import { AssumeRoleCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import type { AwsAccount, AwsReader, Clock, Log } from '../deps.ts';
import { AdviseError } from '../errors.ts';
import { readAccess } from './access.ts';
import { type Buckets, createBuckets } from './buckets.ts';
import { type Caller, createCaller, inAnyRegion, type Pace, type Place, present, type Run } from './call.ts';
import { type Clients, createClients, MONEY_REGION } from './clients.ts';
import { costAndUsage, savingsPlansUtilisation } from './cost-explorer.ts';
import { readPriceLists } from './price-list.ts';
import { countedRun, scanAccounts } from './scan.ts';
import { type AssumedKeys, ownSession, roleSession, type Session, tokenOf } from './sessions.ts';

type AwsOptions = {
  readonly accounts: readonly AwsAccount[];
  readonly log: Log;
  readonly clock: Clock;
  /** How much faster than AWS's the limits of a simulated AWS run; 1 when absent. */
  readonly speed?: number;
  /** Time limit of one call in ms; 20 s when absent. */
  readonly callTimeoutMs?: number;
};

const CALL_TIMEOUT_MS = 20_000;
/** As long as AWS allows for a role that is assumed from a role. */
const SESSION_SECONDS = 3_600;
const SESSION_NAME = 'ecs-advise';

/**
 * The one way to AWS, reading only. Nothing is asked before the first question. Sessions, connections and throttling
 * buckets live until `close`.
 */
export function openAws(options: AwsOptions): AwsReader {
  const { accounts, log, clock } = options;
  const pace = paceOf(options);
  const own = ownSession();
  const sessions = new Map<string, Session>();
  const places = new Map<string, Place>();
  const buckets = new Map<string, Buckets>();
  const bucketsOf = (account: string, region: string): Buckets =>
    once(buckets, `${account} ${region}`, () => createBuckets(pace.speed));
  const callerOf = (place: Place, run: Run): Caller => createCaller(place, run, { pace, log });

  /** Where the process's own credentials call; `account` only says whose work it is. */
  const ownPlace = (account: string, region: string): Place =>
    once(places, `own ${account} ${region}`, () => ({
      account,
      region,
      clients: createClients(region, own),
      session: own,
      buckets: bucketsOf(account, region),
      assume: async () => {
        throw new Error('invariant: own credentials assume nothing');
      },
    }));
  const placeOf = (account: AwsAccount, region: string): Place =>
    account.readerRoleArn === null
      ? ownPlace(account.id, region)
      : once(places, `${account.id} ${region}`, () => {
          const session = once(sessions, account.id, () => roleSession(clock));
          const clients: Clients = createClients(region, session);
          const assume = (run: Run): Promise<AssumedKeys> =>
            inAnyRegion(account.regions, (sts) => assumeRole(callerOf(ownPlace(account.id, sts), run), account));
          return { account: account.id, region, clients, session, buckets: bucketsOf(account.id, region), assume };
        });
  const payerCaller = (): Caller => {
    const payer = accounts.find((account) => account.payer);
    if (payer === undefined) throw noPayer();
    return callerOf(placeOf(payer, payer.regions[0] ?? 'us-east-1'), countedRun().run);
  };

  return {
    accounts,
    scan: (sink) =>
      scanAccounts({
        accounts,
        sink,
        clock,
        regionOf: ({ account, run, ...context }, region) => {
          const place = placeOf(account, region);
          return { ...context, account, region, call: callerOf(place, run), buckets: place.buckets };
        },
      }),
    costAndUsage: async (question, beforeRequest) => costAndUsage(payerCaller(), question, beforeRequest),
    savingsPlansUtilisation: async (period, beforeRequest) =>
      savingsPlansUtilisation(payerCaller(), period, beforeRequest),
    priceLists: async (questions, answered) => {
      const { run, calls } = countedRun();
      // Every account sees the same public prices; the Price List itself is in one region.
      const callers = accounts.map((account) => callerOf(placeOf(account, MONEY_REGION), run));
      await readPriceLists(callers, questions, answered);
      return calls();
    },
    identity: async () => {
      const region = accounts[0]?.regions[0] ?? 'us-east-1';
      const call = callerOf(ownPlace('own', region), countedRun().run);
      const { Account, Arn } = await call('sts:GetCallerIdentity', ({ sts }, send) =>
        sts.send(new GetCallerIdentityCommand({}), send),
      );
      return { account: present(Account, 'Account'), arn: present(Arn, 'Arn') };
    },
    access: async (beforePaidRequest) => {
      const { run } = countedRun();
      const callIn = (account: AwsAccount, region: string): Caller => callerOf(placeOf(account, region), run);
      return readAccess({ accounts, callIn, now: clock.now(), beforePaidRequest });
    },
    close: () => {
      for (const { clients } of places.values()) clients.close();
      places.clear();
    },
  };
}

function paceOf({ speed = 1, callTimeoutMs = CALL_TIMEOUT_MS }: AwsOptions): Pace {
  return {
    nowMs: () => performance.now(),
    sleep: async (ms, signal) => {
      try {
        await wait(ms, undefined, { signal });
      } catch (error) {
        // Woken by the signal: whoever sleeps looks at it next.
        if (!signal.aborted) throw error;
      }
    },
    random: Math.random,
    speed,
    callTimeoutMs,
  };
}

function once<T>(known: Map<string, T>, key: string, make: () => T): T {
  const found = known.get(key) ?? make();
  known.set(key, found);
  return found;
}

async function assumeRole(call: Caller, account: AwsAccount): Promise<AssumedKeys> {
  const { Credentials: found } = await call('sts:AssumeRole', ({ sts }, options) =>
    sts.send(
      new AssumeRoleCommand({
        RoleArn: account.readerRoleArn ?? '',
        RoleSessionName: SESSION_NAME,
        DurationSeconds: SESSION_SECONDS,
        ...(account.externalId === null ? {} : { ExternalId: account.externalId }),
      }),
      options,
    ),
  );
  const keys = present(found, 'Credentials');
  return {
    keys: {
      accessKeyId: present(keys.AccessKeyId, 'AccessKeyId'),
      secretAccessKey: present(keys.SecretAccessKey, 'SecretAccessKey'),
      ...tokenOf(keys.SessionToken),
    },
    expiresAt: present(keys.Expiration, 'Expiration'),
  };
}

function noPayer(): AdviseError {
  return new AdviseError({
    kind: 'config',
    code: 'config_no_payer',
    message: 'No account is marked as the payer, so nobody can be asked for the bill.',
    hint: 'set "payer: true" for the account whose Cost Explorer sees all of them',
  });
}
