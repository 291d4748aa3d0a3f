/** Fargate and Fargate Spot: the cheapest legal size, billed by the second (design 3.2). */
import { decimalFact, numberFact } from '../fact-values.ts';
import type { FactBook } from '../facts.ts';
import { add, compare, divide, invariant, multiply, type NanoUsd, type Rational, rational, whole } from '../units.ts';
import type { Context } from './context.ts';
import { MONTH, type PricedLine, pricedLine, total } from './lines.ts';
import type { CapacityPlan, CapacityQuestion } from './types.ts';

export type FargateSize = { readonly cpuUnits: number; readonly memoryMiB: number };
export type FargateKind = 'fargate' | 'fargate-spot';
export type FargateRate = { readonly vcpu: Rational; readonly gib: Rational };

/** All legal sizes on the day, ascending by CPU, then memory. */
export function fargateSizes(facts: FactBook): readonly FargateSize[] {
  const { value } = facts.get('fargate.sizes');
  invariant(Array.isArray(value), 'fargate.sizes is a list');
  const rows = value as unknown as readonly { readonly cpuUnits: number; readonly memoryMiB: readonly number[] }[];
  return rows.flatMap(({ cpuUnits, memoryMiB }) => memoryMiB.map((memory) => ({ cpuUnits, memoryMiB: memory })));
}

/** USD per hour of a size, without storage. */
export function sizeUsdPerHour(size: FargateSize, rate: FargateRate): Rational {
  return add(
    multiply({ n: BigInt(size.cpuUnits), d: 1024n }, rate.vcpu),
    multiply({ n: BigInt(size.memoryMiB), d: 1024n }, rate.gib),
  );
}

/** The cheapest legal size that holds the request; ties go to less CPU. Null when none is large enough. */
export function cheapestSize(question: CapacityQuestion, facts: FactBook, rate: FargateRate): FargateSize | null {
  let best: FargateSize | null = null;
  for (const size of fargateSizes(facts)) {
    if (size.cpuUnits < question.cpuUnits || size.memoryMiB < question.memoryMiB) continue;
    if (best === null || compare(sizeUsdPerHour(size, rate), sizeUsdPerHour(best, rate)) < 0) best = size;
  }
  return best;
}

/** The region's rates for the task's architecture; null where there is no Spot figure. */
export function fargateRate(context: Pick<Context, 'prices' | 'question'>, kind: FargateKind): FargateRate | null {
  const { prices, question } = context;
  const rates = kind === 'fargate' ? prices.fargate[question.architecture] : prices.fargateSpot[question.architecture];
  return rates === null ? null : { vcpu: rational(rates.vcpuUsdPerHour), gib: rational(rates.gibUsdPerHour) };
}

/** Seconds billed per task of a batch: pull plus run, rounded up, at least the minimum. */
function billedSeconds(question: CapacityQuestion, facts: FactBook): number | null {
  if (question.batch === null) return null;
  facts.get('fargate.billing.clock');
  const asked = Math.ceil(question.batch.runSeconds + question.batch.pullSeconds);
  return Math.max(numberFact(facts, 'fargate.billing.minimum-seconds'), asked);
}

/** Task-hours a month: N x 730 when steady, starts a month x billed seconds for a batch. */
export function taskHours(question: CapacityQuestion, facts: FactBook): Rational {
  const billed = billedSeconds(question, facts);
  if (question.batch === null || billed === null) return multiply(whole(question.tasks), MONTH);
  const perDay = multiply(whole(question.batch.perDay), divide(whole(billed), whole(3600)));
  return multiply(perDay, divide(MONTH, whole(24)));
}

export type FargateCosting = {
  readonly plan: CapacityPlan;
  readonly lines: readonly PricedLine[];
  readonly nano: NanoUsd;
};

/** Prices the chosen size line by line. */
export function priceFargate(
  context: Context,
  kind: FargateKind,
  choice: { readonly size: FargateSize; readonly rate: FargateRate },
): FargateCosting {
  const { question, facts, prices, load } = context;
  const { size, rate } = choice;
  const hours = fargateHours(context, kind);
  const eligible = kind === 'fargate' ? 'fargate' : 'none';
  const perTask = (units: number): Rational => multiply(hours, { n: BigInt(units), d: 1024n });
  const lines = [
    pricedLine(
      'fargate-vcpu',
      { quantity: perTask(size.cpuUnits), unit: 'vCPU-hour', usdPerUnit: rate.vcpu },
      eligible,
    ),
    pricedLine(
      'fargate-memory',
      { quantity: perTask(size.memoryMiB), unit: 'GiB-hour', usdPerUnit: rate.gib },
      eligible,
    ),
  ];
  const extraGiB = Math.max(0, (question.storageGiB ?? 0) - numberFact(facts, 'fargate.ephemeral.included-gib'));
  if (extraGiB > 0) {
    const quantity = multiply(hours, whole(extraGiB));
    lines.push(
      pricedLine('fargate-ephemeral-storage', {
        quantity,
        unit: 'GiB-hour',
        usdPerUnit: rational(prices.ephemeralGibUsdPerHour),
      }),
    );
  }
  if (question.publicIp) {
    lines.push(
      pricedLine('public-ipv4', {
        quantity: hours,
        unit: 'address-hour',
        usdPerUnit: decimalFact(facts, 'ipv4.usd-per-hour'),
      }),
    );
  }
  const plan: CapacityPlan = {
    fargateSize: size,
    billedSecondsPerTask: billedSeconds(question, facts),
    instanceType: null,
    count: null,
    tasksPerInstance: null,
    peakTasks: load === null ? question.tasks : load.peakTasks,
    instanceHoursPerMonth: null,
  };
  return { plan, lines, nano: total(lines) };
}

/** Task-hours, with the share that Fargate Spot has to do again. */
function fargateHours(context: Context, kind: FargateKind): Rational {
  const hours = taskHours(context.question, context.facts);
  return kind === 'fargate' ? hours : multiply(hours, add(whole(1), rational(context.question.retryFraction)));
}
