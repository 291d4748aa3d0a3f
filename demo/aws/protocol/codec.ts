import { departures } from '../check.ts';
import type { Operation } from '../handlers/types.ts';
import { jsonContentType, type WireAnswer } from './errors.ts';
import { fromForm } from './form.ts';
import { fromJson, toJsonText } from './json.ts';
import type { Call } from './route.ts';
import { type Shape, shapeOf } from './shape.ts';
import { xmlMembers } from './xml.ts';

export type Decoded = {
  /** The operation's input, as the SDK's types have it. */
  readonly input: unknown;
  /** Where it departs from AWS's model; empty when it conforms. */
  readonly findings: readonly string[];
};

/** Reads a request with its operation's own schema and checks it. */
export function decode(call: Call, operation: Operation): Decoded {
  const shape = shapeOf(operation.schema[4]);
  const { input, problems } = read(call, shape);
  return { input, findings: [...call.findings, ...problems, ...departures(shape, input, call.name)] };
}

function read(
  { service, body }: Call,
  shape: Shape,
): { readonly input: unknown; readonly problems: readonly string[] } {
  const { protocol } = service;
  if (protocol.kind === 'ec2' || protocol.kind === 'query') {
    const { value, problems } = fromForm(shape, new URLSearchParams(body), protocol.kind);
    return { input: value, problems };
  }
  try {
    return { input: fromJson(shape, JSON.parse(body === '' ? '{}' : body)), problems: [] };
  } catch (error) {
    return { input: {}, problems: [`body: ${String(error)}`] };
  }
}

/** Where an answer departs from AWS's model. */
export function answerFindings(operation: Operation, output: unknown, name: string): readonly string[] {
  return departures(shapeOf(operation.schema[5]), output, `answer of ${name}`);
}

/** Writes a checked answer as the service's protocol has it. */
export function encode(call: Call, operation: Operation, answer: { output: unknown; requestId: string }): WireAnswer {
  const { protocol } = call.service;
  const { output, requestId } = answer;
  const shape = shapeOf(operation.schema[5]);
  const headers = { 'x-amzn-requestid': requestId };
  if (protocol.kind === 'json' || protocol.kind === 'rest') {
    const type = protocol.kind === 'json' ? jsonContentType(protocol) : 'application/json';
    return { status: 200, headers: { ...headers, 'content-type': type }, body: toJsonText(shape, output) };
  }
  const members = xmlMembers(shape, output);
  const inner =
    protocol.kind === 'ec2'
      ? `<requestId>${requestId}</requestId>${members}`
      : `<${call.name}Result>${members}</${call.name}Result><ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
  return {
    status: 200,
    headers: { ...headers, 'content-type': 'text/xml;charset=UTF-8' },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<${call.name}Response xmlns="${protocol.xmlNamespace}">${inner}</${call.name}Response>`,
  };
}
