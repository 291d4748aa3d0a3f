import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Board } from './board.ts';
import type { ApiCall, Fault, Group, JsonObject, StandIn, StandInOptions } from './protocol.ts';
import { createUploads } from './uploads.ts';

/**
 * The side of the stand-in that the bot calls: `/api/METHOD` (passed on to the emulator), `/hook/ID`, and `/upload/ID`
 * for the bytes of a file.
 */

type WebApiParts = {
  readonly emulatorUrl: string;
  readonly botToken: string;
  readonly board: Board;
  readonly people: StandIn['people'];
  readonly rooms: StandIn['rooms'];
  /** User groups by id. */
  readonly groups: ReadonlyMap<string, Group>;
  readonly scopes: readonly string[];
  readonly check: NonNullable<StandInOptions['check']>;
  readonly violations: string[];
  /** The user id a trigger was made for. */
  readonly userOfTrigger: (triggerId: string) => string | undefined;
};

type WebApi = {
  readonly handles: (request: IncomingMessage) => boolean;
  readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  readonly addFault: (fault: Fault) => void;
  readonly calls: readonly ApiCall[];
  /** Ends requests that a fault keeps silent. */
  readonly release: () => void;
};

export type Reply = { readonly status: number; readonly body: string; readonly headers?: Record<string, string> };

/** Makes the handler; see `StandIn` for what it keeps. */
export function createWebApi(parts: WebApiParts): WebApi {
  const calls: ApiCall[] = [];
  const uploads = createUploads(parts);
  const faults: { fault: Fault; left: number }[] = [];
  const silent = new Set<ServerResponse>();

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = new URL(request.url ?? '/', 'http://stand-in').pathname;
    const isHook = path.startsWith('/hook/');
    const method = isHook ? 'response_url' : path.slice('/api/'.length);
    if (path.startsWith('/upload/')) return uploads.take(path.slice('/upload/'.length), request, response);
    const raw = await readBody(request);
    const body = parseBody(raw, request.headers['content-type'] ?? '');
    const fault = takeFault(faults, method);
    if (fault?.answer.kind === 'silence') {
      calls.push({ method, body, status: 0 });
      silent.add(response);
      return;
    }
    const reply =
      fault !== null
        ? faultReply(fault)
        : isHook
          ? hookReply(parts, path.slice('/hook/'.length), body)
          : uploads.follow(
              method,
              body,
              await methodReply(parts, { method, raw, body, request }),
              request.headers.host,
            );
    calls.push({ method, body, status: reply.status });
    response.writeHead(reply.status, { 'content-type': 'application/json; charset=utf-8', ...reply.headers });
    response.end(reply.body);
  };

  return {
    handles: (request) => /^\/(api|hook|upload)\//.test(request.url ?? ''),
    handle: (request, response) =>
      handle(request, response).catch((error: unknown) => {
        parts.violations.push(`the stand-in failed: ${String(error)}`);
        if (!response.headersSent) response.writeHead(500);
        response.end();
      }),
    addFault: (fault) => void faults.push({ fault, left: fault.times ?? 1 }),
    calls,
    release: () => {
      for (const response of silent) response.destroy();
    },
  };
}

/** A JSON object, not null and not a list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** Forms carry blocks, views and metadata as JSON text: those are read back into objects. */
function parseBody(raw: string, contentType: string): JsonObject {
  if (contentType.startsWith('application/json')) {
    const parsed: unknown = raw === '' ? {} : JSON.parse(raw);
    return isObject(parsed) ? parsed : {};
  }
  const fields = Object.fromEntries(new URLSearchParams(raw));
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, key === 'blocks' || key === 'view' ? JSON.parse(value) : value]),
  );
}

function takeFault(faults: { fault: Fault; left: number }[], method: string): Fault | null {
  const found = faults.find((entry) => entry.left > 0 && entry.fault.method === method);
  if (found === undefined) return null;
  found.left -= 1;
  return found.fault;
}

function faultReply({ answer }: Fault): Reply {
  switch (answer.kind) {
    case 'rate-limited':
      return {
        status: 429,
        body: JSON.stringify({ ok: false, error: 'ratelimited' }),
        headers: { 'retry-after': String(answer.retryAfterSeconds) },
      };
    case 'status':
      return { status: answer.status, body: 'server error' };
    case 'error':
      return { status: 200, body: JSON.stringify({ ok: false, error: answer.error }) };
    case 'silence':
      throw new Error('silence is handled before');
  }
}

function blocksOf(body: JsonObject): JsonObject[] {
  return Array.isArray(body.blocks) ? body.blocks.filter(isObject) : [];
}

/** Slack refuses a message with broken blocks; the reason is kept for the test that sent it. */
function refused(parts: WebApiParts, payload: JsonObject, surface: 'message' | 'modal' | 'home'): Reply | null {
  const found = parts.check(payload, surface);
  if (found.length === 0) return null;
  parts.violations.push(...found);
  const error = surface === 'message' ? 'invalid_blocks' : 'invalid_arguments';
  return { status: 200, body: JSON.stringify({ ok: false, error, response_metadata: { messages: found } }) };
}

function hookReply(parts: WebApiParts, id: string, body: JsonObject): Reply {
  const hook = parts.board.takeHook(id);
  if (typeof hook === 'string') return { status: 404, body: JSON.stringify({ ok: false, error: hook }) };
  const ok = { status: 200, body: '{"ok":true}' };
  if (body.delete_original === true && hook.messageTs !== null) {
    parts.board.remove(hook.messageTs);
    return ok;
  }
  const broken = refused(parts, body, 'message');
  if (broken !== null) return { ...broken, status: 400 };
  const content = { text: String(body.text ?? ''), blocks: blocksOf(body) };
  if (body.replace_original === true && hook.messageTs !== null) {
    parts.board.edit(hook.messageTs, content);
    return ok;
  }
  const onlyFor = body.response_type === 'in_channel' ? null : hook.user;
  parts.board.add({ ...content, channel: hook.channel, onlyFor, from: 'bot' });
  return ok;
}

type ApiRequest = {
  readonly method: string;
  readonly raw: string;
  readonly body: JsonObject;
  readonly request: IncomingMessage;
};

async function methodReply(parts: WebApiParts, call: ApiRequest): Promise<Reply> {
  const { method, body } = call;
  // The emulator takes a token it does not know for somebody; Slack does not.
  if (call.request.headers.authorization !== `Bearer ${parts.botToken}`) {
    return { status: 200, body: JSON.stringify({ ok: false, error: 'invalid_auth' }) };
  }
  if (method === 'usergroups.users.list') return groupReply(parts, String(body.usergroup));
  const surface = method.startsWith('chat.') ? 'message' : method === 'views.publish' ? 'home' : 'modal';
  const payload = surface === 'message' ? body : body.view;
  if (/^(chat\.(post|update)|views\.)/.test(method) && isObject(payload)) {
    const broken = refused(parts, payload, surface);
    if (broken !== null) return broken;
  }
  const response = await fetch(`${parts.emulatorUrl}/api/${method}`, {
    method: 'POST',
    headers: {
      authorization: call.request.headers.authorization ?? '',
      'content-type': call.request.headers['content-type'] ?? 'application/x-www-form-urlencoded',
    },
    body: call.raw,
  });
  const text = await response.text();
  if (response.status === 404) return { status: 200, body: JSON.stringify({ ok: false, error: 'unknown_method' }) };
  const answer: unknown = JSON.parse(text);
  if (isObject(answer) && answer.ok === true) show(parts, call, answer);
  // Slack names the token's scopes in a header of every answer; the emulator does not.
  const headers: Record<string, string> =
    isObject(answer) && answer.ok === true ? { 'x-oauth-scopes': parts.scopes.join(',') } : {};
  return { status: response.status, body: text, headers };
}

/** The emulator knows no user groups. */
function groupReply({ groups, people, scopes }: WebApiParts, id: string): Reply {
  const answer = (body: JsonObject): Reply => ({ status: 200, body: JSON.stringify(body) });
  if (!scopes.includes('usergroups:read')) return answer({ ok: false, error: 'missing_scope' });
  const group = groups.get(id);
  if (group === undefined) return answer({ ok: false, error: 'no_such_subteam' });
  return answer({ ok: true, users: people.filter(({ name }) => group.members.includes(name)).map((one) => one.id) });
}

/** Makes what the bot did visible. */
function show(parts: WebApiParts, { method, body }: ApiRequest, answer: JsonObject): void {
  const { board } = parts;
  const room = parts.rooms.find(({ id }) => id === body.channel)?.name ?? String(body.channel);
  const content = { text: String(body.text ?? ''), blocks: blocksOf(body) };
  const nameOf = (id: unknown): string => parts.people.find((person) => person.id === id)?.name ?? String(id);
  const direct = parts.people.find(({ id }) => id === body.channel)?.name;
  if (method === 'chat.postMessage' && direct !== undefined) {
    const channel = board.lastChannelOf(direct) || (parts.rooms[0]?.name ?? '');
    const place = { channel, onlyFor: direct, isDirect: true as const };
    board.add({ ...content, ts: String(answer.ts), from: 'bot', ...place });
  } else if (method === 'chat.postMessage') {
    board.add({ ...content, ts: String(answer.ts), channel: room, onlyFor: null, from: 'bot' });
  } else if (method === 'chat.postEphemeral') {
    board.add({ ...content, ts: String(answer.message_ts), channel: room, onlyFor: nameOf(body.user), from: 'bot' });
  } else if (method === 'chat.update') {
    board.edit(String(body.ts), content);
  } else if (method === 'chat.delete') {
    board.remove(String(body.ts));
  } else if (method.startsWith('views.') && isObject(answer.view) && isObject(body.view)) {
    showView(parts, { method, body }, answer.view);
  }
}

function showView(parts: WebApiParts, { method, body }: Pick<ApiRequest, 'method' | 'body'>, made: JsonObject): void {
  const view = isObject(body.view) ? body.view : {};
  const id = String(made.id);
  const hash = String(made.hash);
  if (method === 'views.update') {
    parts.board.updateView(id, { view, hash });
    return;
  }
  const userId = body.user_id ?? parts.userOfTrigger(String(body.trigger_id));
  const user = parts.people.find((person) => person.id === userId)?.name ?? String(userId);
  parts.board.openView({ id, user, hash, kind: method === 'views.publish' ? 'home' : 'modal', view });
}
