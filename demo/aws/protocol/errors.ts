import { AwsFault } from '../handlers/types.ts';
import type { Service } from './service.ts';
import { escapeXml } from './xml.ts';

/** An HTTP answer, ready to be written. */
export type WireAnswer = {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
};

type Style = 'json' | 'ec2' | 'query';

/** Each protocol has its own words for the same refusal. */
function styleOf({ protocol }: Service): Style {
  return protocol.kind === 'rest' ? 'json' : protocol.kind;
}

type Words = { readonly [style in Style]: readonly [code: string, status: number] };

const UNKNOWN_KEY: Words = {
  json: ['UnrecognizedClientException', 400],
  ec2: ['AuthFailure', 401],
  query: ['InvalidClientTokenId', 403],
};
const WRONG_SIGNATURE: Words = {
  json: ['InvalidSignatureException', 400],
  ec2: ['SignatureDoesNotMatch', 403],
  query: ['SignatureDoesNotMatch', 403],
};
const EXPIRED: Words = {
  json: ['ExpiredTokenException', 400],
  ec2: ['RequestExpired', 400],
  query: ['ExpiredToken', 403],
};
const DENIED: Words = {
  json: ['AccessDeniedException', 400],
  ec2: ['UnauthorizedOperation', 403],
  query: ['AccessDenied', 403],
};
const THROTTLED: Words = {
  json: ['ThrottlingException', 400],
  ec2: ['RequestLimitExceeded', 503],
  query: ['Throttling', 400],
};
const MALFORMED: Words = {
  json: ['SerializationException', 400],
  ec2: ['InvalidRequest', 400],
  query: ['ValidationError', 400],
};
const UNKNOWN_OPERATION: Words = {
  json: ['UnknownOperationException', 400],
  ec2: ['InvalidAction', 400],
  query: ['InvalidAction', 400],
};

function faultOf(words: Words, service: Service, message: string): AwsFault {
  const [code, status] = words[styleOf(service)];
  return new AwsFault(code, message, { status });
}

/** The access key is unknown, or the account has nothing in the region. */
export function unknownKey(service: Service): AwsFault {
  return faultOf(UNKNOWN_KEY, service, 'The security token included in the request is invalid.');
}

export function wrongSignature(service: Service): AwsFault {
  const message = 'The request signature we calculated does not match the signature you provided.';
  return faultOf(WRONG_SIGNATURE, service, message);
}

export function expiredToken(service: Service): AwsFault {
  const isEc2 = styleOf(service) === 'ec2';
  const message = isEc2 ? 'Request has expired.' : 'The security token included in the request is expired';
  return faultOf(EXPIRED, service, message);
}

export function accessDenied(service: Service, who: { readonly arn: string; readonly operation: string }): AwsFault {
  const action = `${service.iam}:${who.operation}`;
  const because = `because no identity-based policy allows the ${action} action`;
  const message = `User: ${who.arn} is not authorized to perform: ${action} on resource: * ${because}`;
  const opening = styleOf(service) === 'ec2' ? 'You are not authorized to perform this operation. ' : '';
  return faultOf(DENIED, service, opening + message);
}

export function throttled(service: Service): AwsFault {
  if (service.iam === 'ce') return new AwsFault('LimitExceededException', 'Rate exceeded');
  return faultOf(THROTTLED, service, styleOf(service) === 'ec2' ? 'Request limit exceeded.' : 'Rate exceeded');
}

/** A request that departs from AWS's own model. */
export function malformed(service: Service, findings: readonly string[]): AwsFault {
  return faultOf(MALFORMED, service, findings.join('; '));
}

export function unknownOperation(service: Service, operation: string): AwsFault {
  return faultOf(UNKNOWN_OPERATION, service, `The simulated AWS has no ${service.iam}:${operation}.`);
}

/** The simulated AWS itself is wrong: a handler failed, or answered what AWS's model forbids. */
export function internalFailure(message: string): AwsFault {
  return new AwsFault('InternalFailure', message, { status: 500 });
}

/** A fault as the service's protocol writes it. */
export function faultAnswer(service: Service, fault: AwsFault, requestId: string): WireAnswer {
  const { code, message, status } = fault;
  if (styleOf(service) === 'json') return jsonFault(service, fault, requestId);
  const isEc2 = styleOf(service) === 'ec2';
  const inner = `<Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message>`;
  const type = `<Type>${status >= 500 ? 'Receiver' : 'Sender'}</Type>`;
  return {
    status,
    headers: { 'content-type': 'text/xml;charset=UTF-8', 'x-amzn-requestid': requestId },
    body: isEc2
      ? `<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error>${inner}</Error></Errors><RequestID>${requestId}</RequestID></Response>`
      : `<ErrorResponse><Error>${type}${inner}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
  };
}

function jsonFault(service: Service, { code, message, status, members }: AwsFault, requestId: string): WireAnswer {
  const isRest = service.protocol.kind === 'rest';
  const headers: { [name: string]: string } = {
    'content-type': service.protocol.kind === 'json' ? jsonContentType(service.protocol) : 'application/json',
    'x-amzn-requestid': requestId,
  };
  if (isRest) headers['x-amzn-errortype'] = code;
  return { status, headers, body: JSON.stringify({ ...(isRest ? {} : { __type: code }), message, ...members }) };
}

export function jsonContentType(protocol: { readonly version: string }): string {
  return `application/x-amz-json-${protocol.version}`;
}
