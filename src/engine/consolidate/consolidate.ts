/** The consolidation question from end to end: bound, search, waves, answer. Pure; the same input gives the same bytes. */
import type { LpMaker, PackBudget } from '../pack/model.ts';
import { type Board, makeBoard } from './board.ts';
import { makeBounder } from './bound.ts';
import { type Archive, chosenOf } from './frontier.ts';
import { whyKept } from './kept.ts';
import { type Picture, pictureOf, todaysLayout } from './layout.ts';
import type { ConsolidateAnswer, ConsolidateInput, ConsolidateWish } from './model.ts';
import { hunt } from './search.ts';
import { type Schedule, scheduleOf } from './waves.ts';

/** Rounds without a `--work`: 721 instances with 15,000 tasks take less than ten seconds on one core. */
export const DEFAULT_CONSOLIDATE_WORK = 600;

/** Points that the frontier shows at most. */
const MOST_POINTS = 24;

type Point = { readonly moves: number; readonly cost: number; readonly money: bigint; readonly schedule: Schedule };

/**
 * The frontier of cost against moves found within the budget, the point that the wish asks for, waves to it that are
 * safe one by one, and a proof of how much cheaper any plan could be. At least one round is done.
 */
export function consolidate(
  input: ConsolidateInput,
  wish: ConsolidateWish,
  lp: LpMaker,
  budget: PackBudget,
): ConsolidateAnswer {
  const board = makeBoard(input);
  const bounder = makeBounder(input, lp, budget.stop);
  const archive: Archive = { pictures: [] };
  const rounds = hunt({ board, bounder, wish, archive });
  let work = 0;
  let stopped: 'work' | 'time' = 'work';
  for (let round = rounds.next(); round.done !== true; round = rounds.next()) {
    work += 1;
    if (work >= budget.work) break;
    if (budget.stop()) {
      stopped = 'time';
      break;
    }
  }
  rounds.return();
  bounder.dispose();
  const points = pointsOf(board, archive, wish, input.policy.maxDrainFractionPerWave);
  const at = chosenPoint(points, wish);
  const chosen = points[at] as Point;
  const lowerBound = bounder.value();
  return {
    kind: 'consolidated',
    costBefore: points[0]?.money ?? 0n,
    costAfter: chosen.money,
    lowerBound,
    weightedMoves: chosen.moves,
    certificate: bounder.certificate(),
    waves: chosen.schedule.waves,
    frontier: points.map(({ moves, money }) => ({ weightedMoves: moves, costAfter: money })),
    kept: whyKept(board, chosen.schedule, wish),
    work: Math.max(1, work),
    stopped: chosen.money === lowerBound ? 'proved' : stopped,
  };
}

/** Today, then layouts with waves to them: rising in real moves, falling in money; not too many of them. */
function pointsOf(board: Board, archive: Archive, wish: ConsolidateWish, share: number): readonly Point[] {
  const today = pictureOf(todaysLayout(board));
  const none: Point = {
    moves: 0,
    cost: today.cost,
    money: moneyOf(board, today),
    schedule: { waves: [], weightedMoves: 0 },
  };
  const found = shown(archive.pictures, wish).flatMap((picture): Point[] => {
    const schedule = scheduleOf(board, picture, share);
    if (schedule === null) return [];
    return [{ moves: schedule.weightedMoves, cost: picture.cost, money: moneyOf(board, picture), schedule }];
  });
  found.sort((a, b) => a.moves - b.moves || (a.money < b.money ? -1 : a.money > b.money ? 1 : 0));
  const points = [none];
  for (const point of found) if (point.money < (points.at(-1)?.money ?? 0n)) points.push(point);
  return points;
}

/** Pictures spread over the frontier, and those around the one that the wish asks for. */
function shown(pictures: readonly Picture[], wish: ConsolidateWish): readonly Picture[] {
  if (pictures.length <= MOST_POINTS) return pictures;
  const around = chosenOf(pictures, wish);
  const chosen = new Set<number>([around, pictures.length - 1]);
  for (let step = 1; step <= 3; step += 1) {
    chosen.add(Math.max(0, around - step));
    chosen.add(Math.min(pictures.length - 1, around + step));
  }
  const last = pictures.at(-1)?.moves ?? 0;
  for (let step = 1; chosen.size < MOST_POINTS && step < MOST_POINTS; step += 1) {
    const at = pictures.findIndex(({ moves }) => moves >= (last * step) / MOST_POINTS);
    if (at >= 0) chosen.add(at);
  }
  return [...chosen].sort((a, b) => a - b).flatMap((at) => pictures[at] ?? []);
}

/** What the layout costs, exactly; covered instances cost nothing. */
function moneyOf(board: Board, { cells }: Picture): bigint {
  let sum = 0n;
  for (let at = 0; at < cells.length; at += 4 + 2 * (cells[at + 3] ?? 0)) {
    const isCovered = board.instances[cells[at] ?? 0]?.covered === true;
    if (!isCovered) sum += board.types[cells[at + 1] ?? 0]?.cost ?? 0n;
  }
  return sum;
}

/** As `chosenOf`, with exact money. */
function chosenPoint(points: readonly Point[], wish: ConsolidateWish): number {
  if (wish.kind !== 'move-price') return chosenOf(points, wish);
  const hours = BigInt(Math.round(wish.horizonHours * 1e6));
  const total = ({ money, moves }: Point): bigint => money * hours + wish.price * BigInt(moves) * 1_000_000n;
  let best = 0;
  points.forEach((point, at) => {
    if (total(point) < total(points[best] as Point)) best = at;
  });
  return best;
}
