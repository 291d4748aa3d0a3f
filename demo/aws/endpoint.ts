import { randomUUID } from 'node:crypto';
import { createCredentials, type Identity } from './credentials.ts';
import { createFaults, type FaultAnswer } from './faults.ts';
import { SERVICES } from './handlers/index.ts';
import { AwsFault, type Operation } from './handlers/types.ts';
import { createJournal } from './journal.ts';
import { createPolicy, tagging } from './policy.ts';
import { answerFindings, type Decoded, decode, encode } from './protocol/codec.ts';
import {
  accessDenied,
  expiredToken,
  faultAnswer,
  internalFailure,
  malformed,
  throttled,
  unknownKey,
  unknownOperation,
  type WireAnswer,
  wrongSignature,
} from './protocol/errors.ts';
import { type Call, route } from './protocol/route.ts';
import { isSignedWith, parseSignature, type SignedRequest } from './protocol/sigv4.ts';
import { regionOf } from './regions.ts';
import type { AwsWorld, RegionState } from './state.ts';
import { createBuckets } from './throttle.ts';

export type EndpointOptions = {
  readonly world: AwsWorld;
  /** Whether the documented token buckets deny calls; they are counted in any case. */
  readonly throttle?: boolean;
  /** How many times faster than documented the buckets refill; 1 when absent. */
  readonly speed?: number;
  /** `counts` keeps no entries, for very large scans. */
  readonly journal?: 'full' | 'counts';
  /** Instead of the world's clock. */
  readonly now?: () => Date;
  /** Milliseconds for the buckets, never going back. */
  readonly clock?: () => number;
};

/** What goes back on the connection. */
export type EndpointAction = { readonly answer: WireAnswer | 'hang-up' | 'silence'; readonly delayMs: number };

type Signed = { readonly identity: Identity; readonly region: RegionState };
type Parts = ReturnType<typeof createParts>;
/** A call as far as it is understood; what the journal writes. */
type Known = { readonly call: Call; signed: Signed | null; input: unknown };

function createParts(options: EndpointOptions) {
  const world: AwsWorld = { ...options.world, now: options.now ?? options.world.now };
  const violations: string[] = [];
  return {
    world,
    violations,
    credentials: createCredentials(world),
    journal: createJournal(options.journal ?? 'full'),
    faults: createFaults(),
    policy: createPolicy(),
    buckets: createBuckets({
      speed: options.speed ?? 1,
      clock: options.clock ?? (() => performance.now()),
      enforce: options.throttle ?? false,
    }),
  };
}

/** All of the simulated AWS but its sockets: requests in, answers out. */
export function createEndpoint(options: EndpointOptions) {
  const parts = createParts(options);
  const { journal, violations, buckets, faults } = parts;
  return {
    journal,
    violations,
    buckets,
    faults,
    answer: (request: SignedRequest): EndpointAction => {
      const routed = route(SERVICES, request);
      if (routed.kind === 'lost') return lostAnswer(parts, routed.why);
      return answerCall(parts, request, { call: routed.call, signed: null, input: undefined });
    },
  };
}

function lostAnswer({ violations }: Parts, why: string): EndpointAction {
  violations.push(why);
  const headers = { 'content-type': 'text/plain' };
  return { answer: { status: 501, headers, body: `${why}\n` }, delayMs: 0 };
}

function answerCall(parts: Parts, request: SignedRequest, known: Known): EndpointAction {
  const { call } = known;
  const requestId = randomUUID();
  let action: EndpointAction;
  let code: string | null = null;
  try {
    const wire = (output: unknown, operation: Operation): WireAnswer => encode(call, operation, { output, requestId });
    const done = process(parts, request, known);
    if (done.kind === 'output') action = { answer: wire(done.output, done.operation), delayMs: done.delayMs };
    else {
      action = { answer: done.answer, delayMs: 0 };
      code = done.code;
    }
  } catch (error) {
    const fault = error instanceof AwsFault ? error : broken(parts, call, error);
    code = fault.code;
    action = { answer: faultAnswer(call.service, fault, requestId), delayMs: 0 };
  }
  parts.journal.write({
    at: parts.world.now(),
    account: known.signed?.identity.account.id ?? null,
    region: known.signed?.region.region ?? null,
    service: call.service.iam,
    operation: call.name,
    input: known.input,
    status: typeof action.answer === 'string' ? 0 : action.answer.status,
    code,
  });
  return action;
}

type Done =
  | { readonly kind: 'output'; readonly operation: Operation; readonly output: unknown; readonly delayMs: number }
  | { readonly kind: 'raw'; readonly answer: WireAnswer | 'hang-up' | 'silence'; readonly code: string };

/** Everything between the bytes: who, what, may it, and the handler. Throws `AwsFault` for each refusal. */
function process(parts: Parts, request: SignedRequest, known: Known): Done {
  const { call } = known;
  known.signed = authenticate(parts, request, call);
  const { operation } = call;
  if (operation === undefined) {
    parts.violations.push(`the simulated AWS has no ${call.service.iam}:${call.name}`);
    throw unknownOperation(call.service, call.name);
  }
  const { input, findings }: Decoded = decode(call, operation);
  known.input = input;
  if (findings.length > 0) {
    parts.violations.push(...findings);
    throw malformed(call.service, findings);
  }
  const where = { account: known.signed.identity.account.id, region: known.signed.region.region };
  const what = { service: call.service.iam, operation: call.name };
  authorize(parts, { signed: known.signed, call, input });
  const fault = parts.faults.take({ ...where, ...what });
  const raw = fault === undefined ? undefined : faulted(fault, known.signed, call);
  if (raw !== undefined) return raw;
  if (!parts.buckets.take({ ...where, ...what, input })) throw throttled(call.service);
  const output = handle(parts, { call, operation, signed: known.signed, input });
  if (fault?.kind === 'hang-up-after') return { kind: 'raw', answer: 'hang-up', code: 'hang-up-after' };
  return { kind: 'output', operation, output, delayMs: fault?.kind === 'slow' ? fault.ms : 0 };
}

/** Who signed the request, and for which region. */
function authenticate(parts: Parts, request: SignedRequest, call: Call): Signed {
  const { service } = call;
  const signature = parseSignature(request.headers.authorization);
  if (signature === null)
    throw new AwsFault('MissingAuthenticationToken', 'Missing Authentication Token', { status: 403 });
  const identity = parts.credentials.find(signature.accessKeyId);
  if (identity === undefined) throw unknownKey(service);
  if (signature.signingName !== service.signingName || !isSignedWith(identity.secretAccessKey, request, signature)) {
    throw wrongSignature(service);
  }
  const token = request.headers['x-amz-security-token'];
  if (token !== identity.session?.token) throw unknownKey(service);
  if (identity.session !== null && identity.session.expiresAt <= parts.world.now()) throw expiredToken(service);
  const region = regionOf(identity.account, signature.region, service.isGlobal);
  if (region === undefined) throw unknownKey(service);
  return { identity, region };
}

/** Throws unless the caller's policy allows the call, and the tagging that goes with it. */
function authorize(
  { policy, world }: Parts,
  { signed, call, input }: { readonly signed: Signed; readonly call: Call; readonly input: unknown },
): void {
  const { role, account, caller } = signed.identity;
  const { service, name } = call;
  const needs = [{ action: `${service.iam}:${name}` }, tagging(name, input)];
  for (const need of needs) {
    if (need === null || policy({ role, isPayer: account.id === world.payer, ...need })) continue;
    const operation = need.action.slice(need.action.indexOf(':') + 1);
    throw accessDenied(service, { arn: caller.arn, operation });
  }
}

/** What a fault does to the call. Undefined when it is answered rightly, only later. */
function faulted(fault: FaultAnswer, { identity }: Signed, { service, name }: Call): Done | undefined {
  switch (fault.kind) {
    case 'hang-up-after':
      return undefined;
    case 'throttle':
      throw throttled(service);
    case 'expired-token':
      throw expiredToken(service);
    case 'access-denied':
      throw accessDenied(service, { arn: identity.caller.arn, operation: name });
    case 'error':
      throw new AwsFault(fault.code, fault.message, fault.status === undefined ? {} : { status: fault.status });
    case 'status': {
      const headers = { 'content-type': fault.contentType ?? 'text/html' };
      const body = fault.body ?? `<html><body><h1>${fault.status}</h1></body></html>`;
      return { kind: 'raw', answer: { status: fault.status, headers, body }, code: `status ${fault.status}` };
    }
    case 'hang-up':
    case 'silence':
      return { kind: 'raw', answer: fault.kind, code: fault.kind };
    case 'slow':
      return undefined;
  }
}

type Ready = { readonly call: Call; readonly operation: Operation; readonly signed: Signed; readonly input: unknown };

function handle(parts: Parts, { call, operation, signed, input }: Ready): unknown {
  const output = operation.handle(input, {
    world: parts.world,
    account: signed.identity.account,
    region: signed.region,
    now: parts.world.now(),
    caller: signed.identity.caller,
    issueSession: parts.credentials.issue,
  });
  const findings = answerFindings(operation, output, call.name);
  if (findings.length > 0) {
    parts.violations.push(...findings);
    throw internalFailure(findings.join('; '));
  }
  return output;
}

/** A handler that failed is a fault of ours: loud, with what it said. */
function broken({ violations }: Parts, call: Call, error: unknown): AwsFault {
  const text = `${call.service.iam}:${call.name} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  violations.push(text);
  return internalFailure(text);
}
