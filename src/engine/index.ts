/** The engine's public surface. Nobody imports deeper (test/arch). */
export { canonicalJson, type Json } from './canon.ts';
export { verifyCapacity } from './capacity/check.ts';
export { chooseCapacity } from './capacity/choose.ts';
export { feeFraction } from './capacity/instances.ts';
export { RULES } from './capacity/rules.ts';
export * from './capacity/types.ts';
export { type ClusterWorld, chooseClusterCapacity } from './cluster-capacity/answer.ts';
export { taskNeeds } from './cluster-capacity/needs.ts';
export { packQuestionJson } from './cluster-capacity/proof.ts';
export type * from './cluster-capacity/types.ts';
export { workloadOf } from './cluster-capacity/workload.ts';
export { consolidateAnswerJson, consolidateAnswerSha256 } from './consolidate/answer.ts';
export { consolidate, DEFAULT_CONSOLIDATE_WORK } from './consolidate/consolidate.ts';
export type * from './consolidate/model.ts';
export { parseConsolidate } from './consolidate/parse.ts';
export { asgAdvice, type ProviderAdvice, skippedAdvice } from './consolidate-live/advice.ts';
export { askProviders } from './consolidate-live/ask.ts';
export { adviceFault } from './consolidate-live/check.ts';
export { consolidateFile, packFile } from './consolidate-live/files.ts';
export {
  departuresOf,
  type Lately,
  latelyOf,
  type Ran,
  type Sighting,
  sightingOf,
} from './consolidate-live/lately.ts';
export { managedAdvice } from './consolidate-live/managed-advice.ts';
export { movedByDrains } from './consolidate-live/replan.ts';
export type { AsgQuestion, ManagedQuestion, ProviderQuestion } from './consolidate-live/types.ts';
export { attributeBilled } from './cost/attribute.ts';
export { modelCluster, modelRegion } from './cost/model-cost.ts';
export * from './cost/summary.ts';
export type { TaskSize } from './cost/task-size.ts';
export * from './cost/types.ts';
export { type Fact, type FactBook, factBook, type UsedFacts, usedFacts } from './facts.ts';
export * from './model.ts';
export type * from './model-cluster.ts';
export { packAnswerJson, packAnswerSha256 } from './pack/answer.ts';
export type * from './pack/model.ts';
export { defaultPackWork, packCapacity } from './pack/pack.ts';
export { parsePack } from './pack/parse.ts';
export type * from './prices.ts';
export { rightsizeCluster } from './rightsize/advise.ts';
export type * from './rightsize/types.ts';
export { nanoUsd, usdString } from './units.ts';
export { verifyPack } from './verify.ts';
export type { VerifyResult } from './verify-check.ts';
export { verifyConsolidate } from './verify-consolidate.ts';
export { ENGINE_VERSION } from './version.ts';
export { affectedBy, cannotReplaceFirst, consequenceTexts, isOnFargate } from './windows/affected.ts';
export { type Aim, aimAtCluster, aimAtProvider, aimAtService, providersOf } from './windows/aim.ts';
export { lintText, type WindowAnswer, type WindowQuestion } from './windows/ask.ts';
export { type BriefedChange, briefChange, targetsOf, type WindowWorld } from './windows/briefing.ts';
export { type DrainRow, drainCalendar } from './windows/calendar.ts';
export { scheduleParts, targetTexts, windowText } from './windows/change.ts';
export type { Clash, Quiet } from './windows/clashes.ts';
export { lintRegion } from './windows/lint.ts';
export { proposeWindow } from './windows/propose.ts';
export { type RetirementRule, retirementRule } from './windows/retirement.ts';
export type { LintRow } from './windows/rules.ts';
export type { ShardAdvice, ShardOf } from './windows/shard-advice.ts';
export { reconnectStorms, type Storm } from './windows/shards.ts';
export { scheduleSpans, scheduleText, spansText, spanWords } from './windows/show.ts';
export { type MinuteSpan, showMinutes, showSpans } from './windows/week.ts';
export { readWords } from './windows/words.ts';
export type { UtcChoice, Zone } from './windows/zone.ts';
