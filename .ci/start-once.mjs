// Starts an installed `ecs-advise` against a Slack that grants what manifest.yml asks for, waits for /healthz and
// /readyz, ends it with SIGTERM and wants exit code 0.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { parse } from 'yaml';

const manifest = parse(readFileSync(new URL('../manifest.yml', import.meta.url), 'utf8'));
const scopes = manifest.oauth_config.scopes.bot.join(',');

const slack = createServer((request, response) => {
  request.resume();
  response.writeHead(200, { 'content-type': 'application/json', 'x-oauth-scopes': scopes });
  response.end(
    JSON.stringify({ ok: true, team: 'ci', team_id: 'T1', user: 'bot', user_id: 'UBOT', bot_id: 'B1', url: '' }),
  );
});
slack.listen(0, '127.0.0.1');
await once(slack, 'listening');

const startedAt = performance.now();
const bot = spawn(process.argv[2], ['start'], {
  env: {
    PATH: process.env.PATH,
    SLACK_BOT_TOKEN: 'xoxb-ci',
    SLACK_SIGNING_SECRET: 'ci-signing-secret',
    SLACK_API_URL: `http://127.0.0.1:${slack.address().port}/api/`,
    HOST: '127.0.0.1',
    PORT: '0',
  },
  stdio: ['ignore', 'pipe', 'pipe'],
});
const ended = once(bot, 'exit');
const giveUp = setTimeout(() => {
  console.error('not ready after 60 s');
  bot.kill('SIGKILL');
}, 60_000);

const port = await new Promise((resolve, reject) => {
  for (const stream of [bot.stdout, bot.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      console.log(`bot: ${line}`);
      const entry = line.startsWith('{') ? JSON.parse(line) : {};
      if (entry.msg === 'ready') resolve(entry.port);
    });
  }
  bot.once('exit', (code) => reject(new Error(`ended with ${code} before it was ready`)));
});
console.log(`ready after ${Math.round(performance.now() - startedAt)} ms`);
for (const path of ['/healthz', '/readyz']) {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  console.log(`${path}: ${response.status} ${await response.text()}`);
  if (response.status !== 200) process.exitCode = 1;
}
bot.kill('SIGTERM');
const [code] = await ended;
clearTimeout(giveUp);
console.log(`SIGTERM: exit code ${code}`);
if (code !== 0) process.exitCode = 1;
slack.closeAllConnections();
slack.close();
