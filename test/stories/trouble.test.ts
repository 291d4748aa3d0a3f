import { afterEach, describe, expect, test } from 'vitest';
import type { StandInMessage } from '../../demo/slack/stand-in.ts';
import type { Store } from '../../src/deps.ts';
import { AdviseError } from '../../src/errors.ts';
import { actionIdOf, answerTo, type BotInTest, CHANNEL, readable, startBot } from '../support/slack-double.ts';

const QUESTION = 'capacity --vcpu 1 --memory 2 --tasks 3 --region us-east-1';
let bot: BotInTest | null = null;

afterEach(async () => {
  await bot?.close();
  bot = null;
});

const send = (running: BotInTest, text: string, options = {}) =>
  running.slack.sendCommand({ user: 'ana', channel: CHANNEL, text }, options);
const answers = (running: BotInTest): readonly StandInMessage[] =>
  running.slack.messages(CHANNEL, 'ana').filter(({ from }) => from === 'bot');
const records = async (running: BotInTest): Promise<number> => (await running.deps.store.counts()).records;

describe('who may talk to the bot', () => {
  test.each([
    ['a wrong signature', { signingSecret: 'another-secret-0123456789' }],
    ['a timestamp older than five minutes', { clockSkewSeconds: -301 }],
  ])('%s is refused with 401 and does nothing', async (_name, options) => {
    bot = await startBot();

    expect((await send(bot, QUESTION, options)).status).toBe(401);

    await bot.say('help');
    expect(answers(bot)).toHaveLength(1);
    expect(await records(bot)).toBe(0);
  });

  test('a request without signature is refused, whatever is in it', async () => {
    bot = await startBot();
    for (const body of ['payload=null', 'text=x', '', '[]']) {
      const response = await fetch(`${bot.url}/slack/events`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body,
      });
      expect(response.status).toBe(401);
    }
  });

  test.each([
    ['payload=null', 'application/x-www-form-urlencoded'],
    ['payload=%22text%22', 'application/x-www-form-urlencoded'],
    ['payload=%7B', 'application/x-www-form-urlencoded'],
    ['null', 'application/json'],
    ['[1]', 'application/json'],
    ['no json', 'application/json'],
  ] as const)('%s, signed, is refused with 400 and the bot lives on', async (body, contentType) => {
    bot = await startBot();

    expect((await bot.slack.sendRaw(body, contentType)).status).toBe(400);
    expect(readable(await bot.say('help'))).toContain('/ecs-advise');
  });

  test('a body of more than a megabyte is refused', async () => {
    bot = await startBot();
    const { status } = await bot.slack.sendRaw(`text=${'x'.repeat(1_100_000)}`, 'application/x-www-form-urlencoded');

    expect([413, 0]).toContain(status);
    expect(readable(await bot.say('help'))).toContain('/ecs-advise');
  });
});

describe('what comes twice', () => {
  test('a command that is delivered again is acknowledged and does nothing twice', async () => {
    bot = await startBot();
    await bot.say(QUESTION);

    for (const retryNum of [1, 2, 3]) expect((await send(bot, QUESTION, { retryNum })).status).toBe(200);

    // Requests are worked off in order: once this is answered, the repeats are done with.
    await bot.say('help');
    expect(answers(bot)).toHaveLength(2);
    expect(await records(bot)).toBe(1);
  });

  test('also after a restart', async () => {
    bot = await startBot();
    await bot.say(QUESTION);
    await bot.restart();

    expect((await send(bot, QUESTION, { retryNum: 1 })).status).toBe(200);

    await bot.say('help');
    expect(await records(bot)).toBe(1);
  });

  test('a click that is delivered again shares once', async () => {
    bot = await startBot();
    const answer = await bot.say(QUESTION);
    const actionId = actionIdOf(answer, 'Share in channel');
    await bot.click(answer, 'Share in channel');

    await bot.slack.click({ user: 'ana', message: answer, actionId }, { retryNum: 1 });

    await bot.say('help');
    expect(bot.slack.messages(CHANNEL, 'ben')).toHaveLength(1);
    expect(answers(bot).some((message) => readable(message).includes('already'))).toBe(false);
  });
});

describe('when Slack is in trouble', () => {
  test.each([
    ['a rate limit is waited out', { kind: 'rate-limited', retryAfterSeconds: 1 }, ['response_url', 'response_url']],
    ['a server error is tried again', { kind: 'status', status: 500 }, ['response_url', 'response_url']],
    ['a used-up response_url is gone round', { kind: 'status', status: 404 }, ['response_url', 'chat.postEphemeral']],
    [
      'a rate limit longer than a person waits is gone round',
      { kind: 'rate-limited', retryAfterSeconds: 60 },
      ['response_url', 'chat.postEphemeral'],
    ],
  ] as const)('%s, and the asker has one answer', async (_name, answer, methods) => {
    bot = await startBot();
    bot.slack.addFault({ method: 'response_url', answer });

    const got = await bot.say(QUESTION);

    expect(readable(got)).toContain('Fargate');
    expect(got.onlyFor).toBe('ana');
    expect(answers(bot)).toHaveLength(1);
    expect(bot.slack.calls.map(({ method }) => method)).toEqual(methods);
  });

  test('the Web API is tried again after a rate limit and a server error', async () => {
    bot = await startBot();
    bot.slack.addFault({ method: 'response_url', answer: { kind: 'status', status: 404 }, times: 2 });
    bot.slack.addFault({ method: 'chat.postEphemeral', answer: { kind: 'rate-limited', retryAfterSeconds: 1 } });
    expect((await bot.say(QUESTION)).onlyFor).toBe('ana');

    bot.slack.addFault({ method: 'chat.postEphemeral', answer: { kind: 'status', status: 503 } });
    expect((await bot.say(QUESTION)).onlyFor).toBe('ana');
  });

  test('an answer that reaches nobody is in the log with its id, and the bot goes on', async () => {
    bot = await startBot();
    bot.slack.addFault({ method: 'response_url', answer: { kind: 'status', status: 404 }, times: 2 });
    bot.slack.addFault({
      method: 'chat.postEphemeral',
      answer: { kind: 'error', error: 'user_not_in_channel' },
      times: 2,
    });
    const { log } = bot;
    await send(bot, QUESTION);

    const lost = () => log.filter(({ msg }) => msg === 'the asker could not be told');
    await expect.poll(lost, { timeout: 30_000 }).toMatchObject([{ level: 'error', code: 'slack_user_not_in_channel' }]);
    expect(readable(await bot.say('help'))).toContain('/ecs-advise');
  });
});

describe('when we are in trouble', () => {
  const broken =
    (error: Error) =>
    (store: Store): Store => ({ ...store, appendRecord: () => Promise.reject(error) });

  test('a mistake of ours is told to the asker with an id that is in the log', async () => {
    bot = await startBot({ store: broken(new Error('a secret detail')) });
    const told = readable(await bot.say(QUESTION));

    expect(told).toContain('This is our mistake');
    expect(told).not.toContain('secret detail');
    const id = /Reference ([0-9a-f]{8})/.exec(told)?.[1];
    expect(bot.log.find((line) => line.id === id && line.level === 'error')).toMatchObject({
      err: { message: 'a secret detail' },
    });
  });

  test('a database that is busy is told as what it is, with what to do', async () => {
    const error = new AdviseError({
      kind: 'upstream',
      code: 'store_busy',
      message: 'The database is busy.',
      hint: 'ask again',
    });
    bot = await startBot({ store: broken(error) });

    expect(readable(await bot.say(QUESTION))).toMatch(/database is busy.*\nWhat to do: ask again/);
  });

  test('more questions than we can hold are told to ask again, not dropped', async () => {
    const releases: (() => void)[] = [];
    const hold = new Promise<void>((resolve) => releases.push(resolve));
    bot = await startBot({
      store: (store) => ({ ...store, claimDelivery: (key, at) => hold.then(() => store.claimDelivery(key, at)) }),
    });
    const running = bot;
    // 200 at a time is the limit; these wait in the store.
    await Promise.all(Array.from({ length: 200 }, (_, index) => send(running, `help ${index}`)));

    const told = await answerTo(running.slack, () => send(running, 'status'));

    expect(readable(told)).toContain('busy');
    for (const release of releases) release();
  });
});

test('tokens, secrets and what people type never reach the log', async () => {
  bot = await startBot();
  await bot.say('capacity --vcpu 1 --memory 2 --types my-secret-project');
  await send(bot, 'capacity');
  await bot.say('help');

  const text = JSON.stringify(bot.log);
  expect(text).not.toMatch(/xoxb-|test-signing-secret|my-secret-project|\/hook\//);
});

test('health says alive, and ready only while database and Slack answer', async () => {
  bot = await startBot();
  const get = async (path: string) => {
    const response = await fetch(`${bot?.url}${path}`);
    return { status: response.status, body: (await response.json()) as object };
  };

  expect((await get('/healthz')).status).toBe(200);
  expect(await get('/readyz')).toMatchObject({
    status: 200,
    body: { ready: true, store: { ok: true, records: 0 }, slack: { ok: true, team: 'Stand-in', missingScopes: [] } },
  });
  await bot.deps.store.close();
  expect(await get('/readyz')).toMatchObject({ status: 503, body: { ready: false, store: { ok: false } } });
  expect((await fetch(`${bot.url}/elsewhere`)).status).toBe(404);
});
