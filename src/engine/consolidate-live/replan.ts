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
 * The same drains with moves of that kind. Each task goes to the fullest instance that holds it, in its own zone where
 * the service is spread. An instance that cannot be emptied so stays, with the task that finds no room as its reason;
 * null when nothing is saved then. The checker has the last word on it.
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
  const stuck = new Map<string, string>();
  const waves = answer.waves.map((wave): Wave => {
    for (const { id, type, az } of wave.launch) {
      const bin: Bin = { id, type, az, cap: caps.get(type) ?? [], tasks: new Map() };
      bins.set(id, bin);
      if (!drained.has(id)) targets.push(bin);
    }
    const move: Move[] = [];
    const drain = wave.drain.filter((id) => {
      const moves = emptied(bins.get(id), { targets, services });
      if (typeof moves === 'string') stuck.set(id, moves);
      else move.push(...moves);
      return typeof moves !== 'string';
    });
    return { ...wave, move, drain };
  });
  return withChanges(input, answer, { waves, stuck, isUsed: (id) => (bins.get(id)?.tasks.size ?? 0) > 0 });
}

type Changes = {
  readonly waves: readonly Wave[];
  /** Instances that stay after all: the service whose task finds no room. */
  readonly stuck: ReadonlyMap<string, string>;
  readonly isUsed: (launched: string) => boolean;
};

/** The answer with other waves: without launches that nothing uses, its money and its reasons put right. */
function withChanges(
  input: ConsolidateInput,
  answer: ConsolidateAnswer,
  { waves, stuck, isUsed }: Changes,
): ConsolidateAnswer | null {
  const prices = new Map(input.types.map(({ name, cost }) => [name, cost]));
  const priceOf = (type: string): bigint => prices.get(type) ?? 0n;
  const stays = input.instances.filter(({ id }) => stuck.has(id));
  const idle = waves.flatMap(({ launch }) => launch).filter(({ id }) => !isUsed(id));
  const costAfter =
    answer.costAfter +
    stays.reduce((sum, { type, covered }) => (covered ? sum : sum + priceOf(type)), 0n) -
    idle.reduce((sum, { type }) => sum + priceOf(type), 0n);
  if (costAfter >= answer.costBefore) return null;
  const moveCosts = new Map(input.services.map(({ id, moveCost }) => [id, moveCost]));
  const weightedMoves = waves
    .flatMap(({ move }) => move)
    .reduce((sum, { service, count }) => sum + count * (moveCosts.get(service) ?? 0), 0);
  const reasons = [...stuck].map(([instance, service]) => ({
    instance,
    because: `a drain alone does not empty it: a task of ${service} finds no room elsewhere`,
  }));
  return {
    ...answer,
    costAfter,
    weightedMoves,
    waves: waves
      .map((wave) => ({ ...wave, launch: wave.launch.filter(({ id }) => isUsed(id)) }))
      .filter(({ launch, move, drain }) => launch.length + move.length + drain.length > 0),
    frontier: frontierWith({ ...answer, costAfter }, weightedMoves),
    kept: [...answer.kept, ...reasons].sort((a, b) => (a.instance < b.instance ? -1 : 1)),
    stopped: costAfter === answer.lowerBound ? 'proved' : answer.stopped === 'time' ? 'time' : 'work',
  };
}

type Room = { readonly targets: readonly Bin[]; readonly services: ReadonlyMap<string, ConsolidateService> };

/** Moves that empty the instance, largest tasks first; or the service that finds no room, and nothing is changed. */
function emptied(from: Bin | undefined, { targets, services }: Room): readonly Move[] | string {
  if (from === undefined) return [];
  const moves = new Map<string, Move>();
  const tasks = [...from.tasks].flatMap(([name, count]) => {
    const service = services.get(name);
    return service === undefined ? [] : Array.from({ length: count }, () => service);
  });
  const sizeOf = ({ req }: ConsolidateService): number => Math.max(...req);
  tasks.sort((a, b) => sizeOf(b) - sizeOf(a) || (a.id < b.id ? -1 : 1));
  const done: { readonly to: Bin; readonly service: string }[] = [];
  for (const service of tasks) {
    const to = fullest(targets, { from, service, services });
    if (to === null) {
      for (const { to: target, service: name } of done) {
        add(target, name, -1);
        add(from, name, 1);
      }
      return service.id;
    }
    add(from, service.id, -1);
    add(to, service.id, 1);
    done.push({ to, service: service.id });
    const key = JSON.stringify([service.id, from.id, to.id]);
    moves.set(key, { service: service.id, from: from.id, to: to.id, count: (moves.get(key)?.count ?? 0) + 1 });
  }
  return [...moves].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, move]) => move);
}

function fullest(
  targets: readonly Bin[],
  { from, service, services }: Pick<Room, 'services'> & { readonly from: Bin; readonly service: ConsolidateService },
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
function leftAfter({ cap, tasks }: Bin, service: ConsolidateService, services: Room['services']): number | null {
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
  { frontier, costAfter }: Pick<ConsolidateAnswer, 'frontier' | 'costAfter'>,
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
