/** The answer to whoever asked for a change: what was proposed and where it went, or why nothing was. */
import type { Briefing, Change, Proposal } from '../approvals/model.ts';
import { type ShardAdvice, showSpans, type UtcChoice, type WindowAnswer, type Zone } from '../engine/index.ts';
import { changeParts, commandParts, proposalReport } from './proposal.ts';
import type { Action, Part, Report } from './report.ts';
import { plural } from './scan.ts';
import { utc } from './time.ts';

export type ChangeAnswer = {
  readonly change: Change;
  readonly briefing: Briefing;
  readonly outcome:
    | { readonly kind: 'proposed' | 'waiting'; readonly proposal: Proposal; readonly needed: number }
    | { readonly kind: 'not-offered'; readonly message: string }
    | { readonly kind: 'refused' }
    | { readonly kind: 'same' };
  /** Other hours in UTC for the same words, each with the line that asks for it. */
  readonly others: readonly { readonly choice: UtcChoice; readonly command: string }[];
  /** Shards planned apart: a line for each provider. */
  readonly apart: readonly { readonly advice: ShardAdvice; readonly commands: readonly string[] }[];
  readonly guesses: readonly string[];
  readonly answer: WindowAnswer | null;
  readonly zone: Zone;
  readonly now: string;
  readonly accountName: string;
  /** When the windows were read; null = just now. */
  readonly readAt: string | null;
  readonly surface: 'slack' | 'terminal';
};

/** For the asker alone; the proposal itself is posted to its channel. */
export function changeReport(asked: ChangeAnswer): Report {
  const { outcome, change, briefing, zone, now, accountName } = asked;
  const shown = { zone, now, accountName };
  const more = [...choiceParts(asked), ...apartParts(asked)];
  const actions: readonly Action[] = [
    ...asked.others.map(({ choice, command }): Action => ({ kind: 'run', command, label: choiceLabel(choice) })),
    ...asked.apart.flatMap(({ advice, commands }) =>
      commands.map((command, at): Action => {
        const { provider = '', utc: hours = '' } = advice.windows[at] ?? {};
        return { kind: 'run', command, label: `${provider}: ${hours}` };
      }),
    ),
  ].slice(0, 10);
  const context: Part = { kind: 'context', texts: smallPrint(asked) };
  if ('proposal' in outcome) {
    const { proposal, needed } = outcome;
    const [, ...parts] = proposalReport(proposal, { ...shown, needed }).parts;
    const text = `${briefing.title}. ${whereItIs(asked, proposal, { needed, isNew: outcome.kind === 'proposed' })}`;
    return { parts: [{ kind: 'lead', text }, ...parts, ...more, context], actions };
  }
  return {
    parts: [
      { kind: 'lead', text: `${briefing.title}. ${whyNot(outcome, briefing)}` },
      ...changeParts({ change, briefing, id: null }, shown),
      ...more,
      ...(outcome.kind === 'not-offered' ? commandParts(change, NO_ID) : []),
      context,
    ],
    actions,
  };
}

/** Stands in commands for the id that no proposal has. */
const NO_ID = 'none';

function whereItIs(
  { surface }: ChangeAnswer,
  proposal: Proposal,
  { needed, isNew }: { readonly needed: number; readonly isNew: boolean },
): string {
  const { id, rule, expiresAt } = proposal;
  const goes =
    surface === 'slack'
      ? 'it is posted in the channel'
      : 'the bot posts it, within a minute while it runs, in the Slack channel';
  const lead = isNew ? `Proposed as ${id}` : `The same is proposed already as ${id}`;
  return `${lead}: ${goes} of route ${rule.route}. It takes ${plural(needed, 'approval')} before ${utc(expiresAt)}; nothing has changed yet.`;
}

type NotProposed = Exclude<ChangeAnswer['outcome'], { readonly kind: 'proposed' | 'waiting' }>;

function whyNot(outcome: NotProposed, briefing: Briefing): string {
  switch (outcome.kind) {
    case 'not-offered':
      return `Nobody is asked to approve it: ${outcome.message}`;
    case 'same':
      return 'Nothing to do: the window is so already.';
    case 'refused': {
      const wrong = briefing.lint.filter(({ severity }) => severity === 'error').length;
      return `Not proposed: ${wrong === 1 ? 'one thing is wrong with it' : `${wrong} things are wrong with it`}, see below.`;
    }
    default:
      return outcome satisfies never;
  }
}

function choiceParts({ others, guesses }: ChangeAnswer): readonly Part[] {
  const assumed: readonly Part[] =
    guesses.length === 0
      ? []
      : [{ kind: 'list', items: guesses.map((text) => ({ text: `Assumed: ${text}`, tone: 'caution' as const })) }];
  if (others.length === 0) return assumed;
  const items = others.map(({ choice }) => ({ text: choiceLine(choice) }));
  return [...assumed, { kind: 'heading', text: 'Other ways to put these hours into UTC' }, { kind: 'list', items }];
}

function choiceLabel({ spans }: UtcChoice): string {
  return `Use ${showSpans(spans)} UTC`;
}

function choiceLine({ kind, spans, offsetMinutes }: UtcChoice): string {
  const when = `${showSpans(spans)} UTC`;
  switch (kind) {
    case 'exact':
      return when;
    case 'all-year':
      return `${when}: inside your hours all year.`;
    case 'part-year':
      return `${when}: your hours while the clock is ${offsetText(offsetMinutes ?? 0)}.`;
    case 'around':
      return `${when}: contains your hours all year, and reaches outside them.`;
    default:
      return kind satisfies never;
  }
}

function offsetText(minutes: number): string {
  if (minutes === 0) return 'at UTC';
  const size = Math.abs(minutes);
  const hours = size % 60 === 0 ? `${size / 60} h` : `${Math.floor(size / 60)} h ${size % 60} min`;
  return `${hours} ${minutes < 0 ? 'behind' : 'ahead of'} UTC`;
}

function apartParts({ apart }: ChangeAnswer): readonly Part[] {
  const rows = apart.flatMap(({ advice }) =>
    advice.windows.map(({ cluster, provider, utc: hours }) => [advice.server, `${cluster}/${provider}`, hours]),
  );
  if (rows.length === 0) return [];
  return [
    { kind: 'heading', text: 'Planned apart' },
    {
      kind: 'table',
      columns: ['Shards of', 'Provider', 'Window'].map((title) => ({ title, align: 'left' as const })),
      rows,
    },
  ];
}

function smallPrint({ readAt, answer }: ChangeAnswer): readonly string[] {
  const facts = answer === null ? 0 : answer.facts.length;
  return [
    readAt === null
      ? 'Windows were read from AWS just now; instances and tasks are those of the last scan.'
      : `AWS could not be asked just now: windows, instances and tasks are as of ${utc(readAt)}.`,
    ...(facts === 0 ? [] : [`Rests on ${plural(facts, 'fact')} about event windows.`]),
  ];
}
