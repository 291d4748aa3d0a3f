import { mkdtempSync, rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { command, measureAcks, measureAnswer } from './acks.ts';
import { type Bot, startBot } from './bot.ts';
import { awsEnvironment, readyz, startAws, writeConfig } from './estate.ts';
import { ESTATES } from './estate-sizes.ts';
import type { Figure } from './figures.ts';
import { type Listener, listen } from './slack-listener.ts';

/**
 * The bot while the optimiser works: four people ask it twenty questions at once, a hundred others ask quick ones.
 * Every question differs, so that none is answered from memory.
 */

const PEOPLE = 4;
const EACH = 5;
const RESOLUTION_MS = 10;

/** Acks, quick answers, event loop, memory and the order of answers while twenty questions are solved. */
export async function measureSolving(root: string): Promise<readonly Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ecs-advise-bench-'));
  const slack = await listen();
  const aws = await startAws(root, 'solving', ESTATES.solving.speed);
  try {
    const env = { ...awsEnvironment(aws), ECS_ADVISE_CONFIG: writeConfig(folder, aws, ESTATES.solving.speed) };
    const bot = await startBot(root, folder, slack.apiUrl, env);
    await untilScanned(bot);
    await bot.stop();
    return await whileSolving(await startBot(root, folder, slack.apiUrl, env), slack);
  } finally {
    aws.process.kill('SIGKILL');
    slack.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function untilScanned(bot: Bot): Promise<void> {
  while ((await readyz(bot)).scan?.takenAt == null) await wait(250);
}

async function whileSolving(bot: Bot, slack: Listener): Promise<readonly Figure[]> {
  const alone = await measureAnswer(bot, slack, 'capacity cluster rose');
  const peakAlone = bot.peakMB();
  // The histogram of the bot begins anew with each look.
  await readyz(bot);
  const idle = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  idle.enable();
  const asked = await askAll(bot, slack);
  const acks = await measureAcks(bot, slack, 1_000);
  const status = await measureAnswer(bot, slack, 'status');
  const waiting = asked.filter(({ id }) => !slack.answered.has(id)).length;
  idle.disable();
  const { eventLoopDelayMs } = await readyz(bot);
  await slack.untilAnswered(asked.map(({ id }) => id));
  const peak = bot.peakMB();
  await bot.stop();
  if (waiting === 0) throw new Error('everything was solved before the acknowledgements were measured');
  const times = asked.map(({ id, sentAt }) => (slack.answered.get(id) ?? Number.NaN) - sentAt);
  const solves = `${asked.length} solves of ${PEOPLE} people at once`;
  const figures: readonly Figure[] = [
    { what: '`capacity cluster` of 800 tasks, alone, to the posted answer', value: alone, unit: 'ms', target: null },
    { what: `${solves}, to the first answer`, value: Math.min(...times), unit: 'ms', target: null },
    { what: '... to the last answer', value: Math.max(...times), unit: 'ms', target: null },
    { what: '... largest lead of one person, in answers', value: largestLead(slack), unit: 'count', target: 1 },
    ...acks.map((figure) => ({ ...figure, what: `meanwhile: ${figure.what}` })),
    { what: 'meanwhile: `/ecs-advise status`, to the posted answer', value: status, unit: 'ms', target: 1_000 },
    { what: 'meanwhile: event-loop delay of the bot, p99', value: eventLoopDelayMs.p99, unit: 'ms', target: 20 },
    { what: '... longest', value: eventLoopDelayMs.max, unit: 'ms', target: null },
    { what: '... of this idle process on the same machine, p99', value: delayOf(idle), unit: 'ms', target: null },
    { what: 'resident memory with one solve at a time, peak', value: peakAlone ?? Number.NaN, unit: 'MB', target: 350 },
    { what: '... with all of it at once', value: peak ?? Number.NaN, unit: 'MB', target: null },
  ];
  return figures.map((figure) => ({ ...figure, what: `solving: ${figure.what}` }));
}

type Asked = { readonly id: string; readonly sentAt: number };

/** One person after the other, all five at a time: an unfair line would answer the first person first. */
async function askAll(bot: Bot, slack: Listener): Promise<readonly Asked[]> {
  const agent = new Agent({ keepAlive: false });
  const asked: Asked[] = [];
  for (let person = 0; person < PEOPLE; person += 1) {
    for (let count = 1; count <= EACH; count += 1) {
      const text = `capacity cluster rose --min-instances ${1 + person * EACH + count}`;
      asked.push(await command(bot, slack, agent, { user: 1_000 + person, id: `solve-${person}-${count}`, text }));
    }
  }
  agent.destroy();
  return asked;
}

/** The most answers that somebody was ahead of somebody else, at any time. */
function largestLead(slack: Listener): number {
  const counts = Array.from({ length: PEOPLE }, () => 0);
  let most = 0;
  for (const id of slack.answered.keys()) {
    const [, person] = /^solve-(\d+)-/.exec(id) ?? [];
    if (person === undefined) continue;
    counts[Number(person)] = (counts[Number(person)] ?? 0) + 1;
    most = Math.max(most, Math.max(...counts) - Math.min(...counts));
  }
  return most;
}

function delayOf(histogram: IntervalHistogram): number {
  return Math.max(0, histogram.percentile(99) / 1e6 - RESOLUTION_MS);
}
