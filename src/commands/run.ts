/** One question from text to answer: find the row, parse, run, one summary line. Shared by Slack and the terminal. */
import type { Deps } from '../deps.ts';
import { type AdviseError, toAdviseError, usageError } from '../errors.ts';
import { checkAccess } from './access.ts';
import type { Answered, Call, Command } from './command.ts';
import { parseContext } from './context.ts';
import { clip, LONGEST_INPUT, nearest } from './flags.ts';
import { COMMANDS } from './index.ts';

export type Output = 'report' | 'json' | 'csv';

/** What a driver shows. `output` is what the asker wants to see of the answer. */
export type Outcome =
  | { readonly kind: 'answered'; readonly verb: string; readonly answered: Answered; readonly output: Output }
  | { readonly kind: 'failed'; readonly error: AdviseError };

/**
 * Runs the command line `args` (verb first). Never throws: every error comes back as `failed`, unknown ones as a bug
 * whose stack is logged under `call.id`. Writes one summary line; typed text never reaches the log.
 */
export async function runCommand(args: readonly string[], deps: Deps, call: Call): Promise<Outcome> {
  const { output, rest } = takeOutput(args);
  const verb = rest[0] ?? 'help';
  const started = performance.now();
  const outcome = await attempt(() => answer(verb, rest.slice(1), { deps, call, output }), deps, call);
  const known = COMMANDS.some(({ name }) => name === verb) ? verb : 'unknown';
  const fields = {
    unit: 'command',
    name: known,
    id: call.id,
    actor: call.actor,
    ms: Math.round(performance.now() - started),
  };
  if (outcome.kind === 'answered')
    deps.log.info({ ...fields, ...outcome.answered.summary, outcome: 'answered' }, 'command');
  else deps.log.info({ ...fields, outcome: outcome.error.kind, code: outcome.error.code }, 'command');
  return outcome;
}

/** True when answering the line takes the optimiser, as its command says; a line that is only refused does not. */
export function needsSolver(args: readonly string[], deps: Pick<Deps, 'library' | 'settings'>, call: Call): boolean {
  const [verb, ...rest] = takeOutput(args).rest;
  const { parse, solves } = COMMANDS.find(({ name }) => name === verb) ?? {};
  if (parse === undefined || solves === undefined || rest.join(' ').length > LONGEST_INPUT) return false;
  const parsed = parse(rest, parseContext(deps, call));
  return parsed.ok && solves(parsed.question);
}

/** `--json` and `--csv` belong to the driver, wherever they stand. */
function takeOutput(args: readonly string[]): { readonly output: Output; readonly rest: readonly string[] } {
  const rest = args.filter((arg) => arg !== '--json' && arg !== '--csv');
  const output = args.includes('--json') ? 'json' : args.includes('--csv') ? 'csv' : 'report';
  return { output, rest };
}

async function attempt(run: () => Promise<Outcome>, deps: Deps, call: Call): Promise<Outcome> {
  try {
    return await run();
  } catch (thrown) {
    const error = toAdviseError(thrown);
    if (error.kind === 'bug') deps.log.error({ id: call.id, err: thrown }, 'bug');
    else if (error.kind === 'upstream') deps.log.warn({ id: call.id, code: error.code }, 'upstream');
    return { kind: 'failed', error };
  }
}

type Asked = { readonly deps: Deps; readonly call: Call; readonly output: Output };

async function answer(verb: string, args: readonly string[], asked: Asked): Promise<Outcome> {
  const { deps, call, output } = asked;
  if ([verb, ...args].join(' ').length > LONGEST_INPUT) {
    throw usageError(
      'usage_too_long',
      `that is longer than the ${LONGEST_INPUT.toLocaleString('en-US')} characters I read`,
      'ask in one or two sentences, or with flags',
    );
  }
  const wantsHelp =
    verb !== 'help' && (verb === '--help' || verb === '-h' || args.includes('--help') || args.includes('-h'));
  const row = findCommand(wantsHelp ? 'help' : verb, call);
  const parsed = row.parse(
    wantsHelp && !verb.startsWith('-') ? [verb] : wantsHelp ? [] : args,
    parseContext(deps, call),
  );
  if (!parsed.ok) throw parsed.error;
  checkAccess(deps.settings, call, row);
  const answered = await row.run(parsed.question, deps, call);
  if (output === 'csv' && answered.report.csv === undefined) {
    throw usageError('usage_no_csv', `${verb} has no table to print as CSV`, `${verb} --json`);
  }
  return { kind: 'answered', verb: row.name, answered, output };
}

function findCommand(verb: string, call: Call): Command {
  const here = COMMANDS.filter(({ surfaces }) => surfaces.includes(call.surface));
  const row = here.find(({ name }) => name === verb);
  if (row !== undefined) return row;
  const near = nearest(
    verb,
    here.map(({ name }) => name),
  );
  const example = here.find(({ name }) => name === near)?.examples[0];
  const isElsewhere = COMMANDS.some(({ name }) => name === verb);
  if (isElsewhere) throw usageError('usage_other_surface', `${verb} works in a terminal only`, `ecs-advise ${verb}`);
  const message = `there is no command "${clip(verb)}"${near === null ? '' : `. Did you mean ${near}?`}`;
  throw usageError('usage_unknown_verb', message, example ?? 'help');
}
