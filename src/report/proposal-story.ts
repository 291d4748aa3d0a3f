/** The whole story of one proposal: why, who may approve, every step that was recorded, every call to AWS. */
import type { Proposal } from '../approvals/model.ts';
import type { StoredRecord } from '../deps.ts';
import type { Json } from '../engine/index.ts';
import type { Inline, Part, Report, Span } from './report.ts';
import { utc } from './time.ts';

/** Who may approve at this moment: the members of the groups as Slack names them now. */
export type Approvers =
  | { readonly kind: 'known'; readonly users: readonly string[] }
  | { readonly kind: 'unknown'; readonly because: string };

const STATES: Readonly<Record<Proposal['state'], string>> = {
  pending: 'waits for approval',
  applying: 'is approved and being applied',
  applied: 'is applied',
  failed: 'was not done as asked',
  stale: 'is stale: the windows changed since it was proposed, and nothing was written',
  rejected: 'was rejected; nothing was changed',
  expired: 'expired; nothing was changed',
};

/** `approvers` is left out where Slack is not asked. */
export function proposalStory(
  proposal: Proposal,
  around: { readonly records: readonly StoredRecord[]; readonly approvers?: Approvers },
): Report {
  const { id, state, briefing, outcome } = proposal;
  return {
    parts: [
      { kind: 'lead', text: `Proposal ${id} ${STATES[state]}: ${briefing.title}.` },
      ...(outcome === null ? [] : [{ kind: 'paragraph' as const, text: withNames(outcome, proposal) }]),
      ...(around.approvers === undefined ? [] : approverParts(around.approvers)),
      { kind: 'heading', text: 'What happened' },
      { kind: 'list', items: around.records.map((record) => ({ text: step(record, proposal) })) },
      ...callParts(proposal),
      {
        kind: 'context',
        texts: [
          `Route ${proposal.rule.route}, quorum ${proposal.rule.quorum}. Each step above is a record of the chain: decisions verify checks them.`,
          ...(proposal.rule.requesterMayApprove
            ? ['The configuration lets the one who asked approve too (requesterMayApprove).']
            : []),
        ],
      },
    ],
    actions: [],
  };
}

/** Text with `<@U…>` of people who had a part in the proposal as their names; of anybody else it stays text. */
export function withNames(text: string, { decisions, requester, rule }: Proposal): Inline {
  const known = new Set([requester, ...decisions.map(({ user }) => user), ...rule.approvers]);
  return text.split(/(<@[UW][A-Z0-9]+>)/).map((piece): Span => {
    const user = /^<@([UW][A-Z0-9]+)>$/.exec(piece)?.[1];
    return user !== undefined && known.has(user) ? { text: user, style: 'user' } : { text: piece };
  });
}

function approverParts(approvers: Approvers): readonly Part[] {
  if (approvers.kind === 'unknown')
    return [{ kind: 'paragraph', text: `Who may approve is not known: ${approvers.because}` }];
  const { users } = approvers;
  const names = users.slice(0, 30).flatMap((user, index) => [{ text: index === 0 ? '' : ', ' }, who(user)]);
  const more = users.length > 30 ? ` and ${users.length - 30} more` : '';
  return [
    {
      kind: 'paragraph',
      text:
        users.length === 0
          ? 'Nobody may approve at the moment: the route resolves to no one.'
          : [{ text: 'May approve now: ' }, ...names, { text: `${more}.` }],
    },
  ];
}

/** A member by name; anything else (a login, the bot) as it is. */
function who(actor: string): Span {
  return /^[UWS][A-Z0-9]{2,20}$/.test(actor) ? { text: actor, style: 'user' } : { text: actor };
}

const VERDICTS: { readonly [verdict: string]: string | undefined } = {
  approve: 'approved',
  reject: 'rejected',
  snooze: 'snoozed',
};

function step({ at, kind, actor, body, id }: StoredRecord, proposal: Proposal): Inline {
  const told = (...spans: readonly Span[]): Inline => [{ text: `${utc(at)}  ` }, ...spans];
  const about = textOf(body, 'proposal');
  const other = about === null || about === proposal.id ? '' : `${about}: `;
  switch (kind) {
    case 'proposal':
    case 'undo':
      return id === proposal.id
        ? told(who(actor), { text: ' proposed it.' })
        : told(who(actor), { text: ` proposed ${id}, which follows from it.` });
    case 'click':
      return told(who(actor), { text: clickText(body) });
    case 'apply':
      return told({ text: callText(body) });
    case 'wake':
      return told({ text: 'The snooze ended.' });
    default: {
      const outcome = textOf(body, 'outcome');
      const tail: Inline = outcome === null ? '' : withNames(` ${outcome}`, proposal);
      const spans = typeof tail === 'string' ? [{ text: tail }] : tail;
      return told({ text: `${other}${kind}.` }, ...spans);
    }
  }
}

function clickText(body: Json): string {
  const verdict = textOf(body, 'verdict') ?? '';
  const refused = textOf(body, 'refused') ?? textOf(body, 'code');
  if (refused !== null) return ` wanted to ${verdict || 'decide'}: refused (${refused.replaceAll('_', ' ')}).`;
  const reason = textOf(body, 'reason');
  const own = fieldOf(body, 'ownApproval') === true ? ', the own request' : '';
  return ` ${VERDICTS[verdict] ?? verdict}${own}${reason === null ? '' : `: ${reason}`}.`;
}

function callText(body: Json): string {
  const begun = textOf(fieldOf(body, 'calling') ?? null, 'op');
  if (begun !== null) return `${begun}: begun.`;
  const call = fieldOf(body, 'call') ?? null;
  const [op, outcome] = [textOf(call, 'op'), textOf(call, 'outcome')];
  if (op === null) return 'It began to be applied.';
  const dry = fieldOf(call, 'dryRun') === true ? ' (dry run)' : '';
  return `${op}${dry}: ${outcome ?? 'unknown'}.`;
}

function callParts({ calls }: Proposal): readonly Part[] {
  if (calls.length === 0) return [];
  const columns = ['When', 'Call', 'Outcome', 'Request'].map((title) => ({ title, align: 'left' as const }));
  const rows = calls.map(({ at, op, dryRun, outcome, requestId, error }) => [
    utc(at),
    dryRun ? `${op} (dry run)` : op,
    error === null ? outcome : `${outcome}: ${error.code}`,
    requestId ?? '–',
  ]);
  return [
    { kind: 'heading', text: 'Calls to AWS' },
    { kind: 'table', columns, rows },
  ];
}

function fieldOf(value: Json | null, key: string): Json | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, key))
    return undefined;
  return (value as { readonly [key: string]: Json })[key];
}

function textOf(value: Json | null, key: string): string | null {
  const found = fieldOf(value, key);
  return typeof found === 'string' ? found : null;
}
