/** What a usage type of the bill stands for (facts: usage reports of ECS; the prefix of the region is optional). */
import type { FactBook } from '../facts.ts';

export type UsageKind =
  | 'fargate'
  | 'fargate-spot'
  /** Above the included part; on-demand and Spot share it. */
  | 'fargate-storage'
  | 'mi-fee'
  | 'ec2-on-demand'
  | 'ec2-spot'
  | 'ec2-unused-reservation'
  | 'ebs-volume'
  | 'ecs-anywhere'
  /** Rows at 0 USD by which ECS counts tasks on instances. */
  | 'metering'
  /** Not a cost of ECS: network, snapshots, other services. */
  | 'other';

export type UsageClass = {
  readonly kind: UsageKind;
  readonly instanceType: string | null;
  /** The billing prefix, '' when the usage type has none. */
  readonly prefix: string;
};

const INSTANCE = String.raw`([a-z][a-z0-9-]*\.[a-z0-9-]+)`;
const RULES: readonly { readonly kind: UsageKind; readonly is: RegExp }[] = [
  { kind: 'fargate', is: typed('Fargate-(?:ARM-|Windows-)?(?:vCPU-Hours:perCPU|GB-Hours|OS-Hours:perCPU)') },
  { kind: 'fargate-spot', is: typed('SpotUsage-Fargate-(?:ARM-)?(?:vCPU-Hours:perCPU|GB-Hours)') },
  // No source shows where `ARM-` stands in Spot's forms: both orders are read.
  { kind: 'fargate-spot', is: typed('SpotUsage-ARM-Fargate-(?:vCPU-Hours:perCPU|GB-Hours)') },
  { kind: 'fargate-storage', is: typed('Fargate-EphemeralStorage-GB-Hours') },
  { kind: 'mi-fee', is: typed(`ECS-Managed-Instances:${INSTANCE}-management-hours`) },
  { kind: 'metering', is: typed('ECS-EC2-(?:vCPU|GB)-Hours(?::perCPU)?') },
  { kind: 'ecs-anywhere', is: typed('ECS-Anywhere-.+') },
  { kind: 'ec2-on-demand', is: typed(`BoxUsage:${INSTANCE}`) },
  { kind: 'ec2-spot', is: typed(`SpotUsage:${INSTANCE}`) },
  { kind: 'ec2-unused-reservation', is: typed(`UnusedBox:${INSTANCE}`) },
  { kind: 'ebs-volume', is: typed(String.raw`EBS:VolumeUsage(?:\.[a-z0-9]+)?`) },
];

function typed(body: string): RegExp {
  return new RegExp(`^(?:([A-Z]+[0-9]*)-)?${body}$`);
}

/** SERVICE values under which these usage types are not ECS's: EKS has pods on Fargate with the same names. */
const OTHER_SERVICES = /Kubernetes|Lightsail|SageMaker|EMR|MapReduce|Batch/;

/** Classifies a usage type; `service` is Cost Explorer's SERVICE, or null where rows were not grouped by it. */
export function classifyUsageType(service: string | null, usageType: string): UsageClass {
  if (service !== null && OTHER_SERVICES.test(service)) return { kind: 'other', instanceType: null, prefix: '' };
  for (const { kind, is } of RULES) {
    const match = is.exec(usageType);
    if (match !== null) return { kind, instanceType: match[2] ?? null, prefix: match[1] ?? '' };
  }
  return { kind: 'other', instanceType: null, prefix: '' };
}

/** The region of a billing prefix, or null for a prefix that no fact names. */
export function regionOfPrefix(facts: FactBook, prefix: string): string | null {
  const { value } = facts.get('billing.region-prefixes');
  return (value as { readonly [prefix: string]: string })[prefix] ?? null;
}
