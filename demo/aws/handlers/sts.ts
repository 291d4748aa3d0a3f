import {
  AssumeRole$,
  type AssumeRoleRequest,
  type AssumeRoleResponse,
  GetCallerIdentity$,
  type GetCallerIdentityRequest,
  type GetCallerIdentityResponse,
} from '@aws-sdk/client-sts';
import { AwsFault, type Handler, operation, type ServiceTable } from './types.ts';

const getCallerIdentity: Handler<GetCallerIdentityRequest, GetCallerIdentityResponse> = (_input, { caller }) => ({
  UserId: caller.userId,
  Account: caller.accountId,
  Arn: caller.arn,
});

/**
 * Only the reader and the writer role of an account can be assumed, and only with the account's external id. As in
 * AWS, a role that does not exist is refused in the same words as one that does not trust the caller.
 */
const assumeRole: Handler<AssumeRoleRequest, AssumeRoleResponse> = (input, { world, caller, now, issueSession }) => {
  const { RoleArn: arn = '', RoleSessionName: session = '', DurationSeconds: seconds = 3600 } = input;
  if (!/^[\w+=,.@-]{2,64}$/.test(session)) throw invalid('roleSessionName', session, '2 to 64 of A-Z a-z 0-9 _+=,.@-');
  if (seconds < 900 || seconds > 43_200) throw invalid('durationSeconds', String(seconds), 'between 900 and 43200');
  const account = world.accounts.find(({ readerRoleArn, writerRoleArn }) =>
    [readerRoleArn, writerRoleArn].includes(arn),
  );
  if (account === undefined || input.ExternalId !== account.externalId) {
    const message = `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${arn}`;
    throw new AwsFault('AccessDenied', message, { status: 403 });
  }
  const role = nameOf(arn);
  const isWriter = arn === account.writerRoleArn;
  const assumed = {
    arn: `arn:aws:sts::${account.id}:assumed-role/${role}/${session}`,
    userId: `AROA${account.id}${isWriter ? 'WRITER' : 'READER'}:${session}`,
    accountId: account.id,
  };
  const expiresAt = new Date(now.getTime() + seconds * 1000);
  const key = issueSession({ account, caller: assumed, role: isWriter ? 'writer' : 'reader', expiresAt });
  return {
    Credentials: {
      AccessKeyId: key.accessKeyId,
      SecretAccessKey: key.secretAccessKey,
      SessionToken: key.sessionToken,
      // Who reads this has the machine's clock (the SDK) or the world's (the bot in a test). By either it must lie
      // ahead, or they would renew without end; when the session really ends, the world's clock says.
      Expiration: new Date(Math.max(Date.now(), now.getTime()) + seconds * 1000),
    },
    AssumedRoleUser: { AssumedRoleId: assumed.userId, Arn: assumed.arn },
    PackedPolicySize: 0,
  };
};

function nameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

function invalid(name: string, value: string, rule: string): AwsFault {
  return new AwsFault('ValidationError', `1 validation error detected: '${value}' at '${name}' must be ${rule}`);
}

export const stsOperations: ServiceTable = {
  AssumeRole: operation<AssumeRoleRequest, AssumeRoleResponse>(AssumeRole$, assumeRole),
  GetCallerIdentity: operation<GetCallerIdentityRequest, GetCallerIdentityResponse>(
    GetCallerIdentity$,
    getCallerIdentity,
  ),
};
