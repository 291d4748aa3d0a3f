/** Why an instance of today stays, in words that are true of the plan as it ends. */
import type { Board } from './board.ts';
import { movePriceOf } from './frontier.ts';
import { beginTry, closeSlot, fits, type Layout, openNew, put, takeBack, todaysLayout } from './layout.ts';
import type { ConsolidateWish, Wave } from './model.ts';
import type { Schedule } from './waves.ts';

/**
 * How the plan ends, and the weighted moves that it takes; `hardness` = largest share of the largest capacity that a
 * task takes, by service.
 */
type Ending = {
  readonly l: Layout;
  readonly hardness: Float64Array;
  readonly wish: ConsolidateWish;
  readonly used: number;
};
type Kept = { readonly instance: string; readonly because: string };

/** One row per instance of today that no wave drains, sorted by id. */
export function whyKept(board: Board, { waves, weightedMoves }: Schedule, wish: ConsolidateWish): readonly Kept[] {
  const ending: Ending = { l: finalLayout(board, waves), hardness: hardnessOf(board), wish, used: weightedMoves };
  return board.instances.flatMap(({ id }, at): Kept[] =>
    ending.l.open[at] === 1 ? [{ instance: id, because: because(ending, at) }] : [],
  );
}

/** The layout that the waves end in. */
function finalLayout(board: Board, waves: readonly Wave[]): Layout {
  const l = todaysLayout(board);
  const slots = new Map(board.instances.map(({ id }, at) => [id, at]));
  const services = new Map(board.services.map(({ id }, at) => [id, at]));
  for (const { launch, move, drain } of waves) {
    for (const { id, type, az } of launch) {
      const kind = board.types.findIndex(({ name }) => name === type);
      slots.set(id, openNew(l, kind, board.zones.indexOf(az)));
    }
    for (const { service, to, count } of move) put(l, slots.get(to) ?? 0, services.get(service) ?? 0, count);
    for (const { service, from, count } of move) put(l, slots.get(from) ?? 0, services.get(service) ?? 0, -count);
    for (const id of drain) closeSlot(l, slots.get(id) ?? 0);
  }
  beginTry(l);
  return l;
}

function because(ending: Ending, slot: number): string {
  const { l } = ending;
  const b = l.board;
  const { pinned, covered } = b.instances[slot] ?? { pinned: null, covered: false };
  if (pinned !== null) return `pinned: ${pinned}`;
  if (covered) return 'covered: it is paid for whether it runs or not, so draining it saves nothing';
  if ((b.price[slot] ?? 0) === 0) return 'its type costs nothing, so draining it saves nothing';
  const stuck = b.services.find((_, s) => b.movable[s] === 0 && countOf(l, slot, s) > 0);
  if (stuck !== undefined) return `it runs tasks of service ${stuck.id}, which may not move`;
  if (l.openCount <= b.minInstances) return `at least ${b.minInstances} instances must remain`;
  return ofItsTasks(ending, slot);
}

/** Tries to do without the instance, and says what comes of it. */
function ofItsTasks(ending: Ending, slot: number): string {
  const { l } = ending;
  const b = l.board;
  beginTry(l);
  const before = l.moves;
  const left = spread(ending, slot);
  const moves = l.moves - before;
  const isAnyPlaced = l.logged > 0;
  takeBack(l);
  const price = b.price[slot] ?? 0;
  const first = left[0];
  if (first === undefined)
    return `its tasks would fit elsewhere: that saves ${percent(price, l.cost)} of the cost for ${moves} more weighted moves, ${verdict(ending, price, moves)}`;
  const most = left.reduce((a, c) => (c.tasks > a.tasks ? c : a), first);
  const where = b.keepsZone[most.service] === 1 ? b.zones[b.zoneOf[slot] ?? 0] : 'any zone';
  const once = isAnyPlaced ? ' once the others are placed' : '';
  const what = `${most.tasks} of its tasks of service ${b.services[most.service]?.id} find no free room in ${where}${once}`;
  const type = cheaperFor(l, slot, left);
  if (type === null) return `${fullest(l, slot)}; ${what}, and no cheaper new instance holds what is left`;
  const saved = percent(price - (b.typePrice[type] ?? 0), l.cost);
  return `${what}; a new ${b.types[type]?.name} for what is left would save ${saved} of the cost, ${LEFT_OUT}`;
}

const LEFT_OUT = 'which is left to a plan with more moves';

/** Why a saving that is there is not taken; `price` and `moves` = what it saves an hour and takes once. */
function verdict({ wish, used }: Ending, price: number, moves: number): string {
  if (wish.kind === 'max-moves' && used + moves > wish.weightedMoves)
    return `of which only ${wish.weightedMoves - used} may still be made`;
  if (wish.kind === 'move-price' && price < movePriceOf(wish) * moves) return 'which cost more than that';
  return LEFT_OUT;
}

type Left = { readonly service: number; readonly tasks: number };

/** Puts what lies on the slot into free room elsewhere; returns what finds none. */
function spread({ l, hardness }: Ending, slot: number): readonly Left[] {
  const b = l.board;
  const services = b.services.map((_, s) => s).filter((s) => countOf(l, slot, s) > 0);
  services.sort((x, y) => (hardness[y] ?? 0) - (hardness[x] ?? 0) || x - y);
  const left: Left[] = [];
  for (const s of services) {
    let tasks = countOf(l, slot, s);
    const zones = b.keepsZone[s] === 1 ? [b.zoneOf[slot] ?? 0] : b.zones.map((_, z) => z);
    for (const z of zones) {
      for (const other of l.inZone[z] ?? []) {
        if (tasks === 0) break;
        const count = other === slot ? 0 : fits(l, other, s, tasks);
        if (count === 0) continue;
        put(l, other, s, count);
        put(l, slot, s, -count);
        tasks -= count;
      }
    }
    if (tasks > 0) left.push({ service: s, tasks });
  }
  return left;
}

/** A type that holds what is left and costs less than the instance; the cheapest. */
function cheaperFor(l: Layout, slot: number, left: readonly Left[]): number | null {
  const b = l.board;
  const zone = b.zoneOf[slot] ?? 0;
  const cheaper = b.launchable.filter((type) => (b.typePrice[type] ?? 0) < (b.price[slot] ?? 0));
  cheaper.sort((x, y) => (b.typePrice[x] ?? 0) - (b.typePrice[y] ?? 0) || x - y);
  const need = Array.from({ length: b.dims }, (_, r) =>
    left.reduce((sum, { service, tasks }) => sum + tasks * (b.size[service * b.dims + r] ?? 0), 0),
  );
  const holds = (type: number): boolean =>
    need.every((size, r) => size <= (b.typeCap[type * b.dims + r] ?? 0)) &&
    left.every(
      ({ service, tasks }) =>
        tasks <= (b.perInstance[service] ?? 0) &&
        b.mayCome[(zone * b.types.length + type) * b.services.length + service] === 1,
    );
  return cheaper.find(holds) ?? null;
}

/** The resource that is used most, in words. */
function fullest(l: Layout, slot: number): string {
  const b = l.board;
  let [most, name] = [-1, ''];
  b.resourceNames.forEach((resource, r) => {
    const cap = b.cap[slot * b.dims + r] ?? 0;
    const used = cap === 0 ? 0 : (cap - (l.room[slot * b.dims + r] ?? 0)) / cap;
    if (used > most) [most, name] = [used, resource];
  });
  return `${Math.floor(most * 100)} % of its ${name} is used`;
}

function countOf(l: Layout, slot: number, s: number): number {
  return l.counts[slot * l.board.services.length + s] ?? 0;
}

function hardnessOf({ dims, cap, size, services }: Board): Float64Array {
  const most = new Float64Array(dims).fill(1);
  cap.forEach((room, at) => {
    most[at % dims] = Math.max(most[at % dims] ?? 1, room);
  });
  return Float64Array.from(services, (_, s) => {
    let share = 0;
    for (let r = 0; r < dims; r += 1) share = Math.max(share, (size[s * dims + r] ?? 0) / (most[r] ?? 1));
    return share;
  });
}

/** `1.2 %`, rounded down to a tenth. */
function percent(part: number, whole: number): string {
  const tenths = whole > 0 ? Math.floor((part / whole) * 1000) : 0;
  if (tenths === 0) return 'less than 0.1 %';
  return `${Math.floor(tenths / 10)}.${tenths % 10} %`;
}
