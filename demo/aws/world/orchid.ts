/** orchid: Managed Instances in us-east-1, on-demand, Spot and reserved. */
import { type ClusterSpec, type HostSpec, onProvider, type ProviderSpec, type ServiceSpec } from './specs.ts';

const OD = 'mi-orchid';
const SPOT = 'mi-orchid-spot';
const RESERVED = 'mi-orchid-reserved';
const TAGS = { team: 'quant', role: 'qcu' };

const PROVIDERS: readonly ProviderSpec[] = [
  {
    kind: 'managed-instances',
    name: OD,
    option: 'ON_DEMAND',
    scaleInAfter: -1,
    requirements: {
      vCpuCount: { min: 8, max: 8 },
      memoryMiB: { min: 16_384 },
      allowedInstanceTypes: ['c6a.2xlarge'],
    },
    tags: { team: 'quant' },
  },
  {
    kind: 'managed-instances',
    name: SPOT,
    option: 'SPOT',
    scaleInAfter: 300,
    requirements: { vCpuCount: { min: 4, max: 16 }, memoryMiB: { min: 16_384 }, instanceGenerations: ['current'] },
    tags: { team: 'quant', note: 'Spot & cheap <3 🤞' },
  },
  {
    kind: 'managed-instances',
    name: RESERVED,
    option: 'RESERVED',
    scaleInAfter: null,
    requirements: { vCpuCount: { min: 8 }, memoryMiB: { min: 65_536 }, cpuManufacturers: ['intel'] },
    tags: { team: 'quant' },
  },
];

const ZONES = [0, 1, 2] as const;

/** Nine of one type where five would do: the provider never consolidates. */
const AGES = [26, 49, 75, 98, 131, 170, 215, 263, 312];
const HOSTS: readonly HostSpec[] = [
  ...AGES.map(
    (ageHours, index): HostSpec => ({
      provider: OD,
      type: 'c6a.2xlarge',
      zone: ZONES[index % 3] ?? 0,
      ageHours,
      lifecycle: 'on-demand',
    }),
  ),
  { provider: SPOT, type: 'm6i.xlarge', zone: 0, ageHours: 61, lifecycle: 'spot' },
  { provider: SPOT, type: 'm6i.xlarge', zone: 1, ageHours: 150, lifecycle: 'spot' },
  { provider: SPOT, type: 'm6i.xlarge', zone: 2, ageHours: 371, lifecycle: 'spot', draining: true },
  // In its 20th day: draining since day 14, and nothing can take its place, for both reservations are in use.
  { provider: RESERVED, type: 'r7i.2xlarge', zone: 0, ageHours: 465, lifecycle: 'on-demand', draining: true },
  { provider: RESERVED, type: 'r7i.2xlarge', zone: 0, ageHours: 223, lifecycle: 'on-demand' },
];

/** On mi-orchid: 7 x 2 + 5 x 1.5 + 4 x 2 + 2 x 1 + 1 + 1 = 33.5 vCPU and 21 + 15 + 16 + 4 + 1 + 1 = 58 GiB. */
const SERVICES: readonly ServiceSpec[] = [
  {
    name: 'mc-grid',
    tasks: 7,
    shape: { cpu: 2048, memory: 3072 },
    runsOn: onProvider(OD),
    protectedTasks: 3,
    registered: true,
    tags: TAGS,
  },
  { name: 'curve-build', tasks: 5, shape: { cpu: 1536, memory: 3072 }, runsOn: onProvider(OD), tags: TAGS },
  { name: 'scenario', tasks: 4, shape: { cpu: 2048, memory: 4096 }, runsOn: onProvider(OD), tags: TAGS },
  { name: 'limits-check', tasks: 2, shape: { cpu: 1024, memory: 2048 }, runsOn: onProvider(OD), tags: TAGS },
  { name: 'orchid-admin', tasks: 1, shape: { cpu: 1024, memory: 1024 }, runsOn: onProvider(OD), tags: TAGS },
  { name: 'fixing', tasks: 1, shape: { cpu: 1024, memory: 1024 }, runsOn: onProvider(OD), tags: TAGS },
  { name: 'backtest', tasks: 4, shape: { cpu: 1792, memory: 6144 }, runsOn: onProvider(SPOT), tags: TAGS },
  { name: 'book-cache', tasks: 2, shape: { cpu: 6144, memory: 49_152 }, runsOn: onProvider(RESERVED), tags: TAGS },
];

export const ORCHID: ClusterSpec = {
  name: 'orchid',
  account: 'qcu-1',
  region: 'us-east-1',
  tags: { team: 'quant', role: 'qcu' },
  providers: PROVIDERS,
  defaultStrategy: [{ capacityProvider: OD, weight: 1, base: 0 }],
  hosts: HOSTS,
  services: SERVICES,
  standalone: [
    {
      family: 'model-train',
      shape: { cpu: 2048, memory: 8192 },
      provider: SPOT,
      running: [{ hoursAgo: 52 }],
      batch: null,
    },
  ],
};
