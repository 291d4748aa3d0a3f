/** Reads `ecs-consolidate/1` JSON into a question. What is wrong comes back as one plain sentence. */
import { json, list, Malformed, money, nonEmpty, object, refuseTwins, shown, sizes, whole } from '../fields.ts';
import type {
  ConsolidateInput,
  ConsolidatePolicy,
  ConsolidateService,
  ConsolidateType,
  RunningInstance,
} from './model.ts';

export type ParsedConsolidate =
  | { readonly kind: 'read'; readonly input: ConsolidateInput }
  | { readonly kind: 'malformed'; readonly message: string };

/** Of one service on one instance. */
const MOST_TASKS = 1_000_000_000;

/** The file's two switches: what a protected task and a commitment mean in it. Both are true when absent. */
type Switches = { readonly protectedPins: boolean; readonly coveredIsFree: boolean };

/** The question in the text. Instances must hold what runs on them; services must want at least what runs. */
export function parseConsolidate(text: string): ParsedConsolidate {
  try {
    return { kind: 'read', input: read(text.replace(/^\uFEFF/, '')) };
  } catch (error) {
    if (error instanceof Malformed) return { kind: 'malformed', message: error.message };
    throw error;
  }
}

function read(text: string): ConsolidateInput {
  const start = text.search(/\S/);
  if (start < 0) throw new Malformed('the file is empty');
  if (text[start] !== '{') throw new Malformed('it is not a format that I read: ecs-consolidate/1 JSON');
  const file = object(json(text), 'the file');
  if (file.format !== 'ecs-consolidate/1')
    throw new Malformed(`"format" must be "ecs-consolidate/1", not ${shown(file.format)}`);
  if (file.kind !== undefined && file.kind !== 'consolidate')
    throw new Malformed(`"kind" must be "consolidate", not ${shown(file.kind)}`);
  const resources = resourcesOf(file);
  const dims = resources.length;
  const azs = list(file.azs, 'azs').map((name, at) => nonEmpty(name, `azs[${at}]`));
  refuseTwins(azs, 'zone');
  const types = list(file.types, 'types').map((row, at) => readType(row, `types[${at}]`, dims));
  refuseTwins(
    types.map(({ name }) => name),
    'type',
  );
  const services = list(file.services, 'services').map((row, at) => readService(row, `services[${at}]`, dims));
  refuseTwins(
    services.map(({ id }) => id),
    'service',
  );
  const { policy, switches } = readPolicy(file.policy);
  const instances = list(file.instances, 'instances').map((row, at) =>
    readInstance(row, `instances[${at}]`, { dims, switches }),
  );
  refuseTwins(
    instances.map(({ id }) => id),
    'instance',
  );
  const input = { resources, azs, types, services, instances, policy };
  checkNames(input);
  checkLoads(input);
  return input;
}

/** The named resources; when the sizes all have more numbers, the further ones are called resource<position>. */
function resourcesOf(file: Readonly<Record<string, unknown>>): readonly string[] {
  const named = list(file.resources, 'resources').map((name, at) => nonEmpty(name, `resources[${at}]`));
  if (named.length === 0) throw new Malformed('"resources" is empty: name at least one');
  const first = list(file.types, 'types')[0];
  const cap = first === undefined ? undefined : object(first, 'types[0]').cap;
  const dims = Array.isArray(cap) ? cap.length : named.length;
  const extra = Array.from({ length: Math.max(0, dims - named.length) }, (_, at) => `resource${named.length + at + 1}`);
  const resources = [...named, ...extra];
  refuseTwins(resources, 'resource');
  return resources;
}

function readType(value: unknown, where: string, dims: number): ConsolidateType {
  const row = object(value, where);
  return {
    name: nonEmpty(row.name, `${where}.name`),
    cap: sizes(row.cap, `${where}.cap`, dims),
    cost: money(row.cost, `${where}.cost`),
    mayLaunch: flag(row.launch, `${where}.launch`, true),
  };
}

function readService(value: unknown, where: string, dims: number): ConsolidateService {
  const row = object(value, where);
  const perInstance = optional(row.perInstance, `${where}.perInstance`);
  if (perInstance === 0) throw new Malformed(`${where}.perInstance must be at least 1`);
  return {
    id: nonEmpty(row.id, `${where}.id`),
    req: sizes(row.req, `${where}.req`, dims),
    desired: whole(row.desired, `${where}.desired`),
    spreadAz: flag(row.spreadAz, `${where}.spreadAz`, null),
    moveCost: whole(row.moveCost, `${where}.moveCost`),
    perInstance,
    perWave: optional(row.perWave, `${where}.perWave`),
    types: names(row.types, `${where}.types`),
    azs: names(row.azs, `${where}.azs`),
  };
}

function readInstance(
  value: unknown,
  where: string,
  { dims, switches }: { readonly dims: number; readonly switches: Switches },
): RunningInstance {
  const row = object(value, where);
  const hasProtected = flag(row.hasProtectedTask, `${where}.hasProtectedTask`, false);
  const said = row.pinned === undefined || row.pinned === null ? null : nonEmpty(row.pinned, `${where}.pinned`);
  const covered = flag(row.covered, `${where}.covered`, null);
  if (row.ageHours !== undefined) whole(row.ageHours, `${where}.ageHours`);
  const tasks: { [service: string]: number } = Object.create(null);
  for (const [service, count] of Object.entries(object(row.tasks, `${where}.tasks`)))
    tasks[service] = tasksOf(count, `${where}.tasks of ${shown(service)}`);
  return {
    id: nonEmpty(row.id, `${where}.id`),
    type: nonEmpty(row.type, `${where}.type`),
    az: nonEmpty(row.az, `${where}.az`),
    covered: covered && switches.coveredIsFree,
    pinned: said ?? (hasProtected && switches.protectedPins ? 'protected task' : null),
    accepts: flag(row.accepts, `${where}.accepts`, true),
    cap: row.cap === undefined || row.cap === null ? null : sizes(row.cap, `${where}.cap`, dims),
    tasks,
  };
}

function tasksOf(value: unknown, where: string): number {
  const count = whole(value, where);
  if (count > MOST_TASKS)
    throw new Malformed(`${where}: ${count} tasks on one instance are more than I can move about`);
  return count;
}

function readPolicy(value: unknown): { readonly policy: ConsolidatePolicy; readonly switches: Switches } {
  if (value === undefined) throw new Malformed('"policy" is missing');
  const row = object(value, 'policy');
  const share = row.maxDrainFractionPerWave;
  if (share === undefined) throw new Malformed('policy.maxDrainFractionPerWave is missing');
  if (typeof share !== 'number' || !(share >= 0 && share <= 1))
    throw new Malformed(`policy.maxDrainFractionPerWave must be a number from 0 to 1, not ${shown(share)}`);
  return {
    policy: {
      azSpreadMaxSkew: whole(row.azSpreadMaxSkew, 'policy.azSpreadMaxSkew'),
      maxDrainFractionPerWave: share,
      minInstances: row.minInstances === undefined ? 0 : whole(row.minInstances, 'policy.minInstances'),
    },
    switches: {
      protectedPins: flag(row.protectedTasksPinInstance, 'policy.protectedTasksPinInstance', true),
      coveredIsFree: flag(row.coveredInstancesCostZero, 'policy.coveredInstancesCostZero', true),
    },
  };
}

/** A truth value, or 0 or 1; `absent` null = it must be there. */
function flag(value: unknown, where: string, absent: boolean | null): boolean {
  if (value === undefined && absent !== null) return absent;
  if (value === undefined) throw new Malformed(`${where} is missing`);
  if (value === true || value === 1) return true;
  if (value === false || value === 0) return false;
  throw new Malformed(`${where} must be true or false, not ${shown(value)}`);
}

function optional(value: unknown, where: string): number | null {
  return value === undefined || value === null ? null : whole(value, where);
}

function names(value: unknown, where: string): readonly string[] | null {
  if (value === undefined || value === null) return null;
  return list(value, where).map((name, at) => nonEmpty(name, `${where}[${at}]`));
}

/** Every name that a row uses must be one of the file's. */
function checkNames({ azs, types, services, instances }: ConsolidateInput): void {
  const [zones, kinds] = [new Set(azs), new Set(types.map(({ name }) => name))];
  const known = new Set(services.map(({ id }) => id));
  const refuse = (who: string, what: string, name: string, member: string): never => {
    throw new Malformed(`${who} names the ${what} ${shown(name)}, which is not in "${member}"`);
  };
  for (const { id, types: allowed, azs: within } of services) {
    for (const name of allowed ?? []) if (!kinds.has(name)) refuse(`service ${shown(id)}`, 'type', name, 'types');
    for (const name of within ?? []) if (!zones.has(name)) refuse(`service ${shown(id)}`, 'zone', name, 'azs');
  }
  for (const { id, type, az, tasks } of instances) {
    if (!kinds.has(type)) refuse(`instance ${shown(id)}`, 'type', type, 'types');
    if (!zones.has(az)) refuse(`instance ${shown(id)}`, 'zone', az, 'azs');
    for (const name of Object.keys(tasks))
      if (!known.has(name)) refuse(`instance ${shown(id)}`, 'service', name, 'services');
  }
}

/** What runs must fit where it runs, and be wanted. */
function checkLoads({ resources, types, services, instances }: ConsolidateInput): void {
  const caps = new Map(types.map(({ name, cap }) => [name, cap]));
  const byId = new Map(services.map((service) => [service.id, service]));
  const runs = new Map<string, bigint>();
  for (const { id, type, cap, tasks } of instances) {
    const room = cap ?? caps.get(type) ?? [];
    const used = resources.map(() => 0n);
    for (const [name, count] of Object.entries(tasks)) {
      runs.set(name, (runs.get(name) ?? 0n) + BigInt(count));
      byId.get(name)?.req.forEach((size, r) => {
        used[r] = (used[r] ?? 0n) + BigInt(size) * BigInt(count);
      });
    }
    const over = used.findIndex((load, r) => load > BigInt(room[r] ?? 0));
    if (over >= 0)
      throw new Malformed(
        `instance ${shown(id)} runs tasks of ${used[over]} ${resources[over]} and has room for ${room[over]}`,
      );
  }
  let weight = 0n;
  for (const { id, desired, moveCost } of services) {
    const running = runs.get(id) ?? 0n;
    weight += 2n * running * BigInt(moveCost);
    if (running > BigInt(desired))
      throw new Malformed(`service ${shown(id)} wants ${desired} tasks and ${running} run: "desired" must cover them`);
  }
  if (weight > BigInt(Number.MAX_SAFE_INTEGER))
    throw new Malformed('"moveCost" times the tasks that run adds up to more than 2^53: use smaller weights');
}
