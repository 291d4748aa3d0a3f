/** What anybody would do by hand: the search starts from there, so that no plan of it is worse. */
import type { Board } from './board.ts';
import { beginTry, closeSlot, fits, type Layout, put, takeBack, todaysLayout } from './layout.ts';

/**
 * Closes instances one by one, those first that save most for their moves, each if its tasks fit into the free room of
 * their zone. Yields the layout after each that was closed; it is one layout that goes on changing.
 */
export function* oneByOne(board: Board): Generator<Layout, void> {
  const l = todaysLayout(board);
  const rate = (slot: number): number => (board.price[slot] ?? 0) / (1 + weightOn(l, slot));
  const slots = board.instances.map((_, slot) => slot).filter((slot) => board.closable[slot] === 1);
  const order = slots.map((slot) => ({ slot, rate: rate(slot) })).sort((a, b) => b.rate - a.rate || a.slot - b.slot);
  for (const { slot } of order) {
    if (l.openCount <= board.minInstances) return;
    beginTry(l);
    if (spreadOut(l, slot)) {
      closeSlot(l, slot);
      yield l;
    } else takeBack(l);
  }
}

/** Moves all that lies on the slot into free room of its zone, first fit; false when something is left. */
function spreadOut(l: Layout, slot: number): boolean {
  const services = l.board.services.length;
  for (let s = 0; s < services; s += 1) {
    let left = l.counts[slot * services + s] as number;
    for (let other = 0; other < l.board.instances.length && left > 0; other += 1) {
      if (other === slot || l.open[other] === 0 || l.zoneOf[other] !== l.zoneOf[slot]) continue;
      const tasks = fits(l, other, s, left);
      if (tasks === 0) continue;
      put(l, other, s, tasks);
      put(l, slot, s, -tasks);
      left -= tasks;
    }
    if (left > 0) return false;
  }
  return true;
}

/** What moving all that lies on the slot counts. */
function weightOn({ board, counts }: Layout, slot: number): number {
  const services = board.services.length;
  return board.moveCost.reduce((sum, each, s) => sum + each * (counts[slot * services + s] ?? 0), 0);
}
