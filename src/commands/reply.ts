/** What Slack shows of an outcome: the report without its bulk, and whole tables and JSON as text of a file. */
import type { Deps } from '../deps.ts';
import type { AdviseError } from '../errors.ts';
import type { Report } from '../report/report.ts';
import { toCsv } from '../report/text.ts';
import type { Call } from './command.ts';
import { type Outcome, runCommand } from './run.ts';

export type ReplyFile = { readonly name: string; readonly text: string; readonly rows: number | null };

/** Plain data, so that it can come from another thread. */
export type Reply =
  | { readonly kind: 'answered'; readonly report: Report; readonly file: ReplyFile | null }
  | { readonly kind: 'failed'; readonly error: AdviseError };

/**
 * Asks for the reply to a command line; where the work is done is the driver's choice. Never throws. `late` is told
 * once, when the reply takes long, how many questions are still before this one; 0 = it is being answered.
 */
export type Ask = (args: readonly string[], call: Call, late?: (ahead: number) => void) => Promise<Reply>;

/** Runs the command here and keeps what Slack shows: an answer about a large estate has megabytes of rows besides. */
export async function replyTo(args: readonly string[], deps: Deps, call: Call): Promise<Reply> {
  return toReply(await runCommand(args, deps, call), call);
}

function toReply(outcome: Outcome, call: Call): Reply {
  if (outcome.kind === 'failed') return outcome;
  const { answered, output, verb } = outcome;
  const { parts, actions, csv } = answered.report;
  const report = { parts, actions };
  if (output === 'report') return { kind: 'answered', report, file: null };
  const day = call.now.toISOString().slice(0, 10);
  const file =
    output === 'csv'
      ? { name: `${verb}-${day}.csv`, text: toCsv(csv ?? []), rows: (csv?.length ?? 1) - 1 }
      : { name: `${verb}-${day}.json`, text: `${JSON.stringify(answered.json, null, 1)}\n`, rows: null };
  return { kind: 'answered', report, file };
}
