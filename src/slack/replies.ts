import type { Call } from '../commands/command.ts';
import type { Reply, ReplyFile } from '../commands/reply.ts';
import type { AdviseError } from '../errors.ts';
import { grouped } from '../report/money.ts';
import type { Action, Report } from '../report/report.ts';
import { renderReport, type SlackMessage } from './blocks.ts';

/** What people are told: answers, refusals, and what to type instead. */

/** Text that is short enough to be read in the message itself; a table is wanted in a spreadsheet sooner than JSON. */
const INLINE = { csv: 1_500, json: 6_000 } as const;

/** True when a file is too long to be shown and has to be uploaded. */
export function isLong(file: ReplyFile): boolean {
  return file.text.length > (file.name.endsWith('.csv') ? INLINE.csv : INLINE.json);
}

/** The message for a reply; `args` are what was asked, for the button that runs it put right. */
export function replyMessage(reply: Reply, args: readonly string[], call: Pick<Call, 'id'>): SlackMessage {
  if (reply.kind === 'failed') return errorMessage(reply.error, call, corrected(args, reply.error));
  const { report, file } = reply;
  if (file === null) return renderReport(report, { callId: call.id });
  const isCsv = file.name.endsWith('.csv');
  const lead = { kind: 'lead' as const, text: isCsv ? 'The answer as CSV.' : 'The answer as JSON.' };
  if (isLong(file)) {
    const rows = file.rows === null ? '' : ` (${grouped(file.rows)} rows)`;
    const text = `The whole answer is in our direct messages, as ${file.name}${rows}.`;
    return renderReport({ parts: [{ ...lead, text }], actions: report.actions }, { callId: call.id });
  }
  const text = file.text.replaceAll('\r\n', '\n').trimEnd();
  return renderReport({ parts: [lead, { kind: 'preformatted', text }], actions: report.actions }, { callId: call.id });
}

/** What failed, what to type instead, and the id under which the log knows it. */
export function errorMessage(error: AdviseError, call: Pick<Call, 'id'>, command?: string | null): SlackMessage {
  const actions: readonly Action[] = command == null ? [] : [{ kind: 'run', command, label: `Run ${clip(command)}` }];
  const report: Report = {
    parts: [
      { kind: 'lead', text: sentence(error.message) },
      ...(error.hint === undefined ? [] : [{ kind: 'paragraph' as const, text: hintText(error) }]),
    ],
    actions,
  };
  return renderReport(report, { callId: call.id });
}

/** A line of plain text that only the asker sees. */
export function noteMessage(text: string, call: Pick<Call, 'id'>): SlackMessage {
  return renderReport({ parts: [{ kind: 'lead', text }], actions: [] }, { callId: call.id });
}

/** What somebody reads whose answer takes long; `ahead` questions come before it. */
export function lateMessage(ahead: number, call: Pick<Call, 'id'>): SlackMessage {
  const text =
    ahead === 0
      ? 'Still working on it.'
      : `${ahead} ${ahead === 1 ? 'question comes' : 'questions come'} before yours. The answer will be here.`;
  return noteMessage(text, call);
}

/** Hints of usage errors are things to type; those of other errors are sentences. */
function hintText({ kind, hint = '' }: AdviseError) {
  if (kind !== 'usage') return `What to do: ${hint}.`;
  const typed =
    /^type (?!one of)(.+)$/.exec(hint)?.[1] ?? (/^(capacity|decisions|status|help|facts)\b/.test(hint) ? hint : null);
  if (typed === null) return `Try: ${hint}`;
  const command = typed.startsWith('--') ? typed : `/ecs-advise ${typed}`;
  return [{ text: 'Try: ' }, { text: command, style: 'code' as const }];
}

function sentence(text: string): string {
  const upper = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.?!]$/.test(upper) ? upper : `${upper}.`;
}

/** The command with its mistyped word put right, or null when the error proposes none. */
function corrected(args: readonly string[], error: AdviseError): string | null {
  const meant = /Did you mean (--)?([a-z0-9_.-]+)\?$/i.exec(error.message);
  const word = meant?.[2];
  if (word === undefined) return null;
  if (error.code === 'usage_unknown_verb') return toCommand([word, ...args.slice(1)]);
  const wrong = /^unknown flag (--[^\s=.]+)/.exec(error.message)?.[1];
  if (error.code !== 'usage_unknown_flag' || wrong === undefined) return null;
  const right = args.map((arg) => (arg === wrong ? `--${word}` : arg.replace(`${wrong}=`, `--${word}=`)));
  return right.join(' ') === args.join(' ') ? null : toCommand(right);
}

/** Words -> one line that `tokenize` reads back. */
function toCommand(args: readonly string[]): string {
  return args
    .map((arg) => (/[\s"'\u201c\u201d\u2018\u2019]/.test(arg) ? `"${arg.replaceAll('"', '')}"` : arg))
    .join(' ');
}

function clip(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}
