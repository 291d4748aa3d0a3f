import type { Architecture, Batch, CapacityQuestion, CpuManufacturer } from '../engine/index.ts';
import { NEEDS } from '../engine/index.ts';
import { usageError } from '../errors.ts';
import { capacityFlags, type Device } from './capacity-flags.ts';
import type { LiveSource } from './capacity-service.ts';
import { DEFAULT_PULL_SECONDS, DEFAULT_ROOT_GIB, showCapacity } from './capacity-show.ts';
import type { ParseContext, Parsed } from './command.ts';
import { clip, type FlagValues, parseFlags, parsing } from './flags.ts';
import { readWords } from './words.ts';

export { showCapacity } from './capacity-show.ts';

/** What `capacity` was asked, and how it was understood. Saved with the answer, so that views can be shown again. */
export type CapacityAsk = {
  readonly kind: 'task';
  readonly question: CapacityQuestion;
  /** The flags that were understood, without the verb. */
  readonly echo: string;
  /** Flags nobody gave. */
  readonly guesses: readonly string[];
  /** Plain words were read: the answer then starts with the echo. */
  readonly fromWords: boolean;
  /** Words that meant nothing to the reader. */
  readonly notUnderstood: readonly string[];
  /** Flags that change nothing in this question, and why. */
  readonly remarks: readonly string[];
  /** What runs, when the question was filled from it. */
  readonly live: LiveSource | null;
};

export const EXAMPLE = 'capacity --vcpu 1 --memory 2 --tasks 12';

type Values = FlagValues<ReturnType<typeof capacityFlags>>;

/** Arguments after the verb, flags and plain words mixed -> a complete question. Flags win over words. Pure. */
export function parseCapacity(args: readonly string[], context: ParseContext): Parsed<CapacityAsk> {
  return parsing(() => {
    const table = capacityFlags(context);
    const { values: given, words } = parseFlags(args, table);
    const read = words.length === 0 ? NO_WORDS : readWords(words.join(' '), context);
    const fromWords = Object.entries(read.flags).filter(([name]) => !(name in given));
    const said = parseFlags(
      fromWords.map(([name, value]) => (value === null ? `--${name}` : `--${name}=${value}`)),
      table,
    );
    if (Object.keys(given).length === 0 && fromWords.length === 0) throw nothingUnderstood(words);
    const values: Values = { ...said.values, ...given };
    checkTogether(values);
    const { question, guesses } = complete(values, context);
    const allGuesses = [...new Set([...guesses, ...read.guesses.filter((name) => !(name in given))])];
    const always = [...allGuesses];
    const echo = showCapacity(question, {
      context,
      always,
      ...(values.between === undefined ? {} : { between: values.between.text }),
      ...(values.tz === undefined ? {} : { tz: values.tz }),
    });
    const ask: CapacityAsk = {
      kind: 'task',
      question,
      echo,
      guesses: allGuesses,
      fromWords: words.length > 0,
      notUnderstood: read.leftovers,
      remarks: remarks(values),
      live: null,
    };
    return { ok: true, question: ask, echo, guesses: allGuesses };
  });
}

const NO_WORDS = { flags: {}, guesses: [], leftovers: [] };

function nothingUnderstood(words: readonly string[]): Error {
  if (words.length === 0)
    return usageError('usage_nothing_asked', 'capacity needs to know what should run', `type ${EXAMPLE}`);
  return usageError('usage_not_understood', `nothing in "${clip(words.join(' '))}" was understood`, `type ${EXAMPLE}`);
}

/** What single flags cannot know: flags that need each other or exclude each other. */
function checkTogether(values: Values): void {
  const { run, 'per-day': perDay } = values;
  if (perDay !== undefined && run === undefined)
    throw incomplete('--per-day needs --run: how long one task runs', 'add --run 40s');
  if (run !== undefined && perDay === undefined)
    throw incomplete('--run needs --per-day: how many tasks start a day', 'add --per-day 500');
  const needsBatch = (['pull', 'between', 'tz', 'arrivals'] as const).find((name) => values[name] !== undefined);
  if (needsBatch !== undefined && run === undefined) {
    throw incomplete(`--${needsBatch} is for tasks that come and go`, 'add --run 40s --per-day 500');
  }
  const maker = makers(values)[0];
  if (makers(values).some((other) => other !== maker))
    throw conflict('two processor makers are asked for', 'keep one of intel, amd, graviton');
  if (maker === 'aws' && values.arch === 'x86_64') throw conflict('Graviton is arm64, not x86_64', 'drop --arch');
  if (maker !== undefined && maker !== 'aws' && values.arch === 'arm64')
    throw conflict('Intel and AMD are x86_64, not arm64', 'type --cpu graviton, or drop --arch');
  if (values.gpu !== undefined && values.needs?.gpu != null && !same(values.gpu, values.needs.gpu))
    throw conflict('GPUs are asked for twice', 'keep --gpu or --needs gpu:…');
  if (values['savings-plan-term'] !== undefined && values['savings-plan-usd-per-hour'] === undefined) {
    throw incomplete('--savings-plan-term needs --savings-plan-usd-per-hour', 'add --savings-plan-usd-per-hour 1.50');
  }
}

function incomplete(message: string, hint: string): Error {
  return usageError('usage_incomplete', message, hint);
}
function conflict(message: string, hint: string): Error {
  return usageError('usage_conflict', message, hint);
}
function same(a: Device, b: Device): boolean {
  return a.name === b.name && a.count === b.count;
}

function makers(values: Values): readonly CpuManufacturer[] {
  const byFlag = values.cpu === undefined ? [] : [values.cpu === 'graviton' ? ('aws' as const) : values.cpu];
  return values.needs?.cpu == null ? byFlag : [...byFlag, values.needs.cpu];
}

function remarks(values: Values): readonly string[] {
  if (values.run === undefined || values.tasks === undefined) return [];
  return ['--tasks counts tasks that run all month; with --run and --per-day it changes nothing'];
}

function complete(values: Values, context: ParseContext): { question: CapacityQuestion; guesses: readonly string[] } {
  const size = taskSize(values);
  const batch = batchOf(values);
  const maker = makers(values)[0] ?? null;
  const region = values.region ?? context.defaultRegion?.region ?? 'us-east-1';
  const guesses = [
    ...size.guesses,
    ...(batch === null && values.tasks === undefined ? ['tasks'] : []),
    ...(batch !== null && values.pull === undefined ? ['pull'] : []),
    ...(values.region === undefined && context.defaultRegion === null ? ['region'] : []),
  ];
  const needs = NEEDS.filter(
    (need) => values.needs?.needs.includes(need) === true || (need === 'custom-ami' && values.ami === true),
  );
  const question: CapacityQuestion = {
    cpuUnits: size.cpuUnits,
    memoryMiB: size.memoryMiB,
    tasks: values.tasks ?? 1,
    batch,
    region,
    asOf: values['as-of'] ?? context.today,
    architecture: architecture(values.arch, maker),
    cpuManufacturer: maker,
    needs,
    gpu: values.gpu ?? values.needs?.gpu ?? null,
    neuron: values.needs?.neuron ?? null,
    interruptible: values.interruptible ?? false,
    isolation: values.isolation ?? 'none',
    storageGiB: values.storage ?? null,
    publicIp: values['public-ip'] ?? false,
    retryFraction: values['retry-fraction'] ?? '0',
    scaleInAfterSeconds: values['scale-in-after'] ?? null,
    targetCapacityPercent: values['target-capacity'] ?? 100,
    rootGiB: values['root-gib'] ?? DEFAULT_ROOT_GIB,
    minInstances: values['min-instances'] ?? null,
    daemonCpuUnits: values['daemon-cpu'] ?? 0,
    daemonMemoryMiB: values['daemon-memory'] ?? 0,
    burstable: values.burstable ?? false,
    types: values.types ?? null,
    commitments: {
      savingsPlanUsdPerHour: values['savings-plan-usd-per-hour'] ?? null,
      savingsPlanTerm: values['savings-plan-term'] ?? '1y',
      reserved: merged(values.reserved ?? []),
    },
    quotas: [],
    minimumSaving: {
      percent: values['min-saving-percent'] ?? context.minimumSaving.percent,
      usdPerMonth: values['min-saving-usd'] ?? context.minimumSaving.usdPerMonth,
    },
  };
  return { question, guesses };
}

/** GiB of memory guessed for a vCPU when only one of the two is known: 2 is usual, 8 the most Fargate gives. */
const USUAL_GIB_PER_VCPU = 2;
const MOST_GIB_PER_VCPU = 8;

function taskSize(values: Values): { cpuUnits: number; memoryMiB: number; guesses: readonly string[] } {
  const { vcpu, memory } = values;
  if (vcpu !== undefined && memory !== undefined) return { cpuUnits: vcpu, memoryMiB: memory, guesses: [] };
  if (vcpu !== undefined) {
    const mib = Math.min(Math.max(512, vcpu * USUAL_GIB_PER_VCPU), 1_000_000 * 1024);
    return { cpuUnits: vcpu, memoryMiB: mib, guesses: ['memory'] };
  }
  if (memory !== undefined)
    return {
      cpuUnits: 1024 * Math.max(1, Math.ceil(memory / 1024 / MOST_GIB_PER_VCPU)),
      memoryMiB: memory,
      guesses: ['vcpu'],
    };
  return { cpuUnits: 1024, memoryMiB: 2048, guesses: ['vcpu', 'memory'] };
}

function batchOf(values: Values): Batch | null {
  const { run, 'per-day': perDay } = values;
  if (run === undefined || perDay === undefined) return null;
  return {
    perDay,
    runSeconds: run,
    pullSeconds: values.pull ?? DEFAULT_PULL_SECONDS,
    windowSeconds: values.between?.seconds ?? 86_400,
    arrivals: values.arrivals ?? 'poisson',
  };
}

function architecture(asked: Architecture | undefined, maker: CpuManufacturer | null): Architecture {
  return asked ?? (maker === 'aws' ? 'arm64' : 'x86_64');
}

/** Counts of one type added up, sorted by type, so that the same instances always read the same. */
function merged(rows: readonly { readonly instanceType: string; readonly count: number }[]) {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(row.instanceType, (counts.get(row.instanceType) ?? 0) + row.count);
  return [...counts]
    .map(([instanceType, count]) => ({ instanceType, count }))
    .sort((a, b) => (a.instanceType < b.instanceType ? -1 : 1));
}
