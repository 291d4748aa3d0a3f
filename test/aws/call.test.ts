import { describe, expect, test } from 'vitest';
import { createBuckets } from '../../src/aws/buckets.ts';
import { type Caller, createCaller, listIn, type Pace, type Place, pagesOf, present } from '../../src/aws/call.ts';
import { type Clients, createClients } from '../../src/aws/clients.ts';
import { countedRun } from '../../src/aws/scan.ts';
import type { Session } from '../../src/aws/sessions.ts';
import { AdviseError } from '../../src/errors.ts';

const silent = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };

function awsError(name: string, status = 400): Error {
  return Object.assign(new Error('made up'), { name, $metadata: { httpStatusCode: status } });
}

/** A caller on a clock of its own: sleeping moves it on, nothing else does. */
function openCaller() {
  let now = 0;
  let generation = 1;
  const slept: number[] = [];
  const pace: Pace = {
    nowMs: () => now,
    sleep: async (ms) => {
      slept.push(ms);
      now += ms;
    },
    random: () => 1,
    speed: 1,
    callTimeoutMs: 50,
  };
  const session: Session = {
    provider: async () => ({ accessKeyId: 'key', secretAccessKey: 'made-up', expiration: new Date(0) }),
    ensure: async () => {},
    generation: () => generation,
    expired: (used) => {
      if (used === generation) generation += 1;
    },
  };
  const clients: Clients = createClients('eu-west-1', session);
  const place: Place = {
    account: '111122223333',
    region: 'eu-west-1',
    clients,
    session,
    buckets: createBuckets(1),
    assume: () => Promise.reject(new Error('not asked for')),
  };
  const counted = countedRun();
  const call: Caller = createCaller(place, counted.run, { pace, log: silent });
  /** Answers with these errors, one after the other, then with `done`. */
  const answers = (...errors: readonly Error[]) => {
    const left = [...errors];
    return async (): Promise<string> => {
      const error = left.shift();
      if (error !== undefined) throw error;
      return 'done';
    };
  };
  return { call, answers, counted, slept, now: () => now, generation: () => generation };
}

const codeOf = (code: string) => expect.objectContaining({ code, kind: 'upstream' });

describe('a call', () => {
  test('that succeeds is sent and counted once', async () => {
    const { call, answers, counted, slept } = openCaller();
    expect(await call('ecs:ListClusters', answers())).toBe('done');
    expect(counted.calls()).toEqual({ total: 1, throttled: 0, byOperation: { 'ecs.ListClusters': 1 } });
    expect(slept).toEqual([]);
  });

  test('that is throttled is sent up to eight times, with longer and longer pauses', async () => {
    const { call, answers, counted, slept } = openCaller();
    const throttled = Array.from({ length: 7 }, () => awsError('ThrottlingException'));
    expect(await call('ecs:ListClusters', answers(...throttled))).toBe('done');
    expect(counted.calls()).toMatchObject({ total: 8, throttled: 7 });
    // Doubling from half a second up to 20 s.
    expect(slept.filter((ms) => ms >= 500)).toEqual(
      expect.arrayContaining([500, 1000, 2000, 4000, 8000, 16000, 20000]),
    );
  });

  test('that is throttled for the eighth time is given up', async () => {
    const { call, answers, counted } = openCaller();
    const throttled = Array.from({ length: 8 }, () => awsError('RequestLimitExceeded', 503));
    await expect(call('ec2:DescribeSubnets', answers(...throttled))).rejects.toEqual(codeOf('aws_throttled'));
    expect(counted.calls().total).toBe(8);
  });

  test.each([
    ['a server error', awsError('ServerException', 500), 'aws_endpoint_failed'],
    ['rubbish', new SyntaxError('Unexpected token <'), 'aws_endpoint_failed'],
    ['a cut connection', Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }), 'aws_unreachable'],
  ])('that meets %s is sent three times', async (_name, error, code) => {
    const { call, answers, counted } = openCaller();
    expect(await call('ecs:ListClusters', answers(error, error))).toBe('done');
    await expect(call('ecs:ListClusters', answers(error, error, error))).rejects.toEqual(codeOf(code));
    expect(counted.calls().total).toBe(6);
  });

  test('that is refused is sent once', async () => {
    const { call, answers, counted } = openCaller();
    await expect(call('ecs:ListClusters', answers(awsError('AccessDeniedException')))).rejects.toEqual(
      codeOf('aws_access_denied'),
    );
    expect(counted.calls().total).toBe(1);
  });

  test('with an expired token gets one new session', async () => {
    const { call, answers, generation } = openCaller();
    const expired = awsError('ExpiredTokenException');
    expect(await call('ecs:ListClusters', answers(expired))).toBe('done');
    expect(generation()).toBe(2);
    await expect(call('ecs:ListClusters', answers(expired, expired))).rejects.toEqual(codeOf('aws_expired_token'));
  });

  test('that gets no answer ends at its time limit, also when the SDK does not heed the signal', async () => {
    const { call } = openCaller();
    await expect(call('ecs:ListClusters', () => new Promise(() => {}))).rejects.toEqual(codeOf('aws_timeout'));
  });

  test('to an endpoint that was found silent fails at once, in the same run and service only', async () => {
    const { call, answers, counted } = openCaller();
    const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    await expect(call('ec2:DescribeSubnets', answers(refused, refused, refused))).rejects.toEqual(
      codeOf('aws_unreachable'),
    );
    await expect(call('ec2:DescribeVolumes', answers())).rejects.toEqual(codeOf('aws_unreachable'));
    expect(await call('ecs:ListClusters', answers())).toBe('done');
    expect(counted.calls().byOperation).toEqual({ 'ec2.DescribeSubnets': 3, 'ecs.ListClusters': 1 });
  });

  test('waits for its bucket: 50 at once, then 10 a second', async () => {
    const { call, answers, now } = openCaller();
    for (let count = 0; count < 70; count += 1) await call('ecs:ListServices', answers());
    // (70 - 50) / 10 s; each wait is rounded up to whole ms.
    expect(now()).toBeGreaterThanOrEqual(2_000);
    expect(now()).toBeLessThanOrEqual(2_020);
  });

  test('asks before every try whether it may cost something', async () => {
    const { call, answers } = openCaller();
    let asked = 0;
    const before = async () => {
      asked += 1;
    };
    await call('ce:GetCostAndUsage', answers(awsError('LimitExceededException')), before);
    expect(asked).toBe(2);
  });

  test('that may not cost anything more ends with that very error, unsent', async () => {
    const { call, answers, counted } = openCaller();
    const cap = new AdviseError({ kind: 'upstream', code: 'cap_reached', message: 'Enough.' });
    await expect(call('ce:GetCostAndUsage', answers(), () => Promise.reject(cap))).rejects.toBe(cap);
    expect(counted.calls().total).toBe(0);
  });

  test('of a run that was stopped ends with the reason, under way or not', async () => {
    const { call, answers, counted } = openCaller();
    const reason = new Error('the disk is full');
    const underWay = call('ecs:ListClusters', () => new Promise(() => {}));
    // Let it be sent first.
    await new Promise((resolve) => setImmediate(resolve));
    counted.stop(reason);
    await expect(underWay).rejects.toBe(reason);
    await expect(call('ecs:ListClusters', answers())).rejects.toBe(reason);
  });
});

describe('an answer', () => {
  test('without what it must have is the failure of the endpoint', () => {
    expect(() => present(undefined, 'Account')).toThrow(AdviseError);
    expect(() => listIn(undefined, 'clusters')).toThrow(/lacks clusters/);
    expect(() => listIn('x' as unknown as string[], 'clusters')).toThrow(/lacks clusters/);
    expect(listIn([], 'clusters')).toEqual([]);
  });
});

describe('pages', () => {
  const collect = async (tokens: readonly (string | undefined)[]): Promise<readonly (string | undefined)[]> => {
    const asked: (string | undefined)[] = [];
    const pages = pagesOf(
      async (token) => {
        asked.push(token);
        return tokens[asked.length - 1];
      },
      (next) => next,
    );
    for await (const _ of pages) if (asked.length > 10) break;
    return asked;
  };

  test('are read until there is no further token, an empty one counting as none', async () => {
    expect(await collect(['a', 'b', undefined])).toEqual([undefined, 'a', 'b']);
    expect(await collect(['a', ''])).toEqual([undefined, 'a']);
  });

  test('do not go round in circles', async () => {
    await expect(collect(['a', 'a', 'a'])).rejects.toThrow(/new page token/);
  });
});
