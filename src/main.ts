import { type Config, loadConfig, secretsOf } from './config.ts';
import type { AwsWriter, Deps, Log } from './deps.ts';
import { type AdviseError, EXIT_CODE, toAdviseError } from './errors.ts';
import { runScan } from './jobs/scan.ts';
import { keepScanning } from './jobs/schedule.ts';
import { keepSweeping } from './jobs/sweeping.ts';
import { openLog } from './log.ts';
import { createSlackApp, type SlackApp } from './slack/app.ts';
import { checkRoutes } from './slack/check-routes.ts';
import { openThreads, type Threads } from './threads/index.ts';
import { wire } from './wire.ts';

/** Start and stop: config -> wire -> Slack; stop in reverse order. */

/** What runs may finish for so long after SIGTERM. */
const GRACE_MS = 10_000;
const IN_MEMORY = 'sqlite::memory:';

/**
 * Runs the bot until SIGTERM or SIGINT and resolves with the exit code: 0 stopped, 70 our bug, 75 Slack or the
 * database failed, 78 config (every problem listed on standard error). Log lines go to standard error; the one that
 * says `"msg":"ready"` carries the port.
 */
export async function start(): Promise<number> {
  const startedAtMs = performance.now();
  let config: Config;
  try {
    config = loadConfig({ slack: 'required' });
  } catch (thrown) {
    return fail(toAdviseError(thrown));
  }
  const log = openLog({ level: config.logLevel, secrets: secretsOf(config) });
  const ended = untilToldToStop(log);
  try {
    const { deps, writer, close } = await wire(config);
    try {
      return await serve({ config, deps, writer, startedAtMs, ended });
    } finally {
      await close();
    }
  } catch (thrown) {
    log.error({ err: thrown }, 'the bot stopped');
    return fail(toAdviseError(thrown));
  }
}

type Serving = {
  readonly config: Config;
  readonly deps: Deps;
  /** Changes AWS once a proposal is approved; null when nothing may be changed. */
  readonly writer: AwsWriter | null;
  readonly startedAtMs: number;
  /** Resolves with the exit code when somebody wants the process to stop. */
  readonly ended: Promise<number>;
};

async function serve({ config, deps, writer, startedAtMs, ended }: Serving): Promise<number> {
  const { log } = deps;
  if (config.slack === null) throw new Error('invariant: a config that requires Slack has it');
  // A database in memory belongs to this thread alone, so everything stays here.
  const threads = config.databaseUrl === IN_MEMORY ? null : openThreads({ config, deps });
  const ask = threads === null ? {} : { ask: threads.ask };
  const { slack, host, port: wished } = config;
  const app = createSlackApp({ deps, ...ask, writer, slack, host, port: wished });
  const { port } = await app.start();
  const ms = Math.round(performance.now() - startedAtMs);
  log.info({ port, host: config.host, mode: config.slack.mode.kind, ms }, 'ready');
  void sayWhoWeAre(app, log).then(() => warnOfRoutes(app, deps));
  const stopping = new AbortController();
  const scanning = scansOf({ config, deps, threads, signal: stopping.signal });
  const sweeping = keepSweeping(log, { sweep: app.sweep, signal: stopping.signal });
  const code = await ended;
  log.info({ graceMs: GRACE_MS }, 'stopping');
  stopping.abort();
  threads?.dismiss();
  const isDone = await app.stop(GRACE_MS);
  await threads?.close();
  await Promise.all([scanning, sweeping]);
  if (isDone) log.info({}, 'stopped');
  else log.warn({}, 'stopped before everything was finished');
  return code;
}

type Scanning = {
  readonly config: Config;
  readonly deps: Deps;
  readonly threads: Threads | null;
  readonly signal: AbortSignal;
};

/** The scans that nobody asks for; none without accounts, or when the configuration leaves them to people. */
async function scansOf({ config, deps, threads, signal }: Scanning): Promise<void> {
  const everyMinutes = config.scanEveryMinutes;
  if (deps.aws === null || everyMinutes === 0) return;
  const scan = threads?.scan ?? (async () => void (await runScan(deps, () => undefined)));
  await keepScanning(deps, { everyMinutes, scan, signal });
}

/** Slack's opinion of the token, once, in the log. The bot starts without it: Slack may be away for a while. */
async function sayWhoWeAre(app: SlackApp, log: Log): Promise<void> {
  const { ok, team, missing, error } = await app.check();
  if (ok) log.info({ team }, 'slack knows the bot');
  else log.error({ team, missing, code: error?.code }, 'slack does not accept the bot; run "ecs-advise doctor"');
}

/** A route that cannot approve anything is said at the start, not when somebody waits for it. */
async function warnOfRoutes({ directory }: SlackApp, { settings, log }: Deps): Promise<void> {
  for (const { route, state, detail, fix } of await checkRoutes(settings, directory)) {
    if (state !== 'ok') log.warn({ unit: 'routes', route, state, fix }, detail);
  }
}

/**
 * The first SIGTERM or SIGINT asks for an orderly stop, the second ends the process at once. A promise nobody caught
 * is logged; an exception nobody caught leaves the process in an unknown state, so it ends it with 70.
 */
function untilToldToStop(log: Log): Promise<number> {
  return new Promise((resolve) => {
    let isToldAlready = false;
    const onSignal = (signal: NodeJS.Signals): void => {
      if (isToldAlready) process.exit(1);
      isToldAlready = true;
      log.info({ signal }, 'signal');
      resolve(0);
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
    process.on('unhandledRejection', (reason) => log.error({ err: reason, kind: 'bug' }, 'a promise nobody caught'));
    process.on('uncaughtException', (error) => {
      log.error({ err: error, kind: 'bug' }, 'an exception nobody caught');
      resolve(EXIT_CODE.bug);
    });
  });
}

function fail(error: AdviseError): number {
  const hint = error.hint === undefined ? '' : `\ntry: ${error.hint}`;
  process.stderr.write(`error: ${error.message}${hint}\n`);
  return EXIT_CODE[error.kind];
}
