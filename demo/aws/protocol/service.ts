import type { ServiceTable } from '../handlers/types.ts';

/** How a service is spoken to. */
export type Protocol =
  | { readonly kind: 'json'; readonly version: '1.0' | '1.1'; readonly target: string }
  | { readonly kind: 'ec2' | 'query'; readonly version: string; readonly xmlNamespace: string }
  /** restJson1 with the operation's name as the path. */
  | { readonly kind: 'rest' };

export type Service = {
  /** Prefix of the service's IAM actions; its name in the journal and in faults. */
  readonly iam: string;
  /** The service in the signature's scope. */
  readonly signingName: string;
  readonly protocol: Protocol;
  /** One endpoint for all regions, or data without a region: works in regions that the account has nothing in. */
  readonly isGlobal: boolean;
  readonly operations: ServiceTable;
};
