import type { WebClient } from '@slack/web-api';
import { announce, applyProposal, type Click, click, type Swept, sweep } from '../approvals/index.ts';
import type { Proposal } from '../approvals/model.ts';
import type { AwsWriter, Deps, Directory } from '../deps.ts';
import { AdviseError, toAdviseError } from '../errors.ts';
import type { Approvers } from '../report/proposal-story.ts';
import type { Report, Span } from '../report/report.ts';
import { createDirectory } from './directory.ts';
import { createNotifier } from './notifier.ts';

/** Binds Slack to approvals: clicks in, messages out. */

export type ProposalDesk = {
  /** Takes a decision; the answer is for the clicker alone, `apply` then has to be awaited when it is not null. */
  readonly decide: (
    decision: Click,
    workspace: string | null,
  ) => Promise<{ readonly answer: Report; readonly apply: (() => Promise<void>) | null }>;
  /** Shows proposals whose message is not up to date. What fails is returned, and comes again with the sweep. */
  readonly post: () => Promise<readonly { readonly requester: string; readonly error: AdviseError }[]>;
  /** Who may approve at this moment, groups resolved. */
  readonly approversOf: (proposal: Proposal) => Promise<Approvers>;
  /** Expires, finishes and shows what is left over. Throws what the store throws. */
  readonly sweep: () => Promise<Swept>;
  readonly directory: Directory;
};

type Parts = {
  readonly deps: Deps;
  readonly client: WebClient;
  /** Null when nothing may be changed anywhere. */
  readonly writer: AwsWriter | null;
};

/** One desk for each process; several may work on one database. */
export function createProposalDesk({ deps, client, writer }: Parts): ProposalDesk {
  const { clock, log, settings, store } = deps;
  const directory = createDirectory(client, clock);
  const notifier = createNotifier({ client, clock, log, settings });
  const announcing = { ...deps, notifier };
  const applying = { ...announcing, writer: writer ?? NO_WRITER };
  const show = async (id: string): Promise<AdviseError | null> => {
    try {
      await announce(id, announcing);
      return null;
    } catch (thrown) {
      const error = toAdviseError(thrown);
      log.warn({ unit: 'proposal', id, code: error.code, err: thrown }, 'not shown yet');
      return error;
    }
  };
  return {
    directory,
    decide: async (decision, workspace) => {
      const taken = await click(decision, { ...deps, directory, workspace });
      const fields = { unit: 'proposal', id: decision.proposal, actor: decision.user, verdict: decision.verdict };
      if (taken.kind === 'refused') {
        log.info({ ...fields, code: taken.code }, 'click refused');
        // Whoever could press this looks at a message that lags behind.
        if (taken.code === 'already_decided' || taken.code === 'old_version') await show(decision.proposal);
        return { answer: note(taken.message), apply: null };
      }
      log.info({ ...fields, version: taken.proposal.version, state: taken.proposal.state }, 'click taken');
      await show(decision.proposal);
      const apply = async (): Promise<void> => {
        const applied = await applyProposal(decision.proposal, applying);
        const state = applied.kind === 'ended' ? applied.proposal.state : null;
        log.info({ unit: 'proposal', id: decision.proposal, outcome: applied.kind, state }, 'apply');
      };
      return { answer: note(taken.message), apply: taken.apply ? apply : null };
    },
    post: async () => {
      const failed: { readonly requester: string; readonly error: AdviseError }[] = [];
      for (const { id, requester } of await store.unshownProposals()) {
        const error = await show(id);
        if (error !== null) failed.push({ requester, error });
      }
      return failed;
    },
    approversOf: async (proposal) => {
      const route = settings.routes.find(({ name }) => name === proposal.rule.route);
      try {
        const users = await resolveApprovers(route?.approvers ?? proposal.rule.approvers, directory);
        return { kind: 'known', users };
      } catch (thrown) {
        return { kind: 'unknown', because: toAdviseError(thrown).message };
      }
    },
    sweep: () => sweep(applying),
  };
}

/** Members and members of groups, each once, in the order of the list. Throws what the directory throws. */
export async function resolveApprovers(ids: readonly string[], directory: Directory): Promise<readonly string[]> {
  const members = await Promise.all(ids.map((id) => (id.startsWith('S') ? directory.membersOf(id) : [id])));
  return [...new Set(members.flat())];
}

/** Sentences of the approvals with mentions of members in them. */
function note(message: string): Report {
  const spans = message.split(/(<@[UW][A-Z0-9]+>)/).map((text): Span => {
    const user = /^<@([UW][A-Z0-9]+)>$/.exec(text)?.[1];
    return user === undefined ? { text } : { text: user, style: 'user' };
  });
  return { parts: [{ kind: 'lead', text: spans }], actions: [] };
}

/** Nothing reaches this: without a writer role no proposal is made or approved. It refuses all the same. */
const NO_WRITER: AwsWriter = {
  write: () =>
    Promise.reject(
      new AdviseError({
        kind: 'config',
        code: 'config_no_writer',
        message: 'This bot may not change anything in AWS.',
        hint: 'set readOnly: false and a writerRole',
      }),
    ),
  close: () => undefined,
};
