/**
 * Where ECS would put the tasks of drained instances. ECS takes no order where to place a task: it filters by
 * constraints, then follows the service's strategies, and between equals it chooses freely. A wave is therefore played
 * many times with other choices; what holds every time can be relied on.
 */
import type { ConsolidateInput, ConsolidateService, Wave } from '../consolidate/model.ts';
import type { Service } from '../model-cluster.ts';
import { makeRandom, type Random } from '../pack/random.ts';
import { AZ_FIELD } from './services.ts';

type Strategies = { readonly [service: string]: Service['placementStrategy'] };

export type WaveLanding = {
  readonly plays: number;
  /** Plays in which every task found room. */
  readonly placed: number;
  /** Plays in which every task landed where the plan has it. */
  readonly asPlanned: number;
  /** Services that had a task without room in some play. */
  readonly withoutRoom: readonly string[];
};

const MOST_PLAYS = 20;
const FEWEST_PLAYS = 2;
/** Looks at an instance for a task, over all plays of a wave: keeps the largest clusters within seconds. */
const MOST_LOOKS = 2_000_000;

function playsFor(bins: readonly Bin[], { move }: Wave): number {
  const tasks = move.reduce((sum, { count }) => sum + count, 0);
  return Math.max(FEWEST_PLAYS, Math.min(MOST_PLAYS, Math.floor(MOST_LOOKS / Math.max(1, bins.length * tasks))));
}

/** One row a wave, each wave played from where the plan has brought the cluster by then. */
export function playLandings(
  input: ConsolidateInput,
  waves: readonly Wave[],
  strategies: Strategies,
): readonly WaveLanding[] {
  let state = startOf(input);
  const sizes = new Map(input.services.map(({ id, req }) => [id, req]));
  return waves.map((wave, at) => {
    const launched = withLaunches(input, state, wave);
    const planned = afterMoves(launched, wave);
    let [placed, asPlanned] = [0, 0];
    const withoutRoom = new Set<string>();
    const plays = playsFor(launched, wave);
    for (let play = 0; play < plays; play += 1) {
      const random = makeRandom(at * MOST_PLAYS + play + 1);
      const end = playWave({ input, strategies, random, sizes }, launched, wave);
      for (const service of end.withoutRoom) withoutRoom.add(service);
      if (end.withoutRoom.length === 0) placed += 1;
      if (end.withoutRoom.length === 0 && isSame(end.state, planned, wave)) asPlanned += 1;
    }
    state = planned.filter(({ id }) => !wave.drain.includes(id));
    return { plays, placed, asPlanned, withoutRoom: [...withoutRoom].sort() };
  });
}

type Bin = {
  readonly id: string;
  readonly type: string;
  readonly az: string;
  readonly accepts: boolean;
  readonly cap: readonly number[];
  readonly tasks: Map<string, number>;
};

function startOf(input: ConsolidateInput): readonly Bin[] {
  const caps = new Map(input.types.map(({ name, cap }) => [name, cap]));
  return input.instances.map(({ id, type, az, accepts, cap, tasks }) => ({
    id,
    type,
    az,
    accepts,
    cap: cap ?? caps.get(type) ?? [],
    tasks: new Map(Object.entries(tasks)),
  }));
}

function withLaunches({ types }: ConsolidateInput, state: readonly Bin[], { launch }: Wave): readonly Bin[] {
  const caps = new Map(types.map(({ name, cap }) => [name, cap]));
  const fresh = launch.map(
    ({ id, type, az }): Bin => ({ id, type, az, accepts: true, cap: caps.get(type) ?? [], tasks: new Map() }),
  );
  return [...state, ...fresh];
}

const copyOf = (state: readonly Bin[]): readonly Bin[] => state.map((bin) => ({ ...bin, tasks: new Map(bin.tasks) }));

function afterMoves(state: readonly Bin[], { move }: Wave): readonly Bin[] {
  const bins = copyOf(state);
  const byId = new Map(bins.map((bin) => [bin.id, bin]));
  for (const { service, from, to, count } of move) {
    add(byId.get(from), service, -count);
    add(byId.get(to), service, count);
  }
  return bins;
}

function add(bin: Bin | undefined, service: string, count: number): void {
  if (bin === undefined) return;
  const left = (bin.tasks.get(service) ?? 0) + count;
  if (left === 0) bin.tasks.delete(service);
  else bin.tasks.set(service, left);
}

function isSame(a: readonly Bin[], b: readonly Bin[], { drain }: Wave): boolean {
  const others = new Map(b.map((bin) => [bin.id, bin.tasks]));
  return a.every(({ id, tasks }) => {
    const other = others.get(id);
    if (drain.includes(id)) return true;
    return (
      other !== undefined && tasks.size === other.size && [...tasks].every(([name, count]) => other.get(name) === count)
    );
  });
}

type Sizes = ReadonlyMap<string, readonly number[]>;

type Playing = {
  readonly sizes: Sizes;
  readonly input: ConsolidateInput;
  readonly strategies: Strategies;
  readonly random: Random;
};

/** All instances of the wave drain at once; each task's successor is placed before the task itself goes. */
function playWave(
  playing: Playing,
  start: readonly Bin[],
  wave: Wave,
): { readonly state: readonly Bin[]; readonly withoutRoom: readonly string[] } {
  const state = copyOf(start);
  const drained = new Set(wave.drain);
  const services = new Map(playing.input.services.map((service) => [service.id, service]));
  const waiting = state
    .filter(({ id }) => drained.has(id))
    .flatMap(({ tasks }) => [...tasks].flatMap(([service, count]) => Array.from({ length: count }, () => service)));
  const withoutRoom: string[] = [];
  for (const name of shuffled(waiting, playing.random)) {
    const service = services.get(name);
    if (service === undefined) continue;
    const target = landOf(playing, { state, drained }, service);
    if (target === null) withoutRoom.push(name);
    else add(target, name, 1);
  }
  return { state, withoutRoom };
}

function shuffled<T>(items: readonly T[], random: Random): readonly T[] {
  const row = [...items];
  for (let last = row.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    const [a, b] = [row[last], row[other]];
    if (a === undefined || b === undefined) continue;
    row[last] = b;
    row[other] = a;
  }
  return row;
}

function landOf(
  { input, strategies, random, sizes }: Playing,
  { state, drained }: { readonly state: readonly Bin[]; readonly drained: ReadonlySet<string> },
  service: ConsolidateService,
): Bin | null {
  let left = state.filter((bin) => bin.accepts && !drained.has(bin.id) && mayHold(bin, service, sizes));
  const rules = strategies[service.id] ?? [];
  // Without a strategy ECS spreads the tasks of a service over zones.
  for (const rule of rules.length === 0 ? [{ type: 'spread', field: AZ_FIELD }] : rules) {
    const rank = rankOf(rule, { state, service: service.id, sizes, input });
    if (rank === null) continue;
    const best = Math.min(...left.map(rank));
    left = left.filter((bin) => rank(bin) === best);
  }
  return left[Math.floor(random() * left.length)] ?? null;
}

function roomLeft({ cap, tasks }: Bin, sizes: Sizes, at: number): number {
  let used = 0;
  for (const [service, count] of tasks) used += count * (sizes.get(service)?.[at] ?? 0);
  return (cap[at] ?? 0) - used;
}

function mayHold(bin: Bin, service: ConsolidateService, sizes: Sizes): boolean {
  if (service.types?.includes(bin.type) === false || service.azs?.includes(bin.az) === false) return false;
  if (service.perInstance !== null && (bin.tasks.get(service.id) ?? 0) >= service.perInstance) return false;
  return service.req.every((need, at) => roomLeft(bin, sizes, at) >= need);
}

/** Lower is better; null = the rule chooses freely or looks at something else. */
function rankOf(
  { type, field }: Service['placementStrategy'][number],
  at: {
    readonly state: readonly Bin[];
    readonly service: string;
    readonly sizes: Sizes;
    readonly input: ConsolidateInput;
  },
): ((bin: Bin) => number) | null {
  const countsBy = (keyOf: (bin: Bin) => string): ((bin: Bin) => number) => {
    const counts = new Map<string, number>();
    for (const bin of at.state) {
      counts.set(keyOf(bin), (counts.get(keyOf(bin)) ?? 0) + (bin.tasks.get(at.service) ?? 0));
    }
    return (bin) => counts.get(keyOf(bin)) ?? 0;
  };
  if (type === 'spread') {
    if (field === AZ_FIELD) return countsBy(({ az }) => az);
    if (field === 'attribute:ecs.instance-type') return countsBy((bin) => bin.type);
    if (field === 'instanceId' || field === 'host') return ({ tasks }) => tasks.get(at.service) ?? 0;
    return null;
  }
  if (type === 'binpack') {
    const resource = at.input.resources.indexOf(field?.toLowerCase() === 'cpu' ? 'cpuUnits' : 'memoryMiB');
    return (bin) => roomLeft(bin, at.sizes, resource);
  }
  return null;
}
