import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { checkNode, examine, exitCodeOf, toReport } from '../../src/doctor.ts';
import { toText } from '../../src/report/text.ts';
import { aRecord, temporaryFolder, temporaryStore } from '../store/temporary.ts';

/** A Slack that knows one call, `auth.test`, and always answers this. */
async function slackThatAnswers(body: object, scopes: string): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'application/json', 'x-oauth-scopes': scopes });
    response.end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`;
}

const GOOD = { ok: true, team: 'Flowers', user: 'ecs-advise', user_id: 'U0', team_id: 'T0' };

function environment(apiUrl: string, databaseUrl = `sqlite:${join(temporaryFolder(), 'a.db')}`) {
  return {
    SLACK_BOT_TOKEN: 'xoxb-1',
    SLACK_SIGNING_SECRET: 'secret',
    SLACK_API_URL: apiUrl,
    DATABASE_URL: databaseUrl,
  };
}

function row(findings: Awaited<ReturnType<typeof examine>>, name: string) {
  return findings.find((finding) => finding.name === name);
}

describe('doctor', () => {
  test('finds all well, and makes no database', async () => {
    const env = environment(await slackThatAnswers(GOOD, 'commands,chat:write,files:write,im:write,usergroups:read'));

    const findings = await examine(env);

    expect(findings.map(({ name, state }) => [name, state])).toEqual([
      ['Node.js', 'ok'],
      ['configuration', 'ok'],
      ['database', 'ok'],
      ['facts and prices', 'ok'],
      ['Slack', 'ok'],
      ['AWS', 'ok'],
    ]);
    expect(row(findings, 'Slack')?.detail).toContain('@ecs-advise in Flowers');
    expect(row(findings, 'database')?.detail).toContain('does not exist yet');
    expect(existsSync(env.DATABASE_URL.slice('sqlite:'.length))).toBe(false);
    expect(exitCodeOf(findings)).toBe(0);
    expect(toText(toReport(findings))).toContain('All well');
  });

  test('shows how many records a database holds', async () => {
    const { store, file } = await temporaryStore();
    const record = await store.appendRecord(aRecord());
    const env = environment(
      await slackThatAnswers(GOOD, 'commands,chat:write,files:write,im:write,usergroups:read'),
      `sqlite:${file}`,
    );
    const found = row(await examine(env), 'database');
    expect(found?.detail).toContain(`writable, 1 record, newest hash ${record.hash.slice(0, 12)}`);
  });

  test('names missing scopes and how to add them, exit 78', async () => {
    const findings = await examine(environment(await slackThatAnswers(GOOD, 'commands')));
    expect(row(findings, 'Slack')).toMatchObject({
      state: 'failed',
      detail: expect.stringContaining('granted commands; missing chat:write, files:write, im:write, usergroups:read'),
      fix: expect.stringContaining('reinstall'),
    });
    expect(exitCodeOf(findings)).toBe(78);
  });

  test('tells a wrong token (78) from a Slack that cannot be reached (75)', async () => {
    const refused = await examine(environment(await slackThatAnswers({ ok: false, error: 'invalid_auth' }, '')));
    expect(row(refused, 'Slack')).toMatchObject({ failed: 'config', fix: expect.stringContaining('Token again') });
    expect(exitCodeOf(refused)).toBe(78);

    // Port 1 on this machine: nobody listens.
    const away = await examine(environment('http://127.0.0.1:1/api/'));
    expect(row(away, 'Slack')).toMatchObject({ failed: 'upstream', fix: expect.stringContaining('network') });
    expect(exitCodeOf(away)).toBe(75);
  });

  test('lists every configuration problem and still looks at the database', async () => {
    const findings = await examine({ DATABASE_URL: `sqlite:${join(temporaryFolder(), 'nowhere', 'a.db')}` });

    expect(findings.filter((finding) => finding.name === 'configuration')).toHaveLength(2);
    expect(row(findings, 'database')).toMatchObject({ detail: expect.stringContaining('folder does not exist') });
    expect(row(findings, 'Slack')?.state).toBe('skipped');
    const text = toText(toReport(findings));
    expect(text).toContain('3 to put right.');
    expect(text).toContain('How to fix');
    expect(exitCodeOf(findings)).toBe(78);
  });

  test('says that a region has no prices', async () => {
    const findings = await examine({ ...environment('http://127.0.0.1:1/api/'), AWS_REGION: 'us-gov-west-1' });
    expect(row(findings, 'facts and prices')?.detail).toBe('AWS_REGION: no prices for us-gov-west-1');
  });

  test.each([
    ['20.19.0', 'ok'],
    ['22.0.0', 'ok'],
    ['20.18.9', 'failed'],
    ['18.20.0', 'failed'],
  ])('takes Node.js %s as %s', (version, state) => {
    expect(checkNode(version).state).toBe(state);
  });
});
