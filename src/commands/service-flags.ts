/** A live service, or a family of short tasks, as the flags of `capacity` that describe it. Pure. */
import {
  type ClusterView,
  type FamilySamples,
  type Need,
  type RegionPart,
  type Service,
  type TaskDefinition,
  taskNeeds,
} from '../engine/index.ts';
import { showMiB, showUnits } from './capacity-show.ts';

/** Flags by name (null = a switch), where the thing runs today, and what a reader should know. */
export type Described = {
  readonly flags: { readonly [name: string]: string | null };
  /** `Fargate`, `ASG provider tulip-asg` …, or null when nothing says. */
  readonly runsOn: string | null;
  readonly notes: readonly string[];
  /** vCPU by quota code that this service takes today: it is inside the account's usage already. */
  readonly vcpuByQuota: { readonly [code: string]: number };
};

type Place = { readonly view: ClusterView; readonly region: RegionPart | null };

const FARGATE_QUOTA = 'L-3032A538';
const FARGATE_SPOT_QUOTA = 'L-36FBB829';
/** Stopped tasks stay visible about an hour: the rate of starts is read from the newest hour. */
const SAMPLE_MS = 65 * 60 * 1000;

/** A service runs all month: `desiredCount` tasks of its present task definition. */
export function describeService(place: Place, service: Service): Described {
  const { view } = place;
  const definition = view.taskDefinitions.find(({ arn }) => arn === service.taskDefinition) ?? null;
  const size = definition === null ? null : sizeOf(definition);
  const spot = runsOnSpot(view, service);
  const daemon = service.schedulingStrategy === 'DAEMON';
  const tasks = Math.max(1, daemon ? service.runningCount : service.desiredCount);
  const notes = [
    ...(service.desiredCount === 0 && !daemon ? ['it is scaled to zero: priced for 1 task'] : []),
    ...(service.autoscaling === null ? [] : [scalingNote(service.autoscaling, service.desiredCount)]),
    ...(service.deployment.inProgress ? ['a deployment is under way: the counts are of this moment'] : []),
    ...(spot ? ['it runs on Spot today, so interruptions are taken as accepted'] : []),
    ...strategyNotes(service),
    ...replacementNotes(service),
    ...sharingNotes(view, service),
    ...networkNotes(definition),
    ...definitionNotes(definition),
  ];
  return {
    flags: {
      ...definitionFlags(definition, daemon ? ['daemon'] : constraintNeeds(service)),
      tasks: String(tasks),
      ...(spot ? { interruptible: null } : {}),
      ...(service.assignPublicIp ? { 'public-ip': null } : {}),
      ...placeFlags(place),
    },
    runsOn: placeName(view, service),
    notes,
    vcpuByQuota: ownVcpu(view, service, (size?.cpuUnits ?? 0) * service.runningCount),
  };
}

/** A family whose tasks come and go: run and pull times from stopped tasks; null when there are none. */
export function describeFamily(place: Place, family: string): Described | null {
  const { view } = place;
  const samples = view.samples.find((row) => row.family === family)?.samples ?? [];
  const revisions = view.taskDefinitions.filter((definition) => definition.family === family);
  const definition = revisions.reduce<TaskDefinition | null>(
    (newest, row) => (newest === null || row.revision > newest.revision ? row : newest),
    null,
  );
  if (samples.length < 2 || definition === null) return null;
  const pulls = samples.flatMap(({ pullSeconds }) => (pullSeconds === null ? [] : [pullSeconds]));
  const { perDay, minutes, count } = startsPerDay(samples);
  return {
    flags: {
      ...definitionFlags(definition, []),
      run: `${Math.max(1, Math.round(median(samples.map(({ runSeconds }) => runSeconds))))}s`,
      ...(pulls.length === 0 ? {} : { pull: `${Math.round(median(pulls))}s` }),
      'per-day': String(perDay),
      ...placeFlags(place),
    },
    runsOn: null,
    notes: [
      `run and pull are medians of ${samples.length} stopped tasks`,
      `${count} tasks stopped within ${minutes} min: ${perDay.toLocaleString('en-US')} a day if it goes on like that all day (say otherwise with --per-day and --between)`,
      ...pullNotes(samples),
      ...definitionNotes(definition),
    ],
    vcpuByQuota: {},
  };
}

/** Shortest time that Fargate bills, in seconds. */
const BILLED_AT_LEAST = 60;
/** Less than this is not worth building another image index for. */
const WORTH_LOADING_LAZILY = 0.05;

/** What loading the image lazily (SOCI) could save on Fargate, which bills from the start of the pull. */
function pullNotes(samples: FamilySamples['samples']): readonly string[] {
  const pull = median(samples.flatMap(({ pullSeconds }) => (pullSeconds === null ? [] : [pullSeconds])));
  const run = median(samples.map(({ runSeconds }) => runSeconds));
  const billed = Math.max(BILLED_AT_LEAST, pull + run);
  const share = (billed - Math.max(BILLED_AT_LEAST, run)) / billed;
  if (share < WORTH_LOADING_LAZILY) return [];
  return [`loading the image lazily (SOCI) would save at most ${Math.round(share * 100)} % of it on Fargate`];
}

function startsPerDay(samples: FamilySamples['samples']): { perDay: number; minutes: number; count: number } {
  const times = samples.map(({ stoppedAt }) => Date.parse(stoppedAt)).sort((a, b) => b - a);
  const newest = times[0] ?? 0;
  const recent = times.filter((time) => newest - time <= SAMPLE_MS);
  const spanMs = newest - (recent.at(-1) ?? newest);
  const isRate = recent.length > 1 && spanMs > 0;
  const perDay = isRate ? Math.round(((recent.length - 1) * 86_400_000) / spanMs) : recent.length * 24;
  return { perDay: Math.max(1, perDay), minutes: Math.max(1, Math.round(spanMs / 60_000)), count: recent.length };
}

/** Task level where given; else the sum of the containers, memory by what placement counts: the soft limit. */
function sizeOf(definition: TaskDefinition): { readonly cpuUnits: number; readonly memoryMiB: number } {
  const cpu = definition.containers.reduce((sum, { cpuUnits }) => sum + cpuUnits, 0);
  const memory = definition.containers.reduce(
    (sum, { memoryReservationMiB, memoryMiB }) => sum + (memoryReservationMiB ?? memoryMiB ?? 0),
    0,
  );
  return { cpuUnits: definition.cpuUnits ?? cpu, memoryMiB: definition.memoryMiB ?? memory };
}

function definitionFlags(
  definition: TaskDefinition | null,
  more: readonly Need[],
): { readonly [name: string]: string | null } {
  if (definition === null) return more.length === 0 ? {} : { needs: more.join(',') };
  const { cpuUnits, memoryMiB } = sizeOf(definition);
  const gpus = definition.containers.reduce((sum, container) => sum + container.gpus, 0);
  const words: string[] = [...taskNeeds(definition), ...more];
  if (gpus > 0) words.push(gpus === 1 ? 'gpu' : `gpu:${gpus}`);
  if (definition.containers.some(({ neuronDevices }) => neuronDevices)) words.push('neuron');
  return {
    ...(cpuUnits === 0 ? {} : { vcpu: showUnits(cpuUnits) }),
    ...(memoryMiB === 0 ? {} : { memory: showMiB(memoryMiB) }),
    ...(definition.architecture === 'arm64' ? { arch: 'arm64' } : {}),
    ...(words.length === 0 ? {} : { needs: words.join(',') }),
    ...(definition.ephemeralStorageGiB === null ? {} : { storage: String(definition.ephemeralStorageGiB) }),
  };
}

function constraintNeeds(service: Service): readonly Need[] {
  return service.placementConstraints.length > 0 ? ['placement-constraint'] : [];
}

function definitionNotes(definition: TaskDefinition | null): readonly string[] {
  if (definition === null) return ['its task definition could not be read: say --vcpu and --memory'];
  if (definition.cpuUnits !== null && definition.memoryMiB !== null) return [];
  const soft = definition.containers.some(({ memoryReservationMiB }) => memoryReservationMiB !== null);
  const missing = sizeOf(definition).cpuUnits === 0 ? '; no container reserves CPU, so --vcpu is a guess' : '';
  return [`the size is the sum of its containers${soft ? ', memory by their soft limits' : ''}${missing}`];
}

function scalingNote({ min, max }: NonNullable<Service['autoscaling']>, desired: number): string {
  return `autoscaling keeps it between ${min} and ${max} tasks: priced for today's ${desired}`;
}

/** Strategies are wishes, not needs: only what would be lost is said. */
function strategyNotes({ placementStrategy }: Service): readonly string[] {
  const lost = placementStrategy.filter(({ type, field }) => !(type === 'spread' && (field ?? '').includes('zone')));
  if (lost.length === 0) return [];
  const names = lost.map(({ type, field }) => (field === null ? type : `${type}(${field})`));
  return [`its placement strategy ${names.join(', ')} exists on Auto Scaling groups only`];
}

/** One task that may be neither one more nor one less cannot be replaced by anybody but a person. */
function replacementNotes({ desiredCount, deployment }: Service): readonly string[] {
  const { minimumHealthyPercent, maximumPercent } = deployment;
  if (desiredCount !== 1 || minimumHealthyPercent < 100 || maximumPercent > 100) return [];
  return ['no drain and no deployment can replace its one task: minimumHealthyPercent and maximumPercent are both 100'];
}

/** Managed Instances are reused and shared: who must not share needs a provider of his own. */
function sharingNotes(view: ClusterView, service: Service): readonly string[] {
  const names = strategyOf(service);
  const managed = view.providers.filter(({ kind, name }) => kind === 'managed-instances' && names.includes(name));
  return managed.flatMap(({ name }) => {
    const others = view.services.filter((other) => other !== service && strategyOf(other).includes(name)).length;
    if (others === 0) return [];
    return [`it shares the instances of ${name} with ${others} other service${others === 1 ? '' : 's'}`];
  });
}

function networkNotes(definition: TaskDefinition | null): readonly string[] {
  if (definition === null || !taskNeeds(definition).has('bridge-network')) return [];
  return ['in bridge mode its tasks have no security group of their own, and flow logs cannot tell them apart'];
}

/** What instances of this cluster would hold besides the task, and what stands paid for and empty. */
function placeFlags({ view, region }: Place): { readonly [name: string]: string | null } {
  const daemons = view.services
    .filter(({ schedulingStrategy }) => schedulingStrategy === 'DAEMON')
    .flatMap(({ taskDefinition }) => view.taskDefinitions.filter(({ arn }) => arn === taskDefinition).slice(0, 1))
    .map(sizeOf);
  const cpu = daemons.reduce((sum, { cpuUnits }) => sum + cpuUnits, 0);
  const memory = daemons.reduce((sum, { memoryMiB }) => sum + memoryMiB, 0);
  const targets = view.providers.flatMap((provider) =>
    provider.kind === 'asg' && provider.managedScaling !== null ? [provider.managedScaling.targetCapacityPercent] : [],
  );
  const [target] = targets;
  const empty = (region?.capacityReservations ?? []).filter(
    ({ state, available }) => state === 'active' && available > 0,
  );
  return {
    ...(cpu === 0 ? {} : { 'daemon-cpu': showUnits(cpu) }),
    ...(memory === 0 ? {} : { 'daemon-memory': showMiB(memory) }),
    ...(targets.length === 1 && target !== undefined && target !== 100 ? { 'target-capacity': String(target) } : {}),
    ...(empty.length === 0
      ? {}
      : { reserved: empty.map(({ instanceType, available }) => `${instanceType}=${available}`).join(',') }),
  };
}

function runsOnSpot(view: ClusterView, service: Service): boolean {
  return strategyOf(service).some((name) => {
    const provider = view.providers.find((row) => row.name === name);
    return name === 'FARGATE_SPOT' || (provider?.kind === 'managed-instances' && provider.optionType === 'spot');
  });
}

function strategyOf({ strategy }: Service): readonly string[] {
  return strategy.filter(({ weight, base }) => weight > 0 || base > 0).map(({ capacityProvider }) => capacityProvider);
}

function placeName(view: ClusterView, service: Service): string | null {
  const names = strategyOf(service);
  if (names.length === 0) return service.launchType === null ? null : launchName(service.launchType);
  return names.map((name) => providerName(view, name)).join(' and ');
}

function launchName(launchType: string): string {
  return { FARGATE: 'Fargate', EC2: 'EC2 instances', EXTERNAL: 'ECS Anywhere' }[launchType] ?? launchType;
}

function providerName(view: ClusterView, name: string): string {
  if (name === 'FARGATE') return 'Fargate';
  if (name === 'FARGATE_SPOT') return 'Fargate Spot';
  const provider = view.providers.find((row) => row.name === name);
  if (provider?.kind === 'asg') return `the Auto Scaling group provider ${name}`;
  return provider?.kind === 'managed-instances' ? `the Managed Instances provider ${name}` : name;
}

/** Its own share of the quota's usage; on instances it cannot be told apart. */
function ownVcpu(view: ClusterView, service: Service, units: number): { readonly [code: string]: number } {
  const names = strategyOf(service);
  const vcpu = units / 1024;
  if (names.includes('FARGATE_SPOT')) return { [FARGATE_SPOT_QUOTA]: vcpu };
  const isFargate = names.includes('FARGATE') || (names.length === 0 && service.launchType === 'FARGATE');
  return isFargate && view.services.includes(service) ? { [FARGATE_QUOTA]: vcpu } : {};
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const high = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? high) + high) / 2;
}
