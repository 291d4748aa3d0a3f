import { randomBytes } from 'node:crypto';
import type { Caller } from './handlers/types.ts';
import type { CallerRole } from './policy.ts';
import type { AccountState, AwsWorld } from './state.ts';

/** Who an access key belongs to, and how to tell that it is theirs. */
export type Identity = {
  readonly account: AccountState;
  readonly caller: Caller;
  /** Says which policy is the caller's. */
  readonly role: CallerRole;
  readonly secretAccessKey: string;
  /** Null for a user's own key, which has no token and never expires. */
  readonly session: { readonly token: string; readonly expiresAt: Date } | null;
};

export type IssuedKey = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
};

export type SessionGrant = {
  readonly account: AccountState;
  readonly caller: Caller;
  readonly role: CallerRole;
  readonly expiresAt: Date;
};

/** The access keys that the simulated AWS knows: the hub's own, and those that AssumeRole has handed out. */
export type Credentials = {
  readonly find: (accessKeyId: string) => Identity | undefined;
  readonly issue: (grant: SessionGrant) => IssuedKey;
};

/** Throws when the hub is none of the world's accounts. */
export function createCredentials({ hub, accounts }: AwsWorld): Credentials {
  const account = accounts.find(({ id }) => id === hub.accountId);
  if (account === undefined) throw new Error(`the hub ${hub.accountId} is not among the accounts of the world`);
  const user: Caller = {
    arn: `arn:aws:iam::${hub.accountId}:user/ecs-advise`,
    userId: `AIDA${hub.accountId}HUB0`,
    accountId: hub.accountId,
  };
  const identities = new Map<string, Identity>([
    [hub.accessKeyId, { account, caller: user, role: 'user', secretAccessKey: hub.secretAccessKey, session: null }],
  ]);
  return {
    find: (accessKeyId) => identities.get(accessKeyId),
    issue: ({ account: target, caller, role, expiresAt }) => {
      const key: IssuedKey = {
        accessKeyId: `ASIA${randomBytes(8).toString('hex').toUpperCase()}`,
        secretAccessKey: randomBytes(30).toString('base64'),
        sessionToken: randomBytes(96).toString('base64'),
      };
      identities.set(key.accessKeyId, {
        account: target,
        caller,
        role,
        secretAccessKey: key.secretAccessKey,
        session: { token: key.sessionToken, expiresAt },
      });
      return key;
    },
  };
}
