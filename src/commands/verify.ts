/** `verify`: does a saved answer hold? Checked against its input by code that shares nothing with the search. */
import {
  consolidateAnswerSha256,
  type Json,
  packAnswerSha256,
  parseConsolidate,
  parsePack,
  type VerifyResult,
  verifyConsolidate,
  verifyPack,
} from '../engine/index.ts';
import { usageError } from '../errors.ts';
import { verifyReport } from '../report/verify.ts';
import type { Command } from './command.ts';
import { CONSOLIDATE_FORMAT, formatOf } from './consolidate-file.ts';
import { flagHelp, parseFlags, parsing, refuseWords } from './flags.ts';
import { MOST_FILE_BYTES, offlineOf, sha256 } from './pack.ts';

type VerifyQuestion = { readonly answer: string; readonly input: string };

const FLAGS = {
  input: { value: 'FILE', text: 'the file that the answer was made for', read: (text: string): string => text },
};

export const verifyCommand: Command<VerifyQuestion> = {
  name: 'verify',
  summary: 'check a saved answer against its input: bins or waves, cost, and the proof',
  usage: 'verify ANSWER --input FILE',
  examples: ['verify answer.json --input tasks.json'],
  flags: flagHelp(FLAGS),
  surfaces: ['terminal'],
  parse: (args) =>
    parsing(() => {
      const { values, words } = parseFlags(args, FLAGS);
      const [answer, ...rest] = words;
      const example = 'verify answer.json --input tasks.json';
      if (answer === undefined) throw usageError('usage_missing_value', 'verify needs the file of an answer', example);
      if (values.input === undefined)
        throw usageError('usage_missing_value', 'verify needs --input, the file that was asked about', example);
      refuseWords(rest, example);
      return {
        ok: true,
        question: { answer, input: values.input },
        echo: `${answer} --input ${values.input}`,
        guesses: [],
      };
    }),
  run: async (question, deps) => {
    const { text } = await offlineOf(deps).files.read(question.answer, MOST_FILE_BYTES);
    const asked = await offlineOf(deps).files.read(question.input, MOST_FILE_BYTES);
    const result = checkAnswer(asked, text);
    if (typeof result === 'string') throw usageError('usage_bad_file', `${question.input}: ${result}`);
    return {
      report: verifyReport(result),
      json: { ok: result.ok, checks: result.checks.map(({ name, ok, detail }) => ({ name, ok, detail })) },
      exitCode: result.ok ? 0 : 1,
      summary: { ok: result.ok, failed: result.checks.find(({ ok }) => !ok)?.name ?? null },
    };
  },
};

type Asked = { readonly text: string; readonly sha256: string };

/** What the checker says of the answer in one file to the question in another; a text when that is no question. */
export function checkAnswer({ text, sha256: input }: Asked, answerText: string): VerifyResult | string {
  const answer = parsed(answerText);
  const isConsolidation = formatOf(text) === CONSOLIDATE_FORMAT;
  const asked = isConsolidation ? parseConsolidate(text) : parsePack(text);
  if (asked.kind === 'malformed') return asked.message;
  if (answer === undefined)
    return { ok: false, checks: [{ name: 'format', ok: false, detail: 'the answer is not JSON' }] };
  return 'shapes' in asked.input
    ? verifyPack(asked.input, answer, { input, answer: packAnswerSha256(answer, sha256) })
    : verifyConsolidate(asked.input, answer, { input, answer: consolidateAnswerSha256(answer, sha256) });
}

/** Undefined when the text is not JSON: an answer with a broken byte is one that does not hold, not a usage error. */
function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
