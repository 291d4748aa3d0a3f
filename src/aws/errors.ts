import { AdviseError } from '../errors.ts';
import { type Action, isWriterAction } from './operations.ts';

/** What can go wrong with a call, as the `code` of a miss says it. */
export type FailureCode =
  | 'access-denied'
  | 'throttled'
  | 'timeout'
  | 'expired-token'
  | 'bad-credentials'
  | 'no-credentials'
  | 'clock-skew'
  | 'opt-in-required'
  | 'not-found'
  | 'unreachable'
  | 'endpoint-failed'
  | 'refused';

/** What trying again may do about it: wait for the bucket, just try, get a new session, or nothing. */
export type Remedy = 'slow-down' | 'try-again' | 'new-session' | 'none';

export type Failure = { readonly code: FailureCode; readonly remedy: Remedy };

/** Thrown by our own time limit. */
export class CallTimeout extends Error {
  constructor(ms: number) {
    super(`no answer within ${ms} ms`);
    this.name = 'CallTimeout';
  }
}

/** Thrown where an answer is not what the service's protocol promises: a proxy's page, or members that must be there. */
export class NotAnAnswer extends Error {
  constructor(what: string) {
    super(what);
    this.name = 'NotAnAnswer';
  }
}

/** Names of errors that AWS (or the SDK, or Node) gives, and what they mean; the first row that fits counts. */
const ROWS: readonly { readonly names: RegExp; readonly failure: Failure }[] = [
  {
    names: /Throttl|^RequestLimitExceeded$|^TooManyRequests|^LimitExceededException$|^SlowDown$|^RequestThrottled/,
    failure: { code: 'throttled', remedy: 'slow-down' },
  },
  { names: /^ExpiredToken|^RequestExpired$/, failure: { code: 'expired-token', remedy: 'new-session' } },
  {
    names: /^AccessDenied|^UnauthorizedOperation$|^UnauthorizedException$|^NotAuthorized/,
    failure: { code: 'access-denied', remedy: 'none' },
  },
  {
    names: /^RequestTimeTooSkewed$|^RequestInTheFuture$/,
    failure: { code: 'clock-skew', remedy: 'try-again' },
  },
  {
    names:
      /^UnrecognizedClient|^InvalidClientTokenId$|^SignatureDoesNotMatch$|^InvalidSignature|^AuthFailure$|^IncompleteSignature|^MissingAuthenticationToken|^InvalidAccessKeyId$/,
    failure: { code: 'bad-credentials', remedy: 'none' },
  },
  { names: /^(Credentials|Token)ProviderError$/, failure: { code: 'no-credentials', remedy: 'none' } },
  { names: /^OptInRequired|^SubscriptionRequired/, failure: { code: 'opt-in-required', remedy: 'none' } },
  // Clients spell it `InvalidInstanceEventWindowID.NotFound` and `…WindowId.NotFound`.
  { names: /NotFound|^NoSuch/, failure: { code: 'not-found', remedy: 'none' } },
  { names: /^(Call|Connection)?Timeout(Error)?$/, failure: { code: 'timeout', remedy: 'try-again' } },
  {
    names:
      /^(ENOTFOUND|ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN|EPROTO|CERT_|ERR_TLS|UNABLE_TO)/,
    failure: { code: 'unreachable', remedy: 'try-again' },
  },
  { names: /^ETIMEDOUT$/, failure: { code: 'timeout', remedy: 'try-again' } },
  { names: /^(NotAnAnswer|SyntaxError|UnknownError)$/, failure: { code: 'endpoint-failed', remedy: 'try-again' } },
];

/** What an error of a call means. Anything that is not an answer of AWS is the endpoint's failure, never data. */
export function failureOf(error: unknown): Failure {
  const { names, status, message } = factsOf(error);
  if (status === 429) return { code: 'throttled', remedy: 'slow-down' };
  for (const { names: pattern, failure } of ROWS) {
    if (names.some((name) => pattern.test(name))) return failure;
  }
  // ECS has no code of its own for a revision that was deleted.
  if (/^Unable to describe task definition/.test(message)) return { code: 'not-found', remedy: 'none' };
  if (status !== null && status >= 400 && status < 500) return { code: 'refused', remedy: 'none' };
  return { code: 'endpoint-failed', remedy: 'try-again' };
}

/** Whether the error means that the call never left this machine: nobody listens there, or there were no keys. */
export function isNeverSent(error: unknown): boolean {
  const never = /^(ENOTFOUND|ECONNREFUSED|EAI_AGAIN|CERT_|UNABLE_TO|(Credentials|Token)ProviderError$)/;
  return factsOf(error).names.some((name) => never.test(name));
}

function factsOf(error: unknown): {
  readonly names: readonly string[];
  readonly status: number | null;
  readonly message: string;
} {
  const bag: Record<string, unknown> = Object(error);
  const metadata: Record<string, unknown> = Object(bag.$metadata);
  const response: Record<string, unknown> = Object(bag.$response);
  const status = [metadata.httpStatusCode, response.statusCode].find((value) => typeof value === 'number');
  return {
    names: [bag.name, bag.code, bag.Code].filter((name) => typeof name === 'string'),
    status: typeof status === 'number' ? status : null,
    message: typeof bag.message === 'string' ? bag.message : '',
  };
}

/** Where a call went. */
export type CallPlace = { readonly account: string; readonly region: string; readonly action: Action };

/** The failure as our own error, of kind `upstream`, told so that somebody can act on it. */
export function awsError(failure: Failure, place: CallPlace, cause: unknown): AdviseError {
  const { account, region, action } = place;
  const where = `account ${account}, ${region}`;
  switch (failure.code) {
    case 'access-denied':
      return denied(action, {
        kind: 'upstream',
        code: 'aws_access_denied',
        message: `AWS does not allow ${action} (${where}).`,
        hint: hintOfDenied(action),
        cause,
      });
    case 'throttled':
      return new AdviseError({
        kind: 'upstream',
        code: 'aws_throttled',
        message: `AWS throttles ${action} (${where}), after many tries still.`,
        hint: 'something else uses up the limit of this account; try again later',
        cause,
      });
    case 'timeout':
      return new AdviseError({
        kind: 'upstream',
        code: 'aws_timeout',
        message: `AWS did not answer ${action} in time (${where}).`,
        hint: 'try again; if it stays, check the way from here to that region',
        cause,
      });
    default:
      return credentialsError(failure.code, place, cause) ?? endpointError(failure.code, place, cause);
  }
}

function hintOfDenied(action: Action): string {
  if (action === 'sts:AssumeRole') {
    return "check the role's trust policy, its external id, and that the bot may assume it (docs/aws.md)";
  }
  const role = isWriterAction(action) ? 'writer' : 'reader';
  return `allow it in the ${role} role (deploy/iam/${role}.json), then run "ecs-advise doctor"`;
}

function credentialsError(code: FailureCode, place: CallPlace, cause: unknown): AdviseError | null {
  const where = `account ${place.account}, ${place.region}`;
  switch (code) {
    case 'expired-token':
      return new AdviseError({
        kind: 'upstream',
        code: 'aws_expired_token',
        message: `The credentials have expired (${where}).`,
        hint: 'give the bot fresh AWS credentials, best a role of the machine or task it runs on',
        cause,
      });
    case 'bad-credentials':
      return new AdviseError({
        kind: 'upstream',
        code: 'aws_bad_credentials',
        message: `AWS does not accept the credentials (${where}).`,
        hint: 'check the AWS credentials of the bot, and that the region is enabled in the account',
        cause,
      });
    case 'no-credentials':
      return new AdviseError({
        kind: 'upstream',
        code: 'aws_no_credentials',
        message: `There are no AWS credentials here (${where}).`,
        hint: 'give the process a role, a profile (AWS_PROFILE) or keys; docs/aws.md shows how',
        cause,
      });
    case 'clock-skew':
      return new AdviseError({
        kind: 'upstream',
        code: 'aws_clock_skew',
        message: `AWS refuses the time of this machine's clock (${where}).`,
        hint: 'set the clock right',
        cause,
      });
    default:
      return null;
  }
}

function endpointError(code: FailureCode, place: CallPlace, cause: unknown): AdviseError {
  const { account, region, action } = place;
  const where = `account ${account}, ${region}`;
  switch (code) {
    case 'opt-in-required':
      return new AdviseError({
        kind: 'upstream',
        code: 'aws_opt_in_required',
        message: `The account has not opted in to what ${action} needs (${where}).`,
        hint: 'run "ecs-advise doctor": it lists what is off',
        cause,
      });
    case 'not-found':
      return new AdviseError({
        kind: 'upstream',
        code: 'aws_not_found',
        message: `What ${action} asked for is not there (${where}).`,
        cause,
      });
    case 'unreachable':
      return new AdviseError({
        kind: 'upstream',
        code: 'aws_unreachable',
        message: `The endpoint of ${action} cannot be reached (${where}).`,
        hint: 'check network, proxy and AWS_ENDPOINT_URL',
        cause,
      });
    case 'refused':
      return new AdviseError({
        kind: 'upstream',
        code: 'aws_refused',
        message: `AWS refused ${action} (${where}).`,
        hint: 'the log has the whole answer',
        cause,
      });
    default:
      return new AdviseError({
        kind: 'upstream',
        code: 'aws_endpoint_failed',
        message: `The endpoint failed: it gave no usable answer to ${action} (${where}).`,
        hint: 'try again; behind a proxy, check that its answers come from AWS',
        cause,
      });
  }
}

/** An answer of AWS's own that says it is not whole. */
export function awsIncomplete(what: string): AdviseError {
  return new AdviseError({
    kind: 'upstream',
    code: 'aws_incomplete',
    message: `AWS answered only in part (${what}).`,
    hint: 'try again',
  });
}

/** Which action each refusal was about: a miss names it. */
const deniedActions = new WeakMap<AdviseError, Action>();

function denied(action: Action, parts: ConstructorParameters<typeof AdviseError>[0]): AdviseError {
  const error = new AdviseError(parts);
  deniedActions.set(error, action);
  return error;
}

/**
 * `aws_access_denied` -> `access-denied`: the code of a miss, and the action when it was refused. Null for errors that
 * no call to AWS gave.
 */
export function missOf(error: unknown): { readonly code: string; readonly action: Action | null } | null {
  if (!(error instanceof AdviseError) || !error.code.startsWith('aws_')) return null;
  return { code: error.code.slice('aws_'.length).replaceAll('_', '-'), action: deniedActions.get(error) ?? null };
}
