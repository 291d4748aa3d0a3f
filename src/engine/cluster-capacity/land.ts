/**
 * Where ECS would put the tasks: service by service in the order they were created, each task by the service's own
 * strategy among the instances with room, and a new instance where none has any. ECS has no call that places a task,
 * so this, and not the best packing, is what a provider will look like.
 */
import { makeRandom } from '../pack/random.ts';
import { isManaged } from './kinds.ts';
import type { PlacementStep, ProviderKind } from './types.ts';

export type Landing = {
  readonly services: readonly {
    readonly name: string;
    readonly size: readonly number[];
    readonly tasks: number;
    readonly perInstance: number;
    readonly placement: readonly PlacementStep[];
  }[];
  readonly cap: readonly number[];
  /** Instances that are there before the first task. */
  readonly atLeast: number;
  readonly kind: ProviderKind;
};

/** Zones that instances are spread over. */
const ZONES = 3;
const CPU = 0;
const MEMORY = 1;

/** The contents of every instance, by service; empty ones of the minimum included. */
export function land(question: Landing): readonly ReadonlyMap<string, number>[] {
  const sizes = question.services.map(({ size }) => size);
  const fleet = new Fleet(question.cap, sizes);
  for (let at = 0; at < question.atLeast; at += 1) fleet.launch();
  const random = makeRandom(1);
  for (const service of question.services) {
    const steps = isManaged(question.kind) ? MANAGED_STEPS : groupSteps(service.placement);
    fleet.begin(service);
    for (let task = 0; task < service.tasks; task += 1) {
      const chosen = fleet.choose(steps, random) ?? fleet.launch();
      fleet.put(chosen);
    }
    fleet.end(service.name);
  }
  return fleet.contents;
}

/** Managed Instances take no strategy: ECS spreads over zones, then fills. */
const MANAGED_STEPS: readonly PlacementStep[] = ['spread zone', 'binpack memory'];

/** Without a strategy ECS spreads over zones and then picks any instance. */
function groupSteps(own: readonly PlacementStep[]): readonly PlacementStep[] {
  return own.length === 0 ? ['spread zone', 'random'] : [...own, 'random'];
}

type Arriving = { readonly size: readonly number[]; readonly perInstance: number };

class Fleet {
  readonly contents: Map<string, number>[] = [];
  readonly #cap: readonly number[];
  /** The least that any service of the question asks of each resource: an instance with less room is full for good. */
  readonly #least: readonly number[];
  readonly #room: number[][] = [];
  readonly #zones: number[] = [];
  /** Instances that some service may still go to. */
  #alive: number[] = [];
  #arriving: Arriving = { size: [], perInstance: 0 };
  /** Instances with room for the arriving service, by zone; its tasks on each instance, and in each zone. */
  #open: number[][] = [];
  #own = new Map<number, number>();
  #inZone: number[] = [];

  constructor(cap: readonly number[], sizes: readonly (readonly number[])[]) {
    this.#cap = cap;
    this.#least = cap.map((_, r) => Math.min(...sizes.map((size) => size[r] ?? 0)));
  }

  /** A new empty instance in the emptiest zone. */
  launch(): number {
    const at = this.contents.length;
    // In turn, which is the emptiest one, since none ever goes.
    const zone = at % ZONES;
    this.contents.push(new Map());
    this.#room.push([...this.#cap]);
    this.#zones.push(zone);
    this.#alive.push(at);
    this.#open[zone]?.push(at);
    return at;
  }

  begin(arriving: Arriving): void {
    this.#arriving = arriving;
    this.#own = new Map();
    this.#inZone = Array.from({ length: ZONES }, () => 0);
    this.#open = Array.from({ length: ZONES }, () => []);
    this.#alive = this.#alive.filter((at) => this.#least.every((size, r) => size <= (this.#room[at]?.[r] ?? 0)));
    for (const at of this.#alive) if (this.#fits(at)) this.#open[this.#zones[at] ?? 0]?.push(at);
  }

  /** Where the next task goes, or null when no instance has room. */
  choose(steps: readonly PlacementStep[], random: () => number): number | null {
    const [first, ...others] = steps;
    const isByZone = first === 'spread zone';
    const rest = (isByZone ? others : steps).filter((step) => step !== 'random');
    const isRandom = steps.includes('random');
    let best: number[] = [];
    for (const zone of isByZone ? this.#emptiestZones() : this.#open.keys()) {
      for (const at of this.#open[zone] ?? []) {
        const order = best[0] === undefined ? -1 : this.#compare(rest, at, best[0]);
        if (order < 0) best = [at];
        else if (order === 0 && isRandom) best.push(at);
      }
    }
    return best[isRandom ? Math.floor(random() * best.length) : 0] ?? null;
  }

  put(at: number): void {
    const room = this.#room[at] ?? [];
    for (const [r, size] of this.#arriving.size.entries()) room[r] = (room[r] ?? 0) - size;
    this.#own.set(at, (this.#own.get(at) ?? 0) + 1);
    const zone = this.#zones[at] ?? 0;
    this.#inZone[zone] = (this.#inZone[zone] ?? 0) + 1;
    if (!this.#fits(at)) this.#open[zone] = (this.#open[zone] ?? []).filter((other) => other !== at);
  }

  end(name: string): void {
    for (const [at, tasks] of this.#own) this.contents[at]?.set(name, tasks);
  }

  /** Zones with room that hold the fewest tasks of the service. */
  #emptiestZones(): readonly number[] {
    const open = [...this.#open.keys()].filter((zone) => (this.#open[zone]?.length ?? 0) > 0);
    const least = Math.min(...open.map((zone) => this.#inZone[zone] ?? 0));
    return open.filter((zone) => this.#inZone[zone] === least);
  }

  #fits(at: number): boolean {
    const room = this.#room[at] ?? [];
    if ((this.#own.get(at) ?? 0) >= this.#arriving.perInstance) return false;
    const { size } = this.#arriving;
    for (let r = 0; r < size.length; r += 1) if ((size[r] ?? 0) > (room[r] ?? 0)) return false;
    return true;
  }

  /** Negative when the task goes rather to `a`. */
  #compare(steps: readonly PlacementStep[], a: number, b: number): number {
    for (const step of steps) {
      const difference = this.#worth(step, a) - this.#worth(step, b);
      if (difference !== 0) return difference;
    }
    return 0;
  }

  /** Smaller is where the task goes. */
  #worth(step: PlacementStep, at: number): number {
    switch (step) {
      case 'spread zone':
        return this.#inZone[this.#zones[at] ?? 0] ?? 0;
      case 'spread instance':
        return this.#own.get(at) ?? 0;
      case 'binpack cpu':
        return this.#room[at]?.[CPU] ?? 0;
      case 'binpack memory':
        return this.#room[at]?.[MEMORY] ?? 0;
      case 'random':
        return 0;
      default:
        return step satisfies never;
    }
  }
}
