/** The engine's public surface. Nobody imports deeper (test/arch). */
export { canonicalJson, type Json } from './canon.ts';
export { chooseCapacity } from './capacity/choose.ts';
export * from './capacity/types.ts';
export { type Fact, type FactBook, type FactId, factBook } from './facts.ts';
export type * from './prices.ts';
export { type NanoUsd, nanoUsd, usdString } from './units.ts';
export { ENGINE_VERSION } from './version.ts';
