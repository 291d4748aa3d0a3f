/** What a plan costs, line by line: each line is rounded once, totals are sums of rounded lines (design 3.2). */
import { MONTH, type PricedLine, pricedLine, total } from '../capacity/lines.ts';
import type { PriceBook } from '../prices.ts';
import { multiply, type NanoUsd, type Rational, rational, whole } from '../units.ts';
import type { Buyable } from './buyable.ts';
import { type Group, spotTasksOf } from './groups.ts';
import { isManaged, isSpot, type PlanKind } from './kinds.ts';
import type { WorkService } from './types.ts';

/** A provider as it is bought. */
export type Bought = { readonly name: string; readonly count: number; readonly diskGiB: number };

/** EC2, fee and disk of `count` instances for a month; a Spot price at its likely value unless `at` says otherwise. */
export function providerLines(
  buyable: Buyable,
  { name, count, diskGiB }: Bought,
  prices: PriceBook,
  at: keyof Buyable['ec2'] = 'likely',
): readonly PricedLine[] {
  const paid = Math.min(count, buyable.paid.count);
  const unit = 'instance-hour';
  const hours = (instances: number): Rational => multiply(whole(instances), MONTH);
  const line = (what: string, instances: number, usdPerUnit: Rational): PricedLine =>
    pricedLine(
      `${name} ${what}`,
      { quantity: hours(instances), unit, usdPerUnit },
      what === 'ec2-on-demand' ? 'ec2' : 'none',
    );
  return [
    ...(paid > 0 ? [line('ec2-reserved', paid, whole(0))] : []),
    ...(count > paid ? [line(isSpot(buyable.kind) ? 'ec2-spot' : 'ec2-on-demand', count - paid, buyable.ec2[at])] : []),
    ...(isManaged(buyable.kind) ? [line('managed-instances-fee', count, buyable.fee)] : []),
    pricedLine(`${name} ebs-gp3`, {
      quantity: whole(count * diskGiB),
      unit: 'GiB-month',
      usdPerUnit: rational(prices.gp3.gibUsdPerMonth),
    }),
  ];
}

/** Nano-USD a month by which the whole is cheaper or dearer at the ends of the Spot price. */
export function providerBand(buyable: Buyable, bought: Bought, prices: PriceBook): { low: NanoUsd; high: NanoUsd } {
  const at = (end: keyof Buyable['ec2']): NanoUsd => total(providerLines(buyable, bought, prices, end));
  const likely = at('likely');
  return { low: likely - at('low'), high: at('high') - likely };
}

/** One line for each Fargate size, Spot apart. */
export function fargateLines(groups: readonly Group[], plan: PlanKind['fargate']): readonly PricedLine[] {
  const sums = new Map<string, { readonly item: string; readonly tasks: number; readonly rate: Rational }>();
  for (const group of groups) {
    const { services, fargate, like } = group;
    if (fargate === null) continue;
    const { cpuUnits, memoryMiB } = fargate.size;
    const name = `${cpuUnits / 1024} vCPU / ${memoryMiB / 1024} GiB${like.architecture === 'arm64' ? ' arm64' : ''}`;
    const spot = sum(services, (service) => spotTasksOf(group, service, plan));
    const all = sum(services, ({ tasks }) => tasks);
    const extra = `${like.storageGiB ?? ''} ${like.publicIp}`;
    const add = (item: string, tasks: number, rate: Rational): void => {
      const known = sums.get(`${item} ${extra}`);
      if (tasks === 0) return;
      sums.set(`${item} ${extra}`, { item, tasks: tasks + (known?.tasks ?? 0), rate });
    };
    add(`fargate ${name}`, all - spot, fargate.usdPerHour);
    if (fargate.spotUsdPerHour !== null) add(`fargate-spot ${name}`, spot, fargate.spotUsdPerHour);
  }
  return [...sums.values()].map(({ item, tasks, rate }) =>
    pricedLine(
      item,
      { quantity: multiply(whole(tasks), MONTH), unit: 'task-hour', usdPerUnit: rate },
      item.startsWith('fargate-spot') ? 'none' : 'fargate',
    ),
  );
}

function sum(services: readonly WorkService[], of: (service: WorkService) => number): number {
  return services.reduce((total, service) => total + of(service), 0);
}

/** GiB of disk of every instance of a provider: the largest sum of storage that one of them holds, above its default. */
export function diskOf(
  buyable: Buyable,
  services: readonly WorkService[],
  contents: readonly ReadonlyMap<string, number>[],
): number {
  const asked = new Map(services.flatMap(({ name, storageGiB }) => (storageGiB === null ? [] : [[name, storageGiB]])));
  if (asked.size === 0) return buyable.diskGiB;
  const most = contents.map((content) =>
    [...content].reduce((total, [name, tasks]) => total + tasks * (asked.get(name) ?? 0), 0),
  );
  return Math.max(buyable.diskGiB, SYSTEM_GIB + Math.max(0, ...most));
}

/** GiB kept for the operating system and images beside the tasks' own storage (design 3.2). */
const SYSTEM_GIB = 30;
