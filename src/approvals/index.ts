/** Changes that people approve: everything that commands, jobs and Slack use. */

import type { Settings } from '../deps.ts';
import type {
  AnnounceDeps,
  Applied,
  ApplyDeps,
  ApprovalDeps,
  Click,
  ClickAnswer,
  ClickDeps,
  Draft,
  Proposed,
  Swept,
} from './contract.ts';
import type { Briefing, Change, Proposal, WindowCall } from './model.ts';

export type * from './contract.ts';

/** Why a change in this place is never offered with a button, or null. */
export declare function whyNotOffered(
  change: Change,
  settings: Pick<Settings, 'approvals' | 'accounts'>,
): { readonly code: 'read_only' | 'no_writer_role'; readonly message: string } | null;

/** Saves a proposal with its record; the message is posted by `announce`, or within a minute by the sweep. */
export declare function propose(draft: Draft, deps: ApprovalDeps): Promise<Proposed>;

/** Proposes the reverse of an applied proposal on the windows as they are now. `usage_unknown_proposal` when there is none. Throws upstream errors. */
export declare function undo(
  wish: {
    readonly proposal: string;
    readonly requester: string;
    readonly team: string | null;
    readonly briefing?: (change: Change) => Briefing;
  },
  deps: ApprovalDeps,
): Promise<Proposed>;

/** Proposes the change of a stale proposal again, on the windows as they are now. */
export declare function proposeAgain(
  wish: {
    readonly proposal: string;
    readonly requester: string;
    readonly team: string | null;
    readonly briefing?: (change: Change) => Briefing;
  },
  deps: ApprovalDeps,
): Promise<Proposed>;

/** Takes or refuses one click; both are recorded. */
export declare function click(click: Click, deps: ClickDeps): Promise<ClickAnswer>;

/** Shows the newest version in Slack and saves where; false when another process is doing so. Throws what the notifier throws. */
export declare function announce(id: string, deps: AnnounceDeps): Promise<boolean>;

/** Applies a proposal in state `applying`; announces at the start and at the end. */
export declare function applyProposal(id: string, deps: ApplyDeps): Promise<Applied>;

/** Expires, finishes and shows what is left over. */
export declare function sweep(deps: ApplyDeps): Promise<Swept>;

/** Approvals that this proposal needs: with four eyes two people, so two when the requester is no person in Slack. */
export declare function approvalsNeeded(proposal: Proposal, settings: Pick<Settings, 'routes' | 'approvals'>): number;

/** The planned calls in order, for showing. */
export declare function callsOf(change: Change, proposal: string): readonly WindowCall[];

/** The calls as AWS CLI commands, one per line of a shell. */
export declare function cliOf(change: Change, proposal: string): readonly string[];

/** How a change can be taken back, one sentence. */
export declare function undoWords(change: Change): string;

/** IAM actions that the change needs. */
export declare function permissionsOf(change: Change): readonly string[];
