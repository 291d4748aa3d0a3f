/** Which services of a provider may move, by which rules, and why the others may not (facts/aws: drains, deployments). */

import type { ConsolidateService } from '../consolidate/model.ts';
import { type ClusterIndex, serviceOf } from '../cost/cluster-context.ts';
import type { Service, TaskDefinition } from '../model-cluster.ts';
import { type Allowed, readConstraints } from './constraints.ts';
import { type Demand, demandOf, sameDemand } from './demand.ts';
import { type Host, isProtected } from './hosts.ts';
import type { LiveQuestion } from './types.ts';

export type MovableService = {
  readonly service: Service;
  readonly definition: TaskDefinition;
  readonly demand: Demand;
  readonly allowed: Allowed;
  readonly perWave: number;
  readonly isSpread: boolean;
  /** May be put on Spot where it is not on Spot now. */
  readonly toleratesSpot: boolean;
};

export type ServiceSplit = {
  /** By name. */
  readonly movable: ReadonlyMap<string, MovableService>;
  /** Why a service's tasks stay, by name, in words. */
  readonly stays: ReadonlyMap<string, string>;
};

/** Every service with a task on the hosts, daemons apart. */
export function splitServices(question: LiveQuestion, index: ClusterIndex, hosts: readonly Host[]): ServiceSplit {
  const here = new Set(hosts.flatMap(({ tasks }) => tasks.flatMap(({ group }) => serviceOf(group) ?? [])));
  const movable = new Map<string, MovableService>();
  const stays = new Map<string, string>();
  for (const service of [...question.view.services].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (!here.has(service.name) || service.schedulingStrategy === 'DAEMON') continue;
    const judged = judge(question, { index, hosts }, service);
    if (typeof judged === 'string') stays.set(service.name, judged);
    else movable.set(service.name, judged);
  }
  return { movable, stays };
}

type Place = { readonly index: ClusterIndex; readonly hosts: readonly Host[] };

function judge(question: LiveQuestion, { index, hosts }: Place, service: Service): MovableService | string {
  const { name, deployment } = service;
  if (matchesAny(question.guardrails.protectedServices, `${question.view.name}/${name}`)) {
    return `runs ${name}, which the guardrails protect`;
  }
  if (deployment.inProgress) return `runs ${name}, a deployment of which is under way`;
  const definition = index.definition(service.taskDefinition);
  if (definition === null) return `runs ${name}, whose task definition was not read`;
  const perWave = mostAtOnce(service);
  if (perWave === 0) {
    const { minimumHealthyPercent, maximumPercent } = deployment;
    return `runs ${name}, which may have neither a task more nor one less (${minimumHealthyPercent} to ${maximumPercent} %): a drain cannot progress`;
  }
  const constraints = [...service.placementConstraints, ...definition.placementConstraints];
  const containers = hosts.map(({ container }) => container);
  const allowed = readConstraints(constraints, containers);
  if ('notUnderstood' in allowed) {
    return `runs ${name}, whose placement constraint I cannot follow: ${clip(allowed.notUnderstood)}`;
  }
  const demand = demandOf(null, definition);
  const tasks = hosts.flatMap((host) => host.tasks.filter(({ group }) => serviceOf(group) === name));
  const isOfOneSize = tasks.every((task) => sameDemand(demandOf(task, index.definition(task.taskDefinition)), demand));
  if (!isOfOneSize) return `runs ${name}, whose tasks differ from its task definition`;
  return {
    service,
    definition,
    demand,
    allowed,
    perWave,
    isSpread: isSpreadOverZones(service),
    toleratesSpot: toleratesSpot(question, { service, definition, hosts, index }),
  };
}

/**
 * Tasks that ECS replaces at a time when their instances drain: as many more as maximumPercent allows, and as many less
 * as minimumHealthyPercent does. 0 = a drain never ends.
 */
function mostAtOnce({ desiredCount, deployment }: Service): number {
  const more = Math.floor((desiredCount * deployment.maximumPercent) / 100) - desiredCount;
  const less = desiredCount - Math.ceil((desiredCount * deployment.minimumHealthyPercent) / 100);
  return Math.min(desiredCount, Math.max(0, more) + Math.max(0, less));
}

/** AZ rebalancing would undo a plan that unbalances zones; without a strategy ECS spreads a service over zones too. */
function isSpreadOverZones({ azRebalancing, placementStrategy }: Service): boolean {
  if (azRebalancing || placementStrategy.length === 0) return true;
  return placementStrategy.some(({ type, field }) => type === 'spread' && field === AZ_FIELD);
}

export const AZ_FIELD = 'attribute:ecs.availability-zone';

const SPOT_NOTICE_SECONDS = 120;

/** Its owner has it on Spot already, and nothing about it forbids more of that. */
function toleratesSpot(
  { now }: LiveQuestion,
  at: Place & { readonly service: Service; readonly definition: TaskDefinition },
): boolean {
  const { service, definition, hosts, index } = at;
  const isOnSpot = hosts.some(
    ({ lifecycle, tasks }) => lifecycle === 'spot' && tasks.some(({ group }) => serviceOf(group) === service.name),
  );
  if (!isOnSpot || service.desiredCount <= 1) return false;
  if (definition.containers.some(({ stopTimeoutSeconds }) => (stopTimeoutSeconds ?? 0) > SPOT_NOTICE_SECONDS)) {
    return false;
  }
  return !index.tasksOf(service.name).some((task) => isProtected(task, now));
}

/** The service as the question has it. `variants` = what runs or may be launched, told apart by name. */
export function toQuestionService(
  { service, demand, allowed, perWave, isSpread, toleratesSpot: spotToo }: MovableService,
  at: {
    readonly req: (demand: Demand) => readonly number[];
    readonly variants: readonly {
      readonly name: string;
      readonly instanceType: string;
      readonly architecture: string;
      readonly isSpot: boolean;
    }[];
    readonly azs: readonly string[];
    /** Tasks on each host, with the name of the host's variant; hosts without one left out. */
    readonly counts: readonly { readonly variant: string; readonly count: number }[];
    readonly largestShare: number;
    readonly architecture: string;
  },
): ConsolidateService {
  const most = Math.max(0, ...at.counts.map(({ count }) => count));
  const running = at.counts.reduce((sum, { count }) => sum + count, 0);
  const now = new Set(at.counts.map(({ variant }) => variant));
  const types = at.variants
    .filter(
      (variant) =>
        now.has(variant.name) ||
        (variant.architecture === at.architecture &&
          (!variant.isSpot || spotToo) &&
          allowed.type({ name: variant.instanceType, architecture: variant.architecture })),
    )
    .map(({ name }) => name);
  const azs = at.azs.filter((az) => allowed.az(az));
  const desired = Math.max(service.desiredCount, running);
  const share = at.largestShare >= 1 ? null : Math.max(1, Math.floor(desired * at.largestShare), most);
  return {
    id: service.name,
    req: at.req(demand),
    desired,
    spreadAz: isSpread,
    moveCost: 1,
    perInstance: allowed.perInstance ?? share,
    perWave: perWave >= desired ? null : perWave,
    types: types.length === at.variants.length ? null : types,
    azs: azs.length === at.azs.length ? null : azs,
  };
}

/** `*` stands for any text. */
function matchesAny(globs: readonly string[], name: string): boolean {
  return globs.some((glob) => {
    const body = glob
      .split('*')
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*');
    return new RegExp(`^${body}$`, 's').test(name);
  });
}

function clip(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 79)}…`;
}
