/**
 * The checker of capacity answers: re-derives from facts and prices, by its own plain arithmetic, what an answer
 * claims. It shares the numbers module with the chooser and nothing else, so that one mistake cannot hide in both.
 */
import { type Fact, factBook } from '../facts.ts';
import type { InstanceType, PriceBook } from '../prices.ts';
import { multiply, type NanoUsd, nanoUsd, rational, toNanoUsd } from '../units.ts';
import type { CapacityAnswer, CapacityKind, CapacityOption, CapacityQuestion } from './types.ts';

export type Check = { readonly name: string; readonly ok: boolean; readonly detail: string };
export type CheckResult = { readonly ok: boolean; readonly checks: readonly Check[] };

type World = { readonly facts: readonly Fact[]; readonly prices: PriceBook };

/** Most tasks for which the bound is recomputed by the plain table; above it the price-per-slot bound is compared. */
const TABLE_TASKS = 2_000;
/** Lines print quantity and rate with nine decimals: their product may differ from the exact line by this share. */
const PRINTED_SHARE = 1_000_000n;

/** Checks one answer against the world it was made in; never throws on a wrong answer, only on a broken world. */
export function verifyCapacity(world: World, question: CapacityQuestion, answer: CapacityAnswer): CheckResult {
  const { options } = answer.result;
  const checks = [
    ...options
      .filter((option) => option.usdPerMonth !== null)
      .flatMap((option) => optionChecks(world, question, option)),
    ranksCheck(options),
    ladderCheck(question, answer),
    factsCheck(world, question, answer),
    gapCheck(answer),
  ];
  return { ok: checks.every((check) => check.ok), checks };
}

function check(name: string, ok: boolean, detail: string): Check {
  return { name, ok, detail: ok ? '' : detail };
}

function optionChecks(world: World, question: CapacityQuestion, option: CapacityOption): readonly Check[] {
  const cost = nanoUsd(option.usdPerMonth ?? '0');
  const sum = option.lines.reduce((total, line) => total + nanoUsd(line.usdPerMonth), 0n);
  const checks = [
    check(`${option.kind}: lines add up`, sum === cost, `lines add to ${sum}, the option says ${cost} nano-USD`),
    check(
      `${option.kind}: each line is quantity x rate`,
      option.lines.every(isLineRight),
      'a line differs from quantity x rate',
    ),
  ];
  if (option.lowerBoundUsdPerMonth !== null) {
    const bound = nanoUsd(option.lowerBoundUsdPerMonth);
    checks.push(check(`${option.kind}: bound is not above cost`, bound <= cost, `bound ${bound} > cost ${cost}`));
    checks.push(boundCheck(world, question, option, bound));
  }
  checks.push(planCheck(world, question, option));
  return checks;
}

function isLineRight(line: CapacityOption['lines'][number]): boolean {
  const said = nanoUsd(line.usdPerMonth);
  const product = toNanoUsd(multiply(rational(line.quantity), rational(line.usdPerUnit)));
  const difference = said > product ? said - product : product - said;
  return difference <= said / PRINTED_SHARE + 1n;
}

/** Recomputes how many tasks fit and how many instances the tasks need. */
function planCheck(world: World, question: CapacityQuestion, option: CapacityOption): Check {
  const name = `${option.kind}: the plan holds the tasks`;
  const { plan } = option;
  if (plan === null) return check(name, false, 'a priced option has no plan');
  if (plan.fargateSize !== null) {
    const fits = plan.fargateSize.cpuUnits >= question.cpuUnits && plan.fargateSize.memoryMiB >= question.memoryMiB;
    return check(name, fits, 'the Fargate size is smaller than the request');
  }
  const type = world.prices.types.find((row) => row.name === plan.instanceType);
  if (type === undefined) return check(name, false, `no type ${plan.instanceType} in the price book`);
  const most = tasksThatFit(question, type);
  const perInstance = plan.tasksPerInstance ?? 0;
  if (perInstance < 1 || perInstance > most)
    return check(name, false, `${perInstance} tasks do not fit on ${type.name}, ${most} do`);
  const capacity = perInstance * (plan.count ?? 0);
  return check(
    name,
    capacity >= plan.peakTasks,
    `${plan.count} x ${perInstance} = ${capacity} slots for ${plan.peakTasks} tasks`,
  );
}

/** Largest gp3 volume, and the part of it that is not for tasks. */
const LARGEST_GIB = 16_384;
const SYSTEM_GIB = 30;

/** Tasks by CPU, by 95 % of memory, by network interfaces, by devices and by the largest disk. */
function tasksThatFit(question: CapacityQuestion, type: InstanceType): number {
  const limits = [
    (1024 * type.vcpu - question.daemonCpuUnits) / question.cpuUnits,
    (Math.floor((type.memoryMiB * 95) / 100) - question.daemonMemoryMiB) / question.memoryMiB,
    type.branchEnis === null ? type.enis - 1 : type.branchEnis + type.enis - 2,
  ];
  if (question.gpu !== null) limits.push(Math.max(1, type.gpu?.count ?? 0) / question.gpu.count);
  if (question.neuron !== null) limits.push((type.accelerator?.count ?? 0) / question.neuron.count);
  if (question.isolation === 'task') limits.push(1);
  if ((question.storageGiB ?? 0) > 0) limits.push((LARGEST_GIB - SYSTEM_GIB) / (question.storageGiB ?? 1));
  return Math.floor(Math.min(...limits));
}

/**
 * The bound must not exceed what the cheapest mix costs. The plain table over every matching type gives that cost
 * for small questions; for large ones any plan of one type must cost at least the bound.
 */
function boundCheck(world: World, question: CapacityQuestion, option: CapacityOption, bound: NanoUsd): Check {
  const name = `${option.kind}: bound holds against every mix of types`;
  if (option.plan?.instanceType == null)
    return check(name, bound === nanoUsd(option.usdPerMonth ?? '0'), 'Fargate has one price: bound and cost are equal');
  const items = itemsFor(world, question, option.kind);
  if (question.tasks > TABLE_TASKS) {
    const undercut = items.find((item) => item.nano * BigInt(Math.ceil(question.tasks / item.slots)) < bound);
    return check(name, undercut === undefined, `${undercut?.name} alone costs less than the bound`);
  }
  const table: NanoUsd[] = [0n];
  for (let tasks = 1; tasks <= question.tasks; tasks += 1) {
    const costs = items.map((item) => item.nano + (table[Math.max(0, tasks - item.slots)] ?? 0n));
    table.push(costs.reduce((least, cost) => (cost < least ? cost : least)));
  }
  const least = table[question.tasks] ?? 0n;
  return check(name, bound <= least, `some mix costs ${least}, less than the bound ${bound} nano-USD`);
}

type Item = { readonly name: string; readonly slots: number; readonly nano: NanoUsd };

/** Every type of the region that matches the question's plain needs, priced a month without its disk. */
function itemsFor(world: World, question: CapacityQuestion, kind: CapacityKind): readonly Item[] {
  const items: Item[] = [];
  for (const type of world.prices.types) {
    const price = world.prices.onDemand[type.name];
    if (price === undefined || price.kind === 'estimated' || !isPlainMatch(question, type)) continue;
    const slots = tasksThatFit(question, type);
    if (slots < 1) continue;
    const rate = ec2Rate(world, kind, type);
    if (rate === null) continue;
    const month = multiply(rate, { n: 730n, d: 1n });
    const disk = diskNanoPerMonth(world, question, kind, slots);
    items.push({ name: type.name, slots, nano: toNanoUsd(month) + disk });
  }
  return items;
}

function isPlainMatch(question: CapacityQuestion, type: InstanceType): boolean {
  if (!type.managedInstances || type.retired || type.architecture !== question.architecture) return false;
  if (type.bareMetal || type.burstable || type.category === 'hpc' || question.types !== null) return false;
  if (question.cpuManufacturer !== null && question.cpuManufacturer !== type.cpuManufacturer) return false;
  if (question.needs.includes('avx512') && type.avx512 !== true) return false;
  return question.gpu === null && question.neuron === null && type.category !== 'accelerated';
}

/** EC2 rate without the management fee: a relaxation, so a true bound always stays below it plus fee. */
function ec2Rate(world: World, kind: CapacityKind, type: InstanceType): ReturnType<typeof rational> | null {
  const onDemand = rational(world.prices.onDemand[type.name]?.usdPerHour ?? '0');
  const fee = kind.startsWith('mi-') ? { n: 112n, d: 100n } : { n: 1n, d: 1n };
  if (kind === 'mi-reserved') return null;
  if (!kind.endsWith('-spot')) return multiply(onDemand, fee);
  const saving = world.prices.spotSavingPercent[type.name];
  if (saving === undefined) return null;
  const paid = BigInt(100 - Math.max(0, saving)) + (kind === 'mi-spot' ? 12n : 0n);
  return multiply(onDemand, { n: paid, d: 100n });
}

function diskNanoPerMonth(world: World, question: CapacityQuestion, kind: CapacityKind, slots: number): NanoUsd {
  const smallest = kind.startsWith('mi-') ? 80 : question.rootGiB;
  const gib = question.storageGiB === null ? smallest : Math.max(smallest, 30 + slots * question.storageGiB);
  return toNanoUsd(multiply(rational(world.prices.gp3.gibUsdPerMonth), { n: BigInt(gib), d: 1n }));
}

function comparable(option: CapacityOption): NanoUsd {
  if (option.kind.endsWith('-spot') && option.band !== null) return nanoUsd(option.band.high);
  return nanoUsd(option.usdPerMonthAfterCommitments ?? option.usdPerMonth ?? '0');
}

function ranksCheck(options: readonly CapacityOption[]): Check {
  const ranked = options.filter((option) => option.rank !== null);
  const isOrdered = ranked.every((option, index) => option.rank === index + 1);
  const rising = ranked.filter((option) => !option.kind.startsWith('mi-spot') && !option.kind.startsWith('asg-spot'));
  const isRising = rising.every(
    (option, index) => index === 0 || comparable(rising[index - 1] ?? option) <= comparable(option),
  );
  const isInfeasibleLast = options.every(
    (option, index) => option.feasible || options.slice(index).every((later) => !later.feasible),
  );
  return check(
    'ranks rise with cost, infeasible last',
    isOrdered && isRising && isInfeasibleLast,
    'the order of the options does not follow their cost',
  );
}

/** The advice must be an option that is possible and priced. */
function ladderCheck(question: CapacityQuestion, answer: CapacityAnswer): Check {
  const { recommended, options } = answer.result;
  const name = 'the advice is possible and worth its duties';
  const priced = options.filter((option) => option.usdPerMonth !== null && option.blockedBy.length === 0);
  const wrong = options.flatMap(({ blockedBy }) => blockedBy).find(({ limit, usage, need }) => usage + need <= limit);
  if (wrong !== undefined) return check(name, false, `quota ${wrong.quota} leaves room, yet it is said to block`);
  if (recommended === null)
    return check(name, priced.length === 0, 'something is possible and priced, yet nothing is advised');
  const advised = priced.find((option) => option.kind === recommended);
  if (advised === undefined) return check(name, false, `${recommended} has no price or is blocked by a quota`);
  const fargate = priced.find((option) => option.kind === 'fargate');
  if (fargate === undefined || recommended === 'fargate') return check(name, true, '');
  const saved = comparable(fargate) - nanoUsd(advised.usdPerMonthAfterCommitments ?? advised.usdPerMonth ?? '0');
  const isEnough = saved * 100n >= comparable(fargate) * BigInt(Math.floor(question.minimumSaving.percent));
  return check(name, isEnough && saved > 0n, `${recommended} saves ${saved} nano-USD against Fargate, less than asked`);
}

function factsCheck(world: World, question: CapacityQuestion, answer: CapacityAnswer): Check {
  const book = factBook(world.facts, question.asOf);
  const wrong = answer.facts.find(
    (fact) => !book.has(fact.id) || JSON.stringify(book.get(fact.id).value) !== JSON.stringify(fact.value),
  );
  return check(
    'every fact was valid on the day',
    wrong === undefined,
    `${wrong?.id} had another value on ${question.asOf}`,
  );
}

function gapCheck(answer: CapacityAnswer): Check {
  const { verdict, result } = answer;
  const advised = result.options.find((option) => option.kind === result.recommended);
  const name = 'the gap is cost / bound - 1';
  if (verdict.gap === null || advised?.usdPerMonth == null || advised.lowerBoundUsdPerMonth === null)
    return check(name, verdict.gap === null, 'a gap without a bound');
  const bound = nanoUsd(advised.lowerBoundUsdPerMonth);
  const millionths = BigInt(Math.round(verdict.gap * 1e6));
  const exact = (nanoUsd(advised.usdPerMonth) - bound) * 1_000_000n;
  const difference = exact - millionths * bound;
  return check(name, (difference < 0n ? -difference : difference) <= bound, `the gap is not ${verdict.gap}`);
}
