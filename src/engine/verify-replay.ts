/**
 * The checker's replay of consolidation waves, move by move. It says which rule a wave breaks first; it plans nothing and
 * imports nothing of the search.
 */
import type { ConsolidateInput, ConsolidateService, ConsolidateType, Move, Wave } from './consolidate/model.ts';

/** The first sentence about each rule that is broken, by the name of the check. */
export type Broken = Map<string, string>;

/** The rules that a replay looks at, in the order in which they are shown. */
export const REPLAY_CHECKS = [
  'names',
  'launches',
  'sources',
  'accepts',
  'allowed',
  'capacity',
  'perInstance',
  'perWave',
  'pinned',
  'drained',
  'drainShare',
  'minInstances',
  'skew',
  'tasks',
] as const;

/** An instance while the waves go by. */
type Host = {
  readonly id: string;
  readonly type: string;
  readonly az: string;
  readonly cap: readonly number[];
  readonly pinned: string | null;
  readonly accepts: boolean;
  readonly used: bigint[];
  readonly tasks: Map<string, number>;
};

type Yard = {
  readonly input: ConsolidateInput;
  readonly types: ReadonlyMap<string, ConsolidateType>;
  readonly services: ReadonlyMap<string, ConsolidateService>;
  readonly hosts: Map<string, Host>;
  /** Ids that were ever there: a launch must bring a new one. */
  readonly seen: Set<string>;
  /** What zones differed by at the start, by spread service. */
  readonly skews: ReadonlyMap<string, number>;
  readonly broken: Broken;
};

/** Goes through the waves and stops after the first one that breaks a rule; empty = every prefix is safe. */
export function replay(input: ConsolidateInput, waves: readonly Wave[]): Broken {
  const yard = makeYard(input);
  const before = countsOf(yard);
  for (const [at, wave] of waves.entries()) {
    playWave(yard, wave, `wave ${at + 1}`);
    if (yard.broken.size > 0) return yard.broken;
  }
  const after = countsOf(yard);
  for (const [id, count] of before)
    if (after.get(id) !== count)
      note(yard, 'tasks', `${after.get(id) ?? 0} tasks of service ${id} run in the end, ${count} before`);
  return yard.broken;
}

function makeYard(input: ConsolidateInput): Yard {
  const types = new Map(input.types.map((type) => [type.name, type]));
  const hosts = new Map<string, Host>();
  const yard: Yard = {
    input,
    types,
    services: new Map(input.services.map((service) => [service.id, service])),
    hosts,
    seen: new Set(input.instances.map(({ id }) => id)),
    skews: new Map(),
    broken: new Map(),
  };
  for (const { id, type, az, cap, pinned, accepts, tasks } of input.instances) {
    const host: Host = {
      ...{ id, type, az, pinned, accepts, tasks: new Map() },
      cap: cap ?? types.get(type)?.cap ?? [],
      used: input.resources.map(() => 0n),
    };
    for (const [service, count] of Object.entries(tasks)) add(yard, host, service, count);
    hosts.set(id, host);
  }
  return { ...yard, skews: new Map(input.services.map((service) => [service.id, skewOf(yard, service)])) };
}

function playWave(yard: Yard, wave: Wave, where: string): void {
  const presentBefore = yard.hosts.size;
  launchAll(yard, wave, where);
  if (yard.broken.size > 0) return;
  moveAll(yard, wave.move, where);
  if (yard.broken.size > 0) return;
  drainAll(yard, wave.drain, { where, presentBefore });
  for (const service of yard.input.services) {
    if (!service.spreadAz) continue;
    const [skew, start] = [skewOf(yard, service), yard.skews.get(service.id) ?? 0];
    const most = Math.max(yard.input.policy.azSpreadMaxSkew, start);
    if (skew > most)
      note(yard, 'skew', `${where}: zones differ by ${skew} tasks of service ${service.id}, ${most} may be`);
  }
}

function launchAll(yard: Yard, { launch }: Wave, where: string): void {
  for (const { id, type: name, az } of launch) {
    const type = yard.types.get(name);
    if (yard.seen.has(id)) note(yard, 'names', `${where}: the launched instance ${id} is not new`);
    if (type === undefined) note(yard, 'names', `${where}: the input has no type "${name}"`);
    if (!yard.input.azs.includes(az)) note(yard, 'names', `${where}: the input has no zone "${az}"`);
    if (type === undefined) continue;
    if (!type.mayLaunch) note(yard, 'launches', `${where}: type ${name} may not be launched`);
    yard.seen.add(id);
    const used = yard.input.resources.map(() => 0n);
    yard.hosts.set(id, { id, type: name, az, cap: type.cap, pinned: null, accepts: true, used, tasks: new Map() });
  }
}

/** All arrivals come before anything leaves: targets must hold them while every source still holds its own. */
function moveAll(yard: Yard, moves: readonly Move[], where: string): void {
  const leaving = new Map<string, number>();
  const moved = new Map<string, number>();
  for (const { service: id, from, to, count } of moves) {
    const [service, source, target] = [yard.services.get(id), yard.hosts.get(from), yard.hosts.get(to)];
    if (service === undefined) note(yard, 'names', `${where}: the input has no service "${id}"`);
    const absent = source === undefined ? from : target === undefined ? to : null;
    if (absent !== null) note(yard, 'names', `${where}: there is no instance "${absent}" then`);
    if (from === to) note(yard, 'names', `${where}: a task of ${id} moves from ${from} to itself`);
    if (service === undefined || source === undefined || target === undefined) continue;
    const key = JSON.stringify([from, id]);
    const gone = (leaving.get(key) ?? 0) + count;
    leaving.set(key, gone);
    const has = source.tasks.get(id) ?? 0;
    if (gone > has) note(yard, 'sources', `${where}: ${gone} tasks of ${id} leave ${from}, which has ${has}`);
    moved.set(id, (moved.get(id) ?? 0) + count);
    if (!target.accepts) note(yard, 'accepts', `${where}: ${to} takes no new tasks`);
    if (service.types?.includes(target.type) === false)
      note(yard, 'allowed', `${where}: a task of ${id} may not run on type ${target.type}`);
    if (service.azs?.includes(target.az) === false)
      note(yard, 'allowed', `${where}: a task of ${id} may not run in zone ${target.az}`);
  }
  for (const [id, count] of moved) {
    const most = yard.services.get(id)?.perWave ?? count;
    if (count > most) note(yard, 'perWave', `${where}: ${count} tasks of ${id} move at once, ${most} may`);
  }
  if (yard.broken.size > 0) return;
  arrive(yard, moves, where);
  for (const { service, from, count } of moves) {
    const source = yard.hosts.get(from);
    if (source !== undefined) add(yard, source, service, -count);
  }
}

function arrive(yard: Yard, moves: readonly Move[], where: string): void {
  for (const { service: id, to, count } of moves) {
    const target = yard.hosts.get(to);
    if (target !== undefined) add(yard, target, id, count);
  }
  for (const { service: id, to } of moves) {
    const target = yard.hosts.get(to);
    if (target === undefined) continue;
    const over = target.used.findIndex((load, r) => load > BigInt(target.cap[r] ?? 0));
    if (over >= 0)
      note(
        yard,
        'capacity',
        `${where}: ${to} must hold ${target.used[over]} ${yard.input.resources[over]}, it has ${target.cap[over]}`,
      );
    const [holds, most] = [target.tasks.get(id) ?? 0, yard.services.get(id)?.perInstance ?? null];
    if (most !== null && holds > most)
      note(yard, 'perInstance', `${where}: ${to} holds ${holds} tasks of ${id}, ${most} may be`);
  }
}

function drainAll(
  yard: Yard,
  drain: readonly string[],
  { where, presentBefore }: { readonly where: string; readonly presentBefore: number },
): void {
  const { instances, policy } = yard.input;
  for (const id of drain) {
    const host = yard.hosts.get(id);
    if (host === undefined) {
      note(yard, 'names', `${where}: there is no instance "${id}" to drain`);
      continue;
    }
    if (host.pinned !== null) note(yard, 'pinned', `${where}: ${id} may not be drained: ${host.pinned}`);
    const left = [...host.tasks].find(([, count]) => count > 0);
    if (left !== undefined) note(yard, 'drained', `${where}: ${id} still runs ${left[1]} tasks of ${left[0]}`);
    yard.hosts.delete(id);
  }
  const most = Math.max(1, Math.floor(policy.maxDrainFractionPerWave * Math.max(instances.length, presentBefore)));
  if (drain.length > most) note(yard, 'drainShare', `${where}: ${drain.length} instances drain, ${most} may`);
  if (drain.length > 0 && yard.hosts.size < policy.minInstances)
    note(yard, 'minInstances', `${where}: ${yard.hosts.size} instances remain, ${policy.minInstances} must`);
}

function add(yard: Yard, host: Host, service: string, count: number): void {
  host.tasks.set(service, (host.tasks.get(service) ?? 0) + count);
  for (const [r, size] of (yard.services.get(service)?.req ?? []).entries())
    host.used[r] = (host.used[r] ?? 0n) + BigInt(count) * BigInt(size);
}

/** Tasks in the fullest zone less those in the emptiest, of the zones that may hold the service or do. */
function skewOf({ hosts, input }: Yard, { id, azs }: ConsolidateService): number {
  const counts = new Map((azs ?? input.azs).map((az) => [az, 0]));
  for (const { az, tasks } of hosts.values()) {
    const count = tasks.get(id) ?? 0;
    if (count > 0) counts.set(az, (counts.get(az) ?? 0) + count);
  }
  let [most, least] = [0, Number.POSITIVE_INFINITY];
  for (const count of counts.values()) {
    most = Math.max(most, count);
    least = Math.min(least, count);
  }
  return counts.size === 0 ? 0 : most - least;
}

function countsOf({ hosts }: Yard): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { tasks } of hosts.values())
    for (const [id, count] of tasks) counts.set(id, (counts.get(id) ?? 0) + count);
  return counts;
}

function note({ broken }: Yard, name: (typeof REPLAY_CHECKS)[number], detail: string): void {
  if (!broken.has(name)) broken.set(name, detail);
}
