import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { measureAcks, measureAlone } from './acks.ts';
import { startBot } from './bot.ts';
import { measureEngine } from './engine.ts';
import { measureEstate } from './estate.ts';
import type { EstateName } from './estate-sizes.ts';
import { type Figure, figuresTable, machine, percentile } from './figures.ts';
import { listen } from './slack-listener.ts';
import { measureSolving } from './solving.ts';

/**
 * `npm run bench` builds the product, measures it and prints one table; exit code 1 when a target is missed.
 * `npm run bench -- --write` also writes docs/reference/bench.md, the last accepted numbers.
 * The bot is the real process; Slack is a listener on 127.0.0.1 that answers at once.
 */

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const STARTS = 5;
const IDLE_MS = 5_000;

async function measureProcess(): Promise<readonly Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ecs-advise-bench-'));
  const slack = await listen();
  try {
    const starts: number[] = [];
    for (let run = 0; run <= STARTS; run++) {
      const bot = await startBot(ROOT, folder, slack.apiUrl);
      // The first start makes the database; the target is for an existing one.
      if (run > 0) starts.push(bot.startMs);
      await bot.stop();
    }
    const bot = await startBot(ROOT, folder, slack.apiUrl);
    await wait(IDLE_MS);
    const idle = bot.residentMB();
    const alone = await measureAlone(bot, slack);
    const spread = await measureAcks(bot, slack, 1_000);
    const instant = await measureAcks(bot, slack, 0);
    const code = await bot.stop();
    if (code !== 0) throw new Error(`the bot ended with ${code} after SIGTERM`);
    return [
      ...alone,
      ...spread,
      ...instant,
      { what: `start to ready, median of ${STARTS}`, value: percentile(starts, 0.5), unit: 'ms', target: 2_000 },
      ...(idle === null ? [] : [{ what: 'resident memory, idle', value: idle, unit: 'MB', target: 200 } as const]),
    ];
  } finally {
    slack.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function main(): Promise<number> {
  const estate = estateName(process.argv);
  const figures = [
    ...(estate === null ? [...measureEngine(), ...(await measureProcess()), ...(await measureSolving(ROOT))] : []),
    ...(await measureEstate(ROOT, estate ?? 'small')),
  ];
  const day = new Date().toISOString().slice(0, 10);
  const text = `${day}, ${machine()}. Command: \`npm run bench${estate === null ? '' : ` -- --estate ${estate}`}\`.\n\n${figuresTable(figures)}\n`;
  console.log(text);
  if (process.argv.includes('--write')) {
    const head =
      '# Benchmark\n\nThe last accepted numbers, written by the command below with `--write`. Do not edit.\n\n';
    writeFileSync(join(ROOT, `docs/reference/${estate === 'large' ? 'bench-large' : 'bench'}.md`), head + text);
  }
  return figures.every(({ value, target }) => target === null || value <= target) ? 0 : 1;
}

/** `--estate large` measures that estate alone: it takes minutes. */
function estateName(args: readonly string[]): EstateName | null {
  const at = args.indexOf('--estate');
  const name = args[at + 1];
  if (at === -1) return null;
  if (name === 'small' || name === 'large') return name;
  throw new Error('--estate takes small or large');
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
process.exitCode = await main();
