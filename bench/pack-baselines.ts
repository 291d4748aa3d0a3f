/**
 * Simpler ways to pack, written for comparison. `oneNode` follows what Karpenter's provisioner is described to do
 * (kubernetes-sigs/karpenter @ 2266468: tasks by cpu then memory, the open claim with the fewest tasks first, a claim's
 * types shrink, the cheapest one left is launched); it is a re-implementation, not Karpenter.
 */
import type { PackInput, PackShape, PackType } from '../src/engine/index.ts';

export type Baseline = { readonly name: string; readonly cost: (input: PackInput) => number | null };

export const BASELINES: readonly Baseline[] = [
  { name: 'Karpenter-style', cost: karpenterStyle },
  { name: 'one group, first fit', cost: (input) => oneGroup(input, 'first') },
  { name: 'one group, best fit', cost: (input) => oneGroup(input, 'best') },
];

type Claim = { readonly used: number[]; types: readonly PackType[]; tasks: number; readonly at: number };

const bySizeDescending = (a: PackShape, b: PackShape): number =>
  (b.req[0] ?? 0) - (a.req[0] ?? 0) || (b.req[1] ?? 0) - (a.req[1] ?? 0);

function karpenterStyle(input: PackInput): number | null {
  const claims: Claim[] = [];
  for (const { req, count } of [...input.shapes].sort(bySizeDescending)) {
    const heap = claims
      .filter((claim) => fitting(claim, req).length > 0)
      .sort((a, b) => a.tasks - b.tasks || a.at - b.at);
    for (let task = 0; task < count; task += 1) {
      let claim = heap.shift();
      if (claim === undefined) {
        claim = { used: req.map(() => 0), types: input.types, tasks: 0, at: claims.length };
        if (fitting(claim, req).length === 0) return null;
        claims.push(claim);
      }
      claim.types = fitting(claim, req);
      req.forEach((size, r) => {
        if (claim !== undefined) claim.used[r] = (claim.used[r] ?? 0) + size;
      });
      claim.tasks += 1;
      if (fitting(claim, req).length > 0) insert(heap, claim);
    }
  }
  return claims.reduce((sum, { types }) => sum + Math.min(...types.map(({ cost }) => Number(cost))), 0);
}

function fitting({ used, types }: Claim, req: readonly number[]): readonly PackType[] {
  return types.filter(({ cap }) => cap.every((room, r) => (used[r] ?? 0) + (req[r] ?? 0) <= room));
}

/** Keeps the list in order: fewest tasks first, then the oldest. */
function insert(heap: Claim[], claim: Claim): void {
  let [low, high] = [0, heap.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = heap[middle];
    const isBefore =
      other !== undefined && (other.tasks < claim.tasks || (other.tasks === claim.tasks && other.at < claim.at));
    if (isBefore) low = middle + 1;
    else high = middle;
  }
  heap.splice(low, 0, claim);
}

/** The cheapest single type when every bin is of that type. */
function oneGroup(input: PackInput, rule: 'first' | 'best'): number | null {
  const costs = input.types.flatMap((type) => {
    const bins = binsOf(type, input.shapes, rule);
    return bins === null ? [] : [bins * Number(type.cost)];
  });
  return costs.length === 0 ? null : Math.min(...costs);
}

function binsOf({ cap }: PackType, shapes: readonly PackShape[], rule: 'first' | 'best'): number | null {
  const share = (req: readonly number[]): number => Math.max(...req.map((size, r) => size / Math.max(1, cap[r] ?? 0)));
  const bins: number[][] = [];
  for (const { req, count } of [...shapes].sort((a, b) => share(b.req) - share(a.req))) {
    if (share(req) > 1) return null;
    let left = count;
    const order = rule === 'first' ? bins : [...bins].sort((a, b) => share(a) - share(b));
    for (const room of order) {
      if (left === 0) break;
      left -= put(room, req, left);
    }
    while (left > 0) {
      const room = [...cap];
      left -= put(room, req, left);
      bins.push(room);
    }
  }
  return bins.length;
}

function put(room: number[], req: readonly number[], left: number): number {
  const most = req.reduce(
    (fewest, size, r) => (size === 0 ? fewest : Math.min(fewest, Math.floor((room[r] ?? 0) / size))),
    left,
  );
  req.forEach((size, r) => {
    room[r] = (room[r] ?? 0) - most * size;
  });
  return most;
}
