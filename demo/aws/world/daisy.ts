/** daisy: five shards on Graviton Managed Instances, and a Spot provider beside them. */
import { type ClusterSpec, type HostSpec, onProvider, type ServiceSpec } from './specs.ts';

const OD = 'mi-daisy';
const SPOT = 'mi-daisy-spot';

const ZONES = [0, 1, 2] as const;
const AGES = [193, 217, 242, 266, 290, 314];

const HOSTS: readonly HostSpec[] = [
  ...AGES.map(
    (ageHours, index): HostSpec => ({
      provider: OD,
      type: 'm7g.xlarge',
      zone: ZONES[index % 3] ?? 0,
      ageHours,
      lifecycle: 'on-demand',
    }),
  ),
  { provider: SPOT, type: 'c7g.2xlarge', zone: 0, ageHours: 247, lifecycle: 'spot' },
  { provider: SPOT, type: 'c7g.2xlarge', zone: 1, ageHours: 362, lifecycle: 'spot', draining: true },
];

function shard(letter: string): ServiceSpec {
  return {
    name: `daisy-${letter}`,
    tasks: 1,
    shape: { cpu: 2048, memory: 7168, arm: true },
    runsOn: onProvider(OD),
    deployment: { minimum: 0, maximum: 100 },
    registered: true,
    tags: { team: 'daisy', role: 'shard' },
  };
}

const SERVICES: readonly ServiceSpec[] = [
  ...['a', 'b', 'c', 'd', 'e'].map(shard),
  {
    name: 'daisy-router',
    tasks: 2,
    shape: { cpu: 1024, memory: 3072, arm: true },
    runsOn: onProvider(OD),
    balanced: true,
    tags: { team: 'daisy', role: 'qcu' },
  },
  {
    name: 'daisy-cache',
    tasks: 2,
    shape: { cpu: 1024, memory: 6144, arm: true },
    runsOn: onProvider(OD),
    tags: { team: 'daisy', role: 'qcu' },
  },
  {
    name: 'daisy-sweep',
    tasks: 4,
    shape: { cpu: 3072, memory: 6144, arm: true },
    runsOn: onProvider(SPOT),
    tags: { team: 'daisy', role: 'batch' },
  },
];

export const DAISY: ClusterSpec = {
  name: 'daisy',
  account: 'qcu-2',
  region: 'eu-west-1',
  tags: { team: 'daisy', role: 'qcu' },
  providers: [
    {
      kind: 'managed-instances',
      name: OD,
      option: 'ON_DEMAND',
      scaleInAfter: 600,
      requirements: {
        vCpuCount: { min: 4, max: 8 },
        memoryMiB: { min: 16_384 },
        cpuManufacturers: ['amazon-web-services'],
      },
      tags: { team: 'daisy' },
    },
    {
      kind: 'managed-instances',
      name: SPOT,
      option: 'SPOT',
      scaleInAfter: 0,
      requirements: { vCpuCount: { min: 8, max: 8 }, memoryMiB: { min: 16_384 }, excludedInstanceTypes: ['t*'] },
      tags: { team: 'daisy' },
    },
  ],
  defaultStrategy: [{ capacityProvider: OD, weight: 1, base: 0 }],
  hosts: HOSTS,
  services: SERVICES,
  standalone: [],
};
