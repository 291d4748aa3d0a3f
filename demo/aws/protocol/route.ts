import type { IncomingHttpHeaders } from 'node:http';
import { gunzipSync } from 'node:zlib';
import type { Operation } from '../handlers/types.ts';
import type { Service } from './service.ts';
import { parseSignature, type SignedRequest } from './sigv4.ts';

/** A request whose service is known; `operation` is undefined where the simulated AWS has none of that name. */
export type Call = {
  readonly service: Service;
  readonly name: string;
  readonly operation: Operation | undefined;
  /** The body as text, unpacked. */
  readonly body: string;
  /** What is wrong with the way it was sent. */
  readonly findings: readonly string[];
};

export type Routed = { readonly kind: 'call'; readonly call: Call } | { readonly kind: 'lost'; readonly why: string };

const FORM = 'application/x-www-form-urlencoded';

/**
 * Tells the service and operation of a request as AWS's own front ends do: by `X-Amz-Target`, by the form's `Version`
 * and `Action`, or by path. `lost` when nothing of ours speaks so, for instance after an SDK update that changes a
 * client's protocol.
 */
export function route(services: readonly Service[], request: SignedRequest): Routed {
  const contentType = String(request.headers['content-type'] ?? '');
  const body = unpack(request);
  if (body === null) return lost(request, `content encoding ${String(request.headers['content-encoding'])}`);
  const signingName = parseSignature(request.headers.authorization)?.signingName;
  if (/^application\/x-amz-json-1\.[01]$/.test(contentType)) return routeJson(services, request, body);
  if (contentType === FORM) return routeForm(services, request, body);
  const rest = services.find(({ protocol, signingName: name }) => protocol.kind === 'rest' && name === signingName);
  if (rest !== undefined && (contentType === 'application/json' || contentType === '')) {
    return called(rest, new URL(request.url, 'http://host').pathname.slice(1), { body, findings: [] });
  }
  return lost(request, `content type '${contentType}'`);
}

function routeJson(services: readonly Service[], request: SignedRequest, body: string): Routed {
  const [target = '', name = ''] = String(request.headers['x-amz-target'] ?? '').split('.');
  const service = services.find(({ protocol }) => protocol.kind === 'json' && protocol.target === target);
  if (service === undefined || service.protocol.kind !== 'json') return lost(request, `target '${target}.${name}'`);
  const expected = `application/x-amz-json-${service.protocol.version}`;
  const got = String(request.headers['content-type']);
  const findings = got === expected ? [] : [`content type: ${service.iam} takes ${expected}, got ${got}`];
  return called(service, name, { body, findings });
}

function routeForm(services: readonly Service[], request: SignedRequest, body: string): Routed {
  const form = new URLSearchParams(body);
  const version = form.get('Version') ?? '';
  const service = services.find(
    ({ protocol }) => (protocol.kind === 'ec2' || protocol.kind === 'query') && protocol.version === version,
  );
  if (service === undefined) return lost(request, `Version '${version}' with Action '${form.get('Action') ?? ''}'`);
  return called(service, form.get('Action') ?? '', { body, findings: [] });
}

function called(service: Service, name: string, rest: Pick<Call, 'body' | 'findings'>): Routed {
  const operation = Object.hasOwn(service.operations, name) ? service.operations[name] : undefined;
  return { kind: 'call', call: { service, name, operation, ...rest } };
}

function lost({ method, url }: SignedRequest, what: string): Routed {
  return { kind: 'lost', why: `${method} ${url}: nothing in the simulated AWS takes ${what}` };
}

/** The body's text; null when it is packed in a way that the simulated AWS does not know, or badly. */
function unpack({ headers, body }: { readonly headers: IncomingHttpHeaders; readonly body: Buffer }): string | null {
  const encoding = headers['content-encoding'];
  if (encoding === undefined || encoding === 'identity') return body.toString('utf8');
  if (encoding !== 'gzip') return null;
  try {
    return gunzipSync(body).toString('utf8');
  } catch {
    // No gzip after all: as unreadable as any other packing.
    return null;
  }
}
