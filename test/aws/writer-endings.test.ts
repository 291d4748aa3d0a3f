import { describe, expect, test } from 'vitest';
import type { FaultAnswer } from '../../demo/aws/faults.ts';
import type { CallOutcome, WindowCall } from '../../src/approvals/model.ts';
import { endingOf } from '../../src/aws/write-endings.ts';
import { create, ec2Calls, NO_TARGETS, openWriterBench, REAL, tagged } from './writer-bench.ts';

/** A write has three ends: AWS did it, AWS said no, or nobody knows. The third must never look like the second. */

const at = { match: { service: 'ec2', operation: 'CreateInstanceEventWindow' } };

async function createUnder(
  answer: FaultAnswer,
  callTimeoutMs = 20_000,
): Promise<{ readonly outcome: CallOutcome; readonly calls: readonly string[]; readonly made: number }> {
  const { writer, reader, place, aws } = await openWriterBench({ callTimeoutMs });
  aws.addFault({ ...at, answer, times: Number.POSITIVE_INFINITY });
  const outcome = await writer.write(place, create('mine'), REAL);
  aws.clearFaults();
  const calls = ec2Calls(aws);
  const made = (await reader.eventWindows(place)).filter(({ name }) => name === 'mine').length;
  return { outcome, calls, made };
}

describe('AWS says no', () => {
  test.each<[string, FaultAnswer, string]>([
    ['throttled', { kind: 'throttle' }, 'aws_throttled'],
    ['not allowed', { kind: 'access-denied' }, 'aws_access_denied'],
    ['an expired session', { kind: 'expired-token' }, 'aws_expired_token'],
    ['a parameter', { kind: 'error', code: 'InvalidParameterValue', message: 'no' }, 'aws_refused'],
    ['a combination', { kind: 'error', code: 'InvalidParameterCombination', message: 'no' }, 'aws_refused'],
    ['a limit', { kind: 'error', code: 'InstanceEventWindowLimitExceeded', message: '200' }, 'aws_limit_reached'],
    ['another limit', { kind: 'error', code: 'TagLimitExceeded', message: '50' }, 'aws_limit_reached'],
    ['gone', { kind: 'error', code: 'InvalidInstanceEventWindowID.NotFound', message: 'x' }, 'aws_not_found'],
    [
      'gone, as others spell it',
      { kind: 'error', code: 'InvalidInstanceEventWindowId.NotFound', message: '' },
      'aws_not_found',
    ],
    ['no instance', { kind: 'error', code: 'InvalidInstanceID.NotFound', message: 'x' }, 'aws_not_found'],
    ['unknown words', { kind: 'error', code: 'NeverHeardOf', message: 'no' }, 'aws_refused'],
    ['a proxy', { kind: 'status', status: 429, body: 'slow', contentType: 'text/plain' }, 'aws_throttled'],
  ])('%s: refused, sent once, nothing made', async (_what, answer, code) => {
    const { outcome, calls, made } = await createUnder(answer);
    expect(outcome).toMatchObject({ outcome: 'refused', window: null, error: { code } });
    expect(calls).toEqual(['CreateInstanceEventWindow']);
    expect(made).toBe(0);
  });

  test('and its own sentence is passed on', async () => {
    const message = "The cron expression '* 1 * * *' is not valid";
    const { outcome } = await createUnder({ kind: 'error', code: 'InvalidParameterValue', message });
    expect(outcome.error?.message).toMatch(
      /^AWS refused ec2:CreateInstanceEventWindow \(account \d{12}, eu-west-1\)\. AWS says: The cron expression '\* 1 \* \* \*' is not valid$/,
    );
  });
});

describe('nobody knows', () => {
  test.each<[string, FaultAnswer, string, number]>([
    ['the connection closes before the call is carried out', { kind: 'hang-up' }, 'aws_timeout', 0],
    ['the connection closes after it', { kind: 'hang-up-after' }, 'aws_timeout', 1],
    ['the answer does not come in time', { kind: 'silence' }, 'aws_timeout', 0],
    ['the answer comes too late', { kind: 'slow', ms: 5_000 }, 'aws_timeout', 1],
    [
      'AWS has an internal error',
      { kind: 'error', code: 'InternalError', message: 'x', status: 500 },
      'aws_endpoint_failed',
      0,
    ],
    ['AWS is unavailable', { kind: 'error', code: 'Unavailable', message: 'x', status: 503 }, 'aws_endpoint_failed', 0],
    ['a gateway gives up', { kind: 'status', status: 504 }, 'aws_endpoint_failed', 0],
    ['a proxy answers with a page', { kind: 'status', status: 200 }, 'aws_endpoint_failed', 0],
    [
      'the answer has no window',
      { kind: 'status', status: 200, body: '<a/>', contentType: 'text/xml' },
      'aws_endpoint_failed',
      0,
    ],
  ])('%s: unknown, sent once', async (_what, answer, code, expected) => {
    const { outcome, calls, made } = await createUnder(answer, 700);
    expect(outcome).toMatchObject({ outcome: 'unknown', window: null, error: { code } });
    expect(outcome.error?.message).toContain('it may have been carried out, or not');
    expect(calls).toEqual(['CreateInstanceEventWindow']);
    expect(made).toBe(expected);
  });

  test('names the window that the call was about', async () => {
    const { writer, reader, place, aws } = await openWriterBench();
    const window = (await reader.eventWindows(place))[0]?.id ?? '';
    aws.addFault({ match: { operation: 'DeleteInstanceEventWindow' }, answer: { kind: 'hang-up-after' } });
    const call: WindowCall = { op: 'DeleteInstanceEventWindow', window };
    expect(await writer.write(place, call, REAL)).toMatchObject({ outcome: 'unknown', window });
  });

  test('but where nobody listens, nothing was sent', async () => {
    const { writer, place, aws } = await openWriterBench();
    await writer.write(place, create('first'), REAL);
    await aws.close();
    // The connection that was open breaks under the first call, whose end nobody knows.
    await writer.write(place, create('second'), REAL);
    expect(await writer.write(place, create('second'), REAL)).toMatchObject({
      outcome: 'refused',
      error: { code: 'aws_unreachable' },
    });
  });
});

describe('the world says no', () => {
  const associate = (window: string | null, instanceIds: readonly string[]): WindowCall => ({
    op: 'AssociateInstanceEventWindow',
    window,
    targets: { ...NO_TARGETS, instanceIds },
  });

  test('to the 201st window of a region', async () => {
    const { writer, reader, place } = await openWriterBench();
    const there = (await reader.eventWindows(place)).length;
    for (let number = there; number < 200; number++) {
      expect(await writer.write(place, create(`number ${number}`), REAL)).toMatchObject({ outcome: 'done' });
    }
    expect(await writer.write(place, create('one too many'), { ...REAL, dryRun: true })).toMatchObject({
      outcome: 'allowed',
    });
    expect(await writer.write(place, create('one too many'), REAL)).toMatchObject({
      outcome: 'refused',
      error: { code: 'aws_limit_reached' },
    });
  });

  test('to a window that has vanished, an instance that is not there, and a target that another window has', async () => {
    const { writer, place } = await openWriterBench();
    const { window } = await writer.write(place, create('mine'), REAL);
    const gone = await writer.write(place, associate('iew-00000000000000000', []), REAL);
    expect(gone).toMatchObject({ outcome: 'refused' });
    const options = { dryRun: false, window };
    expect(await writer.write(place, associate(null, ['i-00000000000000000']), options)).toMatchObject({
      outcome: 'refused',
      error: { code: 'aws_not_found' },
    });
    const taken: WindowCall = {
      op: 'AssociateInstanceEventWindow',
      window: null,
      targets: tagged('aws:ecs:clusterName', 'daisy'),
    };
    const outcome = await writer.write(place, taken, options);
    expect(outcome).toMatchObject({ outcome: 'refused', error: { code: 'aws_refused' } });
    expect(outcome.error?.message).toContain('already associated with iew-');
  });
});

test('an error that is no answer at all has an unknown end', () => {
  const place = { account: '111122223333', region: 'eu-west-1', action: 'ec2:DeleteInstanceEventWindow' } as const;
  for (const error of [null, undefined, 42, 'text', {}, new Error('socket hang up')]) {
    expect(endingOf(error, place)).toMatchObject({ outcome: 'unknown', window: null, requestId: null });
  }
});
