/** The page of the demo on top of the Slack stand-in: history, live events, and what people type and click. */
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { COMMANDS } from '../src/commands/index.ts';
import type { Names } from './page/blocks.ts';
import { renderItem } from './page/item.ts';
import { type FieldAnswer, renderView, stateOf } from './page/modal.ts';
import { renderShell } from './page/shell.ts';
import type { JsonObject, StandIn, StandInMessage, StandInView, SubmitInput } from './slack/stand-in.ts';
import { CHANNELS, GROUPS, PEOPLE } from './workspace.ts';

const STATIC = join(import.meta.dirname, 'page', 'static');
const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
};
const MOST_BODY = 200_000;
/** Nothing is loaded from anywhere else, and no script but ours runs, whatever a message holds. */
const SAFE_PAGE = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'";

type Request = { readonly user: string; readonly channel: string } & JsonObject;

export type Page = {
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
  /** The stand-in exists only after the page that it serves. */
  readonly attach: (standIn: StandIn) => void;
};

/** Moves the demo's clock by hours; null where it stays with the machine's. */
type Advance = ((hours: number) => Promise<void>) | null;

/** The page's HTTP handler; give it to `startStandIn` as `onRequest`, then attach the stand-in. */
export function createPage(advance: Advance = null): Page {
  let standIn: StandIn | null = null;
  const listeners = new Set<{ readonly user: string; readonly response: ServerResponse }>();
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    if (standIn === null) {
      response.writeHead(503).end();
      return;
    }
    route({ standIn, listeners, advance }, request, response).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      if (!response.headersSent) answer(response, { error: message }, 400);
    });
  };
  const attach = (made: StandIn): void => {
    standIn = made;
    made.on((event) => {
      for (const { user, response } of listeners) {
        if (event.kind === 'message') tellMessage(made, { user, response }, event);
        else if (event.view.user === user && event.view.kind === 'modal') tellView(made, { user, response });
      }
    });
  };
  return { handle, attach };
}

type Live = {
  readonly standIn: StandIn;
  readonly advance: Advance;
  readonly listeners: Set<{ readonly user: string; readonly response: ServerResponse }>;
};
type Ear = { readonly user: string; readonly response: ServerResponse };

async function route(live: Live, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', live.standIn.url);
  if (!isOurs(request, live.standIn)) {
    answer(response, { error: 'Only this page may ask.' }, 403);
    return;
  }
  if (url.pathname === '/control/clock') return control(live.advance, { request, response });
  if (request.method === 'GET') return get(live, url, { request, response });
  if (request.method !== 'POST') {
    response.writeHead(405).end();
    return;
  }
  const body = await readBody(request);
  answer(response, await act(live.standIn, url.pathname, body));
}

type Exchange = { readonly request: IncomingMessage; readonly response: ServerResponse };

/** `GET` says what time it is in the demo; `POST {"advanceHours":24}` moves it on, and has the bot scan. */
async function control(advance: Advance, { request, response }: Exchange): Promise<void> {
  if (advance === null) {
    answer(response, { error: 'The clock of this demo cannot be moved.' }, 404);
    return;
  }
  if (request.method === 'POST') {
    const { advanceHours } = await readJson(request);
    await advance(Number(advanceHours));
  }
  answer(response, { now: new Date().toISOString() });
}

/** Refuses other sites' scripts: the host must be ours, and so must the origin when there is one. */
function isOurs(request: IncomingMessage, standIn: StandIn): boolean {
  const { host } = new URL(standIn.url);
  const names = [host, host.replace('127.0.0.1', 'localhost')];
  const { origin } = request.headers;
  return (
    names.includes(request.headers.host ?? '') &&
    (origin === undefined || names.some((name) => origin === `http://${name}`))
  );
}

async function get(live: Live, url: URL, exchange: Exchange): Promise<void> {
  const { request, response } = exchange;
  const { standIn } = live;
  if (url.pathname === '/') {
    response
      .writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': SAFE_PAGE,
        'cache-control': 'no-store',
      })
      .end(renderShell());
  } else if (url.pathname.startsWith('/static/')) {
    sendStatic(url.pathname.slice('/static/'.length), response);
  } else if (url.pathname === '/commands') {
    const rows = COMMANDS.filter(({ surfaces }) => surfaces.includes('slack'));
    answer(
      response,
      rows.map(({ name, summary, examples, flags }) => ({ name, summary, examples, flags })),
    );
  } else if (url.pathname === '/history') {
    const user = personName(url.searchParams.get('user'));
    const channel = channelName(url.searchParams.get('channel'));
    const items = standIn.messages(channel, user).map((message) => itemOf(standIn, message, user));
    answer(response, { items, view: topView(standIn, user) });
  } else if (url.pathname === '/events') {
    const ear = { user: personName(url.searchParams.get('user')), response };
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' }).write(': open\n\n');
    live.listeners.add(ear);
    request.on('close', () => live.listeners.delete(ear));
  } else {
    response.writeHead(404).end();
  }
}

function sendStatic(name: string, response: ServerResponse): void {
  const type = TYPES[extname(name)];
  if (type === undefined || !/^[a-z]+\.[a-z]+$/.test(name)) {
    response.writeHead(404).end();
    return;
  }
  response
    .writeHead(200, { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store' })
    .end(readFileSync(join(STATIC, name)));
}

function answer(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function readBody(request: IncomingMessage): Promise<Request> {
  const body = await readJson(request);
  return { ...body, user: personName(body.user), channel: channelName(body.channel) };
}

async function readJson(request: IncomingMessage): Promise<JsonObject> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > MOST_BODY) throw new Error('That is too much text.');
  }
  return JSON.parse(text) as JsonObject;
}

function personName(id: unknown): string {
  const found = PEOPLE.find((person) => person.id === id);
  if (found === undefined) throw new Error('Nobody of that name works here.');
  return found.name;
}

function channelName(id: unknown): string {
  const found = CHANNELS.find((channel) => channel.id === id);
  if (found === undefined) throw new Error('There is no such channel.');
  return found.name;
}

/** What a person did; the answer is `{}`, `{error}` or, for a form, `{errors}`. */
async function act(standIn: StandIn, path: string, body: Request): Promise<JsonObject> {
  switch (path) {
    case '/say':
      return say(standIn, body);
    case '/click':
      return click(standIn, body);
    case '/submit':
      return submit(standIn, body);
    case '/dismiss': {
      const view = standIn.views(body.user).find(({ id }) => id === body.view);
      if (view !== undefined) standIn.closeView(view);
      return {};
    }
    default:
      return { error: 'The page asked for something the demo does not know.' };
  }
}

const UNHEARD = 'The bot did not answer in time. Is it still running?';

async function say(standIn: StandIn, { user, channel, text }: Request): Promise<JsonObject> {
  const typed = String(text ?? '').trim();
  const [, command, rest = ''] = /^\/(\S+)\s*([\s\S]*)$/.exec(typed) ?? [];
  if (command === undefined) return { error: 'Nobody is listening to plain messages here. Start with /ecs-advise.' };
  if (command !== 'ecs-advise') return { error: `/${command} is no command of this workspace. There is /ecs-advise.` };
  const { status } = await standIn.sendCommand({ user, channel, text: rest });
  return status === 200 ? {} : { error: UNHEARD };
}

async function click(standIn: StandIn, { user, channel, item, action }: Request): Promise<JsonObject> {
  const message = standIn.messages(channel, user).find(({ ts }) => ts === item);
  if (message === undefined) return { error: 'That message is gone.' };
  const { status } = await standIn.click({ user, message, actionId: String(action) });
  return status === 200 ? {} : { error: UNHEARD };
}

async function submit(standIn: StandIn, { user, view: id, answers }: Request): Promise<JsonObject> {
  const view = standIn.views(user).find((open) => open.id === id);
  if (view === undefined) return { error: 'That form is gone.' };
  const { values } = stateOf(view.view, answers as readonly FieldAnswer[]);
  const { status, body } = await standIn.submitView({ user, view, values: values as SubmitInput['values'] });
  if (status !== 200) return { error: UNHEARD };
  const answered = body === '' ? {} : (JSON.parse(body) as JsonObject);
  return answered.response_action === 'errors' ? { errors: answered.errors } : {};
}

/** A message for the page: HTML, and what it needs to keep order. */
function itemOf(standIn: StandIn, message: StandInMessage, user: string): JsonObject {
  return {
    id: message.ts,
    order: Number(message.ts),
    channel: CHANNELS.find(({ name }) => name === message.channel)?.id ?? '',
    mine: message.onlyFor === user || (message.from !== 'bot' && message.from.user === user),
    html: renderItem(message, namesOf(standIn)).html,
  };
}

function namesOf(standIn: StandIn): Names {
  return {
    users: new Map(standIn.people.map(({ id, name }) => [id, name])),
    groups: new Map(GROUPS.map(({ id, handle }) => [id, handle])),
    channels: new Map(standIn.rooms.map(({ id, name }) => [id, name])),
  };
}

function topView(standIn: StandIn, user: string): string | null {
  const view: StandInView | undefined = standIn
    .views(user)
    .filter(({ kind }) => kind === 'modal')
    .at(-1);
  return view === undefined ? null : renderView(view.id, view.view, namesOf(standIn)).html;
}

function tell({ response }: Ear, event: string, data: JsonObject): void {
  response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}

function tellMessage(
  standIn: StandIn,
  ear: Ear,
  event: { readonly message: StandInMessage; readonly change: 'new' | 'edited' | 'deleted' },
): void {
  const { message, change } = event;
  if (message.onlyFor !== null && message.onlyFor !== ear.user) return;
  if (change === 'deleted') tell(ear, 'remove', { id: message.ts });
  else tell(ear, 'item', itemOf(standIn, message, ear.user));
}

function tellView(standIn: StandIn, ear: Ear): void {
  tell(ear, 'view', { html: topView(standIn, ear.user) });
}
