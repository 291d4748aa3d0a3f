import { setTimeout as wait } from 'node:timers/promises';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import type { AwsAccount, Clock, Log } from '../deps.ts';
import { type Buckets, createBuckets } from './buckets.ts';
import {
  type Caller,
  createCaller,
  createSingleTry,
  inAnyRegion,
  type Pace,
  type Place,
  present,
  type Run,
  type SingleTry,
} from './call.ts';
import { createClients } from './clients.ts';
import { type AssumedKeys, ownSession, roleSession, type Session, tokenOf } from './sessions.ts';

/** Where calls go: an account and region with its clients, session and buckets, each made when first needed. */

export type PlacesOptions = {
  readonly log: Log;
  readonly clock: Clock;
  /** How much faster than AWS's the limits of a simulated AWS run; 1 when absent. */
  readonly speed?: number;
  /** Time limit of one call in ms; 20 s when absent. */
  readonly callTimeoutMs?: number;
};

export type Places = {
  /** Calls in the account, by its reader role if it has one. */
  readonly caller: (account: AwsAccount, region: string, run: Run) => Caller;
  /** Calls with the process's own credentials. */
  readonly ownCaller: (region: string, run: Run) => Caller;
  /** Calls that change something in the account, by its writer role. Throws when it has none. */
  readonly writer: (account: AwsAccount, region: string, run: Run) => SingleTry;
  readonly bucketsOf: (account: string, region: string) => Buckets;
  readonly close: () => void;
};

const CALL_TIMEOUT_MS = 20_000;
/** As long as AWS allows for a role that is assumed from a role. */
const SESSION_SECONDS = 3_600;
const SESSION_NAME = 'ecs-advise';
/** The shortest that AWS has: an apply is over in seconds. The name is what CloudTrail shows. */
const WRITER_SESSION_SECONDS = 900;
const WRITER_SESSION_NAME = 'ecs-advise-apply';

/** Sessions, connections and buckets live until `close`; nothing is called before somebody calls. */
export function openPlaces(options: PlacesOptions): Places {
  const pace = paceOf(options);
  const own = ownSession();
  const sessions = new Map<string, Session>();
  const places = new Map<string, Place>();
  const buckets = new Map<string, Buckets>();
  const bucketsOf = (account: string, region: string): Buckets =>
    once(buckets, `${account} ${region}`, () => createBuckets(pace.speed));
  const callerOf = (place: Place, run: Run): Caller => createCaller(place, run, { pace, log: options.log });
  const place = (account: string, region: string, by: Pick<Place, 'session' | 'assume'>): Place => ({
    account,
    region,
    clients: createClients(region, by.session),
    buckets: bucketsOf(account, region),
    ...by,
  });
  /** `account` only says whose work it is. */
  const ownPlace = (account: string, region: string): Place =>
    once(places, `own ${account} ${region}`, () => place(account, region, { session: own, assume: assumesNothing }));
  const rolePlace = (account: AwsAccount, region: string, role: Role): Place => {
    const session = once(sessions, `${account.id} ${role.arn}`, () => roleSession(options.clock));
    const assume = (run: Run): Promise<AssumedKeys> =>
      inAnyRegion(account.regions, (sts) => assumeRole(callerOf(ownPlace(account.id, sts), run), account, role));
    return once(places, `${account.id} ${region} ${role.arn}`, () => place(account.id, region, { session, assume }));
  };
  const placeOf = (account: AwsAccount, region: string): Place =>
    account.readerRoleArn === null
      ? ownPlace(account.id, region)
      : rolePlace(account, region, { arn: account.readerRoleArn, name: SESSION_NAME, seconds: SESSION_SECONDS });
  const writerPlaceOf = (account: AwsAccount, region: string): Place => {
    if (account.writerRoleArn === null) throw new Error(`invariant: ${account.id} has no writer role`);
    const role = { arn: account.writerRoleArn, name: WRITER_SESSION_NAME, seconds: WRITER_SESSION_SECONDS };
    return rolePlace(account, region, role);
  };
  return {
    caller: (account, region, run) => callerOf(placeOf(account, region), run),
    writer: (account, region, run) => createSingleTry(writerPlaceOf(account, region), run, pace),
    ownCaller: (region, run) => callerOf(ownPlace('own', region), run),
    bucketsOf,
    close: () => {
      for (const { clients } of places.values()) clients.close();
      places.clear();
    },
  };
}

async function assumesNothing(): Promise<never> {
  throw new Error('invariant: own credentials assume nothing');
}

function paceOf({ speed = 1, callTimeoutMs = CALL_TIMEOUT_MS }: PlacesOptions): Pace {
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

/** A role of an account, and what its sessions are called and live. */
type Role = { readonly arn: string; readonly name: string; readonly seconds: number };

async function assumeRole(call: Caller, account: AwsAccount, role: Role): Promise<AssumedKeys> {
  const { Credentials: found } = await call('sts:AssumeRole', ({ sts }, options) =>
    sts.send(
      new AssumeRoleCommand({
        RoleArn: role.arn,
        RoleSessionName: role.name,
        DurationSeconds: role.seconds,
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
