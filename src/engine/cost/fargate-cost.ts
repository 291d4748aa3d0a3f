/** What a cluster's tasks on Fargate cost: hours of tasks x the price of their size (facts: billed on the size). */
import { type FargateRate, sizeUsdPerHour } from '../capacity/fargate.ts';
import { decimalString } from '../capacity/lines.ts';
import { decimalFact, numberFact } from '../fact-values.ts';
import type { FactBook } from '../facts.ts';
import type { Service, ServiceUtilisation, Task, TaskDefinition } from '../model-cluster.ts';
import type { PriceBook } from '../prices.ts';
import { add, multiply, type NanoUsd, type Rational, rational, whole } from '../units.ts';
import { DAY_MS, instantOf } from '../windows/instant.ts';
import { type ClusterIndex, type FargateKind, fargateKindOf, fargateParts, serviceOf } from './cluster-context.ts';
import { costOf, hoursOf, isLongerThanADay, overlapMs, type Span } from './span.ts';
import { familyOf, taskSize } from './task-size.ts';
import type { CostBasis, CostPeriod, Unpriced } from './types.ts';

export const FARGATE_KINDS: readonly FargateKind[] = ['fargate', 'fargate-spot'];

export type FargateRow = {
  readonly service: string;
  readonly kind: FargateKind;
  readonly nano: NanoUsd;
  readonly hours: string;
  readonly basis: CostBasis;
};

export type FargatePricer = (
  definition: TaskDefinition,
  kind: FargateKind,
  more: { readonly size: { readonly cpuUnits: number; readonly memoryMiB: number }; readonly isPublic: boolean },
) => Rational | string;

/** USD an hour of one task, each size worked out once; or why there is no price. */
export function fargatePricer(prices: PriceBook, facts: FactBook): FargatePricer {
  const known = new Map<string, Rational | string>();
  const work = (
    definition: TaskDefinition,
    kind: FargateKind,
    { size, isPublic }: Parameters<FargatePricer>[2],
  ): Rational | string => {
    if (definition.operatingSystem.startsWith('WINDOWS')) return 'Windows on Fargate has no price here';
    const rate = fargateRates(prices, definition, kind);
    if (rate === null) return `no Fargate Spot price for ${definition.architecture} in ${prices.region}`;
    if (size.cpuUnits === 0 || size.memoryMiB === 0) return 'its task has no size';
    const included = numberFact(facts, 'fargate.ephemeral.included-gib');
    const extraGiB = Math.max(0, (definition.ephemeralStorageGiB ?? 0) - included);
    const storage = multiply(whole(extraGiB), rational(prices.ephemeralGibUsdPerHour));
    const address = isPublic ? decimalFact(facts, 'ipv4.usd-per-hour') : whole(0);
    if (kind === 'fargate-spot') facts.cite('fargate-spot.rates');
    return reduced(add(add(sizeUsdPerHour(size, rate), storage), address));
  };
  return (definition, kind, more) => {
    const { architecture, operatingSystem, ephemeralStorageGiB } = definition;
    const { cpuUnits, memoryMiB } = more.size;
    const key = `${kind} ${architecture} ${operatingSystem} ${cpuUnits} ${memoryMiB} ${ephemeralStorageGiB} ${more.isPublic}`;
    const found = known.get(key) ?? work(definition, kind, more);
    known.set(key, found);
    return found;
  };
}

/** The same fraction in lowest terms: it is multiplied for every task, and long numbers are slow. */
function reduced({ n, d }: Rational): Rational {
  let [a, b] = [n < 0n ? -n : n, d];
  while (b > 0n) [a, b] = [b, a % b];
  return a > 1n ? { n: n / a, d: d / a } : { n, d };
}

/** The region's rates for a definition's architecture; null where there is no Spot figure. */
export function fargateRates(
  prices: PriceBook,
  { architecture }: Pick<TaskDefinition, 'architecture'>,
  kind: FargateKind,
): FargateRate | null {
  const rates = kind === 'fargate' ? prices.fargate[architecture] : prices.fargateSpot[architecture];
  return rates === null ? null : { vcpu: rational(rates.vcpuUsdPerHour), gib: rational(rates.gibUsdPerHour) };
}

export type FargateQuestion = {
  readonly index: ClusterIndex;
  readonly prices: PriceBook;
  readonly facts: FactBook;
  readonly span: Span;
  /** The period's days that have begun. */
  readonly days: CostPeriod;
};

/** One row for each service or family and kind; zero rows are left out. */
export function fargateRows(question: FargateQuestion): {
  readonly rows: readonly FargateRow[];
  readonly unpriced: readonly Unpriced[];
} {
  const price = fargatePricer(question.prices, question.facts);
  const rows: FargateRow[] = [];
  const unpriced: Unpriced[] = [];
  for (const service of question.index.view.services) {
    for (const row of serviceRows(question, price, service)) {
      if ('because' in row) unpriced.push(row);
      else if (row.nano !== 0n) rows.push(row);
    }
  }
  const rest = standaloneRows(question, price);
  return { rows: [...rows, ...rest.rows], unpriced: [...unpriced, ...rest.unpriced] };
}

function serviceRows(
  question: FargateQuestion,
  price: FargatePricer,
  service: Service,
): readonly (FargateRow | Unpriced)[] {
  const { index, facts } = question;
  const parts = fargateParts(index, service);
  if (parts.counts.fargate === 0 && parts.counts['fargate-spot'] === 0) return [];
  const time = timeOf(question, service);
  const definition = index.definition(service.taskDefinition);
  return FARGATE_KINDS.filter((kind) => parts.counts[kind] > 0).flatMap((kind): readonly (FargateRow | Unpriced)[] => {
    const part: Rational = { n: BigInt(parts.counts[kind]), d: BigInt(parts.of) };
    const ms = add(multiply(whole(time.measuredMs), part), time.assumedMs(kind, part));
    if (ms.n === 0n) return [];
    if (definition === null) return [{ subject: service.name, because: 'its task definition was not read' }];
    const hourly = price(definition, kind, { size: taskSize(null, definition), isPublic: service.assignPublicIp });
    if (typeof hourly === 'string') return [{ subject: service.name, because: hourly }];
    facts.cite(time.basis === 'measured' ? 'cost.fargate-task-minutes' : 'cost.hours-without-metrics');
    const nano = costOf(hourly, ms);
    return [{ service: service.name, kind, nano, hours: decimalString(hoursOf(ms)), basis: time.basis }];
  });
}

type TaskTime = {
  /** Counted by CloudWatch, over all of the service's tasks. */
  readonly measuredMs: bigint;
  /** Of the stretches that metrics do not reach. */
  readonly assumedMs: (kind: FargateKind, part: Rational) => Rational;
  readonly basis: CostBasis;
};

function timeOf(question: FargateQuestion, service: Service): TaskTime {
  const { index, span, days } = question;
  const metrics = index.utilisation(service.name);
  if (metrics === null || metrics.taskMinutes.length === 0) {
    return {
      measuredMs: 0n,
      assumedMs: (_, part) => sinceCreated(question, service, { gap: span, part }),
      basis: 'assumed',
    };
  }
  const covered: Span = { from: index.measuredFrom ?? span.from, to: measuredTo(metrics) };
  // Days compare as text: an estate has millions of them.
  let measured = 0;
  for (const { day, minutes } of metrics.taskMinutes) {
    if (day >= days.from && day < days.toExclusive) measured += Math.round(minutes * 60_000);
  }
  const head: Span = { from: span.from, to: Math.min(span.to, covered.from) };
  const tail: Span = { from: Math.max(span.from, covered.to), to: span.to };
  return {
    measuredMs: BigInt(measured),
    assumedMs: (kind, part) =>
      add(sinceCreated(question, service, { gap: head, part }), sinceReading(question, service, { tail, kind, part })),
    basis: isLongerThanADay(overlapMs(head, span) + overlapMs(tail, span)) ? 'assumed' : 'measured',
  };
}

/** Where reading ended. Metrics read "until" a midnight that has a row of its own reach into that day. */
function measuredTo({ to, taskMinutes }: ServiceUtilisation): number {
  const end = instantOf(to);
  const day = to.slice(0, 10);
  return end % DAY_MS === 0 && taskMinutes.some((row) => row.day === day) ? end + DAY_MS : end;
}

/** Running tasks x the gap, from the service's creation on; where that is unknown, the tasks' own times. */
function sinceCreated(
  { index, span }: FargateQuestion,
  service: Service,
  { gap, part }: { readonly gap: Span; readonly part: Rational },
): Rational {
  if (gap.to <= gap.from) return whole(0);
  if (service.createdAt === null) {
    const own = index.tasksOf(service.name).reduce((sum, task) => sum + runMs(task, gap, span), 0);
    return multiply(whole(own), part);
  }
  const ms = overlapMs({ from: instantOf(service.createdAt), to: span.to }, gap);
  return multiply(whole(service.runningCount * ms), part);
}

/** The time after the last metrics: what the tasks that run now have run since. */
function sinceReading(
  { index, span }: FargateQuestion,
  service: Service,
  { tail, kind, part }: { readonly tail: Span; readonly kind: FargateKind; readonly part: Rational },
): Rational {
  if (tail.to <= tail.from) return whole(0);
  const tasks = index.tasksOf(service.name);
  if (tasks.length === 0) return multiply(whole(service.runningCount * (tail.to - tail.from)), part);
  const own = tasks.filter((task) => fargateKindOf(index, task) === kind);
  return whole(own.reduce((sum, task) => sum + runMs(task, tail, span), 0));
}

/** Billed milliseconds of a running task in a stretch: from the start of its image pull. */
function runMs(task: Task, stretch: Span, span: Span): number {
  const started = task.pullStartedAt ?? task.startedAt;
  return started === null ? 0 : overlapMs({ from: instantOf(started), to: span.to }, stretch);
}

/** Tasks outside the services: their own times, by family (or by the name of a service that is gone). */
function standaloneRows(question: FargateQuestion, price: FargatePricer) {
  const { index, span, facts } = question;
  const sums = new Map<string, { service: string; kind: FargateKind; nano: NanoUsd; ms: number }>();
  const unpriced: Unpriced[] = [];
  for (const task of index.standalone) {
    const kind = fargateKindOf(index, task);
    const ms = runMs(task, span, span);
    if (kind === null || ms === 0) continue;
    const service = standaloneName(task);
    const definition = index.definition(task.taskDefinition);
    const hourly =
      definition === null
        ? 'its task definition was not read'
        : price(definition, kind, { size: taskSize(task, definition), isPublic: false });
    if (typeof hourly === 'string') {
      unpriced.push({ subject: service, because: hourly });
      continue;
    }
    facts.cite('fargate.billing.clock');
    const key = `${kind} ${service}`;
    const sum = sums.get(key) ?? { service, kind, nano: 0n, ms: 0 };
    sum.nano += costOf(hourly, whole(ms));
    sum.ms += ms;
    sums.set(key, sum);
  }
  const rows = [...sums.values()].map(
    ({ service, kind, nano, ms }): FargateRow => ({
      service,
      kind,
      nano,
      hours: decimalString(hoursOf(whole(ms))),
      basis: 'measured',
    }),
  );
  return { rows, unpriced };
}

/** The name a task's cost goes under: its service, else `family:<family>`. */
export function standaloneName(task: Pick<Task, 'group' | 'taskDefinition'>): string {
  return serviceOf(task.group) ?? `family:${familyOf(task.taskDefinition)}`;
}
