/** A change to event windows as people see it before, while and after they decide: in Slack and in the terminal alike. */
import { cliOf, permissionsOf, undoWords } from '../approvals/index.ts';
import type { Briefing, Change, Decision, Proposal } from '../approvals/model.ts';
import { scheduleParts, scheduleText, targetTexts, windowText, type Zone } from '../engine/index.ts';
import type { Action, Inline, Part, Report, Span } from './report.ts';
import { plural } from './scan.ts';
import { utc } from './time.ts';

/** What is known besides the proposal at the moment of showing. */
export type ProposalSurroundings = {
  /** The proposal's zone with its clock changes from `now`. */
  readonly zone: Zone;
  readonly now: string;
  readonly accountName: string;
  /** Approvals it takes in all. */
  readonly needed: number;
};

type Shown = Pick<ProposalSurroundings, 'zone' | 'now' | 'accountName'>;

/** The whole message of a proposal; buttons only while it waits. */
export function proposalReport(proposal: Proposal, around: ProposalSurroundings): Report {
  const { change, briefing, id } = proposal;
  return {
    parts: [
      { kind: 'lead', text: lead(proposal, around) },
      ...changeParts({ change, briefing, id }, around),
      ...peopleParts(proposal, around),
      ...commandParts(change, id),
      { kind: 'context', texts: smallPrint(proposal) },
    ],
    actions: actionsOf(proposal),
  };
}

/** One or two sentences: what it is, and how it stands. */
function lead(
  { briefing, state, expiresAt, outcome, decisions, id }: Proposal,
  { needed }: ProposalSurroundings,
): string {
  const { title } = briefing;
  const ended = outcome === null ? '' : ` ${outcome}`;
  switch (state) {
    case 'pending': {
      const left = Math.max(1, needed - approvalsOf(decisions).length);
      return `${title}. Proposal ${id} waits for ${plural(left, 'approval')}, until ${utc(expiresAt)}.`;
    }
    case 'applying':
      return `${title}. Approved; being applied.`;
    case 'applied':
      return `Done: ${title}.${ended}`;
    case 'failed':
      return `Not done as asked: ${title}.${ended}`;
    case 'stale':
      return `Nothing was changed: ${title}.${ended}`;
    case 'rejected':
      return `Rejected, nothing was changed: ${title}.${ended}`;
    case 'expired':
      return `Expired on ${utc(expiresAt)}, nothing was changed: ${title}.`;
    default:
      return state satisfies never;
  }
}

function approvalsOf(decisions: readonly Decision[]): readonly Decision[] {
  return decisions.filter(({ verdict }) => verdict === 'approve');
}

type Told = { readonly change: Change; readonly briefing: Briefing };

/** The difference, who is hit, when it takes hold, and what is wrong or in the way. */
export function changeParts(
  { change, briefing }: Told & { readonly id: string | null },
  shown: Shown,
): readonly Part[] {
  const { affected, takesHold, lint, clashes } = briefing;
  const items = [
    ...lint.map(({ severity, text }) => ({
      text: `${text} (${severity})`,
      ...(severity === 'note' ? {} : { tone: severity === 'error' ? ('no' as const) : ('caution' as const) }),
    })),
    ...clashes.map((text) => ({ text, tone: 'caution' as const })),
  ];
  return [
    { kind: 'fields', fields: diffFields(change, shown) },
    ...listed('Who is hit', affected),
    ...listed('When it takes hold', takesHold),
    ...(items.length === 0
      ? ([{ kind: 'paragraph', text: 'No rule of event windows is broken, and nothing is in the way.' }] as const)
      : ([
          { kind: 'heading', text: 'Watch out' },
          { kind: 'list', items },
        ] as const)),
  ];
}

function listed(heading: string, texts: readonly string[]): readonly Part[] {
  if (texts.length === 0) return [];
  return [
    { kind: 'heading', text: heading },
    { kind: 'list', items: texts.map((text) => ({ text })) },
  ];
}

type Field = { readonly label: string; readonly value: string };

function diffFields(change: Change, { zone, now, accountName }: Shown): readonly Field[] {
  const { account, region } = change.place;
  const where = {
    label: 'Where',
    value: `${accountName === account ? account : `${accountName} (${account})`}, ${region}`,
  };
  const hours = (schedule: Parameters<typeof scheduleText>[0]): string => hoursText(schedule, zone, now);
  switch (change.kind) {
    case 'window.set': {
      const { before, after } = change;
      const was = before === null ? [] : targetTexts(before);
      const targets = targetTexts(after.targets);
      const added = targets.filter((text) => !was.includes(text));
      return [
        { label: 'Before', value: before === null ? 'no window' : hours(before) },
        { label: 'After', value: hours(scheduleParts(after.schedule)) },
        { label: 'Window', value: before === null ? `${after.name} (new)` : windowText(before) },
        { label: 'Target', value: tagsText(after.targets, before !== null && added.length > 0 ? added : null) },
        where,
      ];
    }
    case 'window.move':
      return [
        { label: 'Before', value: `${windowText(change.from)}: ${hours(change.from)}` },
        { label: 'After', value: `${windowText(change.to)}: ${hours(change.to)}` },
        { label: 'Target', value: tagsText(change.targets, null) },
        where,
      ];
    case 'window.delete':
      return [
        { label: 'Before', value: hours(change.before) },
        { label: 'After', value: 'no window' },
        { label: 'Window', value: windowText(change.before) },
        { label: 'Target', value: tagsText(change.before, null) },
        where,
      ];
    default:
      return change satisfies never;
  }
}

/** `Sun 10:00-14:00 UTC`, and what the zone's clock shows now and after its next change. */
export function hoursText(schedule: Parameters<typeof scheduleText>[0], zone: Zone, now: string): string {
  const { utc: hours, local } = scheduleText(schedule, zone, now);
  const lines = [`${hours} UTC`];
  const [first, next] = local;
  if (first !== undefined) {
    const until = first.until === null ? '' : ` until ${first.until}`;
    const then = next === undefined ? '' : `, then ${next.text}`;
    lines.push(`${zone.name}: ${first.text}${until}${then}`);
  }
  return lines.join('; ');
}

const TARGETS_SHOWN = 5;

function tagsText(
  { instanceTags, instanceIds, dedicatedHostIds }: Parameters<typeof targetTexts>[0],
  added: readonly string[] | null,
): string {
  const all = [...instanceTags.map(({ key, value }) => `${key}=${value}`), ...instanceIds, ...dedicatedHostIds];
  if (all.length === 0) return 'none';
  const rest = all.length - TARGETS_SHOWN;
  const shown = all.slice(0, TARGETS_SHOWN).join('\n') + (rest > 0 ? `\nand ${rest} more` : '');
  return added === null ? shown : `${shown}\nnew: ${added.join(', ')}`;
}

function peopleParts(proposal: Proposal, { needed }: ProposalSurroundings): readonly Part[] {
  const { rule, requester, decisions } = proposal;
  const users = (ids: readonly string[]): readonly Span[] =>
    ids.flatMap((id, index): readonly Span[] => [...(index === 0 ? [] : [{ text: ', ' }]), userSpan(id)]);
  const own = rule.requesterMayApprove
    ? 'The one who asked may approve too: the configuration says so.'
    : 'The one who asked may not approve.';
  const items: { readonly text: Inline; readonly tone?: 'good' | 'no' }[] = [
    { text: [{ text: 'Asked by ' }, userSpan(requester), { text: `. ${own}` }] },
    {
      text: [
        { text: `Takes ${plural(needed, 'approval')} of ` },
        ...(rule.approvers.length === 0 ? [{ text: 'nobody: the route names no approver' }] : users(rule.approvers)),
        { text: ` (route ${rule.route}).` },
      ],
    },
    ...decisions.map((decision) => decisionItem(decision, requester)),
  ];
  return [
    { kind: 'heading', text: 'Who decides' },
    { kind: 'list', items },
  ];
}

function userSpan(id: string): Span {
  return /^[UWS][A-Z0-9]{2,}$/.test(id) ? { text: id, style: 'user' } : { text: id };
}

function decisionItem({ user, at, verdict, reason }: Decision, requester: string) {
  const who = userSpan(user);
  const self = user === requester ? ', who asked for it' : '';
  const when = ` on ${utc(at)}`;
  switch (verdict) {
    case 'approve':
      return { text: [who, { text: `${self} approved${when}.` }], tone: 'good' as const };
    case 'reject':
      return {
        text: [who, { text: ` rejected it${when}${reason === null || reason === '' ? '.' : `: ${reason}`}` }],
        tone: 'no' as const,
      };
    case 'snooze':
      return { text: [who, { text: ` put it off${when}.` }] };
    default:
      return verdict satisfies never;
  }
}

/** The AWS CLI commands that do the same, and how to take it back. */
export function commandParts(change: Change, id: string): readonly Part[] {
  return [
    { kind: 'heading', text: 'The same by hand' },
    { kind: 'preformatted', text: cliOf(change, id, { dryRun: false }).join('\n') },
    { kind: 'paragraph', text: undoWords(change) },
  ];
}

function smallPrint({ change, state, id, calls, snoozedUntil, undoes, follows, version }: Proposal): readonly string[] {
  const requests = calls.flatMap(({ op, outcome, requestId, dryRun }) =>
    dryRun || requestId === null ? [] : [`${op} ${outcome} (${requestId})`],
  );
  return [
    ...(undoes === null ? [] : [`Takes back ${undoes}.`]),
    ...(follows === null ? [] : [`Follows ${follows}, which the world had overtaken.`]),
    ...(state === 'pending' && snoozedUntil !== null ? [`Put off until ${utc(snoozedUntil)}.`] : []),
    ...(requests.length === 0 ? [] : [`AWS: ${requests.join('; ')}.`]),
    `Needs ${permissionsOf(change).join(', ')}. Proposal ${id}, version ${version}; the whole story: decisions show ${id}.`,
  ];
}

function actionsOf({ id, version, state }: Proposal): readonly Action[] {
  switch (state) {
    case 'pending': {
      const button = (verb: Extract<Action, { kind: 'proposal' }>['verb'], label: string): Action => ({
        kind: 'proposal',
        proposalId: id,
        version,
        verb,
        label,
      });
      return [
        button('approve', 'Approve'),
        button('reject', 'Reject'),
        button('snooze', 'Snooze'),
        button('why', 'Why?'),
      ];
    }
    case 'applied':
      return [{ kind: 'run', command: `windows undo ${id}`, label: 'Propose to undo it' }];
    case 'stale':
      return [{ kind: 'run', command: `windows again ${id}`, label: 'Propose it again' }];
    case 'applying':
    case 'failed':
    case 'rejected':
    case 'expired':
      return [];
    default:
      return state satisfies never;
  }
}
