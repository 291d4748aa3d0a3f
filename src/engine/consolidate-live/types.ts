/** A cluster's capacity providers as questions of consolidation, and what a person is told about each. */
import type { ConsolidateInput } from '../consolidate/model.ts';
import type { FactBook } from '../facts.ts';
import type { RegionPart } from '../model.ts';
import type { ClusterView, Service } from '../model-cluster.ts';
import type { PackInput } from '../pack/model.ts';
import type { PriceBook } from '../prices.ts';
import type { Lately } from './lately.ts';

/** What the owner of the estate does not want moved (config `guardrails`). */
export type LiveGuardrails = {
  /** `cluster/service` globs whose tasks nothing may move. */
  readonly protectedServices: readonly string[];
  /** What was launched, received tasks, made way or was set less than this ago is left alone. */
  readonly coolDownHours: number;
  /** Largest share of a service's tasks on one instance, 0-1. */
  readonly largestShare: number;
};

export type LiveQuestion = {
  readonly view: ClusterView;
  readonly region: RegionPart | null;
  readonly prices: PriceBook;
  readonly facts: FactBook;
  /** ISO 8601. */
  readonly now: string;
  readonly guardrails: LiveGuardrails;
  /** What moved within the cool-down. */
  readonly lately: Lately;
};

/** An ECS instance of an Auto Scaling group as commands name it. */
export type HostNames = { readonly containerInstance: string; readonly type: string; readonly az: string };

/** What one capacity provider asks, or why nothing is asked of it. */
export type ProviderQuestion =
  | AsgQuestion
  | ManagedQuestion
  | {
      readonly kind: 'skipped';
      readonly name: string;
      readonly because: string;
      readonly instances: number;
      readonly providerKind: 'asg' | 'managed-instances';
    };

export type AsgQuestion = {
  readonly kind: 'asg';
  readonly name: string;
  readonly group: string;
  readonly maxSize: number;
  readonly desiredCapacity: number;
  /** What ECS managed scaling aims at; null when it is off. */
  readonly targetCapacityPercent: number | null;
  /** Instances that managed scaling keeps empty: a task may land there, the plan does not count on it. */
  readonly spares: readonly string[];
  readonly input: ConsolidateInput;
  /** By instance id. */
  readonly hosts: { readonly [instance: string]: HostNames };
  /** Of the services that may move, as the landing needs them; by name. */
  readonly strategies: { readonly [service: string]: Service['placementStrategy'] };
  /** What was left out or taken for granted, a sentence each without a full stop. */
  readonly notes: readonly string[];
  readonly risks: readonly string[];
};

export type ManagedQuestion = {
  readonly kind: 'managed-instances';
  readonly name: string;
  readonly optionType: 'on-demand' | 'spot' | 'reserved';
  /** 0-3600, -1 = never consolidated, null = AWS's default. */
  readonly scaleInAfterSeconds: number | null;
  /** Every instance is in a capacity reservation: paid for whether it runs or not. */
  readonly isPaid: boolean;
  /** Somebody changed it within the cool-down; null = nobody did. */
  readonly changed: Lately['settings'][number] | null;
  /** All tasks of the provider into types that run today, as many of each as run. */
  readonly input: PackInput;
  /** Money of all instances today, nano-USD an hour. */
  readonly costBefore: bigint;
  readonly instances: number;
  /** Instances on which nothing runs but daemons. */
  readonly idle: readonly string[];
  /** Why instances stay, by instance. */
  readonly pinned: readonly { readonly instance: string; readonly because: string }[];
  readonly notes: readonly string[];
};
