import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isValidSlackRequest } from '@slack/bolt';
import type { Log } from '../deps.ts';
import { AdviseError } from '../errors.ts';
import type { Arrivals } from './work.ts';

/** The bot's one HTTP port: health for whoever runs it, and Slack's requests in HTTP mode. */

export type Health = { readonly isOk: boolean; readonly body: object };

type Routes = {
  /** Process alive. */
  readonly healthz: () => Health;
  /** Able to answer. */
  readonly readyz: () => Promise<Health>;
  /** Slack's requests; null in Socket Mode, where they come another way. */
  readonly slack: {
    readonly signingSecret: string;
    readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
  } | null;
  readonly arrivals: ArrivalCounter;
  readonly isStopping: () => boolean;
  readonly log: Log;
};

/** Slack's own requests stay far below this. */
const MAX_BODY_BYTES = 1_048_576;
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 20_000;

/** Counts what arrives, so that work can give way to it. */
export type ArrivalCounter = Arrivals & {
  readonly connected: () => void;
  readonly requested: () => void;
  readonly answered: () => void;
};

/** A counter at nought. */
export function countArrivals(): ArrivalCounter {
  let [seen, open] = [0, 0];
  return {
    seen: () => seen,
    unacknowledged: () => open,
    connected: () => {
      seen += 1;
    },
    requested: () => {
      seen += 1;
      open += 1;
    },
    answered: () => {
      open -= 1;
    },
  };
}

/** The server, not yet listening. */
export function createHttpServer(routes: Routes): Server {
  const server = createServer((request, response) => {
    route(routes, request, response).catch((error: unknown) => {
      routes.log.error({ err: error }, 'http');
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  server.on('connection', routes.arrivals.connected);
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  return server;
}

/** Listens and resolves with the real port. Throws `config_port` when the address cannot be had. */
export function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        new AdviseError({
          kind: 'config',
          code: 'config_port',
          message: `The bot cannot listen on ${host}:${port} (${'code' in error ? String(error.code) : error.message}).`,
          hint: 'set PORT and HOST to an address that is free',
          cause: error,
        }),
      ),
    );
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

async function route(routes: Routes, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = new URL(request.url ?? '/', 'http://bot').pathname;
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (path === '/healthz' && isRead) {
    sendJson(response, routes.healthz());
  } else if (path === '/readyz' && isRead) {
    sendJson(response, await routes.readyz());
  } else if (path === '/slack/events' && request.method === 'POST' && routes.slack !== null) {
    await slackRequest(routes, routes.slack, request, response);
  } else response.writeHead(404).end();
}

function sendJson(response: ServerResponse, { isOk, body }: Health): void {
  response.writeHead(isOk ? 200 : 503, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
  });
  response.end(`${JSON.stringify(body)}\n`);
}

async function slackRequest(
  routes: Routes,
  slack: NonNullable<Routes['slack']>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (routes.isStopping()) {
    // Slack tells the person that the app did not answer; an acknowledgement would be a promise we cannot keep.
    response.writeHead(503, { connection: 'close' }).end();
    return;
  }
  routes.arrivals.requested();
  response.once('close', routes.arrivals.answered);
  const body = await readBody(request);
  if (body === null) {
    response.writeHead(413, { connection: 'close' }).end();
    return;
  }
  // The receiver would take the process down on a signed body that is not an object, so that ends here.
  if (!isObjectBody(body.toString('utf8'), request.headers['content-type'])) {
    const status = isSigned(request, body.toString('utf8'), slack.signingSecret) ? 400 : 401;
    routes.log.warn({ status }, 'a request without an object in it');
    response.writeHead(status).end();
    return;
  }
  // The receiver takes a body that was read already from here.
  slack.handle(Object.assign(request, { rawBody: body }), response);
}

async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk as Uint8Array);
    size += bytes.length;
    if (size > MAX_BODY_BYTES) return null;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function isObjectBody(text: string, contentType: string | undefined): boolean {
  const isForm = contentType === 'application/x-www-form-urlencoded';
  const json = isForm ? new URLSearchParams(text).getAll('payload') : [text];
  if (isForm && json.length !== 1) return json.length === 0;
  try {
    const parsed: unknown = JSON.parse(json[0] ?? '');
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
  } catch {
    // Not JSON; the caller answers 400 or 401.
    return false;
  }
}

function isSigned(request: IncomingMessage, body: string, signingSecret: string): boolean {
  const signature = request.headers['x-slack-signature'];
  const timestamp = Number(request.headers['x-slack-request-timestamp']);
  if (typeof signature !== 'string' || !Number.isInteger(timestamp)) return false;
  return isValidSlackRequest({
    signingSecret,
    body,
    headers: { 'x-slack-signature': signature, 'x-slack-request-timestamp': timestamp },
  });
}
