/** One plan as an option of the answer: providers with names and proofs, lines, three numbers, quotas. */
import { type PricedLine, total } from '../capacity/lines.ts';
import { ec2QuotaCode, fargateQuotaCode } from '../capacity/quotas.ts';
import { duties } from '../capacity/remarks.ts';
import type { CapacityOption, Reason } from '../capacity/types.ts';
import type { PackAnswer, PackInput, PackResult } from '../pack/model.ts';
import { type NanoUsd, usdString } from '../units.ts';
import { affordable, withoutDominated } from './buyable.ts';
import type { World } from './groups.ts';
import { fargateNano, type Placed, type Plan, type Prepared, withReserve } from './plan.ts';
import { diskOf, fargateLines, providerLines } from './price.ts';
import { anyMixQuestion, betterOf, packedCounts, proofText, providerQuestion } from './proof.ts';
import type { ClusterKind, ClusterOption, ClusterProof, PlannedProvider, ProviderKind, Workload } from './types.ts';

/** Answers a packing question; the same question always gets the same answer. */
export type Packer = (input: PackInput, work: number) => Promise<PackResult>;

export type Asking = {
  readonly prepared: Prepared;
  readonly workload: Workload;
  readonly world: World;
  readonly pack: Packer;
};

export type Drafted = {
  readonly option: Omit<ClusterOption, 'rank'>;
  readonly nano: NanoUsd | null;
  readonly proofs: readonly ClusterProof[];
};

/** An option that nothing can be planned for, with the reasons. */
export function impossible(kind: ClusterKind, reasons: readonly Reason[]): Drafted {
  return {
    nano: null,
    proofs: [],
    option: {
      kind,
      feasible: false,
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
    },
  };
}

/** Packs every provider, bounds any mix, and adds the plan up. */
export async function draftOption(asking: Asking, plan: Plan): Promise<Drafted> {
  const { prepared, world } = asking;
  const providers: PlannedProvider[] = [];
  const lines: PricedLine[] = [...fargateLines(plan.fargate)];
  const packedLines: PricedLine[] = [...lines];
  const proofs: ClusterProof[] = [];
  for (const [placed, name] of namedProviders(plan.providers)) {
    const input = providerQuestion(placed);
    const answer = betterOf(await packed(asking, input), placed);
    const { buyable, services, contents, count } = placed;
    const diskGiB = diskOf(buyable, services, contents);
    const tasks = services.reduce((sum, service) => sum + service.tasks, 0);
    const least = Math.min(buyable.atLeast, tasks);
    const packedCount = withReserve(prepared.question, buyable, Math.max(least, packedCounts(placed, answer).packed));
    const own = providerLines(buyable, { name, count, diskGiB }, world.prices);
    lines.push(...own);
    packedLines.push(...providerLines(buyable, { name, count: Math.min(count, packedCount), diskGiB }, world.prices));
    proofs.push({ name, input, answer });
    providers.push({
      name,
      kind: buyable.kind,
      instanceType: buyable.type.name,
      count,
      packedCount: Math.min(count, packedCount),
      services: services.map((service) => service.name).sort(),
      tasks,
      usdPerMonth: usdString(total(own)),
      gap: gapOf(answer.cost, answer.lowerBound),
      proof: proofText(placed, answer),
    });
  }
  const nano = total(lines);
  const bestNano = total(packedLines);
  const bound = await anyMixBound(asking, { plan, most: bestNano }, proofs);
  const boundNano = bound < bestNano ? bound : bestNano;
  const onFargate = total(fargateLines(plan.fargate));
  const option: Drafted['option'] = {
    kind: plan.kind,
    feasible: true,
    reasons: remarksOf(plan, asking.workload),
    blockedBy: blockedBy(asking, plan),
    usdPerMonth: usdString(nano),
    usdPerMonthAfterCommitments: null,
    band: null,
    plan: planOf(plan),
    lines: lines.map(({ line }) => line),
    lowerBoundUsdPerMonth: usdString(boundNano),
    duties: dutiesOf(plan.kind),
    winsIf: [],
    providers,
    fargate:
      plan.fargate.length === 0
        ? null
        : {
            services: plan.fargate.reduce((sum, { services }) => sum + services.length, 0),
            tasks: plan.fargate.reduce((sum, { tasks }) => sum + tasks, 0),
            usdPerMonth: usdString(onFargate),
          },
    threeNumbers: {
      asEcsPlaces: usdString(nano),
      bestPacking: usdString(bestNano),
      boundAnyMix: usdString(boundNano),
    },
  };
  return { option, nano, proofs };
}

/** Dearest first within its kind: `mi-1`, `mi-2`, `asg-1`. */
function namedProviders(providers: readonly Placed[]): readonly (readonly [Placed, string])[] {
  const cost = ({ buyable, count }: Placed): NanoUsd => BigInt(count) * buyable.nano;
  const sorted = [...providers].sort((a, b) => {
    if (a.buyable.kind !== b.buyable.kind) return a.buyable.kind < b.buyable.kind ? 1 : -1;
    if (cost(a) !== cost(b)) return cost(a) > cost(b) ? -1 : 1;
    return a.buyable.type.name < b.buyable.type.name ? -1 : 1;
  });
  const counts = { 'mi-on-demand': 0, 'asg-on-demand': 0 };
  return sorted.map((placed) => {
    const { kind } = placed.buyable;
    counts[kind] += 1;
    return [placed, `${kind === 'mi-on-demand' ? 'mi' : 'asg'}-${counts[kind]}`] as const;
  });
}

/** Rounds of search for a question of so many different tasks: the whole answer stays within seconds. */
function workFor(shapes: number): number {
  return shapes <= 30 ? 30 : 24;
}

async function packed({ pack }: Asking, input: PackInput): Promise<PackAnswer> {
  const distinct = new Set(input.shapes.map(({ req, perBin }) => `${req.join(' ')} ${perBin}`)).size;
  const result = await pack(input, workFor(distinct));
  if (result.kind === 'packed') return result;
  throw new Error(`invariant: ${result.shapes[0]?.shape ?? 'a task'} was placed and cannot be packed`);
}

/** The least that any mix of types (and Fargate, where the plan may use it) costs for the same tasks. */
async function anyMixBound(
  asking: Asking,
  { plan, most }: { readonly plan: Plan; readonly most: NanoUsd },
  proofs: ClusterProof[],
): Promise<NanoUsd> {
  const kinds: readonly ProviderKind[] =
    plan.kind === 'fargate' ? [] : plan.kind.endsWith('mi-on-demand') ? ['mi-on-demand'] : ['asg-on-demand'];
  const mayUseFargate = plan.kind.startsWith('fargate');
  const displaced = new Map(plan.displaced.map(({ group, to }) => [group, to]));
  // What has no other place than Fargate costs what it costs.
  const fixed = plan.kind === 'fargate' ? plan.fargate.reduce((sum, group) => sum + fargateNano(group), 0n) : 0n;
  const rows = asking.prepared.groups.flatMap((group) => {
    const to = displaced.get(group);
    if (plan.kind === 'fargate' && to === undefined) return [];
    const onFargate = to === undefined && mayUseFargate && group.against.fargate === null;
    const own = to === undefined ? kinds.filter((kind) => group.against[kind] === null) : [to];
    return [{ group, kinds: own, mayUseFargate: onFargate }];
  });
  if (rows.length === 0) return fixed;
  const typesOf = (kind: ProviderKind) => {
    const own = rows.filter((row) => row.kinds.includes(kind)).map(({ group }) => group);
    return affordable(withoutDominated(asking.prepared.types[kind], own), own, most);
  };
  const input = anyMixQuestion(rows, {
    'mi-on-demand': typesOf('mi-on-demand'),
    'asg-on-demand': typesOf('asg-on-demand'),
  });
  const answer = await packed(asking, input);
  proofs.push({ name: 'any-mix', input, answer });
  return fixed + answer.lowerBound;
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

/** The vCPU quotas in the way: in use without this cluster + needed > granted. */
function blockedBy({ prepared, workload, world }: Asking, plan: Plan): CapacityOption['blockedBy'] {
  const need = new Map<string, number>();
  const use = (code: string | null, vcpu: number): void => {
    if (code !== null) need.set(code, (need.get(code) ?? 0) + vcpu);
  };
  for (const { buyable, count } of plan.providers)
    use(ec2QuotaCode(world.facts, buyable.type.name, 'on-demand'), count * buyable.type.vcpu);
  for (const { services, fargate } of plan.fargate) {
    const spot = fargate?.spotUsdPerHour == null ? 0 : services.reduce((sum, { spotTasks }) => sum + spotTasks, 0);
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

const PLACES: { readonly [K in ProviderKind]: string } = {
  'mi-on-demand': 'a Managed Instances provider',
  'asg-on-demand': 'an Auto Scaling group',
};

function remarksOf(plan: Plan, { daemons }: Workload): readonly Reason[] {
  const remarks: Reason[] = plan.displaced.map(({ group, reason, to }) => {
    const [first, ...others] = group.services;
    const names = `${first?.name ?? ''}${others.length === 0 ? '' : ` and ${others.length} more`}`;
    return { rule: reason.rule, fact: reason.fact, text: `${names} needs ${PLACES[to]}: ${reason.text}` };
  });
  if (plan.providers.length === 0 && daemons.names.length > 0) {
    const text = `There are no instances, so nothing runs ${daemons.names.join(', ')}.`;
    remarks.push({ rule: 'fargate-daemon', fact: 'fargate.no-daemon-service', text });
  }
  return remarks;
}

function dutiesOf(kind: ClusterKind): readonly string[] {
  const parts =
    kind === 'fargate'
      ? (['fargate'] as const)
      : kind.endsWith('mi-on-demand')
        ? (['mi-on-demand'] as const)
        : (['asg-on-demand'] as const);
  const all = kind.startsWith('fargate+') ? [...duties('fargate'), ...duties(parts[0])] : duties(parts[0]);
  return [...new Set(all)];
}
