import type { Fact } from '../facts.ts';
import type { PriceBook } from '../prices.ts';
import type { CapacityAnswer, CapacityQuestion } from './types.ts';

/** What `chooseCapacity` knows: every dated fact, and the prices of the asked region. */
export type CapacityWorld = { readonly facts: readonly Fact[]; readonly prices: PriceBook };

/** Being written: ranks the seven options for one task shape. */
export function chooseCapacity(_world: CapacityWorld, _question: CapacityQuestion): CapacityAnswer {
  throw new Error('engine under construction');
}
