/**
 * One try to do better: takes a few instances of one zone apart and places their tasks again, into free room elsewhere,
 * back home, or into the bins that give most for their money. Kept when money and the price of moves together fall.
 */
import type { Random } from '../pack/random.ts';
import { beginTry, closeSlot, fits, type Layout, openNew, openSlot, put, takeBack } from './layout.ts';

export type Aim = {
  /** Price of a weighted move, in the file's money. */
  readonly movePrice: number;
  /** Weighted moves that must not be exceeded. */
  readonly mostMoves: number;
  /** Worth of a task, by service. */
  readonly worth: Float64Array;
  /** What a unit of each resource is worth, to compare room. */
  readonly unitWorth: Float64Array;
};

/** True when the layout changed for the better, or for nothing. */
export type Repack = (aim: Aim) => boolean;

type Pool = { readonly left: Int32Array; readonly rows: number[] };
/** Room to work in, made once: the collector would have much to do otherwise. */
type Scratch = {
  readonly key: Float64Array;
  readonly least: Float64Array;
  readonly room: Float64Array;
  /** Slots with room: the zone's own first. */
  readonly roomy: Int32Array;
};
type Try = {
  readonly l: Layout;
  readonly aim: Aim;
  readonly random: Random;
  readonly pool: Pool;
  readonly scratch: Scratch;
  readonly zone: number;
  readonly taken: readonly number[];
  /** Money and the price of moves together, which the try must not exceed. */
  readonly most: number;
  /** How an item is matched with room: the tightest room, or the room most alike. */
  readonly isTight: boolean;
};

/** Instances taken apart at once, at most; few are far more frequent than many. */
const MOST_TAKEN = 12;
/** Of so many drawn instances, the worst is taken. */
const TOURNAMENT = 4;
/** How often an item goes where the least room is left, not where the room is most alike. */
const TIGHT = 0.2;
/** How often some of the instances taken apart keep their own tasks. */
const STAYS = 0.7;

/** A repacker of one layout; `random` decides which instances and in which order. */
export function makeRepack(l: Layout, random: Random): Repack {
  const { board } = l;
  const pool: Pool = { left: new Int32Array(board.services.length), rows: [] };
  const scratch: Scratch = {
    key: new Float64Array(board.services.length),
    least: new Float64Array(board.dims),
    room: new Float64Array(board.dims),
    roomy: new Int32Array(l.slots),
  };
  return (aim) => {
    beginTry(l);
    const [cost, moves] = [l.cost, l.moves];
    const taken = choose(l, aim, random);
    const first = taken[0];
    if (first === undefined) return false;
    for (const slot of taken) empty(l, pool, slot);
    const zone = l.zoneOf[first] as number;
    const most = cost + aim.movePrice * moves + 1e-12 * Math.abs(cost);
    const trial: Try = { l, aim, random, pool, scratch, zone, taken, most, isTight: random() < TIGHT };
    const isPlaced = place(trial);
    const isFine = l.openCount >= Math.min(board.minInstances, board.instances.length);
    const isWithin = l.moves <= aim.mostMoves || l.moves < moves;
    if (isPlaced && isFine && isWithin && !isDearer(trial)) return l.cost !== cost || l.moves !== moves;
    for (const row of pool.rows) pool.left[row] = 0;
    pool.rows.length = 0;
    takeBack(l);
    return false;
  };
}

/** Instances to take apart: the worst of a few, and others of its zone; more of them now and then. */
function choose(l: Layout, aim: Aim, random: Random): number[] {
  const total = l.openCount;
  if (total === 0) return [];
  const zone = zoneAt(l, Math.floor(random() * total));
  const list = l.inZone[zone] as number[];
  const most = Math.min(MOST_TAKEN, list.length);
  const count = 1 + Math.floor(random() * random() * most);
  const chosen: number[] = [];
  for (let at = 0; at < count; at += 1) {
    let [best, bestLoss] = [-1, Number.NEGATIVE_INFINITY];
    for (let draw = 0; draw < (at === 0 || random() < 0.5 ? TOURNAMENT : 1); draw += 1) {
      const slot = list[Math.floor(random() * list.length)] as number;
      if (chosen.includes(slot)) continue;
      const loss = lossOf(l, aim, slot) * (0.5 + random());
      if (loss > bestLoss) [best, bestLoss] = [slot, loss];
    }
    if (best >= 0) chosen.push(best);
  }
  return chosen;
}

function zoneAt(l: Layout, index: number): number {
  let [zone, left] = [0, index];
  while (zone + 1 < l.inZone.length && left >= (l.inZone[zone] as number[]).length) {
    left -= (l.inZone[zone] as number[]).length;
    zone += 1;
  }
  return zone;
}

/** What the slot costs above the worth of what it holds, moves counted: how much there is to win. */
function lossOf(l: Layout, { worth, movePrice }: Aim, slot: number): number {
  const b = l.board;
  const services = b.services.length;
  const isOld = slot < b.instances.length;
  let loss = l.price[slot] as number;
  for (let s = 0; s < services; s += 1) {
    const tasks = l.counts[slot * services + s] as number;
    if (tasks === 0) continue;
    const home = isOld ? Math.min(tasks, b.home[slot * services + s] as number) : 0;
    loss -= tasks * (worth[s] as number) + movePrice * (b.moveCost[s] as number) * (2 * home - tasks);
  }
  return loss;
}

/** Puts what may move into the pool, and closes the instance if it may be drained. */
function empty(l: Layout, pool: Pool, slot: number): void {
  const b = l.board;
  const services = b.services.length;
  for (let s = 0; s < services; s += 1) {
    const tasks = l.counts[slot * services + s] as number;
    if (tasks === 0 || b.movable[s] === 0) continue;
    if ((pool.left[s] as number) === 0) pool.rows.push(s);
    pool.left[s] = (pool.left[s] as number) + tasks;
    put(l, slot, s, -tasks);
  }
  if (slot >= b.instances.length || b.closable[slot] === 1) closeSlot(l, slot);
}

function isDearer({ l, aim, most }: Try): boolean {
  return l.cost + aim.movePrice * l.moves > most;
}

/** Whether what is left costs too much even in bins of the best rate that are filled to the brim with it. */
function isHopeless({ l, aim, pool, most }: Try): boolean {
  const { dims, size } = l.board;
  let least = 0;
  for (let r = 0; r < dims; r += 1) {
    let need = 0;
    for (const s of pool.rows) need += (pool.left[s] as number) * (size[s * dims + r] as number);
    least = Math.max(least, need * (aim.unitWorth[r] as number) * dims);
  }
  return l.cost + aim.movePrice * l.moves + least > most;
}

/** Places the whole pool; false when something is left. Ends as soon as it cannot pay any more. */
function place(t: Try): boolean {
  const { l, random, pool, taken } = t;
  order(t);
  // Those that stay open take their own tasks back first.
  const stays = random() < STAYS ? random() : 0;
  for (const slot of taken) {
    if (l.open[slot] === 1) fill(t, slot, true);
    else if (taken.length > 1 && slot < l.board.instances.length && random() < stays) {
      openSlot(l, slot);
      fill(t, slot, random() < 0.5);
    }
  }
  if (random() < 0.9) intoRoom(t);
  for (let bins = 0; pool.rows.length > 0; bins += 1) {
    if (bins > 24 || isHopeless(t) || !openBest(t)) return false;
    if (pool.rows.length > 0 && random() < 0.3) intoRoom(t);
  }
  return true;
}

/** Hard tasks first, with some noise. */
function order({ l, aim, random, pool, scratch: { key } }: Try): void {
  const { dims, size } = l.board;
  const noise = random() < 0.5 ? 0.2 : 1;
  for (const s of pool.rows) {
    let weight = 1e-12;
    for (let r = 0; r < dims; r += 1) weight += (size[s * dims + r] as number) * (aim.unitWorth[r] as number);
    key[s] = weight * (1 + noise * random());
  }
  pool.rows.sort((a, b) => (key[b] as number) - (key[a] as number) || a - b);
}

function take(pool: Pool, s: number, tasks: number): void {
  pool.left[s] = (pool.left[s] as number) - tasks;
}

function sweep(pool: Pool): void {
  let kept = 0;
  for (const s of pool.rows) {
    if ((pool.left[s] as number) > 0) {
      pool.rows[kept] = s;
      kept += 1;
    }
  }
  pool.rows.length = kept;
}

/** Fills a slot from the pool: first what is at home there, then the rest unless only home is wanted. */
function fill({ l, pool }: Try, slot: number, homeOnly: boolean): void {
  const b = l.board;
  const services = b.services.length;
  const isOld = slot < b.instances.length;
  if (isOld) {
    for (const s of pool.rows) {
      const missing = (b.home[slot * services + s] as number) - (l.counts[slot * services + s] as number);
      const tasks = missing > 0 ? fits(l, slot, s, Math.min(missing, pool.left[s] as number)) : 0;
      if (tasks > 0) {
        put(l, slot, s, tasks);
        take(pool, s, tasks);
      }
    }
  }
  if (!homeOnly) {
    for (const s of pool.rows) {
      const left = pool.left[s] as number;
      const tasks = left > 0 ? fits(l, slot, s, left) : 0;
      if (tasks > 0) {
        put(l, slot, s, tasks);
        take(pool, s, tasks);
      }
    }
  }
  sweep(pool);
}

/** Places what goes into the free room of open instances, each task where it fits best; home before all. */
function intoRoom(t: Try): void {
  const { l, pool } = t;
  const { home, instances, services, keepsZone } = l.board;
  const { near, all } = listRoomy(t);
  const { roomy } = t.scratch;
  for (const s of pool.rows) {
    const most = keepsZone[s] === 1 ? near : all;
    while ((pool.left[s] as number) > 0) {
      let [best, bestScore] = [-1, Number.POSITIVE_INFINITY];
      for (let at = 0; at < most; at += 1) {
        const slot = roomy[at] as number;
        const score = scoreOf(t, slot, s);
        if (score < bestScore && fits(l, slot, s, 1) > 0) [best, bestScore] = [slot, score];
      }
      if (best < 0) break;
      const at = best * services.length + s;
      const missing = best < instances.length ? (home[at] as number) - (l.counts[at] as number) : 0;
      const left = pool.left[s] as number;
      const tasks = fits(l, best, s, missing > 0 ? Math.min(missing, left) : left);
      put(l, best, s, tasks);
      take(pool, s, tasks);
    }
  }
  sweep(pool);
}

/** Lists the open slots with room for the smallest sizes of the pool: `near` in the zone itself, `all` with the others. */
function listRoomy({ l, pool, zone, scratch }: Try): { readonly near: number; readonly all: number } {
  const { dims, size, keepsZone } = l.board;
  const { least } = scratch;
  least.fill(Number.POSITIVE_INFINITY);
  let roams = false;
  for (const s of pool.rows) {
    roams ||= keepsZone[s] === 0;
    for (let r = 0; r < dims; r += 1) least[r] = Math.min(least[r] as number, size[s * dims + r] as number);
  }
  const near = addRoomy(l, scratch, zone, 0);
  let all = near;
  for (let z = 0; roams && z < l.inZone.length; z += 1) if (z !== zone) all = addRoomy(l, scratch, z, all);
  return { near, all };
}

/** Adds those of a zone behind `end` others; returns how many there are then. */
function addRoomy(
  { board: { dims }, inZone, room }: Layout,
  { least, roomy }: Scratch,
  zone: number,
  end: number,
): number {
  let count = end;
  for (const slot of inZone[zone] as number[]) {
    let r = 0;
    while (r < dims && (room[slot * dims + r] as number) >= (least[r] as number)) r += 1;
    if (r < dims) continue;
    roomy[count] = slot;
    count += 1;
  }
  return count;
}

/** Lower is better; Infinity = does not fit. */
function scoreOf({ l, aim, isTight }: Try, slot: number, s: number): number {
  const { dims, size, home, instances, services, moveCost } = l.board;
  let score = 0;
  for (let r = 0; r < dims; r += 1) {
    const room = l.room[slot * dims + r] as number;
    const each = size[s * dims + r] as number;
    if (each > room) return Number.POSITIVE_INFINITY;
    const worth = aim.unitWorth[r] as number;
    score += isTight ? (room - each) * worth : -(room * worth) * (each * worth);
  }
  const at = slot * services.length + s;
  if (slot < instances.length && (home[at] as number) > (l.counts[at] as number))
    score -= isTight ? 1e3 * aim.movePrice * (moveCost[s] as number) : Math.abs(score) * 4;
  return score;
}

/** Opens the bin that gives most worth for its money and fills it; false when none holds anything. */
function openBest(t: Try): boolean {
  const { l, pool, random, taken, zone } = t;
  const b = l.board;
  let best = { rate: 0, slot: -1, type: -1 };
  const offer = (slot: number, type: number): void => {
    const rate = tryFill(t, slot, type) * (0.95 + 0.1 * random());
    if (rate > best.rate) best = { rate, slot, type };
  };
  for (const slot of taken) {
    if (slot < b.instances.length && l.open[slot] === 0) offer(slot, -1);
  }
  for (const type of b.launchable) offer(-1, type);
  if (best.rate === 0) return false;
  let slot = best.slot;
  if (slot >= 0) openSlot(l, slot);
  else slot = openNew(l, best.type, zone);
  if (slot < 0) return false;
  const before = pool.rows.length;
  fill(t, slot, false);
  if (slot >= b.instances.length && before > 0) shrink(t, slot);
  return true;
}

/** Worth for money of a bin filled from the pool; nothing is changed. */
function tryFill({ l, aim, pool, zone, scratch: { room } }: Try, slot: number, type: number): number {
  const b = l.board;
  const { dims, size } = b;
  const services = b.services.length;
  const kind = slot >= 0 ? (l.typeOf[slot] as number) : type;
  const cell = (zone * b.types.length + kind) * services;
  const isOpenTo = slot < 0 || b.accepts[slot] === 1;
  for (let r = 0; r < dims; r += 1)
    room[r] = (slot >= 0 ? b.cap[slot * dims + r] : b.typeCap[kind * dims + r]) as number;
  let worth = 0;
  for (let pass = slot >= 0 ? 0 : 1; pass < 2; pass += 1) {
    for (const s of pool.rows) {
      const home = slot >= 0 ? Math.min(b.home[slot * services + s] as number, pool.left[s] as number) : 0;
      if (pass === 1 && (b.mayCome[cell + s] === 0 || !isOpenTo)) continue;
      const most = pass === 0 ? home : Math.min((pool.left[s] as number) - home, (b.perInstance[s] as number) - home);
      let tasks = most;
      for (let r = 0; r < dims && tasks > 0; r += 1) {
        const each = size[s * dims + r] as number;
        if (each * tasks > (room[r] as number)) tasks = Math.floor((room[r] as number) / each);
      }
      if (tasks <= 0) continue;
      for (let r = 0; r < dims; r += 1) room[r] = (room[r] as number) - tasks * (size[s * dims + r] as number);
      const move = pass === 0 ? 0 : aim.movePrice * (b.moveCost[s] as number);
      worth += tasks * Math.max((aim.worth[s] as number) - move, (aim.worth[s] as number) * 1e-3);
    }
  }
  const price = slot >= 0 ? (b.price[slot] as number) : (b.typePrice[kind] as number);
  return worth / Math.max(price, 1e-9);
}

/** The cheapest type that holds what a new instance holds. */
function shrink({ l, zone }: Try, slot: number): void {
  const b = l.board;
  const services = b.services.length;
  const old = l.typeOf[slot] as number;
  let best = old;
  for (const type of b.launchable) {
    if ((b.typePrice[type] as number) >= (b.typePrice[best] as number)) continue;
    let holds = true;
    for (let r = 0; r < b.dims && holds; r += 1) {
      const used = (b.typeCap[old * b.dims + r] as number) - (l.room[slot * b.dims + r] as number);
      holds = used <= (b.typeCap[type * b.dims + r] as number);
    }
    const cell = (zone * b.types.length + type) * services;
    for (let s = 0; s < services && holds; s += 1)
      holds = (l.counts[slot * services + s] as number) === 0 || b.mayCome[cell + s] === 1;
    if (holds) best = type;
  }
  if (best === old) return;
  const held: [number, number][] = [];
  for (let s = 0; s < services; s += 1) {
    const tasks = l.counts[slot * services + s] as number;
    if (tasks > 0) held.push([s, tasks]);
  }
  for (const [s, tasks] of held) put(l, slot, s, -tasks);
  closeSlot(l, slot);
  const again = openNew(l, best, zone);
  for (const [s, tasks] of held) put(l, again, s, tasks);
}
