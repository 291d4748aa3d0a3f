import type { Server } from 'node:http';
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { App, HTTPReceiver, SocketModeReceiver } from '@slack/bolt';
import type { Swept } from '../approvals/index.ts';
import { type Ask, replyTo } from '../commands/reply.ts';
import type { AwsWriter, Deps, Directory } from '../deps.ts';
import { ENGINE_VERSION } from '../engine/index.ts';
import { AdviseError, toAdviseError } from '../errors.ts';
import { checkSlack, type SlackCheck } from './check.ts';
import { createClient, type SlackSettings, slackLogger } from './client.ts';
import { createListeners, type Listeners } from './listeners.ts';
import { createPoster } from './poster.ts';
import { createProposalDesk } from './proposals.ts';
import { countArrivals, createHttpServer, type Health, listen } from './server.ts';
import { createWork, type Work } from './work.ts';

/** Binds Slack to the commands: receives, acknowledges at once, then lets the listeners work. */

export type SlackAppOptions = {
  readonly deps: Deps;
  /** Works questions out elsewhere; left out, they are worked out here, one at a time and after every acknowledgement. */
  readonly ask?: Ask;
  /** Changes AWS once a proposal is approved; null or left out: nothing is ever changed. */
  readonly writer?: AwsWriter | null;
  readonly slack: SlackSettings;
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
};

export type SlackApp = {
  /** Opens the port (and the socket). Resolves with the real port. */
  readonly start: () => Promise<{ readonly port: number }>;
  /** Asks Slack again who we are; the answer is also what `/readyz` says. */
  readonly check: () => Promise<SlackCheck>;
  /** Looks after proposals once: expires, finishes and shows what is left over. Throws what the store throws. */
  readonly sweep: () => Promise<Swept>;
  /** Who is in a user group, as it is asked at a click. */
  readonly directory: Directory;
  /** Takes nothing new, waits for what runs at most `graceMs`, closes. True when all of it was finished. */
  readonly stop: (graceMs: number) => Promise<boolean>;
};

/** Questions held at the same time, about five seconds of work; one more is told to ask again. */
const MOST_AT_ONCE = 200;
/** A modal must open, and an answer should stand, within Slack's three seconds. */
const QUICK_MS = 2_500;
const PATIENT_MS = 8_000;
/** How long `/readyz` believes Slack's last answer. */
const CHECK_LIFE_MS = 30_000;

/** How often the event loop is looked at. */
const DELAY_RESOLUTION_MS = 10;

const UNCHECKED: SlackCheck = {
  ok: false,
  team: null,
  teamId: null,
  botUser: null,
  granted: [],
  needed: [],
  missing: [],
  error: { code: 'slack_unchecked', message: 'Slack was not asked yet.' },
};

/** The Slack side of the bot, not yet started. */
export function createSlackApp(options: SlackAppOptions): SlackApp {
  const { deps, slack } = options;
  const { log } = deps;
  const arrivals = countArrivals();
  const work = createWork(MOST_AT_ONCE, arrivals);
  let isStopping = false;
  const auth = createAuth(options);
  const client = createClient(slack, log, QUICK_MS);
  const desk = createProposalDesk({
    deps,
    client: createClient(slack, log, PATIENT_MS),
    writer: options.writer ?? null,
  });
  const listeners = createListeners({
    deps,
    desk,
    work,
    ask: options.ask ?? ((args, call) => work.inTurn('long', () => replyTo(args, deps, call))),
    poster: createPoster(createClient(slack, log, PATIENT_MS), log),
    client,
    checked: auth.last,
    workspace: async () => auth.last().teamId ?? (await auth.check()).teamId,
  });
  const receiver = createReceiver(slack, deps);
  const app = new App({
    receiver: receiver.bolt,
    authorize: async () => ({ botToken: slack.botToken }),
    logger: slackLogger(log),
    ignoreSelf: false,
    convoStore: false, // nothing is remembered by conversation, so no request need look for it
  });
  bind(app, listeners);
  app.error(async (error) => {
    log.error({ err: error }, 'listener');
  });
  const startedAtMs = performance.now();
  const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  delay.enable();
  const server = createHttpServer({
    healthz: () => ({ isOk: true, body: { ok: true, version: ENGINE_VERSION, uptimeSeconds: uptime(startedAtMs) } }),
    readyz: () => ready({ deps, work, auth, isStopping: () => isStopping, startedAtMs, delay: () => delayOf(delay) }),
    slack: receiver.http,
    arrivals,
    isStopping: () => isStopping,
    log,
  });

  return {
    start: async () => {
      const port = await listen(server, options.port, options.host);
      try {
        await receiver.connect();
      } catch (error) {
        await close(server);
        throw error;
      }
      return { port };
    },
    check: auth.check,
    sweep: desk.sweep,
    directory: desk.directory,
    stop: async (graceMs) => {
      isStopping = true;
      await receiver.disconnect().catch((error: unknown) => log.warn({ err: error }, 'socket'));
      const isDone = await work.drain(graceMs);
      await close(server);
      return isDone;
    },
  };
}

type Auth = {
  readonly last: () => SlackCheck;
  readonly check: () => Promise<SlackCheck>;
  readonly recent: () => Promise<SlackCheck>;
};

/** Slack's answer to `auth.test`, remembered. */
function createAuth({ deps, slack }: SlackAppOptions): Auth {
  let last = UNCHECKED;
  let askedAtMs = Number.NEGATIVE_INFINITY;
  let asking: Promise<SlackCheck> | null = null;
  const check = (): Promise<SlackCheck> => {
    asking ??= checkSlack(slack, deps.log).then((answer) => {
      last = answer;
      askedAtMs = performance.now();
      asking = null;
      return answer;
    });
    return asking;
  };
  return {
    last: () => last,
    check,
    recent: () => (performance.now() - askedAtMs < CHECK_LIFE_MS ? Promise.resolve(last) : check()),
  };
}

type Receiver = {
  readonly bolt: HTTPReceiver | SocketModeReceiver;
  /** What the HTTP server passes Slack's requests to. */
  readonly http: Parameters<typeof createHttpServer>[0]['slack'];
  readonly connect: () => Promise<void>;
  readonly disconnect: () => Promise<void>;
};

function createReceiver({ mode, apiUrl }: SlackSettings, { log }: Deps): Receiver {
  const logger = slackLogger(log);
  if (mode.kind === 'http') {
    const bolt = new HTTPReceiver({ signingSecret: mode.signingSecret, logger });
    const nothing = (): Promise<void> => Promise.resolve();
    return {
      bolt,
      http: { signingSecret: mode.signingSecret, handle: bolt.requestListener },
      connect: nothing,
      disconnect: nothing,
    };
  }
  const bolt = new SocketModeReceiver({
    appToken: mode.appToken,
    logger,
    installerOptions: { clientOptions: apiUrl === null ? {} : { slackApiUrl: apiUrl } },
  });
  const connect = async (): Promise<void> => {
    try {
      await bolt.start();
    } catch (error) {
      throw new AdviseError({
        kind: 'upstream',
        code: 'slack_socket',
        message: `Slack did not open a Socket Mode connection (${error instanceof Error ? error.message : String(error)}).`,
        hint: 'check SLACK_APP_TOKEN (xapp-…, scope connections:write) and that Socket Mode is on',
        cause: error,
      });
    }
  };
  return { bolt, http: null, connect, disconnect: () => bolt.stop() };
}

/** Every kind of request has a listener: one that nobody takes would leave the person with a timeout. */
function bind(app: App, listeners: Listeners): void {
  app.command(/.*/, async ({ ack, body }) => {
    await ack();
    const target = { responseUrl: body.response_url ?? null, channel: body.channel_id ?? null, user: body.user_id };
    await listeners.command({ target, triggerId: body.trigger_id, team: body.team_id ?? null }, body.text ?? '');
  });
  app.action(/.*/, async ({ ack, body, action }) => {
    await ack();
    const text = (...path: readonly string[]): string | null => textAt(body, path);
    const target = {
      responseUrl: text('response_url'),
      channel: text('channel', 'id') ?? text('container', 'channel_id'),
      user: text('user', 'id') ?? '',
    };
    await listeners.click(
      { target, triggerId: text('trigger_id') ?? '', team: text('user', 'team_id') ?? text('team', 'id') },
      {
        actionId: 'action_id' in action ? action.action_id : undefined,
        value: 'value' in action ? action.value : undefined,
        ts: textAt(action, ['action_ts']) ?? text('trigger_id') ?? '',
        messageTs: text('message', 'ts') ?? text('container', 'message_ts'),
      },
    );
  });
  app.view({ type: 'view_submission', callback_id: /.*/ }, async ({ ack, body, view }) => {
    const errors = listeners.checkForm(view.callback_id, view.state);
    if (errors !== null) {
      await ack({ response_action: 'errors', errors });
      return;
    }
    await ack();
    await listeners.form({
      user: body.user.id,
      team: textAt(body, ['user', 'team_id']) ?? textAt(body, ['team', 'id']),
      form: view.callback_id,
      viewId: view.id,
      hash: view.hash,
      privateMetadata: view.private_metadata,
      state: view.state,
    });
  });
  app.view({ type: 'view_closed', callback_id: /.*/ }, ({ ack }) => ack());
  app.shortcut(/.*/, ({ ack }) => ack());
  app.options(/.*/, ({ ack }) => ack({ options: [] }));
  app.event('app_home_opened', async ({ event }) => {
    if (event.tab === 'home') await listeners.home(event.user);
  });
}

function textAt(value: unknown, path: readonly string[]): string | null {
  let at: unknown = value;
  for (const key of path) at = typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined;
  return typeof at === 'string' && at !== '' ? at : null;
}

type ReadyParts = {
  readonly deps: Deps;
  readonly work: Work;
  readonly auth: Auth;
  readonly isStopping: () => boolean;
  readonly startedAtMs: number;
  readonly delay: () => Record<string, number>;
};

/** Ready = the store answers and Slack knows us. */
async function ready({ deps, work, auth, isStopping, startedAtMs, delay }: ReadyParts): Promise<Health> {
  const [store, slack] = await Promise.all([storeHealth(deps), auth.recent()]);
  const isOk = store.ok && slack.ok && !isStopping();
  return {
    isOk,
    body: {
      ready: isOk,
      version: ENGINE_VERSION,
      uptimeSeconds: uptime(startedAtMs),
      running: work.running(),
      eventLoopDelayMs: delay(),
      store,
      scan: store.ok ? await scanFigures(deps) : null,
      slack: { ok: slack.ok, team: slack.team, missingScopes: slack.missing, error: slack.error?.code ?? null },
    },
  };
}

/** How long the event loop was held up since the last look, in ms: what every acknowledgement waits for. */
function delayOf(histogram: IntervalHistogram): Record<string, number> {
  // The histogram holds the time from one look to the next, which is the resolution when nothing holds the loop up.
  const ms = (nanoseconds: number): number => Math.max(0, Math.round(nanoseconds / 1e4) / 100 - DELAY_RESOLUTION_MS);
  const figures = { p50: ms(histogram.percentile(50)), p99: ms(histogram.percentile(99)), max: ms(histogram.max) };
  histogram.reset();
  return figures;
}

/** How old the picture of the estate is: a figure, never a reason to be unready. */
async function scanFigures({ store, aws, clock }: Deps): Promise<Record<string, unknown> | null> {
  if (aws === null) return null;
  const now = clock.now();
  const head = await store.latestSnapshot();
  return {
    takenAt: head?.takenAt ?? null,
    ageSeconds: head === null ? null : Math.round((now.getTime() - Date.parse(head.takenAt)) / 1000),
    missed: head?.missed.length ?? null,
    underWay: (await store.scanUnderWay(now.toISOString())) !== null,
  };
}

async function storeHealth({ store }: Deps): Promise<{ readonly ok: boolean; readonly [figure: string]: unknown }> {
  try {
    await store.ping();
    return { ok: true, ...(await store.counts()) };
  } catch (error) {
    return { ok: false, error: toAdviseError(error).code };
  }
}

function uptime(startedAtMs: number): number {
  return Math.round((performance.now() - startedAtMs) / 1000);
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    if (!server.listening) {
      resolve();
      return;
    }
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
