import type { Json } from './canon.ts';

/** How far a fact may be trusted. `assumed` is marked as an assumption on every surface. */
export type Confidence = 'high' | 'medium' | 'low' | 'assumed';

/** One dated statement about AWS. `id` is a period-separated name; several rows may share it with other dates. */
export type Fact = {
  readonly id: string;
  /** One sentence for people: what the value says. */
  readonly title: string;
  readonly value: Json;
  /** Unit of the value, e.g. `seconds`, `GiB`, `fraction`, `boolean`, `table`. */
  readonly unit: string;
  /** First day the fact holds, `YYYY-MM-DD`. */
  readonly validFrom: string;
  /** First day it no longer holds, or null while it does. */
  readonly validTo: string | null;
  /** A URL, or a named source with its date. */
  readonly source: string;
  readonly confidence: Confidence;
};

export type FactId = string;

/** The fact rows valid on one day, and a note of which were looked up. */
export type FactBook = {
  /** The row valid on the day; throws when there is none: ask `has` first for facts that begin or end. */
  readonly get: (id: FactId) => Fact;
  readonly has: (id: FactId) => boolean;
  /** Notes the fact as used where it is valid that day; does nothing where it is not. */
  readonly cite: (id: FactId) => void;
  /** Every row looked up so far, sorted by id, each once. */
  readonly used: () => readonly Fact[];
};

/** A fact as an answer names it. */
export type UsedFact = Pick<Fact, 'id' | 'value' | 'unit' | 'validFrom' | 'confidence' | 'source'>;

/** What an answer says of the facts that it rests on; `assumptions` = those that are assumed or of low confidence. */
export type UsedFacts = { readonly facts: readonly UsedFact[]; readonly assumptions: readonly FactId[] };

/** Every fact that the book was asked for so far, sorted by id. */
export function usedFacts(book: FactBook): UsedFacts {
  const used = book.used();
  return {
    facts: used.map(({ id, value, unit, validFrom, confidence, source }): UsedFact => {
      return { id, value, unit, validFrom, confidence, source };
    }),
    assumptions: used.filter(({ confidence }) => confidence === 'assumed' || confidence === 'low').map(({ id }) => id),
  };
}

/** Facts valid on `day` (`YYYY-MM-DD`). Throws when two rows of one id overlap that day. */
export function factBook(facts: readonly Fact[], day: string): FactBook {
  const valid = new Map<FactId, Fact>();
  for (const fact of facts) {
    if (fact.validFrom > day || (fact.validTo !== null && fact.validTo <= day)) continue;
    if (valid.has(fact.id)) throw new Error(`invariant: fact ${fact.id} has two values on ${day}`);
    valid.set(fact.id, fact);
  }
  const used = new Map<FactId, Fact>();
  const get = (id: FactId): Fact => {
    const fact = valid.get(id);
    if (fact === undefined) throw new Error(`invariant: no fact ${id} on ${day}`);
    used.set(id, fact);
    return fact;
  };
  return {
    get,
    has: (id) => valid.has(id),
    cite: (id) => {
      if (valid.has(id)) get(id);
    },
    used: () => [...used.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
  };
}
