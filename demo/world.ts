/** Both stand-ins, page and bot, started together and stopped together. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { checkMessage, checkView } from '../src/slack/limits.ts';
import { type AwsStandIn, startAwsStandIn } from './aws/server.ts';
import { createWorld } from './aws/world/index.ts';
import { type AwsWiring, writeConfig } from './aws-account.ts';
import { type Bot, runProduct, startBot, type Wiring } from './bot.ts';
import type { DemoClock } from './clock.ts';
import { createPage } from './server.ts';
import { type StandIn, startStandIn } from './slack/stand-in.ts';
import { CHANNELS, GROUPS, PEOPLE, ROUTES, RULES } from './workspace.ts';

/** Made up, and good for the stand-in alone. */
const BOT_TOKEN = 'xoxb-local-stand-in-0001';
const SIGNING_SECRET = 'local-stand-in-signing-secret';

export type World = {
  readonly url: string;
  readonly standIn: StandIn;
  readonly bot: Bot;
  readonly aws: AwsStandIn;
  /** What points a process of the product at the simulated AWS. */
  readonly wiring: AwsWiring;
  /** All that a process of the product is told. */
  readonly product: Wiring;
  /** Where this world keeps its records; the terminal may use the same. */
  readonly databaseUrl: string;
  /** Resolves when the bot has finished its first scan; throws when that takes too long. */
  readonly scanned: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

/**
 * Starts everything on 127.0.0.1; `port` 0 = any free one. The database lies in a folder that goes with it. With a clock
 * the page may move the time; the bot then scans, because its own timer goes on by real time.
 */
export async function startWorld(port: number, clock: DemoClock | null = null): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'ecs-advise-demo-'));
  const recorded = createWorld({ now: () => new Date() });
  const aws = await startAwsStandIn({ world: recorded });
  let started: { readonly told: Wiring; readonly botUrl: string } | null = null;
  const advance = async (hours: number): Promise<void> => {
    if (clock === null || started === null) throw new Error('The bot has not started yet.');
    // Its first scan is about the time before.
    await untilScanned(started.botUrl);
    await clock.advance(hours);
    await scanOf(started.told);
  };
  const page = createPage(clock === null ? null : advance);
  const standIn = await startStandIn({
    port,
    botToken: BOT_TOKEN,
    signingSecret: SIGNING_SECRET,
    users: PEOPLE.map(({ name }) => name),
    channels: CHANNELS.map(({ name }) => name),
    groups: GROUPS,
    check: (payload, surface) =>
      surface === 'message'
        ? checkMessage(payload as Parameters<typeof checkMessage>[0])
        : checkView(payload as Parameters<typeof checkView>[0], surface),
    onRequest: page.handle,
  });
  page.attach(standIn);
  const deciders = { slack: standIn, routes: ROUTES, more: RULES };
  const wiring = { url: aws.url, hub: recorded.hub, configPath: writeConfig(folder, recorded, deciders) };
  const databaseUrl = `sqlite:${join(folder, 'demo.db')}`;
  const told: Wiring = {
    apiUrl: standIn.apiUrl,
    botToken: BOT_TOKEN,
    signingSecret: SIGNING_SECRET,
    databaseUrl,
    aws: wiring,
  };
  try {
    const bot = await startBot(told);
    standIn.setBotUrl(bot.url);
    started = { told, botUrl: bot.url };
    const stop = async (): Promise<void> => {
      await bot.stop();
      await standIn.close();
      await aws.close();
      rmSync(folder, { recursive: true, force: true });
    };
    const scanned = (): Promise<void> => untilScanned(bot.url);
    return { url: standIn.url, standIn, bot, aws, wiring, product: told, databaseUrl, scanned, stop };
  } catch (error) {
    await standIn.close();
    await aws.close();
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

const SCAN_LIMIT_MS = 120_000;
/** What `ecs-advise scan` ends with when the bot is scanning itself: docs/reference/errors.md. */
const BUSY = 75;

/** A scan from the terminal, after the bot's own if there is one. Throws when it fails. */
async function scanOf(told: Wiring): Promise<void> {
  const startedAt = performance.now();
  for (;;) {
    const code = await runProduct(['scan'], told, 'dropped');
    if (code === 0) return;
    const isLate = performance.now() - startedAt > SCAN_LIMIT_MS;
    if (code !== BUSY || isLate) throw new Error(`The clock has moved, but the scan failed (exit ${code}).`);
    await wait(500);
  }
}

/** Asks the bot itself: `/readyz` says how old its picture of the estate is. */
async function untilScanned(botUrl: string): Promise<void> {
  const startedAt = performance.now();
  while (performance.now() - startedAt < SCAN_LIMIT_MS) {
    const body = (await (await fetch(`${botUrl}/readyz`)).json()) as {
      readonly scan?: { readonly takenAt: string | null };
    };
    if (body.scan?.takenAt != null) return;
    await wait(200);
  }
  throw new Error(`The bot's first scan was not finished in ${SCAN_LIMIT_MS / 1000} s.`);
}
