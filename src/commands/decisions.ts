/** `decisions`: what was asked and answered, kept in a chain that shows any later edit. */
import type { Proposal } from '../approvals/model.ts';
import type { Deps, StoredRecord } from '../deps.ts';
import { ENGINE_VERSION, type Json } from '../engine/index.ts';
import { usageError } from '../errors.ts';
import { CAPACITY_VIEWS } from '../report/capacity.ts';
import { decisionsList, decisionsShow, replayReport, verifyReport } from '../report/decisions.ts';
import { proposalStory } from '../report/proposal-story.ts';
import type { Report } from '../report/report.ts';
import { checkRecord } from './access.ts';
import type { Answered, Call, Command } from './command.ts';
import { plainEnvelope } from './envelope.ts';
import { clip, flagHelp, nearest, parseFlags, parsing, refuseWords, switchFlag } from './flags.ts';
import { PROOF_VIEW } from './proof.ts';
import { replay } from './replay.ts';
import { count } from './values.ts';
import { hasViews, renderView } from './views.ts';

type DecisionsQuestion =
  | { readonly kind: 'list'; readonly limit: number; readonly mine: boolean; readonly before: string | null }
  | { readonly kind: 'show'; readonly id: string; readonly view: string }
  | { readonly kind: 'replay'; readonly id: string }
  | { readonly kind: 'verify' };

const SUBVERBS = ['list', 'show', 'replay', 'verify'] as const;
const DEFAULT_LIMIT = 20;
/** Stands for the newest record, whatever its id. */
const LATEST = 'latest';
const RECORD_ID = /^\d{4}-\d{2}-\d{2}-\d{4,9}$/;
/** How far back a mistyped id is looked for. */
const NEAR_RECORDS = 200;

const LIST_FLAGS = {
  limit: {
    value: 'N',
    text: `list: how many records, 1 to 200 (${DEFAULT_LIMIT})`,
    read: count({ min: 1, max: 200, example: '50' }),
  },
  mine: switchFlag('list: only your own'),
  before: { value: 'ID', text: 'list: only records older than this one', read: (text: string) => text },
};
const VIEWS: readonly string[] = [...CAPACITY_VIEWS, PROOF_VIEW];
const SHOW_FLAGS = {
  view: { value: VIEWS.join('|'), text: 'show: which view of the saved answer (answer)', read: readView },
};

function readView(text: string): string {
  if (VIEWS.includes(text)) return text;
  throw usageError(
    'usage_bad_value',
    `--view ${clip(text)}: is not a view`,
    `type --view ${nearest(text, VIEWS) ?? 'why-not'}`,
  );
}

export const decisionsCommand: Command<DecisionsQuestion> = {
  name: 'decisions',
  summary: 'saved answers: list them, show one, answer it again, check the whole log',
  usage: 'decisions [list | show ID | replay ID | verify]',
  examples: ['decisions list --mine', 'decisions show latest', 'decisions replay latest', 'decisions verify'],
  flags: flagHelp({ ...LIST_FLAGS, ...SHOW_FLAGS }),
  surfaces: ['slack', 'terminal'],
  // Answering a whole cluster again does; which record it is stands in the database.
  solves: ({ kind }) => kind === 'replay',
  parse: (args) =>
    parsing(() => {
      const question = readQuestion(args);
      return { ok: true, question, echo: showDecisions(question), guesses: [] };
    }),
  run: async (question, deps, call) => {
    switch (question.kind) {
      case 'list':
        return list(question, deps, call);
      case 'show':
        return show(question, deps, call);
      case 'replay':
        return replayed(question, deps, call);
      case 'verify':
        return verify(question, deps, call);
      default:
        return question satisfies never;
    }
  },
};

function readQuestion(args: readonly string[]): DecisionsQuestion {
  const isBare = args[0] === undefined || args[0].startsWith('-');
  const word = isBare ? 'list' : args[0];
  const rest = isBare ? args : args.slice(1);
  const sub = SUBVERBS.find((name) => name === word?.toLowerCase());
  switch (sub) {
    case undefined: {
      const near = nearest(word ?? '', SUBVERBS);
      const guess = near === null ? '' : `. Did you mean ${near}?`;
      const example = near === null || near === 'list' || near === 'verify' ? (near ?? 'list') : `${near} ${LATEST}`;
      throw usageError('usage_unknown_verb', `decisions cannot "${clip(word ?? '')}"${guess}`, `decisions ${example}`);
    }
    case 'list': {
      const { values, words } = parseFlags(rest, LIST_FLAGS);
      refuseWords(words, 'decisions list --mine --limit 50');
      const { limit = DEFAULT_LIMIT, mine = false, before = null } = values;
      return { kind: 'list', limit, mine, before };
    }
    case 'show': {
      const { values, words } = parseFlags(rest, SHOW_FLAGS);
      return { kind: 'show', id: oneId(words, 'show'), view: values.view ?? 'answer' };
    }
    case 'replay':
      return { kind: 'replay', id: oneId(parseFlags(rest, {}).words, 'replay') };
    case 'verify':
      refuseWords(parseFlags(rest, {}).words, 'decisions verify');
      return { kind: 'verify' };
    default:
      return sub satisfies never;
  }
}

function oneId(words: readonly string[], sub: 'show' | 'replay'): string {
  const [id, ...more] = words;
  if (id === undefined) {
    throw usageError(
      'usage_missing_value',
      `decisions ${sub} needs the id of a record`,
      `decisions ${sub} ${LATEST}, or decisions list for the ids`,
    );
  }
  refuseWords(more, `decisions ${sub} ${clip(id)}`);
  return id;
}

/** The line that means this question: `readQuestion` reads it back. */
function showDecisions(question: DecisionsQuestion): string {
  switch (question.kind) {
    case 'list': {
      const flags = [
        question.limit === DEFAULT_LIMIT ? '' : ` --limit ${question.limit}`,
        question.mine ? ' --mine' : '',
        question.before === null ? '' : ` --before ${question.before}`,
      ];
      return `list${flags.join('')}`;
    }
    case 'show':
      return `show ${question.id}${question.view === 'answer' ? '' : ` --view ${question.view}`}`;
    case 'replay':
      return `replay ${question.id}`;
    case 'verify':
      return 'verify';
    default:
      return question satisfies never;
  }
}

async function list(question: Extract<DecisionsQuestion, { kind: 'list' }>, deps: Deps, call: Call): Promise<Answered> {
  const before = question.before === null ? {} : { before: (await find(question.before, deps)).seq };
  const actor = question.mine ? { actor: call.actor } : {};
  // One more than asked for tells whether there are older ones.
  const found = await deps.store.records({ limit: question.limit + 1, ...before, ...actor });
  const records = found.slice(0, question.limit);
  const last = records.at(-1);
  const isMore = found.length > records.length && last !== undefined;
  const olderCommand = isMore ? `decisions ${showDecisions({ ...question, before: last.id })}` : null;
  const { records: total } = await deps.store.counts();
  const proposals = await statesOf(records, deps);
  return {
    report: decisionsList(records, { total, olderCommand, onlyMine: question.mine }),
    json: plainEnvelope('decisions', call, question, {
      list: records.map(({ id, at, kind, actor: by, body, prevHash, hash }) => ({
        id,
        at,
        kind,
        actor: by,
        state: stateOf({ id, kind, body }, proposals),
        prevHash,
        hash,
      })),
    }),
    exitCode: 0,
    summary: { sub: 'list', records: records.length },
  };
}

async function show(question: Extract<DecisionsQuestion, { kind: 'show' }>, deps: Deps, call: Call): Promise<Answered> {
  const record = await find(question.id, deps);
  checkRecord(deps.settings, call, record);
  const story = await storyOf(record, deps);
  const answer = story?.report ?? (hasViews(record) ? renderView(record, question.view) : null);
  const { id, seq, at, kind, actor, body, prevHash, hash } = record;
  const state = story?.proposal.state ?? stateOf(record, new Map());
  return {
    report: decisionsShow(record, answer),
    json: plainEnvelope('decisions', call, question, {
      show: {
        record: { id, seq, at, kind, actor, state, body, prevHash, hash },
        ...(story === null ? { approvals: [], apiCalls: [] } : storyJson(story)),
      },
    }),
    exitCode: 0,
    summary: { sub: 'show', record: record.id },
  };
}

type Story = {
  readonly proposal: Proposal;
  readonly records: readonly StoredRecord[];
  readonly report: Report;
};

/** Any record of a proposal leads to the whole story of that proposal. */
async function storyOf(record: StoredRecord, { store }: Deps): Promise<Story | null> {
  const id = proposalOf(record);
  const proposal = id === null ? null : await store.proposal(id);
  if (proposal === null) return null;
  const records = await store.recordsOf(proposal.id);
  return { proposal, records, report: proposalStory(proposal, { records }) };
}

function storyJson({ proposal, records }: Story): { readonly [key: string]: Json } {
  return {
    proposal: { ...proposal } as unknown as Json,
    approvals: proposal.decisions.map(({ user, at, verdict }) => ({ user, at, verdict })),
    apiCalls: proposal.calls.map(({ op, requestId, outcome, dryRun, at }) => ({
      service: 'ec2',
      op,
      requestId,
      outcome,
      dryRun,
      at,
    })),
    records: records.map(({ id, at, kind, actor, body, hash }) => ({ id, at, kind, actor, body, hash })),
  };
}

async function replayed(
  question: Extract<DecisionsQuestion, { kind: 'replay' }>,
  deps: Deps,
  call: Call,
): Promise<Answered> {
  const record = await find(question.id, deps);
  // What differs shows figures of the answer.
  checkRecord(deps.settings, call, record);
  const found = await replay(record, deps);
  const { same, sha256Then, sha256Now, engineVersionThen, engineVersionNow, verified, failedChecks, failure } = found;
  const differences = found.differences.map((row): Json => ({ ...row }));
  const isBug = !same && engineVersionThen === ENGINE_VERSION;
  if (isBug) deps.log.error({ id: call.id, record: found.recordId, sha256Then, sha256Now }, 'replay differs');
  return {
    report: replayReport(found),
    json: plainEnvelope('decisions', call, question, {
      replay: {
        record: found.recordId,
        same,
        sha256Then,
        sha256Now,
        engineVersionThen,
        engineVersionNow,
        verified,
        failedChecks: failedChecks.map((row): Json => ({ ...row })),
        differences,
        failure,
      },
    }),
    exitCode: verified && !isBug ? 0 : 1,
    summary: { sub: 'replay', record: found.recordId, same, verified },
  };
}

async function verify(
  question: Extract<DecisionsQuestion, { kind: 'verify' }>,
  deps: Deps,
  call: Call,
): Promise<Answered> {
  const check = await deps.store.verifyChain();
  const { records, intact, firstBad, head } = check;
  if (firstBad !== null)
    deps.log.error({ id: call.id, record: firstBad.id, because: firstBad.because }, 'log not intact');
  return {
    report: verifyReport(check),
    json: plainEnvelope('decisions', call, question, { verify: { records, intact, firstBad, head } }),
    exitCode: intact ? 0 : 1,
    summary: { sub: 'verify', records, intact },
  };
}

/** How each proposal stands whose first record is in the list. */
async function statesOf(records: readonly StoredRecord[], { store }: Deps): Promise<ReadonlyMap<string, string>> {
  if (!records.some((record) => proposalOf(record) === record.id)) return new Map();
  return new Map((await store.proposals()).map(({ id, state }) => [id, state]));
}

/** Id of the proposal that a record is a step of; the first step is the proposal itself. */
function proposalOf({ id, kind, body }: StoredRecord): string | null {
  if (['proposal', 'undo'].includes(kind)) return id;
  const named = textIn(body, 'proposal');
  return named !== null && RECORD_ID.test(named) ? named : null;
}

/** An answer is done the moment it is saved; a step of a proposal says what came of it. */
function stateOf(
  { id, kind, body }: Pick<StoredRecord, 'kind' | 'body'> & { readonly id?: string },
  proposals: ReadonlyMap<string, string>,
): string {
  if (hasViews({ kind })) return 'answered';
  if (textIn(body, 'refused') !== null) return 'refused';
  return proposals.get(id ?? '') ?? textIn(body, 'state') ?? 'recorded';
}

function textIn(body: Json, key: string): string | null {
  if (typeof body !== 'object' || body === null || Array.isArray(body) || !Object.hasOwn(body, key)) return null;
  const value = (body as { readonly [key: string]: Json })[key];
  return typeof value === 'string' ? value : null;
}

/** The record, or a usage error that names the nearest or the newest id. */
async function find(id: string, deps: Deps): Promise<StoredRecord> {
  const wanted = id === LATEST ? (await deps.store.records({ limit: 1 }))[0]?.id : id;
  const record = wanted === undefined ? null : await deps.store.record(wanted);
  if (record !== null) return record;
  const ids = (await deps.store.records({ limit: NEAR_RECORDS })).map((row) => row.id);
  const [newest] = ids;
  if (newest === undefined) {
    throw usageError('usage_unknown_record', 'nothing is saved yet', 'capacity --vcpu 1 --memory 2 --tasks 12');
  }
  const near = nearest(id, ids);
  const guess = near === null ? `. The newest is ${newest}` : `. Did you mean ${near}?`;
  throw usageError(
    'usage_unknown_record',
    `there is no record "${clip(id)}"${guess}`,
    `decisions show ${near ?? newest}`,
  );
}
