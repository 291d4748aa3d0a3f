/**
 * Where ECS would put the tasks: service by service in the order they were created, each task by the service's own
 * strategy among the instances with room, and a new instance where none has any. ECS has no call that places a task,
 * so this, and not the best packing, is what a provider will look like.
 */
import { makeRandom } from '../pack/random.ts';
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
  const fleet = new Fleet(question.cap);
  for (let at = 0; at < question.atLeast; at += 1) fleet.launch();
  const random = makeRandom(1);
  for (const service of question.services) {
    const steps = question.kind === 'mi-on-demand' ? MANAGED_STEPS : groupSteps(service.placement);
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
  readonly #room: number[][] = [];
  readonly #zones: number[] = [];
  #arriving: Arriving = { size: [], perInstance: 0 };
  /** Instances with room for the arriving service, its tasks on each, and by zone. */
  #open: number[] = [];
  #own = new Map<number, number>();
  #inZone: number[] = [];

  constructor(cap: readonly number[]) {
    this.#cap = cap;
  }

  /** A new empty instance in the emptiest zone. */
  launch(): number {
    const at = this.contents.length;
    const counts = Array.from({ length: ZONES }, (_, zone) => this.#zones.filter((other) => other === zone).length);
    this.contents.push(new Map());
    this.#room.push([...this.#cap]);
    this.#zones.push(counts.indexOf(Math.min(...counts)));
    this.#open.push(at);
    return at;
  }

  begin(arriving: Arriving): void {
    this.#arriving = arriving;
    this.#own = new Map();
    this.#inZone = Array.from({ length: ZONES }, () => 0);
    this.#open = this.#room.flatMap((_, at) => (this.#fits(at) ? [at] : []));
  }

  choose(steps: readonly PlacementStep[], random: () => number): number | null {
    let among = this.#open;
    for (const step of steps) {
      if (among.length <= 1) break;
      if (step === 'random') return among[Math.floor(random() * among.length)] ?? null;
      const worth = (at: number): number => this.#worth(step, at);
      let least = Number.POSITIVE_INFINITY;
      for (const at of among) least = Math.min(least, worth(at));
      among = among.filter((at) => worth(at) === least);
    }
    return among[0] ?? null;
  }

  put(at: number): void {
    const room = this.#room[at] ?? [];
    for (const [r, size] of this.#arriving.size.entries()) room[r] = (room[r] ?? 0) - size;
    this.#own.set(at, (this.#own.get(at) ?? 0) + 1);
    const zone = this.#zones[at] ?? 0;
    this.#inZone[zone] = (this.#inZone[zone] ?? 0) + 1;
    if (!this.#fits(at)) this.#open = this.#open.filter((other) => other !== at);
  }

  end(name: string): void {
    for (const [at, tasks] of this.#own) this.contents[at]?.set(name, tasks);
  }

  #fits(at: number): boolean {
    const room = this.#room[at] ?? [];
    if ((this.#own.get(at) ?? 0) >= this.#arriving.perInstance) return false;
    return this.#arriving.size.every((size, r) => size <= (room[r] ?? 0));
  }

  /** Smaller is where the task goes. */
  #worth(step: Exclude<PlacementStep, 'random'>, at: number): number {
    switch (step) {
      case 'spread zone':
        return this.#inZone[this.#zones[at] ?? 0] ?? 0;
      case 'spread instance':
        return this.#own.get(at) ?? 0;
      case 'binpack cpu':
        return this.#room[at]?.[CPU] ?? 0;
      case 'binpack memory':
        return this.#room[at]?.[MEMORY] ?? 0;
      default:
        return step satisfies never;
    }
  }
}
