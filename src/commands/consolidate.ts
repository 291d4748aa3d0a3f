/** `consolidate`: which instances can go, in safe waves: of the scanned estate, or of a file (terminal only). */
import { usageError } from '../errors.ts';
import type { Answered, Call, Command } from './command.ts';
import type { LiveAsk } from './consolidate-answer.ts';
import { type FileAsk, runFile } from './consolidate-file.ts';
import { runLive } from './consolidate-live.ts';
import { clip, flagHelp, parseFlags, parsing, refuseWords } from './flags.ts';
import { PACK_FLAGS } from './pack.ts';
import { count, decimalText } from './values.ts';

type ConsolidateQuestion =
  | { readonly kind: 'live'; readonly ask: LiveAsk }
  | { readonly kind: 'file'; readonly ask: FileAsk };

const MOST_HOURS = 87_600;
/** A month: what a moved task costs once is set against a month of the saving, unless told. */
const USUAL_HOURS = 730;

const asIs = (text: string): string => text;
const FLAGS = {
  snapshot: {
    value: 'FILE',
    text: 'an ecs-consolidate/1 file instead of the scanned estate; terminal only',
    read: asIs,
  },
  'max-moves': {
    value: 'N',
    text: 'the most tasks that may move, weighted by what moving one counts',
    read: count({ min: 0, max: 1_000_000_000, example: '200' }),
  },
  'move-price': {
    value: 'USD',
    text: 'what one moved task costs, once: only savings worth their moves are taken',
    read: decimalText({ min: 0, max: 1_000_000, example: '0.50' }),
  },
  'horizon-hours': {
    value: 'N',
    text: `hours over which the price of a move must pay off, ${USUAL_HOURS} unless told`,
    read: count({ min: 1, max: MOST_HOURS, example: '730' }),
  },
  work: { ...PACK_FLAGS.work, text: 'rounds of search, with --snapshot; the same number gives the same bytes' },
  seconds: { ...PACK_FLAGS.seconds, text: 'stop after so many seconds instead, with --snapshot' },
  account: { value: 'NAME', text: 'one account, by name or id', read: asIs },
  region: { value: 'CODE', text: 'one region', read: asIs },
  proof: { value: 'FOLDER', text: 'write questions and answers there, for verify; terminal only', read: asIs },
};

type Values = ReturnType<typeof parseFlags<typeof FLAGS>>['values'];

export const consolidateCommand: Command<ConsolidateQuestion> = {
  name: 'consolidate',
  summary: 'which instances can go, in safe waves, what that saves, and a proof of how much more any plan could',
  usage:
    'consolidate [CLUSTER | --snapshot FILE] [--max-moves N | --move-price USD [--horizon-hours N]] [--account NAME] [--region CODE]',
  examples: [
    'consolidate tulip',
    'consolidate',
    'consolidate tulip --max-moves 40',
    'consolidate --snapshot cluster.json --move-price 0.50 --json',
  ],
  flags: flagHelp(FLAGS),
  surfaces: ['slack', 'terminal'],
  access: 'readers',
  solves: () => true,
  parse: (args) =>
    parsing(() => {
      const { values, words } = parseFlags(args, FLAGS);
      const question = values.snapshot === undefined ? liveOf(values, words) : fileOf(values, values.snapshot, words);
      return { ok: true, question, echo: echo(values, words), guesses: [] };
    }),
  run: (question, deps, call): Promise<Answered> => {
    refuseFiles(question, call);
    return question.kind === 'file' ? runFile(question.ask, deps) : runLive(question.ask, deps, call);
  },
};

/** A person in Slack names no file of the machine that the bot runs on. */
function refuseFiles({ kind, ask }: ConsolidateQuestion, { surface }: Call): void {
  if (surface === 'terminal') return;
  if (kind === 'file')
    throw usageError(
      'usage_terminal_only',
      '--snapshot reads a file, so it works in a terminal only',
      'consolidate tulip',
    );
  if (ask.proof !== null)
    throw usageError(
      'usage_terminal_only',
      '--proof writes files, so it works in a terminal only',
      'press Show proof under the answer instead',
    );
}

function liveOf(values: Values, words: readonly string[]): ConsolidateQuestion {
  const [cluster = null, ...more] = words;
  refuseWords(more, `consolidate ${clip(cluster ?? '')}`);
  const alien = (['work', 'seconds'] as const).find((name) => values[name] !== undefined);
  if (alien !== undefined)
    throw usageError(
      'usage_flags_conflict',
      `--${alien} goes with --snapshot`,
      `consolidate --snapshot cluster.json --${alien} 10`,
    );
  const scope = { cluster, account: values.account ?? null, region: values.region ?? null };
  return { kind: 'live', ask: { scope, wish: wishOf(values), proof: values.proof ?? null } };
}

function fileOf(values: Values, file: string, words: readonly string[]): ConsolidateQuestion {
  refuseWords(words, 'consolidate --snapshot cluster.json');
  const alien = (['account', 'region', 'proof'] as const).find((name) => values[name] !== undefined);
  if (alien !== undefined)
    throw usageError('usage_flags_conflict', `--${alien} does not go with --snapshot`, `leave one of them out`);
  const { work, seconds } = values;
  if (work !== undefined && seconds !== undefined)
    throw usageError(
      'usage_flags_conflict',
      '--work and --seconds are two ways to say when to stop',
      'keep one of them',
    );
  const limit = seconds !== undefined ? { seconds } : work !== undefined ? { work } : null;
  return { kind: 'file', ask: { file, wish: wishOf(values), limit } };
}

function wishOf(values: Values): LiveAsk['wish'] {
  const { 'max-moves': most, 'move-price': usd, 'horizon-hours': hours } = values;
  if (most !== undefined && usd !== undefined)
    throw usageError(
      'usage_flags_conflict',
      '--max-moves and --move-price are two ways to limit moves',
      'keep one of them',
    );
  if (usd === undefined && hours !== undefined)
    throw usageError('usage_incomplete', '--horizon-hours needs --move-price', 'add --move-price 0.50');
  if (usd !== undefined) return { kind: 'move-price', usd, horizonHours: hours ?? USUAL_HOURS };
  return most === undefined ? { kind: 'knee' } : { kind: 'max-moves', weightedMoves: most };
}

function echo(values: Values, words: readonly string[]): string {
  const flags = Object.entries(values).map(([name, value]) => `--${name} ${value}`);
  return [...words, ...flags].join(' ');
}
