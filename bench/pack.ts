import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type PackInput, type PackResult, parsePack } from '../src/engine/index.ts';
import { openSolver } from '../src/solver/index.ts';
import { machine } from './figures.ts';
import { BASELINES } from './pack-baselines.ts';
import { type Mix, type Planted, packMix, packPlanted } from './pack-sets.ts';

/**
 * `npx tsx bench/pack.ts` measures packing: mixes and planted optima made here, with baselines on the same input in the
 * same run, and a sample of the public sets where `../shared/bench` is there (`--all`: every file). Gaps are certified:
 * cost over proved bound. Exit code 1 when a target is missed. `--write` also writes docs/reference/bench-pack.md.
 */

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const PUBLIC = join(ROOT, '..', 'shared', 'bench');
const SAMPLE = 12;
const PUBLIC_SECONDS = 10;

type Case = Mix & { readonly seconds: number; readonly atOne: number | null; readonly target: number | null };

/** Targets are percent: after one second, and after `seconds`. */
const MIXES: readonly Case[] = [
  { name: 'small', shapes: 50, tasks: 1_000, vcpu: 16, seed: 1, seconds: 10, atOne: 2.5, target: 0.5 },
  { name: '50 shapes', shapes: 50, tasks: 50_000, vcpu: 16, seed: 2, seconds: 10, atOne: 2.5, target: 0.5 },
  { name: '200 shapes', shapes: 200, tasks: 50_000, vcpu: 16, seed: 3, seconds: 10, atOne: 2.5, target: 0.5 },
  {
    name: '200 shapes, large types',
    shapes: 200,
    tasks: 50_000,
    vcpu: 96,
    seed: 4,
    seconds: 10,
    atOne: 2.5,
    target: 0.5,
  },
  {
    name: '200 shapes, spot prices',
    shapes: 200,
    tasks: 50_000,
    vcpu: 16,
    seed: 5,
    spot: true,
    seconds: 10,
    atOne: 2.5,
    target: 0.5,
  },
  {
    name: '200 shapes, large, spot',
    shapes: 200,
    tasks: 50_000,
    vcpu: 96,
    seed: 6,
    spot: true,
    seconds: 10,
    atOne: 2.5,
    target: 0.5,
  },
  {
    name: '200 shapes, large, slots',
    shapes: 200,
    tasks: 50_000,
    vcpu: 96,
    seed: 7,
    slots: true,
    seconds: 10,
    atOne: 2.5,
    target: 0.5,
  },
  { name: '500 shapes', shapes: 500, tasks: 50_000, vcpu: 16, seed: 8, seconds: 10, atOne: null, target: 2 },
  { name: '1,000 shapes', shapes: 1_000, tasks: 50_000, vcpu: 16, seed: 9, seconds: 10, atOne: null, target: 2 },
  { name: '2,000 shapes', shapes: 2_000, tasks: 50_000, vcpu: 16, seed: 10, seconds: 10, atOne: null, target: 2 },
  {
    name: '1,000 shapes, longer',
    shapes: 1_000,
    tasks: 50_000,
    vcpu: 16,
    seed: 9,
    seconds: 30,
    atOne: null,
    target: 1,
  },
  {
    name: '2,000 shapes, longer',
    shapes: 2_000,
    tasks: 50_000,
    vcpu: 16,
    seed: 10,
    seconds: 30,
    atOne: null,
    target: 1,
  },
  {
    name: 'chunky, 40 shapes',
    shapes: 40,
    tasks: 3_000,
    vcpu: 8,
    seed: 12,
    chunky: true,
    seconds: 5,
    atOne: null,
    target: 0.1,
  },
  {
    name: 'chunky, 200 shapes',
    shapes: 200,
    tasks: 30_000,
    vcpu: 16,
    seed: 13,
    chunky: true,
    seconds: 5,
    atOne: null,
    target: 0.1,
  },
];
const PLANTED: readonly Planted[] = [
  { name: 'planted, 40 bins', bins: 40, shapes: 30, seed: 21 },
  { name: 'planted, 400 bins', bins: 400, shapes: 80, seed: 22 },
  { name: 'planted, 2,000 bins', bins: 2_000, shapes: 150, seed: 23 },
  { name: 'planted, 4,000 bins', bins: 4_000, shapes: 300, seed: 24 },
];
const PLANTED_WORST = 1;
const PLANTED_MEDIAN = 0.5;

const solver = openSolver();
let missed = 0;

/** Percent above a bound; text for the table, with a mark when it misses its target. */
function percent(share: number, target: number | null): string {
  const isMissed = target !== null && !(share <= target);
  if (isMissed) missed += 1;
  const text = share < 0.1 ? share.toFixed(3) : share.toFixed(2);
  return isMissed ? `**${text}** (> ${target})` : text;
}

function above(cost: bigint | number, bound: bigint | number): number {
  return (Number(cost) / Number(bound) - 1) * 100;
}

async function packed(input: PackInput, seconds: number): Promise<Extract<PackResult, { kind: 'packed' }>> {
  const result = await solver.pack(input, { seconds });
  if (result.kind !== 'packed') throw new Error('a benchmark question has no answer');
  return result;
}

async function mixes(): Promise<string> {
  const rows: string[] = [];
  for (const mix of MIXES) {
    const input = packMix(mix);
    const first = await packed(input, 1);
    const last = await packed(input, mix.seconds);
    const base = BASELINES.map(({ cost }) => {
      const found = cost(input);
      return found === null ? 'none' : above(found, last.lowerBound).toFixed(1);
    });
    const atOne = percent(above(first.cost, first.lowerBound), mix.atOne);
    const atEnd = percent(above(last.cost, last.lowerBound), mix.target);
    rows.push(
      `| ${mix.name} | ${mix.vcpu} | ${base.join(' | ')} | ${atOne} | ${atEnd} | ${mix.seconds} s | ${last.certificate.kind} |`,
    );
    console.error(rows.at(-1));
  }
  const names = BASELINES.map(({ name }) => `${name} %`).join(' | ');
  const head = `| 50,000 tasks unless small or chunky | max vCPU | ${names} | gap % at 1 s | gap % at the end | end | proof |`;
  return [head, `|${' --- |'.repeat(8)}`, ...rows].join('\n');
}

async function planted(): Promise<string> {
  const gaps: number[] = [];
  const rows: string[] = [];
  for (const question of PLANTED) {
    const { input, optimum } = packPlanted(question);
    const answer = await packed(input, 10);
    if (answer.lowerBound > optimum || answer.cost < optimum)
      throw new Error(`${question.name}: bound and cost do not hold the optimum`);
    const gap = above(answer.cost, optimum);
    gaps.push(gap);
    rows.push(`| ${question.name} | ${input.shapes.length} | ${percent(gap, PLANTED_WORST)} |`);
    console.error(rows.at(-1));
  }
  const median = [...gaps].sort((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 0;
  rows.push(`| median | | ${percent(median, PLANTED_MEDIAN)} |`);
  return ['| known optimum, 10 s | shapes | % above the optimum |', '| --- | --- | --- |', ...rows].join('\n');
}

type Known = { readonly optimum?: number | null; readonly best?: number | null };

async function publicSets(): Promise<string | null> {
  if (!existsSync(PUBLIC)) {
    console.error('no ../shared/bench here: the public sets are left out');
    return null;
  }
  const { instances } = JSON.parse(readFileSync(join(PUBLIC, 'best-known.json'), 'utf8')) as {
    instances: Record<string, Known>;
  };
  const rows: string[] = [];
  for (const set of ['planted', 'vsbpp/monaci', 'vsbpp/haouari-serairi', 'vbp/new', 'vbp/panigrahy', 'vbp/triplet']) {
    const names = filesBelow(join(PUBLIC, set)).map((path) => relative(PUBLIC, path).replaceAll('\\', '/'));
    const chosen = names.filter((name) => !name.includes('/c_') && /\.(json|txt|vbp)$/.test(name));
    const every = process.argv.includes('--all') ? 1 : Math.max(1, Math.floor(chosen.length / SAMPLE));
    rows.push(
      await publicSet(
        set,
        chosen.filter((_, at) => at % every === 0),
        instances,
      ),
    );
    console.error(rows.at(-1));
  }
  const head = `| public set, ${PUBLIC_SECONDS} s each | files | mean gap to the bound % | worst | proved % | mean to the known optimum % | bound above a known optimum |`;
  return [head, `|${' --- |'.repeat(7)}`, ...rows].join('\n');
}

async function publicSet(set: string, names: readonly string[], known: Record<string, Known>): Promise<string> {
  const gaps: number[] = [];
  const toOptimum: number[] = [];
  let [proved, unsound] = [0, 0];
  for (const name of names) {
    const parsed = parsePack(readFileSync(join(PUBLIC, name), 'utf8'));
    if (parsed.kind === 'malformed') throw new Error(`${name}: ${parsed.message}`);
    const answer = await packed(parsed.input, PUBLIC_SECONDS);
    gaps.push(above(answer.cost, answer.lowerBound));
    if (answer.stopped === 'proved') proved += 1;
    const optimum = known[name]?.optimum ?? null;
    const best = optimum ?? known[name]?.best ?? null;
    if (optimum !== null) toOptimum.push(above(answer.cost, optimum));
    if (best !== null && answer.lowerBound > BigInt(best)) unsound += 1;
  }
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  missed += unsound;
  const isVariable = set.startsWith('vsbpp');
  return `| ${set} | ${names.length} | ${percent(mean(gaps), isVariable ? 0.08 : null)} | ${percent(Math.max(...gaps), isVariable ? 0.7 : null)} | ${Math.round((100 * proved) / names.length)} | ${toOptimum.length === 0 ? '' : percent(mean(toOptimum), targetOf(set))} | ${unsound} |`;
}

function targetOf(set: string): number | null {
  return { 'vbp/new': 3.5, 'vbp/panigrahy': 2, 'vbp/triplet': 5, planted: PLANTED_MEDIAN }[set] ?? null;
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .sort();
}

const only = process.argv.find((arg) => /^--(mixes|planted|public)$/.test(arg));
const tables = [
  only === undefined || only === '--mixes' ? await mixes() : null,
  only === undefined || only === '--planted' ? await planted() : null,
  only === undefined || only === '--public' ? await publicSets() : null,
].filter((table) => table !== null);
const memory = Math.round(process.resourceUsage().maxRSS / 1024);
const day = new Date().toISOString().slice(0, 10);
const text = `${day}, ${machine()}, one thread. Command: \`npx tsx bench/pack.ts\`. Largest memory of the process that asked all of it: ${memory} MB.\n\n${tables.join('\n\n')}\n`;
console.log(text);
if (process.argv.includes('--write')) {
  const head =
    '# Packing benchmark\n\nThe last accepted numbers, written by `npx tsx bench/pack.ts --write`. Do not edit.\n\n';
  writeFileSync(join(ROOT, 'docs/reference/bench-pack.md'), head + text);
}
process.exitCode = missed === 0 ? 0 : 1;
