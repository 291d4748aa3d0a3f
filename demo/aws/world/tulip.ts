/** tulip: EC2 instances of an Auto Scaling group, and two services that stayed on launch types. */
import { type ClusterSpec, type HostSpec, onProvider, type ServiceSpec } from './specs.ts';

const PROVIDER = 'asg-tulip';
const ASG = onProvider(PROVIDER);
const TAGS = { team: 'market-data', role: 'qcu' };

function host(zone: 0 | 1 | 2, ageHours: number, more: Partial<HostSpec> = {}): HostSpec {
  return { provider: PROVIDER, type: 'm6a.2xlarge', zone, ageHours, lifecycle: 'on-demand', ...more };
}

const HOSTS: readonly HostSpec[] = [
  host(0, 196),
  host(1, 230),
  host(2, 259),
  host(0, 301),
  host(1, 344),
  host(2, 377),
  host(0, 402),
  host(1, 431, { idle: true }),
  host(2, 212, { type: 'm5.2xlarge', lifecycle: 'spot' }),
  host(0, 290, { type: 'm5.2xlarge', lifecycle: 'spot' }),
];

const SERVICES: readonly ServiceSpec[] = [
  {
    name: 'market-data',
    tasks: 8,
    shape: { cpu: 2048, memory: 7168 },
    runsOn: ASG,
    placement: [
      { type: 'spread', field: 'attribute:ecs.availability-zone' },
      { type: 'binpack', field: 'memory' },
    ],
    registered: true,
    tags: TAGS,
  },
  {
    name: 'tick-store',
    tasks: 3,
    shape: {
      cpu: 4096,
      memory: 16_384,
      volumes: [{ name: 'ticks', efsVolumeConfiguration: { fileSystemId: 'fs-0a1b2c3d4e5f60718' } }],
    },
    runsOn: ASG,
    constraint: 'attribute:ecs.instance-type =~ m6a.*',
    placement: [{ type: 'spread', field: 'instanceId' }],
    tags: TAGS,
  },
  {
    name: 'vol-surface',
    tasks: 6,
    shape: { cpu: 2048, memory: 7168 },
    runsOn: ASG,
    placement: [{ type: 'binpack', field: 'cpu' }],
    tags: TAGS,
  },
  { name: 'greeks', tasks: 6, shape: { cpu: 1024, memory: 4096 }, runsOn: ASG, protectedTasks: 1, tags: TAGS },
  {
    name: 'flow-watch',
    tasks: 2,
    shape: {
      cpu: 1024,
      memory: 2048,
      network: 'host',
      containers: [
        { name: 'flow-watch', image: 'registry.example/flow-watch:3.2', cpu: 768, memory: 1536, essential: true },
        {
          name: 'ebpf-probe',
          image: 'registry.example/ebpf-probe:1.0',
          cpu: 256,
          memory: 512,
          essential: false,
          privileged: true,
          linuxParameters: { capabilities: { add: ['BPF', 'SYS_ADMIN', 'NET_ADMIN'] } },
        },
      ],
    },
    runsOn: ASG,
    tags: { team: 'platform', role: 'qcu' },
  },
  {
    name: 'legacy-ui',
    tasks: 1,
    shape: {
      cpu: null,
      memory: null,
      network: 'bridge',
      containers: [
        {
          name: 'legacy-ui',
          image: 'registry.example/legacy-ui:0.9',
          cpu: 512,
          memory: 2048,
          memoryReservation: 1024,
          essential: true,
          portMappings: [{ containerPort: 8080, hostPort: 8080, protocol: 'tcp' }],
        },
      ],
    },
    runsOn: { kind: 'launch-type', launchType: 'EC2' },
    deployment: { minimum: 0, maximum: 100 },
    tags: TAGS,
  },
  {
    name: 'tulip-admin',
    tasks: 1,
    shape: { cpu: 512, memory: 1024, image: 'registry.example/<admin>&tools:🌷' },
    runsOn: ASG,
    tags: TAGS,
  },
  {
    name: 'node-watch',
    tasks: HOSTS.length,
    shape: {
      cpu: null,
      memory: null,
      network: 'host',
      containers: [
        { name: 'node-watch', image: 'registry.example/node-watch:1.8', cpu: 128, memory: 256, essential: true },
      ],
    },
    runsOn: { kind: 'launch-type', launchType: 'EC2' },
    daemon: true,
    tags: { team: 'platform', role: 'qcu' },
  },
  {
    name: 'tulip-edge',
    tasks: 2,
    shape: { cpu: 512, memory: 1024 },
    runsOn: { kind: 'launch-type', launchType: 'FARGATE' },
    balanced: true,
    tags: TAGS,
  },
];

export const TULIP: ClusterSpec = {
  name: 'tulip',
  account: 'qcu-1',
  region: 'eu-west-1',
  tags: { team: 'market-data', role: 'qcu' },
  providers: [
    { kind: 'asg', name: PROVIDER, group: 'ecs-tulip', tags: { note: 'min 3, ask <dai> & ben 🌷 before 17:00' } },
    { kind: 'fargate' },
  ],
  defaultStrategy: [{ capacityProvider: PROVIDER, weight: 1, base: 0 }],
  hosts: HOSTS,
  services: SERVICES,
  standalone: [],
};
