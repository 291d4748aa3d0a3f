/**
 * People who wait, and who comes next: turns by person, first come first served within a turn. Pure.
 *
 * Everybody's question has the number of its turn: one above the same person's question before it, and never below the
 * turn that is being served. So the twentieth question of one person comes after the first of everybody else, and who
 * was away for a while has saved nothing up.
 */
export type FairLine<T> = {
  /** Takes a place in the line, or says why not: the line is `full`, or this person has `enough` waiting. */
  readonly join: (who: string, item: T) => 'joined' | 'full' | 'enough';
  /** Takes out whose turn it is; null when nobody waits. */
  readonly next: () => T | null;
  /** How many come before the item if nobody else joins; null when it does not wait. */
  readonly ahead: (item: T) => number | null;
  /** Takes out all of them, in the order of their turns. */
  readonly clear: () => readonly T[];
  readonly size: () => number;
};

export type LineLimits = {
  /** Most that may wait, of all and of one person. */
  readonly most: number;
  readonly mostEach: number;
};

type Place<T> = { readonly who: string; readonly turn: number; readonly item: T };

/** An empty line. */
export function createFairLine<T>({ most, mostEach }: LineLimits): FairLine<T> {
  /** In the order in which they are served. */
  const places: Place<T>[] = [];
  /** The newest turn of each person that is not over yet. */
  const turns = new Map<string, number>();
  let serving = 0;

  const next = (): T | null => {
    const place = places.shift();
    if (place === undefined) return null;
    serving = place.turn;
    for (const [who, turn] of turns) if (turn < serving) turns.delete(who);
    return place.item;
  };
  return {
    join: (who, item) => {
      if (places.length >= most) return 'full';
      if (places.filter((place) => place.who === who).length >= mostEach) return 'enough';
      const before = turns.get(who);
      const turn = before === undefined ? serving : before + 1;
      turns.set(who, turn);
      const after = places.findIndex((place) => place.turn > turn);
      places.splice(after === -1 ? places.length : after, 0, { who, turn, item });
      return 'joined';
    },
    next,
    ahead: (item) => {
      const at = places.findIndex((place) => place.item === item);
      return at === -1 ? null : at;
    },
    clear: () => places.splice(0).map(({ item }) => item),
    size: () => places.length,
  };
}
