/** How many instances of one type a set of tasks takes when each is filled, largest tasks first. */

/** Tasks of one size: `size[resource]`, how many, and how many at most on one instance. */
export type Load = { readonly size: readonly number[]; readonly count: number; readonly perInstance: number };

/** Instances of a capacity that hold all loads; every single task must fit. Equal fillings are counted, not repeated. */
export function fillCount(cap: readonly number[], loads: readonly Load[]): number {
  return fillSorted(
    cap,
    [...loads].sort((a, b) => largestShare(cap, b.size) - largestShare(cap, a.size)),
  );
}

/** The same for loads that come largest share first. */
export function fillSorted(cap: readonly number[], loads: readonly Load[]): number {
  const dims = cap.length;
  const left = Float64Array.from(loads, ({ count }) => count);
  const least = leastAfter(dims, loads);
  const room = new Float64Array(dims);
  const taken: number[] = [];
  let instances = 0;
  for (let first = 0; first < loads.length; ) {
    if ((left[first] ?? 0) === 0) {
      first += 1;
      continue;
    }
    for (let r = 0; r < dims; r += 1) room[r] = cap[r] ?? 0;
    let repeat = Number.POSITIVE_INFINITY;
    taken.length = 0;
    for (let at = first; at < loads.length && hasRoom(room, least, at * dims); at += 1) {
      const load = loads[at];
      const waiting = left[at] ?? 0;
      if (load === undefined || waiting === 0) continue;
      const most = fitting(room, load, waiting);
      if (most === 0) continue;
      for (let r = 0; r < dims; r += 1) room[r] = (room[r] ?? 0) - most * (load.size[r] ?? 0);
      taken.push(at, most);
      repeat = Math.min(repeat, Math.floor(waiting / most));
    }
    if (taken.length === 0) return Number.POSITIVE_INFINITY;
    for (let i = 0; i < taken.length; i += 2) {
      const at = taken[i] ?? 0;
      left[at] = (left[at] ?? 0) - repeat * (taken[i + 1] ?? 0);
    }
    instances += repeat;
  }
  return instances;
}

/** The least that this load or any after it asks of each resource: with less room nothing more fits. */
function leastAfter(dims: number, loads: readonly Load[]): Float64Array {
  const least = new Float64Array(loads.length * dims);
  for (let r = 0; r < dims; r += 1) {
    let running = Number.POSITIVE_INFINITY;
    for (let at = loads.length - 1; at >= 0; at -= 1) {
      running = Math.min(running, loads[at]?.size[r] ?? 0);
      least[at * dims + r] = running;
    }
  }
  return least;
}

function hasRoom(room: Float64Array, least: Float64Array, from: number): boolean {
  for (let r = 0; r < room.length; r += 1) if ((least[from + r] ?? 0) > (room[r] ?? 0)) return false;
  return true;
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
