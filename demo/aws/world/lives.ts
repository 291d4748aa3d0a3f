/** Which EC2 instances ran when: today's, and those before them that have ended. Bills and EC2 quotas follow from it. */
import type { InstanceType } from '../../../src/engine/index.ts';
import type { Host } from './hosts.ts';
import { between, HOUR_MS } from './ids.ts';
import type { TaskSteps } from './metrics.ts';

export type Life = {
  readonly cluster: string | null;
  readonly provider: string | null;
  readonly managed: boolean;
  readonly type: InstanceType;
  readonly az: string;
  readonly lifecycle: 'on-demand' | 'spot';
  readonly diskGiB: number;
  readonly from: number;
  /** Null while it runs. */
  readonly to: number | null;
};

/**
 * A host's own life, and before it a chain of predecessors without a break, each 13 to 20 days long, back to `first`:
 * Managed Instances are replaced every two to three weeks.
 */
export function livesOf(host: Host, diskGiB: number, first: number): readonly Life[] {
  const shared = {
    cluster: host.cluster,
    provider: host.provider.name,
    managed: host.provider.kind === 'managed-instances',
    type: host.type,
    az: host.az,
    lifecycle: host.spec.lifecycle,
    diskGiB,
  };
  const lives: Life[] = [{ ...shared, from: host.launchedAt, to: null }];
  for (let to = host.launchedAt, turn = 0; to > first; turn++) {
    const from = Math.max(first, to - between(`life ${host.instanceId} ${turn}`, 13 * 24, 20 * 24) * HOUR_MS);
    lives.push({ ...shared, from, to });
    to = from;
  }
  return lives;
}

/** Hours of the life inside [start, end). */
export function hoursOf(life: Pick<Life, 'from' | 'to'>, start: number, end: number): number {
  return Math.max(0, Math.min(end, life.to ?? end) - Math.max(start, life.from)) / HOUR_MS;
}

/** The vCPUs of the lives over time. */
export function vcpuLevels(lives: readonly Life[]): readonly { readonly steps: TaskSteps; readonly each: number }[] {
  return lives.map(({ from, to, type }) => ({
    steps:
      to === null
        ? [{ from, tasks: 1 }]
        : [
            { from, tasks: 1 },
            { from: to, tasks: 0 },
          ],
    each: type.vcpu,
  }));
}
