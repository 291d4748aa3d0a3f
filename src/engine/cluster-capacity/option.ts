/** One plan as an option of the answer: providers with names and proofs, lines, three numbers, quotas. */
import { type PricedLine, total } from '../capacity/lines.ts';
import { ec2QuotaCode, fargateQuotaCode } from '../capacity/quotas.ts';
import type { CapacityOption, Reason } from '../capacity/types.ts';
import type { PackAnswer, PackInput, PackResult } from '../pack/model.ts';
import { type NanoUsd, nanoUsd, usdString } from '../units.ts';
import { withoutDominated } from './buyable.ts';
import { coverage, spendOf } from './commitments.ts';
import { fargateNano, type Group, spotTasksOf, type World } from './groups.ts';
import { dutiesOf, isManaged, isSpot, PLAN_KINDS } from './kinds.ts';
import { kindsOf, type Placed, type Plan, type Prepared, withReserve } from './plan.ts';
import { diskOf, fargateLines, providerBand, providerLines } from './price.ts';
import { anyMixQuestions, betterOf, type MixRow, packedCounts, proofText, providerQuestion } from './proof.ts';
import {
  type ClusterKind,
  type ClusterOption,
  type ClusterProof,
  type ClusterResult,
  type PlannedProvider,
  PROVIDER_KINDS,
  type Workload,
} from './types.ts';

/** Answers a packing question; the same question always gets the same answer. */
export type Packer = (input: PackInput, work: number) => Promise<PackResult>;

export type Asking = {
  readonly prepared: Prepared;
  readonly workload: Workload;
  readonly world: World;
  readonly pack: Packer;
  /** What commitments pay today; null = none are known. */
  readonly today: ClusterResult['cluster']['todayCovered'];
};

export type Drafted = {
  readonly option: Omit<ClusterOption, 'rank'>;
  readonly nano: NanoUsd | null;
  /** What rank and ladder compare: after commitments, and a Spot price at its high end. */
  readonly comparable: NanoUsd | null;
  readonly proofs: readonly ClusterProof[];
};

/** An option without a plan: impossible, or possible without a price, with the reasons. */
export function withoutPlan(kind: ClusterKind, reasons: readonly Reason[], feasible = false): Drafted {
  return {
    nano: null,
    comparable: null,
    proofs: [],
    option: {
      kind,
      feasible,
      reasons,
      blockedBy: [],
      usdPerMonth: null,
      usdPerMonthAfterCommitments: null,
      band: null,
      plan: null,
      lines: [],
      lowerBoundUsdPerMonth: null,
      duties: dutiesOf(kind),
      winsIf: [],
      providers: [],
      fargate: null,
      threeNumbers: null,
      covered: null,
    },
  };
}

/** Packs every provider, bounds any mix, and adds the plan up. */
export async function draftOption(asking: Asking, plan: Plan): Promise<Drafted> {
  const onFargate = fargateLines(plan.fargate, PLAN_KINDS[plan.kind].fargate);
  const drafts: DraftedProvider[] = [];
  for (const [placed, name] of namedProviders(plan.providers)) drafts.push(await draftProvider(asking, placed, name));
  const lines = [...onFargate, ...drafts.flatMap((draft) => draft.lines)];
  const proofs = drafts.map(({ proof }) => proof);
  const nano = total(lines);
  const bestNano = total(onFargate) + drafts.reduce((sum, { packedNano }) => sum + packedNano, 0n);
  const bound = await anyMixBound(asking, { plan, most: bestNano }, proofs);
  const boundNano = bound < bestNano ? bound : bestNano;
  const [low, high] = [
    drafts.reduce((sum, { band }) => sum - band.low, nano),
    drafts.reduce((sum, { band }) => sum + band.high, nano),
  ];
  const { covered, savedNano } = coveredBy(asking, plan);
  const option: Drafted['option'] = {
    kind: plan.kind,
    feasible: true,
    reasons: remarksOf(asking, plan),
    blockedBy: blockedBy(asking, plan),
    usdPerMonth: usdString(nano),
    usdPerMonthAfterCommitments: covered === null ? null : usdString(nano - savedNano),
    band: plan.providers.some(({ buyable }) => isSpot(buyable.kind))
      ? { low: usdString(low), high: usdString(high) }
      : null,
    plan: planOf(plan),
    lines: lines.map(({ line }) => line),
    lowerBoundUsdPerMonth: usdString(boundNano),
    duties: dutiesOf(plan.kind),
    winsIf: [],
    providers: drafts.map(({ provider }) => provider),
    fargate:
      plan.fargate.length === 0
        ? null
        : {
            services: plan.fargate.reduce((sum, { services }) => sum + services.length, 0),
            tasks: plan.fargate.reduce((sum, { tasks }) => sum + tasks, 0),
            spotTasks: plan.fargate.reduce((sum, group) => sum + spotTasksIn(group, plan), 0),
            usdPerMonth: usdString(total(onFargate)),
          },
    threeNumbers: {
      asEcsPlaces: usdString(nano),
      bestPacking: usdString(bestNano),
      boundAnyMix: usdString(boundNano),
    },
    covered,
  };
  return { option, nano, comparable: high - savedNano, proofs };
}

type DraftedProvider = {
  readonly provider: PlannedProvider;
  readonly lines: readonly PricedLine[];
  /** Nano-USD a month of the best packing. */
  readonly packedNano: NanoUsd;
  readonly band: { readonly low: NanoUsd; readonly high: NanoUsd };
  readonly proof: ClusterProof;
};

async function draftProvider(asking: Asking, placed: Placed, name: string): Promise<DraftedProvider> {
  const { prepared, world } = asking;
  const input = providerQuestion(placed);
  const answer = betterOf(await packed(asking, input), placed);
  const { buyable, services, contents, count } = placed;
  const diskGiB = diskOf(buyable, services, contents);
  const tasks = services.reduce((sum, service) => sum + service.tasks, 0);
  const least = Math.min(buyable.atLeast, tasks);
  const needed = withReserve(prepared.question, buyable, Math.max(least, packedCounts(placed, answer).packed));
  const packedCount = Math.min(count, needed);
  const lines = providerLines(buyable, { name, count, diskGiB }, world.prices);
  return {
    lines,
    packedNano: total(providerLines(buyable, { name, count: packedCount, diskGiB }, world.prices)),
    band: providerBand(buyable, { name, count, diskGiB }, world.prices),
    proof: { name, input, answer },
    provider: {
      name,
      kind: buyable.kind,
      instanceType: buyable.type.name,
      count,
      packedCount,
      reserved: Math.min(count, buyable.paid.count),
      services: services.map((service) => service.name).sort(),
      tasks,
      usdPerMonth: usdString(total(lines)),
      gap: gapOf(answer.cost, answer.lowerBound),
      proof: proofText(placed, answer),
    },
  };
}

/** What commitments pay of the plan, and how much more of them than today pays for nothing. */
function coveredBy(
  { prepared: { question }, workload, world, today }: Asking,
  plan: Plan,
): { readonly covered: ClusterOption['covered']; readonly savedNano: NanoUsd } {
  if (today === null) return { covered: null, savedNano: 0n };
  const { savedNano, ...covered } = coverage(spendOf(plan, question, workload), { question, workload, world });
  const more = nanoUsd(covered.unusedUsdPerMonth) - nanoUsd(today.unusedUsdPerMonth);
  return { covered: { ...covered, strandedUsdPerMonth: usdString(more > 0n ? more : 0n) }, savedNano };
}

/** Dearest first within its kind: `mi-1`, `mi-2`, `asg-1`. */
function namedProviders(providers: readonly Placed[]): readonly (readonly [Placed, string])[] {
  const cost = ({ buyable, count }: Placed): NanoUsd => BigInt(count) * buyable.nano;
  const sorted = [...providers].sort((a, b) => {
    if (a.buyable.kind !== b.buyable.kind) return a.buyable.kind < b.buyable.kind ? 1 : -1;
    if (cost(a) !== cost(b)) return cost(a) > cost(b) ? -1 : 1;
    return a.buyable.type.name < b.buyable.type.name ? -1 : 1;
  });
  const counts = { mi: 0, asg: 0 };
  return sorted.map((placed) => {
    const prefix = isManaged(placed.buyable.kind) ? 'mi' : 'asg';
    counts[prefix] += 1;
    return [placed, `${prefix}-${counts[prefix]}`] as const;
  });
}

/** Different tasks up to which a bound over any mix gets better with the rounds. */
const FEW_SHAPES = 40;

/** Rounds of search for a question of so many different tasks: the whole answer stays within seconds. */
function workFor(shapes: number, types: number): number {
  if (types > 1) return shapes <= FEW_SHAPES ? 24 : 8;
  return shapes <= FEW_SHAPES ? 30 : 24;
}

async function packed({ pack }: Asking, input: PackInput): Promise<PackAnswer> {
  const distinct = new Set(input.shapes.map(({ req, perBin }) => `${req.join(' ')} ${perBin}`)).size;
  const result = await pack(input, workFor(distinct, input.types.length));
  if (result.kind === 'packed') return result;
  throw new Error(`invariant: ${result.shapes[0]?.shape ?? 'a task'} was placed and cannot be packed`);
}

/** The least that any mix of types (and Fargate, where the plan may use it) costs for the same tasks. */
async function anyMixBound(
  asking: Asking,
  { plan, most }: { readonly plan: Plan; readonly most: NanoUsd },
  proofs: ClusterProof[],
): Promise<NanoUsd> {
  const { fargate } = PLAN_KINDS[plan.kind];
  const displaced = new Map(plan.displaced.map(({ group, to }) => [group, to]));
  const rows: MixRow[] = [];
  let bound: NanoUsd = 0n;
  for (const group of asking.prepared.groups) {
    const to = displaced.get(group);
    const kinds = to === undefined ? kindsOf(group, plan.kind, asking.prepared) : [to];
    const mayUseFargate = to === undefined && group.against.fargate === null;
    // What has no other place than Fargate costs what it costs.
    if (kinds.length === 0) bound += fargateNano(group, fargate);
    else rows.push({ group, kinds, fargate: mayUseFargate ? fargate : null });
  }
  const types = Object.fromEntries(
    PROVIDER_KINDS.map((kind) => {
      const own = rows.filter((row) => row.kinds.includes(kind)).map(({ group }) => group);
      // A type that costs more than the whole plan is in no cheaper mix.
      const affordable = asking.prepared.types[kind].filter(({ nano, paid }) => paid.count > 0 || nano <= most);
      return [kind, withoutDominated(affordable, own)];
    }),
  ) as Prepared['types'];
  for (const [at, input] of anyMixQuestions(rows, types).entries()) {
    const answer = await packed(asking, input);
    proofs.push({ name: at === 0 ? 'any-mix' : `any-mix-${at + 1}`, input, answer });
    bound += answer.lowerBound;
  }
  return bound;
}

function gapOf(cost: NanoUsd, bound: NanoUsd): number | null {
  if (bound === 0n) return cost === 0n ? 0 : null;
  return Number(((cost - bound) * 1_000_000_000n) / bound) / 1e9;
}

function planOf(plan: Plan): ClusterOption['plan'] {
  const types = [...new Set(plan.providers.map(({ buyable }) => buyable.type.name))];
  const count = plan.providers.reduce((sum, placed) => sum + placed.count, 0);
  const tasks = plan.fargate.reduce((sum, group) => sum + group.tasks, 0);
  const onInstances = plan.providers.reduce(
    (sum, { services }) => sum + services.reduce((all, row) => all + row.tasks, 0),
    0,
  );
  return {
    fargateSize: null,
    billedSecondsPerTask: null,
    instanceType: types.length === 1 ? (types[0] ?? null) : null,
    count: plan.providers.length === 0 ? null : count,
    tasksPerInstance: null,
    peakTasks: tasks + onInstances,
    instanceHoursPerMonth: plan.providers.length === 0 ? null : String(count * 730),
  };
}

function spotTasksIn(group: Group, { kind }: Plan): number {
  return group.services.reduce((sum, service) => sum + spotTasksOf(group, service, PLAN_KINDS[kind].fargate), 0);
}

/** The vCPU quotas in the way: in use without this cluster + needed > granted. */
function blockedBy({ prepared, workload, world }: Asking, plan: Plan): CapacityOption['blockedBy'] {
  const need = new Map<string, number>();
  const use = (code: string | null, vcpu: number): void => {
    if (code !== null) need.set(code, (need.get(code) ?? 0) + vcpu);
  };
  for (const { buyable, count } of plan.providers) {
    const lifecycle = isSpot(buyable.kind) ? 'spot' : 'on-demand';
    // Reserved capacity counts against the quota already.
    const more = count - Math.min(count, buyable.paid.count);
    use(ec2QuotaCode(world.facts, buyable.type.name, lifecycle), more * buyable.type.vcpu);
  }
  for (const group of plan.fargate) {
    const { services, fargate } = group;
    const spot = spotTasksIn(group, plan);
    const tasks = services.reduce((sum, row) => sum + row.tasks, 0);
    const vcpu = (fargate?.size.cpuUnits ?? 0) / 1024;
    use(fargateQuotaCode(world.facts, 'fargate'), (tasks - spot) * vcpu);
    if (spot > 0) use(fargateQuotaCode(world.facts, 'fargate-spot'), spot * vcpu);
  }
  return prepared.question.quotas.flatMap(({ code, limit, usage }) => {
    const others = Math.max(0, Math.ceil(usage - (workload.today.vcpuByQuota[code] ?? 0)));
    const wanted = Math.ceil(need.get(code) ?? 0);
    return wanted === 0 || others + wanted <= limit ? [] : [{ quota: code, limit, usage: others, need: wanted }];
  });
}

function remarksOf({ workload: { daemons }, world: { facts } }: Asking, plan: Plan): readonly Reason[] {
  const remarks: Reason[] = plan.displaced.map(({ group, reason, to }) => {
    const [first, ...others] = group.services;
    const names = `${first?.name ?? ''}${others.length === 0 ? '' : ` and ${others.length} more`}`;
    return {
      rule: reason.rule,
      fact: reason.fact,
      text: `${names} needs ${isManaged(to) ? 'a Managed Instances provider' : 'an Auto Scaling group'}: ${reason.text}`,
    };
  });
  const add = (rule: string, fact: string, text: string): void => {
    facts.cite(fact);
    remarks.push({ rule, fact, text });
  };
  if (plan.providers.length === 0 && daemons.names.length > 0)
    add(
      'fargate-daemon',
      'fargate.no-daemon-service',
      `There are no instances, so nothing runs ${daemons.names.join(', ')}.`,
    );
  const onSpot = plan.providers.filter(({ buyable }) => isSpot(buyable.kind));
  if (onSpot.length > 0)
    add('spot-band', 'spot.band', 'Ranked at the high end of an assumed band around an old Spot snapshot.');
  if (onSpot.some(({ buyable }) => isManaged(buyable.kind)))
    add('fee-on-spot', 'mi.fee.on-spot', 'The management fee is assumed not to fall with the Spot price.');
  for (const { buyable, count } of plan.providers) {
    const { paid, type } = buyable;
    if (paid.count === 0 || paid.count >= count) continue;
    const text = `${paid.count} of ${count} ${type.name} are reserved; the rest is bought on demand.`;
    add('reserved-part', 'reserved.sunk', text);
  }
  return remarks;
}
