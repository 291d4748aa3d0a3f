/** What whoever proposes, clicks, applies and sweeps is given, and what comes back. Types only. */
import type { AwsReader, AwsWriter, Deps, Directory, Settings, Store } from '../deps.ts';
import type { ApprovalRule, Briefing, Change, PostedMessage, Proposal, Verdict } from './model.ts';

/** Makes people see a proposal as it is; the Slack side builds the real one. */
export type Notifier = {
  /**
   * Edits every copy in `proposal.messages`, and posts one to `rule.channel` when there is none or one is gone. Returns
   * where the copies are now. May be called again with the same proposal. Throws when Slack cannot be reached.
   */
  readonly show: (proposal: Proposal) => Promise<readonly PostedMessage[]>;
  /** Tells the requester how a proposal ended. At most one call for each proposal. */
  readonly ended: (proposal: Proposal) => Promise<void>;
};

/** `Deps` of a command fits. */
export type ApprovalDeps = Pick<Deps, 'clock' | 'log'> & {
  readonly store: Pick<
    Store,
    | 'createProposal'
    | 'proposal'
    | 'advanceProposal'
    | 'saveMessages'
    | 'proposals'
    | 'adoptMessage'
    | 'unshownProposals'
    | 'leaseProposal'
    | 'releaseProposal'
    | 'appendRecord'
    | 'claimDelivery'
  >;
  readonly aws: Pick<AwsReader, 'eventWindows'> | null;
  readonly settings: Pick<Settings, 'routes' | 'approvals' | 'accounts'>;
};

/** `workspace` = the Slack team id of the bot itself; a proposal from a terminal takes clicks from there only. */
export type ClickDeps = ApprovalDeps & { readonly directory: Directory; readonly workspace: string | null };
export type AnnounceDeps = ApprovalDeps & { readonly notifier: Notifier };
export type ApplyDeps = AnnounceDeps & { readonly writer: AwsWriter };

/** A proposal to be made. */
export type Draft = {
  readonly change: Change;
  /** Slack user id, `terminal:<login>`, or `bot`. */
  readonly requester: string;
  readonly team: string | null;
  readonly rule: ApprovalRule;
  readonly zone: string;
  readonly briefing: Briefing;
  readonly undoes?: string;
  readonly follows?: string;
};

/** An undo, or a stale proposal again. `briefing` is made for the change that comes out; without it the old one serves. */
export type FollowUp = {
  readonly proposal: string;
  readonly requester: string;
  readonly team: string | null;
  readonly briefing?: (change: Change) => Briefing;
};

export type Proposed =
  | { readonly kind: 'proposed'; readonly proposal: Proposal }
  /** The same change waits already. */
  | { readonly kind: 'waiting'; readonly proposal: Proposal }
  /** No button is offered, and why; nothing was saved. */
  | {
      readonly kind: 'not-offered';
      readonly code: 'read_only' | 'no_writer_role' | 'nothing_to_do';
      readonly message: string;
    };

/** A press on a button, or what somebody made look like one. Everything but `user` and `team` may be forged. */
export type Click = {
  readonly proposal: string;
  readonly version: number;
  readonly verdict: Verdict;
  /** Free text of a rejection. */
  readonly reason: string | null;
  readonly user: string;
  readonly team: string;
  /** The copy that was pressed, as Slack says it: one that nobody knows of (killed while posting) is edited from then on. */
  readonly message?: PostedMessage;
};

export type RefusalCode =
  | 'unknown_proposal'
  | 'other_workspace'
  | 'already_decided'
  | 'expired'
  | 'not_an_approver'
  | 'own_request'
  | 'already_voted'
  | 'old_version'
  | 'read_only'
  | 'no_writer_role'
  | 'frozen'
  | 'approvers_unknown';

/** What to tell the clicker, privately; `<@U…>` mentions are Slack's, everything else is plain text. */
export type ClickAnswer =
  | {
      readonly kind: 'taken';
      readonly message: string;
      readonly proposal: Proposal;
      /** True for exactly one click: call `applyProposal` now. */
      readonly apply: boolean;
    }
  | { readonly kind: 'refused'; readonly code: RefusalCode; readonly message: string };

/** How an apply stands when it returns. */
export type Applied =
  | { readonly kind: 'ended'; readonly proposal: Proposal }
  /** AWS did not answer or asked to wait: the sweep goes on with it. */
  | { readonly kind: 'waiting'; readonly because: string }
  /** Another process works on it, or there is nothing to apply. */
  | { readonly kind: 'not-ours' };

export type Swept = {
  readonly expired: number;
  readonly finished: number;
  readonly shown: number;
  /** Proposals that could not be looked after this time; each is in the log. */
  readonly failed: number;
};
