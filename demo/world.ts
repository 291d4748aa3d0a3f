/** Stand-in, page and bot, started together and stopped together. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkMessage, checkView } from '../src/slack/limits.ts';
import { type Bot, startBot } from './bot.ts';
import { createPage } from './server.ts';
import { type StandIn, startStandIn } from './slack/stand-in.ts';
import { CHANNELS, PEOPLE } from './workspace.ts';

/** Made up, and good for the stand-in alone. */
const BOT_TOKEN = 'xoxb-local-stand-in-0001';
const SIGNING_SECRET = 'local-stand-in-signing-secret';

export type World = {
  readonly url: string;
  readonly standIn: StandIn;
  readonly bot: Bot;
  /** Where this world keeps its records; the terminal may use the same. */
  readonly databaseUrl: string;
  readonly stop: () => Promise<void>;
};

/** Starts everything on 127.0.0.1; `port` 0 = any free one. The database lies in a folder that goes with it. */
export async function startWorld(port: number): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'ecs-advise-demo-'));
  const page = createPage();
  const standIn = await startStandIn({
    port,
    botToken: BOT_TOKEN,
    signingSecret: SIGNING_SECRET,
    users: PEOPLE.map(({ name }) => name),
    channels: CHANNELS.map(({ name }) => name),
    check: (payload, surface) =>
      surface === 'message'
        ? checkMessage(payload as Parameters<typeof checkMessage>[0])
        : checkView(payload as Parameters<typeof checkView>[0], surface),
    onRequest: page.handle,
  });
  page.attach(standIn);
  const databaseUrl = `sqlite:${join(folder, 'demo.db')}`;
  try {
    const bot = await startBot({
      apiUrl: standIn.apiUrl,
      botToken: BOT_TOKEN,
      signingSecret: SIGNING_SECRET,
      databaseUrl,
    });
    standIn.setBotUrl(bot.url);
    const stop = async (): Promise<void> => {
      await bot.stop();
      await standIn.close();
      rmSync(folder, { recursive: true, force: true });
    };
    return { url: standIn.url, standIn, bot, databaseUrl, stop };
  } catch (error) {
    await standIn.close();
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}
