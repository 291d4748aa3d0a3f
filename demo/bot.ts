/** The unchanged bot in a process of its own, told where everything is by its environment alone. */
import { type ChildProcess, spawn } from 'node:child_process';
import { extname, join } from 'node:path';
import { type AwsWiring, awsEnvironment } from './aws-account.ts';
import { CLOCK_MODULE } from './clock.ts';

const ROOT = join(import.meta.dirname, '..');
/** Lines of the bot's log kept to show when it dies. */
const KEPT_LINES = 20;
const START_LIMIT_MS = 30_000;
/** The product gives running work 10 s; past this it is ended by force. */
const STOP_LIMIT_MS = 12_000;

export type Bot = {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Resolves with a sentence when the bot ends although nobody asked it to. */
  readonly died: Promise<string>;
  readonly stop: () => Promise<void>;
};

export type Wiring = {
  readonly apiUrl: string;
  readonly botToken: string;
  readonly signingSecret: string;
  readonly databaseUrl: string;
  readonly aws: AwsWiring | null;
};

/** The environment that points the product at the stand-ins. */
function botEnvironment(wiring: Wiring): NodeJS.ProcessEnv {
  return {
    ...process.env,
    ...awsEnvironment(wiring.aws),
    SLACK_API_URL: wiring.apiUrl,
    SLACK_BOT_TOKEN: wiring.botToken,
    SLACK_SIGNING_SECRET: wiring.signingSecret,
    SLACK_APP_TOKEN: '',
    DATABASE_URL: wiring.databaseUrl,
    HOST: '127.0.0.1',
    PORT: '0',
    LOG_LEVEL: 'info',
  };
}

/** Arguments of node that run the product's command line: from source, or compiled where this file is. */
function productArguments(args: readonly string[]): readonly string[] {
  const extension = extname(import.meta.filename);
  const loader = extension === '.ts' ? ['--import', 'tsx'] : [];
  return [...loader, '--import', CLOCK_MODULE, join(ROOT, 'src', `cli${extension}`), ...args];
}

/** Runs one command of the product's command line to its end; returns its exit code. */
export function runProduct(args: readonly string[], wiring: Wiring, output: 'shown' | 'dropped'): Promise<number> {
  const stream = output === 'shown' ? 'inherit' : 'ignore';
  const child = spawn(process.execPath, productArguments(args), {
    env: { ...botEnvironment(wiring), LOG_LEVEL: 'error' },
    stdio: ['ignore', stream, stream],
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 70));
  });
}

/** Starts `ecs-advise start` and waits until it says that it is ready. Throws with its last log lines when it does not. */
export async function startBot(wiring: Wiring): Promise<Bot> {
  const child = spawn(process.execPath, productArguments(['start']), { cwd: ROOT, env: botEnvironment(wiring) });
  const log: string[] = [];
  let isStopping = false;
  const ended = new Promise<string>((resolve) => {
    child.once('close', (code, signal) => {
      if (!isStopping) resolve(`The bot ended (${signal ?? `exit ${code}`}). Its last lines:\n${log.join('\n')}`);
    });
  });
  const port = await Promise.race([readyPort(child, log), ended.then((why) => Promise.reject(new Error(why)))]).catch(
    (error: unknown) => {
      child.kill('SIGKILL');
      throw error;
    },
  );
  return {
    url: `http://127.0.0.1:${port}`,
    died: ended,
    stop: async () => {
      isStopping = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      const closed = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
      await closed;
      clearTimeout(timer);
    },
  };
}

function readyPort(child: ChildProcess, log: string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`The bot was not ready in ${START_LIMIT_MS / 1000} s.\n${log.join('\n')}`)),
      START_LIMIT_MS,
    );
    child.once('close', () => clearTimeout(timer));
    let rest = '';
    const read = (chunk: Buffer): void => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        log.push(line);
        if (log.length > KEPT_LINES) log.shift();
        const port = /"port":(\d+)[^\n]*"msg":"ready"/.exec(line)?.[1];
        if (port === undefined) continue;
        clearTimeout(timer);
        resolve(Number(port));
      }
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
  });
}
