import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { startDemo } from '../support/product.ts';

/** The whole demo, in a process of its own because its clock is the process's. Returns its address. */
async function addressOfDemo(...args: readonly string[]): Promise<string> {
  const child = startDemo(args);
  child.stderr.pipe(process.stderr);
  onTestFinished(async () => {
    const closed = once(child, 'close');
    child.kill('SIGINT');
    await closed;
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? [];
    if (url !== undefined) return url;
  }
  throw new Error('the demo ended before it was ready');
}

async function hourIn(answer: Response): Promise<string> {
  const body = (await answer.json()) as { readonly now?: string; readonly error?: string };
  return body.now?.slice(0, 13) ?? `error: ${body.error}`;
}

/** A command, asked through the page as a person would. The bot takes none whose signature is five minutes old. */
async function ask(url: string, text: string): Promise<unknown> {
  const body = JSON.stringify({ user: 'U0ANA00001', channel: 'C0CAPACITY', text });
  return (await fetch(`${url}/say`, { method: 'POST', body })).json();
}

test('the demo begins at the given time and moves on as one: page, Slack, bot and AWS', async () => {
  const url = await addressOfDemo('--at', '2026-12-04T09:00:00Z', '--port', '3391');
  expect(await hourIn(await fetch(`${url}/control/clock`))).toBe('2026-12-04T09');
  expect(await ask(url, '/ecs-advise help')).toEqual({});

  const move = (advanceHours: number): Promise<Response> =>
    fetch(`${url}/control/clock`, { method: 'POST', body: JSON.stringify({ advanceHours }) });
  // Four days and an hour; the bot has scanned when the answer comes.
  expect(await hourIn(await move(97))).toBe('2026-12-08T10');
  expect(await ask(url, '/ecs-advise help')).toEqual({});

  for (const wrong of [0, -1, 100_000, Number.NaN]) expect((await move(wrong)).status).toBe(400);
  expect(await hourIn(await fetch(`${url}/control/clock`))).toBe('2026-12-08T10');
}, 300_000);
