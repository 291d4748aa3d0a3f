import { Agent, request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { commandBody, signedHeaders } from '../demo/slack/payloads.ts';
import { type Bot, SIGNING_SECRET } from './bot.ts';
import { type Figure, percentile } from './figures.ts';
import type { Listener } from './slack-listener.ts';

const USERS = 100;
const ROUNDS = 10;
/** Slack shows an error to the user when the ack takes longer. */
const LATE_MS = 3_000;
const QUESTIONS = [
  'capacity --vcpu 1 --memory 2 --tasks 12',
  'capacity --vcpu 2 --memory 8 --tasks 12',
  'capacity --vcpu 1 --memory 2 --run 40s --pull 25s --per-day 20000 --between 01:00-04:00',
  'capacity --vcpu 48 --memory 96 --needs avx512',
] as const;

type Ack = { readonly status: number; readonly ms: number; readonly sentAt: number; readonly id: string };

/** Acks and answers of 100 users who press Enter within `spreadMs` of each other (0 = the same instant), ten times. */
export async function measureAcks(bot: Bot, slack: Listener, spreadMs: number): Promise<readonly Figure[]> {
  // A connection of its own for each request: the bot closes idle ones, and a reused one could be closing just then.
  const agent = new Agent({ keepAlive: false });
  const acks: Ack[] = [];
  const label = spreadMs === 0 ? 'at the same instant' : `spread over ${spreadMs / 1000} s`;
  for (let round = 0; round < ROUNDS; round++) {
    const sent = Array.from({ length: USERS }, async (_, user) => {
      if (spreadMs > 0) await wait((user / USERS) * spreadMs);
      return command(bot, slack, agent, { user, id: `${label.replaceAll(' ', '-')}-${round}-${user}` });
    });
    const acked = await Promise.all(sent);
    acks.push(...acked);
    await slack.untilAnswered(acked.map(({ id }) => id));
  }
  agent.destroy();
  const refused = acks.filter(({ status }) => status !== 200).length;
  if (refused > 0) throw new Error(`${refused} of ${acks.length} commands were not acknowledged with 200`);
  const times = acks.map(({ ms }) => ms);
  const answers = acks.map(({ id, sentAt }) => (slack.answered.get(id) ?? Number.POSITIVE_INFINITY) - sentAt);
  return [
    {
      what: `ack, ${USERS} users ${label}, ${ROUNDS} rounds, p50`,
      value: percentile(times, 0.5),
      unit: 'ms',
      target: null,
    },
    { what: '... p99', value: percentile(times, 0.99), unit: 'ms', target: 100 },
    { what: '... later than 3 s', value: times.filter((ms) => ms > LATE_MS).length, unit: 'late', target: 0 },
    { what: '... to the posted answer, p95', value: percentile(answers, 0.95), unit: 'ms', target: null },
  ];
}

/** Median time from Enter to the posted answer of one command line, asked again and again; the first answer is not counted. */
export async function measureAnswer(bot: Bot, slack: Listener, text: string): Promise<number> {
  const agent = new Agent({ keepAlive: false });
  const times: number[] = [];
  for (let round = 0; round < 6; round++) {
    const { id, sentAt } = await command(bot, slack, agent, {
      user: USERS,
      id: `${text.replace(/\W+/g, '-')}-${round}`,
      text,
    });
    await slack.untilAnswered([id]);
    times.push((slack.answered.get(id) ?? Number.POSITIVE_INFINITY) - sentAt);
  }
  agent.destroy();
  return percentile(times.slice(1), 0.5);
}

/** The time from one user's Enter to the answer in Slack, nobody else asking. */
export async function measureAlone(bot: Bot, slack: Listener): Promise<readonly Figure[]> {
  // A connection of its own for each request: the bot closes idle ones, and a reused one could be closing just then.
  const agent = new Agent({ keepAlive: false });
  const answers: number[] = [];
  for (let user = 0; user < 60; user++) {
    const { id, sentAt } = await command(bot, slack, agent, { user, id: `alone-${user}` });
    await slack.untilAnswered([id]);
    answers.push((slack.answered.get(id) ?? Number.POSITIVE_INFINITY) - sentAt);
  }
  agent.destroy();
  const warm = answers.slice(10);
  return [
    { what: 'one user alone, to the posted answer, p95', value: percentile(warm, 0.95), unit: 'ms', target: 300 },
  ];
}

/** One command, typed by one user; resolves with its acknowledgement. */
export function command(
  bot: Bot,
  slack: Listener,
  agent: Agent,
  who: { readonly user: number; readonly id: string; readonly text?: string },
): Promise<Ack> {
  const body = commandBody(
    { user: { id: `U${who.user}`, name: `user${who.user}` }, channel: { id: 'C1', name: 'general' } },
    who.text ?? QUESTIONS[who.user % QUESTIONS.length] ?? QUESTIONS[0],
    { triggerId: who.id, responseUrl: slack.hook(who.id) },
  );
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': Buffer.byteLength(body),
    ...signedHeaders(SIGNING_SECRET, body, Math.floor(Date.now() / 1000)),
  };
  return new Promise((resolve, reject) => {
    const sentAt = performance.now();
    const sending = request(`${bot.url}/slack/events`, { method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, ms: performance.now() - sentAt, sentAt, id: who.id }),
      );
    });
    sending.on('error', reject);
    sending.end(body);
  });
}
