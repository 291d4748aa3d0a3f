/** What one provider is advised, from its question and the answer: money, waves, words that a person can check. */
import type { ConsolidateAnswer, ConsolidateInput, Wave } from '../consolidate/model.ts';
import { gapOf } from '../pack/answer.ts';
import type { PackCertificate } from '../pack/model.ts';
import { HOURS_PER_MONTH, nanoUsd, usdString } from '../units.ts';
import { playLandings, type WaveLanding } from './landing.ts';
import { countProof } from './proof-words.ts';
import { stoppedByHand } from './replan.ts';
import type { AsgQuestion, HostNames, ProviderQuestion } from './types.ts';

export type MinimumSaving = { readonly percent: number; readonly usdPerMonth: number };

/**
 * `save` = do it; `below-minimum` = possible, and not worth it; `within` = no plan found saves anything. On Managed
 * Instances also: `by-itself` = AWS gets there alone, `no-lever` = fewer would do, and no setting gets there,
 * `cooling-down` = a setting would get there, and somebody has just changed it, `keep-paid` = all of it is in
 * reservations, so AWS should end nothing.
 */
export type AdviceVerdict =
  | 'save'
  | 'below-minimum'
  | 'within'
  | 'by-itself'
  | 'no-lever'
  | 'cooling-down'
  | 'keep-paid'
  | 'skipped';

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
  /** After the plan found, advised or not. */
  readonly instancesPossible: number;
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
  /** Of Managed Instances: null = AWS's default. */
  readonly scaleInAfterSeconds: number | null;
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
  scaleInAfterSeconds: null,
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
    instancesPossible: instances,
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
    instancesAfter: isAdvised ? instancesAfter(input, answer) : input.instances.length,
    instancesPossible: instancesAfter(input, answer),
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

function instancesAfter({ instances }: ConsolidateInput, { waves }: ConsolidateAnswer): number {
  return waves.reduce((sum, { launch, drain }) => sum + launch.length - drain.length, instances.length);
}

function drainedHosts({ hosts }: AsgQuestion, waves: readonly Wave[]): ProviderAdvice['hosts'] {
  const drained = new Set(waves.flatMap(({ drain }) => drain));
  return Object.fromEntries(Object.entries(hosts).filter(([id]) => drained.has(id)));
}

/** ECS may use the spare: only the plan leaves it alone. */
function withOpenSpares(input: ConsolidateInput, spares: readonly string[]): ConsolidateInput {
  const instances = input.instances.map((row) => (spares.includes(row.id) ? { ...row, accepts: true } : row));
  return { ...input, instances };
}

function wavesOf({ input, strategies, spares }: AsgQuestion, waves: readonly Wave[]): readonly AdviceWave[] {
  const landings = playLandings(withOpenSpares(input, spares), waves, strategies);
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

/** What only the plan shows: launches above the group's maximum, and spare room that managed scaling starts again. */
function planRisks(
  { input, maxSize, targetCapacityPercent, spares }: AsgQuestion,
  answer: ConsolidateAnswer,
): string[] {
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
  const byHand = stoppedByHand(answer.waves);
  if (byHand > 0) {
    risks.push(
      `draining alone is not enough: in their wave, stop ${byHand === 1 ? '1 task' : `${byHand} tasks`} by hand on instances that stay (the moves are in --json)`,
    );
  }
  const target = targetCapacityPercent ?? 100;
  const missing = Math.ceil(((count - spares.length) * 100) / target) - count;
  if (missing > 0) {
    risks.push(
      `managed scaling aims at ${target} % in use: it starts ${missing} of the saved instances again unless you raise that`,
    );
  }
  return risks;
}
