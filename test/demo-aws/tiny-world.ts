import type { Instance, InstanceTypeInfo } from '@aws-sdk/client-ec2';
import type { Service } from '@aws-sdk/client-ecs';
import type { AccountState, AwsWorld, RegionState } from '../../demo/aws/state.ts';

/** The smallest world that has everything the protocols need: a hub and one more account, one region each. */

export const HUB = '111111111111';
export const OTHER = '222222222222';
export const REGION = 'eu-west-1';
export const READER_ARN = `arn:aws:iam::${OTHER}:role/ecs-advise-reader`;
export const EXTERNAL_ID = 'tiny-external-id';
export const HUB_KEY = { accessKeyId: 'AKIDTINYHUB000000000', secretAccessKey: 'tiny secret of the hub' };
const CLUSTER_ARN = `arn:aws:ecs:${REGION}:${HUB}:cluster/rose`;

/** A clock that a test sets. */
export type Clock = { now: Date };

export function clockAt(iso: string): Clock {
  return { now: new Date(iso) };
}

export function tinyWorld(clock: Clock, region: Partial<RegionState> = {}): AwsWorld {
  return {
    now: () => clock.now,
    hub: { accountId: HUB, ...HUB_KEY },
    accounts: [account(HUB, tinyRegion(region)), account(OTHER, tinyRegion({}))],
    payer: HUB,
    costs: () => [],
    costAllocationTags: [],
  };
}

function account(id: string, region: RegionState): AccountState {
  return {
    id,
    name: id,
    readerRoleArn: `arn:aws:iam::${id}:role/ecs-advise-reader`,
    writerRoleArn: `arn:aws:iam::${id}:role/ecs-advise-writer`,
    externalId: EXTERNAL_ID,
    regions: new Map([[REGION, region]]),
    savingsPlans: [
      { savingsPlanId: 'sp-1', state: 'active', savingsPlanType: 'Compute', commitment: '1.5', currency: 'USD' },
    ],
    computeOptimizer: 'Active',
  };
}

function tinyRegion(part: Partial<RegionState>): RegionState {
  return {
    region: REGION,
    ecs: {
      clusters: [{ clusterArn: CLUSTER_ARN, clusterName: 'rose', status: 'ACTIVE' }],
      capacityProviders: [],
      services: new Map([[CLUSTER_ARN, [service('quant-api')]]]),
      tasks: new Map(),
      containerInstances: new Map(),
      taskDefinitions: new Map(),
      protection: new Map(),
      settings: [],
    },
    ec2: tinyEc2({}),
    autoScalingGroups: [],
    scalableTargets: [],
    scalingPolicies: [],
    quotas: [],
    defaultQuotas: [
      { ServiceCode: 'ecs', QuotaCode: 'L-21C621EB', QuotaName: 'Clusters per account', Value: 10000, Unit: 'None' },
    ],
    computeOptimizer: [],
    metric: ({ start }) => [{ at: start, value: 42.5 }],
    ...part,
  };
}

export function tinyEc2(part: Partial<RegionState['ec2']>): RegionState['ec2'] {
  return {
    instances: [],
    statuses: [],
    volumes: [],
    networkInterfaces: [],
    subnets: [],
    capacityReservations: [],
    eventWindows: [],
    spotPrices: [],
    instanceTypes: [],
    managedResourceVisibility: 'hidden',
    ...part,
  };
}

export function service(name: string): Service {
  return {
    serviceName: name,
    serviceArn: `arn:aws:ecs:${REGION}:${HUB}:service/rose/${name}`,
    clusterArn: CLUSTER_ARN,
    status: 'ACTIVE',
    desiredCount: 1,
    runningCount: 1,
    pendingCount: 0,
    createdAt: new Date('2026-10-01T08:00:00.250Z'),
  };
}

/** `number` makes the id; managed ones are ECS's own. */
export function instance(number: number, part: Partial<Instance> = {}): Instance {
  return {
    InstanceId: `i-${String(number).padStart(17, '0')}`,
    InstanceType: 'm7g.large',
    State: { Code: 16, Name: 'running' },
    LaunchTime: new Date('2026-11-20T10:00:00Z'),
    Placement: { AvailabilityZone: 'eu-west-1a' },
    Tags: [{ Key: 'Name', Value: `node ${number}` }],
    ...part,
  };
}

export const MANAGED = {
  Operator: { Managed: true, Principal: 'ecs.amazonaws.com', HiddenByDefault: true },
} as const;

export function instanceType(name: InstanceTypeInfo['InstanceType']): InstanceTypeInfo {
  return {
    InstanceType: name,
    CurrentGeneration: true,
    VCpuInfo: { DefaultVCpus: 2 },
    MemoryInfo: { SizeInMiB: 8192 },
  };
}
