/** Windows and proposals as JSON pins them (design: windows). */
import type { Change, Proposal } from '../approvals/model.ts';
import {
  ENGINE_VERSION,
  type EventWindow,
  type FactBook,
  type Json,
  type LintRow,
  type SnapshotHead,
  scheduleParts,
  scheduleSpans,
  usedFacts,
} from '../engine/index.ts';
import type { Call } from './command.ts';
import { snapshotJson } from './estate.ts';

type Placed = { readonly account: string; readonly region: string };

/** One window as AWS has it, or would have it (`id` null). */
export function windowJson(
  window: EventWindow | null,
  { account, region, lint }: Placed & { readonly lint: readonly LintRow[] },
): Json {
  if (window === null) return null;
  const { id, name, state, cron, timeRanges, instanceIds, instanceTags, dedicatedHostIds } = window;
  return {
    id: id === '' ? null : id,
    account,
    region,
    name,
    timeRanges: timeRanges as unknown as Json,
    cron,
    targets: { instanceIds, instanceTags, dedicatedHostIds } as unknown as Json,
    state: state === '' ? null : state,
    lint: lint as unknown as Json,
    utcSpans: scheduleSpans(window) as unknown as Json,
  };
}

/** The windows before and after, where `id` and `state` of a window that is not made yet are null. */
export function beforeAndAfter(change: Change): {
  readonly before: EventWindow | null;
  readonly after: EventWindow | null;
} {
  switch (change.kind) {
    case 'window.set': {
      const { name, schedule, targets } = change.after;
      const base = change.before ?? { id: '', state: '', tags: {} };
      return { before: change.before, after: { ...base, name, ...scheduleParts(schedule), ...targets } };
    }
    case 'window.move':
      return { before: change.from, after: change.to };
    case 'window.delete':
      return { before: change.before, after: null };
    default:
      return change satisfies never;
  }
}

export function proposalJson({ id, version, change, expiresAt, state }: Proposal, needed: number): Json {
  const { before, after } = beforeAndAfter(change);
  const place = { ...change.place, lint: [] };
  return {
    id,
    version,
    before: windowJson(before, place),
    after: windowJson(after, place),
    approvalsNeeded: needed,
    expiresAt,
    kind: change.kind,
    state,
  };
}

/** The keys that every verb's JSON shares, around what was found. */
export function windowsEnvelope(
  { question, head, facts }: { readonly question: Json; readonly head: SnapshotHead; readonly facts: FactBook },
  call: Call,
  result: Json,
): Json {
  return {
    format: 'ecs-advise.windows/1',
    now: call.now.toISOString(),
    asOf: call.now.toISOString().slice(0, 10),
    engineVersion: ENGINE_VERSION,
    question,
    snapshot: snapshotJson(head),
    ...usedFacts(facts),
    notCounted: [],
    verdict: null,
    result,
  };
}
