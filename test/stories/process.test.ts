import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { StandIn } from '../../demo/slack/stand-in.ts';
import { startProduct } from '../support/product.ts';
import {
  answerTo,
  BOT_TOKEN,
  CHANNEL,
  readable,
  SIGNING_SECRET,
  startJudgingStandIn,
} from '../support/slack-double.ts';

/** `ecs-advise start` as a process of its own. */

const QUESTION = 'capacity --vcpu 1 --memory 2 --tasks 3 --region us-east-1';
/** A busy machine may take its time until the first answer. */
const PATIENT = { timeout: 30_000 };
let folder: string;
let slack: StandIn;
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ecs-advise-'));
  slack = await startJudgingStandIn();
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }
  await slack.close();
  rmSync(folder, { recursive: true, force: true });
  expect(slack.violations).toEqual([]);
});

type Line = { readonly msg?: string; readonly port?: number; readonly [field: string]: unknown };

function startProcess(env: Record<string, string>) {
  const child = startProduct(['start'], {
    ...process.env,
    SLACK_BOT_TOKEN: BOT_TOKEN,
    SLACK_SIGNING_SECRET: SIGNING_SECRET,
    SLACK_API_URL: slack.apiUrl,
    DATABASE_URL: `sqlite:${join(folder, 'test.db')}`,
    HOST: '127.0.0.1',
    PORT: '0',
    ...env,
  });
  children.push(child);
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk);
  });
  const lines = (): Line[] =>
    stderr
      .split('\n')
      .flatMap((line) => (line.startsWith('{') && line.endsWith('}') ? [JSON.parse(line) as Line] : []));
  return {
    child,
    stderr: () => stderr,
    /** Resolves with the line once it is there. */
    line: async (msg: string): Promise<Line> => {
      for (;;) {
        const found = lines().find((line) => line.msg === msg);
        if (found !== undefined) return found;
        if (child.exitCode !== null) throw new Error(`ended before "${msg}":\n${stderr}`);
        await Promise.race([once(child.stderr, 'data'), once(child, 'exit')]);
      }
    },
    exit: async (): Promise<number | null> =>
      child.exitCode === null ? ((await once(child, 'exit'))[0] as number) : child.exitCode,
  };
}

async function ready(env: Record<string, string> = {}) {
  const bot = startProcess(env);
  const { port } = await bot.line('ready');
  slack.setBotUrl(`http://127.0.0.1:${port}`);
  return bot;
}

const ask = () => answerTo(slack, () => slack.sendCommand({ user: 'ana', channel: CHANNEL, text: QUESTION }));

describe('the process', () => {
  test('says when it is ready and on which port, answers, and knows its answers after a restart', async () => {
    const first = await ready();
    const answer = await ask();
    first.child.kill('SIGTERM');
    expect(await first.exit()).toBe(0);

    await ready();
    const shared = await answerTo(slack, () => slack.click({ user: 'ana', message: answer, actionId: 'share:0' }));

    expect(shared.onlyFor).toBeNull();
    expect(readable(shared)).toContain('Fargate');
  });

  test('told to stop while it works, finishes the answer, takes nothing new and exits 0', async () => {
    const bot = await ready();
    // Slack asks for two seconds of patience, so the answer is still on its way when the signal comes.
    slack.addFault({ method: 'response_url', answer: { kind: 'rate-limited', retryAfterSeconds: 2 } });
    const answer = ask();
    await expect.poll(() => slack.calls.some(({ status }) => status === 429), PATIENT).toBe(true);

    bot.child.kill('SIGTERM');
    await bot.line('stopping');
    const late = await slack.sendCommand({ user: 'ben', channel: CHANNEL, text: 'help' });

    expect([503, 0]).toContain(late.status);
    expect(readable(await answer)).toContain('Fargate');
    expect(await bot.exit()).toBe(0);
  });

  test('ends at once on the second signal', async () => {
    const bot = await ready();
    slack.addFault({ method: 'response_url', answer: { kind: 'silence' } });
    await slack.sendCommand({ user: 'ana', channel: CHANNEL, text: QUESTION });
    await expect.poll(() => slack.calls.some(({ method }) => method === 'response_url'), PATIENT).toBe(true);

    bot.child.kill('SIGTERM');
    await bot.line('stopping');
    bot.child.kill('SIGTERM');

    expect(await bot.exit()).toBe(1);
  });

  test('lists every problem of the configuration at once and exits 78', async () => {
    const bot = startProcess({
      SLACK_BOT_TOKEN: '',
      SLACK_SIGNING_SECRET: '',
      PORT: 'many',
      DATABASE_URL: 'postgres://db/x',
    });

    expect(await bot.exit()).toBe(78);
    for (const name of ['SLACK_BOT_TOKEN', 'SLACK_SIGNING_SECRET', 'PORT', 'DATABASE_URL']) {
      expect(bot.stderr()).toContain(name);
    }
    expect(bot.stderr()).not.toContain('    at ');
  });

  test('says what to check when Slack opens no socket, and exits 75', async () => {
    const bot = startProcess({ SLACK_APP_TOKEN: 'xapp-test-0123456789' });

    expect(await bot.exit()).toBe(75);
    expect(bot.stderr()).toContain('check SLACK_APP_TOKEN');
  });

  test('says which port is taken and exits 78', async () => {
    const other = createServer();
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;

    const bot = startProcess({ PORT: String(port) });

    expect(await bot.exit()).toBe(78);
    expect(bot.stderr()).toContain(`127.0.0.1:${port}`);
    other.close();
  });

  test('starts while Slack is away, says so in the log, and is not ready until it is back', async () => {
    slack.addFault({ method: 'auth.test', answer: { kind: 'status', status: 503 }, times: 2 });
    const bot = await ready();
    const { port } = await bot.line('ready');

    await bot.line('slack does not accept the bot; run "ecs-advise doctor"');

    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(503);
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
  });
});
