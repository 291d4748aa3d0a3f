/** What a service's tasks need, from how they used what they have. */
import type { TaskSize } from '../cost/task-size.ts';
import { memberFact, numberFact } from '../fact-values.ts';
import type { FactBook } from '../facts.ts';
import type { Service } from '../model-cluster.ts';
import type { SizeMetrics } from './types.ts';

export type Need = TaskSize & {
  /** In these a larger size is needed: what there is, is used up. */
  readonly isTight: { readonly cpu: boolean; readonly memory: boolean };
};

export type NeedQuestion = {
  readonly from: TaskSize;
  readonly metrics: SizeMetrics;
  readonly service: Service;
  readonly marginPercent: number;
};

/**
 * CPU and memory at the 95th percentile with the margin, memory also at its highest with a small one. A dimension is
 * never advised larger than it is unless it is tight, nor made smaller where nothing was measured. Where the service
 * scales on a metric, the new size keeps that metric at or below its target: else it would only start more tasks.
 */
export function needOf(facts: FactBook, { from, metrics, service, marginPercent }: NeedQuestion): Need {
  const { cpu, memory } = metrics;
  const tight = numberFact(facts, 'rightsize.tight-percent');
  const peak = numberFact(facts, 'rightsize.memory-peak-margin-percent');
  const isTight = { cpu: cpu !== null && cpu.p95 >= tight, memory: memory !== null && memory.maximum >= tight };
  const needed = (size: number, percents: readonly number[]): number => {
    const percent = Math.max(...percents);
    // A millionth off: 11 % x 1.1 must not become one unit more in binary.
    return Math.ceil((size * percent) / 100 - 1e-6);
  };
  const atTarget = (metric: string, p95: number): number => {
    const targets = targetsOf(service, metric).map((target) => (p95 * 100) / target);
    return Math.min(100, Math.max(0, ...targets));
  };
  const cpuNeed =
    cpu === null ? from.cpuUnits : needed(from.cpuUnits, [plus(cpu.p95, marginPercent), atTarget(CPU_METRIC, cpu.p95)]);
  const memoryNeed =
    memory === null
      ? from.memoryMiB
      : needed(from.memoryMiB, [
          plus(memory.p95, marginPercent),
          plus(memory.maximum, peak),
          atTarget(MEMORY_METRIC, memory.p95),
        ]);
  return {
    cpuUnits: isTight.cpu ? Math.max(from.cpuUnits, cpuNeed) : Math.min(from.cpuUnits, cpuNeed),
    memoryMiB: isTight.memory ? Math.max(from.memoryMiB, memoryNeed) : Math.min(from.memoryMiB, memoryNeed),
    isTight,
  };
}

function plus(percent: number, margin: number): number {
  return (percent * (100 + margin)) / 100;
}

const CPU_METRIC = 'ECSServiceAverageCPUUtilization';
const MEMORY_METRIC = 'ECSServiceAverageMemoryUtilization';

/** Targets of the service's target tracking on one metric, in percent. */
function targetsOf(service: Service, metric: string): readonly number[] {
  return (service.autoscaling?.policies ?? []).flatMap((policy) =>
    policy.metric === metric && policy.target !== null && policy.target > 0 ? [policy.target] : [],
  );
}

/** Target of CPU target tracking, or null when the service does not scale on CPU. */
export function cpuTarget(service: Service): number | null {
  return targetsOf(service, CPU_METRIC)[0] ?? null;
}

export function memoryTarget(service: Service): number | null {
  return targetsOf(service, MEMORY_METRIC)[0] ?? null;
}

/** Risk of running at a smaller size, by how full it would be at the 95th percentile (facts: rightsize.risk-percent). */
export function riskOf(
  facts: FactBook,
  metrics: SizeMetrics,
  sizes: { readonly from: TaskSize; readonly to: TaskSize },
): 'low' | 'medium' | 'high' {
  const limit = (name: string): number => Number(memberFact(facts, 'rightsize.risk-percent', name));
  const memory = ((metrics.memory?.p95 ?? 0) * sizes.from.memoryMiB) / Math.max(1, sizes.to.memoryMiB);
  const cpu = ((metrics.cpu?.p95 ?? 0) * sizes.from.cpuUnits) / Math.max(1, sizes.to.cpuUnits);
  if (memory > limit('memoryHigh')) return 'high';
  if (memory > limit('memoryMedium') || cpu > limit('cpuMedium')) return 'medium';
  return metrics.cpu === null || metrics.memory === null ? 'medium' : 'low';
}
