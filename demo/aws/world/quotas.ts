/** Service Quotas: AWS's defaults, and the values that an account was given. */
import type { ServiceQuota } from '@aws-sdk/client-service-quotas';
import type { Place } from './ids.ts';

type Known = {
  readonly service: 'ecs' | 'fargate' | 'ec2';
  readonly code: string;
  readonly name: string;
  readonly value: number;
  readonly unit?: string;
  readonly adjustable?: false;
  /** The dimension `Class` of its usage metric. */
  readonly usage?: string;
};

/** Codes and defaults: the AWS General Reference. Fargate and EC2 quotas count vCPUs. */
const KNOWN: readonly Known[] = [
  { service: 'ecs', code: 'L-21C621EB', name: 'Clusters per account', value: 10_000 },
  { service: 'ecs', code: 'L-22AE4B75', name: 'Service read burst rate', value: 100 },
  { service: 'ecs', code: 'L-321A0372', name: 'Service read sustained rate', value: 20 },
  { service: 'ecs', code: 'L-35D944A8', name: 'Cluster read burst rate', value: 50 },
  { service: 'ecs', code: 'L-43D4E76A', name: 'Cluster read sustained rate', value: 20 },
  { service: 'ecs', code: 'L-281CBA4C', name: 'Cluster resource read burst rate', value: 100 },
  { service: 'ecs', code: 'L-80627E8A', name: 'Cluster resource read sustained rate', value: 20 },
  { service: 'ecs', code: 'L-924E3D47', name: 'Task definition read burst rate', value: 50 },
  { service: 'ecs', code: 'L-538D7426', name: 'Task definition read sustained rate', value: 20 },
  { service: 'ecs', code: 'L-5A5FEADE', name: 'Capacity provider read burst rate', value: 50 },
  { service: 'ecs', code: 'L-42E25F2A', name: 'Capacity provider read sustained rate', value: 20 },
  {
    service: 'fargate',
    code: 'L-3032A538',
    name: 'Fargate On-Demand vCPU resource count',
    value: 6,
    usage: 'Standard/OnDemand',
  },
  {
    service: 'fargate',
    code: 'L-36FBB829',
    name: 'Fargate Spot vCPU resource count',
    value: 6,
    usage: 'Standard/Spot',
  },
  { service: 'fargate', code: 'L-6BAD92DD', name: 'Fargate On-Demand task launch burst rate', value: 100 },
  { service: 'fargate', code: 'L-551A4E9D', name: 'Fargate On-Demand task launch sustained rate', value: 20 },
  {
    service: 'ec2',
    code: 'L-1216C47A',
    name: 'Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances',
    value: 5,
    usage: 'Standard/OnDemand',
  },
  {
    service: 'ec2',
    code: 'L-34B43A08',
    name: 'All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests',
    value: 5,
    usage: 'Standard/Spot',
  },
  { service: 'ec2', code: 'L-DB2E81BA', name: 'Running On-Demand G and VT instances', value: 0, usage: 'G/OnDemand' },
];

const NAMES = {
  ecs: 'Amazon Elastic Container Service (Amazon ECS)',
  fargate: 'AWS Fargate',
  ec2: 'Amazon Elastic Compute Cloud (Amazon EC2)',
} as const;

const USAGE_SERVICE = { ecs: 'ECS', fargate: 'Fargate', ec2: 'EC2' } as const;

/** Dimensions of a vCPU count in `AWS/Usage`. */
export function usageDimensions(service: keyof typeof NAMES, usageClass: string): { [name: string]: string } {
  return { Class: usageClass, Resource: 'vCPU', Service: USAGE_SERVICE[service], Type: 'Resource' };
}

function toQuota(place: Place, known: Known, value: number): ServiceQuota {
  return {
    ServiceCode: known.service,
    ServiceName: NAMES[known.service],
    QuotaArn: `arn:aws:servicequotas:${place.region}:${place.account}:${known.service}/${known.code}`,
    QuotaCode: known.code,
    QuotaName: known.name,
    Value: value,
    Unit: known.unit ?? 'None',
    Adjustable: known.adjustable ?? true,
    GlobalQuota: false,
    ...(known.usage === undefined
      ? {}
      : {
          UsageMetric: {
            MetricNamespace: 'AWS/Usage',
            MetricName: 'ResourceCount',
            MetricDimensions: usageDimensions(known.service, known.usage),
            MetricStatisticRecommendation: 'Maximum',
          },
        }),
  };
}

/** Every default; applied values only of those that were raised, as AWS lists them for some services. */
export function quotasOf(
  place: Place,
  raised: { readonly [code: string]: number },
): { readonly applied: ServiceQuota[]; readonly defaults: ServiceQuota[] } {
  return {
    defaults: KNOWN.map((known) => toQuota(place, known, known.value)),
    applied: KNOWN.flatMap((known) => {
      const value = raised[known.code];
      return value === undefined ? [] : [toQuota(place, known, value)];
    }),
  };
}
