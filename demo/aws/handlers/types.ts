import type { GetCallerIdentity$ } from '@aws-sdk/client-sts';
import type { IssuedKey, SessionGrant } from '../credentials.ts';
import type { AccountState, AwsWorld, RegionState } from '../state.ts';

/** An operation's schema, as every SDK client exports it (`DescribeServices$`). */
export type OperationSchema = typeof GetCallerIdentity$;

/** What a handler may look at besides its input. */
export type HandlerContext = {
  readonly world: AwsWorld;
  /** The account that the caller's access key belongs to. */
  readonly account: AccountState;
  /** The region of the signature. Services without regions get an empty one where the account has none of that name. */
  readonly region: RegionState;
  /** The world's clock. */
  readonly now: Date;
  readonly caller: Caller;
  /** Makes an access key for an assumed role. */
  readonly issueSession: (grant: SessionGrant) => IssuedKey;
};

/** Who signed the request. */
export type Caller = {
  /** The user's ARN, or the assumed role's (`arn:aws:sts::…:assumed-role/name/session`). */
  readonly arn: string;
  readonly userId: string;
  readonly accountId: string;
};

/**
 * One operation of AWS. The input has been checked against the SDK's schema before; the output is checked after.
 * Throws `AwsFault` for every error that AWS would answer.
 */
export type Handler<Input, Output> = (input: Input, context: HandlerContext) => Output;

export type Operation = {
  readonly schema: OperationSchema;
  readonly handle: (input: unknown, context: HandlerContext) => unknown;
};

/** The operations of one service, by name. Each service's file exports one: `ecsOperations`, `costExplorerOperations`. */
export type ServiceTable = { readonly [operation: string]: Operation };

/**
 * Puts a handler under its schema:
 * `ListServices: operation<ListServicesRequest, ListServicesResponse>(ListServices$, listServices)`.
 * Returns a row for a `ServiceTable`.
 */
export function operation<Input, Output>(schema: OperationSchema, handler: Handler<Input, Output>): Operation {
  // The server decodes and checks the request with this very schema, of which `Input` is the compiler's view.
  return { schema, handle: (input, context) => handler(input as Input, context) };
}

type FaultDetail = {
  /** HTTP status; 400 when absent. */
  readonly status?: number;
  /** Further members of the error's body, by wire name. */
  readonly members?: { readonly [name: string]: unknown };
};

/** An error that AWS itself would answer, with AWS's own code. */
export class AwsFault extends Error {
  readonly code: string;
  readonly status: number;
  readonly members: { readonly [name: string]: unknown };

  constructor(code: string, message: string, detail: FaultDetail = {}) {
    super(message);
    this.name = 'AwsFault';
    this.code = code;
    this.status = detail.status ?? 400;
    this.members = detail.members ?? {};
  }
}
