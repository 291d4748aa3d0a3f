/** What a window is aimed at: which instances its targets match, and what is wrong with them. */
import { listFact, memberFact } from '../fact-values.ts';
import type { FactBook } from '../facts.ts';
import type { Ec2Instance, EventWindow } from '../model.ts';
import { type LintRow, lintRow, quoted } from './rules.ts';

export type Targets = Pick<EventWindow, 'instanceIds' | 'instanceTags' | 'dedicatedHostIds'>;
type InstanceTag = EventWindow['instanceTags'][number];

const FARGATE_TAGS = ['aws:ecs:serviceArn', 'aws:ecs:clusterArn', 'aws:ecs:fargateTask'] as const;
const ON_INSTANCES = ['aws:ecs:clusterName', 'aws:ecs:capacityProviderName', 'aws:ecs:containerInstanceId'];
const MANAGED_BY_ECS = 'ecs.amazonaws.com';

export function isManagedInstance(instance: Ec2Instance): boolean {
  return instance.operator === MANAGED_BY_ECS || instance.tags['aws:ec2:managed-launch'] === 'ecs-managed-instances';
}

export function isRunning(instance: Ec2Instance): boolean {
  return instance.endedAt === null && instance.state !== 'terminated' && instance.state !== 'shutting-down';
}

/** True when a target of the window names the instance, by id or by one of its tags. */
export function matchesInstance(targets: Targets, instance: Pick<Ec2Instance, 'id' | 'tags'>): boolean {
  return (
    targets.instanceIds.includes(instance.id) ||
    targets.instanceTags.some(({ key, value }) => instance.tags[key] === value)
  );
}

/** True when the window is meant for Fargate tasks: their tags exist on no instance. */
export function isForFargate(targets: Targets): boolean {
  return targets.instanceTags.some(({ key }) => isFargateTag(key));
}

function isFargateTag(key: string): boolean {
  return FARGATE_TAGS.some((known) => known === key);
}

/** Rules of a window's own targets, other windows and the account left aside. */
export function targetRows(targets: Targets, facts: FactBook): readonly LintRow[] {
  const { instanceIds, instanceTags, dedicatedHostIds } = targets;
  const kinds = [
    { name: 'instance ids', count: instanceIds.length, member: 'instanceIds' },
    { name: 'instance tags', count: instanceTags.length, member: 'instanceTags' },
    { name: 'Dedicated Hosts', count: dedicatedHostIds.length, member: 'dedicatedHosts' },
  ].filter(({ count }) => count > 0);
  const rows: LintRow[] = [];
  if (kinds.length === 0) rows.push(lintRow('no-target', 'No target is associated: the window steers nothing yet.'));
  if (kinds.length > 1) {
    const names = kinds.map(({ name }) => name).join(' and ');
    rows.push(lintRow('one-target-kind', `The window has ${names}; AWS takes one kind of target per window.`));
  }
  for (const { name, count, member } of kinds) {
    const most = Number(memberFact(facts, 'windows.target-limits', member));
    if (count > most) rows.push(lintRow('target-limit', `${count} ${name}; AWS takes ${most} at most.`));
  }
  return [...rows, ...instanceTags.flatMap((tag) => tagRows(tag, facts))];
}

/** Names and ARNs in the right places: the tags of instances hold names, those of Fargate tasks hold ARNs. */
function tagRows({ key, value }: InstanceTag, facts: FactBook): readonly LintRow[] {
  const isArn = value.startsWith('arn:');
  if (listFact(facts, 'windows.mi.tags').includes(key)) {
    if (!isArn) return [];
    const name = value.split('/').at(-1) ?? '';
    return [lintRow('mi-tag-value', `${key} holds a name: write ${quoted(name)}, not its ARN.`)];
  }
  if (key === 'aws:ecs:fargateTask') {
    if (value === 'true') return [];
    return [lintRow('fargate-tag-value', `${key} has the value true, not ${quoted(value)}.`)];
  }
  if (key === 'aws:ecs:serviceArn' || key === 'aws:ecs:clusterArn') {
    const thing = key === 'aws:ecs:serviceArn' ? 'service' : 'cluster';
    if (new RegExp(`^arn:[^:]+:ecs:[^:]+:\\d{12}:${thing}/.`).test(value)) return [];
    const wrong = isArn ? `${quoted(value)} is not the ARN of a ${thing}` : `${quoted(value)} is no ARN`;
    const example = `arn:aws:ecs:REGION:ACCOUNT:${thing}/${thing === 'service' ? 'CLUSTER/SERVICE' : 'CLUSTER'}`;
    return [lintRow('fargate-tag-value', `${key} holds an ARN such as ${example}; ${wrong}.`)];
  }
  if (key.startsWith('aws:ecs:') && !ON_INSTANCES.includes(key)) {
    const known = [...ON_INSTANCES.slice(0, 2), ...FARGATE_TAGS].join(', ');
    return [lintRow('unknown-aws-tag', `${quoted(key)} is not on instances or tasks; windows match ${known}.`)];
  }
  return [];
}

/** Up to three names, and how many more there are. */
export function some(names: readonly string[]): string {
  const shown = names.slice(0, 3).map(quoted).join(', ');
  return names.length <= 3 ? shown : `${shown} and ${names.length - 3} more`;
}
