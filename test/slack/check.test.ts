import { afterEach, describe, expect, test } from 'vitest';
import { type StandIn, startStandIn } from '../../demo/slack/stand-in.ts';
import { checkSlack } from '../../src/slack/check.ts';

const TOKEN = 'xoxb-test-token-0123456789';
let slack: StandIn | null = null;

afterEach(async () => {
  await slack?.close();
  slack = null;
});

async function withScopes(scopes: readonly string[]): Promise<StandIn> {
  slack = await startStandIn({ botToken: TOKEN, signingSecret: 'x', users: ['ana'], channels: ['sre'], scopes });
  return slack;
}

describe('what Slack says about the token', () => {
  test('a token with the needed scopes is fine', async () => {
    const { apiUrl } = await withScopes([
      'commands',
      'chat:write',
      'files:write',
      'im:write',
      'usergroups:read',
      'users:read',
    ]);

    expect(await checkSlack({ botToken: TOKEN, apiUrl })).toMatchObject({
      ok: true,
      team: 'Stand-in',
      botUser: 'ecs-advise',
      granted: ['chat:write', 'commands', 'files:write', 'im:write', 'usergroups:read', 'users:read'],
      missing: [],
      error: null,
    });
  });

  test('a missing scope is named', async () => {
    const { apiUrl } = await withScopes(['commands', 'files:write', 'im:write', 'usergroups:read']);
    expect(await checkSlack({ botToken: TOKEN, apiUrl })).toMatchObject({ ok: false, missing: ['chat:write'] });
  });

  test('a wrong token, an outage and an address where nobody listens are told apart', async () => {
    const { apiUrl, addFault } = await withScopes(['commands']);

    const wrong = await checkSlack({ botToken: 'xoxb-other', apiUrl });
    expect(wrong).toMatchObject({
      ok: false,
      team: null,
      error: { code: expect.stringMatching(/^slack_(invalid|not)_auth/) },
    });
    addFault({ method: 'auth.test', answer: { kind: 'status', status: 500 }, times: 2 });
    expect(await checkSlack({ botToken: TOKEN, apiUrl })).toMatchObject({ error: { code: 'slack_http' } });
    addFault({ method: 'auth.test', answer: { kind: 'rate-limited', retryAfterSeconds: 3_600 } });
    expect(await checkSlack({ botToken: TOKEN, apiUrl })).toMatchObject({ error: { code: 'slack_rate_limited' } });
    expect(await checkSlack({ botToken: TOKEN, apiUrl: 'http://127.0.0.1:1/api/' })).toMatchObject({
      error: { code: 'slack_unreachable' },
    });
  });
});
