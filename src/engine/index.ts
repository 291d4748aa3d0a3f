/** The engine's public surface. Nobody imports deeper (test/arch). */
export { canonicalJson, type Json } from './canon.ts';
export { verifyCapacity } from './capacity/check.ts';
export { chooseCapacity } from './capacity/choose.ts';
export { RULES } from './capacity/rules.ts';
export * from './capacity/types.ts';
export { attributeBilled } from './cost/attribute.ts';
export { modelCluster, modelRegion } from './cost/model-cost.ts';
export * from './cost/summary.ts';
export * from './cost/types.ts';
export { type Fact, factBook } from './facts.ts';
export type * from './model.ts';
export type * from './prices.ts';
export { nanoUsd, usdString } from './units.ts';
export { ENGINE_VERSION } from './version.ts';
export { lintText, type WindowAnswer, type WindowQuestion } from './windows/ask.ts';
export type { LintRow } from './windows/rules.ts';
export { type MinuteSpan, showMinutes, showSpans } from './windows/week.ts';
export type { UtcChoice, Zone } from './windows/zone.ts';
