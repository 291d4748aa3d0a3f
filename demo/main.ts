/**
 * `npm run demo`: the bot behind a local stand-in for Slack. `npm run demo -- --once "capacity …"` prints one
 * transcript instead. Slack carries no exit code and no `--json`, so for those two the same question is put to the
 * product's own command line, in the same environment and database; the transcript itself comes from the bot over HTTP.
 */
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { tokenize } from '../src/commands/flags.ts';
import { botEnvironment, productArguments } from './bot.ts';
import { transcript } from './transcript.ts';
import { startWorld, type World } from './world.ts';

const DEFAULT_PORT = 3210;
const PORTS_TRIED = 20;
const ANSWER_LIMIT_MS = 10_000;

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { port: { type: 'string' }, once: { type: 'string' } } });
  return values.once === undefined ? serve(Number(values.port ?? DEFAULT_PORT)) : once(values.once);
}

/** Runs until Ctrl-C, or until the bot dies. */
async function serve(port: number): Promise<number> {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    process.stderr.write('error: --port takes a number from 1 to 65535\n');
    return 2;
  }
  // Listens from the start and for good: npm and the terminal may each pass one Ctrl-C on, and a second one with
  // nobody listening would end this process before it has tidied up.
  const asked = new Promise<null>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve(null));
  });
  const world = await startNear(port);
  process.stdout.write(`ecs-advise demo: ${world.url}  (a local stand-in, not Slack; Ctrl-C ends it)\n`);
  const why = await Promise.race([asked, world.bot.died]);
  if (why !== null) process.stderr.write(`${why}\n`);
  await world.stop();
  return why === null ? 0 : 1;
}

/** The asked port, or the next free one. */
async function startNear(port: number): Promise<World> {
  for (let offset = 0; ; offset += 1) {
    try {
      return await startWorld(port + offset);
    } catch (error) {
      const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      if (!isTaken || offset >= PORTS_TRIED) throw error;
    }
  }
}

/** One question, one transcript, the verb's exit code. */
async function once(question: string): Promise<number> {
  const typed = question.replace(/^\/?ecs-advise\s+/, '');
  const world = await startWorld(0);
  try {
    const args = tokenize(typed);
    await world.scanned();
    const isJson = args.includes('--json');
    if (!isJson) process.stdout.write(await ask(world, typed));
    return await runProduct(args, world, isJson);
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

/** The product's command line on the same database; its output is shown only when it is the answer. */
function runProduct(args: readonly string[], world: World, isShown: boolean): Promise<number> {
  const env = botEnvironment({
    apiUrl: world.standIn.apiUrl,
    botToken: '',
    signingSecret: '',
    databaseUrl: world.databaseUrl,
    aws: world.wiring,
  });
  const child = spawn(process.execPath, productArguments(args), {
    env: { ...env, LOG_LEVEL: 'error' },
    stdio: ['ignore', isShown ? 'inherit' : 'ignore', isShown ? 'inherit' : 'ignore'],
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 70));
  });
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 70;
}
