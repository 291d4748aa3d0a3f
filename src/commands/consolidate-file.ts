/** `consolidate --snapshot FILE`: the answer for one `ecs-consolidate/1` file. Reads no AWS account. */
import type { Deps } from '../deps.ts';
import {
  type ConsolidateInput,
  type ConsolidateWish,
  consolidateAnswerJson,
  DEFAULT_CONSOLIDATE_WORK,
  nanoUsd,
  parseConsolidate,
} from '../engine/index.ts';
import { usageError } from '../errors.ts';
import { consolidateFileReport } from '../report/consolidate-file.ts';
import type { Answered } from './command.ts';
import type { LiveAsk } from './consolidate-answer.ts';
import { MOST_FILE_BYTES, offlineOf, sha256 } from './pack.ts';

export type FileAsk = {
  readonly file: string;
  readonly wish: LiveAsk['wish'];
  /** Null = the usual number of rounds. */
  readonly limit: { readonly work: number } | { readonly seconds: number } | null;
};

export const CONSOLIDATE_FORMAT = 'ecs-consolidate/1';
/** The money of a file that names none. */
const NANO_USD = 'nanoUSDperHour';
/** Instances x services: the search keeps a few numbers for each pair in memory. */
const MOST_PAIRS = 5_000_000;

/** Solves the file and prints the answer with its proof. Throws a usage error that names the file and what is wrong. */
export async function runFile({ file, wish, limit }: FileAsk, deps: Deps): Promise<Answered> {
  const { files, solver } = offlineOf(deps);
  const { text, sha256: inputSha256 } = await files.read(file, MOST_FILE_BYTES);
  const { input, isUsd } = readQuestion(file, text);
  const answer = await solver.consolidate(input, wishOf(wish, isUsd), limit ?? { work: DEFAULT_CONSOLIDATE_WORK });
  return {
    report: consolidateFileReport({ file, input, answer, isUsd }),
    json: consolidateAnswerJson(answer, { inputSha256, sha256 }),
    exitCode: 0,
    summary: {
      instances: input.instances.length,
      services: input.services.length,
      waves: answer.waves.length,
      work: answer.work,
      stopped: answer.stopped,
    },
  };
}

/** What the text's "format" says, whatever else it is; null when it has none. */
export function formatOf(text: string): string | null {
  return memberOf(text, 'format');
}

function readQuestion(file: string, text: string): { readonly input: ConsolidateInput; readonly isUsd: boolean } {
  const parsed = parseConsolidate(text);
  if (parsed.kind === 'malformed') throw usageError('usage_bad_file', `${file}: ${parsed.message}`);
  const { input } = parsed;
  if (input.instances.length * Math.max(1, input.services.length) > MOST_PAIRS)
    throw usageError(
      'usage_bad_file',
      `${file}: ${input.instances.length} instances of ${input.services.length} services are too many at once`,
      'ask about one capacity provider at a time',
    );
  return { input, isUsd: (memberOf(text, 'money') ?? NANO_USD) === NANO_USD };
}

function wishOf(wish: LiveAsk['wish'], isUsd: boolean): ConsolidateWish {
  if (wish.kind !== 'move-price') return wish;
  if (!isUsd)
    throw usageError(
      'usage_bad_value',
      `--move-price is in USD, and the money of this file is not ${NANO_USD}`,
      'use --max-moves instead',
    );
  return { kind: 'move-price', price: nanoUsd(wish.usd), horizonHours: wish.horizonHours };
}

function memberOf(text: string, name: string): string | null {
  try {
    const file: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    if (typeof file !== 'object' || file === null || !Object.hasOwn(file, name)) return null;
    const value: unknown = (file as Readonly<Record<string, unknown>>)[name];
    return typeof value === 'string' ? value : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
