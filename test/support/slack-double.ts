import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type StandIn, type StandInMessage, startStandIn } from '../../demo/slack/stand-in.ts';
import type { Ask } from '../../src/commands/reply.ts';
import { openLibrary } from '../../src/data.ts';
import type { AwsReader, AwsWriter, Clock, Deps, Settings, Store } from '../../src/deps.ts';
import { files } from '../../src/files.ts';
import { openLog } from '../../src/log.ts';
import { createSlackApp } from '../../src/slack/app.ts';
import { checkMessage, checkView } from '../../src/slack/limits.ts';
import { openSolver } from '../../src/solver/index.ts';
import { openStore } from '../../src/store/index.ts';
import { theSettings } from './settings.ts';

/**
 * The bot over real HTTP against the Slack stand-in, with a database of its own. Every message and view that leaves
 * is judged at one point; `close` fails when one was not valid.
 */

export const BOT_TOKEN = 'xoxb-test-token-0123456789';
export const SIGNING_SECRET = 'test-signing-secret-0123456789';
export const CHANNEL = 'ecs-capacity';

/** A stand-in that judges everything: four users, one channel. */
export function startJudgingStandIn(): Promise<StandIn> {
  return startStandIn({
    botToken: BOT_TOKEN,
    signingSecret: SIGNING_SECRET,
    users: ['ana', 'ben', 'cleo', 'dai'],
    channels: [CHANNEL],
    check: (payload, surface) => (surface === 'message' ? checkMessage(payload) : checkView(payload, surface)),
  });
}

export type BotInTest = {
  readonly slack: StandIn;
  readonly deps: Deps;
  readonly url: string;
  /** JSON log lines so far. */
  readonly log: readonly { readonly [field: string]: unknown }[];
  /** Types `/ecs-advise TEXT` and waits for what the bot answers to that user. */
  readonly say: (text: string, user?: string) => Promise<StandInMessage>;
  /** Clicks and waits for the next message or edit of the bot. */
  readonly click: (message: StandInMessage, label: string, user?: string) => Promise<StandInMessage>;
  /** What the bot does by itself every minute. */
  readonly sweep: () => Promise<void>;
  /** Stops the bot and starts another one on the same database and Slack. */
  readonly restart: () => Promise<void>;
  readonly close: () => Promise<void>;
};

type Options = {
  readonly clock?: Clock;
  readonly store?: (store: Store) => Store;
  readonly settings?: Partial<Settings>;
  readonly aws?: AwsReader;
  readonly writer?: AwsWriter;
  /** Where questions are worked out; here unless told. */
  readonly ask?: Ask;
  /** Made before the bot, so that the settings can name the stand-in's ids. */
  readonly slack?: StandIn;
};

/** Starts stand-in, store and bot in this process. */
export async function startBot(options: Options = {}): Promise<BotInTest> {
  const folder = mkdtempSync(join(tmpdir(), 'ecs-advise-'));
  const slack = options.slack ?? (await startJudgingStandIn());
  const lines: { readonly [field: string]: unknown }[] = [];
  const clock = options.clock ?? { now: () => new Date() };
  const start = async () => {
    const store = await openStore({ databaseUrl: `sqlite:${join(folder, 'test.db')}`, clock });
    const deps: Deps = {
      clock,
      log: openLog({
        level: 'debug',
        secrets: [SIGNING_SECRET],
        write: (line) => void lines.push(JSON.parse(line) as { [field: string]: unknown }),
      }),
      store: options.store?.(store) ?? store,
      library: openLibrary(),
      settings: theSettings(options.settings),
      aws: options.aws ?? null,
      offline: { files, solver: openSolver() },
    };
    const app = createSlackApp({
      deps,
      writer: options.writer ?? null,
      ...(options.ask === undefined ? {} : { ask: options.ask }),
      slack: { botToken: BOT_TOKEN, apiUrl: slack.apiUrl, mode: { kind: 'http', signingSecret: SIGNING_SECRET } },
      host: '127.0.0.1',
      port: 0,
    });
    const { port } = await app.start();
    const url = `http://127.0.0.1:${port}`;
    slack.setBotUrl(url);
    const stop = async (): Promise<void> => {
      await app.stop(5_000);
      await store.close();
    };
    return { deps, url, stop, sweep: app.sweep };
  };
  let bot = await start();

  return {
    slack,
    get deps() {
      return bot.deps;
    },
    get url() {
      return bot.url;
    },
    log: lines,
    sweep: async () => void (await bot.sweep()),
    say: (text, user = 'ana') => answerTo(slack, () => slack.sendCommand({ user, channel: CHANNEL, text })),
    click: (message, label, user = 'ana') =>
      answerTo(slack, () => slack.click({ user, message, actionId: actionIdOf(message, label) })),
    restart: async () => {
      await bot.stop();
      bot = await start();
    },
    close: async () => {
      await bot.stop();
      await slack.close();
      rmSync(folder, { recursive: true, force: true });
      if (slack.violations.length > 0) throw new Error(`messages Slack would refuse:\n${slack.violations.join('\n')}`);
    },
  };
}

/** Does `act` and waits for the bot's next message. Throws when the request itself was not taken with 200. */
export async function answerTo(
  slack: StandIn,
  act: () => Promise<{ readonly status: number }>,
): Promise<StandInMessage> {
  let off = (): void => undefined;
  const answer = new Promise<StandInMessage>((resolve) => {
    off = slack.on((event) => {
      if (event.kind === 'message' && event.message.from === 'bot' && event.change === 'new') resolve(event.message);
    });
  });
  const { status } = await act();
  if (status !== 200) throw new Error(`the bot answered HTTP ${status}`);
  const message = await answer;
  off();
  return message;
}

/** The action_id of the button with that label. */
export function actionIdOf(message: StandInMessage, label: string): string {
  const button = buttonsOf(message).find(({ text }) => text === label);
  if (button === undefined)
    throw new Error(`no button ${label}; there are: ${buttonsOf(message).map(({ text }) => text)}`);
  return button.actionId;
}

/** Buttons of a message, in order. */
export function buttonsOf(message: StandInMessage): readonly { readonly text: string; readonly actionId: string }[] {
  return message.blocks.flatMap((block) =>
    block.type === 'actions' && Array.isArray(block.elements)
      ? block.elements.map((element: { text: { text: string }; action_id: string }) => ({
          text: element.text.text,
          actionId: element.action_id,
        }))
      : [],
  );
}

/** All words a person sees, blocks in order, table cells separated by ` | `. */
export function readable(message: StandInMessage): string {
  const texts = (value: unknown): string[] => {
    if (Array.isArray(value)) return value.flatMap(texts);
    if (typeof value !== 'object' || value === null) return [];
    const { type, text, rows, elements, fields } = value as { [key: string]: unknown };
    if (type === 'table' && Array.isArray(rows)) return rows.map((row) => texts(row).join(' | '));
    const own = typeof text === 'string' ? [text] : texts(text);
    return [...own, ...texts(elements), ...texts(fields)];
  };
  return message.blocks.flatMap(texts).join('\n');
}
