import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import type { Clock } from '../deps.ts';

/** Whose keys sign the calls: the process's own, or those of a role that is assumed once an hour. */

export type Keys = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
};
export type AssumedKeys = { readonly keys: Keys; readonly expiresAt: Date };

export type Session = {
  /** For the SDK's clients; they ask before every call. */
  readonly provider: () => Promise<Keys & { readonly expiration: Date }>;
  /**
   * Sees to it that there are keys with some time to live. `assume` is called when new ones are needed; what it throws
   * is thrown again, without another try, for the rest of the same `run`.
   */
  readonly ensure: (run: object, assume: () => Promise<AssumedKeys>) => Promise<void>;
  /** Changes with every new set of keys. */
  readonly generation: () => number;
  /** AWS called keys of that generation expired. */
  readonly expired: (generation: number) => void;
};

/** An expiration in the past: the SDK keeps no copy then, so that a renewed session reaches every client at once. */
const DO_NOT_KEEP = new Date(0);

/** The SDK's default chain: environment, profile, SSO, container or instance role. Resolved once for all clients. */
export function ownSession(): Session {
  const chain = fromNodeProviderChain();
  let generation = 0;
  let stale = false;
  return {
    provider: async () => {
      // Taken back before the answer comes, so that only one of several waiting calls asks anew.
      const forceRefresh = stale;
      stale = false;
      const { accessKeyId, secretAccessKey, sessionToken } = await chain(forceRefresh ? { forceRefresh } : undefined);
      return { accessKeyId, secretAccessKey, ...tokenOf(sessionToken), expiration: DO_NOT_KEEP };
    },
    ensure: async () => {},
    generation: () => generation,
    expired: (used) => {
      if (used !== generation) return;
      generation += 1;
      stale = true;
    },
  };
}

/** The part of a session's life after which it is renewed: 54 minutes of an hour. */
const RENEW_AFTER = 0.9;

/** Keys of an assumed role, renewed well before they expire by the given clock. */
export function roleSession(clock: Clock): Session {
  let current: { readonly keys: Keys; readonly renewAtMs: number } | null = null;
  let generation = 0;
  let pending: Promise<void> | null = null;
  let failed: { readonly run: object; readonly error: unknown } | null = null;
  const renew = async (run: object, assume: () => Promise<AssumedKeys>): Promise<void> => {
    try {
      const { keys, expiresAt } = await assume();
      const nowMs = clock.now().getTime();
      current = { keys, renewAtMs: nowMs + (expiresAt.getTime() - nowMs) * RENEW_AFTER };
      generation += 1;
      failed = null;
    } catch (error) {
      failed = { run, error };
      throw error;
    } finally {
      pending = null;
    }
  };
  return {
    provider: async () => {
      if (current === null) throw new Error('invariant: a call was sent before its role was assumed');
      return { ...current.keys, expiration: DO_NOT_KEEP };
    },
    ensure: async (run, assume) => {
      if (current !== null && clock.now().getTime() < current.renewAtMs) return;
      if (failed !== null && failed.run === run) throw failed.error;
      pending ??= renew(run, assume);
      await pending;
    },
    generation: () => generation,
    expired: (used) => {
      if (used === generation) current = null;
    },
  };
}

/** The SDK tells "no token" from an undefined one. */
export function tokenOf(sessionToken: string | undefined): { readonly sessionToken?: string } {
  return sessionToken === undefined ? {} : { sessionToken };
}
