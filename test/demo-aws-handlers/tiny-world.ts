import type { ContainerInstance, Service, Tag, Task, TaskDefinition } from '@aws-sdk/client-ecs';
import { AwsFault, type HandlerContext, type ServiceTable } from '../../demo/aws/handlers/types.ts';
import type { AccountState, AwsWorld, CostRow, RegionState } from '../../demo/aws/state.ts';

export const NOW = new Date('2026-11-24T12:00:00Z');
export const REGION = 'eu-west-1';
export const PAYER = '111111111111';
export const MEMBER = '222222222222';

export function ecsArn(resource: string): string {
  return `arn:aws:ecs:${REGION}:${PAYER}:${resource}`;
}

export const ROSE = ecsArn('cluster/rose');

export function aService(name: string, more: Partial<Service> = {}): Service {
  const serviceArn = ecsArn(`service/rose/${name}`);
  const tags = [{ key: 'team', value: 'pricing' }];
  return { serviceArn, serviceName: name, clusterArn: ROSE, status: 'ACTIVE', desiredCount: 1, tags, ...more };
}

export function aTask(id: string, more: Partial<Task> = {}): Task {
  return {
    taskArn: ecsArn(`task/rose/${id}`),
    clusterArn: ROSE,
    desiredStatus: 'RUNNING',
    lastStatus: 'RUNNING',
    group: 'service:quant-api',
    taskDefinitionArn: ecsArn('task-definition/quant-api:1'),
    launchType: 'FARGATE',
    ...more,
  };
}

export function anInstance(id: string, more: Partial<ContainerInstance> = {}): ContainerInstance {
  return {
    containerInstanceArn: ecsArn(`container-instance/rose/${id}`),
    status: 'ACTIVE',
    agentConnected: true,
    healthStatus: { overallStatus: 'OK' },
    tags: [{ key: 'team', value: 'pricing' }],
    ...more,
  };
}

type Revision = readonly [string, { definition: TaskDefinition; tags: Tag[] }];

export function aRevision(family: string, revision: number, more: Partial<TaskDefinition> = {}): Revision {
  const taskDefinitionArn = ecsArn(`task-definition/${family}:${revision}`);
  const definition: TaskDefinition = { taskDefinitionArn, family, revision, status: 'ACTIVE', ...more };
  return [taskDefinitionArn, { definition, tags: [{ key: 'family', value: family }] }];
}

type Parts = {
  readonly ecs?: Partial<RegionState['ecs']>;
  readonly region?: Partial<Omit<RegionState, 'ecs'>>;
  readonly account?: Partial<AccountState>;
  readonly world?: Partial<AwsWorld>;
};

function emptyRegion(): RegionState {
  return {
    region: REGION,
    ecs: {
      clusters: [],
      capacityProviders: [],
      services: new Map(),
      tasks: new Map(),
      containerInstances: new Map(),
      taskDefinitions: new Map(),
      protection: new Map(),
      settings: [],
    },
    ec2: {
      instances: [],
      statuses: [],
      volumes: [],
      networkInterfaces: [],
      subnets: [],
      capacityReservations: [],
      eventWindows: [],
      spotPrices: [],
      instanceTypes: [],
      managedResourceVisibility: 'visible',
    },
    autoScalingGroups: [],
    scalableTargets: [],
    scalingPolicies: [],
    quotas: [],
    defaultQuotas: [],
    computeOptimizer: [],
    metric: () => [],
  };
}

function anAccount(id: string, region: RegionState, more: Partial<AccountState> = {}): AccountState {
  return {
    id,
    name: id === PAYER ? 'head-nodes' : 'qcu-1',
    readerRoleArn: `arn:aws:iam::${id}:role/reader`,
    writerRoleArn: `arn:aws:iam::${id}:role/writer`,
    externalId: 'tiny',
    regions: new Map([[region.region, region]]),
    savingsPlans: [],
    computeOptimizer: 'Active',
    ...more,
  };
}

/** A cluster called `rose` in the payer's account, a second account without anything, and what the test adds. */
export function tinyWorld(parts: Parts = {}): AwsWorld {
  const empty = emptyRegion();
  const cluster = { clusterArn: ROSE, clusterName: 'rose', status: 'ACTIVE' };
  const region: RegionState = {
    ...empty,
    ...parts.region,
    ecs: { ...empty.ecs, clusters: [cluster], ...parts.ecs },
  };
  return {
    now: () => NOW,
    hub: { accountId: PAYER, accessKeyId: 'TINYWORLDKEY00000001', secretAccessKey: 'tiny-world-secret' },
    accounts: [anAccount(PAYER, region, parts.account), anAccount(MEMBER, emptyRegion())],
    payer: PAYER,
    costs: () => [],
    costAllocationTags: [],
    ...parts.world,
  };
}

export function contextOf(world: AwsWorld, id = PAYER): HandlerContext {
  const account = world.accounts.find((one) => one.id === id);
  const region = account?.regions.get(REGION);
  if (account === undefined || region === undefined) throw new Error(`no account ${id}`);
  return {
    world,
    account,
    region,
    now: world.now(),
    caller: { arn: `arn:aws:iam::${id}:user/bot`, userId: 'AIDATINY', accountId: id },
    issueSession: () => {
      throw new Error('nobody asks for a session here');
    },
  };
}

/** Calls operations of a table as the server would, without the wire between. */
export function caller<T extends ServiceTable>(table: T, context: HandlerContext) {
  return <Output>(name: keyof T & string, input: object): Output => table[name]?.handle(input, context) as Output;
}

/** The code of the AWS error that a call ends with, or `none`. */
export function codeOf(call: () => unknown): string {
  try {
    call();
    return 'none';
  } catch (error) {
    if (error instanceof AwsFault) return error.code;
    throw error;
  }
}

export function aCost(usd: string, more: Partial<CostRow> = {}): CostRow {
  return {
    account: PAYER,
    region: REGION,
    service: 'Amazon Elastic Container Service',
    usageType: 'EU-Fargate-GB-Hours',
    tags: {},
    usd,
    quantity: '1',
    ...more,
  };
}
