/** `cost`: what was billed, what we model from the inventory, and the difference between the two. */
import type { Deps } from '../deps.ts';
import {
  type AccountHead,
  attributeBilled,
  type Bill,
  type ClusterHead,
  type ClusterView,
  type CommitmentUse,
  type CostModel,
  canonicalJson,
  commitmentUse,
  ENGINE_VERSION,
  type FactBook,
  factBook,
  type Json,
  type ModelledRow,
  modelCluster,
  modelRegion,
  type SavingsPlan,
  type SnapshotHead,
  summarise,
  usdString,
  usedFacts,
} from '../engine/index.ts';
import { type CostAnswer, costReport } from '../report/cost.ts';
import { addDays, type Billed, readBilled } from './billing.ts';
import type { Answered, Call, Command } from './command.ts';
import { type CostAsk, costFlags, parseCost } from './cost-question.ts';
import {
  accountName,
  accountNamed,
  clustersIn,
  readAs,
  readCluster,
  readRegion,
  requireSnapshot,
  snapshotJson,
} from './estate.ts';
import { flagHelp } from './flags.ts';
import { createMemo, regionFingerprint } from './memo.ts';
import { roleFinder } from './roles.ts';

/** Groups kept in a record and shown in a message; the whole is in CSV and JSON. */
const GROUPS_KEPT = 100;

const NOT_COUNTED = [
  'load balancers',
  'NAT gateways',
  'data transfer',
  'logs and Container Insights',
  'ECR',
  'private discounts, in the modelled cost',
  'tax',
  'support',
] as const;

export const costCommand: Command<CostAsk> = {
  name: 'cost',
  summary: 'what ECS cost: billed and modelled, by cluster, service, kind, account or role; idle apart',
  usage:
    'cost [CLUSTER] [--by LIST] [--days N | --month YYYY-MM | --from DAY --to DAY] [--account NAME] [--region CODE]',
  examples: ['cost', 'cost rose', 'cost --by role,kind --month 2026-10', 'cost rose --days 30'],
  flags: flagHelp(costFlags({ today: '9999-12-31' })),
  surfaces: ['slack', 'terminal'],
  access: 'readers',
  parse: parseCost,
  run: async (asked, deps, call) => {
    const head = await requireSnapshot(deps);
    const answer = await answerCost(asked, { deps, call, head });
    return finish(asked, answer, { deps, call, head });
  },
};

type Asking = { readonly deps: Deps; readonly call: Call; readonly head: SnapshotHead };

/** The whole answer, every group in it. */
async function answerCost(asked: CostAsk, asking: Asking): Promise<CostAnswer> {
  const { deps, call, head } = asking;
  const inScope = clustersIn(head, asked.scope);
  const accounts = accountsOf(
    asked,
    head,
    inScope.map(({ account }) => account),
  );
  const lastDay = addDays(asked.period.toExclusive, -1);
  const today = call.now.toISOString().slice(0, 10);
  const facts = factBook(deps.library.facts, lastDay < today ? lastDay : today);
  const { models, notes } = await modelAll(asked, { ...asking, facts, accounts });
  const clusters = head.clusters.filter(({ account }) => accounts.some(({ id }) => id === account));
  const { billed, bill } = await billOf(asked, { ...asking, facts, accounts, models, clusters });
  const scope = scopeFilter(asked, inScope);
  const rows = models.flatMap((model) => model.rows).filter(scope);
  const roleOf = roleFinder(deps.settings.roles);
  const summary = summarise(rows, bill === null ? null : inScopeBill(bill, scope, asked), asked.by, roleOf);
  const commitments = await commitmentsOf(asking, { accounts, billed });
  return {
    scope: {
      account: asked.scope.account === null ? null : accountName(head, accountNamed(head, asked.scope.account)),
      region: asked.scope.region,
      cluster: asked.scope.cluster,
    },
    period: asked.period,
    by: asked.by,
    ...summary,
    groupsLeftOut: 0,
    unattributed: unattributedBy(bill, asked),
    commitments,
    empty: emptyOf(models, rows, scope),
    costExplorer: { requests: billed.requests, monthToDate: billed.monthToDate, cap: deps.settings.costExplorerCap },
    accountNames: Object.fromEntries(head.accounts.map(({ id, name }) => [id, name])),
    notes: [...billed.notAsked, ...notes, ...shortTasks(bill, rows, scope)],
    missed: head.missed.filter(({ account }) => account === '' || accounts.some(({ id }) => id === account)),
    snapshot: { id: head.id, takenAt: head.takenAt },
    ...usedFacts(facts),
    notCounted: NOT_COUNTED,
  };
}

type BillRead = { readonly billed: Omit<Billed, 'byUsageType' | 'byService'>; readonly bill: Bill | null };
const bills = createMemo<BillRead>(4);

type Billing = Modelling & { readonly models: readonly CostModel[]; readonly clusters: readonly ClusterHead[] };

/**
 * The bill, told apart by service. Remembered while neither the estate nor its prices nor anything that Cost Explorer
 * was asked has changed since: the number of paid requests tells the last.
 */
async function billOf(
  { period }: CostAsk,
  { deps, call, head, facts, accounts, models, clusters }: Billing,
): Promise<BillRead> {
  const today = call.now.toISOString().slice(0, 10);
  const read = async (book: FactBook): Promise<BillRead> => {
    const { byUsageType, byService, ...billed } = await readBilled(deps, { period, clusters, now: call.now });
    if (byUsageType === null) return { billed, bill: null };
    const ids = accounts.map(({ id }) => id);
    return { billed, bill: attributeBilled({ byUsageType, byService, accounts: ids, models, facts: book }) };
  };
  if (period.toExclusive > today) return read(facts);
  const places = accounts.flatMap(({ id, regions }) => regions.map((region) => ({ account: id, region })));
  const key = JSON.stringify([
    places.map((place) => [
      regionFingerprint(head, place),
      deps.library.regions.includes(place.region) ? deps.library.prices(place.region).asOf : null,
    ]),
    period,
    today,
    await deps.store.paidRequests(today.slice(0, 7)),
  ]);
  const from = { facts: deps.library.facts, day: addDays(period.toExclusive, -1) };
  return bills({ key, owner: deps.store, facts }, from, read);
}

/** The accounts whose whole bill has to be read: a line of it is shared by all that runs in its account. */
function accountsOf(asked: CostAsk, head: SnapshotHead, withClusters: readonly string[]): readonly AccountHead[] {
  const { account, region, cluster } = asked.scope;
  if (cluster !== null || region !== null) return head.accounts.filter(({ id }) => withClusters.includes(id));
  if (account === null) return head.accounts;
  const id = accountNamed(head, account);
  return head.accounts.filter((row) => row.id === id);
}

type Modelling = Asking & { readonly facts: ReturnType<typeof factBook>; readonly accounts: readonly AccountHead[] };

/** One cluster at a time: an estate of any size needs the memory of its largest cluster. */
async function modelAll(
  { period }: CostAsk,
  { deps, call, head, facts, accounts }: Modelling,
): Promise<{ readonly models: readonly CostModel[]; readonly notes: readonly string[] }> {
  const models: CostModel[] = [];
  const notes = new Set<string>();
  const now = call.now.toISOString();
  for (const { id, regions } of accounts) {
    for (const regionName of regions) {
      if (!deps.library.regions.includes(regionName)) {
        notes.add(`there are no prices for ${regionName}: nothing there is modelled`);
        continue;
      }
      const prices = deps.library.prices(regionName);
      const region = await readRegion(deps, head, { account: id, region: regionName });
      const taken = new Set<string>();
      const fingerprint = regionFingerprint(head, { account: id, region: regionName });
      for (const at of head.clusters.filter((row) => row.account === id && row.region === regionName)) {
        const view = (): Promise<ClusterView> => readCluster(deps, head, at);
        const question = { region, prices, now, period, taken };
        const model = await modelOf({ deps, facts, key: `${at.name} ${fingerprint}` }, question, view);
        for (const instance of model.counted) taken.add(instance);
        models.push(model);
      }
      if (region === null) continue;
      models.push(modelRegion({ account: id, regionName, region, prices, facts, now, period, taken }));
    }
  }
  for (const { subject, because } of models.flatMap(({ unpriced }) => unpriced))
    notes.add(`no price for ${subject}: ${because}`);
  return { models, notes: [...notes] };
}

/** Instances without a task but daemons, and reservations that nothing runs in. */
function emptyOf(
  models: readonly CostModel[],
  rows: readonly ModelledRow[],
  scope: (row: Placed & { readonly region?: string }) => boolean,
): CostAnswer['empty'] {
  const instances = models.filter(scope).flatMap(({ cluster, emptyInstances }) =>
    emptyInstances.map(({ id, instanceType, nano }) => ({
      what: `Instance ${id} (${instanceType}) runs nothing but daemons`,
      where: cluster ?? '',
      nano,
    })),
  );
  const reserved = rows.flatMap(({ service, region, nano }) => {
    const type = /^\(empty reservation (.+)\)$/.exec(service ?? '')?.[1];
    return type === undefined ? [] : [{ what: `Reserved capacity for ${type} that nothing uses`, where: region, nano }];
  });
  return [...instances, ...reserved]
    .filter(({ nano }) => nano > 0n)
    .sort((a, b) => (a.nano > b.nano ? -1 : 1))
    .map(({ what, where, nano }) => ({ what, where, usd: usdString(nano) }));
}

/** Families that are billed and never seen: their tasks begin and end between two scans. */
function shortTasks(
  bill: Bill | null,
  rows: readonly ModelledRow[],
  scope: (row: Placed & { readonly region?: string }) => boolean,
): readonly string[] {
  const modelled = new Set(rows.filter(({ nano }) => nano > 0n).map(({ cluster, service }) => `${cluster}/${service}`));
  const unseen = (bill?.rows ?? []).filter(
    ({ cluster, service, nano, ...row }) =>
      cluster !== null &&
      service?.startsWith('family:') === true &&
      nano > 0n &&
      scope({ ...row, cluster }) &&
      !modelled.has(`${cluster}/${service}`),
  );
  const names = [...new Set(unseen.map(({ cluster, service }) => `${cluster}/${service?.slice('family:'.length)}`))];
  if (names.length === 0) return [];
  return [`not in the model, because the tasks begin and end between two scans: ${names.join(', ')}`];
}

const modelled = createMemo<CostModel>();

/** A cluster's model; remembered for days that are over, which no clock changes any more. */
async function modelOf(
  { deps, facts, key }: { readonly deps: Deps; readonly facts: FactBook; readonly key: string },
  question: Omit<Parameters<typeof modelCluster>[0], 'view' | 'facts'>,
  view: () => Promise<ClusterView>,
): Promise<CostModel> {
  const { period, prices, now } = question;
  const isOver = period.toExclusive <= now.slice(0, 10);
  if (!isOver) return modelCluster({ ...question, facts, view: await view() });
  // Reading is what takes long, so the view is asked for only when nothing is remembered.
  const asked = { key: `${key} ${period.from} ${period.toExclusive}`, owner: prices, facts };
  return modelled(asked, { facts: deps.library.facts, day: addDays(period.toExclusive, -1) }, async (book) =>
    modelCluster({ ...question, facts: book, view: await view() }),
  );
}

type Placed = { readonly account: string; readonly cluster: string | null };

function scopeFilter(asked: CostAsk, inScope: readonly { readonly account: string; readonly name: string }[]) {
  const { cluster, region } = asked.scope;
  const names = new Set(inScope.map(({ account, name }) => `${account} ${name}`));
  const isWhole = cluster === null && region === null;
  return (row: Placed & { readonly region?: string }): boolean => {
    if (isWhole) return true;
    if (row.cluster === null) return cluster === null && row.region === region;
    return names.has(`${row.account} ${row.cluster}`);
  };
}

/** Inside one cluster or region nothing is left unplaced: that part of the bill has no place at all. */
function inScopeBill(bill: Bill, scope: (row: Placed) => boolean, { scope: { cluster, region } }: CostAsk): Bill {
  if (cluster === null && region === null) return bill;
  return { ...bill, rows: bill.rows.filter((row) => row.cluster !== null && scope(row)), unattributed: [] };
}

function unattributedBy(bill: Bill | null, { scope: { cluster, region } }: CostAsk): CostAnswer['unattributed'] {
  if (bill === null || cluster !== null || region !== null) return [];
  const byReason = new Map<string, bigint>();
  for (const { reason, nano } of bill.unattributed) byReason.set(reason, (byReason.get(reason) ?? 0n) + nano);
  return [...byReason].map(([reason, nano]) => ({ reason, usd: usdString(nano) })).filter(({ usd }) => usd !== '0');
}

/** Commitments are of the whole organisation; the plans of the accounts in scope are named. */
async function commitmentsOf(
  { deps, head, call }: Asking,
  { accounts, billed }: { readonly accounts: readonly AccountHead[]; readonly billed: BillRead['billed'] },
): Promise<CommitmentUse> {
  const plans: SavingsPlan[] = [];
  for (const ref of head.parts) {
    if (ref.kind !== 'account' || !accounts.some(({ id }) => id === ref.account)) continue;
    plans.push(...(await readAs(deps, ref, 'account')).savingsPlans);
  }
  return commitmentUse(plans, billed.commitments ?? [], call.now.toISOString());
}

/** Saves what a message shows, and answers with all of it. */
async function finish(asked: CostAsk, answer: CostAnswer, { deps, call, head }: Asking): Promise<Answered> {
  const whole = resultJson(answer);
  const groups = answer.groups.slice(0, GROUPS_KEPT);
  const kept: CostAnswer = { ...answer, groups, groupsLeftOut: answer.groups.length - groups.length };
  await deps.store.pinSnapshot(head.id);
  const record = await deps.store.appendRecord({
    at: call.now.toISOString(),
    kind: 'cost',
    actor: call.actor,
    body: {
      question: asked,
      ask: { echo: costLine(asked) },
      answer: kept,
      engineVersion: ENGINE_VERSION,
    } satisfies CostBody as unknown as Json,
  });
  const { facts, assumptions, notCounted } = answer;
  return {
    report: costReport(answer, { recordId: record.id, echo: costLine(asked) }),
    json: {
      format: 'ecs-advise.cost/1',
      now: call.now.toISOString(),
      asOf: addDays(asked.period.toExclusive, -1),
      engineVersion: ENGINE_VERSION,
      question: asked as unknown as Json,
      snapshot: snapshotJson(head),
      facts: facts as unknown as Json,
      assumptions: [...assumptions],
      notCounted: [...notCounted],
      verdict: { kind: 'estimate', gap: null },
      record: record.id,
      result: whole,
    },
    exitCode: 0,
    summary: { record: record.id, groups: answer.groups.length, paidRequests: answer.costExplorer.requests },
  };
}

/** The pinned members first, then what explains them. */
function resultJson(answer: CostAnswer): Json {
  const {
    facts: _f,
    assumptions: _a,
    notCounted: _n,
    snapshot: _s,
    missed: _m,
    accountNames: _names,
    ...result
  } = answer;
  const { groupsLeftOut: _left, ...rest } = result;
  return JSON.parse(canonicalJson(rest as unknown as Json)) as Json;
}

/** Body of a `cost` record. The whole answer follows from it and the pinned snapshot; groups past the first are cut. */
export type CostBody = {
  readonly question: CostAsk;
  /** The line that asks it again. */
  readonly ask: { readonly echo: string };
  readonly answer: CostAnswer;
  readonly engineVersion: string;
};

/** The line that asks the same again. */
function costLine({ scope, period, by }: CostAsk): string {
  return [
    'cost',
    ...(scope.cluster === null ? [] : [scope.cluster]),
    ...(scope.account === null ? [] : [`--account ${scope.account}`]),
    ...(scope.region === null ? [] : [`--region ${scope.region}`]),
    `--from ${period.from} --to ${addDays(period.toExclusive, -1)}`,
    `--by ${by.map((name) => (name === 'capacityKind' ? 'kind' : name)).join(',')}`,
  ].join(' ');
}
