import { describe, expect, test } from 'vitest';
import { awsError, CallTimeout, type FailureCode, failureOf, missOf, NotAnAnswer } from '../../src/aws/errors.ts';
import { createMisses } from '../../src/aws/missed.ts';
import { AdviseError } from '../../src/errors.ts';

/** An error as the SDK throws it for an answer of AWS. */
function answered(name: string, status = 400, message = 'made up'): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } });
}

/** An error as Node throws it for a connection. */
function broken(code: string): Error {
  return Object.assign(new Error(code), { code });
}

describe('what an error of AWS means', () => {
  test.each<readonly [Error, FailureCode, string]>([
    [answered('ThrottlingException'), 'throttled', 'slow-down'],
    [answered('RequestLimitExceeded', 503), 'throttled', 'slow-down'],
    [answered('TooManyRequestsException'), 'throttled', 'slow-down'],
    [answered('LimitExceededException'), 'throttled', 'slow-down'],
    [answered('Anything', 429), 'throttled', 'slow-down'],
    [answered('ExpiredTokenException'), 'expired-token', 'new-session'],
    [answered('ExpiredToken', 403), 'expired-token', 'new-session'],
    [answered('RequestExpired'), 'expired-token', 'new-session'],
    [answered('AccessDeniedException'), 'access-denied', 'none'],
    [answered('AccessDenied', 403), 'access-denied', 'none'],
    [answered('UnauthorizedOperation', 403), 'access-denied', 'none'],
    [answered('UnrecognizedClientException'), 'bad-credentials', 'none'],
    [answered('AuthFailure', 401), 'bad-credentials', 'none'],
    [answered('SignatureDoesNotMatch', 403), 'bad-credentials', 'none'],
    [answered('CredentialsProviderError'), 'no-credentials', 'none'],
    [answered('RequestTimeTooSkewed', 403), 'clock-skew', 'try-again'],
    [answered('OptInRequiredException'), 'opt-in-required', 'none'],
    [answered('SubscriptionRequiredException'), 'opt-in-required', 'none'],
    [answered('ClusterNotFoundException'), 'not-found', 'none'],
    [answered('InvalidInstanceID.NotFound'), 'not-found', 'none'],
    [answered('NoSuchResourceException'), 'not-found', 'none'],
    [answered('ClientException', 400, 'Unable to describe task definition.'), 'not-found', 'none'],
    [answered('ValidationException'), 'refused', 'none'],
    [answered('InvalidParameterException'), 'refused', 'none'],
    [answered('ServerException', 500), 'endpoint-failed', 'try-again'],
    [answered('ServiceUnavailable', 503), 'endpoint-failed', 'try-again'],
    [answered('UnknownError', 502), 'endpoint-failed', 'try-again'],
    [new SyntaxError('Unexpected token < in JSON'), 'endpoint-failed', 'try-again'],
    [new TypeError('cannot read properties of undefined'), 'endpoint-failed', 'try-again'],
    [new NotAnAnswer('an HTML page'), 'endpoint-failed', 'try-again'],
    [new CallTimeout(20_000), 'timeout', 'try-again'],
    [answered('TimeoutError', 0), 'timeout', 'try-again'],
    [broken('ETIMEDOUT'), 'timeout', 'try-again'],
    [broken('ECONNREFUSED'), 'unreachable', 'try-again'],
    [broken('ECONNRESET'), 'unreachable', 'try-again'],
    [broken('ENOTFOUND'), 'unreachable', 'try-again'],
  ])('%s is %s', (error, code, remedy) => {
    expect(failureOf(error)).toEqual({ code, remedy });
  });

  test.each(['', null, undefined, 42, {}])('%j is no answer of AWS', (error) => {
    expect(failureOf(error).code).toBe('endpoint-failed');
  });
});

describe('our own error', () => {
  const place = { account: '111122223333', region: 'eu-west-1', action: 'ecs:ListServices' } as const;
  const codes: readonly FailureCode[] = [
    'access-denied',
    'throttled',
    'timeout',
    'expired-token',
    'bad-credentials',
    'no-credentials',
    'clock-skew',
    'opt-in-required',
    'not-found',
    'unreachable',
    'endpoint-failed',
    'refused',
  ];

  test.each(codes)('for %s is of kind upstream and has the code in its own', (code) => {
    const error = awsError({ code, remedy: 'none' }, place, null);
    expect(error.kind).toBe('upstream');
    expect(error.code).toBe(`aws_${code.replaceAll('-', '_')}`);
    expect(missOf(error)?.code).toBe(code);
    expect(error.message).toMatch(/\.$/);
  });

  test('for a refused action names it, and so does the miss', () => {
    const error = awsError({ code: 'access-denied', remedy: 'none' }, place, null);
    expect(error.message).toContain('ecs:ListServices');
    expect(missOf(error)?.action).toBe('ecs:ListServices');
  });

  test('is told from errors of others', () => {
    expect(missOf(new Error('a bug'))).toBeNull();
    expect(missOf(new AdviseError({ kind: 'upstream', code: 'store_busy', message: 'Busy.' }))).toBeNull();
  });
});

describe('misses', () => {
  const denied = awsError(
    { code: 'access-denied', remedy: 'none' },
    { account: '1', region: 'eu-west-1', action: 'ecs:ListTasks' },
    null,
  );

  test('name what is missing, where, why, and the refused action', async () => {
    const misses = createMisses('1', 'eu-west-1');
    await misses.attempt('cluster rose tasks', () => Promise.reject(denied));
    expect(misses.list()).toEqual([
      { account: '1', region: 'eu-west-1', what: 'cluster rose tasks (ecs:ListTasks)', code: 'access-denied' },
    ]);
  });

  test('hold each thing once, in a fixed order', () => {
    const misses = createMisses('1', 'eu-west-1');
    misses.add('volumes', 'timeout');
    misses.add('subnets', 'timeout');
    misses.add('volumes', 'timeout');
    expect(misses.list().map(({ what }) => what)).toEqual(['subnets', 'volumes']);
  });

  test('are never made of an error that AWS did not cause', async () => {
    const misses = createMisses('1', 'eu-west-1');
    const bug = new Error('ours');
    await expect(misses.attempt('volumes', () => Promise.reject(bug))).rejects.toBe(bug);
    expect(misses.list()).toEqual([]);
  });
});
