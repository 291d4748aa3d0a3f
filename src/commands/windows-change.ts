/** `windows set`, `move`, `delete`, `undo`, `again`: proposals of changes. Nothing here changes AWS. */
import type { Proposed } from '../approvals/contract.ts';
import { approvalsNeeded, propose, proposeAgain, undo, whyNotOffered } from '../approvals/index.ts';
import type { Change, Place, Proposal } from '../approvals/model.ts';
import {
  type BriefedChange,
  briefChange,
  type ClusterView,
  type EventWindow,
  type FactBook,
  factBook,
  type LintRow,
  proposeWindow,
  type ShardAdvice,
  spanWords,
  targetsOf,
  type WindowAnswer,
  windowText,
} from '../engine/index.ts';
import { AdviseError, usageError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import type { ChangeAnswer } from '../report/windows-set.ts';
import { accountName, accountNamed } from './estate.ts';
import { roleFinder } from './roles.ts';
import type { ChangeQuestion, DeleteQuestion, MoveQuestion, SetQuestion, StepQuestion } from './windows-question.ts';
import { ruleFor } from './windows-route.ts';
import { resolveTarget } from './windows-target.ts';
import { type Asking, clustersOf, type RegionWindows, requireWindows, windowWorld } from './windows-world.ts';
import { zoneFrom } from './zones.ts';

/** Everything the answer shows, and the rules' rows for JSON. */
export type Changed = { readonly shown: ChangeAnswer; readonly lint: readonly LintRow[]; readonly facts: FactBook };

/** Works the change out, and proposes it where it may be. Throws usage, config and upstream errors. */
export async function answerChange(question: ChangeQuestion, asking: Asking): Promise<Changed> {
  switch (question.kind) {
    case 'set':
      return answerSet(question, asking);
    case 'move':
      return answerMove(question, asking);
    case 'delete':
      return answerDelete(question, asking);
    case 'undo':
    case 'again':
      return answerStep(question, asking);
    default:
      return question satisfies never;
  }
}

async function answerSet(question: SetQuestion, asking: Asking): Promise<Changed> {
  const { place, aim, cluster } = await resolveTarget(asking, question);
  const found = await requireWindows(asking, place);
  const holders = found.windows.filter(
    ({ id, instanceTags }) =>
      id === question.window || instanceTags.some(({ key, value }) => key === aim.tag.key && value === aim.tag.value),
  );
  const more = await reachedClusters(asking, { place, found, windows: holders });
  const clusters = [cluster, ...more.filter(({ name }) => name !== cluster.name)];
  const facts = factsOf(asking);
  const zone = zoneFrom(question.tz, asking.call.now);
  const { text: words, name, window } = question;
  const answer = proposeWindow({ aim, place, words, zone, name, window }, windowWorld(asking, found, clusters), facts);
  if (answer.kind === 'which-window') {
    const [candidate] = answer.candidates;
    const hint = candidate === undefined ? 'windows lists the windows there are' : `--window ${candidate}`;
    throw usageError('usage_which_window', answer.because, hint);
  }
  if (answer.kind === 'unreadable') {
    const why = answer.answer.lint.map((row) => row.text).join(' ');
    throw usageError('usage_unreadable_window', why, `windows set ${question.target} "sundays 10 to 2pm"`);
  }
  const tags = aim.kind === 'service' ? (cluster.services.find((row) => row.name === aim.name)?.tags ?? {}) : {};
  const service = aim.kind === 'service' ? aim.name : null;
  const subject: Subject = { cluster: cluster.name, service, tags: { ...cluster.tags, ...tags } };
  const outcome =
    answer.kind === 'change'
      ? await proposed(asking, { ...answer, zone: question.tz, subject })
      : ({ kind: answer.kind } as const);
  return {
    lint: answer.lint,
    facts,
    shown: {
      ...shownBy(asking, { place, found, zone: question.tz }),
      change: answer.change,
      briefing: answer.briefing,
      outcome,
      ...otherWays(question, answer.answer),
      apart: answer.shards.filter(({ windows }) => windows.length > 0).map((advice) => apart(advice, question)),
    },
  };
}

/** The same words in other hours of UTC; none where the words say one thing all year. */
function otherWays(question: SetQuestion, answer: WindowAnswer): Pick<ChangeAnswer, 'others' | 'guesses' | 'answer'> {
  const zoneGuess =
    question.isZoneGuessed && answer.form === 'words' ? ['the hours are UTC; with a zone: --tz Europe/London'] : [];
  return {
    answer,
    guesses: [...answer.guesses, ...zoneGuess],
    others: answer.others.map((choice) => ({
      choice,
      command: setLine(question, question.target, spanWords(choice.spans)),
    })),
  };
}

function apart(advice: ShardAdvice, question: SetQuestion): ChangeAnswer['apart'][number] {
  const commands = advice.windows.map(({ cluster, provider, words }) =>
    setLine({ ...question, window: null, name: null }, `${cluster}/${provider}`, words),
  );
  return { advice, commands };
}

function setLine(question: SetQuestion, target: string, words: string): string {
  const { account, region, fargate, window, name } = question;
  return [
    `windows set ${target} "${words}" --tz UTC`,
    ...(fargate ? ['--fargate'] : []),
    ...(account === null ? [] : [`--account ${account}`]),
    ...(region === null ? [] : [`--region ${region}`]),
    ...(window === null ? [] : [`--window ${window}`]),
    ...(name === null ? [] : [`--name "${name}"`]),
  ].join(' ');
}

async function answerMove(question: MoveQuestion, asking: Asking): Promise<Changed> {
  const { place, aim, cluster } = await resolveTarget(asking, question);
  const found = await requireWindows(asking, place);
  const to = windowNamed(found.windows, question.window);
  const from = found.windows.find(({ instanceTags }) =>
    instanceTags.some(({ key, value }) => key === aim.tag.key && value === aim.tag.value),
  );
  const tag = `${aim.tag.key}=${aim.tag.value}`;
  if (from === undefined) {
    const hint = `windows set ${question.target} "sundays 10 to 2pm" --window ${to.id}`;
    throw usageError('usage_which_window', `${tag} is in no window, so there is nothing to move`, hint);
  }
  if (from.id === to.id) {
    throw usageError('usage_which_window', `${tag} is in ${windowText(to)} already`, 'windows lists the windows');
  }
  const change: Change = {
    kind: 'window.move',
    place,
    targets: { instanceIds: [], instanceTags: [aim.tag], dedicatedHostIds: [] },
    from,
    to,
  };
  const subject: Subject = { cluster: cluster.name, service: null, tags: cluster.tags };
  return answerPlain({ change, found, clusters: [cluster], subject, zone: question.tz }, asking);
}

async function answerDelete(question: DeleteQuestion, asking: Asking): Promise<Changed> {
  const { place, found, before } = await findWindow(question, asking);
  const clusters = await reachedClusters(asking, { place, found, windows: [before] });
  const [first] = clusters;
  const subject: Subject = { cluster: first?.name ?? null, service: null, tags: first?.tags ?? {} };
  const change: Change = { kind: 'window.delete', place, before };
  return answerPlain({ change, found, clusters, subject, zone: question.tz }, asking);
}

/** The window of that id, wherever in scope it is. */
async function findWindow(question: DeleteQuestion, asking: Asking) {
  const { head } = asking;
  const account = question.account === null ? null : accountNamed(head, question.account);
  const places = head.parts.flatMap(({ kind, account: id, region }) =>
    kind === 'region' && region !== null && (account === null || id === account) ? [{ account: id, region }] : [],
  );
  const ids: string[] = [];
  for (const place of places.filter(({ region }) => question.region === null || region === question.region)) {
    const found = await requireWindows(asking, place);
    const before = found.windows.find(({ id }) => id === question.window);
    if (before !== undefined) return { place, found, before };
    ids.push(...found.windows.map(({ id }) => id));
  }
  throw unknownWindow(question.window, ids);
}

function windowNamed(windows: readonly EventWindow[], id: string): EventWindow {
  const found = windows.find((window) => window.id === id);
  if (found !== undefined) return found;
  throw unknownWindow(
    id,
    windows.map((window) => window.id),
  );
}

function unknownWindow(id: string, known: readonly string[]): AdviseError {
  const near = nearest(id, known);
  const guess = near === null ? '' : `. Did you mean ${near}?`;
  return usageError('usage_unknown_window', `there is no window ${id}${guess}`, 'windows lists the windows there are');
}

type Plain = {
  readonly change: Change;
  readonly found: RegionWindows;
  readonly clusters: readonly ClusterView[];
  readonly subject: Subject;
  readonly zone: string;
};

async function answerPlain({ change, found, clusters, subject, zone }: Plain, asking: Asking): Promise<Changed> {
  const facts = factsOf(asking);
  const briefed = briefChange(change, windowWorld(asking, found, clusters), { facts });
  const isRefused = briefed.lint.some(({ severity }) => severity === 'error') && change.kind !== 'window.delete';
  const outcome = isRefused
    ? ({ kind: 'refused' } as const)
    : await proposed(asking, { change, briefing: briefed.briefing, zone, subject });
  return {
    lint: briefed.lint,
    facts,
    shown: {
      ...shownBy(asking, { place: change.place, found, zone }),
      change,
      briefing: briefed.briefing,
      outcome,
      others: [],
      apart: [],
      guesses: [],
      answer: null,
    },
  };
}

/** What a proposal is about, for routes. */
type Subject = {
  readonly cluster: string | null;
  readonly service: string | null;
  readonly tags: { readonly [key: string]: string };
};

type Ready = Pick<BriefedChange, 'briefing'> & {
  readonly change: Change;
  readonly zone: string;
  readonly subject: Subject;
};

/** Makes the proposal, or says why nobody is asked. */
async function proposed(
  { deps, call, head }: Asking,
  { change, briefing, zone, subject }: Ready,
): Promise<ChangeAnswer['outcome']> {
  const barred = whyNotOffered(change, deps.settings);
  if (barred !== null) return { kind: 'not-offered', message: barred.message };
  const { place } = change;
  const { cluster, service, tags } = subject;
  const role = roleFinder(deps.settings.roles)({ account: place.account, cluster, service, tags });
  const about = { ...place, accountName: accountName(head, place.account), cluster, role, tags };
  const rule = ruleFor(change.kind, about, deps.settings);
  const rivals = (await deps.store.proposals({ states: ['pending', 'applying'] })).filter((other) =>
    isRival(other.change, change),
  );
  const told = { ...briefing, clashes: [...briefing.clashes, ...rivals.map(rivalText)] };
  const made = await propose(
    { change, requester: call.actor, team: call.team ?? null, rule, zone, briefing: told },
    deps,
  );
  if (made.kind === 'not-offered') return { kind: 'not-offered', message: made.message };
  // The briefing rests on it.
  await deps.store.pinSnapshot(head.id);
  return { kind: made.kind, proposal: made.proposal, needed: approvalsNeeded(made.proposal, deps.settings) };
}

/** True when both are about one window or one target: the first to be applied makes the other stale. */
function isRival(a: Change, b: Change): boolean {
  if (a.place.account !== b.place.account || a.place.region !== b.place.region) return false;
  const [mine, theirs] = [namesIn(a), namesIn(b)];
  return mine.some((name) => theirs.includes(name));
}

/** Ids of windows, and tags. */
function namesIn(change: Change): readonly string[] {
  const tags = targetsOf(change).instanceTags.map(({ key, value }) => `${key}=${value}`);
  switch (change.kind) {
    case 'window.set':
    case 'window.delete':
      return [...tags, ...(change.before === null ? [] : [change.before.id])];
    case 'window.move':
      return [...tags, change.from.id, change.to.id];
    default:
      return change satisfies never;
  }
}

function rivalText({ id, briefing }: Proposal): string {
  return `Proposal ${id} waits too (${briefing.title}): whichever is applied first leaves the other without effect.`;
}

/** Taking a proposal back, or making a stale one again: both are proposals of their own. */
async function answerStep(question: StepQuestion, asking: Asking): Promise<Changed> {
  const { deps, call } = asking;
  const original = await deps.store.proposal(question.proposal);
  if (original === null) {
    throw usageError(
      'usage_unknown_proposal',
      `there is no proposal ${question.proposal}`,
      'decisions list shows them',
    );
  }
  const { change, zone } = original;
  const found = await requireWindows(asking, change.place);
  const targets = targetsOf(change);
  const clusters = await clustersOf(asking, change.place, { targets, region: found.region });
  const facts = factsOf(asking);
  const world = windowWorld(asking, found, clusters);
  let briefed: BriefedChange | null = null;
  const wish = {
    proposal: question.proposal,
    requester: call.actor,
    team: call.team ?? null,
    briefing: (reverse: Change) => {
      briefed = briefChange(reverse, world, { facts });
      return briefed.briefing;
    },
  };
  const made = question.kind === 'undo' ? await undo(wish, deps) : await proposeAgain(wish, deps);
  const { proposal } = offered(made, question);
  return {
    lint: briefChange(proposal.change, world, { facts }).lint,
    facts,
    shown: {
      ...shownBy(asking, { place: change.place, found, zone }),
      change: proposal.change,
      briefing: proposal.briefing,
      outcome: {
        kind: made.kind === 'waiting' ? 'waiting' : 'proposed',
        proposal,
        needed: approvalsNeeded(proposal, deps.settings),
      },
      others: [],
      apart: [],
      guesses: [],
      answer: null,
    },
  };
}

function offered(made: Proposed, { kind, proposal }: StepQuestion): { readonly proposal: Proposal } {
  if (made.kind !== 'not-offered') return made;
  const isConfig = made.code === 'read_only' || made.code === 'no_writer_role';
  if (isConfig) throw new AdviseError({ kind: 'config', code: `config_${made.code}`, message: made.message });
  throw usageError(
    kind === 'undo' ? 'usage_not_undoable' : 'usage_not_stale',
    made.message,
    `decisions show ${proposal} tells the whole story`,
  );
}

async function reachedClusters(
  asking: Asking,
  {
    place,
    found,
    windows,
  }: { readonly place: Place; readonly found: RegionWindows; readonly windows: readonly EventWindow[] },
): Promise<readonly ClusterView[]> {
  const targets = {
    instanceTags: windows.flatMap(({ instanceTags }) => instanceTags),
    instanceIds: windows.flatMap(({ instanceIds }) => instanceIds),
  };
  return clustersOf(asking, place, { targets, region: found.region });
}

function factsOf({ deps, call }: Asking): FactBook {
  return factBook(deps.library.facts, call.now.toISOString().slice(0, 10));
}

function shownBy(
  { call, head }: Asking,
  { place, found, zone }: { readonly place: Place; readonly found: RegionWindows; readonly zone: string },
): Pick<ChangeAnswer, 'zone' | 'now' | 'accountName' | 'readAt' | 'surface'> {
  return {
    zone: zoneFrom(zone, call.now),
    now: call.now.toISOString(),
    accountName: accountName(head, place.account),
    readAt: found.readAt,
    surface: call.surface,
  };
}
