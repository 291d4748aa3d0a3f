/**
 * Feasibility: one small named rule per hard reason, each with the fact it rests on. The order is the order shown.
 * A rule sees the question and the facts of the day; what depends on sizes and prices is decided where they are
 * known (`choose.ts`) but is listed here too, so that the reference has every reason a user may meet.
 */
import { listFact, memberFact, numberFact } from '../fact-values.ts';
import type { FactBook, FactId } from '../facts.ts';
import type { CapacityKind, CapacityQuestion, Need, Reason, WinsIf } from './types.ts';

type Check = (question: CapacityQuestion, facts: FactBook) => string | null;

type FeasibilityRule = {
  readonly id: string;
  readonly title: string;
  readonly facts: readonly FactId[];
  readonly kinds: readonly CapacityKind[];
  /** The reason in one sentence, or null where the rule has nothing against the option. */
  readonly check: Check;
  /** What would have to change for the rule to fall silent. */
  readonly unless: WinsIf;
};

const FARGATE = ['fargate', 'fargate-spot'] as const;
const MANAGED = ['mi-reserved', 'mi-on-demand', 'mi-spot'] as const;
const ASG = ['asg-on-demand', 'asg-spot'] as const;
const INSTANCES = [...MANAGED, ...ASG] as const;

const SECONDS_PER_DAY = 86_400;

const whenNeeded =
  (needs: readonly Need[], text: string): Check =>
  (question) =>
    question.needs.some((need) => needs.includes(need)) ? text : null;

const withoutNeed = (need: string): WinsIf => ({ variable: 'needs', op: '=', value: `without ${need}` });

const FARGATE_RULES: readonly FeasibilityRule[] = [
  {
    id: 'fargate-gpu',
    title: 'Fargate has no GPUs and no Neuron devices',
    facts: ['fargate.no-gpu'],
    kinds: FARGATE,
    check: (question) =>
      question.gpu === null && question.neuron === null ? null : 'Fargate has no GPUs or Neuron devices.',
    unless: withoutNeed('gpu'),
  },
  {
    id: 'fargate-privileged',
    title: 'Fargate runs no privileged containers, so no eBPF agents',
    facts: ['fargate.no-privileged'],
    kinds: FARGATE,
    check: whenNeeded(
      ['privileged', 'ebpf'],
      'Fargate allows no privileged containers and adds no capability but SYS_PTRACE, so eBPF cannot load.',
    ),
    unless: withoutNeed('privileged'),
  },
  {
    id: 'fargate-cpu-choice',
    title: 'Fargate lets nobody choose the CPU model, maker or instruction set',
    facts: ['fargate.no-cpu-choice'],
    kinds: FARGATE,
    check: (question) => {
      if (question.needs.includes('avx512'))
        return 'Fargate does not let you choose the CPU, so AVX-512 is not assured.';
      const maker = question.cpuManufacturer;
      return maker === 'intel' || maker === 'amd'
        ? `Fargate does not let you choose between Intel and AMD (asked: ${maker}).`
        : null;
    },
    unless: withoutNeed('a CPU choice'),
  },
  {
    id: 'fargate-storage',
    title: 'Fargate ephemeral storage ends at 200 GiB',
    facts: ['fargate.ephemeral.max-gib'],
    kinds: FARGATE,
    check: (question, facts) => {
      const most = numberFact(facts, 'fargate.ephemeral.max-gib');
      return (question.storageGiB ?? 0) > most
        ? `Fargate gives a task at most ${most} GiB of ephemeral storage; ${question.storageGiB} GiB asked.`
        : null;
    },
    unless: { variable: 'storageGiB', op: '<=', value: '200' },
  },
  {
    id: 'fargate-network',
    title: 'Fargate tasks use awsvpc networking only',
    facts: ['fargate.awsvpc-only'],
    kinds: FARGATE,
    check: whenNeeded(['host-network', 'bridge-network'], 'Fargate tasks use the awsvpc network mode only.'),
    unless: withoutNeed('host or bridge networking'),
  },
  {
    id: 'fargate-placement',
    title: 'Fargate takes no placement constraints or strategies',
    facts: ['fargate.no-placement'],
    kinds: FARGATE,
    check: whenNeeded(
      ['placement-constraint', 'placement-strategy'],
      'Fargate takes no placement constraints and no placement strategies.',
    ),
    unless: withoutNeed('placement rules'),
  },
  {
    id: 'fargate-host-access',
    title: 'Fargate has no host to log in to',
    facts: ['fargate.no-host-access'],
    kinds: FARGATE,
    check: whenNeeded(['host-access'], 'Fargate gives no access to the host; ECS Exec reaches containers only.'),
    unless: withoutNeed('host-access'),
  },
  {
    id: 'fargate-custom-ami',
    title: 'Fargate runs on AWS images only',
    facts: ['fargate.no-custom-ami'],
    kinds: FARGATE,
    check: whenNeeded(['custom-ami'], 'Fargate takes no AMI of yours.'),
    unless: withoutNeed('custom-ami'),
  },
  {
    id: 'fargate-docker-volume',
    title: 'Fargate mounts no Docker volumes',
    facts: ['fargate.no-docker-volumes'],
    kinds: FARGATE,
    check: whenNeeded(['docker-volume'], 'Fargate mounts EFS, EBS and S3 Files, but no Docker volumes.'),
    unless: withoutNeed('docker-volume'),
  },
  {
    id: 'fargate-daemon',
    title: 'Fargate has no DAEMON services',
    facts: ['fargate.no-daemon-service'],
    kinds: FARGATE,
    check: whenNeeded(
      ['daemon'],
      'Fargate refuses services with the DAEMON strategy: there is no instance to run one on.',
    ),
    unless: withoutNeed('daemon'),
  },
  {
    id: 'fargate-spot-architecture',
    title: 'Fargate Spot exists for some architectures only',
    facts: ['fargate-spot.architectures'],
    kinds: ['fargate-spot'],
    check: (question, facts) =>
      listFact(facts, 'fargate-spot.architectures').includes(question.architecture)
        ? null
        : `Fargate Spot does not run ${question.architecture} on this day.`,
    unless: { variable: 'arch', op: '=', value: 'x86_64' },
  },
];

const MANAGED_RULES: readonly FeasibilityRule[] = [
  {
    id: 'mi-available',
    title: 'Managed Instances exist since 2025-09-30',
    facts: ['mi.available'],
    kinds: MANAGED,
    check: (question, facts) =>
      facts.has('mi.available') ? null : `ECS Managed Instances did not exist on ${question.asOf}.`,
    unless: { variable: 'asOf', op: '>=', value: '2025-09-30' },
  },
  {
    id: 'mi-spot',
    title: 'Managed Instances take Spot since 2025-12-18',
    facts: ['mi.spot'],
    kinds: ['mi-spot'],
    check: (question, facts) =>
      facts.has('mi.spot') ? null : `Managed Instances could not use Spot on ${question.asOf}.`,
    unless: { variable: 'asOf', op: '>=', value: '2025-12-18' },
  },
  {
    id: 'mi-reserved',
    title: 'Managed Instances use capacity reservations since 2026-02-28',
    facts: ['mi.reserved'],
    kinds: ['mi-reserved'],
    check: (question, facts) =>
      facts.has('mi.reserved') ? null : `Managed Instances could not use capacity reservations on ${question.asOf}.`,
    unless: { variable: 'asOf', op: '>=', value: '2026-02-28' },
  },
  {
    id: 'no-reservation',
    title: 'Nothing is reserved',
    facts: ['reserved.sunk'],
    kinds: ['mi-reserved'],
    check: (question) =>
      question.commitments.reserved.length === 0 ? 'No reserved capacity was named (--reserved m7i.4xlarge=3).' : null,
    unless: { variable: 'reserved', op: '>=', value: '1' },
  },
  {
    id: 'mi-custom-ami',
    title: 'Managed Instances run on AWS images only',
    facts: ['mi.no-custom-ami'],
    kinds: MANAGED,
    check: whenNeeded(['custom-ami'], 'Managed Instances run Bottlerocket images made by AWS; yours cannot be used.'),
    unless: withoutNeed('custom-ami'),
  },
  {
    id: 'mi-host-access',
    title: 'Managed Instances have no SSH and no shell on the host',
    facts: ['mi.no-host-access'],
    kinds: MANAGED,
    check: whenNeeded(
      ['host-access'],
      'Managed Instances give no SSH or shell on the host; a managed daemon or a privileged sidecar is the way in.',
    ),
    unless: withoutNeed('host-access'),
  },
  {
    id: 'mi-network',
    title: 'Managed Instances use awsvpc or host networking',
    facts: ['mi.network-modes'],
    kinds: MANAGED,
    check: whenNeeded(['bridge-network'], 'Managed Instances use awsvpc or host networking, not bridge.'),
    unless: withoutNeed('bridge-network'),
  },
  {
    id: 'mi-placement-strategy',
    title: 'Managed Instances take no placement strategies',
    facts: ['mi.no-placement-strategies'],
    kinds: MANAGED,
    check: whenNeeded(
      ['placement-strategy'],
      'Managed Instances take no placement strategy: ECS spreads over zones, then packs.',
    ),
    unless: withoutNeed('placement-strategy'),
  },
  {
    id: 'mi-docker-volume',
    title: 'Managed Instances mount no Docker volumes',
    facts: ['mi.no-docker-volumes'],
    kinds: MANAGED,
    check: whenNeeded(['docker-volume'], 'Managed Instances mount no Docker volumes; one EBS volume per task works.'),
    unless: withoutNeed('docker-volume'),
  },
  {
    id: 'mi-daemon',
    title: 'Managed daemons exist since April 2026',
    facts: ['mi.daemons'],
    kinds: MANAGED,
    check: (question, facts) =>
      question.needs.includes('daemon') && !facts.has('mi.daemons')
        ? `Managed Instances had no daemons on ${question.asOf}.`
        : null,
    unless: { variable: 'asOf', op: '>=', value: '2026-04-30' },
  },
  {
    id: 'mi-lifetime',
    title: 'AWS replaces every managed instance within 21 days',
    facts: ['mi.lifetime-days'],
    kinds: MANAGED,
    check: (question, facts) => {
      if (!facts.has('mi.lifetime-days')) return null;
      const drainFrom = Number(memberFact(facts, 'mi.lifetime-days', 'drainFrom'));
      const runs = question.batch?.runSeconds ?? 0;
      return runs > drainFrom * SECONDS_PER_DAY
        ? `A run of ${Math.ceil(runs / SECONDS_PER_DAY)} days does not fit: instances are drained from day ${drainFrom}.`
        : null;
    },
    unless: { variable: 'runSeconds', op: '<=', value: String(14 * SECONDS_PER_DAY) },
  },
];

const INSTANCE_RULES: readonly FeasibilityRule[] = [
  {
    id: 'spot-interruptible',
    title: 'Spot only for work that may be interrupted',
    facts: ['spot.interruption', 'fargate-spot.interruption'],
    kinds: ['fargate-spot', 'mi-spot', 'asg-spot'],
    check: (question) =>
      question.interruptible
        ? null
        : 'Spot can be taken away with two minutes’ notice; say --interruptible if the work survives that.',
    unless: { variable: 'interruptible', op: '=', value: 'true' },
  },
  {
    id: 'vcpu-cap',
    title: 'An ECS task has at most 192 vCPU',
    facts: ['ecs.task-max-cpu-units'],
    kinds: INSTANCES,
    check: (question, facts) => {
      const most = numberFact(facts, 'ecs.task-max-cpu-units');
      return question.cpuUnits > most
        ? `An ECS task has at most ${most / 1024} vCPU; ${question.cpuUnits / 1024} asked.`
        : null;
    },
    unless: { variable: 'vcpu', op: '<=', value: '192' },
  },
];

const FEASIBILITY: readonly FeasibilityRule[] = [...FARGATE_RULES, ...MANAGED_RULES, ...INSTANCE_RULES];

/** Reasons that need sizes or prices; checked in `choose.ts`, remarks in `remarks.ts`. */
const SIZE_AND_PRICE_RULES = [
  { id: 'fargate-size', title: 'No legal Fargate size is large enough', facts: ['fargate.sizes'] },
  {
    id: 'no-type-fits',
    title: 'No instance type that matches holds one task',
    facts: ['mi.instance-types', 'ecs.memory-registered-fraction', 'ecs.slots.eni-table'],
  },
  { id: 'no-price', title: 'Possible, but there is no price to rank it by', facts: ['spot.snapshot'] },
  { id: 'estimated-price', title: 'Only types with an estimated price fit', facts: [] },
] as const;

/** Remarks that qualify an option without ruling it out. */
const REMARKS = [
  { id: 'fargate-size-waste', title: 'The legal Fargate size is larger than the request', facts: ['fargate.sizes'] },
  {
    id: 'fargate-32vcpu-price',
    title: 'The price of 32 vCPU tasks is taken as linear',
    facts: ['fargate.32vcpu-linear-price'],
  },
  { id: 'derived-price', title: 'The Fargate Spot rate is derived', facts: ['fargate-spot.interruption'] },
  {
    id: 'instance-reused',
    title: 'One task per instance, but the instance is used again',
    facts: ['mi.instance-reused'],
  },
  { id: 'privileged-opt-in', title: 'Privileged tasks work on Managed Instances', facts: ['mi.privileged'] },
  {
    id: 'placement-attributes',
    title: 'Managed Instances take constraints on four attributes',
    facts: ['mi.placement-constraints'],
  },
  { id: 'zone-spread', title: 'Instances are spread over zones', facts: ['capacity.spread-zones'] },
  { id: 'spot-band', title: 'Spot prices are a band', facts: ['spot.band', 'spot.snapshot'] },
  { id: 'fee-on-spot', title: 'The fee on Spot is taken as unreduced', facts: ['mi.fee.on-spot'] },
  { id: 'trunking-assumed', title: 'ENI trunking on the group is assumed', facts: ['asg.eni-trunking'] },
  { id: 'reserved-elsewhere', title: 'Types held already would cost no EC2', facts: ['reserved.sunk'] },
  { id: 'reserved-part', title: 'Reserved capacity covers part of the instances', facts: ['reserved.sunk'] },
] as const;

/** Every rule and remark, in the order shown; the reference is generated from it. */
export const RULES: readonly { readonly id: string; readonly title: string; readonly facts: readonly FactId[] }[] = [
  ...FEASIBILITY.map(({ id, title, facts }) => ({ id, title, facts })),
  ...SIZE_AND_PRICE_RULES,
  ...REMARKS,
];

export type Objection = { readonly reason: Reason; readonly unless: WinsIf };

/** All hard reasons of the day against one kind; empty = nothing in the way but size and price. */
export function objections(kind: CapacityKind, question: CapacityQuestion, facts: FactBook): readonly Objection[] {
  const found: Objection[] = [];
  for (const rule of FEASIBILITY) {
    if (!rule.kinds.includes(kind)) continue;
    const text = rule.check(question, facts);
    if (text === null) continue;
    const fact =
      rule.facts.find((id) => id.startsWith(kind.split('-')[0] ?? '') && facts.has(id)) ??
      rule.facts.find((id) => facts.has(id)) ??
      null;
    if (fact !== null) facts.get(fact);
    found.push({ reason: { rule: rule.id, fact: fact ?? rule.facts[0] ?? null, text }, unless: rule.unless });
  }
  return found;
}
