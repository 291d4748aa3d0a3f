import { once } from 'node:events';
import { Server } from 'node:net';
import { createEmulator } from 'emulate';
import type { Channel, Person, StandInOptions } from './protocol.ts';

/**
 * The Web API half of the stand-in: `emulate`, a stateful Slack API with real error codes and strict scopes. It
 * would listen on every interface; here it is held to 127.0.0.1.
 */

/** Ids of the bot in the stand-in's workspace. */
export const BOT = { userId: 'U0BOT00001', botId: 'B0BOT00001', appId: 'A0ECSADV01', name: 'ecs-advise' } as const;
export const TEAM = { id: 'T000000001', domain: 'stand-in' } as const;

type Emulator = {
  readonly url: string;
  readonly people: readonly Person[];
  readonly rooms: readonly Channel[];
  readonly close: () => Promise<void>;
};

export const DEFAULT_SCOPES = ['commands', 'chat:write', 'files:write', 'im:write', 'usergroups:read'] as const;

/** A token of the emulator alone, for what Slack does by itself (trigger ids, lists of users and channels). */
const INSIDE_TOKEN = 'xoxb-stand-in-inside';

/** Starts the emulator on a free port of 127.0.0.1 with the workspace the options describe. */
export async function startEmulator(options: StandInOptions): Promise<Emulator> {
  const app = {
    client_id: '1.1',
    client_secret: 'stand-in',
    app_id: BOT.appId,
    name: BOT.name,
    redirect_uris: [],
    bot_name: BOT.name,
    bot_user_id: BOT.userId,
    bot_id: BOT.botId,
    scopes: [...(options.scopes ?? DEFAULT_SCOPES)],
  };
  const inside = ['users:read', 'channels:read', 'groups:read'];
  const token = (value: string, scopes: readonly string[]) => ({
    token: value,
    type: 'bot',
    user_id: BOT.userId,
    bot_id: BOT.botId,
    bot_user_id: BOT.userId,
    app_id: BOT.appId,
    client_id: app.client_id,
    scopes,
  });
  const { emulator, url } = await onLoopback(() =>
    createEmulator({
      service: 'slack',
      port: 0,
      seed: {
        slack: {
          team: { name: 'Stand-in', domain: TEAM.domain },
          users: options.users.map((name) => ({ name })),
          channels: options.channels.map((name) => ({ name })),
          oauth_apps: [app],
          tokens: [token(options.botToken, app.scopes), token(INSIDE_TOKEN, inside)],
          strict_scopes: true,
        },
      },
    }),
  );
  const users = await callInside(url, 'users.list', {});
  const channels = await callInside(url, 'conversations.list', { limit: '200' });
  return {
    url,
    people: named(users.members, options.users),
    rooms: named(channels.channels, options.channels),
    close: () => emulator.close(),
  };
}

/** A trigger id that opens one modal for `userId` within three seconds. */
export async function newTrigger(emulatorUrl: string, userId: string): Promise<string> {
  const answer = await callInside(emulatorUrl, 'views.generateTriggerId', { user_id: userId });
  return String(answer.trigger_id);
}

/** Takes a message away with the bot's own token, as an administrator may. */
export async function deleteInside(
  emulatorUrl: string,
  message: { readonly token: string; readonly channel: string; readonly ts: string },
): Promise<void> {
  const { token, ...place } = message;
  await fetch(`${emulatorUrl}/api/chat.delete`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: new URLSearchParams(place),
  });
}

async function callInside(url: string, method: string, body: Record<string, string>): Promise<Record<string, unknown>> {
  const response = await fetch(`${url}/api/${method}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${INSIDE_TOKEN}` },
    body: new URLSearchParams(body),
  });
  const answer = (await response.json()) as Record<string, unknown>;
  if (answer.ok !== true) throw new Error(`the emulator refused ${method}: ${String(answer.error)}`);
  return answer;
}

function named(list: unknown, names: readonly string[]): { id: string; name: string }[] {
  const found = new Map((list as { id: string; name: string }[]).map((entry) => [entry.name, entry.id]));
  return names.map((name) => {
    const id = found.get(name);
    if (id === undefined) throw new Error(`the emulator does not know ${name}`);
    return { id, name };
  });
}

/** Runs `create` with `listen(port)` bound to 127.0.0.1: the emulator has no option for the address. */
async function onLoopback<T>(create: () => Promise<T>): Promise<{ emulator: T; url: string }> {
  const original = Server.prototype.listen;
  const started: Server[] = [];
  const patched = function (this: Server, ...args: unknown[]): Server {
    const [port, host] = args;
    if (typeof port !== 'number' || host !== undefined) return Reflect.apply(original, this, args) as Server;
    started.push(this);
    return Reflect.apply(original, this, [port, '127.0.0.1']) as Server;
  };
  Server.prototype.listen = patched as typeof original;
  try {
    const emulator = await create();
    const server = started[0];
    if (server === undefined) throw new Error('the emulator opened no port');
    if (!server.listening) await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the emulator has no port');
    return { emulator, url: `http://127.0.0.1:${address.port}` };
  } finally {
    Server.prototype.listen = original;
  }
}
