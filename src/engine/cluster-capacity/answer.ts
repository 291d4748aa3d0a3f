/**
 * Problem: where should a whole cluster run, if each plan may pin its providers to a few instance types only.
 * Method: sets of types by a local search, each set judged by where ECS would put the tasks; the best packing of the
 * chosen providers with a certificate, and a bound over any mix of types, from the packing solver (design 3.2, 3.3).
 */
import { NOT_COUNTED } from '../capacity/remarks.ts';
import type { Reason } from '../capacity/types.ts';
import { type Fact, factBook, usedFacts } from '../facts.ts';
import type { PriceBook } from '../prices.ts';
import { compare, type NanoUsd, nanoUsd, rational, roundHalfEven, usdString } from '../units.ts';
import { type Buyable, buyables, withoutDominated } from './buyable.ts';
import { todayCovered } from './commitments.ts';
import { matchesGlob } from './constraints.ts';
import { oneTaskPerInstance, splitByTag } from './extras.ts';
import { groupsOf, mayBeInterrupted, reservedOf, type World } from './groups.ts';
import { isManaged, isSpot, PLAN_KINDS } from './kinds.ts';
import { type Asking, type Drafted, draftOption, type Packer, withoutPlan } from './option.ts';
import { Planner, type Prepared } from './plan.ts';
import {
  type AnsweredCluster,
  CLUSTER_KINDS,
  type ClusterAnswer,
  type ClusterKind,
  type ClusterOption,
  type ClusterQuestion,
  type ClusterResult,
  type ProviderKind,
  type Workload,
} from './types.ts';

/** What an answer about a cluster is made from besides the packing solver. */
export type ClusterWorld = { readonly facts: readonly Fact[]; readonly prices: PriceBook; readonly workload: Workload };

/**
 * Ranks the ways to run a cluster, by what ECS would make of each. The same world, question and solver give the same
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
  const today = todayCovered(question, workload, world);
  const asking: Asking = { prepared, workload, world, today, pack: remembering(pack) };
  const planner = new Planner(prepared);
  const drafts: Drafted[] = [];
  for (const kind of CLUSTER_KINDS) {
    const draft = await draftOf(asking, planner, kind);
    if (draft !== null && !drafts.some((other) => isSame(other, draft))) drafts.push(draft);
  }
  const choice = climb(asking, drafts);
  const options = ranked(drafts);
  const first = choice.held?.option.kind ?? options[0]?.kind ?? null;
  const shown = options.find(({ kind }) => kind === first) ?? null;
  for (const id of workload.facts) world.facts.cite(id);
  world.facts.cite('mi.one-provider-per-strategy');
  const answer: ClusterAnswer = {
    ...usedFacts(world.facts),
    notCounted: notCounted(question),
    priceDates: from.prices.asOf,
    verdict: verdictOf(shown),
    result: resultOf(asking, { choice, options, shown }),
  };
  return { answer, proofs: drafts.find(({ option }) => option.kind === first)?.proofs ?? [] };
}

/** A scan sees capacity reservations and the plans of one account; the rest has to be told. */
function notCounted({ commitments }: ClusterQuestion): readonly string[] {
  return [
    ...NOT_COUNTED,
    'tasks that come and go',
    ...(commitments.reserved === null ? ['reserved instances that are no capacity reservations (--reserved)'] : []),
    ...(commitments.savingsPlanUsdPerHour === null
      ? ['Compute Savings Plans (--savings-plan-usd-per-hour: what nothing else uses)']
      : []),
  ];
}

function prepare(question: ClusterQuestion, workload: Workload, world: World): Prepared {
  const groups = groupsOf(question, workload, world);
  const exists = world.facts.has('mi.available');
  const types = (kind: ProviderKind): readonly Buyable[] => {
    if (isManaged(kind) && !exists) return [];
    const own = groups.filter(({ against }) => against[kind] === null);
    return withoutDominated(buyables(kind, own, { question, workload, world }), own);
  };
  return {
    question,
    groups,
    types: {
      'mi-on-demand': types('mi-on-demand'),
      'asg-on-demand': types('asg-on-demand'),
      'mi-reserved': types('mi-reserved'),
      'mi-spot': types('mi-spot'),
      'asg-spot': types('asg-spot'),
    },
  };
}

/** Null where the kind would be the same plan as one before it: a mix that mixes nothing. */
async function draftOf(asking: Asking, planner: Planner, kind: ClusterKind): Promise<Drafted | null> {
  if (asking.prepared.groups.length === 0) return null;
  const missing = withoutItsOwn(asking, kind);
  if (missing !== null) return missing;
  const planned = planner.plan(kind);
  if (planned.kind === 'none') return withoutPlan(kind, planned.reasons);
  const { fargate, providers } = planned.plan;
  if (kind.startsWith('fargate+') && (fargate.length === 0 || providers.length === 0)) return null;
  const own = ownProvider(kind);
  if (own !== null && !providers.some(({ buyable }) => buyable.kind === own)) return notWorth(asking, kind);
  return draftOption(asking, planned.plan);
}

/** The kind of provider that a plan has beside ordinary ones, or null: reserved or Spot. */
function ownProvider(kind: ClusterKind): ProviderKind | null {
  const [first, ...others] = PLAN_KINDS[kind].instances;
  return others.length === 0 ? null : (first ?? null);
}

/** Why nothing of the cluster can go where the kind has its name from, or null. */
function withoutItsOwn({ prepared, workload, world }: Asking, kind: ClusterKind): Drafted | null {
  const own = kind === 'fargate-spot' ? kind : ownProvider(kind);
  if (own === null) return null;
  const { groups, question } = prepared;
  const runnable = groups.filter(({ against }) => against[own] === null);
  if (own === 'mi-reserved') {
    const reserved = reservedOf(question, workload).map(({ instanceType, count }) => `${count} x ${instanceType}`);
    const lacks = (text: string): Drafted =>
      withoutPlan(kind, [{ rule: 'no-reservation', fact: 'reserved.sunk', text }]);
    if (reserved.length === 0) return lacks('No reserved capacity was found or named (--reserved m7i.4xlarge=3).');
    if (runnable.length > 0 && prepared.types[own].length === 0)
      return lacks(`No task fits on what is reserved (${reserved.join(', ')}).`);
  }
  if (runnable.length === 0) return withoutPlan(kind, distinct(groups.flatMap(({ against }) => against[own] ?? [])));
  const isPriced =
    own === 'fargate-spot'
      ? runnable.some(({ fargate }) => fargate?.spotUsdPerHour != null)
      : prepared.types[own].length > 0;
  if (isPriced) return null;
  const text = `No Spot price is known in ${world.prices.region} for what may be interrupted.`;
  return withoutPlan(kind, [{ rule: 'no-price', fact: 'spot.snapshot', text }], true);
}

/** Each rule once, as the first service meets it. */
function distinct(reasons: readonly Reason[]): readonly Reason[] {
  return reasons.filter(({ rule }, at) => reasons.findIndex((other) => other.rule === rule) === at);
}

function notWorth({ prepared, workload }: Asking, kind: ClusterKind): Drafted {
  if (isSpot(kind)) {
    const text = 'At the high end of its price Spot is no cheaper than on demand for these services.';
    return withoutPlan(kind, [{ rule: 'spot-band', fact: 'spot.band', text }]);
  }
  const reserved = reservedOf(prepared.question, workload).map(
    ({ instanceType, count }) => `${count} x ${instanceType}`,
  );
  const text = `What is reserved (${reserved.join(', ')}) makes no plan cheaper: its fee and disks cost more than it replaces.`;
  return withoutPlan(kind, [{ rule: 'no-reservation', fact: 'reserved.sunk', text }]);
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
function climb({ prepared: { question }, workload, today: covered }: Asking, drafts: readonly Drafted[]): Choice {
  const open = drafts.filter(({ option, comparable }) => comparable !== null && option.blockedBy.length === 0);
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
  for (const draft of open.slice(1)) if (isWorth(question, held.comparable ?? 0n, draft.comparable ?? 0n)) held = draft;
  const cost = held.comparable ?? 0n;
  const today = nanoUsd(covered?.usdPerMonthAfterCommitments ?? workload.today.usdPerMonth);
  const { name } = PLAN_KINDS[held.option.kind];
  if (workload.today.unpriced.length > 0 || today === 0n) {
    return {
      held,
      recommended: held.option.kind,
      because: `${name} is the best plan; what runs today could not be priced whole.`,
    };
  }
  const now = `${cents(today)} it costs as it stands${covered === null ? '' : ', commitments taken off both'}`;
  const high = isSpot(held.option.kind) && held.option.band !== null ? ', even at the high end of its Spot price' : '';
  if (isWorth(question, today, cost)) {
    const because = `That saves ${cents(today - cost)} a month (${percent(today, cost)}) against the ${now}${high}.`;
    return { held, recommended: held.option.kind, because };
  }
  const { percent: share, usdPerMonth } = question.minimumSaving;
  const against =
    cost >= today
      ? `the best plan (${name}) would cost ${cents(cost - today)} more`
      : `the best plan (${name}) would save ${cents(today - cost)} (${percent(today, cost)}), not the ${share} % and $${usdPerMonth} that are worth a move`;
  const stands = `It costs ${cents(today)} a month as it stands${covered === null ? '' : ' after commitments'}`;
  return { held, recommended: null, because: `${stands}; ${against}.` };
}

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

/** By what is compared, then ladder order; then what has no price; what is not possible last. */
function ranked(drafts: readonly Drafted[]): readonly ClusterOption[] {
  const place = ({ comparable, option }: Drafted): number => (comparable !== null ? 0 : option.feasible ? 1 : 2);
  const order = [...drafts].sort((a, b) => {
    if (a.comparable === null || b.comparable === null) return place(a) - place(b);
    return a.comparable < b.comparable ? -1 : a.comparable > b.comparable ? 1 : 0;
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

function resultOf({ prepared, workload, today }: Asking, { choice, options, shown }: Outcome): ClusterResult {
  return {
    recommended: choice.recommended,
    because: choice.because,
    options,
    breakEven: [],
    cluster: {
      services: workload.services.length,
      tasks: workload.services.reduce((sum, { tasks }) => sum + tasks, 0),
      today: workload.today,
      todayCovered: today,
      reserved: workload.reserved,
      interruptible: workload.services
        .filter((service) => mayBeInterrupted(prepared.question, service))
        .map(({ name }) => name)
        .sort(),
      providers: shown?.providers ?? [],
      threeNumbers: shown?.threeNumbers ?? null,
      leftOut: workload.leftOut,
      notes: [...workload.notes, ...offSpotNotes(prepared.question, workload)],
      oneTaskPerInstance: prepared.groups.length === 0 ? null : oneTaskPerInstance(prepared),
      split: prepared.question.apart === null ? null : splitByTag(prepared, prepared.question.apart),
    },
  };
}

/** Names of the question that no service has; services that it would send to Spot, and why they stay. */
function offSpotNotes({ interruptible }: ClusterQuestion, { services }: Workload): readonly string[] {
  const unknown = interruptible.filter((glob) => glob !== '*' && !services.some(({ name }) => matchesGlob(glob, name)));
  const staying = services.flatMap(({ name, onSpot, notOnSpot }) =>
    !onSpot && notOnSpot !== null && interruptible.some((glob) => matchesGlob(glob, name))
      ? [`${name} stays off Spot: ${notOnSpot}`]
      : [],
  );
  return [...unknown.map((glob) => `no service here is called ${glob}: it puts nothing on Spot`), ...staying];
}
