/** How many instances of one type a set of tasks takes when each is filled, largest tasks first. */

/** Tasks of one size: `size[resource]`, how many, and how many at most on one instance. */
export type Load = { readonly size: readonly number[]; readonly count: number; readonly perInstance: number };

/** Instances of a capacity that hold all loads; every single task must fit. Equal fillings are counted, not repeated. */
export function fillCount(cap: readonly number[], loads: readonly Load[]): number {
  const open = loads
    .filter(({ count }) => count > 0)
    .map((load) => ({ load, left: load.count, share: largestShare(cap, load.size) }))
    .sort((a, b) => b.share - a.share);
  let instances = 0;
  let first = 0;
  const room = new Float64Array(cap.length);
  const taken: number[] = [];
  while (first < open.length) {
    if (open[first]?.left === 0) {
      first += 1;
      continue;
    }
    for (let r = 0; r < cap.length; r += 1) room[r] = cap[r] ?? 0;
    let repeat = Number.POSITIVE_INFINITY;
    taken.length = 0;
    for (let at = first; at < open.length; at += 1) {
      const row = open[at];
      if (row === undefined || row.left === 0) continue;
      const most = fitting(room, row.load, row.left);
      if (most === 0) continue;
      for (let r = 0; r < cap.length; r += 1) room[r] = (room[r] ?? 0) - most * (row.load.size[r] ?? 0);
      taken.push(at, most);
      repeat = Math.min(repeat, Math.floor(row.left / most));
    }
    if (taken.length === 0) return Number.POSITIVE_INFINITY;
    for (let at = 0; at < taken.length; at += 2) {
      const row = open[taken[at] ?? 0];
      if (row !== undefined) row.left -= repeat * (taken[at + 1] ?? 0);
    }
    instances += repeat;
  }
  return instances;
}

function fitting(room: Float64Array, { size, perInstance }: Load, left: number): number {
  let most = Math.min(left, perInstance);
  for (let r = 0; r < room.length && most > 0; r += 1) {
    const each = size[r] ?? 0;
    if (each > 0 && each * most > (room[r] ?? 0)) most = Math.floor((room[r] ?? 0) / each);
  }
  return most;
}

/** The part of an instance that one task takes of its scarcest resource. */
export function largestShare(cap: readonly number[], size: readonly number[]): number {
  let share = 0;
  for (let r = 0; r < size.length; r += 1) {
    const each = size[r] ?? 0;
    if (each > 0) share = Math.max(share, each / Math.max(1e-9, cap[r] ?? 0));
  }
  return share;
}
