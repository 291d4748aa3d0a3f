import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * The least of a Slack in Socket Mode: `apps.connections.open`, one websocket (text frames up to 64 KiB), and a place
 * for answers. Enough to see that envelopes are acknowledged and answered; everything else is in the HTTP stand-in.
 */

type Json = { readonly [key: string]: unknown };

export type SocketSlack = {
  readonly apiUrl: string;
  readonly responseUrl: string;
  /** Resolves when the bot has connected. */
  readonly connected: Promise<void>;
  readonly send: (envelope: Json) => void;
  /** Next text frame of the bot. */
  readonly nextFrame: () => Promise<Json>;
  /** Next message posted to the response_url. */
  readonly nextAnswer: () => Promise<Json>;
  readonly close: () => Promise<void>;
};

/** A queue whose reader waits. */
function mailbox<T>(): { put: (value: T) => void; take: () => Promise<T> } {
  const values: T[] = [];
  const waiting: ((value: T) => void)[] = [];
  return {
    put: (value) => {
      const reader = waiting.shift();
      if (reader === undefined) values.push(value);
      else reader(value);
    },
    take: () => {
      const value = values.shift();
      return value === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(value);
    },
  };
}

export async function startSocketSlack(): Promise<SocketSlack> {
  const frames = mailbox<Json>();
  const answers = mailbox<Json>();
  let socket: Socket | null = null;
  let url = '';
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    if (request.url === '/hook') answers.put(JSON.parse(body) as Json);
    const reply =
      request.url === '/api/apps.connections.open'
        ? { ok: true, url: `${url.replace('http', 'ws')}/link` }
        : { ok: true };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(reply));
  };
  const server = createServer((request, response) => void handle(request, response));
  const connected = new Promise<void>((resolve) => {
    server.on('upgrade', (request: IncomingMessage, raw: Socket) => {
      socket = raw;
      const accept = createHash('sha1')
        .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
        .digest('base64');
      raw.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      );
      raw.on('data', (data) => {
        for (const text of readFrames(data)) frames.put(JSON.parse(text) as Json);
      });
      raw.on('error', () => raw.destroy());
      raw.write(textFrame(JSON.stringify({ type: 'hello', num_connections: 1 })));
      resolve();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  return {
    apiUrl: `${url}/api/`,
    responseUrl: `${url}/hook`,
    connected,
    send: (envelope) => void socket?.write(textFrame(JSON.stringify(envelope))),
    nextFrame: frames.take,
    nextAnswer: answers.take,
    close: async () => {
      socket?.destroy();
      server.closeAllConnections();
      server.close();
    },
  };
}

function textFrame(text: string): Buffer {
  const body = Buffer.from(text);
  const head =
    body.length < 126
      ? Buffer.from([0x81, body.length])
      : Buffer.from([0x81, 126, body.length >> 8, body.length & 0xff]);
  return Buffer.concat([head, body]);
}

/** Text frames of a client, which are masked; others (ping, close) are passed over. */
function readFrames(data: Buffer): readonly string[] {
  const texts: string[] = [];
  let at = 0;
  while (at + 6 <= data.length) {
    const isText = ((data[at] ?? 0) & 0x0f) === 1;
    const short = (data[at + 1] ?? 0) & 0x7f;
    const isLong = short === 126;
    const length = isLong ? data.readUInt16BE(at + 2) : short;
    const maskAt = at + (isLong ? 4 : 2);
    const body = data
      .subarray(maskAt + 4, maskAt + 4 + length)
      .map((byte, index) => byte ^ (data[maskAt + (index % 4)] ?? 0));
    if (isText) texts.push(Buffer.from(body).toString('utf8'));
    at = maskAt + 4 + length;
  }
  return texts;
}
