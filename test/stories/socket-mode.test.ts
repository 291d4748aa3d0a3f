import { afterEach, expect, test } from 'vitest';
import { openLibrary } from '../../src/data.ts';
import { openLog } from '../../src/log.ts';
import { createSlackApp } from '../../src/slack/app.ts';
import { checkMessage } from '../../src/slack/limits.ts';
import { openStore } from '../../src/store/index.ts';
import { theSettings } from '../support/settings.ts';
import { startSocketSlack } from '../support/socket-double.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function startSocketBot(apiUrl: string) {
  const store = await openStore({ databaseUrl: 'sqlite::memory:' });
  closers.push(() => store.close());
  const deps = {
    clock: { now: () => new Date() },
    log: openLog({ level: 'error', secrets: [], write: () => undefined }),
    store,
    library: openLibrary(),
    settings: theSettings(),
    aws: null,
  } as const;
  const mode = { kind: 'socket', appToken: 'xapp-test-0123456789' } as const;
  const app = createSlackApp({
    deps,
    slack: { botToken: 'xoxb-test-0123456789', apiUrl, mode },
    host: '127.0.0.1',
    port: 0,
  });
  return { app, store };
}

test('Socket Mode: a command is acknowledged on the socket, answered once, and not again when it comes twice', async () => {
  const slack = await startSocketSlack();
  closers.push(slack.close);
  const { app, store } = await startSocketBot(slack.apiUrl);
  const { port } = await app.start();
  closers.push(() => app.stop(1_000));
  await slack.connected;
  const command = (envelope_id: string, text: string, trigger_id: string) => ({
    envelope_id,
    type: 'slash_commands',
    accepts_response_payload: true,
    payload: {
      command: '/ecs-advise',
      text,
      user_id: 'U1',
      channel_id: 'C1',
      team_id: 'T1',
      trigger_id,
      response_url: slack.responseUrl,
    },
  });

  slack.send(command('e1', 'capacity --vcpu 2 --memory 8 --tasks 12 --region us-east-1', 't1'));
  expect(await slack.nextFrame()).toMatchObject({ envelope_id: 'e1' });
  const answer = await slack.nextAnswer();
  expect(answer.response_type).toBe('ephemeral');
  expect(JSON.stringify(answer)).toContain('$1,020.72');
  expect(checkMessage(answer)).toEqual([]);

  slack.send(command('e2', 'capacity --vcpu 2 --memory 8 --tasks 12 --region us-east-1', 't1'));
  expect(await slack.nextFrame()).toMatchObject({ envelope_id: 'e2' });
  slack.send(command('e3', 'help', 't3'));
  expect(await slack.nextFrame()).toMatchObject({ envelope_id: 'e3' });
  expect(JSON.stringify(await slack.nextAnswer())).toContain('/ecs-advise');
  expect((await store.counts()).records).toBe(1);

  // Health is served here too; Slack's own path is not.
  expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
  expect((await fetch(`http://127.0.0.1:${port}/slack/events`, { method: 'POST' })).status).toBe(404);
});
