/** `ecs-advise scan`: one scan now, with its progress on standard error. */
import { loadConfig } from './config.ts';
import type { ScanProgress } from './deps.ts';
import { canonicalJson, type Json } from './engine/index.ts';
import { type AdviseError, EXIT_CODE, toAdviseError, usageError } from './errors.ts';
import { runScan, type ScanOutcome } from './jobs/scan.ts';
import { scanReport } from './report/scan.ts';
import { toText } from './report/text.ts';
import { wire } from './wire.ts';

const BAR_WIDTH = 24;
/** Elsewhere than on a terminal one line every so often is enough. */
const LINE_EVERY_MS = 5_000;

/**
 * Runs the scan and prints what it read and missed, as text or (`--json`) as JSON. Exit codes: 0, also when something
 * was missed (it is listed); 2 usage; 75 another scan runs or the database is busy; 78 no account is configured.
 */
export async function scan(args: readonly string[]): Promise<number> {
  const isJson = args.includes('--json');
  try {
    const unknown = args.find((arg) => arg !== '--json');
    if (unknown !== undefined)
      throw usageError('usage_unknown_flag', `scan does not know "${unknown}"`, 'ecs-advise scan --json');
    const { deps, close } = await wire(loadConfig({ slack: 'optional' }));
    const bar = progressBar(process.stderr);
    try {
      const outcome = await runScan(deps, bar.show);
      bar.end();
      await write(process.stdout, isJson ? `${canonicalJson(toJson(outcome))}\n` : toText(scanReport(outcome)));
      return 0;
    } finally {
      bar.end();
      await close();
    }
  } catch (thrown) {
    return fail(toAdviseError(thrown), isJson);
  }
}

function toJson({ head, calls, rowsWritten, resumed, ms }: ScanOutcome): Json {
  const { id, takenAt, startedAt, accounts, clusters, missed } = head;
  return {
    format: 'ecs-advise.scan/1',
    snapshot: { id, startedAt, takenAt, missed },
    accounts,
    clusters,
    calls,
    rowsWritten,
    resumed,
    ms,
  } as unknown as Json;
}

type Bar = { readonly show: (progress: ScanProgress) => void; readonly end: () => void };

/** A bar that redraws itself on a terminal, plain lines elsewhere. */
function progressBar(stream: NodeJS.WriteStream): Bar {
  let [isOpen, lastAt] = [false, 0];
  return {
    show: (progress) => {
      if (stream.isTTY) {
        stream.write(`\r\u001b[2K${barLine(progress)}`);
        isOpen = true;
        return;
      }
      const now = performance.now();
      if (lastAt !== 0 && now - lastAt < LINE_EVERY_MS) return;
      lastAt = now;
      stream.write(`scan: ${progressText(progress)}\n`);
    },
    end: () => {
      if (isOpen) stream.write('\r\u001b[2K');
      isOpen = false;
    },
  };
}

function barLine(progress: ScanProgress): string {
  const { done, found } = progress;
  const filled = found === 0 ? 0 : Math.floor((done * BAR_WIDTH) / found);
  return `[${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}] ${progressText(progress)}`;
}

function progressText({ account, region, cluster, done, found, calls, throttled }: ScanProgress): string {
  const place = [account, region, cluster].filter((name) => name !== null).join(' ');
  const slowed = throttled === 0 ? '' : `, ${throttled} throttled`;
  return `${done} of ${found} clusters, ${calls} calls${slowed}, now ${place}`;
}

async function fail(error: AdviseError, isJson: boolean): Promise<number> {
  const { kind, code, message, hint = null } = error;
  if (isJson) await write(process.stdout, `${canonicalJson({ error: { kind, code, message, hint } })}\n`);
  else await write(process.stderr, `error: ${message}${hint === null ? '' : ` – try: ${hint}`}\n`);
  return EXIT_CODE[kind];
}

function write(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((done, failed) => {
    stream.write(text, (error) => (error == null ? done() : failed(error)));
  });
}
