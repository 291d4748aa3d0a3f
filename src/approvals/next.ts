/**
 * The next thing to do while a proposal is applied: worked out from what was saved and from the windows as they are
 * now. Pure. Whoever was killed, or lost an answer, goes on from here; nothing is done twice.
 */
import type { EventWindow } from '../engine/index.ts';
import type { CallOutcome, Proposal, WindowCall } from './model.ts';
import { doneWords, standsWords } from './outcome-words.ts';
import { callsOf, type Progress, progressBack, progressOf, stillValid } from './plan.ts';

export type Next =
  | { readonly kind: 'call'; readonly call: WindowCall; readonly dryRun: boolean }
  | { readonly kind: 'wait'; readonly because: string }
  | { readonly kind: 'end'; readonly state: 'applied' | 'failed' | 'stale'; readonly outcome: string };

/** Within this time AWS may still carry out a call that nobody heard the end of, or not show one that it confirmed. */
const SETTLE_MS = 2 * 60 * 1000;
/** A call that was put off is tried again no sooner than this. */
const PUT_OFF_PAUSE_MS = 20 * 1000;
const MOST_UNKNOWN = 3;
const MOST_PUT_OFF = 10;

/** Error code of a call that was begun and has not come back: it may or may not have reached AWS. */
export const NO_ANSWER_YET = 'aws_no_answer_yet';

/** True while no call that changes anything was begun. Then nothing can have been changed by this proposal. */
export function isUntouched({ calls }: Pick<Proposal, 'calls'>): boolean {
  return calls.every(({ dryRun }) => dryRun);
}

/** What to do next for a proposal in state `applying`. */
export function nextOf(proposal: Proposal, windows: readonly EventWindow[], at: string): Next {
  return isUntouched(proposal) ? nextUntouched(proposal, windows, at) : nextTouched(proposal, windows, at);
}

function nextUntouched(proposal: Proposal, windows: readonly EventWindow[], at: string): Next {
  const { change, id, calls } = proposal;
  const progress = stillValid(change, id, windows);
  if (progress.kind === 'moved') return end('stale', `${progress.because}. Nothing was changed.`);
  if (progress.kind === 'done') return end('applied', 'It is so already: nothing had to be changed.');
  const planned = callsOf(change, id);
  const askable = planned.filter(canBeAsked);
  const answered = calls.filter(isAnswered);
  const blocking = answered.find((call) => isBlocking(call, planned));
  if (blocking !== undefined) return end('failed', `${refusalWords(blocking)} Nothing was changed.`);
  const call = askable[answered.length];
  if (call === undefined) return toCall(progress, [], at);
  const history = calls.slice(calls.findLastIndex(isAnswered) + 1);
  const { putOff, unknown } = countsOf(history);
  if (putOff >= MOST_PUT_OFF) return end('failed', 'AWS took no call, ten times. Nothing was changed.');
  if (unknown >= MOST_UNKNOWN) return end('failed', 'AWS did not answer three times. Nothing was changed.');
  const last = history.at(-1);
  if (last !== undefined && isFresh(last, at, PUT_OFF_PAUSE_MS)) {
    return { kind: 'wait', because: 'AWS did not answer the dry run; it is asked again.' };
  }
  return { kind: 'call', call, dryRun: true };
}

function nextTouched(proposal: Proposal, windows: readonly EventWindow[], at: string): Next {
  const { change, id } = proposal;
  const made = proposal.calls.filter(({ dryRun }) => !dryRun);
  const refused = made.filter((call) => isRefusedForGood(call, made));
  const [first] = refused;
  const stands = standsWords(change, id, windows);
  if (first === undefined) {
    const progress = progressOf(change, id, windows);
    if (progress.kind === 'done') return end('applied', doneWords(change, progress.window));
    if (progress.kind === 'moved') return end('failed', `${progress.because}. ${stands}`);
    return ended(toCall(progress, made, at), stands);
  }
  // AWS said no half-way: what was done is taken back, as far as AWS lets us.
  if (refused.length > 1) return end('failed', `${refusalWords(first)} It could not be taken back. ${stands}`);
  const progress = progressBack(change, id, windows);
  const since = made.slice(made.indexOf(first) + 1);
  const didSomething = made
    .slice(0, made.indexOf(first))
    .some(({ outcome }) => outcome === 'done' || outcome === 'unknown');
  if (progress.kind === 'done') {
    const back = didSomething ? 'What had been done was taken back; nothing stands.' : 'Nothing was changed.';
    return end('failed', `${refusalWords(first)} ${back}`);
  }
  if (progress.kind === 'moved') return end('failed', `${refusalWords(first)} ${progress.because}. ${stands}`);
  return ended(toCall(progress, since, at), `${refusalWords(first)} ${stands}`);
}

/** The first open call, unless its own history says to wait or to give up. */
function toCall(progress: Extract<Progress, { kind: 'open' }>, made: readonly CallOutcome[], at: string): Next {
  const [call] = progress.calls;
  if (call === undefined) throw new Error('invariant: open progress has a call');
  const history = made.filter((other) => isSame(other, call));
  const last = history.at(-1);
  if (last === undefined) return { kind: 'call', call, dryRun: false };
  if (last.outcome === 'done') {
    return isFresh(last, at, SETTLE_MS)
      ? { kind: 'wait', because: `AWS confirmed ${call.op} and does not show it yet.` }
      : end('failed', `AWS confirmed ${call.op}, but its effect is gone.`);
  }
  const { putOff, unknown } = countsOf(history);
  if (last.outcome === 'unknown') {
    if (isFresh(last, at, SETTLE_MS))
      return { kind: 'wait', because: `AWS did not answer ${call.op}; it is looked at again.` };
    if (unknown >= MOST_UNKNOWN) return end('failed', `AWS did not answer ${call.op} three times.`);
  }
  if (putOff > 0 && isFresh(last, at, PUT_OFF_PAUSE_MS)) {
    return { kind: 'wait', because: 'AWS could not take the call now; it is tried again.' };
  }
  return { kind: 'call', call, dryRun: false };
}

/** What stands goes with every end that comes from the history of calls. */
function ended(next: Next, stands: string): Next {
  return next.kind === 'end' ? { ...next, outcome: `${next.outcome} ${stands}` } : next;
}

function isSame(outcome: CallOutcome, call: WindowCall): boolean {
  if (outcome.op !== call.op) return false;
  return call.op === 'CreateInstanceEventWindow' || outcome.window === null || outcome.window === call.window;
}

function countsOf(history: readonly CallOutcome[]): { readonly putOff: number; readonly unknown: number } {
  return {
    putOff: history.filter(isPutOff).length,
    unknown: history.filter(({ outcome }) => outcome === 'unknown').length,
  };
}

/** Refused, and waiting would not help. */
function isRefusedForGood(call: CallOutcome, made: readonly CallOutcome[]): boolean {
  if (call.outcome !== 'refused') return false;
  if (!isPutOff(call)) return true;
  const before = made.slice(0, made.indexOf(call) + 1);
  return before.filter((other) => other.op === call.op && isPutOff(other)).length >= MOST_PUT_OFF;
}

/** Refused now, welcome later: throttled, or never sent because AWS could not be reached. Nothing was done. */
function isPutOff({ outcome, error }: CallOutcome): boolean {
  return outcome === 'refused' && error !== null && /throttl|unreachable|timeout|endpoint_failed/.test(error.code);
}

/** AWS gave an answer that asking again would not change. */
function isAnswered(call: CallOutcome): boolean {
  return call.outcome !== 'unknown' && !isPutOff(call);
}

/** A call on a window that is not there yet cannot be asked about. */
function canBeAsked(call: WindowCall): boolean {
  return call.op !== 'AssociateInstanceEventWindow' || call.window !== null;
}

/**
 * A dry run that said no. Of a call that needs another one made first (a target is in one window only) just a missing
 * permission counts: anything else may be about the order.
 */
function isBlocking(asked: CallOutcome, planned: readonly WindowCall[]): boolean {
  if (asked.outcome !== 'refused') return false;
  const comesSecond =
    asked.op === 'AssociateInstanceEventWindow' && planned.some(({ op }) => op === 'DisassociateInstanceEventWindow');
  return !comesSecond || asked.error === null || /denied|unauthori[sz]ed/i.test(asked.error.code);
}

function isFresh(call: CallOutcome, at: string, within: number): boolean {
  return Date.parse(at) - Date.parse(call.at) < within;
}

/** The writer's messages are whole sentences; of a limit AWS does not say which. */
function refusalWords({ op, error }: CallOutcome): string {
  if (error === null) return `AWS refused ${op}.`;
  if (/limit/i.test(error.code)) {
    return `AWS refused ${op}: a region holds at most 200 event windows. Delete one first.`;
  }
  return withStop(error.message);
}

function withStop(message: string): string {
  return /[.!?]$/.test(message) ? message : `${message}.`;
}

function end(state: 'applied' | 'failed' | 'stale', outcome: string): Next {
  return { kind: 'end', state, outcome };
}
