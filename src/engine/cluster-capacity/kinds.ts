/** The ways to run a whole cluster that are compared, and what each of them buys. */
import { duties } from '../capacity/remarks.ts';
import type { CapacityKind } from '../capacity/types.ts';
import type { ClusterKind, ProviderKind } from './types.ts';

export type PlanKind = {
  /** The plan's name inside a sentence. */
  readonly name: string;
  /** How it uses Fargate: not, on demand (what is on Fargate Spot today stays there), or Spot where it may. */
  readonly fargate: 'fargate' | 'fargate-spot' | null;
  /** What its providers may be, the kind that gives it its name first. */
  readonly instances: readonly ProviderKind[];
};

export const PLAN_KINDS: { readonly [K in ClusterKind]: PlanKind } = {
  fargate: { name: 'Fargate', fargate: 'fargate', instances: [] },
  'fargate-spot': { name: 'Fargate Spot', fargate: 'fargate-spot', instances: [] },
  'mi-reserved': {
    name: 'Managed Instances on reserved capacity',
    fargate: null,
    instances: ['mi-reserved', 'mi-on-demand'],
  },
  'fargate+mi-on-demand': {
    name: 'Fargate with Managed Instances',
    fargate: 'fargate',
    instances: ['mi-on-demand'],
  },
  'mi-on-demand': { name: 'Managed Instances', fargate: null, instances: ['mi-on-demand'] },
  'mi-spot': { name: 'Managed Instances on Spot', fargate: null, instances: ['mi-spot', 'mi-on-demand'] },
  'fargate+asg-on-demand': {
    name: 'Fargate with Auto Scaling groups',
    fargate: 'fargate',
    instances: ['asg-on-demand'],
  },
  'asg-on-demand': { name: 'Auto Scaling groups', fargate: null, instances: ['asg-on-demand'] },
  'asg-spot': { name: 'Auto Scaling groups on Spot', fargate: null, instances: ['asg-spot', 'asg-on-demand'] },
};

/** True for a provider that ECS manages, with its fee. */
export const isManaged = (kind: ProviderKind): boolean => kind.startsWith('mi-');
export const isSpot = (kind: ClusterKind | ProviderKind): boolean => kind.endsWith('-spot');

/** What stays the team's own work with a plan. */
export function dutiesOf(kind: ClusterKind): readonly string[] {
  const { fargate, instances } = PLAN_KINDS[kind];
  const kinds: readonly CapacityKind[] = [...(fargate === null ? [] : [fargate]), ...instances.slice(0, 1)];
  return [...new Set(kinds.flatMap(duties))];
}
