/**
 * A Karpenter-style consolidation as a baseline: our own re-implementation of the method of kubernetes-sigs/karpenter
 * @ 2266468 (2026-08-20), on our questions, run to its fixed point. It is not Karpenter itself.
 *
 * Empty nodes go first. Candidates, dearest per disruption first, are tried as growing prefixes (binary search, at most
 * 100 nodes), then one by one: their tasks, largest first, must fit first-fit into the free room of the others and at
 * most one new node that is cheaper than what it replaces. The first success is applied, and the search begins again.
 */
import type { ConsolidateInput } from '../src/engine/index.ts';

type Variant = {
  readonly name: string;
  /** Largest share of the nodes in one action; the limits of its searches in seconds. */
  readonly share: number;
  readonly multiSeconds: number;
  readonly singleSeconds: number;
  /** Least share of cost saved per share of tasks disrupted. */
  readonly score: number;
};

/** As generous as can be; with budget and time limits; with the balance of saving and disruption asked for. */
export const VARIANTS: readonly Variant[] = [
  { name: 'karp', share: 1, multiSeconds: 600, singleSeconds: 600, score: 0 },
  { name: 'karp-budget', share: 0.1, multiSeconds: 60, singleSeconds: 180, score: 0 },
  { name: 'karp-balanced', share: 1, multiSeconds: 600, singleSeconds: 600, score: 0.5 },
];

export type Baseline = {
  readonly costBefore: number;
  readonly costAfter: number;
  readonly weightedMoves: number;
  readonly actions: number;
  readonly simulations: number;
};

type Node = {
  readonly type: number;
  readonly zone: number;
  readonly price: number;
  readonly pinned: boolean;
  readonly accepts: boolean;
  readonly cap: readonly number[];
  readonly used: number[];
  readonly tasks: number[];
};

type Model = {
  readonly input: ConsolidateInput;
  readonly zones: number;
  readonly prices: readonly number[];
  /** Service positions, largest first. */
  readonly order: readonly number[];
  nodes: readonly Node[];
  /** `[service][zone]`. */
  readonly spread: number[][];
  readonly allMoves: number;
};

type Landing = {
  readonly nodes: readonly Node[];
  readonly spread: readonly (readonly number[])[];
  readonly price: number;
};

/** Applies actions until none is left; money is the file's, moves are weighted. */
export function karpenterStyle(input: ConsolidateInput, variant: Variant): Baseline {
  const model = makeModel(input);
  const costBefore = costOf(model.nodes);
  let [weightedMoves, actions, simulations] = [0, 0, 0];
  model.nodes = model.nodes.filter((node) => node.pinned || node.price === 0 || node.tasks.some((count) => count > 0));
  for (;;) {
    const candidates = candidatesOf(model);
    const attempt = (chosen: readonly Node[]): Landing | null => {
      simulations += 1;
      const landing = simulate(model, chosen);
      return landing !== null && scoreOf(model, chosen, landing) >= variant.score ? landing : null;
    };
    const found = multiNode(candidates, attempt, variant) ?? singleNode(candidates, attempt, variant);
    if (found === null) break;
    weightedMoves += movesOf(model, found.chosen);
    actions += 1;
    model.nodes = found.landing.nodes;
    found.landing.spread.forEach((row, service) => {
      model.spread[service] = [...row];
    });
  }
  return { costBefore, costAfter: costOf(model.nodes), weightedMoves, actions, simulations };
}

type Found = { readonly chosen: readonly Node[]; readonly landing: Landing };
type Attempt = (chosen: readonly Node[]) => Landing | null;

/** The longest prefix of at least two candidates that a binary search comes across. */
function multiNode(candidates: readonly Node[], attempt: Attempt, { share, multiSeconds }: Variant): Found | null {
  const until = performance.now() + multiSeconds * 1_000;
  const most = Math.max(1, Math.floor(share * candidates.length));
  let [low, high] = [1, Math.min(candidates.length, most, 100) - 1];
  let best: Found | null = null;
  while (low <= high && performance.now() < until) {
    const middle = (low + high) >> 1;
    const chosen = candidates.slice(0, middle + 1);
    const landing = attempt(chosen);
    if (landing === null) {
      high = middle - 1;
    } else {
      best = { chosen, landing };
      low = middle + 1;
    }
  }
  return best;
}

function singleNode(candidates: readonly Node[], attempt: Attempt, { singleSeconds }: Variant): Found | null {
  const until = performance.now() + singleSeconds * 1_000;
  for (const node of candidates) {
    if (performance.now() >= until) return null;
    const landing = attempt([node]);
    if (landing !== null) return { chosen: [node], landing };
  }
  return null;
}

function makeModel(input: ConsolidateInput): Model {
  const { types, services, azs, instances } = input;
  const at = new Map(types.map(({ name }, index) => [name, index]));
  const spread = services.map(() => azs.map(() => 0));
  const nodes = instances.map((instance): Node => {
    const type = at.get(instance.type) ?? 0;
    const tasks = services.map(({ id }) => instance.tasks[id] ?? 0);
    const zone = azs.indexOf(instance.az);
    tasks.forEach((count, service) => {
      const row = spread[service] ?? [];
      row[zone] = (row[zone] ?? 0) + count;
    });
    return {
      ...{ type, zone, tasks, pinned: instance.pinned !== null, accepts: instance.accepts },
      price: instance.covered ? 0 : Number(types[type]?.cost ?? 0n),
      cap: instance.cap ?? types[type]?.cap ?? [],
      used: input.resources.map((_, r) =>
        tasks.reduce((sum, count, service) => sum + count * (services[service]?.req[r] ?? 0), 0),
      ),
    };
  });
  const order = services
    .map((_, service) => service)
    .sort((a, b) => {
      const [left, right] = [services[a]?.req ?? [], services[b]?.req ?? []];
      return (right[0] ?? 0) - (left[0] ?? 0) || (right[1] ?? 0) - (left[1] ?? 0) || a - b;
    });
  const prices = types.map(({ cost }) => Number(cost));
  const model: Model = { input, zones: azs.length, prices, order, nodes, spread, allMoves: 0 };
  return { ...model, allMoves: movesOf(model, nodes) };
}

function candidatesOf(model: Model): readonly Node[] {
  const rate = (node: Node): number => node.price / (1 + movesOf(model, [node]));
  return model.nodes.filter(({ pinned, price }) => !pinned && price > 0).sort((a, b) => rate(b) - rate(a));
}

function movesOf({ input }: Pick<Model, 'input'>, nodes: readonly Node[]): number {
  return nodes.reduce(
    (sum, { tasks }) =>
      sum + tasks.reduce((own, count, service) => own + count * (input.services[service]?.moveCost ?? 0), 0),
    0,
  );
}

function costOf(nodes: readonly Node[]): number {
  return nodes.reduce((sum, { price }) => sum + price, 0);
}

function scoreOf(model: Model, chosen: readonly Node[], { price }: Landing): number {
  const saved = (costOf(chosen) - price) / Math.max(1, costOf(model.nodes));
  const disrupted = movesOf(model, chosen) / Math.max(1, model.allMoves);
  return disrupted === 0 ? Number.POSITIVE_INFINITY : saved / disrupted;
}

/** A new node of which only the type is open: every type that still holds its tasks. */
type Claim = {
  readonly zone: number;
  readonly types: readonly number[];
  readonly used: readonly number[];
  readonly tasks: number[];
};

/** Where the tasks of the chosen nodes would go, or null when that takes two new nodes or saves nothing. */
function simulate(model: Model, chosen: readonly Node[]): Landing | null {
  const gone = new Set(chosen);
  const nodes = model.nodes.filter((node) => !gone.has(node)).map(copyOf);
  const spread = model.spread.map((row) => [...row]);
  for (const { zone, tasks } of chosen)
    for (const [service, count] of tasks.entries()) shift(spread, service, zone, -count);
  let claim: Claim | null = null;
  for (const service of model.order) {
    const count = chosen.reduce((sum, { tasks }) => sum + (tasks[service] ?? 0), 0);
    let start = 0;
    for (let task = 0; task < count; task += 1) {
      const landed = firstFit(model, { nodes, spread, service, start });
      start = landed.start;
      if (landed.fits) continue;
      claim = claimFor(model, { claim, service, spread, zone: chosen[0]?.zone ?? 0 });
      if (claim === null) return null;
    }
  }
  if (claim === null) return { nodes, spread, price: 0 };
  const type = claim.types.reduce((best, at) => ((model.prices[at] ?? 0) < (model.prices[best] ?? 0) ? at : best));
  const price = model.prices[type] ?? 0;
  const isNoGain = price >= costOf(chosen) || chosen.some((node) => node.type === type && node.price <= price);
  if (isNoGain) return null;
  const cap = model.input.types[type]?.cap ?? [];
  const fresh: Node = {
    ...{ type, zone: claim.zone, price, pinned: false, accepts: true, cap },
    used: [...claim.used],
    tasks: claim.tasks,
  };
  return { nodes: [...nodes, fresh], spread, price };
}

type Search = {
  readonly nodes: readonly Node[];
  readonly spread: number[][];
  readonly service: number;
  /** No node before it has room for the service any more. */
  readonly start: number;
};

function firstFit(
  model: Model,
  { nodes, spread, service, start }: Search,
): { readonly fits: boolean; readonly start: number } {
  const req = model.input.services[service]?.req ?? [];
  let full = start;
  for (let at = start; at < nodes.length; at += 1) {
    const node = nodes[at] as Node;
    const hasRoom =
      isAllowed(model, service, node) && req.every((size, r) => (node.used[r] ?? 0) + size <= (node.cap[r] ?? 0));
    if (!hasRoom) {
      if (full === at) full += 1;
      continue;
    }
    if (!keepsSpread(model, spread, service, node.zone)) continue;
    for (const [r, size] of req.entries()) node.used[r] = (node.used[r] ?? 0) + size;
    node.tasks[service] = (node.tasks[service] ?? 0) + 1;
    shift(spread, service, node.zone, 1);
    return { fits: true, start: full };
  }
  return { fits: false, start: full };
}

function isAllowed({ input }: Model, service: number, node: Node): boolean {
  const { types, azs, perInstance } = input.services[service] ?? { types: null, azs: null, perInstance: null };
  if (!node.accepts || (perInstance !== null && (node.tasks[service] ?? 0) >= perInstance)) return false;
  if (types !== null && !types.includes(input.types[node.type]?.name ?? '')) return false;
  return azs === null || azs.includes(input.azs[node.zone] ?? '');
}

function keepsSpread(
  { input, zones }: Model,
  spread: readonly (readonly number[])[],
  service: number,
  zone: number,
): boolean {
  if (input.services[service]?.spreadAz !== true) return true;
  const row = spread[service] ?? [];
  let least = Number.POSITIVE_INFINITY;
  for (let at = 0; at < zones; at += 1) least = Math.min(least, row[at] ?? 0);
  return (row[zone] ?? 0) + 1 - least <= input.policy.azSpreadMaxSkew;
}

/** The claim with the task in it; null when it does not hold it, or a first one has no zone or type. */
function claimFor(
  model: Model,
  {
    claim,
    service,
    spread,
    zone,
  }: { readonly claim: Claim | null; readonly service: number; readonly spread: number[][]; readonly zone: number },
): Claim | null {
  const { input, zones } = model;
  const { req = [], types: may = null, azs = null } = input.services[service] ?? {};
  const open = (at: number): boolean =>
    keepsSpread(model, spread, service, at) && (azs === null || azs.includes(input.azs[at] ?? ''));
  const order = [zone, ...Array.from({ length: zones }, (_, at) => at)];
  const where = claim === null ? order.find(open) : open(claim.zone) ? claim.zone : undefined;
  if (where === undefined) return null;
  const used = input.resources.map((_, r) => (claim?.used[r] ?? 0) + (req[r] ?? 0));
  const all = claim?.types ?? input.types.flatMap(({ mayLaunch }, at) => (mayLaunch ? [at] : []));
  const types = all.filter((at) => {
    const type = input.types[at];
    return (
      type !== undefined && (may?.includes(type.name) ?? true) && used.every((load, r) => load <= (type.cap[r] ?? 0))
    );
  });
  if (types.length === 0) return null;
  const tasks = claim?.tasks ?? input.services.map(() => 0);
  tasks[service] = (tasks[service] ?? 0) + 1;
  shift(spread, service, where, 1);
  return { zone: where, types, used, tasks };
}

function shift(spread: number[][], service: number, zone: number, by: number): void {
  const row = spread[service] ?? [];
  row[zone] = (row[zone] ?? 0) + by;
}

function copyOf(node: Node): Node {
  return { ...node, used: [...node.used], tasks: [...node.tasks] };
}
