/** Changes that people approve: everything that commands, jobs and Slack use. */
export { announce } from './announce.ts';
export { applyProposal } from './apply.ts';
export { cliOf } from './cli-text.ts';
export { click } from './click.ts';
export type * from './contract.ts';
export { callsOf, permissionsOf } from './plan.ts';
export { approvalsNeeded, whyNotOffered } from './policy.ts';
export { propose, proposeAgain, undo } from './propose.ts';
export { sweep } from './sweep.ts';
export { undoWords } from './undo.ts';
