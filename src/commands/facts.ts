/** `facts`: what the answers rest on, each with its dates and its source. Terminal only. */
import type { Fact, Json } from '../engine/index.ts';
import { usageError } from '../errors.ts';
import { factAbsent, factReport, factsList } from '../report/facts.ts';
import type { Report } from '../report/report.ts';
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
    const named = namedRows(deps.library.facts, question.id);
    const found = validRows(named, question.asOf);
    const rows = found.map((fact): Json => ({ ...fact }));
    return {
      report: report(question, named, found),
      json: plainEnvelope('facts', call, question, { facts: rows }),
      exitCode: 0,
      summary: { facts: found.length },
    };
  },
};

function report({ id, asOf }: FactsQuestion, named: readonly Fact[], found: readonly Fact[]): Report {
  if (id !== null && asOf !== null && found.length === 0) return factAbsent(named, asOf);
  const isOne = id !== null && new Set(found.map((fact) => fact.id)).size === 1;
  return isOne ? factReport(found) : factsList(found, asOf);
}

/** Rows of the fact, or of all facts that begin so, by id and day. Throws a usage error when there are none. */
function namedRows(facts: readonly Fact[], id: string | null): readonly Fact[] {
  const exact = facts.filter((fact) => id === null || fact.id === id);
  const named = exact.length > 0 ? exact : facts.filter((fact) => fact.id.startsWith(id ?? ''));
  if (named.length > 0) return [...named].sort(byIdAndDay);
  const typed = clip(id ?? '');
  const near = nearest(id ?? '', [...new Set(facts.map((fact) => fact.id))]);
  throw usageError(
    'usage_unknown_fact',
    near === null ? `there is no fact "${typed}"` : `there is no fact "${typed}". Did you mean ${near}?`,
    near === null ? 'facts' : `facts ${near}`,
  );
}

function validRows(rows: readonly Fact[], day: string | null): readonly Fact[] {
  if (day === null) return rows;
  return rows.filter(({ validFrom, validTo }) => validFrom <= day && (validTo === null || day < validTo));
}

function byIdAndDay(a: Fact, b: Fact): number {
  if (a.id !== b.id) return a.id < b.id ? -1 : 1;
  return a.validFrom < b.validFrom ? -1 : 1;
}
