import type { Call } from '../commands/command.ts';
import { AdviseError, toAdviseError, usageError } from '../errors.ts';
import { proposalStory } from '../report/proposal-story.ts';
import type { Click } from './actions.ts';
import { renderReport } from './blocks.ts';
import { callSlack } from './client.ts';
import type { Bot } from './listeners.ts';
import type { Target } from './poster.ts';
import { readRejectOrigin, reasonIn, rejectModal } from './reject-modal.ts';

/** Presses on the buttons of a proposal, and the form of a rejection. Each ends in one private line to the clicker. */

type Pressed = {
  readonly target: Target;
  readonly triggerId: string;
  readonly team: string | null;
  readonly messageTs: string | null;
  readonly call: Call;
};
type Press = Extract<Click, { readonly kind: 'proposal' }>;

/** One press: a decision, the form that asks for a reason, or the reasons why. */
export async function pressed(
  bot: Bot,
  { target, triggerId, team, messageTs, call }: Pressed,
  press: Press,
): Promise<void> {
  const { proposalId: proposal, version, verb } = press;
  if (verb === 'why') return why(bot, target, { proposal, call });
  if (verb === 'reject') {
    const origin = { channel: target.channel ?? '', responseUrl: target.responseUrl, proposal, version };
    return openRejectForm(bot, triggerId, origin);
  }
  const { channel } = target;
  const message = channel === null || messageTs === null ? {} : { message: { channel, ts: messageTs } };
  await decide(bot, { target, call }, { proposal, version, verdict: verb, reason: null, team, ...message });
}

type RejectSubmitted = {
  readonly team: string | null;
  readonly privateMetadata: string;
  readonly state: unknown;
  readonly user: string;
};

/** Where the answer to a rejection goes. */
export function rejectTarget({ user, privateMetadata }: RejectSubmitted): Target {
  const origin = readRejectOrigin(privateMetadata);
  // Without a channel of its own the answer still reaches the person: their direct messages.
  return { user, channel: origin?.channel || user, responseUrl: origin?.responseUrl ?? null };
}

/** The form with the reason was sent. */
export async function rejected(bot: Bot, submitted: RejectSubmitted, call: Call): Promise<void> {
  const origin = readRejectOrigin(submitted.privateMetadata);
  if (origin === null) throw usageError('usage_unknown_button', 'this form is not one of mine any more', 'press again');
  const { proposal, version } = origin;
  const decision = { proposal, version, verdict: 'reject', reason: reasonIn(submitted.state) } as const;
  await decide(bot, { target: rejectTarget(submitted), call }, { ...decision, team: submitted.team });
}

type Decision = {
  readonly proposal: string;
  readonly version: number;
  readonly verdict: 'approve' | 'reject' | 'snooze';
  readonly reason: string | null;
  readonly team: string | null;
  /** The copy that was pressed: it gets its end as well, even when nobody saved that it was posted. */
  readonly message?: { readonly channel: string; readonly ts: string };
};

async function decide(
  bot: Bot,
  { target, call }: { readonly target: Target; readonly call: Call },
  decision: Decision,
): Promise<void> {
  const click = { ...decision, user: target.user, team: decision.team ?? '' };
  const { answer, apply } = await bot.desk.decide(click, await bot.workspace());
  try {
    await bot.poster.privately(target, renderReport(answer, { callId: call.id }));
  } catch (thrown) {
    // The decision stands and the message shows it; not being able to whisper must not keep it from being applied.
    bot.deps.log.error({ id: call.id, code: toAdviseError(thrown).code, err: thrown }, 'the clicker could not be told');
  }
  await apply?.();
}

async function openRejectForm(
  { client }: Bot,
  triggerId: string,
  origin: Parameters<typeof rejectModal>[0],
): Promise<void> {
  try {
    await callSlack(() => client.views.open({ trigger_id: triggerId, view: rejectModal(origin) }));
  } catch (thrown) {
    const { code, message } = toAdviseError(thrown);
    throw new AdviseError({
      kind: 'upstream',
      code,
      message: `The form for the reason did not open, so nothing is rejected. ${message}`,
      hint: 'press Reject again',
      cause: thrown,
    });
  }
}

/** The whole story so far, and who may approve at this moment. */
async function why(
  { deps, desk, poster }: Bot,
  target: Target,
  { proposal: id, call }: { readonly proposal: string; readonly call: Call },
): Promise<void> {
  const proposal = await deps.store.proposal(id);
  if (proposal === null)
    throw usageError('usage_unknown_proposal', `there is no proposal ${id} here`, 'decisions list');
  const records = await deps.store.recordsOf(id);
  const approvers = await desk.approversOf(proposal);
  await poster.privately(target, renderReport(proposalStory(proposal, { records, approvers }), { callId: call.id }));
}
