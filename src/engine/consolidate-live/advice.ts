/** What one provider is advised, from its question and the answer: money, waves, words that a person can check. */
import type { ConsolidateAnswer, ConsolidateInput, Wave } from '../consolidate/model.ts';
import { gapOf } from '../pack/answer.ts';
import type { PackCertificate } from '../pack/model.ts';
import { HOURS_PER_MONTH, nanoUsd, usdString } from '../units.ts';
import { playLandings, type WaveLanding } from './landing.ts';
import type { AsgQuestion, HostNames, ProviderQuestion } from './types.ts';

export type MinimumSaving = { readonly percent: number; readonly usdPerMonth: number };

/**
 * `save` = do it; `below-minimum` = possible, and not worth it; `within` = no plan found saves anything. On Managed
 * Instances also: `by-itself` = AWS gets there alone, `no-lever` = fewer would do, and no setting gets there.
 */
export type AdviceVerdict = 'save' | 'below-minimum' | 'within' | 'by-itself' | 'no-lever' | 'skipped';

export type AdviceWave = Wave & {
  readonly landing: WaveLanding;
  /** Instances that run when the wave is done. */
  readonly instancesAfter: number;
};

export type ProviderAdvice = {
  readonly name: string;
  readonly kind: 'asg' | 'managed-instances';
  readonly verdict: AdviceVerdict;
  readonly instances: number;
  readonly instancesAfter: number;
  /** Decimal USD; `After` is after what is advised: as before when nothing is. */
  readonly usdPerHourBefore: string;
  readonly usdPerHourAfter: string;
  /** No plan of any number of moves ends below this. */
  readonly lowerBound: string;
  /** What the plan found would save, advised or not. */
  readonly usdPerMonthPossible: string;
  readonly usdPerMonthSaved: string;
  /** Cost of the plan found against the bound, as a fraction; null when the bound is 0. */
  readonly gap: number | null;
  readonly proved: boolean;
  readonly certificate: PackCertificate | null;
  readonly advice: readonly {
    readonly setting: string;
    readonly from: number | null;
    readonly to: number;
    readonly because: string;
  }[];
  readonly waves: readonly AdviceWave[];
  readonly frontier: readonly { readonly weightedMoves: number; readonly usdPerHourAfter: string }[];
  readonly kept: readonly { readonly instance: string; readonly because: string }[];
  readonly proof: readonly string[];
  readonly risks: readonly string[];
  readonly notes: readonly string[];
  /** What the commands need to name. */
  readonly group: string | null;
  readonly desiredCapacity: number | null;
  readonly hosts: { readonly [instance: string]: HostNames };
  readonly proposalIds: readonly string[];
};

const EMPTY = {
  certificate: null,
  advice: [],
  waves: [],
  frontier: [],
  kept: [],
  proof: [],
  risks: [],
  notes: [],
  group: null,
  desiredCapacity: null,
  hosts: {},
  proposalIds: [],
} satisfies Partial<ProviderAdvice>;

/** A provider that was not asked, with the reason. */
export function skippedAdvice({
  name,
  providerKind,
  instances,
  because,
}: Extract<ProviderQuestion, { kind: 'skipped' }>): ProviderAdvice {
  return {
    ...EMPTY,
    name,
    kind: providerKind,
    verdict: 'skipped',
    instances,
    instancesAfter: instances,
    usdPerHourBefore: '0',
    usdPerHourAfter: '0',
    lowerBound: '0',
    usdPerMonthPossible: '0',
    usdPerMonthSaved: '0',
    gap: null,
    proved: false,
    notes: [because],
  };
}

/** What an Auto Scaling group is advised. Hysteresis: nothing below the minimum saving. */
export function asgAdvice(question: AsgQuestion, answer: ConsolidateAnswer, minimum: MinimumSaving): ProviderAdvice {
  const { input } = question;
  const saved = answer.costBefore - answer.costAfter;
  const verdict = saved <= 0n ? 'within' : isWorthIt(saved, answer.costBefore, minimum) ? 'save' : 'below-minimum';
  const isAdvised = verdict === 'save';
  const waves = isAdvised ? wavesOf(question, answer.waves) : [];
  return {
    ...EMPTY,
    name: question.name,
    kind: 'asg',
    verdict,
    instances: input.instances.length,
    instancesAfter: waves.at(-1)?.instancesAfter ?? input.instances.length,
    usdPerHourBefore: usdString(answer.costBefore),
    usdPerHourAfter: usdString(isAdvised ? answer.costAfter : answer.costBefore),
    lowerBound: usdString(answer.lowerBound),
    usdPerMonthPossible: usdString(saved * HOURS_PER_MONTH),
    usdPerMonthSaved: usdString(isAdvised ? saved * HOURS_PER_MONTH : 0n),
    gap: gapOf({ cost: answer.costAfter, lowerBound: answer.lowerBound }),
    proved: answer.costAfter === answer.lowerBound,
    certificate: answer.certificate,
    waves,
    frontier: answer.frontier.map(({ weightedMoves, costAfter }) => ({
      weightedMoves,
      usdPerHourAfter: usdString(costAfter),
    })),
    kept: answer.kept,
    proof: isAdvised ? countProof(input, answer) : [],
    risks: isAdvised ? [...question.risks, ...planRisks(question, answer)] : [],
    notes: question.notes,
    group: question.group,
    desiredCapacity: question.desiredCapacity,
    hosts: drainedHosts(question, waves),
  };
}

function drainedHosts({ hosts }: AsgQuestion, waves: readonly Wave[]): ProviderAdvice['hosts'] {
  const drained = new Set(waves.flatMap(({ drain }) => drain));
  return Object.fromEntries(Object.entries(hosts).filter(([id]) => drained.has(id)));
}

function wavesOf({ input, strategies }: AsgQuestion, waves: readonly Wave[]): readonly AdviceWave[] {
  const landings = playLandings(input, waves, strategies);
  let count = input.instances.length;
  return waves.map((wave, at) => {
    count += wave.launch.length - wave.drain.length;
    const landing = landings[at] ?? { plays: 0, placed: 0, asPlanned: 0, withoutRoom: [] };
    return { ...wave, landing, instancesAfter: count };
  });
}

/** Worth it when it saves at least both the amount and the share. Shares are compared exactly. */
export function isWorthIt(saved: bigint, before: bigint, minimum: MinimumSaving): boolean {
  if (saved * HOURS_PER_MONTH < nanoUsd(minimum.usdPerMonth.toFixed(2))) return false;
  return saved * 100_000n >= BigInt(Math.round(minimum.percent * 1000)) * before;
}

const RESOURCE_WORDS: { readonly [name: string]: (amount: number) => string } = {
  cpuUnits: (units) => `${plain(units / 1024)} vCPU`,
  memoryMiB: (mib) => `${plain(mib / 1024)} GiB`,
  interfaces: (count) => `${count} network interfaces`,
  gpus: (count) => `${count} GPUs`,
};

/** At most two decimals, without needless zeros. */
function plain(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** `33.5 vCPU`, `58 GiB`. */
export function amountWords(resource: string, amount: number): string {
  return RESOURCE_WORDS[resource]?.(amount) ?? `${amount} of ${resource}`;
}

/** `need` in one resource, and that `fewer` instances give less of it. */
export type TooFew = { readonly need: string; readonly fewer: number; readonly gives: string };

/**
 * Why one instance less would not do, in one resource and by plain sums; null when plain sums do not show it. `caps` are
 * those of the instances that may be kept, `fewer` is how many are too few.
 */
export function tooFew(
  resources: readonly string[],
  needs: readonly number[],
  { caps, fewer }: { readonly caps: readonly (readonly number[])[]; readonly fewer: number },
): TooFew | null {
  if (fewer < 1) return null;
  const at = resources.findIndex((_, resource) => largest(caps, resource, fewer) < (needs[resource] ?? 0));
  const resource = resources[at];
  if (resource === undefined) return null;
  return {
    need: amountWords(resource, needs[at] ?? 0),
    fewer,
    gives: amountWords(resource, largest(caps, at, fewer)),
  };
}

/** `4 instances give 32 vCPU, too few`. */
export function tooFewWords({ fewer, gives }: TooFew): string {
  return `${fewer === 1 ? '1 instance gives' : `${fewer} instances give`} ${gives}, too few`;
}

function largest(caps: readonly (readonly number[])[], resource: number, count: number): number {
  const row = caps.map((cap) => cap[resource] ?? 0).sort((a, b) => b - a);
  return row.slice(0, count).reduce((sum, value) => sum + value, 0);
}

function countProof(input: ConsolidateInput, answer: ConsolidateAnswer): readonly string[] {
  const caps = new Map(input.types.map(({ name, cap }) => [name, cap]));
  const reqs = new Map(input.services.map(({ id, req }) => [id, req]));
  const needs = input.resources.map((_, at) =>
    input.instances.reduce(
      (sum, { tasks }) =>
        sum + Object.entries(tasks).reduce((part, [name, count]) => part + count * (reqs.get(name)?.[at] ?? 0), 0),
      0,
    ),
  );
  const launched = answer.waves.flatMap(({ launch }) => launch);
  const drained = answer.waves.reduce((sum, { drain }) => sum + drain.length, 0);
  const after = input.instances.length + launched.length - drained;
  const all = [
    ...input.instances.filter(({ accepts }) => accepts).map(({ cap, type }) => cap ?? caps.get(type) ?? []),
    ...launched.map(({ type }) => caps.get(type) ?? []),
  ];
  const shown = tooFew(input.resources, needs, { caps: all, fewer: after - 1 });
  return shown === null ? [] : [`The tasks that may move need ${shown.need}; of these instances ${tooFewWords(shown)}`];
}

/** What only the plan shows: launches above the group's maximum, and spare room that managed scaling starts again. */
function planRisks({ input, maxSize, targetCapacityPercent }: AsgQuestion, answer: ConsolidateAnswer): string[] {
  const risks: string[] = [];
  let count = input.instances.length;
  let most = count;
  let launched = 0;
  for (const { launch, drain } of answer.waves) {
    launched += launch.length;
    most = Math.max(most, count + launch.length);
    count += launch.length - drain.length;
  }
  if (most > maxSize)
    risks.push(`the group may not have more than ${maxSize} instances, the plan needs ${most} for a while`);
  if (launched > 0) {
    risks.push(
      'which type and zone a new instance gets is the choice of the group: look before draining, and ask again if it differs',
    );
  }
  if (targetCapacityPercent !== null && targetCapacityPercent < 100) {
    const wanted = Math.ceil((count * 100) / targetCapacityPercent);
    if (wanted > count) {
      risks.push(
        `managed scaling aims at ${targetCapacityPercent} %: with ${count} in use it keeps ${wanted}, so ${wanted - count} of the saved instances come back unless you raise it`,
      );
    }
  }
  return risks;
}
