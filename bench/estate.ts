import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { stringify } from 'yaml';
import { measureAcks, measureAnswer } from './acks.ts';
import { type Bot, startBot } from './bot.ts';
import { ESTATES, type EstateName, fewestCalls } from './estate-sizes.ts';
import type { Figure } from './figures.ts';
import { listen } from './slack-listener.ts';

/**
 * A scan of a large estate by the real bot, behind AWS's documented throttles: calls against the fewest possible, time
 * against what the buckets allow, memory, acknowledgements meanwhile; a second scan with nothing changed; answers over it.
 */

type Aws = {
  readonly url: string;
  readonly control: string;
  readonly hub: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly accounts: readonly object[];
  readonly process: ChildProcess;
};

type Seen = {
  readonly counts: { readonly [operation: string]: number };
  readonly denied: number;
  readonly minimumSeconds: number;
  readonly violations: number;
  readonly firstViolation: string | null;
};

type Ready = {
  readonly eventLoopDelayMs: { readonly p99: number; readonly max: number };
  readonly scan: { readonly takenAt: string | null } | null;
};

export async function measureEstate(root: string, name: EstateName): Promise<readonly Figure[]> {
  const { speed } = ESTATES[name];
  const folder = mkdtempSync(join(tmpdir(), 'ecs-advise-bench-'));
  const slack = await listen();
  const aws = await startAws(root, name, speed);
  try {
    const env = { ...awsEnvironment(aws), ECS_ADVISE_CONFIG: writeConfig(folder, aws, speed) };
    const scene = { folder, slack, env, aws, name };
    const scanned = await firstScan(root, scene);
    return [...scanned, ...(await secondScan(root, scene))].map((figure) => ({
      ...figure,
      what: `${name} estate, AWS at ${speed} x: ${figure.what}`,
    }));
  } finally {
    aws.process.kill('SIGKILL');
    slack.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

type Scene = {
  readonly folder: string;
  readonly slack: Awaited<ReturnType<typeof listen>>;
  readonly env: NodeJS.ProcessEnv;
  readonly aws: Aws;
  readonly name: EstateName;
};

/** The bot scans at its start, while people ask. */
async function firstScan(root: string, { folder, slack, env, aws, name }: Scene): Promise<readonly Figure[]> {
  const bot = await startBot(root, folder, slack.apiUrl, env);
  // The scan begins with the ready line; its end is the time that it says itself.
  const startedAt = Date.now();
  const acks: Figure[] = [];
  const delays: number[] = [];
  let scannedMs: number | null = null;
  const watching = (async () => {
    while (scannedMs === null) {
      await wait(500);
      const { eventLoopDelayMs, scan } = await readyz(bot);
      delays.push(eventLoopDelayMs.p99);
      if (scan?.takenAt != null) scannedMs = Date.parse(scan.takenAt) - startedAt;
    }
  })();
  await wait(1_000);
  acks.push(...(await measureAcks(bot, slack, 1_000)));
  await watching;
  const peak = bot.peakMB();
  const answered = await answers(bot, slack);
  await bot.stop();
  const seen = await look(aws);
  if (seen.violations > 0) throw new Error(`${seen.violations} calls that AWS would not know: ${seen.firstViolation}`);
  const fewest = fewestCalls(ESTATES[name].size);
  const needed = Object.values(fewest).reduce((sum, calls) => sum + calls, 0);
  const sent = Object.keys(fewest).reduce((sum, operation) => sum + (seen.counts[operation] ?? 0), 0);
  const total = Object.values(seen.counts).reduce((sum, calls) => sum + calls, 0);
  return [
    { what: 'calls of a cold scan', value: total, unit: 'count', target: null },
    { what: '... of the large kinds, against the fewest possible', value: sent / needed, unit: 'ratio', target: 1.1 },
    { what: '... throttled, of all', value: seen.denied / total, unit: 'ratio', target: 0.01 },
    { what: 'cold scan', value: scannedMs ?? Number.NaN, unit: 'ms', target: null },
    {
      what: '... against what half the buckets allow',
      value: (scannedMs ?? Number.NaN) / 1000 / seen.minimumSeconds,
      unit: 'ratio',
      target: 1.2,
    },
    { what: 'resident memory of the bot, peak', value: peak ?? Number.NaN, unit: 'MB', target: 512 },
    { what: 'event-loop delay, p99, worst half second', value: Math.max(...delays), unit: 'ms', target: 50 },
    ...acks.map((figure) => ({ ...figure, what: `meanwhile: ${figure.what}` })),
    ...answered,
  ];
}

/** A second scan, by a process of its own, with nothing changed. */
async function secondScan(root: string, { folder, env }: Scene): Promise<readonly Figure[]> {
  const started = performance.now();
  const text = await output(root, folder, { args: ['scan', '--json'], env });
  const { rowsWritten, calls } = JSON.parse(text) as {
    readonly rowsWritten: number;
    readonly calls: { readonly total: number };
  };
  return [
    { what: 'second scan, nothing changed: rows written', value: rowsWritten, unit: 'count', target: 30 },
    { what: '... calls', value: calls.total, unit: 'count', target: null },
    { what: '... time', value: performance.now() - started, unit: 'ms', target: null },
  ];
}

/** Answers from the store, in Slack. The bill is read from AWS by the first question, which is not counted. */
async function answers(bot: Bot, slack: Scene['slack']): Promise<readonly Figure[]> {
  const lines = ['status', 'cost --days 7', 'cost --days 7 --by service,kind', 'rightsize'];
  const figures: Figure[] = [];
  for (const line of lines) {
    const value = await measureAnswer(bot, slack, line);
    figures.push({ what: `/ecs-advise ${line}, to the posted answer`, value, unit: 'ms', target: 1_000 });
  }
  return figures;
}

export async function startAws(root: string, name: EstateName, speed: number): Promise<Aws> {
  const child = spawn(process.execPath, ['--import', 'tsx', join(root, 'bench/aws-estate.ts'), name, String(speed)], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '--max-semi-space-size=128 --max-old-space-size=3072' },
  });
  process.once('exit', () => child.kill('SIGKILL'));
  for await (const line of createInterface({ input: child.stdout })) {
    return { ...(JSON.parse(line) as Omit<Aws, 'process'>), process: child };
  }
  throw new Error('the simulated AWS did not start');
}

async function look(aws: Aws): Promise<Seen> {
  return (await (await fetch(aws.control)).json()) as Seen;
}

export async function readyz(bot: Bot): Promise<Ready> {
  return (await (await fetch(`${bot.url}/readyz`)).json()) as Ready;
}

export function writeConfig(folder: string, { accounts }: Aws, speed: number): string {
  const path = join(folder, 'ecs-advise.yaml');
  writeFileSync(path, stringify({ accounts, aws: { pace: speed }, defaultRegion: 'eu-west-1' }));
  return path;
}

export function awsEnvironment({ url, hub }: Aws): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: hub.accessKeyId,
    AWS_SECRET_ACCESS_KEY: hub.secretAccessKey,
    AWS_REGION: 'eu-west-1',
  };
}

function output(
  root: string,
  folder: string,
  { args, env }: { readonly args: readonly string[]; readonly env: NodeJS.ProcessEnv },
): Promise<string> {
  const database = join(folder, 'bench.db');
  if (!existsSync(database)) throw new Error('the bot left no database');
  const child = spawn(process.execPath, [join(root, 'dist/cli.js'), ...args], {
    cwd: folder,
    env: { ...env, DATABASE_URL: `sqlite:${database}` },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.once('close', (code) =>
      code === 0
        ? resolve(Buffer.concat(chunks).toString('utf8'))
        : reject(new Error(`${args.join(' ')} ended with ${code}`)),
    );
  });
}
