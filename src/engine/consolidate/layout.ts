/**
 * Which tasks lie where, as the search changes it: today's instances first, new ones behind them. Every change is in a
 * log, so that a change that brings nothing is taken back.
 */
import type { Board } from './board.ts';

export type Layout = {
  readonly board: Board;
  readonly slots: number;
  /** Type and zone of each slot; of new slots they change as slots are used again. */
  readonly typeOf: Int32Array;
  readonly zoneOf: Int32Array;
  readonly price: Float64Array;
  readonly open: Uint8Array;
  /** `[slot * services + service]`. */
  readonly counts: Int32Array;
  /** `[slot * dims + resource]`: free room; of a closed slot, all of it. */
  readonly room: Float64Array;
  /** Open slots by zone, in no order; `place[slot]` is where a slot stands in its list. */
  readonly inZone: number[][];
  readonly place: Int32Array;
  /** New slots that are closed. */
  readonly spare: number[];
  /** Changes since the last `beginTry`, three numbers each; it never shrinks, `logged` says where it ends. */
  readonly log: number[];
  logged: number;
  cost: number;
  moves: number;
  openCount: number;
};

/** What a layout looks like, small enough to keep many. */
export type Picture = {
  readonly cost: number;
  readonly moves: number;
  /** Per open slot: slot, type, zone, number of services, then service and count of each. */
  readonly cells: Int32Array;
};

/** New instances per running one. */
const MOST_NEW = 6;
const MOST_CELLS = 20_000_000;
const OPENED = -1;
const CLOSED = -2;

/** Today's layout. */
export function todaysLayout(board: Board): Layout {
  const l = emptyLayout(board);
  const services = board.services.length;
  for (let slot = 0; slot < board.instances.length; slot += 1) {
    openSlot(l, slot);
    for (let s = 0; s < services; s += 1) {
      const tasks = board.home[slot * services + s] as number;
      if (tasks > 0) put(l, slot, s, tasks);
    }
  }
  beginTry(l);
  return l;
}

/** Every slot closed. */
function emptyLayout(board: Board): Layout {
  const [n, s, d] = [board.instances.length, board.services.length, board.dims];
  const slots = n + roomForNew(board);
  const layout: Layout = {
    board,
    slots,
    typeOf: new Int32Array(slots),
    zoneOf: new Int32Array(slots),
    price: new Float64Array(slots),
    open: new Uint8Array(slots),
    counts: new Int32Array(slots * s),
    room: new Float64Array(slots * d),
    inZone: board.zones.map(() => []),
    place: new Int32Array(slots),
    spare: Array.from({ length: slots - n }, (_, at) => slots - 1 - at),
    log: [],
    logged: 0,
    cost: 0,
    moves: 0,
    openCount: 0,
  };
  layout.typeOf.set(board.typeOf);
  layout.zoneOf.set(board.zoneOf);
  layout.price.set(board.price);
  layout.room.set(board.cap);
  return layout;
}

/** Slots for new instances: several small ones may come for each large one. Bounded, as each has a cell per service. */
function roomForNew({ home, instances, services }: Board): number {
  const tasks = home.reduce((sum, count) => sum + count, 0);
  const affordable = Math.max(instances.length, Math.floor(MOST_CELLS / Math.max(1, services.length)));
  return Math.min(tasks, MOST_NEW * instances.length + 64, affordable);
}

/** What is done from here on can be taken back. */
export function beginTry(l: Layout): void {
  l.logged = 0;
}

function note(l: Layout, slot: number, what: number, tasks: number): void {
  l.log[l.logged] = slot;
  l.log[l.logged + 1] = what;
  l.log[l.logged + 2] = tasks;
  l.logged += 3;
}

/** Opens a closed slot that has its type and zone. */
export function openSlot(l: Layout, slot: number): void {
  const list = l.inZone[l.zoneOf[slot] as number] as number[];
  l.open[slot] = 1;
  l.place[slot] = list.length;
  list.push(slot);
  l.cost += l.price[slot] as number;
  l.openCount += 1;
  note(l, slot, OPENED, 0);
}

/** Closes an open slot that holds nothing. */
export function closeSlot(l: Layout, slot: number): void {
  const list = l.inZone[l.zoneOf[slot] as number] as number[];
  const at = l.place[slot] as number;
  const last = list.pop() as number;
  if (last !== slot) {
    list[at] = last;
    l.place[last] = at;
  }
  l.open[slot] = 0;
  l.cost -= l.price[slot] as number;
  l.openCount -= 1;
  if (slot >= l.board.instances.length) l.spare.push(slot);
  note(l, slot, CLOSED, (l.zoneOf[slot] as number) * l.board.types.length + (l.typeOf[slot] as number));
}

/** A new, open instance; -1 when there is no slot for it. */
export function openNew(l: Layout, type: number, zone: number): number {
  const slot = l.spare.pop();
  if (slot === undefined) return -1;
  become(l, slot, type, zone);
  openSlot(l, slot);
  return slot;
}

/** Makes an empty slot behind today's instances one of this type and zone. */
function become(l: Layout, slot: number, type: number, zone: number): void {
  const { dims, typeCap, typePrice } = l.board;
  l.typeOf[slot] = type;
  l.zoneOf[slot] = zone;
  l.price[slot] = typePrice[type] as number;
  for (let r = 0; r < dims; r += 1) l.room[slot * dims + r] = typeCap[type * dims + r] as number;
}

/** Adds tasks of a service to a slot, or takes them away when `tasks` is negative. Room is the caller's business. */
export function put(l: Layout, slot: number, service: number, tasks: number): void {
  const { dims, size, moveCost } = l.board;
  const services = l.board.services.length;
  const at = slot * services + service;
  const before = l.counts[at] as number;
  const home = slot < l.board.instances.length ? (l.board.home[at] as number) : 0;
  l.counts[at] = before + tasks;
  for (let r = 0; r < dims; r += 1) {
    const room = slot * dims + r;
    l.room[room] = (l.room[room] as number) - tasks * (size[service * dims + r] as number);
  }
  const more = Math.max(0, before + tasks - home) - Math.max(0, before - home);
  l.moves += more * (moveCost[service] as number);
  note(l, slot, service, tasks);
}

/** How many of `most` tasks of a service the slot can take: room, where tasks may come, and how many side by side. */
export function fits(l: Layout, slot: number, service: number, most: number): number {
  const b = l.board;
  const services = b.services.length;
  const at = slot * services + service;
  const isOld = slot < b.instances.length;
  const home = isOld ? (b.home[at] as number) : 0;
  const cell = (l.zoneOf[slot] as number) * b.types.length + (l.typeOf[slot] as number);
  const mayCome = b.mayCome[cell * services + service] === 1 && (!isOld || b.accepts[slot] === 1);
  const limit = mayCome ? Math.max(b.perInstance[service] as number, home) : home;
  let tasks = Math.min(most, limit - (l.counts[at] as number));
  for (let r = 0; r < b.dims && tasks > 0; r += 1) {
    const each = b.size[service * b.dims + r] as number;
    const room = l.room[slot * b.dims + r] as number;
    if (each > room) return 0;
    if (each * tasks > room) tasks = Math.floor(room / each);
  }
  return Math.max(0, tasks);
}

/** Takes everything in the log back. */
export function takeBack(l: Layout): void {
  const { log } = l;
  for (let at = l.logged - 3; at >= 0; at -= 3) {
    const [slot, what, tasks] = [log[at] as number, log[at + 1] as number, log[at + 2] as number];
    if (what === OPENED) closeSlot(l, slot);
    else if (what === CLOSED) reopen(l, slot, tasks);
    else put(l, slot, what, -tasks);
  }
  l.logged = 0;
}

/** Opens a slot again as it was; a new one leaves the spare list, where it is the last. */
function reopen(l: Layout, slot: number, cell: number): void {
  const types = l.board.types.length;
  if (slot >= l.board.instances.length) {
    l.spare.pop();
    become(l, slot, cell % types, Math.floor(cell / types));
  }
  openSlot(l, slot);
}

/** The layout as it is now. */
export function pictureOf(l: Layout): Picture {
  const services = l.board.services.length;
  let length = 0;
  for (let slot = 0; slot < l.slots; slot += 1) {
    if (l.open[slot] === 1) length += 4 + 2 * kindsOn(l, slot);
  }
  const cells = new Int32Array(length);
  let at = 0;
  for (let slot = 0; slot < l.slots; slot += 1) {
    if (l.open[slot] !== 1) continue;
    const head = at;
    cells[at] = slot;
    cells[at + 1] = l.typeOf[slot] as number;
    cells[at + 2] = l.zoneOf[slot] as number;
    at += 4;
    for (let s = 0; s < services; s += 1) {
      const tasks = l.counts[slot * services + s] as number;
      if (tasks === 0) continue;
      cells[at] = s;
      cells[at + 1] = tasks;
      at += 2;
    }
    cells[head + 3] = (at - head - 4) / 2;
  }
  return { cost: l.cost, moves: l.moves, cells };
}

/** Services with tasks on the slot. */
function kindsOn(l: Layout, slot: number): number {
  const services = l.board.services.length;
  let kinds = 0;
  for (let s = 0; s < services; s += 1) if ((l.counts[slot * services + s] as number) > 0) kinds += 1;
  return kinds;
}

/** The layout of a picture. */
export function layoutOf(board: Board, { cells }: Picture): Layout {
  const l = emptyLayout(board);
  const isOpen = new Set<number>();
  for (let at = 0; at < cells.length; at += 4 + 2 * (cells[at + 3] as number)) {
    const [slot, type, zone] = [cells[at] as number, cells[at + 1] as number, cells[at + 2] as number];
    isOpen.add(slot);
    if (slot >= board.instances.length) become(l, slot, type, zone);
    openSlot(l, slot);
    for (let k = 0; k < (cells[at + 3] as number); k += 1)
      put(l, slot, cells[at + 4 + 2 * k] as number, cells[at + 5 + 2 * k] as number);
  }
  const unused = l.spare.filter((slot) => !isOpen.has(slot));
  l.spare.length = 0;
  l.spare.push(...unused);
  beginTry(l);
  return l;
}
