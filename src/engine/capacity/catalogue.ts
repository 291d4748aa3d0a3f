/** Which instance types may hold the task, and how many tasks each holds (design 3.2, "Slots", "Catalogue"). */
import { decimalFact, memberFact } from '../fact-values.ts';
import type { FactBook } from '../facts.ts';
import type { InstanceType, PriceBook } from '../prices.ts';
import type { CapacityQuestion } from './types.ts';

export type SizedType = {
  readonly type: InstanceType;
  /** Tasks that fit on one instance. */
  readonly slots: number;
};

export type Catalogue = {
  /** Types that fit at least one task, by name. */
  readonly fitting: readonly SizedType[];
  /** Types that match everything but size: what `no-type-fits` compares with. */
  readonly matching: readonly InstanceType[];
};

/** Types EC2 Managed Instances supports in this region that match the question, with their slots. */
export function catalogue(question: CapacityQuestion, prices: PriceBook, facts: FactBook): Catalogue {
  const named = question.types === null ? null : question.types.map(globExpression);
  const matching = prices.types.filter((type) => matches(type, question, named));
  if (question.needs.includes('avx512')) facts.get('cpu.avx512');
  facts.cite('mi.instance-types');
  const size = slotCounter(question, facts);
  const fitting = matching.map((type) => ({ type, slots: size(type) })).filter(({ slots }) => slots >= 1);
  return { fitting, matching };
}

/** `m7i.*` -> matches every size of m7i; `*` is the only wildcard. */
function globExpression(glob: string): RegExp {
  const body = glob
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${body}$`);
}

function matches(type: InstanceType, question: CapacityQuestion, named: readonly RegExp[] | null): boolean {
  const isNamed = named?.some((glob) => glob.test(type.name)) ?? false;
  if (named !== null && !isNamed) return false;
  if (!type.managedInstances || type.retired) return false;
  if (type.architecture !== question.architecture) return false;
  if (question.cpuManufacturer !== null && type.cpuManufacturer !== question.cpuManufacturer) return false;
  if (question.needs.includes('avx512') && type.avx512 !== true) return false;
  if (!isNamed && (type.bareMetal || type.category === 'hpc')) return false;
  if (!isNamed && type.burstable && !question.burstable) return false;
  return matchesDevices(type, question, isNamed);
}

function matchesDevices(type: InstanceType, question: CapacityQuestion, isNamed: boolean): boolean {
  const { gpu, neuron } = question;
  if (gpu === null && neuron === null) return isNamed || type.category !== 'accelerated';
  if (gpu !== null) {
    if (type.gpu === null) return false;
    const isNamedGpu = gpu.name !== null && plain(gpu.name) === plain(type.gpu.name);
    if (gpu.name !== null && !isNamedGpu) return false;
    if (type.gpu.count < 1 && !isNamed) return false;
    if (type.gpu.manufacturer === 'amd' && !isNamed && !isNamedGpu) return false;
  }
  if (neuron !== null) {
    if (type.accelerator?.kind !== 'neuron') return false;
    if (neuron.name !== null && plain(neuron.name) !== plain(type.accelerator.name)) return false;
  }
  return true;
}

/** `RTX PRO 4500` and `rtx-pro-4500` are the same device. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** Counts the tasks that fit by CPU, memory, network interfaces and devices; `--isolation task` allows one. */
function slotCounter(question: CapacityQuestion, facts: FactBook): (type: InstanceType) => number {
  const registered = decimalFact(facts, 'ecs.memory-registered-fraction');
  facts.get('ecs.slots.eni-table');
  return (type) => {
    const cpu = Math.floor((1024 * type.vcpu - question.daemonCpuUnits) / question.cpuUnits);
    const registeredMiB = Number((BigInt(type.memoryMiB) * registered.n) / registered.d);
    const memory = Math.floor((registeredMiB - question.daemonMemoryMiB) / question.memoryMiB);
    const slots = Math.min(cpu, memory, networkSlots(type), deviceSlots(type, question));
    return question.isolation === 'task' ? Math.min(1, slots) : slots;
  };
}

/** Task network interfaces with trunking where the type has it (equals the table in the ECS guide), else without. */
function networkSlots(type: InstanceType): number {
  return type.branchEnis === null ? type.enis - 1 : type.branchEnis + type.enis - 2;
}

function deviceSlots(type: InstanceType, question: CapacityQuestion): number {
  let slots = Number.POSITIVE_INFINITY;
  if (question.gpu !== null) slots = Math.floor(Math.max(1, type.gpu?.count ?? 0) / question.gpu.count);
  if (question.neuron !== null)
    slots = Math.min(slots, Math.floor((type.accelerator?.count ?? 0) / question.neuron.count));
  return slots;
}

export type DiskRule = { readonly gib: (slots: number) => number; readonly maxSlots: number };

/**
 * GiB of EBS per instance that holds `slots` tasks, and the most tasks whose storage fits the largest volume.
 * Managed Instances: max(80, 30 + slots x storage); ASG: max(rootGiB, 30 + slots x storage); at most 16,384.
 */
export function diskRule(question: CapacityQuestion, facts: FactBook, smallestGiB: number): DiskRule {
  const largest = facts.has('mi.storage-gib') ? Number(memberFact(facts, 'mi.storage-gib', 'max')) : LARGEST_GP3_GIB;
  const systemGiB = SYSTEM_GIB;
  const storage = question.storageGiB;
  if (storage === null || storage === 0) return { gib: () => smallestGiB, maxSlots: Number.POSITIVE_INFINITY };
  return {
    gib: (slots) => Math.max(smallestGiB, systemGiB + slots * storage),
    maxSlots: Math.floor((largest - systemGiB) / storage),
  };
}

/** GiB kept for the operating system and images beside the tasks' own storage (design 3.2). */
const SYSTEM_GIB = 30;
/** Largest gp3 volume, for days before Managed Instances named the same limit. */
const LARGEST_GP3_GIB = 16_384;
