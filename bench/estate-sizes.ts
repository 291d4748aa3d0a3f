type Size = {
  readonly accounts: number;
  readonly clustersPerAccount: number;
  readonly servicesPerCluster: number;
  readonly tasksPerService: number;
  readonly instancesPerCluster: number;
};

/**
 * The estates that are measured. `speed`: how much faster than in real life the simulated AWS's buckets fill, and the
 * bot asks; faster than this, two cores shared by bot, AWS and bench are the limit, not the buckets.
 */
export const ESTATES = {
  small: {
    speed: 2,
    size: { accounts: 2, clustersPerAccount: 2, servicesPerCluster: 250, tasksPerService: 1, instancesPerCluster: 25 },
  },
  large: {
    speed: 2,
    size: {
      accounts: 10,
      clustersPerAccount: 2,
      servicesPerCluster: 2_500,
      tasksPerService: 1,
      instancesPerCluster: 250,
    },
  },
  /** One cluster with enough on its instances to keep the optimiser busy for seconds; read fast, as it is not the point. */
  solving: {
    speed: 50,
    size: { accounts: 1, clustersPerAccount: 1, servicesPerCluster: 300, tasksPerService: 8, instancesPerCluster: 200 },
  },
} as const satisfies { readonly [name: string]: { readonly size: Size; readonly speed: number } };
export type EstateName = keyof typeof ESTATES;

/**
 * The fewest calls by operation for one cold scan of services, tasks, revisions, instances and metrics: 100 services and
 * tasks a list, 10 services and 100 tasks a description, one revision a call, 100 instances a call. Five numbers and a
 * daily count for each service, 500 queries a call.
 */
export function fewestCalls({
  accounts,
  clustersPerAccount,
  servicesPerCluster,
  tasksPerService,
  instancesPerCluster,
}: Size) {
  const clusters = accounts * clustersPerAccount;
  const pages = (count: number, page: number): number => Math.ceil(count / page);
  const tasks = servicesPerCluster * tasksPerService;
  return {
    'ecs:ListServices': clusters * pages(servicesPerCluster, 100),
    'ecs:DescribeServices': clusters * pages(servicesPerCluster, 10),
    'ecs:ListTasks': clusters * (pages(tasks, 100) + 1),
    'ecs:DescribeTasks': clusters * pages(tasks, 100),
    'ecs:DescribeTaskDefinition': clusters * servicesPerCluster,
    'ecs:ListContainerInstances': clusters * pages(instancesPerCluster, 100),
    'ecs:DescribeContainerInstances': clusters * pages(instancesPerCluster, 100),
    'cloudwatch:GetMetricData': clusters * pages(servicesPerCluster * 5, 500),
  } as const;
}
