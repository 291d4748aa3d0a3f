/** `facts`: what the answers rest on, each with its dates and its source. Terminal only. */
import type { Fact, Json } from '../engine/index.ts';
import { usageError } from '../errors.ts';
import { factReport, factsList } from '../report/facts.ts';
import type { Command } from './command.ts';
import { plainEnvelope } from './envelope.ts';
import { clip, flagHelp, nearest, parseFlags, parsing, refuseWords } from './flags.ts';
import { day } from './values.ts';

type FactsQuestion = {
  /** A whole id, or the beginning of several; null = all. */
  readonly id: string | null;
  /** Day whose values are listed, `YYYY-MM-DD`; null = every row. */
  readonly asOf: string | null;
};

const FIRST_DAY = '2014-01-01';
const LAST_DAY = '9999-12-31';

const FLAGS = {
  'as-of': {
    value: 'YYYY-MM-DD',
    text: 'only the values of that day',
    read: day({ from: FIRST_DAY, to: LAST_DAY, because: 'no facts are known for that day' }),
  },
};

export const factsCommand: Command<FactsQuestion> = {
  name: 'facts',
  summary: 'the dated facts behind the answers: value, validity, source, confidence',
  usage: 'facts [ID or its beginning] [--as-of YYYY-MM-DD]',
  examples: ['facts', 'facts mi.fee', 'facts fargate.sizes --as-of 2025-12-04'],
  flags: flagHelp(FLAGS),
  surfaces: ['terminal'],
  parse: (args) =>
    parsing(() => {
      const { values, words } = parseFlags(args, FLAGS);
      refuseWords(words.slice(1), 'facts mi.fee --as-of 2025-12-04');
      const id = words[0] ?? null;
      const asOf = values['as-of'] ?? null;
      return {
        ok: true,
        question: { id, asOf },
        echo: [id, asOf === null ? null : `--as-of ${asOf}`].filter((part) => part !== null).join(' '),
        guesses: [],
      };
    }),
  run: async (question, deps, call) => {
    const found = select(deps.library.facts, question);
    const rows = found.map((fact): Json => ({ ...fact }));
    const isOne = question.id !== null && new Set(found.map(({ id }) => id)).size === 1;
    return {
      report: isOne ? factReport(found) : factsList(found, question.asOf),
      json: plainEnvelope('facts', call, question, { facts: rows }),
      exitCode: 0,
      summary: { facts: found.length },
    };
  },
};

/** The rows asked for, sorted by id and day. Throws a usage error when the id is no fact and begins none. */
function select(facts: readonly Fact[], { id, asOf }: FactsQuestion): readonly Fact[] {
  const isNamed = (fact: Fact): boolean => id === null || fact.id === id;
  const exact = facts.filter(isNamed);
  const named = exact.length > 0 ? exact : facts.filter((fact) => fact.id.startsWith(id ?? ''));
  if (named.length === 0) {
    const near = nearest(id ?? '', [...new Set(facts.map((fact) => fact.id))]);
    const guess = near === null ? '' : `. Did you mean ${near}?`;
    throw usageError(
      'usage_unknown_fact',
      `there is no fact "${clip(id ?? '')}"${guess}`,
      near === null ? 'facts' : `facts ${near}`,
    );
  }
  const valid =
    asOf === null
      ? named
      : named.filter((fact) => fact.validFrom <= asOf && (fact.validTo === null || asOf < fact.validTo));
  return [...valid].sort((a, b) => (a.id === b.id ? (a.validFrom < b.validFrom ? -1 : 1) : a.id < b.id ? -1 : 1));
}
