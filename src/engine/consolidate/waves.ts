/**
 * From today's layout to another one in waves of which every one leaves the cluster safe: an instance has room for what
 * comes while nothing has left yet, no service moves more tasks at once than it may, and no more instances drain at
 * once than the policy allows. A task that can only land where another must leave first waits, or steps aside.
 */
import type { Board } from './board.ts';
import type { Picture } from './layout.ts';
import type { Launch, Move, Wave } from './model.ts';

export type Schedule = {
  readonly waves: readonly Wave[];
  /** Sum of count x moveCost, a task counted each time it moves. */
  readonly weightedMoves: number;
};

/** What a wave works on. Instances: today's first, then those that are launched. */
type Yard = {
  readonly board: Board;
  readonly drainShare: number;
  readonly ids: readonly string[];
  readonly typeOf: readonly number[];
  readonly zoneOf: readonly number[];
  /** `[instance * services + service]`. */
  readonly now: Int32Array;
  readonly goal: Int32Array;
  readonly room: Float64Array;
  /** Tasks on each instance. */
  readonly total: Float64Array;
  /** 0 = not launched yet, 1 = runs, 2 = drained. */
  readonly state: Uint8Array;
  readonly stays: Uint8Array;
  /** Instances that still lack tasks of a service, in the order in which they are filled. */
  readonly wanting: readonly number[][];
};

/** What one wave has used up so far. */
type Turn = {
  readonly launch: Launch[];
  readonly move: Map<string, Move>;
  /** Tasks that have come where they go, and leave where they were when the turn settles. */
  readonly gone: { readonly from: number; readonly service: number; readonly count: number }[];
  readonly left: Float64Array;
};

const MOST_WAVES = 20_000;

/** Waves to the layout of the picture, or null when tasks block each other and nothing can step aside. */
export function scheduleOf(board: Board, picture: Picture, drainShare: number): Schedule | null {
  const yard = makeYard(board, picture, drainShare);
  const waves: Wave[] = [];
  let weightedMoves = 0;
  let asides = 0;
  while (waves.length < MOST_WAVES) {
    const turn = newTurn(board);
    const drains: number[] = [];
    const most = drainLimit(yard);
    let emptied = emptiedOf(yard).length;
    for (const from of sources(yard)) {
      const goes = yard.stays[from] === 0;
      if (goes && emptied >= most) continue;
      if (sendAll(yard, turn, from) === yard.total[from] && goes) emptied += 1;
    }
    if (turn.move.size === 0 && emptied === 0) {
      if (isDone(yard)) return { waves, weightedMoves };
      asides += 1;
      if (asides > board.instances.length + 50 || !stepAside(yard, turn)) return null;
    }
    weightedMoves += settle(yard, turn);
    const floor = Math.max(0, running(yard) - board.minInstances);
    for (const at of emptiedOf(yard).slice(0, Math.min(most, floor))) {
      yard.state[at] = 2;
      drains.push(at);
    }
    if (turn.move.size === 0 && drains.length === 0) return null;
    waves.push(waveOf(yard, turn, drains));
  }
  return null;
}

function makeYard(board: Board, { cells }: Picture, drainShare: number): Yard {
  const [n, services, dims] = [board.instances.length, board.services.length, board.dims];
  const fresh: { readonly at: number; readonly type: number; readonly zone: number }[] = [];
  const old: number[] = [];
  for (let at = 0; at < cells.length; at += 4 + 2 * (cells[at + 3] ?? 0)) {
    const slot = cells[at] ?? 0;
    if (slot < n) old.push(at);
    else fresh.push({ at, type: cells[at + 1] ?? 0, zone: cells[at + 2] ?? 0 });
  }
  fresh.sort((a, b) => a.zone - b.zone || a.type - b.type || a.at - b.at);
  const all = n + fresh.length;
  const yard: Yard = {
    board,
    drainShare,
    ids: [...board.instances.map(({ id }) => id), ...freshIds(board, fresh.length)],
    typeOf: [...board.typeOf, ...fresh.map(({ type }) => type)],
    zoneOf: [...board.zoneOf, ...fresh.map(({ zone }) => zone)],
    now: new Int32Array(all * services),
    goal: new Int32Array(all * services),
    room: new Float64Array(all * dims),
    total: new Float64Array(all),
    state: new Uint8Array(all),
    stays: new Uint8Array(all),
    wanting: Array.from({ length: services }, () => []),
  };
  yard.now.set(board.home);
  const read = (index: number, at: number): void => {
    yard.stays[index] = 1;
    for (let k = 0; k < (cells[at + 3] ?? 0); k += 1)
      yard.goal[index * services + (cells[at + 4 + 2 * k] ?? 0)] = cells[at + 5 + 2 * k] ?? 0;
  };
  for (const at of old) read(cells[at] ?? 0, at);
  fresh.forEach(({ at }, k) => {
    read(n + k, at);
  });
  fillIn(yard, all);
  return yard;
}

/** Room, who runs, and who wants what. */
function fillIn(yard: Yard, all: number): void {
  const { board, room } = yard;
  const { dims, services } = board;
  for (let at = 0; at < all; at += 1) {
    const isOld = at < board.instances.length;
    yard.state[at] = isOld ? 1 : 0;
    for (let r = 0; r < dims; r += 1)
      room[at * dims + r] = isOld
        ? (board.cap[at * dims + r] ?? 0)
        : (board.typeCap[(yard.typeOf[at] ?? 0) * dims + r] ?? 0);
    for (let s = 0; s < services.length; s += 1) {
      const cell = at * services.length + s;
      use(yard, at, s, yard.now[cell] ?? 0);
      yard.total[at] = (yard.total[at] ?? 0) + (yard.now[cell] ?? 0);
      if ((yard.goal[cell] ?? 0) > (yard.now[cell] ?? 0)) yard.wanting[s]?.push(at);
    }
  }
}

/** `new-1`, `new-2`, …, without those that the file has already. */
function freshIds(board: Board, count: number): readonly string[] {
  const known = new Set(board.instances.map(({ id }) => id));
  const ids: string[] = [];
  for (let at = 1; ids.length < count; at += 1) if (!known.has(`new-${at}`)) ids.push(`new-${at}`);
  return ids;
}

function use({ board, room }: Yard, at: number, service: number, tasks: number): void {
  for (let r = 0; r < board.dims; r += 1) {
    const cell = at * board.dims + r;
    room[cell] = (room[cell] ?? 0) - tasks * (board.size[service * board.dims + r] ?? 0);
  }
}

function newTurn(board: Board): Turn {
  const left = Float64Array.from(board.services, ({ perWave }) => perWave ?? Number.POSITIVE_INFINITY);
  return { launch: [], move: new Map(), gone: [], left };
}

function running({ state }: Yard): number {
  return state.reduce((sum, is) => sum + (is === 1 ? 1 : 0), 0);
}

function drainLimit(yard: Yard): number {
  const count = Math.max(yard.board.instances.length, running(yard));
  return Math.max(1, Math.floor(yard.drainShare * count));
}

/** Instances that go and hold nothing. */
function emptiedOf({ state, stays, total }: Yard): readonly number[] {
  const found: number[] = [];
  for (let at = 0; at < state.length; at += 1) {
    if (state[at] === 1 && stays[at] === 0 && total[at] === 0) found.push(at);
  }
  return found;
}

/** Instances with tasks to send: those that go first, most money for their moves first; then those that stay. */
function sources(yard: Yard): readonly number[] {
  const { board, now, goal, stays, state } = yard;
  const services = board.services.length;
  const found: { readonly at: number; readonly stays: number; readonly rate: number }[] = [];
  for (let at = 0; at < state.length; at += 1) {
    if (state[at] !== 1) continue;
    let [surplus, weight] = [0, 1];
    for (let s = 0; s < services; s += 1) {
      const more = Math.max(0, (now[at * services + s] ?? 0) - (goal[at * services + s] ?? 0));
      surplus += more;
      weight += more * (board.moveCost[s] ?? 0);
    }
    if (surplus > 0) found.push({ at, stays: stays[at] ?? 0, rate: (board.price[at] ?? 0) / weight });
  }
  return found.sort((a, b) => a.stays - b.stays || b.rate - a.rate || a.at - b.at).map(({ at }) => at);
}

/** Sends what `from` has too much of to instances that want it and have room now; returns how many tasks. */
function sendAll(yard: Yard, turn: Turn, from: number): number {
  const { board, now, goal } = yard;
  const services = board.services.length;
  let sent = 0;
  for (let s = 0; s < services; s += 1) {
    let surplus = (now[from * services + s] ?? 0) - (goal[from * services + s] ?? 0);
    if (surplus <= 0) continue;
    const list = yard.wanting[s] ?? [];
    const near = list.filter((to) => yard.zoneOf[to] === yard.zoneOf[from]);
    const far = board.keepsZone[s] === 1 ? [] : list.filter((to) => yard.zoneOf[to] !== yard.zoneOf[from]);
    for (const to of [...near, ...far]) {
      if (surplus <= 0) break;
      const want = (goal[to * services + s] ?? 0) - (now[to * services + s] ?? 0);
      const count = send(yard, turn, { from, to, s, most: Math.min(surplus, want) });
      surplus -= count;
      sent += count;
    }
  }
  return sent;
}

type Errand = { readonly from: number; readonly to: number; readonly s: number; readonly most: number };

/** Moves up to `most` tasks, as many as there is room for; returns how many. They leave `from` when the turn settles. */
function send(yard: Yard, turn: Turn, { from, to, s, most }: Errand): number {
  const { board, now, room } = yard;
  const services = board.services.length;
  let count = Math.min(most, turn.left[s] ?? 0, (board.perInstance[s] ?? 0) - (now[to * services + s] ?? 0));
  for (let r = 0; r < board.dims && count > 0; r += 1) {
    const each = board.size[s * board.dims + r] ?? 0;
    if (each > 0) count = Math.min(count, Math.floor((room[to * board.dims + r] ?? 0) / each));
  }
  if (!(count > 0)) return 0;
  if (yard.state[to] === 0) {
    yard.state[to] = 1;
    turn.launch.push({
      id: yard.ids[to] ?? '',
      type: board.types[yard.typeOf[to] ?? 0]?.name ?? '',
      az: board.zones[yard.zoneOf[to] ?? 0] ?? '',
    });
  }
  now[to * services + s] = (now[to * services + s] ?? 0) + count;
  use(yard, to, s, count);
  yard.total[to] = (yard.total[to] ?? 0) + count;
  turn.left[s] = (turn.left[s] ?? 0) - count;
  turn.gone.push({ from, service: s, count });
  const key = `${s} ${from} ${to}`;
  const before = turn.move.get(key)?.count ?? 0;
  const [service, source, target] = [board.services[s]?.id ?? '', yard.ids[from] ?? '', yard.ids[to] ?? ''];
  turn.move.set(key, { service, from: source, to: target, count: before + count });
  return count;
}

/** The turn's tasks leave where they were; returns their weight. */
function settle(yard: Yard, turn: Turn): number {
  const { board, now } = yard;
  const services = board.services.length;
  let weight = 0;
  for (const { from, service, count } of turn.gone) {
    now[from * services + service] = (now[from * services + service] ?? 0) - count;
    use(yard, from, service, -count);
    yard.total[from] = (yard.total[from] ?? 0) - count;
    weight += count * (board.moveCost[service] ?? 0);
  }
  for (const [s, list] of yard.wanting.entries()) {
    const still = list.filter((at) => (yard.goal[at * services + s] ?? 0) > (now[at * services + s] ?? 0));
    list.length = 0;
    list.push(...still);
  }
  return weight;
}

/** Nothing can move: tasks that stand in the way go to any instance with room, and on from there later. */
function stepAside(yard: Yard, turn: Turn): boolean {
  const { board, now, goal } = yard;
  const services = board.services.length;
  for (const from of sources(yard)) {
    if (yard.stays[from] === 0) continue;
    let sent = 0;
    for (let s = 0; s < services; s += 1) {
      let surplus = (now[from * services + s] ?? 0) - (goal[from * services + s] ?? 0);
      for (let to = 0; to < yard.state.length && surplus > 0; to += 1) {
        if (to === from || !mayWait(yard, from, to, s)) continue;
        const count = send(yard, turn, { from, to, s, most: surplus });
        surplus -= count;
        sent += count;
      }
    }
    if (sent > 0) return true;
  }
  return false;
}

function mayWait(yard: Yard, from: number, to: number, s: number): boolean {
  const { board } = yard;
  const isOld = to < board.instances.length;
  if (yard.state[to] !== 1 || (isOld && board.accepts[to] === 0)) return false;
  if (board.keepsZone[s] === 1 && yard.zoneOf[to] !== yard.zoneOf[from]) return false;
  const cell = (yard.zoneOf[to] ?? 0) * board.types.length + (yard.typeOf[to] ?? 0);
  return board.mayCome[cell * board.services.length + s] === 1;
}

function isDone({ now, goal, state, stays }: Yard): boolean {
  return now.every((count, at) => count === goal[at]) && state.every((is, at) => is !== 1 || stays[at] === 1);
}

function waveOf(yard: Yard, turn: Turn, drains: readonly number[]): Wave {
  const byId = <T extends { readonly id: string }>(a: T, b: T): number =>
    a.id.length - b.id.length || (a.id < b.id ? -1 : 1);
  const key = ({ service, from, to }: Move): string => JSON.stringify([service, from, to]);
  return {
    launch: [...turn.launch].sort(byId),
    move: [...turn.move.values()].sort((a, b) => (key(a) < key(b) ? -1 : 1)),
    drain: drains.map((at) => yard.ids[at] ?? '').sort(),
  };
}
