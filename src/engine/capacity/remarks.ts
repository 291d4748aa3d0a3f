/** What qualifies a feasible option, and the duties a team keeps with each kind. */
import { usdString } from '../units.ts';
import type { InstanceKind } from './context.ts';
import { type Context, isManaged, isSpot } from './context.ts';
import type { FargateCosting, FargateKind } from './fargate.ts';
import type { InstanceCosting } from './instances.ts';
import type { CapacityKind, Reason } from './types.ts';

/** Remarks are facts too: citing one marks it as used. */
function remark(context: Context, rule: string, fact: string, text: string): Reason {
  context.facts.cite(fact);
  return { rule, fact, text };
}

/** GiB with at most two decimals, no needless zeros. */
const gib = (mib: number): string => String(Number((mib / 1024).toFixed(2)));

/** Remarks on a priced Fargate option. */
export function fargateRemarks(context: Context, kind: FargateKind, costing: FargateCosting): readonly Reason[] {
  const { question, prices } = context;
  const size = costing.plan.fargateSize;
  const remarks: Reason[] = [];
  if (size === null) return remarks;
  if (size.cpuUnits > question.cpuUnits || size.memoryMiB > question.memoryMiB) {
    const text = `The smallest legal size is ${size.cpuUnits / 1024} vCPU / ${gib(size.memoryMiB)} GiB: ${(size.cpuUnits - question.cpuUnits) / 1024} vCPU and ${gib(size.memoryMiB - question.memoryMiB)} GiB more than asked, and billed.`;
    remarks.push(remark(context, 'fargate-size-waste', 'fargate.sizes', text));
  }
  if (size.cpuUnits >= 32_768) {
    remarks.push(
      remark(
        context,
        'fargate-32vcpu-price',
        'fargate.32vcpu-linear-price',
        'No price of its own was found for 32 vCPU tasks; the linear rate is assumed.',
      ),
    );
  }
  if (kind === 'fargate-spot' && prices.fargateSpot[question.architecture]?.basis === 'derived') {
    remarks.push(
      remark(
        context,
        'derived-price',
        'fargate-spot.interruption',
        'This Spot rate is derived from the x86 fraction of the region: low confidence.',
      ),
    );
  }
  return remarks;
}

/** Remarks on a priced instance option. */
export function instanceRemarks(context: Context, kind: InstanceKind, costing: InstanceCosting): readonly Reason[] {
  const { question } = context;
  const remarks: Reason[] = [];
  const add = (rule: string, fact: string, text: string): void => {
    remarks.push(remark(context, rule, fact, text));
  };
  if (costing.candidate.estimated) {
    remarks.push({
      rule: 'estimated-price',
      fact: null,
      text: `The price of ${costing.candidate.type.name} in ${question.region} is estimated from a neighbour family; no type with a sourced price fits.`,
    });
  }
  if (question.isolation === 'task') {
    add(
      'instance-reused',
      'mi.instance-reused',
      'One task per instance, but weaker than Fargate: the instance is used again for the next task.',
    );
  }
  if (isManaged(kind) && (question.needs.includes('privileged') || question.needs.includes('ebpf'))) {
    add(
      'privileged-opt-in',
      'mi.privileged',
      'Privileged works when the task definition asks for it; grant BPF and PERFMON alone where that is enough.',
    );
  }
  if (isManaged(kind) && question.needs.includes('placement-constraint')) {
    add(
      'placement-attributes',
      'mi.placement-constraints',
      'Constraints work on subnet, zone, instance type and CPU architecture only.',
    );
  }
  const spreadCount = (costing.plan.count ?? 0) - costing.neededCount;
  if (context.load === null && spreadCount > 0)
    add('zone-spread', 'capacity.spread-zones', spreadText(context, costing, spreadCount));
  if (isSpot(kind)) {
    add('spot-band', 'spot.band', 'Ranked at the high end of an assumed band around an old Spot snapshot.');
    if (isManaged(kind))
      add('fee-on-spot', 'mi.fee.on-spot', 'The management fee is assumed not to fall with the Spot price.');
  }
  if (!isManaged(kind))
    add(
      'trunking-assumed',
      'asg.eni-trunking',
      'ENI trunking is assumed on; without it fewer tasks fit on an instance.',
    );
  const { reserved } = costing.candidate;
  const elsewhere = question.commitments.reserved
    .map((row) => row.instanceType)
    .filter((name) => name !== costing.candidate.type.name);
  if (kind !== 'mi-reserved' && !isSpot(kind) && elsewhere.length > 0) {
    add(
      'reserved-elsewhere',
      'reserved.sunk',
      `Chosen at list price. Instances you hold already cost no EC2 here either: ask again with --types ${elsewhere.join(',')}.`,
    );
  }
  if (kind === 'mi-reserved' && reserved < (costing.plan.count ?? 0)) {
    add(
      'reserved-part',
      'reserved.sunk',
      `${reserved} of ${costing.plan.count} instances are reserved; the rest is bought on demand.`,
    );
  }
  return remarks;
}

function spreadText(context: Context, costing: InstanceCosting, extra: number): string {
  const count = costing.plan.count ?? 1;
  const share = (costing.nano * BigInt(extra)) / BigInt(count);
  const why = context.question.minInstances === null ? 'spread over three zones' : 'as --min-instances asks';
  return `${count} instances instead of ${costing.neededCount}, ${why}: USD ${usdString((share / 10_000_000n) * 10_000_000n)} of the monthly cost.`;
}

const APP_DUTIES = ['Application, its IAM roles, security groups and load balancing'];
const TASK_DUTIES = [...APP_DUTIES, 'Task size: you pay for what the task asks for, not for what it uses'];
const SPOT_DUTY = 'Interruptions: handle SIGTERM within two minutes, and a fallback when no Spot capacity is left';
const MANAGED_DUTIES = [
  ...APP_DUTIES,
  'Empty room on instances: task sizes, scaleInAfter and pinned tasks decide how full they are',
  'Replacement: every instance is drained between day 14 and 21; services need room to start the new task first',
];
const ASG_DUTIES = [
  ...APP_DUTIES,
  'AMI: choose, patch and roll it',
  'ECS agent: keep it current',
  'Scaling: size of the group, target capacity, and scale-in that waits 15 minutes',
  'Spread over zones and replacement of broken instances',
  'Empty room on instances: ECS does not move tasks to fill it',
];

/** The duties a team keeps with each kind; longest for an ASG. */
export function duties(kind: CapacityKind): readonly string[] {
  switch (kind) {
    case 'fargate':
      return TASK_DUTIES;
    case 'fargate-spot':
      return [...TASK_DUTIES, SPOT_DUTY];
    case 'mi-reserved':
      return [...MANAGED_DUTIES, 'Reservations: they cost the same whether used or not; plan for the day they end'];
    case 'mi-on-demand':
      return MANAGED_DUTIES;
    case 'mi-spot':
      return [...MANAGED_DUTIES, SPOT_DUTY];
    case 'asg-on-demand':
      return ASG_DUTIES;
    case 'asg-spot':
      return [...ASG_DUTIES, SPOT_DUTY];
    default:
      return kind satisfies never;
  }
}

/** What no figure here includes (design 3.2). */
export const NOT_COUNTED: readonly string[] = [
  'load balancers',
  'NAT gateways',
  'data transfer',
  'logs',
  'Container Insights',
  'ECR',
  'deployment surge',
  'overlap when instances are replaced',
  'private discounts',
  'tax',
  'support',
  'Windows tasks (not covered)',
];
