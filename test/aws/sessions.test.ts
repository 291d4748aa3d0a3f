import { describe, expect, test } from 'vitest';
import { type AssumedKeys, roleSession } from '../../src/aws/sessions.ts';

const START = Date.parse('2026-11-24T10:00:00Z');
const MINUTE = 60 * 1000;

/** A session over a clock that the test moves, and a role that gives numbered keys for an hour. */
function openSession() {
  let now = START;
  let assumed = 0;
  let answer = async (): Promise<AssumedKeys> => {
    assumed += 1;
    const keys = { accessKeyId: `key-${assumed}`, secretAccessKey: 'made-up' };
    return { keys, expiresAt: new Date(now + 60 * MINUTE) };
  };
  const session = roleSession({ now: () => new Date(now) });
  const run = {};
  return {
    session,
    key: async (within: object = run): Promise<string> => {
      await session.ensure(within, () => answer());
      return (await session.provider()).accessKeyId;
    },
    moveTo: (minutes: number) => {
      now = START + minutes * MINUTE;
    },
    refuse: (error: Error) => {
      answer = async () => {
        assumed += 1;
        throw error;
      };
    },
    assumed: () => assumed,
  };
}

describe('the session of a role', () => {
  test('is one for all who ask at the same time', async () => {
    const { key, assumed } = openSession();
    expect(await Promise.all([key(), key(), key()])).toEqual(['key-1', 'key-1', 'key-1']);
    expect(assumed()).toBe(1);
  });

  test('is renewed when a tenth of its hour is left', async () => {
    const { key, moveTo } = openSession();
    await key();
    moveTo(53);
    expect(await key()).toBe('key-1');
    moveTo(54);
    expect(await key()).toBe('key-2');
  });

  test('that AWS calls expired is replaced, once however many calls it failed', async () => {
    const { session, key, assumed } = openSession();
    await key();
    const used = session.generation();
    session.expired(used);
    expect(await Promise.all([key(), key()])).toEqual(['key-2', 'key-2']);
    // A straggler that was sent with the old keys.
    session.expired(used);
    expect(await key()).toBe('key-2');
    expect(assumed()).toBe(2);
  });

  test('that cannot be had is not asked for again in the same run', async () => {
    const { key, refuse, assumed } = openSession();
    const denied = new Error('denied');
    refuse(denied);
    await expect(key()).rejects.toBe(denied);
    await expect(key()).rejects.toBe(denied);
    expect(assumed()).toBe(1);
    await expect(key({})).rejects.toBe(denied);
    expect(assumed()).toBe(2);
  });

  test('is never kept by the SDK itself, so that new keys reach every client', async () => {
    const { session, key } = openSession();
    await key();
    expect((await session.provider()).expiration.getTime()).toBe(0);
  });
});
