import { createHash, randomUUID } from 'node:crypto';
import type { ModalView } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import { checkRecord } from '../commands/access.ts';
import type { CapacityBody } from '../commands/capacity.ts';
import type { Call } from '../commands/command.ts';
import { parseContext } from '../commands/context.ts';
import { COMMANDS } from '../commands/index.ts';
import { filesOfView } from '../commands/proof.ts';
import type { Ask } from '../commands/reply.ts';
import { tokenize } from '../commands/tokenize.ts';
import { renderView } from '../commands/views.ts';
import type { Deps, StoredRecord } from '../deps.ts';
import { AdviseError, toAdviseError, usageError } from '../errors.ts';
import { type Click, decodeClick } from './actions.ts';
import { renderReport } from './blocks.ts';
import type { SlackCheck } from './check.ts';
import { callSlack } from './client.ts';
import { pressed, rejected, rejectTarget } from './decisions.ts';
import { homeView } from './home.ts';
import {
  capacityModal,
  EMPTY_FORM,
  type FormValues,
  formValues,
  type ModalOrigin,
  modalArgs,
  modalErrors,
  readOrigin,
} from './modal.ts';
import type { Poster, Target } from './poster.ts';
import type { ProposalDesk } from './proposals.ts';
import { REJECT_MODAL, reasonErrors } from './reject-modal.ts';
import { errorMessage, isLong, lateMessage, noteMessage, replyMessage } from './replies.ts';
import { WINDOWS_MODAL, windowsArgs, windowsErrors, windowsModal } from './windows-modal.ts';
import type { Work } from './work.ts';

/** What happens after Slack has its acknowledgement. Each request ends in exactly one private line, or a form. */

export type Bot = {
  readonly deps: Deps;
  readonly poster: Poster;
  /** Fails soon enough for a trigger id, which lives three seconds. */
  readonly client: WebClient;
  readonly work: Work;
  /** Where a question is worked out. */
  readonly ask: Ask;
  readonly desk: ProposalDesk;
  /** What Slack last said about the token. */
  readonly checked: () => SlackCheck;
  /** Id of the workspace that the bot lives in; null while Slack has not said. */
  readonly workspace: () => Promise<string | null>;
};

/** `team` = the workspace of the person. */
type Asked = { readonly target: Target; readonly triggerId: string; readonly team: string | null };

export type Listeners = {
  readonly command: (asked: Asked, text: string) => Promise<void>;
  readonly click: (
    asked: Asked,
    clicked: {
      readonly actionId: unknown;
      readonly value: unknown;
      readonly ts: string;
      /** Of the message that the button is in; null for forms and the Home tab. */
      readonly messageTs: string | null;
    },
  ) => Promise<void>;
  /** Errors by block_id, or null when the form is taken. Fast and pure: it runs before the acknowledgement. */
  readonly checkForm: (form: string, state: unknown) => { readonly [blockId: string]: string } | null;
  readonly form: (submitted: {
    readonly user: string;
    readonly team: string | null;
    /** Which form it is. */
    readonly form: string;
    readonly viewId: string;
    readonly hash: string;
    readonly privateMetadata: string;
    readonly state: unknown;
  }) => Promise<void>;
  readonly home: (user: string) => Promise<void>;
};

/** The listeners of one bot. None of them throws. */
export function createListeners(bot: Bot): Listeners {
  const { deps } = bot;
  const today = () => parseContext(deps, { now: deps.clock.now() });
  const failedShares = new Set<string>();

  return {
    command: (asked, text) =>
      accept(bot, { ...asked, key: `command ${asked.triggerId}` }, async (call) => {
        const args = tokenize(text);
        if (args.length === 1 && args[0] === 'capacity') return openForm(bot, asked, EMPTY_FORM);
        const [verb, what, target = '', ...hours] = args;
        if (verb === 'windows' && what === 'set' && hours.length === 0 && !target.startsWith('-'))
          return openWindowsForm(bot, asked, target);
        await runAndAnswer(bot, { target: asked.target, args, call });
      }),
    click: (asked, { actionId, value, ts, messageTs }) =>
      accept(bot, { ...asked, key: `click ${ts} ${asked.target.user} ${String(actionId)}` }, async (call) => {
        const click = decodeClick(actionId, value);
        if (click === null)
          throw usageError('usage_unknown_button', 'this button is not one of mine any more', 'ask again');
        await onClick({ bot, failedShares }, { ...asked, messageTs, call }, click);
      }),
    checkForm: (form, state) => {
      if (form === REJECT_MODAL) return reasonErrors(state);
      if (form === WINDOWS_MODAL)
        return windowsErrors(state, today(), { facts: deps.library.facts, now: deps.clock.now() });
      const errors = modalErrors(modalArgs(state), today());
      return Object.keys(errors).length === 0 ? null : errors;
    },
    form: async (submitted) => {
      if (submitted.form === REJECT_MODAL) {
        const job = { target: rejectTarget(submitted), team: submitted.team, key: formKey(submitted) };
        return accept(bot, job, (call) => rejected(bot, submitted, call));
      }
      const { user, team, privateMetadata, state } = submitted;
      const origin = readOrigin(privateMetadata);
      const target = { user, channel: origin?.channel ?? null, responseUrl: origin?.responseUrl ?? null };
      const args = submitted.form === WINDOWS_MODAL ? windowsArgs(state) : ['capacity', ...modalArgs(state)];
      await accept(bot, { target, team, key: formKey(submitted) }, (call) => runAndAnswer(bot, { target, args, call }));
    },
    home: async (user) => {
      bot.work.start(async () => {
        try {
          const counts = await deps.store.counts();
          const parts = { counts, slack: bot.checked(), regions: deps.library.regions, commands: COMMANDS };
          await callSlack(() => bot.client.views.publish({ user_id: user, view: homeView(parts) }));
        } catch (thrown) {
          const error = toAdviseError(thrown);
          deps.log.error({ unit: 'home', actor: user, code: error.code, err: thrown }, 'home');
        }
      });
    },
  };
}

function formKey({ viewId, hash }: { readonly viewId: string; readonly hash: string }): string {
  return `form ${viewId} ${hash}`;
}

type Job = { readonly target: Target; readonly team: string | null; readonly key: string };

/** Takes a request once, gives it an id, and turns whatever goes wrong into a private line with that id. */
async function accept(bot: Bot, job: Job, task: (call: Call) => Promise<void>): Promise<void> {
  const { deps, work, poster } = bot;
  const now = deps.clock.now();
  const team = job.team === null ? {} : { team: job.team };
  const call: Call = { id: randomUUID().slice(0, 8), actor: job.target.user, surface: 'slack', now, ...team };
  const started = work.start(async () => {
    try {
      const isNew = await work.inTurn('short', () => deps.store.claimDelivery(sha256(job.key), now.toISOString()));
      if (!isNew) {
        deps.log.debug({ id: call.id }, 'delivered again, nothing done');
        return;
      }
      await task(call);
    } catch (thrown) {
      await tellError(bot, { thrown, target: job.target, call });
    }
  });
  if (started === 'started') return;
  deps.log.warn({ id: call.id, running: work.running() }, started);
  const text =
    started === 'busy'
      ? 'I am busy with many questions. Ask again in a moment.'
      : 'I am restarting. Ask again in a minute.';
  await poster.privately(job.target, noteMessage(text, call)).catch((thrown: unknown) => logUntold(bot, call, thrown));
}

async function tellError(
  bot: Bot,
  { thrown, target, call }: { thrown: unknown; target: Target; call: Call },
): Promise<void> {
  const error = toAdviseError(thrown);
  const fields = { id: call.id, actor: call.actor, code: error.code };
  if (error.kind === 'usage') bot.deps.log.info(fields, 'refused');
  else bot.deps.log.error({ ...fields, err: thrown }, error.kind);
  await bot.poster
    .privately(target, errorMessage(error, call))
    .catch((second: unknown) => logUntold(bot, call, second));
}

function logUntold({ deps }: Bot, call: Call, thrown: unknown): void {
  deps.log.error(
    { id: call.id, actor: call.actor, code: toAdviseError(thrown).code, err: thrown },
    'the asker could not be told',
  );
}

type Run = { readonly target: Target; readonly args: readonly string[]; readonly call: Call };

async function runAndAnswer(bot: Bot, { target, args, call }: Run): Promise<void> {
  const { ask, poster, desk } = bot;
  let told: Promise<void> | null = null;
  const reply = await ask(args, call, (ahead) => {
    told = poster.privately(target, lateMessage(ahead, call)).catch((thrown: unknown) => logUntold(bot, call, thrown));
  });
  // "Still working" below the answer would be wrong.
  await told;
  if (reply.kind === 'answered' && reply.file !== null && isLong(reply.file)) await poster.upload(target, reply.file);
  await poster.privately(target, replyMessage(reply, args, call));
  // A proposal that the question made is saved already; showing it to those who decide comes after the answer.
  if (args[0] !== 'windows') return;
  for (const { requester, error } of await desk.post()) {
    if (requester === call.actor) await poster.privately(target, notPosted(error, call));
  }
}

function notPosted(error: AdviseError, call: Call) {
  const message = `The proposal is saved, but its message could not be posted yet: ${error.message}`;
  return errorMessage(new AdviseError({ kind: 'upstream', code: error.code, message, hint: postHint(error) }), call);
}

function postHint({ hint }: AdviseError): string {
  return `${hint === undefined ? '' : `${hint}; `}it is tried again every minute`;
}

function originOf({ target }: Asked): ModalOrigin {
  return { channel: target.channel ?? '', responseUrl: target.responseUrl };
}

async function openForm(bot: Bot, asked: Asked, values: FormValues): Promise<void> {
  const { deps } = bot;
  const view = capacityModal(values, originOf(asked), parseContext(deps, { now: deps.clock.now() }));
  await openView(bot, asked, { view, typed: 'capacity --vcpu 1 --memory 2 --tasks 12' });
}

async function openWindowsForm(bot: Bot, asked: Asked, target: string): Promise<void> {
  const zone = bot.deps.settings.guardrails.quietHours[0]?.zone ?? 'UTC';
  const view = windowsModal({ target, zone }, originOf(asked));
  await openView(bot, asked, { view, typed: 'windows set rose "sundays 10 to 2pm" --tz Europe/London' });
}

async function openView(
  { client }: Bot,
  { triggerId }: Asked,
  { view, typed }: { readonly view: ModalView; readonly typed: string },
): Promise<void> {
  try {
    await callSlack(() => client.views.open({ trigger_id: triggerId, view }));
  } catch (thrown) {
    const { code, message } = toAdviseError(thrown);
    const [kind, hint] = ['upstream', `type /ecs-advise ${typed}, or ask for the form again`] as const;
    throw new AdviseError({ kind, code, message: `The form did not open. ${message}`, hint, cause: thrown });
  }
}

type Clicked = Asked & { readonly messageTs: string | null; readonly call: Call };
type Sharing = { readonly bot: Bot; readonly failedShares: Set<string> };

async function onClick(sharing: Sharing, clicked: Clicked, click: Click): Promise<void> {
  const { bot } = sharing;
  const { target, call } = clicked;
  switch (click.kind) {
    case 'run':
      return runAndAnswer(bot, { target, args: tokenize(click.command), call });
    case 'view': {
      const record = await savedRecord(bot, call, click.recordId);
      const report = renderView(record, click.view);
      for (const file of await filesOfView(record, click.view, bot.deps.store)) await bot.poster.upload(target, file);
      return bot.poster.privately(target, renderReport(report, { callId: call.id }));
    }
    case 'share':
      return share(sharing, clicked, await savedRecord(bot, call, click.recordId));
    case 'edit': {
      const record = await savedRecord(bot, call, click.recordId);
      renderView(record, 'answer');
      const { ask } = record.body as unknown as CapacityBody;
      return openForm(bot, clicked, formValues(ask.echo));
    }
    case 'proposal':
      return pressed(bot, clicked, click);
    default:
      return click satisfies never;
  }
}

async function savedRecord({ deps }: Bot, call: Call, id: string): Promise<StoredRecord> {
  const record = await deps.store.record(id);
  if (record === null)
    throw usageError('usage_unknown_record', `there is no saved answer ${id} here`, 'ask the question again');
  checkRecord(deps.settings, call, record);
  return record;
}

/** Posts the saved answer into the channel, once; then takes the share button off the private one. */
async function share({ bot, failedShares }: Sharing, { target, call }: Clicked, record: StoredRecord): Promise<void> {
  const { deps, poster } = bot;
  const report = renderView(record, 'answer');
  const shared = { ...report, actions: report.actions.filter(({ kind }) => kind !== 'share') };
  const isFirst = await deps.store.claimDelivery(
    sha256(`share ${record.id} ${target.channel}`),
    call.now.toISOString(),
  );
  // A share that Slack did not take may be tried again; a second click on one that worked may not.
  if (!isFirst && !failedShares.delete(record.id)) {
    return poster.privately(target, noteMessage('This answer is in the channel already.', call));
  }
  try {
    await poster.toChannel(target, renderReport(shared, { callId: call.id, sharedBy: target.user }));
  } catch (thrown) {
    failedShares.add(record.id);
    throw thrown;
  }
  deps.log.info({ unit: 'share', id: call.id, actor: call.actor, record: record.id }, 'share');
  const parts = [...shared.parts, { kind: 'context' as const, texts: ['You shared this answer in the channel.'] }];
  try {
    await poster.replace(target, renderReport({ ...shared, parts }, { callId: call.id }));
  } catch (thrown) {
    // The answer is in the channel; only the old button stays, and a click on it says so.
    deps.log.warn({ id: call.id, code: toAdviseError(thrown).code }, 'share button stays');
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
