/**
 * `npm run demo`: the bot behind a local stand-in for Slack. `npm run demo -- --once "capacity …"` prints one
 * transcript instead. Slack carries no exit code and no `--json`, so for those two the same question is put to the
 * product's own command line, in the same environment and database; the transcript itself comes from the bot over HTTP.
 * `--at 2026-12-04T09:00:00Z` sets the clock of all of it; the page, and `POST /control/clock`, move it on.
 */
import { parseArgs } from 'node:util';
import { tokenize } from '../src/commands/flags.ts';
import { runProduct } from './bot.ts';
import { type DemoClock, openClock } from './clock.ts';
import { transcript } from './transcript.ts';
import { startWorld, type World } from './world.ts';

const DEFAULT_PORT = 3210;
const PORTS_TRIED = 20;
const ANSWER_LIMIT_MS = 10_000;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { port: { type: 'string' }, once: { type: 'string' }, at: { type: 'string' } },
  });
  const at = values.at === undefined ? null : new Date(values.at);
  if (at !== null && Number.isNaN(at.getTime())) {
    process.stderr.write('error: --at takes a time such as 2026-12-04T09:00:00Z\n');
    return 2;
  }
  const clock = await openClock(at);
  try {
    if (values.once !== undefined) return await once(values.once, clock);
    return await serve(Number(values.port ?? DEFAULT_PORT), clock);
  } finally {
    clock.close();
  }
}

/** Runs until Ctrl-C, or until the bot dies. */
async function serve(port: number, clock: DemoClock): Promise<number> {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    process.stderr.write('error: --port takes a number from 1 to 65535\n');
    return 2;
  }
  // Listens from the start and for good: npm and the terminal may each pass one Ctrl-C on, and a second one with
  // nobody listening would end this process before it has tidied up.
  const asked = new Promise<null>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve(null));
  });
  const world = await startNear(port, clock);
  process.stdout.write(`ecs-advise demo: ${world.url}  (a local stand-in, not Slack; Ctrl-C ends it)\n`);
  const why = await Promise.race([asked, world.bot.died]);
  if (why !== null) process.stderr.write(`${why}\n`);
  await world.stop();
  return why === null ? 0 : 1;
}

/** The asked port, or the next free one. */
async function startNear(port: number, clock: DemoClock): Promise<World> {
  for (let offset = 0; ; offset += 1) {
    try {
      return await startWorld(port + offset, clock);
    } catch (error) {
      const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      if (!isTaken || offset >= PORTS_TRIED) throw error;
    }
  }
}

/** One question, one transcript, the verb's exit code. */
async function once(question: string, clock: DemoClock): Promise<number> {
  const typed = question.replace(/^\/?ecs-advise\s+/, '');
  const world = await startWorld(0, clock);
  try {
    const args = tokenize(typed);
    await world.scanned();
    const isJson = args.includes('--json');
    if (!isJson) process.stdout.write(await ask(world, typed));
    // The same database; the output is shown only when it is the answer.
    const wiring = { ...world.product, botToken: '', signingSecret: '' };
    return await runProduct(args, wiring, isJson ? 'shown' : 'dropped');
  } finally {
    await world.stop();
  }
}

async function ask({ standIn }: World, text: string): Promise<string> {
  const [user, channel] = ['ana', 'ecs-capacity'];
  const answered = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the bot gave no answer')), ANSWER_LIMIT_MS);
    standIn.on((event) => {
      const isAnswer = event.kind === 'view' || event.message.from === 'bot';
      if (!isAnswer) return;
      clearTimeout(timer);
      resolve();
    });
  });
  const { status } = await standIn.sendCommand({ user, channel, text });
  if (status !== 200) throw new Error(`the bot answered the request with ${status}`);
  await answered;
  return transcript(standIn.messages(channel, user));
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 70;
}
