/**
 * Problem: which services have tasks of the wrong size, and what does the right one save.
 * Method: need from p95 and maximum with a margin, the cheapest legal size that holds it; Compute Optimizer's finding
 * beside it, and of the two the more careful in each dimension. No advice where the figures cannot carry it.
 */
import { type ClusterIndex, clusterIndex, lastPart } from '../cost/cluster-context.ts';
import { type TaskSize, taskSize } from '../cost/task-size.ts';
import { numberFact } from '../fact-values.ts';
import type { FactBook } from '../facts.ts';
import type { ComputeOptimizerFinding } from '../model.ts';
import type { FamilySamples, Service, ServiceUtilisation } from '../model-cluster.ts';
import { compare, type NanoUsd, nanoUsd, usdString, whole } from '../units.ts';
import { HOUR_MS, instantOf } from '../windows/instant.ts';
import { blindSpots, hasShortTasks } from './blind-spots.ts';
import { cpuTarget, type Need, needOf, riskOf } from './need.ts';
import { type Place, type Places, places } from './place.ts';
import type { RightsizeQuestion, RightsizeResult, SizeAdvice, SizeMetrics, SizeSource, SkipReason } from './types.ts';

type Shared = {
  readonly question: RightsizeQuestion;
  readonly index: ClusterIndex;
  readonly facts: FactBook;
  readonly margin: number;
  readonly placeOf: Places;
  readonly findings: ReadonlyMap<string, ComputeOptimizerFinding>;
  readonly samples: ReadonlyMap<string, FamilySamples>;
};

type Outcome =
  | { readonly kind: 'advice'; readonly advice: SizeAdvice; readonly saved: NanoUsd }
  | { readonly kind: 'skipped'; readonly reason: SkipReason }
  | { readonly kind: 'right' | 'below-minimum' };

/** Looks at every service of a cluster. Rows are sorted by saving, then by name. */
export function rightsizeCluster(question: RightsizeQuestion): RightsizeResult {
  const { view, region, facts } = question;
  const index = clusterIndex(view);
  const findings = (region?.computeOptimizer ?? []).filter(({ cluster }) => lastPart(cluster) === view.name);
  const shared: Shared = {
    question,
    index,
    facts,
    margin: question.marginPercent ?? numberFact(facts, 'rightsize.margin-percent'),
    placeOf: places(index, question),
    findings: new Map(findings.map((finding) => [lastPart(finding.service), finding])),
    samples: samplesByFamily(view.samples),
  };
  const outcomes = view.services.map((service) => ({ service, outcome: look(shared, service) }));
  const advised = outcomes.flatMap(({ outcome }) => (outcome.kind === 'advice' ? [outcome] : []));
  const sum = (of: (saved: NanoUsd) => NanoUsd): string =>
    usdString(advised.reduce((total, { saved }) => total + of(saved), 0n));
  const count = (kind: Outcome['kind']): number => outcomes.filter(({ outcome }) => outcome.kind === kind).length;
  return {
    rows: [...advised].sort(bySaving).map(({ advice }) => advice),
    skipped: outcomes.flatMap(({ service, outcome }) =>
      outcome.kind === 'skipped' ? [{ service: service.name, reason: outcome.reason }] : [],
    ),
    nothingToDo: count('right'),
    belowMinimum: count('below-minimum'),
    savedUsdPerMonth: sum((saved) => (saved > 0n ? saved : 0n)),
    addedUsdPerMonth: sum((saved) => (saved < 0n ? -saved : 0n)),
    assumptions: facts
      .used()
      .filter(({ confidence }) => confidence === 'assumed' || confidence === 'low')
      .map(({ id }) => id),
  };
}

/** A family that several services run is in several shards of the cluster. */
function samplesByFamily(families: readonly FamilySamples[]): ReadonlyMap<string, FamilySamples> {
  const merged = new Map<string, FamilySamples>();
  for (const { family, samples } of families) {
    merged.set(family, { family, samples: [...(merged.get(family)?.samples ?? []), ...samples] });
  }
  return merged;
}

function bySaving(a: { advice: SizeAdvice; saved: NanoUsd }, b: { advice: SizeAdvice; saved: NanoUsd }): number {
  if (a.saved !== b.saved) return a.saved > b.saved ? -1 : 1;
  return a.advice.service < b.advice.service ? -1 : 1;
}

function look(shared: Shared, service: Service): Outcome {
  const { index, facts } = shared;
  const skip = (reason: SkipReason): Outcome => ({ kind: 'skipped', reason });
  if (service.schedulingStrategy === 'DAEMON') return skip('daemon');
  if (service.deployment.inProgress) return skip('deployment-in-progress');
  if (service.desiredCount === 0) return skip('no-tasks-wanted');
  const definition = index.definition(service.taskDefinition);
  if (definition === null) return skip('no-size');
  const from = taskSize(null, definition);
  if (from.cpuUnits === 0 && from.memoryMiB === 0) return skip('no-size');
  const place = shared.placeOf(service, definition);
  if (typeof place === 'string') return skip(place);
  const utilisation = index.utilisation(service.name);
  const metrics: SizeMetrics = { cpu: utilisation?.cpuPercent ?? null, memory: utilisation?.memoryPercent ?? null };
  const isMeasured = metrics.cpu !== null || metrics.memory !== null;
  const optimizer = saidByOptimizer(shared, service, { from, place });
  if (!isMeasured && optimizer === null) {
    return skip(isNew(shared, service) ? 'less-than-a-day-of-metrics' : 'no-metrics');
  }
  const isYoung = utilisation !== null && isMeasured && hoursOfMetrics(service, utilisation) < minimumHours(facts);
  const need = needOf(facts, { from, metrics, service, marginPercent: shared.margin });
  const isTight = need.isTight.cpu || need.isTight.memory;
  if (isYoung && !isTight && optimizer === null) return skip('less-than-a-day-of-metrics');
  const own = isMeasured && (!isYoung || isTight) ? ownSize(place, from, need) : null;
  return decide(shared, {
    service,
    place,
    from,
    metrics,
    need,
    says: { metrics: own, 'compute-optimizer': optimizer },
    isYoung,
    samples: shared.samples.get(definition.family) ?? null,
  });
}

const minimumHours = (facts: FactBook): number => numberFact(facts, 'rightsize.minimum-hours');

/** Too new for a whole day of metrics, so that none is no surprise. */
function isNew({ question, facts }: Shared, { createdAt }: Service): boolean {
  if (createdAt === null) return false;
  return instantOf(question.now) - instantOf(createdAt) < minimumHours(facts) * HOUR_MS;
}

/** Task-hours measured, and at most the time since the service was created. */
function hoursOfMetrics(service: Service, { from, to, taskMinutes }: ServiceUtilisation): number {
  const began = Math.max(instantOf(from), service.createdAt === null ? 0 : instantOf(service.createdAt));
  const span = (instantOf(to) - began) / HOUR_MS;
  if (taskMinutes.length === 0) return span;
  const measured = taskMinutes.reduce((sum, { minutes }) => sum + minutes, 0) / 60;
  return Math.min(span, measured);
}

/** The size our own figures ask for: never larger in a dimension that is not tight, never dearer when nothing is. */
function ownSize(place: Place, from: TaskSize, need: Need): TaskSize {
  const fitting = place.fitting(need);
  if (fitting === null) return from;
  const isTight = need.isTight.cpu || need.isTight.memory;
  if (place.capacityKind === 'fargate' || place.capacityKind === 'fargate-spot') {
    return isTight || place.usdPerMonth(fitting) < place.usdPerMonth(from) ? fitting : from;
  }
  // On instances any size is legal: steps must not push a dimension above what it has.
  return {
    cpuUnits: need.isTight.cpu ? fitting.cpuUnits : Math.min(from.cpuUnits, fitting.cpuUnits),
    memoryMiB: need.isTight.memory ? fitting.memoryMiB : Math.min(from.memoryMiB, fitting.memoryMiB),
  };
}

/** What Compute Optimizer advises, the present size for "optimized"; null when it is silent or speaks of another size. */
function saidByOptimizer(
  { findings }: Shared,
  service: Service,
  { from, place }: { readonly from: TaskSize; readonly place: Place },
): TaskSize | null {
  const finding = findings.get(service.name);
  if (finding === undefined || (place.capacityKind !== 'fargate' && place.capacityKind !== 'fargate-spot')) return null;
  const { current } = finding;
  const isStale =
    (current.cpuUnits !== null && current.cpuUnits !== from.cpuUnits) ||
    (current.memoryMiB !== null && current.memoryMiB !== from.memoryMiB);
  if (isStale) return null;
  const [best] = finding.options;
  if (finding.finding === 'optimized') return from;
  return best === undefined ? null : place.fitting(best);
}

type Case = {
  readonly service: Service;
  readonly place: Place;
  readonly from: TaskSize;
  readonly metrics: SizeMetrics;
  readonly need: Need;
  readonly says: { readonly [S in SizeSource]: TaskSize | null };
  readonly isYoung: boolean;
  readonly samples: FamilySamples | null;
};

/** Of the two sources the more careful one in each dimension, at a legal size. */
function decide(shared: Shared, given: Case): Outcome {
  const { service, place, from, says } = given;
  const sizes = [says.metrics, says['compute-optimizer']].filter((size) => size !== null);
  const careful = {
    cpuUnits: Math.max(...sizes.map(({ cpuUnits }) => cpuUnits)),
    memoryMiB: Math.max(...sizes.map(({ memoryMiB }) => memoryMiB)),
  };
  const [only] = sizes;
  const to = sizes.length === 1 && only !== undefined ? only : (place.fitting(careful) ?? from);
  if (isSame(to, from)) return { kind: 'right' };
  const before = place.usdPerMonth(from);
  const saved = before - place.usdPerMonth(to);
  const isMore = sizes.some((size) => size.cpuUnits > from.cpuUnits || size.memoryMiB > from.memoryMiB);
  if (!isMore && saved <= 0n) return { kind: 'right' };
  if (!isMore && !isWorthIt(shared.question, saved, before)) return { kind: 'below-minimum' };
  const { account, region, name: cluster } = shared.index.view;
  const spots = blindSpots(shared.facts, {
    service,
    metrics: given.metrics,
    isYoung: given.isYoung,
    isOnFargate: place.capacityKind === 'fargate' || place.capacityKind === 'fargate-spot',
    samples: given.samples,
  });
  const advice: SizeAdvice = {
    account,
    region,
    cluster,
    service: service.name,
    capacityKind: place.capacityKind,
    tasks: place.tasks,
    from,
    to,
    source: sourceOf(says, to),
    says,
    usdPerMonthSaved: usdString(saved),
    usdPerMonthBefore: usdString(before),
    margin: shared.margin,
    risk: isMore ? riskOfStaying(given) : riskOfChange(shared, given, to),
    metrics: given.metrics,
    because: because(given),
    blindSpots: spots,
  };
  return { kind: 'advice', advice, saved };
}

/** Compute Optimizer where it says this very size, also when our figures agree; else our figures, or both together. */
function sourceOf(says: Case['says'], to: TaskSize): SizeSource {
  const said = says['compute-optimizer'];
  return said !== null && isSame(said, to) ? 'compute-optimizer' : 'metrics';
}

/** A task out of memory is killed; one out of CPU is slow. */
function riskOfStaying({ need }: Case): 'medium' | 'high' {
  return need.isTight.memory ? 'high' : 'medium';
}

/** A service that scales on CPU, or whose tasks are too short for metrics, is never a low risk. */
function riskOfChange(
  { facts }: Shared,
  { metrics, from, service, isYoung, samples }: Case,
  to: TaskSize,
): 'low' | 'medium' | 'high' {
  if (isYoung) return 'high';
  const risk = riskOf(facts, metrics, { from, to });
  const scalesOnCpu = cpuTarget(service) !== null && to.cpuUnits < from.cpuUnits;
  return risk === 'low' && (scalesOnCpu || hasShortTasks(facts, samples)) ? 'medium' : risk;
}

function isWorthIt({ minimumSaving }: RightsizeQuestion, saved: NanoUsd, before: NanoUsd): boolean {
  if (saved < nanoUsd(minimumSaving.usdPerMonth.toFixed(2))) return false;
  const percent = whole(Math.round(minimumSaving.percent * 1000));
  return compare({ n: saved * 100_000n, d: before }, percent) >= 0;
}

function isSame(a: TaskSize, b: TaskSize): boolean {
  return a.cpuUnits === b.cpuUnits && a.memoryMiB === b.memoryMiB;
}

/** "CPU p95 11 %; memory p95 41.3 %, at most 48 %; Compute Optimizer says 2 vCPU and 16 GiB". */
function because({ metrics, from, says }: Case): string {
  const parts: string[] = [];
  if (metrics.cpu !== null) parts.push(`CPU p95 ${percentText(metrics.cpu.p95)}`);
  if (metrics.memory !== null) {
    parts.push(`memory p95 ${percentText(metrics.memory.p95)}, at most ${percentText(metrics.memory.maximum)}`);
  }
  const said = says['compute-optimizer'];
  if (said !== null) {
    parts.push(isSame(said, from) ? 'Compute Optimizer says leave it' : `Compute Optimizer says ${sizeText(said)}`);
  }
  if (said !== null && says.metrics !== null) {
    parts.push(isSame(says.metrics, from) ? 'our figures say leave it' : `our figures say ${sizeText(says.metrics)}`);
  }
  return parts.join('; ');
}

function percentText(percent: number): string {
  return `${Number(percent.toFixed(1))} %`;
}

function sizeText({ cpuUnits, memoryMiB }: TaskSize): string {
  return `${cpuUnits / 1024} vCPU and ${Number((memoryMiB / 1024).toFixed(2))} GiB`;
}
