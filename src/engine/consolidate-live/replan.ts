/**
 * The found plan as ECS can carry it out: ECS moves a task only when its instance drains, so every move leaves an
 * instance that drains in the same wave and ends on one that stays.
 */
import type { ConsolidateAnswer, ConsolidateInput, ConsolidateService, Move, Wave } from '../consolidate/model.ts';

type Bin = {
  readonly id: string;
  readonly type: string;
  readonly az: string;
  readonly cap: readonly number[];
  readonly tasks: Map<string, number>;
};

/**
 * The same launches and drains with moves of that kind, or null when no room is found so. Each task goes to the fullest
 * instance that holds it, in its own zone where the service is spread. The checker has the last word on it.
 */
export function movedByDrains(input: ConsolidateInput, answer: ConsolidateAnswer): ConsolidateAnswer | null {
  const services = new Map(input.services.map((service) => [service.id, service]));
  const caps = new Map(input.types.map(({ name, cap }) => [name, cap]));
  const drained = new Set(answer.waves.flatMap(({ drain }) => drain));
  const bins = new Map(
    input.instances.map(({ id, type, az, cap, tasks }): [string, Bin] => [
      id,
      { id, type, az, cap: cap ?? caps.get(type) ?? [], tasks: new Map(Object.entries(tasks)) },
    ]),
  );
  const targets = input.instances.flatMap(({ id, accepts }) =>
    accepts && !drained.has(id) ? (bins.get(id) ?? []) : [],
  );
  const waves: Wave[] = [];
  let weightedMoves = 0;
  for (const wave of answer.waves) {
    for (const { id, type, az } of wave.launch) {
      const bin: Bin = { id, type, az, cap: caps.get(type) ?? [], tasks: new Map() };
      bins.set(id, bin);
      if (!drained.has(id)) targets.push(bin);
    }
    const leaving = wave.drain.flatMap((id) => bins.get(id) ?? []);
    const move = emptied({ leaving, targets, services });
    if (move === null) return null;
    weightedMoves += move.reduce((sum, { service, count }) => sum + count * (services.get(service)?.moveCost ?? 0), 0);
    waves.push({ ...wave, move });
  }
  return { ...answer, waves, weightedMoves, frontier: frontierWith(answer, weightedMoves) };
}

type Emptying = {
  readonly leaving: readonly Bin[];
  readonly targets: readonly Bin[];
  readonly services: ReadonlyMap<string, ConsolidateService>;
};

/** Moves that empty the leaving instances, largest tasks first; null when one finds no room. Changes the bins. */
function emptied({ leaving, targets, services }: Emptying): readonly Move[] | null {
  const moves = new Map<string, Move>();
  const tasks = leaving.flatMap((from) =>
    [...from.tasks].flatMap(([name, count]) => {
      const service = services.get(name);
      return service === undefined ? [] : Array.from({ length: count }, () => ({ from, service }));
    }),
  );
  const sizeOf = ({ service }: (typeof tasks)[number]): number => Math.max(...service.req);
  tasks.sort((a, b) => sizeOf(b) - sizeOf(a) || (a.from.id + a.service.id < b.from.id + b.service.id ? -1 : 1));
  for (const { from, service } of tasks) {
    const to = fullest(targets, { from, service, services });
    if (to === null) return null;
    add(from, service.id, -1);
    add(to, service.id, 1);
    const key = JSON.stringify([service.id, from.id, to.id]);
    moves.set(key, { service: service.id, from: from.id, to: to.id, count: (moves.get(key)?.count ?? 0) + 1 });
  }
  return [...moves].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, move]) => move);
}

function fullest(
  targets: readonly Bin[],
  {
    from,
    service,
    services,
  }: Pick<Emptying, 'services'> & { readonly from: Bin; readonly service: ConsolidateService },
): Bin | null {
  let best: { readonly bin: Bin; readonly left: number } | null = null;
  for (const bin of targets) {
    if (service.spreadAz && bin.az !== from.az) continue;
    if (service.types?.includes(bin.type) === false || service.azs?.includes(bin.az) === false) continue;
    if (service.perInstance !== null && (bin.tasks.get(service.id) ?? 0) >= service.perInstance) continue;
    const left = leftAfter(bin, service, services);
    if (left !== null && (best === null || left < best.left)) best = { bin, left };
  }
  return best?.bin ?? null;
}

/** The largest share of any resource that is free with one more task; null when it does not fit. */
function leftAfter({ cap, tasks }: Bin, service: ConsolidateService, services: Emptying['services']): number | null {
  let most = 0;
  for (const [at, size] of cap.entries()) {
    let free = size - (service.req[at] ?? 0);
    for (const [name, count] of tasks) free -= count * (services.get(name)?.req[at] ?? 0);
    if (free < 0) return null;
    most = Math.max(most, size === 0 ? 0 : free / size);
  }
  return most;
}

function add(bin: Bin, service: string, count: number): void {
  const left = (bin.tasks.get(service) ?? 0) + count;
  if (left === 0) bin.tasks.delete(service);
  else bin.tasks.set(service, left);
}

/** The answer's own point with its new number of moves; points that it makes pointless are left out. */
function frontierWith(
  { frontier, costAfter }: ConsolidateAnswer,
  weightedMoves: number,
): ConsolidateAnswer['frontier'] {
  const others = frontier.filter(
    (point) =>
      (point.costAfter > costAfter && point.weightedMoves <= weightedMoves) ||
      (point.costAfter < costAfter && point.weightedMoves > weightedMoves),
  );
  return [...others, { weightedMoves, costAfter }].sort((a, b) =>
    a.costAfter === b.costAfter ? 0 : a.costAfter > b.costAfter ? -1 : 1,
  );
}

/** Tasks that must leave an instance which does not drain in that wave: nothing but stopping them does that. */
export function stoppedByHand(waves: readonly Wave[]): number {
  return waves
    .flatMap(({ move, drain }) => move.filter(({ from }) => !drain.includes(from)))
    .reduce((sum, { count }) => sum + count, 0);
}
