import type { CallOutcome } from '../approvals/model.ts';
import { AdviseError } from '../errors.ts';
import { awsError, type CallPlace, type FailureCode, failureOf, isNeverSent } from './errors.ts';

/** How a call that changes something ended: done, allowed, refused by AWS, or nobody knows. */
export type Ending = Pick<CallOutcome, 'outcome' | 'requestId' | 'window' | 'error'>;

/** The ending of a call that was never sent. */
export function notSent(error: AdviseError): Ending {
  return { outcome: 'refused', requestId: null, window: null, error: told(error) };
}

/** Without an answer of AWS the call may have been carried out, or not. */
const NO_ANSWER: ReadonlySet<FailureCode> = new Set(['timeout', 'unreachable', 'endpoint-failed']);

/**
 * What an error of a sent call means. AWS's own refusals are `refused` (nothing was changed), a dry run that would have
 * been carried out is `allowed`, and everything else is `unknown`. Codes as far as AWS lets them be known:
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
 */
export function endingOf(error: unknown, place: CallPlace): Ending {
  const { name, message, requestId } = wordsOf(error);
  const base = { requestId, window: null };
  if (/^DryRunOperation$/i.test(name)) return { ...base, outcome: 'allowed', error: null };
  const { code } = failureOf(error);
  if (isNeverSent(error)) return { ...base, outcome: 'refused', error: told(awsError(failureOf(error), place, error)) };
  if (NO_ANSWER.has(code)) return { ...base, outcome: 'unknown', error: told(unanswered(code, place)) };
  return { ...base, outcome: 'refused', error: told(refusal(error, place, { name, says: message })) };
}

function wordsOf(error: unknown): {
  readonly name: string;
  readonly message: string;
  readonly requestId: string | null;
} {
  const bag: Record<string, unknown> = Object(error);
  const { requestId }: Record<string, unknown> = Object(bag.$metadata);
  return {
    name: typeof bag.name === 'string' ? bag.name : '',
    message: typeof bag.message === 'string' ? bag.message : '',
    requestId: typeof requestId === 'string' ? requestId : null,
  };
}

/** What a person reads; the hint goes with it, because an outcome has no place of its own for it. */
function told({ code, message, hint }: AdviseError): { readonly code: string; readonly message: string } {
  if (hint === undefined) return { code, message };
  return { code, message: `${message} ${hint.charAt(0).toUpperCase()}${hint.slice(1)}.` };
}

function unanswered(code: FailureCode, { account, region, action }: CallPlace): AdviseError {
  const known = code === 'timeout' ? 'aws_timeout' : code === 'unreachable' ? 'aws_unreachable' : 'aws_endpoint_failed';
  return new AdviseError({
    kind: 'upstream',
    code: known,
    message: `No usable answer came to ${action} (account ${account}, ${region}): it may have been carried out, or not.`,
  });
}

type Said = { readonly name: string; readonly says: string };

function refusal(error: unknown, place: CallPlace, { name, says }: Said): AdviseError {
  const { account, region, action } = place;
  const where = `account ${account}, ${region}`;
  const failure = failureOf(error);
  if (failure.code === 'throttled') {
    return new AdviseError({
      kind: 'upstream',
      code: 'aws_throttled',
      message: `AWS throttles ${action} (${where}) and did not carry it out.`,
      hint: 'try again in a minute',
    });
  }
  if (failure.code === 'not-found') {
    return new AdviseError({
      kind: 'upstream',
      code: 'aws_not_found',
      message: `What ${action} is about is not there any more (${where}). ${quoted(says)}`,
    });
  }
  if (/LimitExceeded$/.test(name)) {
    return new AdviseError({
      kind: 'upstream',
      code: 'aws_limit_reached',
      message: `A limit of AWS stands against ${action} (${where}). ${quoted(says)}`,
    });
  }
  if (failure.code === 'refused') {
    return new AdviseError({
      kind: 'upstream',
      code: 'aws_refused',
      message: `AWS refused ${action} (${where}). ${quoted(says)}`,
    });
  }
  return awsError(failure, place, error);
}

/** AWS's own sentence; it is the only one that names the parameter at fault. */
function quoted(says: string): string {
  return `AWS says: ${says === '' ? 'nothing' : says}`;
}
