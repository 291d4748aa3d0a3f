/** What is said about a group before anything is worked out: what was left out, and what can go wrong. */
import type { AutoScalingGroup } from '../model.ts';
import type { CapacityProvider } from '../model-cluster.ts';
import { HOURS_PER_MONTH, roundHalfEven } from '../units.ts';
import type { Host } from './hosts.ts';
import type { ServiceSplit } from './services.ts';
import type { LiveQuestion } from './types.ts';

type Shown = {
  readonly hosts: readonly Host[];
  readonly group: AutoScalingGroup;
  readonly provider: Extract<CapacityProvider, { readonly kind: 'asg' }>;
  readonly split: ServiceSplit;
  readonly question: LiveQuestion;
  readonly spares: ReadonlySet<string>;
};

/** Sentences without a full stop. */
export function asgNotes({ hosts, group, question, provider, spares }: Shown): readonly string[] {
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
  if (percent < 100 && (percent > 0 || group.onDemandBaseCapacity > 0)) {
    notes.push('the group buys on demand and on Spot: a new instance counts at the on-demand price');
  }
  if (spares.size > 0) notes.push(spareNote({ hosts, provider, spares }));
  return notes;
}

/** What the target costs: raising it to 100 % gives the spare up. */
function spareNote({ hosts, provider, spares }: Pick<Shown, 'hosts' | 'provider' | 'spares'>): string {
  const cost = hosts.reduce((sum, { id, price }) => (spares.has(id) ? sum + (price ?? 0n) : sum), 0n);
  const cents = roundHalfEven({ n: cost * HOURS_PER_MONTH, d: 10_000_000n })
    .toString()
    .padStart(3, '0');
  const instances = spares.size === 1 ? '1 instance' : `${spares.size} instances`;
  return `managed scaling aims at ${provider.managedScaling?.targetCapacityPercent} % and keeps ${instances} empty for quick starts, $${cents.slice(0, -2)}.${cents.slice(-2)} a month`;
}

const LONG_STOP_SECONDS = 120;

/** Sentences without a full stop. */
export function asgRisks({ provider, split, group }: Shown): readonly string[] {
  const movable = [...split.movable.values()];
  const risks: string[] = [];
  const named = (of: (service: (typeof movable)[number]) => boolean): readonly string[] =>
    movable.filter(of).map(({ service }) => service.name);
  const local = named(({ definition }) => definition.volumes.some(({ kind }) => kind === 'host' || kind === 'docker'));
  if (local.length > 0) risks.push(`files kept on an instance do not move with a task: ${list(local)}`);
  const slow = named(({ definition }) =>
    definition.containers.some(({ stopTimeoutSeconds }) => (stopTimeoutSeconds ?? 0) > LONG_STOP_SECONDS),
  );
  if (slow.length > 0) risks.push(`stopping may take more than two minutes: ${list(slow)}`);
  const soft = named(({ definition }) => definition.memoryMiB === null && softer(definition.containers));
  if (soft.length > 0) {
    risks.push(`counted by a soft memory limit, so fuller instances leave less room above it: ${list(soft)}`);
  }
  const single = named(({ service }) => service.desiredCount === 1 && service.deployment.minimumHealthyPercent < 100);
  if (single.length > 0) risks.push(`a single task that may be down while it moves: ${list(single)}`);
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
