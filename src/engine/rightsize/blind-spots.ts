/** What the figures behind an advice cannot see; each in words for people, with its fact cited. */
import { numberFact } from '../fact-values.ts';
import type { FactBook } from '../facts.ts';
import type { FamilySamples, Service } from '../model-cluster.ts';
import { cpuTarget, memoryTarget } from './need.ts';
import type { SizeMetrics } from './types.ts';

export type Sight = {
  readonly service: Service;
  readonly metrics: SizeMetrics;
  readonly isYoung: boolean;
  readonly isOnFargate: boolean;
  readonly samples: FamilySamples | null;
};

/** Most telling first; empty when nothing is known to be hidden. */
export function blindSpots(facts: FactBook, sight: Sight): readonly string[] {
  const { service, metrics, isYoung, isOnFargate, samples } = sight;
  const spots: string[] = [];
  if (metrics.cpu === null && metrics.memory === null) spots.push('no metrics');
  else if (metrics.cpu === null) spots.push('no CPU metrics: CPU is left as it is');
  else if (metrics.memory === null) spots.push('no memory metrics: memory is left as it is');
  if (isYoung) spots.push(`less than ${numberFact(facts, 'rightsize.minimum-hours')} h of metrics`);
  if (isOnFargate) spots.push(...scalingSpots(facts, service));
  else {
    facts.cite('compute-optimizer.fargate-only');
    spots.push('an instance costs the same until its freed room is used or the instance goes');
  }
  if (hasShortTasks(facts, samples)) spots.push('batch: metrics of short tasks miss peaks');
  return spots;
}

function scalingSpots(facts: FactBook, service: Service): readonly string[] {
  const spots: string[] = [];
  const cpu = cpuTarget(service);
  if (cpu !== null) {
    spots.push(
      'CPU target tracking: Compute Optimizer gives no advice on CPU by design',
      `scales on CPU at ${cpu} %: smaller tasks run hotter, so it may start more of them`,
    );
  }
  if (memoryTarget(service) !== null) {
    spots.push('memory target tracking: Compute Optimizer gives no advice on memory by design');
  }
  if (service.autoscaling?.policies.some(({ type }) => type === 'StepScaling') === true) {
    spots.push('step scaling: Compute Optimizer gives no advice by design');
  }
  if (spots.length > 0) facts.cite('compute-optimizer.scaling-blind-spots');
  return spots;
}

/** Fewer stopped tasks than this say nothing about how long the others run. */
const ENOUGH_SAMPLES = 5;

/** True when half of the family's stopped tasks, of at least five, ran for less than ten minutes. */
export function hasShortTasks(facts: FactBook, family: FamilySamples | null): boolean {
  if (family === null || family.samples.length < ENOUGH_SAMPLES) return false;
  const seconds = family.samples.map(({ runSeconds }) => runSeconds).sort((a, b) => a - b);
  const median = seconds[Math.floor(seconds.length / 2)] ?? 0;
  return median < numberFact(facts, 'rightsize.short-task-seconds');
}
