import { once } from 'node:events';
import { createServer } from 'node:http';
import { Board } from './board.ts';
import { DEFAULT_SCOPES, deleteInside, newTrigger, startEmulator } from './emulator.ts';
import {
  clickPayload,
  commandBody,
  escapeCommandText,
  homeOpenedBody,
  signedHeaders,
  submitPayload,
} from './payloads.ts';
import type {
  ClickInput,
  Delivery,
  JsonObject,
  SendOptions,
  StandIn,
  StandInMessage,
  StandInOptions,
  StandInView,
} from './protocol.ts';
import { createWebApi, isObject } from './web-api.ts';

export type * from './protocol.ts';

/**
 * A Slack on this machine: the Web API (emulated), response_url hooks, and the requests Slack would send to the bot,
 * signed. The bot talks to it over HTTP exactly as it would to Slack; only addresses and secrets differ.
 */

/** Starts the stand-in on 127.0.0.1. Throws when the port is taken. */
export async function startStandIn(options: StandInOptions): Promise<StandIn> {
  const emulator = await startEmulator(options);
  const board = new Board();
  const groups = new Map((options.groups ?? []).map((group) => [group.id, group]));
  const violations: string[] = [];
  const triggers = new Map<string, string>();
  const makeTrigger = async (userId: string): Promise<string> => {
    const id = await newTrigger(emulator.url, userId);
    triggers.set(id, userId);
    return id;
  };
  const api = createWebApi({
    emulatorUrl: emulator.url,
    botToken: options.botToken,
    board,
    people: emulator.people,
    rooms: emulator.rooms,
    groups,
    scopes: options.scopes ?? DEFAULT_SCOPES,
    check: options.check ?? (() => []),
    violations,
    userOfTrigger: (id) => triggers.get(id),
  });
  const server = createServer((request, response) => {
    if (api.handles(request)) void api.handle(request, response);
    else if (options.onRequest !== undefined) options.onRequest(request, response);
    else response.writeHead(404).end();
  });
  server.listen(options.port ?? 0, '127.0.0.1');
  await Promise.race([once(server, 'listening'), once(server, 'error').then(([error]) => Promise.reject(error))]);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the stand-in has no port');
  const url = `http://127.0.0.1:${address.port}`;

  let botUrl = options.botUrl ?? '';
  const post: Post = (body, contentType, send) =>
    deliver({ url: `${botUrl}/slack/events`, body, contentType, secret: options.signingSecret, send: send ?? {} });
  const sender = createSender({ board, url, makeTrigger, people: emulator.people, rooms: emulator.rooms, post });

  return {
    url,
    apiUrl: `${url}/api/`,
    people: emulator.people,
    rooms: emulator.rooms,
    setGroup: (group) => void groups.set(group.id, group),
    deleteMessage: async (message) => {
      const channel = find(emulator.rooms, message.channel).id;
      await deleteInside(emulator.url, { token: options.botToken, channel, ts: message.ts });
      board.remove(message.ts);
    },
    setBotUrl: (next) => {
      botUrl = next;
    },
    ...sender,
    closeView: (view) => board.closeView(view.id),
    messages: (channel, user) => board.messages(channel, user),
    views: (user) => board.views(user),
    addFault: api.addFault,
    calls: api.calls,
    violations,
    ageHooks: (ms) => board.ageHooks(ms),
    on: (listener) => board.on(listener),
    close: async () => {
      api.release();
      server.closeAllConnections();
      server.close();
      await emulator.close();
    },
  };
}

type Posted = Pick<Delivery, 'status' | 'body' | 'ms'>;
type Post = (
  body: string,
  contentType: 'application/x-www-form-urlencoded' | 'application/json',
  send: SendOptions | undefined,
) => Promise<Posted>;

type SenderParts = {
  readonly board: Board;
  readonly url: string;
  readonly makeTrigger: (userId: string) => Promise<string>;
  readonly people: StandIn['people'];
  readonly rooms: StandIn['rooms'];
  readonly post: Post;
};

/** The requests that users cause. */
function createSender(
  parts: SenderParts,
): Pick<StandIn, 'sendCommand' | 'click' | 'submitView' | 'openHome' | 'sendRaw'> {
  const { board, people, rooms, post } = parts;
  const hookUrl = (hook: Parameters<Board['addHook']>[0]): string => `${parts.url}/hook/${board.addHook(hook)}`;
  const sent = new Map<string, { body: string; triggerId: string; responseUrl: string }>();
  const form = (payload: JsonObject): string => new URLSearchParams({ payload: JSON.stringify(payload) }).toString();

  return {
    sendCommand: async ({ user, channel, text }, send) => {
      const place = { user: find(people, user), channel: find(rooms, channel) };
      const key = `${user} ${channel} ${text}`;
      const last = sent.get(key);
      // A repeat is the same request again: same trigger, same response_url, same bytes.
      if (send?.retryNum !== undefined && last !== undefined) {
        return { ...(await post(last.body, 'application/x-www-form-urlencoded', send)), ...last };
      }
      board.add({ channel, text: `/ecs-advise ${text}`.trim(), blocks: [], onlyFor: user, from: { user } });
      const hooked = {
        triggerId: await parts.makeTrigger(place.user.id),
        responseUrl: hookUrl({ channel, user, messageTs: null }),
      };
      const body = commandBody(place, escapeCommandText(text, people, rooms), hooked);
      sent.set(key, { body, ...hooked });
      return { ...(await post(body, 'application/x-www-form-urlencoded', send)), ...hooked };
    },
    click: async ({ user, message, actionId, forged }, send) => {
      const place = { user: find(people, user), channel: find(rooms, message.channel) };
      const { blockId, button } = findButton(message, actionId);
      const key = `${user} ${message.ts} ${actionId}`;
      const last = sent.get(key);
      if (send?.retryNum !== undefined && last !== undefined) {
        return { ...(await post(last.body, 'application/x-www-form-urlencoded', send)), ...last };
      }
      const hooked = {
        triggerId: await parts.makeTrigger(place.user.id),
        responseUrl: hookUrl({ channel: message.channel, user, messageTs: message.ts }),
      };
      const made = clickPayload(place, hooked, { message, blockId, button, ts: board.nextTs() });
      const body = form(forged === undefined ? made : forge(made, forged));
      sent.set(key, { body, ...hooked });
      return { ...(await post(body, 'application/x-www-form-urlencoded', send)), ...hooked };
    },
    submitView: async ({ user, view, values }, send) => {
      const triggerId = await parts.makeTrigger(find(people, user).id);
      const payload = submitPayload(find(people, user), view, values, triggerId);
      const posted = await post(form(payload), 'application/x-www-form-urlencoded', send);
      afterSubmit(board, view, posted);
      return { ...posted, triggerId, responseUrl: null };
    },
    openHome: async (user, send) => {
      const body = homeOpenedBody(find(people, user), `Ev${board.nextTs()}`, Math.floor(Date.now() / 1000));
      return { ...(await post(body, 'application/json', send)), triggerId: '', responseUrl: null };
    },
    sendRaw: async (body, contentType, send) => ({
      ...(await post(body, contentType, send)),
      triggerId: '',
      responseUrl: null,
    }),
  };
}

/** What Slack does with the answer to a submit: errors keep the modal open, an update changes it, else it closes. */
function afterSubmit(board: Board, view: StandInView, posted: Posted): void {
  if (posted.status !== 200) return;
  const answer: unknown = posted.body === '' ? {} : JSON.parse(posted.body);
  const action = isObject(answer) ? answer.response_action : undefined;
  if (action === 'errors') return;
  if (action === 'update' && isObject(answer) && isObject(answer.view)) {
    board.updateView(view.id, { view: answer.view, hash: board.nextTs() });
    return;
  }
  board.closeView(view.id);
}

type Deliver = {
  readonly url: string;
  readonly body: string;
  readonly contentType: string;
  readonly secret: string;
  readonly send: SendOptions;
};

async function deliver({ url, body, contentType, secret, send }: Deliver): Promise<Posted> {
  const atSeconds = Math.floor(Date.now() / 1000) + (send.clockSkewSeconds ?? 0);
  const startedAt = performance.now();
  const took = (): number => performance.now() - startedAt;
  const retry: Record<string, string> =
    send.retryNum === undefined
      ? {}
      : { 'x-slack-retry-num': String(send.retryNum), 'x-slack-retry-reason': 'http_timeout' };
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': contentType,
        ...signedHeaders(send.signingSecret ?? secret, body, atSeconds),
        ...retry,
      },
      body,
    });
    return { status: response.status, body: await response.text(), ms: took() };
  } catch (error) {
    // No connection: Slack would tell the user that the app did not answer; so does whoever reads status 0.
    return { status: 0, body: String(error), ms: took() };
  }
}

function find<T extends { readonly name: string }>(list: readonly T[], name: string): T {
  const found = list.find((entry) => entry.name === name);
  if (found === undefined) throw new Error(`the stand-in has no ${name}`);
  return found;
}

function findButton(message: StandInMessage, actionId: string): { blockId: string; button: JsonObject } {
  for (const [index, block] of message.blocks.entries()) {
    const elements = Array.isArray(block.elements) ? block.elements : [block.accessory];
    const button = elements.find((element: unknown) => isObject(element) && element.action_id === actionId);
    if (isObject(button)) return { blockId: String(block.block_id ?? `b${index}`), button };
  }
  throw new Error(`no button ${actionId} in message ${message.ts}`);
}

/** The payload with the forger's words in it; it is signed like a true one. */
function forge(payload: JsonObject, { value, team, userId }: NonNullable<ClickInput['forged']>): JsonObject {
  const [action] = Array.isArray(payload.actions) ? payload.actions.filter(isObject) : [];
  const user = isObject(payload.user) ? payload.user : {};
  return {
    ...payload,
    ...(team === undefined ? {} : { team: { id: team, domain: 'elsewhere' } }),
    user: {
      ...user,
      ...(userId === undefined ? {} : { id: userId }),
      ...(team === undefined ? {} : { team_id: team }),
    },
    actions: [{ ...action, ...(value === undefined ? {} : { value }) }],
  };
}
