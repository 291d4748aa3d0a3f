import fc from 'fast-check';
import type { ConsolidateAnswer, ConsolidateInput, ConsolidateType, RunningInstance } from '../../src/engine/index.ts';

const [ZONES, TYPES, SERVICES] = [2, 3, 3];

/** Small clusters: few enough tasks that every end of every plan can be tried. All of them valid by construction. */
export const arbCluster: fc.Arbitrary<ConsolidateInput> = fc
  .record({
    dims: fc.integer({ min: 1, max: 2 }),
    types: fc.array(
      fc.record({
        cap: fc.array(fc.integer({ min: 2, max: 10 }), { minLength: 2, maxLength: 2 }),
        cost: fc.integer({ min: 0, max: 20 }),
        mayLaunch: fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
      }),
      { minLength: TYPES, maxLength: TYPES },
    ),
    services: fc.array(
      fc.record({
        req: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 2, maxLength: 2 }),
        spreadAz: fc.boolean(),
        moveCost: fc.integer({ min: 0, max: 3 }),
        perInstance: fc.constantFrom(null, null, 1, 2),
        perWave: fc.constantFrom(null, null, 1, 0),
        typeMask: fc.constantFrom(7, 7, 7, 3, 5),
        zoneMask: fc.constantFrom(3, 3, 3, 1),
      }),
      { minLength: SERVICES, maxLength: SERVICES },
    ),
    instances: fc.array(
      fc.record({
        type: fc.integer({ min: 0, max: TYPES - 1 }),
        zone: fc.integer({ min: 0, max: ZONES - 1 }),
        covered: fc.constantFrom(false, false, false, true),
        pinned: fc.constantFrom(null, null, null, 'standalone task'),
        accepts: fc.constantFrom(true, true, true, false),
        more: fc.constantFrom(null, null, null, 1),
        wanted: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: SERVICES, maxLength: SERVICES }),
      }),
      { minLength: 0, maxLength: 4 },
    ),
    share: fc.constantFrom(0, 0.1, 0.5, 1),
    minInstances: fc.constantFrom(0, 0, 1, 2),
  })
  .map(({ dims, types, services, instances, share, minInstances }): ConsolidateInput => {
    const masked = (mask: number, names: readonly string[]): readonly string[] | null =>
      mask === 2 ** names.length - 1 ? null : names.filter((_, at) => (mask >> at) % 2 === 1);
    const names = types.map((_, at) => `t${at}`);
    const kinds = types.map(
      ({ cap, cost, mayLaunch }, at): ConsolidateType => ({
        name: `t${at}`,
        cap: cap.slice(0, dims),
        cost: BigInt(cost),
        mayLaunch,
      }),
    );
    const running = instances.map(({ type, zone, wanted, more, ...rest }, at): RunningInstance => {
      const cap = (kinds[type]?.cap ?? []).map((size) => size + (more ?? 0));
      const room = [...cap];
      const tasks: { [service: string]: number } = {};
      services.forEach(({ req }, s) => {
        for (let k = 0; k < (wanted[s] ?? 0); k += 1) {
          if (!room.every((size, r) => (req[r] ?? 0) <= size)) continue;
          tasks[`s${s}`] = (tasks[`s${s}`] ?? 0) + 1;
          room.forEach((size, r) => {
            room[r] = size - (req[r] ?? 0);
          });
        }
      });
      return { ...rest, id: `i-${at}`, type: `t${type}`, az: `z${zone}`, cap: more === null ? null : cap, tasks };
    });
    return {
      resources: ['cpu', 'memory'].slice(0, dims),
      azs: ['z0', 'z1'],
      types: kinds,
      services: services.map(({ req, typeMask, zoneMask, ...rest }, at) => ({
        ...rest,
        id: `s${at}`,
        req: req.slice(0, dims),
        desired: running.reduce((sum, { tasks }) => sum + (tasks[`s${at}`] ?? 0), 0),
        types: masked(typeMask, names),
        azs: masked(zoneMask, ['z0', 'z1']),
      })),
      instances: running,
      policy: { azSpreadMaxSkew: 1, maxDrainFractionPerWave: share, minInstances },
    };
  });

type Held = { readonly type: string; readonly az: string; readonly cap: readonly number[]; tasks: Map<string, number> };

/** Plays the waves as a cluster would; every rule that is broken, in words. Empty = safe. */
export function unsafeSteps(input: ConsolidateInput, answer: ConsolidateAnswer): readonly string[] {
  const wrong: string[] = [];
  const types = new Map(input.types.map((type) => [type.name, type]));
  const services = new Map(input.services.map((service) => [service.id, service]));
  const old = new Map(input.instances.map((instance) => [instance.id, instance]));
  const held = new Map<string, Held>();
  for (const { id, type, az, cap, tasks } of input.instances)
    held.set(id, { type, az, cap: cap ?? types.get(type)?.cap ?? [], tasks: new Map(Object.entries(tasks)) });
  const skews = skewsOf(input, held);
  let weight = 0;
  answer.waves.forEach(({ launch, move, drain }, at) => {
    const say = (text: string): number => wrong.push(`wave ${at + 1}: ${text}`);
    const present = held.size;
    for (const { id, type, az } of launch) {
      if (held.has(id) || old.has(id)) say(`${id} is there already`);
      if (types.get(type)?.mayLaunch !== true || !input.azs.includes(az)) say(`${type} in ${az} may not start`);
      held.set(id, { type, az, cap: types.get(type)?.cap ?? [], tasks: new Map() });
    }
    const moved = new Map<string, number>();
    for (const { service, from, to, count } of move) {
      const [target, rules] = [held.get(to), services.get(service)];
      if (target === undefined || rules === undefined || !held.has(from) || from === to || count < 1) {
        say(`no such move: ${service} ${from} ${to} ${count}`);
        continue;
      }
      const now = (target.tasks.get(service) ?? 0) + count;
      target.tasks.set(service, now);
      moved.set(service, (moved.get(service) ?? 0) + count);
      weight += count * rules.moveCost;
      if (old.get(to)?.accepts === false) say(`${to} takes nothing`);
      if (rules.types?.includes(target.type) === false || rules.azs?.includes(target.az) === false)
        say(`${service} may not go to ${to}`);
      if (now > (rules.perInstance ?? now)) say(`${now} of ${service} on ${to}`);
    }
    for (const [id, count] of moved) if (count > (services.get(id)?.perWave ?? count)) say(`${count} of ${id} at once`);
    for (const [id, { cap, tasks }] of held) {
      cap.forEach((room, r) => {
        let used = 0;
        for (const [service, count] of tasks) used += count * (services.get(service)?.req[r] ?? 0);
        if (used > room) say(`${id} holds ${used} of ${room}`);
      });
    }
    for (const { service, from, count } of move) {
      const left = (held.get(from)?.tasks.get(service) ?? 0) - count;
      if (left < 0) say(`${from} has too few of ${service}`);
      held.get(from)?.tasks.set(service, left);
    }
    if (drain.length > Math.max(1, Math.floor(input.policy.maxDrainFractionPerWave * Math.max(old.size, present))))
      say(`drains ${drain.length}`);
    for (const id of drain) {
      if ([...(held.get(id)?.tasks.values() ?? [1])].some((count) => count > 0)) say(`${id} is not empty`);
      if (typeof old.get(id)?.pinned === 'string') say(`${id} is pinned`);
      held.delete(id);
    }
    if (drain.length > 0 && held.size < input.policy.minInstances) say(`${held.size} are left`);
    for (const [service, skew] of skewsOf(input, held))
      if (skew > Math.max(input.policy.azSpreadMaxSkew, skews.get(service) ?? 0)) say(`${service} is off by ${skew}`);
    if (launch.length + move.length + drain.length === 0) say('is empty');
  });
  for (const { id, moveCost } of input.services) {
    const before = input.instances.reduce((sum, { tasks }) => sum + (tasks[id] ?? 0), 0);
    const after = [...held.values()].reduce((sum, { tasks }) => sum + (tasks.get(id) ?? 0), 0);
    if (before !== after) wrong.push(`${id} (${moveCost}) had ${before} tasks and has ${after}`);
  }
  let cost = 0n;
  for (const [id, { type }] of held) if (old.get(id)?.covered !== true) cost += types.get(type)?.cost ?? 0n;
  if (cost !== answer.costAfter) wrong.push(`it costs ${cost}, said to cost ${answer.costAfter}`);
  if (weight !== answer.weightedMoves) wrong.push(`moves weigh ${weight}, said to weigh ${answer.weightedMoves}`);
  const stay = [...old.keys()].filter((id) => held.has(id)).sort();
  if (JSON.stringify(stay) !== JSON.stringify(answer.kept.map(({ instance }) => instance)))
    wrong.push('kept is not what stays');
  return wrong;
}

function skewsOf(input: ConsolidateInput, held: ReadonlyMap<string, Held>): ReadonlyMap<string, number> {
  const skews = new Map<string, number>();
  for (const { id, spreadAz } of input.services) {
    if (!spreadAz) continue;
    const counts = input.azs.map((az) =>
      [...held.values()].reduce((sum, one) => sum + (one.az === az ? (one.tasks.get(id) ?? 0) : 0), 0),
    );
    skews.set(id, Math.max(...counts) - Math.min(...counts));
  }
  return skews;
}

/**
 * The least that any end of any plan of this cluster can cost, by trying every way to lay the tasks out, zones free:
 * no more than what a plan can reach, so a bound must not be above it. Null when there is too much to try.
 */
export function cheapestEnd(input: ConsolidateInput): bigint | null {
  const types = new Map(input.types.map((type) => [type.name, type]));
  const tasks = input.services.flatMap((service) =>
    input.instances.flatMap(({ tasks: held }) => Array.from({ length: held[service.id] ?? 0 }, () => ({ service }))),
  );
  if (tasks.length > 5) return null;
  let fixed = 0n;
  const bins = input.instances.map(({ id, type, cap, covered, pinned, tasks: today }) => {
    const cost = types.get(type)?.cost ?? 0n;
    if (pinned !== null && !covered) fixed += cost;
    const price = covered || pinned !== null ? 0n : cost;
    return {
      id,
      type,
      price,
      room: [...(cap ?? types.get(type)?.cap ?? [])],
      used: 0,
      today,
      held: new Map<string, number>(),
    };
  });
  for (const { name, cap, cost } of input.types.filter(({ mayLaunch }) => mayLaunch))
    for (let k = 0; k < tasks.length; k += 1)
      bins.push({
        id: `new ${name} ${k}`,
        type: name,
        price: cost,
        room: [...cap],
        used: 0,
        today: {},
        held: new Map(),
      });
  let best: bigint | null = null;
  const lay = (at: number, cost: bigint): void => {
    if (best !== null && cost >= best) return;
    const task = tasks[at];
    if (task === undefined) {
      best = cost;
      return;
    }
    const tried = new Set<string>();
    for (const bin of bins) {
      const { service } = task;
      const isEmptyNew = bin.id.startsWith('new ') && bin.used === 0;
      if (isEmptyNew && tried.has(bin.type)) continue;
      if (isEmptyNew) tried.add(bin.type);
      const count = bin.held.get(service.id) ?? 0;
      const mayCome = service.types?.includes(bin.type) !== false;
      const most = Math.max(mayCome ? (service.perInstance ?? tasks.length) : 0, bin.today[service.id] ?? 0);
      if (count >= most) continue;
      if (!service.req.every((size, r) => size <= (bin.room[r] ?? 0))) continue;
      service.req.forEach((size, r) => {
        bin.room[r] = (bin.room[r] ?? 0) - size;
      });
      bin.held.set(service.id, count + 1);
      bin.used += 1;
      lay(at + 1, cost + (bin.used === 1 ? bin.price : 0n));
      bin.used -= 1;
      bin.held.set(service.id, count);
      service.req.forEach((size, r) => {
        bin.room[r] = (bin.room[r] ?? 0) + size;
      });
    }
  };
  lay(0, fixed);
  return best;
}
