/** One option for the whole cluster: what goes to Fargate, and which pinned providers hold the rest. */
import type { Reason } from '../capacity/types.ts';
import { ceilDiv, type NanoUsd } from '../units.ts';
import { isComplete, type Problem, problemOf, sketch } from './assign.ts';
import { type Buyable, choiceCost, sizeOf } from './buyable.ts';
import { fargateNano, type Group } from './groups.ts';
import { isManaged, isSpot, PLAN_KINDS, type PlanKind } from './kinds.ts';
import { land } from './land.ts';
import { type FoundSet, searchSets } from './search.ts';
import type { ClusterKind, ClusterQuestion, ProviderKind, WorkService } from './types.ts';

export type Prepared = {
  readonly question: ClusterQuestion;
  readonly groups: readonly Group[];
  /** By kind, without types that another one replaces. */
  readonly types: { readonly [K in ProviderKind]: readonly Buyable[] };
};

/** A provider before it has a name: its type, its services, and what ECS would make of them. */
export type Placed = {
  readonly buyable: Buyable;
  readonly groups: readonly Group[];
  /** In the order they were created. */
  readonly services: readonly WorkService[];
  /** Instances by what they hold, empty ones of the minimum included. */
  readonly contents: readonly ReadonlyMap<string, number>[];
  /** With the reserve of `targetCapacity`. */
  readonly count: number;
  /** Instances that hold something. */
  readonly used: number;
};

export type Plan = {
  readonly kind: ClusterKind;
  readonly fargate: readonly Group[];
  readonly providers: readonly Placed[];
  /** Groups that the main kind cannot run, so another kind has to. */
  readonly displaced: readonly { readonly group: Group; readonly reason: Reason; readonly to: ProviderKind }[];
};

export type Planned =
  | { readonly kind: 'plan'; readonly plan: Plan }
  | { readonly kind: 'none'; readonly reasons: readonly Reason[] };

/** Kinds that take in what the plan's own kind cannot run. */
const REST_KINDS: readonly ProviderKind[] = ['mi-on-demand', 'asg-on-demand'];
/** From here on only the best set of each size is placed: placing takes longest. */
const MANY_TASKS = 4_000;

type Part = {
  readonly groups: readonly Group[];
  readonly kinds: readonly ProviderKind[];
  readonly fargate: PlanKind['fargate'];
};
type Found = { readonly fargate: readonly Group[]; readonly providers: readonly Placed[]; readonly nano: NanoUsd };

/** Plans one cluster; what two kinds of plan have in common is worked out once. */
export class Planner {
  readonly #prepared: Prepared;
  readonly #ids: ReadonlyMap<Group, number>;
  readonly #searches = new Map<string, readonly FoundSet[]>();
  readonly #placements = new Map<string, Placed>();

  constructor(prepared: Prepared) {
    this.#prepared = prepared;
    this.#ids = new Map(prepared.groups.map((group, at) => [group, at]));
  }

  /**
   * The cheapest plan found for one kind, by what ECS would make of it. Services that the kind cannot run keep a
   * provider of another kind; those providers count towards the question's limit too.
   */
  plan(kind: ClusterKind): Planned {
    const { groups, question } = this.#prepared;
    const split = partition(groups, PLAN_KINDS[kind]);
    if (split.nowhere.length > 0) {
      return { kind: 'none', reasons: split.nowhere.map((group) => named(group, group.against['asg-on-demand'])) };
    }
    const rest = REST_KINDS.map(
      (own): Part => ({
        groups: split.displaced.filter(({ to }) => to === own).map(({ group }) => group),
        kinds: [own],
        fargate: null,
      }),
    );
    const parts = [...this.#mainParts(kind, split.main), ...rest].filter((part) => part.groups.length > 0);
    const found = parts.map((part) => this.#cheapest(part, question.providers));
    const whole = together(found, question.providers);
    if (whole === null) {
      const at = found.findIndex((bySize) => bySize.every((one) => one === null));
      return tooFew(question, parts[Math.max(0, at)]?.groups ?? []);
    }
    return { kind: 'plan', plan: { kind, ...whole, displaced: split.displaced } };
  }

  /** Groups that may run on the same providers: on Spot what may be interrupted, apart from the rest. */
  #mainParts(kind: ClusterKind, groups: readonly Group[]): readonly Part[] {
    const { fargate } = PLAN_KINDS[kind];
    const parts = new Map<string, Group[]>();
    for (const group of groups) {
      const key = kindsOf(group, kind, this.#prepared).join(' ');
      parts.set(key, [...(parts.get(key) ?? []), group]);
    }
    if (fargate !== null) return [{ groups, kinds: PLAN_KINDS[kind].instances, fargate }];
    return [...parts.values()].flatMap((own): readonly Part[] => {
      const [first] = own;
      return first === undefined ? [] : [{ groups: own, kinds: kindsOf(first, kind, this.#prepared), fargate }];
    });
  }

  /** The cheapest plan of a part with at most 0, 1, 2, … providers, once ECS has placed the tasks; null = none. */
  #cheapest({ groups, kinds, fargate }: Part, most: number): readonly (Found | null)[] {
    const best = Array.from({ length: most + 1 }, (): Found | null => null);
    const below = (size: number, cost: number): boolean =>
      best.slice(0, size + 1).every((one) => one === null || cost < Number(one.nano));
    const types = this.#typesOf(kinds, groups);
    const costs = groups.map((group) =>
      fargate !== null && group.against.fargate === null ? fargateNano(group, fargate) : null,
    );
    const problem = problemOf({ groups, types, fargate: costs });
    const tasks = groups.reduce((sum, group) => sum + group.tasks, 0);
    const part: Part = { groups, kinds, fargate };
    for (const { set, found, rank } of [...this.#sets(problem, part, most), ...this.#asUnpaid(types, part, most)]) {
      if (!isComplete(found) || (rank > 0 && tasks > MANY_TASKS) || !below(set.length, found.cost)) continue;
      const providers = set.flatMap((type, position): readonly Placed[] => {
        const own = groups.filter((_, g) => found.to[g] === position);
        const buyable = types[type];
        return own.length === 0 || buyable === undefined ? [] : [this.#placed(buyable, own)];
      });
      const onFargate = groups.filter((_, g) => (found.to[g] ?? 0) < 0);
      const nano =
        onFargate.reduce((sum, group) => sum + fargateNano(group, fargate), 0n) +
        providers.reduce((sum, { buyable, count }) => sum + choiceCost(buyable, count), 0n);
      if (below(providers.length, Number(nano))) best[providers.length] = { fargate: onFargate, providers, nano };
    }
    let least: Found | null = null;
    return best.map((one) => {
      if (one !== null && (least === null || one.nano < least.nano)) least = one;
      return least;
    });
  }

  /** All that the kinds may buy; of a type that is partly paid for, not the same type without that. */
  #typesOf(kinds: readonly ProviderKind[], groups: readonly Group[]): readonly Buyable[] {
    const all = kinds.flatMap((kind) => this.#prepared.types[kind]);
    const paid = new Set(all.filter((one) => one.paid.count > 0).map(({ type }) => type.name));
    const own = all.filter((one) => one.paid.count > 0 || !paid.has(one.type.name));
    return own.filter((one) => groups.some((group) => group.against[one.kind] === null));
  }

  #sets(problem: Problem, { groups, kinds, fargate }: Part, most: number): readonly FoundSet[] {
    const ids = groups.map((group) => this.#ids.get(group)).join(' ');
    const search = (asked: Problem, key: string): readonly FoundSet[] => {
      const known = this.#searches.get(key) ?? searchSets(asked, most);
      this.#searches.set(key, known);
      return known;
    };
    const onInstances = problem.fargate.map(() => Number.POSITIVE_INFINITY);
    // A mix that Fargate only seems to make cheaper must not hide the plan without it.
    const whole = kinds.length === 0 ? [] : search({ ...problem, fargate: onInstances }, `${kinds.join(' ')}: ${ids}`);
    const isWorth = whole.length === 0 || whole.some(({ set }) => set.length > 0 && usesFargate(problem, set));
    if (fargate === null || !isWorth) return whole;
    return [...whole, ...search(problem, `${fargate} ${kinds.join(' ')}: ${ids}`)];
  }

  /** The sets that would be best if nothing were paid for: what is paid for never makes a plan dearer. */
  #asUnpaid(types: readonly Buyable[], part: Part, most: number): readonly FoundSet[] {
    if (!types.some(({ paid }) => paid.count > 0)) return [];
    const kinds = part.kinds.filter((kind) => kind !== 'mi-reserved');
    const unpaid = this.#typesOf(kinds, part.groups);
    const problem = problemOf({ groups: part.groups, types: unpaid, fargate: null });
    const at = new Map(types.map(({ type }, position) => [type.name, position]));
    return this.#sets(problem, { ...part, kinds }, most).flatMap((found): readonly FoundSet[] => {
      const set = found.set.flatMap((type) => at.get(unpaid[type]?.type.name ?? '') ?? []);
      return set.length === found.set.length ? [{ ...found, set }] : [];
    });
  }

  #placed(buyable: Buyable, groups: readonly Group[]): Placed {
    const key = `${buyable.kind} ${buyable.type.name}: ${groups.map((group) => this.#ids.get(group)).join(' ')}`;
    const known = this.#placements.get(key) ?? placed(this.#prepared.question, buyable, groups);
    this.#placements.set(key, known);
    return known;
  }
}

/**
 * Kinds of providers that a plan of a kind has for a group. On a plan with Spot, what may be interrupted goes to Spot
 * where a type of known price holds it, and nothing else does.
 */
export function kindsOf({ against, types }: Group, kind: ClusterKind, prepared: Prepared): readonly ProviderKind[] {
  const open = PLAN_KINDS[kind].instances.filter((own) => against[own] === null);
  const [first] = open;
  if (first === undefined || !isSpot(first)) return open;
  return prepared.types[first].some(({ type }) => types.has(type.name)) ? [first] : open.slice(1);
}

/** True when some group is cheaper on Fargate than beside the others on the types of the set. */
function usesFargate(problem: Problem, set: readonly number[]): boolean {
  return sketch(problem, set).ways.some((to) => to.some((position) => position < 0));
}

/** The cheapest way to share the providers among the parts; null when a part has no plan with what is left for it. */
function together(parts: readonly (readonly (Found | null)[])[], most: number): Found | null {
  const nothing: Found = { fargate: [], providers: [], nano: 0n };
  let bySize: readonly (Found | null)[] = Array.from({ length: most + 1 }, () => nothing);
  for (const part of parts) {
    bySize = bySize.map((_, size) => {
      let best: Found | null = null;
      for (let own = 0; own <= size; own += 1) {
        const [mine, others] = [part[own] ?? null, bySize[size - own] ?? null];
        if (mine === null || others === null) continue;
        const nano = mine.nano + others.nano;
        if (best !== null && nano >= best.nano) continue;
        best = {
          fargate: [...others.fargate, ...mine.fargate],
          providers: [...others.providers, ...mine.providers],
          nano,
        };
      }
      return best;
    });
  }
  return bySize[most] ?? null;
}

function named({ services }: Group, reason: Reason | null): Reason {
  const others = services.length === 1 ? '' : ` and ${services.length - 1} more`;
  const text = `${services[0]?.name ?? ''}${others}: ${reason?.text ?? 'nothing can run it.'}`;
  return { rule: reason?.rule ?? 'no-type-fits', fact: reason?.fact ?? null, text };
}

function tooFew(question: ClusterQuestion, groups: readonly Group[]): Planned {
  const names = groups.slice(0, 3).map(({ like }) => like.name);
  const text = `No ${question.providers === 1 ? 'one type' : `${question.providers} types`} can hold every task of ${names.join(', ')}${groups.length > 3 ? ' and others' : ''}; more providers may.`;
  return { kind: 'none', reasons: [{ rule: 'too-few-providers', fact: null, text }] };
}

function partition(groups: readonly Group[], { fargate, instances }: PlanKind) {
  const mine: Group[] = [];
  const nowhere: Group[] = [];
  const displaced: { group: Group; reason: Reason; to: ProviderKind }[] = [];
  const usual = instances.at(-1);
  for (const group of groups) {
    const { against } = group;
    const onFargate = fargate !== null && against.fargate === null;
    const onInstances = instances.some((kind) => against[kind] === null);
    const to = REST_KINDS.find((kind) => against[kind] === null);
    const reason = usual === undefined ? against.fargate : against[usual];
    if (onFargate || onInstances) mine.push(group);
    else if (to === undefined) nowhere.push(group);
    else displaced.push({ group, to, reason: reason ?? { rule: 'no-type-fits', fact: null, text: '' } });
  }
  return { main: mine, nowhere, displaced };
}

/** Lets ECS place the services of these groups on instances of one type. */
export function placed(question: ClusterQuestion, buyable: Buyable, groups: readonly Group[]): Placed {
  const services = groups.flatMap((group) => group.services).sort((a, b) => a.order - b.order);
  const tasks = services.reduce((sum, service) => sum + service.tasks, 0);
  const contents = land({
    services: services.map((service) => ({
      name: service.name,
      size: sizeOf(service),
      tasks: service.tasks,
      perInstance: service.perInstance ?? Number.MAX_SAFE_INTEGER,
      placement: service.placement,
    })),
    cap: buyable.cap,
    atLeast: Math.min(buyable.atLeast, tasks),
    kind: buyable.kind,
  });
  return {
    buyable,
    groups,
    services,
    contents,
    count: withReserve(question, buyable, contents.length),
    used: contents.filter((content) => content.size > 0).length,
  };
}

/** Instances that an ASG provider keeps for `needed` full ones at its target capacity. */
export function withReserve({ targetCapacityPercent }: ClusterQuestion, { kind }: Buyable, needed: number): number {
  return isManaged(kind) ? needed : ceilDiv(needed * 100, targetCapacityPercent);
}
