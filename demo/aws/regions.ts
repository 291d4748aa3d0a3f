import type { AccountState, RegionState } from './state.ts';

/**
 * The account's region of that name. Where it has none, services without regions get an empty one, and the others
 * undefined: to them the region is switched off, which AWS tells by calling the key unknown.
 */
export function regionOf(account: AccountState, region: string, isGlobal: boolean): RegionState | undefined {
  return account.regions.get(region) ?? (isGlobal ? emptyRegion(region) : undefined);
}

function emptyRegion(region: string): RegionState {
  return {
    region,
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
      managedResourceVisibility: 'hidden',
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
