/** The layouts worth keeping while the search goes on, and which of them a wish asks for. */
import type { Picture } from './layout.ts';
import type { ConsolidateWish } from './model.ts';

const MOST_KEPT = 160;

/** Layouts of which none has both fewer moves and less cost than another; rising in moves, falling in cost. */
export type Archive = { pictures: readonly Picture[] };

/** Whether a layout with these figures would be kept. */
export function isNew({ pictures }: Archive, moves: number, cost: number): boolean {
  return !pictures.some((kept) => kept.moves <= moves && kept.cost <= cost);
}

/** Keeps the layout if none is as good; drops those that it beats, and when there are too many, the one least missed. */
export function keep(archive: Archive, picture: Picture, wish: ConsolidateWish): boolean {
  if (!isNew(archive, picture.moves, picture.cost)) return false;
  const rest = archive.pictures.filter(({ moves, cost }) => moves < picture.moves || cost < picture.cost);
  const pictures = [...rest, picture].sort((a, b) => a.moves - b.moves);
  if (pictures.length > MOST_KEPT) pictures.splice(leastMissed(pictures, wish), 1);
  archive.pictures = pictures;
  return true;
}

/** The inner one whose neighbours are closest together in moves; never the best that the wish allows. */
function leastMissed(pictures: readonly Picture[], wish: ConsolidateWish): number {
  const chosen = wish.kind === 'knee' ? -1 : chosenOf(pictures, wish);
  let [least, width] = [1, Number.POSITIVE_INFINITY];
  for (let at = 1; at + 1 < pictures.length; at += 1) {
    const span = (pictures[at + 1]?.moves ?? 0) - (pictures[at - 1]?.moves ?? 0);
    if (at !== chosen && span < width) [least, width] = [at, span];
  }
  return least;
}

/** Position of the point that the wish asks for, of points that rise in moves and fall in cost; the first is today. */
export function chosenOf(
  points: readonly { readonly moves: number; readonly cost: number }[],
  wish: ConsolidateWish,
): number {
  if (wish.kind === 'knee') return kneeOf(points);
  if (wish.kind === 'max-moves') return points.findLastIndex(({ moves }) => moves <= wish.weightedMoves);
  const each = movePriceOf(wish);
  let [best, least] = [0, Number.POSITIVE_INFINITY];
  points.forEach(({ moves, cost }, at) => {
    if (cost + each * moves < least) [best, least] = [at, cost + each * moves];
  });
  return best;
}

/** What a weighted move costs, in the money of an hour. */
export function movePriceOf(wish: Extract<ConsolidateWish, { kind: 'move-price' }>): number {
  return Number(wish.price) / wish.horizonHours;
}

/** The point farthest below the straight line from the first to the last: after it, moves bring less than on average. */
function kneeOf(points: readonly { readonly moves: number; readonly cost: number }[]): number {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || first.cost === last.cost) return 0;
  let [best, depth] = [points.length - 1, 0];
  points.forEach(({ moves, cost }, at) => {
    const across = last.moves === first.moves ? 0 : (moves - first.moves) / (last.moves - first.moves);
    const down = (first.cost - cost) / (first.cost - last.cost);
    if (down - across > depth + 1e-12) [best, depth] = [at, down - across];
  });
  return best;
}
