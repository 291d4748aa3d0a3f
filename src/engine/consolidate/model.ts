/**
 * A consolidation question and its answer, as the files have them (formats: docs/packing.md): which running instances
 * can go or be replaced, and in which waves. Sizes are whole numbers, money is whole and in the file's own unit.
 */
import type { PackCertificate, PackStopped } from '../pack/model.ts';

/** A kind of instance, its usable capacity (daemons and reserve taken off) and its price. */
export type ConsolidateType = {
  readonly name: string;
  /** Per resource, in the order of `ConsolidateInput.resources`. */
  readonly cap: readonly number[];
  readonly cost: bigint;
  /** False: runs today, but no new one may be started (not among the group's own types). `launch`, true when absent. */
  readonly mayLaunch: boolean;
};

export type ConsolidateService = {
  readonly id: string;
  readonly req: readonly number[];
  /** Tasks wanted; in a file at least as many as the instances hold. */
  readonly desired: number;
  /** Fullest and emptiest zone may differ by `azSpreadMaxSkew` at most (or by what they differ today). */
  readonly spreadAz: boolean;
  /** What moving one task counts; a whole number from 0. */
  readonly moveCost: number;
  /** Most tasks on one instance (`distinctInstance` = 1); null = as many as fit. File: `perInstance`. */
  readonly perInstance: number | null;
  /** Most tasks that may move in one wave; 0 = its tasks cannot move at all; null = any. File: `perWave`. */
  readonly perWave: number | null;
  /** Names of types that may hold it; null = all. File: `types`. */
  readonly types: readonly string[] | null;
  /** Zones that may hold it; null = all. File: `azs`. */
  readonly azs: readonly string[] | null;
};

export type RunningInstance = {
  readonly id: string;
  readonly type: string;
  readonly az: string;
  /** Paid whether it runs or not. */
  readonly covered: boolean;
  /** Why it may not be drained, in words (`protected task`, `standalone task`, …); null = it may. Its room may be used. */
  readonly pinned: string | null;
  /** False: takes no new tasks (draining, impaired). File: `accepts`, true when absent. */
  readonly accepts: boolean;
  /** Capacity as registered, where it differs from the type's; null = the type's. File: `cap`. */
  readonly cap: readonly number[] | null;
  readonly tasks: { readonly [service: string]: number };
};

export type ConsolidatePolicy = {
  readonly azSpreadMaxSkew: number;
  /** Per wave at most max(1, floor(this x the larger of today's and the present number of instances)) drain. */
  readonly maxDrainFractionPerWave: number;
  /** Instances that must remain (an ASG's MinSize). File: `minInstances`, 0 when absent. */
  readonly minInstances: number;
};

export type ConsolidateInput = {
  readonly resources: readonly string[];
  readonly azs: readonly string[];
  readonly types: readonly ConsolidateType[];
  readonly services: readonly ConsolidateService[];
  readonly instances: readonly RunningInstance[];
  readonly policy: ConsolidatePolicy;
};

export type Launch = { readonly id: string; readonly type: string; readonly az: string };
export type Move = { readonly service: string; readonly from: string; readonly to: string; readonly count: number };

/** Launch first, then move (the new task runs before the old one stops), then drain instances that are empty by then. */
export type Wave = {
  readonly launch: readonly Launch[];
  readonly move: readonly Move[];
  readonly drain: readonly string[];
};

export type FrontierPoint = { readonly weightedMoves: number; readonly costAfter: bigint };

export type ConsolidateAnswer = {
  readonly kind: 'consolidated';
  readonly costBefore: bigint;
  readonly costAfter: bigint;
  /** Of the final cost over any number of moves, pins kept, covered instances free. */
  readonly lowerBound: bigint;
  /** Sum of count x moveCost over all waves; a task counts each time it moves. */
  readonly weightedMoves: number;
  readonly certificate: PackCertificate;
  readonly waves: readonly Wave[];
  /** Rising in moves, falling in cost; first point = today with no move; the answer is one of them. */
  readonly frontier: readonly FrontierPoint[];
  /** Every instance of today that stays, and why; sorted by id. */
  readonly kept: readonly { readonly instance: string; readonly because: string }[];
  readonly work: number;
  readonly stopped: PackStopped;
};

/** What the asker wants of the frontier: the knee, at most so many weighted moves, or every saving worth its moves. */
export type ConsolidateWish =
  | { readonly kind: 'knee' }
  | { readonly kind: 'max-moves'; readonly weightedMoves: number }
  /** A moved task (per unit of `moveCost`) costs this much once, in the file's money x hours; spread over the horizon. */
  | { readonly kind: 'move-price'; readonly price: bigint; readonly horizonHours: number };
