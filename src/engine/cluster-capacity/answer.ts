/**
 * Problem: where should a whole cluster run, if each plan may pin its providers to a few instance types only.
 * Method: sets of types by a local search, each set judged by where ECS would put the tasks; the best packing of the
 * chosen providers with a certificate, and a bound over any mix of types, from the packing solver (design 3.2, 3.3).
 */
import { NOT_COUNTED } from '../capacity/remarks.ts';
import { type Fact, factBook } from '../facts.ts';
import type { PriceBook } from '../prices.ts';
import { compare, type NanoUsd, nanoUsd, rational, roundHalfEven, usdString } from '../units.ts';
import { buyables, withoutDominated } from './buyable.ts';
import { oneTaskPerInstance, splitByTag } from './extras.ts';
import { groupsOf, type World } from './groups.ts';
import { type Asking, type Drafted, draftOption, impossible, type Packer } from './option.ts';
import { type Prepared, planCluster } from './plan.ts';
import {
  type AnsweredCluster,
  CLUSTER_KINDS,
  type ClusterAnswer,
  type ClusterKind,
  type ClusterOption,
  type ClusterQuestion,
  type ClusterResult,
  type Workload,
} from './types.ts';

/** What an answer about a cluster is made from besides the packing solver. */
export type ClusterWorld = { readonly facts: readonly Fact[]; readonly prices: PriceBook; readonly workload: Workload };

/**
 * Ranks five ways to run a cluster, by what ECS would make of each. The same world, question and solver give the same
 * bytes. `proofs` are the packings of the option shown first, and of any mix. Throws what the solver throws.
 */
export async function chooseClusterCapacity(
  from: ClusterWorld,
  question: ClusterQuestion,
  pack: Packer,
): Promise<AnsweredCluster> {
  const { workload } = from;
  const world: World = { prices: from.prices, facts: factBook(from.facts, question.asOf) };
  const prepared = prepare(question, workload, world);
  const asking: Asking = { prepared, workload, world, pack: remembering(pack) };
  const drafts: Drafted[] = [];
  for (const kind of CLUSTER_KINDS) {
    const draft = await draftOf(asking, kind);
    if (draft !== null && !drafts.some((other) => isSame(other, draft))) drafts.push(draft);
  }
  const choice = climb(question, workload, drafts);
  const options = ranked(drafts);
  const first = choice.held?.option.kind ?? options[0]?.kind ?? null;
  const shown = options.find(({ kind }) => kind === first) ?? null;
  for (const id of workload.facts) world.facts.cite(id);
  world.facts.cite('mi.one-provider-per-strategy');
  const used = world.facts.used();
  const answer: ClusterAnswer = {
    facts: used.map(({ id, value, unit, validFrom, confidence, source }) => ({
      id,
      value,
      unit,
      validFrom,
      confidence,
      source,
    })),
    assumptions: used.filter(({ confidence }) => confidence === 'assumed' || confidence === 'low').map(({ id }) => id),
    notCounted: [...NOT_COUNTED, 'tasks that come and go'],
    priceDates: from.prices.asOf,
    verdict: verdictOf(shown),
    result: resultOf(asking, { choice, options, shown }),
  };
  return { answer, proofs: drafts.find(({ option }) => option.kind === first)?.proofs ?? [] };
}

function prepare(question: ClusterQuestion, workload: Workload, world: World): Prepared {
  const groups = groupsOf(question, workload, world);
  const types = (kind: 'mi-on-demand' | 'asg-on-demand') => {
    const own = groups.filter(({ against }) => against[kind] === null);
    return withoutDominated(buyables(kind, own, { question, workload, world }), own);
  };
  const exists = world.facts.has('mi.available');
  return {
    question,
    groups,
    types: { 'mi-on-demand': exists ? types('mi-on-demand') : [], 'asg-on-demand': types('asg-on-demand') },
  };
}

/** Null where the kind would be the same plan as one before it: a mix that mixes nothing. */
async function draftOf(asking: Asking, kind: ClusterKind): Promise<Drafted | null> {
  if (asking.prepared.groups.length === 0) return null;
  const planned = planCluster(asking.prepared, kind);
  if (planned.kind === 'none') return impossible(kind, planned.reasons);
  const isMixed = planned.plan.fargate.length > 0 && planned.plan.providers.length > 0;
  if (kind.startsWith('fargate+') && !isMixed) return null;
  return draftOption(asking, planned.plan);
}

/** Two kinds that came to the same providers and the same Fargate part. */
function isSame(a: Drafted, b: Drafted): boolean {
  const text = ({ option }: Drafted): string =>
    JSON.stringify([
      option.fargate,
      option.providers.map(({ instanceType, kind, services }) => [kind, instanceType, services]),
    ]);
  return a.option.feasible && b.option.feasible && text(a) === text(b);
}

/** The same question is asked of the solver once. */
function remembering(pack: Packer): Packer {
  const known = new Map<string, ReturnType<Packer>>();
  return (input, work) => {
    const key = JSON.stringify(input, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
    const found = known.get(key) ?? pack(input, work);
    known.set(key, found);
    return found;
  };
}

type Choice = { readonly held: Drafted | null; readonly recommended: ClusterKind | null; readonly because: string };

/** The ladder of duties among the options, then the best of them against what runs today. */
function climb(question: ClusterQuestion, workload: Workload, drafts: readonly Drafted[]): Choice {
  const open = drafts.filter(({ option, nano }) => nano !== null && option.blockedBy.length === 0);
  let [held] = open;
  if (held === undefined) {
    const isBlocked = drafts.some(({ nano }) => nano !== null);
    const because = isBlocked
      ? 'Every plan needs more vCPU than a quota leaves.'
      : workload.services.length === 0
        ? 'Nothing in this cluster runs all month.'
        : 'No plan can hold every service.';
    return { held: null, recommended: null, because };
  }
  for (const draft of open.slice(1)) if (isWorth(question, held.nano ?? 0n, draft.nano ?? 0n)) held = draft;
  const cost = held.nano ?? 0n;
  const today = nanoUsd(workload.today.usdPerMonth);
  const name = NAMES[held.option.kind];
  if (workload.today.unpriced.length > 0 || today === 0n) {
    return {
      held,
      recommended: held.option.kind,
      because: `${name} is the best plan; what runs today could not be priced whole.`,
    };
  }
  if (isWorth(question, today, cost)) {
    const because = `That saves ${cents(today - cost)} a month (${percent(today, cost)}) against the ${cents(today)} it costs as it stands.`;
    return { held, recommended: held.option.kind, because };
  }
  const { percent: share, usdPerMonth } = question.minimumSaving;
  const against =
    cost >= today
      ? `the best plan (${name}) would cost ${cents(cost - today)} more`
      : `the best plan (${name}) would save ${cents(today - cost)} (${percent(today, cost)}), not the ${share} % and $${usdPerMonth} that are worth a move`;
  return { held, recommended: null, because: `It costs ${cents(today)} a month as it stands; ${against}.` };
}

const NAMES: { readonly [K in ClusterKind]: string } = {
  fargate: 'Fargate',
  'fargate+mi-on-demand': 'Fargate with Managed Instances',
  'mi-on-demand': 'Managed Instances',
  'fargate+asg-on-demand': 'Fargate with Auto Scaling groups',
  'asg-on-demand': 'Auto Scaling groups',
};

/** True when `cost` undercuts `held` by both parts of the minimum saving. */
function isWorth({ minimumSaving }: ClusterQuestion, held: NanoUsd, cost: NanoUsd): boolean {
  const saved = held - cost;
  if (saved <= 0n) return false;
  const share = rational(String(minimumSaving.percent));
  const isEnough = compare({ n: saved, d: 1_000_000_000n }, rational(String(minimumSaving.usdPerMonth))) >= 0;
  return isEnough && saved * 100n * share.d >= held * share.n;
}

function cents(nano: NanoUsd): string {
  const rounded = usdString(roundHalfEven({ n: nano, d: 10_000_000n }) * 10_000_000n);
  const [dollars = '0', fraction = ''] = rounded.split('.');
  return `$${dollars.replace(/\B(?=(\d{3})+$)/g, ',')}.${fraction.padEnd(2, '0')}`;
}

function percent(from: NanoUsd, to: NanoUsd): string {
  const tenths = roundHalfEven({ n: (from - to) * 1000n, d: from === 0n ? 1n : from });
  return `${tenths / 10n}.${tenths % 10n} %`;
}

/** By cost, then ladder order; what is not possible last. */
function ranked(drafts: readonly Drafted[]): readonly ClusterOption[] {
  const order = [...drafts].sort((a, b) => {
    if (a.nano === null || b.nano === null) return a.nano === b.nano ? 0 : a.nano === null ? 1 : -1;
    return a.nano < b.nano ? -1 : a.nano > b.nano ? 1 : 0;
  });
  return order.map(({ option, nano }, at) => ({ ...option, rank: nano === null ? null : at + 1 }));
}

function verdictOf(shown: ClusterOption | null): ClusterAnswer['verdict'] {
  if (shown === null || shown.usdPerMonth === null || shown.lowerBoundUsdPerMonth === null)
    return { kind: 'infeasible', gap: null };
  const [cost, bound] = [nanoUsd(shown.usdPerMonth), nanoUsd(shown.lowerBoundUsdPerMonth)];
  if (bound === 0n) return { kind: 'within', gap: null };
  const gap = Number(((cost - bound) * 1_000_000_000n) / bound) / 1e9;
  return { kind: gap === 0 ? 'optimal' : 'within', gap: Number(gap.toFixed(6)) };
}

type Outcome = {
  readonly choice: Choice;
  readonly options: readonly ClusterOption[];
  readonly shown: ClusterOption | null;
};

function resultOf({ prepared, workload }: Asking, { choice, options, shown }: Outcome): ClusterResult {
  return {
    recommended: choice.recommended,
    because: choice.because,
    options,
    breakEven: [],
    cluster: {
      services: workload.services.length,
      tasks: workload.services.reduce((sum, { tasks }) => sum + tasks, 0),
      today: workload.today,
      providers: shown?.providers ?? [],
      threeNumbers: shown?.threeNumbers ?? null,
      leftOut: workload.leftOut,
      notes: workload.notes,
      oneTaskPerInstance: prepared.groups.length === 0 ? null : oneTaskPerInstance(prepared),
      split: prepared.question.apart === null ? null : splitByTag(prepared, prepared.question.apart),
    },
  };
}
