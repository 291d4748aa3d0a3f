/** The engine's public surface. Nobody imports deeper (test/arch). */
export { canonicalJson, type Json } from './canon.ts';
export { type CheckResult, verifyCapacity } from './capacity/check.ts';
export { type CapacityWorld, chooseCapacity } from './capacity/choose.ts';
export { RULES } from './capacity/rules.ts';
export * from './capacity/types.ts';
export { type Fact, type FactBook, type FactId, factBook } from './facts.ts';
export type * from './prices.ts';
export { type NanoUsd, nanoUsd, usdString } from './units.ts';
export { ENGINE_VERSION } from './version.ts';
