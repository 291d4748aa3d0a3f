/** What is advised about Managed Instances: settings and what holds capacity, never calls on instances. */
import { memberFact, numberFact } from '../fact-values.ts';
import type { FactBook } from '../facts.ts';
import { gapOf } from '../pack/answer.ts';
import type { PackAnswer, PackInput } from '../pack/model.ts';
import { HOURS_PER_MONTH, roundHalfEven, usdString } from '../units.ts';
import { isWorthIt, type MinimumSaving, type ProviderAdvice } from './advice.ts';
import { settingWords } from './lately.ts';
import { amountWords, tooFew, tooFewWords } from './proof-words.ts';
import type { ManagedQuestion } from './types.ts';

/** What AWS waits by default and what is advised where it never shrinks; facts mi.scale-in-after*. */
type ScaleIn = { readonly off: number; readonly advisedSeconds: number };

function scaleInOf({ optionType, isPaid }: ManagedQuestion, facts: FactBook): ScaleIn {
  if (optionType === 'spot') facts.cite('mi.spot-no-underutilised-scale-in');
  if (isPaid) facts.cite('mi.reserved');
  return {
    off: Number(memberFact(facts, 'mi.scale-in-after', 'off')),
    advisedSeconds: numberFact(facts, 'mi.scale-in-after-default-seconds'),
  };
}

/** The packing, not below what cannot be given up, as one advice. */
export function managedAdvice(
  question: ManagedQuestion,
  answer: PackAnswer,
  { minimum, facts }: { readonly minimum: MinimumSaving; readonly facts: FactBook },
): ProviderAdvice {
  const scaleIn = scaleInOf(question, facts);
  const { input, costBefore, instances } = question;
  const enough = answer.bins.reduce((sum, { count }) => sum + count, 0);
  const after = Math.min(instances, Math.max(enough, question.pinned.length));
  const dearest = input.types.reduce((most, { cost }) => (cost > most ? cost : most), 0n);
  const packed = answer.cost + BigInt(after - enough) * dearest;
  const costAfter = packed < costBefore ? packed : costBefore;
  const saved = costBefore - costAfter;
  const verdict = verdictOf(question, { saved, minimum, scaleIn });
  const isAdvised = verdict === 'save';
  return {
    name: question.name,
    kind: 'managed-instances',
    verdict,
    instances,
    instancesAfter: isAdvised ? after : instances,
    instancesPossible: after,
    usdPerHourBefore: usdString(costBefore),
    usdPerHourAfter: usdString(isAdvised ? costAfter : costBefore),
    lowerBound: usdString(answer.lowerBound),
    usdPerMonthPossible: usdString(saved * HOURS_PER_MONTH),
    usdPerMonthSaved: usdString(isAdvised ? saved * HOURS_PER_MONTH : 0n),
    gap: gapOf(answer),
    proved: answer.cost === answer.lowerBound,
    certificate: answer.certificate,
    advice: settingOf(question, verdict, scaleIn),
    waves: [],
    frontier: [],
    kept: question.pinned,
    proof: proofOf(input, { enough, after }),
    risks: risksOf(verdict, { saved, spare: instances - after }),
    notes: notesOf(question, { enough }),
    group: null,
    desiredCapacity: null,
    hosts: {},
    scaleInAfterSeconds: question.scaleInAfterSeconds,
    proposalIds: [],
  };
}

function verdictOf(
  question: ManagedQuestion,
  { saved, minimum, scaleIn }: { readonly saved: bigint; readonly minimum: MinimumSaving; readonly scaleIn: ScaleIn },
): ProviderAdvice['verdict'] {
  const { scaleInAfterSeconds, idle, isPaid, changed } = question;
  if (isPaid && scaleInAfterSeconds !== scaleIn.off && changed === null) return 'keep-paid';
  if (saved <= 0n) return 'within';
  if (!isWorthIt(saved, question.costBefore, minimum)) return 'below-minimum';
  // What is paid for stays in use, and on Spot an instance that still has tasks is not given up.
  if (isPaid || (question.optionType === 'spot' && idle.length === 0)) return 'no-lever';
  const isOff = scaleInAfterSeconds === scaleIn.off;
  const isSlow = idle.length > 0 && (scaleInAfterSeconds ?? 0) > scaleIn.advisedSeconds;
  if (!isOff && !isSlow) return 'by-itself';
  return changed === null ? 'save' : 'cooling-down';
}

/** One setting to change, or none. */
function settingOf(
  question: ManagedQuestion,
  verdict: ProviderAdvice['verdict'],
  scaleIn: ScaleIn,
): ProviderAdvice['advice'] {
  const change = { setting: 'scaleInAfter', from: question.scaleInAfterSeconds };
  if (verdict === 'save') return [{ ...change, to: scaleIn.advisedSeconds, because: becauseOf(question, scaleIn) }];
  if (verdict !== 'keep-paid') return [];
  const because = 'all its instances are in capacity reservations, which cost the same when AWS ends an instance';
  return [{ ...change, to: scaleIn.off, because }];
}

function risksOf(
  verdict: ProviderAdvice['verdict'],
  { saved, spare }: { readonly saved: bigint; readonly spare: number },
): readonly string[] {
  const launched = 'AWS documents the new value for instances launched later; for those that run it is not documented';
  if (verdict === 'save') {
    return [
      launched,
      'moved tasks are replaced by the rules of their deployment; pinned tasks stay until they end or their protection does',
    ];
  }
  if (verdict !== 'keep-paid') return [];
  const month = roundHalfEven({ n: saved * HOURS_PER_MONTH, d: 1_000_000_000n });
  const kept = `${spare === 1 ? 'the 1 instance' : `the ${spare} instances`} that the tasks do not need now`;
  return [launched, ...(spare > 0 ? [`${kept} go on costing about $${month} a month in fees and volumes`] : [])];
}

function becauseOf({ scaleInAfterSeconds }: ManagedQuestion, { off }: ScaleIn): string {
  return scaleInAfterSeconds === off
    ? `its optimiser is off (scaleInAfter = ${off})`
    : `an idle instance stays ${scaleInAfterSeconds} s`;
}

function proofOf(
  input: PackInput,
  { enough, after }: { readonly enough: number; readonly after: number },
): readonly string[] {
  const needs = input.resources.map((_, at) =>
    input.shapes.reduce((sum, { req, count }) => sum + count * (req[at] ?? 0), 0),
  );
  const caps = input.types.flatMap(({ cap, limit }) => Array.from({ length: limit ?? 0 }, () => cap));
  const fewer = tooFew(input.resources, needs, { caps, fewer: enough - 1 });
  const [cpu, memory] = ['cpuUnits', 'memoryMiB'].map((name) =>
    amountWords(name, needs[input.resources.indexOf(name)] ?? 0),
  );
  return [
    `Running tasks need ${cpu} and ${memory}`,
    ...(fewer === null ? [] : [tooFewWords(fewer)]),
    `a packing in ${enough} is in the proof`,
    ...(after > enough ? [`${after} must stay for tasks that cannot move`] : []),
  ];
}

function notesOf(question: ManagedQuestion, { enough }: { readonly enough: number }): readonly string[] {
  const { optionType, idle, instances, isPaid } = question;
  const notes = [...question.notes, ...(question.changed === null ? [] : [settingWords(question.changed)])];
  if (isPaid) notes.push('its reservations are paid for whether it runs or not: only fees and volumes are counted');
  if (optionType === 'spot' && enough < instances) {
    notes.push(
      `${enough} instances would do, but on Spot AWS removes idle instances only (${idle.length} now), not underused ones`,
    );
  }
  return notes;
}
