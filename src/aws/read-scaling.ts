import {
  DescribeScalableTargetsCommand,
  DescribeScalingPoliciesCommand,
  type ScalableTarget,
  type ScalingPolicy,
} from '@aws-sdk/client-application-auto-scaling';
import {
  type AutoScalingGroup as AwsAutoScalingGroup,
  DescribeAutoScalingGroupsCommand,
} from '@aws-sdk/client-auto-scaling';
import { DescribeLaunchTemplateVersionsCommand } from '@aws-sdk/client-ec2';
import type { AutoScalingGroup, Service } from '../engine/index.ts';
import { listIn, pagesOf } from './call.ts';
import { chunksOf } from './concurrency.ts';
import type { Misses } from './missed.ts';
import type { RegionContext } from './scan-context.ts';
import { toAutoScalingGroup } from './shapes-ec2.ts';
import { sortedBy } from './shapes-members.ts';
import { toScaling } from './shapes-service.ts';

/** What scales: desired counts of services, and groups of instances. */

/** AWS's largest page, for both lists. */
const SCALING_AT_ONCE = 50;
const DESIRED_COUNT = 'ecs:service:DesiredCount';

export type Autoscaling = ReadonlyMap<string, Service['autoscaling']>;

/** Limits and policies of every service of the region, by `service/<cluster>/<name>`. */
export async function readAutoscaling(at: RegionContext): Promise<Autoscaling> {
  const targetPages = pagesOf(
    (token) =>
      at.call('application-autoscaling:DescribeScalableTargets', ({ applicationAutoScaling }, options) =>
        applicationAutoScaling.send(
          new DescribeScalableTargetsCommand({
            ServiceNamespace: 'ecs',
            MaxResults: SCALING_AT_ONCE,
            NextToken: token,
          }),
          options,
        ),
      ),
    ({ NextToken }) => NextToken,
  );
  const targets: ScalableTarget[] = [];
  for await (const page of targetPages) {
    // AWS narrows by dimension only together with ids.
    const ours = listIn(page.ScalableTargets, 'ScalableTargets').filter(
      ({ ScalableDimension }) => ScalableDimension === DESIRED_COUNT,
    );
    targets.push(...ours);
  }
  if (targets.length === 0) return new Map();
  const policies = await readPolicies(at);
  return new Map(
    targets.map((target) => {
      const id = target.ResourceId ?? '';
      return [id, toScaling(target, policies.get(id) ?? [])];
    }),
  );
}

async function readPolicies(at: RegionContext): Promise<ReadonlyMap<string, readonly ScalingPolicy[]>> {
  const pages = pagesOf(
    (token) =>
      at.call('application-autoscaling:DescribeScalingPolicies', ({ applicationAutoScaling }, options) =>
        applicationAutoScaling.send(
          new DescribeScalingPoliciesCommand({
            ServiceNamespace: 'ecs',
            MaxResults: SCALING_AT_ONCE,
            NextToken: token,
          }),
          options,
        ),
      ),
    ({ NextToken }) => NextToken,
  );
  const policies = new Map<string, ScalingPolicy[]>();
  for await (const page of pages) {
    for (const policy of listIn(page.ScalingPolicies, 'ScalingPolicies')) {
      if (policy.ScalableDimension !== DESIRED_COUNT) continue;
      const id = policy.ResourceId ?? '';
      const known = policies.get(id);
      if (known === undefined) policies.set(id, [policy]);
      else known.push(policy);
    }
  }
  return policies;
}

/** AWS's limit of names in one call. */
const GROUPS_AT_ONCE = 50;

/** The groups with these names, each with the instance types that it may launch. */
export async function readAutoScalingGroups(
  at: RegionContext,
  names: readonly string[],
  misses: Misses,
): Promise<readonly AutoScalingGroup[]> {
  const groups: AwsAutoScalingGroup[] = [];
  for (const batch of chunksOf(names, GROUPS_AT_ONCE)) {
    const pages = pagesOf(
      (token) =>
        at.call('autoscaling:DescribeAutoScalingGroups', ({ autoScaling }, options) =>
          autoScaling.send(
            new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [...batch], NextToken: token }),
            options,
          ),
        ),
      ({ NextToken }) => NextToken,
    );
    for await (const page of pages) groups.push(...listIn(page.AutoScalingGroups, 'AutoScalingGroups'));
  }
  const found = new Set(groups.map(({ AutoScalingGroupName }) => AutoScalingGroupName));
  for (const name of names) if (!found.has(name)) misses.add(`auto scaling group ${name}`, 'vanished');
  const converted: AutoScalingGroup[] = [];
  for (const group of groups) {
    const what = `auto scaling group ${group.AutoScalingGroupName ?? ''}`;
    const type = await misses.attempt(`${what} launch template`, () => readTemplateType(at, group));
    const whole = toAutoScalingGroup(group, type);
    if (whole === null) misses.add(what, 'unreadable');
    else converted.push(whole);
  }
  return sortedBy(converted, ({ name }) => name);
}

/** The type that a group's launch template names; null where the group lists types itself, or has no template. */
async function readTemplateType(at: RegionContext, group: AwsAutoScalingGroup): Promise<string | null> {
  const policy = group.MixedInstancesPolicy?.LaunchTemplate;
  if ((policy?.Overrides ?? []).some((one) => one.InstanceType ?? one.InstanceRequirements)) return null;
  const template = policy?.LaunchTemplateSpecification ?? group.LaunchTemplate;
  if (template?.LaunchTemplateId === undefined) return null;
  const answer = await at.call('ec2:DescribeLaunchTemplateVersions', ({ ec2 }, options) =>
    ec2.send(
      new DescribeLaunchTemplateVersionsCommand({
        LaunchTemplateId: template.LaunchTemplateId,
        Versions: [template.Version ?? '$Default'],
        IncludeManagedResources: true,
      }),
      options,
    ),
  );
  const [version] = listIn(answer.LaunchTemplateVersions, 'LaunchTemplateVersions');
  return version?.LaunchTemplateData?.InstanceType ?? null;
}
