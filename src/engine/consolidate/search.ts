/**
 * The order of things: a sweep over prices of a move, from so dear that only the best moves pay to so cheap that only
 * money counts, again and again with more rounds. Each goes on from the best layout so far at its price. One `yield` =
 * one round. What is done does not depend on the budget: more of it only goes on further.
 */
import { makeRandom } from '../pack/random.ts';
import type { Board } from './board.ts';
import type { Bounder } from './bound.ts';
import { type Archive, chosenOf, isNew, keep, movePriceOf } from './frontier.ts';
import { oneByOne } from './greedy.ts';
import { layoutOf, type Picture, pictureOf, todaysLayout } from './layout.ts';
import type { ConsolidateWish } from './model.ts';
import { type Aim, makeRepack } from './repack.ts';

const SEED = 20_261_124;
/** Tries in one round: about a hundredth of a second, as each takes longer where there are more instances. */
const TRIES = { least: 64, most: 128, byInstances: 32_000 };
/** Prices of a move, as shares of what a task costs on average today. */
const SWEEP = [4, 2, 1, 0.6, 0.4, 0.25, 0.16, 0.1, 0.05, 0.01];
const FIRST_ROUNDS = 4;
const MOST_ROUNDS = 32;
/** Rounds aimed at what the wish asks for, and of the sweep, by turns. */
const AIMED_ROUNDS = 40;
const BESIDE_ROUNDS = 2;
/** Rounds of the bound before each sweep. */
const BOUND_ROUNDS = 5;
/** The search ends when so many sweeps in a row have found nothing. */
const MOST_IN_VAIN = 3;
/** Shares of the frontier's slope at the knee or at the limit of moves, taken in turn as the price of a move. */
const SLOPES = [1, 0.5, 0.2, 0.7];

export type Hunt = {
  readonly board: Board;
  readonly bounder: Bounder;
  readonly wish: ConsolidateWish;
  readonly archive: Archive;
};

/** Runs until nothing more is found. The archive is valid after every round. */
export function* hunt(h: Hunt): Generator<void, void> {
  const { board, bounder, wish, archive } = h;
  const random = makeRandom(SEED);
  const today = pictureOf(todaysLayout(board));
  keep(archive, today, wish);
  for (const layout of oneByOne(board))
    if (isNew(archive, layout.moves, layout.cost)) keep(archive, pictureOf(layout), wish);
  const weight = board.home.reduce(
    (sum, tasks, at) => sum + tasks * (board.moveCost[at % board.services.length] ?? 0),
    0,
  );
  const unit = today.cost / Math.max(1, weight);
  let [inVain, rounds] = [0, FIRST_ROUNDS];
  let hasMore = true;
  for (let cycle = 0; inVain < MOST_IN_VAIN; cycle += 1) {
    for (let round = 0; round < BOUND_ROUNDS && hasMore; round += 1) {
      hasMore = bounder.round();
      if (hasMore) yield;
    }
    const before = archive.pictures;
    const stage = (aim: Aim, from: Picture, most: number): Generator<void, void> =>
      improveFrom({ h, aim, from, random }, most);
    for (const share of SWEEP) {
      const aim = aimOf(h, share * unit);
      yield* stage(aim, bestAt(archive, aim.movePrice), cycle === 0 || wish.kind === 'knee' ? rounds : BESIDE_ROUNDS);
    }
    if (wish.kind === 'move-price') {
      const aim = aimOf(h, movePriceOf(wish));
      yield* stage(aim, bestAt(archive, aim.movePrice), AIMED_ROUNDS);
    } else {
      const { from, slope } = around(archive, chosenOf(archive.pictures, wish));
      const mostMoves = wish.kind === 'max-moves' ? wish.weightedMoves : Number.POSITIVE_INFINITY;
      const aim = { ...aimOf(h, slope * (SLOPES[cycle % SLOPES.length] ?? 1)), mostMoves };
      yield* stage(aim, from, wish.kind === 'knee' ? rounds : AIMED_ROUNDS);
    }
    rounds = Math.min(MOST_ROUNDS, rounds * 2);
    inVain = archive.pictures === before ? inVain + 1 : 0;
  }
}

type Stage = {
  readonly h: Hunt;
  readonly aim: Aim;
  readonly from: Picture;
  readonly random: ReturnType<typeof makeRandom>;
};

function* improveFrom({ h, aim, from, random }: Stage, most: number): Generator<void, void> {
  const layout = layoutOf(h.board, from);
  const repack = makeRepack(layout, random);
  const fair = Math.floor(TRIES.byInstances / Math.max(1, h.board.instances.length));
  const tries = Math.min(TRIES.most, Math.max(TRIES.least, fair));
  for (let round = 0; round < most; round += 1) {
    let changed = false;
    for (let at = 0; at < tries; at += 1) changed = repack(aim) || changed;
    if (changed && isNew(h.archive, layout.moves, layout.cost)) keep(h.archive, pictureOf(layout), h.wish);
    yield;
  }
}

function aimOf({ board, bounder }: Hunt, movePrice: number): Aim {
  const { dims, launchable, types, typePrice, typeCap, size } = board;
  const kinds = launchable.length > 0 ? launchable : types.map((_, at) => at);
  const unitWorth = Float64Array.from({ length: dims }, (_, r) => {
    const rates = kinds.map((at) => (typePrice[at] ?? 0) / Math.max(1, typeCap[at * dims + r] ?? 0));
    return rates.reduce((least, rate) => Math.min(least, rate), Number.POSITIVE_INFINITY) / dims;
  });
  const worths = bounder.worths();
  const worth = Float64Array.from(board.services, ({ id }, s) => {
    let plain = 1e-9;
    for (let r = 0; r < dims; r += 1) plain += (size[s * dims + r] ?? 0) * (unitWorth[r] ?? 0);
    return Math.max(worths.get(id) ?? 0, plain / 4);
  });
  return { movePrice, mostMoves: Number.POSITIVE_INFINITY, worth, unitWorth };
}

function bestAt({ pictures }: Archive, movePrice: number): Picture {
  return pictures.reduce((best, next) =>
    next.cost + movePrice * next.moves < best.cost + movePrice * best.moves ? next : best,
  );
}

/** The layout at a position of the frontier, and what a move brings around there. */
function around({ pictures }: Archive, at: number): { readonly from: Picture; readonly slope: number } {
  const from = pictures[Math.max(0, at)] as Picture;
  const [less, more] = [pictures[Math.max(0, at - 3)] ?? from, pictures[Math.min(pictures.length - 1, at + 3)] ?? from];
  const slope = more.moves > less.moves ? (less.cost - more.cost) / (more.moves - less.moves) : 0;
  return { from, slope };
}
