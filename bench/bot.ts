import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A running `ecs-advise start`. */
export type Bot = {
  readonly url: string;
  /** From spawning the process to its ready line. */
  readonly startMs: number;
  /** Resident memory now, in MB (10^6 bytes); Linux only, null elsewhere. */
  readonly residentMB: () => number | null;
  /** The most resident memory so far, in MB; Linux only, null elsewhere. */
  readonly peakMB: () => number | null;
  /** SIGTERM, then the exit code. */
  readonly stop: () => Promise<number | null>;
};

export const SIGNING_SECRET = 'bench-signing-secret';

/** Starts the built product in HTTP mode on a free port, its database in `folder`. Rejects when it ends early. */
export async function startBot(
  root: string,
  folder: string,
  slackApiUrl: string,
  env: NodeJS.ProcessEnv = {},
): Promise<Bot> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [join(root, 'dist/cli.js'), 'start'], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      ...env,
      SLACK_BOT_TOKEN: 'xoxb-bench',
      SLACK_SIGNING_SECRET: SIGNING_SECRET,
      SLACK_API_URL: slackApiUrl,
      DATABASE_URL: `sqlite:${join(folder, 'bench.db')}`,
      HOST: '127.0.0.1',
      PORT: '0',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // However the measurement ends, it leaves no bot behind.
  const kill = (): boolean => child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  const port = await readyPort(child);
  return {
    url: `http://127.0.0.1:${port}`,
    startMs: performance.now() - startedAt,
    residentMB: () => memoryMB(child.pid, 'VmRSS'),
    peakMB: () => memoryMB(child.pid, 'VmHWM'),
    stop: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      const [code] = await gone;
      return typeof code === 'number' ? code : null;
    },
  };
}

/** Reads log lines until one says `"msg":"ready"`; keeps reading afterwards, so that the pipe never fills up. */
function readyPort(child: ChildProcess): Promise<number> {
  const last: string[] = [];
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        last.push(line);
        if (last.length > 10) last.shift();
        const port = portOf(line);
        if (port !== null) resolve(port);
      });
    }
    child.once('exit', (code) =>
      reject(new Error(`the bot ended with ${code} before it was ready:\n${last.join('\n')}`)),
    );
  });
}

function portOf(line: string): number | null {
  if (!line.startsWith('{')) return null;
  const entry = JSON.parse(line) as { readonly msg?: unknown; readonly port?: unknown };
  return entry.msg === 'ready' && typeof entry.port === 'number' ? entry.port : null;
}

function memoryMB(pid: number | undefined, field: 'VmRSS' | 'VmHWM'): number | null {
  if (process.platform !== 'linux' || pid === undefined) return null;
  const kiB = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return kiB === undefined ? null : (Number(kiB) * 1024) / 1e6;
}
