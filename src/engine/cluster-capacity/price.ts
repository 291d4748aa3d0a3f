/** What a plan costs, line by line: each line is rounded once, totals are sums of rounded lines (design 3.2). */
import { MONTH, type PricedLine, pricedLine } from '../capacity/lines.ts';
import type { PriceBook } from '../prices.ts';
import { multiply, type Rational, rational, whole } from '../units.ts';
import type { Buyable } from './buyable.ts';
import type { Group } from './groups.ts';
import type { WorkService } from './types.ts';

/** EC2, fee and disk of `count` instances for a month. */
export function providerLines(
  buyable: Buyable,
  bought: { readonly name: string; readonly count: number; readonly diskGiB: number },
  prices: PriceBook,
): readonly PricedLine[] {
  const hours = multiply(whole(bought.count), MONTH);
  const unit = 'instance-hour';
  const item = (what: string): string => `${bought.name} ${what}`;
  return [
    pricedLine(item('ec2-on-demand'), { quantity: hours, unit, usdPerUnit: buyable.ec2 }, 'ec2'),
    ...(buyable.kind === 'mi-on-demand'
      ? [pricedLine(item('managed-instances-fee'), { quantity: hours, unit, usdPerUnit: buyable.fee })]
      : []),
    pricedLine(item('ebs-gp3'), {
      quantity: whole(bought.count * bought.diskGiB),
      unit: 'GiB-month',
      usdPerUnit: rational(prices.gp3.gibUsdPerMonth),
    }),
  ];
}

/** One line for each Fargate size, Spot apart. */
export function fargateLines(groups: readonly Group[]): readonly PricedLine[] {
  const sums = new Map<string, { readonly item: string; readonly tasks: number; readonly rate: Rational }>();
  for (const { services, fargate, like } of groups) {
    if (fargate === null) continue;
    const { cpuUnits, memoryMiB } = fargate.size;
    const name = `${cpuUnits / 1024} vCPU / ${memoryMiB / 1024} GiB${like.architecture === 'arm64' ? ' arm64' : ''}`;
    const spot = fargate.spotUsdPerHour === null ? 0 : sum(services, ({ spotTasks }) => spotTasks);
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
