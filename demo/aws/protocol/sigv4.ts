import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** The parts of a signed request's `Authorization` header (Signature Version 4). */
export type Signature = {
  readonly accessKeyId: string;
  /** `YYYYMMDD` */
  readonly date: string;
  readonly region: string;
  readonly signingName: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
};

export type SignedRequest = {
  readonly method: string;
  /** Path and query, as sent. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
};

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/,]+)\/(\d{8})\/([^/,]+)\/([^/,]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;

/** The parts of an `Authorization` header, or null when it is absent or of another kind. */
export function parseSignature(header: string | undefined): Signature | null {
  const match = AUTHORIZATION.exec(header ?? '');
  if (match === null) return null;
  const [, accessKeyId = '', date = '', region = '', signingName = '', headers = '', signature = ''] = match;
  return { accessKeyId, date, region, signingName, signedHeaders: headers.split(';'), signature };
}

/**
 * Whether the request bears the signature that the secret makes. The time is not compared with any clock: the SDK
 * signs with the machine's, and the simulated world has its own.
 */
export function isSignedWith(secret: string, request: SignedRequest, given: Signature): boolean {
  const bodyHash = sha256(request.body);
  const claimed = single(request.headers['x-amz-content-sha256']);
  if (claimed !== undefined && claimed !== bodyHash) return false;
  const scope = `${given.date}/${given.region}/${given.signingName}/aws4_request`;
  const time = single(request.headers['x-amz-date']) ?? '';
  const text = ['AWS4-HMAC-SHA256', time, scope, sha256(canonicalRequest(request, given, bodyHash))].join('\n');
  const expected = hmac(signingKey(secret, given), text);
  return time.startsWith(given.date) && timingSafeEqual(expected, Buffer.from(given.signature, 'hex'));
}

function canonicalRequest(request: SignedRequest, given: Signature, bodyHash: string): string {
  const { pathname, searchParams } = new URL(request.url, 'http://host');
  const path = pathname
    .split('/')
    .map((segment) => escapeUri(segment))
    .join('/');
  const query = [...searchParams]
    .map(([name, value]) => `${escapeUri(name)}=${escapeUri(value)}`)
    .sort()
    .join('&');
  const headers = given.signedHeaders
    .map((name) => `${name}:${(single(request.headers[name]) ?? '').trim().replace(/\s+/g, ' ')}\n`)
    .join('');
  return [request.method, path, query, headers, given.signedHeaders.join(';'), bodyHash].join('\n');
}

const signingKeys = new Map<string, Buffer>();

/** A key serves one day, region and service, so that it is made once for thousands of requests. */
function signingKey(secret: string, { date, region, signingName }: Signature): Buffer {
  const name = [secret, date, region, signingName].join('\n');
  const earlier = signingKeys.get(name);
  if (earlier !== undefined) return earlier;
  const key = [date, region, signingName, 'aws4_request'].reduce<Buffer>(hmac, Buffer.from(`AWS4${secret}`));
  signingKeys.set(name, key);
  return key;
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sha256(data: Buffer | string): string {
  return createHash('sha256').update(data).digest('hex');
}

function escapeUri(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
}

function single(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' || value === undefined ? value : value.join(',');
}
