/** What is said about a group before anything is worked out: what was left out, and what can go wrong. */
import type { AutoScalingGroup } from '../model.ts';
import type { CapacityProvider } from '../model-cluster.ts';
import type { Host } from './hosts.ts';
import type { ServiceSplit } from './services.ts';
import type { LiveQuestion } from './types.ts';

type Shown = {
  readonly hosts: readonly Host[];
  readonly group: AutoScalingGroup;
  readonly provider: Extract<CapacityProvider, { readonly kind: 'asg' }>;
  readonly split: ServiceSplit;
  readonly question: LiveQuestion;
};

/** Sentences without a full stop. */
export function asgNotes({ hosts, group, question }: Shown): readonly string[] {
  const notes: string[] = [];
  const priced = new Set(Object.keys(question.prices.onDemand));
  const unpriced = group.instanceTypes.filter((type) => !priced.has(type));
  if (unpriced.length > 0) notes.push(`no price for ${unpriced.join(', ')}: not offered as a replacement`);
  if (group.desiredCapacity !== hosts.length) {
    notes.push(
      `the group wants ${group.desiredCapacity} instances, ${hosts.length} are registered with ECS: the others were not looked at`,
    );
  }
  const percent = group.onDemandPercentageAboveBase;
  if (percent > 0 && percent < 100) {
    notes.push('the group buys part of its instances on Spot: a new one counts at the on-demand price');
  }
  return notes;
}

const LONG_STOP_SECONDS = 120;

/** Sentences without a full stop. */
export function asgRisks({ provider, split, group }: Shown): readonly string[] {
  const movable = [...split.movable.values()];
  const risks: string[] = [];
  const named = (of: (service: (typeof movable)[number]) => boolean): readonly string[] =>
    movable.filter(of).map(({ service }) => service.name);
  const local = named(({ definition }) => definition.volumes.some(({ kind }) => kind === 'host' || kind === 'docker'));
  if (local.length > 0) risks.push(`files that ${list(local)} keeps on its instance do not move with the task`);
  const slow = named(({ definition }) =>
    definition.containers.some(({ stopTimeoutSeconds }) => (stopTimeoutSeconds ?? 0) > LONG_STOP_SECONDS),
  );
  if (slow.length > 0) risks.push(`${list(slow)} may take more than two minutes to stop`);
  const soft = named(({ definition }) => definition.memoryMiB === null && softer(definition.containers));
  if (soft.length > 0) {
    risks.push(`${list(soft)} counts by its soft memory limit: fuller instances leave less room above it`);
  }
  const single = named(({ service }) => service.desiredCount === 1 && service.deployment.minimumHealthyPercent < 100);
  if (single.length > 0) risks.push(`${list(single)} is a single task and may be down while it moves`);
  if (provider.managedTerminationProtection) {
    risks.push(
      'managed termination protection keeps the group from shrinking by itself; the commands name each instance',
    );
  }
  if (provider.managedScaling === null) {
    risks.push('managed scaling is off: nothing starts instances again when tasks find no room');
  }
  if (group.minSize > 0) risks.push(`the group never goes below its minimum of ${group.minSize}`);
  return risks;
}

function softer(
  containers: readonly { readonly memoryMiB: number | null; readonly memoryReservationMiB: number | null }[],
): boolean {
  return containers.some(
    ({ memoryMiB, memoryReservationMiB }) => memoryReservationMiB !== null && memoryReservationMiB !== memoryMiB,
  );
}

const SHOWN = 3;

function list(names: readonly string[]): string {
  const rest = names.length - SHOWN;
  return rest > 0 ? `${names.slice(0, SHOWN).join(', ')} and ${rest} more` : names.join(', ');
}
