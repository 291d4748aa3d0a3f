/** rose: the head node of the company, all on Fargate. */
import { type ClusterSpec, onProvider, type ServiceSpec, type TaskShape } from './specs.ts';

const FARGATE = onProvider('FARGATE');
const FARGATE_SPOT = onProvider('FARGATE_SPOT');

function size(cpu: number, memory: number, more: Partial<TaskShape> = {}): TaskShape {
  return { cpu, memory, ...more };
}

/** One small task that its team accepts to lose for a minute: most services of the company look like this. */
function single(name: string, team: string, shape: TaskShape): ServiceSpec {
  return { name, tasks: 1, shape, runsOn: FARGATE, tags: { team, role: 'head-node' } };
}

const LARGE: readonly ServiceSpec[] = [
  {
    name: 'head-shards',
    tasks: 40,
    shape: size(4096, 30_720),
    runsOn: FARGATE,
    // 12.4 GiB of 30 GiB at the 95th percentile, 14.4 GiB at most.
    cpu: { p95: 11, peak: 1.3 },
    memory: { p95: (12.4 / 30) * 100, peak: 14.4 / 12.4 },
    scaling: { metric: 'ECSServiceAverageCPUUtilization', target: 60, min: 40, max: 80 },
    registered: true,
    tags: { team: 'head', role: 'head-node' },
  },
  {
    name: 'quant-api',
    tasks: 12,
    shape: size(2048, 8192),
    runsOn: FARGATE,
    cpu: { p95: 79 },
    history: { kind: 'office-hours', day: 16 },
    scaling: { metric: 'ECSServiceAverageCPUUtilization', target: 65, min: 4, max: 24 },
    balanced: true,
    tags: { team: 'quant', role: 'head-node' },
  },
  {
    name: 'feed-ingest',
    tasks: 18,
    shape: size(1024, 4096),
    runsOn: FARGATE,
    history: { kind: 'one-more-a-week', from: 10 },
    registered: true,
    tags: { team: 'feeds', role: 'head-node' },
  },
  {
    name: 'order-router',
    tasks: 2,
    shape: size(1024, 2048),
    runsOn: FARGATE,
    cpu: { p95: 93 },
    memory: { p95: 95, peak: 1.04 },
    balanced: true,
    ended: [
      {
        stopCode: 'EssentialContainerExited',
        reason: 'OutOfMemoryError: container killed due to memory usage',
        exitCode: 137,
        minutesAgo: 31,
        ranMinutes: 5_320,
      },
    ],
    tags: { team: 'trading', role: 'head-node' },
  },
  {
    name: 'ref-data',
    tasks: 6,
    shape: size(2048, 8192),
    runsOn: FARGATE,
    cpu: { p95: 18 },
    memory: { p95: 36 },
    registered: true,
    tags: { team: 'data', role: 'head-node' },
  },
  {
    name: 'risk-gateway',
    tasks: 4,
    shape: size(1024, 4096),
    runsOn: FARGATE,
    cpu: { p95: 20 },
    memory: { p95: 30 },
    deployment: { minimum: 100, maximum: 200, inProgress: true },
    balanced: true,
    tags: { team: 'risk', role: 'head-node' },
  },
  { name: 'pnl-report', tasks: 6, shape: size(512, 2048), runsOn: FARGATE, tags: { team: 'pnl', role: 'head-node' } },
  {
    name: 'pnl-nightly',
    tasks: 0,
    shape: size(2048, 4096),
    runsOn: FARGATE,
    history: { kind: 'nights', tasks: 4 },
    tags: { team: 'pnl', role: 'head-node' },
  },
];

const SPOT: readonly ServiceSpec[] = [
  {
    name: 'feed-replay',
    tasks: 4,
    shape: size(2048, 8192),
    runsOn: FARGATE_SPOT,
    ended: [
      {
        stopCode: 'SpotInterruption',
        reason: 'Your Spot Task was interrupted.',
        exitCode: 143,
        minutesAgo: 12,
        ranMinutes: 918,
      },
    ],
    tags: { team: 'feeds', role: 'batch' },
  },
  {
    name: 'feed-backfill',
    tasks: 3,
    shape: size(1024, 2048),
    runsOn: FARGATE_SPOT,
    tags: { team: 'feeds', role: 'batch' },
  },
  {
    name: 'quant-sim',
    tasks: 4,
    shape: size(1024, 4096),
    runsOn: {
      kind: 'strategy',
      items: [
        { capacityProvider: 'FARGATE', weight: 1, base: 1 },
        { capacityProvider: 'FARGATE_SPOT', weight: 3, base: 0 },
      ],
    },
    tags: { team: 'quant', role: 'batch' },
  },
];

const SINGLES: readonly ServiceSpec[] = [
  {
    ...single('auth-proxy', 'platform', size(512, 1024)),
    deployment: { minimum: 100, maximum: 100 },
    balanced: true,
  },
  single('pnl-eod', 'pnl', size(1024, 4096)),
  single('pnl-intraday', 'pnl', size(1024, 4096)),
  single('pnl-archive', 'pnl', size(512, 2048, { ephemeralGiB: 100 })),
  single('pricing-arm', 'quant', size(1024, 2048, { arm: true })),
  single('fx-rates', 'data', size(256, 512)),
  single('calendar', 'data', size(256, 512)),
  single('symbol-map', 'data', size(512, 1024)),
  single('entitlements', 'platform', size(512, 1024)),
  single('audit-log', 'platform', size(512, 1024)),
  { ...single('config-api', 'platform', size(256, 512, { arm: true })), registered: true },
  { ...single('web-portal', '<b>web</b> & friends 🌷', size(512, 1024)), balanced: true },
  single('mail-out', 'platform', size(256, 512)),
  single('alerts-out', 'platform', size(256, 512)),
  single('holidays', 'data', size(256, 512)),
  single('job-board', 'platform', size(256, 512)),
  single('health-probe', 'platform', size(256, 512)),
  single('session-cache', 'platform', size(512, 2048)),
  { ...single('ws-gateway', 'trading', size(512, 1024)), balanced: true },
  { ...single('docs-site', 'platform', size(256, 512)), managedTags: false },
  { ...single('beta-desk', 'quant', size(1024, 4096)), cpu: { p95: 5 }, memory: { p95: 10 }, createdHoursAgo: 10 },
];

export const ROSE: ClusterSpec = {
  name: 'rose',
  account: 'head-nodes',
  region: 'eu-west-1',
  tags: { team: 'head', role: 'head-node', note: 'owner: <@U0ANA00001> & "the <script>quants</script>" 🌹' },
  providers: [{ kind: 'fargate' }, { kind: 'fargate-spot' }],
  defaultStrategy: [{ capacityProvider: 'FARGATE', weight: 1, base: 0 }],
  hosts: [],
  services: [...LARGE, ...SPOT, ...SINGLES],
  standalone: [
    {
      family: 'price-batch',
      shape: size(1024, 2048),
      provider: 'FARGATE',
      running: [],
      batch: { perHour: 120, runSeconds: 40, pullSeconds: 25 },
    },
  ],
};
