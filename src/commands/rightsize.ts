/** `rightsize`: task sizes that fit what the tasks use, from Compute Optimizer and from our own look at the metrics. */
import type { Deps } from '../deps.ts';
import {
  type ClusterHead,
  ENGINE_VERSION,
  type FactBook,
  factBook,
  type Json,
  type RightsizeResult,
  rightsizeCluster,
  type SizeAdvice,
  type SnapshotHead,
  usedFacts,
} from '../engine/index.ts';
import { usageError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { type RightsizeAnswer, rightsizeReport } from '../report/rightsize.ts';
import type { Answered, Call, Command } from './command.ts';
import {
  clustersIn,
  type EstateScope,
  readAs,
  readCluster,
  readRegion,
  requireSnapshot,
  snapshotJson,
} from './estate.ts';
import { clip, type Flag, flagHelp, parseFlags, parsing } from './flags.ts';
import { createMemo, regionFingerprint } from './memo.ts';
import { decimalNumber } from './values.ts';

export type RightsizeAsk = {
  readonly scope: EstateScope;
  /** One service of the cluster; null = all. */
  readonly service: string | null;
  /** Null = the usual one. */
  readonly marginPercent: number | null;
};

/** Body of a `rightsize` record: what a message shows of the answer. */
export type RightsizeBody = {
  readonly question: RightsizeAsk;
  /** The line that asks it again. */
  readonly ask: { readonly echo: string };
  readonly answer: RightsizeAnswer;
  readonly engineVersion: string;
};

/** Rows kept in a record; the whole is in CSV and JSON. */
const ROWS_KEPT = 100;

const FLAGS = {
  cluster: { value: 'NAME', text: 'one cluster; its name alone will do', read: (text: string) => text },
  account: { value: 'NAME', text: 'one account, by name or id', read: (text: string) => text },
  region: { value: 'CODE', text: 'one region', read: (text: string) => text },
  margin: {
    value: 'PERCENT',
    text: 'room above the 95th percentile (20)',
    read: decimalNumber({ min: 0, max: 300, example: '30' }),
  },
} satisfies Record<string, Flag<unknown>>;

export const rightsizeCommand: Command<RightsizeAsk> = {
  name: 'rightsize',
  summary: 'task sizes that fit what the tasks use: saving, margin, risk, and what the metrics cannot show',
  usage: 'rightsize [CLUSTER | CLUSTER/SERVICE] [--margin PERCENT] [--account NAME] [--region CODE]',
  examples: ['rightsize', 'rightsize rose', 'rightsize rose/head-shards --margin 30'],
  flags: flagHelp(FLAGS),
  surfaces: ['slack', 'terminal'],
  parse: (args) =>
    parsing(() => {
      const { values, words } = parseFlags(args, FLAGS);
      const [word, more] = words;
      if (more !== undefined)
        throw usageError(
          'usage_unexpected_word',
          `"${clip(more)}" is not expected here`,
          `rightsize ${clip(word ?? '')}`,
        );
      if (word !== undefined && values.cluster !== undefined)
        throw usageError('usage_conflict', 'the cluster is named twice', `rightsize ${clip(word)}`);
      const [cluster = null, service = null] = (word ?? values.cluster)?.split('/') ?? [];
      const question: RightsizeAsk = {
        scope: { cluster, account: values.account ?? null, region: values.region ?? null },
        service: service === '' ? null : service,
        marginPercent: values.margin ?? null,
      };
      return { ok: true, question, echo: rightsizeLine(question), guesses: [] };
    }),
  run: async (asked, deps, call) => {
    const head = await requireSnapshot(deps);
    const answer = await answerRightsize(asked, { deps, call, head });
    return finish(asked, answer, { deps, call, head });
  },
};

type Asking = { readonly deps: Deps; readonly call: Call; readonly head: SnapshotHead };

/** All clusters in scope, one at a time. */
async function answerRightsize(asked: RightsizeAsk, { deps, call, head }: Asking): Promise<RightsizeAnswer> {
  const clusters = clustersIn(head, asked.scope);
  const facts = factBook(deps.library.facts, call.now.toISOString().slice(0, 10));
  const rows: SizeAdvice[] = [];
  const skipped: { readonly cluster: string; readonly service: string; readonly reason: string }[] = [];
  const names: string[] = [];
  let [nothingToDo, belowMinimum] = [0, 0];
  const notes = new Set<string>();
  for (const at of clusters) {
    if (!deps.library.regions.includes(at.region)) {
      notes.add(`there are no prices for ${at.region}: nothing there was looked at`);
      continue;
    }
    const { found, services } = await sizesOf(asked, { deps, call, head, facts }, at);
    names.push(...services);
    rows.push(...found.rows);
    skipped.push(...found.skipped.map((row) => ({ cluster: at.name, ...row })));
    nothingToDo += found.nothingToDo;
    belowMinimum += found.belowMinimum;
  }
  if (asked.service !== null && !names.includes(asked.service)) throw unknownService(asked, names);
  return {
    scope: { ...asked.scope, service: asked.service },
    rows: rows.sort(bySaving),
    rowsLeftOut: 0,
    skipped,
    nothingToDo,
    belowMinimum,
    minimumSaving: deps.settings.minimumSaving,
    accountNames: Object.fromEntries(head.accounts.map(({ id, name }) => [id, name])),
    notes: [
      ...notes,
      ...(await optimizerNotes(
        { deps, call, head },
        clusters.map(({ account }) => account),
      )),
    ],
    missed: head.missed.filter(({ account }) => account === '' || clusters.some((row) => row.account === account)),
    snapshot: { id: head.id, takenAt: head.takenAt },
    ...usedFacts(facts),
  };
}

type Sizes = { readonly found: RightsizeResult; readonly services: readonly string[] };
const remembered = createMemo<Sizes>();

/** One cluster's advice, remembered for the hour: the age of a service is all that the clock changes. */
async function sizesOf(
  asked: RightsizeAsk,
  { deps, call, head, facts }: Asking & { readonly facts: FactBook },
  at: ClusterHead,
): Promise<Sizes> {
  const { settings, library } = deps;
  const prices = library.prices(at.region);
  const now = call.now.toISOString();
  const { minimumSaving } = settings;
  const { service, marginPercent } = asked;
  const key = JSON.stringify([
    at.name,
    regionFingerprint(head, at),
    now.slice(0, 13),
    service,
    marginPercent,
    minimumSaving,
  ]);
  return remembered({ key, owner: prices, facts }, { facts: library.facts, day: now.slice(0, 10) }, async (book) => {
    const view = await readCluster(deps, head, at);
    const region = await readRegion(deps, head, at);
    const services = service === null ? view.services : view.services.filter(({ name }) => name === service);
    const question = { view: { ...view, services }, region, prices, facts: book, now, marginPercent, minimumSaving };
    // Names are for the answer to a service that is not there.
    const names = service === null ? [] : view.services.map(({ name }) => name);
    return { found: rightsizeCluster(question), services: names };
  });
}

/** An account that has not opted in gives no findings, which is not the same as nothing to save. */
async function optimizerNotes({ deps, head }: Asking, accounts: readonly string[]): Promise<readonly string[]> {
  const off: string[] = [];
  for (const ref of head.parts) {
    if (ref.kind !== 'account' || !accounts.includes(ref.account)) continue;
    const { computeOptimizer } = await readAs(deps, ref, 'account');
    if (computeOptimizer === 'inactive')
      off.push(head.accounts.find(({ id }) => id === ref.account)?.name ?? ref.account);
  }
  return off.length === 0
    ? []
    : [`Compute Optimizer is off in ${off.join(', ')}: only our own look at the metrics counts there`];
}

function unknownService({ scope, service }: RightsizeAsk, names: readonly string[]): Error {
  const near = nearest(service ?? '', names);
  return usageError(
    'usage_unknown_service',
    `there is no service "${clip(service ?? '')}" in ${scope.cluster}${near === null ? '' : `. Did you mean ${near}?`}`,
    `rightsize ${scope.cluster}/${near ?? names[0] ?? 'NAME'}`,
  );
}

/** Largest saving first, as the engine sorts within a cluster; money compares as exact decimals. */
function bySaving(a: SizeAdvice, b: SizeAdvice): number {
  const difference = Number(b.usdPerMonthSaved) - Number(a.usdPerMonthSaved);
  if (difference !== 0) return difference;
  return a.service < b.service ? -1 : 1;
}

async function finish(asked: RightsizeAsk, answer: RightsizeAnswer, { deps, call, head }: Asking): Promise<Answered> {
  const rows = answer.rows.slice(0, ROWS_KEPT);
  const skipped = answer.skipped.slice(0, ROWS_KEPT);
  const kept: RightsizeAnswer = { ...answer, rows, skipped, rowsLeftOut: answer.rows.length - rows.length };
  await deps.store.pinSnapshot(head.id);
  const record = await deps.store.appendRecord({
    at: call.now.toISOString(),
    kind: 'rightsize',
    actor: call.actor,
    body: {
      question: asked,
      ask: { echo: rightsizeLine(asked) },
      answer: kept,
      engineVersion: ENGINE_VERSION,
    } satisfies RightsizeBody as unknown as Json,
  });
  const { facts, assumptions, notes, skipped: left, nothingToDo, belowMinimum } = answer;
  return {
    report: rightsizeReport(answer, { recordId: record.id, echo: rightsizeLine(asked) }),
    json: {
      format: 'ecs-advise.rightsize/1',
      now: call.now.toISOString(),
      asOf: call.now.toISOString().slice(0, 10),
      engineVersion: ENGINE_VERSION,
      question: asked as unknown as Json,
      snapshot: snapshotJson(head),
      facts: facts as unknown as Json,
      assumptions: [...assumptions],
      notCounted: ['private discounts', 'Savings Plans and other commitments'],
      verdict: { kind: 'estimate', gap: null },
      record: record.id,
      result: { rows: answer.rows, skipped: left, nothingToDo, belowMinimum, notes } as unknown as Json,
    },
    exitCode: 0,
    summary: { record: record.id, rows: answer.rows.length, skipped: left.length },
  };
}

/** The line that asks the same again. */
function rightsizeLine({ scope, service, marginPercent }: RightsizeAsk): string {
  return [
    'rightsize',
    ...(scope.cluster === null ? [] : [service === null ? scope.cluster : `${scope.cluster}/${service}`]),
    ...(scope.account === null ? [] : [`--account ${scope.account}`]),
    ...(scope.region === null ? [] : [`--region ${scope.region}`]),
    ...(marginPercent === null ? [] : [`--margin ${marginPercent}`]),
  ].join(' ');
}
