/**
 * Changes to AWS that people approve: what a proposal holds, which states it goes through, and what may happen to it.
 * Plain data; the stored row is the truth and every Slack message is a view of it. Times are ISO 8601 UTC.
 */
import type { EventWindow } from '../engine/index.ts';

export type Place = { readonly account: string; readonly region: string };

/** When a window is open: a cron expression, or time ranges; never both. */
export type WindowSchedule =
  | { readonly kind: 'cron'; readonly cron: string }
  | { readonly kind: 'ranges'; readonly timeRanges: EventWindow['timeRanges'] };

/** Whom a window is for; exactly one of the three lists has members. */
export type WindowTargets = Pick<EventWindow, 'instanceIds' | 'instanceTags' | 'dedicatedHostIds'>;

/**
 * One change that alone does what its title says. `before` is the world it was proposed on: when the world differs at
 * the time of applying, the proposal is stale.
 */
export type Change =
  /** Create a window and associate it (`before` null), or modify the schedule of one. */
  | {
      readonly kind: 'window.set';
      readonly place: Place;
      readonly before: EventWindow | null;
      readonly after: { readonly name: string; readonly schedule: WindowSchedule; readonly targets: WindowTargets };
    }
  /** Take targets from one window to another; between the two calls they are in none. */
  | {
      readonly kind: 'window.move';
      readonly place: Place;
      readonly targets: WindowTargets;
      readonly from: EventWindow;
      readonly to: EventWindow;
    }
  /** Undo makes a new window with a new id. */
  | { readonly kind: 'window.delete'; readonly place: Place; readonly before: EventWindow };
export type ChangeKind = Change['kind'];

/** One mutating call to AWS. `window` null = the id that this change's Create returned. */
export type WindowCall =
  | {
      readonly op: 'CreateInstanceEventWindow';
      readonly name: string;
      readonly schedule: WindowSchedule;
      readonly tags: { readonly [key: string]: string };
    }
  | { readonly op: 'ModifyInstanceEventWindow'; readonly window: string; readonly schedule: WindowSchedule }
  | { readonly op: 'AssociateInstanceEventWindow'; readonly window: string | null; readonly targets: WindowTargets }
  | { readonly op: 'DisassociateInstanceEventWindow'; readonly window: string; readonly targets: WindowTargets }
  | { readonly op: 'DeleteInstanceEventWindow'; readonly window: string };

/** A call that was made: what is known of its end. `unknown` = no answer came; only reading the world tells. */
export type CallOutcome = {
  readonly op: WindowCall['op'];
  readonly dryRun: boolean;
  readonly at: string;
  readonly outcome: 'done' | 'allowed' | 'refused' | 'unknown';
  readonly requestId: string | null;
  /** Of a window that the call made or changed. */
  readonly window: string | null;
  /** `aws_…` code and message when refused or unknown. */
  readonly error: { readonly code: string; readonly message: string } | null;
};

/** The tag that tells a window made for a proposal from all others: Create takes no idempotency token. */
export const PROPOSAL_TAG = 'ecs-advise:proposal';

/**
 * `pending` waits for approvals; `applying` is saved before any write; the rest is final. `failed` says in `outcome`
 * what stands in AWS. `expired`, `rejected` and `stale` changed nothing.
 */
export type ProposalState = 'pending' | 'applying' | 'applied' | 'failed' | 'stale' | 'rejected' | 'expired';

/** True of the states that nothing leads out of. */
export function isOver(state: ProposalState): boolean {
  return state !== 'pending' && state !== 'applying';
}

export type Verdict = 'approve' | 'reject' | 'snooze';
export type Decision = {
  readonly user: string;
  readonly at: string;
  readonly verdict: Verdict;
  /** Of a rejection; free text of a person. */
  readonly reason: string | null;
};

/** What of the configuration counted when the proposal was made; who may approve is looked up again at every click. */
export type ApprovalRule = {
  /** Name of the route; the last one catches all. */
  readonly route: string;
  /** Slack channel id the message goes to. */
  readonly channel: string;
  /** Slack user ids and user group ids. */
  readonly approvers: readonly string[];
  readonly quorum: number;
  readonly requesterMayApprove: boolean;
};

/** A copy of the message in Slack. */
export type PostedMessage = { readonly channel: string; readonly ts: string };

export type Proposal = {
  /** Id of the record that proposed it, `YYYY-MM-DD-NNNN`. */
  readonly id: string;
  /** 1, 2, 3 …; every saved change of the row adds one. Buttons carry id and version. */
  readonly version: number;
  readonly state: ProposalState;
  readonly change: Change;
  /** The proposal that this one takes back, or the stale one that it follows. */
  readonly undoes: string | null;
  readonly follows: string | null;
  /** Slack user id or `terminal:<login>`. */
  readonly requester: string;
  /** Slack workspace of the requester; null from a terminal. Clicks from another workspace are refused. */
  readonly team: string | null;
  readonly rule: ApprovalRule;
  /** Time zone that the message shows beside UTC. */
  readonly zone: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly snoozedUntil: string | null;
  readonly decisions: readonly Decision[];
  /** Every call of the apply in order, dry runs too. */
  readonly calls: readonly CallOutcome[];
  /** In plain words, how it ended; null before. */
  readonly outcome: string | null;
  readonly endedAt: string | null;
  readonly messages: readonly PostedMessage[];
  /** What Slack shows for it, made when it was proposed: words that need the snapshot (who is hit, when it holds). */
  readonly briefing: Briefing;
};

/** Sentences for people about one change, plain text; `lint` and `clashes` worst first. */
export type Briefing = {
  readonly title: string;
  readonly affected: readonly string[];
  readonly takesHold: readonly string[];
  readonly lint: readonly { readonly severity: 'error' | 'warning' | 'note'; readonly text: string }[];
  readonly clashes: readonly string[];
};

/** Days or hours in which nothing is applied. */
export type FreezePeriod = { readonly name: string; readonly from: string; readonly to: string };

export type ApprovalPolicy = {
  readonly readOnly: boolean;
  readonly expiryHours: number;
  readonly freezes: readonly FreezePeriod[];
  /** Least quorum by kind of change; a route may ask for more. */
  readonly quorum: { readonly [K in ChangeKind]: number };
  readonly requesterMayApprove: boolean;
};

/** Where proposals about something go. First match wins; the last one matches everything. */
export type Route = {
  readonly name: string;
  readonly match: {
    readonly cluster?: string;
    readonly account?: string;
    readonly role?: string;
    readonly tags?: { readonly [key: string]: string };
  };
  readonly channel: string;
  readonly owners: readonly string[];
  readonly approvers: readonly string[];
  readonly quorum: number;
};
