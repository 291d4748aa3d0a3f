/** `pack`: the cheapest bins for a file of tasks and types, with a proof. Terminal only; reads no AWS account. */
import { createHash } from 'node:crypto';
import type { Deps } from '../deps.ts';
import { defaultPackWork, type PackInput, packAnswerJson, parsePack } from '../engine/index.ts';
import { usageError } from '../errors.ts';
import { packReport } from '../report/pack.ts';
import type { Command } from './command.ts';
import { flagHelp, parseFlags, parsing, refuseWords } from './flags.ts';

type PackQuestion = {
  readonly file: string;
  /** Null = as many rounds as usual for its size. */
  readonly limit: { readonly work: number } | { readonly seconds: number } | null;
};

/** Larger files are refused: 64 MiB hold a million shapes. */
export const MOST_FILE_BYTES = 64 * 2 ** 20;
const MOST_SECONDS = 86_400;

/** When to stop, as `pack` and `consolidate --snapshot` read it. */
export const PACK_FLAGS = {
  work: {
    value: 'N',
    text: 'rounds of search; the same number gives the same bytes',
    read: (text: string): number => {
      const rounds = /^\d{1,9}$/.test(text) ? Number(text) : 0;
      if (rounds < 1)
        throw usageError(
          'usage_bad_value',
          `--work must be a whole number from 1, not "${text.slice(0, 40)}"`,
          '--work 300',
        );
      return rounds;
    },
  },
  seconds: {
    value: 'S',
    text: 'stop after so many seconds instead; the answer says how many rounds were done',
    read: (text: string): number => {
      const seconds = /^\d{1,6}(\.\d+)?$/.test(text) ? Number(text) : 0;
      if (seconds <= 0 || seconds > MOST_SECONDS) {
        throw usageError(
          'usage_bad_value',
          `--seconds must be above 0 and at most ${MOST_SECONDS}, not "${text.slice(0, 40)}"`,
          '--seconds 10',
        );
      }
      return seconds;
    },
  },
};

export const packCommand: Command<PackQuestion> = {
  name: 'pack',
  summary: 'the cheapest instances for a file of tasks, with a proof of how far from the best they can be',
  usage: 'pack FILE [--work N | --seconds S]',
  examples: ['pack tasks.json', 'pack tasks.json --seconds 10 --json', 'pack class1_120_3_1.vbp --work 50'],
  flags: flagHelp(PACK_FLAGS),
  surfaces: ['terminal'],
  solves: () => true,
  parse: (args) =>
    parsing(() => {
      const { values, words } = parseFlags(args, PACK_FLAGS);
      const [file, ...rest] = words;
      if (file === undefined) throw usageError('usage_missing_value', 'pack needs a file', 'pack tasks.json');
      refuseWords(rest, 'pack tasks.json');
      const { work, seconds } = values;
      if (work !== undefined && seconds !== undefined) {
        throw usageError(
          'usage_flags_conflict',
          '--work and --seconds are two ways to say when to stop',
          'keep one of them',
        );
      }
      const limit = seconds !== undefined ? { seconds } : work !== undefined ? { work } : null;
      const shown = seconds !== undefined ? ` --seconds ${seconds}` : work !== undefined ? ` --work ${work}` : '';
      return { ok: true, question: { file, limit }, echo: `${file}${shown}`, guesses: [] };
    }),
  run: async ({ file, limit }, deps) => {
    const { input, inputSha256 } = await readPackFile(deps, file);
    const result = await offlineOf(deps).solver.pack(input, limit ?? { work: defaultPackWork(input) });
    return {
      report: packReport(input, result),
      json: packAnswerJson(result, { inputSha256, sha256 }),
      exitCode: result.kind === 'infeasible' ? 1 : 0,
      summary: {
        shapes: input.shapes.length,
        types: input.types.length,
        work: result.kind === 'packed' ? result.work : null,
        stopped: result.kind === 'packed' ? result.stopped : null,
        verdict: result.kind,
      },
    };
  },
};

/** Reads and parses one packing file. Throws a usage error that names the file and says what is wrong with it. */
async function readPackFile(
  deps: Deps,
  file: string,
): Promise<{ readonly input: PackInput; readonly inputSha256: string }> {
  const { text, sha256: inputSha256 } = await offlineOf(deps).files.read(file, MOST_FILE_BYTES);
  const parsed = parsePack(text);
  if (parsed.kind === 'malformed') throw usageError('usage_bad_file', `${file}: ${parsed.message}`);
  return { input: parsed.input, inputSha256 };
}

/** Files and solver; only a terminal's deps have them, and only terminal commands ask. */
export function offlineOf({ offline }: Deps): NonNullable<Deps['offline']> {
  if (offline === undefined) throw new Error('invariant: files and solver are not wired');
  return offline;
}

/** SHA-256 of a text's UTF-8 bytes, hex. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
